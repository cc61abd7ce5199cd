//! Turns log sources and knowledge into a diagnosis: which VM, at which step, why, which lines prove it,
//! what was ruled out, what could not be judged, and what to do first.
//!
//! What comes in: paths and a [`Knowledge`]. What goes out: a [`Diagnosis`], plain values. This crate
//! reads no clock and no environment, prints nothing, and never serialises. The same input gives the same
//! answer, whatever the number of threads.
//!
//! The way of the data, one module a step: `classify` recognises records in blocks of bytes, `scan` does it
//! for all sources in parallel, `timeline` stitches identities and puts events in one order, `correlate`
//! makes episodes of them, `facts` says what held, `judge` says which causes hold, `remedies` orders what
//! to do.
//!
//! # Examples
//!
//! ```no_run
//! use esxray_diagnosis::{Options, diagnose};
//! use esxray_knowledge::Knowledge;
//!
//! let knowledge = Knowledge::builtin()?;
//! let diagnosis = diagnose(&["vm-support.tgz".into()], &knowledge, &Options::default())?;
//! println!("{}", diagnosis.verdict);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod around;
mod assemble;
mod audit;
mod behind;
mod belongs;
mod builds;
mod classify;
mod clocks;
mod correlate;
mod coverage;
mod dump;
mod error;
mod event;
mod facts;
mod files;
mod grade;
mod history;
mod hosts;
mod inventory;
mod judge;
mod outcome;
mod path;
mod prove;
mod recognise;
mod rejected;
mod remedies;
mod roots;
mod scan;
mod template;
mod timeline;
mod told;
mod trace;

pub use around::{Around, around};
pub use assemble::{Options, Selection, diagnose, diagnose_traced};
pub use audit::{
    AttemptSeen, Audit, AuditOptions, AuditVerdict, Beside, CauseTotal, KeyedObject, ListAnswer, ListError, ListState,
    ListedAnswer, ListedVm, Naming, OutcomeCount, PlaceTotal, Preflight, ProviderTotal, Readiness, Retirement, Risk,
    RowCause, Safety, Totals, Unvouched, VmList, VmOutcome, VmRow, Weight, audit,
};
pub use belongs::{VmRecords, VmRecordsOfSource, each_operation, vm_records};
pub use builds::Release;
pub use clocks::{ClockSeen, ClockState, ClockStep};
pub use error::Error;
pub use history::{History, HistoryEntry, LogGap, Operation, diagnose_with_history, history};
pub use inventory::{
    BetweenGenerations, DatastoreSeen, HostSeen, Inventory, KeySeen, Layout, LayoutKind, MissingLog, ObjectSeen,
    ProductVersion, ProviderSeen, VmSeen, VmidSeen, inventory,
};
pub use outcome::{
    AskedBy, Coverage, Cut, Diagnosis, DoNot, EarlierAttempt, Evidence, Excluded, Finding, HostName, Incident, KeyName,
    KnowledgeUsed, Missing, NotEvaluated, ObjectKind, Problem, Rekey, RekeyObject, RekeyStepSeen, Remedy, RemedyStep,
    Supports, Unexplained, VmName, Withheld,
};
pub use prove::{Proof, ProofProblem, prove};
pub use recognise::{Recognised, Recogniser};
pub use roots::{RootCause, Scope};
pub use trace::{
    Conclusion, ConditionTrace, EventSeen, GradeTrace, LogSeen, Miss, NeedTrace, OtherCause, Trace, WhyNot, why_not,
};

#[cfg(doc)]
use esxray_knowledge::Knowledge;
