/// Why a diagnosis could not be made at all. Damaged input is not among the reasons.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path that was named cannot be opened.
    #[error(transparent)]
    Bundle(#[from] esxray_bundle::Error),
    /// The knowledge base holds more than can be searched for at once.
    #[error("the anchors of the knowledge base are too many to search for")]
    TooManyAnchors {
        /// What the searcher says.
        #[source]
        source: aho_corasick::BuildError,
    },
    /// The number of threads asked for cannot be had.
    #[error("cannot start {threads} threads")]
    Threads {
        /// How many.
        threads: usize,
        /// What the system says.
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
}
