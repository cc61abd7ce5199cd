//! Files that are no logs but evidence: what they say, that their lines add up, and that no secret leaves.

use std::fmt::Write as _;

use esxray_model::FormatName;
use esxray_record::files::{EvidenceFile, FileKind, HIDDEN, HostFile, HostFileKind, KeyLocator, Vmx, recognise};
use esxray_record::{Account, ReadOptions, read};
use proptest::prelude::*;

const OLD: &str = "b3c1f9d2-6a52-4c1e-9f5a-0d7e11aa22bb";
const NEW: &str = "5ce1d0f8-1111-4222-8333-944455556666";

/// Reads a source; where it is a file, no block may come, and its lines must add up.
fn account(name: &str, bytes: &[u8]) -> Account {
    let mut blocks = 0;
    let options = ReadOptions { keep_entries: true, ..ReadOptions::default() };
    let account = read(&mut &bytes[..], name, &options, &mut |_| blocks += 1);
    if account.file.is_some() {
        assert_eq!(blocks, 0, "a file is handed out as no block");
    }
    let kinds = account.records + account.continuation_lines + account.unparsed_lines + account.blank_lines;
    assert_eq!(kinds, account.lines, "{account:?}");
    if account.decoding.read_bytes == account.bytes {
        let newlines = memchr::memchr_iter(b'\n', bytes).count() as u64;
        let cr = account.decoding.carriage_returns;
        let open = u64::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
        assert!(cr || account.lines == newlines + open, "{} lines", account.lines);
    }
    assert_eq!(account.decoding.read_bytes, bytes.len() as u64);
    account
}

fn file(name: &str, bytes: &[u8]) -> EvidenceFile {
    *account(name, bytes).file.unwrap_or_else(|| panic!("{name} is not recognised"))
}

fn vmx(text: &str) -> Vmx {
    let EvidenceFile::Vmx(vmx) = file("x", text.as_bytes()) else { panic!("no .vmx: {text}") };
    vmx
}

fn host(kind: HostFileKind, name: &str, text: &str) -> HostFile {
    let account = account(name, text.as_bytes());
    let Some(EvidenceFile::Host(host)) = account.file.map(|it| *it) else { panic!("not recognised: {text}") };
    assert_eq!((host.kind, account.unparsed_lines), (kind, 0), "{:?}", host.problems);
    host
}

fn bundle(provider: &str, key: &str) -> String {
    format!("vmware:key/list/(pair/(fqid/<VMWARE-NULL>/{provider}/{key},HMAC-SHA-256,{WRAPPED}))")
}

/// What must never be seen again.
const WRAPPED: &str = "U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU";
const SECRETS: &[&str] = &[WRAPPED, "hunter2", "U0FMVA", "S0VZ", "I2Nsb3VkLWNvbmZpZw", "Qk9EWQ"];

/// An encrypted VM with two disks, and everything secret that a `.vmx` may hold.
fn encrypted() -> String {
    format!(
        "#!/usr/bin/vmware\n\
         .encoding = \"UTF-8\"\n\
         config.version = \"8\"\n\
         virtualHW.version = \"19\"\n\
         displayName = \"APP |22one|22\"\n\
         guestOS = \"rhel8-64\"\n\
         uuid.bios = \"42 0c 5e 91 d4 0b 7a 66-13 f8 2c 90 ab 4d 61 e7\"\n\
         vc.uuid = \"50 0c 5e 91 d4 0b 7a 66-13 f8 2c 90 ab 4d 61 e7\"\n\
         nvram = \"APP-01.nvram\"\n\
         vtpm.present = \"TRUE\"\n\
         vtpm.ekCRT = \"-----BEGIN CERTIFICATE-----Qk9EWQ\"\n\
         encryption.bundle = \"{}\"\n\
         encryption.data = \"Qk9EWQ==\"\n\
         dataFileKey = \"type=key:cipher=XTS-AES-256:key=S0VZ\"\n\
         RemoteDisplay.vnc.password = \"hunter2\"\n\
         guestinfo.userdata = \"I2Nsb3VkLWNvbmZpZw==\"\n\
         annotation = \"root is hunter2\"\n\
         \n\
         scsi0.virtualDev = \"pvscsi\"\n\
         scsi0.present = \"TRUE\"\n\
         SCSI0:1.fileName = \"/vmfs/volumes/ds2/APP-01/APP-01_1.vmdk\"\n\
         scsi0:0.present=\"TRUE\"\n\
         scsi0:0.fileName = \"APP-01.vmdk\"\n\
         scsi0:0.mode = \"independent-persistent\"\n\
         scsi0:1.sharing = \"multi-writer\"\n\
         sata0:0.fileName = \"/vmfs/volumes/iso/tools.iso\"\n\
         sata0:0.present = \"FALSE\"\n",
        bundle("KMS-NEW", NEW)
    )
}

