use super::*;

fn target(base_url: &str) -> Target {
    Target {
        vendor: "tavus".to_owned(),
        origin: String::new(),
        base_url: Some(base_url.to_owned()),
        auth_url: Some("https://auth.example/a".to_owned()),
        place: Some("tenant a".to_owned()),
        credential: "key".to_owned(),
        mode: Some(ErasureMode::Hard),
        options: "children".to_owned(),
    }
}

/// The same as a file of format 1 has it.
fn of_format_1(base_url: &str) -> Target {
    Target { origin: origin_of(&normal(base_url)).to_owned(), base_url: None, auth_url: None, ..target(base_url) }
}

#[test]
fn every_part_of_a_target_that_differs_is_a_difference() {
    let planned = target("https://gw.example/tenant-a");
    for url in [
        "https://gw.example/tenant-b",
        "https://gw.example",
        "https://gw.example/tenant-a/x",
        "https://gw.example/Tenant-a",
        "https://gw.example:8443/tenant-a",
        "http://gw.example/tenant-a",
        "https://gw2.example/tenant-a",
    ] {
        let difference = planned.difference(&target(url)).unwrap();
        assert!(matches!(difference, TargetDifference::Other { name: "base URL", .. }), "{url}: {difference}");
        assert!(!difference.is_acceptable(), "{url}");
    }
    let none = |text: Option<&str>| text.map(str::to_owned);
    for (name, now) in [
        ("vendor", Target { vendor: "fini".to_owned(), ..planned.clone() }),
        ("auth URL", Target { auth_url: none(Some("https://auth.example/b")), ..planned.clone() }),
        ("tenant or region", Target { place: none(Some("tenant b")), ..planned.clone() }),
        ("tenant or region", Target { place: None, ..planned.clone() }),
        ("mode", Target { mode: Some(ErasureMode::Soft), ..planned.clone() }),
        ("mode", Target { mode: None, ..planned.clone() }),
        ("options", Target { options: String::new(), ..planned.clone() }),
    ] {
        // Whatever the key is: a rotated key hides no other difference.
        for credential in ["key", "other"] {
            let now = Target { credential: credential.to_owned(), ..now.clone() };
            let difference = planned.difference(&now).unwrap();
            assert!(difference.to_string().starts_with(&format!("the {name} was ")), "{difference}");
            assert!(!difference.is_acceptable(), "{difference}");
        }
    }
    let difference = planned.difference(&Target { credential: "other".to_owned(), ..planned.clone() }).unwrap();
    assert!(matches!(difference, TargetDifference::Credential { .. }) && difference.is_acceptable());
}

#[test]
fn the_same_base_url_written_in_other_ways_is_the_same_target() {
    for (planned, now) in [
        ("https://gw.example/a", "https://gw.example/a/"),
        ("https://gw.example", "https://GW.example:443/"),
        ("http://127.0.0.1:80/a", "http://127.0.0.1/a"),
        ("https://GW.Example/a", "HTTPS://gw.example/a"),
    ] {
        assert_eq!(target(planned).difference(&target(now)), None, "{planned} {now}");
        assert_eq!(target(planned).to_plan().unwrap(), target(now).to_plan().unwrap());
    }
    let without_tokens = Target { auth_url: None, ..target("https://gw.example") };
    assert_eq!(target("https://gw.example").difference(&without_tokens), None, "no token is fetched");
}

#[test]
fn a_target_of_format_1_is_the_same_only_if_its_base_url_has_no_prefix() {
    for url in ["https://gw.example", "https://gw.example/", "https://gw.example/v2", "https://gw.example:443"] {
        assert_eq!(of_format_1(url).difference(&target(url)), None, "{url}");
    }
    for url in [
        "https://gw.example/tenant-a",
        "https://gw.example/v2x",
        "https://gw.example/a/v2",
        "https://gw.example/version",
    ] {
        let difference = of_format_1(url).difference(&target(url)).unwrap();
        assert!(matches!(difference, TargetDifference::UnknownPrefix { .. }) && difference.is_acceptable(), "{url}");
    }
    let elsewhere = of_format_1("https://gw.example").difference(&target("https://other.example")).unwrap();
    assert!(matches!(elsewhere, TargetDifference::Other { name: "address", .. }), "{elsewhere}");
}

#[test]
fn a_plan_needs_the_whole_base_url() {
    assert_eq!(of_format_1("https://gw.example").to_plan().unwrap_err().kind(), JobErrorKind::Plan);
    for url in ["", "gw.example", "http://gw.example", "https://user:secret@gw.example"] {
        let error = target(url).to_plan().unwrap_err();
        assert!(error.kind() == JobErrorKind::Plan && !error.to_string().contains("secret"), "{error}");
    }
    let planned = target("https://GW.example:443/a/").to_plan().unwrap();
    assert_eq!(
        (planned.origin.as_str(), planned.base_url.as_deref()),
        ("https://gw.example", Some("https://gw.example/a"))
    );
}
