//! The whole way from files to both reports.

use std::path::{Path, PathBuf};

use esxray_diagnosis::{Diagnosis, Evidence, Options, diagnose};
use esxray_model::Lang;
use esxray_report::{Output, TextOptions, Verbosity};

use super::Target;
use super::containers::is_container;
use crate::seeds::{FILE, knowledge};
use crate::{Trace, judge, mutate, seeds};

pub(super) const TARGET: Target = Target {
    name: "pipeline",
    about: "bytes as a folder of logs: a diagnosis whose reports drive no terminal, and which quotes what is there",
    seeds,
    mutate: mutate::log,
    run,
    most_bytes: 128 << 10,
};

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = seeds::samples();
    seeds.extend(seeds::cases().into_iter().map(|mut case| {
        case.truncate(TARGET.most_bytes);
        case
    }));
    seeds
}

fn run(input: &[u8], trace: &mut Trace) {
    #[expect(clippy::expect_used, reason = "without a folder nothing can be read")]
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = unpack(folder.path(), input);
    let root = folder.path().to_path_buf();
    let first = diagnosed(&root, 1);
    say(&first, trace);
    accounted(&first);
    quoted(&first, &root, &files);
    let report = json(&first);
    texts(&first);
    // A second time with more threads, every so often: it costs as much as the first.
    if input.len().is_multiple_of(8) {
        let second = diagnosed(&root, 3);
        assert!(json(&second) == report, "the number of threads changes the report");
    }
}

/// Writes the files of an input; gives their paths and bytes.
fn unpack(folder: &Path, input: &[u8]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for part in input.split(|byte| *byte == FILE).filter(|part| !part.is_empty()) {
        let at = part.iter().position(|byte| *byte == b'\n');
        let (name, text) = at.map_or((&b"pasted.txt"[..], part), |at| {
            (part.get(..at).unwrap_or_default(), part.get(at + 1..).unwrap_or_default())
        });
        let path = folder.join(safe(name, files.len()));
        let parent = path.parent().unwrap_or(folder);
        // What cannot be a file, because it is already a folder or too long, is no input.
        if std::fs::create_dir_all(parent).is_ok() && !path.exists() && std::fs::write(&path, text).is_ok() {
            files.push((path, text.to_vec()));
        }
    }
    files
}

/// A path that stays in its folder; any other character may stand in it.
fn safe(name: &[u8], index: usize) -> PathBuf {
    let text = String::from_utf8_lossy(name).replace('\0', "_");
    let parts: Vec<String> = text
        .split('/')
        .filter(|part| !part.is_empty() && *part != "." && *part != "..")
        .take(4)
        .map(|part| part.chars().take(40).collect())
        .collect();
    if parts.is_empty() { format!("file-{index}.log").into() } else { parts.iter().collect() }
}

fn diagnosed(folder: &Path, threads: usize) -> Diagnosis {
    let options = Options { threads: Some(threads), ..Options::default() };
    match diagnose(&[folder.to_path_buf()], knowledge(), &options) {
        Ok(diagnosis) => diagnosis,
        #[expect(clippy::panic, reason = "a folder that is there can be diagnosed")]
        Err(error) => panic!("no diagnosis: {error}"),
    }
}

