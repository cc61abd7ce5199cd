//! `esxray rekey`: the re-key audit of a fleet.
#![expect(
    clippy::disallowed_methods,
    reason = "the list of VMs is no log: the library that opens logs does not open it"
)]

use std::io::Read;
use std::path::Path;

use esxray::Options;
use esxray::diagnosis::{AuditOptions, AuditVerdict, VmList, audit};
use esxray::report::outputs::rekey::{csv, json, junit, text};

use super::{check_range, read_options};
use crate::args::{Rekey, RekeyFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;
use crate::progress::Progress;
use crate::{packs, terminal};

pub(crate) fn run(args: &Rekey) -> Result<Exit, Failure> {
    check_range(&args.select.range)?;
    let mut inputs = args.input.paths.clone();
    inputs.extend(args.audit.list.clone());
    let destination = Destination::check(&args.target, &inputs)?;
    let asked = AuditOptions {
        list: args.audit.list.as_deref().map(|path| list(path, args)).transpose()?,
        retire: args.audit.retire.clone(),
        preflight: args.audit.preflight,
    };
    let knowledge = packs::load(&args.packs.folders)?;
    let progress = Progress::begin(&args.look.noise, false);
    let options = Options {
        read: read_options(&args.input, &args.limits),
        limits: args.limits.limits(args.input.threads),
        memory_bytes: args.limits.max_memory.map(|memory| memory.0),
        select: args.select.selection(),
        threads: args.input.threads.map(Into::into),
        meter: Some(progress.meter()),
    };
    let audit = audit(&args.input.paths, &knowledge, &options, &asked)?;
    drop(progress);
    let lang = terminal::machine_lang(&args.look);
    let answer = match args.format {
        RekeyFormat::Text => text(&audit, &terminal::text_options(&args.look, &destination)),
        RekeyFormat::Json => json(&audit, lang),
        RekeyFormat::Csv => csv(&audit, lang),
        RekeyFormat::Junit => junit(&audit, args.fail_on, lang),
    };
    destination.write(&answer)?;
    Ok(match audit.verdict(args.fail_on) {
        AuditVerdict::Clear => Exit::Done,
        AuditVerdict::Reached => Exit::Reached,
        AuditVerdict::Incomplete => Exit::Incomplete,
    })
}

/// Bytes of a list at most: more is another file.
const MOST_OF_A_LIST: u64 = 32 << 20;

/// The VMs that were to be re-keyed.
fn list(path: &Path, args: &Rekey) -> Result<VmList, Failure> {
    let name = path.display().to_string();
    let unreadable = |source| Failure::ListUnreadable { path: name.clone(), source };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        if args.input.paths.iter().any(|path| path.as_os_str() == "-") {
            return Err(Failure::TwoStreams);
        }
        std::io::stdin().take(MOST_OF_A_LIST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(MOST_OF_A_LIST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() as u64 > MOST_OF_A_LIST {
        let problem = esxray::diagnosis::ListError {
            line: 1,
            what: format!("the file is longer than {MOST_OF_A_LIST} bytes, which no list of VMs is"),
        };
        return Err(Failure::List { path: name, problem });
    }
    VmList::parse(&bytes).map_err(|problem| Failure::List { path: name, problem })
}