#[test]
fn a_vmx_says_who_the_vm_is_and_which_keys_unlock_it() {
    let vmx = vmx(&encrypted());
    let name = vmx.display_name.as_ref().unwrap();
    assert_eq!((name.value.as_str(), name.line), ("APP \"one\"", 5));
    assert_eq!(vmx.bios_uuid.as_ref().unwrap().value, "42 0c 5e 91 d4 0b 7a 66-13 f8 2c 90 ab 4d 61 e7");
    assert!(vmx.instance_uuid.as_ref().unwrap().value.starts_with("50 0c"));
    assert_eq!(vmx.hardware_version.as_ref().unwrap().value, "19");
    assert!(vmx.is_encrypted() && vmx.vtpm.as_ref().unwrap().value);
    assert_eq!((vmx.encrypted_data, vmx.plain_data_key), (Some(13), Some(14)));
    let keys = vmx.keys();
    assert_eq!((keys.len(), keys[0].line), (1, 12));
    assert_eq!(keys[0].value.provider.as_deref(), Some("KMS-NEW"));
    assert_eq!(keys[0].value.key.as_deref(), Some(NEW));
    assert_eq!(keys[0].value.unique, None);
    let nodes: Vec<(&str, u64, bool)> =
        vmx.devices.iter().map(|it| (it.node.as_str(), it.line, it.is_disk())).collect();
    assert_eq!(nodes, [("scsi0:1", 21, true), ("scsi0:0", 22, true), ("sata0:0", 26, false)]);
    assert_eq!(vmx.devices[0].controller.as_ref().unwrap().value, "pvscsi");
    assert_eq!(vmx.devices[1].mode.as_ref().unwrap().value, "independent-persistent");
    assert_eq!(vmx.devices[0].sharing.as_ref().unwrap().value, "multi-writer");
}

#[test]
fn no_secret_leaves_a_file() {
    let mut texts = vec![("a.vmx", encrypted()), ("b.vmdk", descriptor("KMS-NEW", NEW))];
    texts.push((
        "hosted.vmx",
        format!(
            ".encoding = \"UTF-8\"\ndisplayName = \"APP-01\"\nguestOS = \"x\"\nencryption.keySafe = \"vmware:key/list/(pair/(phrase/id%3d/\
             pass2key%3dPBKDF2%2dHMAC%2dSHA%2d1%3acipher%3dAES%2d256%3arounds%3d1000%3asalt%3dU0FMVA%3d%3d,HMAC%2dSHA%2d1,{WRAPPED}))\"\n\
             encryption.data = \"Qk9EWQ\"\nx = \"vmware:key/rawkey/S0VZ/(\"\n"
        ),
    ));
    for (name, text) in texts {
        let account = account(name, text.as_bytes());
        assert!(account.file.is_some(), "{name}");
        let entries: String = account.entries.iter().fold(String::new(), |all, it| all + &it.text + "\n");
        assert!(entries.contains(HIDDEN), "{entries}");
        for secret in SECRETS {
            assert!(!format!("{account:?}").contains(secret), "{secret} in {account:#?}");
        }
    }
}

fn descriptor(provider: &str, key: &str) -> String {
    format!(
        "# Disk DescriptorFile\r\n\
         version=4\r\n\
         encoding=\"UTF-8\"\r\n\
         CID=fffffffe\r\n\
         parentCID=1a2b3c4d\r\n\
         createType=\"vmfsSparse\"\r\n\
         parentFileNameHint=\"APP-01.vmdk\"\r\n\
         keyID=\"{key}\"\r\n\
         encryptionKeys=\"{}\"\r\n\
         \r\n\
         # Extent description\r\n\
         RW 83886080 VMFSSPARSE \"APP-01-000001-sesparse.vmdk\"\r\n\
         RW 63 ZERO\r\n\
         \r\n\
         # The Disk Data Base\r\n\
         #DDB\r\n\
         ddb.adapterType = \"lsilogic\"\r\n\
         ddb.iofilters = \"vmwarevmcrypt\"\r\n\
         ddb.thinProvisioned = \"1\"\r\n\
         ddb.longContentID = \"0123456789abcdef0123456789abcdef\"\r\n",
        bundle(provider, key)
    )
}

