//! Reads the stamps at the head of log lines, by hand, because this runs for every line.

use chrono::{NaiveDateTime, TimeZone};
use esxray_model::Timestamp;

/// How far a stamp says when it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Date, time and zone are all written down.
    Full,
    /// The zone is missing: the reader's [`Zone`] was used.
    NoZone,
    /// Year and zone are missing.
    NoYear,
}

/// A stamp as it stands on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The moment; `None` where the text has the shape of a stamp but names no moment (30 February, 24:00).
    /// Without a zone it is the local time read as if it were UTC; without a year it lies in the year 2000.
    pub time: Option<Timestamp>,
    /// What the text leaves open.
    pub certainty: Certainty,
}

/// The zone to assume where stamps carry none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// UTC, which ESXi hosts use.
    #[default]
    Utc,
    /// A fixed offset, in seconds east of UTC.
    Fixed(i32),
    /// A named zone with its summer time.
    Named(chrono_tz::Tz),
}

/// The text names no zone: neither `UTC`, an offset such as `+02:00`, nor a name such as `Europe/Paris`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a zone such as UTC, +02:00 or Europe/Paris")]
pub struct ZoneError {
    /// The text as given.
    pub found: String,
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Ok(Self::Utc);
        }
        if let Some((seconds, used)) = offset(text.as_bytes())
            && used == text.len()
        {
            return Ok(Self::Fixed(seconds));
        }
        text.parse().map(Self::Named).map_err(|_| ZoneError { found: text.to_owned() })
    }
}

impl Zone {
    /// The moment behind a local time that was read as if it were UTC.
    ///
    /// Of an hour that occurs twice the first is taken, and of one that does
    /// not occur the offset before it.
    ///
    /// ```
    /// use esxray_record::Zone;
    /// let read: esxray_model::Timestamp = "2023-07-01T12:00:00Z".parse().unwrap();
    /// let paris: Zone = "Europe/Paris".parse().unwrap();
    /// assert_eq!(paris.to_utc(read).to_string(), "2023-07-01T10:00:00.000Z");
    /// ```
    pub fn to_utc(self, local: Timestamp) -> Timestamp {
        match self {
            Self::Utc => local,
            Self::Fixed(east) => local.plus_seconds(-i64::from(east)),
            Self::Named(zone) => {
                let Some(naive) = chrono::DateTime::from_timestamp_micros(local.as_micros()).map(|it| it.naive_utc())
                else {
                    return local;
                };
                let earlier = |it: NaiveDateTime| zone.from_local_datetime(&it).earliest();
                earlier(naive)
                    .or_else(|| earlier(naive - chrono::TimeDelta::hours(1)).map(|it| it + chrono::TimeDelta::hours(1)))
                    .map_or(local, |it| Timestamp::from_micros(it.timestamp_micros()))
            }
        }
    }
}

/// Reads `N` ASCII digits.
fn digits<const N: usize>(text: &[u8]) -> Option<u32> {
    let mut value = 0;
    for byte in text.first_chunk::<N>()? {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u32::from(byte - b'0');
    }
    Some(value)
}

/// Digits at two places of a text, `text[at..at + 2]`.
fn pair(text: &[u8], at: usize) -> Option<u32> {
    digits::<2>(text.get(at..)?)
}

