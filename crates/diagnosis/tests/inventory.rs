//! The inventory of the fixtures, and of collections of every shape.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the tests make the files that are read")]

use std::path::{Path, PathBuf};

use esxray_diagnosis::{Inventory, LayoutKind, Options, VmSeen, inventory};
use esxray_knowledge::Knowledge;
use esxray_model::KeyState;

fn of(path: PathBuf) -> Inventory {
    inventory(&[path], &Knowledge::builtin().unwrap(), &Options::default()).unwrap()
}

fn fixture(name: &str) -> Inventory {
    of(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name).join("input"))
}

#[track_caller]
fn vm<'i>(inventory: &'i Inventory, name: &str) -> &'i VmSeen {
    let named: Vec<&VmSeen> = inventory.vms.iter().filter(|it| it.vm.name.as_deref() == Some(name)).collect();
    assert_eq!(named.len(), 1, "VMs called {name}");
    named[0]
}

fn providers(inventory: &Inventory) -> Vec<&str> {
    inventory.providers.iter().map(|it| it.provider.as_str()).collect()
}

/// Name and release of each host, vCenter Servers left out.
fn hosts(inventory: &Inventory) -> Vec<(Option<&str>, Vec<&str>)> {
    let hosts = inventory.hosts.iter().filter(|it| !it.vcenter);
    hosts
        .map(|it| {
            let releases = it.versions.iter().filter_map(|it| it.release.as_ref()).map(|it| it.name.as_str());
            (it.name.as_deref(), releases.collect())
        })
        .collect()
}

#[test]
fn hosts_with_the_release_of_their_build() {
    for (name, host, release) in [
        ("ha-reset-mid-rekey", "esx07.lab.example", "ESXi 8.0 U2"),
        ("both-causes", "esx11.lab.example", "ESXi 8.0 U2"),
        ("damaged", "esx10.lab.example", "ESXi 8.0 U2"),
        ("quotes-only", "esx05.lab.example", "ESXi 8.0 U2"),
        ("recovered", "esx09.lab.example", "ESXi 7.0 U3g"),
        ("vmware-log-only", "esx12.lab.example", "ESXi 7.0 U3g"),
        ("clean-host", "esx03.lab.example", "ESXi 6.7 U3"),
    ] {
        assert_eq!(hosts(&fixture(name)), [(Some(host), vec![release])], "{name}");
    }
    let inventory = fixture("ha-reset-mid-rekey");
    let host = inventory.hosts.iter().find(|it| !it.vcenter).unwrap();
    assert_eq!(
        (host.versions[0].version.as_deref(), host.versions[0].build.as_deref()),
        (Some("8.0.2"), Some("22380479"))
    );
    assert_eq!(host.sources.len(), 3, "its hostd.log and both logs of its VM");
    assert_eq!(inventory.hosts.iter().filter(|it| it.vcenter).count(), 1);
}

#[test]
fn vms_with_every_name_they_go_by() {
    let inventory = fixture("ha-reset-mid-rekey");
    let seen = vm(&inventory, "TEST-VM-2");
    assert_eq!(
        seen.vmids.iter().map(|it| (it.vmid.as_str(), it.host.as_str())).collect::<Vec<_>>(),
        [("62", "esx07.lab.example")]
    );
    assert_eq!(seen.morefs, ["vm-1012"]);
    assert_eq!(seen.uuids, ["420cf078-9b6a-422f-b8e2-feb02bc43eb9"]);
    assert!(seen.vmx_paths[0].ends_with("/TEST-VM-2.vmx"));
    assert_eq!(seen.logs.len(), 2);
    assert!(!seen.only_quoted);
    assert_eq!(seen.objects.len(), 3);

    for (name, title, vmid, moref) in [
        ("both-causes", "ERP-01", Some("21"), Some("vm-4021")),
        ("both-causes", "ERP-DB", Some("27"), Some("vm-4027")),
        ("recovered", "CRM-02", Some("41"), Some("vm-3041")),
        ("damaged", "HR-03", Some("71"), None),
        ("quotes-only", "NOTES-01", Some("78"), None),
        ("vmware-log-only", "LEGAL-07", None, None),
    ] {
        let inventory = fixture(name);
        let seen = vm(&inventory, title);
        assert_eq!((seen.vm.vmid.as_deref(), seen.vm.moref.as_deref()), (vmid, moref), "{title}");
    }
}

