//! Ids of hexadecimal digits: one value, whatever stands between its digits.

/// The digits alone, in lower case; a separator that is percent-encoded is none.
pub(crate) fn digits(text: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(text.len());
    each(text, |byte, is_digit| {
        if is_digit {
            digits.push(byte.to_ascii_lowercase());
        }
    });
    digits
}

/// The text with other digits, in the same spelling.
pub(crate) fn spelled(text: &[u8], digits: &[u8]) -> Vec<u8> {
    let upper = text.iter().any(u8::is_ascii_uppercase) && !text.iter().any(u8::is_ascii_lowercase);
    let mut digits = digits.iter();
    let mut out = Vec::with_capacity(text.len());
    each(text, |byte, is_digit| match if is_digit { digits.next() } else { None } {
        Some(digit) => out.push(if upper { digit.to_ascii_uppercase() } else { *digit }),
        None => out.push(byte),
    });
    out
}

/// Digits that stand for the `number`-th id of that length. The beginning alone tells ids apart, as logs cut them there.
pub(crate) fn made(original: &[u8], number: u64) -> Vec<u8> {
    // The first byte says who made the id: 52 is a session or a datastore, 56 the BIOS of a VM.
    let first = String::from_utf8_lossy(original.get(..2).unwrap_or_default());
    let text = match original.len() {
        8 => format!("{first}{number:06x}"),
        32 => format!("{first}{number:06x}000040008000{number:012x}"),
        12 if original.starts_with(b"005056") => format!("005056{number:06x}"),
        12 => format!("020000{number:06x}"),
        length => {
            // The first digit says of which sort the id of a device is.
            let first = char::from(original.first().copied().unwrap_or(b'0'));
            format!("{first}{number:0width$x}", width = length.saturating_sub(1))
        }
    };
    text.into_bytes()
}

fn each(text: &[u8], mut take: impl FnMut(u8, bool)) {
    let mut escaped = 0;
    for byte in text {
        if *byte == b'%' {
            escaped = 3;
        }
        take(*byte, escaped == 0 && byte.is_ascii_hexdigit());
        escaped = u8::saturating_sub(escaped, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{digits, made, spelled};

    #[test]
    fn one_id_in_every_spelling() {
        let plain = digits(b"564d1a2b-3c4d-5e6f-7081-92a3b4c5d6e7");
        let other = made(&plain, 10);
        for (text, becomes) in [
            ("564d1a2b-3c4d-5e6f-7081-92a3b4c5d6e7", "5600000a-0000-4000-8000-00000000000a"),
            ("56 4d 1a 2b 3c 4d 5e 6f-70 81 92 a3 b4 c5 d6 e7", "56 00 00 0a 00 00 40 00-80 00 00 00 00 00 00 0a"),
            ("564D1A2B3C4D5E6F708192A3B4C5D6E7", "5600000A00004000800000000000000A"),
            ("564d1a2b%2d3c4d%2d5e6f%2d7081%2d92a3b4c5d6e7", "5600000a%2d0000%2d4000%2d8000%2d00000000000a"),
        ] {
            assert_eq!(digits(text.as_bytes()), plain, "{text}");
            assert_eq!(String::from_utf8(spelled(text.as_bytes(), &other)).unwrap(), becomes);
        }
    }
}
