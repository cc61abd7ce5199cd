//! The clocks of the hosts, for the reports of all commands.

use esxray_diagnosis::{ClockSeen, ClockState, ClockStep};
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{AsWord, Time};
use super::text::{item, section};
use crate::page::Page;
use crate::paint::Style;
use crate::words::{counted, precise, precise_in};
use esxray_model::{Lang, Said, say};

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
    section(page, ("Clocks", "Horloges"));
    for one in clocks {
        let mut line = page.phrase().say(&one.host).say(": ").say(judged(one));
        if let Some(step) = &one.step {
            let size = step.to.micros_since(step.from);
            let (way, way_fr) = if size < 0 { ("back", "retardée") } else { ("on", "avancée") };
            let (size, source, at) = (size.abs(), &step.source, step.line);
            line = line.styled(
                Style::Dim,
                say!(
                    en: "  after it was set {way} by {} ({source}:{at})", precise(size);
                    fr: "  après avoir été {way_fr} de {} ({source}:{at})", precise_in(Lang::Fr, size)
                ),
            );
        }
        if let Some(reference) = one.reference.as_ref().filter(|_| full) {
            line = line.styled(Style::Dim, ("  measured by ", "  mesurée par ")).styled(Style::Dim, reference);
        }
        let style = if one.state == ClockState::Agrees { Style::Dim } else { Style::Warning };
        item(page, (style, "·"), &line);
    }
    page.blank();
}

/// `7 min 0.1 s behind vCenter (± 0.05 s, by 14 operations); times are as logged, order is corrected`.
pub(super) fn judged(one: &ClockSeen) -> Said {
    let by = counted(one.operations as u64, "operation");
    let by_fr = by.fr();
    let sure_in = |lang| one.uncertainty_micros.map(|it| format!("± {}, ", precise_in(lang, it))).unwrap_or_default();
    let (sure, sure_fr) = (sure_in(Lang::En), sure_in(Lang::Fr));
    match (one.state, one.offset_micros) {
        (ClockState::Agrees, _) => say!(
            en: "agrees with vCenter ({sure}by {by})",
            fr: "conforme à vCenter ({sure_fr}d’après {by_fr})",
        ),
        (ClockState::Differs, Some(offset)) => {
            let (side, side_fr) = if offset < 0 { ("behind", "en retard") } else { ("ahead of", "en avance") };
            let drift = one.drift_micros_per_hour.map(|it| {
                let (way, way_fr) = if it < 0 { ("losing", "perdant") } else { ("gaining", "gagnant") };
                say!(
                    en: ", {way} {} an hour", precise(it.abs());
                    fr: ", {way_fr} {} par heure", precise_in(Lang::Fr, it.abs())
                )
            });
            let drift = drift.unwrap_or_default();
            let zone = if like_a_zone(offset) {
                say!(
                    en: ", which a wrong time zone would explain",
                    fr: ", ce qu’un mauvais fuseau horaire expliquerait",
                )
            } else {
                Said::default()
            };
            say!(
                en: "{} {side} vCenter{drift} ({sure}by {by}){zone}; evidence shows times as logged, order and \
                     windows are corrected", precise(offset.abs());
                fr: "{} {side_fr} sur vCenter{} ({sure_fr}d’après {by_fr}){}\u{a0}; les preuves montrent les heures \
                     du journal, l’ordre et les fenêtres sont corrigés",
                    precise_in(Lang::Fr, offset.abs()), drift.fr(), zone.fr()
            )
        }
        (ClockState::Contradictory, _) => say!(
            en: "not known: {by} on both sides contradict each other",
            fr: "inconnu\u{a0}: {by_fr} des deux côtés se contredisent",
        ),
        _ if one.reference.is_none() => say!(
            en: "not known: no vpxd.log to compare with",
            fr: "inconnu\u{a0}: pas de vpxd.log pour comparer",
        ),
        _ => {
            let early = one.early_micros.map(|it| {
                say!(
                    en: ", one of them by the host {} before vCenter sent it: its clock is wrong", precise(it);
                    fr: ", dont une par l’hôte {} avant que vCenter ne l’envoie\u{a0}: son horloge est fausse",
                        precise_in(Lang::Fr, it)
                )
            });
            let early = early.unwrap_or_default();
            say!(
                en: "not known: only {by} logged on both sides{early}";
                fr: "inconnu\u{a0}: seulement {by_fr} des deux côtés{}", early.fr()
            )
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
        assert!(judged(&seen).en().starts_with(expected), "{}", judged(&seen));
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
