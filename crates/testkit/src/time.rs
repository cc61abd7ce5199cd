use std::ops::{Add, Sub};

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// A type of its own rather than the `Timestamp` of `esxray-model`, so that a mistake
/// in the model's calendar cannot hide itself in what the generator writes.
///
/// # Examples
///
/// ```
/// use esxray_testkit::{LogTime, millis};
///
/// let seen = LogTime::civil(2024, 3, 12, 9, 4, 5) + millis(7);
/// assert_eq!(seen.iso_millis(), "2024-03-12T09:04:05.007Z");
/// assert_eq!(seen.month_day(), "Mar 12 09:04:05");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogTime(i64);

/// A span of so many microseconds, as `LogTime` adds it.
pub const fn micros(count: i64) -> i64 {
    count
}

/// A span of so many milliseconds, as `LogTime` adds it.
pub const fn millis(count: i64) -> i64 {
    count * 1000
}

/// A span of so many seconds, as `LogTime` adds it.
pub const fn seconds(count: i64) -> i64 {
    count * 1_000_000
}

const DAY: i64 = seconds(86_400);

/// A moment taken apart.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
}

impl LogTime {
    /// A moment from microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// A moment from a date and a time of day in UTC. The values are not checked: the author writes them.
    pub const fn civil(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Self {
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        Self(days * DAY + seconds((hour * 60 + minute) * 60 + second))
    }

    /// `2024-03-12T09:04:05.007Z`.
    pub fn iso_millis(self) -> String {
        let at = self.parts();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year,
            at.month,
            at.day,
            at.hour,
            at.minute,
            at.second,
            at.micros / 1000
        )
    }

    /// `2024-03-12 09:04:05.007`.
    pub fn spaced_millis(self) -> String {
        let iso = self.iso_millis();
        iso.trim_end_matches('Z').replace('T', " ")
    }

    /// `2024-03-12T09:04:05Z`.
    pub fn iso_seconds(self) -> String {
        let at = self.parts();
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", at.year, at.month, at.day, at.hour, at.minute, at.second)
    }

    /// `Mar 12 09:04:05`, the day padded with a zero as the VMX does.
    pub fn month_day(self) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let at = self.parts();
        let month = usize::try_from(at.month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or("Jan");
        format!("{month} {:02} {:02}:{:02}:{:02}", at.day, at.hour, at.minute, at.second)
    }

    /// The milliseconds within the second, three digits.
    pub fn millis_part(self) -> String {
        format!("{:03}", self.parts().micros / 1000)
    }

    fn parts(self) -> Civil {
        let (days, in_day) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let second_of_day = in_day / seconds(1);
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: second_of_day / 3600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
            micros: in_day % seconds(1),
        }
    }
}

impl Add<i64> for LogTime {
    type Output = Self;

    fn add(self, micros: i64) -> Self {
        Self(self.0 + micros)
    }
}

impl Sub<i64> for LogTime {
    type Output = Self;

    fn sub(self, micros: i64) -> Self {
        Self(self.0 - micros)
    }
}

impl Sub for LogTime {
    type Output = i64;

    fn sub(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_known_moments() {
        assert_eq!(LogTime::from_micros(0).iso_millis(), "1970-01-01T00:00:00.000Z");
        assert_eq!(LogTime::from_micros(1_709_164_799_999_000).iso_millis(), "2024-02-28T23:59:59.999Z");
        assert_eq!((LogTime::from_micros(1_709_164_799_999_000) + millis(1)).iso_seconds(), "2024-02-29T00:00:00Z");
        assert_eq!(LogTime::civil(2000, 12, 31, 23, 59, 59).spaced_millis(), "2000-12-31 23:59:59.000");
    }

    #[test]
    fn every_day_of_four_centuries_goes_round() {
        let mut day = LogTime::civil(1900, 1, 1, 0, 0, 0);
        let mut last = String::new();
        while day < LogTime::civil(2300, 1, 1, 0, 0, 0) {
            let at = day.parts();
            assert_eq!(LogTime::civil(at.year, at.month, at.day, 0, 0, 0), day);
            let text = day.iso_seconds();
            assert!(text > last, "{text} after {last}");
            last = text;
            day = day + DAY;
        }
    }
}
