//! Each tale, judged as is written beside it.

use esxray_diagnosis::Diagnosis;
use esxray_testkit::{Expected, ExpectedIncident, Generation, Naming, Setting, Tale};

use crate::known::KNOWN;
use crate::metamorphic::differences;
use crate::seen::{Seen, seen};
use crate::{PLAIN, none, told};

/// What does not agree, as an aspect and in words.
fn disagreements(tale: &Tale, diagnosis: &Diagnosis, all: &[Seen]) -> Vec<(String, String)> {
    let expected = tale.expected();
    let mut found = Vec::new();
    let verdict = diagnosis.verdict.as_str();
    if !expected.verdicts.contains(&verdict) {
        found.push(("verdict".to_owned(), format!("{verdict}, not {:?}", expected.verdicts)));
    }
    causes(&expected, all, &mut found);
    for it in all.iter().filter(|it| it.vm.starts_with("another VM")) {
        found.push(("another VM".to_owned(), format!("{} has {:?}", it.vm, it.findings)));
    }
    for incident in &expected.incidents {
        let of_vm: Vec<&Seen> = all.iter().filter(|it| it.vm == incident.vm).collect();
        let mut say = |aspect: &str, text: String| found.push((aspect.to_owned(), format!("{}: {text}", incident.vm)));
        match of_vm.as_slice() {
            [] => say("no incident", "nothing is said".to_owned()),
            [one] => of_one(incident, one, &mut say),
            several => {
                let causes: Vec<_> = several.iter().map(|it| (&it.findings, it.recovered)).collect();
                say("several incidents", format!("{causes:?}"));
                // The one that is about the re-key is judged.
                let one = several.iter().find(|it| it.outcome.is_some()).or(several.first());
                if let Some(one) = one {
                    of_one(incident, one, &mut say);
                }
            }
        }
    }
    found
}

fn causes(expected: &Expected, all: &[Seen], found: &mut Vec<(String, String)>) {
    let claimed = |cause: &str| all.iter().any(|it| it.grade_of(cause).is_some());
    for cause in expected.causes.iter().filter(|cause| !claimed(cause)) {
        found.push((format!("without {cause}"), "it is not found".to_owned()));
    }
    for cause in expected.never.iter().filter(|cause| claimed(cause)) {
        found.push((format!("with {cause}"), "it is claimed".to_owned()));
    }
}

fn of_one(expected: &ExpectedIncident, seen: &Seen, say: &mut impl FnMut(&str, String)) {
    let root = seen.root();
    if !root.is_some_and(|it| expected.roots.contains(&it.0)) {
        say("root", format!("{:?}, not {:?}", seen.findings, expected.roots));
    }
    let grade = root.map_or("none", |it| it.1.as_str());
    let order = ["possible", "probable", "confirmed"];
    let rank = |word: &str| order.iter().position(|it| *it == word);
    if !(rank(expected.grades[0])..=rank(expected.grades[1])).contains(&rank(grade)) {
        say("grade", format!("{root:?}, not {:?}", expected.grades));
    }
    if seen.recovered != expected.recovered {
        say("recovered", format!("{}", seen.recovered));
    }
    for cause in expected.also.iter().filter(|it| seen.grade_of(it).is_none()) {
        say(&format!("without {cause}"), format!("{:?}", seen.findings));
    }
    if !expected.outcomes.is_empty() && !seen.outcome.is_some_and(|it| expected.outcomes.contains(&it)) {
        say("outcome", format!("{:?}, not {:?}", seen.outcome, expected.outcomes));
    }
    if !expected.steps.is_empty() && !seen.step.is_some_and(|it| expected.steps.contains(&it)) {
        say("failed step", format!("{:?}, not {:?}", seen.step, expected.steps));
    }
    let agrees = |it: &(String, Vec<&str>)| seen.objects.iter().any(|one| one.0 == it.0 && it.1.contains(&one.1));
    if !expected.objects.iter().all(agrees)
        || (!expected.objects.is_empty() && seen.objects.len() != expected.objects.len())
    {
        say("objects", format!("{:?}, not {:?}", seen.objects, expected.objects));
    }
    let places: Vec<Option<usize>> =
        expected.remedies.iter().map(|id| seen.remedies.iter().position(|it| it == id)).collect();
    if places.iter().any(Option::is_none) || !places.is_sorted() {
        say("remedies", format!("{:?}, not {:?}", seen.remedies, expected.remedies));
    }
    for id in expected.no_remedies.iter().filter(|id| seen.remedies.iter().any(|it| it == *id)) {
        say(&format!("offers {id}"), format!("{:?}", seen.remedies));
    }
    for id in expected.do_not.iter().filter(|id| !seen.do_not.iter().any(|it| it == *id)) {
        say(&format!("allows what {id} forbids"), format!("{:?}", seen.do_not));
    }
}

#[test]
fn every_tale_is_judged_as_its_author_says() {
    let mut complaints = Vec::new();
    let mut open: Vec<(&str, &str)> = KNOWN.to_vec();
    for (tale, diagnosis, all) in PLAIN.iter() {
        for (aspect, text) in disagreements(tale, diagnosis, all) {
            if let Some(at) = open.iter().position(|it| *it == (tale.name, aspect.as_str())) {
                open.remove(at);
            } else if !KNOWN.contains(&(tale.name, aspect.as_str())) {
                complaints.push(format!("{}: {aspect}: {text}", tale.name));
            }
        }
    }
    complaints.extend(open.iter().map(|it| format!("{it:?} holds now: take it off the list of known faults")));
    none(&complaints);
}

/// Older releases have no native providers, and each writes its logs in its own way.
#[test]
fn the_release_changes_nothing() {
    let mut complaints = Vec::new();
    for (number, (tale, _, plain)) in PLAIN.iter().enumerate() {
        // Two of the other releases for each tale: all of them meet all.
        let others: Vec<Generation> = Generation::ALL.iter().copied().filter(|it| *it != tale.generation).collect();
        for generation in [others[number % 4], others[(number + 2) % 4]] {
            let setting = Setting { generation: Some(generation), ..Setting::default() };
            let other = seen(&told(tale, &setting), tale, Naming::Plain);
            complaints.extend(
                differences(plain, &other).map(|it| format!("{} on {}: {it}", tale.name, generation.version())),
            );
        }
    }
    none(&complaints);
}
