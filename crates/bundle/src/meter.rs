use std::sync::atomic::{AtomicU64, Ordering};

use crate::plan::Plan;

/// How far the reading is: counted by all threads that read, looked at by whoever shows it.
///
/// It has no influence on what is read.
///
/// # Examples
///
/// ```
/// use esxray_bundle::{Limits, Meter, plan};
///
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("hostd.log"), b"four")?;
/// let (limits, meter) = (Limits::default(), Meter::default());
/// let plan = plan(&[folder.path().into()], &limits)?;
/// meter.expect(&plan);
/// for unit in &plan.units {
///     unit.read_metered(&limits, Some(&meter), &mut |member| {
///         let _ = std::io::copy(member.reader, &mut std::io::sink());
///     });
/// }
/// assert_eq!((meter.sources(), meter.decoded(), meter.taken(), meter.total()), (1, 4, 4, Some(4)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Meter {
    sources: AtomicU64,
    decoded: AtomicU64,
    taken: AtomicU64,
    total: AtomicU64,
}

impl Meter {
    /// Adds what a plan holds to what there is to read.
    ///
    /// A plan that is read several times is expected several times.
    pub fn expect(&self, plan: &Plan) {
        let size = plan.units.iter().try_fold(0_u64, |sum, unit| sum.checked_add(unit.known_size()?));
        let add = |total: u64| Some(size.map_or(u64::MAX, |size| total.saturating_add(size)));
        let _ = self.total.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Sources begun.
    pub fn sources(&self) -> u64 {
        self.sources.load(Ordering::Relaxed)
    }

    /// Decoded bytes handed out.
    pub fn decoded(&self) -> u64 {
        self.decoded.load(Ordering::Relaxed)
    }

    /// Bytes taken of what lies on disk, compressed as it is.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Bytes on disk that are to be read; `None` where a stream is among them, or nothing is known yet.
    pub fn total(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|total| !matches!(*total, 0 | u64::MAX))
    }

    pub(crate) fn source(&self) {
        self.sources.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_decoded(&self, bytes: u64) {
        self.decoded.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add_taken(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }
}
