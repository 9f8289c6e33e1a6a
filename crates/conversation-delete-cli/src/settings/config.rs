//! The configuration file: named profiles, and no secret.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use delete_core::BaseUrl;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::source::{ACCESS_TOKEN, CLIENT_SECRET, Setting, Source};
use super::value::{as_text, read_file, shown};
use crate::report::visible;
use crate::vendor::VendorName;

/// The profiles of a configuration file.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    pub(crate) profiles: Vec<Arc<Profile>>,
}

/// The settings of one target.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) vendor: VendorName,
    /// By the names of the variables that they replace.
    pub(super) settings: BTreeMap<&'static str, Setting>,
}

/// The file in the configuration folder; `None` if no variable says where that is.
fn default_path() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
    folder.map(|folder| folder.join("conversation-delete/config.toml"))
}

impl Config {
    /// Reads `chosen`, or the file in the configuration folder.
    ///
    /// # Errors
    /// If it cannot be read, or something in it cannot be used. The message shows no value.
    pub(crate) fn read(chosen: Option<&Path>) -> Result<Self, String> {
        let unnamed = || "profiles need a configuration file, and neither --config nor HOME is set".to_owned();
        let path = chosen.map(Path::to_owned).or_else(default_path).ok_or_else(unnamed)?;
        let refuse = |reason: String| format!("the configuration {}: {reason}", shown(&path));
        let unreadable = |error| refuse(format!("it cannot be read: {error}"));
        #[cfg(unix)]
        if std::os::unix::fs::MetadataExt::mode(&fs::metadata(&path).map_err(unreadable)?) & 0o022 != 0 {
            return Err(refuse("others can write to it, and it names commands to run (chmod go-w)".to_owned()));
        }
        let bytes = read_file(&path).map_err(unreadable)?;
        let profiles = as_text(&bytes, "it").and_then(parse).map_err(refuse)?;
        Ok(Self { path, profiles })
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn get(&self, name: &str) -> Result<&Arc<Profile>, String> {
        let unknown = || format!("there is no profile `{}` in {}", visible(name), shown(&self.path));
        self.profiles.iter().find(|profile| profile.name == name).ok_or_else(unknown)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    profiles: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    vendor: Plain,
    environment: Option<Plain>,
    tenant: Option<Plain>,
    residency: Option<Plain>,
    base_url: Option<Plain>,
    auth_url: Option<Plain>,
    client_id: Option<Plain>,
    api_key: Option<Secret>,
    client_secret: Option<Secret>,
    access_token: Option<Secret>,
}

/// A text that is not a secret. A value of another kind is not repeated in the message.
struct Plain(String);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) if !text.is_empty() => Ok(Self(text)),
            _ => Err(D::Error::custom("a text in quotes is needed here")),
        }
    }
}

/// Where a secret comes from.
struct Secret(Source);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refusal = "a secret is not kept in this file: name where it comes from by { env = \"…\" }, { file = \"…\" } or \
                       { command = \"…\" }";
        let refuse = || D::Error::custom(refusal);
        let toml::Value::Table(table) = toml::Value::deserialize(deserializer)? else { return Err(refuse()) };
        let mut entries = table.into_iter();
        let (Some((kind, toml::Value::String(text))), None) = (entries.next(), entries.next()) else {
            return Err(refuse());
        };
        let is_variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        match &*kind {
            // A key in place of the name would be repeated by messages.
            "env" if text.is_empty() || !text.chars().all(is_variable) => {
                Err(D::Error::custom("`env` is the name of a variable: upper-case letters, digits and _"))
            }
            "env" => Ok(Self(Source::Variable(text))),
            "file" => Ok(Self(Source::File(text.into()))),
            "command" => Ok(Self(Source::Command(text))),
            _ => Err(refuse()),
        }
    }
}

/// Reads the profiles. A message has the number of a line, and not what is on it.
fn parse(text: &str) -> Result<Vec<Arc<Profile>>, String> {
    let document: Document = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
        format!("line {line}: {}", visible(&without_odd_field(error.message())))
    })?;
    document.profiles.into_iter().map(|(name, table)| Profile::new(name, table).map(Arc::new)).collect()
}

/// The name of an unknown field helps only if it looks like one; it may be a secret on a line of its own.
fn without_odd_field(message: &str) -> Cow<'_, str> {
    let name = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    match name {
        Some(name) if name.len() > 20 || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') => {
            "unknown field".into()
        }
        _ => message.into(),
    }
}

