//! An error on one line: what happened, what it changed, what to do.

use std::fmt;

use super::{Error, ErrorKind};
use crate::Delivery;
use crate::pipeline::Intent;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(vendor) = self.0.vendor {
            write!(f, "{vendor}: ")?;
        }
        f.write_str(&self.0.message)?;
        let facts = self.facts();
        if !facts.is_empty() {
            write!(f, " ({facts})")?;
        }
        write!(f, "; {}", self.advice())
    }
}

impl Error {
    /// The effect, then what to do.
    fn advice(&self) -> String {
        let inner = &self.0;
        match (inner.delivery, inner.intent, inner.kind) {
            (Delivery::MaybeDelivered, Intent::End, _)
            | (Delivery::Answered, Intent::End, ErrorKind::UnexpectedResponse) => {
                "the conversation may have been ended: look it up, or end it again".to_owned()
            }
            (Delivery::MaybeDelivered, ..) => {
                "the record may have been deleted: look it up, or delete it again, which finds nothing if it was"
                    .to_owned()
            }
            (Delivery::Answered, Intent::Delete, ErrorKind::UnexpectedResponse) => {
                "whether the record was deleted is unknown: check the base URL and what stands between, then look it up"
                    .to_owned()
            }
            _ => format!("{}: {}", self.effect(), self.next_step()),
        }
    }

    fn effect(&self) -> &'static str {
        match (self.0.kind, self.0.intent) {
            (ErrorKind::InvalidInput | ErrorKind::Configuration | ErrorKind::Tls | ErrorKind::StillActive, _) => {
                "nothing was sent"
            }
            (_, Intent::Read) => "nothing was changed",
            (ErrorKind::Timeout | ErrorKind::Connect | ErrorKind::Connection, _) => "nothing was sent",
            (_, Intent::End) => "nothing was ended",
            (_, Intent::Delete) => "nothing was deleted",
        }
    }

    fn next_step(&self) -> String {
        let text = match self.0.kind {
            ErrorKind::InvalidInput => "correct the input",
            ErrorKind::Configuration => "correct the configuration",
            ErrorKind::WrongTarget => "correct the configuration, or take a credential of the right place",
            ErrorKind::StillActive => "wait until it is over, or delete it without looking",
            ErrorKind::Unauthenticated => "check the credential and where it belongs to",
            ErrorKind::MissingScope => {
                return format!("the credential is valid, give it the permission to {}", self.0.intent.verb());
            }
            ErrorKind::Forbidden => "ask the record's owner, or use a credential that may",
            ErrorKind::PaymentRequired => "settle the account, then go on",
            ErrorKind::NotFound => "check tenant, region and key, unless the record is known to be absent",
            ErrorKind::Rejected => "the request must change before it is sent again",
            ErrorKind::RateLimited => "wait, then try again",
            ErrorKind::Timeout | ErrorKind::Connect | ErrorKind::Connection => {
                "check the network and the base URL, then try again"
            }
            ErrorKind::Tls => "check the base URL's host, the clock and the root certificates",
            ErrorKind::Server => "try again later",
            ErrorKind::UnexpectedResponse => "check the base URLs and what stands between",
        };
        text.to_owned()
    }
}
