//! The report as a whole, over diagnoses made by hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that finds nothing there has failed")]

mod cases;
mod explain;
mod html;
mod json;
mod looks;
mod properties;
