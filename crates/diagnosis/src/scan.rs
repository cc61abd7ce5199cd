//! Reads every source once, in parallel, and keeps what was recognised.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use esxray_bundle::{Plan, ReadProblem, Unit};
use esxray_knowledge::Knowledge;
use esxray_model::{FormatName, MissKind, Said, SourceId, Timestamp, say};
use esxray_record::{Account, ReadOptions};
use sha2::{Digest, Sha256};

use crate::assemble::Options;
use crate::classify::{Classifier, Seen};
use crate::clocks::{Clock, Sightings};
use crate::error::Error;
use crate::event::Event;
use crate::files;
use crate::inventory::layout;
use crate::rejected::Rejected;
use crate::template::{Cluster, Clusters};

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
    /// SHA-256 of the decoded bytes.
    pub sha256: [u8; 32],
    pub events: Vec<Event>,
    pub clusters: Vec<Cluster>,
    /// Records that signatures which are watched do not take.
    pub rejected: Vec<Rejected>,
    /// Whether the user named it, and not just the folder or archive that it is in.
    pub explicit: bool,
    /// Whether a part of it could not be read.
    pub damaged: bool,
    /// Recognised records that were not kept, for there is a limit to those with ever new values.
    pub dropped: u64,
    /// Those of them that tell of a failure, or may.
    pub dropped_failures: u64,
    /// Doubts about the source that its account does not hold.
    pub remarks: Vec<Said>,
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

    /// About how much memory what was recognised takes.
    fn cost(&self) -> usize {
        let clusters: usize = self.clusters.iter().map(|it| size_of_val(it) + it.template.len()).sum();
        self.events.iter().map(Event::cost).sum::<usize>() + clusters
    }

    /// Lets go of what goes beyond so many bytes: what comes last in the source.
    fn shrink_to(&mut self, room: usize) {
        let mut used = 0;
        let fits = |it: &&Event| {
            used += it.cost();
            used <= room
        };
        let kept = self.events.iter().take_while(fits).count();
        let lost = self.events.drain(kept..).map(|it| it.weight).sum::<u64>();
        self.dropped += lost;
        self.dropped_failures += lost;
        if used > room {
            self.clusters.clear();
        }
    }

    /// Whether it holds records of a log: a file that is evidence by itself shows nothing that happened.
    pub(crate) fn is_log(&self) -> bool {
        self.account.records > 0 && self.account.file.is_none()
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
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// In the order of the plan, those of one archive by name; generations of one log by their first stamp.
    pub sources: Vec<Source>,
    pub problems: Vec<ReadProblem>,
}

/// Reads what the paths hold. The order of the answer is that of the plan, whatever the threads do.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened.
pub(crate) fn scan(paths: &[PathBuf], knowledge: &Knowledge, options: &Options) -> Result<Scan, Error> {
    scan_watching(paths, knowledge, options, &BTreeSet::new())
}

/// The same, keeping records that some signatures do not take although an anchor of theirs stands in them.
///
/// # Errors
///
/// As for [`scan`].
pub(crate) fn scan_watching(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    options: &Options,
    watched: &BTreeSet<usize>,
) -> Result<Scan, Error> {
    let pool = pool(options)?;
    let plan = esxray_bundle::plan(paths, &options.limits)?;
    if let Some(meter) = &options.meter {
        meter.expect(&plan);
    }
    let classifier = Classifier::new(knowledge)?.watching(watched);
    Ok(pool.install(|| scan_plan(plan, &classifier, options)))
}

/// The threads to read with.
pub(crate) fn pool(options: &Options) -> Result<rayon::ThreadPool, Error> {
    let threads = options.threads.unwrap_or(0);
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|source| Error::Threads { threads, source })
}

/// Bytes of recognised records that are kept of all sources together, unless told otherwise.
const MOST_KEPT: usize = 96 << 20;

