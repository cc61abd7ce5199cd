//! How far the reading is, on standard error and only on a terminal.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::args::Noise;

/// Before this nothing is shown: most runs are over by then.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks.
const PACE: Duration = Duration::from_millis(200);

/// What was read so far; shared by all threads that read.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    sources: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    /// Counts a source that is begun.
    pub(crate) fn source(&self) {
        self.sources.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts decoded bytes.
    pub(crate) fn bytes(&self, count: usize) {
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    fn line(&self) -> String {
        let bytes = self.bytes.load(Ordering::Relaxed);
        let sources = self.sources.load(Ordering::Relaxed);
        format!("reading: {} MB of {sources} {}", bytes / 1_000_000, if sources == 1 { "log" } else { "logs" })
    }
}

/// A line that tells how far it is, and disappears when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    counts: Arc<Counts>,
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to count, and to show it where it can be seen and disturbs nothing.
    ///
    /// `streams` says that the answer itself runs over the terminal meanwhile.
    pub(crate) fn begin(noise: &Noise, streams: bool) -> Self {
        let counts = Arc::new(Counts::default());
        let shown = stderr().is_terminal() && !noise.no_progress && !noise.quiet && !streams;
        let drawing = shown.then(|| {
            let (stop, stopped) = channel();
            let counts = Arc::clone(&counts);
            let draw = std::thread::spawn(move || {
                let mut pause = PATIENCE;
                let mut drawn = false;
                while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                    // To the start of the line, and clear what is right of it: our own sequences, on a terminal.
                    let _ = write!(stderr(), "\r\x1b[K{}", counts.line());
                    drawn = true;
                    pause = PACE;
                }
                if drawn {
                    let _ = write!(stderr(), "\r\x1b[K");
                }
            });
            (stop, draw)
        });
        Self { counts, drawing }
    }

    /// Where to count.
    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
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

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn counts_are_told_in_words() {
        let counts = Counts::default();
        counts.source();
        counts.bytes(12_999_999);
        assert_eq!(counts.line(), "reading: 12 MB of 1 log");
        counts.source();
        assert_eq!(counts.line(), "reading: 12 MB of 2 logs");
    }
}
