use std::io::{self, Read};

use crate::input::Input;
use crate::reading::Reading;

/// A compression format, as a decoder of one stream of it.
pub(crate) trait Codec {
    /// What the format is called in problems.
    const NAME: &'static str;

    /// The bytes that begin a stream; empty for a format that has none, which is never looked for.
    const MAGIC: &'static [u8];

    /// Whether `head`, at least as long as the magic unless the input ends, begins a stream.
    fn begins(head: &[u8]) -> bool {
        !Self::MAGIC.is_empty() && head.starts_with(Self::MAGIC)
    }

    /// Takes the header of a stream and makes ready for its body.
    fn begin(&mut self, input: &mut Input<'_>) -> Result<(), Fault>;

    /// Decodes something into `out`, which is not empty.
    fn step(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Step;
}

/// What one step of decoding gave.
pub(crate) struct Step {
    /// How many bytes of `out` were written, also before a fault.
    pub(crate) made: usize,
    pub(crate) then: Then,
}

/// How it goes on after a step.
pub(crate) enum Then {
    /// There may be more, even if nothing was made.
    More,
    /// The stream has ended; `Some` says in words why its data may be wrong all the same.
    End(Option<String>),
    /// The stream cannot be decoded any further.
    Fault(Fault),
}

/// Why a stream cannot be decoded any further.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The input ended before the stream did.
    Truncated,
    /// The input is not what the format allows.
    Corrupt(String),
    /// Anything else, in words.
    Other(String),
}

/// Decodes the streams of one input, one after the other, and ends at the first damage.
///
/// The loop over streams is written here instead of taken from the decoders,
/// because a log needs more than its bytes: where a stream was cut, how much
/// came out before it, how many bytes stand behind the last one, and 5000 empty
/// streams without recursion.
/// After damage nothing more is read: a record's head from before the gap glued
/// to text from behind it would be a record that nobody wrote.
pub(crate) struct Decoded<'a, 'r, 'i, C> {
    reading: &'a Reading<'r>,
    name: &'a str,
    input: &'a mut Input<'i>,
    pub(crate) codec: C,
    state: State,
    single: bool,
    /// Decoded bytes so far.
    made: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Body,
    /// Behind a stream.
    Between,
    Done,
    /// Done before the end.
    Failed,
}

impl<'a, 'r, 'i, C: Codec> Decoded<'a, 'r, 'i, C> {
    pub(crate) fn new(reading: &'a Reading<'r>, name: &'a str, input: &'a mut Input<'i>, codec: C) -> Self {
        Self { reading, name, input, codec, state: State::Start, single: false, made: 0 }
    }

    /// Decodes one stream and leaves what stands behind it untouched.
    pub(crate) fn single(self) -> Self {
        Self { single: true, ..self }
    }

    /// Takes the header of the first stream, for what the codec may tell after it.
    pub(crate) fn begin(&mut self) {
        if self.state == State::Start {
            self.header();
        }
    }

    /// Whether everything was decoded, to the end of the last stream.
    pub(crate) fn whole(&self) -> bool {
        self.state == State::Done
    }

    fn header(&mut self) {
        self.state = State::Body;
        if let Err(fault) = self.codec.begin(self.input) {
            self.fault(fault);
        }
    }

    fn body(&mut self, out: &mut [u8]) -> usize {
        let Step { made, then } = self.codec.step(self.input, out);
        let made = made.min(out.len());
        self.made += made as u64;
        match then {
            Then::More => {}
            Then::End(doubt) => {
                self.state = State::Between;
                if let Some(doubt) = doubt {
                    let problem = format!(
                        "{doubt} in the {} stream that ends at compressed byte {}; {} decoded bytes were read and may be wrong",
                        C::NAME,
                        self.input.taken(),
                        self.made
                    );
                    self.reading.problem(self.name, problem, None, true);
                }
            }
            Then::Fault(fault) => self.fault(fault),
        }
        let limits = self.reading.limits;
        if self.state != State::Failed && limits.exceeded(limits.free_bytes, self.made, self.input.taken()) {
            let problem = format!(
                "stopped at the limit of {} decoded bytes for each compressed byte (--max-ratio): {} decoded bytes were read from {} compressed bytes, the rest was not",
                limits.ratio,
                self.made,
                self.input.taken()
            );
            self.fail(problem, None);
        }
        made
    }

