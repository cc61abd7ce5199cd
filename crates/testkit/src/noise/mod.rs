//! The background: what healthy programs write all day.
//!
//! Each kind is an endless iterator of records in the order of their time.
//! Tasks, sessions and disk opens overlap as they do in the field, because a
//! motif may place its later records in the future while others go on.

mod fdm;
mod hostd;
mod vmware_log;
mod vpxd;
mod writer;

use std::collections::BTreeMap;

use crate::prng::Prng;
use crate::record::LogRecord;
use crate::time::LogTime;

pub(crate) use fdm::FdmNoise;
pub(crate) use hostd::HostdNoise;
pub(crate) use vmware_log::{DiskOutcome, VmwareNoise, WRONG_KEY, heartbeat, power_off, power_on};
pub(crate) use vpxd::VpxdNoise;
pub use writer::{NoiseFormat, NoiseSummary, NoiseWriter};

/// What every kind of background has: a clock, a source of chance, and records that are due later.
#[derive(Debug, Clone)]
pub(crate) struct Mill {
    pub(crate) rng: Prng,
    pub(crate) now: LogTime,
    mean_gap: i64,
    pending: BTreeMap<(LogTime, u64), LogRecord>,
    said: u64,
}

impl Mill {
    pub(crate) fn new(rng: Prng, start: LogTime, mean_gap: i64) -> Self {
        Self { rng, now: start, mean_gap, pending: BTreeMap::new(), said: 0 }
    }

    /// Puts a record where its time says; it must not lie in the past.
    pub(crate) fn say(&mut self, record: LogRecord) {
        self.said += 1;
        self.pending.insert((record.time, self.said), record);
    }

    /// The next record that no later motif can come before.
    pub(crate) fn due(&mut self) -> Option<LogRecord> {
        let first = self.pending.first_entry()?;
        (first.key().0 <= self.now).then(|| first.remove())
    }

    /// Lets time pass until the next motif.
    pub(crate) fn advance(&mut self) {
        self.now = self.now + self.rng.gap(self.mean_gap);
    }
}

/// One of a table's entries, each as likely as its weight.
pub(crate) fn weighted<T: Copy>(rng: &mut Prng, table: &[(u64, T)]) -> Option<T> {
    let mut left = rng.below(table.iter().map(|(weight, _)| weight).sum());
    for (weight, item) in table {
        if left < *weight {
            return Some(*item);
        }
        left -= weight;
    }
    None
}
