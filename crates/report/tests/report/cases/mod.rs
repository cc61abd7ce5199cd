//! Diagnoses made by hand, as the tool would give them for logs with invented names.

pub(crate) mod texts;

use std::collections::BTreeMap;

use esxray_diagnosis::{
    AskedBy, ClockSeen, ClockState, ClockStep, Coverage, Cut, Diagnosis, DoNot, EarlierAttempt, Evidence, Excluded,
    Finding, HostName, Incident, KeyName, KnowledgeUsed, Missing, NotEvaluated, ObjectKind, Problem, Rekey,
    RekeyObject, RekeyStepSeen, Remedy, RemedyStep, Supports, Unexplained, VmName, Withheld,
};
use esxray_knowledge::{History, RemedyKind, ServiceImpact, Shell};
use esxray_model::{
    Grade, IncidentKind, Interruption, KeyState, Level, Place, RekeyOutcome, RekeyStep, Role, Said, Severity, SourceId,
    StepBasis, StepState, Timestamp, Verdict,
};

/// Every case, with its name.
pub(crate) fn all() -> Vec<(&'static str, Diagnosis)> {
    vec![
        ("ha-reset", ha_reset()),
        ("provider-not-found", provider_not_found()),
        ("several", several()),
        ("recovered", recovered()),
        ("clean", clean()),
        ("inconclusive", inconclusive()),
        ("hostile", hostile()),
    ]
}

const VMX: &str =
    "/vmfs/volumes/vsan:52d0a1b2c3d4e5f6-7a8b9c0d1e2f3a4b/271e3a80-91aa-4c5d-a0de-0050568f1280/APP-01.vmx";
const LONG_DISK_LINE: &str = "2023-03-10T15:16:22.314Z In(05) vmx - DISKLIB-LINK : \"/vmfs/volumes/vsan:52d0a1b2c3d4e5f6-7a8b9c0d1e2f3a4b/271e3a80-91aa-4c5d-a0de-0050568f1280/APP-01_2-lKPs.vmdk\" : failed to open (Cannot decrypt disk because key or password is incorrect).";
const WRONG_KEY: &str = "DISKLIB-LINK : \"/vmfs/volumes/vsan:52d0a1b2c3d4e5f6-7a8b9c0d1e2f3a4b/271e3a80-91aa-4c5d-a0de-0050568f1280/APP-01_2-lKPs.vmdk\" : failed to open (Cannot decrypt disk because key or password is incorrect";

