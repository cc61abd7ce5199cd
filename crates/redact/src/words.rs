//! Which words are ordinary: a name that is one can be replaced only where nothing but a name can stand.

use std::collections::BTreeSet;

use esxray_knowledge::Knowledge;

/// Words of log grammar, of products, and of what files and folders are usually called.
const ORDINARY: &str = include_str!("words.txt");

/// Words that name an operating system or a product, also with a number behind.
const PRODUCTS: &[&str] = &[
    "windows",
    "win",
    "ubuntu",
    "debian",
    "centos",
    "rhel",
    "redhat",
    "red",
    "suse",
    "sles",
    "fedora",
    "linux",
    "macos",
    "mac",
    "darwin",
    "freebsd",
    "oracle",
    "esxi",
    "vmware",
    "vsphere",
    "workstation",
    "player",
    "photon",
    "version",
    "build",
    "hard",
    "cd",
    "network",
    "scsi",
    "nvme",
    "sata",
    "ide",
    "floppy",
    "ethernet",
    "vmnic",
    "vmk",
    "vmhba",
    "vmnet",
    "vcpu",
    "cpu",
    "snapshot",
    "disk",
    "task",
    "event",
    "port",
    "line",
    "datastore",
];

/// The ordinary words.
#[derive(Debug)]
pub(crate) struct Words(BTreeSet<String>);

impl Words {
    /// The built-in words, and every word of the texts by which the knowledge base recognises records.
    pub(crate) fn new(knowledge: &Knowledge) -> Self {
        let mut words: BTreeSet<String> = ORDINARY.split_whitespace().map(str::to_owned).collect();
        for signature in &knowledge.signatures {
            let anchors = signature.anchors.iter().map(|it| String::from_utf8_lossy(it).into_owned());
            for text in anchors.chain([signature.regex().to_owned()]) {
                words.extend(split(&text).filter(|it| it.len() >= 3).map(str::to_ascii_lowercase));
            }
        }
        Self(words)
    }

    /// Whether a name is made of nothing that tells it from what stands in logs anyway.
    pub(crate) fn is_ordinary(&self, name: &str) -> bool {
        let parts: Vec<&str> = split(name).collect();
        let numbers = parts.iter().filter(|it| it.bytes().all(|b| b.is_ascii_digit())).count();
        let known = parts.iter().all(|it| it.bytes().all(|b| b.is_ascii_digit()) || self.knows(it));
        let is_product = parts.first().is_some_and(|it| PRODUCTS.contains(&it.to_ascii_lowercase().as_str()));
        name.chars().count() < 3 || (known && (numbers == 0 || numbers == parts.len() || is_product))
    }

    /// Whether a file or folder is called by ordinary words and numbers alone, such as `vmware-3.log`.
    pub(crate) fn is_plain_path(&self, name: &str) -> bool {
        let plain = |part: &str| {
            let letters = part.trim_matches(|c: char| c.is_ascii_digit());
            letters.is_empty() || self.knows(letters) || self.knows(part) || letters.len() == 1
        };
        split(name).all(plain)
    }

    fn knows(&self, word: &str) -> bool {
        self.0.contains(&word.to_lowercase())
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty())
}
