//! One row for each VM: its attempts, its objects, and what the input does not show of it.

use std::collections::BTreeSet;

use esxray_knowledge::{FieldKind, Knowledge, Part, RemedyKind, parts};
use esxray_model::{FormatName, IncidentKind, KeyState, Said, Timestamp, say};

use super::{AttemptSeen, Beside, KeyedObject, RowCause, VmOutcome, VmRow};
use crate::assemble::{Judged, Selection, meaning};
use crate::event::Standing;
use crate::facts::rekey::{self, Attempt};
use crate::files;
use crate::inventory::{LastKnown, last_known};
use crate::judge::evidence;
use crate::outcome::{Evidence, Finding, Incident, ObjectKind, Supports, VmName};
use crate::path::{StoredPath, before_snapshot};
use crate::timeline::{Timed, VmIndex};

/// The events of a VM that show that its objects are encrypted, beside those that name a key.
const OF_ENCRYPTION: [&str; 9] = [
    "disk-open-wrong-key",
    "disk-open-wrong-key-reported",
    "disk-key-not-found",
    "encryption-key-required",
    "vm-locked",
    "vm-unlocked",
    "vm-locked-key-missing-host",
    "vm-locked-key-missing-kms",
    "vm-locked-kms-error",
];

/// Areas of the knowledge base whose causes are about keys, their providers, or what a host needs to hold them.
const OF_KEYS: [&str; 10] =
    ["certificate", "host-mode", "key-provider", "key-status", "kms", "nkp", "privilege", "rekey", "vm-locked", "vta"];

/// What the rows are made from.
pub(super) struct Seen<'a> {
    pub(super) judged: &'a Judged<'a>,
    pub(super) knowledge: &'a Knowledge,
    /// The VMs that something is known of, each with its index.
    pub(super) vms: Vec<VmIndex>,
}

/// A row, and the VM that it is of.
pub(super) struct RowOf {
    pub(super) index: VmIndex,
    pub(super) row: VmRow,
}

impl<'a> Seen<'a> {
    pub(super) fn new(judged: &'a Judged<'a>, knowledge: &'a Knowledge) -> Self {
        let vms = (0..judged.timeline.vms.len()).filter(|vm| !judged.timeline.of_vm(*vm).is_empty()).collect();
        Self { judged, knowledge, vms }
    }

