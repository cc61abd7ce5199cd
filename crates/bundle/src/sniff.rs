use crate::tar;

/// How many bytes tell what a stream is.
pub(crate) const HEAD: usize = tar::BLOCK;

/// What a stream is, judged by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No container: its bytes are what there is to read.
    Plain,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Tar,
    Zip,
    /// A container that cannot be opened.
    Unknown(&'static str),
}

/// Judges the first [`HEAD`] bytes of a stream, or all that there are.
///
/// Every magic but bzip2's holds bytes that stand in no text, so a log is not
/// taken for a container; bzip2's is ten bytes long.
pub(crate) fn sniff(head: &[u8]) -> Kind {
    match head {
        [0x1f, 0x8b, 8, ..] => Kind::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', block @ ..] if starts_bzip2(block) => Kind::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Kind::Xz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Kind::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Kind::Zip,
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Kind::Unknown("7z"),
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Kind::Unknown("rar"),
        [4, 0x22, 0x4d, 0x18, ..] => Kind::Unknown("lz4"),
        [0x1f, 0x9d, ..] => Kind::Unknown("compress"),
        _ if tar::begins(head) => Kind::Tar,
        _ => Kind::Plain,
    }
}

/// The first block of a bzip2 stream, or the end of an empty one.
fn starts_bzip2(head: &[u8]) -> bool {
    head.starts_with(&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) || head.starts_with(&[0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
}