fn at(hour: u32, minute: u32, second: u32, millis: u32) -> Timestamp {
    Timestamp::from_civil(2023, 3, 10, hour, minute, second, millis * 1000).unwrap()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn said(texts: &[&str]) -> Vec<Said> {
    texts.iter().map(|text| Said::name(*text)).collect()
}

/// A record whose recognised part is `needle`.
fn record(source: u32, line: u64, time: Option<Timestamp>, text: &str, needle: &str, meaning: &str) -> Evidence {
    let start = text.find(needle);
    Evidence {
        place: Place {
            source: SourceId(source),
            line,
            last_line: line + text.matches('\n').count() as u64,
            byte_offset: line * 180,
        },
        time,
        text: text.to_owned(),
        span: start.map(|start| (start, start + needle.len())),
        captured: Vec::new(),
        meaning: Said::name(meaning.to_owned()),
        supports: Supports::For,
    }
}

fn steps(states: [StepState; 5], evidence: &[(usize, Evidence)]) -> Vec<RekeyStepSeen> {
    let seen = |(index, (step, state)): (usize, (RekeyStep, StepState))| RekeyStepSeen {
        step,
        state,
        basis: match state {
            StepState::Done | StepState::NotReached => Some(StepBasis::Model),
            StepState::Failed => Some(StepBasis::Evidence),
            StepState::NotEvidenced => None,
        },
        time: evidence.iter().find(|(of, _)| *of == index).and_then(|(_, evidence)| evidence.time),
        evidence: evidence.iter().filter(|(of, _)| *of == index).map(|(_, evidence)| evidence.clone()).collect(),
    };
    RekeyStep::ALL.iter().copied().zip(states).enumerate().map(seen).collect()
}

fn knowledge() -> KnowledgeUsed {
    KnowledgeUsed {
        causes: 236,
        signatures: 410,
        remedies: 90,
        sha256: "5d1f6a0c9e".repeat(6) + "abcd",
        packs: strings(&["builtin"]),
    }
}

fn coverage(source: &str, format: &'static str, dialect: Option<&'static str>, records: u64) -> Coverage {
    Coverage {
        source: source.to_owned(),
        format,
        dialect,
        product: None,
        version: None,
        build: None,
        bytes: records * 212,
        lines: records + records / 7 + 3,
        records,
        continuation_lines: records / 7,
        unparsed_lines: 1,
        blank_lines: 2,
        first: Some(at(13, 2, 11, 4)),
        last: Some(at(16, 40, 2, 871)),
        gaps: Vec::new(),
        sha256: "0f".repeat(32),
        problems: Vec::new(),
    }
}

fn finding(cause: &str, role: Role, grade: Grade, title: &str) -> Finding {
    Finding {
        cause: cause.to_owned(),
        role,
        grade,
        severity: Severity::Critical,
        title: Said::name(title.to_owned()),
        explanation: Said::default(),
        captures: BTreeMap::new(),
        explains: Vec::new(),
        count: 1,
        first_seen: None,
        last_seen: None,
        evidence: Vec::new(),
        missing_evidence: Vec::new(),
        confirm: Vec::new(),
        sources: Vec::new(),
    }
}

fn remedy(id: &str, rank: u32, title: &str, kind: RemedyKind, cost: (ServiceImpact, History, bool)) -> Remedy {
    Remedy {
        id: id.to_owned(),
        rank,
        title: Said::name(title.to_owned()),
        why: Said::default(),
        kind,
        steps: Vec::new(),
        service_impact: cost.0,
        history: cost.1,
        reversible: cost.2,
        prechecks: Vec::new(),
        verify: Vec::new(),
        risks: Vec::new(),
        applies: Said::name("ESXi 6.5 and later"),
        sources: strings(&["https://knowledge.broadcom.com/external/article/1026043"]),
    }
}

fn step(shell: Shell, command: &str) -> RemedyStep {
    RemedyStep { shell, command: command.to_owned(), complete: !command.contains('<'), note: None }
}

/// What the logs of the article's case say: a task, a reset in the middle of it, a disk that does not open.
fn ha_records() -> (Evidence, Evidence, Evidence) {
    let task = record(
        0,
        48_210,
        Some(at(15, 16, 19, 870)),
        "2023-03-10T15:16:19.870Z In(166) Hostd[2099312]: [Originator@6876 sub=Vimsvc.TaskManager opID=lf3k2a7x-77210-auto-1nkt-h5:70012345-2b-01-8a-9c10 sid=52a17f3e user=vpxuser:LAB\\svc-rekey] Task Created : haTask-62-vim.VirtualMachine.reconfigure-417702",
        "haTask-62-vim.VirtualMachine.reconfigure",
        "hostd begins to reconfigure the VM",
    );
    let reset = record(
        1,
        1021,
        Some(at(15, 16, 20, 102)),
        &format!(
            "2023-03-10T15:16:20.102Z In(166) Fdm[2100761]: [Originator@6876 sub=Policy opID=WorkQueue-2f1b] [VmOperationsManager::ResetVm] vSphere HA is resetting VM {VMX}"
        ),
        "vSphere HA is resetting VM",
        "vSphere HA resets the VM",
    );
    let disk = record(
        2,
        733,
        Some(at(15, 16, 22, 314)),
        LONG_DISK_LINE,
        WRONG_KEY,
        "the key that DiskLib was given does not open the disk",
    );
    (task, reset, disk)
}

fn ha_findings() -> Vec<Finding> {
    let (task, reset, disk) = ha_records();
    let root = Finding {
        explanation: Said::name(
            "While the keys of a VM are changed its guest may stall for seconds. vSphere HA VM Monitoring takes a stalled guest for a dead one and resets the VM;\nit does not know of the task. Objects that were done are on the new key, the others on the old one, and the restarted VM has only one of the two at hand.",
        ),
        explains: strings(&["rekey-partial-multi-disk", "rekey-disk-wrong-key"]),
        captures: BTreeMap::from([("vmx_path".to_owned(), VMX.to_owned())]),
        count: 2,
        first_seen: reset.time,
        last_seen: Some(at(15, 16, 20, 431)),
        evidence: vec![reset, task],
        confirm: said(&[
            "In vCenter, Monitor > Events of the VM: a reset by vSphere HA between start and end of the task.",
        ]),
        sources: strings(&["https://kb.vmware.com/s/article/1027734"]),
        ..finding(
            "ha-vmmon-reset-during-rekey",
            Role::RootCause,
            Grade::Confirmed,
            "vSphere HA VM Monitoring reset APP-01 while its keys were being changed",
        )
    };
    let partial = Finding {
        severity: Severity::Error,
        missing_evidence: vec![Missing {
            what: Said::name("The descriptor of each disk"),
            would: Said::name("show on which key APP-01_1-lKPs.vmdk is"),
        }],
        ..finding(
            "rekey-partial-multi-disk",
            Role::Consequence,
            Grade::Probable,
            "The objects of APP-01 are wrapped with keys of two providers",
        )
    };
    let wrong = Finding {
        count: 3,
        evidence: vec![disk],
        ..finding(
            "rekey-disk-wrong-key",
            Role::Consequence,
            Grade::Confirmed,
            "A disk of APP-01 cannot be opened with the key at hand",
        )
    };
    vec![root, partial, wrong]
}

fn ha_rekey() -> Rekey {
    let (_, reset, disk) = ha_records();
    let object = |path: Option<&str>, label: Option<&str>, key_state, provider: Option<&str>| RekeyObject {
        kind: if path.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome },
        path: path.map(|name| VMX.replace("APP-01.vmx", name)),
        label: label.map(str::to_owned),
        device_key: label.and_then(|label| label.strip_prefix("device ")).map(str::to_owned),
        key_state,
        key_id: provider.map(|name| format!("{name}-7f3a")),
        provider: provider.map(str::to_owned),
        key_before: Some(KeyName { key_id: Some("NKP-1-7f3a".to_owned()), provider: Some("NKP-1".to_owned()) }),
        key_asked: Some(KeyName { key_id: None, provider: Some("KMS-EXT".to_owned()) }),
        key_after: provider
            .map(|name| KeyName { key_id: Some(format!("{name}-7f3a")), provider: Some(name.to_owned()) }),
        evidence: Vec::new(),
    };
    let mut objects = vec![
        object(None, None, KeyState::New, Some("KMS-EXT")),
        object(Some("APP-01-lKPs.vmdk"), Some("device 2000"), KeyState::New, Some("KMS-EXT")),
        object(Some("APP-01_1-lKPs.vmdk"), Some("device 2001"), KeyState::Unknown, None),
        object(Some("APP-01_2-lKPs.vmdk"), Some("device 2002"), KeyState::Old, Some("NKP-1")),
    ];
    objects[3].evidence.push(disk.clone());
    Rekey {
        op_id: Some("lf3k2a7x-77210-auto-1nkt-h5:70012345-2b-01-8a-9c10".to_owned()),
        task: Some("haTask-62-vim.VirtualMachine.reconfigure-417702".to_owned()),
        scope: Some("shallow"),
        from_provider: Some("NKP-1".to_owned()),
        to_provider: Some("KMS-EXT".to_owned()),
        outcome: RekeyOutcome::Interrupted,
        failed_step: Some(RekeyStep::DecryptKdk),
        steps: steps(
            [StepState::Done, StepState::Done, StepState::Done, StepState::Failed, StepState::NotReached],
            &[(3, disk)],
        ),
        objects,
        started: reset.time,
        ended: None,
        asked_by: AskedBy {
            user: Some("VSPHERE.LOCAL\\Administrator".to_owned()),
            client: Some("PowerCLI/13.2.1".to_owned()),
            session: Some("52aa0000".to_owned()),
        },
        interrupted_by: Some(Cut { by: Interruption::HaReset, time: reset.time, evidence: vec![reset] }),
        refused_by: None,
        attempts: vec![EarlierAttempt {
            op_id: None,
            started: None,
            ended: None,
            outcome: RekeyOutcome::Failed,
            failed_step: Some(RekeyStep::GetNewKey),
        }],
    }
}

