//! Fewer marks for many events, without hiding any: what is alike and near becomes one mark with its count.

use std::collections::BTreeMap;

use esxray_model::{Lang, Timestamp};

use super::{Lane, Mark, Tone};

/// What marks have to share to become one; less and less, if that does not suffice.
const LEVELS: [Alike; 3] = [
    Alike { who: true, kind: true, finest: 4096, coarsest: 256 },
    Alike { who: false, kind: true, finest: 1024, coarsest: 128 },
    Alike { who: false, kind: false, finest: 512, coarsest: 1 },
];

struct Alike {
    /// The same VM and host.
    who: bool,
    /// The same kind of event.
    kind: bool,
    /// Into how many stretches the time is cut at first, and at last.
    finest: i64,
    coarsest: i64,
}

/// Marks in the order of time, at most about `most`, and how far apart those that became one may be; 0 where none did.
///
/// A failure never becomes one with what is none. Nothing that lasts longer than such a stretch is merged, unless there
/// is no other way.
pub(super) fn thin(mut marks: Vec<Mark>, most: usize, lang: Lang) -> (Vec<Mark>, i64) {
    marks.sort_by(|a, b| (a.from, a.lane, &a.title, &a.place).cmp(&(b.from, b.lane, &b.title, &b.place)));
    let (Some(first), Some(last)) = (marks.first().map(|it| it.from), marks.last().map(|it| it.from)) else {
        return (marks, 0);
    };
    if marks.len() <= most {
        return (marks, 0);
    }
    let range = last.micros_since(first).max(1);
    let mut width = 0;
    for level in &LEVELS {
        let mut stretches = level.finest;
        while stretches >= level.coarsest {
            width = range / stretches + 1;
            let groups = groups(&marks, level, first, width);
            if groups.len() <= most || (stretches == 1 && !level.kind) {
                let mut thinned: Vec<Mark> = groups.into_values().filter_map(|group| merged(&group, lang)).collect();
                thinned.sort_by(|a, b| (a.from, a.lane, &a.title).cmp(&(b.from, b.lane, &b.title)));
                return (thinned, width);
            }
            stretches /= 2;
        }
    }
    (marks, width)
}

/// What marks of one group share; a number of its own for each that stays alone.
type Key<'a> = (Lane, Tone, &'a str, &'a str, i64, usize);

fn groups<'a>(marks: &'a [Mark], level: &Alike, first: Timestamp, width: i64) -> BTreeMap<Key<'a>, Vec<&'a Mark>> {
    let mut groups: BTreeMap<Key<'a>, Vec<&'a Mark>> = BTreeMap::new();
    for (at, mark) in marks.iter().enumerate() {
        let lasts = mark.ends().micros_since(mark.from) > width;
        let alone = mark.lane == Lane::Incidents || (lasts && level.kind);
        let key = (
            mark.lane,
            mark.tone,
            if level.kind { mark.kind.as_str() } else { "" },
            if level.who { mark.who.as_str() } else { "" },
            mark.from.micros_since(first) / width,
            if alone { at + 1 } else { 0 },
        );
        groups.entry(key).or_default().push(mark);
    }
    groups
}

fn merged(group: &[&Mark], lang: Lang) -> Option<Mark> {
    let (first, others) = group.split_first()?;
    let mut mark = (*first).clone();
    if others.is_empty() {
        return Some(mark);
    }
    mark.count = group.iter().map(|one| one.count).sum();
    mark.last = group.iter().map(|one| one.ends()).max();
    mark.until = None;
    mark.open = false;
    if others.iter().any(|one| one.title != mark.title) {
        mark.title.push_str(lang.pick(", and others", ", et d’autres"));
    }
    lang.pick("the first of them", "le premier d’entre eux").clone_into(&mut mark.detail);
    if others.iter().any(|one| one.who != mark.who) {
        mark.who.push_str(lang.pick(", and others", ", et d’autres"));
    }
    Some(mark)
}

#[cfg(test)]
mod tests {
    use esxray_model::{Lang, Timestamp};
    use proptest::prelude::*;

    use super::super::{Lane, Mark, Tone};
    use super::thin;

    fn mark(at: i64, tone: Tone, kind: u8, lasts: i64) -> Mark {
        Mark {
            lane: Lane::Vm,
            tone,
            kind: kind.to_string(),
            from: Timestamp::from_micros(at),
            until: (lasts > 0).then(|| Timestamp::from_micros(at + lasts)),
            open: false,
            title: format!("kind {kind}"),
            detail: String::new(),
            who: format!("VM-{}", at % 7),
            count: 1,
            last: None,
            place: String::new(),
            anchor: None,
        }
    }

    #[test]
    fn few_marks_stay_as_they_are() {
        let marks = vec![mark(5, Tone::Failure, 1, 0), mark(1, Tone::Context, 1, 3)];
        let (thinned, width) = thin(marks, 2, Lang::En);
        assert_eq!((thinned.len(), width), (2, 0));
        assert_eq!(thinned[0].from, Timestamp::from_micros(1));
    }

    proptest! {
        #[test]
        fn no_event_is_lost_and_no_failure_is_hidden(
            events in proptest::collection::vec((0..90_000_000_i64, 0..3_usize, 0..5_u8, 0..9_000_000_i64), 1..400),
            most in 8..60_usize,
        ) {
            let tone = |at: usize| [Tone::Context, Tone::Success, Tone::Failure][at];
            let marks: Vec<Mark> = events.iter().map(|it| mark(it.0, tone(it.1), it.2, it.3)).collect();
            let (thinned, _) = thin(marks.clone(), most, Lang::En);
            prop_assert!(thinned.len() <= most.max(3), "{} of {}", thinned.len(), most);
            for tone in [Tone::Context, Tone::Success, Tone::Failure] {
                let events = |of: &[Mark]| of.iter().filter(|it| it.tone == tone).map(|it| it.count).sum::<u64>();
                prop_assert_eq!(events(&marks), events(&thinned));
            }
            let ends = |of: &[Mark]| of.iter().map(Mark::ends).max();
            prop_assert_eq!(ends(&marks), ends(&thinned));
        }
    }
}