fn say(diagnosis: &Diagnosis, trace: &mut Trace) {
    trace.saw(diagnosis.verdict.as_str());
    trace.count("incidents", diagnosis.incidents.len() as u64);
    trace.count("unexplained", diagnosis.unexplained.len() as u64);
    for incident in &diagnosis.incidents {
        trace.saw((
            incident.kind.as_str(),
            incident.vm.is_some(),
            incident.host.is_some(),
            incident.recovered.is_some(),
        ));
        for finding in &incident.findings {
            trace.saw((&finding.cause, finding.role.as_str(), finding.grade.as_str(), finding.severity.as_str()));
            trace.saw((&finding.cause, finding.captures.keys().collect::<Vec<_>>(), finding.explains.len()));
        }
        if let Some(rekey) = &incident.rekey {
            trace.saw((
                rekey.outcome.as_str(),
                rekey.failed_step.map(esxray_model::RekeyStep::as_str),
                rekey.scope,
                rekey.objects.len(),
            ));
        }
        for remedy in &incident.remedies {
            trace.saw((&remedy.id, remedy.rank, remedy.steps.iter().filter(|step| step.complete).count()));
        }
        for withheld in &incident.withheld {
            trace.saw(&withheld.id);
        }
    }
    for row in &diagnosis.coverage {
        trace.saw((row.format, row.dialect, row.version.is_some()));
        row.problems.iter().for_each(|it| trace.words(it.r#in(Lang::En)));
    }
    diagnosis.excluded.iter().for_each(|it| trace.saw(("excluded", &it.cause)));
    diagnosis.not_evaluated.iter().for_each(|it| trace.saw(("open", &it.cause)));
}

fn accounted(diagnosis: &Diagnosis) {
    for row in &diagnosis.coverage {
        let kinds = row.records + row.continuation_lines + row.unparsed_lines + row.blank_lines;
        assert_eq!(kinds, row.lines, "every line of a source is of one kind");
    }
}

/// Every piece of evidence stands where it says.
fn quoted(diagnosis: &Diagnosis, folder: &Path, files: &[(PathBuf, Vec<u8>)]) {
    for evidence in evidence(diagnosis) {
        let place = evidence.place;
        let source = diagnosis.sources.get(place.source.0 as usize).map(String::as_str).unwrap_or_default();
        assert!(!source.is_empty(), "evidence of a source that there is");
        assert!(place.line >= 1 && place.line <= place.last_line, "{place:?}");
        // Names that are not shown as they are, and what is decoded first, are not looked up.
        let plain = files.iter().find(|(path, bytes)| path.to_string_lossy() == source && is_as_it_is(bytes));
        let Some((_, bytes)) = plain else {
            assert!(source.starts_with(&*folder.to_string_lossy()), "{source} is not below the folder");
            continue;
        };
        let at = usize::try_from(place.byte_offset).unwrap_or(usize::MAX);
        let before = bytes.get(..at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        assert_eq!(line, place.line, "the byte and the line are one place");
        let first = bytes.get(at..).unwrap_or_default().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let shown = evidence.text.split('\n').next().unwrap_or_default();
        let first = String::from_utf8_lossy(first);
        assert!(first.starts_with(shown.trim_end_matches(['\r', '\u{fffd}'])), "{shown:?} is not {first:?}");
        if let Some((from, until)) = evidence.span {
            assert!(evidence.text.get(from..until).is_some(), "{from}..{until} is no part of {:?}", evidence.text);
        }
    }
}

/// Whether the bytes of a file are read as they are: not unpacked, not decoded, their lines ended by line feeds.
fn is_as_it_is(bytes: &[u8]) -> bool {
    let utf16 = bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bytes.iter().filter(|it| **it == 0).count() > 20;
    !is_container(bytes) && !utf16 && bytes.contains(&b'\n')
}

fn evidence(diagnosis: &Diagnosis) -> impl Iterator<Item = &Evidence> {
    diagnosis.incidents.iter().flat_map(|incident| {
        let findings = incident.findings.iter().flat_map(|it| &it.evidence);
        let steps = incident.rekey.iter().flat_map(|it| &it.steps).flat_map(|it| &it.evidence);
        let objects = incident.rekey.iter().flat_map(|it| &it.objects).flat_map(|it| &it.evidence);
        findings.chain(steps).chain(objects).chain(&incident.recovered)
    })
}

/// The JSON report, judged.
fn json(diagnosis: &Diagnosis) -> String {
    let report = Output::Json.render(diagnosis, &TextOptions::default());
    judge::harmless(&report);
    let value: Result<serde_json::Value, _> = serde_json::from_str(&report);
    #[expect(clippy::panic, reason = "this is what a target does")]
    let value = value.unwrap_or_else(|error| panic!("not JSON: {error}"));
    let count = |key: &str| value.get(key).and_then(serde_json::Value::as_array).map(Vec::len);
    assert_eq!(count("incidents"), Some(diagnosis.incidents.len()));
    assert_eq!(count("coverage"), Some(diagnosis.coverage.len()));
    report
}

/// The text report in all its looks, judged.
fn texts(diagnosis: &Diagnosis) {
    for (width, color, unicode, verbosity) in [
        (80, false, true, Verbosity::Normal),
        (60, true, true, Verbosity::Verbose),
        (200, false, false, Verbosity::Verbose),
        (120, true, false, Verbosity::Quiet),
    ] {
        let text =
            Output::Text.render(diagnosis, &TextOptions { width, color, unicode, verbosity, ..TextOptions::default() });
        let plain = if color { judge::without_color(&text) } else { text };
        judge::harmless(&plain);
        assert!(unicode || plain.is_ascii(), "a character that is not ASCII: {plain:?}");
        assert!(plain.ends_with('\n'));
    }
}