#[test]
fn providers_keys_and_the_objects_on_them() {
    for (name, expected) in [
        ("ha-reset-mid-rekey", &["KMS-EXT", "NKP-1"][..]),
        ("recovered", &["KMS-EXT", "NKP-1"]),
        ("both-causes", &["KMS-DR", "KMS-EXT", "NKP-1"]),
        ("clean-host", &[]),
        ("damaged", &[]),
        // An error that was pasted into a shell is nobody's provider.
        ("quotes-only", &[]),
    ] {
        assert_eq!(providers(&fixture(name)), expected, "{name}");
    }
    assert!(providers(&fixture("provider-not-found")).contains(&"NKP-1"));

    let pasted = fixture("pasted");
    assert!(pasted.providers.iter().all(|it| it.only_quoted), "{:?}", pasted.providers);

    let inventory = fixture("recovered");
    let keys: Vec<_> = inventory.keys.iter().map(|it| (it.provider.as_deref().unwrap(), it.vms.clone())).collect();
    assert_eq!(keys, [("KMS-EXT", vec!["CRM-02".to_owned()]), ("NKP-1", vec!["CRM-02".to_owned()])]);
    let objects = &vm(&inventory, "CRM-02").objects;
    assert_eq!(objects.len(), 4);
    assert!(objects.iter().all(|it| it.key_state == Some(KeyState::New) && it.provider.as_deref() == Some("KMS-EXT")));
    let objects = &vm(&fixture("both-causes"), "ERP-DB").objects.clone();
    assert!(objects.iter().all(|it| it.key_state == Some(KeyState::Old)), "{objects:?}");
}

/// Kinds, with the logs that are missed.
fn shape(inventory: &Inventory) -> Vec<(LayoutKind, Vec<&str>)> {
    inventory
        .layouts
        .iter()
        .map(|it| (it.kind, it.missing.iter().map(|it| it.log.rsplit('/').next().unwrap()).collect()))
        .collect()
}

#[test]
fn the_fixtures_are_folders_of_vms_and_loose_logs() {
    use LayoutKind::{Logs, VmFolder, VmFolders};
    assert_eq!(shape(&fixture("ha-reset-mid-rekey")), [(VmFolder, vec!["fdm.log"]), (Logs, vec!["fdm.log"])]);
    assert_eq!(shape(&fixture("vmware-log-only")), [(VmFolder, vec!["hostd.log", "fdm.log", "vpxd.log"])]);
    assert_eq!(shape(&fixture("clean-host")), [(VmFolders, vec![]), (Logs, vec![])]);
    assert_eq!(shape(&fixture("pasted")), [(Logs, vec!["hostd.log", "fdm.log", "vpxd.log"])]);
}

const HOSTD: &str = "2023-02-14T15:30:18.858Z info hostd[2099138] [Originator@6876 sub=Vimsvc.TaskManager opID=a-1 user=root] \
Task Created : haTask-ha-host-vim.TaskHistoryCollector.readNext-1\n";
const VPXD: &str = "2023-02-14T15:30:26.174Z info vpxd[04042] [Originator@6876 sub=vpxLro opID=HB-host-1003@74299-b09631d0] \
[VpxLRO] -- FINISH task-internal-451544\n";
const VMX: &str = "2023-02-06T14:33:20.038Z| vmx| I125: Log for VMware ESX pid=2103807 version=6.7.0 build=build-14320388 option=Release\n";

