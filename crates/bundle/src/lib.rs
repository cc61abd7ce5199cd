//! Finds and opens the log sources of what a customer sent.
//!
//! What comes in: paths (files, folders, `-`). What goes out: a [`Plan`] of
//! [`Unit`]s, each of which streams one or several [`Member`]s, the decoded
//! bytes of one log each, and the [`ReadProblem`]s met on the way.
//! What a file is gets decided by its first bytes; its name is never asked.
//!
//! This is the only library that opens files. It never writes, never unpacks
//! to disk, never follows a link out of what was named, holds no whole file in
//! memory, and knows nothing of what stands in a log.
//! Damage is no error: what a damaged input held is delivered, and the damage
//! is a value.
//!
//! # Examples
//!
//! ```no_run
//! use esxray_bundle::{Limits, plan};
//!
//! let limits = Limits::default();
//! let found = plan(&["logs".into()], &limits)?;
//! for unit in &found.units {
//!     let problems = unit.read(&limits, &mut |member| {
//!         let bytes = std::io::copy(member.reader, &mut std::io::sink());
//!         println!("{}: {bytes:?}", member.name);
//!     });
//!     for problem in problems {
//!         println!("{}: {}", problem.source, problem.problem);
//!     }
//! }
//! # Ok::<(), esxray_bundle::Error>(())
//! ```
#![expect(clippy::disallowed_methods, reason = "this is the room that opens input files")]

#[cfg(feature = "bzip2")]
mod bzip2;
mod codec;
mod error;
mod gzip;
mod input;
mod limits;
mod meter;
mod name;
mod plan;
#[cfg(test)]
mod properties;
mod reading;
mod sniff;
mod split;
mod tar;
#[cfg(test)]
mod testing;
mod unit;
#[cfg(feature = "xz")]
mod xz;
mod zip;
#[cfg(feature = "zstd")]
mod zstd;

pub use error::Error;
pub use limits::Limits;
pub use meter::Meter;
pub use plan::{Plan, plan};
pub use unit::{Member, ReadProblem, Unit};
