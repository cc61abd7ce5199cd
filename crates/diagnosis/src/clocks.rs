//! How far the clock of each host is from vCenter's, by the operations that both of them logged.
//!
//! vCenter gives an operation its id and sends it to a host, which logs the same id, with a suffix for each hop. The
//! difference between the two first sightings is the host's offset and the time that the way took. The way takes no
//! negative time: so the smallest difference bounds the offset, and how far the usual one is from it says how sure
//! that is. Fewer than three operations say nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use esxray_model::{FormatName, Timestamp};
use esxray_record::{Block, SpanKind};

use crate::scan::Source;

/// What the input says of one host's clock, over one stretch of time between two steps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockSeen {
    /// The host's name, or else what its sources share.
    pub host: String,
    /// The vCenter Server whose clock is the measure, by what its sources share.
    pub reference: Option<String>,
    /// What came of the comparison.
    pub state: ClockState,
    /// Microseconds that the host's stamps are ahead of vCenter's; negative where they are behind.
    pub offset_micros: Option<i64>,
    /// Microseconds that the offset may be off.
    pub uncertainty_micros: Option<i64>,
    /// Microseconds that the offset grows by in an hour, where it does.
    pub drift_micros_per_hour: Option<i64>,
    /// Operations that both sides logged.
    pub operations: usize,
    /// Microseconds by which the host logged one of too few operations before vCenter sent it: something is wrong with
    /// its clock, but not how much.
    pub early_micros: Option<i64>,
    /// The step of the clock that this stretch begins with.
    pub step: Option<ClockStep>,
}

/// What came of comparing a host's clock with vCenter's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockState {
    /// It agrees with vCenter's to a second.
    Agrees,
    /// It differs; joins use corrected times.
    Differs,
    /// Too few operations are logged on both sides.
    TooFew,
    /// The operations contradict each other.
    Contradictory,
}

impl ClockState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Agrees, Self::Differs, Self::TooFew, Self::Contradictory];

    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::TooFew => "too-few-operations",
            Self::Contradictory => "contradictory",
        }
    }
}

/// A moment at which a host's clock was set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockStep {
    /// What it showed.
    pub from: Timestamp,
    /// What it was set to.
    pub to: Timestamp,
    /// The source that says it.
    pub source: String,
    /// Its line, 1-based.
    pub line: u64,
}

/// Operations of which first sightings are kept of one source.
const MOST_OPERATIONS: usize = 4 << 10;
/// Steps of a clock that are kept of one source.
const MOST_STEPS: usize = 64;
/// Fewest operations that say something.
const FEWEST: usize = 3;
/// When vCenter sent an operation, and when its host saw it, each by its own clock.
type Shared = (Timestamp, Timestamp);
/// Microseconds of a second.
const SECOND: i64 = 1_000_000;
/// A difference that is no news: the way of an operation takes as long.
const AGREES: i64 = SECOND;
/// The least uncertainty: how long the way of an operation usually takes.
const LEAST_UNCERTAINTY: i64 = SECOND / 20;

/// What one source shows of the clock that stamped it.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    /// First and last sighting of each operation.
    operations: HashMap<Vec<u8>, (Timestamp, Timestamp)>,
    /// Only ids whose hash has none of these bits are kept: a long log is sampled, the same on both sides.
    mask: u64,
    /// Line, what the clock showed, what it was set to.
    steps: Vec<(u64, Timestamp, Timestamp)>,
}

impl Sightings {
    /// Takes what the records of a block show.
    pub(crate) fn look(&mut self, block: &Block<'_>) {
        match block.form.map(|form| form.format) {
            Some(FormatName::Hostd | FormatName::Vpxd | FormatName::Vpxa) => self.operations(block),
            Some(FormatName::Vmkernel) => self.steps(block),
            _ => {}
        }
    }

