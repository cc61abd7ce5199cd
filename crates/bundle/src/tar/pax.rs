//! What a PAX extended header says about the member that follows it.

/// The keys that matter here; all others are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pax {
    pub(crate) path: Option<Vec<u8>>,
    pub(crate) link: Option<Vec<u8>>,
    pub(crate) size: Option<u64>,
    pub(crate) modified: Option<i64>,
    /// Whether the member is a sparse file of GNU tar, whose data is not its bytes.
    pub(crate) sparse: bool,
    /// Whether a part of the header could not be understood.
    pub(crate) damaged: bool,
}

impl Pax {
    /// Reads records of the form `LENGTH KEY=VALUE\n`, the length counting the whole record.
    pub(crate) fn parse(mut bytes: &[u8]) -> Self {
        let mut pax = Self::default();
        while !bytes.is_empty() {
            // Some programs fill the rest of the last block.
            if bytes.iter().all(|&b| b == 0) {
                break;
            }
            let Some((key, value, rest)) = record(bytes) else {
                pax.damaged = true;
                break;
            };
            pax.take(key, value);
            bytes = rest;
        }
        pax
    }

    fn take(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"path" if self.sparse && self.path.is_some() => {}
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => match decimal(value) {
                Some(size) => self.size = Some(size),
                None => self.damaged = true,
            },
            // Seconds, with a fraction that is of no use here.
            b"mtime" => {
                let whole = value.split(|&b| b == b'.').next().unwrap_or_default();
                self.modified = std::str::from_utf8(whole).ok().and_then(|text| text.parse().ok());
            }
            b"GNU.sparse.name" => {
                self.path = Some(value.to_vec());
                self.sparse = true;
            }
            _ if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
    }
}

fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = bytes.iter().take(20).position(|&b| b == b' ')?;
    let length = usize::try_from(decimal(bytes.get(..blank)?)?).ok()?;
    let body = bytes.get(blank + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|&b| b == b'=')?;
    Some((body.get(..equals)?, body.get(equals + 1..)?, bytes.get(length..)?))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_by_their_lengths() {
        let pax = Pax::parse(b"17 path=a\nb=c.log\n12 size=2048\n20 mtime=1680696000.5\n");
        // The first record's length is one short, so that nothing after it can be trusted.
        assert!(pax.damaged);
        let pax = Pax::parse(b"18 path=a\nb=c.log\n13 size=2048\n22 mtime=1680696000.5\n9 foo=ba\n\0\0\0");
        let expected = Pax {
            path: Some(b"a\nb=c.log".to_vec()),
            size: Some(2048),
            modified: Some(1_680_696_000),
            ..Pax::default()
        };
        assert_eq!(pax, expected);
    }

    #[test]
    fn a_sparse_name_wins_over_the_made_up_path() {
        let pax = Pax::parse(b"25 GNU.sparse.name=a.log\n26 path=GNUSparse.0/a.log\n");
        assert!(pax.sparse && !pax.damaged);
        assert_eq!(pax.path.unwrap(), b"a.log");
    }

    #[test]
    fn nonsense_is_damage() {
        for bytes in ["x", "5 a=b", "99999999999999999999 a=b\n", "0 a=b\n", "3 \n", "13 size=-048\n"] {
            assert!(Pax::parse(bytes.as_bytes()).damaged, "{bytes:?}");
        }
    }
}
