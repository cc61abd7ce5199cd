use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What one run did, in the reader's own words: kinds of spans, problems, findings.
///
/// An input that made the reader say something new is kept and mutated further. This leads to the
/// same end as counting branches, without instrumentation: readers that report all they meet tell
/// where they have been.
///
/// # Examples
///
/// ```
/// use esxray_fuzz::Trace;
///
/// let mut trace = Trace::default();
/// trace.words("stopped after 1234 bytes");
/// trace.words("stopped after 99 bytes");
/// assert_eq!(trace.len(), 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Trace {
    seen: BTreeSet<u64>,
}

impl Trace {
    /// Notes anything that can be hashed.
    pub fn saw(&mut self, what: impl Hash) {
        // The keys of this hasher are fixed: the same in every run.
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        self.seen.insert(hasher.finish());
    }

    /// Notes a sentence; numbers and quoted parts of it do not make it another one.
    pub fn words(&mut self, sentence: &str) {
        let mut plain = String::new();
        let mut quoted = false;
        for it in sentence.chars() {
            match it {
                '`' => quoted = !quoted,
                _ if quoted => {}
                '0'..='9' if plain.ends_with('0') => {}
                '0'..='9' => plain.push('0'),
                _ => plain.push(it),
            }
        }
        self.saw(plain);
    }

    /// Notes how many there are of something, roughly: none, one, two, up to four, up to eight …
    pub fn count(&mut self, what: &str, count: u64) {
        self.saw((what, u64::BITS - count.leading_zeros()));
    }

    /// How many different things it holds.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Adds everything to `known`; says whether anything was new.
    pub(crate) fn pour(&self, known: &mut BTreeSet<u64>) -> bool {
        let before = known.len();
        known.extend(&self.seen);
        known.len() > before
    }
}