    fn operations(&mut self, block: &Block<'_>) {
        /// Bytes of a record in which its head stands.
        const HEAD: usize = 320;
        const KEY: &[u8] = b"opID=";
        let mut spans = block.spans.iter().peekable();
        for at in memchr::memmem::find_iter(block.bytes, KEY) {
            while spans.next_if(|span| span.range.end <= at).is_some() {}
            let Some(span) = spans.peek().filter(|span| span.kind == SpanKind::Record && !span.foreign) else {
                continue;
            };
            let Some(time) = span.time.filter(|_| at - span.range.start < HEAD) else { continue };
            let value = block.bytes.get(at + KEY.len()..).unwrap_or_default();
            let value = value.strip_prefix(b"\"").unwrap_or(value);
            let length = value.iter().take(128).take_while(|byte| !b" ]\",)\r\n".contains(byte)).count();
            let id = value.get(..length).unwrap_or_default();
            if is_shared(id) {
                self.see(id, time);
            }
        }
    }

    fn see(&mut self, id: &[u8], time: Timestamp) {
        if let Some(seen) = self.operations.get_mut(id) {
            seen.0 = seen.0.min(time);
            seen.1 = seen.1.max(time);
            return;
        }
        if hash(id) & self.mask != 0 {
            return;
        }
        self.operations.insert(id.to_vec(), (time, time));
        while self.operations.len() > MOST_OPERATIONS && self.mask < u64::MAX >> 1 {
            self.mask = self.mask << 1 | 1;
            let mask = self.mask;
            self.operations.retain(|id, _| hash(id) & mask == 0);
        }
    }

    /// `NTPClock: 1457: ntpd changed system clock to 1712866034.237264000, lost synchronization`.
    fn steps(&mut self, block: &Block<'_>) {
        const TEXT: &[u8] = b"changed system clock to ";
        for at in memchr::memmem::find_iter(block.bytes, TEXT) {
            let Some(span) = block.span_at(at).filter(|span| span.kind == SpanKind::Record) else { continue };
            let own = block.record(span).is_some_and(|record| record.head().component == b"NTPClock");
            let clock = block.bytes.get(at + TEXT.len()..).and_then(epoch);
            if let (Some(from), Some(to)) = (span.time, clock)
                && own
                && self.steps.len() < MOST_STEPS
            {
                self.steps.push((span.line, from, to));
            }
        }
    }
}

/// Whether an operation id may be one that vCenter gave: not one that a host gives to what it does by itself.
fn is_shared(id: &[u8]) -> bool {
    const OWN: [&[u8]; 4] = [b"SWI-", b"WFU-", b"vim-cmd-", b"esxcli-"];
    id.len() >= 8 && !OWN.iter().any(|prefix| id.starts_with(prefix))
}

/// FNV-1a over the first part of an id, which all of its suffixed forms share.
fn hash(id: &[u8]) -> u64 {
    let part = id.split(|byte| *byte == b'-').next().unwrap_or_default();
    part.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Reads `1712866034.237264000`.
fn epoch(text: &[u8]) -> Option<Timestamp> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(text);
    let seconds: i64 = std::str::from_utf8(text.get(..whole).filter(|it| it.len() < 12)?).ok()?.parse().ok()?;
    let fraction = text.get(whole..).and_then(|rest| rest.strip_prefix(b".")).unwrap_or_default();
    let micros = fraction.iter().take(digits(fraction)).chain(std::iter::repeat(&b'0')).take(6);
    let micros = micros.fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    Some(Timestamp::from_micros(seconds * SECOND + micros))
}

/// How to turn the stamps of one host into vCenter's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clock {
    /// In order; the first has no step before it.
    stretches: Vec<Stretch>,
}

/// What holds from one step of a clock to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    /// The earlier and the later of what the clock showed and was set to.
    step: Option<(Timestamp, Timestamp)>,
    line: Option<Line>,
}

/// An offset that may grow: a straight line over the host's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    at: Timestamp,
    offset: i64,
    uncertainty: i64,
    /// Microseconds in an hour.
    drift: i64,
}

