//! The settings of a vendor's client: its credential, and where it goes.

mod command;
mod source;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use delete_core::vendor_kit::ErrorExt;
use delete_core::{AccessToken, Error, TokenSource};
use zeroize::Zeroizing;

use conversation_delete_job::Status;

use crate::error::CommandError;
use crate::report::visible;
use crate::vendor::VendorName;
pub(crate) use source::Setting;
use source::Source;

/// The variable of a token of Corti, which a command can print.
pub(crate) const ACCESS_TOKEN: &str = "CORTI_ACCESS_TOKEN";
const CLIENT_SECRET: &str = "CORTI_CLIENT_SECRET";

/// The settings of one vendor. Clones share what was read.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) vendor: VendorName,
    /// A file or a command is read once, so that the fingerprint of a credential is that of the one that is sent.
    read: Rc<RefCell<BTreeMap<String, Zeroizing<String>>>>,
}

/// The settings of the targets of a job, in their order. Nothing is read yet.
///
/// # Errors
/// If a vendor is unknown.
pub(crate) fn of_job(status: &Status) -> Result<Vec<Settings>, CommandError> {
    let vendor =
        |name: &str| VendorName::of(name).ok_or_else(|| CommandError::usage(format!("no vendor is called {name}")));
    status.targets.iter().map(|target| vendor(&target.target.vendor).map(Settings::of_environment)).collect()
}

impl Settings {
    /// The settings in the environment. Nothing is read yet.
    pub(crate) fn of_environment(vendor: VendorName) -> Self {
        Self { vendor, read: Rc::default() }
    }

    /// Returns a setting by the name of its variable; `None` if it is not set.
    ///
    /// # Errors
    /// If it is set twice, or its value is empty or cannot be read. The message does not show the value.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(value) = self.read.borrow().get(name) {
            return Ok(Some(value.to_string()));
        }
        let Some(setting) = self.setting(name)? else { return Ok(None) };
        let value = setting.read()?;
        self.read.borrow_mut().insert(name.to_owned(), value.clone());
        Ok(Some(value.to_string()))
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
        Setting::of_environment(name)
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
        self.vendor.variables().to_owned()
    }

    /// The vendor, for people.
    pub(crate) fn name(&self) -> String {
        self.vendor.vendor().to_string()
    }

    /// Which part of the vendor the records are in, for the question.
    pub(crate) fn workspace(&self) -> Vec<(&'static str, String)> {
        let row = |name: &&'static str| {
            let value = self.get(name).ok().flatten();
            (*name, value.map_or_else(|| "(not set)".to_owned(), |value| visible(&value)))
        };
        self.vendor.workspace_variables().iter().map(row).collect()
    }
}
