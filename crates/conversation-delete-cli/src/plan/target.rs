//! Where a job deletes, and with whose credential, from the settings.

use delete_core::vendor_kit::ErrorExt;
use delete_core::{ConversationId, ErasureMode, Error, RecordId};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use crate::args::{ChildrenChoice, MethodArgs, VendorName};
use crate::error::CommandError;
use crate::ids::IdForm;
use crate::settings::{ACCESS_TOKEN, Settings, profile_option};
use crate::vendor::{DryRunClients, FiniRoute, Target};

/// The word for deleting all that belongs to a record before it.
pub(crate) const CHILDREN: &str = "children";
/// The word for the same, without the kinds that the tenant does not have.
pub(crate) const AVAILABLE_CHILDREN: &str = "available-children";
/// The word for deleting active records, too.
pub(crate) const ALLOW_ACTIVE: &str = "allow-active";
/// The same word in the jobs of earlier versions.
const ALLOW_LIVE: &str = "allow-live";
/// The word for one request for each id.
pub(crate) const ONE_BY_ONE: &str = "one-by-one";
/// The word for Fini's single route.
pub(crate) const SINGLE: &str = "single";

/// The word for a credential that may delete and need not read.
pub(crate) const DELETE_ONLY: &str = "delete-only";

/// How records are deleted, and with what credential.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices {
    pub(crate) method: MethodArgs,
    /// The credential need not be one that may read.
    pub(crate) delete_only: bool,
}

impl Choices {
    /// The target with these choices, as far as they mean something there.
    pub(crate) fn describe(
        self,
        settings: &Settings,
        target: Target,
        runtime: &Runtime,
    ) -> Result<conversation_delete_job::Target, CommandError> {
        let children = self.method.children.filter(|_| target == Target::Corti);
        let words = [
            (children.is_some(), children.map_or("", children_word)),
            (self.method.allow_active, ALLOW_ACTIVE),
            (self.method.one_by_one && target == Target::Fini(FiniRoute::Bulk), ONE_BY_ONE),
            (target == Target::Fini(FiniRoute::Single), SINGLE),
            (self.delete_only, DELETE_ONLY),
        ];
        let profile = settings.profile().map(profile_option);
        let words = words.into_iter().filter(|(is_chosen, _)| *is_chosen).map(|(_, word)| word);
        let options: Vec<&str> = words.chain(profile.as_deref()).collect();
        of_settings(settings, target, &options.join(" "), runtime).map_err(CommandError::usage)
    }
}

/// Refuses a target that differs from an earlier one in its profile alone: its records would be deleted twice.
pub(crate) fn refuse_twins<'a>(
    targets: impl Iterator<Item = (&'a Settings, &'a conversation_delete_job::Target)> + Clone,
) -> Result<(), CommandError> {
    let is_same = |one: &conversation_delete_job::Target, other: &conversation_delete_job::Target| {
        let one = conversation_delete_job::Target { options: other.options.clone(), ..one.clone() };
        one.difference(other).is_none()
    };
    let mut numbered = targets.clone().enumerate();
    let twin =
        numbered.find(|(number, (_, target))| targets.clone().take(*number).any(|(_, one)| is_same(one, target)));
    match twin {
        Some((_, (settings, _))) => {
            let name = settings.name();
            Err(CommandError::usage(format!("{name} is the same target with the same credential as another profile")))
        }
        None => Ok(()),
    }
}

/// Whether the options of a plan hold this word.
pub(crate) fn has_option(planned: &conversation_delete_job::Target, word: &str) -> bool {
    planned.options.split(' ').any(|option| option == word)
}

/// Whether active records are deleted, too.
pub(crate) fn allows_active(planned: &conversation_delete_job::Target) -> bool {
    has_option(planned, ALLOW_ACTIVE) || has_option(planned, ALLOW_LIVE)
}

/// The choice of children that the options of a plan hold.
pub(crate) fn children_choice(planned: &conversation_delete_job::Target) -> Option<ChildrenChoice> {
    let choices = [(CHILDREN, ChildrenChoice::All), (AVAILABLE_CHILDREN, ChildrenChoice::Available)];
    choices.into_iter().find(|(word, _)| has_option(planned, word)).map(|(_, choice)| choice)
}

/// The word for a choice of children.
pub(crate) fn children_word(choice: ChildrenChoice) -> &'static str {
    match choice {
        ChildrenChoice::All => CHILDREN,
        ChildrenChoice::Available => AVAILABLE_CHILDREN,
    }
}

