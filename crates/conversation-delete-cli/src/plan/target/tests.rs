use super::*;

#[test]
fn a_base_url_is_what_precedes_the_vendors_own_path() {
    for (vendor, url, base) in [
        (
            VendorName::Tavus,
            "https://gw/v2/conversations/a/v2/conversations/c1?hard=true",
            "https://gw/v2/conversations/a",
        ),
        (VendorName::Corti, "https://api.eu.corti.app/v2/interactions/0-1", "https://api.eu.corti.app/v2"),
        (VendorName::Fini, "http://127.0.0.1:9/v2/hc-interactions/public", "http://127.0.0.1:9"),
        (VendorName::Elevenlabs, "https://gw/p/v1/convai/conversations/c1", "https://gw/p"),
    ] {
        assert_eq!(before(url, collection(vendor)), base);
    }
}

#[test]
fn an_origin_is_what_stands_before_the_path() {
    assert_eq!(origin_of("https://tavusapi.com/v2/conversations/c1?hard=true"), "https://tavusapi.com");
    assert_eq!(origin_of("http://127.0.0.1:8080/a"), "http://127.0.0.1:8080");
    assert_eq!(origin_of("https://tavusapi.com"), "https://tavusapi.com");
}

#[test]
fn a_fingerprint_tells_credentials_apart_and_does_not_hold_them() {
    let of = |secrets: &[&str]| fingerprint(&secrets.iter().map(|&secret| secret.to_owned()).collect::<Vec<_>>());
    // printf abc | sha256sum
    assert_eq!(of(&["abc"]), "ba7816bf8f01cfea");
    assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
}
