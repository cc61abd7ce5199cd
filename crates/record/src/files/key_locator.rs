//! Key locators: how a file says which key unlocks it.

use std::fmt;

/// Which key unlocks something, as `.vmx` files and disk descriptors write it, without its secrets.
///
/// ```text
/// vmware:key/list/(pair/(fqid/<VMWARE-NULL>/KMS-NEW/5ce1d0f8-…,HMAC-SHA-256,…))
/// ```
///
/// [`fmt::Display`] writes it as it was, with [`HIDDEN`](super::HIDDEN) for each secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLocator {}

/// A key, by its names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyRef {
    /// The unique id that vSphere leaves empty.
    pub unique: Option<String>,
    /// The key provider.
    pub provider: Option<String>,
    /// The key; `None` where a native provider has not named one.
    pub key: Option<String>,
}

/// Why a text is no key locator. Holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key locator: {what} at byte {at}")]
pub struct LocatorError {
    /// Where, in bytes of the text.
    pub at: usize,
    /// What was wanted there, or is too much.
    pub what: &'static str,
}

impl KeyLocator {
    /// Reads a key locator.
    ///
    /// # Errors
    ///
    /// [`LocatorError`] where the text is none, or is nested too deeply.
    pub fn parse(text: &str) -> Result<Self, LocatorError> {
        let _ = text;
        Err(LocatorError { at: 0, what: "`vmware:key/`" })
    }

    /// Every key that it names, in order.
    pub fn keys(&self) -> Vec<KeyRef> {
        Vec::new()
    }
}

impl fmt::Display for KeyLocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("vmware:key/")
    }
}
