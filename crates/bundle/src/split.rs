/// What a part of a split file is called, and which it is.
///
/// `vm-support` splits large files into `NAME.FRAG-00000`, `NAME.FRAG-00001` …
/// and puts a script beside them that joins them again.
pub(crate) fn part(name: &[u8]) -> Option<(&[u8], u32)> {
    const MARK: &[u8] = b".FRAG-";
    let digits = name.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (rest, number) = name.split_at(name.len() - digits);
    let whole = rest.strip_suffix(MARK)?;
    let stem = whole.rsplit(|&b| b == b'/').next()?;
    if digits < 5 || stem.is_empty() {
        return None;
    }
    Some((whole, std::str::from_utf8(number).ok()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_known_by_their_names() {
        assert_eq!(part(b"hostd.log.FRAG-00000"), Some((b"hostd.log".as_slice(), 0)));
        assert_eq!(part(b"a/b.FRAG-00012"), Some((b"a/b".as_slice(), 12)));
        for other in ["hostd.log", "x.FRAG-", "x.FRAG-1", "a/.FRAG-00001", "x.FRAG-00001.gz", "x.FRAG-99999999999"] {
            assert_eq!(part(other.as_bytes()), None, "{other}");
        }
    }
}