fn ha_incident() -> Incident {
    let (task, _, disk) = ha_records();
    Incident {
        id: "I1".to_owned(),
        kind: IncidentKind::Rekey,
        title: Said::name("APP-01 was reset by vSphere HA in the middle of its re-key"),
        recovered: None,
        vm: Some(VmName {
            name: Some("APP-01".to_owned()),
            vmid: Some("62".to_owned()),
            moref: Some("vm-1012".to_owned()),
            uuid: Some("564d8f12-80a1-7c3e-91f2-0050568f1280".to_owned()),
            instance_uuid: None,
            vmx_path: Some(VMX.to_owned()),
            datastore: Some("vsan:52d0a1b2c3d4e5f6-7a8b9c0d1e2f3a4b".to_owned()),
            ..VmName::default()
        }),
        host: Some(HostName {
            name: Some("esx01.lab.example".to_owned()),
            product: Some("VMware ESX".to_owned()),
            version: Some("8.0.2".to_owned()),
            build: Some("22380479".to_owned()),
        }),
        started: task.time,
        ended: disk.time,
        rekey: Some(ha_rekey()),
        findings: ha_findings(),
        remedies: rekey_remedies(),
        withheld: [
            ("reload-from-path", "Reload the VM through vCenter"),
            ("reregister-vm", "Unregister the VM and register it again"),
        ]
        .map(|(id, title)| Withheld {
            id: id.to_owned(),
            title: Said::name(title.to_owned()),
            because: Said::name(
                "one object is still on the old key, and the logs do not show that NKP-1 can be reached".to_owned(),
            ),
        })
        .to_vec(),
        do_not: vec![
            DoNot {
                id: "keep-old-provider".to_owned(),
                text: Said::name("Do not remove the key provider NKP-1."),
                reason: Said::name(
                    "At least one disk is still wrapped with its key; without it the disk is lost for good.".to_owned(),
                ),
            },
            DoNot {
                id: "no-snapshot-operations".to_owned(),
                text: Said::name("Do not take or delete snapshots"),
                reason: Said::name("A chain on two keys cannot be consolidated."),
            },
        ],
    }
}

