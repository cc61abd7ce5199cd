//! Turns a [`Diagnosis`](esxray_diagnosis::Diagnosis) into the terminal report and the JSON report.
//!
//! What comes in: plain values. What goes out: strings. This crate does no I/O,
//! knows no log format, judges nothing and leaves nothing out of the JSON. It
//! alone serialises, on mirror types of its own, so that inner types stay free
//! to change while the contract stays.
//!
//! Text for a terminal is made of [`Shown`] text alone: no byte of the input
//! can drive the terminal or hide from the reader.

mod escape;
pub mod outputs;
mod page;
mod paint;
mod words;

pub use escape::{Charset, Shown};
pub use outputs::Output;
pub use outputs::text::{TextOptions, Verbosity};
