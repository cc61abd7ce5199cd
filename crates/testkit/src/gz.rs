//! gzip with stored blocks: valid for every reader, and the same bytes whatever a compressor's version does.

/// The gzip file (RFC 1952) that holds `data` uncompressed.
///
/// No name and no time is recorded. `tests` reads it back with an independent reader.
pub(crate) fn stored(data: &[u8]) -> Vec<u8> {
    // Magic, deflate, no flags, no time, no extra flags, unknown system.
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    if blocks.peek().is_none() {
        out.extend([1, 0, 0, 0xFF, 0xFF]);
    }
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(crc32(data).to_le_bytes());
    let length = u32::try_from(data.len() % (1 << 32)).unwrap_or(0);
    out.extend(length.to_le_bytes());
    out
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn another_reader_agrees() {
        for length in [0, 1, 65_534, 65_535, 65_536, 200_000] {
            let data: Vec<u8> = (0..length).map(|index: u32| index.to_le_bytes()[1]).collect();
            let mut read = Vec::new();
            flate2::read::GzDecoder::new(stored(&data).as_slice()).read_to_end(&mut read).unwrap();
            assert!(read == data, "{length}");
        }
    }

    #[test]
    fn checksum_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
