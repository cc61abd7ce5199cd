use std::io::{self, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::input::Input;
use crate::reading::Reading;

/// How every gzip member begins: two magic bytes and the only method there is.
pub(crate) const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const HEADER_CRC: u8 = 2;
const RESERVED: u8 = 0xe0;

/// Decodes gzip members, one after the other, and ends at the first damage.
///
/// The member loop is written here instead of taken from `flate2`, because a
/// log needs more than its bytes: where a stream was cut, how much came out
/// before it, how many bytes stand behind the last member, and 5000 empty
/// members without recursion.
/// After damage nothing more is read: a record's head from before the gap glued
/// to text from behind it would be a record that nobody wrote.
pub(crate) struct Gzip<'a, 'r, 'i> {
    reading: &'a Reading<'r>,
    name: &'a str,
    input: &'a mut Input<'i>,
    inflate: Decompress,
    crc: Crc,
    state: State,
    decoded: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the header of a member, or at the end.
    Between,
    Body,
    Done,
}

impl<'a, 'r, 'i> Gzip<'a, 'r, 'i> {
    pub(crate) fn new(reading: &'a Reading<'r>, name: &'a str, input: &'a mut Input<'i>) -> Self {
        Self {
            reading,
            name,
            input,
            inflate: Decompress::new(false),
            crc: Crc::new(),
            state: State::Between,
            decoded: 0,
        }
    }

    /// Reads the first header and gives the time of change that it names.
    ///
    /// The name in the header is not used: it is not where the file is, and it
    /// is not to be trusted as a path.
    pub(crate) fn begin(&mut self) -> Option<i64> {
        self.header().filter(|&seconds| seconds != 0)
    }

    /// Reads one header; `None` when it is damaged, which ends the stream.
    fn header(&mut self) -> Option<i64> {
        let head = self.input.peek(10);
        let &[_, _, _, flags, m0, m1, m2, m3, _, _, ..] = head else {
            self.truncated();
            return None;
        };
        if flags & RESERVED != 0 {
            self.corrupt("reserved flags in a gzip header");
            return None;
        }
        self.input.consume(10);
        // The header's own checksum is skipped, as gzip does: what it guards is not used.
        let whole = (flags & EXTRA == 0 || self.skip_extra())
            && (flags & NAME == 0 || self.skip_text())
            && (flags & COMMENT == 0 || self.skip_text())
            && (flags & HEADER_CRC == 0 || self.input.skip(2) == 2);
        if !whole {
            self.truncated();
            return None;
        }
        self.inflate.reset(false);
        self.crc.reset();
        self.state = State::Body;
        Some(i64::from(u32::from_le_bytes([m0, m1, m2, m3])))
    }

    fn skip_extra(&mut self) -> bool {
        let &[low, high, ..] = self.input.peek(2) else {
            return false;
        };
        let length = u64::from(u16::from_le_bytes([low, high])) + 2;
        self.input.skip(length) == length
    }

    fn skip_text(&mut self) -> bool {
        loop {
            let waiting = self.input.fill();
            if waiting.is_empty() {
                return false;
            }
            let end = waiting.iter().position(|&b| b == 0);
            let step = end.map_or(waiting.len(), |at| at + 1);
            self.input.consume(step);
            if end.is_some() {
                return true;
            }
        }
    }

    /// Inflates some bytes into `out`; 0 means that the state has changed or that more is to be asked for.
    fn body(&mut self, out: &mut [u8]) -> usize {
        let waiting = self.input.fill();
        let at_end = waiting.is_empty();
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let result = self.inflate.decompress(waiting, out, FlushDecompress::None);
        let used = self.inflate.total_in() - before_in;
        let made = self.inflate.total_out() - before_out;
        // Neither can be more than the slices handed over.
        self.input.consume(usize::try_from(used).unwrap_or(usize::MAX));
        let made = usize::try_from(made).unwrap_or(usize::MAX).min(out.len());
        self.crc.update(out.get(..made).unwrap_or_default());
        self.decoded += made as u64;
        let limits = self.reading.limits;
        match result {
            Err(error) => {
                let why = error.message().unwrap_or("invalid deflate data").to_owned();
                self.corrupt(&why);
            }
            Ok(Status::StreamEnd) => self.trailer(),
            Ok(Status::Ok | Status::BufError) if at_end && made == 0 => self.truncated(),
            // The inflater does not do this; if it did, the loop would never end.
            Ok(Status::Ok | Status::BufError) if used == 0 && made == 0 => self.corrupt("the decoder is stuck"),
            Ok(Status::Ok | Status::BufError) => {}
        }
        if self.state != State::Done && limits.exceeded(limits.free_bytes, self.decoded, self.input.taken()) {
            let problem = format!(
                "stopped at the limit of {} decoded bytes for each compressed byte: {} decoded bytes were read from {} compressed bytes, the rest was not",
                limits.ratio,
                self.decoded,
                self.input.taken()
            );
            self.stop(problem, None, true);
        }
        made
    }

