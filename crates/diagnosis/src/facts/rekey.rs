//! Re-keys: attempts as intervals over one VM, and what the input shows of their steps and objects.
//!
//! vSphere logs no line for a step that succeeds. An attempt is therefore bounded by its task, and its
//! state is read off what happened inside: keys that changed, a provider that was not found, a reset,
//! a disk that did not open afterwards. What is not shown stays `not-evidenced`.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;
use esxray_model::{KeyState, RekeyOutcome, RekeyStep, StepState, Timestamp};

use crate::dump::Requested;
use crate::outcome::{ObjectKind, Rekey, RekeyObject, RekeyStepSeen, Supports};
use crate::path::{StoredPath, before_snapshot};
use crate::timeline::{Timed, Timeline, VmIndex};

/// Seconds after an attempt in which a disk that does not open is taken as its consequence.
///
/// A VM that HA resets powers on again within seconds, and one that is moved or restarted by hand
/// within minutes; a later failure is tied to the attempt by nothing but the key.
pub(crate) const AFTERMATH_SECONDS: i64 = 15 * 60;
/// Seconds after which a task without an end is no longer taken to run.
const LONGEST_TASK_SECONDS: i64 = 2 * 3600;
/// Seconds between the first and the last mark of one request's begin.
const SAME_REQUEST_SECONDS: i64 = 10;

/// Disks that are listed of one VM: as many as a VM can have.
const MOST_DISKS: usize = 256;

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
    clocks: (BTreeSet<String>, i64),
    /// Whether no other attempt came after it, so that what the VM's files say is what it left.
    pub is_last: bool,
}

