//! Changes to the telling of a tale that must change nothing, or only in one direction.

use esxray_diagnosis::Diagnosis;
use esxray_model::Grade;
use esxray_testkit::{Layout, Naming, Setting, Tale};

use crate::seen::{Seen, seen};
use crate::{PLAIN, diagnosed, none, told};

/// Compares a tale under a setting with the tale as it is.
#[track_caller]
fn same_under(what: &str, setting: &Setting) {
    let mut complaints = Vec::new();
    for (tale, _, plain) in PLAIN.iter() {
        let other = seen(&told(tale, setting), tale, setting.naming);
        complaints.extend(differences(plain, &other).map(|it| format!("{}, {what}: {it}", tale.name)));
    }
    none(&complaints);
}

/// What differs, VM by VM.
pub(crate) fn differences<'s>(plain: &'s [Seen], other: &'s [Seen]) -> impl Iterator<Item = String> + 's {
    let lost = plain.iter().filter(|it| !other.contains(it)).map(|it| format!("was  {it:?}"));
    let new = other.iter().filter(|it| !plain.contains(it)).map(|it| format!("now  {it:?}"));
    lost.chain(new)
}

#[test]
fn other_names_change_nothing() {
    same_under("other names", &Setting { naming: Naming::Other, ..Setting::default() });
}

#[test]
fn awkward_names_change_nothing() {
    same_under("awkward names", &Setting { naming: Naming::Awkward, ..Setting::default() });
}

#[test]
fn names_that_quote_an_error_change_nothing() {
    same_under("names that quote", &Setting { naming: Naming::Quoting, ..Setting::default() });
}

#[test]
fn errors_in_annotations_and_events_of_users_change_nothing() {
    same_under("quotes", &Setting { quotes: true, ..Setting::default() });
}

/// Microseconds from the begin of the tales, 15:14:02 on 12 March 2024, to a minute before midnight and to a minute
/// before the year's end.
const TO_MIDNIGHT: i64 = (8 * 3600 + 44 * 60 + 58) * 1_000_000;
const TO_NEW_YEAR: i64 = TO_MIDNIGHT + 294 * 86_400 * 1_000_000;

#[test]
fn another_time_changes_nothing() {
    for (what, shift) in [("midnight", TO_MIDNIGHT), ("new year", TO_NEW_YEAR), ("before", -400 * 86_400 * 1_000_000)] {
        same_under(what, &Setting { shift, ..Setting::default() });
    }
}

#[test]
fn more_and_other_noise_changes_nothing() {
    same_under("noise", &Setting { noise: 40_000, ..Setting::default() });
    same_under("another seed", &Setting { seed: 5, ..Setting::default() });
}

#[test]
fn other_folders_and_another_order_of_files_change_nothing() {
    same_under("shuffled", &Setting { shuffled: true, ..Setting::default() });
}

#[test]
fn the_packing_changes_nothing() {
    for layout in [Layout::Archive, Layout::Bundles, Layout::Unpacked] {
        same_under(&format!("{layout:?}"), &Setting { layout, ..Setting::default() });
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    for tale in Tale::all() {
        let generated = tale.tell(&Setting { layout: Layout::Bundles, ..Setting::default() });
        let plain = |threads| {
            let text = format!("{:?}", diagnosed(&generated, threads));
            // The folder's own name differs; everything else is compared.
            text.split("/.tmp").map(|it| it.get(6..).unwrap_or_default()).collect::<Vec<_>>().join("")
        };
        assert!(plain(1) == plain(8), "{}", tale.name);
    }
}

#[test]
fn without_the_decisive_records_the_cause_is_less_sure_or_gone() {
    let mut complaints = Vec::new();
    for (tale, _, plain) in PLAIN.iter().filter(|it| !it.0.decisive.is_empty()) {
        let setting = Setting { without: tale.decisive.to_vec(), ..Setting::default() };
        let less = seen(&told(tale, &setting), tale, Naming::Plain);
        let expected = tale.expected().incidents;
        for incident in &expected {
            let Some(cause) = incident.roots.first() else { continue };
            // In a tale of several causes each has decisive records of its own.
            if !expected.iter().all(|it| it.roots.first() == Some(cause)) {
                continue;
            }
            let grade =
                |all: &[Seen]| all.iter().filter(|it| it.vm == incident.vm).filter_map(|it| it.grade_of(cause)).max();
            let (was, now) = (grade(plain), grade(&less));
            if was.is_some() && now >= was {
                complaints.push(format!("{}: {cause} of {} is still {now:?}", tale.name, incident.vm));
            }
        }
    }
    none(&complaints);
}

#[test]
fn a_success_in_the_end_closes_every_failure() {
    let mut complaints = Vec::new();
    for (tale, _, _) in PLAIN.iter() {
        let setting = Setting { repaired: true, ..Setting::default() };
        let repaired = told(tale, &setting);
        for it in seen(&repaired, tale, Naming::Plain).iter().filter(|it| !it.vm.is_empty() && !it.recovered) {
            // Nothing is known of a locked VM's later life: the tale ends with it.
            if it.outcome.is_some() {
                complaints.push(format!("{}: {} stays open: {:?}", tale.name, it.vm, it.findings));
            }
        }
    }
    none(&complaints);
}

/// Seconds after the begin of a tale at which its logs are cut, before, within and after what happens.
const CUTS: [i64; 12] = [-600, -1, 1, 3, 32, 60, 130, 138, 200, 320, 700, 1600];

/// What a part of the logs must not do: make a cause surer than the whole logs do.
///
/// It may lose causes, and it may open an incident again whose cure it cut off. A cause that the whole logs do not
/// find may at most become possible, and only where the whole logs say what rules it out.
fn surer(tale: &Tale, whole: &Diagnosis, all: &[Seen], part: &[Seen], what: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for (vm, cause, grade) in part.iter().flat_map(|it| it.findings.iter().map(|one| (&it.vm, &one.0, one.2))) {
        let known = all.iter().filter(|it| it.vm == *vm).filter_map(|it| it.grade_of(cause)).max();
        let ruled_out = || whole.excluded.iter().any(|it| it.cause == *cause);
        let fine = known.map_or_else(|| grade == Grade::Possible && ruled_out(), |known| grade <= known);
        if !fine {
            complaints.push(format!("{}, {what}: {cause} of `{vm}` is {grade:?}, not {known:?}", tale.name));
        }
    }
    complaints
}

#[test]
fn logs_that_end_earlier_make_nothing_surer() {
    let mut complaints = Vec::new();
    for (tale, whole, all) in PLAIN.iter() {
        for cut in CUTS {
            let setting = Setting { until: Some(cut), ..Setting::default() };
            let part = seen(&told(tale, &setting), tale, Naming::Plain);
            complaints.extend(surer(tale, whole, all, &part, &format!("cut at {cut} s")));
        }
    }
    none(&complaints);
}

/// The same where a file is cut at a byte, as a transfer that broke off leaves it.
#[test]
fn files_that_break_off_make_nothing_surer() {
    let mut complaints = Vec::new();
    for (tale, whole, all) in PLAIN.iter() {
        let generated = tale.tell(&Setting::default());
        for number in 0..generated.files.len().min(4) {
            let mut cut = generated.clone();
            let file = &mut cut.files[number];
            file.bytes.truncate(file.bytes.len() * (number + 3) / 8 + 7);
            let name = file.path.clone();
            let part = seen(&diagnosed(&cut, 1), tale, Naming::Plain);
            complaints.extend(surer(tale, whole, all, &part, &format!("{name} cut")));
        }
    }
    none(&complaints);
}
