//! Tables, readable on a narrow screen: there each row becomes a block that names its cells.

use std::borrow::Cow;

use maud::{Markup, html};

/// A column: its head, and whether it holds numbers.
pub(super) struct Column(pub(super) Cow<'static, str>, pub(super) Kind);

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    /// Sentences, which take most of the width.
    Sentence,
}

impl Kind {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Number => Some("number"),
            Self::Sentence => Some("sentence"),
        }
    }
}

/// Columns with fixed heads.
pub(super) fn columns<const N: usize>(columns: [(&'static str, Kind); N]) -> [Column; N] {
    columns.map(|(head, kind)| Column(Cow::Borrowed(head), kind))
}

/// The first cell of each row is its head. Roles are given because a table that is displayed as blocks loses its own.
pub(super) fn table(caption: &str, columns: &[Column], rows: impl IntoIterator<Item = Vec<Markup>>) -> Markup {
    html! {
        table role="table" {
            caption { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    @for Column(head, kind) in columns {
                        th scope="col" role="columnheader" class=[kind.class()] { (head) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" { @for (index, (content, column)) in row.into_iter().zip(columns).enumerate() {
                            (cell(index, content, column))
                        } }
                }
            }
        }
    }
}

fn cell(index: usize, content: Markup, Column(head, kind): &Column) -> Markup {
    html! {
        @if index == 0 {
            th scope="row" role="rowheader" class=[kind.class()] data-label=(head) { (content) }
        } @else {
            td role="cell" class=[kind.class()] data-label=(head) { (content) }
        }
    }
}

/// A table of names and values.
pub(super) fn fields(
    caption: &str,
    [field, value]: [&'static str; 2],
    rows: impl IntoIterator<Item = (&'static str, Markup)>,
) -> Markup {
    html! {
        table.fields {
            caption { (caption) }
            thead.unseen { tr { th scope="col" { (field) } th scope="col" { (value) } } }
            tbody {
                @for (name, value) in rows {
                    tr { th scope="row" { (name) } td { (value) } }
                }
            }
        }
    }
}
