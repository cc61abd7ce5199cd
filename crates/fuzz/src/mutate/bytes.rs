use esxray_testkit::Prng;

/// Bytes that mean something to somebody.
const TELLING: &[u8] = b"\0\x01\x1b\x1c\n\r\t \"'`-+>|:;[](){}<>=\\/.,0179AZaz\x7f\x80\x9b\xc2\xff";

/// Changes bytes anywhere behind `from`, knowing nothing of what they mean.
pub fn bytes(input: &mut Vec<u8>, from: usize, rng: &mut Prng) {
    let from = from.min(input.len());
    let at = place(from, input.len(), rng);
    let until = (at + length(rng)).min(input.len());
    match rng.below(12) {
        0 | 1 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
        2 | 3 => {
            if let (Some(byte), Some(telling)) = (input.get_mut(at), rng.choose(TELLING)) {
                *byte = *telling;
            }
        }
        4 => {
            let new: Vec<u8> = (0..length(rng)).map(|_| low_byte(rng)).collect();
            input.splice(at..at, new);
        }
        5 | 6 => drop(input.drain(at..until)),
        7 => {
            let copy = input.get(at..until).unwrap_or_default().to_vec();
            let to = place(from, input.len(), rng);
            input.splice(to..to, copy);
        }
        8 => {
            let byte = rng.choose(TELLING).copied().unwrap_or(0);
            input.splice(at..at, vec![byte; length(rng) * 8]);
        }
        9 => {
            let with = if rng.chance(1, 2) { 0 } else { 0xff };
            input.get_mut(at..until).unwrap_or_default().fill(with);
        }
        10 => number(input, at, rng),
        _ => {
            if rng.chance(1, 4) {
                input.truncate(at);
            }
        }
    }
}

/// Writes a number that is near an edge over the bytes at a place.
fn number(input: &mut [u8], at: usize, rng: &mut Prng) {
    const EDGES: &[u64] = &[0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX >> 1, u64::MAX];
    let edge = rng.choose(EDGES).copied().unwrap_or(0).wrapping_add(rng.below(3)).wrapping_sub(1);
    let width = rng.choose(&[1, 2, 4, 8]).copied().unwrap_or(1);
    let little = edge.to_le_bytes();
    for (to, from) in input.iter_mut().skip(at).zip(little.iter().take(width)) {
        *to = *from;
    }
}

/// A place from `from` up to and including `end`.
pub(crate) fn place(from: usize, end: usize, rng: &mut Prng) -> usize {
    from + below(end.saturating_sub(from) + 1, rng)
}

/// A number below a bound, for lengths and indices.
pub(crate) fn below(bound: usize, rng: &mut Prng) -> usize {
    usize::try_from(rng.below(bound as u64)).unwrap_or(0)
}

/// A length: short mostly, rarely long.
pub(crate) fn length(rng: &mut Prng) -> usize {
    let bits = rng.below(8);
    1 + below(1 << bits, rng)
}

fn low_byte(rng: &mut Prng) -> u8 {
    rng.next_u64().to_le_bytes().first().copied().unwrap_or(0)
}
