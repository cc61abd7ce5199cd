//! The lines around cited records, by a second look at their sources.
//!
//! A diagnosis keeps the records that it cites and no others. Where a reader wants to see what stood beside them, the
//! sources that hold them are read once more: up to the last line that is wanted of each, and nothing else is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use esxray_bundle::plan;
use esxray_model::{FormatName, Place};

use crate::assemble::Options;
use crate::outcome::{Diagnosis, Evidence};

/// Bytes of a line that are kept.
const LINE: usize = 2000;

/// What stands before and behind a record, a line each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// The lines before it, the nearest last.
    pub before: Vec<String>,
    /// The lines behind it, the nearest first.
    pub behind: Vec<String>,
}

/// The lines around every record that the incidents cite, so many on each side.
///
/// What cannot be read a second time, such as a pipe, has none; neither has a record that does not stand where it
/// stood, because its source is in another encoding or changed meanwhile. Files that are evidence by themselves and
/// shell logs have none either, for secrets may stand there.
pub fn around(paths: &[PathBuf], options: &Options, diagnosis: &Diagnosis, lines: u64) -> BTreeMap<Place, Around> {
    let cited = cited(diagnosis);
    let mut wanted: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for evidence in &cited {
        let Some(source) = source(diagnosis, evidence.place) else { continue };
        let (from, to) = (evidence.place.line.saturating_sub(lines), evidence.place.last_line.saturating_add(lines));
        let numbers = wanted.entry(source).or_default();
        numbers.extend(from..=evidence.place.line);
        numbers.extend(evidence.place.last_line..=to);
    }
    let Ok(plan) = plan(paths, &options.limits) else { return BTreeMap::new() };
    let mut seen: BTreeMap<String, BTreeMap<u64, String>> = BTreeMap::new();
    for unit in plan.units.iter().filter(|unit| unit.size_hint() > 0) {
        let holds =
            |source: &&str| source.strip_prefix(unit.name()).is_some_and(|it| it.is_empty() || it.starts_with('!'));
        if wanted.keys().any(holds) {
            unit.read(&options.limits, &mut |member| {
                if let Some(numbers) = wanted.get(member.name.as_str()) {
                    seen.insert(member.name, pick(&mut BufReader::new(member.reader), numbers));
                }
            });
        }
    }
    let mut around = BTreeMap::new();
    for evidence in cited {
        let place = evidence.place;
        let Some(kept) = source(diagnosis, place).and_then(|source| seen.get(source)) else { continue };
        let first = evidence.text.lines().next().unwrap_or_default();
        let stands = kept
            .get(&place.line)
            .is_some_and(|line| !line.is_empty() && (first.starts_with(line.as_str()) || line.starts_with(first)));
        if stands {
            let text = |range: std::ops::Range<u64>| kept.range(range).map(|(_, line)| line.clone()).collect();
            let before = text(place.line.saturating_sub(lines)..place.line);
            let behind = text(place.last_line + 1..place.last_line.saturating_add(lines) + 1);
            around.insert(place, Around { before, behind });
        }
    }
    around
}

/// The source of a record, where the lines around it may be shown: a `.vmx` holds wrapped keys beside what is cited
/// of it, and whoever types into a shell may type a password.
fn source(diagnosis: &Diagnosis, place: Place) -> Option<&str> {
    let name = diagnosis.sources.get(usize::try_from(place.source.0).ok()?)?;
    let format = diagnosis.coverage.iter().find(|row| row.source == *name)?.format;
    let format = FormatName::from_word(format)?;
    (!format.is_file() && format != FormatName::Shell).then_some(name)
}

/// Every record that an incident cites.
fn cited(diagnosis: &Diagnosis) -> Vec<&Evidence> {
    let mut cited: Vec<&Evidence> = Vec::new();
    for incident in &diagnosis.incidents {
        cited.extend(incident.findings.iter().flat_map(|finding| &finding.evidence));
        cited.extend(&incident.recovered);
        if let Some(rekey) = &incident.rekey {
            cited.extend(rekey.steps.iter().flat_map(|step| &step.evidence));
            cited.extend(rekey.objects.iter().flat_map(|object| &object.evidence));
            cited.extend(rekey.interrupted_by.iter().flat_map(|cut| &cut.evidence));
            cited.extend(&rekey.refused_by);
        }
    }
    cited
}

/// Lines by their numbers, from 1, each cut to a length that can be shown.
fn pick(reader: &mut impl BufRead, numbers: &BTreeSet<u64>) -> BTreeMap<u64, String> {
    let mut found = BTreeMap::new();
    let last = numbers.last().copied().unwrap_or(0);
    let mut line = Vec::new();
    let mut number = 1;
    while number <= last {
        let Ok(bytes) = reader.fill_buf() else { break };
        let ends = bytes.iter().position(|byte| *byte == b'\n');
        let part = bytes.get(..ends.unwrap_or(bytes.len())).unwrap_or_default();
        if numbers.contains(&number) {
            let room = LINE.saturating_sub(line.len()).min(part.len());
            line.extend_from_slice(part.get(..room).unwrap_or_default());
        }
        let (read, over) = (part.len() + usize::from(ends.is_some()), bytes.is_empty());
        reader.consume(read);
        if ends.is_some() || over {
            if numbers.contains(&number) && !(over && line.is_empty()) {
                found.insert(number, String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
            }
            line.clear();
            number += 1;
        }
        if over {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::pick;

    #[test]
    fn lines_are_picked_by_their_numbers() {
        let text = b"one\r\ntwo\n\nfour\nfive";
        let picked = |numbers: &[u64]| {
            let numbers: BTreeSet<u64> = numbers.iter().copied().collect();
            // A buffer that ends within lines.
            let mut reader = std::io::BufReader::with_capacity(2, &text[..]);
            pick(&mut reader, &numbers).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(picked(&[1, 3]), [(1, "one".to_owned()), (3, String::new())]);
        assert_eq!(picked(&[0, 4, 5, 6, 9]), [(4, "four".to_owned()), (5, "five".to_owned())]);
        assert_eq!(picked(&[]), []);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let text = [b"x".repeat(1 << 20), b"\nend\n".to_vec()].concat();
        let picked = pick(&mut text.as_slice(), &BTreeSet::from([1, 2]));
        assert_eq!((picked[&1].len(), picked[&2].as_str()), (super::LINE, "end"));
    }
}
