//! One block of a tar archive, read as a header.

/// What a tar archive is made of.
pub(crate) const BLOCK: usize = 512;

/// A header block whose checksum is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    pub(crate) kind: u8,
    /// `None` if the field holds no number, or a negative one.
    pub(crate) size: Option<u64>,
    pub(crate) modified: Option<i64>,
    /// For old GNU sparse files: whether more blocks of the header follow.
    pub(crate) extended: bool,
}

impl Header {
    /// Reads a block; `None` means that it is no header, or a damaged one.
    pub(crate) fn parse(block: &[u8]) -> Option<Self> {
        if !checksum_fits(block) {
            return None;
        }
        let field = |from: usize, length: usize| block.get(from..from + length).unwrap_or_default();
        let mut name = text(field(0, 100));
        let magic = field(257, 8);
        // GNU's own magic is `ustar  `, and what POSIX calls prefix holds other things there.
        if magic.starts_with(b"ustar\0") {
            let prefix = text(field(345, 155));
            if !prefix.is_empty() {
                name = [prefix, name].join(&b'/');
            }
        }
        Some(Self {
            name,
            link: text(field(157, 100)),
            kind: block.get(156).copied().unwrap_or_default(),
            size: number(field(124, 12)),
            modified: number(field(136, 12)).and_then(|seconds| i64::try_from(seconds).ok()),
            extended: block.get(482) == Some(&1),
        })
    }
}

/// Whether a block says that it is a tar header, even if its checksum is wrong.
pub(crate) fn has_magic(block: &[u8]) -> bool {
    matches!(block.get(257..265), Some(b"ustar\x0000" | b"ustar  \0"))
}

/// Sums are taken with the sum's own field blank; some old programs took bytes as signed.
fn checksum_fits(block: &[u8]) -> bool {
    if block.len() < BLOCK {
        return false;
    }
    let Some(wanted) = block.get(148..156).and_then(octal) else {
        return false;
    };
    let mut unsigned = 0_u64;
    let mut signed = 0_i64;
    for (at, &byte) in block.iter().take(BLOCK).enumerate() {
        let byte = if (148..156).contains(&at) { b' ' } else { byte };
        unsigned += u64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    wanted == unsigned || i64::try_from(wanted) == Ok(signed)
}

/// A number in octal digits or, when its first bit is set, in base 256.
///
/// A blank field is 0: folders and links are sometimes written so.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => {
            rest.iter().try_fold(0_u64, |sum, &byte| sum.checked_mul(256).map(|sum| sum + u64::from(byte)))
        }
        [0x81..=0xff, ..] => None,
        _ if field.iter().all(|b| matches!(b, b' ' | 0)) => Some(0),
        _ => octal(field),
    }
}

/// Octal digits between blanks; `None` if there are none, or anything else.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|b| !matches!(b, b' ' | 0))?;
    let field = field.get(start..)?;
    let end = field.iter().position(|b| matches!(b, b' ' | 0)).unwrap_or(field.len());
    let digits = field.get(..end)?;
    digits.iter().try_fold(0_u64, |sum, byte| match byte {
        b'0'..=b'7' => sum.checked_mul(8).map(|sum| sum + u64::from(byte - b'0')),
        _ => None,
    })
}

/// A field's bytes up to its first NUL.
pub(super) fn text(field: &[u8]) -> Vec<u8> {
    field.split(|&b| b == 0).next().unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_octal_and_in_base_256() {
        let check = |field: &[u8], expected| assert_eq!(number(field), expected, "{field:?}");
        check(b"00000004451\0", Some(0o4451));
        check(b"   4451 \0\0\0\0", Some(0o4451));
        check(b"777777777777", Some(0o777_777_777_777));
        check(b"\0\0\0\0\0\0\0\0\0\0\0\0", Some(0));
        check(b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Some(1 << 33));
        check(b"\x80\x01\0\0\0\0\0\0\0\0\0\0", None);
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None);
        check(b"0000000008\0\0", None);
        check(b"-0000000001\0", None);
    }
}
