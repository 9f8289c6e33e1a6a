//! A page as a browser reads it.

#![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

use std::collections::BTreeSet;

use html5ever::parse_document;
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

pub(crate) struct Page(RcDom);

impl Page {
    pub(crate) fn parse(html: &str) -> Self {
        Self(parse_document(RcDom::default(), Default::default()).one(html))
    }

    /// Where the page breaks the rules of HTML.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.0.errors.borrow().iter().map(ToString::to_string).collect()
    }

    pub(crate) fn count(&self, element: &str) -> usize {
        self.elements().iter().filter(|node| name(node) == element).count()
    }

    /// The values of an attribute of all elements of a name.
    pub(crate) fn attributes(&self, element: &str, attribute: &str) -> Vec<String> {
        let elements = self.elements();
        elements.iter().filter(|node| name(node) == element).filter_map(|node| value(node, attribute)).collect()
    }

    pub(crate) fn all_attributes(&self) -> Vec<(String, String)> {
        self.elements().iter().flat_map(attributes).collect()
    }

    /// The text of each element of a name, and of a class unless that is empty.
    pub(crate) fn texts(&self, element: &str, class: &str) -> Vec<String> {
        let has_class = |node: &Handle| {
            class.is_empty() || value(node, "class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
        };
        self.elements().iter().filter(|node| name(node) == element && has_class(node)).map(text).collect()
    }

    /// The text that a reader sees.
    pub(crate) fn text(&self) -> String {
        self.texts("body", "").concat()
    }

    /// The other cells of each row with this head.
    pub(crate) fn rows_of(&self, head: &str) -> Vec<Vec<String>> {
        let rows = self.elements().into_iter().filter(|node| name(node) == "tr");
        let cells = rows.map(|row| row.children.borrow().iter().map(text).collect::<Vec<_>>());
        cells.filter(|cells| cells[0] == head).map(|cells| cells[1..].to_vec()).collect()
    }

    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.elements().iter().any(|node| value(node, "id").as_deref() == Some(id))
    }

    pub(crate) fn ids_that_occur_twice(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let ids = self.elements().iter().filter_map(|node| value(node, "id")).collect::<Vec<_>>();
        ids.into_iter().filter(|id| !seen.insert(id.clone())).collect()
    }

    /// The names of all elements and attributes, in order.
    pub(crate) fn structure(&self) -> Vec<String> {
        let of = |node: &Handle| {
            let names = attributes(node).into_iter().map(|(name, _)| name);
            [name(node)].into_iter().chain(names).collect::<Vec<_>>().join(" ")
        };
        self.elements().iter().map(of).collect()
    }

    fn elements(&self) -> Vec<Handle> {
        let (mut elements, mut next) = (Vec::new(), vec![self.0.document.clone()]);
        while let Some(node) = next.pop() {
            next.extend(node.children.borrow().iter().rev().cloned());
            if matches!(node.data, NodeData::Element { .. }) {
                elements.push(node);
            }
        }
        elements
    }
}

fn name(node: &Handle) -> String {
    match &node.data {
        NodeData::Element { name, .. } => name.local.to_string(),
        _ => String::new(),
    }
}

fn attributes(node: &Handle) -> Vec<(String, String)> {
    match &node.data {
        NodeData::Element { attrs, .. } => {
            attrs.borrow().iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string())).collect()
        }
        _ => Vec::new(),
    }
}

fn value(node: &Handle, attribute: &str) -> Option<String> {
    attributes(node).into_iter().find(|(name, _)| name == attribute).map(|(_, value)| value)
}

fn text(node: &Handle) -> String {
    match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => node.children.borrow().iter().map(text).collect(),
    }
}

/// A character as the page shows it: what cannot be seen is escaped.
pub(crate) fn visible(character: char) -> String {
    match character.is_control() || matches!(character, '\u{202e}' | '\u{2066}') {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    }
}

/// A number in the groups of English.
pub(crate) fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
    }
}

/// A colour that a style sheet defines as `--name: #rrggbb`.
pub(crate) fn colour(style: &str, name: &str) -> [f64; 3] {
    let (_, rest) = style.split_once(&format!("--{name}: #")).unwrap();
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&rest[at..at + 2], 16).unwrap()) / 255.0)
}

/// The contrast ratio of WCAG 2.
pub(crate) fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let linear = |part: f64| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
    let luminance =
        |[red, green, blue]: [f64; 3]| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}
