//! The decision rules of a re-key, one test each, on a few lines that call for it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own input")]

use esxray_diagnosis::{Diagnosis, Incident, Options, diagnose};
use esxray_knowledge::{Knowledge, Shell};
use esxray_model::{Grade, RekeyStep, Role, Severity};
use esxray_testkit::Brief;

const VM: &str = "APP-01";
const HOST: &str = "esx01";
const LOCKED: &str = "com.vmware.vc.vm.Crypto.VMLocked";

fn run(brief: Brief) -> Diagnosis {
    let folder = tempfile::tempdir().unwrap();
    for file in brief.files() {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
    diagnose(&[folder.path().to_path_buf()], &Knowledge::builtin().unwrap(), &Options::default()).unwrap()
}

/// The one open incident of APP-01, or of the host.
#[track_caller]
fn incident(brief: Brief) -> Incident {
    let diagnosis = run(brief);
    let titles: Vec<_> = diagnosis.incidents.iter().map(|it| it.title.clone()).collect();
    let is_of = |it: &Incident| it.vm.as_ref().is_none_or(|vm| vm.name.as_deref() == Some(VM));
    let mut open = diagnosis.incidents.into_iter().filter(|it| it.recovered.is_none() && is_of(it));
    let first = open.next().unwrap_or_else(|| panic!("no incident: {titles:?}"));
    assert!(open.next().is_none(), "one incident: {titles:?}");
    first
}

fn root(incident: &Incident) -> &str {
    let root = incident.findings.iter().find(|it| it.role == Role::RootCause);
    root.map_or("", |it| it.cause.as_str())
}

fn remedies(incident: &Incident) -> Vec<&str> {
    incident.remedies.iter().map(|it| it.id.as_str()).collect()
}

fn do_not(incident: &Incident) -> Vec<&str> {
    incident.do_not.iter().map(|it| it.id.as_str()).collect()
}

/// These remedies are offered, in this order, with others between them.
#[track_caller]
fn in_order(incident: &Incident, wanted: &[&str]) {
    let all = remedies(incident);
    let places: Vec<Option<usize>> = wanted.iter().map(|id| all.iter().position(|it| it == id)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{wanted:?} in {all:?}");
}

/// These remedies are not offered, and the report says why in these words.
#[track_caller]
fn not_now(incident: &Incident, ids: &[&str], because: &str) {
    for id in ids {
        let found = incident.withheld.iter().find(|it| it.id == *id);
        let all: Vec<_> = incident.withheld.iter().map(|it| (&it.id, &it.because)).collect();
        let found =
            found.unwrap_or_else(|| panic!("{id} is not withheld, only {all:?}; offered: {:?}", remedies(incident)));
        assert!(found.because.en().contains(because), "{id}: {}", found.because);
        assert!(!remedies(incident).contains(id));
    }
}

#[track_caller]
fn forbids(incident: &Incident, ids: &[&str]) {
    let found = do_not(incident);
    assert!(ids.iter().all(|id| found.contains(id)), "{ids:?} in {found:?}");
}

/// A re-key that fails because the host does not know a provider.
fn provider_missing(provider: &str, more: impl FnOnce(&mut Brief)) -> Brief {
    let mut brief = Brief::new();
    let rekey = brief.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
    brief.provider_missing(&rekey, 5, provider);
    brief.rekey_ends(&rekey, 10, false);
    more(&mut brief);
    brief
}

/// A re-key that fails with a disk on a wrong key; what happens to the VM before it does, `meanwhile` says.
fn wrong_key(meanwhile: impl FnOnce(&mut Brief)) -> Brief {
    let mut brief = Brief::new();
    brief.settings(VM, -600, &[]);
    let rekey = brief.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
    meanwhile(&mut brief);
    brief.rekey_ends(&rekey, 120, false);
    brief.power(VM, HOST, 125, false);
    brief.wrong_key(VM, 130, 1);
    brief
}

/// A re-key after which one disk of two is on the new key.
fn mixed(more: impl FnOnce(&mut Brief)) -> Brief {
    let mut brief = Brief::new();
    let rekey = brief.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
    brief.keys_changed(&rekey, 5, &[2000], true);
    brief.rekey_ends(&rekey, 10, false);
    more(&mut brief);
    brief
}

fn with(more: impl FnOnce(&mut Brief)) -> Brief {
    let mut brief = Brief::new();
    more(&mut brief);
    brief
}

#[test]
fn r1_a_vm_that_runs_without_its_provider_is_not_stopped() {
    let running = incident(provider_missing("NKP-1", |_| ()));
    assert_eq!(root(&running), "kms-provider-not-found-on-host");
    forbids(&running, &["no-power-off", "no-unregister-while-provider-unreachable", "keep-old-provider"]);
    not_now(&running, &["power-off-and-rekey", "reregister-vm"], "not known to the host");
    // One that is off already cannot be stopped.
    let off = incident(provider_missing("NKP-1", |it| it.power(VM, HOST, 60, false)));
    assert!(!do_not(&off).contains(&"no-power-off"));
}

#[test]
fn r2_a_missing_provider_comes_before_every_repair_of_the_vm() {
    let incident = incident(provider_missing("KMS-EXT", |_| ()));
    in_order(&incident, &["preserve-evidence", "compare-keys", "restore-kms-connection", "push-provider-to-host"]);
    not_now(&incident, &["reissue-rekey", "power-off-and-rekey", "reregister-vm"], "not known to the host");
    not_now(&incident, &["reload-vmx"], "cannot give the host a provider");
    not_now(&incident, &["unlock-vm"], "once the host knows the provider");
}

#[test]
fn r3_the_key_server_comes_before_the_next_attempt() {
    let incident = incident(with(|it| {
        let rekey = it.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
        it.event(VM, HOST, 5, "com.vmware.vc.kms.crypto.Unreachable");
        it.event(VM, HOST, 6, "com.vmware.vc.vm.crypto.RekeyFail");
        it.rekey_ends(&rekey, 10, false);
    }));
    assert_eq!(root(&incident), "kms-unreachable");
    in_order(&incident, &["preserve-evidence", "restore-kms-connection"]);
    not_now(&incident, &["reissue-rekey", "power-off-and-rekey"], "does not answer");
    forbids(&incident, &["keep-old-provider"]);
}

#[test]
fn r4_a_wrong_key_with_healthy_providers_is_reloaded_compared_and_re_keyed_again() {
    let incident = incident(wrong_key(|_| ()));
    assert_eq!(root(&incident), "rekey-disk-wrong-key");
    in_order(&incident, &["compare-keys", "reload-vmx", "reissue-rekey", "power-off-and-rekey", "reregister-vm"]);
    let ranks: Vec<u32> = incident.remedies.iter().map(|it| it.rank).collect();
    assert!(ranks.iter().copied().eq(1..=u32::try_from(ranks.len()).unwrap()));
}

#[test]
fn r5_a_reset_by_ha_is_the_root_and_the_override_comes_before_the_retry() {
    let incident = incident(wrong_key(|it| it.ha_reset(VM, HOST, 100)));
    assert_eq!(root(&incident), "ha-vmmon-reset-during-rekey");
    in_order(&incident, &["reload-vmx", "disable-ha-vm-monitoring", "reissue-rekey", "power-off-and-rekey"]);
    // The same reset before the re-key is no reason.
    let before = run(wrong_key(|it| it.ha_reset(VM, HOST, -1500)));
    let causes: Vec<&str> = before.incidents.iter().flat_map(|it| &it.findings).map(|it| it.cause.as_str()).collect();
    assert!(causes.contains(&"rekey-disk-wrong-key") && !causes.contains(&"ha-vmmon-reset-during-rekey"), "{causes:?}");
}

#[test]
fn r6_a_running_vm_on_two_keys_is_re_keyed_before_anything_else() {
    let incident = incident(mixed(|_| ()));
    assert!(incident.findings.iter().any(|it| it.cause == "rekey-partial-multi-disk"), "{}", incident.title);
    in_order(
        &incident,
        &["compare-keys", "disable-ha-vm-monitoring", "reissue-rekey", "reload-vmx", "power-off-and-rekey"],
    );
    forbids(&incident, &["no-snapshot-operations", "no-power-off", "keep-old-provider"]);
}

#[test]
fn r7_a_vm_on_two_keys_that_is_off_is_reloaded_first() {
    let incident = incident(mixed(|it| it.power(VM, HOST, 60, false)));
    in_order(&incident, &["compare-keys", "reload-vmx", "reissue-rekey", "power-off-and-rekey", "reregister-vm"]);
    assert!(!do_not(&incident).contains(&"no-power-off"));
}

#[test]
fn r8_registering_again_is_the_last_repair_and_needs_providers_files_and_privilege() {
    let plain = incident(wrong_key(|_| ()));
    let all = remedies(&plain);
    let at = |id: &str| all.iter().position(|it| *it == id);
    assert!(at("reregister-vm") > at("power-off-and-rekey") && at("reregister-vm") > at("reload-from-path"), "{all:?}");
    let reregister = plain.remedies.iter().find(|it| it.id == "reregister-vm").unwrap();
    for needed in ["backup", "privilege", "files are on the datastore", "answer"] {
        assert!(reregister.prechecks.iter().any(|it| it.en().contains(needed)), "{needed}");
    }
    let denied = "Result:\n(vim.fault.NoPermission) {\n   faultCause = (vmodl.MethodFault) null,\n   privilegeId = \"Cryptographer.RegisterVM\"\n   msg = \"\"\n}";
    not_now(&incident(wrong_key(|it| it.host_of_vm(VM, HOST, 140, denied))), &["reregister-vm"], "privilege");
    let gone = Brief::disk(VM, 0);
    let gone = format!("DISKLIB-LINK  : \"{gone}\" : failed to open (The system cannot find the file specified).");
    not_now(&incident(wrong_key(|it| it.vm(VM, 131, "vmx", &gone))), &["reregister-vm"], "not there");
    not_now(&incident(provider_missing("KMS-EXT", |_| ())), &["reregister-vm"], "not known to the host");
}

#[test]
fn r9_a_refusal_of_a_running_vm_is_answered_by_a_planned_power_off() {
    let refused = |version: &'static str, build: &'static str| {
        with(move |it| {
            let rekey = it.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
            it.on_vm(
                &rekey,
                5,
                "Result:\n(vmodl.fault.NotSupported) {\n   faultCause = (vmodl.MethodFault) null,\n   msg = \"Not support: unable to shallow rekey powered on vm.\"\n}",
            );
            it.rekey_ends(&rekey, 10, false);
            if !version.is_empty() {
                it.product("vcenter01/vpxd.log", "VMware VirtualCenter", version, build);
            }
        })
    };
    let applies = |incident: &Incident| {
        let remedy = incident.remedies.iter().find(|it| it.id == "power-off-and-rekey").unwrap();
        remedy.applies.clone()
    };
    let before = incident(refused("7.0.3", "20395099"));
    assert_eq!(root(&before), "rekey-poweredon-not-supported");
    in_order(&before, &["preserve-evidence", "compare-keys", "power-off-and-rekey"]);
    not_now(&before, &["reissue-rekey"], "refused again");
    not_now(&before, &["reload-vmx", "reregister-vm"], "nothing was changed");
    assert!(
        applies(&before).en().contains("vCenter Server 7.0.3 (build 20395099) is before 7.0 U3l"),
        "{}",
        applies(&before)
    );
    assert!(applies(&before).en().contains("likely does not have the fix"));
    assert!(applies(&incident(refused("7.0.3", "21477706"))).en().contains("likely has the fix"));
    // Another line of versions, or none: nobody knows.
    assert!(applies(&incident(refused("8.0.2", "22385739"))).en().contains("is not known"));
    assert!(applies(&incident(refused("", ""))).en().contains("is not in the logs"));
}

#[test]
fn r10_a_locked_vm_is_unlocked_then_its_host_is_given_the_keys_then_it_is_reloaded() {
    let locked = with(|it| it.event(VM, HOST, 0, &format!("{LOCKED}.KeyMissingOnHost")));
    let incident = incident(locked);
    assert_eq!(root(&incident), "vm-locked-key-missing-host");
    in_order(&incident, &["compare-keys", "unlock-vm", "push-provider-to-host", "reload-vmx"]);
    forbids(&incident, &["do-not-unregister-locked-vm", "keep-old-provider"]);
}

#[test]
fn r11_a_key_that_the_key_server_lost_is_looked_for_and_nothing_else_is_touched() {
    let lost = |it: &mut Brief| it.event(VM, HOST, 0, &format!("{LOCKED}.KeyMissingOnKMS"));
    let locked = incident(with(lost));
    assert_eq!(root(&locked), "vm-locked-key-missing-kms");
    in_order(
        &locked,
        &["preserve-evidence", "find-locked-vm-key-on-hosts", "restore-key-on-kms", "restore-from-backup"],
    );
    not_now(&locked, &["unlock-vm"], "key");
    // Its host says that it has no key: there is nothing to re-key with.
    not_now(&locked, &["rekey-while-host-holds-key"], "no longer holds");
    forbids(&locked, &["do-not-unregister-locked-vm", "no-power-off", "keep-old-provider"]);
    // A host that still has it is the way out.
    let held = with(|it| {
        it.rekeyed(VM, HOST, -900, "KMS-OLD", "KMS-EXT");
        it.event(VM, HOST, 0, "com.vmware.vc.kms.crypto.SendKeyError.KeyMissingOnKMS");
    });
    let held = incident(held);
    assert_eq!(root(&held), "kms-sendkey-key-missing");
    in_order(&held, &["compare-keys", "restore-key-on-kms", "rekey-while-host-holds-key"]);
    forbids(&held, &["no-power-off"]);
}

#[test]
fn r12_a_native_provider_that_does_not_fit_is_restored_and_not_added() {
    let text = "Unable to decrypt the ciphertext. Failed to decrypt the key";
    let incident = incident(with(|it| it.host_of_vm(VM, HOST, 0, text)));
    assert_eq!((root(&incident), incident.findings[0].grade), ("nkp-deleted-recreated", Grade::Possible));
    // A migration to another vCenter ends with the same text: neither is more than possible.
    assert!(incident.findings.iter().all(|it| it.grade == Grade::Possible));
    in_order(&incident, &["compare-nkp-key-ids", "restore-nkp-from-backup"]);
    not_now(&incident, &["unlock-vm"], "does not decrypt");
    let restore = incident.remedies.iter().find(|it| it.id == "restore-nkp-from-backup").unwrap();
    assert!(restore.steps.iter().any(|it| it.note.as_ref().is_some_and(|note| note.en().contains("not Add"))));
}

#[test]
fn r13_one_host_is_a_matter_of_the_host_and_all_hosts_one_of_the_provider() {
    let one = incident(provider_missing("KMS-EXT", |it| it.rekeyed("APP-02", "esx02", 60, "NKP-1", "KMS-EXT")));
    in_order(&one, &["push-provider-to-host"]);
    not_now(&one, &["restore-kms-connection", "recreate-provider-same-name"], "other hosts use the same key provider");
    let all = incident(provider_missing("KMS-EXT", |it| {
        let rekey = it.rekey("APP-02", "esx02", 60, "NKP-1", "KMS-EXT");
        it.provider_missing(&rekey, 61, "KMS-EXT");
        it.rekey_ends(&rekey, 62, false);
    }));
    in_order(&all, &["restore-kms-connection"]);
    not_now(&all, &["push-provider-to-host"], "several hosts");
    // Not known: both.
    in_order(&incident(provider_missing("KMS-EXT", |_| ())), &["restore-kms-connection", "push-provider-to-host"]);
}

#[test]
fn r14_locked_disk_groups_of_vsan_are_tested_from_the_hosts() {
    let text = "QueryDiskMappings:\n   unlockedEncrypted = False,";
    let incident = incident(with(|it| it.host(HOST, 0, "VsanSystem", text)));
    assert_eq!(root(&incident), "vsan-diskgroup-locked");
    in_order(&incident, &["preserve-evidence", "check-kms-from-every-host", "restore-kms-connection"]);
    forbids(&incident, &["no-vsan-host-restart", "keep-locked-vsan-disk-groups"]);
    let check = incident.remedies.iter().find(|it| it.id == "check-kms-from-every-host").unwrap();
    assert!(check.steps.iter().any(|it| it.shell == Shell::EsxiShell && it.command.contains("5696")));
}

#[test]
fn r15_a_native_provider_refuses_to_make_a_key_for_the_community_cmdlet() {
    let text = "[VpxLRO] -- ERROR lro-9 -- CryptoManager -- vim.encryption.CryptoManagerKmip.generateKey: vmodl.fault.InvalidArgument: Key provider 'NKP-1' is managed by Trust Authority or is a native key provider";
    let incident = incident(with(|it| it.vcenter(0, text)));
    assert_eq!(root(&incident), "nkp-generatekey-refused");
    let remedy = incident.remedies.iter().find(|it| it.id == "use-set-vm-key-provider").unwrap();
    assert!(remedy.steps.iter().any(|it| it.command.starts_with("Set-VM ") && it.command.contains("-KeyProvider")));
}

#[test]
fn r16_a_request_that_skips_encrypted_disks_leaves_the_vm_on_two_providers() {
    let skipped = |encrypted: bool| {
        with(move |it| {
            let first = it.rekey(VM, HOST, -1500, "KMS-OLD", "NKP-1");
            it.keys_changed(&first, -1499, if encrypted { &[2000] } else { &[] }, true);
            it.rekey_ends(&first, -1498, true);
            let rekey = it.rekey_of(VM, HOST, 0, "NKP-1", "KMS-EXT", &[]);
            it.keys_changed(&rekey, 1, &[], true);
            it.rekey_ends(&rekey, 2, true);
        })
    };
    let left = incident(skipped(true));
    assert_eq!((root(&left), left.findings[0].severity), ("rekey-disks-skipped", Severity::Warning));
    in_order(&left, &["compare-keys", "rekey-all-objects"]);
    forbids(&left, &["keep-old-provider"]);
    // Without a disk that has a key there is nothing to leave out.
    let causes = run(skipped(false)).incidents.into_iter().flat_map(|it| it.findings).map(|it| it.cause);
    assert!(!causes.collect::<Vec<_>>().contains(&"rekey-disks-skipped".to_owned()));
}

#[test]
fn r17_the_old_provider_stays_as_long_as_anything_may_need_it() {
    for (what, brief) in [
        ("the new one is missing", provider_missing("KMS-EXT", |_| ())),
        ("a wrong key", wrong_key(|_| ())),
        ("a reset", wrong_key(|it| it.ha_reset(VM, HOST, 100))),
        ("two keys", mixed(|_| ())),
        ("locked", with(|it| it.event(VM, HOST, 0, &format!("{LOCKED}.KeyMissingOnHost")))),
    ] {
        let incident = incident(brief);
        assert!(do_not(&incident).contains(&"keep-old-provider"), "{what}");
    }
    let missing = incident(provider_missing("NKP-1", |_| ()));
    assert_eq!(missing.rekey.as_ref().unwrap().failed_step, Some(RekeyStep::GetOldKey));
}

#[test]
fn r18_no_snapshot_is_taken_or_removed_while_the_chain_is_on_two_keys() {
    let refused = "Reconfigure failed\n(vim.fault.InvalidVmConfig) {\n   faultCause = (vmodl.MethodFault) null,\n   faultMessage = (vmodl.LocalizableMessage) [\n      (vmodl.LocalizableMessage) {\n         key = \"msg.hostd.configSpec.enc.snapshots\",\n         arg = <unset>,\n         message = \"text\"\n      }\n   ],\n   property = \"crypto\"\n}";
    let plain = incident(with(|it| {
        let rekey = it.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
        it.on_vm(&rekey, 5, refused);
        it.rekey_ends(&rekey, 10, false);
    }));
    assert_eq!(root(&plain), "rekey-snapshots-block");
    in_order(&plain, &["use-set-vm-key-provider"]);
    forbids(&plain, &["no-snapshot-operations"]);
    let on_two_keys = incident(mixed(|it| it.host_of_vm(VM, HOST, 20, refused)));
    not_now(&on_two_keys, &["remove-snapshots"], "on different keys");
    forbids(&on_two_keys, &["no-snapshot-operations"]);
}

#[test]
fn r19_a_disk_of_a_vm_with_a_vtpm_alone_fails_for_another_reason() {
    let locator = "vmware:key/list/(pair/(fqid/<VMWARE-NULL>/NKP-1/7c2f0c2e,HMAC%2dSHA%2d256,c2VjcmV0))";
    let incident = incident(with(|it| {
        it.settings(VM, -100, &[]);
        let gone = Brief::disk(VM, 0);
        it.vm(
            VM,
            0,
            "vmx",
            &format!("DISKLIB-LINK  : \"{gone}\" : failed to open (The system cannot find the file specified)."),
        );
        it.file(
            &format!("{VM}/{VM}.vmx"),
            &format!("config.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"{VM}\"\nvtpm.present = \"TRUE\"\nencryption.bundle = \"{locator}\"\nscsi0:0.fileName = \"{VM}.vmdk\"\nscsi0:0.present = \"TRUE\"\n"),
        );
        it.file(
            &format!("{VM}/{VM}.vmdk"),
            &format!("# Disk DescriptorFile\nversion=1\nCID=3a1f0c2e\nparentCID=ffffffff\ncreateType=\"vmfs\"\nRW 83886080 VMFS \"{VM}-flat.vmdk\"\n"),
        );
    }));
    let causes: Vec<&str> = incident.findings.iter().map(|it| it.cause.as_str()).collect();
    let of_keys = ["rekey", "key", "kms", "nkp", "vm-locked", "mixed"];
    assert!(!causes.iter().any(|cause| of_keys.iter().any(|word| cause.starts_with(word))), "{causes:?}");
}

#[test]
fn r20_a_missing_metadata_key_is_no_missing_key_of_encryption() {
    let diagnosis = run(with(|it| {
        it.host(HOST, 0, "Libs", "VixDiskLib: Failed to read metadata. Error 16052 (VIX_E_DISK_KEY_NOTFOUND).");
    }));
    let findings: Vec<_> = diagnosis.incidents.iter().flat_map(|it| &it.findings).map(|it| &it.cause).collect();
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn one_unlocked_vm_closes_one_lock_of_a_vm_that_nothing_names_and_no_more() {
    let locks = |count: i64| {
        let diagnosis = run(with(|it| {
            for number in 0..count {
                it.vcenter_event(number * 10, &format!("{LOCKED}.KeyMissingOnHost"));
            }
            it.vcenter_event(60, "com.vmware.vc.vm.Crypto.VMUnlocked");
        }));
        assert_eq!(diagnosis.incidents.len(), 1);
        diagnosis.incidents[0].recovered.is_some()
    };
    assert!(locks(1));
    assert!(!locks(2), "nobody knows which of the two was unlocked");
    // VMs that have names are told apart.
    let named = run(with(|it| {
        it.event(VM, HOST, 0, &format!("{LOCKED}.KeyMissingOnHost"));
        it.event("APP-02", HOST, 10, &format!("{LOCKED}.KeyMissingOnHost"));
        it.event(VM, HOST, 60, "com.vmware.vc.vm.Crypto.VMUnlocked");
    }));
    let open: Vec<_> = named.incidents.iter().filter(|it| it.recovered.is_none()).map(|it| it.vm.clone()).collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].as_ref().unwrap().name.as_deref(), Some("APP-02"));
}
