use esxray_testkit::Prng;

use super::bytes::{below, bytes};
use crate::pack::{gunzip, gzip, sum_again, tar};

/// What a decoded layer may have, so that packing it again stays cheap.
const MOST_INSIDE: u64 = 256 << 10;

/// What the fields of a tar header may hold, right and wrong.
const FIELDS: &[(usize, &[u8])] = &[
    (0, b"../../etc/passwd"),
    (0, b"a\x1b[2J\xe2\x80\xae"),
    (0, b"././@LongLink"),
    (0, b"x.FRAG-00000"),
    (124, b"00000000000\0"),
    (124, b"77777777777\0"),
    (124, b"-0000000001\0"),
    (124, b"\x80\0\0\0\0\0\0\0\0\0\x10\0"),
    (124, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    (124, b"           \0"),
    (136, b"99999999999\0"),
    (156, b"0"),
    (156, b"1"),
    (156, b"2"),
    (156, b"5"),
    (156, b"L"),
    (156, b"K"),
    (156, b"x"),
    (156, b"g"),
    (156, b"S"),
    (156, b"\0"),
    (257, b"ustar  \0"),
    (345, b"prefix/of/it"),
    (482, b"\x01"),
];

/// Changes a container, or what is in it, and packs it again so that the layers around it stay whole.
pub fn archive(input: &mut Vec<u8>, pool: &[Vec<u8>], rng: &mut Prng) {
    match rng.below(8) {
        // Behind the magic: the reader still knows what it is.
        0..=2 => bytes(input, 6, rng),
        3 | 4 => {
            if let Some(mut inner) = gunzip(input, MOST_INSIDE) {
                archive(&mut inner, pool, rng);
                *input = gzip(&inner);
            } else {
                header(input, rng);
            }
        }
        5 => header(input, rng),
        6 => {
            // One stream behind the other, or one inside of the other.
            let other = rng.choose(pool).cloned().unwrap_or_default();
            match rng.below(3) {
                0 => input.extend(other),
                1 => *input = gzip(input),
                _ => *input = tar(&[(b"a.log", b'0', &other), (b"b.tgz", b'0', input)]),
            }
        }
        _ => {
            bytes(input, 0, rng);
            sum_again(input);
        }
    }
}

/// Puts something into a field of a tar header and makes its checksum right.
fn header(input: &mut Vec<u8>, rng: &mut Prng) {
    let headers: Vec<usize> = (0..input.len() / 512)
        .map(|block| block * 512)
        .filter(|at| input.get(at + 257..at + 262) == Some(b"ustar"))
        .collect();
    let (Some(at), Some((offset, value))) = (rng.choose(&headers), rng.choose(FIELDS)) else {
        bytes(input, below(input.len() + 1, rng), rng);
        return;
    };
    if let Some(field) = input.get_mut(at + offset..at + offset + value.len()) {
        field.copy_from_slice(value);
    }
    sum_again(input);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutated_header_is_still_read() {
        let whole = tar(&[(b"a.log", b'0', b"x\n"), (b"b.log", b'0', b"y\n")]);
        let mut rng = Prng::new(1);
        for _ in 0..100 {
            let mut input = whole.clone();
            header(&mut input, &mut rng);
            let stored = input.get(148..154).unwrap().to_vec();
            let mut block = input.get(..512).unwrap().to_vec();
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            assert_eq!(format!("{sum:06o}").as_bytes(), stored);
        }
    }
}
