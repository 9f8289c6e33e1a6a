//! Whether a release is verified that is as it should be, and no other.

use std::fs;
use std::process::Output;

use crate::support::{Fixture, commit_change, shell};
use xshell::cmd;
use xtask::release::registry::{Call, Reply, Spoil};

/// Published and tagged.
fn released() -> Fixture {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    tag(&fixture);
    fixture
}

fn tag(fixture: &Fixture) {
    let shell = shell(&fixture.root());
    cmd!(shell, "git tag --no-sign v0.1.0").quiet().run().unwrap();
}

fn verify(fixture: &Fixture) -> Output {
    fixture.command(&["verify", "--registry", "test"]).output().unwrap()
}

/// Each part is in the error.
#[track_caller]
fn assert_refused(fixture: &Fixture, parts: &[&str]) -> String {
    let output = verify(fixture);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    said
}

#[test]
fn a_release_that_is_as_it_should_be_is_used_from_the_registry() {
    let fixture = released();
    let before = fixture.registry.downloads().len();
    let output = verify(&fixture);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("base 0.1.0: in the index") && said.contains("top 0.1.0: in the index"), "{said}");
    assert!(said.contains("a program that depends on every library was built and run"), "{said}");
    let mut downloads = fixture.registry.downloads().split_off(before);
    downloads.sort();
    assert_eq!(downloads, ["base", "top"]);
}

#[test]
fn a_crate_that_is_missing_is_told_and_so_is_what_was_yanked() {
    let fixture = Fixture::new();
    fixture.registry.spoil(|call| match call {
        Call::Upload { name, .. } if name == "top" => Spoil::Reply(Reply::refusal(403, "not yours")),
        _ => Spoil::Nothing,
    });
    fixture.publish().unwrap_err();
    tag(&fixture);
    let said = assert_refused(&fixture, &["top 0.1.0 is not in the index"]);
    assert!(!said.contains("base"), "{said}");
    fixture.registry.yank("base");
    assert_refused(&fixture, &["base 0.1.0 is in the index, but yanked", "top 0.1.0 is not in the index"]);
}

#[test]
fn other_content_is_told_of_every_crate() {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    commit_change(&fixture.root(), "top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    tag(&fixture);
    let parts = ["base 0.1.0 is published with other content", "top 0.1.0 is published with other content"];
    assert_refused(&fixture, &parts);
}

#[test]
fn an_index_that_cannot_be_read_for_one_crate_does_not_hide_the_others() {
    let fixture = released();
    fixture.registry.yank("top");
    fixture.registry.spoil(|call| match call {
        Call::Index { name, .. } if name == "base" => Spoil::Reply(Reply::new(503, "down")),
        _ => Spoil::Nothing,
    });
    assert_refused(&fixture, &["base 0.1.0: the index cannot be read", "status 503", "top 0.1.0 is in the index, but"]);
}

#[test]
fn from_another_commit_nobody_is_told_to_yank() {
    let fixture = released();
    commit_change(&fixture.root(), "README.md", "More.\n");
    let said = assert_refused(&fixture, &["0.1.0 was released from ", "check out v0.1.0 first"]);
    assert!(!said.contains("yank"), "{said}");
}

#[test]
fn without_a_tag_the_release_is_not_finished() {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    assert_refused(&fixture, &["there is no tag v0.1.0 here, so the release is not finished"]);
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
fn users_get_neither_our_credentials_and_proxies_nor_the_configuration_around_them() {
    let fixture = Fixture::new();
    commit_change(&fixture.root(), "base/build.rs", CURIOUS);
    fixture.publish().unwrap();
    tag(&fixture);
    let home = fixture.root().with_file_name("home-of-a-user");
    fs::create_dir_all(home.join(".cargo")).unwrap();
    // Whoever asks this mirror or goes through this proxy gets no answer.
    let configuration = "[source.crates-io]\nreplace-with = \"mirror\"\n\n\
                         [source.mirror]\nregistry = \"sparse+http://127.0.0.1:9/\"\n\n\
                         [registries.test]\nindex = \"sparse+http://127.0.0.1:9/\"\n\n\
                         [http]\nproxy = \"http://127.0.0.1:9\"\n\n[net]\nretry = 0\n";
    fs::write(home.join(".cargo/config.toml"), configuration).unwrap();
    let mut command = fixture.command(&["verify", "--registry", "test"]);
    command.env("CARGO_TARGET_DIR", home.join("target")).env("CARGO_REGISTRIES_TEST_TOKEN", "secret");
    for name in ["CARGO_REGISTRY_TOKEN", "CARGO_REGISTRIES_OTHER_TOKEN", "CARGO_REGISTRIES_OTHER_CREDENTIAL_PROVIDER"] {
        command.env(name, "secret");
    }
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "CARGO_HTTP_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fixture.registry.downloads().contains(&"base".to_owned()));
}
