//! Each fact on a few lines that show it, on a few that deny it, and on none.

#![expect(clippy::disallowed_methods, reason = "the test writes its own input")]

use esxray_knowledge::Knowledge;
use esxray_model::Fact;
use esxray_testkit::Brief;

use super::{Facts, Holds};
use crate::assemble::Options;
use crate::correlate::episodes;
use crate::scan::scan;
use crate::timeline::timeline;

/// Whether a fact holds in the first episode of APP-01: `yes`, `no` or `?`.
///
/// Whatever holds names its events, and whatever does not names what covers it.
#[track_caller]
fn check(what: &str, brief: Brief, fact: Fact, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    for file in brief.files() {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
    let knowledge = Knowledge::builtin().unwrap();
    let mut scanned = scan(&[folder.path().to_path_buf()], &knowledge, &Options::default()).unwrap();
    let timeline = timeline(&mut scanned.sources);
    let (episodes, attempts) = episodes(&timeline, &knowledge);
    let is_of = |vm: Option<usize>| vm.and_then(|vm| timeline.vms[vm].name.as_deref()) == Some("APP-01");
    // A VM's log may not say whose it is.
    let named = episodes.iter().find(|it| is_of(it.vm));
    let episode = named.or(episodes.first()).unwrap_or_else(|| panic!("{what}: no episode"));
    let attempts = attempts.get(&episode.vm.unwrap()).map_or(&[][..], Vec::as_slice);
    let facts = Facts { timeline: &timeline, sources: &scanned.sources, episode, attempts, assumed: None };
    let found = match facts.holds(fact) {
        Holds::Yes(events) => {
            assert!(!events.is_empty(), "{what}: nothing shows it");
            "yes"
        }
        Holds::No(sources) => {
            assert!(!sources.is_empty(), "{what}: nothing denies it");
            "no"
        }
        Holds::Unknown => "?",
    };
    assert_eq!(found, expected, "{what}: {fact}");
}

const VM: &str = "APP-01";
const HOST: &str = "esx01";

/// A case with a re-key of APP-01 from 0 to 10 seconds that fails, and what `more` adds.
fn failed(more: impl FnOnce(&mut Brief)) -> Brief {
    let mut brief = Brief::new();
    let rekey = brief.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
    brief.provider_missing(&rekey, 5, "KMS-EXT");
    brief.rekey_ends(&rekey, 10, false);
    more(&mut brief);
    brief
}

/// A failure that says nothing of keys.
fn disk_gone(brief: &mut Brief, at: i64) {
    let disk = Brief::disk(VM, 1);
    let text = format!("DISKLIB-LINK  : \"{disk}\" : failed to open (The system cannot find the file specified).");
    brief.vm(VM, at, "vmx", &text);
}

fn with(more: impl FnOnce(&mut Brief)) -> Brief {
    let mut brief = Brief::new();
    more(&mut brief);
    brief
}

fn vmx_file(brief: &mut Brief, more: &str) {
    let text = format!(
        ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"{VM}\"\n\
         scsi0:0.fileName = \"{VM}.vmdk\"\nscsi0:0.present = \"TRUE\"\n{more}"
    );
    brief.file(&format!("{VM}/{VM}.vmx"), &text);
}

fn descriptor(brief: &mut Brief, number: u32, more: &str) {
    let suffix = if number == 0 { String::new() } else { format!("_{number}") };
    let text = format!(
        "# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=3a1f0c2e\nparentCID=ffffffff\n\
         createType=\"vmfs\"\nRW 83886080 VMFS \"{VM}{suffix}-flat.vmdk\"\n{more}"
    );
    brief.file(&format!("{VM}/{VM}{suffix}.vmdk"), &text);
}

const LOCATOR: &str = "\"vmware:key/list/(pair/(fqid/<VMWARE-NULL>/NKP-1/7c2f0c2e,HMAC%2dSHA%2d256,c2VjcmV0))\"\n";

#[test]
fn encryption() {
    let fact = Fact::VmEncrypted;
    check("a key is changed", with(|it| it.rekeyed(VM, HOST, 0, "NKP-1", "KMS-EXT")), fact, "yes");
    let locked = with(|it| it.event(VM, HOST, 0, "com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost"));
    check("a locked VM", locked, fact, "yes");
    check("another failure", with(|it| disk_gone(it, 0)), fact, "?");
    let clear = |more: &'static str| {
        with(move |it| {
            disk_gone(it, 0);
            it.settings(VM, -100, &[]);
            vmx_file(it, more);
            descriptor(it, 0, "");
        })
    };
    check("files without a key", clear(""), fact, "no");
    check(
        "a disk without its descriptor",
        clear("scsi0:1.fileName = \"APP-01_1.vmdk\"\nscsi0:1.present = \"TRUE\"\n"),
        fact,
        "?",
    );

    let fact = Fact::OnlyHomeEncrypted;
    let of = |disk: &'static str| {
        with(move |it| {
            disk_gone(it, 0);
            it.settings(VM, -100, &[]);
            vmx_file(it, &format!("encryption.bundle = {LOCATOR}"));
            descriptor(it, 0, disk);
        })
    };
    check("a vTPM alone", of(""), fact, "yes");
    check("an encrypted disk", of(&*format!("encryptionKeys={LOCATOR}").leak()), fact, "no");
    check("a disk on a wrong key", with(|it| it.wrong_key(VM, 0, 0)), fact, "no");
    check(
        "no descriptor",
        with(|it| {
            disk_gone(it, 0);
            it.settings(VM, -100, &[]);
            vmx_file(it, &format!("encryption.bundle = {LOCATOR}"));
        }),
        fact,
        "?",
    );
}

