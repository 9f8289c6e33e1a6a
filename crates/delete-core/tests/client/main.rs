//! Clients made of the kit: what stops them, what they refuse, and the causes of their errors.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod causes;
mod example_client;
mod reject_active;
mod stop_token;
