//! How an attempt ended, and at which step.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;
use esxray_model::{KeyState, RekeyOutcome, RekeyStep};

use super::names;
use super::{Asked, Attempt, cuts, timed};
use crate::outcome::RekeyObject;
use crate::timeline::{Timed, Timeline};

/// Seconds around an attempt in which an error of its provider that names no VM is taken as its own.
const AROUND_SECONDS: i64 = 60;

/// Whether it was refused before its first step: nothing of it was done.
pub(super) fn is_refused(attempt: &Attempt) -> bool {
    !attempt.refusals.is_empty() && attempt.key_changes.is_empty() && attempt.succeeded != Some(true)
}

/// Whether something cut it short. A task that went well was not, unless a disk of it is left behind.
fn is_cut(attempt: &Attempt) -> bool {
    let cut = !attempt.ha_resets.is_empty() || !attempt.interruptions.is_empty();
    cut && (attempt.succeeded != Some(true) || !attempt.wrong_keys.is_empty())
}

pub(super) fn outcome(attempt: &Attempt, objects: &[RekeyObject]) -> RekeyOutcome {
    if is_refused(attempt) {
        return RekeyOutcome::Failed;
    }
    if is_cut(attempt) {
        return RekeyOutcome::Interrupted;
    }
    let failed = attempt.succeeded == Some(false)
        || [&attempt.provider_errors, &attempt.wrong_keys, &attempt.step_errors].iter().any(|it| !it.is_empty());
    let any = |state: KeyState| objects.iter().any(|it| it.key_state == state && concerns(it));
    match (failed, any(KeyState::New)) {
        (_, true) if any(KeyState::Old) => RekeyOutcome::Partial,
        (true, true) if any(KeyState::Unknown) => RekeyOutcome::Partial,
        (true, _) => RekeyOutcome::Failed,
        (false, true) => RekeyOutcome::Completed,
        (false, false) if attempt.succeeded == Some(true) => RekeyOutcome::Completed,
        (false, false) => RekeyOutcome::Unknown,
    }
}

/// Whether something ties an object to the attempt: the request, a record, or what is known of its key.
pub(crate) fn concerns(object: &RekeyObject) -> bool {
    object.key_asked.is_some() || !object.evidence.is_empty() || object.key_state != KeyState::Unknown
}

/// A step that failed, and the events that show it.
pub(super) type Failure = (RekeyStep, Vec<usize>);

/// The step that failed, where the evidence says so.
///
/// A provider that is not found is the new one's at the first step and the old one's at the third: the
/// message names it. Within one provider it is the first step's, which needs it first. A reset that leaves
/// objects on two keys cuts the last step, the writing of descriptors; where nothing shows what it left,
/// it may have cut any. A disk that does not open after the task has ended shows that keys differ, and
/// not at which step.
pub(super) fn failed_step(
    timeline: &Timeline,
    attempt: &Attempt,
    outcome: RekeyOutcome,
    asked: &Asked,
    objects: &[RekeyObject],
) -> Option<Failure> {
    if matches!(outcome, RekeyOutcome::Completed | RekeyOutcome::Unknown) || is_refused(attempt) {
        return None;
    }
    let mut errors: Vec<usize> = attempt.provider_errors.iter().chain(&attempt.step_errors).copied().collect();
    if errors.is_empty() && attempt.succeeded == Some(false) && attempt.wrong_keys.is_empty() {
        errors = around(timeline, attempt, asked);
    }
    errors.sort_unstable();
    let step = timed(timeline, &errors).find_map(|it| step_of(it, asked));
    if let Some(step) = step {
        return Some((step, errors));
    }
    if !attempt.provider_errors.is_empty() {
        return None;
    }
    let some_new = objects.iter().any(|it| it.key_state == KeyState::New);
    let all_old = objects.iter().all(|it| it.key_state == KeyState::Old);
    if outcome == RekeyOutcome::Interrupted {
        let differ = some_new || (!attempt.wrong_keys.is_empty() && !all_old);
        return differ.then(|| (RekeyStep::EncryptKdk, cuts::shown(timeline, attempt)));
    }
    // Only where the key failed while the task ran, and not at a later power-on.
    let during = |at: &usize| {
        timeline
            .events
            .get(*at)
            .is_some_and(|it| attempt.is_of_operation(it) || (attempt.ended.is_some() && attempt.is_running(it)))
    };
    let during: Vec<usize> = attempt.wrong_keys.iter().copied().filter(during).collect();
    (!during.is_empty()).then_some((RekeyStep::DecryptKdk, during))
}

/// The step at which an error fails the request.
fn step_of(error: &Timed, asked: &Asked) -> Option<RekeyStep> {
    let (from, to) = (asked.from_provider.as_deref(), asked.to_provider.as_deref());
    let named = match error.event.value(FieldKind::Provider) {
        Some(provider) if Some(provider) == from && from != to => Some(RekeyStep::GetOldKey),
        Some(provider) if Some(provider) == to => Some(RekeyStep::GetNewKey),
        _ => None,
    };
    let key = error.event.value(FieldKind::KeyId);
    let old_key = key.is_some_and(|key| asked.old_keys.contains(key) && !asked.new_keys.contains(key));
    match names::failed_step(&error.event.name) {
        // The old key cannot be missing at the provider of the new one.
        Some(RekeyStep::GetOldKey) if named == Some(RekeyStep::GetNewKey) && from != to => None,
        Some(step) => Some(step),
        None => named.or_else(|| old_key.then_some(RekeyStep::GetOldKey)),
    }
}

/// Errors around a failed attempt that name one of its providers and no VM: vCenter posts them for all VMs at once.
fn around(timeline: &Timeline, attempt: &Attempt, asked: &Asked) -> Vec<usize> {
    let (Some(began), Some(ended)) = (attempt.began, attempt.ended) else { return Vec::new() };
    let (from, until) = (began.plus_seconds(-AROUND_SECONDS), ended.plus_seconds(AROUND_SECONDS));
    let providers: BTreeSet<&str> =
        [&asked.from_provider, &asked.to_provider].into_iter().flatten().map(String::as_str).collect();
    let takes = |it: &Timed| {
        it.vm.is_none()
            && it.at.is_some_and(|at| from <= at && at <= until)
            && it.event.value(FieldKind::Provider).is_some_and(|provider| providers.contains(provider))
    };
    let of_providers = names::PROVIDER_ERRORS.iter().flat_map(|name| timeline.named(name)).copied();
    of_providers.filter(|at| timeline.events.get(*at).is_some_and(takes)).collect()
}
