//! What knowledge files say about each other.

use std::collections::{BTreeMap, BTreeSet};

use esxray_model::Lang;

use crate::cause::{Cause, Condition};
use crate::document::{Document, Problems};
use crate::error::LoadProblem;
use crate::flaw::Flaw;
use crate::near::nearest;
use crate::read::Override;
use crate::remedy::{Prohibition, Remedy};
use crate::schema::FileKind as Kind;
use crate::signature::Signature;
use crate::template::{Part, Placeholder, parts};

/// Everything that could be read, in the order of ids.
#[derive(Default)]
pub(crate) struct Loaded<'s> {
    pub(crate) signatures: Vec<Signature>,
    pub(crate) causes: Vec<(Cause, &'s Document<'s>)>,
    pub(crate) remedies: Vec<Remedy>,
    pub(crate) prohibitions: Vec<Prohibition>,
    pub(crate) overrides: Vec<(Override, &'s Document<'s>)>,
    /// The ids of all files, whether they could be read or not: a broken file is told once, not by its users again.
    pub(crate) ids: BTreeMap<Kind, BTreeSet<&'s str>>,
    /// Whether a signature could not be read, so that the list of events is not whole.
    pub(crate) signature_unread: bool,
}

impl Loaded<'_> {
    fn known(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.ids.get(&kind).into_iter().flatten().copied()
    }

    fn has(&self, kind: Kind, id: &str) -> bool {
        self.ids.get(&kind).is_some_and(|ids| ids.contains(id))
    }
}

/// Events with the fields that their signatures capture.
type Events<'s> = BTreeMap<&'s str, BTreeSet<&'s str>>;

/// Checks all causes against signatures, remedies, prohibitions and each other; gives warnings.
pub(crate) fn check(loaded: &Loaded<'_>, problems: &mut Problems) -> Vec<LoadProblem> {
    let mut events = Events::new();
    for signature in &loaded.signatures {
        let fields = events.entry(&signature.event).or_default();
        fields.extend(signature.fields.iter().map(|(name, _)| name.as_str()));
    }
    let aliases = check_aliases(loaded, problems);
    let mut warnings = Problems::default();
    for (cause, document) in &loaded.causes {
        if !loaded.signature_unread {
            check_conditions(cause, document, &events, problems);
        }
        let ids = |key: &str, kind: Kind, what: &'static str, named: &[String], problems: &mut Problems| {
            for (index, id) in named.iter().enumerate().filter(|(_, id)| !loaded.has(kind, id)) {
                document.tell(problems, &format!("{key}.{index}"), || {
                    let alias = aliases.get(id.as_str()).filter(|_| kind == Kind::Cause);
                    let near = alias.map(|&id| id.to_owned()).or_else(|| nearest(id, loaded.known(kind)));
                    Flaw::UnknownId { what, found: id.clone(), near }
                });
            }
        };
        ids("explains", Kind::Cause, "cause", &cause.explains, problems);
        ids("remedies", Kind::Remedy, "remedy", &cause.remedies, problems);
        for (id, _) in &cause.unhelpful {
            let key = format!("unhelpful.{id}");
            if !loaded.has(Kind::Remedy, id) {
                let near = nearest(id, loaded.known(Kind::Remedy));
                document.tell(problems, &key, || Flaw::UnknownId { what: "remedy", found: id.clone(), near });
            } else if cause.remedies.contains(id) {
                document.tell(problems, &key, || Flaw::HelpfulToo { id: id.clone() });
            }
        }
        ids("do_not", Kind::Prohibition, "prohibition", &cause.do_not, problems);
        ids("see_also", Kind::Cause, "cause", &cause.see_also, &mut warnings);
    }
    for (it, document) in &loaded.overrides {
        if !loaded.has(Kind::Cause, &it.cause) {
            let alias = aliases.get(it.cause.as_str()).map(|&id| id.to_owned());
            let near = alias.or_else(|| nearest(&it.cause, loaded.known(Kind::Cause)));
            document.tell(problems, "", || Flaw::UnknownId { what: "cause", found: it.cause.clone(), near });
        }
    }
    check_circles(loaded, problems);
    let mut warnings = warnings.into_sorted();
    warnings.extend(unused(loaded));
    warnings.sort();
    warnings
}

/// Remedies and prohibitions that no cause names.
fn unused(loaded: &Loaded<'_>) -> Vec<LoadProblem> {
    let named: BTreeSet<&str> =
        loaded.causes.iter().flat_map(|(it, _)| it.remedies.iter().chain(&it.do_not)).map(String::as_str).collect();
    let remedies = loaded.remedies.iter().map(|it| (&it.id, &it.file, "remedy", "remedies"));
    let prohibitions = loaded.prohibitions.iter().map(|it| (&it.id, &it.file, "prohibition", "do_not"));
    remedies
        .chain(prohibitions)
        .filter(|it| !named.contains(it.0.as_str()))
        .map(|(_, path, what, key)| LoadProblem { path: path.clone(), line: 1, flaw: Flaw::Unused { what, key } })
        .collect()
}

