//! How the files of an incident reach whoever reads them.

use crate::gz;
use crate::scenario::{FixtureFile, Generated};

/// How the files of a tale are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// One folder for each host, vCenter and VM.
    #[default]
    Folders,
    /// The same folders in one `.tgz`.
    Archive,
    /// Support bundles: one of each host, with its VMs' folders, and one of vCenter.
    Bundles,
    /// The same bundles, unpacked.
    Unpacked,
}

/// Whose file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Host(usize),
    VCenter,
    Vm { name: String, folder: String },
}

impl Place {
    /// Whether both are files of one VM, wherever it ran.
    pub(super) fn is_same_vm(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Vm { folder: one, .. }, Self::Vm { folder: two, .. }) if one == two)
    }
}

/// The folder of a file, with `/` at its end.
pub(super) fn folder(place: &Place, hosts: &[String], layout: Layout, shuffled: bool) -> String {
    let host = |number: usize| hosts.get(number).map_or("esx", String::as_str);
    let short = |number: usize| host(number).split('.').next().unwrap_or_default().to_owned();
    let root = |number: usize| format!("esx-{}-2024-03-12--17.10-2104{number}77", host(number));
    match layout {
        Layout::Folders | Layout::Archive => match place {
            // A folder's name says nothing: `z` comes last, `a` first.
            Place::Host(number) if shuffled => format!("z{}/", 9 - number),
            Place::VCenter if shuffled => "zz-logs/".to_owned(),
            Place::Vm { name, .. } if shuffled => format!("a-{}/", name.chars().rev().collect::<String>()),
            Place::Host(number) => format!("{}/", short(*number)),
            Place::VCenter => "vcenter01/".to_owned(),
            Place::Vm { name, .. } => format!("{name}/"),
        },
        Layout::Bundles | Layout::Unpacked => match place {
            Place::Host(number) => format!("{}/var/run/log/", root(*number)),
            Place::VCenter => "vc-vcenter01.lab.example-2024-03-12--17.11-5511/var/log/vmware/vpxd/".to_owned(),
            // Its folder is in the bundle of every host that sees the datastore; once is enough.
            Place::Vm { folder, .. } => format!("{}/{}/", root(0), folder.trim_start_matches('/')),
        },
    }
}

/// Packs the files.
pub(super) fn pack(made: Generated, layout: Layout) -> Generated {
    let archives: Vec<(String, Vec<FixtureFile>)> = match layout {
        Layout::Folders | Layout::Unpacked => return made,
        Layout::Archive => vec![("case-4711".to_owned(), made.files)],
        Layout::Bundles => {
            let mut roots: Vec<(String, Vec<FixtureFile>)> = Vec::new();
            for file in made.files {
                let root = file.path.split('/').next().unwrap_or_default().to_owned();
                match roots.iter_mut().find(|it| it.0 == root) {
                    Some(known) => known.1.push(file),
                    None => roots.push((root, vec![file])),
                }
            }
            roots
        }
    };
    let files = archives
        .into_iter()
        .map(|(name, files)| FixtureFile { path: format!("{name}.tgz"), bytes: gz::stored(&tar(&files)) })
        .collect();
    Generated { files, planted: Vec::new() }
}

/// A tar archive (POSIX ustar) of the files.
fn tar(files: &[FixtureFile]) -> Vec<u8> {
    let mut out = Vec::new();
    for file in files {
        out.extend(header(&file.path, file.bytes.len()));
        out.extend(&file.bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn header(path: &str, size: usize) -> Vec<u8> {
    // Names of more than a hundred bytes are parted at a slash.
    let at = if path.len() <= 100 {
        None
    } else {
        path.match_indices('/').map(|it| it.0).find(|at| *at <= 155 && path.len() - at - 1 <= 100)
    };
    let (prefix, name) =
        at.map_or(("", path), |at| (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()));
    let mut out = Vec::with_capacity(512);
    let mut field = |text: &str, width: usize| {
        let end = out.len() + width;
        out.extend(text.bytes().take(width));
        out.resize(end, 0);
    };
    field(name, 100);
    field("0000644", 8);
    field("0000000", 8);
    field("0000000", 8);
    field(&format!("{size:011o}"), 12);
    field("14573402000", 12);
    field("        ", 8);
    field("0", 1);
    field("", 100);
    field("ustar", 6);
    field("00", 2);
    field("root", 32);
    field("root", 32);
    field("0000000", 8);
    field("0000000", 8);
    field(prefix, 155);
    field("", 12);
    let sum: u32 = out.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    out.splice(148..156, sum.bytes());
    out
}