/// Reads what a plan holds, on all threads of the pool. The order of the answer is that of the plan, and so is
/// what is kept of it, whatever the threads do.
fn scan_plan(plan: Plan, classifier: &Classifier<'_>, options: &Options) -> Scan {
    let Plan { units, problems, .. } = plan;
    let kept = options.memory_bytes.map_or(MOST_KEPT, |bytes| usize::try_from(bytes / 4).unwrap_or(usize::MAX));
    let merge = Merge {
        state: Mutex::new(Merging { scan: Scan { sources: Vec::new(), problems }, room: kept, ..Merging::default() }),
        changed: Condvar::new(),
        most_waiting: kept,
    };
    let how = How { classifier, options, room: kept / 2 };
    rayon::broadcast(|_| {
        while let Some((index, unit)) = merge.next(&units) {
            merge.add(index, read_unit(unit, how));
        }
    });
    let mut scan = merge.state.into_inner().unwrap_or_else(PoisonError::into_inner).scan;
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
        for rejected in &mut source.rejected {
            rejected.place.source = id;
        }
    }
    scan
}

/// What each thread needs to read a unit.
#[derive(Clone, Copy)]
struct How<'h, 'k> {
    classifier: &'h Classifier<'k>,
    options: &'h Options,
    /// Bytes of recognised records that are kept of one unit.
    room: usize,
}

/// Puts units together in the order of the plan, and lets none begin while too much waits for its turn.
struct Merge {
    state: Mutex<Merging>,
    changed: Condvar,
    most_waiting: usize,
}

#[derive(Default)]
struct Merging {
    scan: Scan,
    /// The next unit to read.
    next: usize,
    /// The next unit to put behind the others.
    merged: usize,
    /// Units that were read before others that stand before them, with their cost.
    waiting: BTreeMap<usize, (Vec<Source>, Vec<ReadProblem>, usize)>,
    /// What all of them cost.
    cost: usize,
    /// Bytes of recognised records that there is still room for.
    room: usize,
    /// How many records that are not recognised are kept.
    rejected: usize,
}

impl Merge {
    /// The next unit to read. The one that all others wait for is being read meanwhile, so that nobody waits forever.
    fn next<'u>(&self, units: &'u [Unit]) -> Option<(usize, &'u Unit)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.cost > self.most_waiting {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let index = state.next;
        state.next += 1;
        units.get(index).map(|unit| (index, unit))
    }

    fn add(&self, index: usize, (sources, problems): (Vec<Source>, Vec<ReadProblem>)) {
        let cost = sources.iter().map(Source::cost).sum();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.cost += cost;
        state.waiting.insert(index, (sources, problems, cost));
        let mut merged = state.merged;
        while let Some((sources, problems, cost)) = state.waiting.remove(&merged) {
            merged += 1;
            state.cost -= cost;
            for mut source in sources {
                // No source takes more than half of what is left, so that there is something left for the last.
                source.shrink_to(state.room / 2);
                state.room -= source.cost().min(state.room);
                source.rejected.truncate(MOST_REJECTED_IN_ALL.saturating_sub(state.rejected));
                state.rejected += source.rejected.len();
                state.scan.sources.push(source);
            }
            state.scan.problems.extend(problems);
        }
        state.merged = merged;
        drop(state);
        self.changed.notify_all();
    }
}

