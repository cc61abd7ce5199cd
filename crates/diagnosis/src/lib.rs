//! Turns records and knowledge into a diagnosis.

mod outcome;

pub use outcome::{
    Coverage, Diagnosis, DoNot, Evidence, Excluded, Finding, HostName, Incident, KnowledgeUsed, Missing, NotEvaluated,
    ObjectKind, Problem, Rekey, RekeyObject, RekeyStepSeen, Remedy, RemedyStep, Supports, Unexplained, VmName, Withheld,
};
