//! Attempts as intervals over one VM: which events belong to which.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;
use esxray_model::{FormatName, Timestamp};

use super::cuts;
use super::names::{
    begins_task, ends_task, interrupts, is_failure, is_provider_error, is_refusal, is_rekey_mark, is_step_error,
    needs_an_end,
};
use crate::timeline::{Timed, Timeline, VmIndex};

/// Seconds after an attempt in which a disk that does not open is taken as its consequence.
///
/// A VM that HA resets powers on again within seconds, and one that is moved or restarted by hand
/// within minutes; a later failure is tied to the attempt by nothing but the key.
pub(super) const AFTERMATH_SECONDS: i64 = 15 * 60;
/// Seconds after which a task without an end is no longer taken to run.
pub(super) const LONGEST_TASK_SECONDS: i64 = 2 * 3600;
/// Seconds between the first and the last mark of one request's begin.
const SAME_REQUEST_SECONDS: i64 = 10;
/// Seconds after the end of a task in which vCenter still posts events about why it failed.
const POSTED_LATE_SECONDS: i64 = 60;

/// Reconfigurations of one VM that are looked back at.
const RECENT: usize = 128;

/// One attempt to change the keys of a VM.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub vm: VmIndex,
    /// Events of the attempt: its marks, key changes, errors, resets and failed opens.
    pub events: Vec<usize>,
    /// Its begin, or the first that the input shows of it.
    pub began: Option<Timestamp>,
    /// When its task ended, if the input shows it.
    pub ended: Option<Timestamp>,
    /// Whether the task ended well.
    pub succeeded: Option<bool>,
    pub op_id: Option<String>,
    /// vCenter's number of its task, or the host's where vCenter's is not shown.
    pub task: Option<String>,
    /// Whether a mark of the task itself is there: a begin, not only key changes or errors.
    pub has_task: bool,
    /// Resets by vSphere HA while it ran.
    pub ha_resets: Vec<usize>,
    /// Other things that cut it short: ends of the VM's process, migrations, restarts of the host or of hostd.
    pub interruptions: Vec<usize>,
    pub key_changes: Vec<usize>,
    pub wrong_keys: Vec<usize>,
    pub provider_errors: Vec<usize>,
    /// Errors that tell the step at which it failed, those of key providers aside.
    pub step_errors: Vec<usize>,
    /// What refused it before its first step.
    pub refusals: Vec<usize>,
    pub(super) marks: Marks,
    /// Whether no other attempt came after it, so that what the VM's files say is what it left.
    pub is_last: bool,
}

