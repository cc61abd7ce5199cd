//! `esxray why-not`: why a cause holds in the input, or does not.

use esxray::report::outputs::why_not::{json, text};
use esxray::{Knowledge, Options};

use super::{check_range, read_options};
use crate::args::{TextOrJson, WhyNot};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::progress::Progress;
use crate::{packs, terminal};

pub(crate) fn run(args: &WhyNot) -> Result<Exit, Failure> {
    check_range(&args.select.range)?;
    let destination = Destination::check(&args.target, &args.input.paths)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let cause = knowledge.cause(args.cause.trim()).ok_or_else(|| no_cause(&knowledge, &args.cause))?;
    let progress = Progress::begin(&args.look.noise, false);
    let options = Options {
        read: read_options(&args.input, &args.limits),
        limits: args.limits.limits(args.input.threads),
        memory_bytes: args.limits.max_memory.map(|memory| memory.0),
        select: args.select.selection(),
        threads: args.input.threads.map(Into::into),
        meter: Some(progress.meter()),
    };
    let answer = esxray::diagnosis::why_not(&args.input.paths, &knowledge, &options, cause, args.most.into())?;
    drop(progress);
    let answer = match args.format {
        TextOrJson::Text => text(&answer, &knowledge, &terminal::text_options(&args.look, &destination)),
        TextOrJson::Json => json(&answer, terminal::machine_lang(&args.look)),
    };
    destination.write(&answer)?;
    Ok(Exit::Done)
}

/// No cause of that name; those that may have been meant.
fn no_cause(knowledge: &Knowledge, wanted: &str) -> Failure {
    let mut near: Vec<String> = Vec::new();
    // An event or a remedy is no cause, but the nearest name may lead to one.
    for name in knowledge.suggest(wanted) {
        if let Some(cause) = knowledge.cause(name)
            && !near.contains(&cause.id)
        {
            near.push(cause.id.clone());
        }
    }
    Failure::NoCause { wanted: wanted.to_owned(), near }
}
