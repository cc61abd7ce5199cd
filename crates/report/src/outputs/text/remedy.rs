//! What to do first: each remedy with its cost, its commands ready to paste, and how to see that it worked.

use esxray_diagnosis::{Incident, Remedy, RemedyStep};
use esxray_knowledge::{History, RemedyKind, ServiceImpact, Shell};
use esxray_model::{Said, say};

use super::section;
use crate::page::{Page, Phrase, Words};
use crate::paint::Style;
use crate::words::{counted, is_typed, placeholders, shell_name, spoken};

/// Steps shown of a remedy that costs nothing, where not all are wanted.
const STEPS: usize = 4;

/// Steps shown of one that only looks.
const LOOKS: usize = 2;

/// Remedies listed below the one that is spelt out.
const LATER: u32 = 3;

/// Writes the section; with `full`, every remedy with everything that is known of it.
///
/// Otherwise the first that changes something is shown with its commands, and looking before it with its first ones;
/// what to try if it does not help comes after it in a line each.
pub(super) fn write(page: &mut Page, incident: &Incident, full: bool) {
    if incident.remedies.is_empty() {
        return;
    }
    page.blank();
    section(page, ("Do first", "À faire d’abord"));
    let acting = incident.remedies.iter().find(|remedy| remedy.kind != RemedyKind::Check);
    let spelt_out = acting.or(incident.remedies.first()).map(|remedy| remedy.rank);
    for remedy in &incident.remedies {
        if full || Some(remedy.rank) == spelt_out {
            write_remedy(page, incident, remedy, full);
            if !full && incident.remedies.last().is_some_and(|last| last.rank > remedy.rank) {
                let line = (
                    "If that does not help, in this order (-v shows how):",
                    "Si cela ne suffit pas, dans cet ordre (-v montre comment)\u{a0}:",
                );
                page.paragraph(2, &page.phrase().say(line));
            }
            continue;
        }
        if spelt_out.is_some_and(|acting| remedy.rank > acting + LATER) {
            let count = incident.remedies.iter().filter(|it| it.rank >= remedy.rank).count() as u64;
            let others = counted(count, "other");
            let line = say!(en: "… and {others} (-v)"; fr: "… et {} (-v)", others.fr());
            page.paragraph(4, &page.phrase().styled(Style::Dim, &line));
            break;
        }
        let lead = page.phrase().say(format!("  {} ", remedy.rank));
        let price = price(page, remedy);
        let between = if price.is_empty() { "" } else { "  " };
        let line = page.phrase().say(&remedy.title).say(between).and(&price);
        page.hang(&lead, &line);
        if Some(remedy.rank) < spelt_out {
            let first = remedy.steps.first().map(|step| step.shell);
            let steps: Vec<RemedyStep> =
                remedy.steps.iter().take_while(|step| Some(step.shell) == first).take(LOOKS).cloned().collect();
            write_steps(page, lead.width(), &steps, incident.host.as_ref().and_then(|host| host.name.as_deref()));
        }
    }
}

/// What a remedy costs, where it costs something.
fn price(page: &Page, remedy: &Remedy) -> Phrase {
    let parts = [
        match remedy.service_impact {
            ServiceImpact::None => None,
            ServiceImpact::Degraded => Some(("degraded for a while", "dégradé un moment")),
            ServiceImpact::Outage => Some(("outage", "interruption de service")),
        },
        (remedy.history == History::Lost).then_some(("vCenter history LOST", "historique vCenter PERDU")),
        (!remedy.reversible).then_some(("NOT reversible", "IRRÉVERSIBLE")),
    ];
    let mut price = page.phrase();
    for part in parts.into_iter().flatten() {
        price = if price.is_empty() { price } else { price.solid(Style::Dim, " · ") }.solid(Style::Warning, part);
    }
    price
}

