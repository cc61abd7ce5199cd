use std::fmt;

/// A pattern for a thread's or subsystem's name, where `*` stands for any text.
///
/// Nothing else is special, and case matters.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::Glob;
///
/// let glob = Glob::new("vcpu-*");
/// assert!(glob.matches(b"vcpu-0"));
/// assert!(!glob.matches(b"vmx-vcpu-0"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// A glob from its text.
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole of `name` fits.
    pub fn matches(&self, name: &[u8]) -> bool {
        let mut pieces = self.0.as_bytes().split(|&byte| byte == b'*');
        // `split` gives at least one piece.
        let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
        let Some(last) = pieces.next_back() else { return rest.is_empty() };
        // Between the ends, the leftmost place for each piece leaves the most room for the next.
        for piece in pieces {
            let Some(at) = memchr::memmem::find(rest, piece) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or_default();
        }
        rest.ends_with(last)
    }

    /// A name that fits, for samples that give none.
    pub fn example(&self) -> String {
        self.0.replace('*', "0")
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn stars_stand_for_any_text() {
        for (glob, name, fits) in [
            ("vmx", "vmx", true),
            ("vmx", "vmx-0", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("Vim*svc", "Vimsvc", true),
            ("Vim*svc", "Vimsv", false),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*ha*", "vsphere-ha-agent", true),
            ("a**b", "ab", true),
        ] {
            assert_eq!(Glob::new(glob).matches(name.as_bytes()), fits, "{glob} {name}");
        }
    }

    #[test]
    fn an_example_fits_its_glob() {
        for glob in ["vmx", "vcpu-*", "*.svc.*", "*"] {
            let glob = Glob::new(glob);
            assert!(glob.matches(glob.example().as_bytes()), "{glob}");
        }
    }
}
