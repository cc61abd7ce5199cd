//! What is in an input, for `esxray inventory`.

mod json;
mod text;

pub use json::{json, schema};
pub use text::text;
