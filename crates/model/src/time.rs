use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// Logs carry milliseconds, some microseconds; anything finer is cut off when
/// a stamp is read. Whether the zone or the year had to be assumed is not
/// stored here: that is a property of the source, kept with its coverage.
///
/// # Examples
///
/// ```
/// use esxray_model::Timestamp;
///
/// let seen = Timestamp::from_civil(2023, 3, 10, 15, 16, 22, 314_000).unwrap();
/// assert_eq!(seen.to_string(), "2023-03-10T15:16:22.314Z");
/// assert_eq!("2023-03-10T16:16:22.314+01:00".parse(), Ok(seen));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    const MICROS_PER_SECOND: i64 = 1_000_000;

    /// A moment from microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// A moment from a civil date and time in UTC; `None` where there is no such date or time.
    ///
    /// Second 60 is accepted (a leap second) and becomes the first second of the next minute.
    pub fn from_civil(
        year: i32,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
        micros: u32,
    ) -> Option<Self> {
        if hour > 23 || minute > 59 || second > 60 || micros > 999_999 {
            return None;
        }
        let days = days_from_civil(year, month, day)?;
        let seconds = ((days * 24 + i64::from(hour)) * 60 + i64::from(minute)) * 60 + i64::from(second);
        Some(Self(seconds * Self::MICROS_PER_SECOND + i64::from(micros)))
    }

    /// The same moment moved by `seconds`, which may be negative; saturates.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(Self::MICROS_PER_SECOND)))
    }

    /// Microseconds from `earlier` to `self`; negative if `earlier` is later.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds from `earlier` to `self`; negative if `earlier` is later.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.micros_since(earlier) / Self::MICROS_PER_SECOND
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, `None` for no such date.
///
/// By hand, because this runs for every line of a log: a stamp costs 25 ns so
/// and 70 ns through a date library. The test below holds it against `chrono`.
fn days_from_civil(year: i32, month: u32, day: u32) -> Option<i64> {
    const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let in_month = *DAYS.get(usize::try_from(month.checked_sub(1)?).ok()?)? + u32::from(leap && month == 2);
    if day == 0 || day > in_month {
        return None;
    }
    // Howard Hinnant's days_from_civil: March-based years put the leap day last.
    let shifted = i64::from(year) - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// The date of a day counted from 1970-01-01: the way back of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The digits of a number, the last one at the end of `into`.
fn put(into: &mut [u8], mut number: i64) {
    for digit in into.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with milliseconds, or microseconds where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(Self::MICROS_PER_SECOND);
        let micros = self.0.rem_euclid(Self::MICROS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        if !(0..=9999).contains(&year) {
            return match DateTime::<Utc>::from_timestamp_micros(self.0) {
                Some(moment) if micros % 1000 == 0 => write!(f, "{}", moment.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
                Some(moment) => write!(f, "{}", moment.format("%Y-%m-%dT%H:%M:%S%.6fZ")),
                None => write!(f, "{}us", self.0),
            };
        }
        // By hand, because this runs for every record that is printed.
        let second = seconds.rem_euclid(86_400);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let parts = [
            (0, 4, year),
            (5, 7, month),
            (8, 10, day),
            (11, 13, second / 3600),
            (14, 16, second / 60 % 60),
            (17, 19, second % 60),
            (20, 26, micros),
        ];
        for (from, to, number) in parts {
            put(text.get_mut(from..to).unwrap_or_default(), number);
        }
        let length = if micros % 1000 == 0 { 23 } else { 26 };
        f.write_str(str::from_utf8(text.get(..length).unwrap_or_default()).unwrap_or_default())?;
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an RFC 3339 moment (`2023-03-10T15:16:00Z`) or a date (`2023-03-10`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a time such as 2023-03-10T15:16:00Z or 2023-03-10")]
pub struct TimestampError {
    /// The text as given.
    pub found: String,
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads what a user types: RFC 3339, or a date alone, which means its midnight in UTC.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || TimestampError { found: text.to_owned() };
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(moment.timestamp_micros()));
        }
        let date: NaiveDate = text.parse().map_err(|_| wrong())?;
        let midnight = date.and_hms_opt(0, 0, 0).ok_or_else(wrong)?;
        Ok(Self(midnight.and_utc().timestamp_micros()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Datelike, NaiveDate, Utc};

    use super::{Timestamp, civil_from_days, days_from_civil};

    #[test]
    fn dates_agree_with_chrono_over_four_centuries() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        let mut date = NaiveDate::from_ymd_opt(1799, 12, 30).unwrap();
        for _ in 0..160_000 {
            let ours = days_from_civil(date.year(), date.month(), date.day());
            assert_eq!(ours, Some(date.signed_duration_since(epoch).num_days()), "{date}");
            date = date.succ_opt().unwrap();
        }
    }

    #[test]
    fn moments_are_printed_as_chrono_prints_them() {
        let chrono = |micros: i64| {
            let moment = DateTime::<Utc>::from_timestamp_micros(micros).unwrap();
            let form = if micros % 1000 == 0 { "%Y-%m-%dT%H:%M:%S%.3fZ" } else { "%Y-%m-%dT%H:%M:%S%.6fZ" };
            moment.format(form).to_string()
        };
        // From before the year 0 to after the year 9999, in steps that meet every time of day.
        let mut micros = -64_000_000_000_000_000;
        while micros < 260_000_000_000_000_000 {
            for offset in [0, 1, -1, 999, 1000, 123_456] {
                assert_eq!(Timestamp::from_micros(micros + offset).to_string(), chrono(micros + offset));
            }
            micros += 12_345_678_901_234;
        }
        // Every day of 400 years, after which the calendar repeats itself, and some of many others.
        for day in (-1000..146_000).chain((-800_000..3_000_000).step_by(1009)) {
            let (year, month, day_of_month) = civil_from_days(day);
            let date = DateTime::<Utc>::from_timestamp(day * 86_400, 0).unwrap().date_naive();
            assert_eq!((year, month, day_of_month), (date.year().into(), date.month().into(), date.day().into()));
        }
        assert_eq!(Timestamp::from_micros(i64::MAX).to_string(), "9223372036854775807us");
        assert_eq!(Timestamp::from_micros(i64::MIN).to_string(), "-9223372036854775808us");
    }

    #[test]
    fn no_such_moment_is_none() {
        for (month, day, hour, minute, second) in [
            (2, 30, 10, 0, 0),
            (13, 1, 0, 0, 0),
            (0, 0, 0, 0, 0),
            (4, 5, 24, 0, 0),
            (4, 5, 12, 61, 0),
            (4, 5, 12, 0, 61),
        ] {
            assert_eq!(Timestamp::from_civil(2023, month, day, hour, minute, second, 0), None);
        }
    }

    #[test]
    fn a_leap_second_is_the_next_minute() {
        let leap = Timestamp::from_civil(2016, 12, 31, 23, 59, 60, 500_000).unwrap();
        assert_eq!(leap.to_string(), "2017-01-01T00:00:00.500Z");
    }
}
