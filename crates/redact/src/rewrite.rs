//! The second reading: every name gives way to its pseudonym.

use std::collections::{BTreeMap, BTreeSet};

use crate::class::Class;
use crate::find::Finder;
use crate::gather::unescaped;
use crate::map::{Mapping, Named};
use crate::places::{Places, What};
use crate::{Error, hex, path};

/// What stands where a secret stood: base64 of the word, so that what is read as base64 still is.
const BLOTTED: &[u8] = b"YmxvdHRlZA";

/// Knows every pseudonym and writes texts with them.
#[derive(Debug)]
pub struct Redactor {
    places: &'static Places,
    mapping: Mapping,
    names: Vec<Named>,
    /// Names that are replaced wherever they stand.
    everywhere: Finder,
    /// Those that are words too.
    words: Finder,
    /// All of them.
    all: Finder,
}

/// What was done to a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many places were replaced, by what they hold.
    pub replaced: BTreeMap<&'static str, u64>,
    /// Secrets that were blotted out.
    pub secrets: u64,
    /// Names that are ordinary words too, and how often such a word was left because it may be no name there.
    pub left: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, what: &'static str) {
        *self.replaced.entry(what).or_default() += 1;
    }

    /// Adds what was done to another text.
    pub fn join(&mut self, other: &Self) {
        for (what, count) in &other.replaced {
            *self.replaced.entry(what).or_default() += count;
        }
        for (name, count) in &other.left {
            *self.left.entry(name.clone()).or_default() += count;
        }
        self.secrets += other.secrets;
    }
}

/// How far names are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Words that are names only where nothing but a name can stand.
    Careful,
    /// Every word that is a name.
    Full,
}

impl Redactor {
    pub(crate) fn new(places: &'static Places, mapping: Mapping) -> Result<Self, Error> {
        let names: Vec<Named> = mapping.names.values().cloned().collect();
        let some = |takes: &dyn Fn(&Named) -> bool| {
            let taken: Vec<(usize, &str)> =
                names.iter().enumerate().filter(|it| takes(it.1)).map(|it| (it.0, it.1.text.as_str())).collect();
            Finder::new(taken.into_iter())
        };
        Ok(Self {
            everywhere: some(&|it| it.everywhere)?,
            words: some(&|it| it.is_told)?,
            all: some(&|_| true)?,
            places,
            mapping,
            names,
        })
    }

