//! Replaces the names in logs by stable pseudonyms, and proves that nothing else changed.
//!
//! What comes in: an inventory and the texts of an input, twice. What goes out: the same texts with pseudonyms.
//! [`Gather`] takes what is to be replaced from the inventory and from the places of a text where nothing but a
//! name, an address, an id or a secret can stand; [`Redactor`] replaces it there, and everywhere else where it stands
//! as a word of its own. A name that is an ordinary word too, such as a VM called `disk`, is replaced only in those
//! places, and [`Tally::left`] tells how often it was left elsewhere.
//!
//! Pseudonyms keep the shape of what they stand for: an id stays an id in the same spelling, an address an address,
//! a name a name with a digit where there was one. They are numbered in the order of first appearance: the same input
//! gives the same output. This crate opens and writes no file, and knows no format of a log.
//!
//! # Examples
//!
//! ```
//! use esxray_knowledge::Knowledge;
//! use esxray_redact::{Gather, Tally};
//!
//! let text = b"DISK: OPEN '/vmfs/volumes/ds-acme1/PAYROLL-7/PAYROLL-7.vmdk' for 10.1.2.3\nPAYROLL-7 is off\n";
//! let mut gather = Gather::new(&Knowledge::builtin()?, &[], &[])?;
//! gather.text(text);
//! let redactor = gather.finish()?;
//! let out = redactor.text(text, &mut Tally::default());
//! assert_eq!(
//!     String::from_utf8(out).unwrap(),
//!     "DISK: OPEN '/vmfs/volumes/ds-a1/file-a1/file-a1.vmdk' for 198.18.0.1\nfile-a1 is off\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod class;
mod compare;
mod find;
mod gather;
mod hex;
mod map;
mod path;
mod places;
mod rewrite;
mod stream;
mod words;

pub use class::Class;
pub use compare::{Difference, Sources, compare};
pub use gather::Gather;
pub use rewrite::{Redactor, Tally};
pub use stream::{Encoding, Unreadable, stretches};

/// Why nothing can be redacted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A rule of this crate is no regular expression.
    #[error("a rule of the program is wrong: {why}")]
    Rule {
        /// What is wrong.
        why: String,
    },
    /// More names than can be searched for at once.
    #[error("{names} spellings of names are too many to be searched for")]
    TooMany {
        /// How many.
        names: usize,
    },
}
