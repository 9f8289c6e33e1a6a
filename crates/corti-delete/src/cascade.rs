use std::collections::HashSet;

use delete_core::vendor_kit::ErrorExt;
use delete_core::{Deletion, Error, ErrorKind, RecordUuid, VerifyPolicy};
use uuid::Uuid;

use crate::children::{Child, ChildKind};
use crate::client::Client;
use crate::wire::{contradiction, unexpected};

/// How often in a row the lists may hold new children before the cascade fails.
const MAX_ROUNDS: usize = 10;

/// The most children of one interaction.
const MAX_CHILDREN: usize = 10_000;

/// Options of [`Client::delete_cascade`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CascadeOptions {
    verify: VerifyPolicy,
    available_kinds: bool,
}

impl CascadeOptions {
    /// Sets when to read the lists again while they still hold deleted children. Default: at once, and after 1, 2 and 4 s.
    #[must_use]
    pub fn with_verify(mut self, verify: VerifyPolicy) -> Self {
        self.verify = verify;
        self
    }

    /// Sets whether to skip guided documents if their route responds with 403 or 404, as for a tenant without them. Default:
    /// false; the interaction is kept, as after any other failure.
    #[must_use]
    pub fn with_available_kinds(mut self, available_kinds: bool) -> Self {
        self.available_kinds = available_kinds;
        self
    }
}

/// The results of deleting an interaction and its children.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "the interaction may have been kept"]
pub struct CascadeDeletion {
    /// Each child with its result, in the order of the deletes. [`NotFound`](ErrorKind::NotFound) does not keep the
    /// interaction if the lists no longer hold the child.
    pub children: Vec<(Child, Result<Deletion, Error>)>,
    /// What [`CascadeOptions::with_available_kinds`] skipped, with the reason.
    pub unlisted: Vec<(ChildKind, Error)>,
    /// The result for the interaction. If it was kept, this is the reason.
    pub interaction: Result<Deletion, Error>,
    is_kept: bool,
}

impl CascadeDeletion {
    /// Returns whether the interaction was kept: its delete was not sent.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }
}

impl Client {
    /// Deletes transcripts, recordings, documents and guided documents of an interaction, and then the interaction.
    ///
    /// All lists are read before the first delete, and again after the deletes until they are empty. New children are
    /// deleted too. The interaction is kept if a list cannot be read, a child cannot be deleted or is still listed, or
    /// the lists contradict each other: without the interaction its children cannot be looked up. Call again to continue.
    ///
    /// # Cancellation
    /// Dropping the future leaves it unknown what was deleted.
    pub async fn delete_cascade(&self, interaction: impl Into<RecordUuid>, options: CascadeOptions) -> CascadeDeletion {
        self.delete_cascade_with(interaction, options, || Ok(()), |_, _| ()).await
    }

    /// Deletes as [`delete_cascade`](Self::delete_cascade) does, with two hooks.
    ///
    /// `may_delete` is called right before each delete. If it returns an error, no more deletes are sent, and the interaction
    /// is kept and gets that error. `on_child` is called with each child and its result before the next request.
    ///
    /// # Cancellation
    /// As for [`delete_cascade`](Self::delete_cascade), except for the children that `on_child` got.
    pub async fn delete_cascade_with(
        &self,
        interaction: impl Into<RecordUuid>,
        options: CascadeOptions,
        may_delete: impl Fn() -> Result<(), Error> + Send + Sync,
        on_child: impl FnMut(&Child, &Result<Deletion, Error>) + Send,
    ) -> CascadeDeletion {
        let interaction = interaction.into().into();
        let mut cascade = Cascade {
            client: self,
            interaction,
            options,
            may_delete,
            on_child,
            known: HashSet::new(),
            children: Vec::new(),
            unlisted: Vec::new(),
            is_gone: false,
            is_readable: false,
        };
        let kept = cascade.delete_children().await.and_then(|()| (cascade.may_delete)()).err();
        let is_kept = kept.is_some();
        let interaction = match kept {
            Some(error) => Err(error.with_record_kept()),
            None => self.delete_interaction(interaction).await,
        };
        CascadeDeletion { children: cascade.children, unlisted: cascade.unlisted, interaction, is_kept }
    }
}

struct Cascade<'a, M, F> {
    client: &'a Client,
    interaction: Uuid,
    options: CascadeOptions,
    may_delete: M,
    on_child: F,
    /// Every child that was listed.
    known: HashSet<Child>,
    children: Vec<(Child, Result<Deletion, Error>)>,
    unlisted: Vec<(ChildKind, Error)>,
    /// A list reported that the interaction does not exist. Its guided documents may still exist.
    is_gone: bool,
    /// A list below the interaction could be read in this round.
    is_readable: bool,
}

