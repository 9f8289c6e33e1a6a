//! From rustdoc's description of a library to lines of text.

use std::collections::BTreeSet;
use std::path::Path;

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
    let api = public_api::Builder::from_rustdoc_json(rustdoc_json)
        .omit_blanket_impls(true)
        .build()
        .map_err(|error| format!("{}: {error}", rustdoc_json.display()))?;
    Ok(simplified(api.items().map(ToString::to_string)))
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

/// One line `impl Trait for Type` or `impl !Trait for Type`. Those with bounds are told in full.
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
