//! Makes inputs that still pass the first look of a reader.
//!
//! Random bytes are refused at the door: a log line without a stamp is no record, a tar header with a
//! wrong checksum is no header. So most mutations leave the door alone and change what is behind it:
//! the message behind the head of a line, the fields of a header whose checksum is then made right.

mod archive;
mod bytes;
mod log;
mod toml;

pub use archive::archive;
pub use bytes::bytes;
pub use log::log;
pub use toml::toml;
