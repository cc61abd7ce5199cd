//! Why a cause holds or does not, for `esxray why-not` and `esxray diagnose --trace`.

mod json;
mod text;

pub(super) use json::{Trace, trace};
pub use json::{json, schema};
pub use text::text;
pub(super) use text::{conclusion, conditions};