    /// How many names, ids and addresses have a pseudonym, by class.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for named in &self.names {
            *counts.entry(named.class.as_str()).or_default() += 1;
        }
        counts.insert("id", self.mapping.hex.len());
        counts.insert("address", self.mapping.addresses.len());
        counts.retain(|_, count| *count > 0);
        counts
    }

    /// What stands for what, as JSON: by class, from the pseudonym to the name.
    pub fn map(&self) -> String {
        self.mapping.json()
    }

    /// A text of whole lines with pseudonyms.
    pub fn text(&self, text: &[u8], tally: &mut Tally) -> Vec<u8> {
        self.rewrite(text, Reach::Careful, tally)
    }

    /// A text with a pseudonym for every word that is a name: for comparing, since it takes words away from messages.
    pub(crate) fn fully(&self, text: &str) -> String {
        let out = self.rewrite(text.as_bytes(), Reach::Full, &mut Tally::default());
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The name of a source, below the folder that was named, with pseudonyms.
    pub fn source(&self, name: &str) -> String {
        let mut out = String::new();
        for part in name.split_inclusive(['/', '!']) {
            let (part, mark) = match part.strip_suffix(['/', '!']) {
                Some(bare) => (bare, part.get(bare.len()..).unwrap_or_default()),
                None => (part, ""),
            };
            let stem = path::stem(part.as_bytes());
            let rest = part.get(stem.end..).unwrap_or_default();
            if let Some(named) = part.get(stem).and_then(|it| self.named(it)) {
                out.extend([named.pseudonym.as_str(), rest]);
            } else {
                let text = self.rewrite(part.as_bytes(), Reach::Careful, &mut Tally::default());
                out.push_str(&String::from_utf8_lossy(&text));
            }
            out.push_str(mark);
        }
        out
    }

    fn named(&self, name: &str) -> Option<&Named> {
        let bare = unescaped(name);
        self.mapping.names.get(&bare.trim().trim_matches(['"', '\'']).to_lowercase())
    }

    fn rewrite(&self, text: &[u8], reach: Reach, tally: &mut Tally) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut from = 0;
        for hit in self.places.find(text) {
            let bytes = text.get(hit.at.clone()).unwrap_or_default();
            let becomes = match hit.what {
                What::Secret if bytes == BLOTTED => None,
                What::Secret => {
                    tally.secrets += 1;
                    Some(BLOTTED.to_vec())
                }
                What::Hex => {
                    let made = self.mapping.hex.get(&hex::digits(bytes));
                    made.map(|made| {
                        tally.add("id");
                        hex::spelled(bytes, made)
                    })
                }
                What::V4 | What::V6 => {
                    let made = self.mapping.addresses.get(&String::from_utf8_lossy(bytes).to_lowercase());
                    made.map(|made| {
                        tally.add("address");
                        made.clone().into_bytes()
                    })
                }
                What::Name(class) => self.name(class, bytes, tally),
            };
            if let Some(becomes) = becomes {
                self.between(text, from..hit.at.start, reach, tally, &mut out);
                out.extend(becomes);
                from = hit.at.end;
            }
        }
        self.between(text, from..text.len(), reach, tally, &mut out);
        out
    }

    /// A name where nothing but a name can stand.
    fn name(&self, class: Class, bytes: &[u8], tally: &mut Tally) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(bytes);
        if let Some(named) = self.named(&text) {
            tally.add(named.class.as_str());
            return Some(named.pseudonym.clone().into_bytes());
        }
        // A host with its domain.
        let (label, domain) = text.split_once('.').filter(|_| matches!(class, Class::Host | Class::Domain))?;
        let host = self.named(label);
        let of = self.named(domain);
        if host.is_none() && of.is_none() {
            return None;
        }
        tally.add(Class::Host.as_str());
        let host = host.map_or(label, |it| it.pseudonym.as_str());
        let domain = of.map_or(domain, |it| it.pseudonym.as_str());
        Some(format!("{host}.{domain}").into_bytes())
    }

    /// What stands between such places: names may be in it.
    fn between(&self, text: &[u8], at: std::ops::Range<usize>, reach: Reach, tally: &mut Tally, out: &mut Vec<u8>) {
        let finder = if reach == Reach::Full { &self.all } else { &self.everywhere };
        let mut from = at.start;
        let end = at.end;
        for (found, name) in finder.find(text, at.clone()) {
            let Some(named) = self.names.get(name) else { continue };
            out.extend_from_slice(text.get(from..found.start).unwrap_or_default());
            out.extend_from_slice(named.pseudonym.as_bytes());
            from = found.end;
            tally.add(named.class.as_str());
        }
        out.extend_from_slice(text.get(from..end).unwrap_or_default());
        if reach == Reach::Careful {
            for (at, name) in self.words.find(text, at) {
                let Some(named) = self.names.get(name) else { continue };
                // In other letters it is a word for certain.
                if text.get(at) == Some(named.text.as_bytes()) {
                    *tally.left.entry(named.text.clone()).or_default() += 1;
                }
            }
        }
    }

    /// Originals that are still in a text: searched for in their plain spellings, apart from how they were replaced.
    pub fn search(&self, text: &[u8], left: &mut BTreeMap<String, u64>) {
        for (_, name) in self.everywhere.find(text, 0..text.len()) {
            let name = self.names.get(name).map(|it| it.text.clone()).unwrap_or_default();
            *left.entry(name).or_default() += 1;
        }
        for (start, end) in runs(text) {
            let run = text.get(start..end).unwrap_or_default();
            let digits = hex::digits(run);
            let lower = String::from_utf8_lossy(run).to_lowercase();
            let is_id = digits.len() != 8 && self.mapping.hex.contains_key(&digits);
            if is_id || self.mapping.addresses.contains_key(&lower) {
                *left.entry(lower).or_default() += 1;
            }
        }
    }

    /// Names that are ordinary words, and are therefore told where they are left.
    pub fn words(&self) -> BTreeSet<&str> {
        self.names.iter().filter(|it| it.is_told).map(|it| it.text.as_str()).collect()
    }
}

/// Stretches of what ids and addresses are made of.
fn runs(text: &[u8]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (at, byte) in text.iter().chain(b"\n").enumerate() {
        let part = byte.is_ascii_hexdigit() || matches!(byte, b'-' | b':' | b'.');
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                if at - from >= 7 {
                    runs.push((from, at));
                }
                start = None;
            }
            _ => {}
        }
    }
    runs
}
