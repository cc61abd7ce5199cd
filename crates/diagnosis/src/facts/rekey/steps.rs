//! What the input shows of each of the five steps.

use esxray_model::{KeyState, RekeyStep, StepState};

use super::{Attempt, timed};
use crate::outcome::{RekeyObject, RekeyStepSeen, Supports};
use crate::timeline::Timeline;

pub(super) fn steps(
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
