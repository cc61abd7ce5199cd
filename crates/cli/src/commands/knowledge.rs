//! `esxray knowledge`: what the base holds, and whether a pack is sound.

use std::collections::BTreeSet;

use esxray::diagnosis::prove;
use esxray::knowledge::{Glob, Knowledge, Narrow};
use esxray::report::{Charset, Shown, listing};

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
    are_known("category", &args.category, knowledge.categories(), |known, word| known == word)?;
    // A component may be one that a glob stands for.
    are_known("component", &args.component, knowledge.components(), |known, word| {
        known.eq_ignore_ascii_case(word) || Glob::new(known).matches(word.as_bytes())
    })?;
    let wanted = Narrow {
        categories: args.category.clone(),
        severities: args.severity.clone(),
        components: args.component.clone(),
        logs: args.log.clone(),
        release: args.applies_to,
    };
    let narrowed = knowledge.narrowed(&wanted);
    let text = match args.format {
        TextOrJson::Text => listing::text(&knowledge, &narrowed, &terminal::text_options(&args.look, &destination)),
        TextOrJson::Json => listing::json(&knowledge, &narrowed, terminal::machine_lang(&args.look)),
    };
    destination.write(&text)?;
    Ok(Exit::Done)
}

/// A filter with a word that is nowhere in the base would find nothing and look like an answer.
fn are_known(
    what: &'static str,
    words: &[String],
    known: BTreeSet<&str>,
    is: fn(&str, &str) -> bool,
) -> Result<(), Failure> {
    match words.iter().find(|word| !known.iter().any(|it| is(it, word))) {
        Some(found) => {
            let known = known.into_iter().map(str::to_owned).collect();
            Err(Failure::NoSuchWord { what, found: found.clone(), known })
        }
        None => Ok(()),
    }
}

fn check(args: &ProvedPacks) -> Result<Exit, Failure> {
    let knowledge = load(args)?;
    let mut problems: Vec<String> = knowledge.check_deep().iter().map(ToString::to_string).collect();
    problems.extend(knowledge.self_test().iter().map(ToString::to_string));
    let warnings = knowledge.warnings.iter().map(|it| format!("warning: {it}"));
    // What is wrong comes first: a text without its French is worth a remark once all else is right.
    let remarks = knowledge.untranslated.iter().filter(|_| problems.is_empty()).map(|it| format!("remark: {it}"));
    let warnings: Vec<String> = warnings.chain(remarks).collect();
    let counts = format!(
        "{} causes, {} remedies, {} prohibitions, {} signatures",
        knowledge.causes.len(),
        knowledge.remedies.len(),
        knowledge.prohibitions.len(),
        knowledge.signatures.len(),
    );
    proved(args, &knowledge, &warnings, problems, &counts)
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