/// Who logged the begin and the end of an attempt.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    /// What the logs of those that did share.
    hosts: BTreeSet<String>,
    /// How far their clocks may be off, in microseconds.
    slack: i64,
    /// The hosts among them, vCenter left out.
    pub esx: BTreeSet<String>,
    /// When the host's own task ended, if the host's logs show it.
    pub host_ended: Option<Timestamp>,
    /// The host's number of the task, beside vCenter's.
    host_task: Option<String>,
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
            step_errors: Vec::new(),
            refusals: Vec::new(),
            marks: Marks::default(),
            is_last: false,
        }
    }

    /// Takes what a mark of its begin or end says of it.
    fn bounded_by(&mut self, at: usize, timed: &Timed) {
        self.marks.hosts.insert(timed.host.clone());
        self.marks.slack = self.marks.slack.max(timed.slack);
        if timed.event.format != FormatName::Vpxd {
            self.marks.esx.insert(timed.host.clone());
        }
        if self.op_id.is_none() {
            self.op_id.clone_from(&timed.event.op_id);
        }
        if let Some(task) = timed.event.value(FieldKind::Task) {
            if is_of_vcenter(task) {
                self.task = Some(task.to_owned());
            } else {
                self.marks.host_task.get_or_insert_with(|| task.to_owned());
                self.task.get_or_insert_with(|| task.to_owned());
            }
        }
        self.events.push(at);
    }

    /// Microseconds by which an event may miss its begin or end: nothing where one clock stamped all of them.
    fn slack(&self, timed: &Timed) -> i64 {
        let same = self.marks.hosts.iter().all(|host| *host == timed.host);
        if same { 0 } else { self.marks.slack.max(timed.slack) }
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

    /// Whether it was still running at a moment: HA's reset counts only inside of it.
    ///
    /// A task that a reset cuts short ends with an error a moment after the reset.
    pub(super) fn is_running(&self, timed: &Timed) -> bool {
        self.runs_for(timed, 0)
    }

    /// Whether it was running, or had ended less than so many seconds ago.
    fn runs_for(&self, timed: &Timed, seconds: i64) -> bool {
        let slack = self.slack(timed);
        match (self.began, timed.at) {
            (Some(began), Some(at)) => {
                let over = self.ended.map(|ended| ended.plus_seconds(seconds));
                began.micros_since(at) <= slack && over.is_none_or(|over| at.micros_since(over) <= slack)
            }
            _ => false,
        }
    }

    /// Whether an event is of its operation.
    pub(super) fn is_of_operation(&self, timed: &Timed) -> bool {
        related(self.op_id.as_deref(), timed.event.op_id.as_deref())
    }

    /// Whether something shows that it was a change of keys, and not any other reconfiguration.
    fn is_rekey(&self, timeline: &Timeline) -> bool {
        !self.key_changes.is_empty()
            || !self.provider_errors.is_empty()
            || self.events.iter().any(|at| event_name(timeline, *at).is_some_and(is_rekey_mark))
            // Keys that a reconfiguration which went well did not touch were changed by another operation.
            || (!self.wrong_keys.is_empty() && self.succeeded != Some(true))
    }

    /// Whether a mark of a begin is of the same request.
    fn is_request(&self, timed: &Timed) -> bool {
        let task = timed.event.value(FieldKind::Task);
        let known = if task.is_some_and(is_of_vcenter) {
            self.task.as_deref().filter(|task| is_of_vcenter(task))
        } else {
            self.marks.host_task.as_deref()
        };
        // A script may ask again and again under one operation id; each task is a request of its own.
        if let (Some(known), Some(task)) = (known, task) {
            return known == task;
        }
        if let (Some(_), Some(_)) = (self.op_id.as_deref(), timed.event.op_id.as_deref()) {
            return self.is_of_operation(timed);
        }
        let near = |from: Timestamp, at: Timestamp| at.seconds_since(from).abs() <= SAME_REQUEST_SECONDS;
        self.ended.is_none() && matches!((self.began, timed.at), (Some(began), Some(at)) if near(began, at))
    }

    /// Whether the end of a task with this number may be its own.
    fn is_task(&self, task: &str) -> bool {
        let known = if is_of_vcenter(task) { &self.task } else { &self.marks.host_task };
        known.as_deref() == Some(task)
    }
}

fn is_of_vcenter(task: &str) -> bool {
    task.starts_with("task-")
}

fn event_name(timeline: &Timeline, at: usize) -> Option<&str> {
    timeline.events.get(at).map(|it| it.event.name.as_str())
}

/// Whether two operation ids are one operation's: equal, or one with suffixes of the hops that it took.
fn related(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= 8 && long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-')))
}

/// The change-of-key attempts of a VM, in order.
pub(crate) fn attempts(timeline: &Timeline, vm: VmIndex) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for at in timeline.of_vm(vm).iter().copied() {
        let Some(timed) = timeline.events.get(at) else { continue };
        let name = timed.event.name.as_str();
        if begins_task(name) {
            begin(&mut attempts, at, timed, timeline, vm);
        } else if ends_task(name) {
            end(&mut attempts, at, timed);
        } else {
            place(&mut attempts, at, timed, vm);
        }
    }
    // A task that nothing marks as a change of keys is any other reconfiguration.
    attempts.retain(|it| it.is_rekey(timeline));
    for attempt in &mut attempts {
        // Of an attempt without an end it is not known whether it still ran when the VM was moved.
        if attempt.ended.is_none() {
            attempt.interruptions.retain(|at| !event_name(timeline, *at).is_some_and(needs_an_end));
        }
        cuts::add_of_host(timeline, attempt);
        attempt.events.sort_unstable();
        attempt.events.dedup();
    }
    if let Some(last) = attempts.last_mut() {
        last.is_last = true;
    }
    attempts
}

/// The last of the recent attempts that something holds for.
///
/// Events come in order of time, so that what is long over takes no more of them.
fn last(attempts: &[Attempt], holds: impl Fn(&Attempt) -> bool) -> Option<usize> {
    let recent = attempts.iter().enumerate().rev().take(RECENT);
    recent.filter(|it| holds(it.1)).map(|it| it.0).next()
}

