/// How many bytes tell what a stream is.
pub(crate) const HEAD: usize = 512;

/// What a stream is, judged by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No container: its bytes are what there is to read.
    Plain,
    /// One or several gzip members.
    Gzip,
}

/// Judges the first [`HEAD`] bytes of a stream, or all that there are.
pub(crate) fn sniff(head: &[u8]) -> Kind {
    if head.starts_with(&crate::gzip::MAGIC) {
        return Kind::Gzip;
    }
    Kind::Plain
}