#[test]
fn support_bundles_are_recognised_by_their_paths() {
    use LayoutKind::{EsxiBundle, VcenterBundle};
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("a/esx-esx01-2023-02-14--15.30-1/var/run/log/hostd.log", HOSTD),
        ("a/esx-esx01-2023-02-14--15.30-1/vmfs/volumes/ds1/APP-01/vmware-1.log", VMX),
        ("a/esx-esx01-2023-02-14--15.30-1/vmfs/volumes/ds1/APP-01/vmware-3.log", VMX),
        ("b/vc/var/log/vmware/vpxd/vpxd-1.log", VPXD),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let inventory = of(folder.path().to_owned());
    let missing = ["vpxa.log", "fdm.log", "vmkernel.log", "vobd.log", "vmksummary.log", "vmware.log", "vmware-2.log"];
    assert_eq!(
        shape(&inventory),
        [(EsxiBundle, missing.to_vec()), (VcenterBundle, vec!["vmon.log", "sps.log, ssoAdminServer.log"])]
    );
    assert!(inventory.layouts[0].root.ends_with("a/esx-esx01-2023-02-14--15.30-1"));
    assert!(inventory.layouts[1].root.ends_with("b/vc"));
}

#[test]
fn the_threshold_of_gaps_is_the_callers() {
    let folder = tempfile::tempdir().unwrap();
    let later = HOSTD.replace("15:30:18", "15:50:18");
    std::fs::write(folder.path().join("hostd.log"), format!("{HOSTD}{later}")).unwrap();
    let gaps = |seconds| {
        let mut options = Options::default();
        options.read.gap_seconds = seconds;
        let paths = [folder.path().to_owned()];
        inventory(&paths, &Knowledge::builtin().unwrap(), &options).unwrap().sources[0].gaps.len()
    };
    assert_eq!((gaps(3600), gaps(600)), (0, 1));
}

/// A VM's configuration, its home on one key, and the descriptors of its disks.
fn encrypted_vm(folder: &Path, name: &str, keys: [(&str, &str); 3]) {
    let locator = |(provider, key): (&str, &str)| {
        format!("vmware:key/list/(pair/(fqid/<VMWARE-NULL>/{provider}/{key},HMAC%2dSHA%2d256,c2VjcmV0))")
    };
    std::fs::create_dir_all(folder).unwrap();
    let vmx = format!(
        ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"{name}\"\n\
         uuid.bios = \"42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6\"\n\
         vc.uuid = \"50 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6\"\n\
         scsi0:0.fileName = \"{name}.vmdk\"\nscsi0:0.present = \"TRUE\"\n\
         scsi0:1.fileName = \"{name}_1.vmdk\"\nscsi0:1.present = \"TRUE\"\nencryption.bundle = \"{}\"\n",
        locator(keys[0])
    );
    std::fs::write(folder.join(format!("{name}.vmx")), vmx).unwrap();
    for (suffix, key) in [("", keys[1]), ("_1", keys[2])] {
        let descriptor = format!(
            "# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=3a1f0c2e\nparentCID=ffffffff\ncreateType=\"vmfs\"\n\
             RW 83886080 VMFS \"{name}{suffix}-flat.vmdk\"\nddb.iofilters = \"vmwarevmcrypt\"\nencryptionKeys=\"{}\"\n",
            locator(key)
        );
        std::fs::write(folder.join(format!("{name}{suffix}.vmdk")), descriptor).unwrap();
    }
}

