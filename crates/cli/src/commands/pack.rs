//! `esxray pack`: a case file for a ticket.
#![expect(clippy::disallowed_methods, reason = "a case file holds the hashes of the files that were read")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use esxray::bundle::plan;
use esxray::diagnosis::Coverage;
use esxray::model::Place as At;
use esxray::redact::stretches;
use esxray::{Diagnosis, Evidence, Knowledge, Output, TextOptions};
use sha2::{Digest as _, Sha256};

use super::check_range;
use super::redact::{Place, Redacted, Work, map_file, redact, tell, write_map};
use crate::archive::{Tar, Tree, is_archive, safe};
use crate::args::Pack;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Destination, OutputError, is_read_once};
use crate::progress::Progress;
use crate::{packs, terminal};

/// The folder that everything in the archive lies in.
const ROOT: &str = "case";
/// First lines of each cited source that are taken along: the header that says what wrote it.
const HEAD: u64 = 5;
/// Columns of the text report: those of a ticket, whatever the terminal has.
const WIDTH: usize = 100;

pub(crate) fn run(args: &Pack) -> Result<Exit, Failure> {
    check_range(&args.select.range)?;
    if args.input.paths.iter().any(|path| is_read_once(path)) {
        return Err(Failure::RedactStream);
    }
    if !is_archive(&args.output) {
        return Err(
            OutputError::NotAFile { path: args.output.display().to_string(), found: "name without .tgz" }.into()
        );
    }
    let target = Place::check(&args.output, args.force, &args.input.paths)?;
    let map = map_file(args.replace.map.as_deref(), args.force, &args.input.paths, None)?;
    let knowledge = packs::load(&args.packs.folders)?;
    let progress = Progress::begin(&args.look.noise, false);
    let work = Work::new(&args.input, &args.limits);
    let redacted = target.fill(|tree| {
        let Tree::Archive(tar) = tree else { return Ok(None) };
        if args.redact {
            redacted_case(args, &knowledge, &work, tar).map(Some)
        } else {
            case(args, &knowledge, &work, tar)
        }
    })?;
    drop(progress);
    let Some(redacted) = redacted else { return Ok(Exit::Done) };
    if let Some(map) = map {
        write_map(&map, &redacted.redactor.map(), args.force)?;
    }
    tell(&redacted, None, &args.look)
}

fn case(args: &Pack, knowledge: &Knowledge, work: &Work, tar: &mut Tar) -> Result<Option<Redacted>, Failure> {
    let case = Case::of(&args.input.paths, knowledge, work, args, args.select.vm.clone())?;
    case.write(tar, args).map_err(|source| written(args, source))?;
    Ok(None)
}

/// Makes the case of a copy, which is read under a name that is the same on every machine.
fn redacted_case(args: &Pack, knowledge: &Knowledge, work: &Work, tar: &mut Tar) -> Result<Redacted, Failure> {
    let failed = |source| written(args, source);
    let folder = tempfile::tempdir().map_err(failed)?;
    let copy = PathBuf::from("input");
    let mut tree = Tree::Folder(folder.path().join(&copy));
    std::fs::create_dir(folder.path().join(&copy)).map_err(failed)?;
    let redacted = redact(&args.input.paths, knowledge, work, &args.replace, &mut tree)?;
    let vm = args.select.vm.as_deref().map(|vm| redacted.redactor.source(vm));
    let before = std::env::current_dir().map_err(failed)?;
    std::env::set_current_dir(folder.path()).map_err(failed)?;
    let case = Case::of(&[copy], knowledge, work, args, vm);
    std::env::set_current_dir(before).map_err(failed)?;
    case?.write(tar, args).map_err(failed)?;
    Ok(redacted)
}

fn written(args: &Pack, source: io::Error) -> Failure {
    OutputError::Write { path: args.output.display().to_string(), source }.into()
}

/// What goes into the archive.
struct Case {
    diagnosis: Diagnosis,
    /// Lines of cited sources, by source.
    excerpts: BTreeMap<String, Excerpt>,
    /// Hashes of what was read, with its name.
    hashes: BTreeMap<String, String>,
}

#[derive(Default)]
struct Excerpt {
    bytes: Vec<u8>,
    /// First line in the excerpt, first and last line in the source.
    stretches: Vec<(u64, u64, u64)>,
    lines: u64,
}

