//! Which pseudonym stands for what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::class::Class;
use crate::gather::Seen;
use crate::hex;
use crate::words::Words;

/// A name with its pseudonym.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) text: String,
    pub(crate) class: Class,
    pub(crate) pseudonym: String,
    /// Whether it is replaced wherever it stands, and not only where nothing but a name can stand.
    pub(crate) everywhere: bool,
    /// Whether it has to be told where it is left.
    pub(crate) is_told: bool,
}

/// Every pseudonym.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    /// By the name in lower case.
    pub(crate) names: BTreeMap<String, Named>,
    /// By the digits.
    pub(crate) hex: BTreeMap<Vec<u8>, Vec<u8>>,
    /// By the address as it was written.
    pub(crate) addresses: BTreeMap<String, String>,
}

impl Mapping {
    /// Numbers are given in the order of first appearance, within each class.
    pub(crate) fn new(
        names: &BTreeMap<String, Seen>,
        ids: &HashMap<Vec<u8>, usize>,
        addresses: &HashMap<String, usize>,
        words: &Words,
    ) -> Self {
        let mut mapping = Self::default();
        mapping.give_names(names, words);
        mapping.give_ids(ids);
        mapping.give_addresses(addresses);
        mapping
    }

    fn give_names(&mut self, names: &BTreeMap<String, Seen>, words: &Words) {
        // No pseudonym may hold a name of the input: it would be found again, and be replaced again.
        let used: BTreeSet<&str> = names.keys().map(String::as_str).collect();
        let mut order: Vec<(&String, &Seen)> = names.iter().collect();
        order.sort_by_key(|(_, seen)| (seen.class == Class::File, seen.order));
        let mut counts: BTreeMap<(Class, bool), usize> = BTreeMap::new();
        for (key, seen) in order {
            let digits = key.bytes().any(|it| it.is_ascii_digit());
            let mut fresh = || {
                let count = counts.entry((seen.class, digits)).or_default();
                loop {
                    let prefix = prefix(seen.class, &used);
                    let made = format!("{prefix}-{}", numbered(*count, digits));
                    *count += 1;
                    let free = !used.contains(made.as_str()) && made.split('-').skip(1).all(|it| !used.contains(it));
                    if free {
                        return made;
                    }
                }
            };
            let owner = (seen.class == Class::File).then(|| self.owner(key)).flatten();
            let pseudonym = match (owner, seen.class) {
                // The name of a disk goes on to begin with that of its VM.
                (Some((pseudonym, mark)), _) => format!("{pseudonym}{mark}{}", fresh()),
                (None, Class::Domain) if key.contains('.') => format!("{}.example", fresh()),
                (None, Class::Ticket) => fresh().replace("ticket-", "ticket"),
                (None, _) => fresh(),
            };
            let everywhere = seen.class == Class::Also || !words.is_ordinary(&seen.text);
            let is_told = !everywhere && seen.is_known && seen.class.is_strong();
            let text = seen.text.clone();
            self.names.insert(key.clone(), Named { text, class: seen.class, pseudonym, everywhere, is_told });
        }
    }

    /// The name that the name of a file begins with, and what follows it.
    fn owner(&self, key: &str) -> Option<(String, char)> {
        let marks = key.char_indices().filter(|it| matches!(it.1, '-' | '_' | ' ' | '.'));
        let mut found = None;
        for (at, mark) in marks {
            let before = key.get(..at).and_then(|it| self.names.get(it));
            if let Some(named) = before.filter(|it| it.class < Class::File) {
                found = Some((named.pseudonym.clone(), mark));
            }
        }
        found
    }

    fn give_ids(&mut self, ids: &HashMap<Vec<u8>, usize>) {
        let mut order: Vec<(&Vec<u8>, &usize)> = ids.iter().collect();
        order.sort_by_key(|it| it.1);
        let mut number = 0;
        for (digits, _) in order.iter().filter(|it| it.0.len() != 8) {
            let made = loop {
                number += 1;
                let made = hex::made(digits, number);
                if !ids.contains_key(&made) {
                    break made;
                }
            };
            self.hex.insert((*digits).clone(), made);
        }
        // Where a log prints only the beginning of an id, it is that of the whole.
        for (digits, _) in order.iter().filter(|it| it.0.len() == 8) {
            let whole =
                self.hex.range((*digits).clone()..).next().filter(|it| it.0.len() == 32 && it.0.starts_with(digits));
            let made = whole.and_then(|(_, made)| made.get(..8).map(<[u8]>::to_vec));
            let made = made.unwrap_or_else(|| {
                loop {
                    number += 1;
                    let made = hex::made(digits, number);
                    if !ids.contains_key(&made) {
                        break made;
                    }
                }
            });
            self.hex.insert((*digits).clone(), made);
        }
    }

    fn give_addresses(&mut self, addresses: &HashMap<String, usize>) {
        let mut order: Vec<(&String, &usize)> = addresses.iter().collect();
        order.sort_by_key(|it| it.1);
        let (mut four, mut six) = (0_u32, 0_u32);
        for (address, _) in order {
            let made = loop {
                let made = if address.contains(':') {
                    six += 1;
                    format!("2001:db8::{:x}:{:x}", six >> 16, six & 0xffff)
                } else {
                    four += 1;
                    // Set aside for measurements between networks (RFC 2544): nobody's own, and wide.
                    format!("198.{}.{}.{}", 18 + (four >> 16) % 2, (four >> 8) & 0xff, four & 0xff)
                };
                if !addresses.contains_key(&made) {
                    break made;
                }
            };
            self.addresses.insert(address.clone(), made);
        }
    }

    /// As JSON: what a pseudonym stands for, by class.
    pub(crate) fn json(&self) -> String {
        let mut classes: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
        for named in self.names.values() {
            classes.entry(named.class.as_str()).or_default().insert(named.pseudonym.clone(), named.text.clone());
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for (digits, made) in &self.hex {
            classes.entry("id").or_default().insert(text(made), text(digits));
        }
        for (address, made) in &self.addresses {
            classes.entry("address").or_default().insert(made.clone(), address.clone());
        }
        serde_json::to_string_pretty(&classes).unwrap_or_default() + "\n"
    }
}

/// What a pseudonym of a class begins with; something else where the input has a name that is called so.
fn prefix(class: Class, used: &BTreeSet<&str>) -> String {
    let mut prefix = class.as_str().to_owned();
    while used.contains(prefix.as_str()) {
        prefix.push('x');
    }
    prefix
}

/// `a1`, `a2` … `z9`, `ba1` …; without digits `aa`, `ab` …, because what holds a digit counts as variable elsewhere.
fn numbered(count: usize, digits: bool) -> String {
    let letter = |it: usize| char::from(b'a' + u8::try_from(it % 26).unwrap_or(0));
    let (last, mut rest) =
        if digits { ((count % 9 + 1).to_string(), count / 9) } else { (letter(count).to_string(), count / 26) };
    let mut text = last;
    text.insert(0, letter(rest));
    rest /= 26;
    while rest > 0 {
        text.insert(0, letter(rest));
        rest /= 26;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn numbers_are_short_and_each_is_another() {
        assert_eq!([0, 8, 9, 233, 234].map(|it| numbered(it, true)), ["a1", "a9", "b1", "z9", "ba1"]);
        assert_eq!([0, 25, 26, 676].map(|it| numbered(it, false)), ["aa", "az", "ba", "baa"]);
        let all: std::collections::BTreeSet<String> = (0..5000).map(|it| numbered(it, true)).collect();
        assert_eq!(all.len(), 5000);
    }
}
