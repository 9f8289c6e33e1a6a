//! What the suite found out and later requests need.

use std::collections::BTreeMap;

use form_urlencoded::byte_serialize;

/// Named values, such as the id of a listed record. They are never reported.
#[derive(Clone, Default)]
pub(crate) struct Values(BTreeMap<&'static str, String>);

impl Values {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.insert(name, value.into());
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Sets the value if there is one.
    pub(crate) fn learn(&mut self, name: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.set(name, value.to_string());
        }
    }

    /// Replaces the names in braces by their values, percent-encoded.
    ///
    /// # Errors
    /// The first name that has no value.
    pub(crate) fn expand(&self, template: &str) -> Result<String, String> {
        let mut parts = template.split('{');
        let mut expanded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            let value = self.get(name).ok_or_else(|| name.to_owned())?;
            expanded.extend(byte_serialize(value.as_bytes()));
            expanded.push_str(rest);
        }
        Ok(expanded)
    }
}
