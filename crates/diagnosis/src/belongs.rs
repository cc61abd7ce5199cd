//! Which records are a VM's: those of its own logs, those that name it, and those of the operations that do.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use aho_corasick::{AhoCorasick, MatchKind};
use esxray_knowledge::{FieldKind, Knowledge};
use esxray_model::FormatName;
use esxray_record::{ReadOptions, Record};
use rayon::prelude::*;

use crate::assemble::Options;
use crate::error::Error;
use crate::inventory::{VmSeen, vms_seen};
use crate::outcome::VmName;
use crate::path::StoredPath;
use crate::scan::{Source, pool, scan};
use crate::timeline::{Timeline, VmIndex, operations_before, timeline};

/// Different operations of a VM that are kept.
const MOST_OPERATIONS: usize = 1_000_000;
/// A name shorter than this stands in too many places; it counts only in quotation marks or as a part of a path.
const SHORT_NAME: usize = 3;

/// Tells which records are those of one VM.
///
/// They are all records of its own `vmware.log` files; in any other log those that name it, by its display name,
/// managed object id, a UUID, a path in its folder, or its number in what hostd logs on a host that gave it this
/// number; and those of an operation that such a record is of, or that came from such an operation, unless they
/// name another VM by more than a display name.
#[derive(Debug)]
pub struct VmRecords {
    /// The VMs that were meant: more than one where two bear the same name.
    pub vms: Vec<VmSeen>,
    /// Operations beyond the limit, whose records are missing.
    pub operations_beyond: u64,
    /// Names of its own logs.
    own: BTreeSet<String>,
    /// What the logs of its host share, of each source.
    hosts: BTreeMap<String, String>,
    names: Names,
    /// What other VMs are surely named by.
    others: Names,
    operations: HashSet<Vec<u8>>,
}

/// Finds out which records are those of a VM. The input is read twice.
///
/// If no VM goes by the name, the names of those that there are, similar ones first. The selection of the options is ignored.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened. Damage inside of the input is no error.
pub fn vm_records(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    options: &Options,
    word: &str,
) -> Result<Result<VmRecords, Vec<String>>, Error> {
    let mut sources = scan(paths, knowledge, options)?.sources;
    let timeline = timeline(&mut sources);
    let all = vms_seen(&timeline, &sources);
    let (wanted, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, vm)| vm.vm.is(word));
    if wanted.is_empty() {
        return Ok(Err(most_similar(others.into_iter().map(|it| it.1.vm), word)));
    }
    let mut names: Vec<Needle> = wanted.iter().flat_map(|(_, vm)| needles(vm)).collect();
    names.extend(wanted.iter().flat_map(|(index, _)| numbers(&timeline, *index)));
    let sure = others.iter().flat_map(|(_, vm)| needles(vm)).filter(|it| it.sure);
    let mut vms = VmRecords {
        own: own_logs(&sources, &wanted),
        hosts: sources.iter().map(|it| (it.name.clone(), it.host.clone())).collect(),
        names: Names::new(names)?,
        others: Names::new(sure.collect())?,
        operations: HashSet::new(),
        operations_beyond: 0,
        vms: wanted.into_iter().map(|it| it.1).collect(),
    };
    let plan = esxray_bundle::plan(paths, &options.limits)?;
    if let Some(meter) = &options.meter {
        meter.expect(&plan);
    }
    let found: Vec<HashSet<Vec<u8>>> =
        pool(options)?.install(|| plan.units.par_iter().map(|unit| vms.operations_of(unit, options)).collect());
    for id in found.into_iter().flatten().collect::<BTreeSet<_>>() {
        if vms.operations.len() < MOST_OPERATIONS {
            vms.operations.insert(id);
        } else {
            vms.operations_beyond += 1;
        }
    }
    Ok(Ok(vms))
}

impl VmRecords {
    /// What there is to know of a source before its records are looked at.
    pub fn in_source(&self, name: &str) -> VmRecordsOfSource<'_> {
        let host = self.hosts.get(name).map_or("", String::as_str);
        let folder = |name: &str| name.rfind(['/', '!']).map(|at| name.get(..at).unwrap_or_default().to_owned());
        let beside = folder(name).is_some_and(|here| self.own.iter().any(|own| folder(own).as_ref() == Some(&here)));
        VmRecordsOfSource { vms: self, own: self.own.contains(name), beside, host }
    }

    /// The ids of the operations of its records in a unit.
    fn operations_of(&self, unit: &esxray_bundle::Unit, options: &Options) -> HashSet<Vec<u8>> {
        let mut found: HashSet<Vec<u8>> = HashSet::new();
        unit.read_metered(&options.limits, options.meter.as_deref(), &mut |member| {
            let here = self.in_source(&member.name);
            let read = ReadOptions { modified: member.modified, ..options.read.clone() };
            esxray_record::read(member.reader, &member.name, &read, &mut |block| {
                let records = block.records().filter(|it| here.own || self.names.found(it.bytes(), here.host));
                for record in records {
                    each_operation(&record, |id| {
                        if !found.contains(id) && found.len() < MOST_OPERATIONS {
                            found.insert(id.to_vec());
                        }
                        false
                    });
                }
            });
        });
        found
    }

    fn is_of_operation(&self, record: &Record<'_>) -> bool {
        each_operation(record, |id| {
            self.operations.contains(id)
                || std::str::from_utf8(id)
                    .is_ok_and(|id| operations_before(id).any(|before| self.operations.contains(before.as_bytes())))
        })
    }
}

