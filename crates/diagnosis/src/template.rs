//! Clusters error records that nothing explains, by what is constant in their text.

use std::collections::HashMap;

use esxray_model::{Level, Place, Timestamp};

/// What stands in place of everything variable.
const WILD: &str = "<*>";
/// Bytes of a message that make its template.
const MOST_BYTES: usize = 240;

/// The template of a message: numbers, ids, paths and quoted names become `<*>`.
///
/// Deterministic and without memory of other messages, so that the order of the records has no influence.
pub(crate) fn template(message: &[u8]) -> String {
    let line = message.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line.get(..MOST_BYTES).unwrap_or(line));
    let mut out = String::new();
    let mut rest: &str = text.trim();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '"' | '\'')
            && let Some(end) = rest.char_indices().skip(1).find(|it| it.1 == first).map(|it| it.0)
        {
            out.push(first);
            out.push_str(WILD);
            out.push(first);
            rest = rest.get(end + 1..).unwrap_or_default();
            continue;
        }
        let end = rest.find(is_separator).unwrap_or(rest.len());
        if end == 0 {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let word = rest.get(..end).unwrap_or_default();
        out.push_str(if is_variable(word) { WILD } else { word });
        rest = rest.get(end..).unwrap_or_default();
    }
    // Lists of variable things differ in length only.
    while out.contains("<*> <*>") || out.contains("<*>, <*>") {
        out = out.replace("<*> <*>", WILD).replace("<*>, <*>", WILD);
    }
    out
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '"' | '\'' | ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=')
}

/// Digits, paths, addresses and ids vary; words do not.
fn is_variable(word: &str) -> bool {
    word.contains(|it: char| it.is_ascii_digit()) || word.starts_with('/') || word.matches('/').count() > 1
}

/// Error records of one template.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub template: String,
    pub level: Level,
    pub count: u64,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub place: Place,
}

/// The clusters of one source, bounded in number.
#[derive(Debug)]
pub(crate) struct Clusters {
    index: HashMap<String, usize>,
    kept: Vec<Cluster>,
    /// Bytes of templates that there is still room for.
    room: usize,
    /// Records of templates beyond the limit.
    pub beyond: u64,
}

impl Clusters {
    /// Templates kept of one source.
    const MOST: usize = 1000;

    /// Clusters of so many bytes.
    pub(crate) fn with_room(room: usize) -> Self {
        Self { index: HashMap::new(), kept: Vec::new(), room, beyond: 0 }
    }

    pub(crate) fn add(&mut self, template: String, level: Level, time: Option<Timestamp>, place: Place) {
        // Once as a key, until the source has been read.
        let cost = size_of::<Cluster>() + 2 * template.len();
        if let Some(at) = self.index.get(&template) {
            if let Some(cluster) = self.kept.get_mut(*at) {
                cluster.count += 1;
                cluster.level = cluster.level.max(level);
                cluster.first_seen = cluster.first_seen.or(time);
                cluster.last_seen = time.or(cluster.last_seen);
            }
        } else if self.kept.len() < Self::MOST && cost <= self.room {
            self.room -= cost;
            self.index.insert(template.clone(), self.kept.len());
            self.kept.push(Cluster { template, level, count: 1, first_seen: time, last_seen: time, place });
        } else {
            self.beyond += 1;
        }
    }

    pub(crate) fn into_clusters(self) -> Vec<Cluster> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn what_varies_is_masked_and_words_stay() {
        for (message, expected) in [
            ("FROBNICATOR: fatal error 0xdead0001, giving up", "FROBNICATOR: fatal error <*>, giving up"),
            ("Failed to open '/vmfs/volumes/ds1/a b/x.vmdk' (16392)", "Failed to open '<*>' (<*>)"),
            ("VSINode(2810): Not found (status=195887107)", "VSINode(<*>): Not found (status=<*>)"),
            ("first line\nsecond line 7", "first line"),
            ("id 52a1d087-b13e-71e3-dd80-4aca154a5817 of vm-12", "id <*> of <*>"),
        ] {
            assert_eq!(template(message.as_bytes()), expected);
        }
    }

    #[test]
    fn two_records_of_one_kind_share_a_template() {
        let one =
            template(b"GetKernelStatValues: error while retrieving stats: VSINode(2810): Not found (status=195887107)");
        let two = template(b"GetKernelStatValues: error while retrieving stats: VSINode(1): Not found (status=5)");
        assert_eq!(one, two);
    }

    #[test]
    fn any_bytes_make_a_template() {
        for message in [&b"\xff\xfe"[..], b"", b"'", b"\"\"", "\u{2028}'ü".as_bytes()] {
            let _ = template(message);
        }
    }
}
