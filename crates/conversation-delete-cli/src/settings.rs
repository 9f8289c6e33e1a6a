//! The settings of a vendor's client: its credential, and where it goes.

mod choice;
mod command;
pub(crate) mod config;
mod source;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use delete_core::vendor_kit::ErrorExt;
use delete_core::{AccessToken, Error, TokenSource};
use zeroize::Zeroizing;

use crate::report::visible;
use crate::vendor::VendorName;
pub(crate) use choice::{Choice, method_options, planned_profile, profile_option};
use config::Profile;
pub(crate) use source::{ACCESS_TOKEN, secret_variables};
use source::{CLIENT_SECRET, Setting, Source};

/// The settings of one vendor. Clones share what was read.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) vendor: VendorName,
    /// The profile that they are of; the environment without one.
    profile: Option<Arc<Profile>>,
    /// A file or a command is read once, so that the fingerprint of a credential is that of the one that is sent.
    read: Arc<Mutex<BTreeMap<String, Zeroizing<String>>>>,
}

/// Shows no setting.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Settings").field(&self.name()).finish()
    }
}

/// What to check if the settings of a vendor, or of this profile, lead to another place than meant.
pub(crate) fn to_check(vendor: VendorName, profile: Option<&str>) -> String {
    profile.map_or_else(|| vendor.variables().to_owned(), |profile| format!("the profile {}", visible(profile)))
}

impl Settings {
    /// The settings in the environment. Nothing is read yet.
    pub(crate) fn of_environment(vendor: VendorName) -> Self {
        Self { vendor, profile: None, read: Arc::default() }
    }

    /// The settings of a profile. Nothing is read yet.
    fn of_profile(profile: Arc<Profile>) -> Self {
        Self { vendor: profile.vendor, profile: Some(profile), read: Arc::default() }
    }

    /// The same settings, of which nothing is read yet.
    pub(crate) fn unread(&self) -> Self {
        Self { read: Arc::default(), ..self.clone() }
    }

    /// Returns a setting by the name of its variable; `None` if it is not set.
    ///
    /// # Errors
    /// If it is set twice, or its value is empty or cannot be read. The message does not show the value.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(value) = self.read().get(name) {
            return Ok(Some(value.to_string()));
        }
        let Some(setting) = self.setting(name)? else { return Ok(None) };
        let value = setting.read()?;
        self.read().insert(name.to_owned(), value.clone());
        Ok(Some(value.to_string()))
    }

    fn read(&self) -> MutexGuard<'_, BTreeMap<String, Zeroizing<String>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a setting that must be set.
    ///
    /// # Errors
    /// As for [`get`](Self::get), and if it is not set.
    pub(crate) fn required(&self, name: &str) -> Result<String, Error> {
        self.get(name)?.ok_or_else(|| Error::configuration(format!("the variable {name} is not set")))
    }

    /// Returns what is made of a setting; `None` if it is not set.
    ///
    /// # Errors
    /// As for [`get`](Self::get), and if its value cannot be used.
    pub(crate) fn parse<T: std::str::FromStr<Err = Error>>(&self, name: &str) -> Result<Option<T>, Error> {
        self.get(name)?.map(|value| value.parse()).transpose().context(name)
    }

    /// Whether a setting is set, without reading a file or running a command.
    ///
    /// # Errors
    /// If it is set twice.
    pub(crate) fn has(&self, name: &str) -> Result<bool, Error> {
        Ok(self.setting(name)?.is_some())
    }

    /// Where a setting comes from.
    fn setting(&self, name: &str) -> Result<Option<Setting>, Error> {
        match &self.profile {
            Some(profile) => Ok(profile.settings.get(name).cloned()),
            None => Setting::of_environment(name),
        }
    }

    /// Returns the command that prints Corti's access tokens, with the first token, which it has printed.
    ///
    /// # Errors
    /// If the command fails, or a client secret is set too.
    pub(crate) fn token_source(&self) -> Result<Option<TokenSource>, Error> {
        let Some(Setting { name, source: Source::Command(line) }) = self.setting(ACCESS_TOKEN)? else {
            return Ok(None);
        };
        if let Some(secret) = self.setting(CLIENT_SECRET)? {
            let message = format!("{} and {name} are both set; unset one of them", secret.name);
            return Err(Error::configuration(message).for_vendor(self.vendor.vendor()));
        }
        let first = self.required(ACCESS_TOKEN).for_vendor(self.vendor.vendor())?;
        AccessToken::new(first.as_str()).context(&name).for_vendor(self.vendor.vendor())?;
        Ok(Some(command::token_source(name, line, first)))
    }

    /// What makes up the credential.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub(crate) fn secrets(&self) -> Result<Vec<String>, Error> {
        Ok(match self.vendor {
            VendorName::Corti => match self.get(ACCESS_TOKEN)? {
                Some(token) => self.token_secrets(token)?,
                None => vec![self.required("CORTI_CLIENT_ID")?, self.required(CLIENT_SECRET)?],
            },
            VendorName::Fini => vec![self.required("FINI_API_KEY")?],
            VendorName::Elevenlabs => vec![self.required("ELEVENLABS_API_KEY")?],
            VendorName::Tavus => vec![self.required("TAVUS_API_KEY")?],
        })
    }

    /// Tokens live for minutes, and jobs for longer: the next token of the same client, or else of the same command, is the
    /// same credential.
    fn token_secrets(&self, token: String) -> Result<Vec<String>, Error> {
        if let Some((issuer, client)) = corti_delete::token_client(&token) {
            return Ok(vec![issuer, client]);
        }
        Ok(match self.setting(ACCESS_TOKEN)? {
            Some(Setting { source: Source::Command(line), .. }) => vec!["command".to_owned(), line],
            _ => vec![token],
        })
    }

    /// What to check if the settings lead to another place than meant.
    pub(crate) fn to_check(&self) -> String {
        to_check(self.vendor, self.profile())
    }

    /// The vendor, and the profile if there is one, for people.
    pub(crate) fn name(&self) -> String {
        let vendor = self.vendor.vendor();
        self.profile().map_or_else(|| vendor.to_string(), |profile| format!("{vendor} ({profile})"))
    }

    /// The name of the profile.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| &*profile.name)
    }

    /// Where the credential comes from, without the credential: of a command, the program alone.
    pub(crate) fn credential_source(&self) -> Result<String, Error> {
        for name in [ACCESS_TOKEN, CLIENT_SECRET, "FINI_API_KEY", "ELEVENLABS_API_KEY", "TAVUS_API_KEY"] {
            if let Some(setting) = self.setting(name)? {
                return Ok(setting.source.describe());
            }
        }
        Err(Error::configuration("there is no credential"))
    }
}