/// As [`VmRecords`], for the records of one source.
#[derive(Debug)]
pub struct VmRecordsOfSource<'v> {
    vms: &'v VmRecords,
    own: bool,
    /// Whether it lies in the folder of the VM's own logs.
    beside: bool,
    host: &'v str,
}

impl VmRecordsOfSource<'_> {
    /// Whether a record of the source is one of the VM's.
    pub fn has(&self, record: &Record<'_>) -> bool {
        let bytes = record.bytes();
        self.own
            || self.vms.names.found(bytes, self.host)
            || (self.vms.is_of_operation(record) && !self.vms.others.found(bytes, self.host))
    }
}

impl VmRecordsOfSource<'_> {
    /// Whether an entry of a file that is no log is the VM's: it names it, or the file lies beside its logs.
    pub fn has_entry(&self, text: &str) -> bool {
        self.beside || self.vms.names.found(text.as_bytes(), self.host)
    }
}

/// Asks `take` about each operation id of a record until it says yes: the one of its head, and those that its text names.
///
/// A `vmware.log` has no field for it and writes `opID=…` into messages.
pub fn each_operation(record: &Record<'_>, mut take: impl FnMut(&[u8]) -> bool) -> bool {
    const NAME: &[u8] = b"opID=";
    let bytes = record.bytes();
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b",;])}\"'".contains(byte);
    let mut named = memchr::memmem::find_iter(bytes, NAME).filter_map(|at| {
        let rest = bytes.get(at + NAME.len()..)?;
        rest.get(..rest.iter().position(ends).unwrap_or(rest.len())).filter(|id| !id.is_empty())
    });
    named.any(&mut take) || record.head().op_id.is_some_and(take)
}

/// The VMs whose names share most letters with a word, by name; a few of them.
fn most_similar(vms: impl Iterator<Item = VmName>, word: &str) -> Vec<String> {
    const MOST: usize = 5;
    let small = word.to_lowercase();
    let shared = |name: &str| {
        let pairs = name.to_lowercase().chars().collect::<Vec<_>>();
        pairs.windows(2).filter(|pair| small.contains(&pair.iter().collect::<String>())).count()
    };
    let mut names: Vec<String> = vms.filter_map(|vm| vm.name.or(vm.moref).or(vm.vmid)).collect();
    names.sort_by_key(|name| (std::cmp::Reverse(shared(name)), name.clone()));
    names.dedup();
    names.truncate(MOST);
    names
}

/// The logs of the VMs: those that say whose they are, and the other generations beside them.
fn own_logs(sources: &[Source], vms: &[(VmIndex, VmSeen)]) -> BTreeSet<String> {
    let said: BTreeSet<&str> = vms.iter().flat_map(|(_, vm)| &vm.logs).map(String::as_str).collect();
    let logs: BTreeSet<String> = sources.iter().filter(|it| said.contains(it.name.as_str())).map(Source::log).collect();
    let is_own = |it: &&Source| it.format() == FormatName::VmwareLog && logs.contains(&it.log());
    sources.iter().filter(is_own).map(|it| it.name.clone()).collect()
}

/// A text that names a VM.
#[derive(Debug)]
struct Needle {
    text: String,
    /// Whether it has to stand in quotation marks or between slashes.
    enclosed: bool,
    /// Only in the logs of this host.
    host: Option<String>,
    /// Whether nothing else in a log reads like it.
    sure: bool,
}

fn needles(vm: &VmSeen) -> Vec<Needle> {
    let needle = |text: String, sure| Needle { enclosed: false, host: None, sure, text };
    let mut needles: Vec<Needle> = Vec::new();
    for name in vm.names.iter().filter(|name| !name.trim().is_empty()) {
        needles.push(Needle { enclosed: name.len() < SHORT_NAME, ..needle(name.clone(), false) });
    }
    needles.extend(vm.morefs.iter().map(|moref| needle(moref.clone(), true)));
    for uuid in vm.uuids.iter().chain(&vm.instance_uuids) {
        needles.push(needle(uuid.clone(), true));
        needles.extend(spaced(uuid).map(|text| needle(text, true)));
    }
    let paths: Vec<StoredPath> = vm.vmx_paths.iter().map(|path| StoredPath::read(path)).collect();
    let places: BTreeSet<(&str, &str)> =
        paths.iter().map(|path| (path.datastore.as_str(), path.folder.as_str())).collect();
    for (datastore, folder) in places {
        // A folder without its datastore may lie on several, and a file without a folder anywhere.
        if !datastore.is_empty() && !folder.is_empty() {
            needles.push(needle(format!("/vmfs/volumes/{datastore}/{folder}/"), true));
            needles.push(needle(format!("[{datastore}] {folder}/"), true));
        }
    }
    needles.extend(vm.vmx_paths.iter().map(|path| needle(path.clone(), true)));
    needles
}

