//! `esxray diagnose`: the main job.

use esxray::{Diagnosis, Grade, Options, Verdict};

use super::{check_range, read_options};
use crate::args::Diagnose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::{packs, terminal};

pub(crate) fn run(args: &Diagnose) -> Result<Exit, Failure> {
    check_range(&args.select.range)?;
    let destination = Destination::check(&args.target, &args.input.paths)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let options = Options {
        read: read_options(&args.input),
        select: args.select.selection(),
        threads: args.input.threads.map(Into::into),
        ..Options::default()
    };
    let diagnosis = esxray::diagnosis::diagnose(&args.input.paths, &knowledge, &options)?;
    let look = terminal::text_options(&args.look, &destination);
    destination.write(&args.format.render(&diagnosis, &look))?;
    Ok(exit(&diagnosis, args.fail_on))
}

/// What the diagnosis means for a script.
fn exit(diagnosis: &Diagnosis, fail_on: Grade) -> Exit {
    let mut findings = diagnosis.incidents.iter().flat_map(|incident| &incident.findings);
    let incomplete = diagnosis.problems.iter().any(|problem| problem.incomplete);
    if findings.any(|finding| finding.grade >= fail_on) {
        Exit::Reached
    } else if diagnosis.verdict == Verdict::Inconclusive || incomplete {
        Exit::Incomplete
    } else {
        Exit::Done
    }
}