fn ha_coverage() -> Vec<Coverage> {
    let vm_log =
        "esx01.tgz!vmfs/volumes/vsan:52d0a1b2c3d4e5f6-7a8b9c0d1e2f3a4b/271e3a80-91aa-4c5d-a0de-0050568f1280/vmware.log";
    vec![
        Coverage {
            product: Some("VMware ESX".to_owned()),
            version: Some("8.0.2".to_owned()),
            build: Some("22380479".to_owned()),
            ..coverage("esx01.tgz!var/run/log/hostd.log", "hostd", Some("hostd-8"), 129_412)
        },
        Coverage {
            gaps: vec![(at(14, 0, 0, 0), at(14, 32, 10, 500)), (at(15, 30, 0, 0), at(16, 38, 0, 0))],
            ..coverage("esx01.tgz!var/run/log/fdm.log", "fdm", Some("fdm-8"), 9_211)
        },
        coverage(vm_log, "vmware-log", Some("vmware-log-7"), 1_840),
    ]
}

fn unexplained() -> Vec<Unexplained> {
    let place = |line, last_line, byte_offset| Place { source: SourceId(0), line, last_line, byte_offset };
    vec![
        Unexplained {
            template: "Failed to read header on stream <*>: N7Vmacore15SystemExceptionE(Connection reset by peer: The connection is terminated by the remote end with a reset packet.)".to_owned(),
            level: Level::Error,
            count: 1204,
            first_seen: Some(at(13, 5, 0, 0)),
            last_seen: Some(at(16, 39, 1, 2)),
            place: place(1877, 1877, 402_113),
        },
        Unexplained {
            template: "Unable to get resource settings for a pool: <*>".to_owned(),
            level: Level::Warning,
            count: 3,
            first_seen: Some(at(13, 5, 0, 0)),
            last_seen: Some(at(13, 6, 0, 0)),
            place: place(2001, 2003, 441_000),
        },
    ]
}