/// Reads `Z`, `+hh:mm` or `+hhmm`: seconds east of UTC and the bytes used.
///
/// An impossible offset such as `+99:99` is none at all: the stamp then counts as one without a zone.
fn offset(text: &[u8]) -> Option<(i32, usize)> {
    let sign = match text.first()? {
        b'Z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = pair(text, 1)?;
    let (minutes, used) = if text.get(3) == Some(&b':') { (pair(text, 4)?, 6) } else { (pair(text, 3)?, 5) };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (hours <= 14 && minutes < 60).then_some((sign * seconds, used))
}

/// Reads the fraction of a second after `.` or `,`: microseconds and the bytes used with the mark.
///
/// At most nine digits are a fraction; a longer run is no stamp.
fn fraction(text: &[u8]) -> Option<(u32, usize)> {
    if !matches!(text.first(), Some(b'.' | b',')) {
        return Some((0, 0));
    }
    let mut micros = 0;
    let mut count = 0;
    for byte in text.get(1..)?.iter().take_while(|byte| byte.is_ascii_digit()).take(10) {
        if count < 6 {
            micros = micros * 10 + u32::from(byte - b'0');
        }
        count += 1;
    }
    if count == 0 || count > 9 {
        return None;
    }
    for _ in count..6 {
        micros *= 10;
    }
    Some((micros, count + 1))
}

/// Reads `2023-03-10T15:16:22.314Z` and its variants at the start of a line: the stamp and the bytes used.
///
/// The separator is `T` or a blank; the fraction has 0 to 9 digits after `.` or `,`; the zone is `Z`,
/// `+hh:mm`, `+hhmm` or missing.
///
/// ```
/// let (stamp, used) = esxray_record::iso(b"2012-04-16 20:35:04.594 F6417B90").unwrap();
/// assert_eq!(used, 23);
/// assert_eq!(stamp.certainty, esxray_record::Certainty::NoZone);
/// assert!(esxray_record::iso(b"Apr 16 20:35:04").is_none());
/// ```
pub fn iso(text: &[u8]) -> Option<(Stamp, usize)> {
    let shape = text.first_chunk::<19>()?;
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b' ', _, _, b':', _, _, b':', _, _] = shape else {
        return None;
    };
    let year = digits::<4>(shape)?;
    let month = pair(shape, 5)?;
    let day = pair(shape, 8)?;
    let (hour, minute, second) = (pair(shape, 11)?, pair(shape, 14)?, pair(shape, 17)?);
    let (micros, used) = fraction(text.get(19..)?)?;
    let end = 19 + used;
    let zone = offset(text.get(end..)?);
    let civil =
        i32::try_from(year).ok().and_then(|year| Timestamp::from_civil(year, month, day, hour, minute, second, micros));
    Some(match zone {
        Some((east, used)) => {
            let time = civil.map(|local| local.plus_seconds(-i64::from(east)));
            (Stamp { time, certainty: Certainty::Full }, end + used)
        }
        None => (Stamp { time: civil, certainty: Certainty::NoZone }, end),
    })
}

/// Reads `Apr 17 22:14:49.605` or `Apr  7 17:33:20` at the start of a line: the stamp and the bytes used.
///
/// ```
/// let (stamp, used) = esxray_record::month_day(b"Feb 06 01:03:45.328: vmx| x").unwrap();
/// assert_eq!((stamp.certainty, used), (esxray_record::Certainty::NoYear, 19));
/// ```
pub fn month_day(text: &[u8]) -> Option<(Stamp, usize)> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let name = text.first_chunk::<3>()?;
    let month = u32::try_from(MONTHS.iter().position(|month| *month == name)?).ok()? + 1;
    // The day is `17`, `06`, ` 7` or, in some relays, a bare `7`.
    let rest = text.get(3..)?.strip_prefix(b" ")?;
    let (day, rest) = match rest {
        [b' ', one, rest @ ..] if one.is_ascii_digit() => (u32::from(one - b'0'), rest),
        [ten, one, rest @ ..] if ten.is_ascii_digit() && one.is_ascii_digit() => {
            (u32::from(ten - b'0') * 10 + u32::from(one - b'0'), rest)
        }
        [one, rest @ ..] if one.is_ascii_digit() => (u32::from(one - b'0'), rest),
        _ => return None,
    };
    let clock = rest.strip_prefix(b" ")?;
    let [_, _, b':', _, _, b':', _, _] = clock.first_chunk::<8>()? else {
        return None;
    };
    let (hour, minute, second) = (pair(clock, 0)?, pair(clock, 3)?, pair(clock, 6)?);
    let (micros, used) = fraction(clock.get(8..)?)?;
    let time = Timestamp::from_civil(2000, month, day, hour, minute, second, micros);
    let used = text.len() - clock.len() + 8 + used;
    Some((Stamp { time, certainty: Certainty::NoYear }, used))
}

