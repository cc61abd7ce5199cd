//! The first reading: every name, address and id of the input.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use esxray_diagnosis::Inventory;
use esxray_knowledge::Knowledge;

use crate::class::Class;
use crate::map::Mapping;
use crate::places::{Places, What};
use crate::words::Words;
use crate::{Error, hex, path};

/// Names that are the same everywhere, and tell nobody anything.
const EVERYWHERE: &[&str] = &[
    "root",
    "vpxuser",
    "dcui",
    "nobody",
    "administrator",
    "admin",
    "system",
    "vpxd-extension",
    "hostd",
    "daemon",
    "guest",
    "vsphere.local",
    "localhost",
    "localhost.localdomain",
    "localdomain",
    "local",
    "localos",
    "ha-datacenter",
    "nt authority",
    "vm network",
    "management network",
    "null",
    "(null)",
    "none",
    "unknown",
    "anonymous",
    "vpxd",
    "com.vmware.vim",
    "vsphere-webclient",
    "machine",
    "vmware.com",
    "broadcom.com",
    "microsoft.com",
    "www.vmware.com",
    "kb.vmware.com",
    "schemas.microsoft.com",
    "www.w3.org",
    "w3.org",
    "example",
    "schemas.xmlsoap.org",
    "to be filled by o.e.m.",
];

/// Domains of makers: whatever is below them is nobody's own.
const MAKERS: &[&str] =
    &["vmware.com", "broadcom.com", "microsoft.com", "w3.org", "xmlsoap.org", "mozilla.org", "apple.com"];

/// First parts of names of code that look like those of hosts.
const CODE: &[&str] =
    &["com", "org", "net", "java", "javax", "sun", "jdk", "vim", "vmodl", "pbm", "sms", "io", "msg", "www", "vmx"];

/// Collects names; then makes the pseudonyms.
#[derive(Debug)]
pub struct Gather {
    places: &'static Places,
    words: Words,
    keep: BTreeSet<String>,
    names: BTreeMap<String, Seen>,
    hex: HashMap<Vec<u8>, usize>,
    addresses: HashMap<String, usize>,
    /// Names, addresses and ids seen so far.
    count: usize,
    /// Whether a domain was seen behind a name: what stands before it elsewhere is a host.
    domains: BTreeSet<String>,
}

/// A name and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) text: String,
    pub(crate) class: Class,
    pub(crate) order: usize,
    /// Whether the inventory or the user names it.
    pub(crate) is_known: bool,
}

impl Gather {
    /// Begins with the names that the user gives: `also` to be replaced, `keep` to be left.
    ///
    /// # Errors
    ///
    /// [`Error`] if a rule of this crate is wrong, which its tests exclude.
    pub fn new(knowledge: &Knowledge, also: &[String], keep: &[String]) -> Result<Self, Error> {
        let mut gather = Self {
            places: Places::get()?,
            words: Words::new(knowledge),
            keep: keep.iter().map(|it| it.to_lowercase()).collect(),
            names: BTreeMap::new(),
            hex: HashMap::new(),
            addresses: HashMap::new(),
            count: 0,
            domains: BTreeSet::new(),
        };
        for word in also {
            gather.add(Class::Also, word, true);
        }
        Ok(gather)
    }

    /// Takes every name that the inventory gives to something.
    pub fn inventory(&mut self, inventory: &Inventory) {
        for vm in &inventory.vms {
            for name in vm.names.iter().chain(&vm.vm.name) {
                self.add(Class::Vm, name, true);
            }
        }
        for host in inventory.hosts.iter().filter_map(|host| host.name.as_deref()) {
            // A host without a name is called by the folder of its logs.
            let name = host.rsplit(['/', '!']).next().unwrap_or(host);
            self.host(name, true);
        }
        for provider in &inventory.providers {
            self.add(Class::Provider, &provider.provider, true);
        }
        for name in inventory.datastores.iter().flat_map(|it| &it.names) {
            let name = name.strip_prefix("vsan:").unwrap_or(name);
            // Its UUID is an id wherever it stands.
            if !(name.contains('-') && name.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-')) {
                self.add(Class::Datastore, name, true);
            }
        }
        for key in &inventory.keys {
            let digits = hex::digits(key.key_id.as_bytes());
            if digits.len() == 32 {
                self.id(&digits);
            } else {
                self.add(Class::Key, &key.key_id, true);
            }
        }
    }

