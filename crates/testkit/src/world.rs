use crate::dialect::Dialect;
use crate::prng::Prng;

/// A release of ESXi with the dialects that its programs write.
///
/// # Examples
///
/// ```
/// use esxray_testkit::{Dialect, Generation};
///
/// assert_eq!(Generation::V80.hostd(), Dialect::HostdH8);
/// assert_eq!(Generation::V65.hostd(), Dialect::HostdH6Hex);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// ESXi 6.5 Update 3.
    V65,
    /// ESXi 6.7 Update 3.
    V67,
    /// ESXi 7.0 Update 3.
    V70,
    /// ESXi 8.0 Update 2.
    V80,
    /// ESXi 9.0.
    V90,
}

impl Generation {
    /// Every generation.
    pub const ALL: &'static [Self] = &[Self::V65, Self::V67, Self::V70, Self::V80, Self::V90];

    /// Version as the product prints it.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V65 => "6.5.0",
            Self::V67 => "6.7.0",
            Self::V70 => "7.0.3",
            Self::V80 => "8.0.2",
            Self::V90 => "9.0.0",
        }
    }

    /// Build of ESXi.
    pub const fn build(self) -> &'static str {
        match self {
            Self::V65 => "13932383",
            Self::V67 => "14320388",
            Self::V70 => "20328353",
            Self::V80 => "22380479",
            Self::V90 => "24755229",
        }
    }

    /// How the VMX writes.
    pub const fn vmware_log(self) -> Dialect {
        match self {
            Self::V65 | Self::V67 | Self::V70 => Dialect::VmwareI125,
            Self::V80 | Self::V90 => Dialect::VmwareEsx8,
        }
    }

    /// How hostd writes.
    pub const fn hostd(self) -> Dialect {
        match self {
            Self::V65 => Dialect::HostdH6Hex,
            Self::V67 | Self::V70 => Dialect::HostdH6,
            Self::V80 | Self::V90 => Dialect::HostdH8,
        }
    }

    /// How the vSphere HA agent writes. There is no dialect of its own for 6.5: its decimal form is used.
    pub const fn fdm(self) -> Dialect {
        match self {
            Self::V65 | Self::V67 | Self::V70 => Dialect::FdmH6,
            Self::V80 | Self::V90 => Dialect::FdmH8,
        }
    }

    /// How the vCenter Server of that release writes.
    pub const fn vpxd(self) -> Dialect {
        match self {
            Self::V65 => Dialect::VpxdH6Hex,
            Self::V67 | Self::V70 | Self::V80 => Dialect::VpxdH6,
            Self::V90 => Dialect::VpxdH9,
        }
    }

    /// The provider that keys come from before a migration: native providers exist since 7.0 Update 2.
    pub const fn old_provider(self) -> &'static str {
        match self {
            Self::V65 | Self::V67 => "KMS-OLD",
            Self::V70 | Self::V80 | Self::V90 => "NKP-1",
        }
    }
}

/// A key-encryption key, as its two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) provider: String,
    pub(crate) id: String,
}

impl Key {
    /// A key that `provider` might have made: native providers name theirs by a long blob, KMIP servers by a UUID.
    pub(crate) fn of(provider: &str, rng: &mut Prng) -> Self {
        let id = if provider.starts_with("NKP") { rng.base64(140) } else { rng.uuid() };
        Self { provider: provider.to_owned(), id }
    }

    /// `(keyId = "…",providerId = (id = "…"))`, as events print it.
    pub(crate) fn in_event(&self) -> String {
        format!("(keyId = \"{}\",providerId = (id = \"{}\"))", self.id, self.provider)
    }
}

/// A virtual disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    pub(crate) file: String,
    pub(crate) device: u32,
    pub(crate) gib: u64,
}

/// A virtual machine.
#[derive(Debug, Clone)]
pub(crate) struct Vm {
    pub(crate) name: String,
    pub(crate) vmid: u32,
    pub(crate) moref: String,
    pub(crate) folder: String,
    pub(crate) guest: &'static str,
    pub(crate) uuid: String,
    pub(crate) instance_uuid: String,
    pub(crate) cpus: u32,
    pub(crate) memory: u64,
    pub(crate) disks: Vec<Disk>,
    pub(crate) encrypted: bool,
    pub(crate) annotation: String,
}

