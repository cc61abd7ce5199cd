use std::io::Read as _;

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::codec::{Codec, Fault, Step, Then};
use crate::input::Input;

/// A zstd frame, or one that is to be skipped.
pub(crate) struct Zstd {
    decoder: FrameDecoder,
    /// Set once the frame cannot be decoded further and only what is in the window is left to give.
    fault: Option<Fault>,
    skipped: bool,
}

impl Zstd {
    /// A decoder that takes windows of up to `window_bytes`.
    pub(crate) fn new(window_bytes: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window_bytes);
        Self { decoder, fault: None, skipped: false }
    }

    /// Makes the decoder give what its window holds back for blocks that will not come.
    ///
    /// It does so at the end of a frame, so it is handed an end: an empty raw
    /// block, marked as the last, and room for a checksum.
    fn give_up(&mut self, fault: Fault) {
        const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];
        let _ = self.decoder.decode_blocks(LAST_BLOCK.as_slice(), BlockDecodingStrategy::UptoBlocks(1));
        self.fault = Some(fault);
    }

    fn end(&mut self) -> Then {
        if let Some(fault) = self.fault.take() {
            return Then::Fault(fault);
        }
        let wanted = self.decoder.get_checksum_from_data();
        let wrong = wanted.is_some() && wanted != self.decoder.get_calculated_checksum();
        Then::End(wrong.then(|| "checksum mismatch".to_owned()))
    }
}

impl Codec for Zstd {
    const NAME: &'static str = "zstd";
    const MAGIC: &'static [u8] = &[0x28, 0xb5, 0x2f, 0xfd];

    fn begins(head: &[u8]) -> bool {
        head.starts_with(Self::MAGIC) || matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
    }

    fn begin(&mut self, input: &mut Input<'_>) -> Result<(), Fault> {
        self.skipped = false;
        match self.decoder.reset(&mut *input) {
            Ok(()) => Ok(()),
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                self.skipped = true;
                if input.skip(u64::from(length)) < u64::from(length) {
                    return Err(Fault::Truncated);
                }
                Ok(())
            }
            Err(FrameDecoderError::WindowSizeTooBig { requested, max }) => Err(Fault::Other(format!(
                "a zstd window of {requested} bytes, over the limit of {max} bytes (--max-window), is needed"
            ))),
            Err(_) if input.fill().is_empty() => Err(Fault::Truncated),
            Err(error) => Err(Fault::Corrupt(error.to_string())),
        }
    }

    fn step(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Step {
        if self.skipped {
            return Step { made: 0, then: Then::End(None) };
        }
        let more = |made| Step { made, then: Then::More };
        let made = self.decoder.read(out).unwrap_or(0);
        if made > 0 {
            return more(made);
        }
        if self.fault.is_some() || self.decoder.is_finished() {
            let then = self.end();
            return Step { made, then };
        }
        let decoded = self.decoder.decode_blocks(&mut *input, BlockDecodingStrategy::UptoBlocks(1));
        if let Err(error) = decoded {
            let fault = if input.fill().is_empty() { Fault::Truncated } else { Fault::Corrupt(error.to_string()) };
            self.give_up(fault);
        }
        more(0)
    }
}
