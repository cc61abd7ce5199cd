//! Re-keys: attempts as intervals over one VM, and what the input shows of their steps and objects.
//!
//! vSphere logs no line for a step that succeeds. An attempt is therefore bounded by its task, and its
//! state is read off what happened inside: keys that changed, a provider that was not found, a reset,
//! a disk that did not open afterwards. What is not shown stays `not-evidenced`.

mod asked;
mod attempts;
mod cuts;
mod names;
mod objects;
mod outcome;
mod steps;
#[cfg(test)]
mod tests;

use esxray_model::{RekeyOutcome, RekeyStep};

use self::asked::{Asked, asked_by};
use self::objects::objects;
use self::outcome::{failed_step, is_refused, outcome};
use self::steps::steps;
use crate::judge::evidence;
use crate::outcome::{AskedBy, EarlierAttempt, Rekey, Supports};
use crate::timeline::{Timed, Timeline, VmIndex};

pub(crate) use self::attempts::{Attempt, attempts};
pub(crate) use self::names::is_provider_error;
pub(crate) use self::objects::{base_disk, opened_disks};
pub(crate) use self::outcome::concerns;

/// Makes the answer about an attempt.
pub(crate) fn describe(timeline: &Timeline, attempt: &Attempt) -> Rekey {
    let asked = Asked::of(timeline, attempt);
    let first_look = objects(timeline, attempt, &asked, &[]);
    let outcome = outcome(attempt, &first_look);
    let failure = failed_step(timeline, attempt, outcome, &asked, &first_look);
    // A failure before the last two steps leaves every object as it was (rekey state machine, S0 to S3).
    // The old key is got for each object, so where they come from several providers some may be done.
    let early = failure.as_ref().is_some_and(|it| {
        it.0 <= RekeyStep::SaveNewKey || (it.0 == RekeyStep::GetOldKey && !asked.several_old_providers)
    });
    let untouched = (early || is_refused(attempt)) && attempt.key_changes.is_empty() && attempt.wrong_keys.is_empty();
    let why: &[usize] = failure.as_ref().map_or(&attempt.refusals, |it| &it.1);
    let objects = if untouched { objects(timeline, attempt, &asked, why) } else { first_look };
    let refusal = timed(timeline, &attempt.refusals).next().filter(|_| is_refused(attempt));
    Rekey {
        op_id: attempt.op_id.clone(),
        task: attempt.task.clone(),
        scope: asked.scope,
        steps: steps(timeline, attempt, outcome, failure.as_ref(), &objects),
        from_provider: asked.from_provider,
        to_provider: asked.to_provider,
        outcome,
        failed_step: failure.map(|it| it.0),
        objects,
        started: attempt.began.filter(|_| attempt.has_task),
        ended: attempt.ended,
        asked_by: asked_by(timeline, attempt),
        interrupted_by: cuts::cut(timeline, attempt).filter(|_| outcome == RekeyOutcome::Interrupted),
        refused_by: refusal.map(|it| evidence(&it.event, Supports::For)),
        attempts: Vec::new(),
    }
}

/// The attempts of the same incident before this one: back to the last one that was completed.
pub(crate) fn earlier(timeline: &Timeline, all: &[Attempt], attempt: &Attempt) -> Vec<EarlierAttempt> {
    let before = all.iter().take_while(|it| it.events != attempt.events);
    let mut earlier: Vec<EarlierAttempt> = Vec::new();
    for it in before {
        let rekey = describe(timeline, it);
        if rekey.outcome == RekeyOutcome::Completed {
            earlier.clear();
            continue;
        }
        earlier.push(EarlierAttempt {
            op_id: rekey.op_id,
            started: rekey.started,
            ended: rekey.ended,
            outcome: rekey.outcome,
            failed_step: rekey.failed_step,
        });
    }
    earlier
}

fn timed<'t>(timeline: &'t Timeline, list: &'t [usize]) -> impl Iterator<Item = &'t Timed> {
    list.iter().filter_map(|at| timeline.events.get(*at))
}

/// The providers before and after, as far as key changes and requests name them.
pub(crate) fn providers(timeline: &Timeline, attempt: &Attempt) -> (Option<String>, Option<String>) {
    let asked = Asked::of(timeline, attempt);
    (asked.from_provider, asked.to_provider)
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
        steps: steps(timeline, &attempt, RekeyOutcome::Unknown, None, &[]),
        objects: objects(timeline, &attempt, &Asked::default(), &[]),
        started: None,
        ended: None,
        asked_by: AskedBy::default(),
        interrupted_by: None,
        refused_by: None,
        attempts: Vec::new(),
    }
}
