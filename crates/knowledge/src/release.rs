use std::fmt;
use std::str::FromStr;

/// A release of vSphere, or a line of releases: `8`, `8.0`, `8.0 U2`, `7.0 U3c`.
///
/// What is not said is open: `7.0` is every release from 7.0 GA to the last update of 7.0.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::Release;
///
/// let release: Release = "7.0U3c".parse()?;
/// assert_eq!(release.to_string(), "7.0 U3c");
/// assert_eq!("8.0.2".parse::<Release>()?.to_string(), "8.0 U2");
/// assert!("eight".parse::<Release>().is_err());
/// # Ok::<(), esxray_knowledge::NoRelease>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    major: u8,
    minor: Option<u8>,
    update: Option<u8>,
    patch: Option<u8>,
}

/// A text that names no release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a release: wanted a form such as `8`, `8.0`, `8.0 U2` or `7.0 U3c`")]
pub struct NoRelease;

impl Release {
    /// The first release of the line.
    pub(crate) fn first(self) -> [u8; 4] {
        [self.major, self.minor.unwrap_or(0), self.update.unwrap_or(0), self.patch.unwrap_or(0)]
    }

    /// Nothing of the line comes after this.
    fn last(self) -> [u8; 4] {
        const OPEN: u8 = u8::MAX;
        [self.major, self.minor.unwrap_or(OPEN), self.update.unwrap_or(OPEN), self.patch.unwrap_or(OPEN)]
    }

    /// Whether a release of this line is at or after the first one of `since`, and before the first one of `before`.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::Release;
    ///
    /// let release = |text: &str| text.parse::<Release>().unwrap();
    /// assert!(release("7.0").is_within(Some(release("7.0 U2")), None));
    /// assert!(!release("7.0 U1").is_within(Some(release("7.0 U2")), None));
    /// assert!(!release("9.0").is_within(None, Some(release("9"))));
    /// ```
    pub fn is_within(self, since: Option<Self>, before: Option<Self>) -> bool {
        since.is_none_or(|it| self.last() >= it.first()) && before.is_none_or(|it| self.first() < it.first())
    }
}

impl FromStr for Release {
    type Err = NoRelease;

    fn from_str(text: &str) -> Result<Self, NoRelease> {
        let lower = text.trim().to_ascii_lowercase();
        let letters = |it: &str| it.trim_end_matches(|it: char| it.is_ascii_lowercase()).len();
        let (numbers, update) = match lower.split_once('u') {
            Some((numbers, update)) => (numbers.trim_end(), Some(update.trim_start())),
            None => (lower.as_str(), None),
        };
        let mut parts = numbers.split('.');
        let number = |it: &str| it.parse::<u8>().map_err(|_| NoRelease);
        let major = parts.next().map_or(Err(NoRelease), number)?;
        let minor = parts.next().map(number).transpose()?;
        // ESXi 8.0.2 is 8.0 U2; nothing has both forms.
        let update = match (parts.next(), update) {
            (Some(_), Some(_)) => return Err(NoRelease),
            (third, update) => third.or(update),
        };
        if parts.next().is_some() || (update.is_some() && minor.is_none()) {
            return Err(NoRelease);
        }
        let (update, patch) = match update {
            Some(text) => match text.split_at(letters(text)) {
                (update, "") => (Some(number(update)?), None),
                (update, patch) if patch.len() == 1 => (Some(number(update)?), patch.bytes().next()),
                _ => return Err(NoRelease),
            },
            None => (None, None),
        };
        Ok(Self { major, minor, update, patch })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.major)?;
        self.minor.map_or(Ok(()), |it| write!(f, ".{it}"))?;
        self.update.map_or(Ok(()), |it| write!(f, " U{it}"))?;
        self.patch.map_or(Ok(()), |it| write!(f, "{}", char::from(it)))
    }
}

#[cfg(test)]
mod tests {
    use super::Release;

    fn release(text: &str) -> Release {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_is_read_and_written_in_one() {
        for (text, shown) in [
            ("8", "8"),
            ("6.5", "6.5"),
            ("8.0U2", "8.0 U2"),
            ("8.0 u2", "8.0 U2"),
            ("8.0.2", "8.0 U2"),
            (" 7.0 U3c ", "7.0 U3c"),
        ] {
            assert_eq!(release(text).to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_release_is_refused() {
        for text in ["", "8.", "8.x", "U2", "8 U2", "8.0 U", "8.0.2 U1", "8.0.2.1", "8.0 U2cd", "300", "-1", "8.0 U2-c"]
        {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_line_is_within_where_one_of_its_releases_is() {
        let within =
            |it: &str, since: &str, before: &str| release(it).is_within(since.parse().ok(), before.parse().ok());
        assert!(within("8.0", "6.5", ""));
        assert!(within("7", "7.0 U2", ""));
        assert!(within("7.0 U3c", "7.0 U3c", ""));
        assert!(!within("7.0 U3b", "7.0 U3c", ""));
        assert!(!within("6.7", "7.0", ""));
        assert!(within("8.0", "7.0", "8.0 U1"));
        assert!(!within("8.0 U1", "7.0", "8.0 U1"));
        assert!(!within("9.0", "", "9"));
        assert!(within("9.0", "", ""));
    }
}
