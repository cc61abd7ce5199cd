//! Re-keys: attempts as intervals over one VM, and what the input shows of their steps and objects.
//!
//! vSphere logs no line for a step that succeeds. An attempt is therefore bounded by its task, and its
//! state is read off what happened inside: keys that changed, a provider that was not found, a reset,
//! a disk that did not open afterwards. What is not shown stays `not-evidenced`.

mod attempts;
mod objects;
mod outcome;
mod steps;

use esxray_knowledge::FieldKind;
use esxray_model::{RekeyOutcome, RekeyStep};

use self::objects::objects;
use self::outcome::{failed_step, outcome};
use self::steps::steps;
use crate::dump::Requested;
use crate::outcome::Rekey;
use crate::timeline::{Timed, Timeline, VmIndex};

pub(crate) use self::attempts::{Attempt, attempts, is_provider_error};
pub(crate) use self::objects::{base_disk, opened_disks};

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

/// The providers before and after, as far as key changes and requests name them.
pub(crate) fn providers(timeline: &Timeline, attempt: &Attempt) -> (Option<String>, Option<String>) {
    let named = |kind| timed(timeline, &attempt.events).find_map(|it| it.event.value(kind)).map(str::to_owned);
    let asked = || requested(timeline, attempt);
    let from = named(FieldKind::OldProvider).or_else(|| asked().find_map(|it| it.old_provider.clone()));
    let to = named(FieldKind::NewProvider).or_else(|| asked().find_map(|it| it.new_provider.clone()));
    (from, to)
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

fn timed<'t>(timeline: &'t Timeline, list: &'t [usize]) -> impl Iterator<Item = &'t Timed> {
    list.iter().filter_map(|at| timeline.events.get(*at))
}
