//! What holds for the terminal report of any diagnosis, whatever stands in its texts.

use crate::cases;
use crate::cases::texts::{each_command, each_text};
use esxray_diagnosis::Diagnosis;
use esxray_model::Said;
use esxray_report::{Charset, Output, Shown, TextOptions, Verbosity};
use proptest::prelude::*;
use unicode_width::UnicodeWidthChar;

fn text(diagnosis: &Diagnosis, width: usize, color: bool, unicode: bool, verbosity: Verbosity) -> String {
    Output::Text.render(diagnosis, &TextOptions { width, color, unicode, verbosity, ..TextOptions::default() })
}

/// Takes our own colours out; nothing else may begin with an escape.
fn without_color(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let code = after.strip_prefix('[').and_then(|code| code.split_once('m')).expect("an escape that is no colour");
        assert!(["0", "1", "2", "1;31", "33", "32", "36"].contains(&code.0), "`{}` is not one of ours", code.0);
        rest = code.1;
    }
    plain + rest
}

pub(crate) fn columns(line: &str) -> usize {
    line.chars().map(|c| c.width().unwrap_or(0)).sum()
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9]{1,12}",
        3 => Just(" ".to_owned()),
        1 => "[a-z/\\\\_:;,=-]{1,90}",
        1 => Just("仮想マシン長".to_owned()),
        1 => Just("e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}".to_owned()),
        1 => Just("\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\u{7f}\u{7}".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\r\n\t".to_owned()),
        1 => Just("\u{338}\u{338}".to_owned()),
        1 => ".{0,20}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Cases with their texts replaced, again and again from a pool, and with any spans.
fn scrambled() -> impl Strategy<Value = Diagnosis> {
    let case = prop::sample::select(cases::all().into_iter().map(|(_, case)| case).collect::<Vec<_>>());
    (case, prop::collection::vec(pieces(), 7), prop::collection::vec(any::<(usize, usize)>(), 5)).prop_map(
        |(mut case, pool, spans)| {
            let mut next = pool.iter().cycle();
            each_text(&mut case, &mut |text| next.next().unwrap().clone_into(text));
            let mut next = spans.iter().cycle();
            for finding in case.incidents.iter_mut().flat_map(|incident| &mut incident.findings) {
                for evidence in &mut finding.evidence {
                    let (start, length) = next.next().unwrap();
                    let start = start % (evidence.text.len() + 2);
                    evidence.span = Some((start, start + length % (evidence.text.len() + 2)));
                }
            }
            case
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_line_is_too_wide_and_nothing_drives_the_terminal(
        mut case in scrambled(),
        width in 0_usize..220,
        color: bool,
        unicode: bool,
        level in 0_u8..3,
    ) {
        each_command(&mut case, &mut |command| "vim-cmd vmsvc/reload 62".clone_into(command));
        let verbosity = [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose][usize::from(level)];
        let text = text(&case, width, color, unicode, verbosity);
        let plain = if color { without_color(&text) } else { text };
        let charset = if unicode { Charset::Unicode } else { Charset::Ascii };
        for line in plain.lines() {
            // The verdict alone is one line, however long: scripts read it.
            let fits = verbosity == Verbosity::Quiet || columns(line) <= width.clamp(60, 160);
            prop_assert!(fits, "{} columns: {line:?}", columns(line));
            prop_assert!(line.trim_end_matches(' ') == line, "blanks at the end: {line:?}");
            prop_assert!(!Shown::new(line, charset).altered(), "{line:?}");
        }
        prop_assert!(plain.ends_with('\n') && !plain.ends_with("\n\n") && !plain.contains("\n\n\n"));
    }

    #[test]
    fn colour_changes_nothing_but_colour(case in scrambled(), width in 60_usize..130) {
        let plain = text(&case, width, false, true, Verbosity::Verbose);
        let colored = text(&case, width, true, true, Verbosity::Verbose);
        prop_assert_eq!(without_color(&colored), plain);
    }

    /// What stands behind the bars is the record, all of it and nothing else.
    #[test]
    fn a_record_shown_whole_is_whole(lines in prop::collection::vec("[ -~é長]{0,250}", 1..4), span: (u8, u8)) {
        let mut case = cases::provider_not_found();
        let incident = &mut case.incidents[0];
        incident.findings[0].evidence.truncate(1);
        let evidence = &mut incident.findings[0].evidence[0];
        evidence.text = lines.join("\n");
        evidence.span = Some((usize::from(span.0), usize::from(span.0) + usize::from(span.1)));
        let text = text(&case, 80, false, true, Verbosity::Verbose);
        let shown: String = text.lines().filter_map(|line| line.strip_prefix("  │")).collect();
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(letters(&shown), letters(&evidence_text(&case)));
    }

    #[test]
    fn carets_stand_below_what_was_recognised(before in "[a-z ]{0,120}", found in "[A-Z]{1,40}", after in "[a-z ]{0,300}") {
        let mut case = cases::provider_not_found();
        let evidence = &mut case.incidents[0].findings[0].evidence[0];
        evidence.text = format!("{before}{found}{after}");
        evidence.span = Some((before.len(), before.len() + found.len()));
        let text = text(&case, 80, false, true, Verbosity::Normal);
        let lines: Vec<&str> = text.lines().collect();
        let carets = lines.iter().position(|line| line.trim_start().starts_with('^')).unwrap();
        let from = lines[carets].find('^').unwrap();
        let row: String = lines[carets - 1].chars().skip(from).take(found.len()).collect();
        prop_assert_eq!(row, found);
    }
}

fn evidence_text(case: &Diagnosis) -> String {
    case.incidents[0].findings[0].evidence[0].text.clone()
}

#[test]
fn commands_are_never_broken() {
    let long = format!("vim-cmd solo/registervm '/vmfs/volumes/{}/APP-01.vmx'", "x/".repeat(120));
    for (_, mut case) in cases::all() {
        each_command(&mut case, &mut |command| command.clone_from(&long));
        for incident in &mut case.incidents {
            incident.remedies.iter_mut().flat_map(|remedy| &mut remedy.steps).for_each(|step| {
                step.shell = esxray_knowledge::Shell::EsxiShell;
            });
        }
        let text = text(&case, 80, false, true, Verbosity::Verbose);
        let commands: usize = case.incidents.iter().flat_map(|one| &one.remedies).map(|one| one.steps.len()).sum();
        assert_eq!(text.lines().filter(|line| line.trim_start() == long).count(), commands);
    }
}

#[test]
fn a_command_that_cannot_be_shown_is_not_offered_for_pasting() {
    let mut case = cases::ha_reset();
    each_command(&mut case, &mut |command| "rm '\u{1b}\nAPP-01'".clone_into(command));
    let text = text(&case, 80, false, true, Verbosity::Normal);
    assert!(text.contains("rm '<U+001B><U+000A>APP-01'"), "{text}");
    assert!(text.contains("do not paste this"), "{text}");
}

#[test]
fn where_everything_is_wanted_nothing_is_left_out() {
    for (name, mut case) in cases::all() {
        let mut words = Vec::new();
        each_text(&mut case, &mut |text| {
            words.push(format!("text{}x", words.len()));
            text.clone_from(words.last().unwrap());
        });
        // Ids are for programs; `explains` and packs name other things of the report.
        let mut unseen = Vec::new();
        for incident in &case.incidents {
            unseen.extend(incident.remedies.iter().map(|one| one.id.clone()));
            unseen.extend(incident.withheld.iter().map(|one| one.id.clone()));
            unseen.extend(incident.do_not.iter().map(|one| one.id.clone()));
            unseen.extend(incident.findings.iter().flat_map(|one| one.explains.clone()));
            let rekey = incident.rekey.iter();
            let shown_by_place = rekey.flat_map(|of| {
                let steps = of.steps.iter().flat_map(|step| &step.evidence);
                steps.chain(of.objects.iter().flat_map(|object| &object.evidence))
            });
            unseen.extend(shown_by_place.flat_map(|one| [one.text.clone(), one.meaning.to_string()]));
            unseen.extend(incident.recovered.iter().map(|one| one.text.clone()));
        }
        let text = text(&case, 100, false, true, Verbosity::Verbose);
        for word in words.iter().filter(|word| !unseen.contains(word)) {
            // A source that nothing cites is named by its coverage row.
            let cited = case.sources.contains(word);
            assert!(text.contains(word.as_str()) || cited, "{name}: {word} is not shown in\n{text}");
        }
    }
}

#[test]
fn advice_that_was_given_is_not_given_twice() {
    let mut case = cases::several();
    let normal = |case: &Diagnosis| text(case, 80, false, true, Verbosity::Normal);
    let same = "as for I2: what to do";
    assert_eq!(normal(&case).matches(same).count(), 1);
    assert_eq!(text(&case, 80, false, true, Verbosity::Verbose).matches(same).count(), 0);
    let nc = "nc -z <kms-address> 5696";
    assert_eq!(normal(&case).matches(nc).count(), 1);
    // One remedy less, and it is advice of its own.
    case.incidents[2].remedies.clear();
    assert_eq!(normal(&case).matches(same).count(), 0);
    let mut case = cases::several();
    case.incidents[2].do_not.clear();
    assert_eq!(normal(&case).matches(same).count(), 0);
}

#[test]
fn proof_is_of_every_sort_before_any_sort_comes_twice() {
    let mut case = cases::ha_reset();
    let again = case.incidents[0].findings[0].evidence[0].clone();
    for line in 1..9 {
        let mut again = again.clone();
        again.place.line += line;
        again.place.last_line += line;
        case.incidents[0].findings[0].evidence.insert(0, again);
    }
    let text = text(&case, 80, false, true, Verbosity::Normal);
    let proof = text.split("\nProof\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_eq!(proof.matches("vSphere HA resets the VM").count(), 1, "{proof}");
    assert_eq!(proof.matches("hostd begins to reconfigure the VM").count(), 1, "{proof}");
    assert_eq!(proof.matches("the key that DiskLib was given").count(), 1, "{proof}");
}

#[test]
fn no_more_than_three_records_unless_all_are_wanted() {
    let mut case = cases::ha_reset();
    let again = case.incidents[0].findings[0].evidence[0].clone();
    for line in 1..9_u64 {
        let mut other = again.clone();
        other.place.line += line;
        other.place.last_line += line;
        other.meaning = Said::name(format!("sort {line} of proof"));
        case.incidents[0].findings[0].evidence.push(other);
    }
    let quoted = |verbosity| {
        let text = text(&case, 80, false, true, verbosity);
        let proof = text.split("\nProof\n").nth(1).unwrap().split("\n\n").next().unwrap();
        proof.lines().filter(|line| line.starts_with("  esx01.tgz!")).count()
    };
    assert_eq!((quoted(Verbosity::Normal), quoted(Verbosity::Verbose)), (3, 11));
}

#[test]
fn the_log_that_decides_most_is_asked_for_first() {
    let mut case = cases::clean();
    let not =
        |cause: &str, needs: &str| esxray_diagnosis::NotEvaluated { cause: cause.to_owned(), needs: Said::name(needs) };
    case.not_evaluated = vec![not("one", "a.log"), not("two", "b.log"), not("three", "b.log")];
    let text = text(&case, 80, false, true, Verbosity::Normal);
    assert!(text.find("two, three: needs b.log").unwrap() < text.find("one: needs a.log").unwrap(), "{text}");
}

#[test]
fn a_vm_is_named_even_where_its_incident_has_no_name_in_its_title() {
    let mut case = cases::ha_reset();
    case.incidents[0].title = Said::name("The VM was reset");
    assert!(text(&case, 80, false, true, Verbosity::Quiet).contains("APP-01: The VM was reset"));
}

#[test]
fn quiet_is_the_verdict_alone() {
    for (name, case) in cases::all() {
        let text = text(&case, 160, false, true, Verbosity::Quiet);
        let word = case.verdict.as_str().to_uppercase();
        assert!(text.starts_with(&word), "{name}: {text}");
        assert!(text.lines().count() == 1, "{name}: {text}");
    }
}

#[test]
fn nothing_found_is_said_in_these_words() {
    let clean = text(&cases::clean(), 160, false, true, Verbosity::Quiet);
    assert_eq!(
        clean.split_whitespace().collect::<Vec<_>>().join(" "),
        "CLEAN Nothing known was found in 140,463 of 140,466 records between 2023-03-10T13:02:11.004Z and \
         2023-03-10T16:40:02.871Z; 1,207 error records are unexplained; 0 bytes unread."
    );
    for case in [cases::clean(), cases::inconclusive()] {
        let text = text(&case, 80, false, true, Verbosity::Verbose).to_lowercase();
        for word in ["healthy", "no problem", "all is well", "everything is fine", "ok"] {
            assert!(!text.contains(&format!(" {word}")), "it says {word:?}:\n{text}");
        }
    }
}

#[test]
fn bytes_that_nobody_counted_are_not_zero() {
    let mut case = cases::inconclusive();
    case.problems[1].lost_bytes = None;
    let unknown = text(&case, 160, false, true, Verbosity::Quiet);
    assert!(unknown.contains("an unknown number of bytes unread"), "{unknown}");
    case.problems[0].lost_bytes = Some(7);
    let some = text(&case, 160, false, true, Verbosity::Quiet);
    assert!(some.contains("more than 7 bytes unread"), "{some}");
}

#[test]
fn the_same_bytes_for_the_same_diagnosis() {
    for (_, case) in cases::all() {
        for output in Output::ALL {
            let options = TextOptions::default();
            assert_eq!(output.render(&case, &options), output.render(&case.clone(), &options));
        }
    }
}