/// The article's case: vSphere HA resets a VM with three disks in the middle of its re-key.
pub(crate) fn ha_reset() -> Diagnosis {
    let vpxd = "vpxd.log covering 15:06–15:26";
    let coverage = ha_coverage();
    Diagnosis {
        verdict: Verdict::Failure,
        sources: coverage.iter().map(|row| row.source.clone()).collect(),
        incidents: vec![ha_incident()],
        root_causes: Vec::new(),
        excluded: vec![Excluded {
            cause: "kms-provider-not-found-on-host".to_owned(),
            vm: Some("APP-01".to_owned()),
            because: Said::name("the host got both keys at 15:16:20, after which no provider was missed"),
            covered_by: strings(&["esx01.tgz!var/run/log/hostd.log"]),
        }],
        not_evaluated: vec![
            NotEvaluated { cause: "kms-unreachable".to_owned(), needs: Said::name(vpxd.to_owned()) },
            NotEvaluated { cause: "kms-key-generate-fail".to_owned(), needs: Said::name(vpxd.to_owned()) },
        ],
        unexplained: unexplained(),
        clocks: Vec::new(),
        coverage,
        problems: Vec::new(),
        knowledge: knowledge(),
        traces: BTreeMap::new(),
        around: BTreeMap::new(),
    }
}

