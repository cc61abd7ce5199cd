//! Puts a year to stamps that carry none.

use esxray_model::Timestamp;

/// Puts stamps without a year into one.
#[derive(Default)]
pub(crate) struct Years {
    current: Option<i32>,
    last: Option<Timestamp>,
    /// The last stamp with a year, until the next one without.
    known: Option<Timestamp>,
}

impl Years {
    /// Takes note of a record that says its year: those after it are of the same, or of the next one to it.
    pub(crate) fn learn(&mut self, time: Timestamp) {
        self.known = Some(time);
    }

    /// Puts a stamp of the year 2000 into the current year; half a year back means that a new one began.
    pub(crate) fn place(&mut self, time: Timestamp, first: i32) -> Option<Timestamp> {
        const HALF_A_YEAR: i64 = 182 * 86_400;
        if let Some(known) = self.known.take() {
            (self.current, self.last) = (nearest_year(time, known), None);
        }
        let year = self.current.get_or_insert(first);
        if let Some(last) = self.last
            && last.seconds_since(time) > HALF_A_YEAR
        {
            *year += 1;
        }
        self.last = Some(time);
        with_year(time, *year)
    }
}

/// The year that puts a stamp of the year 2000 nearest to a moment.
pub(crate) fn nearest_year(time: Timestamp, moment: Timestamp) -> Option<i32> {
    let year: i32 = moment.to_string().get(..4)?.parse().ok()?;
    let far = |year: &i32| with_year(time, *year).map_or(i64::MAX, |placed| placed.micros_since(moment).abs());
    (year - 1..=year + 1).min_by_key(far)
}

/// The same day and time in another year; 29 February becomes 1 March where there is none.
pub(crate) fn with_year(time: Timestamp, year: i32) -> Option<Timestamp> {
    let start = |year| Timestamp::from_civil(year, 3, 1, 0, 0, 0, 0);
    let january = |year| Timestamp::from_civil(year, 1, 1, 0, 0, 0, 0);
    // 2000 has a 29 February: count from 1 March on, and from 1 January before it.
    let march = start(2000)?;
    let moved =
        if time >= march { start(year)?.micros_since(march) } else { january(year)?.micros_since(january(2000)?) };
    Some(Timestamp::from_micros(time.as_micros().checked_add(moved)?))
}

#[cfg(test)]
mod tests {
    use esxray_model::Timestamp;

    use super::with_year;

    #[test]
    fn a_leap_day_where_there_is_none_is_the_first_of_march() {
        let moved = |month, day, year| {
            with_year(Timestamp::from_civil(2000, month, day, 1, 2, 3, 0).unwrap(), year).unwrap().to_string()
        };
        assert_eq!(moved(2, 28, 2023), "2023-02-28T01:02:03.000Z");
        assert_eq!(moved(2, 29, 2023), "2023-03-01T01:02:03.000Z");
        assert_eq!(moved(2, 29, 2024), "2024-02-29T01:02:03.000Z");
        assert_eq!(moved(12, 31, 2024), "2024-12-31T01:02:03.000Z");
    }
}
