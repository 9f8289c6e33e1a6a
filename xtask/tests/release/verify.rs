//! `cargo xtask release verify` accepts a release that is as it should be, and no other.

use std::fs;

use xtask::release::registry::{Call, Fault, Reply};

use crate::support::{Fixture, is_index_of, is_upload_of, reply, text_of};

#[track_caller]
fn assert_refused(fixture: &Fixture, parts: &[&str]) {
    let error = text_of(&fixture.command(&["verify", "--registry", "test"]).output().unwrap(), false);
    for part in parts {
        assert!(error.contains(part), "{part:?} in {error}");
    }
}

#[test]
fn what_is_not_released_is_refused() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let refusal = || Fault::Reply(Reply::refusal(403, "not yours"));
    fixture.registry.inject(move |call| is_upload_of(call, "top").then(refusal));
    assert!(fixture.publish_error().contains("not yours"));
    assert_refused(&fixture, &["there is no tag v0.1.0 here"]);
    fixture.git("tag v0.1.0");
    assert_refused(&fixture, &["top 0.1.0 is not in the index"]);
    fixture.registry.yank("base");
    assert_refused(&fixture, &["base 0.1.0 is in the index, but yanked", "top 0.1.0 is not in the index"]);
    fixture.registry.inject(|call| is_index_of(call, "base").then(|| reply(503, "down")));
    assert_refused(&fixture, &["base 0.1.0: the index cannot be read", "status 503", "top 0.1.0 is not in the index"]);
}

#[test]
fn another_commit_is_refused_and_so_is_other_content() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.publish().unwrap();
    fixture.git("tag v0.1.0");
    fixture.commit("top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    assert_refused(&fixture, &["0.1.0 was released from ", "check out v0.1.0 first"]);
    fixture.git("tag --force v0.1.0");
    assert_refused(
        &fixture,
        &["base 0.1.0 is published with other content", "top 0.1.0 is published with other content"],
    );
}

/// The build script of somebody else, who looks for credentials and for ways out.
const CURIOUS: &str = r#"
fn main() {
    for (name, value) in std::env::vars() {
        let is_proxy = name.to_uppercase().ends_with("_PROXY") && name.to_uppercase() != "NO_PROXY";
        assert!(!is_proxy && !value.contains("secret"), "{name} is {value}");
    }
}
"#;

#[test]
fn users_take_every_crate_and_get_neither_our_credentials_and_proxies_nor_the_configuration_around_them() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.commit("base/build.rs", CURIOUS);
    fixture.publish().unwrap();
    fixture.git("tag v0.1.0");
    let home = fixture.root().with_file_name("home-of-a-user");
    fs::create_dir_all(home.join(".cargo")).unwrap();
    // This mirror and this proxy do not respond.
    let configuration = "[source.crates-io]\nreplace-with = \"mirror\"\n\n\
                         [source.mirror]\nregistry = \"sparse+http://127.0.0.1:9/\"\n\n\
                         [registries.test]\nindex = \"sparse+http://127.0.0.1:9/\"\n\n\
                         [http]\nproxy = \"http://127.0.0.1:9\"\n\n[net]\nretry = 0\n";
    fs::write(home.join(".cargo/config.toml"), configuration).unwrap();
    let mut command = fixture.command(&["verify", "--registry", "test"]);
    command.env("CARGO_TARGET_DIR", home.join("target"));
    for name in ["CARGO_REGISTRY_TOKEN", "CARGO_REGISTRIES_TEST_TOKEN", "CARGO_REGISTRIES_OTHER_CREDENTIAL_PROVIDER"] {
        command.env(name, "secret");
    }
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "CARGO_HTTP_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let before = fixture.registry.calls().len();
    let shown = text_of(&command.output().unwrap(), true);
    assert!(shown.contains("base 0.1.0: in the index") && shown.contains("top 0.1.0: in the index"), "{shown}");
    let crate_of = |call| if let Call::Download(name, _) = call { Some(name) } else { None };
    let downloads = fixture.registry.calls().into_iter().skip(before).filter_map(crate_of);
    let mut downloads: Vec<String> = downloads.collect();
    downloads.sort();
    assert_eq!(downloads, ["base", "top"]);
}