impl Attempt {
    fn new(vm: VmIndex) -> Self {
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

/// Makes the answer about an attempt.
pub(crate) fn describe(timeline: &Timeline, attempt: &Attempt) -> Rekey {
    let (from_provider, to_provider) = providers(timeline, attempt);
    let first_look = objects(timeline, attempt, false);
    let outcome = outcome(attempt, &first_look);
    let failed_step = failed_step(timeline, attempt, outcome, from_provider.as_deref(), to_provider.as_deref());
    // A failure before the last two steps leaves every object as it was (rekey state machine, S0 to S3).
    let untouched = failed_step.is_some_and(|step| step <= RekeyStep::GetOldKey) && attempt.key_changes.is_empty();
    let objects = if untouched { objects(timeline, attempt, true) } else { first_look };
    Rekey {
        op_id: attempt.op_id.clone(),
        task: attempt.task.clone(),
        scope: scope(timeline, attempt),
        steps: steps(timeline, attempt, failed_step, &objects),
        from_provider,
        to_provider,
        outcome,
        failed_step,
        objects,
    }
}

fn timed<'t>(timeline: &'t Timeline, list: &'t [usize]) -> impl Iterator<Item = &'t Timed> {
    list.iter().filter_map(|at| timeline.events.get(*at))
}

/// The providers before and after, as far as key changes and requests name them.
pub(crate) fn providers(timeline: &Timeline, attempt: &Attempt) -> (Option<String>, Option<String>) {
    let named = |kind| timed(timeline, &attempt.events).find_map(|it| it.event.value(kind)).map(str::to_owned);
    let asked = || requested(timeline, attempt);
    let from = named(FieldKind::OldProvider).or_else(|| asked().find_map(|it| it.old_provider.clone()));
    let to = named(FieldKind::NewProvider).or_else(|| asked().find_map(|it| it.new_provider.clone()));
    (from, to)
}

/// A re-key that is concerned without a trace of the attempt itself: the VM's log shows only what became of it.
pub(crate) fn unseen(timeline: &Timeline, vm: VmIndex, wrong_keys: &[usize]) -> Rekey {
    let attempt = Attempt { wrong_keys: wrong_keys.to_vec(), is_last: true, ..Attempt::new(vm) };
    Rekey {
        op_id: None,
        task: None,
        scope: None,
        from_provider: None,
        to_provider: None,
        outcome: RekeyOutcome::Unknown,
        failed_step: None,
        steps: steps(timeline, &attempt, None, &[]),
        objects: objects(timeline, &attempt, false),
    }
}

/// What the request asks of each object.
fn requested<'t>(timeline: &'t Timeline, attempt: &'t Attempt) -> impl Iterator<Item = &'t Requested> {
    timed(timeline, &attempt.events).flat_map(|it| &it.event.requested)
}

fn scope(timeline: &Timeline, attempt: &Attempt) -> Option<&'static str> {
    timed(timeline, &attempt.events).find_map(|it| match it.event.field("scope")? {
        scope if scope.eq_ignore_ascii_case("shallow") => Some("shallow"),
        scope if scope.eq_ignore_ascii_case("deep") => Some("deep"),
        _ => None,
    })
}

/// Every object that the input shows, with the key that it is on.
fn objects(timeline: &Timeline, attempt: &Attempt, untouched: bool) -> Vec<RekeyObject> {
    let mut objects = named_objects(timeline, attempt, untouched);
    for it in timed(timeline, &attempt.key_changes) {
        let label = it.event.value(FieldKind::Device).map(|device| format!("device {device}"));
        let kind = if label.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome };
        let same = |known: &RekeyObject| known.kind == kind && (known.label == label || kind == ObjectKind::VmHome);
        let new = RekeyObject { label: label.clone(), ..object(kind, None) };
        let Some(known) = find_or_add(&mut objects, same, new) else { continue };
        // Of several changes of one record, each gives a part: the key, or its provider.
        if known.key_state != KeyState::New {
            (known.key_state, known.key_id, known.provider) = (KeyState::New, None, None);
        }
        known.key_id = it.event.value(FieldKind::NewKeyId).map(str::to_owned).or_else(|| known.key_id.take());
        known.provider = it.event.value(FieldKind::NewProvider).map(str::to_owned).or_else(|| known.provider.take());
        known.evidence.push(crate::judge::evidence(&it.event, Supports::For));
    }
    // A disk that its key does not open is on another key than its VM: which one, the log does not say.
    for it in timed(timeline, &attempt.wrong_keys) {
        let Some(disk) = it.event.value(FieldKind::DiskPath) else { continue };
        let name = StoredPath::read(disk).descriptor();
        let same =
            |known: &RekeyObject| known.path.as_deref().is_some_and(|path| StoredPath::read(path).descriptor() == name);
        let new = object(ObjectKind::Disk, Some(disk));
        let Some(known) = find_or_add(&mut objects, same, new) else { continue };
        if known.key_state == KeyState::Old {
            (known.key_state, known.key_id, known.provider) = (KeyState::Unknown, None, None);
        }
        known.evidence.push(crate::judge::evidence(&it.event, Supports::For));
    }
    if attempt.is_last {
        add_files(timeline, attempt, &mut objects);
    }
    objects.sort_by(|one, other| (one.kind, &one.label, &one.path).cmp(&(other.kind, &other.label, &other.path)));
    objects
}

/// Adds what the VM's files say: they were read after everything that the logs tell, so theirs is the last word.
fn add_files(timeline: &Timeline, attempt: &Attempt, objects: &mut Vec<RekeyObject>) {
    let (from, to) = providers(timeline, attempt);
    let ids =
        |kind| -> BTreeSet<&str> { timed(timeline, &attempt.events).filter_map(|it| it.event.value(kind)).collect() };
    let (mut old, mut new) = (ids(FieldKind::OldKeyId), ids(FieldKind::NewKeyId));
    old.extend(requested(timeline, attempt).filter_map(|it| it.old_key.as_deref()));
    new.extend(requested(timeline, attempt).filter_map(|it| it.new_key.as_deref()));
    for it in timed(timeline, timeline.of_vm(attempt.vm)).filter(|it| it.event.name == crate::files::KEY) {
        let disk = it.event.value(FieldKind::DiskPath);
        let kind = if disk.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome };
        let name = disk.map(|disk| StoredPath::read(disk).descriptor());
        let same = |known: &RekeyObject| {
            let path = known.path.as_deref().map(|path| StoredPath::read(path).descriptor());
            known.kind == kind && (kind == ObjectKind::VmHome || is_same_disk(path.as_deref(), name.as_deref()))
        };
        let Some(known) = find_or_add(objects, same, object(kind, disk)) else { continue };
        let (key, provider) = (it.event.value(FieldKind::KeyId), it.event.value(FieldKind::Provider));
        let changes = from.is_some() && from != to;
        known.key_state = match (key, provider) {
            (Some(key), _) if new.contains(key) && !old.contains(key) => KeyState::New,
            (Some(key), _) if old.contains(key) && !new.contains(key) => KeyState::Old,
            (_, Some(provider)) if changes && Some(provider) == to.as_deref() => KeyState::New,
            (_, Some(provider)) if changes && Some(provider) == from.as_deref() => KeyState::Old,
            _ => KeyState::Unknown,
        };
        known.key_id = key.map(str::to_owned);
        known.provider = provider.map(str::to_owned);
        known.evidence.push(crate::judge::evidence(&it.event, Supports::For));
    }
}

