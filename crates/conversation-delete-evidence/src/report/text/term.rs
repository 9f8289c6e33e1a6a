//! The parts of a table of texts.

/// The forms of a text that counts something, as the plural rules of CLDR choose them.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Plural {
    /// For one; in French also for zero.
    pub(in crate::report) one: &'static str,
    /// For all other numbers.
    pub(in crate::report) other: &'static str,
    /// For whole millions, which take a preposition in French and Spanish.
    pub(in crate::report) millions: &'static str,
}

impl Plural {
    pub(super) const fn new(one: &'static str, other: &'static str) -> Self {
        Self { one, other, millions: other }
    }

    pub(super) const fn with_millions(one: &'static str, other: &'static str, millions: &'static str) -> Self {
        Self { one, other, millions }
    }
}

/// A word of the report and what it means.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Term {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) meaning: &'static str,
}

pub(super) const fn term(name: &'static str, meaning: &'static str) -> Term {
    Term { name, meaning }
}

/// Visits the texts of a field, so that a test can compare the languages.
#[cfg(test)]
pub(super) trait Visit {
    fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str));
}

macro_rules! texts {
    ($(#[$about:meta])* $table:ident { $($(#[$doc:meta])* $name:ident: $kind:ty,)* }) => {
        $(#[$about])*
        pub(in crate::report) struct $table {
            $($(#[$doc])* pub(in crate::report) $name: $kind,)*
        }

        #[cfg(test)]
        impl $table {
            pub(in crate::report) fn visit(&self, visitor: &mut dyn FnMut(String, &'static str)) {
                $(crate::report::text::term::Visit::visit(&self.$name, stringify!($name), visitor);)*
            }
        }
    };
}

pub(super) use texts;

#[cfg(test)]
mod visit {
    use super::{Plural, Term, Visit};

    impl Visit for &'static str {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            visitor(name.to_owned(), self);
        }
    }

    impl Visit for Plural {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            for (form, text) in [("one", self.one), ("other", self.other), ("millions", self.millions)] {
                visitor(format!("{name}.{form}"), text);
            }
        }
    }

    impl Visit for Term {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            visitor(format!("{name}.name"), self.name);
            visitor(format!("{name}.meaning"), self.meaning);
        }
    }

    impl<T: Visit, const N: usize> Visit for [T; N] {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            for (index, item) in self.iter().enumerate() {
                item.visit(&format!("{name}[{index}]"), visitor);
            }
        }
    }
}
