//! The fakes over real sockets, asked by a client that is nothing but a TCP stream.
#![allow(clippy::unwrap_used, reason = "a failed `unwrap` is a failed test")]

mod children;
mod client;
mod control;
mod corti;
mod date_header;
mod elevenlabs;
mod extremes;
mod fault_rules;
mod faults;
mod fini;
mod lists;
mod live;
mod mishaps;
mod openapi;
mod random_seed;
mod refused;
mod request_log;
mod server;
mod tavus;
mod vendor_lists;
mod walk;