/// Whether two names are of one disk; a file that a bundle keeps outside of its path has no folder.
fn is_same_disk(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let file = |path: &str| path.rsplit('/').next().map(str::to_owned);
    one == other || ((one.starts_with('/') || other.starts_with('/')) && file(one) == file(other))
}

/// The disk that a snapshot's disk is a difference to, by its name: `APP-01` for `APP-01-000002.vmdk`.
pub(crate) fn base_disk(path: &str) -> String {
    let name = StoredPath::read(path).descriptor();
    let file = name.rsplit('/').next().unwrap_or_default();
    before_snapshot(file).unwrap_or_else(|| file.strip_suffix(".vmdk").unwrap_or(file)).to_owned()
}

/// The object that is the same, or the new one, added.
fn find_or_add(
    objects: &mut Vec<RekeyObject>,
    same: impl Fn(&RekeyObject) -> bool,
    new: RekeyObject,
) -> Option<&mut RekeyObject> {
    let at = objects.iter().position(same).unwrap_or(objects.len());
    if at == objects.len() {
        objects.push(new);
    }
    objects.get_mut(at)
}

fn object(kind: ObjectKind, path: Option<&str>) -> RekeyObject {
    RekeyObject {
        kind,
        path: path.map(str::to_owned),
        label: None,
        key_state: KeyState::Unknown,
        key_id: None,
        provider: None,
        evidence: Vec::new(),
    }
}

/// The objects that the request names, or those that the VM's own log shows.
///
/// Where the attempt failed before any key was unwrapped, each is as it was: on the key that the request names as the old one.
fn named_objects(timeline: &Timeline, attempt: &Attempt, untouched: bool) -> Vec<RekeyObject> {
    let mut objects: Vec<RekeyObject> = Vec::new();
    for asked in requested(timeline, attempt) {
        let label = asked.device.as_ref().map(|device| format!("device {device}"));
        let kind = if label.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome };
        if objects.iter().any(|known| known.kind == kind && known.label == label) {
            continue;
        }
        let mut named = RekeyObject { label, ..object(kind, asked.path.as_deref()) };
        if untouched {
            named.key_state = KeyState::Old;
            (named.key_id, named.provider) = (asked.old_key.clone(), asked.old_provider.clone());
        }
        objects.push(named);
    }
    if objects.is_empty() && attempt.key_changes.is_empty() {
        objects = opened_disks(timeline, attempt.vm);
    }
    objects
}

/// Objects that are known without a word on their keys: the VM home, and the disks that the VM's log shows.
///
/// That a disk opened says that its key was at hand, not which one it was.
pub(crate) fn opened_disks(timeline: &Timeline, vm: VmIndex) -> Vec<RekeyObject> {
    let mut disks: BTreeMap<String, &str> = BTreeMap::new();
    let shows = |name: &str| matches!(name, "disk-opened" | crate::files::DISK);
    for it in timed(timeline, timeline.of_vm(vm)).filter(|it| shows(&it.event.name)) {
        if let Some(disk) = it.event.value(FieldKind::DiskPath) {
            let path = StoredPath::read(disk);
            // Only the descriptor carries a key; extents lie beside it.
            if path.descriptor().ends_with(&path.file) {
                disks.entry(path.descriptor()).or_insert(disk);
            }
        }
    }
    let home = object(ObjectKind::VmHome, None);
    std::iter::once(home)
        .chain(disks.into_values().take(MOST_DISKS).map(|disk| object(ObjectKind::Disk, Some(disk))))
        .collect()
}

