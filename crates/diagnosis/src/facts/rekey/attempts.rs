//! Attempts as intervals over one VM: which events belong to which.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;
use esxray_model::Timestamp;

use crate::timeline::{Timed, Timeline, VmIndex};

/// Seconds after an attempt in which a disk that does not open is taken as its consequence.
///
/// A VM that HA resets powers on again within seconds, and one that is moved or restarted by hand
/// within minutes; a later failure is tied to the attempt by nothing but the key.
const AFTERMATH_SECONDS: i64 = 15 * 60;

/// Seconds after which a task without an end is no longer taken to run.
const LONGEST_TASK_SECONDS: i64 = 2 * 3600;

/// Seconds between the first and the last mark of one request's begin.
const SAME_REQUEST_SECONDS: i64 = 10;

/// One attempt to change the keys of a VM.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub vm: VmIndex,
    /// Events of the attempt: its marks, key changes, errors, resets and failed opens.
    pub events: Vec<usize>,
    pub began: Option<Timestamp>,
    /// When its task ended, if the input shows it.
    pub ended: Option<Timestamp>,
    /// Whether the task ended well.
    pub succeeded: Option<bool>,
    pub op_id: Option<String>,
    pub task: Option<String>,
    /// Whether a mark of the task itself is there: a begin, not only key changes or errors.
    pub has_task: bool,
    /// Resets by vSphere HA while it ran.
    pub ha_resets: Vec<usize>,
    /// Other ends of the VM's process while it ran.
    pub interruptions: Vec<usize>,
    pub key_changes: Vec<usize>,
    pub wrong_keys: Vec<usize>,
    pub provider_errors: Vec<usize>,
    /// The hosts that logged its begin and its end, and how far their clocks may be off, in microseconds.
    pub(super) clocks: (BTreeSet<String>, i64),
    /// Whether no other attempt came after it, so that what the VM's files say is what it left.
    pub is_last: bool,
}

impl Attempt {
    pub(super) fn new(vm: VmIndex) -> Self {
        Self {
            vm,
            events: Vec::new(),
            began: None,
            ended: None,
            succeeded: None,
            op_id: None,
            task: None,
            has_task: false,
            ha_resets: Vec::new(),
            interruptions: Vec::new(),
            key_changes: Vec::new(),
            wrong_keys: Vec::new(),
            provider_errors: Vec::new(),
            clocks: (BTreeSet::new(), 0),
            is_last: false,
        }
    }

    /// Takes the clock of a mark of its begin or end.
    fn bounded_by(&mut self, timed: &Timed) {
        self.clocks.0.insert(timed.host.clone());
        self.clocks.1 = self.clocks.1.max(timed.slack);
    }

    /// Microseconds by which an event may miss its begin or end: nothing where one clock stamped all of them.
    fn slack(&self, timed: &Timed) -> i64 {
        let same = self.clocks.0.iter().all(|host| *host == timed.host);
        if same { 0 } else { self.clocks.1.max(timed.slack) }
    }

    /// Until when events are tied to it.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        let from = self.ended.or_else(|| self.began.map(|began| began.plus_seconds(LONGEST_TASK_SECONDS)));
        from.map(|from| from.plus_seconds(AFTERMATH_SECONDS))
    }

    /// Whether an event lies in it or its aftermath.
    pub(crate) fn takes(&self, timed: &Timed) -> bool {
        let slack = self.slack(timed);
        matches!(
            (self.began, timed.at, self.until()),
            (Some(began), Some(at), Some(until)) if began.micros_since(at) <= slack && at <= until
        )
    }

    /// Whether something shows that it was a change of keys, and not any other reconfiguration.
    fn is_rekey(&self, timeline: &Timeline) -> bool {
        !self.key_changes.is_empty()
            || !self.wrong_keys.is_empty()
            || self.events.iter().any(|at| event_name(timeline, *at).is_some_and(is_rekey_mark))
            || !self.provider_errors.is_empty()
    }
}

fn event_name(timeline: &Timeline, at: usize) -> Option<&str> {
    timeline.events.get(at).map(|it| it.event.name.as_str())
}

/// Events that only a change of keys writes.
fn is_rekey_mark(name: &str) -> bool {
    matches!(name, "crypto-spec" | "key-changed" | "crypto-operation" | "rekey-script-failed")
        || name.starts_with("rekey-")
        || name.starts_with("shallow-rekey")
        || name.starts_with("deep-rekey")
}

fn begins_task(name: &str) -> bool {
    matches!(name, "task-reconfigure-begin" | "crypto-spec" | "vm-reconfiguring" | "vm-reconfiguring-off")
}

fn ends_task(name: &str) -> bool {
    matches!(name, "task-end" | "lro-finish" | "lro-error")
}

/// Events that end the VM's process while a task may run.
fn interrupts(name: &str) -> bool {
    matches!(name, "vm-powered-off" | "vm-crashed" | "ha-host-dead" | "vm-restarted-by-ha" | "ha-vm-restarted")
}

