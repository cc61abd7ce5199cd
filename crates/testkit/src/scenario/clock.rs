//! A host whose clock is wrong, and the operations that show it.

use super::Generated;
use crate::dialect::{Dialect, render};
use crate::prng::Prng;
use crate::record::LogRecord;
use crate::time::{LogTime, millis, seconds};
use crate::world::Generation;

/// How wrong the host's clock is, and what both sides logged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HostClock {
    /// Microseconds that the host is ahead.
    pub(crate) offset: i64,
    /// Microseconds that it gains in an hour.
    pub(crate) drift: i64,
    /// Operations that vCenter and the host log, beside those of the story.
    pub(crate) operations: i64,
    /// Microseconds by which the host's stamps of them contradict each other.
    pub(crate) scatter: i64,
}

/// Bytes of `2024-03-12T09:04:05.007Z`.
const STAMP: usize = 24;

/// The stamp that a line begins with.
fn stamp(line: &str) -> Option<LogTime> {
    let number = |from: usize, to: usize| line.get(from..to)?.parse::<i64>().ok();
    let civil =
        LogTime::civil(number(0, 4)?, number(5, 7)?, number(8, 10)?, number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let shape = line.get(19..20)? == "." && line.get(23..STAMP)? == "Z";
    shape.then_some(civil + millis(number(20, 23)?))
}

/// Turns every stamp of the host in a text.
fn turned(text: &str, origin: LogTime, clock: HostClock) -> String {
    let mut turned = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match stamp(line) {
            Some(time) => {
                let drift = i128::from(clock.drift) * i128::from(time - origin) / i128::from(seconds(3600));
                let shown = time + clock.offset + i64::try_from(drift).unwrap_or(0);
                turned.push_str(&shown.iso_millis());
                turned.push_str(line.get(STAMP..).unwrap_or_default());
            }
            None => turned.push_str(line),
        }
    }
    turned
}

/// Puts a record where its stamp belongs, and moves the places of what was planted behind it.
fn insert(made: &mut Generated, path: &str, dialect: Dialect, record: &LogRecord) {
    let Some(file) = made.files.iter_mut().find(|it| it.path == path) else { return };
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let mut new = String::new();
    render(dialect, record, &mut new);
    let added = new.matches('\n').count();
    let (mut at, mut line) = (0, 1);
    for one in text.split_inclusive('\n') {
        if stamp(one).is_some_and(|time| time > record.time) {
            break;
        }
        at += one.len();
        line += 1;
    }
    let (before, after) = text.split_at(at);
    file.bytes = [before, &new, after].concat().into_bytes();
    for planted in made.planted.iter_mut().filter(|it| it.path == path && it.line >= line) {
        planted.line += added;
        planted.last_line += added;
    }
}

/// Adds the shared operations, then turns the host's clock.
pub(crate) fn apply(made: &mut Generated, generation: Generation, seed: u64, clock: HostClock) {
    let path = |end: &str| made.files.iter().map(|it| it.path.clone()).find(|it| it.ends_with(end));
    let (Some(vpxd), Some(hostd)) = (path("vpxd.log"), path("hostd.log")) else { return };
    let times = |made: &Generated| -> Vec<LogTime> {
        let log =
            made.files.iter().find(|it| it.path == vpxd).map(|it| String::from_utf8_lossy(&it.bytes).into_owned());
        log.unwrap_or_default().lines().filter_map(stamp).collect()
    };
    let stamps = times(made);
    let (Some(first), Some(last)) = (stamps.iter().min().copied(), stamps.iter().max().copied()) else { return };
    let mut rng = Prng::named(seed, "shared-operations");
    for number in 0..clock.operations {
        let sent = first + (last - first) / (clock.operations + 1) * (number + 1);
        let op_id =
            format!("l{}-{}-auto-{}-h5:7000{}", rng.hex(7), 50_000 + number, rng.hex(3), rng.between(1000, 9999));
        let text =
            format!("[VpxLRO] -- BEGIN task-{} -- group-v4 -- vim.Folder.refresh -- 52a1(52b2)", 90_000 + number);
        let record = LogRecord::new(sent, "vpxLro", &text).thread_id(4407).op_id(&op_id);
        insert(made, &vpxd, generation.vpxd(), &record);
        let scatter = if clock.scatter == 0 {
            0
        } else {
            i64::try_from(rng.below(u64::try_from(clock.scatter * 2).unwrap_or(1))).unwrap_or(0) - clock.scatter
        };
        let arrived = sent + millis(35 + i64::try_from(rng.below(90)).unwrap_or(0)) + scatter;
        let record = LogRecord::new(arrived, "Vimsvc.TaskManager", "Refreshing the properties of the host")
            .thread_id(2_099_003)
            .op_id(format!("{op_id}-{}", rng.hex(2)));
        insert(made, &hostd, generation.hostd(), &record);
    }
    for file in made.files.iter_mut().filter(|it| it.path != vpxd) {
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        file.bytes = turned(&text, first, clock).into_bytes();
    }
    for planted in made.planted.iter_mut().filter(|it| it.path != vpxd) {
        planted.text = turned(&planted.text, first, clock);
    }
}
