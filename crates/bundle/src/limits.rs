/// How much is read at most, so that a hostile input cannot take all time or memory.
///
/// A limit that is met is never silent: it becomes a
/// [`ReadProblem`](crate::ReadProblem) that names the place, the limit and how
/// much was read.
///
/// # Examples
///
/// ```
/// let mut limits = esxray_bundle::Limits::default();
/// limits.depth = 2;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Decoded bytes that one compressed stream may always give, whatever its ratio.
    pub free_bytes: u64,
    /// Beyond `free_bytes`: decoded bytes that a compressed stream may give for each of its compressed bytes.
    pub ratio: u64,
    /// Decoded bytes that all streams of one unit may always give together; `ratio` rules beyond that too.
    pub unit_free_bytes: u64,
    /// Decoded bytes of one unit, all its sources together.
    pub unit_bytes: u64,
    /// Containers inside containers; a `.tgz` counts as two.
    pub depth: u32,
    /// Members of the archives of one unit, and files of one plan.
    pub members: u64,
    /// Bytes of a name inside an archive; a longer name is shown shortened, what it names is read.
    pub path_bytes: usize,
    /// Memory that a decoder of xz or zstd may ask for to look back in.
    pub window_bytes: u64,
    /// Memory for zip archives inside of other archives; larger ones are read without their directory.
    pub zip_bytes: usize,
    /// Problems of one unit, or one plan, that are listed singly, of each weight; the others are counted.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            free_bytes: 512 << 20,
            ratio: 200,
            unit_free_bytes: 8 << 30,
            unit_bytes: 256 << 30,
            depth: 8,
            members: 1_000_000,
            path_bytes: 4096,
            window_bytes: 64 << 20,
            zip_bytes: 32 << 20,
            problems: 1000,
        }
    }
}

impl Limits {
    /// The same limits, in so far as so many readers at a time fit into so much memory.
    ///
    /// What a decoder or a zip archive inside of an archive needs beyond it is refused as beyond any other limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_bundle::Limits;
    ///
    /// let small = Limits::default().within(64 << 20, 2);
    /// assert_eq!((small.window_bytes, small.zip_bytes), (16 << 20, 8 << 20));
    /// assert_eq!(Limits::default().within(1 << 40, 2), Limits::default());
    /// ```
    #[must_use]
    pub fn within(self, memory_bytes: u64, readers: usize) -> Self {
        let share = memory_bytes / readers.max(1) as u64;
        Self {
            window_bytes: self.window_bytes.min(share / 2),
            zip_bytes: self.zip_bytes.min(usize::try_from(share / 4).unwrap_or(usize::MAX)),
            ..self
        }
    }

    /// Says whether `decoded` bytes are too many to come out of `compressed` bytes.
    pub(crate) fn exceeded(&self, free_bytes: u64, decoded: u64, compressed: u64) -> bool {
        decoded > free_bytes && decoded / self.ratio.max(1) > compressed
    }
}
