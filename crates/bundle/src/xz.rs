use std::io;

use lzma_rust2::{Action, Status, XzStream};

use crate::codec::{Codec, Fault, Step, Then, step};
use crate::input::Input;

/// An xz stream.
pub(crate) struct Xz {
    stream: XzStream,
    window_bytes: u64,
}

impl Xz {
    /// A decoder that takes dictionaries of up to `window_bytes`.
    pub(crate) fn new(window_bytes: u64) -> Self {
        // The decoder counts its own tables, some 40 KiB, into its limit.
        let kib = u32::try_from(window_bytes / 1024).unwrap_or(u32::MAX);
        Self { stream: XzStream::new_mem_limit(false, kib.saturating_add(64)), window_bytes }
    }
}

impl Codec for Xz {
    const NAME: &'static str = "xz";
    const MAGIC: &'static [u8] = b"\xfd7zXZ\0";

    fn begin(&mut self, _: &mut Input<'_>) -> Result<(), Fault> {
        *self = Self::new(self.window_bytes);
        Ok(())
    }

    fn step(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Step {
        // After a fault the decoder gives nothing of what it had decoded by then,
        // so it is handed little at a time, and little is lost.
        let waiting = input.fill();
        let waiting = waiting.get(..waiting.len().min(1024)).unwrap_or_default();
        let room = out.len().min(4096);
        let out = out.get_mut(..room).unwrap_or_default();
        let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
        let result = self.stream.process(waiting, out, Action::Run);
        let used = self.stream.total_in() - before_in;
        let made = self.stream.total_out() - before_out;
        if result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::OutOfMemory) {
            let why =
                format!("an xz dictionary over the limit of {} bytes (--max-window) is needed", self.window_bytes);
            return Step { made: 0, then: Then::Fault(Fault::Other(why)) };
        }
        step(input, used, made, result, |done| done.status == Status::StreamEnd)
    }
}
