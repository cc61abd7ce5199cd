//! Turns the bytes of a log source into records: which lines belong together, who wrote them,
//! when, and what the head of each says.
//!
//! What comes in: a reader over the bytes of one log, out of its archive. What goes out: [`Block`]s of
//! whole records as spans over those bytes, and the count of every line ([`Account`]). Nothing is
//! decided here, and no format knows another. Damaged input is not an error: it is counted.
//!
//! Bytes stay as they are, but for two kinds of source: UTF-16 is decoded to UTF-8, and where lines
//! end with a carriage return alone it is read as a line feed. Offsets are then those of the decoded
//! bytes, and [`Account::decoding`] says so.
//!
//! # Examples
//!
//! ```
//! use esxray_record::{ReadOptions, read};
//!
//! let log = b"2023-03-10T15:16:22.314Z In(05) vmx - Powering on\n\
//!             2023-03-10T15:16:23.000Z In(05) vcpu-0 - Tools: Tools heartbeat timeout.\n";
//! let mut messages = Vec::new();
//! let account = read(&mut &log[..], "vmware.log", &ReadOptions::default(), &mut |block| {
//!     messages.extend(block.records().map(|record| record.message().into_owned()));
//! });
//! assert_eq!(messages, [b"Powering on".to_vec(), b"Tools: Tools heartbeat timeout.".to_vec()]);
//! assert_eq!((account.lines, account.records), (2, 2));
//! ```

mod account;
mod assemble;
mod block;
pub mod files;
mod formats;
mod header;
mod input;
mod paste;
mod seam;
mod sniff;
mod stamp;
mod years;

pub use account::{Account, Gap, Share};
pub use assemble::{ReadOptions, read};
pub use block::{Block, Record, Span, SpanKind, Text};
pub use formats::{Head, format_of_program};
pub use header::Header;
pub use input::{Decoding, Encoding};
pub use sniff::Form;
pub use stamp::{Certainty, Stamp, Zone, ZoneError, iso, month_day};