impl Case {
    fn of(
        paths: &[PathBuf],
        knowledge: &Knowledge,
        work: &Work,
        args: &Pack,
        vm: Option<String>,
    ) -> Result<Self, Failure> {
        let mut options = work.options();
        options.select = esxray::Selection { vm, ..args.select.selection() };
        let diagnosis = esxray::diagnosis::diagnose(paths, knowledge, &options)?;
        let mut hashes: BTreeMap<String, String> =
            diagnosis.coverage.iter().map(|row| (row.source.clone(), row.sha256.clone())).collect();
        let wanted = wanted(&diagnosis, u64::from(args.context));
        let mut excerpts: BTreeMap<String, Excerpt> = BTreeMap::new();
        for unit in &plan(paths, &options.limits)?.units {
            if let Some(hash) = hash_of(unit.name()) {
                hashes.insert(unit.name().to_owned(), hash);
            }
            unit.read(&options.limits, &mut |member| {
                let Some(ranges) = wanted.get(&member.name) else { return };
                let mut excerpt = Excerpt::default();
                let mut line = 0;
                // What is no text has no lines; nothing cites them.
                let _ = stretches(member.reader, &mut |_, text| {
                    excerpt.take(text, &mut line, ranges);
                    Ok(())
                });
                excerpts.insert(member.name, excerpt);
            });
        }
        Ok(Self { diagnosis, excerpts, hashes })
    }

    fn write(&self, tar: &mut Tar, args: &Pack) -> io::Result<()> {
        let terminal = terminal::text_options(&args.look, &Destination::Stream(PathBuf::new()));
        let width = args.look.width.map_or(WIDTH, usize::from);
        let look = TextOptions { color: false, unicode: !args.look.ascii, width, ..terminal };
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for output in Output::ALL {
            let ending = if *output == Output::Text { "txt" } else { output.as_str() };
            files.push((format!("report.{ending}"), output.render(&self.diagnosis, &look).into_bytes()));
        }
        files.push(("coverage.tsv".to_owned(), self.coverage().into_bytes()));
        files.push((
            "SOURCES.sha256".to_owned(),
            sums(self.hashes.iter().map(|(name, hash)| (hash.as_str(), name.as_str()))).into_bytes(),
        ));
        let mut index = String::from("excerpt\tline\tsource\tfirst_line\tlast_line\n");
        let mut used = BTreeSet::new();
        for (source, excerpt) in &self.excerpts {
            let bare = safe(&source.replace('!', "/"));
            let bare = bare.strip_suffix(".gz").unwrap_or(&bare);
            let mut name = format!("excerpts/{bare}");
            while !used.insert(name.clone()) {
                name.push('_');
            }
            for (line, first, last) in &excerpt.stretches {
                let _ = writeln!(index, "{}\t{line}\t{}\t{first}\t{last}", cell(&name), cell(source));
            }
            files.push((name, excerpt.bytes.clone()));
        }
        files.push(("INDEX.tsv".to_owned(), index.into_bytes()));
        files.push(("MANIFEST".to_owned(), self.manifest(args, &files).into_bytes()));
        let own: Vec<(String, &str)> =
            files.iter().map(|(name, bytes)| (hex(&Sha256::digest(bytes)), name.as_str())).collect();
        let own = sums(own.iter().map(|(hash, name)| (hash.as_str(), *name)));
        files.push(("SHA256SUMS".to_owned(), own.into_bytes()));
        files.sort();
        files.iter().try_for_each(|(name, bytes)| tar.bytes(&format!("{ROOT}/{name}"), bytes))
    }

    /// What was read of each source, as a table.
    fn coverage(&self) -> String {
        let mut table =
            String::from("source\tformat\tdialect\tlines\trecords\tunparsed_lines\tfirst\tlast\tgaps\tproblems\n");
        let time = |time: Option<esxray::Timestamp>| time.map(|it| it.to_string()).unwrap_or_default();
        for row in &self.diagnosis.coverage {
            let Coverage { source, format, lines, records, unparsed_lines, first, last, .. } = row;
            let dialect = row.dialect.unwrap_or_default();
            let (first, last, gaps) = (time(*first), time(*last), row.gaps.len());
            let problems: Vec<String> = row.problems.iter().map(ToString::to_string).collect();
            let problems = cell(&problems.join("; "));
            let source = cell(source);
            let _ = writeln!(
                table,
                "{source}\t{format}\t{dialect}\t{lines}\t{records}\t{unparsed_lines}\t{first}\t{last}\t{gaps}\t{problems}"
            );
        }
        for problem in &self.diagnosis.problems {
            let what = problem.problem.to_string();
            let _ = writeln!(table, "{}\tproblem\t\t\t\t\t\t\t\t{}", cell(&problem.source), cell(&what));
        }
        table
    }

