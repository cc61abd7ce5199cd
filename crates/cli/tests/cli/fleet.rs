//! The logs of a fleet that was re-keyed, one VM after the other: thirty successes and three failures, or as asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::harness::Folder;

/// How the re-key of one VM ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    Well,
    ProviderMissing,
    ResetByHa,
}

/// VMs of the fleet: APP-05 and APP-17 do not find the provider, APP-23 is reset.
pub(crate) const FAILED: [(usize, Ends); 3] =
    [(5, Ends::ProviderMissing), (17, Ends::ProviderMissing), (23, Ends::ResetByHa)];

/// The logs of three hosts, below `in/`, on which 33 VMs with two disks each are re-keyed from NKP-1 to KMS-EXT.
pub(crate) fn fleet() -> Folder {
    write(Folder::new(), 33, |number| FAILED.iter().find(|it| it.0 == number).map_or(Ends::Well, |it| it.1))
}

/// The same with so many VMs that end as asked.
pub(crate) fn write(folder: Folder, vms: usize, ends: impl Fn(usize) -> Ends) -> Folder {
    let mut hosts: BTreeMap<String, String> = BTreeMap::new();
    for number in 1..=vms {
        let host = format!("esx0{}", 1 + number % 3);
        let log = hosts.entry(host.clone()).or_insert_with(|| {
            let at = stamp(0);
            format!("{at} - last log rotation time, {at} - time the service was last started {at}, Section for VMware ESX, pid=2098912, version=7.0.3, build=20328353, option=Release\n")
        });
        log.push_str(&vm(&host, number, ends(number)));
    }
    let end = stamp(60 * vms + 600);
    hosts.into_iter().fold(folder, |folder, (host, log)| {
        let last = format!("{end} info hostd[2099138] [Originator@6876 sub=Hostsvc] The end of the log\n");
        folder.with(&format!("in/{host}/hostd.log"), log + &last)
    })
}