impl<M, F> Cascade<'_, M, F>
where
    M: Fn() -> Result<(), Error> + Send + Sync,
    F: FnMut(&Child, &Result<Deletion, Error>) + Send,
{
    /// Deletes until the lists are empty. An error is the reason to keep the interaction.
    async fn delete_children(&mut self) -> Result<(), Error> {
        let mut waits = self.options.verify.waits();
        let mut rounds = 0;
        loop {
            let listed = self.list().await?;
            let Some(kind) = listed.first().map(Child::kind) else { return Ok(()) };
            let new: Vec<Child> = listed.into_iter().filter(|child| self.known.insert(child.clone())).collect();
            if new.is_empty() {
                let still_listed = || unexpected("what Corti reports as deleted is still listed");
                let wait = waits.next().ok_or_else(|| kept(still_listed(), kind, NOT_DELETED))?;
                self.client.pipeline.clock().sleep(wait).await;
            } else if rounds == MAX_ROUNDS || self.known.len() > MAX_CHILDREN {
                let message = format!(
                    "the lists hold more than {MAX_CHILDREN} children, or new ones {MAX_ROUNDS} times in a row"
                );
                return Err(kept(unexpected(message), kind, NOT_DELETED));
            } else {
                rounds += 1;
                self.delete_all(new).await?;
            }
        }
    }

    /// Reads the lists of all kinds.
    async fn list(&mut self) -> Result<Vec<Child>, Error> {
        let was_gone = self.is_gone;
        self.is_readable = false;
        let mut children = Vec::new();
        for &kind in ChildKind::ALL {
            children.extend(self.list_kind(kind).await.map_err(|error| kept(error, kind, NOT_LISTED))?);
        }
        if self.is_gone && !was_gone {
            let confirmed = self.client.confirm_gone(self.interaction).await;
            confirmed.map_err(|error| kept(error, ChildKind::ALL[0], NOT_LISTED))?;
        }
        Ok(children)
    }

    /// Reads one list. A list below the interaction that can be read contradicts one that reported it as not found.
    async fn list_kind(&mut self, kind: ChildKind) -> Result<Vec<Child>, Error> {
        if self.unlisted.iter().any(|(unlisted, _)| *unlisted == kind) {
            return Ok(Vec::new());
        }
        let is_guided = kind == ChildKind::GuidedDocument;
        match self.client.child_list(self.interaction, kind).await {
            Err(error) if is_guided && self.may_skip(&error) => {
                self.unlisted.push((kind, error));
                Ok(Vec::new())
            }
            Err(error) if error.kind() == ErrorKind::NotFound && !self.is_readable => {
                self.is_gone = true;
                Ok(Vec::new())
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Err(contradicted()),
            Err(error) => Err(error),
            Ok(_) if self.is_gone && !is_guided => Err(contradicted()),
            Ok(list) => {
                self.is_readable |= !is_guided;
                self.client.children_on(list, self.interaction, kind).await
            }
        }
    }

    /// Whether a tenant without guided documents gets this on their route: 404, or a 403 that does not refuse the token. After
    /// the first delete nothing is skipped, because the route worked before.
    fn may_skip(&self, error: &Error) -> bool {
        let is_unavailable = match error.status() {
            Some(403) => error.kind() == ErrorKind::Forbidden,
            status => status == Some(404),
        };
        is_unavailable && self.options.available_kinds && self.known.is_empty()
    }

    /// Deletes these children. After a failure the others of the same kind are still deleted, unless every call would fail.
    async fn delete_all(&mut self, children: Vec<Child>) -> Result<(), Error> {
        let mut failure: Option<(Error, ChildKind)> = None;
        for child in children {
            let is_over = |(error, kind): &(Error, ChildKind)| *kind != child.kind() || error.is_fatal_for_client();
            if failure.as_ref().is_some_and(is_over) {
                break;
            }
            (self.may_delete)()?;
            let result = self.client.delete_child(&child).await;
            (self.on_child)(&child, &result);
            // A listed child that is not found is gone if the list, which is read again, no longer holds it.
            let failed = result.as_ref().err().filter(|error| error.kind() != ErrorKind::NotFound);
            failure = failure.or(failed.map(|error| (error.clone(), child.kind())));
            self.children.push((child, result));
        }
        failure.map_or(Ok(()), |(error, kind)| Err(kept(error, kind, NOT_DELETED)))
    }
}

fn contradicted() -> Error {
    contradiction(200, "one list reports that the interaction does not exist, but this one can be read")
}

const NOT_LISTED: &str = "could not be listed";
const NOT_DELETED: &str = "were not all deleted";

/// Adds to an error why the interaction was kept.
fn kept(error: Error, kind: ChildKind, problem: &str) -> Error {
    error.context(&format!("its {} {problem}, so the interaction was kept", kind.plural()))
}