#[cfg(test)]
mod tests {
    use super::{Certainty, Zone, iso, month_day};

    /// `None`: not a stamp; otherwise the time, `-` for none, and the bytes used.
    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Certainty, usize)>) {
        let got = iso(text.as_bytes()).or_else(|| month_day(text.as_bytes()));
        let got = got.map(|(stamp, used)| {
            (stamp.time.map_or_else(|| "-".to_owned(), |it| it.to_string()), stamp.certainty, used)
        });
        assert_eq!(got, expected.map(|(time, certainty, used)| (time.to_owned(), certainty, used)), "{text}");
    }

    #[test]
    fn stamps_of_the_field() {
        use Certainty::{Full, NoYear, NoZone};
        check("2023-03-10T15:16:22.314Z In", Some(("2023-03-10T15:16:22.314Z", Full, 24)));
        check("2014-12-19T16:33:23.296+01:00| ", Some(("2014-12-19T15:33:23.296Z", Full, 29)));
        check("2021-11-15T00:23:51+01:00[+0.000]|", Some(("2021-11-14T23:23:51.000Z", Full, 25)));
        check("2021-09-06T14:40:05.753710+00:00 v", Some(("2021-09-06T14:40:05.753710Z", Full, 32)));
        check("2023-07-19T03:05:15.97Z info", Some(("2023-07-19T03:05:15.970Z", Full, 23)));
        check("2023-04-05T12:00:00,000+0200 x", Some(("2023-04-05T10:00:00.000Z", Full, 28)));
        check("2012-04-16 20:35:04.594 F6417B90", Some(("2012-04-16T20:35:04.594Z", NoZone, 23)));
        check("2023-04-05T12:00:00.000+99:99 x", Some(("2023-04-05T12:00:00.000Z", NoZone, 23)));
        check("Jan 24 00:37:47: vmx| x", Some(("2000-01-24T00:37:47.000Z", NoYear, 15)));
        check("Apr  7 17:33:20 esx_host", Some(("2000-04-07T17:33:20.000Z", NoYear, 15)));
        check("Apr 7 17:33:20 esx_host", Some(("2000-04-07T17:33:20.000Z", NoYear, 14)));
    }

    #[test]
    fn a_stamp_of_no_moment_is_still_a_stamp() {
        check("2023-02-30T10:00:00.000Z x", Some(("-", Certainty::Full, 24)));
        check("2023-04-05T24:00:00.000Z x", Some(("-", Certainty::Full, 24)));
    }

    #[test]
    fn what_only_looks_like_a_stamp() {
        for text in
            ["", "2023-03-10", "10000-01-01T00:00:00.000Z", "2023-03-10T15:16:22.Z", "Foo 12 01:02:03", "Jan 24"]
        {
            check(text, None);
        }
        check(&format!("2023-04-05T12:00:00.{}Z", "9".repeat(100)), None);
    }

    #[test]
    fn zones() {
        assert_eq!("+05:30".parse(), Ok(Zone::Fixed(19_800)));
        assert_eq!("-0330".parse(), Ok(Zone::Fixed(-12_600)));
        assert_eq!("utc".parse(), Ok(Zone::Utc));
        assert!("Mars/Olympus".parse::<Zone>().is_err());
        let read = "2023-10-29T02:30:00Z".parse().unwrap();
        let paris: Zone = "Europe/Paris".parse().unwrap();
        assert_eq!(paris.to_utc(read).to_string(), "2023-10-29T00:30:00.000Z", "the first of two");
        let skipped = "2023-03-26T02:30:00Z".parse().unwrap();
        assert_eq!(paris.to_utc(skipped).to_string(), "2023-03-26T01:30:00.000Z", "an hour that does not occur");
    }
}
