//! Reads every source once, in parallel, and keeps what was recognised.

use std::io::Read;
use std::path::PathBuf;

use esxray_bundle::{Plan, ReadProblem, Unit};
use esxray_knowledge::Knowledge;
use esxray_model::{FormatName, SourceId, Timestamp};
use esxray_record::{Account, ReadOptions};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::assemble::Options;
use crate::classify::{Classifier, Seen};
use crate::clocks::{Clock, Sightings};
use crate::error::Error;
use crate::event::Event;
use crate::files;
use crate::inventory::layout;
use crate::template::Cluster;

/// One source, read to its end.
#[derive(Debug)]
pub(crate) struct Source {
    /// As given, with the containers in front.
    pub name: String,
    /// What the logs of its host share: the root of a host's bundle, else the folder.
    pub host: String,
    /// What the source is.
    pub format: FormatName,
    pub account: Account,
    /// SHA-256 of the decoded bytes, in hexadecimal.
    pub sha256: String,
    pub events: Vec<Event>,
    pub clusters: Vec<Cluster>,
    /// Whether the user named it, and not just the folder or archive that it is in.
    pub explicit: bool,
    /// Whether a part of it could not be read.
    pub damaged: bool,
    /// Doubts about the source that its account does not hold.
    pub remarks: Vec<String>,
    /// What it shows of the clock that stamped it.
    pub sightings: Sightings,
    /// How to turn its stamps into vCenter's time, where they differ.
    pub clock: Option<Clock>,
}

impl Source {
    /// A moment of this source by vCenter's clock.
    pub(crate) fn when(&self, logged: Timestamp) -> Timestamp {
        self.clock.as_ref().map_or(logged, |clock| clock.correct(logged))
    }

    /// Microseconds that such a moment may be off.
    pub(crate) fn slack(&self, logged: Timestamp) -> i64 {
        self.clock.as_ref().map_or(0, |clock| clock.slack(logged))
    }

    /// What the source is.
    pub(crate) const fn format(&self) -> FormatName {
        self.format
    }

    /// The folder that it stands in.
    pub(crate) fn folder(&self) -> &str {
        self.name.rfind(['/', '!']).map_or("", |at| self.name.get(..at).unwrap_or_default())
    }

    /// The file's name without folder and containers.
    pub(crate) fn file(&self) -> &str {
        self.name.rfind(['/', '!']).map_or(&self.name, |at| self.name.get(at + 1..).unwrap_or_default())
    }

    /// Folder and name without the number of its generation: `x/hostd` for `x/hostd.3.gz`.
    pub(crate) fn log(&self) -> String {
        let file = self.file();
        let stem: String = file
            .split('.')
            .filter(|part| !matches!(*part, "log" | "gz" | "txt") && !part.bytes().all(|byte| byte.is_ascii_digit()))
            .collect::<Vec<_>>()
            .join(".");
        let unnumbered = stem.trim_end_matches(|it: char| it.is_ascii_digit());
        let stem = if unnumbered.len() < stem.len() { unnumbered.trim_end_matches('-') } else { &stem };
        format!("{}/{stem}", self.folder())
    }
}

/// Everything that was read.
#[derive(Debug)]
pub(crate) struct Scan {
    /// In the order of the plan; generations of one log by their first stamp.
    pub sources: Vec<Source>,
    pub problems: Vec<ReadProblem>,
}

/// Reads what the paths hold. The order of the answer is that of the plan, whatever the threads do.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened.
pub(crate) fn scan(paths: &[PathBuf], knowledge: &Knowledge, options: &Options) -> Result<Scan, Error> {
    let pool = pool(options)?;
    let plan = esxray_bundle::plan(paths, &options.limits)?;
    if let Some(meter) = &options.meter {
        meter.expect(&plan);
    }
    let classifier = Classifier::new(knowledge)?;
    Ok(pool.install(|| scan_plan(plan, &classifier, options)))
}

/// The threads to read with.
pub(crate) fn pool(options: &Options) -> Result<rayon::ThreadPool, Error> {
    let threads = options.threads.unwrap_or(0);
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|source| Error::Threads { threads, source })
}

fn scan_plan(plan: Plan, classifier: &Classifier<'_>, options: &Options) -> Scan {
    let Plan { units, problems, .. } = plan;
    let read: Vec<(Vec<Source>, Vec<ReadProblem>)> =
        units.par_iter().map(|unit| read_unit(unit, classifier, options)).collect();
    let mut scan = Scan { sources: Vec::new(), problems };
    for (sources, problems) in read {
        scan.sources.extend(sources);
        scan.problems.extend(problems);
    }
    order_generations(&mut scan.sources);
    layout::name_hosts(&mut scan.sources);
    for (index, source) in scan.sources.iter_mut().enumerate() {
        let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
        for event in &mut source.events {
            event.place.source = id;
        }
        for cluster in &mut source.clusters {
            cluster.place.source = id;
        }
    }
    scan
}

