//! Checks of the project itself: what no compiler looks at and every reviewer would have to; and its generated page.
//!
//! What comes in: the files that git tracks, or would if they were added, and what `cargo metadata` says. What goes out:
//! [`Complaint`]s, each with file, line and what to do. Nothing is changed but [`catalogue::PATH`].
//!
//! The checks run with `cargo test` and as `cargo run -p xtask -- tidy`; `cargo run -p xtask -- catalogue` writes the
//! page of what the knowledge base knows.

pub mod catalogue;
mod complaint;
mod error;
mod project;
pub mod tidy;

pub use complaint::Complaint;
pub use error::Error;
pub use project::{File, Package, Project, Use};