    pub(super) fn name(&self, vm: VmIndex) -> Option<&'a VmName> {
        self.judged.timeline.vms.get(vm)
    }

    pub(super) fn events(&self, vm: VmIndex) -> impl Iterator<Item = &'a Timed> {
        self.judged.timeline.of_vm(vm).iter().filter_map(|at| self.judged.timeline.events.get(*at))
    }

    pub(super) fn attempts(&self, vm: VmIndex) -> &'a [Attempt] {
        self.judged.attempts.get(&vm).map_or(&[], Vec::as_slice)
    }

    /// The names of the VM's own sources of some formats.
    pub(super) fn sources(&self, vm: VmIndex, wanted: impl Fn(FormatName) -> bool) -> BTreeSet<&'a str> {
        self.events(vm)
            .filter(|it| wanted(it.event.format) && it.event.standing == Standing::Sound)
            .filter_map(|it| self.judged.sources.get(it.event.place.source.0 as usize))
            .map(|it| it.name.as_str())
            .collect()
    }

    /// The host whose logs, or whose VM's log, spoke of the VM last.
    pub(super) fn host(&self, vm: VmIndex) -> Option<String> {
        let on_host = |it: &&Timed| {
            matches!(it.event.format, FormatName::Hostd | FormatName::Vpxa | FormatName::Fdm | FormatName::VmwareLog)
        };
        let names = self.events(vm).filter(on_host).filter_map(|it| self.judged.timeline.host_names.get(&it.host));
        names.last().cloned()
    }

    /// Whether the input shows that the VM has encrypted objects; `Some(false)` only where its configuration says no.
    pub(super) fn encrypted(&self, vm: VmIndex) -> Option<bool> {
        let names_key = |it: &Timed| {
            let kinds = [FieldKind::KeyId, FieldKind::OldKeyId, FieldKind::NewKeyId];
            kinds.iter().any(|kind| it.event.value(*kind).is_some()) || !it.event.requested.is_empty()
        };
        let sound = || self.events(vm).filter(|it| it.event.standing == Standing::Sound);
        if sound().any(|it| names_key(it) || OF_ENCRYPTION.contains(&it.event.name.as_str())) {
            return Some(true);
        }
        // A disk is encrypted only together with the home, and the home's key stands in the `.vmx`.
        let is_vmx = |it: &Timed| it.event.format == FormatName::Vmx && self.is_whole(it);
        sound().any(is_vmx).then_some(false)
    }

    /// Its home, its disks and their links, each with the last word on it.
    pub(super) fn objects(&self, vm: VmIndex) -> Vec<KeyedObject> {
        let timeline = self.judged.timeline;
        let mut objects: Vec<KeyedObject> =
            last_known(timeline, vm, self.attempts(vm)).into_iter().map(|it| self.object(it)).collect();
        let plain = self.plain_disks(vm);
        for object in objects.iter_mut().filter(|it| it.kind == ObjectKind::Disk) {
            let path = object.path.as_deref().map(|path| StoredPath::read(path).descriptor());
            // A bundle may keep a descriptor outside of its path, under its name alone.
            let file = |path: &str| path.rsplit_once('/').map(|it| format!("/{}", it.1));
            object.plain =
                path.is_some_and(|path| plain.contains(&path) || file(&path).is_some_and(|it| plain.contains(&it)));
        }
        if !objects.iter().any(|it| it.kind == ObjectKind::VmHome) {
            objects.insert(
                0,
                KeyedObject {
                    kind: ObjectKind::VmHome,
                    path: None,
                    label: None,
                    link_of: None,
                    plain: false,
                    key_state: None,
                    key_id: None,
                    provider: None,
                    evidence: Vec::new(),
                },
            );
        }
        same_disks(&mut objects);
        objects
    }

    /// The disks whose descriptor is there, whole, and names no key.
    fn plain_disks(&self, vm: VmIndex) -> BTreeSet<String> {
        let disks = |event: &'static str| {
            let of_event = self.events(vm).filter(move |it| it.event.name == event);
            let read = of_event.filter_map(|it| it.event.value(FieldKind::DiskPath).map(|disk| (it, disk)));
            read.filter(|(it, _)| event == files::KEY || self.is_whole(it))
                .map(|(_, disk)| StoredPath::read(disk).descriptor())
                .collect::<BTreeSet<String>>()
        };
        &disks(files::PARENT) - &disks(files::KEY)
    }

    /// Whether the file that says so could be read to its end, so that what it does not say is not there.
    fn is_whole(&self, timed: &Timed) -> bool {
        let source = self.judged.sources.get(timed.event.place.source.0 as usize);
        source.is_some_and(|it| !it.damaged && it.account.file.as_ref().is_some_and(|file| file.problems().is_empty()))
    }

    fn object(&self, known: LastKnown) -> KeyedObject {
        let LastKnown { object, after_attempt } = known;
        let file = object.path.as_deref().map(|path| StoredPath::read(path).file);
        let evidence = object
            .evidence
            .into_iter()
            .map(|it| Evidence { meaning: meaning(&it, self.judged.timeline, self.knowledge), ..it })
            .collect();
        KeyedObject {
            kind: object.kind,
            link_of: file.as_deref().and_then(before_snapshot).map(str::to_owned),
            path: object.path,
            label: object.label,
            plain: false,
            key_state: after_attempt.then_some(object.key_state),
            key_id: object.key_id,
            provider: object.provider,
            evidence,
        }
    }

    /// A row for every VM that the selection takes.
    pub(super) fn rows(&self, select: &Selection) -> Vec<RowOf> {
        let takes = |vm: &VmName| select.vm.as_deref().is_none_or(|wanted| vm.is(wanted));
        let mut rows: Vec<RowOf> = self
            .vms
            .iter()
            .filter(|vm| self.name(**vm).is_some_and(takes))
            .filter_map(|vm| Some(RowOf { index: *vm, row: self.row(*vm, select)? }))
            .collect();
        rows.sort_by(|one, other| order(&one.row).cmp(&order(&other.row)));
        rows
    }

    fn row(&self, index: VmIndex, select: &Selection) -> Option<VmRow> {
        let vm = self.name(index)?.clone();
        let inside = |attempt: &&Attempt| {
            let (first, last) = (attempt.began, attempt.ended.or(attempt.began));
            select.since.is_none_or(|since| last.is_none_or(|last| last >= since))
                && select.until.is_none_or(|until| first.is_none_or(|first| first < until))
        };
        let described: Vec<(AttemptSeen, Providers)> = self
            .attempts(index)
            .iter()
            .filter(inside)
            .map(|attempt| {
                let rekey = rekey::describe(self.judged.timeline, attempt);
                let seen = AttemptSeen {
                    op_id: rekey.op_id,
                    task: rekey.task,
                    began: attempt.began,
                    ended: attempt.ended,
                    outcome: rekey.outcome,
                    failed_step: rekey.failed_step,
                };
                (seen, (rekey.from_provider, rekey.to_provider))
            })
            .collect();
        let (from_provider, to_provider) = described.last().map_or((None, None), |it| it.1.clone());
        let attempts: Vec<AttemptSeen> = described.into_iter().map(|it| it.0).collect();
        let incident = self.incident(&vm, attempts.last());
        let open = incident.filter(|it| it.recovered.is_none());
        // A disk that does not open shows that there was a re-key, and that it did not end well everywhere.
        let outcome = match attempts.last() {
            Some(last) => last.outcome.into(),
            None if incident.is_some_and(|it| it.rekey.is_some()) => VmOutcome::Unknown,
            None => VmOutcome::NotAttempted,
        };
        let cause = open.and_then(|it| it.findings.first()).map(|it| self.cause(it));
        let acting = open
            .and_then(|it| it.remedies.iter().find(|it| it.kind != RemedyKind::Check).or_else(|| it.remedies.first()));
        let mut row = VmRow {
            host: open.and_then(|it| it.host.as_ref()?.name.clone()).or_else(|| self.host(index)),
            encrypted: self.encrypted(index) == Some(true),
            asked: select.vm.is_some(),
            outcome,
            recovered: outcome.is_failure() && incident.is_some_and(|it| it.recovered.is_some()),
            failed_step: attempts.last().and_then(|it| it.failed_step),
            from_provider,
            to_provider,
            objects: self.objects(index),
            incident: open.map(|it| it.id.clone()),
            cause,
            remedy: acting.cloned(),
            do_not: open.map(|it| it.do_not.clone()).unwrap_or_default(),
            doubts: Vec::new(),
            attempts,
            vm,
        };
        row.doubts = self.doubts(index, &row);
        Some(row)
    }

    fn cause(&self, finding: &Finding) -> RowCause {
        let title = self.knowledge.cause(&finding.cause).map_or(&finding.title, |it| &it.title);
        let part = |part: Part<'_>| if let Part::Literal(text) = part { text.to_owned() } else { "…".to_owned() };
        RowCause {
            id: finding.cause.clone(),
            title: finding.title.clone(),
            of_many: title.map(|title| parts(title).into_iter().map(part).collect()),
            grade: finding.grade,
            severity: finding.severity,
        }
    }

    /// Open incidents about keys that no row tells of.
    pub(super) fn beside(&self) -> Vec<Beside> {
        let about_keys = |it: &Incident| {
            let area = it.findings.first().and_then(|it| self.knowledge.cause(&it.cause)).map(|it| it.area.as_str());
            matches!(it.kind, IncidentKind::Rekey | IncidentKind::VmLocked)
                || area.is_some_and(|area| OF_KEYS.contains(&area))
        };
        let open = self.judged.incidents.iter().filter(|it| it.vm.is_none() && it.recovered.is_none());
        open.filter(|it| about_keys(it))
            .filter_map(|it| {
                let host = it.host.as_ref().and_then(|host| host.name.clone());
                Some(Beside { incident: it.id.clone(), host, cause: self.cause(it.findings.first()?) })
            })
            .collect()
    }

    /// The incident of the last attempt, or else the worst of a re-key.
    fn incident(&self, vm: &VmName, last: Option<&AttemptSeen>) -> Option<&'a Incident> {
        let of_vm = || {
            // A VM whose keys are not at hand fails a migration as surely as a re-key that stopped.
            let of_rekey =
                |it: &&Incident| it.rekey.is_some() || matches!(it.kind, IncidentKind::Rekey | IncidentKind::VmLocked);
            self.judged.incidents.iter().filter(|it| it.vm.as_ref() == Some(vm)).filter(of_rekey)
        };
        let Some(last) = last else { return of_vm().next() };
        let same = |it: &&Incident| {
            let Some(rekey) = &it.rekey else { return false };
            rekey.op_id == last.op_id
                && rekey.task == last.task
                && (rekey.op_id.is_some() || rekey.task.is_some() || it.started == last.began)
        };
        let later = |it: &&Incident| it.started.is_some_and(|started| last.began.is_none_or(|began| started >= began));
        of_vm().find(same).or_else(|| of_vm().find(|it| it.recovered.is_none() && later(it)))
    }

    /// What the input does not show of a VM.
    pub(super) fn doubts(&self, index: VmIndex, row: &VmRow) -> Vec<Said> {
        let mut doubts = Vec::new();
        let events = || self.events(index);
        if events().all(|it| it.event.standing != Standing::Sound) {
            doubts.push(say!(
                en: "only quotations name it, and no log's own record",
                fr: "seules des citations la nomment, et aucun enregistrement propre à un journal",
            ));
        }
        let services = self.sources(index, |it| matches!(it, FormatName::Hostd | FormatName::Vpxd));
        match row.outcome {
            VmOutcome::Unknown => doubts.push(say!(
                en: "how its re-key ended is not shown",
                fr: "la fin de son changement de clé n’est pas montrée",
            )),
            VmOutcome::NotAttempted if services.is_empty() => {
                doubts.push(say!(
                    en: "no log of its host or of vCenter speaks of it, so a re-key would not be seen",
                    fr: "aucun journal de son hôte ou de vCenter n’en parle, donc un changement de clé ne se verrait pas",
                ));
            }
            _ => {}
        }
        if row.outcome.is_failure() || row.encrypted || !row.attempts.is_empty() {
            doubts.extend(self.keyless(index, &row.objects));
        }
        doubts
    }

    /// The objects whose key the input does not show, and whether it shows all objects.
    pub(super) fn keyless(&self, index: VmIndex, objects: &[KeyedObject]) -> Vec<Said> {
        let mut doubts = Vec::new();
        let names: Vec<Said> = objects.iter().filter(|it| is_keyless(it)).map(object_name).collect();
        if !names.is_empty() {
            let names = Said::join(&names, ", ");
            doubts.push(say!(
                en: "the key of {names} is not shown";
                fr: "clé non montrée pour\u{a0}: {}", names.fr()
            ));
        }
        if !self.lists_disks(index) && !objects.iter().any(|it| it.kind == ObjectKind::Disk) {
            doubts.push(say!(en: "which disks it has is not shown", fr: "ses disques ne sont pas montrés"));
        }
        doubts
    }

    /// Whether its configuration or its log is there, which name all of its disks.
    pub(super) fn lists_disks(&self, index: VmIndex) -> bool {
        self.events(index).any(|it| matches!(it.event.name.as_str(), "disk-opened" | files::DISK))
    }

    /// A record as it is cited, with what it means.
    pub(super) fn cite(&self, timed: &Timed, supports: Supports) -> Evidence {
        let cited = evidence(&timed.event, supports);
        Evidence { meaning: meaning(&cited, self.judged.timeline, self.knowledge), ..cited }
    }

    /// The last moment that the input speaks of.
    pub(super) fn end(&self) -> Option<Timestamp> {
        self.judged.timeline.events.iter().filter(|it| it.event.time.is_some()).filter_map(|it| it.at).max()
    }
}

