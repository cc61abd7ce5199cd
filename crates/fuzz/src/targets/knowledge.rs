//! A user's pack: it is taken or refused, and the refusal can be printed and names a line that is there.

use esxray_knowledge::{Error, Knowledge, Pack, PackFile};

use super::Target;
use crate::seeds::FILE;
use crate::{Trace, judge, mutate, seeds};

pub(super) const TARGET: Target = Target {
    name: "knowledge",
    about: "bytes as a file of a user's pack: taken and usable, or refused with a line and in printable words",
    seeds: seeds::knowledge_files,
    mutate: mutate::toml,
    run,
    most_bytes: 32 << 10,
};

fn run(input: &[u8], trace: &mut Trace) {
    let files: Vec<PackFile> = String::from_utf8_lossy(input)
        .split(char::from(FILE))
        .filter_map(|file| file.split_once('\n'))
        .map(|(path, text)| PackFile { path: path.to_owned(), text: text.to_owned() })
        .collect();
    let pack = Pack { name: "mine".to_owned(), files };
    match Knowledge::load(std::slice::from_ref(&pack)) {
        Ok(knowledge) => usable(&knowledge, &pack, trace),
        Err(error) => {
            judge::harmless(&error.to_string());
            let Error::Invalid { problems } = error else {
                trace.words(&error.to_string());
                return;
            };
            assert!(!problems.is_empty(), "a refusal says why");
            for problem in problems {
                trace.words(&problem.flaw.to_string());
                let path = problem.path.strip_prefix("mine/").unwrap_or(&problem.path);
                if let Some(file) = pack.files.iter().find(|file| file.path == path) {
                    let lines = file.text.split('\n').count();
                    assert!((1..=lines).contains(&(problem.line as usize)), "{problem}, but it has {lines} lines");
                }
            }
        }
    }
}

/// What a pack may do once it is loaded.
fn usable(knowledge: &Knowledge, pack: &Pack, trace: &mut Trace) {
    trace.count("warnings", knowledge.warnings.len() as u64);
    for warning in &knowledge.warnings {
        judge::harmless(&warning.to_string());
        trace.words(&warning.flaw.to_string());
    }
    assert_eq!(knowledge.packs, ["builtin", "mine"]);
    for file in &pack.files {
        let id = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".toml");
        trace.count("found", knowledge.find(id).len() as u64);
        let _ = knowledge.suggest(id);
        let Some(signature) = knowledge.signature(id) else { continue };
        for sample in &signature.samples {
            if let Some(captures) = signature.matches(sample.text.as_bytes()) {
                assert!(captures.span.end <= sample.text.len(), "a match is within its text");
                trace.count("fields", captures.fields.len() as u64);
            }
            let log = sample.log.or_else(|| signature.logs.first().copied());
            let _ = signature.claims(log.unwrap_or(esxray_model::FormatName::Hostd), None, sample.text.as_bytes());
        }
    }
}
