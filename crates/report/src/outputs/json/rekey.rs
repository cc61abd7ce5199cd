//! The block of a re-key.

use esxray_diagnosis as from;
use esxray_diagnosis::{Diagnosis, ObjectKind};
use esxray_model::{Interruption, KeyState, Lang, RekeyOutcome, RekeyStep, StepBasis, StepState};
use schemars::JsonSchema;
use serde::Serialize;

use super::{AsWord, Evidence, Time, evidence, evidences};
use crate::words::Word;

/// One attempt to change the keys of a VM.
#[derive(Serialize, JsonSchema)]
pub(super) struct Rekey<'a> {
    /// Operation id that the log lines share.
    op_id: Option<&'a str>,
    /// Task that asked for it.
    task: Option<&'a str>,
    /// Whether the data keys were to be replaced too (`deep`) or only the keys that wrap them (`shallow`).
    scope: AsWord<Scope>,
    /// Provider of the keys before.
    from_provider: Option<&'a str>,
    /// Provider of the keys to be.
    to_provider: Option<&'a str>,
    /// How it ended.
    outcome: AsWord<RekeyOutcome>,
    /// The step that failed.
    failed_step: Option<AsWord<RekeyStep>>,
    /// All five steps, in order.
    steps: Vec<SeenStep<'a>>,
    /// Every object of the VM that the input shows.
    objects: Vec<EncryptedObject<'a>>,
    /// When it began, where the input shows its begin.
    started: Option<Time>,
    /// When its task ended, where the input shows that.
    ended: Option<Time>,
    /// Who asked for it.
    asked_by: AskedBy<'a>,
    /// What cut it short.
    interrupted_by: Option<Cut<'a>>,
    /// The record by which it was refused before its first step.
    refused_by: Option<Evidence<'a>>,
    /// Earlier attempts of the same incident, in order: back to the last one that was completed.
    attempts: Vec<EarlierAttempt<'a>>,
}

/// Who asked for a re-key, as far as the logs name them.
#[derive(Serialize, JsonSchema)]
struct AskedBy<'a> {
    /// Such as `VSPHERE.LOCAL\\Administrator`.
    user: Option<&'a str>,
    /// Such as `PowerCLI/13.2.1.22851661` or `vSphere Client`.
    client: Option<&'a str>,
    /// Id of the session, or the beginning of it that the log prints.
    session: Option<&'a str>,
}

/// What cut a re-key short.
#[derive(Serialize, JsonSchema)]
struct Cut<'a> {
    /// What.
    by: AsWord<Interruption>,
    /// When.
    time: Option<Time>,
    /// The records that show it.
    evidence: Vec<Evidence<'a>>,
}

/// An earlier attempt, in short.
#[derive(Serialize, JsonSchema)]
struct EarlierAttempt<'a> {
    /// Operation id that its log lines share.
    op_id: Option<&'a str>,
    /// When it began.
    started: Option<Time>,
    /// When its task ended.
    ended: Option<Time>,
    /// How it ended.
    outcome: AsWord<RekeyOutcome>,
    /// The step that failed.
    failed_step: Option<AsWord<RekeyStep>>,
}

/// The name of a key. Key material is never in a report.
#[derive(Serialize, JsonSchema)]
struct KeyName<'a> {
    /// Its id. A key of a native key provider may have none.
    key_id: Option<&'a str>,
    /// Its provider.
    provider: Option<&'a str>,
}

/// One step of a re-key and what the input shows of it.
#[derive(Serialize, JsonSchema)]
struct SeenStep<'a> {
    /// The step.
    step: AsWord<RekeyStep>,
    /// What the input shows.
    state: AsWord<StepState>,
    /// What that stands on: records (`evidence`) or the order of the steps (`model`).
    basis: Option<AsWord<StepBasis>>,
    /// When.
    time: Option<Time>,
    /// The records that show it.
    evidence: Vec<Evidence<'a>>,
}

