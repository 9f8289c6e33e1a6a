//! Deletes an interaction with its children. All lists are read before the first delete, so that what cannot be listed
//! fails before anything is removed; they are read again until they hold nothing.

use std::collections::HashSet;

use delete_core::vendor_kit::ErrorExt;
use delete_core::{Deletion, Error, ErrorKind, VerifyPolicy};
use uuid::Uuid;

use crate::children::ChildPage;
use crate::reader::for_corti;
use crate::{Child, ChildKind, Client};

/// How often the lists may hold new children before the cascade gives up.
const MAX_ROUNDS: usize = 10;

/// The most children of one interaction.
const MAX_CHILDREN: usize = 10_000;

/// How [`Client::delete_cascade`] deletes an interaction with its children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CascadeOptions {
    verify: VerifyPolicy,
    available_kinds: bool,
}

impl CascadeOptions {
    /// Sets how often to read the lists again while they still hold children that were deleted. Default: four times, at
    /// once and after waits of 1, 2 and 4 s.
    #[must_use]
    pub fn with_verify(mut self, verify: VerifyPolicy) -> Self {
        self.verify = verify;
        self
    }

    /// Sets whether to go on if the route of guided documents responds with 403 or 404, as it does for a tenant without
    /// them. The other three kinds and the interaction are deleted then, and [`WithChildren::unlisted`] names the kind
    /// that was left out. Default: off; the interaction is kept.
    ///
    /// Any other failure of that list, and any failure of a list below the interaction, keeps the interaction.
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
pub struct WithChildren {
    /// Each child that was found, in the order in which they were deleted, with its result. A child that was listed and
    /// then not found is the error [`NotFound`](ErrorKind::NotFound), which does not keep the interaction: the list was
    /// read again, and did not hold the child any more.
    pub children: Vec<(Child, Result<Deletion, Error>)>,
    /// The kinds that could not be listed, with the reason. Children of these kinds may be left. Always empty without
    /// [`CascadeOptions::with_available_kinds`].
    pub unlisted: Vec<(ChildKind, Error)>,
    /// The result for the interaction. If a child could not be listed or deleted, nothing was sent for it.
    pub interaction: Result<Deletion, Error>,
    is_kept: bool,
}

impl WithChildren {
    /// Returns whether the interaction was kept because of its children. Otherwise its delete was sent, after all lists
    /// that could be read were empty.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }
}

impl Client {
    /// Deletes transcripts, recordings, documents and guided documents, and then the interaction itself: the cascade with
    /// its default options. See [`delete_cascade`](Self::delete_cascade).
    ///
    /// # Cancellation
    /// Dropping the future leaves it unknown what was deleted.
    pub async fn delete_with_children(&self, interaction: Uuid) -> WithChildren {
        self.delete_cascade(interaction, CascadeOptions::default(), |_, _| ()).await
    }

    /// Deletes the children of an interaction, and then the interaction itself.
    ///
    /// All lists are read before the first delete. After the deletes they are read again, until they hold nothing: a new
    /// child is deleted too, and one that is still listed after its delete keeps the interaction. If a list cannot be
    /// read, or a child cannot be deleted, the interaction is kept, because its children could not be looked up any more
    /// without it. Call again to go on.
    ///
    /// `on_child` is called with each child and its result as soon as the result is known.
    ///
    /// # Cancellation
    /// Dropping the future leaves it unknown what was deleted, except for the children that `on_child` was called with.
    pub async fn delete_cascade(
        &self,
        interaction: Uuid,
        options: CascadeOptions,
        on_child: impl FnMut(&Child, &Result<Deletion, Error>) + Send,
    ) -> WithChildren {
        self.delete_cascade_while(interaction, options, || Ok(()), on_child).await
    }

