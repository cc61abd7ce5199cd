//! The audit as `JUnit` XML: a test case a VM, for the page of a build server.

use std::fmt::Write as _;

use esxray_diagnosis::{Audit, AuditVerdict, ListState, Safety, VmOutcome, VmRow, Weight};
use esxray_model::{Grade, Lang, Said, Severity, say};

use super::{name_of, object_name, state_of};
use crate::escape::{Charset, Shown};

/// How one case ended.
enum Result {
    Passed,
    /// Type, message and what else to know, line by line.
    Failed(String, String, Vec<String>),
    /// It cannot be said.
    Error(String, String),
    Skipped(String),
}

/// One test case.
struct Case {
    class: String,
    name: String,
    result: Result,
}

/// The audit as `JUnit` XML. A VM whose re-key failed, or that was asked for and not tried, is a failure; what the input
/// cannot vouch for is an error; a VM that nobody asked for and nobody tried is skipped.
///
/// No character of the input is there that XML forbids or that hides from the reader: such a one stands as `<U+001B>`.
///
/// Messages are in the language that is asked for; types and the names of suites are not translated.
pub fn junit(audit: &Audit, fail_on: Grade, lang: Lang) -> String {
    let mut suites: Vec<(&str, Vec<Case>)> =
        vec![("re-key", audit.rows.iter().map(|it| vm(audit, it, fail_on, lang)).collect())];
    if let Some(list) = &audit.list {
        let cases = list.vms.iter().filter(|it| matches!(it.state, ListState::NotInInput | ListState::Ambiguous));
        let cases = cases.map(|it| Case {
            class: "list".to_owned(),
            name: it.wanted.clone(),
            result: Result::Error(
                it.state.as_str().to_owned(),
                match it.state {
                    ListState::Ambiguous => say!(
                        en: "line {} of the list: several VMs go by this name", it.line;
                        fr: "ligne {} de la liste\u{a0}: plusieurs VM portent ce nom", it.line
                    ),
                    _ => say!(
                        en: "line {} of the list: no log of the input names this VM", it.line;
                        fr: "ligne {} de la liste\u{a0}: aucun journal de l’entrée ne nomme cette VM", it.line
                    ),
                }
                .r#in(lang)
                .to_owned(),
            ),
        });
        suites.push(("list", cases.collect()));
    }
    if let Some(retire) = &audit.retire {
        let result = match retire.safety {
            Safety::Safe => Result::Passed,
            Safety::NotSafe => {
                let lines = retire
                    .naming
                    .iter()
                    .map(|it| format!("{}: {}", name_of(&it.vm), object_name(&it.object).r#in(lang)));
                Result::Failed("not-safe".to_owned(), retire.because.r#in(lang).to_owned(), lines.collect())
            }
            Safety::CannotSay => Result::Error("cannot-say".to_owned(), retire.because.r#in(lang).to_owned()),
        };
        suites.push(("retire", vec![Case { class: "retire".to_owned(), name: retire.provider.clone(), result }]));
    }
    if let Some(preflight) = &audit.preflight {
        let fleet = preflight.fleet.iter().map(|it| Case {
            class: "fleet".to_owned(),
            name: it.what.r#in(lang).to_owned(),
            result: match it.weight {
                Weight::Stop => Result::Failed(
                    it.id.to_owned(),
                    it.what.r#in(lang).to_owned(),
                    vec![it.first.r#in(lang).to_owned()],
                ),
                Weight::Care => Result::Skipped(it.first.r#in(lang).to_owned()),
            },
        });
        let vms = preflight.vms.iter().map(|it| Case {
            class: it.host.clone().unwrap_or_default(),
            name: name_of(&it.vm).to_owned(),
            result: match it.risks.first() {
                Some(first) if first.weight == Weight::Stop => {
                    let lines: Vec<String> =
                        it.risks.iter().map(|it| format!("{}: {}", it.what.r#in(lang), it.first.r#in(lang))).collect();
                    Result::Failed(first.id.to_owned(), first.what.r#in(lang).to_owned(), lines)
                }
                Some(_) => Result::Skipped(it.risks.iter().map(|it| it.what.r#in(lang)).collect::<Vec<_>>().join("; ")),
                None if it.not_visible.is_empty() => Result::Passed,
                None => {
                    let what = Said::join(&it.not_visible, ", ");
                    let said = say!(en: "not visible: {what}"; fr: "non visible\u{a0}: {}", what.fr());
                    Result::Skipped(said.r#in(lang).to_owned())
                }
            },
        });
        suites.push(("preflight", fleet.chain(vms).collect()));
    }
    let beside = audit.beside.iter().map(|it| {
        let counts = it.cause.grade >= fail_on && it.cause.severity >= Severity::Error;
        let place = it.host.as_ref().map(|host| format!(" ({host})")).unwrap_or_default();
        Case {
            class: "keys".to_owned(),
            name: format!("{}: {}{place}", it.incident, it.cause.title.r#in(lang)),
            result: if counts {
                Result::Failed(it.cause.id.clone(), it.cause.title.r#in(lang).to_owned(), Vec::new())
            } else {
                Result::Skipped(format!("{}, {}", it.cause.severity.as_str(), it.cause.grade.as_str()))
            },
        }
    });
    let beside: Vec<Case> = beside.collect();
    if !beside.is_empty() {
        suites.push(("keys", beside));
    }
    let unread = audit.diagnosis.problems.iter().filter(|it| it.incomplete).map(|it| Case {
        class: "input".to_owned(),
        name: it.source.clone(),
        result: Result::Error("unread".to_owned(), it.problem.r#in(lang).to_owned()),
    });
    let unread: Vec<Case> = unread.collect();
    if !unread.is_empty() {
        suites.push(("input", unread));
    }
    document(&suites)
}

fn vm(audit: &Audit, row: &VmRow, fail_on: Grade, lang: Lang) -> Case {
    let doubts = || Said::join(&row.doubts, "; ").r#in(lang).to_owned();
    let no_attempt = || {
        let said = ("the input shows no attempt to re-key it", "l’entrée ne montre aucune tentative de changer sa clé");
        lang.pick(said.0, said.1).to_owned()
    };
    let untried = row.outcome == VmOutcome::NotAttempted;
    let result = match row.verdict(fail_on) {
        AuditVerdict::Reached => {
            let unknown = ("no-known-cause", lang.pick("no known cause", "aucune cause connue"));
            let (id, title) = row.cause.as_ref().map_or(unknown, |it| (it.id.as_str(), it.title.r#in(lang)));
            let outcome = row.outcome.said();
            Result::Failed(id.to_owned(), format!("{}: {title}", outcome.r#in(lang)), details(row, lang))
        }
        _ if untried && row.asked && audit.expects_attempts() => Result::Failed(
            "not-attempted".to_owned(),
            no_attempt(),
            row.doubts.iter().map(|it| it.r#in(lang).to_owned()).collect(),
        ),
        AuditVerdict::Incomplete => Result::Error("not-vouched-for".to_owned(), doubts()),
        AuditVerdict::Clear if untried => Result::Skipped(no_attempt()),
        AuditVerdict::Clear => Result::Passed,
    };
    Case { class: row.host.clone().unwrap_or_default(), name: name_of(&row.vm).to_owned(), result }
}

fn details(row: &VmRow, lang: Lang) -> Vec<String> {
    let mut lines: Vec<Said> = Vec::new();
    if let Some(step) = row.failed_step {
        lines.push(say!(en: "stopped at {step}", fr: "arrêté à {step}"));
    }
    for object in &row.objects {
        let state = state_of(object);
        let provider = object.provider.as_ref().map(|it| format!(", {it}")).unwrap_or_default();
        lines.push(object_name(object).map(|name| format!("{name}: {state}{provider}")));
    }
    if let Some(remedy) = &row.remedy {
        let title = &remedy.title;
        lines.push(say!(en: "first: {title}"; fr: "d’abord\u{a0}: {}", title.fr()));
        lines.extend(remedy.steps.iter().map(|it| Said::name(format!("  {}: {}", it.shell, it.command))));
    }
    let unsure = |it: &Said| say!(en: "not vouched for: {it}"; fr: "non garanti\u{a0}: {}", it.fr());
    lines.extend(row.doubts.iter().map(unsure));
    lines.iter().map(|it| it.r#in(lang).to_owned()).collect()
}

fn document(suites: &[(&str, Vec<Case>)]) -> String {
    let counts = |cases: &[&Case]| {
        let of = |is: fn(&Result) -> bool| cases.iter().filter(|it| is(&it.result)).count();
        format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            cases.len(),
            of(|it| matches!(it, Result::Failed(..))),
            of(|it| matches!(it, Result::Error(..))),
            of(|it| matches!(it, Result::Skipped(_))),
        )
    };
    let all: Vec<&Case> = suites.iter().flat_map(|it| &it.1).collect();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // A string takes everything.
    let _ = writeln!(xml, "<testsuites name=\"esxray rekey\" {}>", counts(&all));
    for (name, cases) in suites {
        let _ = writeln!(xml, "  <testsuite name=\"{name}\" {}>", counts(&cases.iter().collect::<Vec<_>>()));
        for case in cases {
            let (class, name) = (escaped(&case.class), escaped(&case.name));
            let begin = format!("    <testcase classname=\"{class}\" name=\"{name}\"");
            let _ = match &case.result {
                Result::Passed => writeln!(xml, "{begin}/>"),
                Result::Skipped(why) => {
                    writeln!(xml, "{begin}>\n      <skipped message=\"{}\"/>\n    </testcase>", escaped(why))
                }
                Result::Error(id, why) => writeln!(
                    xml,
                    "{begin}>\n      <error type=\"{}\" message=\"{}\"/>\n    </testcase>",
                    escaped(id),
                    escaped(why)
                ),
                Result::Failed(id, what, details) => {
                    let lines: Vec<String> = details.iter().map(|it| escaped(it)).collect();
                    writeln!(
                        xml,
                        "{begin}>\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
                        escaped(id),
                        escaped(what),
                        lines.join("\n")
                    )
                }
            };
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Text that may stand in an attribute or between two tags.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // What XML forbids is not printable either, and is named.
    for c in Shown::new(text, Charset::Unicode).as_str().chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn no_text_leaves_its_place() {
        assert_eq!(escaped("a\"/><b>&'c"), "a&quot;/&gt;&lt;b&gt;&amp;&apos;c");
        assert_eq!(
            escaped("a\u{0}\u{1b}\u{fffe}\u{202e}"),
            "a&lt;U+0000&gt;&lt;U+001B&gt;&lt;U+FFFE&gt;&lt;U+202E&gt;"
        );
    }

    #[test]
    fn every_character_is_one_that_xml_allows() {
        let all: String = (0..0x11_0000_u32).filter_map(char::from_u32).collect();
        let allowed = |c: char| matches!(c, '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(escaped(&all).chars().all(allowed));
    }
}