    fn trailer(&mut self) {
        let &[c0, c1, c2, c3, s0, s1, s2, s3, ..] = self.input.peek(8) else {
            let problem = format!(
                "gzip trailer missing after {} compressed bytes, so the data is unchecked; {} decoded bytes were read",
                self.input.taken(),
                self.decoded
            );
            return self.stop(problem, None, true);
        };
        self.input.consume(8);
        self.state = State::Between;
        let sum = u32::from_le_bytes([c0, c1, c2, c3]);
        let size = u32::from_le_bytes([s0, s1, s2, s3]);
        if sum != self.crc.sum() || size != self.crc.amount() {
            let problem = format!(
                "checksum mismatch in the gzip member that ends at compressed byte {}: its {} decoded bytes were read and may be wrong",
                self.input.taken(),
                self.inflate.total_out()
            );
            self.reading.problem(self.name, problem, None, true);
        }
    }

    /// Looks for the next member behind the zeros that tapes and block devices leave.
    fn between(&mut self) {
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
        let next = self.input.peek(MAGIC.len());
        let next = next.get(..MAGIC.len()).unwrap_or(next);
        if next == MAGIC {
            self.header();
        } else if MAGIC.starts_with(next) {
            self.truncated();
        } else {
            let after = self.input.taken();
            let (rest, member) = self.drain();
            let mut problem =
                format!("{rest} bytes after the gzip data, from compressed byte {after} on, are not gzip");
            if member {
                problem.push_str("; they hold what may be another gzip member, not read");
            }
            self.stop(problem, Some(rest), member);
        }
    }

    /// Counts the bytes that are left, and says whether a member may begin among them.
    fn drain(&mut self) -> (u64, bool) {
        let mut count = 0;
        let mut member = false;
        let mut matched = 0;
        loop {
            let waiting = self.input.fill();
            if waiting.is_empty() {
                return (count, member);
            }
            let length = waiting.len();
            if !member {
                for byte in waiting {
                    matched = match (matched, byte) {
                        (_, 0x1f) => 1,
                        (1, 0x8b) => 2,
                        (2, 8) => {
                            member = true;
                            break;
                        }
                        _ => 0,
                    };
                }
            }
            count += length as u64;
            self.input.consume(length);
        }
    }

    fn truncated(&mut self) {
        self.input.skip(u64::MAX);
        let problem = format!(
            "gzip stream truncated after {} compressed bytes; {} decoded bytes were read",
            self.input.taken(),
            self.decoded
        );
        self.stop(problem, None, true);
    }

    fn corrupt(&mut self, why: &str) {
        let after = self.input.taken();
        let (rest, _) = self.drain();
        let problem = format!(
            "gzip stream corrupt at compressed byte {after} ({why}); {} decoded bytes were read, {rest} compressed bytes were not",
            self.decoded
        );
        self.stop(problem, Some(rest), true);
    }

    fn stop(&mut self, problem: String, lost_bytes: Option<u64>, incomplete: bool) {
        self.reading.problem(self.name, problem, lost_bytes, incomplete);
        self.state = State::Done;
    }
}

impl Read for Gzip<'_, '_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match self.state {
                State::Done => return Ok(0),
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
        assert!(problems[0].problem.ends_with("another gzip member, not read"));
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
        assert_eq!(problems[0].problem, "nested deeper than the limit of 8 containers, not opened");
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
