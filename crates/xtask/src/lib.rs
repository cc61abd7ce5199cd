//! Checks of the project itself: what no compiler looks at and every reviewer would have to.
//!
//! What comes in: the files that git tracks, or would if they were added, and what `cargo metadata` says. What goes out:
//! [`Complaint`]s, each with file, line and what to do. Nothing is ever changed.
//!
//! The checks run with `cargo test` and as `cargo run -p xtask -- tidy`.

mod complaint;
mod error;
mod project;
pub mod tidy;

pub use complaint::Complaint;
pub use error::Error;
pub use project::{File, Package, Project, Use};