    /// Which tool made the case, from what it was asked, and what is in it.
    fn manifest(&self, args: &Pack, files: &[(String, Vec<u8>)]) -> String {
        let mut text = format!("esxray {}\npack --context {}", env!("CARGO_PKG_VERSION"), args.context);
        let range = [("since", args.select.range.since), ("until", args.select.range.until)];
        for (flag, time) in range {
            if let Some(time) = time {
                let _ = write!(text, " --{flag} {time}");
            }
        }
        if args.redact {
            // The words would tell what the copy does not.
            let also = args.replace.also.iter().map(|_| " --also …");
            let keep = args.replace.keep.iter().map(|_| " --keep …");
            let vm = args.select.vm.iter().map(|_| " --vm …");
            text.push_str(" --redact");
            text.extend(also.chain(keep).chain(vm));
        } else if let Some(vm) = &args.select.vm {
            let _ = write!(text, " --vm {}", cell(vm));
        }
        let knowledge = &self.diagnosis.knowledge;
        let _ = writeln!(text, "\nknowledge {}", knowledge.sha256);
        let _ = writeln!(text, "verdict {}", self.diagnosis.verdict);
        let _ = writeln!(text, "sources {}\n", self.diagnosis.coverage.len());
        for (name, bytes) in files {
            let _ = writeln!(text, "{name}\t{}", bytes.len());
        }
        text
    }
}

impl Excerpt {
    /// Takes the wanted lines of a stretch; `line` counts those that were seen.
    fn take(&mut self, text: &[u8], line: &mut u64, ranges: &[RangeInclusive<u64>]) {
        for part in text.split_inclusive(|byte| *byte == b'\n') {
            *line += 1;
            let at = ranges.partition_point(|range| range.end() < line);
            if !ranges.get(at).is_some_and(|range| range.contains(line)) {
                continue;
            }
            self.lines += 1;
            self.bytes.extend_from_slice(part);
            match self.stretches.last_mut() {
                Some((_, _, last)) if *last + 1 == *line => *last = *line,
                _ => self.stretches.push((self.lines, *line, *line)),
            }
        }
    }
}

/// The lines of each source that are taken along, in order, none twice.
fn wanted(diagnosis: &Diagnosis, context: u64) -> BTreeMap<String, Vec<RangeInclusive<u64>>> {
    let mut places: Vec<At> = Vec::new();
    for incident in &diagnosis.incidents {
        let mut cited: Vec<&Evidence> = incident.recovered.iter().collect();
        cited.extend(incident.findings.iter().flat_map(|finding| &finding.evidence));
        if let Some(rekey) = &incident.rekey {
            cited.extend(rekey.steps.iter().flat_map(|step| &step.evidence));
            cited.extend(rekey.objects.iter().flat_map(|object| &object.evidence));
            cited.extend(rekey.interrupted_by.iter().flat_map(|cut| &cut.evidence));
            cited.extend(&rekey.refused_by);
        }
        places.extend(cited.into_iter().map(|it| it.place));
    }
    places.extend(diagnosis.unexplained.iter().map(|it| it.place));
    let mut wanted: BTreeMap<String, Vec<RangeInclusive<u64>>> = BTreeMap::new();
    for place in places {
        let Some(source) = usize::try_from(place.source.0).ok().and_then(|it| diagnosis.sources.get(it)) else {
            continue;
        };
        let ranges = wanted.entry(source.clone()).or_insert_with(|| vec![1..=HEAD]);
        ranges.push(place.line.saturating_sub(context).max(1)..=place.last_line.saturating_add(context));
    }
    for ranges in wanted.values_mut() {
        ranges.sort_by_key(|range| *range.start());
        let mut joined: Vec<RangeInclusive<u64>> = Vec::new();
        for range in ranges.drain(..) {
            match joined.last_mut().filter(|last| *range.start() <= last.end() + 1) {
                Some(last) => *last = *last.start()..=*last.end().max(range.end()),
                None => joined.push(range),
            }
        }
        *ranges = joined;
    }
    wanted
}

/// The hash of a file as it lies on the disk.
fn hash_of(path: &str) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).ok()?;
        if count == 0 {
            return Some(hex(&hasher.finalize()));
        }
        hasher.update(buffer.get(..count)?);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// As `sha256sum -c` reads it.
fn sums<'s>(of: impl Iterator<Item = (&'s str, &'s str)>) -> String {
    of.fold(String::new(), |text, (hash, name)| format!("{text}{hash}  {}\n", cell(name)))
}

/// A text that stays in its line and its column.
fn cell(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect()
}
