use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::codec::{Codec, Fault, Step, Then, step};
use crate::input::Input;

const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const HEADER_CRC: u8 = 2;
const RESERVED: u8 = 0xe0;

/// A deflate stream without any frame, as zip members are.
pub(crate) struct Deflate(Decompress);

impl Deflate {
    pub(crate) fn new() -> Self {
        Self(Decompress::new(false))
    }
}

impl Codec for Deflate {
    const NAME: &'static str = "deflate";
    const MAGIC: &'static [u8] = &[];

    fn begin(&mut self, _: &mut Input<'_>) -> Result<(), Fault> {
        self.0.reset(false);
        Ok(())
    }

    fn step(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let result = self.0.decompress(input.fill(), out, FlushDecompress::None);
        let result = result.map_err(|error| error.message().unwrap_or("invalid deflate data").to_owned());
        let used = self.0.total_in() - before_in;
        let made = self.0.total_out() - before_out;
        step(input, used, made, result, |status| *status == Status::StreamEnd)
    }
}

/// A gzip member: a header, a deflate stream, a checksum.
pub(crate) struct Gzip {
    deflate: Deflate,
    crc: Crc,
    modified: Option<i64>,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self { deflate: Deflate::new(), crc: Crc::new(), modified: None }
    }

    /// The time of change that the header of the present member names.
    pub(crate) fn modified(&self) -> Option<i64> {
        self.modified
    }
}

impl Codec for Gzip {
    const NAME: &'static str = "gzip";
    /// Two magic bytes and the only method that there is.
    const MAGIC: &'static [u8] = &[0x1f, 0x8b, 8];

    /// The name in the header is passed over: it is not where the file is, and not to be trusted as a path.
    ///
    /// So is the header's own checksum, as gzip does: what it guards is not used.
    fn begin(&mut self, input: &mut Input<'_>) -> Result<(), Fault> {
        let &[_, _, _, flags, m0, m1, m2, m3, _, _, ..] = input.peek(10) else {
            return Err(Fault::Truncated);
        };
        if flags & RESERVED != 0 {
            return Err(Fault::Corrupt("reserved flags in a gzip header".to_owned()));
        }
        input.consume(10);
        let whole = (flags & EXTRA == 0 || skip_extra(input))
            && (flags & NAME == 0 || skip_text(input))
            && (flags & COMMENT == 0 || skip_text(input))
            && (flags & HEADER_CRC == 0 || input.skip(2) == 2);
        if !whole {
            return Err(Fault::Truncated);
        }
        let seconds = u32::from_le_bytes([m0, m1, m2, m3]);
        self.modified = (seconds != 0).then_some(i64::from(seconds));
        self.crc.reset();
        self.deflate.begin(input)
    }

