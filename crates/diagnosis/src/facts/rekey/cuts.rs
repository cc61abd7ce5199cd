//! What cut an attempt short.

use esxray_knowledge::FieldKind;
use esxray_model::Interruption;

use super::attempts::{AFTERMATH_SECONDS, Attempt, LONGEST_TASK_SECONDS};
use super::names::{OF_HOST, interruption};
use crate::judge::evidence;
use crate::outcome::{Cut, Supports};
use crate::timeline::{Timed, Timeline};

/// Records of one cut that are cited.
const CITED: usize = 4;

/// Adds what happened to the host of an attempt while its task ran there.
///
/// Such events name no VM. They count where the host's own logs show the begin of the task, and as long as
/// those logs do not show its end: a host that stops writes none, and vCenter gives the task up later.
pub(super) fn add_of_host(timeline: &Timeline, attempt: &mut Attempt) {
    let Some(began) = attempt.began.filter(|_| attempt.has_task && attempt.succeeded != Some(true)) else { return };
    if attempt.marks.esx.is_empty() {
        return;
    }
    let until = attempt.marks.host_ended.unwrap_or_else(|| match attempt.ended {
        Some(ended) => ended.plus_seconds(AFTERMATH_SECONDS),
        None => began.plus_seconds(LONGEST_TASK_SECONDS),
    });
    let inside = |timed: &Timed| timed.at.is_some_and(|at| began <= at && at <= until);
    let mut found: Vec<usize> = OF_HOST
        .iter()
        .flat_map(|(name, _)| timeline.named(name))
        .copied()
        .filter(|at| timeline.events.get(*at).is_some_and(|it| inside(it) && is_of_host(timeline, attempt, it)))
        .collect();
    found.sort_unstable();
    attempt.events.extend(&found);
    attempt.interruptions.extend(found);
}

/// Whether an event is about a host that the attempt ran on.
fn is_of_host(timeline: &Timeline, attempt: &Attempt, timed: &Timed) -> bool {
    match timed.event.value(FieldKind::Host) {
        Some(name) => attempt.marks.esx.iter().any(|host| timeline.host_names.get(host).is_some_and(|it| it == name)),
        // Another host's logs say that a host is dead, and not of which one they are.
        None => attempt.marks.esx.contains(&timed.host) && timed.event.name != "ha-host-dead",
    }
}

fn cut_by(name: &str) -> Option<Interruption> {
    interruption(name).or_else(|| OF_HOST.iter().find(|it| it.0 == name).map(|it| it.1))
}

/// What cut it short: of several things the most telling, since a host that fails takes its VMs along.
pub(super) fn cut(timeline: &Timeline, attempt: &Attempt) -> Option<Cut> {
    let all = || {
        let cuts = attempt.ha_resets.iter().chain(&attempt.interruptions);
        cuts.filter_map(|at| timeline.events.get(*at)).filter_map(|it| Some((cut_by(&it.event.name)?, it)))
    };
    let by = all().map(|it| it.0).min()?;
    let mut shown: Vec<&Timed> = all().filter(|it| it.0 == by).map(|it| it.1).collect();
    shown.sort_by_key(|it| it.order());
    Some(Cut {
        by,
        time: shown.iter().find_map(|it| it.event.time),
        evidence: shown.iter().take(CITED).map(|it| evidence(&it.event, Supports::For)).collect(),
    })
}

/// The events that show what cut it short, in order.
pub(super) fn shown(timeline: &Timeline, attempt: &Attempt) -> Vec<usize> {
    let mut all: Vec<usize> = attempt.ha_resets.iter().chain(&attempt.interruptions).copied().collect();
    all.sort_by_key(|at| timeline.events.get(*at).map(Timed::order));
    all
}
