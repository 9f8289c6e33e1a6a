//! Outcomes, exit codes and requests of `delete`.

use std::time::Duration;

use conversation_delete_fake::{Fault, RecordState, RetryAfter, Role, Route, Vendor};
use serde_json::json;

use crate::support::World;

const ABSENT: &str = "00000000-0000-4000-8000-00000000dead";

#[test]
fn deletes_at_all_four_vendors() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(3);
        let other = world.fake.seed(1);
        let mode = if vendor == Vendor::Tavus { vec!["--hard".to_owned()] } else { vec![] };
        let run = world.delete(mode.iter().chain(&ids));
        assert_eq!(run.code, Some(0), "{run:?}");
        let expected: Vec<_> = ids.iter().map(|id| (id.clone(), "deleted".to_owned())).collect();
        assert_eq!(run.outcomes(), expected);
        run.has_summary(&[("deleted", 3)]);
        assert!(run.stderr.is_empty(), "quiet where nobody watches: {}", run.stderr);
        assert!(ids.iter().all(|id| world.fake.state_of(id) == Some(RecordState::Deleted)));
        assert_eq!(world.fake.state_of(&other[0]), Some(RecordState::Present));
    }
}

#[test]
fn a_record_line_is_exactly_as_promised() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = world.delete(["--hard", &ids[0]]);
    assert_eq!(
        run.stdout_without_times(),
        format!(
            "{{\"type\":\"record\",\"schema\":1,…,\"vendor\":\"tavus\",\"id\":\"{}\",\"outcome\":\"deleted\",\"mode\":\"hard\",\
             \"attempts\":1,\"status\":204,\"request_id\":null,\"error\":null,\"presence\":null,\"settled_at\":\"…\",\
             \"looked_at\":null,\"source\":null,\"line_number\":null}}\n\
             {{\"type\":\"summary\",\"schema\":1,…,\"deleted\":1,\"acknowledged\":0,\"gone\":0,\"unresolved\":0,\"not_found\":0,\
             \"failed\":0,\"refused\":0,\"held\":0,\"not_attempted\":0,\"verified\":0,\"still_present\":0,\"unverified\":0,\
             \"absent\":null,\"present\":null,\"unknown\":null,\"ending\":\"finished\",\"job\":null,\"holds\":null}}\n",
            ids[0]
        )
    );
}

#[test]
fn a_soft_delete_is_called_one() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = world.delete(["--soft", &ids[0]]);
    assert_eq!(run.lines()[0]["mode"], "soft");
    assert_eq!(world.fake.state_of(&ids[0]), Some(RecordState::SoftDeleted));
    let ids = world.fake.seed(1);
    let mut command = world.command(Role::Full);
    let run = world.run(command.args(["delete", "tavus", "--soft", "--yes", &ids[0]]), "");
    assert!(run.stdout.contains(&format!("deleted (soft)  {}", ids[0])), "{run:?}");
    assert!(!run.stdout.contains("permanent") && !run.stdout.contains("irrevocabl"));
}

#[test]
fn a_lost_answer_is_gone_and_counts_as_done() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(1);
    world.fake.fault(Fault::close().after_effect().on(Route::Delete).once());
    let run = world.delete(&ids);
    assert_eq!(run.code, Some(0), "{run:?}");
    let line = &run.lines()[0];
    assert_eq!((&line["outcome"], &line["attempts"], &line["status"]), (&json!("gone"), &json!(2), &json!(404)));
    assert!(line["request_id"].is_string());
    assert_eq!(line["mode"], json!(null), "only Tavus has modes");
}

#[test]
fn what_is_not_there_is_not_found_unless_that_is_fine() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(1);
    let run = world.delete([&ids[0], ABSENT]);
    assert_eq!(run.code, Some(3));
    let line = &run.lines()[1];
    assert_eq!((&line["outcome"], &line["status"]), (&json!("not_found"), &json!(404)));
    assert_eq!((&line["error"]["kind"], &line["error"]["delivery"]), (&json!("not_found"), &json!("answered")));
    run.has_summary(&[("deleted", 1), ("not_found", 1)]);
    let run = world.delete(["--absent-ok", ABSENT]);
    assert_eq!(run.code, Some(0));
    run.has_summary(&[("not_found", 1)]);
}

