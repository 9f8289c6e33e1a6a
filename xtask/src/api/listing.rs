//! From rustdoc's description of a library to lines of text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use public_api::PublicItem;
use serde_json::Value;

use crate::Result;

/// The auto traits that callers can name, in the order in which a line has them.
const AUTO_TRAITS: [(&str, &str); 5] = [
    ("Send", "core::marker::Send"),
    ("Sync", "core::marker::Sync"),
    ("Unpin", "core::marker::Unpin"),
    ("RefUnwindSafe", "core::panic::unwind_safe::RefUnwindSafe"),
    ("UnwindSafe", "core::panic::unwind_safe::UnwindSafe"),
];

/// Traits that no stable code can name. Which there are changes with the compiler.
const UNNAMEABLE: [&str; 3] =
    ["core::marker::Freeze", "core::marker::UnsafeUnpin", "core::marker::StructuralPartialEq"];

/// The public API that this description has, one item a line.
pub(super) fn of(rustdoc_json: &Path) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", rustdoc_json.display());
    let api = public_api::Builder::from_rustdoc_json(rustdoc_json).omit_blanket_impls(true).build();
    let api = api.map_err(|error| failed(&error))?;
    let described: Value = serde_json::from_str(&fs::read_to_string(rustdoc_json)?).map_err(|error| failed(&error))?;
    Ok(simplified(api.items().map(|item| format!("{item}{}", more(&described["index"], item)))))
}

/// What callers depend on, but the crate `public-api` does not tell: that a struct has private fields, so none can write
/// it as a literal, and that a method of a trait has a default, so none must write it.
fn more(index: &Value, item: &PublicItem) -> &'static str {
    let inner = |id: u32| &index[id.to_string()]["inner"];
    let own = inner(item.id().0);
    let is_of_trait = item.parent_id().is_some_and(|parent| inner(parent.0)["trait"].is_object());
    let has_private_fields = own["struct"]["kind"]["plain"]["has_stripped_fields"] == true;
    let has_default = is_of_trait && own["function"]["has_body"] == true;
    if has_private_fields || has_default { " { .. }" } else { "" }
}

/// Auto traits in one line a type: what is lost is missing there.
fn simplified(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.filter(|item| !UNNAMEABLE.iter().any(|name| implements(item, name))).collect();
    let automatic: BTreeSet<Automatic> = items.iter().filter_map(|item| Automatic::of(item)).collect();
    let mut text = String::new();
    let mut told = BTreeSet::new();
    for item in &items {
        match Automatic::of(item) {
            None => text.push_str(&format!("{item}\n")),
            Some(Automatic { of_type, .. }) if told.insert(of_type) => text.push_str(&one_line(&automatic, of_type)),
            Some(_) => (),
        }
    }
    text
}

/// With or without bounds.
fn implements(item: &str, name: &str) -> bool {
    item.starts_with("impl") && item.split_once(" for ").is_some_and(|(before, _)| before.ends_with(name))
}

/// One line `impl Trait for Type` or `impl !Trait for Type`. Those with bounds keep their own line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Automatic<'a> {
    of_type: &'a str,
    name: &'a str,
    has_it: bool,
}

impl<'a> Automatic<'a> {
    fn of(item: &'a str) -> Option<Self> {
        let (name, of_type) = item.strip_prefix("impl ")?.split_once(" for ")?;
        let (name, has_it) = name.strip_prefix('!').map_or((name, true), |name| (name, false));
        let (name, _) = AUTO_TRAITS.iter().find(|(_, path)| *path == name)?;
        Some(Self { of_type, name, has_it })
    }
}

fn one_line(automatic: &BTreeSet<Automatic>, of_type: &str) -> String {
    let has = |name: &str| automatic.contains(&Automatic { of_type, name, has_it: true });
    let names: Vec<&str> = AUTO_TRAITS.iter().map(|(name, _)| *name).filter(|name| has(name)).collect();
    match names.len() {
        0 => format!("impl no auto trait for {of_type}\n"),
        _ => format!("impl {} for {of_type}\n", names.join(" + ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simplified_lines(items: &[&str]) -> Vec<String> {
        simplified(items.iter().map(ToString::to_string)).lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_type_has_one_line_of_auto_traits() {
        let items = [
            "pub struct a::B",
            "impl core::clone::Clone for a::B",
            "impl core::marker::Freeze for a::B",
            "impl !core::marker::Sync for a::B",
            "impl core::marker::Send for a::B",
            "impl core::marker::Unpin for a::B",
            "impl !core::marker::Send for a::C",
        ];
        let lines = [
            "pub struct a::B",
            "impl core::clone::Clone for a::B",
            "impl Send + Unpin for a::B",
            "impl no auto trait for a::C",
        ];
        assert_eq!(simplified_lines(&items), lines);
    }

    #[test]
    fn bounds_of_auto_traits_are_told() {
        let bounded = "impl<T> core::marker::Send for a::B<T> where T: core::marker::Send";
        let internal = "impl<T> core::marker::Freeze for a::B<T> where T: core::marker::Freeze";
        assert_eq!(simplified_lines(&[bounded, internal]), [bounded]);
    }
}
