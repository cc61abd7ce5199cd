//! `esxray knowledge new`: drafts a signature from a line.

use esxray::Knowledge;
use esxray::knowledge::{DraftOf, Tone, draft};
use esxray::model::{FormatName, Level};
use esxray::record::{ReadOptions, read};

use crate::args::KnowledgeNew;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;

use super::explain::{claims, stdin};

pub(crate) fn run(args: &KnowledgeNew) -> Result<Exit, Failure> {
    let destination = Destination::check(&args.target, &[])?;
    let line = if args.from_line == "-" { stdin()? } else { args.from_line.clone().into_bytes() };
    let knowledge = Knowledge::builtin()?;
    if let Some(id) = claims(&knowledge, &line).into_iter().next() {
        return Err(Failure::AlreadyKnown { id });
    }
    let record = record(&line);
    let log = match &args.log {
        Some(name) => FormatName::ALL
            .iter()
            .copied()
            .find(|it| it.as_str() == name)
            .ok_or_else(|| Failure::NoFormat { name: name.clone() })?,
        // A log of no known form is searched as `generic`, and so is a line without a head.
        None if matches!(record.log, FormatName::Unknown | FormatName::Snippet) => FormatName::Generic,
        None => record.log,
    };
    let of = DraftOf {
        id: args.id.as_deref(),
        log,
        component: &record.component,
        message: &record.message,
        tone: if record.level.is_some_and(|it| it >= Level::Warning) { Tone::Failure } else { Tone::Context },
    };
    let draft = draft(&of).ok_or(Failure::NothingStays)?;
    destination.write(&draft.text)?;
    Ok(Exit::Done)
}

struct Seen {
    log: FormatName,
    component: String,
    message: String,
    level: Option<Level>,
}

/// The first record of a text, or its first line where it has no head.
fn record(text: &[u8]) -> Seen {
    let mut seen: Option<Seen> = None;
    read(&mut &*text, "", &ReadOptions::default(), &mut |block| {
        if let Some(record) = block.records().next().filter(|_| seen.is_none()) {
            let head = record.head();
            seen = Some(Seen {
                log: record.format(),
                component: glob(&String::from_utf8_lossy(head.component)),
                message: String::from_utf8_lossy(head.message).into_owned(),
                level: record.span.level,
            });
        }
    });
    seen.unwrap_or_else(|| {
        let message = String::from_utf8_lossy(text.split(|it| *it == b'\n').next().unwrap_or_default()).into_owned();
        Seen { log: FormatName::Unknown, component: String::new(), message, level: None }
    })
}

/// The part of a component that is the same in every record, and `*` for the rest: `worker-*` for `worker-2328848`.
fn glob(component: &str) -> String {
    let end = component.find(|it: char| it.is_ascii_digit() || matches!(it, ':' | '(' | '#' | '/' | '*'));
    match end {
        Some(0) => String::new(),
        Some(at) => {
            let keep = if component.get(at..).is_some_and(|it| it.starts_with(':')) { at + 1 } else { at };
            format!("{}*", component.get(..keep).unwrap_or_default().trim_end())
        }
        None => component.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn what_differs_in_a_component_is_a_star() {
        assert_eq!(glob("worker-2328848"), "worker-*");
        assert_eq!(glob("Vmsvc.vm:/vmfs/volumes/ds1/A/A.vmx"), "Vmsvc.vm:*");
        assert_eq!(glob("Vcsvc.VMotionSrc (5422550518507384986)"), "Vcsvc.VMotionSrc*");
        assert_eq!(glob("vmx"), "vmx");
    }
}