/// Adds a mark of a begin to its request, or begins one.
fn begin(attempts: &mut Vec<Attempt>, at: usize, timed: &Timed, timeline: &Timeline, vm: VmIndex) {
    // vCenter repeats the request in the record of its failure: that shows what was asked, not when it began.
    let late = timeline.of_record(timed.event.place).any(|it| ends_task(&it.event.name));
    let known = last(attempts, |it| it.is_request(timed));
    let index = known.unwrap_or(attempts.len());
    if known.is_none() {
        attempts.push(Attempt { began: timed.at, ..Attempt::new(vm) });
    }
    let Some(attempt) = attempts.get_mut(index) else { return };
    attempt.has_task |= !late;
    attempt.began = attempt.began.or(timed.at);
    attempt.bounded_by(at, timed);
}

/// Ends the attempt that the end of a task belongs to.
fn end(attempts: &mut [Attempt], at: usize, timed: &Timed) {
    let task = timed.event.value(FieldKind::Task);
    let failed = timed.event.name == "lro-error" || timed.event.value(FieldKind::Status) == Some("error");
    let of_task = last(attempts, |it| task.is_some_and(|task| it.is_task(task)));
    let of_operation = || last(attempts, |it| it.is_of_operation(timed) && !it.has_other_task(task));
    // The host's task and vCenter's are two numbers of one task.
    let by_time = || {
        let last = attempts.last().filter(|it| it.has_task && it.ended.is_none() && it.takes(timed));
        let of_another = |it: &&Attempt| {
            it.has_other_task(task) || (it.op_id.is_some() && timed.event.op_id.is_some() && !it.is_of_operation(timed))
        };
        last.filter(|it| !of_another(it)).map(|_| attempts.len() - 1)
    };
    let index = of_task.or_else(of_operation).or_else(by_time);
    let Some(attempt) = index.and_then(|index| attempts.get_mut(index)) else { return };
    attempt.ended = attempt.ended.max(timed.at);
    if timed.event.format != FormatName::Vpxd {
        attempt.marks.host_ended = attempt.marks.host_ended.max(timed.at);
    }
    attempt.succeeded = Some(attempt.succeeded.unwrap_or(true) && !failed);
    attempt.bounded_by(at, timed);
}

impl Attempt {
    /// Whether it is known to have another task of the same service than this one.
    fn has_other_task(&self, task: Option<&str>) -> bool {
        let Some(task) = task else { return false };
        let known = if is_of_vcenter(task) {
            self.task.as_deref().filter(|known| is_of_vcenter(known))
        } else {
            self.marks.host_task.as_deref()
        };
        known.is_some_and(|known| known != task)
    }
}

/// Adds any other event to the attempt that it belongs to; a change of keys without one is one of its own.
fn place(attempts: &mut Vec<Attempt>, at: usize, timed: &Timed, vm: VmIndex) {
    let name = timed.event.name.as_str();
    let carries_keys = is_rekey_mark(name);
    let of_operation = last(attempts, |it| it.is_of_operation(timed));
    let index = match of_operation.or_else(|| last(attempts, |it| it.takes(timed))) {
        Some(index) => index,
        None if carries_keys => {
            // Its begin is not shown; the first sign of it stands for it.
            let op_id = timed.event.op_id.clone();
            attempts.push(Attempt { began: timed.at, op_id, ..Attempt::new(vm) });
            attempts.len() - 1
        }
        None => return,
    };
    let Some(attempt) = attempts.get_mut(index) else { return };
    let running = attempt.is_running(timed);
    // Of the time after it, only what is posted late about a failure tells of the attempt itself.
    let tells = of_operation.is_some()
        || running
        || (attempt.succeeded != Some(true) && attempt.runs_for(timed, POSTED_LATE_SECONDS));
    if is_failure(name) && tells {
        attempt.succeeded.get_or_insert(false);
    }
    // What another operation on the VM is refused says nothing about this one, which it may be refused for.
    let own = of_operation.is_some() || attempt.op_id.is_none() || timed.event.op_id.is_none();
    let list = match name {
        "key-changed" => Some(&mut attempt.key_changes),
        "disk-open-wrong-key" => Some(&mut attempt.wrong_keys),
        "ha-vm-reset" if running => Some(&mut attempt.ha_resets),
        _ if is_refusal(name) && tells && own => Some(&mut attempt.refusals),
        _ if is_provider_error(name) && tells => Some(&mut attempt.provider_errors),
        _ if is_step_error(name) && tells => Some(&mut attempt.step_errors),
        _ if interrupts(name) && running => Some(&mut attempt.interruptions),
        _ => None,
    };
    if let Some(list) = list {
        list.push(at);
        attempt.events.push(at);
    } else if carries_keys {
        attempt.events.push(at);
    }
}
