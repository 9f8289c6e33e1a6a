//! Looks at many records: all at once where the vendor can only be looked at whole, else one by one.

use std::time::Duration;

use delete_core::{Clock, Error, ErrorKind, Presence, RecordId, RecordReader, RecordReaderExt, VerifyPolicy};
use futures_util::stream::{self, StreamExt};

use crate::exit::Exit;

/// How many lookups in a row may fail because the vendor is unavailable, before the rest is left for another time.
const HOPELESS_CALLS: u32 = 25;

/// Why no more is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The vendor refused the credential.
    CredentialRefused,
    /// The credential belongs elsewhere.
    WrongTarget,
    /// Every other call would fail alike.
    Hopeless,
}

impl Stop {
    /// Why nothing more should be sent after this failure of one call, where that is so.
    fn after(error: &Error) -> Option<Self> {
        match error.kind() {
            _ if error.is_credential_refused() => Some(Self::CredentialRefused),
            ErrorKind::WrongTarget => Some(Self::WrongTarget),
            _ => error.is_fatal_for_client().then_some(Self::Hopeless),
        }
    }

    /// The exit code that it has on its own.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::CredentialRefused => Exit::CredentialRefused,
            Self::WrongTarget => Exit::Unsafe,
            Self::Hopeless => Exit::Stopped,
        }
    }

    /// Its message.
    fn explain(self, error: &Error) -> String {
        match self {
            Self::CredentialRefused => format!("the credential was refused: {error}"),
            Self::WrongTarget => format!("the credential belongs elsewhere: {error}"),
            Self::Hopeless => format!("every other call would fail too: {error}"),
        }
    }
}

/// Whether a call ended as if nobody, or something broken, were at the other end.
fn is_out_of_order(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Connection
            | ErrorKind::Server
            | ErrorKind::UnexpectedResponse
    )
}

/// Somebody who looks, and stops where going on would only repeat a failure.
pub(crate) struct Looker<'a> {
    reader: &'a dyn RecordReader,
    clock: &'a dyn Clock,
    concurrency: usize,
    /// The first lookup is sent on its own: a wrong credential shall cost one request.
    is_first_settled: bool,
    failed_looks: u32,
    stop: Option<(Stop, String)>,
}

/// What is known of each record, in the order of the ids; nothing of those that nobody looked at.
pub(crate) type Seen = Vec<Option<Presence>>;

impl<'a> Looker<'a> {
    /// Waits by `clock`.
    pub(crate) fn new(reader: &'a dyn RecordReader, concurrency: usize, clock: &'a dyn Clock) -> Self {
        Self { reader, clock, concurrency: concurrency.max(1), is_first_settled: false, failed_looks: 0, stop: None }
    }

    /// How many of `ids` should be looked at in one go: enough to share the waits between looks, and few enough to keep
    /// what is known of them in memory.
    pub(crate) fn window(&self, ids: usize) -> usize {
        if self.reader.prefers_bulk_lookup() { ids.max(1) } else { self.concurrency * 64 }
    }

    /// Why it looks no more, for the program and for people.
    pub(crate) fn stop(&self) -> Option<(Stop, &str)> {
        self.stop.as_ref().map(|(stop, reason)| (*stop, reason.as_str()))
    }

    /// Looks at `ids`, again as `looks` says for as long as one is there or could not be looked at. What is known is kept
    /// in `seen` even if this is dropped half-way.
    pub(crate) async fn look(&mut self, ids: &[RecordId], looks: VerifyPolicy, seen: &mut Seen) {
        seen.clear();
        seen.resize_with(ids.len(), || None);
        if self.reader.prefers_bulk_lookup() {
            let presences = self.reader.confirm_absence_with_clock(ids, looks, self.clock).await;
            for (slot, presence) in seen.iter_mut().zip(presences) {
                self.note(&presence);
                *slot = Some(presence);
            }
            return;
        }
        self.look_at(ids, (0..ids.len()).collect(), seen).await;
        for wait in looks.waits() {
            let open: Vec<usize> =
                (0..ids.len()).filter(|number| seen[*number].as_ref().is_some_and(Presence::may_change)).collect();
            if open.is_empty() || self.stop.is_some() {
                return;
            }
            self.clock.sleep(wait).await;
            self.look_at(ids, open, seen).await;
        }
    }

    /// Looks once at those of these numbers.
    async fn look_at(&mut self, ids: &[RecordId], numbers: Vec<usize>, seen: &mut Seen) {
        let mut rest = numbers.as_slice();
        while !rest.is_empty() && self.stop.is_none() {
            let count = if self.is_first_settled { rest.len() } else { 1 };
            let (these, others) = rest.split_at(count);
            rest = others;
            self.look_at_all(ids, these, seen).await;
            self.is_first_settled = true;
        }
    }

    async fn look_at_all(&mut self, ids: &[RecordId], numbers: &[usize], seen: &mut Seen) {
        let reader = self.reader;
        let look = |number: usize| async move { (number, reader.lookup(&ids[number]).await) };
        let mut looks = stream::iter(numbers.iter().copied().map(look)).buffer_unordered(self.concurrency);
        while let Some((number, presence)) = looks.next().await {
            self.note(&presence);
            seen[number] = Some(presence);
            if self.stop.is_some() {
                // A look that is dropped changes nothing.
                return;
            }
        }
    }

    fn note(&mut self, presence: &Presence) {
        let error = match presence {
            Presence::Unknown(error) if !presence.is_missing() => error,
            _ => {
                self.failed_looks = 0;
                return;
            }
        };
        self.failed_looks = if is_out_of_order(error.kind()) { self.failed_looks + 1 } else { 0 };
        if self.stop.is_none() {
            self.stop = self.reason_to_stop(error);
        }
    }

    fn reason_to_stop(&self, error: &Error) -> Option<(Stop, String)> {
        if let Some(stop) = Stop::after(error) {
            return Some((stop, stop.explain(error)));
        }
        // A sweep fails once for all.
        let is_hopeless = self.failed_looks >= HOPELESS_CALLS && !self.reader.prefers_bulk_lookup();
        is_hopeless.then(|| (Stop::Hopeless, format!("{HOPELESS_CALLS} looks in a row failed: {error}")))
    }
}

/// The looks that go on for so long: at once, and after waits that double, the first of which is about a second.
pub(crate) fn looks_for(wait: Duration) -> VerifyPolicy {
    // After so many more looks the waits are 1, 3, 7, 15 … times the first.
    let shares = (0..16).map(|more| (more, (1_u32 << more) - 1));
    let enough = shares.clone().find(|(_, share)| u128::from(*share) * 1000 >= wait.as_millis());
    match enough {
        Some((0, _)) => VerifyPolicy::once(),
        Some((more, share)) => VerifyPolicy::new(more + 1, wait / share),
        None => VerifyPolicy::new(17, wait / u32::from(u16::MAX)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
