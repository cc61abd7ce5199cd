//! Which known word an unknown one may have meant.

/// Words further away than this are not worth a guess.
const FURTHEST: usize = 3;
/// Longer words are no ids.
const LONGEST: usize = 100;

/// The known word with the fewest edits from `found`; the first in order among equals.
///
/// At most three edits, and fewer for short words, where three edits make anything of anything.
pub(crate) fn nearest<'w>(found: &str, known: impl IntoIterator<Item = &'w str>) -> Option<String> {
    let most = FURTHEST.min(found.len() / 3).max(1);
    known
        .into_iter()
        .filter_map(|word| Some((distance(found, word, most)?, word)))
        .min()
        .map(|(_, word)| word.to_owned())
}

/// Known words that hold `query` or are at most three edits away, nearest first, ten at most.
pub(crate) fn suggestions<'w>(query: &str, known: impl IntoIterator<Item = &'w str>) -> Vec<&'w str> {
    const MOST: usize = 10;
    let query = query.trim().to_ascii_lowercase();
    let rank = |word: &str| {
        if query.len() >= FURTHEST && word.contains(query.as_str()) {
            return Some(0);
        }
        distance(&query, word, FURTHEST.min(query.len() / 2))
    };
    let mut ranked: Vec<(usize, &str)> =
        known.into_iter().filter_map(|word| Some((rank(&word.to_ascii_lowercase())?, word))).collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(MOST).map(|(_, word)| word).collect()
}

/// Insertions, deletions and replacements of bytes between two words; `None` for more than `most`.
fn distance(left: &str, right: &str, most: usize) -> Option<usize> {
    if left.len().abs_diff(right.len()) > most || left.len() > LONGEST || right.len() > LONGEST {
        return None;
    }
    // One row of the usual table: row[j] is the distance from the prefix of `left` read so far to right[..j].
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(right.bytes()) {
            let next = (diagonal + usize::from(a != b)).min(before + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = next;
            before = next;
        }
    }
    row.last().copied().filter(|&edits| edits <= most)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest, suggestions};

    #[test]
    fn edits_are_counted() {
        for (left, right, edits) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "ab", 1),
            ("kitten", "sitting", 3),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(left, right, 3), Some(edits), "{left} {right}");
            assert_eq!(distance(right, left, 3), Some(edits), "{right} {left}");
        }
        assert_eq!(distance("kitten", "sitting", 2), None);
    }

    #[test]
    fn a_guess_is_near_or_none() {
        let known = ["reload-vmx", "reregister-vm", "unlock-vm"];
        assert_eq!(nearest("reload-vmxx", known).as_deref(), Some("reload-vmx"));
        assert_eq!(nearest("restore", known), None);
        assert_eq!(nearest("ha", ["kp", "hb"]).as_deref(), Some("hb"));
    }

    #[test]
    fn suggestions_are_parts_first_then_near_words() {
        let known = ["kms-unreachable", "unreachable", "unreachablf", "vm-locked"];
        assert_eq!(suggestions("Unreachable", known), ["kms-unreachable", "unreachable", "unreachablf"]);
        assert_eq!(suggestions("vm-lockt", known), ["vm-locked"]);
        assert!(suggestions("v", known).is_empty());
    }
}
