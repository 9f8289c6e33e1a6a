use super::*;

fn found(name: &str, set: &[&str]) -> Result<Option<String>, String> {
    let setting = Setting::among(name, |variable| set.contains(&variable));
    setting.map(|setting| setting.map(|setting| setting.name)).map_err(|error| error.to_string())
}

#[test]
fn a_setting_is_a_variable_a_file_or_for_tokens_a_command() {
    let one = |name: &str| Ok(Some(name.to_owned()));
    assert_eq!(found("FINI_API_KEY", &[]), Ok(None));
    assert_eq!(found("FINI_API_KEY", &["FINI_API_KEY"]), one("FINI_API_KEY"));
    assert_eq!(found("FINI_API_KEY", &["FINI_API_KEY_FILE"]), one("FINI_API_KEY_FILE"));
    assert_eq!(found("FINI_API_KEY", &["FINI_API_KEY_COMMAND"]), Ok(None));
    assert_eq!(found(ACCESS_TOKEN, &["CORTI_ACCESS_TOKEN_COMMAND"]), one("CORTI_ACCESS_TOKEN_COMMAND"));
}

#[test]
fn two_of_them_are_an_error_that_names_both() {
    for set in [
        ["CORTI_ACCESS_TOKEN", "CORTI_ACCESS_TOKEN_FILE"],
        ["CORTI_ACCESS_TOKEN", "CORTI_ACCESS_TOKEN_COMMAND"],
        ["CORTI_ACCESS_TOKEN_FILE", "CORTI_ACCESS_TOKEN_COMMAND"],
    ] {
        let error = found(ACCESS_TOKEN, &set).unwrap_err();
        assert!(error.contains(&format!("{} and {} are both set", set[0], set[1])), "{error}");
    }
}

#[test]
fn of_a_command_nothing_is_shown_that_may_be_a_secret() {
    for (line, shown) in [
        ("pass show tavus", "command pass"),
        ("/usr/bin/vault kv get -field=key x", "command /usr/bin/vault"),
        ("A=secret prog", "command"),
        ("A='x secret' prog", "command"),
        ("<<<secret cat", "command"),
        ("printf%ssecret\\n", "command"),
        ("", "command"),
    ] {
        assert_eq!(Source::Command(line.to_owned()).describe(), shown, "{line}");
    }
}
