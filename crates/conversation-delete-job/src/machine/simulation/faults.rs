//! What can be wrong with a call.

use std::time::{Duration, SystemTime};

use delete_core::{Attempt, Delivery, Error, ErrorKind};

use crate::machine::event::Operation;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A success without effect, or a "not found" for what is there.
    Lie,
    Timeout {
        has_effect: bool,
    },
    Connect,
    Unavailable {
        has_effect: bool,
    },
    /// 429, with so many seconds in Retry-After.
    Throttle(Option<u64>),
    /// The client's own rate limit: nothing was sent.
    OwnLimit(u64),
    Forbidden,
    Rejected,
    NotImplemented,
    /// A page of something else, with status 200.
    Html {
        has_effect: bool,
    },
    Unauthenticated,
    MissingScope,
    PaymentRequired,
    WrongTarget,
    /// The deleter finds a record held by now.
    Held,
    HoldsUnreadable,
    /// The last record has no result.
    ShortReply,
    /// Only some of the records have an error.
    Mixed,
}

pub(super) const FAULTS: [Fault; 32] = [
    Fault::Timeout { has_effect: false },
    Fault::Timeout { has_effect: true },
    Fault::Timeout { has_effect: true },
    Fault::Timeout { has_effect: false },
    Fault::Connect,
    Fault::Connect,
    Fault::Unavailable { has_effect: false },
    Fault::Unavailable { has_effect: true },
    Fault::Unavailable { has_effect: false },
    Fault::Throttle(None),
    Fault::Throttle(Some(0)),
    Fault::Throttle(Some(1)),
    Fault::Throttle(Some(30)),
    Fault::Throttle(Some(3600)),
    Fault::OwnLimit(1),
    Fault::OwnLimit(45),
    Fault::Forbidden,
    Fault::Rejected,
    Fault::NotImplemented,
    Fault::Html { has_effect: false },
    Fault::Html { has_effect: true },
    Fault::Held,
    Fault::Held,
    Fault::ShortReply,
    Fault::ShortReply,
    Fault::Mixed,
    Fault::Mixed,
    Fault::HoldsUnreadable,
    Fault::Unauthenticated,
    Fault::MissingScope,
    Fault::PaymentRequired,
    Fault::WrongTarget,
];

impl Fault {
    pub(super) fn has_effect(self) -> bool {
        matches!(
            self,
            Self::Timeout { has_effect: true }
                | Self::Unavailable { has_effect: true }
                | Self::Html { has_effect: true }
        )
    }

    /// Whether a call without records can meet it.
    pub(super) fn is_error(self) -> bool {
        !matches!(self, Self::Lie | Self::Held | Self::HoldsUnreadable | Self::ShortReply | Self::Mixed)
    }

    pub(super) fn error(self, operation: Operation) -> Error {
        let (kind, status, delivery) = match self {
            Self::Timeout { .. } | Self::ShortReply | Self::Mixed => {
                (ErrorKind::Timeout, None, Delivery::MaybeDelivered)
            }
            Self::Connect => (ErrorKind::Connect, None, Delivery::NotSent),
            Self::Unavailable { .. } => (ErrorKind::Server, Some(503), Delivery::MaybeDelivered),
            Self::Throttle(_) => (ErrorKind::RateLimited, Some(429), Delivery::Answered),
            Self::OwnLimit(_) => (ErrorKind::RateLimited, None, Delivery::NotSent),
            Self::Forbidden => (ErrorKind::Forbidden, Some(403), Delivery::Answered),
            Self::Rejected => (ErrorKind::Rejected, Some(400), Delivery::Answered),
            Self::NotImplemented => (ErrorKind::Server, Some(501), Delivery::MaybeDelivered),
            Self::Unauthenticated => (ErrorKind::Unauthenticated, Some(401), Delivery::Answered),
            Self::MissingScope => (ErrorKind::MissingScope, Some(403), Delivery::Answered),
            Self::PaymentRequired => (ErrorKind::PaymentRequired, Some(402), Delivery::Answered),
            Self::WrongTarget => (ErrorKind::WrongTarget, None, Delivery::NotSent),
            Self::Html { .. } | Self::Lie | Self::Held | Self::HoldsUnreadable => {
                (ErrorKind::UnexpectedResponse, Some(200), Delivery::Answered)
            }
        };
        let is_retryable = matches!(
            self,
            Self::Timeout { .. }
                | Self::Connect
                | Self::Unavailable { .. }
                | Self::Throttle(_)
                | Self::OwnLimit(_)
                | Self::ShortReply
                | Self::Mixed
        );
        let mut error = Error::builder(kind, "fault").retryable(is_retryable);
        if let Some(status) = status {
            error = error.status(status);
        }
        if let Self::Throttle(Some(seconds)) | Self::OwnLimit(seconds) = self {
            error = error.retry_after(Duration::from_secs(seconds));
        }
        if !matches!(self, Self::OwnLimit(_) | Self::WrongTarget) {
            error = error.attempts([Attempt::new(SystemTime::UNIX_EPOCH, Duration::ZERO, delivery)]);
        }
        match operation {
            Operation::Delete => error.delivery(delivery).build(),
            _ => error.for_reading().delivery(delivery).build(),
        }
    }
}
