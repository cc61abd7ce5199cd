//! Traces for reading.

use esxray_diagnosis::{Conclusion, ConditionTrace, Evidence, LogSeen, Trace, WhyNot};
use esxray_knowledge::{Cause, Knowledge};
use esxray_model::{ConditionPart, ConditionState, FormatName, Lang, Role, Said, say};

use crate::explain::said_title;
use crate::outputs::text::{TextOptions, Verbosity, item, place_in, quote, section};
use crate::page::{Both, Page};
use crate::paint::Style;
use crate::words::{counted, grouped, grouped_in, span_of_time, spoken};

/// Columns of the word that says what was made of a condition.
const STATE: usize = 15;

/// The answer as text; with [`Verbosity::Verbose`], with more records, quoted, and the whole input summed up.
pub fn text(answer: &WhyNot, knowledge: &Knowledge, options: &TextOptions) -> String {
    let mut page = options.page();
    let full = options.verbosity == Verbosity::Verbose;
    let cause = knowledge.cause(&answer.cause);
    headline(&mut page, answer, cause);
    for problem in answer.problems.iter().filter(|it| it.incomplete || full) {
        let lead = page.phrase().styled(Style::Warning, "INCOMPLETE").say("  ");
        page.hang(&lead, &page.phrase().say(&problem.source).say(": ").say(&problem.problem));
    }
    if options.verbosity == Verbosity::Quiet {
        return page.finish();
    }
    for (trace, number) in answer.candidates.iter().zip(1_u64..) {
        page.blank();
        heading(&mut page, number, trace);
        conclusion(&mut page, 0, trace);
        versions(&mut page, trace, cause);
        page.blank();
        conditions(&mut page, &answer.sources, trace, full);
        others(&mut page, trace);
    }
    // What was met says where it stands; otherwise the reader wants to know whether it is anywhere.
    if full || answer.candidates.is_empty() || answer.events.iter().all(|it| it.count == 0) {
        whole(&mut page, answer);
    }
    page.finish()
}

fn headline(page: &mut Page, answer: &WhyNot, cause: Option<&Cause>) {
    let lead = page.phrase().styled(Style::Strong, ("WHY NOT", "POURQUOI PAS")).say("  ");
    let mut line = page.phrase().styled(Style::Strong, &answer.cause);
    if let Some(cause) = cause {
        line = line.say(": ").say(said_title(&cause.title));
    }
    page.hang(&lead, &line);
    let shown = answer.candidates.len();
    let said = match (cause, answer.judged) {
        (Some(Cause { not_in_logs: Some(why), .. }), _) => say!(
            en: "no log shows it: {}", why.en().trim();
            fr: "aucun journal ne la montre\u{a0}: {}", why.fr().trim()
        ),
        (Some(Cause { context: true, .. }), _) => say!(
            en: "it is evidence for other causes, and never a finding",
            fr: "c’est une preuve pour d’autres causes, et jamais un constat",
        ),
        (_, 0) => say!(
            en: "no VM or host that was asked for has a failure or a re-key in the input, so there was nothing to \
                 judge it on",
            fr: "aucune VM ni aucun hôte demandé n’a de panne ou de changement de clé dans l’entrée\u{a0}: il n’y avait \
                 rien sur quoi la juger",
        ),
        (_, judged) if judged > shown => say!(
            en: "judged on {} stretches of time; the {} nearest to it below (--most N shows more)",
                grouped(judged as u64), grouped(shown as u64);
            fr: "jugée sur {} périodes\u{a0}; les {} plus proches ci-dessous (--most N en montre plus)",
                grouped_in(Lang::Fr, judged as u64), grouped_in(Lang::Fr, shown as u64)
        ),
        (_, 1) => say!(
            en: "judged on one stretch of time of a VM or host",
            fr: "jugée sur une période d’une VM ou d’un hôte",
        ),
        (_, judged) => say!(
            en: "judged on {} stretches of time of VMs and hosts, the nearest first", grouped(judged as u64);
            fr: "jugée sur {} périodes de VM et d’hôtes, les plus proches d’abord", grouped_in(Lang::Fr, judged as u64)
        ),
    };
    page.paragraph(2, &page.phrase().prose(Style::Plain, &said));
}

