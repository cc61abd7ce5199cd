//! Hostile bytes for every reader of esxray.
//!
//! What comes in: a seed, a time or a count of runs. What goes out: the inputs on which a reader
//! panicked, hung, or broke a promise. Each [`Target`](targets::Target) is a function over bytes that panics when a
//! promise is broken; [`mutate`] makes inputs that still pass the first look of the reader; a
//! [`Campaign`] runs the two against each other.
//!
//! There is no sanitizer and no instrumentation, so every stable compiler will do. What stands in for
//! coverage is what the reader itself says it saw: see [`Trace`].

#![expect(clippy::disallowed_methods, reason = "it makes the files that `bundle` is to open")]
#![expect(clippy::naive_bytecount, reason = "what judges is better plain than fast")]

mod campaign;
pub mod command;
mod judge;
pub mod mutate;
mod pack;
mod seeds;
pub mod targets;
mod trace;

pub use campaign::{Campaign, Crash, Outcome};
pub use trace::Trace;