#[test]
fn a_descriptor_says_its_chain_and_its_keys() {
    let text = descriptor("KMS-OLD", OLD);
    let account = account("APP-01-000001.vmdk", text.as_bytes());
    assert_eq!((account.records, account.blank_lines, account.unparsed_lines), (18, 2, 0));
    assert_eq!(account.form.unwrap().dialect_name(), "vmdk-descriptor");
    let Some(EvidenceFile::Descriptor(disk)) = account.file.map(|it| *it) else { panic!() };
    assert_eq!((disk.cid.unwrap().value, disk.parent_cid.as_ref().unwrap().value), (0xffff_fffe, 0x1a2b_3c4d));
    assert_eq!(disk.parent_file.as_ref().unwrap().value, "APP-01.vmdk");
    assert_eq!((disk.extents.len(), disk.extents[0].sectors, disk.extents[0].line), (2, 83_886_080, 12));
    assert_eq!(disk.extents[1].file, None);
    assert_eq!(disk.encryption_keys.unwrap().value.unwrap().keys()[0].provider.as_deref(), Some("KMS-OLD"));
    assert_eq!((disk.io_filters.unwrap().value.as_str(), disk.thin.unwrap().value), ("vmwarevmcrypt", true));
    assert_eq!(disk.problems, []);
}

#[test]
fn the_snapshots_of_a_vm() {
    let text = ".encoding = \"UTF-8\"\nsnapshot.lastUID = \"2\"\nsnapshot.current = \"2\"\nsnapshot0.uid = \"1\"\n\
                snapshot0.displayName = \"before |22re-key|22\"\nsnapshot0.createTimeHigh = \"391498\"\n\
                snapshot0.createTimeLow = \"-1203476352\"\nsnapshot0.disk0.fileName = \"APP-01.vmdk\"\n\
                snapshot0.disk0.node = \"scsi0:0\"\nsnapshot1.uid = \"2\"\nsnapshot1.parent = \"1\"\nsnapshot.numSnapshots = \"2\"\n";
    let EvidenceFile::Snapshots(vmsd) = file("APP-01.vmsd", text.as_bytes()) else { panic!() };
    assert_eq!((vmsd.current.unwrap().value, vmsd.snapshots.len()), (2, 2));
    let [one, two] = vmsd.snapshots.as_slice() else { panic!() };
    assert_eq!((one.uid, one.parent, two.parent, one.line), (1, None, Some(1), 4));
    assert_eq!(one.name.as_ref().unwrap().value, "before \"re-key\"");
    let micros = (391_498_i64 << 32) + i64::from(u32::from_ne_bytes((-1_203_476_352_i32).to_ne_bytes()));
    assert_eq!(one.created.unwrap().as_micros(), micros);
    assert!(one.created.unwrap().to_string().starts_with("2023-"), "{}", one.created.unwrap());
    assert_eq!(one.disks[0].node.as_deref(), Some("scsi0:0"));
    assert_eq!(vmsd.problems, []);

    let says_none = |name: &str, text: &str| match file(name, text.as_bytes()) {
        EvidenceFile::Snapshots(vmsd) => vmsd.says_none(),
        other => panic!("{other:?}"),
    };
    assert!(says_none("A.vmsd", ".encoding = \"UTF-8\"\n"));
    assert!(says_none("A.vmsd", "snapshot.lastUID = \"3\"\nsnapshot.numSnapshots = \"0\"\n"));
    assert!(!says_none("A.vmsd", "snapshot.numSnapshots = \"1\"\nsnapshot0.displayName = \"x\"\n"));
}

#[test]
fn branches_of_snapshots() {
    let branches = |parents: &[u32]| {
        let mut text = String::new();
        for (at, parent) in parents.iter().enumerate() {
            let _ = write!(text, "snapshot{at}.uid = \"{}\"\nsnapshot{at}.parent = \"{parent}\"\n", at + 1);
        }
        let EvidenceFile::Snapshots(vmsd) = file("A.vmsd", text.as_bytes()) else { panic!() };
        vmsd.has_branches()
    };
    assert!(!branches(&[0, 1, 2]));
    assert!(branches(&[0, 1, 1]));
}

