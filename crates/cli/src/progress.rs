//! How far the reading is, on standard error and only on a terminal.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use esxray::bundle::Meter;

use crate::args::Noise;

/// Before this nothing is shown: most runs are over by then.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks.
const PACE: Duration = Duration::from_millis(200);
/// Before this nothing is said of the time left: too little is known of the pace.
const LEARNING: Duration = Duration::from_secs(2);

/// A line that tells how far it is, and disappears when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    meter: Arc<Meter>,
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to count, and to show it where it can be seen and disturbs nothing.
    ///
    /// `streams` says that the answer itself runs over the terminal meanwhile.
    pub(crate) fn begin(noise: &Noise, streams: bool) -> Self {
        let meter = Arc::new(Meter::default());
        let shown = stderr().is_terminal() && !noise.no_progress && !noise.quiet && !streams;
        let drawing = shown.then(|| {
            let (stop, stopped) = channel();
            let meter = Arc::clone(&meter);
            let draw = std::thread::spawn(move || {
                let begun = Instant::now();
                let mut pause = PATIENCE;
                let mut drawn = false;
                while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                    let line = State::of(&meter).line(begun.elapsed());
                    // To the start of the line, and clear what is right of it: our own sequences, on a terminal.
                    let _ = write!(stderr(), "\r\x1b[K{line}");
                    drawn = true;
                    pause = PACE;
                }
                if drawn {
                    let _ = write!(stderr(), "\r\x1b[K");
                }
            });
            (stop, draw)
        });
        Self { meter, drawing }
    }

    /// Where to count.
    pub(crate) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, draw)) = self.drawing.take() {
            drop(stop);
            let _ = draw.join();
        }
    }
}

/// How far it is at one moment.
#[derive(Debug, Clone, Copy)]
struct State {
    sources: u64,
    decoded: u64,
    taken: u64,
    total: Option<u64>,
}

impl State {
    fn of(meter: &Meter) -> Self {
        Self { sources: meter.sources(), decoded: meter.decoded(), taken: meter.taken(), total: meter.total() }
    }

    /// `reading: 412 MB in 17 sources, 43 %, about 12 s left`; no share and no time where the size is not known.
    fn line(self, elapsed: Duration) -> String {
        let noun = if self.sources == 1 { "source" } else { "sources" };
        let what = format!("reading: {} MB in {} {noun}", self.decoded / 1_000_000, self.sources);
        let Some(total) = self.total else { return what };
        // What is read twice of an archive, such as its directory, counts twice.
        let taken = self.taken.min(total);
        let share = u128::from(taken) * 100 / u128::from(total);
        if elapsed < LEARNING || taken < total / 100 || taken == 0 {
            return format!("{what}, {share} %");
        }
        let left = u128::from(total - taken) * elapsed.as_millis() / u128::from(taken) / 1000;
        let left = match left {
            0..60 => format!("{left} s"),
            60..3600 => format!("{} min", left.div_ceil(60)),
            _ => format!("{} h {} min", left / 3600, left % 3600 / 60),
        };
        format!("{what}, {share} %, about {left} left")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::State;

    #[test]
    fn how_far_it_is_in_words() {
        let state = State { sources: 1, decoded: 12_999_999, taken: 0, total: None };
        let after = |seconds| Duration::from_secs(seconds);
        assert_eq!(state.line(after(9)), "reading: 12 MB in 1 source");
        let state = State { sources: 2, decoded: 50_000_000, taken: 3_000_000, total: Some(12_000_000) };
        assert_eq!(state.line(after(1)), "reading: 50 MB in 2 sources, 25 %");
        assert_eq!(state.line(after(4)), "reading: 50 MB in 2 sources, 25 %, about 12 s left");
        assert_eq!(state.line(after(400)), "reading: 50 MB in 2 sources, 25 %, about 20 min left");
        assert_eq!(state.line(after(4000)), "reading: 50 MB in 2 sources, 25 %, about 3 h 20 min left");
        let state = State { taken: 13_000_000, ..state };
        assert_eq!(state.line(after(4)), "reading: 50 MB in 2 sources, 100 %, about 0 s left");
        let nothing = State { sources: 0, decoded: 0, taken: 0, total: Some(u64::MAX) };
        assert_eq!(nothing.line(after(4)), "reading: 0 MB in 0 sources, 0 %");
    }
}