fn heading(page: &mut Page, number: u64, trace: &Trace) {
    let mut line = page.phrase().styled(Style::Dim, grouped(number)).say(" · ");
    let vm = trace.vm.as_ref();
    let names = vm.and_then(|vm| [&vm.name, &vm.vmx_path, &vm.moref, &vm.vmid].into_iter().flatten().next());
    let host = trace.host.as_ref().and_then(|it| it.name.as_ref());
    line = match (names, vm, host) {
        (Some(name), _, _) => line.styled(Style::Strong, name),
        (None, Some(_), _) => line.say(("a VM without a name", "une VM sans nom")),
        (None, None, Some(host)) => line.say(("host ", "hôte ")).styled(Style::Strong, host),
        (None, None, None) => line.say(("a host without a name", "un hôte sans nom")),
    };
    if let (Some(_), Some(host)) = (vm, host) {
        line = line.say((" on ", " sur ")).say(host);
    }
    page.rule(&line);
    if let Some((from, to)) = trace.window {
        page.paragraph(0, &page.phrase().solid(Style::Dim, span_of_time(from, to)));
    }
}

/// Writes what came of it, and what the grade rests on.
pub(in crate::outputs) fn conclusion(page: &mut Page, indent: usize, trace: &Trace) {
    let (style, word, said): (_, Both, _) = match &trace.conclusion {
        Conclusion::Holds { grade, role } => {
            let by: Vec<&str> = trace.others.iter().filter(|it| it.explains).map(|it| it.cause.as_str()).collect();
            let role = match role {
                Role::RootCause => say!(en: "as the root cause", fr: "comme cause racine"),
                Role::Contributing => say!(en: "beside the root cause", fr: "à côté de la cause racine"),
                Role::Consequence if by.is_empty() => {
                    say!(en: "as a consequence of another cause", fr: "comme conséquence d’une autre cause")
                }
                Role::Consequence => {
                    let by = by.join(", ");
                    say!(en: "as a consequence of {by}", fr: "comme conséquence de {by}")
                }
            };
            let said = Said::join([&Said::from(spoken(*grade)), &role], ", ");
            (Style::Failure, ("HOLDS", "ÉTABLIE"), said)
        }
        Conclusion::RuledOut { because, covered_by } if covered_by.is_empty() => {
            (Style::Strong, ("RULED OUT", "EXCLUE"), because.clone())
        }
        Conclusion::RuledOut { because, covered_by } => {
            let by = covered_by.join(", ");
            let said = say!(en: "{because}; covered by {by}"; fr: "{}\u{a0}; couvert par {by}", because.fr());
            (Style::Strong, ("RULED OUT", "EXCLUE"), said)
        }
        Conclusion::NotEvaluated { needs } if needs.is_empty() => {
            let said = say!(
                en: "the input does not show enough to say",
                fr: "l’entrée n’en montre pas assez pour le dire",
            );
            (Style::Warning, ("NOT JUDGED", "NON JUGÉE"), said)
        }
        Conclusion::NotEvaluated { needs } => {
            let needs = Said::join(needs, "; ");
            let said = say!(en: "it needs {needs}"; fr: "il faut {}", needs.fr());
            (Style::Warning, ("NOT JUDGED", "NON JUGÉE"), said)
        }
    };
    let lead = page.phrase().pad(indent).styled(style, word).say("  ");
    page.hang(&lead, &page.phrase().say(&said));
    if let Some(closed) = &trace.recovered {
        let line = page.phrase().styled(Style::Done, ("recovered: ", "rétabli\u{a0}: ")).say(&closed.meaning);
        page.paragraph(indent + 2, &line);
    }
    let holds = matches!(trace.conclusion, Conclusion::Holds { .. });
    let grade = &trace.grade;
    let mut line = match (holds, grade.next) {
        (true, None) => return,
        (true, Some(next)) => page.phrase().say(say!(
            en: "to be {next} it lacks:";
            fr: "pour être {}, il lui manque\u{a0}:", spoken(next).1
        )),
        (false, None) => page.phrase().say((
            "with its conditions met it would be confirmed",
            "ses conditions remplies, le degré serait confirmé",
        )),
        (false, Some(next)) => page.phrase().say(say!(
            en: "with its conditions met it would be {} at most; to be {next} it would lack:", grade.grade;
            fr: "ses conditions remplies, le degré serait au mieux {}\u{a0}; pour {}, il manquerait\u{a0}:",
                spoken(grade.grade).1, spoken(next).1
        )),
    };
    if let [only] = grade.missing.as_slice() {
        line = line.say(" ").say(only);
    }
    page.paragraph(indent + 2, &line);
    for missing in grade.missing.iter().filter(|_| grade.missing.len() > 1) {
        let lead = page.phrase().pad(indent + 4).styled(Style::Dim, "·").say(" ");
        page.hang(&lead, &page.phrase().say(missing));
    }
}

