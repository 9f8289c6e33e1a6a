use super::*;

const ALL: [Exit; 9] = [
    Exit::Success,
    Exit::Fault,
    Exit::Usage,
    Exit::Incomplete,
    Exit::Stopped,
    Exit::Unsafe,
    Exit::CredentialRefused,
    Exit::StillPresent,
    Exit::EvidenceInvalid,
];

#[test]
fn each_finding_alone_is_its_own_exit_code() {
    for (exit, code) in ALL.into_iter().zip(0..) {
        assert_eq!(Findings::from(exit).exit().code(), code);
    }
}

#[test]
fn of_any_set_of_findings_the_first_of_the_documented_order_wins() {
    for set in 0_u32..512 {
        let is_in = |code: u8| set & (1 << code) != 0;
        let expected = [1, 2, 6, 5, 4, 7, 3, 8].into_iter().find(|code| is_in(*code)).unwrap_or(0);
        let found = ALL.into_iter().filter(|exit| is_in(exit.code()));
        assert_eq!(Findings::default().with_any(found.clone()).exit().code(), expected, "{set:08b}");
        let one_by_one = found.fold(Findings::default(), |findings, exit| findings.with_if(true, exit));
        assert_eq!(one_by_one.with_if(false, Exit::Fault).exit().code(), expected, "{set:08b}");
    }
}

/// The endings of a run, and the exit code that each has on its own.
fn endings() -> Vec<(Ending, u8)> {
    let wait = std::time::Duration::ZERO;
    let text = String::new;
    vec![
        (Ending::Finished, 0),
        (Ending::Interrupted, 4),
        (Ending::DeadlineReached { wait }, 4),
        (Ending::OutageTimedOut { wait, reason: text() }, 4),
        (Ending::CredentialRefused(text()), 6),
        (Ending::WrongTarget(text()), 5),
        (Ending::Unrecoverable(text()), 4),
        (Ending::NothingFound { looked: 20 }, 5),
    ]
}