fn read_unit(unit: &Unit, classifier: &Classifier<'_>, options: &Options) -> (Vec<Source>, Vec<ReadProblem>) {
    let mut sources = Vec::new();
    let problems = unit.read_metered(&options.limits, options.meter.as_deref(), &mut |member| {
        let options = ReadOptions { modified: member.modified, keep_entries: true, ..options.read.clone() };
        let mut seen = Seen::default();
        let mut sightings = Sightings::default();
        let mut reader = Hashing { inner: member.reader, hash: Sha256::new() };
        let account = esxray_record::read(&mut reader, &member.name, &options, &mut |block| {
            classifier.block(block, SourceId(0), member.explicit, &mut seen);
            sightings.look(block);
        });
        let sha256 = hex(&reader.hash.finalize());
        let source = source(member.name, member.explicit, account, sha256, seen);
        sources.push(Source { sightings, ..source });
    });
    for source in &mut sources {
        source.damaged |= problems.iter().any(|it| it.incomplete && it.source == source.name);
    }
    (sources, problems)
}

fn source(name: String, explicit: bool, mut account: Account, sha256: String, mut seen: Seen) -> Source {
    files::learn(&mut account);
    let mut remarks = Vec::new();
    let dropped = seen.events.dropped + seen.bare.dropped;
    if dropped > 0 {
        remarks
            .push(format!("{dropped} recognised records with ever new values are beyond the limit and were not kept"));
    }
    if seen.clusters.beyond > 0 {
        remarks.push(format!("{} unexplained error records are beyond the limit of templates", seen.clusters.beyond));
    }
    let clusters = std::mem::take(&mut seen.clusters).into_clusters();
    let mut events = seen.into_events(&account, explicit);
    events.extend(files::events(&name, &account));
    // Only the events cite them.
    account.entries = Vec::new();
    let damaged = account.read_error.is_some();
    let format = account.form.map_or(FormatName::Unknown, |form| form.format);
    Source {
        name,
        host: String::new(),
        format,
        account,
        sha256,
        events,
        clusters,
        explicit,
        damaged,
        remarks,
        sightings: Sightings::default(),
        clock: None,
    }
}

/// Puts the generations of each log in the order of their first stamps, in the places that they had.
///
/// The numbers say little: hosted products count one way and ESXi the other.
fn order_generations(sources: &mut Vec<Source>) {
    let mut logs: Vec<(String, FormatName)> = sources.iter().map(|it| (it.log(), it.format())).collect();
    let mut taken: Vec<Option<Source>> = std::mem::take(sources).into_iter().map(Some).collect();
    let places = logs.clone();
    logs.sort();
    logs.dedup();
    let mut ordered: Vec<Option<Source>> = (0..taken.len()).map(|_| None).collect();
    for log in logs {
        let slots: Vec<usize> = (0..places.len()).filter(|at| places.get(*at) == Some(&log)).collect();
        let mut members: Vec<Source> = slots.iter().filter_map(|at| taken.get_mut(*at)?.take()).collect();
        // Without a stamp there is no order but the one of the names.
        members.sort_by_key(|it| it.account.first);
        for (at, member) in slots.into_iter().zip(members) {
            if let Some(slot) = ordered.get_mut(at) {
                *slot = Some(member);
            }
        }
    }
    sources.extend(ordered.into_iter().flatten());
}

/// Hashes what passes through.
struct Hashing<'r> {
    inner: &'r mut dyn Read,
    hash: Sha256,
}

impl Read for Hashing<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        self.hash.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use esxray_record::Account;

    use super::{Sightings, Source};

    #[test]
    fn generations_of_one_log_share_its_name() {
        let log = |name: &str| {
            Source {
                name: name.to_owned(),
                host: String::new(),
                format: esxray_model::FormatName::Unknown,
                account: Account::default(),
                sha256: String::new(),
                events: Vec::new(),
                clusters: Vec::new(),
                explicit: false,
                damaged: false,
                remarks: Vec::new(),
                sightings: Sightings::default(),
                clock: None,
            }
            .log()
        };
        for name in ["x/hostd.log", "x/hostd.0.gz", "x/hostd.7.gz", "x/hostd-0.log"] {
            assert_eq!(log(name), "x/hostd");
        }
        for name in ["b.tgz!vm/vmware.log", "b.tgz!vm/vmware-17.log"] {
            assert_eq!(log(name), "b.tgz!vm/vmware");
        }
        assert_eq!(log("vpxd-profiler-3.log"), "/vpxd-profiler");
        assert_eq!(log("x/hostd-probe.log"), "x/hostd-probe");
    }
}