/// The releases that it is known for, beside that of the host: nobody but the reader can compare them.
fn versions(page: &mut Page, trace: &Trace, cause: Option<&Cause>) {
    let Some(cause) = cause else { return };
    let host = trace.host.as_ref();
    let release = trace.release.clone().or_else(|| {
        let (product, version) = (host?.product.as_deref()?, host?.version.as_deref()?);
        Some(format!("{product} {version}"))
    });
    let line =
        page.phrase().styled(Style::Dim, ("known for: ", "connue pour\u{a0}: ")).prose(Style::Plain, &cause.affected);
    let unknown = || say!(en: "of unknown release", fr: "de version inconnue");
    let here = release.map_or_else(unknown, Said::name);
    page.paragraph(2, &line.styled(Style::Dim, ("; this host: ", "\u{a0}; cet hôte\u{a0}: ")).say(&here));
}

/// Writes every condition and every need, below each what shows it or what comes nearest.
pub(in crate::outputs) fn conditions(page: &mut Page, sources: &[String], trace: &Trace, full: bool) {
    let holds = matches!(trace.conclusion, Conclusion::Holds { .. });
    // What would close it concerns nobody while it does not hold.
    for it in trace.conditions.iter().filter(|it| holds || full || it.part != ConditionPart::Recovered) {
        condition(page, sources, it, full);
    }
    for need in &trace.needs {
        let covered = !need.covered_by.is_empty();
        let (mark, word) =
            if covered { ("✓", ("covered", "couvert")) } else { ("✗", ("not covered", "non couvert")) };
        let style = if covered { Style::Done } else { Style::Warning };
        let body = page
            .phrase()
            .styled(Style::Dim, ("needed: ", "nécessaire\u{a0}: "))
            .say(&need.what)
            .say((", to ", ", pour "))
            .say(&need.would);
        state(page, (style, mark, word), &body);
        if covered {
            page.paragraph(6, &page.phrase().styled(Style::Dim, need.covered_by.join(", ")));
        }
        logs(page, 6, &need.uncovered, true);
    }
}

fn state(page: &mut Page, (style, mark, word): (Style, &str, Both), body: &crate::page::Phrase) {
    let lead = page.phrase().say("  ").styled(style, mark).say(" ").styled(style, word).pad(4 + STATE);
    page.hang(&lead, body);
}