impl Vm {
    /// A VM with one disk for each suffix: `APP-01.vmdk`, `APP-01_1.vmdk`.
    pub(crate) fn new(name: &str, vmid: u32, moref: u32, volume: &str, suffixes: &[&str], rng: &mut Prng) -> Self {
        // On vSAN the folder's name is the id of its namespace object, elsewhere it is the VM's name.
        let folder = if volume.contains("vsan:") { rng.uuid() } else { name.to_owned() };
        let disks = (2000..)
            .zip(suffixes)
            .map(|(device, suffix)| Disk {
                file: format!("{name}{suffix}.vmdk"),
                device,
                gib: rng.choose(&[40, 60, 100, 200, 500]).copied().unwrap_or(40),
            })
            .collect();
        Self {
            name: name.to_owned(),
            vmid,
            moref: format!("vm-{moref}"),
            folder: format!("{volume}/{folder}"),
            guest: rng.choose(&["rhel8-64", "windows2019srv-64", "ubuntu-64", "sles15-64"]).copied().unwrap_or(""),
            uuid: spaced_uuid("42 0c", rng),
            instance_uuid: spaced_uuid("50 0c", rng),
            cpus: 2,
            memory: rng.choose(&[4096, 8192, 16384]).copied().unwrap_or(4096),
            disks,
            encrypted: false,
            annotation: String::new(),
        }
    }

    /// The same, encrypted.
    pub(crate) fn encrypted(mut self) -> Self {
        self.encrypted = true;
        self
    }

    /// Path of its `.vmx`.
    pub(crate) fn vmx(&self) -> String {
        format!("{}/{}.vmx", self.folder, self.name)
    }

    /// Path of one of its disks; empty for no such disk.
    pub(crate) fn disk(&self, index: usize) -> String {
        self.disks.get(index).map(|disk| format!("{}/{}", self.folder, disk.file)).unwrap_or_default()
    }

    /// hostd's subsystem for this VM.
    pub(crate) fn sub(&self) -> String {
        format!("Vmsvc.vm:{}", self.vmx())
    }
}

/// `42 0c 5e 91 d4 0b 7a 66-13 f8 2c 90 ab 4d 61 e7`, as the `.vmx` holds it.
fn spaced_uuid(start: &str, rng: &mut Prng) -> String {
    let byte = |rng: &mut Prng| rng.hex(2);
    let first: Vec<String> = (0..6).map(|_| byte(rng)).collect();
    let second: Vec<String> = (0..8).map(|_| byte(rng)).collect();
    format!("{start} {}-{}", first.join(" "), second.join(" "))
}

/// An ESXi host with the VMs that run on it.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) generation: Generation,
    pub(crate) name: String,
    pub(crate) moref: String,
    pub(crate) address: String,
    /// VMs that nothing happens to: the noise speaks of them.
    pub(crate) neighbours: Vec<Vm>,
}

impl Host {
    /// Host `esx<number>` with a few VMs on a VMFS datastore.
    pub(crate) fn new(generation: Generation, number: u32, rng: &mut Prng) -> Self {
        let volume = format!("/vmfs/volumes/{}", datastore_uuid(rng));
        let names = ["APP-01", "APP-02", "DB-07", "FILE-01", "JUMP-01", "MON-01", "WEB-01", "WEB-02"];
        let neighbours =
            (11..).zip(names).map(|(vmid, name)| Vm::new(name, vmid, 900 + vmid, &volume, &["", "_1"], rng)).collect();
        Self {
            generation,
            name: format!("esx{number:02}.lab.example"),
            moref: format!("host-{}", 1000 + number),
            address: format!("192.0.2.{}", 100 + number),
            neighbours,
        }
    }
}

/// A VMFS volume's name: `65f0a1b2-3c4d5e6f-7a8b-0050560a1b2c`.
pub(crate) fn datastore_uuid(rng: &mut Prng) -> String {
    format!("65{}-{}-{}-005056{}", rng.hex(6), rng.hex(8), rng.hex(4), rng.hex(6))
}

/// A vSAN datastore's mount point.
pub(crate) fn vsan_volume(rng: &mut Prng) -> String {
    format!("/vmfs/volumes/vsan:52{}-{}", rng.hex(14), rng.hex(16))
}