fn stamp(seconds: usize) -> String {
    let (hours, minutes, seconds) = (20 + seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("2024-05-{:02}T{:02}:{minutes:02}:{seconds:02}.000Z", 14 + hours / 24, hours % 24)
}

/// hostd's records of one re-key, the n-th, which begins n minutes after the first.
fn vm(host: &str, number: usize, ends: Ends) -> String {
    let (name, vmid, at) = (format!("APP-{number:02}"), 100 + number, 60 * number);
    let op = format!("l{number:07}-4{number:04}-auto-abc-h5:7000{number:04}-aa-01-ab12");
    let task = format!("haTask-{vmid}-vim.VirtualMachine.reconfigure-{}", 900_000 + number * 7);
    let folder = format!("/vmfs/volumes/ds1/{name}");
    let home = format!("Vmsvc.vm:{folder}/{name}.vmx");
    let mut log = String::new();
    let mut say = |wait: usize, level: &str, sub: &str, text: &str| {
        let head = format!(
            "{} {level} hostd[2099138] [Originator@6876 sub={sub} opID={op} user=vpxuser:VSPHERE.LOCAL\\Administrator] ",
            stamp(at + wait)
        );
        writeln!(log, "{head}{}", text.replace('\n', "\n--> ")).unwrap();
    };
    let (tasks, events) = ("Vimsvc.TaskManager", "Vimsvc.ha-eventmgr");
    say(0, "info", tasks, &format!("Task Created : {task}"));
    say(0, "info", &home, &request(&folder, &name, number));
    match ends {
        Ends::Well => {
            let key = |key: &str, provider: &str| {
                format!("(keyId = \"{key}-{number:02}\",providerId = (id = \"{provider}\"))")
            };
            let change = format!("keyId:{} -> {};", key("old", "NKP-1"), key("new", "KMS-EXT"));
            let device = "config.hardware.device";
            let event = format!(
                "Event 5{number:03} : Reconfigured {name} on {host}.lab.example in ha-datacenter.  \n \nModified:  \n \n{device}(2000).backing.{change} \n\n{device}(2001).backing.{change} \n\nconfig.{change} \n\nAdded:  \n \nDeleted:  \n "
            );
            say(2, "info", events, &event);
            say(3, "info", tasks, &format!("Task Completed : {task} Status success"));
        }
        Ends::ProviderMissing => {
            let error = "Failed to resolve key provider: Error:\n   com.vmware.vapi.std.errors.not_found\nMessages:\n   com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>\n";
            say(2, "error", &home, error);
            say(3, "info", tasks, &format!("Task Completed : {task} Status error"));
        }
        Ends::ResetByHa => {
            say(20, "info", &home, "State Transition (VM_STATE_ON -> VM_STATE_CREATE_SCREENSHOT)");
            say(
                20,
                "info",
                events,
                &format!(
                    "Event 4711 : This virtual machine reset by HA. Reason: VMware Tools heartbeat failure. A screenshot is saved at {folder}/{name}-0.png."
                ),
            );
            say(23, "info", tasks, &format!("Task Completed : {task} Status error"));
        }
    }
    log
}

/// The request to re-wrap the home and two disks.
fn request(folder: &str, name: &str, number: usize) -> String {
    let crypto = |indent: &str| {
        format!(
            "{indent}crypto = (vim.encryption.CryptoSpecShallowRecrypt) {{\n{indent}   newKeyId = (vim.encryption.CryptoKeyId) {{\n{indent}      keyId = \"new-{number:02}\", \n{indent}      providerId = (vim.encryption.KeyProviderId) {{\n{indent}         id = \"KMS-EXT\"\n{indent}      }}\n{indent}   }}\n{indent}}}"
        )
    };
    let disk = |device: u32, file: &str| {
        format!(
            "      (vim.vm.device.VirtualDeviceSpec) {{\n         operation = \"edit\", \n         device = (vim.vm.device.VirtualDisk) {{\n            key = {device}, \n            backing = (vim.vm.device.VirtualDisk.FlatVer2BackingInfo) {{\n               fileName = \"ds://{folder}/{file}\", \n               keyId = (vim.encryption.CryptoKeyId) {{\n                  keyId = \"old-{number:02}\", \n                  providerId = (vim.encryption.KeyProviderId) {{\n                     id = \"NKP-1\"\n                  }}\n               }}\n            }}\n         }}, \n         backing = (vim.vm.device.VirtualDeviceSpec.BackingSpec) {{\n{}\n         }}\n      }}",
            crypto("            ")
        )
    };
    let disks = [disk(2000, &format!("{name}.vmdk")), disk(2001, &format!("{name}_1.vmdk"))].join(", \n");
    format!(
        "Reconfigure: (vim.vm.ConfigSpec) {{\n   changeVersion = <unset>, \n   deviceChange = (vim.vm.device.VirtualDeviceSpec) [\n{disks}\n   ], \n{}\n}}",
        crypto("   ")
    )
}

/// Adds the files of a VM with two disks: the home and each disk on the key of a provider.
pub(crate) fn with_files(folder: Folder, name: &str, providers: [&str; 3]) -> Folder {
    let locator = |provider: &str| {
        format!("vmware:key/list/(pair/(fqid/<VMWARE-NULL>/{provider}/key-of-{provider},HMAC%2dSHA%2d256,c2VjcmV0))")
    };
    let files = [format!("{name}.vmdk"), format!("{name}_1.vmdk")];
    let vmx = format!(
        ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"{name}\"\nscsi0:0.present = \"TRUE\"\nscsi0:0.fileName = \"{}\"\nscsi0:1.present = \"TRUE\"\nscsi0:1.fileName = \"{}\"\nencryption.bundle = \"{}\"\n",
        files[0],
        files[1],
        locator(providers[0])
    );
    let home = format!("in/vmfs/volumes/ds1/{name}");
    let mut folder = folder
        .with(&format!("{home}/{name}.vmx"), vmx)
        .with(&format!("{home}/{name}.vmsd"), ".encoding = \"UTF-8\"\nsnapshot.numSnapshots = \"0\"\n");
    for (file, provider) in files.iter().zip(&providers[1..]) {
        let stem = file.trim_end_matches(".vmdk");
        let descriptor = format!(
            "# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=3a1f0c2e\nparentCID=ffffffff\ncreateType=\"vmfs\"\nRW 83886080 VMFS \"{stem}-flat.vmdk\"\nencryptionKeys=\"{}\"\n",
            locator(provider)
        );
        folder = folder.with(&format!("{home}/{file}"), descriptor);
    }
    folder
}