#[test]
fn the_inventory_of_a_host() {
    let text = "<?xml version=\"1.0\"?>\n<!-- x -->\n<ConfigRoot>\n  <ConfigEntry id=\"0000\">\n    <objID>62</objID>\n    <secDomain/>\n\
                \n    <vmxCfgPath>/vmfs/volumes/ds1/R&amp;D &#x5b;old]/R&amp;D.vmx</vmxCfgPath>\n  </ConfigEntry>\n\
                  <ConfigEntry id=\"1\"><objID>x</objID><vmxCfgPath><![CDATA[/vmfs/a<b.vmx]]></vmxCfgPath></ConfigEntry>\n</ConfigRoot>\n";
    let account = account("vmInventory.xml", text.as_bytes());
    assert_eq!(
        (account.records, account.continuation_lines, account.blank_lines, account.unparsed_lines),
        (6, 4, 1, 0)
    );
    let Some(EvidenceFile::VmInventory(inventory)) = account.file.map(|it| *it) else { panic!() };
    let vms: Vec<(Option<u32>, &str, u64)> = inventory
        .vms
        .iter()
        .map(|it| (it.vmid.as_ref().map(|it| it.value), it.path.value.as_str(), it.path.line))
        .collect();
    assert_eq!(vms, [(Some(62), "/vmfs/volumes/ds1/R&D [old]/R&D.vmx", 8), (None, "/vmfs/a<b.vmx", 10)]);
    assert_eq!(inventory.problems.len(), 1);
}

#[test]
fn entities_are_not_expanded() {
    let mut text = "<?xml version=\"1.0\"?>\n<!DOCTYPE x [\n<!ENTITY a0 \"lol\">\n".to_owned();
    for at in 1..40 {
        let _ = writeln!(text, "<!ENTITY a{at} \"&a{0};&a{0};&a{0};&a{0};\">", at - 1);
    }
    text.push_str("]>\n<ConfigRoot><ConfigEntry>\n<objID>1</objID><vmxCfgPath>&a39;&file;</vmxCfgPath></ConfigEntry></ConfigRoot>\n");
    for at in 0..400 {
        let _ = writeln!(text, "<!-- {at} -->");
    }
    let EvidenceFile::VmInventory(inventory) = file("x.xml", text.as_bytes()) else { panic!() };
    assert_eq!(inventory.vms[0].path.value, "\u{fffd}\u{fffd}");
    assert!(inventory.problems.iter().any(|it| it.what.contains("entity")));
}

const VMS: &str = "\
Vmid          Name                                   File                                   Guest OS         Version   Annotation\n\
9      VM [x] two words   [ds 1] VM [x] two words/VM [x] two words.vmx   rhel8_64Guest     vmx-19    owner: ops\n\
second line of the note\n\
\n\
12     APP-01             [ds1] APP-01/APP-01.vmx                        windows9_64Guest  vmx-13             \n";

#[test]
fn the_list_of_vms() {
    let text = format!("Skipping invalid VM '818'\nSkipping invalid VM '7'\n{VMS}");
    let account = account("getallvms.txt", text.as_bytes());
    assert_eq!(
        (account.records, account.continuation_lines, account.blank_lines, account.unparsed_lines),
        (5, 1, 1, 0)
    );
    assert!(account.entries.iter().all(|it| !it.text.contains("ops") && !it.text.contains("second")));
    let Some(EvidenceFile::VmList(list)) = account.file.map(|it| *it) else { panic!() };
    assert_eq!(list.skipped.iter().map(|it| (it.value, it.line)).collect::<Vec<_>>(), [(818, 1), (7, 2)]);
    let vms: Vec<(u32, &str, &str, &str, &str)> = list
        .vms
        .iter()
        .map(|it| (it.vmid, it.name.as_str(), it.datastore.as_str(), it.path.as_str(), it.hardware.as_str()))
        .collect();
    let first = (9, "VM [x] two words", "ds 1", "VM [x] two words/VM [x] two words.vmx", "vmx-19");
    assert_eq!(vms, [first, (12, "APP-01", "ds1", "APP-01/APP-01.vmx", "vmx-13")]);
}

