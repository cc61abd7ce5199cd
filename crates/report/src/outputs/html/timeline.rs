//! The picture of what happened: a lane for each sort of thing, a mark for each event, and the same as a table.
//!
//! What is drawn here is a picture that needs no script. The script of the page moves the marks when the reader zooms
//! and hides them when the reader filters; it knows of each what its attributes say and no more.

mod draw;
mod thin;

use esxray_diagnosis::{History, HistoryEntry};
use esxray_knowledge as knowledge;
use esxray_model::{self as model, Lang, Place, Severity, Timestamp};

use super::icons::{Icon, icon};
use super::markup::Html;
use super::verdict::title_of;
use super::view::View;
use super::words::{badge, count, moment, number, when};
use crate::outputs::text::place_in;

/// Marks of a picture; of more events, those that are alike and near to each other become one mark with its count.
const MOST: usize = 2400;

/// A row of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Lane {
    Incidents,
    Vm,
    Host,
    Storage,
    Ha,
    Keys,
    Task,
    Logs,
}

impl Lane {
    const ALL: [Self; 8] =
        [Self::Incidents, Self::Vm, Self::Host, Self::Storage, Self::Ha, Self::Keys, Self::Task, Self::Logs];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Incidents => "incidents",
            Self::Vm => "vm",
            Self::Host => "host",
            Self::Storage => "storage",
            Self::Ha => "ha",
            Self::Keys => "keys",
            Self::Task => "task",
            Self::Logs => "logs",
        }
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Incidents => lang.pick("Incidents", "Incidents"),
            Self::Vm => lang.pick("VM", "VM"),
            Self::Host => lang.pick("Host", "Hôte"),
            Self::Storage => lang.pick("Storage", "Stockage"),
            Self::Ha => "vSphere HA",
            Self::Keys => lang.pick("Keys", "Clés"),
            Self::Task => lang.pick("Tasks", "Tâches"),
            Self::Logs => lang.pick("Logs", "Journaux"),
        }
    }
}

/// What a mark tells of, which decides its shape; the worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Tone {
    Context,
    Success,
    Failure,
}

impl Tone {
    const ALL: [Self; 3] = [Self::Failure, Self::Success, Self::Context];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Context => lang.pick("context", "contexte"),
            Self::Success => lang.pick("success", "réussite"),
            Self::Failure => lang.pick("failure", "échec"),
        }
    }
}

/// One thing that happened, or that lasted.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) lane: Lane,
    pub(super) tone: Tone,
    /// Marks of one kind may become one.
    pub(super) kind: String,
    pub(super) from: Timestamp,
    /// Its end, of what lasts.
    pub(super) until: Option<Timestamp>,
    /// Whether its end is not in the logs.
    pub(super) open: bool,
    pub(super) title: String,
    pub(super) detail: String,
    /// The VM and the host.
    pub(super) who: String,
    /// How many events it stands for.
    pub(super) count: u64,
    /// When the last of them was, where there are several.
    pub(super) last: Option<Timestamp>,
    /// Where the record is: source and line.
    pub(super) place: String,
    /// What the mark leads to on the page.
    pub(super) anchor: Option<String>,
}

impl Mark {
    /// Its last moment.
    fn ends(&self) -> Timestamp {
        self.until.or(self.last).unwrap_or(self.from).max(self.from)
    }
}

/// A bar for each incident, and what happened around them.
pub(super) fn of_diagnosis(view: &View<'_>, history: Option<&History>) -> Vec<Mark> {
    let lang = view.lang;
    let mut marks = match history {
        Some(history) => of_history(history, lang, |place| view.shown_at(place)),
        None => Vec::new(),
    };
    for (incident, proofs) in view.diagnosis.incidents.iter().zip(&view.proofs) {
        let vm = incident.vm.as_ref().and_then(|vm| vm.name.clone());
        let host = incident.host.as_ref().and_then(|host| host.name.clone());
        let who = [vm, host].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let mark = |lane, tone, from, title: &str| Mark {
            lane,
            tone,
            kind: title.to_owned(),
            from,
            until: None,
            open: false,
            title: title.to_owned(),
            detail: String::new(),
            who: who.clone(),
            count: 1,
            last: None,
            place: String::new(),
            anchor: Some(proofs.anchor.clone()),
        };
        let worst = incident.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info);
        if let Some(from) = incident.started.or(incident.ended) {
            let tone = match (incident.recovered.is_some(), worst) {
                (true, _) => Tone::Success,
                (_, Severity::Info) => Tone::Context,
                _ => Tone::Failure,
            };
            let title = format!("{} {}", incident.id, title_of(incident, lang));
            marks.push(Mark { until: incident.ended, ..mark(Lane::Incidents, tone, from, &title) });
        }
        if history.is_some() {
            continue;
        }
        // Without a history, what the incident cites is all that is known of what happened.
        for record in &proofs.records {
            let Some(at) = record.evidence.time else { continue };
            let source = usize::try_from(record.evidence.place.source.0).ok();
            let log = source.and_then(|at| view.diagnosis.coverage.get(at)).map_or("", |row| row.format);
            let place = view.place(record.evidence.place);
            let anchor = proofs.anchor(record.evidence.place);
            let meaning = record.evidence.meaning.r#in(lang);
            marks.push(Mark { place, anchor, ..mark(lane_of(log), Tone::Context, at, meaning) });
        }
    }
    marks
}