    /// Looks for the next stream behind the zeros that tapes and block devices leave.
    fn between(&mut self) {
        if self.single {
            self.state = State::Done;
            return;
        }
        loop {
            let waiting = self.input.fill();
            if waiting.is_empty() {
                self.state = State::Done;
                return;
            }
            let zeros = waiting.iter().take_while(|&&b| b == 0).count();
            let all = zeros == waiting.len();
            self.input.consume(zeros);
            if !all {
                break;
            }
        }
        let next = self.input.peek(C::MAGIC.len().max(4));
        if C::begins(next) {
            self.header();
        } else if next.len() < C::MAGIC.len() && C::MAGIC.starts_with(next) {
            self.fault(Fault::Truncated);
        } else {
            let after = self.input.taken();
            let (rest, another) = self.drain();
            let mut problem =
                format!("{rest} bytes after the {0} data, from compressed byte {after} on, are not {0}", C::NAME);
            if another {
                problem.push_str("; they hold what may be another stream, not read");
            }
            self.reading.problem(self.name, problem, Some(rest), another);
            self.state = State::Done;
        }
    }

    /// Counts the bytes that are left, and says whether a stream may begin among them.
    fn drain(&mut self) -> (u64, bool) {
        let mut count = 0;
        let mut matched = 0;
        loop {
            let waiting = self.input.fill();
            let length = waiting.len();
            if length == 0 {
                return (count, !C::MAGIC.is_empty() && matched == C::MAGIC.len());
            }
            // No magic holds its first byte twice, so this simple search misses nothing.
            for byte in waiting {
                match C::MAGIC.get(matched) {
                    None => break,
                    Some(wanted) if wanted == byte => matched += 1,
                    Some(_) => matched = usize::from(C::MAGIC.first() == Some(byte)),
                }
            }
            count += length as u64;
            self.input.consume(length);
        }
    }

    fn fault(&mut self, fault: Fault) {
        let (problem, lost) = match fault {
            Fault::Truncated => {
                self.input.skip(u64::MAX);
                let problem = format!(
                    "{} stream truncated after {} compressed bytes; {} decoded bytes were read",
                    C::NAME,
                    self.input.taken(),
                    self.made
                );
                (problem, None)
            }
            Fault::Corrupt(why) => {
                let after = self.input.taken();
                let (rest, _) = self.drain();
                let problem = format!(
                    "{} stream corrupt at compressed byte {after} ({why}); {} decoded bytes were read, {rest} compressed bytes were not",
                    C::NAME,
                    self.made
                );
                (problem, Some(rest))
            }
            Fault::Other(why) => {
                let problem =
                    format!("{why} at compressed byte {}; {} decoded bytes were read", self.input.taken(), self.made);
                (problem, None)
            }
        };
        self.fail(problem, lost);
    }

    fn fail(&mut self, problem: String, lost_bytes: Option<u64>) {
        self.reading.problem(self.name, problem, lost_bytes, true);
        self.state = State::Failed;
    }
}

impl<C: Codec> Read for Decoded<'_, '_, '_, C> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match self.state {
                State::Done | State::Failed => return Ok(0),
                State::Start => self.header(),
                State::Between => self.between(),
                State::Body => {
                    let made = self.body(out);
                    if made > 0 {
                        return Ok(made);
                    }
                }
            }
        }
    }
}

/// What a decoder that takes slices did with them, as a step.
pub(crate) fn step<T, E: ToString>(
    input: &mut Input<'_>,
    used: u64,
    made: u64,
    result: Result<T, E>,
    ended: impl FnOnce(&T) -> bool,
) -> Step {
    let at_end = input.fill().is_empty();
    // Neither can be more than the slices handed over.
    input.consume(usize::try_from(used).unwrap_or(usize::MAX));
    let made = usize::try_from(made).unwrap_or(usize::MAX);
    let then = match result {
        Err(why) => Then::Fault(Fault::Corrupt(why.to_string())),
        Ok(status) if ended(&status) => Then::End(None),
        Ok(_) if made > 0 || used > 0 => Then::More,
        Ok(_) if at_end => Then::Fault(Fault::Truncated),
        // No decoder does this; if one did, the loop would never end.
        Ok(_) => Then::Fault(Fault::Corrupt("the decoder is stuck".to_owned())),
    };
    Step { made, then }
}

#[cfg(test)]
#[cfg(all(feature = "bzip2", feature = "xz", feature = "zstd"))]
pub(crate) mod tests {
    use std::io::Write as _;

    use crate::limits::Limits;
    use crate::testing::{gz, lines, read, read_with, tar, told};

    fn bz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut options = lzma_rust2::XzOptions::with_preset(1);
        options.set_block_size(Some(std::num::NonZeroU64::new(100_000).unwrap()));
        let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    pub(crate) type Pack = fn(&[u8]) -> Vec<u8>;
    /// Every format, with an encoder of it.
    pub(crate) const ALL: [(&str, Pack); 4] = [("gzip", gz), ("bzip2", bz), ("xz", xz), ("zstd", zstd)];

