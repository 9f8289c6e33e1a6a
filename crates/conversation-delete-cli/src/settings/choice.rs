//! Which settings a command uses: those of the environment, or of profiles.

use std::path::Path;
use std::sync::Arc;

use conversation_delete_job::{Status, Target};

use super::Settings;
use super::config::{Config, Profile};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::report::visible;
use crate::vendor::VendorName;

/// What the options of a job's target say before the name of its profile.
const OPTION: &str = "profile=";

/// The profiles that a command names, if any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) names: &'a [String],
    /// The configuration file, if it is not the usual one.
    pub(crate) config: Option<&'a Path>,
}

impl Choice<'_> {
    /// The settings of one vendor.
    ///
    /// # Errors
    /// If there are several profiles, or as for [`all`](Self::all).
    pub(crate) fn one(&self, vendor: VendorName) -> Result<Settings, CommandError> {
        match self.names {
            [] => Ok(Settings::of_environment(vendor)),
            [_] => Ok(self.all(&[vendor])?.swap_remove(0)),
            _ => Err(CommandError::usage("one profile at a time: only `plan` and `check` take several")),
        }
    }

    /// The settings of these vendors, or of the profiles in the order in which they are named. Profiles of any vendor are
    /// taken if `vendors` is empty.
    ///
    /// # Errors
    /// If a profile is unknown or of another vendor, or a vendor has none.
    pub(crate) fn all(&self, vendors: &[VendorName]) -> Result<Vec<Settings>, CommandError> {
        let profiles = self.named()?;
        if profiles.is_empty() {
            return Ok(vendors.iter().copied().map(Settings::of_environment).collect());
        }
        if let Some(other) = profiles.iter().find(|profile| !vendors.is_empty() && !vendors.contains(&profile.vendor)) {
            let (name, vendor) = (&other.name, other.vendor.vendor().as_str());
            return Err(CommandError::usage(format!(
                "the profile {name} is of {vendor}, which is not the vendor here"
            )));
        }
        let is_left = |vendor: &&VendorName| !profiles.iter().any(|profile| profile.vendor == **vendor);
        if let Some(vendor) = vendors.iter().find(is_left) {
            let vendor = vendor.vendor().as_str();
            return Err(CommandError::usage(format!(
                "no profile of {vendor} is named: with --profile, each vendor has one"
            )));
        }
        Ok(profiles.into_iter().map(Settings::of_profile).collect())
    }

    /// The settings of the targets of a job, in their order: of the named profiles that fit, else of the profile that the
    /// target was planned with, else of the environment. Nothing is read yet.
    ///
    /// # Errors
    /// If a profile is unknown, is now of another vendor, or fits no target.
    pub(crate) fn of_job(&self, status: &Status) -> Result<Vec<Settings>, CommandError> {
        let named = self.named()?;
        let targets: Vec<&Target> = status.targets.iter().map(|target| &target.target).collect();
        let chosen: Vec<Option<Arc<Profile>>> =
            targets.iter().map(|target| fitting(&named, &targets, target)).collect();
        let is_used = |name: &str| chosen.iter().flatten().any(|profile| profile.name == name);
        if let Some(unused) = named.iter().find(|profile| !is_used(&profile.name)) {
            let message = format!("the profile {} fits no target of this job: nothing was sent", unused.name);
            return Err(CommandError::usage(message));
        }
        targets.into_iter().zip(chosen).map(|(target, profile)| self.of_target(target, profile)).collect()
    }

    fn of_target(&self, target: &Target, chosen: Option<Arc<Profile>>) -> Result<Settings, CommandError> {
        let vendor = VendorName::of(&target.vendor)
            .ok_or_else(|| CommandError::usage(format!("no vendor is called {}", visible(&target.vendor))))?;
        let profile = match (chosen, planned_profile(target)) {
            (Some(profile), _) => profile,
            (None, Some(name)) => self.profile(&self.config()?, name)?,
            (None, None) => return Ok(Settings::of_environment(vendor)),
        };
        if profile.vendor != vendor {
            let (name, now) = (&profile.name, profile.vendor.vendor().as_str());
            let message = format!(
                "the profile {name} is of {now} now, and the job was planned for {vendor}: nothing was sent",
                vendor = vendor.vendor().as_str()
            );
            return Err(CommandError::new(Exit::Unsafe, message));
        }
        Ok(Settings::of_profile(profile))
    }

    fn named(&self) -> Result<Vec<Arc<Profile>>, CommandError> {
        if self.names.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(again) = (1..self.names.len()).find(|number| self.names[..*number].contains(&self.names[*number])) {
            return Err(CommandError::usage(format!("the profile {} is named twice", visible(&self.names[again]))));
        }
        let config = self.config()?;
        self.names.iter().map(|name| self.profile(&config, name)).collect()
    }

    fn config(&self) -> Result<Config, CommandError> {
        Config::read(self.config).map_err(CommandError::usage)
    }

    fn profile(&self, config: &Config, name: &str) -> Result<Arc<Profile>, CommandError> {
        config.get(name).cloned().map_err(CommandError::usage)
    }
}

/// The profile that a target of a job is run with: the one that it was planned with, or the only one of its vendor, if
/// the job has no other target there.
fn fitting(named: &[Arc<Profile>], targets: &[&Target], target: &Target) -> Option<Arc<Profile>> {
    let planned = planned_profile(target);
    if let Some(profile) = named.iter().find(|profile| Some(&*profile.name) == planned) {
        return Some(Arc::clone(profile));
    }
    let of_vendor = |profile: &&Arc<Profile>| profile.vendor.vendor().as_str() == target.vendor;
    let is_only_target = targets.iter().filter(|other| other.vendor == target.vendor).count() == 1;
    let mut fitting = named.iter().filter(of_vendor);
    fitting.next().filter(|_| is_only_target && fitting.next().is_none()).map(Arc::clone)
}

/// The option of a target that keeps the name of its profile.
pub(crate) fn profile_option(name: &str) -> String {
    format!("{OPTION}{name}")
}

/// The options of a target without its profile: how its records are deleted.
pub(crate) fn method_options(target: &Target) -> impl Iterator<Item = &str> {
    target.options.split_whitespace().filter(|option| !option.starts_with(OPTION))
}

/// The profile that a target was planned with.
pub(crate) fn planned_profile(target: &Target) -> Option<&str> {
    target.options.split(' ').find_map(|option| option.strip_prefix(OPTION))
}