/// The vendor and mode that a plan names.
pub(crate) fn planned(target: &conversation_delete_job::Target) -> Result<Target, String> {
    let vendor = VendorName::of(&target.vendor).ok_or_else(|| format!("no vendor is called {}", target.vendor))?;
    let is = |mode| target.mode == Some(mode);
    let method = MethodArgs {
        hard: is(ErasureMode::Hard),
        soft: is(ErasureMode::Soft),
        single: has_option(target, SINGLE),
        ..MethodArgs::default()
    };
    Ok(Target::of(vendor, &method)?)
}

/// The target as the settings have it now. Nothing is sent.
///
/// # Errors
/// What is missing or wrong in the settings.
pub(crate) fn of_settings(
    settings: &Settings,
    target: Target,
    options: &str,
    runtime: &Runtime,
) -> Result<conversation_delete_job::Target, Error> {
    let named = |error: Error| error.for_vendor(target.vendor());
    Ok(conversation_delete_job::Target {
        auth_url: auth_url(settings, runtime).map_err(named)?,
        place: place(settings).map_err(named)?,
        credential: fingerprint(&settings.secrets().map_err(named)?),
        options: options.to_owned(),
        ..without_credential(settings, target, runtime)?
    })
}

/// The target of a run that sends nothing, and so needs no credential.
///
/// # Errors
/// What is wrong with the addresses in the settings.
pub(crate) fn without_credential(
    settings: &Settings,
    target: Target,
    runtime: &Runtime,
) -> Result<conversation_delete_job::Target, Error> {
    let base_url = base_url(settings, target, runtime)?;
    Ok(conversation_delete_job::Target {
        vendor: target.vendor().as_str().to_owned(),
        origin: origin_of(&base_url).to_owned(),
        base_url: Some(base_url),
        auth_url: None,
        place: None,
        credential: String::new(),
        mode: target.erasure_mode(),
        options: String::new(),
    })
}

/// The base URL of a request that the client would send, with its path prefix.
pub(crate) fn base_url(settings: &Settings, target: Target, runtime: &Runtime) -> Result<String, Error> {
    let vendor = target.vendor_name();
    let request = runtime.block_on(DryRunClients::new(settings, target)?.request_for(&[any_id(vendor)?]))?;
    Ok(before(&request.url, collection(vendor)).to_owned())
}

/// The URL below which Corti's tokens are fetched; `None` at the other vendors, and if there is a token.
fn auth_url(settings: &Settings, runtime: &Runtime) -> Result<Option<String>, Error> {
    if settings.vendor != VendorName::Corti || settings.has(ACCESS_TOKEN)? {
        return Ok(None);
    }
    let dry_clients = DryRunClients::with_corti_credential(settings)?;
    let request = runtime.block_on(dry_clients.request_for(&[any_id(settings.vendor)?])).ok();
    let token = request.filter(|request| request.method == "POST");
    Ok(token.map(|request| before(&request.url, "/realms/").to_owned()))
}

fn any_id(vendor: VendorName) -> Result<RecordId, Error> {
    Ok(match vendor.id_form() {
        IdForm::Uuid => RecordId::from(uuid::Uuid::from_u128(1)),
        IdForm::Opaque => ConversationId::new("c1")?.into(),
    })
}

/// What follows the base URL in the URL of a record.
fn collection(vendor: VendorName) -> &'static str {
    match vendor {
        VendorName::Corti => "/interactions/",
        VendorName::Fini => "/v2/hc-interactions/",
        VendorName::Elevenlabs => "/v1/convai/conversations/",
        VendorName::Tavus => "/v2/conversations/",
    }
}

/// What precedes the last `part` of the path.
fn before<'a>(url: &'a str, part: &str) -> &'a str {
    let path = url.split('?').next().unwrap_or(url);
    path.rfind(part).map_or(path, |end| &path[..end])
}

fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    url[host..].find('/').map_or(url, |end| &url[..host + end])
}

/// The tenant or region, if the settings name one.
pub(crate) fn place(settings: &Settings) -> Result<Option<String>, Error> {
    Ok(match settings.vendor {
        VendorName::Corti => {
            let tenant = settings.required("CORTI_TENANT_NAME")?;
            let environment = settings.get("CORTI_ENVIRONMENT")?.unwrap_or_else(|| "custom".to_owned());
            Some(format!("tenant {tenant}, environment {environment}"))
        }
        VendorName::Elevenlabs => {
            let residency = settings.parse::<elevenlabs_delete::Residency>("ELEVENLABS_RESIDENCY")?;
            Some(residency.unwrap_or_default().as_str().to_owned())
        }
        VendorName::Fini | VendorName::Tavus => None,
    })
}

/// The first 64 bits of a hash, in hexadecimal digits: enough to tell credentials apart, and nothing to be told from it.
pub(crate) fn fingerprint(secrets: &[String]) -> String {
    let mut hash = Sha256::new();
    for (number, secret) in secrets.iter().enumerate() {
        if number > 0 {
            hash.update([0]);
        }
        hash.update(secret);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