fn read_unit(unit: &Unit, how: How<'_, '_>) -> (Vec<Source>, Vec<ReadProblem>) {
    let mut sources: Vec<Source> = Vec::new();
    let mut room = how.room;
    let problems = unit.read_metered(&how.options.limits, how.options.meter.as_deref(), &mut |member| {
        let options = ReadOptions { modified: member.modified, keep_entries: true, ..how.options.read.clone() };
        let mut seen = Seen::with_room(room);
        let mut sightings = Sightings::default();
        let mut reader = Hashing { inner: member.reader, hash: Sha256::new() };
        let account = esxray_record::read(&mut reader, &member.name, &options, &mut |block| {
            how.classifier.block(block, SourceId(0), member.explicit, &mut seen);
            sightings.look(block);
        });
        let sha256 = reader.hash.finalize().into();
        let source = source(member.name, member.explicit, account, sha256, seen);
        room -= source.cost().min(room);
        sources.push(Source { sightings, ..source });
    });
    let damaged: HashSet<&str> = problems.iter().filter(|it| it.incomplete).map(|it| it.source.as_str()).collect();
    // In whatever order an archive holds them: packing the same files anew changes nothing.
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    for source in &mut sources {
        source.damaged |= damaged.contains(source.name.as_str());
    }
    (sources, problems)
}

fn source(name: String, explicit: bool, mut account: Account, sha256: [u8; 32], mut seen: Seen) -> Source {
    files::learn(&mut account);
    let mut remarks = Vec::new();
    if seen.clusters.beyond > 0 {
        let count = seen.clusters.beyond;
        remarks.push(say!(
            en: "{count} unexplained error records are beyond the limit of templates",
            fr: "enregistrements d’erreur inexpliqués au-delà de la limite des modèles\u{a0}: {count}",
        ));
    }
    let dropped = seen.events.dropped + seen.bare.dropped;
    let dropped_failures = seen.events.dropped_failures + seen.bare.dropped_failures;
    let clusters = std::mem::replace(&mut seen.clusters, Clusters::with_room(0)).into_clusters();
    let rejects = std::mem::take(&mut seen.rejects);
    let mut events = seen.into_events(&account, explicit);
    // Of a paste, lines without a head count, and those are no misses.
    let mut rejected =
        rejects.into_vec(|it| it.why == MissKind::NoRecord && events.iter().any(|event| event.place == it.place));
    rejected.truncate(MOST_REJECTED);
    events.extend(files::events(&name, &account));
    // Only the events cite them.
    account.entries = Vec::new();
    let damaged = account.read_error.is_some();
    let format = account.form.map_or(FormatName::Unknown, |form| form.format);
    // There may be a hundred thousand of them.
    account.shares.shrink_to_fit();
    account.gaps.shrink_to_fit();
    Source {
        name,
        host: String::new(),
        format,
        account,
        sha256,
        events,
        clusters,
        rejected,
        explicit,
        damaged,
        dropped,
        dropped_failures,
        remarks,
        sightings: Sightings::default(),
        clock: None,
    }
}

/// Records of one source that are kept although they are not recognised.
const MOST_REJECTED: usize = 256;

/// Those of all sources.
const MOST_REJECTED_IN_ALL: usize = 20_000;

/// Puts the generations of each log in the order of their first stamps, in the places that they had.
///
/// The numbers say little: hosted products count one way and ESXi the other.
fn order_generations(sources: &mut Vec<Source>) {
    let mut logs: BTreeMap<(String, FormatName), Vec<usize>> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        logs.entry((source.log(), source.format())).or_default().push(at);
    }
    let mut places: Vec<usize> = (0..sources.len()).collect();
    for slots in logs.into_values().filter(|it| it.len() > 1) {
        let mut members = slots.clone();
        // Without a stamp there is no order but the one of the names.
        members.sort_by_key(|at| sources.get(*at).and_then(|it| it.account.first));
        for (slot, member) in slots.into_iter().zip(members) {
            if let Some(place) = places.get_mut(slot) {
                *place = member;
            }
        }
    }
    let mut taken: Vec<Option<Source>> = std::mem::take(sources).into_iter().map(Some).collect();
    sources.extend(places.into_iter().filter_map(|at| taken.get_mut(at)?.take()));
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
                sha256: [0; 32],
                events: Vec::new(),
                clusters: Vec::new(),
                rejected: Vec::new(),
                explicit: false,
                damaged: false,
                dropped: 0,
                dropped_failures: 0,
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