fn condition(page: &mut Page, sources: &[String], it: &ConditionTrace, full: bool) {
    // What rules a cause out is no success when it is met.
    let wanted = matches!(it.part, ConditionPart::When | ConditionPart::Corroborate | ConditionPart::Recovered);
    let mark = match it.state {
        ConditionState::Met if wanted => (Style::Done, "✓", ("met", "remplie")),
        ConditionState::Met => (Style::Failure, "✓", ("met", "remplie")),
        ConditionState::NotMet => (Style::Warning, "✗", ("not met", "non remplie")),
        ConditionState::NotEvaluable => (Style::Warning, "?", ("not evaluable", "non évaluable")),
    };
    let part: Both = match (it.part, it.decisive) {
        (ConditionPart::When, true) => ("must hold, decisive: ", "doit être remplie, décisive\u{a0}: "),
        (ConditionPart::When, false) => ("must hold: ", "doit être remplie\u{a0}: "),
        (ConditionPart::Unless, _) => ("rules it out: ", "l’exclut\u{a0}: "),
        (ConditionPart::Against, _) => ("speaks against it: ", "s’y oppose\u{a0}: "),
        (ConditionPart::Corroborate, _) => ("corroborates it: ", "la corrobore\u{a0}: "),
        (ConditionPart::Recovered, _) => ("closes it: ", "la clôt\u{a0}: "),
    };
    state(page, mark, &page.phrase().styled(Style::Dim, part).say(&it.what));
    let mut asks: Vec<Said> = it.asks.clone();
    if full {
        let of = it.fact.map(|fact| say!(en: "fact {fact}", fr: "fait {fact}"));
        let of_events = || say!(en: "event {}", it.events.join(" or "); fr: "événement {}", it.events.join(" ou "));
        asks.insert(0, of.unwrap_or_else(of_events));
    }
    if !asks.is_empty() {
        page.paragraph(6, &page.phrase().styled(Style::Dim, Said::join(&asks, ", ")));
    }
    for evidence in it.evidence.iter().take(if full { usize::MAX } else { 1 }) {
        record(page, sources, evidence, full);
    }
    if it.count > 1 {
        let count = counted(it.count, "record");
        page.paragraph(6, &page.phrase().styled(Style::Dim, say!(en: "{count} in all"; fr: "{} en tout", count.fr())));
    }
    // That nothing speaks against a cause needs no nearest miss.
    let telling = full || it.part == ConditionPart::When;
    if telling && !it.covered_by.is_empty() {
        let line = page
            .phrase()
            .styled(Style::Dim, ("would have been seen in: ", "aurait été vu dans\u{a0}: "))
            .say(it.covered_by.join(", "));
        page.paragraph(6, &line);
    }
    // What the logs of lesser conditions leave open says the same once more.
    if telling {
        logs(page, 6, &it.uncovered, true);
    }
    for miss in it.misses.iter().filter(|_| telling).take(if full { usize::MAX } else { 1 }) {
        page.paragraph(
            6,
            &page.phrase().styled(Style::Warning, ("nearest: ", "au plus près\u{a0}: ")).say(&miss.because),
        );
        record(page, sources, &miss.evidence, full);
    }
}

/// A record in two lines; with `full`, all that tells of it.
fn record(page: &mut Page, sources: &[String], evidence: &Evidence, full: bool) {
    if full {
        return quote::write(page, sources, evidence, false);
    }
    page.paragraph(6, &page.phrase().styled(Style::Dim, place_in(sources, evidence.place)));
    let whole = evidence.text.as_str();
    let recognised = evidence.span.and_then(|(from, to)| whole.get(from..to));
    let line = recognised.unwrap_or(whole).lines().find(|it| !it.trim().is_empty()).unwrap_or_default();
    let room = page.width().saturating_sub(10);
    let text =
        page.phrase().say("      ").styled(Style::Dim, "│ ").and(&page.phrase().exact(Style::Plain, line).cut(room));
    page.whole(0, &text);
}

