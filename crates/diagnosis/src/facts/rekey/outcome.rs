//! How an attempt ended, and at which step.

use esxray_knowledge::FieldKind;
use esxray_model::{KeyState, RekeyOutcome, RekeyStep};

use super::{Attempt, timed};
use crate::outcome::RekeyObject;
use crate::timeline::Timeline;

pub(super) fn outcome(attempt: &Attempt, objects: &[RekeyObject]) -> RekeyOutcome {
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
pub(super) fn failed_step(
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
