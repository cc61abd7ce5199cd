//! Makes realistic vSphere logs: for tests, for the fixtures and for benchmarks.
//!
//! What goes in is a seed and a scenario, what comes out is bytes. The same
//! seed gives the same bytes on every machine: no clock, no environment, no
//! floating point, no hash order.
//!
//! ```text
//! seed ──► LogRecord (what is said) ──► Dialect (how it is written) ──► bytes
//! ```
//!
//! The crate knows the grammar of the logs but nothing of the crates that read
//! them, so that a mistake of a parser cannot be repeated here and stay unseen.
//! All names, ids, addresses and paths are invented; the wording of the
//! messages is that of the VMware products.
//!
//! - A test that wants one record in every form: [`wrap`] over [`Dialect::ALL`].
//! - A test that wants a whole case: [`Scenario`], with [`Generated::planted`] for what has to be found and where.
//! - A test of one rule: [`Brief`], a few records in logs that cover the time around them.
//! - A benchmark: [`NoiseWriter`], or `cargo run -p esxray-testkit --bin make-log`.
//! - The committed fixtures: `cargo run -p esxray-testkit --bin make-fixtures`.
//!
//! It is used in development only and never published.

mod brief;
mod dialect;
mod gz;
mod noise;
mod prng;
mod record;
mod scenario;
mod suite;
mod time;
mod world;

pub use brief::{Brief, BriefRekey};
pub use dialect::{Dialect, wrap};
pub use noise::{NoiseFormat, NoiseSummary, NoiseWriter};
pub use prng::Prng;
pub use record::{Level, LogRecord};
pub use scenario::{Case, FixtureFile, Generated, Planted, Scenario};
pub use suite::{Expected, ExpectedIncident, Layout, Naming, Setting, Tale};
pub use time::{LogTime, micros, millis, seconds};
pub use world::Generation;
