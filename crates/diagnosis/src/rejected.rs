//! Records that hold an anchor of a signature and yet are none of its events: the nearest misses of `why-not`.

use std::collections::{BTreeMap, VecDeque};

use bstr::ByteSlice;
use esxray_knowledge::Signature;
use esxray_model::{FormatName, MissKind, Place, Timestamp};

/// Bytes that are kept of one.
const MOST_TEXT: usize = 1 << 10;

/// A record that holds an anchor of a signature and yet is none of its events.
#[derive(Debug, Clone)]
pub(crate) struct Rejected {
    /// Index of the signature.
    pub signature: usize,
    pub place: Place,
    pub time: Option<Timestamp>,
    pub format: FormatName,
    /// Thread or subsystem.
    pub component: String,
    /// The record's text, cut if it is long.
    pub text: String,
    pub why: MissKind,
}

/// The first and the last of each signature that is watched.
#[derive(Debug, Default)]
pub(crate) struct Rejects {
    of: BTreeMap<usize, (Vec<Rejected>, VecDeque<Rejected>)>,
}

impl Rejects {
    /// How many are kept of each end.
    const KEPT: usize = 16;

    pub(crate) fn push(&mut self, rejected: Rejected) {
        let (first, last) = self.of.entry(rejected.signature).or_default();
        if first.len() < Self::KEPT {
            first.push(rejected);
            return;
        }
        if last.len() == Self::KEPT {
            last.pop_front();
        }
        last.push_back(rejected);
    }

    /// In the order of the source, without lines that turned out to count.
    pub(crate) fn into_vec(self, counts: impl Fn(&Rejected) -> bool) -> Vec<Rejected> {
        let all = self.of.into_values().flat_map(|(first, last)| first.into_iter().chain(last));
        let mut rejected: Vec<Rejected> = all.filter(|it| !counts(it)).collect();
        rejected.sort_by_key(|it| (it.place, it.signature));
        rejected
    }
}

/// The part of a record that is kept of it.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let bytes = bytes.trim_end_with(|it| it == '\n' || it == '\r');
    let cut = bytes.get(..MOST_TEXT).unwrap_or(bytes);
    let mut text = cut.to_str_lossy().into_owned();
    if cut.len() < bytes.len() {
        text.push('…');
    }
    text
}

/// Why no match of a signature counts in a text that it may stand in: the words are a user's, or it is another text.
pub(crate) fn why(signature: &Signature, text: &[u8]) -> MissKind {
    if signature.matches(text).is_some() { MissKind::UserText } else { MissKind::OtherText }
}
