//! The vendor's own client, whose requests go through a [`Wire`].

use std::sync::Arc;
use std::time::Duration;

use conversation_delete::{corti, elevenlabs, fini, tavus};
use delete_core::{Deleter, ErasureMode, Error, RecordReader, RetryPolicy};

use crate::live::wire::Wire;

/// The value of a variable, or `None` if it is not set.
pub type Lookup<'a> = &'a (dyn Fn(&str) -> Result<Option<String>, Error> + Sync);

/// Longer than a wire may wait, so that the wire decides.
const TIMEOUT: Duration = Duration::from_secs(300);

pub(crate) struct Subject {
    pub(crate) reader: Box<dyn RecordReader>,
    /// `None` without the mode that the vendor's deletes need.
    pub(crate) deleter: Option<Box<dyn Deleter>>,
}

/// Builds a client from its variables. It sends each request once: a repeated one would hide a response.
macro_rules! client {
    ($vendor:ident, $lookup:expr, $wire:expr) => {
        $vendor::ClientBuilder::from_lookup($lookup)?
            .transport($wire)
            .retry(RetryPolicy::none())
            .attempt_timeout(TIMEOUT)
            .total_timeout(TIMEOUT)
            .build()?
    };
}

impl Subject {
    /// # Errors
    /// Those of the client's `from_env`.
    pub(crate) fn new(
        name: &str,
        lookup: Lookup<'_>,
        mode: Option<ErasureMode>,
        wire: Arc<Wire>,
    ) -> Result<Self, Error> {
        Ok(match name {
            "corti" => Self::of(client!(corti, lookup, wire)),
            "fini" => Self::of(client!(fini, lookup, wire)),
            "elevenlabs" => Self::of(client!(elevenlabs, lookup, wire)),
            _ => {
                let client = client!(tavus, lookup, wire);
                let deleter = mode.map(|mode| Box::new(client.with_erasure_mode(mode)) as Box<dyn Deleter>);
                Self { reader: Box::new(client), deleter }
            }
        })
    }

    fn of(client: impl RecordReader + Deleter + Clone + 'static) -> Self {
        Self { reader: Box::new(client.clone()), deleter: Some(Box::new(client)) }
    }
}
