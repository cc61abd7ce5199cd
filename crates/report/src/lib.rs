//! Turns a [`Diagnosis`](esxray_diagnosis::Diagnosis) into the terminal report and the JSON report.
//!
//! What comes in: plain values. What goes out: strings. This crate does no I/O,
//! knows no log format, judges nothing and leaves nothing out of the JSON. It
//! alone serialises, on mirror types of its own, so that inner types stay free
//! to change while the contract stays.
//!
//! Text for a terminal is made of [`Shown`] text alone: no byte of the input
//! can drive the terminal or hide from the reader.
//!
//! # Examples
//!
//! ```
//! use esxray_diagnosis::{Diagnosis, KnowledgeUsed, Problem};
//! use esxray_model::{Said, Verdict};
//! use esxray_report::{Output, TextOptions};
//!
//! let knowledge =
//!     KnowledgeUsed { causes: 1, signatures: 1, remedies: 1, sha256: "5d1f".to_owned(), packs: vec!["builtin".to_owned()] };
//! let lost = Problem {
//!     source: "hostd.log.gz".to_owned(),
//!     problem: Said::new("the gzip stream ends early", "le flux gzip se termine trop tôt"),
//!     lost_bytes: Some(512),
//!     incomplete: true,
//! };
//! let diagnosis = Diagnosis {
//!     verdict: Verdict::Inconclusive,
//!     sources: vec!["hostd.log.gz".to_owned()],
//!     incidents: Vec::new(),
//!     root_causes: Vec::new(),
//!     excluded: Vec::new(),
//!     not_evaluated: Vec::new(),
//!     unexplained: Vec::new(),
//!     clocks: Vec::new(),
//!     coverage: Vec::new(),
//!     problems: vec![lost],
//!     knowledge,
//!     traces: Default::default(),
//!     around: Default::default(),
//! };
//! let text = Output::Text.render(&diagnosis, &TextOptions::default());
//! assert!(text.starts_with("INCONCLUSIVE  Nothing known was found in 0 of 0 records"));
//! let json = Output::Json.render(&diagnosis, &TextOptions::default());
//! assert!(json.contains(r#""lost_bytes": 512"#));
//! ```

mod escape;
pub mod explain;
pub mod listing;
pub mod outputs;
mod page;
mod paint;
mod words;

pub use escape::{Charset, Shown};
pub use outputs::Output;
pub use outputs::text::{TextOptions, Verbosity};
