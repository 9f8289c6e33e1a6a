//! A dry run shows every request that the run would send.

use conversation_delete_fake::Vendor;
use serde_json::json;

use crate::support::{Run, World, program, run};

/// Method and path of all requests of a dry run, sorted.
fn planned(run: &Run) -> Vec<String> {
    let lines = run.lines().into_iter().filter(|line| line["type"] == "request");
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap().to_owned();
    let mut planned: Vec<String> = lines
        .map(|line| {
            let url = text(&line, "url");
            let path = url.strip_prefix("http://").unwrap().split_once('/').unwrap().1;
            without_times(format!("{} /{path}", text(&line, "method")))
        })
        .collect();
    planned.sort_unstable();
    planned
}

/// Method and path of all requests that the fake got, sorted; without those for tokens.
fn sent(world: &World) -> Vec<String> {
    let requests = world.fake.requests();
    let sent = requests.iter().map(|request| format!("{} {}", request.method(), request.path()));
    let mut sent: Vec<String> = sent.filter(|request| !request.contains("token")).map(without_times).collect();
    sent.sort_unstable();
    sent
}

/// The bounds of the lists of Fini and ElevenLabs are those of the moment.
fn without_times(request: String) -> String {
    let time = ["?since=", "&call_start_before_unix="].into_iter().find_map(|name| request.split_once(name));
    time.map_or(request.clone(), |(path, _)| path.to_owned())
}

#[test]
fn what_a_dry_run_shows_is_what_the_run_sends() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs, Vendor::Corti, Vendor::Fini] {
        for (count, args) in [
            (3, &[][..]),
            (3, &["--allow-live"]),
            (3, &["--verify", "--wait", "0"]),
            (3, &["--verify=list", "--wait", "0"]),
            (3, &["--verify=list", "--wait", "0", "--allow-active"]),
            (3, &["--children"]),
            (3, &["--single"]),
            (3, &["--rate", "1000"]),
            (11, &[]),
            (101, &[]),
        ] {
            if vendor != Vendor::Corti && args.contains(&"--children")
                || vendor != Vendor::Fini && args.contains(&"--single")
            {
                continue;
            }
            // Fini's lists are read page by page, of which the first is shown.
            if vendor == Vendor::Fini && args.iter().any(|arg| arg.starts_with("--verify")) {
                continue;
            }
            let world = World::new(vendor);
            let ids = world.fake.seed(count);
            let with_ids = |extra: &[&str]| {
                let all = [args, extra].concat();
                world.delete(all.into_iter().map(str::to_owned).chain(world.mode()).chain(ids.iter().cloned()))
            };
            let dry = with_ids(&["--dry-run"]);
            assert_eq!((dry.code, world.fake.stats().requests), (Some(0), 0), "{dry:?}");
            // How often a token is fetched depends on its age and on how many clients there are.
            let is_token = |request: &String| request.starts_with("POST ") && request.ends_with("/token");
            let (tokens, planned): (Vec<String>, Vec<String>) = planned(&dry).into_iter().partition(is_token);
            assert_eq!(tokens.len(), usize::from(vendor == Vendor::Corti), "{dry:?}");
            let run = with_ids(&[]);
            assert_eq!(run.code, Some(0), "{run:?}");
            let mut sent = sent(&world);
            let mut planned = planned;
            if vendor == Vendor::Fini || args.contains(&"--verify=list") {
                // How many ids travel in one request depends on what is known of the target; Tavus's list is read until two
                // readings agree.
                sent.dedup();
                planned.dedup();
            }
            assert_eq!(planned, sent, "{vendor:?} {count} {args:?}");
        }
    }
}

#[test]
fn a_dry_run_sends_nothing_and_needs_neither_key_nor_consent() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let base = world.fake.base_url();
    let mut command = program();
    command.env("TAVUS_BASE_URL", &base).args(["delete", "tavus", "--hard", "--dry-run", &ids[0], "a/b", &ids[1]]);
    let told = run(&mut command, "");
    assert_eq!(told.code, Some(3), "{told:?}");
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(lines[0], format!("GET {base}/v2/conversations/{}", ids[0]));
    assert_eq!(lines[1], format!("DELETE {base}/v2/conversations/{}?hard=true", ids[0]));
    assert!(lines[2].starts_with("refused"), "in its place: {told:?}");
    assert_eq!(lines[3], format!("GET {base}/v2/conversations/{}", ids[1]));
    assert_eq!(lines[4], format!("DELETE {base}/v2/conversations/{}?hard=true", ids[1]));
    let run = world.delete(["--soft", "--dry-run", "--allow-live", &ids[0]]);
    assert_eq!(run.code, Some(0));
    let first = &run.lines()[0];
    assert_eq!(
        *first,
        json!({"type": "request", "schema": 1, "time": first["time"], "run": first["run"], "vendor": "tavus", "mode": "soft", "method": "DELETE",
               "url": format!("{base}/v2/conversations/{}?hard=false", ids[0]), "ids": [ids[0]]})
    );
    assert_eq!((&run.lines()[1]["type"], &run.lines()[1]["outcome"]), (&json!("record"), &json!("not_attempted")));
    run.has_summary(&[("not_attempted", 1)]);
    assert_eq!(world.fake.stats().requests, 0);
}

#[test]
fn a_dry_run_shows_the_batches_of_fini() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(51);
    let run = world.delete(["--dry-run".to_owned()].iter().chain(&ids));
    let lines = run.lines();
    let (plans, records): (Vec<_>, Vec<_>) =
        lines[..lines.len() - 1].iter().partition(|line| line["type"] == "request");
    let plans: Vec<_> = plans.into_iter().filter(|plan| plan["method"] == "DELETE").collect();
    assert_eq!(plans[0]["url"], format!("{}/v2/hc-interactions/public", world.fake.base_url()));
    assert_eq!((plans[0]["ids"].as_array().unwrap().len(), plans[1]["ids"].as_array().unwrap().len()), (50, 1));
    assert_eq!(plans[1]["ids"][0], ids[50].as_str());
    assert!(records.iter().map(|record| record["id"].as_str().unwrap()).eq(&ids));
    assert_eq!(world.fake.stats().requests, 0);
}