fn rekey_remedies() -> Vec<Remedy> {
    use History::{Kept, Lost};
    use RemedyKind::{Check, Prevention, Workaround};
    use ServiceImpact::{Degraded, None, Outage};

    let mut compare = remedy("compare-keys", 1, "See on which key every object is", Check, (None, Kept, true));
    compare.steps = vec![step(Shell::Powercli, "Get-VM -Name 'APP-01' | Get-VMEncryptionInfo")];
    compare.verify = said(&["Every object names one provider, or you know now which ones do not."]);
    let mut reload =
        remedy("reload-vmx", 2, "Reload the VM's configuration on its host", Workaround, (None, Kept, true));
    reload.why = Said::name(
        "hostd may still hold what it read before the reset; a reload reads the .vmx and the descriptors again and keeps the vmid, so nothing is lost in vCenter.",
    );
    reload.steps = vec![step(Shell::EsxiShell, "vim-cmd vmsvc/reload 62")];
    reload.steps[0].note = Some(Said::name("vmid 62 is what hostd calls APP-01"));
    reload.prechecks =
        said(&["Both key providers are reachable from the host.", "A backup exists that was made before the re-key."]);
    reload.verify = said(&["vmware.log shows the disk opened; the VM is not locked or inaccessible any more."]);
    reload.risks = said(&["None known; it does nothing if the key really is not available."]);
    let mut overrule = remedy(
        "disable-ha-vm-monitoring",
        3,
        "Take the VM out of vSphere HA VM Monitoring before the next attempt",
        Prevention,
        (Degraded, Kept, true),
    );
    overrule.steps = vec![step(
        Shell::VsphereClient,
        "Cluster > Configure > VM Overrides > Add > APP-01 > vSphere HA VM Monitoring: Disabled",
    )];
    overrule.prechecks = said(&["Nobody counts on HA to restart this guest during the change."]);
    overrule.verify = said(&["Remove the override after the migration."]);
    let mut again = remedy("reissue-rekey", 4, "Issue the same re-key again", Workaround, (None, Kept, false));
    again.steps =
        vec![step(Shell::Powercli, "Set-VM -VM 'APP-01' -KeyProvider (Get-KeyProvider 'KMS-EXT') -Confirm:$false")];
    let mut off = remedy(
        "power-off-and-rekey",
        5,
        "Power the VM off and re-key it while it is off",
        Workaround,
        (Outage, Kept, true),
    );
    off.steps = vec![step(Shell::Powercli, "Shutdown-VMGuest -VM 'APP-01'")];
    let mut restore = remedy("restore-from-backup", 6, "Restore from the backup", Workaround, (Outage, Lost, false));
    restore.steps = vec![step(Shell::VsphereClient, "your backup product > restore APP-01 from before <time>")];
    vec![compare, reload, overrule, again, off, restore]
}

