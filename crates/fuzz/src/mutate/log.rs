use std::ops::Range;

use esxray_testkit::Prng;

use super::bytes::{below, bytes, place};
use crate::seeds::knowledge;

/// Pieces that readers of logs, terminals and people are sensitive to.
const PIECES: &[&[u8]] = &[
    b"\x1b[2J",
    b"\x1b]0;title\x07",
    b"\x9b31m",
    b"\xc2\x9b31m",
    b"\xe2\x80\xae",
    b"\xe2\x80\x8b",
    b"\xf3\xa0\x81\x81",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
    b"\0\0\0\0\0\0\0\0",
    b"\r",
    b"\r\n",
    b"\n",
    b"\n\n",
    b"\n--> ",
    b"\n-->",
    b"--> ",
    b"\n   ",
    b"\"",
    b"\\\"",
    b"'",
    b"(vim.fault.InvalidState) {",
    b"(vmodl.MethodFault) null",
    b"   faultCause = ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b",",
    b" = ",
    b"[Originator@6876 sub=Vmsvc opID=a-1 user=root] ",
    b"sub=",
    b" opID=",
    b"Guest: ",
    b"Msg_Post: Error\n",
    b"----------------",
    b"Log for VMware ESX pid=1 version=8.0.2 build=build-1",
    b"Section for VMware ESX, pid=1, version=8.0.2, build=1, option=Release",
    b"/vmfs/volumes/ds1/APP-01/APP-01.vmx",
    b"/vmfs/volumes/ds1/A'B;rm -rf $(x) `y`/A.vmx",
    b"vim.Task:task-1",
    b"vm-1012",
    b"NKP-1",
    b"annotation",
    b"2024-03-12T09:00:05.000Z In(05) vmx - ",
    b"2024-03-12T09:00:05.000Z In(05)+ vmx - ",
    b"2024-03-12T09:00:05.000Z| vmx| I125: ",
    b"2024-03-12T09:00:05.000Z| vmx| I125+ ",
    b"2024-03-12T09:00:05.000Z Er(163) Hostd[2099154]: [Originator@6876 sub=Default] ",
    b"2024-03-12T09:00:05.000Z Er(163) Hostd[2099154]: --> ",
    b"2024-03-12T09:00:05.000Z error hostd[2099154] [Originator@6876 sub=Default] ",
    b"<166>1 2024-03-12T09:00:05.000Z esx01 Hostd 1 - - ",
    b"Mar 12 09:00:05.000: vmx| ",
    b"Feb 29 09:00:05 esx01 Hostd: ",
    b"9999-12-31T23:59:60.999999999+14:00",
    b"0000-01-01T00:00:00Z",
    b"2024-02-30T24:61:61.1234567890Z",
    b"99999999999999999999999",
    b"-1",
    b"\x1cesx02/hostd.log\n",
    b"\x1cAPP-01/vmware-1.log\n",
    b"\x1c\x1b[2J/\xe2\x80\xae.log\n",
];

/// Changes a log; heads of lines are left alone three times out of four.
pub fn log(input: &mut Vec<u8>, pool: &[Vec<u8>], rng: &mut Prng) {
    let lines = lines(input);
    let Some(line) = rng.choose(&lines).cloned() else {
        bytes(input, 0, rng);
        return;
    };
    match rng.below(16) {
        0 => bytes(input, 0, rng),
        1..=3 => {
            // Only this line: what is behind it keeps its heads.
            let mut own = input.get(line.clone()).unwrap_or_default().to_vec();
            let head = head(&own, rng);
            bytes(&mut own, head, rng);
            input.splice(line, own);
        }
        4..=7 => {
            let own = input.get(line.clone()).unwrap_or_default();
            let at = line.start + place(head(own, rng), own.len(), rng);
            input.splice(at..at, piece(rng));
        }
        8 => drop(input.drain(with_end(input, &line))),
        9 => {
            let copy = input.get(with_end(input, &line)).unwrap_or_default().to_vec();
            let copies = if rng.chance(1, 20) { 200 } else { 1 + below(3, rng) };
            input.splice(line.start..line.start, copy.repeat(copies));
        }
        10 => {
            // Two lines become one, or one becomes two.
            if rng.chance(1, 2) {
                input.drain(line.end..(line.end + 1).min(input.len()));
            } else {
                let at = place(line.start, line.end, rng);
                input.insert(at, b'\n');
            }
        }
        11 | 12 => {
            // A line of another input, or of this one, in front of this line.
            let other = rng.choose(pool).cloned().unwrap_or_default();
            let from = if rng.chance(1, 3) { input.clone() } else { other };
            let of_other = self::lines(&from);
            let Some(piece) = rng.choose(&of_other) else { return };
            let piece = from.get(with_end(&from, piece)).unwrap_or_default().to_vec();
            input.splice(line.start..line.start, piece);
        }
        13 => {
            // The head of one line, the rest of another.
            let Some(other) = rng.choose(&lines).cloned() else { return };
            let text = input.get(other.clone()).unwrap_or_default().to_vec();
            let rest = text.get(head(&text, rng)..).unwrap_or_default().to_vec();
            let own = input.get(line.clone()).unwrap_or_default();
            let at = line.start + head(own, rng);
            input.splice(at..line.end, rest);
        }
        14 => digits(input, &line, rng),
        _ => {
            // A long line, a long word.
            let own = input.get(line.clone()).unwrap_or_default();
            let at = line.start + place(head(own, rng), own.len(), rng);
            let piece = piece(rng);
            let copies = 1 + below(if rng.chance(1, 10) { 2000 } else { 20 }, rng);
            input.splice(at..at, piece.repeat(copies));
        }
    }
}

