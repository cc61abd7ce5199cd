//! Signatures, causes and remedies as checked data.
//!
//! What comes in: TOML texts, the built-in ones embedded when this crate is
//! built, and those of user packs as the caller read them. What goes out:
//! [`Knowledge`], in which every word is a value, every id names something and
//! every text can be printed. A file that is wrong is refused with its path, its
//! line, what was found and what was wanted.
//!
//! This crate knows no record, no incident and no output. It opens no file,
//! runs nothing, and judges nothing: it says what would have to hold.
//!
//! The form of the files is described in [`schema`].
//!
//! # Examples
//!
//! ```
//! use esxray_knowledge::Knowledge;
//! use esxray_model::FormatName;
//!
//! let knowledge = Knowledge::builtin()?;
//! let text = br#"DISKLIB-LINK : "/vmfs/volumes/ds1/APP-01/APP-01.vmdk" : failed to open (Cannot decrypt disk because key or password is incorrect)."#;
//! let (signature, captures) = knowledge.claims(Some(FormatName::VmwareLog), Some(b"vmx"), text).next().unwrap();
//! assert_eq!(signature.event, "disk-open-wrong-key");
//! assert_eq!(captures.fields[0].name, "disk");
//! # Ok::<(), esxray_knowledge::Error>(())
//! ```

mod cause;
mod cross;
pub mod decode;
mod document;
mod draft;
mod error;
mod flaw;
mod glob;
mod knowledge;
mod load;
mod narrow;
mod near;
mod nesting;
mod pack;
mod read;
mod release;
mod remedy;
pub mod schema;
mod self_test;
mod shown;
mod signature;
mod template;
mod wanted;

pub use cause::{Cause, Condition, Need, Subject};
pub use draft::{Draft, DraftOf, draft};
pub use error::{Error, LoadProblem};
pub use flaw::Flaw;
pub use glob::Glob;
pub use knowledge::{Entry, Knowledge};
pub use narrow::{Narrow, Narrowed};
pub use pack::{Pack, PackFile, limits};
pub use release::{NoRelease, Release};
pub use remedy::{FixedRelease, Prohibition, Remedy, Step};
pub use schema::{
    About, Basis, FieldKind, FileKind, History, Product, RemedyKind, ServiceImpact, Shell, TextPlace, Tone,
};
pub use self_test::{TestFailure, TestProblem};
pub use signature::{Capture, Captures, HistoryMeaning, Not, Sample, Signature};
pub use template::{Part, Piece, Placeholder, Template, parts};
pub use wanted::Wanted;