    /// Deletes an interaction with its children, as [`delete_cascade`](Self::delete_cascade) does, as long as `may_delete`
    /// allows it: that is called right before each delete, of a child or of the interaction. If it returns an error, the
    /// interaction is kept and gets that error, no more deletes are sent, and the remaining children are kept too.
    ///
    /// # Cancellation
    /// As [`delete_cascade`](Self::delete_cascade).
    pub async fn delete_cascade_while(
        &self,
        interaction: Uuid,
        options: CascadeOptions,
        may_delete: impl Fn() -> Result<(), Error> + Send + Sync,
        on_child: impl FnMut(&Child, &Result<Deletion, Error>) + Send,
    ) -> WithChildren {
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
        let (interaction, is_kept) = match cascade.delete_children().await.and_then(|()| (cascade.may_delete)()) {
            Ok(()) => (self.delete_interaction(interaction).await, false),
            Err(error) => (Err(error.with_record_kept()), true),
        };
        WithChildren { children: cascade.children, unlisted: cascade.unlisted, interaction, is_kept }
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
    /// A list reported that the interaction does not exist. Guided documents of it may still exist.
    is_gone: bool,
    /// A list below the interaction could be read in this round.
    is_readable: bool,
}

impl<M, F> Cascade<'_, M, F>
where
    M: Fn() -> Result<(), Error> + Send + Sync,
    F: FnMut(&Child, &Result<Deletion, Error>) + Send,
{
    /// Deletes until the lists hold nothing. The error, if there is one, is why the interaction must be kept.
    async fn delete_children(&mut self) -> Result<(), Error> {
        let mut waits = self.options.verify.waits();
        let mut rounds = 0;
        loop {
            let listed = self.list().await?;
            let Some(kind) = listed.first().map(Child::kind) else { return Ok(()) };
            let new: Vec<Child> = listed.into_iter().filter(|child| self.known.insert(child.clone())).collect();
            if new.is_empty() {
                let wait = waits.next().ok_or_else(|| not_deleted(still_listed(), kind))?;
                self.client.pipeline.clock().sleep(wait).await;
            } else {
                rounds += 1;
                self.check_bounds(rounds).map_err(|error| not_deleted(error, kind))?;
                self.delete_all(new).await?;
            }
        }
    }

    fn check_bounds(&self, rounds: usize) -> Result<(), Error> {
        if rounds <= MAX_ROUNDS && self.known.len() <= MAX_CHILDREN {
            return Ok(());
        }
        let message =
            format!("the lists hold more than {MAX_CHILDREN} children, or new ones {MAX_ROUNDS} times in a row");
        Err(for_corti(Error::unexpected_response(message)))
    }

    /// Reads the lists of all kinds.
    async fn list(&mut self) -> Result<Vec<Child>, Error> {
        let was_gone = self.is_gone;
        self.is_readable = false;
        let mut children = Vec::new();
        for kind in ChildKind::ALL {
            children.extend(self.list_kind(*kind).await.map_err(|error| not_listed(error, *kind))?);
        }
        if self.is_gone && !was_gone {
            self.client.confirm_gone(self.interaction).await.map_err(|error| not_listed(error, ChildKind::ALL[0]))?;
        }
        Ok(children)
    }

    async fn list_kind(&mut self, kind: ChildKind) -> Result<Vec<Child>, Error> {
        if self.unlisted.iter().any(|(unlisted, _)| *unlisted == kind) {
            return Ok(Vec::new());
        }
        let page = self.client.child_page(self.interaction, kind).await;
        let page = match kind {
            ChildKind::GuidedDocument => self.unless_unavailable(page),
            _ => self.unless_gone(page),
        };
        match page? {
            Some(page) => self.client.children_on(&page, self.interaction, kind).await,
            None => Ok(Vec::new()),
        }
    }

    /// Leaves out guided documents if their route is not available, the caller chose to go on without them, and nothing
    /// was deleted yet: a route that was available before can be expected to come back.
    fn unless_unavailable(&mut self, page: Result<ChildPage, Error>) -> Result<Option<ChildPage>, Error> {
        match page {
            Err(error) if self.options.available_kinds && self.known.is_empty() && is_unavailable(&error) => {
                self.unlisted.push((ChildKind::GuidedDocument, error));
                Ok(None)
            }
            page => page.map(Some),
        }
    }

    /// Notes that the interaction does not exist. A list below it that can be read afterwards, or in the same round,
    /// contradicts that.
    fn unless_gone(&mut self, page: Result<ChildPage, Error>) -> Result<Option<ChildPage>, Error> {
        match page {
            Err(error) if error.kind() == ErrorKind::NotFound && !self.is_readable => {
                self.is_gone = true;
                Ok(None)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Err(contradiction()),
            Ok(_) if self.is_gone => Err(contradiction()),
            page => {
                self.is_readable |= page.is_ok();
                page.map(Some)
            }
        }
    }

    /// Deletes these children. A failure does not end the deletes of its kind, unless every other call would fail too.
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
            // What was listed and is not found is gone if the list, which is read again, does not hold it any more.
            let failed = result.as_ref().err().filter(|error| error.kind() != ErrorKind::NotFound);
            failure = failure.or(failed.map(|error| (error.clone(), child.kind())));
            self.children.push((child, result));
        }
        failure.map_or(Ok(()), |(error, kind)| Err(not_deleted(error, kind)))
    }
}

/// Whether this is how Corti responds on the route of guided documents to a tenant that does not have them. A refused
/// token can be a 403 as well.
fn is_unavailable(error: &Error) -> bool {
    error.status() == Some(404) || (error.status() == Some(403) && error.kind() == ErrorKind::Forbidden)
}

fn contradiction() -> Error {
    let message = "one list reports that the interaction does not exist, but this one can be read";
    for_corti(Error::builder(ErrorKind::UnexpectedResponse, message).for_reading().status(200).build())
}

fn still_listed() -> Error {
    for_corti(Error::unexpected_response("what Corti reports as deleted is still listed"))
}

fn not_listed(error: Error, kind: ChildKind) -> Error {
    error.context(&format!("its {} could not be listed, so the interaction was kept", kind.plural()))
}

fn not_deleted(error: Error, kind: ChildKind) -> Error {
    error.context(&format!("not all of its {} were deleted, so the interaction was kept", kind.plural()))
}
