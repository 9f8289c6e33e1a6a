//! Named options: every behaviour that no vendor documents, with all its variants.

use std::fmt;

use serde::Serialize;

/// One option of a fake.
#[derive(Debug, Serialize)]
pub struct OptionSpec {
    /// Its name.
    pub name: &'static str,
    /// The values it takes.
    pub values: OptionValues,
    /// The value at the start and after a reset.
    pub default: &'static str,
    /// What it decides.
    pub about: &'static str,
}

/// The values an option takes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionValues {
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A whole number, not negative.
    Number,
}

impl OptionSpec {
    pub(crate) const fn choice(name: &'static str, values: &'static [&'static str], about: &'static str) -> Self {
        Self { name, values: OptionValues::OneOf(values), default: values[0], about }
    }

    pub(crate) const fn number(name: &'static str, default: &'static str, about: &'static str) -> Self {
        Self { name, values: OptionValues::Number, default, about }
    }

    fn check(&self, value: &str) -> Result<(), OptionError> {
        let expected = match self.values {
            OptionValues::OneOf(values) if values.contains(&value) => return Ok(()),
            OptionValues::Number if value.parse::<u64>().is_ok() => return Ok(()),
            OptionValues::OneOf(values) => values.join(", "),
            OptionValues::Number => "a whole number".to_owned(),
        };
        Err(OptionError(format!("option `{}` takes {expected}; got `{value}`", self.name)))
    }
}

/// Options that all fakes have.
pub(crate) const COMMON: &[OptionSpec] = &[
    OptionSpec::number("read_lag", "0", "how many reads by its own workspace still show a record after its deletion"),
    OptionSpec::number(
        "list_lag",
        "0",
        "how many list requests by its own workspace still show a record after its deletion",
    ),
    OptionSpec::choice("hidden_from", &["none", "get", "list"], "the read that never shows what is seeded from now on"),
    OptionSpec::number(
        "arrivals",
        "0",
        "how many list responses are each followed by the arrival of a new record, the newest",
    ),
    OptionSpec::number(
        "departures",
        "0",
        "how many list responses are each followed by a deletion of the last record of the page by another party",
    ),
    OptionSpec::choice(
        "ignore_filters",
        &["no", "yes"],
        "whether lists ignore every filter, a window in time included",
    ),
    OptionSpec::choice(
        "date_header",
        &["present", "missing", "ahead", "behind"],
        "the `Date` of responses: the computer's time, none, or an hour after or before it",
    ),
    OptionSpec::number(
        "rate_limit",
        "0",
        "how many requests a second are let in, as many at once at most; others get 429 with `Retry-After`; 0 for any number",
    ),
    OptionSpec::number(
        "request_log_bytes",
        "67108864",
        "how many bytes of the latest requests are kept; the oldest are dropped first",
    ),
];

/// The options of one fake with their present values.
pub(crate) struct Options {
    entries: Vec<Entry>,
}

struct Entry {
    spec: &'static OptionSpec,
    value: String,
    /// How often it was used since it was set, for options that act so many times.
    used: u64,
}

impl Options {
    pub(crate) fn new(vendor: crate::Vendor) -> Self {
        let entry = |spec: &'static OptionSpec| Entry { spec, value: spec.default.to_owned(), used: 0 };
        Self { entries: vendor.options().into_iter().map(entry).collect() }
    }

    /// Sets all of them, or none if one is wrong.
    pub(crate) fn set_all(&mut self, wanted: &[(String, String)]) -> Result<(), OptionError> {
        let mut indexes = Vec::new();
        for (name, value) in wanted {
            let index = self.index_of(name)?;
            self.entries[index].spec.check(value)?;
            indexes.push(index);
        }
        for (index, (_, value)) in indexes.into_iter().zip(wanted) {
            self.entries[index].value.clone_from(value);
            self.entries[index].used = 0;
        }
        Ok(())
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        self.set_all(&[(name.to_owned(), value.to_owned())])
    }

    fn index_of(&self, name: &str) -> Result<usize, OptionError> {
        self.entries.iter().position(|entry| entry.spec.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.entries.iter().map(|entry| entry.spec.name).collect();
            OptionError(format!("no option `{name}`; there are {}", names.join(", ")))
        })
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.entry(name).map_or("", |entry| &entry.value)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.spec.name == name)
    }

    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.get(name).parse().unwrap_or(0)
    }

    /// How often an option was used since it was set.
    pub(crate) fn used(&self, name: &str) -> u64 {
        self.entry(name).map_or(0, |entry| entry.used)
    }

    pub(crate) fn count_use(&mut self, name: &str) {
        for entry in self.entries.iter_mut().filter(|entry| entry.spec.name == name) {
            entry.used += 1;
        }
    }

    /// Uses an option that acts as often as its number says; `false` when it has done so.
    pub(crate) fn take_one(&mut self, name: &str) -> bool {
        let is_left = self.used(name) < self.number(name);
        if is_left {
            self.count_use(name);
        }
        is_left
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static OptionSpec, &str)> {
        self.entries.iter().map(|entry| (entry.spec, entry.value.as_str()))
    }
}

/// An option that does not exist, or does not take the value. The message names what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError(pub(crate) String);

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OptionError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vendor;

    #[test]
    fn an_unknown_name_or_value_is_refused_with_what_there_is() {
        let mut options = Options::new(Vendor::Tavus);
        let error = options.set("unknown_ids", "404").unwrap_err().to_string();
        assert!(error.contains("unknown_id,") && error.contains("read_lag"), "{error}");
        let error = options.set("unknown_id", "410").unwrap_err().to_string();
        assert!(error.contains("400, 404"), "{error}");
        assert!(options.set("read_lag", "-1").is_err());
        options.set("unknown_id", "404").unwrap();
        assert!(options.is("unknown_id", "404"));
    }

    #[test]
    fn every_default_is_a_value_that_the_option_takes() {
        for &vendor in Vendor::ALL {
            assert!(vendor.options().iter().all(|spec| spec.check(spec.default).is_ok()));
        }
    }
}
