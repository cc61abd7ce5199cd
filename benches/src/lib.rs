//! Benchmarks of esxray: logs of any size from a seed, and the patterns to search them with.
//!
//! `cargo bench -p esxray-benches` times each stage.
//! `cargo run --release -p esxray-benches --bin against-rg` times a whole diagnosis against ripgrep with the same
//! patterns. `cargo run --release -p esxray-benches --bin larger-base` times the search with the knowledge base five times
//! as large. All print numbers and assert none: what is measured on a shared machine is no test.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use esxray_knowledge::{Knowledge, Pack, PackFile};
use esxray_testkit::{Generation, NoiseFormat, NoiseSummary, NoiseWriter};

/// One seed for all, so that numbers of two days speak of the same bytes.
pub const SEED: u64 = 20_230_310;

/// The file name of a log, which its reader takes as a hint.
pub fn name_of(format: NoiseFormat) -> &'static str {
    match format {
        NoiseFormat::Hostd => "hostd.log",
        NoiseFormat::VmwareLog => "vmware.log",
    }
}

/// A log in memory.
///
/// # Examples
///
/// ```
/// use esxray_testkit::NoiseFormat;
///
/// let log = esxray_benches::log(NoiseFormat::Hostd, 1, 50_000, 100);
/// assert!(log.len() >= 50_000);
/// assert_eq!(log, esxray_benches::log(NoiseFormat::Hostd, 1, 50_000, 100));
/// ```
pub fn log(format: NoiseFormat, seed: u64, bytes: u64, hits_per_million: u64) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a vector cannot fail.
    let _ = writer(format, seed, bytes, hits_per_million).write(&mut out);
    out
}

/// Writes a log of any size to a file, in a folder that is there.
///
/// # Errors
///
/// What the file system returns.
pub fn write_log(
    path: &Path,
    format: NoiseFormat,
    seed: u64,
    bytes: u64,
    hits_per_million: u64,
) -> io::Result<NoiseSummary> {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    let done = writer(format, seed, bytes, hits_per_million).write(&mut out)?;
    out.flush()?;
    Ok(done)
}

fn writer(format: NoiseFormat, seed: u64, bytes: u64, hits_per_million: u64) -> NoiseWriter {
    NoiseWriter::new(format, Generation::V80, seed).bytes(bytes).hits_per_million(hits_per_million)
}

/// Every anchor of the knowledge base once, one a line, as ripgrep reads patterns from a file.
///
/// Where a regex is wanted, what means something to one is escaped: the same strings are found.
///
/// # Examples
///
/// ```
/// let knowledge = esxray_knowledge::Knowledge::builtin()?;
/// let literal = esxray_benches::patterns(&knowledge, false);
/// assert!(literal.lines().any(|line| line == "Cannot decrypt disk because key or password is incorrect"));
/// assert_eq!(literal.lines().count(), esxray_benches::patterns(&knowledge, true).lines().count());
/// # Ok::<(), esxray_knowledge::Error>(())
/// ```
pub fn patterns(knowledge: &Knowledge, as_regex: bool) -> String {
    let mut anchors: Vec<String> = knowledge.anchors().map(|it| String::from_utf8_lossy(it.0).into_owned()).collect();
    anchors.sort_unstable();
    anchors.dedup();
    let lines = anchors.iter().map(|anchor| if as_regex { escaped(anchor) } else { anchor.clone() } + "\n");
    lines.collect()
}

/// A pack that makes the knowledge base so many times as large: for each of its signatures others of the same logs,
/// whose anchors are as long and made of the same words.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::Knowledge;
///
/// let knowledge = Knowledge::builtin()?;
/// let larger = Knowledge::load(&[esxray_benches::larger(&knowledge, 3)])?;
/// assert_eq!(larger.signatures.len(), 3 * knowledge.signatures.len());
/// # Ok::<(), esxray_knowledge::Error>(())
/// ```
pub fn larger(knowledge: &Knowledge, times: usize) -> Pack {
    let texts: Vec<String> = knowledge.anchors().map(|it| String::from_utf8_lossy(it.0).into_owned()).collect();
    let known: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
    let words: Vec<&str> = known.iter().flat_map(|it| it.split(' ')).collect();
    let mut next = 0_usize;
    let mut files = Vec::new();
    for (signature, round) in knowledge.signatures.iter().flat_map(|it| (1..times).map(move |round| (it, round))) {
        let anchors = signature.anchors.iter().map(|anchor| {
            let anchor = String::from_utf8_lossy(anchor);
            // A name such as the id of an event is made of letters, not of words: turned round, it is in no log.
            if !anchor.contains(' ') {
                return format!("{}{round}", anchor.chars().rev().collect::<String>());
            }
            let made: Vec<&str> = anchor
                .split(' ')
                .filter_map(|_| {
                    // A prime step meets every word, and no two that stood together.
                    next += 7919;
                    words.get(next % words.len().max(1)).copied()
                })
                .collect();
            let made = made.join(" ");
            if known.contains(made.as_str()) || made.len() < 8 { format!("{made} {anchor}") } else { made }
        });
        let anchors: Vec<String> = anchors.collect();
        let logs: Vec<&str> = signature.logs.iter().map(|it| it.as_str()).collect();
        let regex: Vec<String> = anchors.iter().map(|it| escaped(it)).collect();
        let sample = anchors.first().map_or("", String::as_str);
        files.push(PackFile {
            path: format!("signatures/larger/{}-{round}.toml", signature.id),
            text: format!(
                "title = \"One of many\"\nlogs = {logs:?}\nanchors = {anchors:?}\nignore_case = {}\nregex = {:?}\n\
                 tone = \"context\"\nbasis = \"inferred\"\nsources = [\"https://example.org\"]\n\
                 [[sample]]\ntext = {sample:?}\n[[not]]\ntext = \"-\"\nwhy = \"nothing of it\"\n",
                signature.ignore_case,
                regex.join("|"),
            ),
        });
    }
    Pack { name: format!("{times} times"), files }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for it in text.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(it) {
            out.push('\\');
        }
        out.push(it);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_a_regex_is_escaped() {
        assert_eq!(escaped("a.b (c) [d] <e>"), r"a\.b \(c\) \[d\] <e>");
    }

    #[test]
    fn a_log_holds_the_anchors_that_it_is_to_be_searched_for() {
        let knowledge = Knowledge::builtin().unwrap();
        for format in [NoiseFormat::Hostd, NoiseFormat::VmwareLog] {
            let text = String::from_utf8(log(format, SEED, 200_000, 10_000)).unwrap();
            let hits = patterns(&knowledge, false).lines().filter(|anchor| text.contains(anchor)).count();
            assert!(hits > 0, "{format:?}");
        }
    }
}