/// What the logs leave open, a line each; those that are not there on one line.
fn logs(page: &mut Page, indent: usize, logs: &[LogSeen], asked: bool) {
    for log in logs {
        let name = page.phrase().styled(Style::Strong, log_name(log.format)).say(": ");
        let line = match (&log.source, &log.elsewhere) {
            (None, None) => continue,
            (None, Some(other)) => name
                .say(("none of this host in the input, only ", "aucun de cet hôte dans l’entrée, seulement "))
                .say(other),
            (Some(source), _) => {
                let others = log.sources.saturating_sub(1);
                let more = if others > 0 {
                    say!(en: " and {others} more", fr: " et {others} de plus")
                } else {
                    Said::default()
                };
                let line = name.say(source).say(&more);
                let missing: Vec<String> = log.missing.iter().map(|it| span_of_time(it.0, it.1)).collect();
                match (log.first, log.last) {
                    (Some(first), Some(last)) if !asked => {
                        line.say(", ").solid(Style::Plain, span_of_time(first, last))
                    }
                    (None, _) | (_, None) => line.say((", without a time", ", sans heure")),
                    _ if missing.is_empty() => line.say((", covers it", ", couvre la période")),
                    _ => line.say((", missing ", ", manque ")).solid(Style::Plain, missing.join(", ")),
                }
            }
        };
        page.paragraph(indent, &line);
    }
    let absent = logs.iter().filter(|it| it.source.is_none() && it.elsewhere.is_none());
    let absent: Vec<Said> = absent.map(|it| log_name(it.format)).collect();
    if !absent.is_empty() {
        page.paragraph(
            indent,
            &page.phrase().say(("none in the input: ", "absents de l’entrée\u{a0}: ")).say(Said::join(&absent, ", ")),
        );
    }
}

/// What a log is usually called.
fn log_name(format: FormatName) -> Said {
    match format {
        FormatName::VmwareLog => Said::name("vmware.log"),
        FormatName::Vmacore => say!(en: "log of another service", fr: "journal d’un autre service"),
        FormatName::VcService => say!(en: "log of a vCenter service", fr: "journal d’un service de vCenter"),
        FormatName::Vsan => say!(en: "vSAN log", fr: "journal de vSAN"),
        FormatName::Generic => say!(en: "log of no known form", fr: "journal de forme inconnue"),
        FormatName::Snippet => say!(en: "pasted text", fr: "texte collé"),
        FormatName::Events => say!(en: "exported events", fr: "événements exportés"),
        other => Said::name(format!("{other}.log")),
    }
}

fn others(page: &mut Page, trace: &Trace) {
    if trace.others.is_empty() {
        return;
    }
    page.blank();
    let holds = matches!(trace.conclusion, Conclusion::Holds { .. });
    let title = if holds {
        ("What else holds here", "Ce qui est établi ici aussi")
    } else {
        ("What holds here instead", "Ce qui est établi ici à la place")
    };
    section(page, title);
    for other in &trace.others {
        let mut line = page.phrase().styled(Style::Strong, &other.cause).say(": ").say(&other.title);
        line = line.styled(
            Style::Dim,
            Said::join([&Said::from(spoken(other.grade)), &Said::from(spoken(other.role))], ", ")
                .map(|it| format!("  {it}")),
        );
        if other.explains {
            line = line.styled(
                Style::Warning,
                if holds { (", explains it", ", l’explique") } else { (", would explain it", ", l’expliquerait") },
            );
        }
        item(page, (Style::Dim, "·"), &line);
    }
}

/// The input as a whole: where the events of the cause stand, and which logs would show them.
fn whole(page: &mut Page, answer: &WhyNot) {
    if answer.events.is_empty() {
        return;
    }
    page.blank();
    section(page, ("In the whole input", "Dans toute l’entrée"));
    for seen in &answer.events {
        let mut line = page.phrase().styled(Style::Strong, &seen.event).say(": ");
        line = match &seen.first {
            None => line.say(("no record", "aucun enregistrement")),
            Some(first) => {
                let count = counted(seen.count, "record");
                line.say(&count).styled(
                    Style::Dim,
                    say!(
                        en: ", first {}", place_in(&answer.sources, first.place);
                        fr: ", le premier\u{a0}: {}", place_in(&answer.sources, first.place)
                    ),
                )
            }
        };
        item(page, (Style::Dim, if seen.count > 0 { "✓" } else { "✗" }), &line);
    }
    for miss in &answer.alike {
        item(
            page,
            (Style::Warning, "!"),
            &page.phrase().styled(Style::Warning, ("not counted: ", "non compté\u{a0}: ")).say(&miss.because),
        );
        record(page, &answer.sources, &miss.evidence, false);
    }
    let asked = answer.logs.iter().any(|it| !it.missing.is_empty());
    logs(page, 4, &answer.logs, asked);
}
