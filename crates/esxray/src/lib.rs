//! Forensics and diagnosis of VMware vSphere logs, offline.
//!
//! What comes in: a log file, a folder, an archive such as a `vm-support` bundle. What goes out: a
//! [`Diagnosis`]: which VM, which disk, which key, at which step it stopped, why, which lines prove it, what
//! was ruled out and what could not be judged, and what to do first, at what cost. Everything in it says
//! where in the input it comes from.
//!
//! This crate holds nothing of its own but [`diagnose`]; it puts the rooms under one roof. The command
//! `esxray` is written with it and with nothing else.
//!
//! # A diagnosis
//!
//! Two lines that somebody pasted into a ticket, in a folder:
//!
//! ```
//! use esxray::{Grade, Verdict};
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pasted/input");
//! let diagnosis = esxray::diagnose(folder)?;
//!
//! assert_eq!(diagnosis.verdict, Verdict::Failure);
//! let causes: Vec<&str> =
//!     diagnosis.incidents.iter().flat_map(|incident| &incident.findings).map(|finding| finding.cause.as_str()).collect();
//! assert!(causes.contains(&"rekey-disk-wrong-key"));
//! assert!(causes.contains(&"kms-provider-not-found-on-host"));
//!
//! // Two lines without their logs prove little, and the grade says so.
//! let grades = diagnosis.incidents.iter().flat_map(|incident| &incident.findings).map(|finding| finding.grade);
//! assert!(grades.max() < Some(Grade::Confirmed));
//! # Ok::<(), esxray::Error>(())
//! ```
//!
//! # As text and as JSON
//!
//! [`Output`] names the forms of a report. The JSON is described by the schema that
//! [`report::outputs::json::schema`] gives; the text holds no byte of the input that could drive a terminal.
//!
//! ```
//! use esxray::{Output, TextOptions};
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pasted/input");
//! let diagnosis = esxray::diagnose(folder)?;
//! let json = Output::Json.render(&diagnosis, &TextOptions::default());
//! assert!(json.starts_with("{\n  \"schema_version\": 1,"));
//!
//! let text = Output::Text.render(&diagnosis, &TextOptions { width: 100, ..TextOptions::default() });
//! assert!(text.starts_with("FAILURE"));
//! # Ok::<(), esxray::Error>(())
//! ```
//!
//! # With options, with knowledge of one's own
//!
//! [`diagnose`] takes everything as it is meant for most. Zone, year, time range, threads and limits are
//! [`Options`], further signatures, causes and remedies are packs of [`Knowledge`], and
//! [`diagnosis::diagnose`] takes both. Neither the clock nor the environment is ever read: the same input
//! gives the same answer.
//!
//! ```
//! use esxray::{Knowledge, Options, Selection};
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pasted/input");
//! let knowledge = Knowledge::builtin()?;
//! let options = Options {
//!     select: Selection { since: Some("2023-03-10".parse().unwrap()), ..Selection::default() },
//!     threads: Some(1),
//!     ..Options::default()
//! };
//! let diagnosis = esxray::diagnosis::diagnose(&[folder.into()], &knowledge, &options)?;
//! assert_eq!(diagnosis.knowledge.sha256, knowledge.sha256);
//! # Ok::<(), esxray::Error>(())
//! ```
//!
//! # The parsers alone
//!
//! [`bundle`] finds and streams the logs, [`record`] turns their bytes into records. Neither knows what a
//! failure is; use them for other ends.
//!
//! ```
//! use esxray::record::{ReadOptions, read};
//!
//! let log = b"2023-03-10T15:16:22.314Z In(05) vmx - Powering on\n";
//! let mut threads = Vec::new();
//! read(&mut &log[..], "vmware.log", &ReadOptions::default(), &mut |block| {
//!     threads.extend(block.records().map(|record| record.head().component.to_vec()));
//! });
//! assert_eq!(threads, [b"vmx".to_vec()]);
//! ```
//!
//! # The rooms
//!
//! | room | gives |
//! |---|---|
//! | [`model`] | the shared nouns: moments, grades, places |
//! | [`bundle`] | paths to streamed sources |
//! | [`record`] | bytes to records |
//! | [`knowledge`] | TOML to checked signatures, causes and remedies |
//! | [`diagnosis`] | records and knowledge to a diagnosis |
//! | [`report`] | a diagnosis to text and JSON |
//! | [`redact`] | texts to the same with pseudonyms |

use std::path::Path;

mod error;

pub use error::Error;
pub use esxray_bundle as bundle;
pub use esxray_diagnosis as diagnosis;
pub use esxray_diagnosis::{Diagnosis, Evidence, Finding, Incident, Options, Remedy, Selection};
pub use esxray_knowledge as knowledge;
pub use esxray_knowledge::{Knowledge, Pack, PackFile};
pub use esxray_model as model;
pub use esxray_model::{Grade, Severity, Timestamp, Verdict};
pub use esxray_record as record;
pub use esxray_record::Zone;
pub use esxray_redact as redact;
pub use esxray_report as report;
pub use esxray_report::{Output, TextOptions};

/// Diagnoses one file, folder or archive with the built-in knowledge and default options.
///
/// Loading the knowledge costs some ten milliseconds: for many inputs load it once and call
/// [`diagnosis::diagnose`].
///
/// # Errors
///
/// [`Error`] where the path cannot be opened. Damage inside of the input is part of the answer.
///
/// # Examples
///
/// ```
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clean-host/input");
/// let diagnosis = esxray::diagnose(folder)?;
/// assert!(diagnosis.incidents.is_empty());
///
/// let error = esxray::diagnose("no-such-folder").unwrap_err();
/// assert_eq!(error.to_string(), "cannot read no-such-folder");
/// # Ok::<(), esxray::Error>(())
/// ```
pub fn diagnose(path: impl AsRef<Path>) -> Result<Diagnosis, Error> {
    let knowledge = Knowledge::builtin()?;
    Ok(diagnosis::diagnose(&[path.as_ref().to_owned()], &knowledge, &Options::default())?)
}
