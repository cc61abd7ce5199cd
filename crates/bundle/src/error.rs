use std::io;

/// Why a path that the user named cannot be read at all.
///
/// Whatever goes wrong below a folder or inside a file is no error but a
/// [`ReadProblem`](crate::ReadProblem).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The path does not exist, or may not be read.
    #[error("cannot read {path}")]
    Read {
        /// The path as given.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The path leads to something that holds no bytes to read, or an endless stream of them.
    #[error("{path} is a {found}, not a file or folder")]
    NotAFile {
        /// The path as given.
        path: String,
        /// What it is.
        found: &'static str,
    },
}
