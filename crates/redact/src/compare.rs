//! Whether two reports say the same but for the names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::rewrite::Redactor;

/// Fields that tell of bytes: a pseudonym is seldom as long as what it stands for.
const OF_BYTES: &[&str] = &["byte_offset", "bytes", "sha256", "span", "lost_bytes", "tool"];

/// What the sources of the input are called in the output.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// From the name in the input to the name in the output.
    pub renamed: BTreeMap<String, String>,
    /// Names of those that were left out.
    pub left_out: BTreeSet<String>,
}

/// A place where two reports differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, as `incidents/0/title`.
    pub at: String,
    /// What the report on the input says, with pseudonyms.
    pub before: String,
    /// What the report on the output says.
    pub after: String,
}

/// Compares the JSON report on an input with that on its redacted copy; gives how many values were compared, and the
/// first differences.
///
/// Every text of the first is redacted as the logs were. What depends on the length of names, such as offsets and
/// hashes, is left out, as are sources that have no copy. Lists are compared in their order; where that differs, as
/// of lists that are sorted by name, their members are compared whatever their order.
///
/// # Errors
///
/// When one of them is no JSON.
pub fn compare(
    before: &str,
    after: &str,
    redactor: &Redactor,
    sources: &Sources,
) -> Result<(u64, Vec<Difference>), serde_json::Error> {
    let mut look = Look { redactor, sources, seen: 0, differences: Vec::new() };
    let before = look.plain(&serde_json::from_str(before)?, true);
    let after = look.plain(&serde_json::from_str(after)?, false);
    look.values("", &before, &after);
    Ok((look.seen, look.differences))
}

struct Look<'r> {
    redactor: &'r Redactor,
    sources: &'r Sources,
    seen: u64,
    differences: Vec<Difference>,
}

impl Look<'_> {
    /// A report with pseudonyms alone, without what cannot be the same.
    fn plain(&self, value: &Value, is_before: bool) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text, is_before)),
            Value::Array(list) => {
                let kept = list.iter().filter(|it| !self.is_left_out(it));
                let list = kept.map(|it| self.plain(it, is_before)).collect::<Vec<_>>();
                Value::Array(list)
            }
            Value::Object(fields) => {
                let fields = fields.iter().filter(|it| !OF_BYTES.contains(&it.0.as_str()));
                // What was wrong with a container is told in words that name sizes.
                let fields = fields.filter(|it| it.0 != "problem");
                fields.map(|(key, value)| (key.clone(), self.plain(value, is_before))).collect()
            }
            other => other.clone(),
        }
    }

    fn is_left_out(&self, value: &Value) -> bool {
        let source = value.as_object().and_then(|it| it.get("source"));
        let name = source.unwrap_or(value).as_str().unwrap_or_default();
        self.sources.left_out.contains(name)
    }

    fn text(&self, text: &str, is_before: bool) -> String {
        // Where a long record is cut depends on how long its names are.
        let is_cut = text.contains("of the record are left out");
        let text = if is_cut { text.lines().next().unwrap_or_default() } else { text };
        let text = if is_before { self.renamed(text) } else { text.to_owned() };
        // Quoting depends on what is quoted.
        let quotes = ['\'', '"', '\\', '`', '\u{201c}', '\u{201d}', '\u{ab}', '\u{bb}', '\u{a0}'];
        self.redactor.fully(&text).replace(quotes, "")
    }

    fn renamed(&self, text: &str) -> String {
        if let Some(name) = self.sources.renamed.get(text) {
            return name.clone();
        }
        // A folder or an archive that sources lie in.
        let inside = |name: &str| name.strip_prefix(text).is_some_and(|rest| rest.starts_with(['/', '!']));
        if text.len() > 1
            && let Some((name, becomes)) = self.sources.renamed.range(text.to_owned()..).find(|it| inside(it.0))
        {
            let below = name.get(text.len()..).unwrap_or_default().matches(['/', '!']).count();
            let ends = becomes.rmatch_indices(['/', '!']).nth(below - 1).map(|it| it.0);
            return ends.and_then(|it| becomes.get(..it)).unwrap_or(becomes).to_owned();
        }
        let mut text = text.to_owned();
        for (name, becomes) in self.sources.renamed.iter().rev() {
            if name.contains('/') && text.contains(name.as_str()) {
                text = text.replace(name.as_str(), becomes);
            }
        }
        text
    }

    fn values(&mut self, at: &str, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(one), Value::Object(other)) => {
                let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                for key in keys {
                    let get = |of: &serde_json::Map<String, Value>| of.get(key).cloned().unwrap_or_default();
                    self.values(&format!("{at}/{key}"), &get(one), &get(other));
                }
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                let sorted = |list: &[Value]| {
                    let mut list: Vec<(String, Value)> = list.iter().map(|it| (it.to_string(), it.clone())).collect();
                    list.sort_by(|one, other| one.0.cmp(&other.0));
                    list
                };
                let pairs: Vec<(Value, Value)> = if sorted(one) == sorted(other) {
                    self.seen += leaves(before);
                    Vec::new()
                } else {
                    one.iter().cloned().zip(other.iter().cloned()).collect()
                };
                for (index, (one, other)) in pairs.iter().enumerate() {
                    self.values(&format!("{at}/{index}"), one, other);
                }
            }
            (one, other) => {
                self.seen += 1;
                if one != other {
                    let shown = |value: &Value| match value {
                        Value::String(text) => text.clone(),
                        value => value.to_string(),
                    };
                    let at = at.trim_start_matches('/').to_owned();
                    self.differences.push(Difference { at, before: shown(one), after: shown(other) });
                }
            }
        }
    }
}

/// How many values a part of a report holds.
fn leaves(value: &Value) -> u64 {
    match value {
        Value::Array(list) => list.iter().map(leaves).sum(),
        Value::Object(fields) => fields.values().map(leaves).sum(),
        _ => 1,
    }
}