impl Line {
    fn offset(&self, time: Timestamp) -> i64 {
        self.offset + grown(self.drift, time.micros_since(self.at))
    }
}

/// What a drift comes to over some microseconds.
fn grown(drift: i64, micros: i64) -> i64 {
    const HOUR: i128 = 3600 * SECOND as i128;
    i64::try_from(i128::from(drift) * i128::from(micros) / HOUR).unwrap_or(0)
}

impl Clock {
    fn line(&self, time: Timestamp) -> Option<(Line, i64)> {
        let passed = |stretch: &&Stretch| stretch.step.is_none_or(|(_, later)| time >= later);
        let index = self.stretches.iter().take_while(passed).count();
        let line = self.stretches.get(index.checked_sub(1)?)?.line?;
        // Where the clock was set back it showed the same time twice.
        let twice = self.stretches.get(index).and_then(|next| next.step).filter(|(earlier, _)| time > *earlier);
        Some((line, twice.map_or(0, |(earlier, later)| later.micros_since(earlier))))
    }

    /// The moment by vCenter's clock.
    pub(crate) fn correct(&self, time: Timestamp) -> Timestamp {
        let offset = self.line(time).map_or(0, |(line, _)| line.offset(time));
        Timestamp::from_micros(time.as_micros().saturating_sub(offset))
    }

    /// Microseconds that a corrected moment may be off.
    pub(crate) fn slack(&self, time: Timestamp) -> i64 {
        self.line(time).map_or(0, |(line, twice)| line.uncertainty + twice)
    }
}

/// The operations of the sources of one machine.
#[derive(Default)]
struct Machine<'s> {
    operations: BTreeMap<&'s [u8], (Timestamp, Timestamp)>,
    first: Option<Timestamp>,
    steps: BTreeSet<ClockStep>,
}

impl<'s> Machine<'s> {
    fn add(&mut self, source: &'s Source) {
        self.first = self.first.into_iter().chain(source.account.first).min();
        let mut seen: Vec<_> = source.sightings.operations.iter().collect();
        seen.sort();
        for (id, (first, last)) in seen {
            let known = self.operations.entry(id).or_insert((*first, *last));
            *known = (known.0.min(*first), known.1.max(*last));
        }
    }

    /// What both sides logged of each operation: vCenter's time and the host's.
    fn shared(&self, host: &Machine<'_>) -> Vec<Shared> {
        /// An id that is used for longer than this names no single act.
        const LONGEST: i64 = 1800;
        /// Seconds at the start of vCenter's log in which an operation may have begun before it.
        const START: i64 = 5;
        let mut shared: BTreeMap<&[u8], (Timestamp, Timestamp)> = BTreeMap::new();
        for (id, (seen, _)) in &host.operations {
            let parents = (0..id.len()).filter(|at| id.get(*at) == Some(&b'-')).filter_map(|at| id.get(..at));
            let known: Vec<&[u8]> = parents.chain([*id]).filter(|id| self.operations.contains_key(id)).collect();
            // The longest form is the nearest to the call; the shortest one names the operation.
            let (Some(root), Some(nearest)) = (known.first(), known.last()) else { continue };
            let Some((sent, last)) = self.operations.get(nearest) else { continue };
            let early = self.first.is_none_or(|first| sent.seconds_since(first) < START);
            if !early && last.seconds_since(*sent) <= LONGEST {
                let known = shared.entry(*root).or_insert((*sent, *seen));
                if seen.micros_since(*sent) < known.1.micros_since(known.0) {
                    *known = (*sent, *seen);
                }
            }
        }
        shared.into_values().collect()
    }
}

/// Whether a source is stamped by vCenter, and not by a host.
fn is_of_vcenter(format: FormatName) -> bool {
    matches!(format, FormatName::Vpxd | FormatName::VcService | FormatName::Vum | FormatName::Vmon | FormatName::Events)
}