    fn step(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Step {
        let Step { made, then } = self.deflate.step(input, out);
        self.crc.update(out.get(..made).unwrap_or_default());
        let then = match then {
            Then::End(_) => self.trailer(input),
            other => other,
        };
        Step { made, then }
    }
}

impl Gzip {
    fn trailer(&self, input: &mut Input<'_>) -> Then {
        let &[c0, c1, c2, c3, s0, s1, s2, s3, ..] = input.peek(8) else {
            return Then::Fault(Fault::Other("gzip trailer missing, so the data is unchecked,".to_owned()));
        };
        input.consume(8);
        let sum = u32::from_le_bytes([c0, c1, c2, c3]);
        let size = u32::from_le_bytes([s0, s1, s2, s3]);
        let wrong = sum != self.crc.sum() || size != self.crc.amount();
        Then::End(wrong.then(|| "checksum mismatch".to_owned()))
    }
}

fn skip_extra(input: &mut Input<'_>) -> bool {
    let &[low, high, ..] = input.peek(2) else {
        return false;
    };
    let length = u64::from(u16::from_le_bytes([low, high])) + 2;
    input.skip(length) == length
}

fn skip_text(input: &mut Input<'_>) -> bool {
    loop {
        let waiting = input.fill();
        if waiting.is_empty() {
            return false;
        }
        let end = waiting.iter().position(|&b| b == 0);
        let step = end.map_or(waiting.len(), |at| at + 1);
        input.consume(step);
        if end.is_some() {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::limits::Limits;
    use crate::testing::{gz, lines, read, read_with};

    /// Reads one source, and gives its bytes and each problem with its weight.
    fn one(bytes: &[u8]) -> (Vec<u8>, Vec<(String, bool)>) {
        let (mut got, problems) = read(bytes);
        assert_eq!(got.len(), 1);
        assert!(problems.iter().all(|p| p.source == "x"));
        let problems = problems.into_iter().map(|p| (p.problem, p.incomplete)).collect();
        (got.remove(0).bytes, problems)
    }

    #[test]
    fn members_are_joined_and_zeros_between_or_after_them_are_padding() {
        let log = lines(3000);
        let (head, tail) = log.split_at(1234);
        for padding in [0, 1, 4096, 100_000] {
            let mut whole = gz(head);
            whole.resize(whole.len() + padding, 0);
            whole.extend(gz(tail));
            whole.resize(whole.len() + padding, 0);
            assert_eq!(one(&whole), (log.clone(), vec![]), "padding {padding}");
        }
    }

    #[test]
    fn thousands_of_empty_members_are_a_loop_not_a_recursion() {
        let mut whole = gz(b"").repeat(5000);
        whole.extend(gz(b"the end\n"));
        assert_eq!(one(&whole), (b"the end\n".to_vec(), vec![]));
    }

    #[test]
    fn a_cut_stream_gives_what_it_held_wherever_it_was_cut() {
        let log = lines(400);
        let whole = gz(&log);
        for cut in 3..whole.len() {
            let (bytes, problems) = one(&whole[..cut]);
            assert!(log.starts_with(&bytes));
            assert_eq!(problems.len(), 1, "{problems:?}");
            let (problem, incomplete) = &problems[0];
            assert!(incomplete);
            if cut < whole.len() - 8 {
                let expected = format!(
                    "gzip stream truncated after {cut} compressed bytes; {} decoded bytes were read",
                    bytes.len()
                );
                assert_eq!(*problem, expected);
            } else {
                assert!(problem.contains("trailer missing"), "{problem}");
                assert_eq!(bytes, log);
            }
        }
    }

    #[test]
    fn a_stream_cut_late_has_lost_only_its_end() {
        let log = lines(4000);
        let whole = gz(&log);
        let (bytes, _) = one(&whole[..whole.len() * 6 / 10]);
        assert!(bytes.len() > log.len() / 2, "{} of {}", bytes.len(), log.len());
    }

    #[test]
    fn a_wrong_checksum_is_told_and_the_data_kept() {
        let log = lines(50);
        let mut whole = gz(&log);
        let at = whole.len() - 8;
        whole[at] ^= 1;
        let (bytes, problems) = one(&whole);
        assert_eq!(bytes, log);
        assert!(problems[0].0.starts_with("checksum mismatch"), "{problems:?}");
        assert!(problems[0].1);
    }

    #[test]
    fn bytes_after_the_data_are_counted() {
        let mut whole = gz(b"log\n");
        let data = whole.len();
        whole.extend(b"GARBAGE".repeat(100));
        let (got, problems) = read(&whole);
        assert_eq!(got[0].bytes, b"log\n");
        assert_eq!(
            problems[0].problem,
            format!("700 bytes after the gzip data, from compressed byte {data} on, are not gzip")
        );
        assert_eq!((problems[0].lost_bytes, problems[0].incomplete), (Some(700), false));

        whole.extend(gz(b"hidden\n"));
        let (got, problems) = read(&whole);
        assert_eq!(got[0].bytes, b"log\n");
        assert!(problems[0].problem.ends_with("another stream, not read"));
        assert!(problems[0].incomplete);
    }

    #[test]
    fn a_corrupt_second_member_leaves_the_first_whole() {
        let log = lines(50);
        let mut whole = gz(&log);
        let first = whole.len();
        whole.extend(&gz(&lines(3000))[..40]);
        whole.extend([0xff; 200]);
        let (got, problems) = read(&whole);
        assert!(got[0].bytes.starts_with(&log));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].problem.starts_with("gzip stream corrupt at compressed byte "));
        assert!(problems[0].incomplete);
        assert!(problems[0].lost_bytes.unwrap() < (whole.len() - first) as u64);
    }

    #[test]
    fn every_field_of_the_header_is_passed_over() {
        let plain = gz(b"log\n");
        let mut whole = vec![0x1f, 0x8b, 8, 0x1e, 0x80, 0x62, 0x2d, 0x64, 0, 3];
        whole.extend(600_u16.to_le_bytes());
        whole.extend([b'e'; 600]);
        whole.extend(b"../../etc/x\x1b\0comment\0\0\0");
        whole.extend(&plain[10..]);
        let (got, problems) = read(&whole);
        assert_eq!(problems, []);
        assert_eq!((got[0].name.as_str(), got[0].modified), ("x", Some(0x642d_6280)));
        assert_eq!(got[0].bytes, b"log\n");
    }

    #[test]
    fn gzip_in_gzip_keeps_the_path_until_the_limit_of_depth() {
        let mut whole = b"log\n".to_vec();
        for _ in 0..8 {
            whole = gz(&whole);
        }
        assert_eq!(one(&whole), (b"log\n".to_vec(), vec![]));
        let (got, problems) = read(&gz(&whole));
        assert_eq!(got, []);
        assert_eq!(problems[0].problem, "nested deeper than the limit of 8 containers (--max-depth), not opened");
        assert!(problems[0].incomplete);
    }

    #[test]
    fn a_bomb_is_stopped_by_its_ratio_and_told() {
        let limits = Limits { free_bytes: 1 << 20, ..Limits::default() };
        let bomb = gz(&vec![0; 8 << 20]);
        let (got, problems) = read_with(&bomb, &limits, 1 << 16);
        let length = got[0].bytes.len();
        assert!((1 << 20..(1 << 20) + (1 << 18)).contains(&length), "{length}");
        assert!(problems[0].problem.starts_with("stopped at the limit of 200 decoded bytes"));
        assert!(problems[0].problem.contains(&format!("{length} decoded bytes")));
        assert!(problems[0].incomplete);
        // What compresses as logs do is not a bomb.
        let log = lines(40_000);
        assert_eq!(read_with(&gz(&log), &limits, 1 << 16).0[0].bytes, log);
    }

    #[test]
    fn the_whole_unit_has_a_limit() {
        let limits = Limits { unit_bytes: 1000, ..Limits::default() };
        let (got, problems) = read_with(&lines(100), &limits, 100);
        assert_eq!(got[0].bytes.len(), 1000);
        assert!(problems[0].problem.contains("the limit of 1000 decoded bytes"));
        assert!(problems[0].incomplete);
    }
}
