use super::*;

const GOOD: &str = r#"
[profiles.prod-eu]
vendor = "corti"
environment = "eu"
tenant = "acme"
client_id = "me"
client_secret = { file = "/run/secrets/corti" }

[profiles.videos]
vendor = "tavus"
api_key = { env = "TAVUS_PROD" }
"#;

#[test]
fn a_profile_gives_the_settings_of_its_vendor() {
    let profiles = parse(GOOD).unwrap();
    let names: Vec<&str> = profiles.iter().map(|profile| &*profile.name).collect();
    assert_eq!(names, ["prod-eu", "videos"]);
    let source = |variable: &str| profiles[0].settings.get(variable).map(|setting| setting.source.clone());
    assert_eq!(source("CORTI_TENANT_NAME"), Some(Source::Text("acme".to_owned())));
    assert_eq!(source("CORTI_CLIENT_SECRET"), Some(Source::File("/run/secrets/corti".into())));
    assert_eq!(profiles[1].settings["TAVUS_API_KEY"].source, Source::Variable("TAVUS_PROD".to_owned()));
    assert!(parse("").unwrap().is_empty());
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let table = [
        ("[profiles.a]\nvendor = \"tavus\"\nregion = \"eu\"", "line 3: unknown field `region`"),
        ("[profiles.a]\nsk_p4ss = 1", "line 2: unknown field"),
        ("[profile.a]", "line 1: unknown field `profile`"),
        ("[profiles.a]\nvendor = \"fini\"\n\napi_key = { file = 1 }", "line 4: a secret is not kept"),
        ("[profiles.a]\nbase_url = 7", "line 2: a text in quotes"),
        ("[profiles.a]\nbase_url = \"\"", "line 2: a text in quotes"),
        ("[profiles.a]\napi_key = { file = \"a\", env = \"B\" }", "line 2: a secret is not kept"),
        ("[profiles.a]\napi_key = {}", "line 2: a secret is not kept"),
        ("[profiles.a]\ntenant = \"x\"", "missing field `vendor`"),
        ("[profiles.a]\nvendor = \"x\"", "the profile a: `vendor` is corti"),
        ("[profiles.a]\nvendor = \"tavus\"", "the profile a: `api_key` is missing"),
        ("[profiles.\"a b\"]\nvendor = \"tavus\"", "the name of a profile"),
        (
            "[profiles.a]\nvendor = \"tavus\"\napi_key = { env = \"A\" }\nresidency = \"eu\"",
            "the profile a: `residency` is not a setting of tavus",
        ),
        (
            "[profiles.a]\nvendor = \"elevenlabs\"\napi_key = { env = \"A\" }\nresidency = \"moon\"",
            "the profile a: `residency` of the profile a",
        ),
        (
            "[profiles.a]\nvendor = \"tavus\"\napi_key = { env = \"A\" }\nbase_url = \"http://u:p4ss@h\"",
            "the profile a: `base_url` of the profile a",
        ),
    ];
    for (text, expected) in table {
        let error = parse(text).unwrap_err();
        assert!(error.contains(expected) && !error.contains("p4ss"), "{text}: {error}");
    }
}

#[test]
fn what_corti_needs_is_checked() {
    let corti = |rest: &str| parse(&format!("[profiles.a]\nvendor = \"corti\"\n{rest}")).map(drop);
    let tenant = "tenant = \"t\"\n";
    let secret = "client_id = \"i\"\nclient_secret = { env = \"S\" }\n";
    let (token, environment) = ("access_token = { command = \"c\" }\n", "environment = \"eu\"\n");
    let (base, auth) = ("base_url = \"https://gw\"\n", "auth_url = \"https://gw\"\n");
    for good in [
        [tenant, secret, environment, ""],
        [tenant, token, environment, ""],
        [tenant, secret, base, auth],
        [tenant, token, base, ""],
    ] {
        assert_eq!(corti(&good.concat()), Ok(()), "{good:?}");
    }
    for bad in [
        ["", secret, environment, ""],
        [tenant, "", environment, ""],
        [tenant, secret, token, environment],
        [tenant, secret, "", ""],
        [tenant, secret, base, ""],
        [tenant, token, environment, "client_id = \"i\"\n"],
    ] {
        assert!(corti(&bad.concat()).is_err(), "{bad:?}");
    }
}

#[test]
fn a_key_in_the_file_is_refused_and_not_repeated() {
    for value in [
        "\"s3cret-key\"",
        "s3cret-key",
        "\"s3cret-key",
        "'s3cret-key'",
        "{ key = \"s3cret-key\" }",
        "{ env = \"s3cret-key\" }",
        "{ env = s3cret-key }",
        "[\"s3cret-key\"]",
        "{ file = [\"s3cret-key\"] }",
        "\"\"\"s3cret-key",
        "\"\\x s3cret-key\"",
    ] {
        for field in ["api_key", "vendor", "tenant"] {
            let text = format!("[profiles.a]\nvendor = \"tavus\"\n{field} = {value}\n");
            let error = parse(&text).unwrap_err();
            assert!(!error.contains("s3cret"), "{text}: {error}");
        }
    }
    let error = parse("[profiles.a]\nvendor = \"tavus\"\napi_key = \"s3cret-key\"").unwrap_err();
    assert!(error.starts_with("line 3: a secret is not kept in this file"), "{error}");
}