/// Compares the clocks of all hosts with vCenter's, and gives each source that needs it a clock.
pub(crate) fn compare(sources: &mut [Source], names: &BTreeMap<String, String>) -> Vec<ClockSeen> {
    let mut vcenters: BTreeMap<&str, Machine<'_>> = BTreeMap::new();
    let mut hosts: BTreeMap<&str, Machine<'_>> = BTreeMap::new();
    for source in sources.iter() {
        match source.format() {
            FormatName::Vpxd => vcenters.entry(&source.host).or_default().add(source),
            FormatName::Hostd | FormatName::Vpxa => hosts.entry(&source.host).or_default().add(source),
            FormatName::Vmkernel if !source.sightings.steps.is_empty() => {
                let steps = source.sightings.steps.iter().map(|(line, from, to)| ClockStep {
                    from: *from,
                    to: *to,
                    source: source.name.clone(),
                    line: *line,
                });
                hosts.entry(&source.host).or_default().steps.extend(steps);
            }
            _ => {}
        }
    }
    let mut rows = Vec::new();
    let mut clocks: BTreeMap<String, Clock> = BTreeMap::new();
    for (host, machine) in &hosts {
        let measured = vcenters.iter().map(|(name, vcenter)| (*name, vcenter.shared(machine)));
        let (reference, shared) = measured
            .reduce(|best, next| if next.1.len() > best.1.len() { next } else { best })
            .map_or((None, Vec::new()), |(name, shared)| (Some(name.to_owned()), shared));
        let (clock, mut seen) = measure(shared, &machine.steps);
        for row in &mut seen {
            row.host = names.get(*host).cloned().unwrap_or_else(|| (*host).to_owned());
            row.reference.clone_from(&reference);
        }
        if reference.is_some() || !machine.steps.is_empty() {
            rows.extend(seen);
        }
        clocks.extend(clock.map(|clock| ((*host).to_owned(), clock)));
    }
    // The log of a VM that does not say where it ran: on the one host that there is.
    let only = hosts.keys().next().filter(|_| hosts.len() == 1).map(|it| (*it).to_owned());
    for source in sources.iter_mut().filter(|it| !is_of_vcenter(it.format())) {
        let lone = only.as_deref().filter(|_| source.format() == FormatName::VmwareLog);
        source.clock = clocks.get(&source.host).or_else(|| clocks.get(lone?)).cloned();
        source.sightings = Sightings::default();
    }
    rows
}