impl Profile {
    fn new(name: String, table: Table) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err("the name of a profile has letters, digits and - _ . only".to_owned());
        }
        let profile = Self::of_table(&name, table).map_err(|reason| format!("the profile {name}: {reason}"))?;
        profile.check().map(|()| profile).map_err(|reason| format!("the profile {name}: {reason}"))
    }

    fn of_table(name: &str, table: Table) -> Result<Self, String> {
        let vendor = VendorName::of(&table.vendor.0).ok_or("`vendor` is corti, fini, elevenlabs or tavus")?;
        let plain = |text: Option<Plain>| text.map(|text| Source::Text(text.0));
        let secret = |secret: Option<Secret>| secret.map(|secret| secret.0);
        let given = [
            ("environment", plain(table.environment)),
            ("tenant", plain(table.tenant)),
            ("residency", plain(table.residency)),
            ("base_url", plain(table.base_url)),
            ("auth_url", plain(table.auth_url)),
            ("client_id", plain(table.client_id)),
            ("api_key", secret(table.api_key)),
            ("client_secret", secret(table.client_secret)),
            ("access_token", secret(table.access_token)),
        ];
        let mut settings = BTreeMap::new();
        for (field, source) in given.into_iter().filter_map(|(field, source)| Some((field, source?))) {
            let vendor = vendor.vendor().as_str();
            let variable = variable(vendor, field).ok_or_else(|| format!("`{field}` is not a setting of {vendor}"))?;
            settings.insert(variable, Setting { name: format!("`{field}` of the profile {name}"), source });
        }
        Ok(Self { name: name.to_owned(), vendor, settings })
    }

    /// What is missing or wrong, as far as it can be known without reading a secret.
    fn check(&self) -> Result<(), String> {
        let has = |variable: &str| self.settings.contains_key(variable);
        let need = |is_met: bool, what: &str| if is_met { Ok(()) } else { Err(what.to_owned()) };
        match self.vendor {
            VendorName::Corti => {
                need(has("CORTI_TENANT_NAME"), "`tenant` is missing")?;
                need(has(CLIENT_SECRET) != has(ACCESS_TOKEN), "it needs either `client_secret` or `access_token`")?;
                need(has("CORTI_CLIENT_ID") == has(CLIENT_SECRET), "`client_id` and `client_secret` belong together")?;
                let has_urls = has("CORTI_BASE_URL") && (has("CORTI_AUTH_URL") || has(ACCESS_TOKEN));
                need(has("CORTI_ENVIRONMENT") || has_urls, "`environment` is missing")?;
            }
            vendor => need(variable(vendor.vendor().as_str(), "api_key").is_some_and(has), "`api_key` is missing")?,
        }
        self.settings.iter().try_for_each(|(variable, setting)| match &setting.source {
            Source::Text(text) => check_text(variable, text).map_err(|error| format!("{}: {error}", setting.name)),
            _ => Ok(()),
        })
    }
}

fn check_text(variable: &str, text: &str) -> Result<(), delete_core::Error> {
    match variable {
        "CORTI_ENVIRONMENT" => text.parse::<corti_delete::Environment>().map(drop),
        "ELEVENLABS_RESIDENCY" => text.parse::<elevenlabs_delete::Residency>().map(drop),
        _ if variable.ends_with("_URL") => BaseUrl::parse(text).map(drop),
        _ => Ok(()),
    }
}

/// The variable that a field of a profile replaces.
fn variable(vendor: &str, field: &str) -> Option<&'static str> {
    Some(match (vendor, field) {
        ("corti", "environment") => "CORTI_ENVIRONMENT",
        ("corti", "tenant") => "CORTI_TENANT_NAME",
        ("corti", "client_id") => "CORTI_CLIENT_ID",
        ("corti", "client_secret") => CLIENT_SECRET,
        ("corti", "access_token") => ACCESS_TOKEN,
        ("corti", "base_url") => "CORTI_BASE_URL",
        ("corti", "auth_url") => "CORTI_AUTH_URL",
        ("fini", "api_key") => "FINI_API_KEY",
        ("fini", "base_url") => "FINI_BASE_URL",
        ("elevenlabs", "api_key") => "ELEVENLABS_API_KEY",
        ("elevenlabs", "residency") => "ELEVENLABS_RESIDENCY",
        ("elevenlabs", "base_url") => "ELEVENLABS_BASE_URL",
        ("tavus", "api_key") => "TAVUS_API_KEY",
        ("tavus", "base_url") => "TAVUS_BASE_URL",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