#[test]
fn when_nothing_is_found_the_user_is_told_what_to_check() {
    let world = World::new(Vendor::Tavus);
    let run = world.delete(["--hard", "c1", "c2"]);
    assert_eq!(run.code, Some(5));
    assert!(run.stderr.contains("check tenant, region, base URL and key"), "{}", run.stderr);
}

#[test]
fn a_failure_says_what_is_known() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(2);
    world.fake.fault(Fault::html(200).without_effect().on(Route::Delete).for_id(ids[0].as_str()));
    let run = world.delete(&ids);
    assert_eq!(run.code, Some(3));
    assert_eq!(run.outcomes()[0].1, "failed");
    assert_eq!(run.lines()[0]["error"]["kind"], "unexpected_response");
    run.has_summary(&[("deleted", 1), ("failed", 1)]);
}

#[test]
fn ids_are_told_in_the_order_of_the_input() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(40);
    for (number, id) in ids.iter().enumerate().filter(|(number, _)| number % 7 == 0) {
        let late = Duration::from_millis(20 + number as u64);
        world.fake.fault(Fault::delay(late).on(Route::Delete).for_id(id.as_str()));
    }
    let run = world.delete(["--concurrency", "16"].map(str::to_owned).iter().chain(&ids));
    assert_eq!(run.outcomes().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ids);
}

#[test]
fn no_more_requests_are_under_way_than_asked_for() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(30);
    world.fake.fault(Fault::delay(Duration::from_millis(5)).on(Route::Delete));
    world.delete(["--concurrency", "3"].map(str::to_owned).iter().chain(&ids));
    assert!(world.fake.stats().most_open <= 3);
}

#[test]
fn a_refused_credential_stops_after_one_request() {
    for vendor in [Vendor::Fini, Vendor::ElevenLabs, Vendor::Tavus] {
        let world = World::new(vendor);
        let ids = world.fake.seed(80);
        world.fake.revoke(Role::Full);
        let mode = if vendor == Vendor::Tavus { vec!["--hard".to_owned()] } else { vec![] };
        let run = world.delete(mode.iter().chain(&ids));
        assert_eq!(run.code, Some(6), "{run:?}");
        assert_eq!(world.fake.stats().requests, 1);
        run.has_summary(&[("not_attempted", 80)]);
        assert!(run.stderr.contains("refused the credential") && run.stderr.contains(world.variable()), "{run:?}");
    }
}

#[test]
fn a_token_endpoint_that_refuses_the_client_stops_the_run() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(5);
    world.fake.revoke(Role::Full);
    let run = world.delete(&ids);
    assert_eq!(run.code, Some(6), "{run:?}");
    assert!(world.deletes().is_empty());
    run.has_summary(&[("not_attempted", 5)]);
}

#[test]
fn a_fini_batch_that_answers_406_is_unresolved() {
    let world = World::new(Vendor::Fini);
    let mut ids = world.fake.seed(60);
    ids.insert(3, ABSENT.to_owned());
    let run = world.delete(&ids);
    assert_eq!(run.code, Some(3), "{run:?}");
    run.has_summary(&[("unresolved", 50), ("deleted", 11)]);
    assert_eq!(world.deletes(), ["/v2/hc-interactions/public"; 3], "one alone, 50, and 10");
    assert_eq!((&run.lines()[0]["status"], &run.lines()[1]["status"]), (&json!(200), &json!(406)));
}

#[test]
fn fini_one_by_one_tells_each_id_apart() {
    let world = World::new(Vendor::Fini);
    let mut ids = world.fake.seed(4);
    ids.insert(3, ABSENT.to_owned());
    let run = world.delete(["--one-by-one".to_owned()].iter().chain(&ids));
    assert_eq!(run.code, Some(3), "{run:?}");
    run.has_summary(&[("deleted", 4), ("not_found", 1)]);
    assert_eq!(run.outcomes()[3], (ABSENT.to_owned(), "not_found".to_owned()));
    assert_eq!(world.deletes(), ["/v2/hc-interactions/public"; 5]);
}