/// The clock of one host by its shared operations, and what to say of it.
fn measure(shared: Vec<Shared>, steps: &BTreeSet<ClockStep>) -> (Option<Clock>, Vec<ClockSeen>) {
    // What is less than the way of an operation changes nothing.
    let steps: Vec<&ClockStep> = steps.iter().filter(|step| step.to.micros_since(step.from).abs() >= AGREES).collect();
    let bounds = |step: &ClockStep| (step.from.min(step.to), step.from.max(step.to));
    let mut stretches: Vec<(Option<&ClockStep>, Vec<Shared>)> = vec![(None, Vec::new())];
    stretches.extend(steps.iter().map(|step| (Some(*step), Vec::new())));
    for operation in shared {
        // A time that the clock showed twice says nothing.
        if steps.iter().any(|step| step.to < step.from && operation.1 > step.to && operation.1 < step.from) {
            continue;
        }
        let index = steps.iter().take_while(|step| operation.1 >= bounds(step).1).count();
        if let Some(stretch) = stretches.get_mut(index) {
            stretch.1.push(operation);
        }
    }
    let mut found: Vec<Result<Line, ClockState>> = stretches.iter().map(|it| estimate(&it.1)).collect();
    // A stretch with too few operations of its own follows from its neighbour and the step between the two.
    for index in 1..found.len() {
        let size = steps.get(index - 1).map_or(0, |step| step.to.micros_since(step.from));
        let at = steps.get(index - 1).map_or(Timestamp::from_micros(0), |step| step.to);
        let moved = |line: Line, size: i64| Line { offset: line.offset(at) + size, at, drift: 0, ..line };
        if let (Some(Ok(before)), Some(Err(ClockState::TooFew))) = (found.get(index - 1).copied(), found.get(index)) {
            found.get_mut(index).into_iter().for_each(|it| *it = Ok(moved(before, size)));
        } else if let (Some(Err(ClockState::TooFew)), Some(Ok(after))) =
            (found.get(index - 1), found.get(index).copied())
        {
            found.get_mut(index - 1).into_iter().for_each(|it| *it = Ok(moved(after, -size)));
        }
    }
    let rows = stretches.iter().zip(&found).map(|((step, operations), found)| {
        let line = found.ok();
        ClockSeen {
            host: String::new(),
            reference: None,
            state: match found {
                Ok(line) if line.offset.abs() <= AGREES && line.drift == 0 => ClockState::Agrees,
                Ok(_) => ClockState::Differs,
                Err(state) => *state,
            },
            offset_micros: line.map(|it| it.offset),
            uncertainty_micros: line.map(|it| it.uncertainty),
            drift_micros_per_hour: line.map(|it| it.drift).filter(|it| *it != 0),
            operations: operations.len(),
            early_micros: (*found == Err(ClockState::TooFew)).then(|| early(operations)).flatten(),
            step: step.cloned(),
        }
    });
    let rows: Vec<ClockSeen> = rows.collect();
    let clock = Clock {
        stretches: stretches
            .iter()
            .zip(&found)
            .zip(&rows)
            .map(|(((step, _), found), row)| Stretch {
                step: step.map(bounds),
                line: found.ok().filter(|_| row.state == ClockState::Differs),
            })
            .collect(),
    };
    let needed = clock.stretches.iter().any(|it| it.line.is_some());
    (needed.then_some(clock), rows)
}

/// How long before an operation was sent the host logged it, where it did.
fn early(operations: &[Shared]) -> Option<i64> {
    operations.iter().map(|it| it.0.micros_since(it.1)).max().filter(|early| *early > AGREES)
}

/// The offset that operations show: vCenter's time and the host's of each.
fn estimate(operations: &[Shared]) -> Result<Line, ClockState> {
    /// The largest spread around the middle in which the operations still speak of one clock.
    const MOST_SPREAD: i64 = 60 * SECOND;
    if operations.len() < FEWEST {
        return Err(ClockState::TooFew);
    }
    let mut operations = operations.to_vec();
    operations.sort_by_key(|it| (it.1, it.0));
    let at = operations.get(operations.len() / 2).map_or(Timestamp::from_micros(0), |it| it.1);
    let difference = |it: &(Timestamp, Timestamp)| it.1.micros_since(it.0);
    let plain: Vec<i64> = operations.iter().map(difference).collect();
    let drift = drift(&operations);
    let level: Vec<i64> = operations.iter().map(|it| difference(it) - grown(drift, it.1.micros_since(at))).collect();
    // A drift is believed where it explains what the operations disagree about.
    let gone = drift != 0 && spread(&level) * 2 <= spread(&plain);
    let (differences, drift) = if gone { (level, drift) } else { (plain, 0) };
    let (middle, spread) = (median(&differences), spread(&differences));
    // For a normal distribution 1.5 spreads are one standard deviation.
    let band = (spread * 9 / 2).max(SECOND);
    let inside: Vec<i64> = differences.iter().copied().filter(|it| (it - middle).abs() <= band).collect();
    if spread > MOST_SPREAD || inside.len() < FEWEST || inside.len() * 10 < differences.len() * 6 {
        return Err(ClockState::Contradictory);
    }
    // No host sees an operation before it was sent, nor in the same millisecond.
    let offset = inside.iter().copied().min().unwrap_or(middle) - SECOND / 1000;
    let uncertainty = (median(&inside) - offset).max(LEAST_UNCERTAINTY);
    Ok(Line { at, offset, uncertainty, drift })
}