#[test]
fn what_a_host_says_of_itself() {
    let it =
        host(HostFileKind::Version, "vmware_-vl.txt", "VMware ESXi 8.0.2 build-22380479\nVMware ESXi 8.0 Update 2\n");
    assert_eq!((it.version.unwrap().value.as_str(), it.build.unwrap().value.as_str()), ("8.0.2", "22380479"));
    assert_eq!(it.release.unwrap().value, "VMware ESXi 8.0 Update 2");

    let text = "VMkernel esx01.lab.example 7.0.3 #1 SMP Release build-20328353 Aug 24 2022 11:34:26 x86_64 x86_64 x86_64 ESXi\n";
    let it = host(HostFileKind::Uname, "uname_-a.txt", text);
    assert_eq!(
        (it.host_name.unwrap().value.as_str(), it.build.unwrap().value.as_str()),
        ("esx01.lab.example", "20328353")
    );

    let text = "(Updated) ESXi-8.0U2-22380479-standard\n   Name: (Updated) ESXi-8.0U2-22380479-standard\n   Vendor: VMware, Inc.\n   \
                Creation Time: 2023-09-04T15:07:40\n   VIBs: atlantic 1.0.3.0, bnxtnet 216.0.50\n";
    let it = host(HostFileKind::SoftwareProfile, "x", text);
    assert_eq!((it.version, it.build.unwrap().value.as_str()), (None, "22380479"));

    let text =
        "   Product: VMware ESXi\n   Version: 8.0.2\n   Build: Releasebuild-22380479\n   Update: 2\n   Patch: 0\n";
    assert_eq!(host(HostFileKind::SystemVersion, "x", text).build.unwrap().value, "22380479");
    let text = "   Domain Name: lab.example\n   Fully Qualified Domain Name: esx01.lab.example\n   Host Name: esx01\n";
    assert_eq!(host(HostFileKind::HostName, "x", text).host_name.unwrap().value, "esx01.lab.example");

    let up = |text: &str| host(HostFileKind::Uptime, "uptime.txt", text).uptime_seconds.unwrap().value;
    assert_eq!(
        up(" 10:12:33 up 12 days, 03:04:05, load average: 0.05, 0.06, 0.07\n"),
        12 * 86_400 + 3 * 3600 + 4 * 60 + 5
    );
    assert_eq!(up(" 10:12:33 up 1 day,  3:04,  1 user,  load average: 0.05, 0.06, 0.07\n"), 86_400 + 3 * 3600 + 240);
    assert_eq!(up(" 10:12:33 up 12 min,  load average: 0.05, 0.06, 0.07\n"), 720);
    let name = "localcli_system-stats-uptime-get.txt";
    assert_eq!(host(HostFileKind::UptimeStats, name, "1047845000000\n").uptime_seconds.unwrap().value, 1_047_845);

    let it = host(
        HostFileKind::EsxConf,
        "esx.conf",
        "/resourceGroups/version = \"8.0.0\"\n/system/uuid = \"65f0a1b2-3c4d-5e6f-7a8b-0050560a1b2c\"\n/adv/Misc/HostName = \"esx01\"\n",
    );
    assert_eq!((it.host_name.unwrap().line, it.system_uuid.unwrap().line), (3, 2));
}

#[test]
fn ntp_peers_and_whether_one_is_followed() {
    let head = "     remote           refid      st t when poll reach   delay   offset  jitter\n\
                ==============================================================================\n";
    let row =
        |mark: &str| format!("{mark}ntp1.lab.exampl 192.0.2.7        2 u   33   64  377    0.412   -1.337   0.098\n");
    let it = host(HostFileKind::NtpPeers, "x", &format!("{head}{}{}", row(" "), row("*")));
    assert_eq!((it.ntp_synchronised.as_ref().unwrap().value, it.ntp_synchronised.as_ref().unwrap().line), (true, 4));
    let peer = &it.ntp_peers[1];
    assert_eq!((peer.mark, peer.stratum, peer.reach, peer.offset_micros), ('*', Some(2), Some(255), Some(-1337)));
    assert!(!host(HostFileKind::NtpPeers, "x", &format!("{head}{}", row("x"))).ntp_synchronised.unwrap().value);
    assert!(!host(HostFileKind::NtpPeers, "x", "ntpq: read: Connection refused\n").ntp_synchronised.unwrap().value);
}

#[test]
fn vms_that_run_and_errors_of_the_kernel() {
    let vm = |name: &str, end: &str| {
        format!(
            "{name}{end}\n   World ID: 2101234\n   Process ID: 0\n   VMX Cartel ID: 2101233\n   UUID: 42 0c\n   \
             Display Name: {name}\n   Config File: /vmfs/volumes/ds1/{name}/{name}.vmx\n\n"
        )
    };
    let it = host(HostFileKind::VmProcesses, "x", &(vm("APP-01", ":") + &vm("two words: x", "")));
    let names: Vec<(&str, u64)> = it.running_vms.iter().map(|it| (it.name.as_str(), it.line)).collect();
    assert_eq!(names, [("APP-01", 1), ("two words: x", 9)]);
    assert_eq!(it.running_vms[0].cartel_id.as_ref().unwrap().value, 2_101_233);
    assert_eq!(it.running_vms[0].config_file.as_ref().unwrap().value, "/vmfs/volumes/ds1/APP-01/APP-01.vmx");

    let text = "VMK_ReturnStatus table for VMware ESXi, Build #22380479\nName     Dec     Hex     errno equiv  Description\n\
                -------------------------------\nVMK_OK        0       0       OK       Success\n\
                VMK_NOT_FOUND      195887107       0xbad0003       ENOENT       Not found\n";
    let it = host(HostFileKind::ErrorCodes, "vmkerrcode_-l.txt", text);
    let last = it.error_codes.last().unwrap();
    assert_eq!(
        (last.number, last.name.as_str(), last.text.as_str(), last.line),
        (0xbad_0003, "VMK_NOT_FOUND", "Not found", 5)
    );
}