#[test]
fn disks_that_a_request_leaves_out() {
    let fact = Fact::DisksSkipped;
    let request = |devices: &[u32], more: fn(&mut Brief)| {
        let mut brief = Brief::new();
        let rekey = brief.rekey_of(VM, HOST, 0, "NKP-1", "KMS-EXT", devices);
        brief.keys_changed(&rekey, 1, devices, true);
        brief.rekey_ends(&rekey, 2, true);
        more(&mut brief);
        brief
    };
    check("home and disks", request(&[2000], |_| ()), fact, "no");
    check("the home alone", request(&[], |_| ()), fact, "?");
    check("the home alone, and an encrypted disk", request(&[], |it| it.wrong_key(VM, 30, 0)), fact, "yes");
    check("no request", with(|it| it.wrong_key(VM, 0, 0)), fact, "?");
}

#[test]
fn settings_of_disks() {
    let fact = Fact::SharedDisk;
    let set = |sharing: &'static str| {
        with(move |it| {
            it.settings(VM, -100, &[("scsi1:0.sharing", sharing)]);
            disk_gone(it, 0);
        })
    };
    check("multi-writer", set("multi-writer"), fact, "yes");
    check("not shared", set("sharing-none"), fact, "no");
    check("no settings", with(|it| disk_gone(it, 0)), fact, "?");
}

#[test]
fn a_uuid_that_two_vms_have() {
    let fact = Fact::DuplicateUuid;
    let uuids = |other: &'static str| {
        with(move |it| {
            it.settings(VM, -100, &[("uuid.bios", "42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6")]);
            it.settings("COPY-01", -90, &[("uuid.bios", other)]);
            disk_gone(it, 0);
        })
    };
    check("the same", uuids("42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6"), fact, "yes");
    check("another", uuids("42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b7"), fact, "?");
}

