use std::io::{self, Write};

use super::{HostdNoise, VmwareNoise};
use crate::dialect::{Dialect, render};
use crate::prng::Prng;
use crate::record::LogRecord;
use crate::time::{LogTime, millis, seconds};
use crate::world::{Generation, Host, Vm};

use super::vmware_log::WRONG_KEY;

/// Which log a `NoiseWriter` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseFormat {
    /// `hostd.log`.
    Hostd,
    /// `vmware.log`.
    VmwareLog,
}

impl NoiseFormat {
    /// The format behind a word; `None` for an unknown one.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "hostd" => Some(Self::Hostd),
            "vmware-log" => Some(Self::VmwareLog),
            _ => None,
        }
    }
}

/// What a `NoiseWriter` has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoiseSummary {
    /// Bytes.
    pub bytes: u64,
    /// Records, hits included.
    pub records: u64,
    /// Records that a diagnosis has to recognise.
    pub hits: u64,
}

/// Writes background of any size, without holding more than a record of it.
///
/// Meant for benchmarks: a share of the records are hits, so that the cost of
/// confirming and keeping an event is measured too and not only the cost of
/// passing over text.
///
/// # Examples
///
/// ```
/// use esxray_testkit::{Generation, NoiseFormat, NoiseWriter};
///
/// let mut log = Vec::new();
/// let done = NoiseWriter::new(NoiseFormat::Hostd, Generation::V80, 7).bytes(100_000).write(&mut log)?;
/// assert!(done.bytes >= 100_000 && done.hits == 0);
/// assert_eq!(done.bytes, log.len() as u64);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NoiseWriter {
    format: NoiseFormat,
    generation: Generation,
    seed: u64,
    bytes: u64,
    hits_per_million: u64,
}

impl NoiseWriter {
    /// A writer of one mebibyte without hits.
    pub const fn new(format: NoiseFormat, generation: Generation, seed: u64) -> Self {
        Self { format, generation, seed, bytes: 1 << 20, hits_per_million: 0 }
    }

    /// The same until at least so many bytes are written.
    #[must_use]
    pub const fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// The same with so many hits in a million records.
    #[must_use]
    pub const fn hits_per_million(mut self, hits: u64) -> Self {
        self.hits_per_million = hits;
        self
    }

    /// Writes the log.
    ///
    /// # Errors
    ///
    /// What `out` returns.
    pub fn write(&self, out: &mut impl Write) -> io::Result<NoiseSummary> {
        let host = Host::new(self.generation, 1, &mut Prng::named(self.seed, "host"));
        let start = LogTime::civil(2024, 1, 1, 0, 0, 0);
        let rng = Prng::named(self.seed, "noise");
        match self.format {
            NoiseFormat::Hostd => {
                let noise = HostdNoise::new(&host, rng, start, millis(120));
                self.pour(noise, self.generation.hostd(), &host, out)
            }
            NoiseFormat::VmwareLog => {
                let Some(vm) = host.neighbours.first() else {
                    return Ok(NoiseSummary { bytes: 0, records: 0, hits: 0 });
                };
                let noise = VmwareNoise::new(vm, rng, start - seconds(60), start, millis(700));
                self.pour(noise, self.generation.vmware_log(), &host, out)
            }
        }
    }

    fn pour(
        &self,
        noise: impl Iterator<Item = LogRecord>,
        dialect: Dialect,
        host: &Host,
        out: &mut impl Write,
    ) -> io::Result<NoiseSummary> {
        let mut rng = Prng::named(self.seed, "hits");
        let mut done = NoiseSummary { bytes: 0, records: 0, hits: 0 };
        let mut line = String::new();
        for record in noise {
            line.clear();
            if rng.chance(self.hits_per_million, 1_000_000) {
                let hit = self.hit(record.time, host, &mut rng);
                render(dialect, &hit, &mut line);
                done.hits += 1;
                done.records += 1;
            }
            render(dialect, &record, &mut line);
            out.write_all(line.as_bytes())?;
            done.records += 1;
            done.bytes += u64::try_from(line.len()).unwrap_or(0);
            if done.bytes >= self.bytes {
                break;
            }
        }
        Ok(done)
    }

    fn hit(&self, time: LogTime, host: &Host, rng: &mut Prng) -> LogRecord {
        let vm = rng.choose(&host.neighbours);
        match self.format {
            NoiseFormat::VmwareLog => {
                let path = vm.map(|vm| vm.disk(1)).unwrap_or_default();
                LogRecord::new(time, "vmx", format!("DISKLIB-LINK  : \"{path}\" : failed to open ({WRONG_KEY})."))
            }
            NoiseFormat::Hostd => {
                let sub = vm.map(Vm::sub).unwrap_or_default();
                crate::scenario::provider_fault(time, &sub, "KMS-EXT")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(writer: &NoiseWriter) -> (Vec<u8>, NoiseSummary) {
        let mut out = Vec::new();
        let done = writer.write(&mut out).unwrap();
        (out, done)
    }

    #[test]
    fn same_seed_same_bytes() {
        for format in [NoiseFormat::Hostd, NoiseFormat::VmwareLog] {
            for generation in Generation::ALL {
                let writer = NoiseWriter::new(format, *generation, 11).bytes(50_000);
                assert_eq!(write(&writer), write(&writer));
                assert_ne!(write(&writer), write(&NoiseWriter::new(format, *generation, 12).bytes(50_000)));
            }
        }
    }

    #[test]
    fn longer_logs_begin_like_shorter_ones() {
        let (short, _) = write(&NoiseWriter::new(NoiseFormat::Hostd, Generation::V70, 3).bytes(40_000));
        let (long, _) = write(&NoiseWriter::new(NoiseFormat::Hostd, Generation::V70, 3).bytes(90_000));
        assert!(long.starts_with(&short));
    }

    #[test]
    fn hits_come_at_the_rate_asked_for() {
        for format in [NoiseFormat::Hostd, NoiseFormat::VmwareLog] {
            let (log, done) =
                write(&NoiseWriter::new(format, Generation::V80, 5).bytes(1_000_000).hits_per_million(20_000));
            let text = String::from_utf8(log).unwrap();
            let seen = text.matches(WRONG_KEY).count() + text.matches("kms.providers.not_found<").count();
            assert_eq!(u64::try_from(seen).unwrap(), done.hits);
            assert!((done.records / 75..done.records / 35).contains(&done.hits), "{done:?}");
        }
    }

    #[test]
    fn without_hits_nothing_speaks_of_keys_or_resets() {
        for format in [NoiseFormat::Hostd, NoiseFormat::VmwareLog] {
            let (log, _) = write(&NoiseWriter::new(format, Generation::V80, 6).bytes(3_000_000));
            let text = String::from_utf8(log).unwrap();
            for never in
                ["decrypt", "providers.not_found", "reset by HA", "heartbeat timeout", "latency", "All Paths Down"]
            {
                assert!(!text.contains(never), "{never}");
            }
        }
    }

    #[test]
    fn stamps_never_go_back() {
        for format in [NoiseFormat::Hostd, NoiseFormat::VmwareLog] {
            let (log, _) = write(&NoiseWriter::new(format, Generation::V80, 8).bytes(500_000));
            let text = String::from_utf8(log).unwrap();
            let stamps: Vec<&str> = text.lines().map(|line| &line[..24]).collect();
            assert!(stamps.is_sorted());
        }
    }
}