/// Errors of a key provider, or of a key that it should have, that fail a change of keys.
pub(crate) fn is_provider_error(name: &str) -> bool {
    const ERRORS: [&str; 22] = [
        "provider-not-found",
        "kms-unreachable",
        "kms-error",
        "kms-client-error",
        "kms-password-missing",
        "kms-key-generate-fail",
        "kms-key-missing",
        "kms-trust-broken",
        "host-reqenable-kms-error",
        "host-reqenable-key-missing",
        "vsan-kms-health-error",
        "key-state-cluster-invalid",
        "key-state-cluster-unreachable",
        "key-state-missing-in-kms",
        "key-state-missing-in-cache",
        "key-state-not-active",
        "key-state-wrapping-key",
        "vm-locked-kms-error",
        "vm-locked-key-missing-kms",
        "vm-locked-trusted-provider",
        "trusted-provider-unavailable",
        "trusted-provider-unhealthy",
    ];
    ERRORS.contains(&name)
}

/// The change-of-key attempts of a VM, in order.
pub(crate) fn attempts(timeline: &Timeline, vm: VmIndex) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for at in timeline.of_vm(vm).iter().copied() {
        let Some(timed) = timeline.events.get(at) else { continue };
        place(&mut attempts, at, timed, vm);
    }
    // A task that nothing marks as a change of keys is any other reconfiguration.
    attempts.retain(|it| it.is_rekey(timeline));
    if let Some(last) = attempts.last_mut() {
        last.is_last = true;
    }
    attempts
}

/// Adds an event to the attempt that it belongs to, or begins one.
fn place(attempts: &mut Vec<Attempt>, at: usize, timed: &Timed, vm: VmIndex) {
    let name = timed.event.name.as_str();
    let task = timed.event.value(FieldKind::Task);
    let op_id = timed.event.op_id.as_deref();
    if begins_task(name) {
        let same =
            attempts.last_mut().filter(|last| last.ended.is_none() && is_same_request(last, task, op_id, timed.at));
        let attempt = if let Some(same) = same {
            same
        } else {
            attempts.push(Attempt { began: timed.at, ..Attempt::new(vm) });
            let Some(last) = attempts.last_mut() else { return };
            last
        };
        attempt.has_task = true;
        attempt.began = attempt.began.or(timed.at);
        attempt.bounded_by(timed);
        attempt.op_id = attempt.op_id.take().or_else(|| op_id.map(str::to_owned));
        // vCenter's own number of the task comes before the host's.
        if attempt.task.is_none() || task.is_some_and(|task| task.starts_with("task-")) {
            attempt.task = task.map(str::to_owned).or_else(|| attempt.task.take());
        }
        attempt.events.push(at);
        return;
    }
    if ends_task(name) {
        let failed = name == "lro-error" || timed.event.value(FieldKind::Status) == Some("error");
        let found = attempts.iter_mut().rev().find(|it| {
            (task.is_some() && it.task.as_deref() == task) || (op_id.is_some() && related(it.op_id.as_deref(), op_id))
        });
        let found = match found {
            Some(found) => Some(found),
            // The host's task and vCenter's are two numbers of one task.
            None => attempts.last_mut().filter(|it| it.has_task && it.ended.is_none() && it.takes(timed)),
        };
        if let Some(found) = found {
            found.ended = found.ended.max(timed.at);
            found.bounded_by(timed);
            found.succeeded = Some(found.succeeded.unwrap_or(true) && !failed);
            found.events.push(at);
        }
        return;
    }
    let running =
        attempts.iter().rposition(|it| (op_id.is_some() && related(it.op_id.as_deref(), op_id)) || it.takes(timed));
    let carries_keys = name == "key-changed" || is_rekey_mark(name);
    let index = match running {
        Some(index) => index,
        None if carries_keys => {
            attempts.push(Attempt { began: timed.at, ..Attempt::new(vm) });
            attempts.len() - 1
        }
        None => return,
    };
    let Some(attempt) = attempts.get_mut(index) else { return };
    let list = match name {
        "key-changed" => Some(&mut attempt.key_changes),
        "disk-open-wrong-key" => Some(&mut attempt.wrong_keys),
        "ha-vm-reset" if is_running(attempt, timed) => Some(&mut attempt.ha_resets),
        _ if is_provider_error(name) => Some(&mut attempt.provider_errors),
        _ if interrupts(name) && is_running(attempt, timed) => Some(&mut attempt.interruptions),
        _ => None,
    };
    if let Some(list) = list {
        list.push(at);
        attempt.events.push(at);
    } else if carries_keys {
        attempt.events.push(at);
    }
}

/// Whether an attempt was still running at a moment: HA's reset counts only inside of it.
///
/// A task that a reset cuts short ends with an error a moment after the reset.
fn is_running(attempt: &Attempt, timed: &Timed) -> bool {
    let slack = attempt.slack(timed);
    match (attempt.began, timed.at) {
        (Some(began), Some(at)) => {
            began.micros_since(at) <= slack && attempt.ended.is_none_or(|ended| at.micros_since(ended) <= slack)
        }
        _ => false,
    }
}

fn is_same_request(last: &Attempt, task: Option<&str>, op_id: Option<&str>, at: Option<Timestamp>) -> bool {
    if task.is_some() && last.task.as_deref() == task {
        return true;
    }
    if let (Some(_), Some(_)) = (last.op_id.as_deref(), op_id) {
        return related(last.op_id.as_deref(), op_id);
    }
    matches!((last.began, at), (Some(began), Some(at)) if at.seconds_since(began).abs() <= SAME_REQUEST_SECONDS)
}

/// Whether two operation ids are one operation's: equal, or one with suffixes of the hops that it took.
fn related(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= 8 && long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-')))
}