#[test]
fn a_wait_that_does_not_fit_stops_the_run_and_is_told() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(5);
    world.fake.fault(Fault::throttle(Some(RetryAfter::Seconds(86_400))));
    let run = world.delete(["--hard".to_owned()].iter().chain(&ids));
    assert_eq!(run.code, Some(4), "{run:?}");
    assert_eq!(world.fake.stats().requests, 1);
    assert!(
        run.stderr.contains(
            "which is too long: Tavus: the vendor limits the rate of requests (status 429, Retry-After 86400 s)"
        ),
        "{}",
        run.stderr
    );
    run.has_summary(&[("not_attempted", 5)]);
}

#[test]
fn the_cap_holds_on_every_path() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(3);
    for extra in [&["--hard", "--max", "2"][..], &["--hard", "--max", "2", "--dry-run"]] {
        let run = world.delete(extra.iter().copied().chain(ids.iter().map(String::as_str)));
        assert_eq!(run.code, Some(5), "{run:?}");
        run.has_summary(&[("not_attempted", 3)]);
        let run = world.delete_with_stdin(&[extra, &["--ids-from", "-"]].concat(), ids.join("\n"));
        assert_eq!(run.code, Some(5), "{run:?}");
    }
    assert_eq!(world.fake.stats().requests, 0);
    let run = world.delete(["--hard", "--max", "3", &ids[0], &ids[0], &ids[1], &ids[2]]);
    assert_eq!(run.code, Some(0), "a double does not count: {run:?}");
}

#[test]
fn the_verbose_log_tells_of_requests_and_no_secrets() {
    for vendor in [Vendor::Corti, Vendor::Tavus] {
        let world = World::new(vendor);
        let ids = world.fake.seed(1);
        let mode = if vendor == Vendor::Tavus { vec!["--hard".to_owned()] } else { vec![] };
        let run = world.delete_as(Role::Full, ["-v".to_owned()].iter().chain(&mode).chain(&ids));
        assert_eq!(run.code, Some(0));
        assert!(run.stderr.contains("request ended") && run.stderr.contains("status=204"), "{}", run.stderr);
    }
}

#[test]
fn another_workspace_is_never_reported_as_deleted() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(3);
    let run = world.delete_as(Role::Foreign, &ids);
    assert_eq!(run.code, Some(5), "{run:?}");
    run.has_summary(&[("not_found", 3)]);
    assert!(ids.iter().all(|id| world.fake.state_of(id) == Some(RecordState::Present)));
}

#[test]
fn a_body_that_breaks_off_after_a_success_is_a_deletion_with_a_warning() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(1);
    world.fake.fault(Fault::truncate().after_effect().on(Route::Delete).once());
    let run = world.delete(&ids);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 1)]);
    assert!(run.stderr.contains("was cut off") && run.stderr.contains(&ids[0]), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    let ids = world.fake.seed(30);
    world.fake.fault(Fault::truncate().after_effect().on(Route::Delete));
    let run = world.delete(["--concurrency", "1"].map(str::to_owned).iter().chain(&ids));
    assert_eq!(run.stderr.matches(&ids[0]).count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("30 responses were cut off"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
}

#[test]
fn an_attempt_ends_at_the_timeout_that_was_asked_for() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(1);
    world.fake.fault(Fault::stall(Duration::from_secs(600)).on(Route::Delete).once());
    let run = world.delete(["--timeout", "200ms", &ids[0]]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!((&run.lines()[0]["outcome"], &run.lines()[0]["attempts"]), (&json!("deleted"), &json!(2)));
}

#[test]
fn text_names_each_problem_once_and_json_leaves_a_message_to_stderr() {
    for (output, lines) in [("text", 0), ("json", 1)] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(1);
        let mut command = world.command(Role::Full);
        command.args(["delete", "tavus", "--hard", "--yes", "--output", output, &ids[0], "cnonesuch", "a/b"]);
        let run = world.run(&mut command, "");
        assert_eq!(run.code, Some(3), "{run:?}");
        assert_eq!(run.stdout.matches("this credential sees no such record").count(), 1, "{run:?}");
        assert_eq!(run.stderr.matches("this credential sees no such record").count(), lines, "{run:?}");
    }
}
