//! Words, numbers and times as the page writes them.

use esxray_model::{Grade, IncidentKind, KeyState, Lang, RekeyOutcome, Role, Severity, StepState, Timestamp};

use super::icons::{Icon, icon};
use super::markup::Html;
use crate::words::{duration, grouped};

/// A number with its digits in groups, as the language groups them.
pub(super) fn number(number: u64, lang: Lang) -> String {
    let text = grouped(number);
    match lang {
        Lang::En => text,
        Lang::Fr => text.replace(',', "\u{202f}"),
    }
}

/// `1 record`, `2 records`: one and many in each language.
pub(super) fn count(count: u64, lang: Lang, en: [&str; 2], fr: [&str; 2]) -> String {
    // Zero is one in French, and many in English.
    let many = usize::from(count > 1 || (count == 0 && lang == Lang::En));
    let word = lang.pick(en, fr).get(many).copied().unwrap_or_default();
    format!("{} {word}", number(count, lang))
}

/// A moment, or a span: the day once, times of the day beside it, how long it took.
pub(super) fn when(h: &mut Html, from: Timestamp, to: Option<Timestamp>) {
    moment(h, from, true);
    let Some(to) = to.filter(|to| *to > from) else { return };
    h.text(" → ");
    moment(h, to, day(to) != day(from));
    h.text(" ");
    h.leaf("small", "", &format!("({})", duration(to.micros_since(from))));
}

/// A moment in UTC, with or without its day.
pub(super) fn moment(h: &mut Html, at: Timestamp, with_day: bool) {
    let exact = at.to_string();
    let text = exact.trim_end_matches('Z');
    let text = match text.split_once('T') {
        Some((day, time)) if with_day => format!("{day} {time}"),
        Some((_, time)) => time.to_owned(),
        None => text.to_owned(),
    };
    h.el("time", &[("datetime", &exact)], |h| h.text(&text));
}

fn day(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(86_400_000_000)
}

/// A grade as a badge: one, two or three bars beside the word.
pub(super) fn grade_badge(h: &mut Html, grade: Grade, lang: Lang) {
    let (bars, word) = match grade {
        Grade::Confirmed => (3, lang.pick("confirmed", "confirmé")),
        Grade::Probable => (2, lang.pick("probable", "probable")),
        Grade::Possible => (1, lang.pick("possible", "possible")),
    };
    let means = match grade {
        Grade::Confirmed => lang.pick(
            "The evidence is decisive, nothing speaks against it, and the logs that could contradict it cover it.",
            "Les preuves sont décisives, rien ne s’y oppose, et les journaux qui pourraient les contredire couvrent ce temps.",
        ),
        Grade::Probable => lang.pick(
            "The conditions hold; corroboration or coverage is missing.",
            "Les conditions sont réunies\u{a0}; il manque une confirmation ou de la couverture.",
        ),
        Grade::Possible => {
            lang.pick("Only part of the conditions holds.", "Une partie seulement des conditions est réunie.")
        }
    };
    h.el("span", &[("class", "badge grade"), ("title", means)], |h| {
        let attrs =
            [("class", "icon"), ("viewBox", "0 0 16 16"), ("width", "16"), ("height", "16"), ("aria-hidden", "true")];
        h.el("svg", &attrs, |h| {
            for (at, d) in ["M2 10h3v4H2Z", "M6.5 6h3v8h-3Z", "M11 2h3v12h-3Z"].into_iter().enumerate() {
                h.void("path", &[("class", if at < bars { "bar full" } else { "bar" }), ("d", d)]);
            }
        });
        h.text(word);
    });
}

/// How bad, as a badge.
pub(super) fn severity_badge(h: &mut Html, severity: Severity, lang: Lang) {
    let (class, shape, word) = match severity {
        Severity::Critical => ("failure", Icon::Failure, lang.pick("critical", "critique")),
        Severity::Error => ("failure", Icon::Failure, lang.pick("error", "erreur")),
        Severity::Warning => ("warning", Icon::Warning, lang.pick("warning", "avertissement")),
        Severity::Info => ("plain", Icon::Plain, lang.pick("info", "information")),
    };
    badge(h, class, shape, word);
}

/// A word with its shape.
pub(super) fn badge(h: &mut Html, class: &str, shape: Icon, word: &str) {
    h.el("span", &[("class", &format!("badge {class}"))], |h| {
        icon(h, shape);
        h.text(word);
    });
}

/// The part of a cause in its incident.
pub(super) const fn role(role: Role, lang: Lang) -> &'static str {
    match (role, lang) {
        (Role::RootCause, Lang::En) => "root cause",
        (Role::RootCause, Lang::Fr) => "cause racine",
        (Role::Contributing, Lang::En) => "contributing cause",
        (Role::Contributing, Lang::Fr) => "cause contributive",
        (Role::Consequence, Lang::En) => "consequence",
        (Role::Consequence, Lang::Fr) => "conséquence",
    }
}

/// What sort of failure.
pub(super) fn kind(kind: IncidentKind, lang: Lang) -> &'static str {
    match kind {
        IncidentKind::Rekey => lang.pick("re-key", "changement de clé"),
        IncidentKind::VmLocked => lang.pick("locked VM", "VM verrouillée"),
        IncidentKind::PowerOn => lang.pick("power-on", "mise sous tension"),
        IncidentKind::Disk => lang.pick("disk", "disque"),
        IncidentKind::Storage => lang.pick("storage", "stockage"),
        IncidentKind::Host => lang.pick("host", "hôte"),
        IncidentKind::Ha => "vSphere HA",
        IncidentKind::Forensic => lang.pick("traces", "traces"),
        IncidentKind::Other => lang.pick("other", "autre"),
    }
}

/// How an attempt ended.
pub(super) fn outcome(outcome: RekeyOutcome, lang: Lang) -> (&'static str, Icon, &'static str) {
    match outcome {
        RekeyOutcome::Completed => ("done", Icon::Done, lang.pick("completed", "terminé")),
        RekeyOutcome::Failed => ("failure", Icon::Failure, lang.pick("failed", "échoué")),
        RekeyOutcome::Interrupted => ("failure", Icon::Failure, lang.pick("interrupted", "interrompu")),
        RekeyOutcome::Partial => ("failure", Icon::Failure, lang.pick("partial", "partiel")),
        RekeyOutcome::Unknown => {
            ("warning", Icon::Unknown, lang.pick("its end is not in the logs", "sa fin n’est pas dans les journaux"))
        }
    }
}

/// What the input shows of a step.
pub(super) fn step_state(state: StepState, lang: Lang) -> (&'static str, Icon, &'static str) {
    match state {
        StepState::Done => ("done", Icon::Done, lang.pick("done", "fait")),
        StepState::Failed => ("failure", Icon::Failure, lang.pick("failed", "échoué")),
        StepState::NotReached => ("skipped", Icon::Skipped, lang.pick("not reached", "non atteint")),
        StepState::NotEvidenced => ("unknown", Icon::Unknown, lang.pick("not in the logs", "absent des journaux")),
    }
}

/// On which key an object is.
pub(super) fn key_state(state: KeyState, lang: Lang) -> (&'static str, Icon, &'static str) {
    match state {
        KeyState::New => ("done", Icon::Done, lang.pick("new key", "nouvelle clé")),
        KeyState::Old => ("warning", Icon::Warning, lang.pick("old key", "ancienne clé")),
        KeyState::Unknown => ("unknown", Icon::Unknown, lang.pick("not known", "inconnu")),
    }
}
