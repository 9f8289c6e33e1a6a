use std::time::UNIX_EPOCH;

use super::*;

#[test]
fn what_a_command_prints_is_trimmed() {
    assert_eq!(read(" printf ' token\\r\\n\\n' ").as_deref().map(String::as_str), Ok("token"));
}

#[test]
fn a_command_that_hangs_is_killed() {
    let limit = Duration::from_millis(200);
    for line in ["exec sleep 60", "exec >&-; exec sleep 60"] {
        let begun = Instant::now();
        let error = read_within(line, limit).unwrap_err();
        assert!(error.contains("did not end within"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{line}");
    }
}

#[test]
fn a_command_that_prints_without_end_is_not_kept_in_memory() {
    let error = read_within("exec yes", Duration::from_secs(20)).unwrap_err();
    assert!(error.contains("larger than 64 KiB"), "{error}");
}

#[test]
fn an_opaque_token_lives_as_corti_documents() {
    assert_eq!(lifetime("opaque", UNIX_EPOCH), TOKEN_LIFETIME);
    // {"iss":"x","exp":100}
    let token = "e30.eyJpc3MiOiJ4IiwiZXhwIjoxMDB9.s";
    for (now, seconds) in [(0, 100), (50, 50), (90, 30), (200, 30)] {
        assert_eq!(lifetime(token, UNIX_EPOCH + Duration::from_secs(now)), Duration::from_secs(seconds));
    }
}
