//! What a manifest says, in whichever of its forms.

use toml_edit::{Item, Table, TableLike};

/// An entry in one of the tables of dependencies.
#[derive(Clone, Copy)]
pub(crate) struct Dependency<'a> {
    pub(crate) key: &'a str,
    pub(crate) item: &'a Item,
    pub(crate) is_for_tests: bool,
}

impl<'a> Dependency<'a> {
    /// The name of the package, which a rename hides behind `package`.
    pub(crate) fn name(&self) -> &'a str {
        self.text("package").unwrap_or(self.key)
    }

    /// What it says under a key, such as its version.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.item.get(key)?.as_str()
    }
}

/// What all members can inherit from the manifest of the root.
pub(crate) fn shared<'a>(manifest: &'a Table, key: &str) -> Option<&'a Item> {
    manifest.get("workspace")?.get("package")?.get(key)
}

/// The dependencies that all members can inherit from the manifest of the root.
pub(crate) fn shared_dependencies(manifest: &Table) -> impl Iterator<Item = Dependency<'_>> {
    let table = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    each(table).map(|(key, item)| Dependency { key, item, is_for_tests: false })
}

/// The dependencies of a member, also those for some targets alone.
pub(crate) fn dependencies(manifest: &Table) -> impl Iterator<Item = Dependency<'_>> {
    let targets = each(manifest.get("target")).filter_map(|(_, target)| target.as_table_like());
    let places = std::iter::once(manifest as &dyn TableLike).chain(targets);
    let kinds = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
    let tables = places.flat_map(move |place| kinds.map(|(key, is_for_tests)| (place.get(key), is_for_tests)));
    tables.flat_map(|(table, is_for_tests)| each(table).map(move |(key, item)| Dependency { key, item, is_for_tests }))
}

pub(crate) fn is_inherited(item: &Item) -> bool {
    item.get("workspace").and_then(Item::as_bool) == Some(true)
}

fn each(table: Option<&Item>) -> impl Iterator<Item = (&str, &Item)> {
    table.and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn every_table_of_dependencies_is_read() {
        let manifest = "[dependencies]\na = \"1\"\nb = { package = \"c\", path = \"c\" }\nd.workspace = true\n\n\
                        [dev-dependencies.e]\nversion = \"1\"\n\n[target.'cfg(unix)'.build-dependencies]\nf = \"1\"\n\n\
                        [target.x.dev-dependencies]\ng = \"1\"\n";
        let manifest: DocumentMut = manifest.parse().unwrap();
        let found: Vec<_> = dependencies(&manifest).map(|it| (it.key, it.name(), it.is_for_tests)).collect();
        let expected = [("a", "a", false), ("b", "c", false), ("d", "d", false), ("e", "e", true)];
        assert_eq!(found, [&expected[..], &[("f", "f", false), ("g", "g", true)]].concat());
    }
}