/// Each finding of a run besides its endings, and the exit code that it has on its own.
const FINDINGS: [(RunResult<'static>, u8); 10] = {
    let none = RunResult {
        endings: &[],
        open: 0,
        not_found: 0,
        failed: 0,
        unverified: 0,
        still_present: 0,
        is_none_seen: false,
        absent_ok: false,
        all_absent_ok: false,
        is_report_lost: false,
    };
    [
        (none, 0),
        (RunResult { open: 1, ..none }, 4),
        (RunResult { not_found: 1, ..none }, 3),
        (RunResult { not_found: 1, absent_ok: true, ..none }, 0),
        (RunResult { failed: 1, ..none }, 3),
        (RunResult { unverified: 1, ..none }, 3),
        (RunResult { still_present: 1, ..none }, 7),
        (RunResult { is_none_seen: true, not_found: 2, absent_ok: true, ..none }, 5),
        (RunResult { is_none_seen: true, not_found: 2, absent_ok: true, all_absent_ok: true, ..none }, 0),
        (RunResult { is_report_lost: true, ..none }, 4),
    ]
};

fn first_of(codes: &[u8]) -> u8 {
    [1, 2, 6, 5, 4, 7, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
}

#[test]
fn a_run_has_the_first_exit_code_of_its_endings_and_findings() {
    for (ending, of_ending) in endings() {
        for (finding, of_finding) in &FINDINGS {
            let run = RunResult { endings: std::slice::from_ref(&ending), ..*finding };
            assert_eq!(of_run(&run).code(), first_of(&[of_ending, *of_finding]), "{run:?}");
        }
        for (other, of_other) in endings() {
            let both = [ending.clone(), other];
            let run = RunResult { endings: &both, ..RunResult::default() };
            assert_eq!(of_run(&run).code(), first_of(&[of_ending, of_other]), "{run:?}");
        }
    }
}

#[test]
fn two_findings_of_a_run_have_the_exit_code_of_the_first() {
    for (one, of_one) in FINDINGS {
        for (other, of_other) in FINDINGS {
            let is_same_choice = one.absent_ok == other.absent_ok && one.all_absent_ok == other.all_absent_ok;
            if !is_same_choice {
                continue;
            }
            let both = RunResult {
                open: one.open + other.open,
                not_found: one.not_found + other.not_found,
                failed: one.failed + other.failed,
                unverified: one.unverified + other.unverified,
                still_present: one.still_present + other.still_present,
                is_none_seen: one.is_none_seen || other.is_none_seen,
                is_report_lost: one.is_report_lost || other.is_report_lost,
                ..one
            };
            assert_eq!(of_run(&both).code(), first_of(&[of_one, of_other]), "{both:?}");
        }
    }
}

#[test]
fn each_kind_of_error_has_its_exit_code() {
    for (kind, code) in [
        (ErrorKind::Forbidden, 6),
        (ErrorKind::Unauthenticated, 6),
        (ErrorKind::MissingScope, 6),
        (ErrorKind::WrongTarget, 5),
        (ErrorKind::ClockSkew, 5),
        (ErrorKind::InvalidInput, 2),
        (ErrorKind::Configuration, 2),
        (ErrorKind::Server, 4),
        (ErrorKind::Connect, 4),
        (ErrorKind::RateLimited, 4),
        (ErrorKind::UnexpectedResponse, 4),
    ] {
        let error = Error::builder(kind, "it failed").build();
        assert_eq!(of_error(&error).code(), code, "{kind:?}");
    }
    for (kind, code) in [
        (JobErrorKind::Exists, 2),
        (JobErrorKind::NotAJob, 2),
        (JobErrorKind::Changed, 5),
        (JobErrorKind::WrongTarget, 5),
        (JobErrorKind::Busy, 4),
        (JobErrorKind::Plan, 2),
        (JobErrorKind::Inaccessible, 2),
        (JobErrorKind::UnsafeLocation, 2),
        (JobErrorKind::Linked, 4),
        (JobErrorKind::Storage, 4),
        (JobErrorKind::Lost, 4),
        (JobErrorKind::TakenOver, 4),
    ] {
        assert_eq!(of_job_error(kind).code(), code, "{kind:?}");
    }
}

/// Whether the same command may reach its end if it is run again later, without anybody having changed anything.
fn is_worth_repeating(exit: Exit) -> bool {
    match exit {
        Exit::Stopped => true,
        Exit::Success
        | Exit::Fault
        | Exit::Usage
        | Exit::Incomplete
        | Exit::Unsafe
        | Exit::CredentialRefused
        | Exit::StillPresent
        | Exit::EvidenceInvalid => false,
    }
}

/// The failures after which a repeat does not help.
fn for_a_person() -> Vec<u64> {
    let failures = ALL.into_iter().filter(|exit| *exit != Exit::Success && !is_worth_repeating(*exit));
    failures.map(|exit| exit.code().into()).collect()
}

fn deploy(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/deploy").join(path)
}

#[test]
fn kubernetes_repeats_what_is_worth_it() {
    let mut checked = 0;
    for file in std::fs::read_dir(deploy("kubernetes")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for document in serde_norway::Deserializer::from_str(&text) {
            let object = <serde_json::Value as serde::Deserialize>::deserialize(document).unwrap();
            let job = ["/spec/jobTemplate/spec", "/spec"]
                .into_iter()
                .find_map(|at| object.pointer(at)?.get("podFailurePolicy"));
            let Some(rules) = job else { continue };
            let fails = |rule: &&serde_json::Value| rule["action"] == "FailJob" || rule["action"] == "FailIndex";
            let rules: Vec<_> = rules["rules"].as_array().unwrap().iter().filter(fails).collect();
            assert!(matches!(&*rules, [rule] if rule["onExitCodes"]["operator"] == "In"), "{rules:?}");
            assert_eq!(rules[0]["onExitCodes"]["values"], serde_json::json!(for_a_person()));
            checked += 1;
        }
    }
    assert!(checked > 0);
}

#[test]
fn systemd_repeats_what_is_worth_it() {
    let unit = std::fs::read_to_string(deploy("systemd/conversation-delete-sweep.service")).unwrap();
    let codes = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).unwrap();
    let codes: Vec<u64> = codes.split(' ').map(|code| code.parse().unwrap()).collect();
    assert_eq!(codes, for_a_person());
    assert!(unit.lines().any(|line| line == "Restart=on-failure"));
}
