//! Signatures, causes and remedies as checked data.
pub mod schema;
pub use schema::{About, Basis, FieldKind, History, RemedyKind, ServiceImpact, Shell, TextPlace, Tone};