/// The host does not know the provider that the re-key goes to.
#[expect(clippy::too_many_lines, reason = "one value, written out")]
pub(crate) fn provider_not_found() -> Diagnosis {
    let text = "2023-03-10T15:20:01.077Z Er(163) Hostd[2099340]: [Originator@6876 sub=Vigor.Vmsvc.vm:/vmfs/volumes/ds1/app02/APP-02.vmx opID=lf3k2a7x-88 sid=52a1 user=vpxuser] Reconfigure failed: (vim.fault.GenericVmConfigFault) {\n-->    faultCause = (vmodl.MethodFault) null,\n-->    faultMessage = (vmodl.LocalizableMessage) [\n-->       (vmodl.LocalizableMessage) {\n-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>\n-->       }\n-->    ],\n--> }";
    let fault = record(
        0,
        512,
        Some(at(15, 20, 1, 77)),
        text,
        "com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>",
        "the host does not know the key provider by that name",
    );
    let mut counter = record(
        0,
        940,
        Some(at(15, 21, 9, 1)),
        "2023-03-10T15:21:09.001Z In(166) Hostd[2099340]: [Originator@6876 sub=CryptoManager opID=lf3k2a7x-90] Key provider KMS-EXT is healthy",
        "Key provider KMS-EXT is healthy",
        "another operation reached the provider a minute later",
    );
    counter.supports = Supports::Against;
    let mut root = finding(
        "kms-provider-not-found-on-host",
        Role::RootCause,
        Grade::Probable,
        "The host does not know the key provider KMS-EXT, to which the re-key goes",
    );
    root.explanation = Said::name(
        "A host looks a key provider up by its name in a list that vCenter pushes to it. The list of this host has no such name.",
    );
    root.count = 12;
    root.first_seen = Some(at(15, 20, 1, 77));
    root.last_seen = Some(at(15, 31, 44, 900));
    root.evidence = vec![fault.clone(), counter];
    root.missing_evidence = vec![Missing {
        what: Said::name("vpxd.log covering 15:10–15:41"),
        would: Said::name("tell whether the provider could not be reached, was renamed, or was never pushed."),
    }];
    let mut fix = remedy(
        "restore-kms-connection",
        1,
        "Make the key provider known and reachable again",
        RemedyKind::Fix,
        (ServiceImpact::None, History::NotConcerned, true),
    );
    fix.steps = vec![
        step(
            Shell::VsphereClient,
            "vCenter > Configure > Key Providers: KMS-EXT must exist under exactly this name and be Active",
        ),
        step(Shell::EsxiShell, "nc -z <kms-address> 5696"),
    ];
    fix.verify = said(&["The same re-key no longer names the provider in hostd.log."]);
    let mut incident = ha_reset().incidents.remove(0);
    incident.title = Said::name("Re-key of APP-02 failed: esx02.lab.example does not know the key provider KMS-EXT");
    incident.vm = Some(VmName { name: Some("APP-02".to_owned()), ..VmName::default() });
    incident.host = Some(HostName { name: Some("esx02.lab.example".to_owned()), ..HostName::default() });
    incident.started = fault.time;
    incident.ended = fault.time;
    incident.rekey = Some(Rekey {
        op_id: Some("lf3k2a7x-88".to_owned()),
        task: None,
        scope: None,
        from_provider: None,
        to_provider: Some("KMS-EXT".to_owned()),
        outcome: RekeyOutcome::Failed,
        failed_step: Some(RekeyStep::GetNewKey),
        steps: steps(
            [
                StepState::Failed,
                StepState::NotReached,
                StepState::NotReached,
                StepState::NotReached,
                StepState::NotReached,
            ],
            &[(0, fault)],
        ),
        objects: Vec::new(),
        started: None,
        ended: None,
        asked_by: AskedBy::default(),
        interrupted_by: None,
        refused_by: None,
        attempts: Vec::new(),
    });
    incident.findings = vec![root];
    incident.remedies = vec![fix];
    incident.withheld = Vec::new();
    incident.do_not = vec![DoNot {
        id: "no-unregister-while-provider-unreachable".to_owned(),
        text: Said::name("Do not unregister the VM while the provider cannot be reached."),
        reason: Said::name("The host drops its keys and cannot get them back."),
    }];
    Diagnosis {
        verdict: Verdict::Failure,
        sources: strings(&["hostd.log"]),
        incidents: vec![incident],
        root_causes: Vec::new(),
        excluded: Vec::new(),
        not_evaluated: Vec::new(),
        unexplained: Vec::new(),
        clocks: Vec::new(),
        coverage: vec![coverage("hostd.log", "hostd", Some("hostd-8"), 1_204)],
        problems: Vec::new(),
        knowledge: knowledge(),
        traces: BTreeMap::new(),
        around: BTreeMap::new(),
    }
}

/// Two open incidents and a recovered one, over a truncated input.
pub(crate) fn several() -> Diagnosis {
    let mut diagnosis = ha_reset();
    let mut second = provider_not_found().incidents.remove(0);
    "I2".clone_into(&mut second.id);
    let mut third = recovered().incidents.remove(0);
    "I4".clone_into(&mut third.id);
    let mut twin = second.clone();
    "I3".clone_into(&mut twin.id);
    twin.title = Said::name("esx02.lab.example does not know the key provider KMS-EXT");
    twin.vm = Some(VmName { name: Some("APP-04".to_owned()), vmid: Some("71".to_owned()), ..VmName::default() });
    diagnosis.incidents.extend([second, twin, third]);
    let clock = ClockSeen {
        host: "esx01.lab.example".to_owned(),
        reference: Some("vcenter01".to_owned()),
        state: ClockState::Differs,
        offset_micros: Some(-420_061_000),
        uncertainty_micros: Some(50_000),
        drift_micros_per_hour: None,
        operations: 14,
        early_micros: None,
        step: None,
    };
    let step = ClockStep {
        from: at(15, 0, 0, 0),
        to: at(15, 7, 0, 60),
        source: "esx01.tgz!var/run/log/vmkernel.log".to_owned(),
        line: 4711,
    };
    let set = ClockSeen {
        state: ClockState::Agrees,
        offset_micros: Some(-1000),
        operations: 5,
        step: Some(step),
        ..clock.clone()
    };
    diagnosis.clocks = vec![clock, set];
    diagnosis.problems = vec![
        Problem {
            source: "esx01.tgz!var/run/log/vmkernel.log".to_owned(),
            problem: Said::name("the name is doubtful: two members have it"),
            lost_bytes: None,
            incomplete: false,
        },
        Problem {
            source: "esx01.tgz!var/run/log/vpxa.log.gz".to_owned(),
            problem: Said::name("the gzip stream ends early"),
            lost_bytes: Some(10_240),
            incomplete: true,
        },
    ];
    diagnosis
}

