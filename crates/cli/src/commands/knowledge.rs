//! `esxray knowledge`: what the base holds, and whether a pack is sound.

use std::fmt::Write as _;

use esxray::diagnosis::prove;
use esxray::knowledge::Knowledge;
use esxray::report::{Charset, Shown};
use serde_json::{Value, json};

use crate::args::{Knowledge as Args, KnowledgeList, ProvedPacks, Target, TextOrJson};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::{packs, say, terminal};

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match args {
        Args::List(args) => list(args),
        Args::Check(args) => check(args),
        Args::Test(args) => test(args),
        Args::New(args) => super::draft::run(args),
    }
}

fn list(args: &KnowledgeList) -> Result<Exit, Failure> {
    let destination = Destination::check(&args.target, &args.packs.folders)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let text = match args.format {
        TextOrJson::Text => text(&knowledge),
        TextOrJson::Json => ascii_json(&value(&knowledge)),
    };
    destination.write(&text)?;
    Ok(Exit::Done)
}

/// One kind of thing, each with its id and what it says.
struct Group<'k> {
    name: &'static str,
    entries: Vec<(&'k str, &'k str)>,
}

fn groups(knowledge: &Knowledge) -> [Group<'_>; 4] {
    [
        Group {
            name: "causes",
            entries: knowledge.causes.iter().map(|it| (it.id.as_str(), it.title.as_str())).collect(),
        },
        Group {
            name: "remedies",
            entries: knowledge.remedies.iter().map(|it| (it.id.as_str(), it.title.as_str())).collect(),
        },
        Group {
            name: "prohibitions",
            entries: knowledge.prohibitions.iter().map(|it| (it.id.as_str(), it.text.as_str())).collect(),
        },
        Group {
            name: "signatures",
            entries: knowledge.signatures.iter().map(|it| (it.id.as_str(), it.title.as_str())).collect(),
        },
    ]
}

/// One line an entry, the ids in one column; `esxray explain ID` tells the rest.
fn text(knowledge: &Knowledge) -> String {
    let mut lines = Vec::new();
    for group in groups(knowledge) {
        let width = group.entries.iter().map(|(id, _)| id.len()).max().unwrap_or(0);
        lines.push(format!("{} {}", group.entries.len(), group.name));
        for (id, says) in group.entries {
            lines.push(format!("  {id:width$}  {}", says.trim()));
        }
        lines.push(String::new());
    }
    lines.push(format!("packs: {}", knowledge.packs.join(", ")));
    lines.push(format!("sha256: {}", knowledge.sha256));
    lines.iter().map(|line| Shown::new(line, Charset::Unicode).to_string() + "\n").collect()
}

fn value(knowledge: &Knowledge) -> Value {
    let causes = knowledge.causes.iter().map(|it| {
        json!({
            "id": it.id, "aliases": it.aliases, "title": it.title, "category": it.category,
            "kind": it.kind.as_str(), "severity": it.severity.as_str(), "basis": it.basis.as_str(),
            "context": it.context, "remedies": it.remedies, "do_not": it.do_not, "explains": it.explains,
        })
    });
    let remedies = knowledge.remedies.iter().map(|it| {
        json!({
            "id": it.id, "title": it.title, "kind": it.kind.as_str(), "basis": it.basis.as_str(),
            "service_impact": it.service_impact.as_str(), "history": it.history.as_str(), "reversible": it.reversible,
        })
    });
    let prohibitions =
        knowledge.prohibitions.iter().map(|it| json!({ "id": it.id, "text": it.text, "reason": it.reason }));
    let signatures = knowledge.signatures.iter().map(|it| {
        let logs: Vec<&str> = it.logs.iter().map(|log| log.as_str()).collect();
        let fields: Vec<&str> = it.fields.iter().map(|(name, _)| name.as_str()).collect();
        json!({
            "id": it.id, "event": it.event, "title": it.title, "logs": logs, "fields": fields,
            "tone": it.tone.as_str(), "basis": it.basis.as_str(),
        })
    });
    json!({
        "packs": knowledge.packs,
        "sha256": knowledge.sha256,
        "causes": causes.collect::<Value>(),
        "remedies": remedies.collect::<Value>(),
        "prohibitions": prohibitions.collect::<Value>(),
        "signatures": signatures.collect::<Value>(),
    })
}

