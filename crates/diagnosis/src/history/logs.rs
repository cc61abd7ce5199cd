//! What the logs themselves show: where one begins, where none speaks, on which host and release a VM ran.

use std::collections::BTreeMap;

use esxray_knowledge::Tone;
use esxray_model::{FormatName, HistoryKind, Place, Said, SourceId, Timestamp, say};

use super::{HistoryEntry, LogGap};
use esxray_record::Header;

use crate::assemble::Judged;
use crate::scan::Source;

/// The generations of each log, in the order of time.
fn generations(sources: &[Source]) -> BTreeMap<String, Vec<(usize, &Source)>> {
    let mut logs: BTreeMap<String, Vec<(usize, &Source)>> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate().filter(|it| it.1.is_log() && it.1.account.first.is_some()) {
        logs.entry(source.log()).or_default().push((at, source));
    }
    for log in logs.values_mut() {
        log.sort_by_key(|it| (it.1.account.first, it.0));
    }
    logs
}

/// Every stretch that no record of a log falls in: within a source, and between two generations.
pub(super) fn gaps(sources: &[Source]) -> Vec<LogGap> {
    let mut gaps: Vec<LogGap> = Vec::new();
    for source in sources.iter().filter(|it| it.is_log()) {
        gaps.extend(source.account.gaps.iter().map(|gap| LogGap {
            from: source.when(gap.from),
            to: source.when(gap.to),
            sources: (source.name.clone(), source.name.clone()),
            usual: false,
        }));
    }
    for log in generations(sources).values() {
        for pair in log.windows(2) {
            let [(_, older), (_, newer)] = pair else { continue };
            let (Some(from), Some(to)) = (older.account.last, newer.account.first) else { continue };
            if to.seconds_since(from) >= LEAST_GAP_SECONDS {
                gaps.push(LogGap {
                    from: older.when(from),
                    to: newer.when(to),
                    sources: (older.name.clone(), newer.name.clone()),
                    usual: newer.format() == FormatName::VmwareLog,
                });
            }
        }
    }
    gaps.sort();
    gaps
}

/// Between two generations less than this is no gap.
const LEAST_GAP_SECONDS: i64 = 3600;

/// Whether a log begins with the head that the process of a VM writes when it begins.
pub(super) fn shows_process_start(source: &Source) -> bool {
    source.format() == FormatName::VmwareLog && source.account.header.product.is_some()
}

/// The number of a source.
pub(super) fn id(at: usize) -> SourceId {
    SourceId(u32::try_from(at).unwrap_or(u32::MAX))
}

/// Product, version and build, as far as the head of a log gives them.
fn product(header: &Header) -> String {
    let parts = [&header.product, &header.version, &header.build];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Rotations, gaps, and where a VM ran on another host or release than in the generation before.
pub(super) fn entries(judged: &Judged<'_>) -> Vec<HistoryEntry> {
    let mut entries: Vec<HistoryEntry> = Vec::new();
    let vm_of = |at: usize| {
        let place = |it: &&crate::timeline::Timed| it.event.place.source.0 as usize == at && it.vm.is_some();
        judged.timeline.events.iter().find(place).and_then(|it| it.vm)
    };
    let mut vm_of_source: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    for log in generations(judged.sources).values() {
        for pair in log.windows(2) {
            let [(_, older), (at, newer)] = pair else { continue };
            let is_vm = newer.format() == FormatName::VmwareLog;
            let vm = if is_vm { *vm_of_source.entry(*at).or_insert_with(|| vm_of(*at)) } else { None };
            let entry = |kind, title| point(judged, *at, newer, vm, kind, title);
            let (old, new) = (&older.name, &newer.name);
            entries.push(entry(
                HistoryKind::LogRotation,
                say!(en: "New log {new} after {old}", fr: "Nouveau journal {new} après {old}"),
            ));
            let (was, is) = (&older.account.header, &newer.account.header);
            if let (Some(was), Some(is)) = (&was.host, &is.host)
                && was != is
            {
                let title = say!(en: "Ran on {is}, before on {was}", fr: "S’exécute sur {is}, auparavant sur {was}");
                entries.push(entry(HistoryKind::HostChange, title));
            }
            if is.build.is_some() && was.build.is_some() && is.build != was.build {
                let (was, is) = (product(was), product(is));
                let title = say!(en: "Runs on {is}, before on {was}", fr: "S’exécute sous {is}, auparavant {was}");
                entries.push(entry(HistoryKind::HostVersion, title));
            }
        }
    }
    for (at, source) in judged.sources.iter().enumerate().filter(|it| shows_process_start(it.1)) {
        let vm = *vm_of_source.entry(at).or_insert_with(|| vm_of(at));
        let product = product(&source.account.header);
        let title = say!(en: "Process began: {product}", fr: "Début du processus : {product}");
        entries.push(point(judged, at, source, vm, HistoryKind::ProcessStart, title));
    }
    for (at, source) in judged.sources.iter().enumerate().filter(|it| it.1.is_log()) {
        if source.account.gaps.is_empty() {
            continue;
        }
        let is_vm = source.format() == FormatName::VmwareLog;
        let vm = if is_vm { *vm_of_source.entry(at).or_insert_with(|| vm_of(at)) } else { None };
        for gap in &source.account.gaps {
            let name = &source.name;
            let title = say!(en: "{name} says nothing", fr: "{name} ne dit rien");
            let mut entry = point(judged, at, source, vm, HistoryKind::LogGap, title);
            (entry.time, entry.until) = (Some(source.when(gap.from)), Some(source.when(gap.to)));
            entries.push(entry);
        }
    }
    entries
}

/// An entry about a source as a whole, at its first record.
fn point(
    judged: &Judged<'_>,
    at: usize,
    source: &Source,
    vm: Option<usize>,
    kind: HistoryKind,
    title: Said,
) -> HistoryEntry {
    let time: Option<Timestamp> = source.account.first.map(|it| source.when(it));
    HistoryEntry {
        kind,
        tone: Tone::Context,
        time,
        until: None,
        open: false,
        vm,
        host: judged.timeline.host_names.get(&source.host).cloned(),
        title,
        detail: None,
        op_id: None,
        user: None,
        count: 1,
        place: Place { source: id(at), line: 1, last_line: 1, byte_offset: 0 },
        end_place: None,
        text: String::new(),
        signature: None,
    }
}
