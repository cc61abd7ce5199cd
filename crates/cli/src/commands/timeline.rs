//! `esxray timeline`: one history from every source.

use esxray::Options;
use esxray::diagnosis::history;
use esxray::report::outputs::history::{csv, gaps, jsonl, operations, text, timesketch};
use esxray::report::outputs::html;

use super::{check_range, read_options};
use crate::args::{Timeline, TimelineFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::progress::Progress;
use crate::{packs, terminal};

pub(crate) fn run(args: &Timeline) -> Result<Exit, Failure> {
    check_range(&args.select.range)?;
    let destination = Destination::check(&args.target, &args.input.paths)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let progress = Progress::begin(&args.look.noise, false);
    let options = Options {
        read: read_options(&args.input, &args.limits),
        select: args.select.selection(),
        limits: args.limits.limits(args.input.threads),
        memory_bytes: args.limits.max_memory.map(|memory| memory.0),
        threads: args.input.threads.map(Into::into),
        meter: Some(progress.meter()),
    };
    let mut history = history(&args.input.paths, &knowledge, &options)?;
    drop(progress);
    if !args.kind.is_empty() {
        history.entries.retain(|it| args.kind.contains(&it.kind));
        history.thinned = history.entries.iter().map(|it| it.count.saturating_sub(1)).sum();
    }
    let lang = terminal::machine_lang(&args.look);
    let look = terminal::text_options(&args.look, &destination);
    let answer = match args.format {
        TimelineFormat::Text if args.ops => operations(&history, &look),
        TimelineFormat::Text if args.gaps => gaps(&history, &look),
        TimelineFormat::Text => text(&history, &look),
        TimelineFormat::Jsonl => jsonl(&history, lang),
        TimelineFormat::Csv => csv(&history, lang),
        TimelineFormat::Timesketch => timesketch(&history, lang),
        TimelineFormat::Html => html::history(&history, &look),
    };
    destination.write(&answer)?;
    let found = if args.gaps { !history.gaps.is_empty() } else { !history.entries.is_empty() };
    Ok(if found { Exit::Done } else { Exit::NothingFound })
}
