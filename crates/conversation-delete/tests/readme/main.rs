//! The example of the READMEs does what they say, and the addresses in the crates' READMEs lead to this repository.
#![allow(clippy::unwrap_used, reason = "a failed `unwrap` is a failed test")]

#[allow(unreachable_pub)] // Word for word as the READMEs show it.
mod example;

use std::fs;
use std::path::{Path, PathBuf};

use conversation_delete::http;
use conversation_delete::testing::response;
use conversation_delete::{ApiKey, Error, tavus};

const EXAMPLE: &str = include_str!("example.rs");

#[test]
fn both_readmes_contain_the_example() {
    assert!(include_str!("../../README.md").contains(EXAMPLE));
    assert!(include_str!("../../../../README.md").contains(EXAMPLE));
}

#[tokio::test]
async fn the_example_deletes_and_prints_what_is_unknown() -> Result<(), Error> {
    let transport = http::from_fn(|request| async move {
        Ok(response(if request.uri().to_string().ends_with("/c123456?hard=true") { 204 } else { 501 }, ""))
    });
    let client = tavus::Client::builder(ApiKey::new("key")?).transport(transport).build()?;
    assert!(example::erase(&client, "../pals/p1").await.is_err());
    assert!(example::erase(&client, "c123457").await.is_ok(), "501 is unknown");
    example::erase(&client, "c123456").await
}

/// The READMEs are pages of the registry and of docs.rs too, where a relative link would lead nowhere.
#[test]
fn addresses_in_the_crates_readmes_lead_to_files_of_this_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let repository = manifest.split("\nrepository = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let mut count = 0;
    for page in readmes(&root) {
        let text = fs::read_to_string(&page).unwrap();
        for address in addresses(&text) {
            let path = address.strip_prefix(repository).and_then(|rest| rest.strip_prefix("/blob/main/"));
            let is_file = path.is_some_and(|path| root.join(path).is_file());
            assert!(is_file, "{}: {address} is not a file below {repository}/blob/main/", page.display());
            count += 1;
        }
    }
    assert!(count > 5, "{count}");
}

fn readmes(root: &Path) -> impl Iterator<Item = PathBuf> {
    let folders = fs::read_dir(root.join("crates")).unwrap();
    folders.map(|folder| folder.unwrap().path().join("README.md")).filter(|page| page.is_file())
}

/// The addresses of this repository, up to the end of a link or its anchor.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let links = text.match_indices("https://github.com/").map(|(at, _)| &text[at..]);
    let links = links.filter_map(|rest| rest.split(|c: char| c.is_whitespace() || ")#>".contains(c)).next());
    links.filter(|link| link.contains("/conversation-delete/"))
}
