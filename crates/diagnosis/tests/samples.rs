//! Every sample of every signature, in every dialect that its log is written in, through the whole recogniser.

use esxray_diagnosis::Recogniser;
use esxray_knowledge::{Knowledge, Signature};
use esxray_model::FormatName;
use esxray_testkit::{Dialect, LogRecord, LogTime, wrap};

/// The dialects that a format is written in, in which a component can be named.
fn dialects(format: FormatName) -> impl Iterator<Item = Dialect> {
    Dialect::ALL.iter().copied().filter(move |it| it.format() == format.as_str())
}

fn component(signature: &Signature, given: Option<&str>) -> String {
    let made_up = || signature.component.first().map_or_else(|| "Default".to_owned(), esxray_knowledge::Glob::example);
    given.map_or_else(made_up, str::to_owned)
}

/// What a record with this text is recognised as, in a log with records around it.
fn seen(
    recogniser: &Recogniser<'_>,
    dialect: Dialect,
    component: &str,
    text: &str,
) -> Vec<esxray_diagnosis::Recognised> {
    let time = LogTime::civil(2024, 3, 12, 15, 16, 13);
    let record = |component: &str, text: &str| wrap(dialect, &LogRecord::new(time, component, text));
    let log =
        [record("Other", "a harmless record before it"), record(component, text), record("Other", "and one after it")];
    recogniser.recognise(&log.concat(), &format!("{}.log", dialect.format()))
}

#[test]
fn every_sample_is_recognised_in_every_dialect_of_its_log() {
    let knowledge = Knowledge::builtin().unwrap();
    let recogniser = Recogniser::new(&knowledge).unwrap();
    let mut tried = 0;
    for signature in &knowledge.signatures {
        for sample in &signature.samples {
            let formats: Vec<FormatName> = sample.log.map_or_else(|| signature.logs.clone(), |log| vec![log]);
            for dialect in formats.into_iter().flat_map(dialects) {
                let component = component(signature, sample.component.as_deref());
                let seen = seen(&recogniser, dialect, &component, &sample.text);
                let found = seen.iter().any(|it| {
                    it.event == signature.event
                        && sample.fields.iter().all(|(name, value)| it.fields.get(name) == Some(value))
                });
                assert!(found, "{} line {} in {}: {seen:#?}", signature.file, sample.line, dialect.name());
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried} renderings");
}

#[test]
fn no_text_that_must_not_match_is_recognised_in_any_dialect() {
    let knowledge = Knowledge::builtin().unwrap();
    let recogniser = Recogniser::new(&knowledge).unwrap();
    for signature in &knowledge.signatures {
        for not in &signature.nots {
            let formats: Vec<FormatName> = not.log.map_or_else(|| signature.logs.clone(), |log| vec![log]);
            for dialect in formats.into_iter().flat_map(dialects) {
                let component = component(signature, not.component.as_deref());
                let seen = seen(&recogniser, dialect, &component, &not.text);
                let wrong = seen.iter().find(|it| it.signature == signature.id);
                assert_eq!(wrong, None, "{} line {} in {}: {}", signature.file, not.line, dialect.name(), not.why);
            }
        }
    }
}

#[test]
fn what_a_user_posts_as_an_event_is_nobodys_evidence() {
    let knowledge = Knowledge::builtin().unwrap();
    let recogniser = Recogniser::new(&knowledge).unwrap();
    for signature in knowledge.signatures.iter().filter(|it| it.logs.contains(&FormatName::Vpxd)) {
        for sample in &signature.samples {
            for dialect in dialects(FormatName::Vpxd) {
                let head = "[EventManagerMO] Event[7] [vim.event.GeneralUserEvent] [info] [LAB\\alice] [] [] [see:";
                let seen = seen(&recogniser, dialect, "vpxd", &format!("{head}\n{}\nmore]", sample.text));
                assert!(seen.is_empty(), "{} line {} in {}: {seen:#?}", signature.file, sample.line, dialect.name());
            }
        }
    }
}

#[test]
fn a_line_of_an_event_dump_alone_is_recognised_where_it_stands() {
    // The text of such a signature may begin with the line feed in front of the line.
    let knowledge = Knowledge::builtin().unwrap();
    let recogniser = Recogniser::new(&knowledge).unwrap();
    for mark in ["-->", "--> ", "-->    "] {
        let line = format!("{mark}eventTypeId = \"com.vmware.vc.HA.HostPartitionedFromMasterEvent\"");
        let seen = recogniser.recognise(line.as_bytes(), "pasted");
        assert!(!seen.is_empty() && seen.iter().all(|it| it.line == 1), "{line}: {seen:?}");
    }
}
