//! What the input shows of each of the five steps.

use esxray_model::{KeyState, RekeyOutcome, RekeyStep, StepBasis, StepState};

use super::outcome::{Failure, concerns, is_refused};
use super::{Attempt, timed};
use crate::outcome::{RekeyObject, RekeyStepSeen, Supports};
use crate::timeline::Timeline;

/// Records of one step that are cited.
const CITED: usize = 4;

/// What is known of one step: its state, what that stands on, and the events that are cited for it.
type Known = (StepState, Option<StepBasis>, Vec<usize>);

const NOT_EVIDENCED: Known = (StepState::NotEvidenced, None, Vec::new());

/// The five steps. Each needs the one before it: so a step that failed shows that those before it were done and
/// that those after it were not reached, unless another object of the VM got further.
pub(super) fn steps(
    timeline: &Timeline,
    attempt: &Attempt,
    outcome: RekeyOutcome,
    failure: Option<&Failure>,
    objects: &[RekeyObject],
) -> Vec<RekeyStepSeen> {
    let concerned = || objects.iter().filter(|it| concerns(it));
    let some_new = objects.iter().any(|it| it.key_state == KeyState::New);
    let all_new = some_new && concerned().all(|it| it.key_state == KeyState::New);
    let known = |step: RekeyStep| -> Known {
        let by_keys = (StepState::Done, Some(StepBasis::Evidence), attempt.key_changes.clone());
        let by_model = |events: &[usize]| (StepState::Done, Some(StepBasis::Model), events.to_vec());
        match failure {
            Some((failed, shown)) if step == *failed => (StepState::Failed, Some(StepBasis::Evidence), shown.clone()),
            // An object on its new key went through all five steps, so the first four worked for the request.
            Some((failed, _)) if step < *failed && some_new => by_keys,
            Some((failed, shown)) if step < *failed => by_model(shown),
            Some(_) if some_new => NOT_EVIDENCED,
            Some((_, shown)) => (StepState::NotReached, Some(StepBasis::Model), shown.clone()),
            None if is_refused(attempt) => (StepState::NotReached, Some(StepBasis::Model), attempt.refusals.clone()),
            None if outcome == RekeyOutcome::Completed && all_new => by_keys,
            None if outcome == RekeyOutcome::Completed => by_model(&ends(timeline, attempt)),
            // What is asked of the new provider is asked once for the whole request.
            None if step <= RekeyStep::SaveNewKey && some_new => by_keys,
            None if step <= RekeyStep::SaveNewKey && was_opened(timeline, attempt) => by_model(&attempt.wrong_keys),
            None => NOT_EVIDENCED,
        }
    };
    RekeyStep::ALL
        .iter()
        .map(|step| {
            let (state, basis, shown) = known(*step);
            // That a step was not reached has no time and no record of its own.
            let shown = if state == StepState::NotReached { Vec::new() } else { shown };
            let at_it = matches!(state, StepState::Failed) || basis == Some(StepBasis::Evidence);
            RekeyStepSeen {
                step: *step,
                state,
                basis,
                time: timed(timeline, &shown).find_map(|it| it.event.time).filter(|_| at_it),
                evidence: timed(timeline, &shown)
                    .take(CITED)
                    .map(|it| crate::judge::evidence(&it.event, Supports::For))
                    .collect(),
            }
        })
        .collect()
}

/// The records that say that the task ended.
fn ends(timeline: &Timeline, attempt: &Attempt) -> Vec<usize> {
    let is_end = |at: &usize| timeline.events.get(*at).is_some_and(|it| super::names::ends_task(&it.event.name));
    attempt.events.iter().copied().filter(is_end).collect()
}

/// Whether disks were open when the attempt began, one of which its key does not open any more: something was
/// wrapped with the new key then.
fn was_opened(timeline: &Timeline, attempt: &Attempt) -> bool {
    let was_on = || timed(timeline, &attempt.events).any(|it| it.event.name == "vm-reconfiguring");
    !attempt.wrong_keys.is_empty() && was_on()
}