    /// Takes the name of a source, below the folder that was named.
    pub fn source(&mut self, name: &str) {
        for part in name.split(['/', '!']) {
            let stem = path::stem(part.as_bytes());
            let stem = part.get(stem).unwrap_or(part).to_owned();
            if !self.words.is_plain_path(&stem) {
                self.add(Class::File, &stem, false);
            }
        }
        self.text(format!("{name}\n").as_bytes());
    }

    /// Takes what stands in a text of whole lines.
    pub fn text(&mut self, text: &[u8]) {
        for hit in self.places.find(text) {
            let bytes = text.get(hit.at).unwrap_or_default();
            match hit.what {
                What::Secret => {}
                What::Hex => self.id(&hex::digits(bytes)),
                What::V4 | What::V6 => {
                    let order = self.count;
                    let new = &mut self.addresses;
                    if !new.contains_key(&*String::from_utf8_lossy(bytes)) {
                        new.insert(String::from_utf8_lossy(bytes).to_lowercase(), order);
                        self.count += 1;
                    }
                }
                What::Name(class) => {
                    let name = unescaped(&String::from_utf8_lossy(bytes));
                    match class {
                        Class::Host => self.host(&name, false),
                        Class::Domain => self.domain(&name),
                        Class::File | Class::Group if self.words.is_plain_path(&name) => {}
                        _ => self.add(class, &name, false),
                    }
                }
            }
        }
    }

    fn id(&mut self, digits: &[u8]) {
        if !self.hex.contains_key(digits) {
            self.hex.insert(digits.to_vec(), self.count);
            self.count += 1;
        }
    }

    fn host(&mut self, name: &str, is_known: bool) {
        let name = name.trim_end_matches('.');
        let Some((label, domain)) = name.split_once('.') else { return self.add(Class::Host, name, is_known) };
        let lower = name.to_lowercase();
        let maker = MAKERS.iter().any(|it| lower == *it || lower.ends_with(&format!(".{it}")));
        let digits = name.split('.').all(|it| it.bytes().all(|b| b.is_ascii_digit()));
        if maker || digits || EVERYWHERE.contains(&lower.as_str()) || CODE.contains(&label.to_lowercase().as_str()) {
            return;
        }
        if domain.contains('.') || is_known {
            self.add(Class::Host, label, is_known);
            self.domain(domain);
        } else {
            self.domain(name);
        }
    }

    fn domain(&mut self, name: &str) {
        let lower = name.to_lowercase();
        if MAKERS.contains(&lower.as_str()) {
            return;
        }
        self.add(Class::Domain, name, false);
        if self.domains.insert(lower)
            && let Some((label, _)) = name.split_once('.')
        {
            // The name of the firm, which stands elsewhere too.
            if !EVERYWHERE.contains(&name.to_lowercase().as_str()) {
                self.add(Class::Domain, label, false);
            }
        }
    }

    fn add(&mut self, class: Class, name: &str, is_known: bool) {
        let name = name.trim().trim_matches(['"', '\'']);
        let key = name.to_lowercase();
        let is_id = name.starts_with("vim.") || name.starts_with('<') || name.starts_with('$');
        let asked = class == Class::Also;
        // What only a place says, and any word could be, tells nobody anything.
        let is_plain =
            !is_known && !matches!(class, Class::Vm | Class::Ticket | Class::Serial) && self.words.is_ordinary(name);
        if name.is_empty()
            || is_plain
            || (!asked && (is_id || EVERYWHERE.contains(&key.as_str())))
            || self.keep.contains(&key)
        {
            return;
        }
        if let Some(seen) = self.names.get_mut(&key) {
            seen.is_known |= is_known;
            seen.class = seen.class.min(class);
            return;
        }
        self.names.insert(key, Seen { text: name.to_owned(), class, order: self.count, is_known });
        self.count += 1;
    }

    /// Makes a pseudonym for everything that was taken.
    ///
    /// # Errors
    ///
    /// [`Error::TooMany`] if there are more names than can be looked for at once.
    pub fn finish(self) -> Result<crate::Redactor, Error> {
        let mapping = Mapping::new(&self.names, &self.hex, &self.addresses, &self.words);
        crate::Redactor::new(self.places, mapping)
    }
}

/// A name without the escapes of key locators and inventories.
pub(crate) fn unescaped(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|it| std::str::from_utf8(it).ok());
        if let Some(code) = code.and_then(|it| u8::from_str_radix(it, 16).ok()).filter(|_| *byte == b'%') {
            out.push(code);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| name.to_owned())
}