/// One encrypted object of the VM after the attempt.
#[derive(Serialize, JsonSchema)]
struct EncryptedObject<'a> {
    /// VM home or disk.
    object: AsWord<ObjectKind>,
    /// Path, where the input gives one.
    path: Option<&'a str>,
    /// Such as `Hard disk 2`, or `device 2001` where only the number is known.
    label: Option<&'a str>,
    /// Number of the device in the VM's configuration; a link of a snapshot chain has that of its disk.
    device_key: Option<&'a str>,
    /// On which key it is.
    key_state: AsWord<KeyState>,
    /// Id of that key. Key material is never in a report.
    key_id: Option<&'a str>,
    /// Provider of that key.
    provider: Option<&'a str>,
    /// The key that it was on before the attempt, where that is known.
    key_before: Option<KeyName<'a>>,
    /// The key that the attempt was to bring, where that is known.
    key_asked: Option<KeyName<'a>>,
    /// The key that it is on after the attempt, where that is known.
    key_after: Option<KeyName<'a>>,
    /// The records that show it.
    evidence: Vec<Evidence<'a>>,
}

/// How far a re-key went: shallow replaces the key-encrypting keys, deep the data keys too.
#[derive(Clone, Copy)]
enum Scope {
    Shallow,
    Deep,
    Unknown,
}

impl Scope {
    fn of(scope: Option<&str>) -> Self {
        match scope {
            Some("shallow") => Self::Shallow,
            Some("deep") => Self::Deep,
            _ => Self::Unknown,
        }
    }
}

impl Word for Scope {
    const ALL: &'static [Self] = &[Self::Shallow, Self::Deep, Self::Unknown];

    fn word(self) -> &'static str {
        match self {
            Self::Shallow => "shallow",
            Self::Deep => "deep",
            Self::Unknown => "unknown",
        }
    }
}

/// The block of one re-key.
pub(super) fn rekey<'a>(diagnosis: &'a Diagnosis, one: &'a from::Rekey, lang: Lang) -> Rekey<'a> {
    let step = |seen: &'a from::RekeyStepSeen| SeenStep {
        step: AsWord(seen.step),
        state: AsWord(seen.state),
        basis: seen.basis.map(AsWord),
        time: Time::of(seen.time),
        evidence: evidences(diagnosis, &seen.evidence, lang),
    };
    let key = |name: &'a Option<from::KeyName>| {
        name.as_ref().map(|it| KeyName { key_id: it.key_id.as_deref(), provider: it.provider.as_deref() })
    };
    let object = |object: &'a from::RekeyObject| EncryptedObject {
        object: AsWord(object.kind),
        path: object.path.as_deref(),
        label: object.label.as_deref(),
        device_key: object.device_key.as_deref(),
        key_state: AsWord(object.key_state),
        key_id: object.key_id.as_deref(),
        provider: object.provider.as_deref(),
        key_before: key(&object.key_before),
        key_asked: key(&object.key_asked),
        key_after: key(&object.key_after),
        evidence: evidences(diagnosis, &object.evidence, lang),
    };
    let earlier = |it: &'a from::EarlierAttempt| EarlierAttempt {
        op_id: it.op_id.as_deref(),
        started: Time::of(it.started),
        ended: Time::of(it.ended),
        outcome: AsWord(it.outcome),
        failed_step: it.failed_step.map(AsWord),
    };
    let cut = |it: &'a from::Cut| Cut {
        by: AsWord(it.by),
        time: Time::of(it.time),
        evidence: evidences(diagnosis, &it.evidence, lang),
    };
    Rekey {
        op_id: one.op_id.as_deref(),
        task: one.task.as_deref(),
        scope: AsWord(Scope::of(one.scope)),
        from_provider: one.from_provider.as_deref(),
        to_provider: one.to_provider.as_deref(),
        outcome: AsWord(one.outcome),
        failed_step: one.failed_step.map(AsWord),
        steps: one.steps.iter().map(step).collect(),
        objects: one.objects.iter().map(object).collect(),
        started: Time::of(one.started),
        ended: Time::of(one.ended),
        asked_by: AskedBy {
            user: one.asked_by.user.as_deref(),
            client: one.asked_by.client.as_deref(),
            session: one.asked_by.session.as_deref(),
        },
        interrupted_by: one.interrupted_by.as_ref().map(cut),
        refused_by: one.refused_by.as_ref().map(|it| evidence(diagnosis, it, lang)),
        attempts: one.attempts.iter().map(earlier).collect(),
    }
}