#[test]
fn what_is_recognised_and_what_is_not() {
    let vmx = "config.version = \"8\"\ndisplayName = \"A\"\n";
    let dict = "2023-12-05T17:42:40.666Z In(05) vmx - DICT displayName = \"A\"\n";
    let wide: Vec<u8> = "\u{feff}config.version = \"8\"\r\nDISPLAYNAME=\"Büro\"\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let EvidenceFile::Vmx(read) = file("x", &wide) else { panic!() };
    assert_eq!(read.display_name.unwrap().value, "Büro");
    for (text, kind) in [
        (vmx.to_owned(), Some(FileKind::Vmx)),
        (format!("\u{feff}{}", vmx.replace('\n', "\r\n")), Some(FileKind::Vmx)),
        (vmx.to_uppercase(), Some(FileKind::Vmx)),
        (format!("# a comment\n\n{vmx}"), Some(FileKind::Vmx)),
        (".encoding = \"UTF-8\"\nencryption.keySafe = \"x\"\nencryption.data = \"y\"".to_owned(), Some(FileKind::Vmx)),
        (String::new(), None),
        ("\n\n".to_owned(), None),
        (dict.repeat(3), None),
        (format!("{vmx}{dict}"), None),
        (format!("{dict}{vmx}"), None),
        (format!("{VMS}{dict}"), None),
        (format!("Dear support,\nthe VMs are:\n{VMS}"), None),
        ("a = \"b\"\nc = \"d\"\n".to_owned(), None),
        ("KDMV\u{1}\0\0\0\u{3}\0\0\0\n# Disk DescriptorFile\nversion=1\nCID=12\n".to_owned(), None),
        ("\0\0\0\0config.version = \"8\"\n".to_owned(), None),
        ("<html><body>ConfigRoot</body></html>".to_owned(), None),
        ("displayName = \"A\"\nguestOS = \"b\"\nsome text\nmore text\nand more\nand more\n".to_owned(), None),
    ] {
        assert_eq!(recognise("x", text.as_bytes()), kind, "{text:?}");
        assert_eq!(account("x", text.as_bytes()).file.is_some(), kind.is_some(), "{text:?}");
    }
    // A log far behind the first bytes.
    let late = format!("{vmx}{}{dict}", "x.y = \"z\"\n".repeat(20_000));
    let account = account("x", late.as_bytes());
    assert!(account.file.is_none() && account.records > 0);
    assert_eq!(account.bytes, late.len() as u64);
}

#[test]
fn encodings_of_a_vmx() {
    let named = |encoding: &str, name: &[u8]| {
        let mut text = format!("config.version = \"8\"\n.encoding = \"{encoding}\"\ndisplayName = \"").into_bytes();
        text.extend_from_slice(name);
        text.extend_from_slice(b"\"\n");
        let account = account("x", &text);
        let Some(EvidenceFile::Vmx(vmx)) = account.file.map(|it| *it) else { panic!() };
        (vmx.display_name.unwrap().value, account.not_utf8, vmx.problems.len())
    };
    assert_eq!(named("windows-1252", b"B\xfcro"), ("Büro".to_owned(), false, 0));
    assert_eq!(named("UTF-8", "Büro".as_bytes()), ("Büro".to_owned(), false, 0));
    assert_eq!(named("UTF-8", b"B\xfcro"), ("B\u{fffd}ro".to_owned(), true, 1));
    assert_eq!(named("GBK", b"\xb0\xe6"), ("\u{fffd}\u{fffd}".to_owned(), true, 2));
    assert_eq!(named("UTF-8", b"B|C3|BCro"), ("Büro".to_owned(), false, 0));
}

