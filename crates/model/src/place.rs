/// Which source of the bundle, as an index into the diagnosis' list of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// Where in a source a record stands: a place, never a copy.
///
/// Lines are 1-based, as in `less` and editors; the byte offset is 0-based in
/// the decoded bytes of the source (after decompression).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// First line of the record.
    pub line: u64,
    /// Last line of the record; equal to `line` for most.
    pub last_line: u64,
    /// Where the record starts in the decoded bytes.
    pub byte_offset: u64,
}