/// `42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6`, as a `.vmx` and the VMX write a UUID.
fn spaced(uuid: &str) -> Option<String> {
    let digits: String = uuid.chars().filter(char::is_ascii_hexdigit).collect();
    let pairs: Vec<&str> = (0..16).filter_map(|at| digits.get(at * 2..at * 2 + 2)).collect();
    Some(format!("{}-{}", pairs.get(..8)?.join(" "), pairs.get(8..16)?.join(" ")))
}

/// How hostd names a VM by its number, in the logs of each host that gave it one.
fn numbers(timeline: &Timeline, vm: VmIndex) -> Vec<Needle> {
    let of_vm = timeline.events.iter().filter(|it| it.vm == Some(vm));
    let numbers: BTreeSet<(&str, &str)> =
        of_vm.filter_map(|it| Some((it.host.as_str(), it.event.value(FieldKind::Vmid)?))).collect();
    let forms = |(host, number): (&str, &str)| {
        [format!("haTask-{number}-"), format!("vim.VirtualMachine:{number}")].map(|text| Needle {
            text,
            enclosed: false,
            host: Some(host.to_owned()),
            sure: true,
        })
    };
    numbers.into_iter().flat_map(forms).collect()
}

/// Finds names in records.
#[derive(Debug)]
struct Names {
    search: AhoCorasick,
    needles: Vec<Needle>,
}

impl Names {
    fn new(needles: Vec<Needle>) -> Result<Self, Error> {
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(needles.iter().map(|it| &it.text))
            .map_err(|source| Error::TooManyAnchors { source })?;
        Ok(Self { search, needles })
    }

    /// Whether one of the names stands in a record of the logs of a host.
    fn found(&self, bytes: &[u8], host: &str) -> bool {
        // Most records hold none of the letters: that is found out without looking at every name's ends.
        self.search.is_match(bytes)
            && self.search.find_overlapping_iter(bytes).any(|found| {
                self.needles.get(found.pattern().as_usize()).is_some_and(|needle| {
                    needle.host.as_deref().is_none_or(|only| only == host)
                        && stands_alone(bytes, found.range(), needle.enclosed)
                })
            })
    }
}

/// Whether a name is not a part of a longer one: `APP-01` in `APP-012` or `APP-01-old` is another VM's.
fn stands_alone(bytes: &[u8], range: std::ops::Range<usize>, enclosed: bool) -> bool {
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at).copied());
    let after = bytes.get(range.end).copied();
    if enclosed {
        let is_mark = |byte: Option<u8>| byte.is_some_and(|byte| b"'\"/".contains(&byte));
        return is_mark(before) && is_mark(after);
    }
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || !byte.is_ascii();
    let first = bytes.get(range.start).copied();
    let last = range.end.checked_sub(1).and_then(|at| bytes.get(at).copied()).filter(|byte| *byte != b'-');
    let goes_on = |inside: Option<u8>, outside: Option<u8>| inside.is_some_and(in_name) && outside.is_some_and(in_name);
    !goes_on(first, before) && !goes_on(last, after)
}

#[cfg(test)]
mod tests {
    use super::{spaced, stands_alone};

    #[test]
    fn a_part_of_a_longer_name_is_another_name() {
        for (text, name, enclosed, alone) in [
            ("APP-01", "APP-01", false, true),
            ("VM APP-01: reset", "APP-01", false, true),
            ("/ds/APP-01/APP-01.vmx", "APP-01", false, true),
            ("APP-012", "APP-01", false, false),
            ("APP-01-old", "APP-01", false, false),
            ("MYAPP-01", "APP-01", false, false),
            ("APP-01\u{e9}", "APP-01", false, false),
            ("vm-101", "vm-10", false, false),
            ("[vm-10]", "vm-10", false, true),
            ("haTask-62-vim.VirtualMachine.reload-1", "haTask-62-", false, true),
            ("vim.VirtualMachine:621", "vim.VirtualMachine:62", false, false),
            ("/vmfs/volumes/ds1/APP-01/x.vmdk", "/vmfs/volumes/ds1/APP-01/", false, true),
            ("vm a b", "a", true, false),
            ("'a'", "a", true, true),
            ("/ds/a/a.vmx", "a", true, true),
        ] {
            let at = text.find(name).unwrap();
            assert_eq!(stands_alone(text.as_bytes(), at..at + name.len(), enclosed), alone, "{name} in {text}");
        }
    }

    #[test]
    fn a_uuid_as_the_vmx_writes_it() {
        let text = spaced("420cf191-8cd4-5497-45cc-b5b1e23843b6");
        assert_eq!(text.as_deref(), Some("42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6"));
        assert_eq!(spaced("420cf191"), None);
    }
}
