//! The nouns that every room of `esxray` shares: moments, levels, places, grades.
//!
//! What comes in and goes out: plain values. This crate knows no file, no
//! format and no rule; it does no I/O and never reads the clock.

mod facts;
mod grade;
mod history;
mod level;
mod name;
mod place;
mod said;
mod time;
mod trace;

pub use facts::Fact;
pub use grade::{
    Grade, IncidentKind, Interruption, KeyState, RekeyOutcome, RekeyStep, Role, Severity, StepBasis, StepState, Verdict,
};
pub use history::{HistoryKind, Lane};
pub use level::Level;
pub use name::FormatName;
pub use place::{Place, SourceId};
pub use said::{Lang, Said};
pub use time::{Timestamp, TimestampError};
pub use trace::{ConditionPart, ConditionState, MissKind};