/// One incident that a later success closed.
pub(crate) fn recovered() -> Diagnosis {
    let mut diagnosis = ha_reset();
    let incident = &mut diagnosis.incidents[0];
    incident.title = Said::name("APP-03 could not open a disk after its re-key");
    incident.recovered = Some(record(
        2,
        918,
        Some(at(15, 40, 0, 12)),
        "2023-03-10T15:40:00.012Z In(05) vmx - DISKLIB-VMFS  : \"/vmfs/volumes/ds1/app03/APP-03-flat.vmdk\" : open successful (10) size = 42949672960",
        "open successful",
        "the disk was opened",
    ));
    incident.rekey = None;
    incident.remedies.clear();
    incident.withheld.clear();
    incident.do_not.clear();
    for finding in &mut incident.findings {
        finding.severity = Severity::Info;
    }
    diagnosis.verdict = Verdict::Attention;
    diagnosis
}

/// Nothing found in everything that could be read.
pub(crate) fn clean() -> Diagnosis {
    let mut diagnosis = ha_reset();
    diagnosis.verdict = Verdict::Clean;
    diagnosis.incidents.clear();
    diagnosis.excluded.clear();
    diagnosis.not_evaluated.clear();
    diagnosis
}

/// Nothing found, but not everything could be read.
pub(crate) fn inconclusive() -> Diagnosis {
    let mut diagnosis = several();
    diagnosis.verdict = Verdict::Inconclusive;
    diagnosis.incidents.clear();
    diagnosis.excluded.clear();
    diagnosis
}

/// Names and log text made to drive a terminal or to fool its reader.
pub(crate) fn hostile() -> Diagnosis {
    let evil =
        "APP\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}10-PPA\u{200b}\u{e0041}\u{feff}\u{301}\u{2028}\r\nFAILURE  9 incidents";
    let mut diagnosis = ha_reset();
    diagnosis.sources[1] = format!("fdm\u{1b}[31m.log\n{evil}");
    diagnosis.coverage[1].source.clone_from(&diagnosis.sources[1]);
    diagnosis.unexplained[1].template = format!("{evil}{}", "\u{338}".repeat(300));
    diagnosis.problems.push(Problem {
        source: evil.to_owned(),
        problem: Said::name("is\u{7f} not\tread"),
        lost_bytes: None,
        incomplete: true,
    });
    let incident = &mut diagnosis.incidents[0];
    incident.title = Said::name(format!("{evil} was reset"));
    incident.vm = Some(VmName {
        name: Some(evil.to_owned()),
        vmid: Some("62\u{1b}[0m".to_owned()),
        vmx_path: Some(evil.repeat(4)),
        ..VmName::default()
    });
    incident.remedies[1].steps[0].command = format!("vim-cmd vmsvc/reload '{evil}'");
    let finding = &mut incident.findings[0];
    finding.title = Said::name(format!("HA reset {evil}"));
    finding.captures.insert(evil.to_owned(), evil.to_owned());
    let text = format!("{}\r\n\t--> {}\u{1b}[2J 仮想マシン {}", evil, "長".repeat(300), "tail ".repeat(40));
    let start = text.find("仮想").unwrap();
    finding.evidence[0].text = text;
    finding.evidence[0].span = Some((start, start + "仮想マシン".len()));
    diagnosis
}