/// The drift by Theil and Sen, in microseconds an hour; nothing where the operations are too near to each other.
fn drift(operations: &[Shared]) -> i64 {
    const FEWEST: usize = 6;
    const MOST: usize = 128;
    const SHORTEST: i64 = 600 * SECOND;
    /// A clock that goes further wrong than this in an hour is none.
    const LARGEST: i64 = 72 * SECOND;
    let (Some(first), Some(last)) = (operations.first(), operations.last()) else { return 0 };
    let span = last.1.micros_since(first.1);
    if operations.len() < FEWEST || span < SHORTEST {
        return 0;
    }
    let chosen: Vec<&(Timestamp, Timestamp)> = operations.iter().step_by(operations.len().div_ceil(MOST)).collect();
    let mut slopes = Vec::new();
    for (index, one) in chosen.iter().enumerate() {
        for other in chosen.iter().skip(index + 1) {
            let run = other.1.micros_since(one.1);
            if run * 4 >= span {
                let rise = other.1.micros_since(other.0) - one.1.micros_since(one.0);
                let slope = i128::from(rise) * i128::from(3600 * SECOND) / i128::from(run);
                slopes.push(i64::try_from(slope).unwrap_or(i64::MAX));
            }
        }
    }
    let slope = median(&slopes);
    let all = grown(slope, span).abs();
    if slope.abs() <= LARGEST && all >= SECOND / 2 { slope } else { 0 }
}