#[test]
fn hostile_files_end_and_add_up() {
    let long = format!("config.version = \"8\"\ndisplayName = \"A\"\nencryption.data = \"{}\"\n", "A".repeat(1 << 20));
    assert_eq!(account("x.vmx", long.as_bytes()).records, 3);
    let name = format!("config.version = \"8\"\nguestOS = \"x\"\ndisplayName = \"{}\"\n", "A".repeat(1 << 20));
    assert!(vmx(&name).display_name.is_none());
    let mut keys = "config.version = \"8\"\ndisplayName = \"A\"\n".to_owned();
    for at in 0..100_000 {
        let _ = writeln!(keys, "scsi{}:{}.fileName = \"disk{at}.vmdk\"", at / 1000, at % 1000);
    }
    let it = vmx(&keys);
    assert!(it.devices.len() > 1000 && it.devices.len() < 20_000, "{}", it.devices.len());
    assert!(it.problems.iter().any(|it| it.what.contains("more than is kept")));
    let deep = format!("config.version = \"8\"\nencryption.bundle = \"vmware:key/{}\"\n", "list/(".repeat(5_000));
    assert!(vmx(&deep).bundle.unwrap().value.is_err());
    let nul = format!(
        "config.version = \"8\"\ndisplayName = \"A\"\nvc.uuid = \"1\"\nnvram = \"2\"\nuuid.bios = \"3\"\n{}",
        "\0".repeat(500)
    );
    assert_eq!(account("x.vmx", nul.as_bytes()).nul_bytes, 500);
    let open = "<ConfigRoot>".to_owned() + &"<ConfigEntry>".repeat(50_000);
    assert_eq!(account("x.xml", open.as_bytes()).lines, 1);
    let rows = VMS.to_owned() + &"1  [ [ [.vmx.vmx.vmx.vmx [a] .vmx ".repeat(60_000);
    assert!(account("getallvms", rows.as_bytes()).lines > 5);
}

#[test]
fn what_is_beyond_the_limit_is_counted_and_told() {
    let mut text = "config.version = \"8\"\ndisplayName = \"A\"\n".to_owned();
    while text.len() < 300_000 {
        text.push_str("some.key = \"value\"\n");
    }
    for limit in [1, 100_000, 200_001] {
        let options = ReadOptions { file_limit: limit, ..ReadOptions::default() };
        let account = read(&mut text.as_bytes(), "x", &options, &mut |_| panic!("a block"));
        assert_eq!(account.lines, memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64);
        assert_eq!(account.records + account.unparsed_lines, account.lines);
        assert_eq!(account.bytes, text.len() as u64);
        assert!(account.unread_bytes > 90_000 && account.unread_bytes < text.len() as u64);
        assert!(account.file.unwrap().problems().iter().any(|it| it.what.contains("beyond the limit")));
    }
}

#[test]
fn every_kind_has_a_word_of_its_own() {
    for (name, text, word) in [
        ("x", encrypted(), "vmx"),
        ("x", descriptor("a", "b"), "vmdk-descriptor"),
        ("x", "snapshot.lastUID = \"1\"\n".to_owned(), "vmsd"),
        ("x", "<ConfigRoot/>".to_owned(), "vm-inventory"),
        ("x", VMS.to_owned(), "vm-list"),
        ("x", "/a = \"b\"\n/c = \"d\"\n".to_owned(), "esx-conf"),
        ("x", "VMware ESXi 8.0.2 build-22380479\n".to_owned(), "host-command"),
    ] {
        let form = account(name, text.as_bytes()).form.unwrap();
        assert_eq!((form.format.as_str(), form.dialect_name()), (word, word));
        assert!(form.format.is_file());
    }
    assert!(!FormatName::Hostd.is_file());
}

/// Locators without a secret, of every kind.
fn plain_locator() -> impl Strategy<Value = String> {
    let word = "[a-zA-Z0-9%._-]{0,12}|<VMWARE-NULL>|<VMWARE-EMPTYSTRING>|a%2fb|a%2Fb";
    let leaf = prop_oneof![
        (word, word, word).prop_map(|(a, b, c)| format!("fqid/{a}/{b}/{c}")),
        word.prop_map(|a| format!("ROLE/{a}/server")),
        Just("null/<VMWARE-EMPTYSTRING>".to_owned()),
        (word, word).prop_map(|(a, b)| format!("ldap/{a}/{b}/d/636/true/o%3dx")),
        word.prop_map(|a| format!("phrase/{a}/pass2key%3dPBKDF2%2dHMAC%2dSHA%2d1%3Acipher=AES-256:rounds%3d1000")),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|all| format!("list/({})", all.join(","))),
            inner.prop_map(|it| format!("pair/({it},HMAC%2dSHA%2d256,)")),
        ]
    })
    .prop_map(|it| format!("vmware:key/{it}"))
}

