use std::path::PathBuf;

/// Why the project could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("cannot read {path}", path = .path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `cargo metadata` cannot be started.
    #[error("cannot run `cargo metadata`")]
    Cargo(#[source] std::io::Error),
    /// `cargo metadata` failed.
    #[error("`cargo metadata` failed: {0}")]
    Metadata(String),
    /// `cargo metadata` printed something that is not JSON.
    #[error("`cargo metadata` printed no JSON")]
    Json(#[source] serde_json::Error),
}
