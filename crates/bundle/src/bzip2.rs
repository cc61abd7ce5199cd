use bzip2::{Decompress, Status};

use crate::codec::{Codec, Fault, Step, step};
use crate::input::Input;

/// A bzip2 stream.
pub(crate) struct Bzip2(Decompress);

impl Bzip2 {
    pub(crate) fn new() -> Self {
        Self(Decompress::new(false))
    }
}

impl Codec for Bzip2 {
    const NAME: &'static str = "bzip2";
    const MAGIC: &'static [u8] = b"BZh";

    fn begin(&mut self, _: &mut Input<'_>) -> Result<(), Fault> {
        self.0 = Decompress::new(false);
        Ok(())
    }

    fn step(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let result = match self.0.decompress(input.fill(), out) {
            Ok(Status::MemNeeded) => Err("out of memory".to_owned()),
            Ok(status) => Ok(status),
            Err(error) => Err(error.to_string()),
        };
        let used = self.0.total_in() - before_in;
        let made = self.0.total_out() - before_out;
        step(input, used, made, result, |status| *status == Status::StreamEnd)
    }
}