    #[test]
    fn every_format_is_known_by_its_content_and_nests() {
        let log = lines(8000);
        for (format, pack) in ALL {
            for step in [7, 1 << 18] {
                let (got, problems) = read_with(&pack(&log), &Limits::default(), step);
                assert_eq!((got[0].name.as_str(), problems), ("x", vec![]), "{format}");
                assert_eq!(got[0].bytes, log, "{format}");
            }
            let (got, problems) = told(&pack(&tar(&[("a.log.x", &pack(&log)), ("b.log", b"b\n")])));
            assert_eq!((got, problems), (vec![("x!a.log.x".into(), log.len()), ("x!b.log".into(), 2)], vec![]));
            assert_eq!(told(&pack(b"")), (vec![("x".to_owned(), 0)], vec![]), "{format}");
        }
    }

    #[test]
    fn streams_that_follow_each_other_are_one() {
        let log = lines(500);
        let (head, tail) = log.split_at(777);
        for (format, pack) in ALL {
            let mut whole = pack(head);
            whole.extend([0; 8]);
            whole.extend(pack(tail));
            let (got, problems) = read(&whole);
            assert_eq!((&got[0].bytes, problems), (&log, vec![]), "{format}");
        }
        // A frame of zstd that holds no data, as pzstd writes it.
        let mut whole = b"\x50\x2a\x4d\x18\x04\0\0\0skip".to_vec();
        whole.extend(zstd(&log));
        assert_eq!(read(&whole).0[0].bytes, log);
    }

    #[test]
    fn what_a_cut_or_broken_stream_held_is_delivered() {
        let log = lines(8000);
        for (format, pack) in ALL {
            let whole = pack(&log);
            // Their blocks give all or nothing.
            let blocks = matches!(format, "bzip2" | "zstd");
            for tenth in 1..10 {
                let cut = whole.len() * tenth / 10;
                let (got, problems) = told(&whole[..cut]);
                let bytes = &read(&whole[..cut]).0[0].bytes;
                assert!(log.starts_with(bytes), "{format}");
                assert_eq!(problems.len(), 1, "{format}: {problems:?}");
                let expected = format!(
                    "{format} stream truncated after {cut} compressed bytes; {} decoded bytes were read",
                    got[0].1
                );
                assert_eq!(problems[0], (expected, true));
                let least = (log.len() * tenth / 10).saturating_sub(if blocks { 140_000 } else { 30_000 });
                assert!(bytes.len() >= least, "{format}: {} of {} at {tenth}", bytes.len(), log.len());
            }
            let mut broken = whole.clone();
            let middle = broken.len() / 2;
            broken[middle] ^= 0x55;
            broken[middle + 1] ^= 0x55;
            let (got, problems) = read(&broken);
            assert!(problems.iter().all(|problem| problem.incomplete) && !problems.is_empty(), "{format}");
            let same = got[0].bytes.iter().zip(&log).take_while(|(a, b)| a == b).count();
            let least = if blocks { 100_000 } else { log.len() / 3 };
            assert!(same > least, "{format}: {same} of {} are right", log.len());
        }
    }

    #[test]
    fn a_bomb_of_any_format_is_stopped() {
        let limits = Limits { free_bytes: 1 << 20, ..Limits::default() };
        let zeros = vec![0; 24 << 20];
        for (format, pack) in ALL {
            let (got, problems) = read_with(&pack(&zeros), &limits, 1 << 16);
            assert!(got[0].bytes.len() < 12 << 20, "{format}");
            assert!(problems[0].problem.starts_with("stopped at the limit of 200"), "{format}: {problems:?}");
            assert!(problems[0].incomplete);
        }
    }

    #[test]
    fn a_stream_that_asks_for_too_much_memory_is_refused() {
        let limits = Limits { window_bytes: 64 << 10, ..Limits::default() };
        for (format, pack) in &ALL[2..] {
            let (got, problems) = read_with(&pack(&lines(8000)), &limits, 1 << 16);
            assert_eq!(got[0].bytes, b"", "{format}");
            assert!(
                problems[0].problem.contains("over the limit of 65536 bytes (--max-window)"),
                "{format}: {problems:?}"
            );
            assert!(problems[0].incomplete);
        }
    }

    #[test]
    fn formats_that_cannot_be_opened_are_named() {
        for (head, format) in [(&b"7z\xbc\xaf\x27\x1c"[..], "7z"), (b"Rar!\x1a\x07\x01\0", "rar")] {
            let (got, problems) = told(head);
            assert_eq!(
                (got, problems),
                (vec![], vec![(format!("{format} data, which this program cannot open"), true)])
            );
        }
    }
}