fn secret_locator() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("fqid/<VMWARE-NULL>/kms/k1".to_owned()),
        Just("rawkey/S0VZ/S0VZ".to_owned()),
        Just("phrase/id/salt%3dS0VZ:other=S0VZ:S0VZ:cipher=AES-256".to_owned()),
        Just("script/<VMWARE-NULL>/path/S0VZ".to_owned()),
    ];
    leaf.prop_recursive(5, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| format!("list/({})", all.join(","))),
            inner.prop_map(|it| format!("pair/({it},HMAC-SHA-1,S0VZ+/==)")),
        ]
    })
    .prop_map(|it| format!("vmware:key/{it}"))
}

#[test]
fn no_locator() {
    for text in [
        "",
        "vmware:key/",
        "vmware:key/fqid",
        "vmware:key/fqid/a/b",
        "vmware:key/other/a",
        "vmware:key/list/(",
        "vmware:key/list/(fqid/a/b/c",
        "vmware:key/list/(fqid/a/b/c))",
        "vmware:key/list/(fqid/a/b/c,)",
        "vmware:key/pair/(fqid/a/b/c,HMAC)",
        "vmware:key/pair/(fqid/a/b/c,U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU,x)",
        "vmware:key/fqid/a/b/c(",
    ] {
        assert!(KeyLocator::parse(text).is_err(), "{text}");
    }
    let nested = |depth: usize| format!("vmware:key/{}{}", "list/(".repeat(depth), ")".repeat(depth));
    assert!(KeyLocator::parse(&nested(10)).is_ok());
    assert!(KeyLocator::parse(&nested(10_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_locator_without_secrets_is_written_as_it_was(text in plain_locator()) {
        prop_assert_eq!(KeyLocator::parse(&text).unwrap().to_string(), text);
    }

    #[test]
    fn a_locator_is_read_again_to_the_same_without_its_secrets(text in secret_locator()) {
        let locator = KeyLocator::parse(&text).unwrap();
        let shown = locator.to_string();
        prop_assert!(!format!("{shown}{locator:?}").contains("S0VZ"), "{}", shown);
        prop_assert_eq!(KeyLocator::parse(&shown).unwrap(), locator);
    }

    #[test]
    fn mutated_locators_are_read_or_refused(text in secret_locator(), at in 0_usize..200, with in "[(),/%a<=:]{0,2}", cut in 0_usize..3) {
        let start = at.min(text.len());
        let end = (start + cut).min(text.len());
        let mutated = format!("{}{with}{}", &text[..start], &text[end..]);
        if let Ok(locator) = KeyLocator::parse(&mutated) {
            let shown = locator.to_string();
            prop_assert_eq!(KeyLocator::parse(&shown).unwrap().to_string(), shown);
            let _ = locator.keys();
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = KeyLocator::parse(&text);
        let _ = KeyLocator::parse(&format!("vmware:key/{text}"));
    }

    #[test]
    fn lines_of_files_add_up_whatever_is_in_them(
        which in 0_usize..9,
        mut lines in prop::collection::vec(any::<u16>(), 0..12),
        junk in prop::collection::vec(any::<u8>(), 0..80),
        name in prop::sample::select(vec!["x", "a.vmx", "a.vmdk", "a.vmsd", "esx.conf", "getallvms.txt"]),
    ) {
        let text = [
            encrypted(),
            descriptor("a", "b"),
            VMS.to_owned(),
            "<ConfigRoot>\n<ConfigEntry>\n<objID>1</objID>\n<vmxCfgPath>/a.vmx</vmxCfgPath>\n</ConfigEntry>\n</ConfigRoot>\n".to_owned(),
            "/a = \"b\"\n/c = \"d\"\n".to_owned(),
            "snapshot.lastUID = \"1\"\nsnapshot0.uid = \"1\"\nsnapshot0.disk0.node = \"scsi0:0\"\n".to_owned(),
            "A:\n   World ID: 1\n   Process ID: 0\n   VMX Cartel ID: 2\n   Display Name: A\n".to_owned(),
            "VMK_OK  0  0  OK  Success\nVMK_FAILURE  195887105  0xbad0001  EINVAL  Failure\n".to_owned(),
            "VMware ESXi 8.0.2 build-22380479\nVMware ESXi 8.0 Update 2\n".to_owned(),
        ][which].clone();
        let mut bytes = text.into_bytes();
        lines.sort_unstable();
        for at in lines {
            let at = usize::from(at) % (bytes.len() + 1);
            if at.is_multiple_of(3) {
                bytes.splice(at..at, junk.iter().copied());
            } else {
                bytes.splice(at..(at + 1).min(bytes.len()), junk.first().copied());
            }
        }
        account(name, &bytes);
    }
}
