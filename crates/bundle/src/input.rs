use std::io::{self, Read};

/// Bytes that one buffer holds, and the most that can be looked ahead.
pub(crate) const BUFFER: usize = 64 * 1024;

/// The bytes of one layer, with a look ahead and a count of what was taken.
///
/// The readers of this crate never fail: they end, and note why. A reader that
/// does fail is taken as ended.
pub(crate) struct Input<'a> {
    inner: &'a mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    taken: u64,
}

impl<'a> Input<'a> {
    /// Reads from `inner` through `buffer`, which must not be empty.
    pub(crate) fn new(inner: &'a mut dyn Read, buffer: Vec<u8>) -> Self {
        Self { inner, buffer, start: 0, end: 0, ended: false, taken: 0 }
    }

    /// Gives the buffer back, for the next one who needs one.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// How many bytes were taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// The next bytes, at least `count` of them unless the input ends before.
    pub(crate) fn peek(&mut self, count: usize) -> &[u8] {
        if self.end - self.start < count && !self.ended {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            while self.end < count.min(self.buffer.len()) && self.read_more() > 0 {}
        }
        self.waiting()
    }

    /// The next bytes, at least one unless the input has ended.
    pub(crate) fn fill(&mut self) -> &[u8] {
        if self.start == self.end && !self.ended {
            self.start = 0;
            self.end = 0;
            self.read_more();
        }
        self.waiting()
    }

    /// Takes bytes that `peek` or `fill` has shown.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.taken += count as u64;
    }

    /// Takes up to `count` bytes unseen, and says how many there were.
    pub(crate) fn skip(&mut self, count: u64) -> u64 {
        let mut left = count;
        while left > 0 {
            let there = self.fill().len();
            if there == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(there);
            self.consume(step);
            left -= step as u64;
        }
        count - left
    }

    fn waiting(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn read_more(&mut self) -> usize {
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let got = read_some(self.inner, room);
        if got == 0 {
            self.ended = true;
        }
        self.end += got;
        got
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= self.buffer.len() {
            // Nothing is waiting: spare a copy.
            let got = if self.ended { 0 } else { read_some(self.inner, out) };
            self.ended = got == 0;
            self.taken += got as u64;
            return Ok(got);
        }
        let waiting = self.fill();
        let count = waiting.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), waiting.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

fn read_some(reader: &mut dyn Read, out: &mut [u8]) -> usize {
    loop {
        match reader.read(out) {
            Ok(got) => return got.min(out.len()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a call, as a slow pipe does.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = out.len().min(self.0.len()).min(1);
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn a_look_ahead_takes_nothing() {
        let mut slow = Slow(b"0123456789");
        let mut input = Input::new(&mut slow, vec![0; 8]);
        assert_eq!(input.peek(3), b"012");
        input.consume(2);
        assert_eq!(input.peek(8), b"23456789");
        assert_eq!(input.taken(), 2);
        assert_eq!(input.skip(3), 3);
        let mut rest = Vec::new();
        input.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"56789");
        assert_eq!(input.taken(), 10);
        assert_eq!(input.peek(4), b"");
        assert_eq!(input.skip(9), 0);
    }

    #[test]
    fn a_look_ahead_past_the_end_gives_what_there_is() {
        let mut slow = Slow(b"ab");
        let mut input = Input::new(&mut slow, vec![0; 8]);
        assert_eq!(input.peek(8), b"ab");
        assert_eq!(input.peek(20), b"ab");
    }
}