#[test]
fn keys_on_the_host() {
    let fact = Fact::HostHoldsKey;
    let locked = "com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost";
    check("locked", with(|it| it.event(VM, HOST, 0, locked)), fact, "no");
    let unlocked = |at| {
        with(move |it| {
            it.event(VM, HOST, 0, locked);
            it.event(VM, HOST, at, "com.vmware.vc.vm.Crypto.VMUnlocked");
        })
    };
    check("unlocked later", unlocked(60), fact, "yes");
    check("unlocked before", unlocked(-60), fact, "no");
    let mut opened = failed(|it| it.rekeyed(VM, HOST, 60, "NKP-1", "KMS-EXT"));
    check("a key was changed", opened.clone(), fact, "yes");
    opened.booted(HOST, 120);
    check("and the host started after it", opened, fact, "?");
    check("nothing said", failed(|_| ()), fact, "?");

    let fact = Fact::HostRebooted;
    check(
        "it went on",
        with(|it| {
            it.event(VM, HOST, 2400, "com.vmware.vc.vm.Crypto.VMUnlocked");
            it.event(VM, HOST, 2500, locked);
            it.booted(HOST, -2000);
            it.booted(HOST, 3000);
        }),
        fact,
        "no",
    );
    check(
        "it started in between",
        with(|it| {
            it.event(VM, HOST, 2400, "com.vmware.vc.vm.Crypto.VMUnlocked");
            it.event(VM, HOST, 2500, locked);
            it.booted(HOST, 2450);
        }),
        fact,
        "yes",
    );
    check(
        "another host did",
        with(|it| {
            it.event(VM, HOST, 2400, "com.vmware.vc.vm.Crypto.VMUnlocked");
            it.event(VM, HOST, 2500, locked);
            it.booted("esx02", 2450);
        }),
        fact,
        "?",
    );
}

#[test]
fn providers() {
    let answered = |host: &'static str| failed(move |it| it.rekeyed("APP-02", host, 60, "NKP-1", "KMS-EXT"));
    for (fact, bad, good) in [
        (Fact::ProviderUnavailable, "yes", "no"),
        (Fact::ProviderReachable, "no", "yes"),
        (Fact::ProviderKnown, "no", "yes"),
    ] {
        check("an error and nothing after it", failed(|_| ()), fact, bad);
        check("another VM has its key changed on that host", answered(HOST), fact, good);
        check("another VM has its key changed elsewhere", answered("esx02"), fact, bad);
        check("to another provider", failed(|it| it.rekeyed("APP-02", HOST, 60, "NKP-1", "KMS-2")), fact, bad);
        check("before it", failed(|it| it.rekeyed("APP-02", HOST, -60, "NKP-1", "KMS-EXT")), fact, bad);
        check("this VM has", failed(|it| it.rekeyed(VM, HOST, 60, "NKP-1", "KMS-EXT")), fact, good);
    }
    let changed = with(|it| it.rekeyed(VM, HOST, 0, "NKP-1", "KMS-EXT"));
    check("it worked", changed.clone(), Fact::ProviderReachable, "yes");
    check("it worked", changed, Fact::ProviderUnavailable, "no");
    let quiet = || {
        let mut brief = Brief::new().sparse();
        brief.wrong_key(VM, 0, 0);
        brief
    };
    check("a VM's log alone", quiet(), Fact::ProviderUnavailable, "?");
    check("a VM's log alone", quiet(), Fact::ProviderReachable, "?");
    // An error of vCenter that names neither VM nor provider stands in the way of a re-key at that time.
    let unreachable = |at: i64| {
        let mut brief = Brief::new();
        let rekey = brief.rekey(VM, HOST, 0, "NKP-1", "KMS-EXT");
        brief.vcenter_event(at, "com.vmware.vc.kms.crypto.Unreachable");
        brief.rekey_ends(&rekey, 10, false);
        brief
    };
    check("a key server cannot be reached meanwhile", unreachable(5), Fact::ProviderUnavailable, "yes");
    check("a key server could not be reached before", unreachable(-900), Fact::ProviderUnavailable, "no");

    let unregister =
        "[VpxLRO] -- BEGIN task-811 -- CryptoManager -- vim.encryption.CryptoManagerKmip.unregisterKmsCluster -- 52aa";
    check("taken out", failed(|it| it.vcenter(-500, unregister)), Fact::ProviderRemoved, "yes");
    let unlocked = "com.vmware.vc.vm.Crypto.VMUnlocked";
    let since = failed(|it| {
        it.vcenter(-500, unregister);
        it.event(VM, HOST, 60, unlocked);
    });
    check("taken out, and the VM got its keys since", since, Fact::ProviderRemoved, "no");
    check("not taken out", failed(|_| ()), Fact::ProviderRemoved, "no");
    check("no vCenter", with(|it| it.wrong_key(VM, 0, 0)), Fact::ProviderRemoved, "?");
}