/// Something telling, of the readers or of the knowledge base.
fn piece(rng: &mut Prng) -> Vec<u8> {
    if rng.chance(1, 4) {
        let signatures = &knowledge().signatures;
        if let Some(signature) = rng.choose(signatures) {
            let samples: Vec<&str> = signature.samples.iter().map(|it| it.text.as_str()).collect();
            return if rng.chance(1, 2) {
                rng.pick(&samples).replace('\n', "\n--> ").into_bytes()
            } else {
                rng.choose(&signature.anchors).cloned().unwrap_or_default()
            };
        }
    }
    rng.choose(PIECES).map(|it| it.to_vec()).unwrap_or_default()
}

/// Where the message of a line may begin: behind a mark that ends heads. Rarely its very start.
fn head(line: &[u8], rng: &mut Prng) -> usize {
    if rng.chance(1, 4) {
        return 0;
    }
    let ends: Vec<usize> = (line.windows(2).take(200).enumerate())
        .filter(|(_, pair)| matches!(pair, [b']' | b':' | b'-' | b'|' | b'>' | b'+', b' ']))
        .map(|(at, _)| at + 2)
        .collect();
    // The last mark may already be one of the message, the first one is within the head.
    let at = ends.len().saturating_sub(1 + below(2, rng));
    ends.get(at).copied().unwrap_or(24).min(line.len())
}

/// Puts another number where a number stands.
fn digits(input: &mut Vec<u8>, line: &Range<usize>, rng: &mut Prng) {
    const NUMBERS: &[&str] = &["0", "1", "00", "99", "2147483648", "18446744073709551616", "-1", "1e9", "0x1f", ""];
    let text = input.get(line.clone()).unwrap_or_default();
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, byte) in text.iter().enumerate().filter(|it| it.1.is_ascii_digit()) {
        let _ = byte;
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    let Some(run) = rng.choose(&runs).cloned() else { return };
    let run = line.start + run.start..line.start + run.end;
    if rng.chance(1, 2) {
        // The same width: stamps stay stamps.
        let new: Vec<u8> = run.clone().map(|_| rng.choose(b"0123456789").copied().unwrap_or(b'0')).collect();
        input.splice(run, new);
    } else {
        input.splice(run, rng.pick(NUMBERS).bytes());
    }
}

/// The lines without their ends; a name of a file is a line too.
pub(crate) fn lines(input: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in input.iter().enumerate().filter(|it| *it.1 == b'\n').map(|it| it.0).chain([input.len()]) {
        if end > start || input.get(end).is_some() {
            found.push(start..end);
        }
        start = end + 1;
    }
    found
}

/// A line with its end.
fn with_end(input: &[u8], line: &Range<usize>) -> Range<usize> {
    line.start..(line.end + 1).min(input.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found() {
        assert_eq!(lines(b"ab\n\nc"), [0..2, 3..3, 4..5]);
        assert_eq!(lines(b"ab\n"), vec![0..2]);
        assert_eq!(lines(b""), Vec::<Range<usize>>::new());
    }

    #[test]
    fn most_inputs_still_have_records() {
        let pool = crate::seeds::logs();
        let mut rng = Prng::new(3);
        let mut with_records = 0;
        for turn in 0..600 {
            let mut input = pool[turn % (pool.len() - 5)].clone();
            for _ in 0..4 {
                log(&mut input, &pool, &mut rng);
            }
            let account = esxray_record::read(&mut &input[..], "", &esxray_record::ReadOptions::default(), &mut |_| {});
            with_records += u32::from(account.records > 2);
        }
        assert!(with_records > 500, "{with_records} of 600 got past the door");
    }
}