fn outcome(attempt: &Attempt, objects: &[RekeyObject]) -> RekeyOutcome {
    let interrupted =
        !attempt.ha_resets.is_empty() || (!attempt.interruptions.is_empty() && attempt.succeeded != Some(true));
    if interrupted {
        return RekeyOutcome::Interrupted;
    }
    let failed =
        attempt.succeeded == Some(false) || !attempt.provider_errors.is_empty() || !attempt.wrong_keys.is_empty();
    let some_new = objects.iter().any(|it| it.key_state == KeyState::New);
    let some_other = objects.iter().any(|it| it.key_state != KeyState::New);
    match (failed, some_new) {
        (true, true) if some_other => RekeyOutcome::Partial,
        (true, _) => RekeyOutcome::Failed,
        (false, true) => RekeyOutcome::Completed,
        (false, false) if attempt.succeeded == Some(true) => RekeyOutcome::Completed,
        (false, false) => RekeyOutcome::Unknown,
    }
}

/// The step that failed, where the evidence says so.
///
/// A provider that is not found is the new one's at the first step and the old one's at the third: the
/// message names it. A reset cuts the last step, the writing of descriptors. A disk that does not open
/// without either failed where its key was unwrapped.
fn failed_step(
    timeline: &Timeline,
    attempt: &Attempt,
    outcome: RekeyOutcome,
    from: Option<&str>,
    to: Option<&str>,
) -> Option<RekeyStep> {
    if matches!(outcome, RekeyOutcome::Completed | RekeyOutcome::Unknown) {
        return None;
    }
    for it in timed(timeline, &attempt.provider_errors) {
        let provider = it.event.value(FieldKind::Provider);
        match provider {
            Some(provider) if Some(provider) == from && from != to => return Some(RekeyStep::GetOldKey),
            Some(provider) if Some(provider) == to => return Some(RekeyStep::GetNewKey),
            _ => {}
        }
        if it.event.name == "kms-key-generate-fail" {
            return Some(RekeyStep::GetNewKey);
        }
    }
    if !attempt.provider_errors.is_empty() {
        return None;
    }
    if outcome == RekeyOutcome::Interrupted {
        return Some(RekeyStep::EncryptKdk);
    }
    (!attempt.wrong_keys.is_empty()).then_some(RekeyStep::DecryptKdk)
}

fn steps(
    timeline: &Timeline,
    attempt: &Attempt,
    failed: Option<RekeyStep>,
    objects: &[RekeyObject],
) -> Vec<RekeyStepSeen> {
    let all_new = !objects.is_empty() && objects.iter().all(|it| it.key_state == KeyState::New) && failed.is_none();
    let because: Vec<usize> = match failed {
        Some(RekeyStep::GetNewKey | RekeyStep::SaveNewKey | RekeyStep::GetOldKey) => attempt.provider_errors.clone(),
        Some(RekeyStep::DecryptKdk) => attempt.wrong_keys.clone(),
        Some(RekeyStep::EncryptKdk) => attempt.ha_resets.iter().chain(&attempt.interruptions).copied().collect(),
        None => Vec::new(),
    };
    // An object on its new key went through all five steps, so the first four worked for the request.
    let some_new = objects.iter().any(|it| it.key_state == KeyState::New);
    RekeyStep::ALL
        .iter()
        .map(|step| {
            let state = match failed {
                Some(failed) if *step == failed => StepState::Failed,
                Some(failed) if *step > failed && !some_new => StepState::NotReached,
                Some(failed) if *step < failed && some_new => StepState::Done,
                None if all_new => StepState::Done,
                _ => StepState::NotEvidenced,
            };
            let shown: Vec<usize> = match state {
                StepState::Failed => because.clone(),
                StepState::Done => attempt.key_changes.clone(),
                StepState::NotReached | StepState::NotEvidenced => Vec::new(),
            };
            RekeyStepSeen {
                step: *step,
                state,
                time: timed(timeline, &shown).find_map(|it| it.event.time),
                evidence: timed(timeline, &shown)
                    .take(4)
                    .map(|it| crate::judge::evidence(&it.event, Supports::For))
                    .collect(),
            }
        })
        .collect()
}
