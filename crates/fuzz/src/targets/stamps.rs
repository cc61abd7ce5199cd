//! Stamps and zones: what is read and written again is read as the same moment.

use esxray_model::Timestamp;
use esxray_record::{Certainty, Zone, iso, month_day};
use esxray_testkit::Prng;

use super::Target;
use crate::{Trace, mutate};

pub(super) const TARGET: Target = Target {
    name: "stamps",
    about: "bytes as a stamp, a zone, a time that a user types: the moment survives being written and read again",
    seeds,
    mutate,
    run,
    most_bytes: 128,
};

fn seeds() -> Vec<Vec<u8>> {
    [
        "2023-03-10T15:16:22.314Z In(05)",
        "2023-03-10 15:16:22,314567891",
        "2023-12-31T23:59:60Z",
        "2024-02-29T00:00:00+14:00",
        "0000-01-01T00:00:00-0000",
        "9999-12-31T23:59:59.999999999Z",
        "Apr  7 17:33:20 esx01",
        "Feb 29 01:03:45.328: vmx|",
        "Dec 31 23:59:60.000:",
        "2023-03-10",
        "Europe/Paris",
        "UTC",
        "+02:00",
        "-1130",
        "America/Argentina/Buenos_Aires",
    ]
    .map(|it| it.as_bytes().to_vec())
    .to_vec()
}

fn mutate(input: &mut Vec<u8>, pool: &[Vec<u8>], rng: &mut Prng) {
    match rng.below(4) {
        0 => mutate::bytes(input, 0, rng),
        1 => {
            // Digits for digits: most stay stamps.
            for byte in input.iter_mut().filter(|byte| byte.is_ascii_digit()) {
                if rng.chance(1, 4) {
                    *byte = rng.choose(b"0123456789").copied().unwrap_or(b'0');
                }
            }
        }
        2 => {
            let other = rng.choose(pool).cloned().unwrap_or_default();
            let at = other.len().min(10);
            input.truncate(at);
            input.extend_from_slice(other.get(at..).unwrap_or_default());
        }
        _ => mutate::log(input, pool, rng),
    }
}

fn run(input: &[u8], trace: &mut Trace) {
    for (name, read) in [("iso", iso(input)), ("month day", month_day(input))] {
        let Some((stamp, used)) = read else { continue };
        trace.saw((name, format!("{:?}", stamp.certainty), stamp.time.is_some(), used));
        assert!(used <= input.len(), "{name} used {used} of {} bytes", input.len());
        let alone = input.get(..used).unwrap_or_default();
        let again = if name == "iso" { iso(alone) } else { month_day(alone) };
        assert_eq!(again, Some((stamp, used)), "{name} reads its own bytes in another way");
        let Some(moment) = stamp.time else { continue };
        if stamp.certainty == Certainty::NoYear {
            let shown = moment.to_string();
            assert!(shown.starts_with("2000-") || shown.starts_with("2001-01-01T00:00:00"), "{shown}");
        }
        fixpoint(moment);
        for zone in ["+14:00", "-12:00", "Europe/Paris"].iter().filter_map(|it| it.parse::<Zone>().ok()) {
            let shifted = zone.to_utc(moment).seconds_since(moment).abs();
            assert!(shifted <= 50_400, "{moment} is moved by {shifted} s");
        }
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    match text.parse::<Zone>() {
        Ok(zone) => {
            trace.saw(("zone", text.len()));
            let noon = Timestamp::from_micros(1_700_000_000_000_000);
            assert!(zone.to_utc(noon).seconds_since(noon).abs() <= 86_400, "a zone is less than a day away");
        }
        Err(error) => assert!(error.to_string().contains("is not a zone")),
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        trace.saw(("typed", text.len()));
        fixpoint(moment);
    }
}

/// Written, read and written again it is the same; with four digits of the year it is the same moment.
fn fixpoint(moment: Timestamp) {
    let shown = moment.to_string();
    if let Some((stamp, used)) = iso(shown.as_bytes()) {
        assert_eq!((stamp.time, used, stamp.certainty), (Some(moment), shown.len(), Certainty::Full), "{shown}");
    } else {
        let four_digits = shown.split('-').next().is_some_and(|year| year.len() == 4);
        assert!(!four_digits, "{shown} is not read again");
    }
}