fn write_remedy(page: &mut Page, incident: &Incident, remedy: &Remedy, full: bool) {
    let lead = page.phrase().say("  ").styled(Style::Strong, format!("{} ", remedy.rank));
    let indent = lead.width();
    let title = page.phrase().styled(Style::Strong, &remedy.title);
    let cost = cost_of(page, remedy);
    if indent + title.width() + 2 + cost.width() <= page.width() {
        page.hang(&lead, &title.say("  ").and(&cost));
    } else {
        page.hang(&lead, &title);
        page.paragraph(indent, &cost);
    }
    if full {
        noted(page, indent, ("kind: ", "type\u{a0}: "), spoken(remedy.kind));
        noted(page, indent, ("why: ", "pourquoi\u{a0}: "), &remedy.why);
        noted(page, indent, ("applies: ", "application\u{a0}: "), &remedy.applies);
    }
    let careful = remedy.service_impact != ServiceImpact::None || remedy.history == History::Lost || !remedy.reversible;
    listed(
        page,
        indent,
        ("make sure first: ", "vérifier d’abord\u{a0}: "),
        &referred(incident, &remedy.prechecks),
        full || careful,
    );
    let most = if full || careful { remedy.steps.len() } else { STEPS };
    let (shown, hidden) = remedy.steps.split_at_checked(most).unwrap_or((&remedy.steps, &[]));
    write_steps(page, indent, shown, incident.host.as_ref().and_then(|host| host.name.as_deref()));
    if !hidden.is_empty() {
        let steps = counted(hidden.len() as u64, "more step");
        let more = say!(en: "… and {steps} (-v shows all)"; fr: "… et {} (-v montre tout)", steps.fr());
        page.paragraph(indent, &page.phrase().styled(Style::Dim, &more));
    }
    let verify = referred(incident, &remedy.verify);
    if full {
        listed(page, indent, ("it worked if: ", "réussi si\u{a0}: "), &verify, true);
    } else {
        let lang = page.lang();
        let verify: Vec<&str> = verify.iter().map(|text| text.r#in(lang)).collect();
        noted(page, indent, ("it worked if: ", "réussi si\u{a0}: "), verify.join("; "));
    }
    if full {
        listed(page, indent, ("risk: ", "risque\u{a0}: "), &remedy.risks, true);
        listed(page, indent, ("source: ", "source\u{a0}: "), &remedy.sources, true);
    }
}

fn cost_of(page: &Page, remedy: &Remedy) -> Phrase {
    cost(page, remedy.service_impact, remedy.history, remedy.reversible)
}

/// `no impact · vCenter history kept · reversible`, loud where it is none of these.
pub(crate) fn cost(page: &Page, impact: ServiceImpact, history: History, reversible: bool) -> Phrase {
    let impact = match impact {
        ServiceImpact::None => (Style::Done, ("no impact", "sans impact")),
        ServiceImpact::Degraded => (Style::Warning, ("degraded for a while", "dégradé un moment")),
        ServiceImpact::Outage => (Style::Warning, ("outage", "interruption de service")),
    };
    let history = match history {
        History::Kept => Some((Style::Done, ("vCenter history kept", "historique vCenter conservé"))),
        History::Lost => Some((Style::Warning, ("vCenter history LOST", "historique vCenter PERDU"))),
        History::NotConcerned => None,
    };
    let undo = if reversible {
        (Style::Done, ("reversible", "réversible"))
    } else {
        (Style::Warning, ("NOT reversible", "IRRÉVERSIBLE"))
    };
    let mut cost = page.phrase();
    for (style, word) in [Some(impact), history, Some(undo)].into_iter().flatten() {
        if !cost.is_empty() {
            cost = cost.solid(Style::Dim, " · ");
        }
        cost = cost.solid(style, word);
    }
    cost
}

/// Writes steps, each place of execution named once in a row.
pub(crate) fn write_steps(page: &mut Page, indent: usize, steps: &[RemedyStep], host: Option<&str>) {
    let mut shell = None;
    for step in steps {
        if shell != Some(step.shell) {
            shell = Some(step.shell);
            let mut line = page.phrase().styled(Style::Dim, shell_name(step.shell));
            if let (Shell::EsxiShell, Some(host)) = (step.shell, host) {
                line = line.styled(Style::Dim, (" on ", " sur ")).styled(Style::Dim, host);
            }
            page.paragraph(indent, &line);
        }
        write_step(page, indent + 2, step);
    }
}

fn write_step(page: &mut Page, indent: usize, step: &RemedyStep) {
    let lines: Vec<Phrase> = step.command.lines().map(|line| page.phrase().exact(Style::Command, line)).collect();
    let altered = lines.iter().any(Phrase::altered);
    let note = page.phrase();
    let note = step.note.as_ref().map_or_else(|| note.clone(), |it| note.clone().prose(Style::Dim, it));
    if is_typed(step.shell) {
        if !note.is_empty() {
            // A comment in each of these shells, so that a whole block can be pasted.
            let lead = page.phrase().pad(indent).styled(Style::Dim, "# ");
            page.hang_under(&lead, &lead, &note);
        }
        if altered {
            // Not even its line breaks can be trusted.
            page.paragraph(indent, &page.phrase().styled(Style::Command, &step.command));
        } else {
            for line in &lines {
                page.whole(indent, line);
            }
        }
    } else {
        page.paragraph(indent, &page.phrase().prose(Style::Command, &step.command));
        if !note.is_empty() {
            page.paragraph(indent + 2, &note);
        }
    }
    let comment = if is_typed(step.shell) { "# " } else { "" };
    let mut warn = |text: Said| {
        let lead = page.phrase().pad(indent).styled(Style::Warning, comment);
        page.hang_under(&lead, &lead, &page.phrase().styled(Style::Warning, &text));
    };
    if !step.complete {
        let names = placeholders(&step.command);
        let names = if names.is_empty() {
            say!(en: "what is missing", fr: "ce qui manque")
        } else {
            Said::name(names.join(", "))
        };
        warn(say!(en: "fill in first: {names}"; fr: "à compléter d’abord\u{a0}: {}", names.fr()));
    }
    if altered {
        warn(say!(
            en: "do not paste this: it holds characters that cannot be shown; the JSON report has it whole",
            fr: "ne pas coller ceci\u{a0}: des caractères ne peuvent pas être affichés\u{a0}; le rapport JSON l’a en entier",
        ));
    }
}

/// Texts in which a remedy of the same incident is called by its number in this list.
fn referred(incident: &Incident, texts: &[Said]) -> Vec<Said> {
    let refer = |text: &str| {
        incident.remedies.iter().fold(text.to_owned(), |text, remedy| {
            text.replace(&format!("(see {})", remedy.id), &format!("(action {})", remedy.rank))
                .replace(&format!("(voir {})", remedy.id), &format!("(action {})", remedy.rank))
        })
    };
    texts.iter().map(|text| text.map(refer)).collect()
}

fn noted(page: &mut Page, indent: usize, word: impl Words, text: impl Words) {
    let lead = page.phrase().pad(indent).styled(Style::Dim, word);
    let body = page.phrase().prose(Style::Plain, text);
    if !body.is_empty() {
        page.hang(&lead, &body);
    }
}

/// All of the texts, or the first.
pub(super) fn listed(page: &mut Page, indent: usize, word: impl Words + Copy, texts: &[impl Words], all: bool) {
    for text in texts.iter().take(if all { usize::MAX } else { 1 }) {
        noted(page, indent, word, text);
    }
}
