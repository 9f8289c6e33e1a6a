//! What `FIDELITY.md` cites: the reports of the fakes in `fidelity/`, and those of the vendors beside them.

use std::fs;
use std::path::PathBuf;

use conversation_delete_fake::Vendor;
use delete_conformance::live::{Report, VENDORS};

use crate::account::{account, run_at};

const FIDELITY: &str = include_str!("../../../conversation-delete-fake/FIDELITY.md");

fn path(vendor: &str, subject: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../conversation-delete-fake/fidelity");
    folder.join(format!("{vendor}.{subject}.json"))
}

fn read(vendor: &str, subject: &str) -> Option<Report> {
    let text = fs::read_to_string(path(vendor, subject)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// `BLESS=1` writes the reports anew.
#[tokio::test]
async fn the_reports_of_the_fakes_are_those_in_the_repository() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        let report = run_at(&fake, &ids[..1]).await.unwrap();
        // What differs from run to run, and from release to release.
        let report = Report { host: "fake".into(), time: String::new(), version: String::new(), ..report };
        if std::env::var_os("BLESS").is_some() {
            fs::write(path(vendor.as_str(), "fake"), report.to_json().unwrap()).unwrap();
        }
        let known = read(vendor.as_str(), "fake").unwrap();
        assert_eq!(known, report, "BLESS=1 cargo test -p conversation-delete --test live writes it anew");
    }
}

/// A vendor's report is there only once somebody with an account has run the suite.
#[test]
fn a_report_of_a_vendor_is_one_and_agrees_with_its_fake() {
    for vendor in VENDORS {
        let fake = read(vendor.name, "fake").unwrap();
        if let Some(live) = read(vendor.name, "live") {
            assert_eq!(problems(&fake, &live), [""; 0], "{}", vendor.name);
        }
    }
}

/// The least that a report of a vendor shows, at each vendor one of these for the last.
const LEAST: [&[&str]; 4] = [&["list"], &["lookup"], &["lookup_unknown"], &["wrong_key", "wrong_token"]];

/// Why a report cannot stand for a vendor: it is of a fake, shows too little, or shows what the fake does not do.
fn problems(fake: &Report, live: &Report) -> Vec<String> {
    let is_loopback = ["127.", "localhost", "[::1]", "fake"].iter().any(|host| live.host.starts_with(host));
    let of_a_fake = is_loopback.then(|| format!("{} is the host of a fake", live.host));
    let of_another = (live.vendor != fake.vendor).then(|| format!("it is of {}", live.vendor));
    let agrees = |names: &&[&str]| {
        live.cases.iter().any(|case| names.contains(&case.case.as_str()) && case.agrees == Some(true))
    };
    let missing = LEAST.iter().filter(|names| !agrees(names)).map(|names| format!("{} does not agree", names[0]));
    of_a_fake.into_iter().chain(of_another).chain(missing).chain(fake.differences(live)).collect()
}

#[test]
fn a_vendor_that_differs_from_its_fake_is_reported_case_by_case() {
    let fake = read("tavus", "fake").unwrap();
    let mut live = Report { host: "tavusapi.com".into(), ..fake.clone() };
    assert_eq!(problems(&fake, &live), [""; 0]);

    for case in &mut live.cases {
        let observed = case.observed.as_mut().unwrap();
        // Other headers and more members do not count.
        observed.headers = vec!["date".into()];
        if case.case == "lookup_unknown" {
            observed.status = 404;
            observed.variant = Some("404".into());
        }
    }
    let found = problems(&fake, &live);
    assert!(found.len() == 1 && found[0].starts_with("lookup_unknown: the fake 400"), "{found:?}");

    let mut empty = Report { host: "tavusapi.com".into(), ..fake.clone() };
    empty.cases.iter_mut().for_each(|case| case.agrees = None);
    assert_eq!(problems(&fake, &empty).len(), LEAST.len());

    live.host = "localhost:8080".into();
    assert!(problems(&fake, &live).iter().any(|problem| problem.contains("host of a fake")));
    assert!(problems(&read("fini", "fake").unwrap(), &live).iter().any(|problem| problem.contains("it is of tavus")));
}

/// The rows below a heading.
fn rows(title: &str) -> Vec<&'static str> {
    let section = FIDELITY.split("\n## ").find(|section| section.starts_with(title)).unwrap();
    section.lines().filter(|line| line.starts_with("| ")).collect()
}

#[test]
fn every_case_is_cited_in_the_row_that_it_rests_on_and_every_citation_is_a_case() {
    for vendor in VENDORS {
        let hard = Some(conversation_delete::ErasureMode::Hard);
        let cases = [vendor.reading, (vendor.deleting)(hard), (vendor.deleting)(None)].concat();
        let rows = rows(vendor.title);
        for case in &cases {
            let cited = rows.iter().filter(|row| row.starts_with(&format!("| {}", case.source)));
            let cited: Vec<_> = cited.filter(|row| cites(row).contains(&case.name)).collect();
            assert_eq!(cited.len(), 1, "{}: {} in a row that begins `{}`", vendor.title, case.name, case.source);
        }
        for name in rows.iter().flat_map(|row| cites(row)) {
            assert!(cases.iter().any(|case| case.name == name), "{}: there is no case {name}", vendor.title);
        }
    }
}

/// The names after `case` or `cases` at the end of a row.
fn cites(row: &str) -> Vec<&str> {
    let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
    let last = cell.rsplit("; ").next().unwrap_or_default();
    if last.starts_with("case") { last.split('`').skip(1).step_by(2).collect() } else { Vec::new() }
}