#[test]
fn a_key_that_its_provider_does_not_have() {
    let fact = Fact::KeyMissingInKms;
    let missing = |it: &mut Brief| it.event(VM, HOST, 0, "com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnKMS");
    check("missing", with(missing), fact, "yes");
    let later = with(|it| {
        missing(it);
        it.event(VM, HOST, 60, "com.vmware.vc.vm.Crypto.VMUnlocked");
    });
    check("unlocked later", later, fact, "no");
    check("nothing said", failed(|_| ()), fact, "?");
}

#[test]
fn native_key_providers() {
    let fact = Fact::NkpBackedUp;
    let (good, bad) = ("com.vmware.vc.kms.crypto.AllBackedUp", "com.vmware.vc.kms.crypto.NotBackedUp");
    check("backed up", failed(|it| it.vcenter_event(-600, good)), fact, "yes");
    let outdated = |it: &mut Brief| {
        it.vcenter_event(-600, good);
        it.vcenter_event(-300, bad);
    };
    check("no longer", failed(outdated), fact, "no");
    check("nothing said", failed(|_| ()), fact, "?");

    let fact = Fact::NkpMismatch;
    let cannot =
        |it: &mut Brief| it.host_of_vm(VM, HOST, 0, "Unable to decrypt the ciphertext. Failed to decrypt the key");
    check("a key cannot be decrypted", with(cannot), fact, "yes");
    let later = with(|it| {
        cannot(it);
        it.event(VM, HOST, 60, "com.vmware.vc.vm.Crypto.VMUnlocked");
    });
    check("unlocked later", later, fact, "no");
    check("nothing said", failed(|_| ()), fact, "?");
}

#[test]
fn what_keeps_a_registration_from_working() {
    let refused = "Result:\n(vim.fault.NoPermission) {\n   faultCause = (vmodl.MethodFault) null,\n   privilegeId = \"Cryptographer.Recrypt\"\n   msg = \"\"\n}";
    check("no permission", with(|it| it.host_of_vm(VM, HOST, 0, refused)), Fact::PrivilegeMissing, "yes");
    check("nothing said", failed(|_| ()), Fact::PrivilegeMissing, "?");
    check("a disk is gone", with(|it| disk_gone(it, 0)), Fact::FileMissing, "yes");
    let opened = with(|it| {
        disk_gone(it, 0);
        it.opened(VM, 60, 1);
    });
    check("it opened later", opened, Fact::FileMissing, "no");
    check("nothing said", failed(|_| ()), Fact::FileMissing, "?");
}

#[test]
fn how_far_a_failure_reaches() {
    let another = |host: &'static str, vm: &'static str, provider: &'static str| {
        failed(move |it| {
            let rekey = it.rekey(vm, host, 60, "NKP-1", provider);
            it.provider_missing(&rekey, 61, provider);
            it.rekey_ends(&rekey, 62, false);
        })
    };
    let elsewhere = || failed(|it| it.rekeyed("APP-02", "esx02", 60, "NKP-1", "KMS-EXT"));
    check("another host works", elsewhere(), Fact::OneHost, "yes");
    check("another host works", elsewhere(), Fact::ManyHosts, "no");
    check("another host fails", another("esx02", "APP-02", "KMS-EXT"), Fact::ManyHosts, "yes");
    check("another host fails", another("esx02", "APP-02", "KMS-EXT"), Fact::OneHost, "no");
    check("another failure elsewhere", another("esx02", "APP-02", "KMS-2"), Fact::ManyHosts, "?");
    // That a host has no such error says nothing: nobody may have asked it.
    let idle = || failed(|it| it.host("esx02", 0, "Default", "Idle"));
    check("another host is silent", idle(), Fact::OneHost, "?");
    check("another host is silent", idle(), Fact::ManyHosts, "?");
}
