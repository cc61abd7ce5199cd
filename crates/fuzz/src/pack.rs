//! Containers, made by hand or by the encoders of the libraries that read them.

use std::io::Write;

/// gzip with compressed blocks.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    // Writing to a vector cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// The decoded bytes of a gzip stream, at most `limit`.
pub(crate) fn gunzip(bytes: &[u8], limit: u64) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut out).ok()?;
    Some(out)
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(1));
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let Ok(mut writer) = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)) else {
        return Vec::new();
    };
    let _ = writer.write_all(bytes);
    writer.finish().unwrap_or_default()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A tar archive (ustar) with its end mark.
pub(crate) fn tar(members: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, kind, data) in members {
        let mut block = vec![0_u8; 512];
        put(&mut block, 0, name.get(..100).unwrap_or(name));
        put(&mut block, 100, b"0000644\0");
        put(&mut block, 124, format!("{:011o}\0", data.len()).as_bytes());
        put(&mut block, 136, b"14413251600\0");
        put(&mut block, 156, &[*kind]);
        put(&mut block, 257, b"ustar\x0000");
        sum(&mut block);
        out.append(&mut block);
        out.extend_from_slice(data);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// Makes the checksums of all tar headers right again; without that, a mutated header is never looked at.
pub(crate) fn sum_again(archive: &mut [u8]) {
    for block in archive.chunks_exact_mut(512) {
        if block.get(257..262) == Some(b"ustar") {
            sum(block);
        }
    }
}

fn sum(block: &mut [u8]) {
    put(block, 148, b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    put(block, 148, format!("{sum:06o}\0 ").as_bytes());
}

/// A zip archive of deflated (`true`) and stored members.
pub(crate) fn zip(members: &[(&[u8], bool, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, deflated, data) in members {
        let packed = if *deflated { deflate(data) } else { data.to_vec() };
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let mut common = Vec::new();
        common.extend(20_u16.to_le_bytes());
        common.extend([0, 0]);
        common.extend(if *deflated { 8_u16 } else { 0 }.to_le_bytes());
        common.extend([0, 0, 0x21, 0x58]);
        common.extend(crc.sum().to_le_bytes());
        common.extend(short(packed.len()).to_le_bytes());
        common.extend(short(data.len()).to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap_or(0).to_le_bytes());
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend(0o100_644_u32.rotate_left(16).to_le_bytes());
        directory.extend(short(out.len()).to_le_bytes());
        directory.extend_from_slice(name);
        out.extend(b"PK\x03\x04");
        out.extend(common);
        out.extend_from_slice(name);
        out.extend(packed);
    }
    let count = u16::try_from(members.len()).unwrap_or(0).to_le_bytes();
    let at = short(out.len()).to_le_bytes();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(short(directory.len()).to_le_bytes());
    out.extend(at);
    out.extend([0, 0]);
    out
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    let _ = encoder.write_all(data);
    encoder.finish().unwrap_or_default()
}

fn short(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn put(block: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = block.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