/// Tells aliases that name two causes; gives the cause of each alias.
fn check_aliases<'l>(loaded: &'l Loaded<'_>, problems: &mut Problems) -> BTreeMap<&'l str, &'l str> {
    let mut aliases: BTreeMap<&str, &str> = BTreeMap::new();
    for (cause, document) in &loaded.causes {
        for (index, alias) in cause.aliases.iter().enumerate() {
            let is_id = loaded.has(Kind::Cause, alias).then_some(alias.as_str());
            match is_id.or_else(|| aliases.get(alias.as_str()).copied()) {
                Some(other) => document.tell(problems, &format!("aliases.{index}"), || Flaw::AliasTaken {
                    alias: alias.clone(),
                    other: other.to_owned(),
                }),
                None => {
                    aliases.insert(alias, &cause.id);
                }
            }
        }
    }
    aliases
}

fn check_conditions(cause: &Cause, document: &Document<'_>, events: &Events<'_>, problems: &mut Problems) {
    let no_events = BTreeSet::new();
    let fields_of = |condition: &Condition| -> BTreeSet<&str> {
        let each = condition.events().iter();
        each.flat_map(|event| events.get(event.as_str()).unwrap_or(&no_events)).copied().collect()
    };
    let unknown_field = |found: &str, known: &BTreeSet<&str>| Flaw::UnknownField {
        found: found.to_owned(),
        near: nearest(found, known.iter().copied()),
    };
    let first = cause.when.first().map(fields_of).unwrap_or_default();
    let mut all = BTreeSet::new();
    for (key, conditions) in cause.conditions() {
        for (index, condition) in conditions.iter().enumerate() {
            let unknown = condition.events().iter().enumerate();
            for (at, event) in unknown.filter(|(_, event)| !events.contains_key(event.as_str())) {
                document.tell(problems, &format!("{key}.{index}.event.{at}"), || Flaw::UnknownEvent {
                    found: event.clone(),
                    near: nearest(event, events.keys().copied()),
                });
            }
            let fields = fields_of(condition);
            if let Some(field) = condition.distinct.as_deref().filter(|field| !fields.contains(field)) {
                document.tell(problems, &format!("{key}.{index}.distinct"), || unknown_field(field, &fields));
            }
            // That a fact has no values is told where the file is read.
            let values = condition.values.iter().filter(|_| !condition.events().is_empty());
            for (field, _) in values.filter(|(field, _)| !fields.contains(field.as_str())) {
                document.tell(problems, &format!("{key}.{index}.where"), || unknown_field(field, &fields));
            }
            let both: BTreeSet<&str> = fields.intersection(&first).copied().collect();
            if let Some(field) = condition.same.as_deref().filter(|field| !both.contains(field)) {
                document.tell(problems, &format!("{key}.{index}.same"), || unknown_field(field, &both));
            }
            all.extend(fields);
        }
    }
    all.extend(Placeholder::ALL.iter().map(|placeholder| placeholder.as_str()));
    for part in parts(cause.title.r#in(Lang::En)) {
        if let Part::Name(name) = part
            && !all.contains(name)
        {
            document.tell(problems, "title", || unknown_field(name, &all));
        }
    }
}

/// How far the search for circles is with a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    OnPath,
    Done,
}

/// Tells circles of `explains`: in a circle no cause would be the root.
fn check_circles(loaded: &Loaded<'_>, problems: &mut Problems) {
    let index: BTreeMap<&str, usize> =
        loaded.causes.iter().enumerate().map(|(index, (cause, _))| (cause.id.as_str(), index)).collect();
    let mut seen = vec![Seen::Not; loaded.causes.len()];
    for start in 0..loaded.causes.len() {
        // The path from `start`, each with the number of its next `explains`. A list of its
        // own rather than recursion, because a pack may hold a chain of any length.
        let mut path: Vec<(usize, usize)> = Vec::new();
        enter(start, &mut path, &mut seen);
        while let Some((at, next)) = path.last_mut() {
            let Some((cause, document)) = loaded.causes.get(*at) else { break };
            let number = *next;
            *next += 1;
            let Some(id) = cause.explains.get(number) else {
                if let Some(state) = seen.get_mut(*at) {
                    *state = Seen::Done;
                }
                path.pop();
                continue;
            };
            let Some(&to) = index.get(id.as_str()) else { continue };
            if seen.get(to) == Some(&Seen::OnPath) {
                document.tell(problems, &format!("explains.{number}"), || {
                    let circle =
                        path.iter().skip_while(|(at, _)| *at != to).filter_map(|(at, _)| loaded.causes.get(*at));
                    let ids = circle.map(|(cause, _)| cause.id.clone());
                    Flaw::Circle { circle: ids.chain([id.clone()]).collect() }
                });
            } else {
                enter(to, &mut path, &mut seen);
            }
        }
    }
}

/// Puts a cause on the path, unless the search was there before.
fn enter(cause: usize, path: &mut Vec<(usize, usize)>, seen: &mut [Seen]) {
    if let Some(state @ Seen::Not) = seen.get_mut(cause) {
        *state = Seen::OnPath;
        path.push((cause, 0));
    }
}
