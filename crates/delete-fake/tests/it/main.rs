//! The fakes over real sockets, asked by a client that is nothing but a TCP stream.

mod client;
mod control;
mod corti;
mod elevenlabs;
mod faults;
mod fini;
mod server;
mod tavus;