/// What a history tells; `shown_at` says where on the page a record is shown.
pub(super) fn of_history(history: &History, lang: Lang, shown_at: impl Fn(Place) -> Option<String>) -> Vec<Mark> {
    let mark = |entry: &HistoryEntry| {
        let from = entry.time.or(entry.until)?;
        let vm = history.vm(entry).and_then(|vm| vm.name.clone().or_else(|| vm.vmid.clone()));
        let who = [vm, entry.host.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let user = entry.user.clone().map(|user| lang.pick(format!("by {user}"), format!("par {user}")));
        let op_id = entry.op_id.as_ref().map(|op_id| format!("opID {op_id}"));
        let detail = entry.detail.as_ref().map(|detail| detail.r#in(lang).to_owned());
        Some(Mark {
            lane: match entry.lane() {
                model::Lane::Vm => Lane::Vm,
                model::Lane::Host => Lane::Host,
                model::Lane::Storage => Lane::Storage,
                model::Lane::Ha => Lane::Ha,
                model::Lane::Keys => Lane::Keys,
                model::Lane::Task => Lane::Task,
                model::Lane::Logs => Lane::Logs,
            },
            tone: match entry.tone {
                knowledge::Tone::Failure => Tone::Failure,
                knowledge::Tone::Success => Tone::Success,
                knowledge::Tone::Context => Tone::Context,
            },
            kind: entry.kind.as_str().to_owned(),
            from,
            until: entry.until,
            open: entry.open && entry.until.is_none(),
            title: entry.title.r#in(lang).to_owned(),
            detail: [detail, user, op_id].into_iter().flatten().collect::<Vec<_>>().join(" · "),
            who,
            count: entry.count.max(1),
            last: None,
            place: place_in(&history.sources, entry.place),
            anchor: shown_at(entry.place),
        })
    };
    history.entries.iter().filter_map(mark).collect()
}

/// The lane of a cited record, by the log that it stands in.
fn lane_of(log: &str) -> Lane {
    match log {
        "vmware-log" => Lane::Vm,
        "fdm" => Lane::Ha,
        "vmkernel" | "vobd" => Lane::Storage,
        "vpxd" => Lane::Task,
        _ => Lane::Host,
    }
}

/// Writes the section: the picture, what moves it, and the table.
pub(super) fn write(h: &mut Html, lang: Lang, marks: &[Mark]) {
    if marks.is_empty() {
        return;
    }
    let events: u64 = marks.iter().map(|mark| mark.count).sum();
    let (marks, width) = thin::thin(marks.to_vec(), MOST, lang);
    h.el("section", &[("id", "timeline")], |h| {
        h.leaf("h2", "", lang.pick("Timeline", "Chronologie"));
        h.el("p", &[("class", "muted")], |h| {
            h.text(&count(events, lang, ["event", "events"], ["événement", "événements"]));
            h.text(", ");
            let first = marks.iter().map(|mark| mark.from).min();
            let last = marks.iter().map(Mark::ends).max();
            if let Some(first) = first {
                when(h, first, last);
            }
            h.text(" UTC. ");
            if width > 0 {
                let drawn = number(marks.len() as u64, lang);
                let near = crate::words::duration(width);
                h.leaf(
                    "strong",
                    "",
                    &lang.pick(
                        format!("Drawn as {drawn} marks: what is alike within {near} is one mark with its count."),
                        format!(
                            "Dessinés en {drawn} marques\u{a0}: ce qui se ressemble en l’espace de {near} est une marque avec son nombre."
                        ),
                    ),
                );
            }
        });
        controls(h, lang, &marks);
        h.el("div", &[("class", "chart"), ("data-lang", lang.as_str())], |h| {
            draw::draw(h, lang, &marks);
            h.el("div", &[("class", "tip"), ("hidden", "hidden")], |_| {});
        });
        legend(h, lang);
        h.el("p", &[("class", "status small muted"), ("role", "status"), ("aria-live", "polite")], |_| {});
        table(h, lang, &marks);
    });
}

/// What moves the picture; shown by the script, because nothing of it works without.
fn controls(h: &mut Html, lang: Lang, marks: &[Mark]) {
    h.el("div", &[("class", "controls"), ("hidden", "hidden")], |h| {
        h.el("div", &[("class", "buttons"), ("role", "group"), ("aria-label", lang.pick("Zoom", "Zoom"))], |h| {
            let buttons = [
                ("left", "←", lang.pick("Earlier", "Plus tôt")),
                ("out", "−", lang.pick("Zoom out", "Zoom arrière")),
                ("all", lang.pick("All", "Tout"), lang.pick("Show all", "Tout montrer")),
                ("in", "+", lang.pick("Zoom in", "Zoom avant")),
                ("right", "→", lang.pick("Later", "Plus tard")),
            ];
            let incident = (
                "incident",
                lang.pick("Incident", "Incident"),
                lang.pick("Show the first incident", "Montrer le premier incident"),
            );
            let incident = marks.iter().any(|mark| mark.lane == Lane::Incidents).then_some(incident);
            for (act, sign, name) in buttons.into_iter().chain(incident) {
                let attrs = [("type", "button"), ("data-act", act), ("title", name), ("aria-label", name)];
                h.el("button", &attrs, |h| h.text(sign));
            }
        });
        h.el("label", &[("class", "find")], |h| {
            h.leaf("span", "", lang.pick("Find", "Chercher"));
            let attrs =
                [("type", "search"), ("placeholder", lang.pick("text, VM, host, file", "texte, VM, hôte, fichier"))];
            h.void("input", &attrs);
        });
        h.el("fieldset", &[("class", "toggles")], |h| {
            h.leaf("legend", "", lang.pick("Show", "Montrer"));
            let lanes = Lane::ALL.into_iter().filter(|lane| marks.iter().any(|mark| mark.lane == *lane));
            for lane in lanes {
                toggle(h, "lane", lane.as_str(), lane.name(lang), None);
            }
            for tone in Tone::ALL.into_iter().filter(|tone| marks.iter().any(|mark| mark.tone == *tone)) {
                toggle(h, "tone", tone.as_str(), tone.name(lang), Some(tone_icon(tone)));
            }
        });
    });
}

fn toggle(h: &mut Html, what: &'static str, value: &str, name: &str, shape: Option<Icon>) {
    h.el("label", &[("class", "toggle")], |h| {
        h.void("input", &[("type", "checkbox"), ("checked", "checked"), ("data-what", what), ("value", value)]);
        if let Some(shape) = shape {
            icon(h, shape);
        }
        h.leaf("span", "", name);
    });
}

const fn tone_icon(tone: Tone) -> Icon {
    match tone {
        Tone::Failure => Icon::Failure,
        Tone::Success => Icon::Done,
        Tone::Context => Icon::Plain,
    }
}

fn legend(h: &mut Html, lang: Lang) {
    h.el("p", &[("class", "legend small muted")], |h| {
        for tone in Tone::ALL {
            h.el("span", &[], |h| {
                icon(h, tone_icon(tone));
                h.text(tone.name(lang));
            });
        }
        h.leaf("span", "", lang.pick("a bar lasts, a number counts", "une barre dure, un nombre compte"));
        let attrs = [("class", "keys"), ("hidden", "hidden")];
        h.el("span", &attrs, |h| {
            for (keys, does) in [
                ("← →", lang.pick("mark to mark", "d’une marque à l’autre")),
                ("+ −", lang.pick("zoom", "zoom")),
                ("0", lang.pick("all", "tout")),
                ("Enter", lang.pick("its record", "son enregistrement")),
            ] {
                h.leaf("kbd", "", keys);
                h.text(" ");
                h.text(does);
                h.text(" ");
            }
        });
    });
}

/// The same as a table: for those who read rather than look, and for searching.
fn table(h: &mut Html, lang: Lang, marks: &[Mark]) {
    h.el("details", &[("class", "quiet events")], |h| {
        let rows = count(marks.len() as u64, lang, ["row", "rows"], ["ligne", "lignes"]);
        h.leaf(
            "summary",
            "",
            &lang.pick(format!("As a table: {rows}"), format!("Sous forme de tableau\u{a0}: {rows}")),
        );
        let scrolls = [
            ("class", "scroll"),
            ("tabindex", "0"),
            ("role", "region"),
            ("aria-label", lang.pick("Events", "Événements")),
        ];
        h.el("div", &scrolls, |h| {
            h.el("table", &[], |h| {
                h.el("thead", &[], |h| {
                    h.el("tr", &[], |h| {
                        let names = [
                            lang.pick("Time (UTC)", "Heure (UTC)"),
                            lang.pick("Lane", "Ligne"),
                            lang.pick("What", "Quoi"),
                            lang.pick("Who", "Qui"),
                            lang.pick("Where", "Où"),
                        ];
                        for name in names {
                            h.el("th", &[("scope", "col")], |h| h.text(name));
                        }
                    });
                });
                h.el("tbody", &[], |h| {
                    for (at, mark) in marks.iter().enumerate() {
                        h.el("tr", &[("id", &format!("t{at}"))], |h| row(h, lang, mark));
                    }
                });
            });
        });
    });
}

fn row(h: &mut Html, lang: Lang, mark: &Mark) {
    h.el("td", &[("class", "time")], |h| {
        let end = mark.until.or(mark.last).filter(|end| *end > mark.from);
        match end {
            Some(_) => when(h, mark.from, end),
            None => moment(h, mark.from, true),
        }
        if mark.open {
            h.text(lang.pick(" → end not in the logs", " → fin absente des journaux"));
        }
    });
    h.leaf("td", "", mark.lane.name(lang));
    h.el("td", &[("class", "what")], |h| {
        let class = match mark.tone {
            Tone::Failure => "failure",
            Tone::Success => "done",
            Tone::Context => "plain",
        };
        badge(h, class, tone_icon(mark.tone), mark.tone.name(lang));
        h.text(" ");
        match &mark.anchor {
            Some(anchor) => h.link(anchor, "", &mark.title),
            None => h.text(&mark.title),
        }
        if mark.count > 1 {
            h.leaf("strong", "", &format!(" ×{}", number(mark.count, lang)));
        }
        if !mark.detail.is_empty() {
            h.leaf("span", "line small muted", &mark.detail);
        }
    });
    h.el("td", &[], |h| h.name(&mark.who));
    h.el("td", &[], |h| h.leaf("code", "place", &mark.place));
}

#[cfg(test)]
mod tests {
    use esxray_model::{Lang, Timestamp};

    use super::{Lane, Mark, Tone, write};
    use crate::outputs::html::document;

    /// A page with so many events, spread over a day; most of them alike, a few of them failures.
    fn page(events: i64) -> String {
        let lanes = [Lane::Vm, Lane::Host, Lane::Storage, Lane::Ha, Lane::Keys];
        let marks: Vec<Mark> = (0..events)
            .map(|at| {
                let number = usize::try_from(at).unwrap();
                let from = Timestamp::from_civil(2024, 3, 12, 0, 0, 0, 0).unwrap().as_micros() + at * 860_000;
                Mark {
                    lane: lanes[number % lanes.len()],
                    tone: if at % 997 == 0 { Tone::Failure } else { Tone::Context },
                    kind: (at % 7).to_string(),
                    from: Timestamp::from_micros(from),
                    until: (at % 5 == 0).then(|| Timestamp::from_micros(from + 4_000_000)),
                    open: false,
                    title: format!("event of kind {}", at % 7),
                    detail: String::new(),
                    who: format!("APP-{:02}", at % 40),
                    count: 1,
                    last: None,
                    place: format!("hostd.log:{at}"),
                    anchor: None,
                }
            })
            .collect();
        document(Lang::En, "many", |h| write(h, Lang::En, &marks))
    }

    #[test]
    fn a_hundred_thousand_events_make_a_page_that_opens() {
        let page = page(100_000);
        assert!(page.contains("100,000 events") && page.contains("Drawn as "), "it says that it is thinned");
        let marks = page.matches("<g class=\"m ").count();
        assert!((500..=super::MOST).contains(&marks), "{marks} marks");
        assert!(page.len() < 4_000_000, "{} bytes", page.len());
    }
}
