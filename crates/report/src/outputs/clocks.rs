//! The clocks of the hosts, for the reports of all commands.

use esxray_diagnosis::{ClockSeen, ClockState, ClockStep};
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{AsWord, Time};
use super::text::{item, section};
use crate::page::Page;
use crate::paint::Style;
use crate::words::{counted, precise};

/// What is known of one host's clock, compared with vCenter's, from one step of it to the next.
#[derive(Serialize, JsonSchema)]
pub(super) struct Clock<'a> {
    /// The host's name, or what its sources share.
    host: &'a str,
    /// What the sources of the vCenter Server share whose clock is the measure; null where there is none.
    reference: Option<&'a str>,
    /// `agrees` to a second, `differs`, or why that is not known.
    state: AsWord<ClockState>,
    /// Seconds that the host's stamps are ahead of vCenter's; negative where they are behind. Evidence shows times as
    /// logged; order and windows are judged with corrected ones.
    offset_seconds: Option<f64>,
    /// Seconds that the offset may be off.
    uncertainty_seconds: Option<f64>,
    /// Seconds that the offset grows by in an hour; null where it does not.
    drift_seconds_per_hour: Option<f64>,
    /// Operations that both sides logged.
    operations: usize,
    /// Seconds by which the host logged one of too few operations before vCenter sent it: something is wrong with its
    /// clock, but not how much.
    early_seconds: Option<f64>,
    /// The step of the host's clock that this stretch begins with.
    step: Option<Step<'a>>,
}

/// A moment at which a host's clock was set.
#[derive(Serialize, JsonSchema)]
struct Step<'a> {
    /// What it showed.
    from: Time,
    /// What it was set to.
    to: Time,
    /// The source that says it.
    source: &'a str,
    /// Its line.
    line: u64,
}

#[expect(clippy::cast_precision_loss, reason = "an offset of centuries need not be exact")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1_000_000.0
}

pub(super) fn clock(one: &ClockSeen) -> Clock<'_> {
    Clock {
        host: &one.host,
        reference: one.reference.as_deref(),
        state: AsWord(one.state),
        offset_seconds: one.offset_micros.map(seconds),
        uncertainty_seconds: one.uncertainty_micros.map(seconds),
        drift_seconds_per_hour: one.drift_micros_per_hour.map(seconds),
        operations: one.operations,
        early_seconds: one.early_micros.map(seconds),
        step: one.step.as_ref().map(step),
    }
}

fn step(one: &ClockStep) -> Step<'_> {
    Step { from: Time::at(one.from), to: Time::at(one.to), source: &one.source, line: one.line }
}

/// The section about clocks; those that agree, or of which too little is known, only where everything is wanted.
pub(super) fn write(page: &mut Page, clocks: &[ClockSeen], full: bool) {
    let told = |one: &&ClockSeen| {
        full || one.step.is_some()
            || one.early_micros.is_some()
            || !matches!(one.state, ClockState::Agrees | ClockState::TooFew)
    };
    let clocks: Vec<&ClockSeen> = clocks.iter().filter(told).collect();
    if clocks.is_empty() {
        return;
    }
    section(page, "Clocks");
    for one in clocks {
        let mut line = page.phrase().say(&one.host).say(": ").say(&judged(one));
        if let Some(step) = &one.step {
            let size = step.to.micros_since(step.from);
            let way = if size < 0 { "back" } else { "on" };
            line = line.styled(
                Style::Dim,
                &format!("  after it was set {way} by {} ({}:{})", precise(size.abs()), step.source, step.line),
            );
        }
        if let Some(reference) = one.reference.as_ref().filter(|_| full) {
            line = line.styled(Style::Dim, "  measured by ").styled(Style::Dim, reference);
        }
        let style = if one.state == ClockState::Agrees { Style::Dim } else { Style::Warning };
        item(page, (style, "·"), &line);
    }
    page.blank();
}

/// `7 min 0.1 s behind vCenter (± 0.05 s, by 14 operations); times are as logged, order is corrected`.
pub(super) fn judged(one: &ClockSeen) -> String {
    let by = counted(one.operations as u64, "operation");
    let sure = one.uncertainty_micros.map(|it| format!("± {}, ", precise(it))).unwrap_or_default();
    match (one.state, one.offset_micros) {
        (ClockState::Agrees, _) => format!("agrees with vCenter ({sure}by {by})"),
        (ClockState::Differs, Some(offset)) => {
            let side = if offset < 0 { "behind" } else { "ahead of" };
            let drift = one.drift_micros_per_hour.map(|it| {
                let way = if it < 0 { "losing" } else { "gaining" };
                format!(", {way} {} an hour", precise(it.abs()))
            });
            let zone = if like_a_zone(offset) { ", which a wrong time zone would explain" } else { "" };
            format!(
                "{} {side} vCenter{} ({sure}by {by}){zone}; evidence shows times as logged, order and windows are corrected",
                precise(offset.abs()),
                drift.unwrap_or_default(),
            )
        }
        (ClockState::Contradictory, _) => format!("not known: {by} on both sides contradict each other"),
        _ if one.reference.is_none() => "not known: no vpxd.log to compare with".to_owned(),
        _ => {
            let early = one.early_micros.map(|it| {
                format!(", one of them by the host {} before vCenter sent it: its clock is wrong", precise(it))
            });
            format!("not known: only {by} logged on both sides{}", early.unwrap_or_default())
        }
    }
}

/// Whether an offset is a multiple of a quarter of an hour, as zones are.
fn like_a_zone(offset: i64) -> bool {
    const QUARTER: i64 = 900 * 1_000_000;
    let rest = offset.rem_euclid(QUARTER);
    offset.abs() >= QUARTER * 2 && rest.min(QUARTER - rest) < 5_000_000
}

#[cfg(test)]
mod tests {
    use esxray_diagnosis::{ClockSeen, ClockState};

    use super::judged;

    #[track_caller]
    fn check(state: ClockState, offset: Option<i64>, drift: Option<i64>, operations: usize, expected: &str) {
        let seen = ClockSeen {
            host: "esx01".to_owned(),
            reference: Some("vcenter01".to_owned()),
            state,
            offset_micros: offset,
            uncertainty_micros: offset.map(|_| 50_000),
            drift_micros_per_hour: drift,
            operations,
            early_micros: (operations == 2).then_some(420_000_000),
            step: None,
        };
        assert!(judged(&seen).starts_with(expected), "{}", judged(&seen));
    }

    #[test]
    fn what_is_said_of_a_clock() {
        check(
            ClockState::Differs,
            Some(-420_060_000),
            None,
            14,
            "7 min 0.06 s behind vCenter (± 0.05 s, by 14 operations); ",
        );
        check(
            ClockState::Differs,
            Some(90_000_000),
            Some(2_000_000),
            3,
            "1 min 30 s ahead of vCenter, gaining 2 s an hour (",
        );
        check(
            ClockState::Differs,
            Some(10_800_020_000),
            None,
            3,
            "3 h 0.02 s ahead of vCenter (± 0.05 s, by 3 operations), which a wrong",
        );
        check(ClockState::Agrees, Some(20_000), None, 5, "agrees with vCenter (± 0.05 s, by 5 operations)");
        check(ClockState::TooFew, None, None, 1, "not known: only 1 operation logged on both sides");
        check(
            ClockState::TooFew,
            None,
            None,
            2,
            "not known: only 2 operations logged on both sides, one of them by the host 7 min before",
        );
        check(ClockState::Contradictory, None, None, 9, "not known: 9 operations on both sides contradict");
    }
}