fn median(values: &[i64]) -> i64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// The median distance from the median.
fn spread(values: &[i64]) -> i64 {
    let middle = median(values);
    let distances: Vec<i64> = values.iter().map(|it| (it - middle).abs()).collect();
    median(&distances)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ClockState, ClockStep, SECOND, Shared, Sightings, estimate, measure};
    use esxray_model::Timestamp;
    use esxray_record::{ReadOptions, read};

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000 * SECOND + micros)
    }

    /// Operations a minute apart, with what the host's clock shows when they arrive.
    fn operations(count: i64, shown: impl Fn(i64) -> i64) -> Vec<Shared> {
        (0..count)
            .map(|index| {
                let sent = index * 60 * SECOND;
                // The way takes 20 to 80 ms.
                let arrived = sent + 20_000 + (index * 7919 % 13) * 5000;
                (at(sent), at(arrived + shown(arrived)))
            })
            .collect()
    }

    #[test]
    fn an_offset_of_any_size_and_sign() {
        for offset in [-420 * SECOND, 90 * SECOND, 10_800 * SECOND, 0] {
            let line = estimate(&operations(12, |_| offset)).unwrap();
            assert_eq!((line.offset, line.drift), (offset + 19_000, 0));
            assert!(line.uncertainty >= 50_000 && line.uncertainty < SECOND, "{}", line.uncertainty);
        }
    }

    #[test]
    fn a_few_operations_that_waited_change_nothing() {
        let mut waited = operations(12, |_| 90 * SECOND);
        for it in waited.iter_mut().step_by(4) {
            it.1 = it.1.plus_seconds(40);
        }
        assert_eq!(estimate(&waited).unwrap().offset, 90 * SECOND + 24_000);
    }

    #[test]
    fn a_clock_that_drifts() {
        // 10 s an hour, over two hours.
        let line = estimate(&operations(120, |time| -420 * SECOND + time / 360)).unwrap();
        let right = |time: i64| -420 * SECOND + time / 360;
        for minute in [0, 30, 60, 119] {
            let time = minute * 60 * SECOND;
            let off = line.offset(at(time + right(time))) - right(time);
            assert!(off.abs() < 200_000, "{minute}: {off}");
        }
        assert!((line.drift - 10 * SECOND).abs() < SECOND / 2, "{}", line.drift);
    }

    #[test]
    fn too_few_and_contradictory_operations_give_nothing() {
        assert_eq!(estimate(&operations(2, |_| 0)), Err(ClockState::TooFew));
        let torn = |time: i64| (time / SECOND * 7919 % 3600 - 1800) * SECOND;
        assert_eq!(estimate(&operations(40, torn)), Err(ClockState::Contradictory));
        let two = |time: i64| if time / (60 * SECOND) % 2 == 0 { 0 } else { 300 * SECOND };
        assert_eq!(estimate(&operations(40, two)), Err(ClockState::Contradictory));
    }

    #[test]
    fn a_step_parts_two_offsets() {
        let step = ClockStep {
            from: at(600 * SECOND - 420 * SECOND),
            to: at(600 * SECOND),
            source: "vmkernel.log".to_owned(),
            line: 7,
        };
        let shown = |time: i64| if time < 600 * SECOND { -420 * SECOND } else { 0 };
        let (clock, rows) = measure(operations(20, shown), &BTreeSet::from([step.clone()]));
        let clock = clock.unwrap();
        let states: Vec<ClockState> = rows.iter().map(|it| it.state).collect();
        assert_eq!(states, [ClockState::Differs, ClockState::Agrees]);
        assert_eq!(rows[1].step.as_ref(), Some(&step));
        assert_eq!(clock.correct(at(0)), at(420 * SECOND - 19_000));
        assert_eq!(clock.correct(at(700 * SECOND)), at(700 * SECOND));
        // Of the other side only the step is known.
        let (clock, rows) = measure(operations(9, shown), &BTreeSet::from([step]));
        assert_eq!((rows[1].operations, rows[1].state), (0, ClockState::Agrees));
        assert_eq!(clock.unwrap().correct(at(700 * SECOND)), at(700 * SECOND));
    }

    #[test]
    fn a_time_shown_twice_is_less_sure() {
        let step = ClockStep { from: at(600 * SECOND), to: at(300 * SECOND), source: String::new(), line: 1 };
        let shown = |time: i64| if time < 600 * SECOND { 0 } else { -300 * SECOND };
        let (clock, _) = measure(operations(30, shown), &BTreeSet::from([step]));
        let clock = clock.unwrap();
        assert!(clock.slack(at(400 * SECOND)) == 0 || clock.slack(at(400 * SECOND)) >= 300 * SECOND);
        assert_eq!(clock.correct(at(700 * SECOND)), at(1000 * SECOND - 19_000));
    }

    #[test]
    fn ids_and_steps_of_records() {
        let mut seen = Sightings::default();
        let log = "2024-04-11T20:00:00.000Z info hostd[1] [Originator@6876 sub=Vimsvc opID=l1a2b3c-40-auto-x-h5:70-b2-01-3f user=ann] a\n\
                   2024-04-11T20:00:01.000Z info hostd[1] [Originator@6876 sub=Vimsvc opID=l1a2b3c-40-auto-x-h5:70-b2-01-3f] b\n\
                   2024-04-11T20:00:01.000Z info hostd[1] [Originator@6876 sub=Vimsvc opID=SWI-24c018bb] c\n";
        read(&mut log.as_bytes(), "hostd.log", &ReadOptions::default(), &mut |block| seen.look(block));
        assert_eq!(seen.operations.len(), 1);
        let log = "2024-04-11T20:07:14.555Z Wa(180) vmkwarning: cpu5:1051409)WARNING: NTPClock: 1457: ntpd changed system clock to 1712866034.237264000, lost synchronization\n";
        read(&mut log.as_bytes(), "vmkwarning.log", &ReadOptions::default(), &mut |block| seen.look(block));
        let (line, from, to) = seen.steps[0];
        assert_eq!((line, from.micros_since(to)), (1, 317_736));
    }

    #[test]
    fn many_operations_are_sampled() {
        let mut seen = Sightings::default();
        for index in 0..40_000 {
            seen.see(format!("{index:08x}-ab").as_bytes(), at(index));
        }
        assert!(seen.operations.len() <= super::MOST_OPERATIONS && seen.operations.len() > 500);
    }
}