#[test]
fn files_that_are_no_logs_name_vms_hosts_and_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (new, old) = (("KMS-EXT", "6b1f0c2e-1"), ("NKP-1", "7c2f0c2e-2"));
    encrypted_vm(&folder.path().join("APP-01"), "APP-01", [new, new, old]);
    let esx = folder.path().join("esx07");
    for (path, text) in [
        (
            "commands/vim-cmd_vmsvc_getallvms.txt",
            "Skipping invalid VM '818'\n\
             Vmid   Name     File                       Guest OS        Version   Annotation\n\
             62     APP-01   [ds1] APP-01/APP-01.vmx    rhel8_64Guest   vmx-19              \n",
        ),
        ("commands/vmware_-vl.txt", "VMware ESXi 8.0.2 build-22380479\nVMware ESXi 8.0 Update 2\n"),
        (
            "etc/vmware/esx.conf",
            "/adv/Misc/HostName = \"esx07.lab.example\"\n/system/uuid = \"65f0a1b2-c3d4-e5f6-0718\"\n",
        ),
        ("var/run/log/hostd.log", HOSTD),
    ] {
        let path = esx.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let inventory = of(folder.path().to_owned());
    // The VM of the folder is the one that the host lists.
    let seen = vm(&inventory, "APP-01");
    assert_eq!(
        seen.vmids.iter().map(|it| (it.vmid.as_str(), it.host.as_str())).collect::<Vec<_>>(),
        [("62", "esx07.lab.example")]
    );
    assert_eq!(seen.vmx_paths, ["[ds1] APP-01/APP-01.vmx"]);
    assert_eq!(seen.uuids, ["420cf191-8cd4-5497-45cc-b5b1e23843b6"]);
    assert_eq!(seen.instance_uuids, ["500cf191-8cd4-5497-45cc-b5b1e23843b6"]);
    assert_eq!(seen.files.len(), 3);
    let on: Vec<_> = seen.objects.iter().map(|it| (it.provider.as_deref(), it.key_id.as_deref())).collect();
    assert_eq!(on, [new, new, old].map(|it| (Some(it.0), Some(it.1))));
    for name in ["62", "420CF191-8cd4-5497-45cc-b5b1e23843b6", "APP-01/APP-01.vmx", "app-01"] {
        assert!(seen.vm.is(name), "{name}");
    }
    assert!(!seen.vm.is("P-01/APP-01.vmx"));
    let host = &inventory.hosts[0];
    assert_eq!(host.name.as_deref(), Some("esx07.lab.example"));
    assert_eq!(host.versions[0].release.as_ref().unwrap().name, "ESXi 8.0 U2");
    assert_eq!((host.invalid_vmids.as_slice(), host.sources.len()), (&[818][..], 4));
    assert_eq!(inventory.datastores.iter().map(|it| it.names.clone()).collect::<Vec<_>>(), [["ds1"]]);
    assert!(inventory.layouts.iter().any(|it| it.kind == LayoutKind::VmFolder));
}

#[test]
fn two_copies_of_one_vm_stay_two() {
    let folder = tempfile::tempdir().unwrap();
    let key = ("KMS-EXT", "6b1f0c2e-1");
    for datastore in ["65f0a1b2-c3d4e5f6-0718-005056000001", "65f0a1b2-c3d4e5f6-0718-005056000002"] {
        encrypted_vm(&folder.path().join("vmfs/volumes").join(datastore).join("APP-01"), "APP-01", [key; 3]);
    }
    // The same UUIDs and names, on two datastores: a copy that nobody has registered, or the VM before it moved.
    let inventory = of(folder.path().to_owned());
    let named: Vec<&VmSeen> = inventory.vms.iter().filter(|it| it.vm.name.as_deref() == Some("APP-01")).collect();
    assert_eq!(named.len(), 2);
    assert!(named.iter().all(|it| it.files.len() == 3 && it.vmx_paths.len() == 1), "{named:#?}");
}

#[test]
fn a_files_entry_is_cited_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let key = ("KMS-EXT", "6b1f0c2e-1");
    encrypted_vm(folder.path(), "APP-01", [key; 3]);
    let text = std::fs::read_to_string(folder.path().join("APP-01.vmx")).unwrap();
    let options = esxray_record::ReadOptions { keep_entries: true, ..esxray_record::ReadOptions::default() };
    let account = esxray_record::read(&mut text.as_bytes(), "APP-01.vmx", &options, &mut |_| {});
    assert_eq!(account.entries.len(), text.lines().count());
    for entry in &account.entries {
        let line = text.lines().nth(usize::try_from(entry.line).unwrap() - 1).unwrap();
        assert!(text[usize::try_from(entry.byte_offset).unwrap()..].starts_with(line));
        assert!(!entry.text.contains("c2VjcmV0"), "{}", entry.text);
    }
}
