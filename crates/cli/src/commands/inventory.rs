//! `esxray inventory`: what is in the input.

use esxray::Options;
use esxray::record::ReadOptions;
use esxray::report::outputs::inventory::{json, text};

use super::{check_range, read_options};
use crate::args::{Inventory, TextOrJson};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::progress::Progress;
use crate::{packs, terminal};

pub(crate) fn run(args: &Inventory) -> Result<Exit, Failure> {
    check_range(&args.select.range)?;
    let destination = Destination::check(&args.target, &args.input.paths)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let progress = Progress::begin(&args.look.noise, false);
    let options = Options {
        read: ReadOptions { gap_seconds: i64::from(args.gap) * 60, ..read_options(&args.input, &args.limits) },
        select: args.select.selection(),
        limits: args.limits.limits(args.input.threads),
        memory_bytes: args.limits.max_memory.map(|memory| memory.0),
        threads: args.input.threads.map(Into::into),
        meter: Some(progress.meter()),
    };
    let inventory = esxray::diagnosis::inventory(&args.input.paths, &knowledge, &options)?;
    drop(progress);
    let answer = match args.format {
        TextOrJson::Text => text(&inventory, &terminal::text_options(&args.look, &destination)),
        TextOrJson::Json => json(&inventory, terminal::machine_lang(&args.look)),
    };
    destination.write(&answer)?;
    Ok(Exit::Done)
}
