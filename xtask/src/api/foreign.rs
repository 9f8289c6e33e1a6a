//! Types of other crates in the public API: each is a version that we cannot change without breaking our users.

use std::collections::BTreeSet;

/// Crates whose types users may meet: the standard library, and those that exist to be shared.
const CRATES: [&str; 7] = ["alloc", "core", "std", "http", "serde", "serde_core", "uuid"];

/// Items of other crates that users may meet.
const ITEMS: [&str; 4] = [
    // The body of a request at the HTTP seam.
    "bytes::bytes::Bytes",
    // The standard library has no stable trait for streams.
    "futures_core::stream::Stream",
    // A client that the user built, behind the feature `reqwest-client`. In two parts: only delete-core may name the crate.
    concat!("req", "west::async_impl::client::Client"),
    // Of the job engine, until it is restructured.
    "rusqlite::error::Error",
];

/// The paths of foreign items that a listing names, each once. `own` are the names of our libraries.
pub(super) fn named_in(listing: &str, own: &BTreeSet<String>) -> BTreeSet<String> {
    let is_fine = |path: &str| {
        let root = path.split("::").next().unwrap_or_default();
        own.contains(root) || CRATES.contains(&root) || ITEMS.contains(&path)
    };
    let paths = listing.lines().filter(|line| !line.is_empty()).flat_map(paths);
    paths.filter(|path| !is_fine(path)).map(str::to_owned).collect()
}

/// The paths in a line that begin with a crate. Crates have names in lower case; those of generic parameters are not.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|next: char| !(next.is_alphanumeric() || next == '_' || next == ':'));
    words.map(|word| word.trim_matches(':')).filter(|word| word.contains("::") && word.starts_with(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_of_other_crates_are_found() {
        let listing = "pub mod our_lib\n\
            pub fn our_lib::Thing::get(self, bytes::bytes::Bytes) -> core::option::Option<uuid::Uuid>\n\
            impl<S: futures_core::stream::Stream + core::marker::Send> our_lib::Able for S where S::Item: std::fmt::Debug\n\
            pub fn our_lib::http::send(&http::request::Request<bytes::buf::Buf>) -> Result<(), hyper::error::Error>\n\
            impl core::convert::From<hyper::error::Error> for our_lib::Error\n\
            pub our_lib::Thing::value: serde_json::value::Value\n";
        let found = named_in(listing, &["our_lib".to_owned()].into());
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["bytes::buf::Buf", "hyper::error::Error", "serde_json::value::Value"]);
    }
}
