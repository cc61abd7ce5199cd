use std::fmt;

/// Something in a file that has to change, and how.
///
/// # Examples
///
/// ```
/// use xtask::Complaint;
///
/// let complaint = Complaint::new("src/lib.rs", 7, "a tab; use spaces");
/// assert_eq!(complaint.to_string(), "src/lib.rs:7: a tab; use spaces");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// Path below the project's folder, with `/` on every system.
    pub path: String,
    /// The line, 1-based; 1 where the whole file is meant.
    pub line: usize,
    /// What is wrong and what to do.
    pub text: String,
}

impl Complaint {
    /// A complaint about one line.
    pub fn new(path: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.into(), line, text: text.into() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}