/// Indented JSON in ASCII: the name of a pack's folder is foreign text.
fn ascii_json(value: &Value) -> String {
    let mut text = String::new();
    for c in format!("{value:#}\n").chars() {
        // Outside of strings JSON is ASCII without DEL, so this changes strings alone.
        if c.is_ascii() && c != '\u{7f}' {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

fn check(args: &ProvedPacks) -> Result<Exit, Failure> {
    let knowledge = load(args)?;
    let mut problems: Vec<String> = knowledge.check_deep().iter().map(ToString::to_string).collect();
    problems.extend(knowledge.self_test().iter().map(ToString::to_string));
    let warnings: Vec<String> = knowledge.warnings.iter().map(|it| format!("warning: {it}")).collect();
    let counts = groups(&knowledge).map(|group| format!("{} {}", group.entries.len(), group.name));
    proved(args, &knowledge, &warnings, problems, &counts.join(", "))
}

fn test(args: &ProvedPacks) -> Result<Exit, Failure> {
    let knowledge = load(args)?;
    let mut problems: Vec<String> = knowledge.self_test().iter().map(ToString::to_string).collect();
    let proof = prove(&knowledge);
    problems.extend(proof.failures.iter().map(ToString::to_string));
    let untested: Vec<String> = proof.untested.iter().map(|it| format!("untested: {it}")).collect();
    let samples: usize = knowledge.signatures.iter().map(|it| it.samples.len() + it.nots.len()).sum();
    let counts = format!(
        "{samples} samples of {} signatures, {} cases of {} causes; {} untested conditions, {} causes without any",
        knowledge.signatures.len(),
        proof.cases,
        proof.causes,
        proof.untested.len(),
        proof.without_conditions,
    );
    proved(args, &knowledge, &untested, problems, &counts)
}

fn load(args: &ProvedPacks) -> Result<Knowledge, Failure> {
    packs::load(args.named.iter().chain(&args.packs.folders))
}

/// Tells what is doubtful, and then what is wrong or that all is well.
fn proved(
    args: &ProvedPacks,
    knowledge: &Knowledge,
    doubts: &[String],
    problems: Vec<String>,
    counts: &str,
) -> Result<Exit, Failure> {
    if !args.quiet {
        let charset = terminal::message_charset();
        let lines: Vec<String> = doubts.iter().map(|it| Shown::new(it, charset).to_string() + "\n").collect();
        say(&lines.concat());
    }
    if !problems.is_empty() {
        return Err(Failure::KnowledgeFails { problems });
    }
    if !args.quiet {
        let text = format!("ok: {counts} (packs: {})", knowledge.packs.join(", "));
        let text = Shown::new(&text, Charset::Unicode).to_string() + "\n";
        Destination::check(&Target::default(), &[])?.write(&text)?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use esxray::Knowledge;
    use serde_json::Value;

    use super::{ascii_json, text, value};

    #[test]
    fn both_lists_hold_every_id() {
        let knowledge = Knowledge::builtin().unwrap();
        let (text, json) = (text(&knowledge), ascii_json(&value(&knowledge)));
        let ids = knowledge.causes.iter().map(|it| &it.id).chain(knowledge.signatures.iter().map(|it| &it.id));
        for id in ids.chain(knowledge.remedies.iter().map(|it| &it.id)) {
            assert!(text.contains(&format!("\n  {id} ")), "{id}");
            assert!(json.contains(&format!("\"id\": \"{id}\"")), "{id}");
        }
    }

    #[test]
    fn foreign_text_is_escaped_and_comes_back() {
        let name = "pack\u{9b}2J\u{202e}\u{1f600}\u{7f}\u{1b}é";
        let json = ascii_json(&Value::from(name));
        assert!(json.trim_end().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{json}");
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), name);
    }
}