/// The providers that a re-key goes from and to.
type Providers = (Option<String>, Option<String>);

/// Whether nothing is known of an object's key.
pub(super) fn is_keyless(object: &KeyedObject) -> bool {
    !object.plain
        && object.provider.is_none()
        && object.key_id.is_none()
        && !matches!(object.key_state, Some(KeyState::New | KeyState::Old))
}

/// Drops the disks that are known by their files alone, where all of them are known by their devices too.
///
/// An event names a disk by its device, a VM's log by its file, and nothing says which is which: but where no more files
/// than devices are known, no disk is without a device.
fn same_disks(objects: &mut Vec<KeyedObject>) {
    let is_disk = |it: &&KeyedObject| it.kind == ObjectKind::Disk;
    let devices = objects.iter().filter(is_disk).filter(|it| it.label.is_some() && it.path.is_none()).count();
    let by_file = |it: &KeyedObject| it.kind == ObjectKind::Disk && it.label.is_none() && is_keyless(it);
    if objects.iter().filter(|it| by_file(it)).count() <= devices {
        objects.retain(|it| !by_file(it));
    }
}

/// A disk as its configuration calls it, or by the number of its device where that is all that is known.
fn device_name(label: &str) -> Said {
    match label.strip_prefix("device ") {
        Some(number) => say!(en: "device {number}", fr: "périphérique {number}"),
        None => Said::name(label),
    }
}

/// An object as people call it: `VM home`, `device 2001 (APP-01_1.vmdk)`.
pub(super) fn object_name(object: &KeyedObject) -> Said {
    let file = object.path.as_deref().map(|path| StoredPath::read(path).file);
    let label = object.label.as_deref().map(device_name);
    match (object.kind, label, file) {
        (ObjectKind::VmHome, ..) => say!(en: "the VM home", fr: "le VM Home"),
        (_, Some(label), Some(file)) => label.map(|label| format!("{label} ({file})")),
        (_, Some(label), None) => label,
        (_, None, Some(file)) => Said::name(file),
        (_, None, None) => say!(en: "a disk", fr: "un disque"),
    }
}

/// Failures first, those of one cause together, then by name.
fn order(row: &VmRow) -> impl Ord {
    let cause = row.cause.as_ref().map(|it| (std::cmp::Reverse((it.severity, it.grade)), it.id.clone()));
    let failure = row.outcome.is_failure() || row.incident.is_some();
    let names = [&row.vm.name, &row.vm.vmx_path, &row.vm.moref, &row.vm.vmid].map(Clone::clone);
    (!failure, cause.is_none(), cause.filter(|_| failure), row.outcome, row.vm.name.is_none(), names)
}
