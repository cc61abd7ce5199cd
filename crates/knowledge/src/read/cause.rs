use std::collections::BTreeMap;

use esxray_model::{Fact, IncidentKind, Said, Severity};
use toml::Spanned;

use super::Reader;
use crate::cause::{Cause, Condition, Need, Subject};
use crate::flaw::Flaw;
use crate::release::Release;
use crate::schema::{self, CauseFile, OneOrMore};
use crate::wanted::Wanted;

/// Reads and checks one cause alone.
pub(crate) fn cause(reader: &mut Reader<'_, '_>, id: &str, area: &str) -> Option<Cause> {
    let file: CauseFile = reader.document.parse(reader.problems)?;
    let title = reader.said_line("title", file.title, file.title_fr);
    reader.line("category", &file.category);
    let explanation = reader.said("explanation", file.explanation, file.explanation_fr);
    let affected = reader.said("affected", file.affected, file.affected_fr);
    let not_in_logs = reader.said_option("not_in_logs", file.not_in_logs, file.not_in_logs_fr);
    reader.texts("aliases", &file.aliases);
    let confirm = reader.said_list("confirm", file.confirm, file.confirm_fr);
    reader.sources(&file.sources);
    let unhelpful = read_unhelpful(reader, file.unhelpful, file.unhelpful_fr);
    let kind = reader.word("kind", "kind of incident", &file.kind, IncidentKind::ALL, IncidentKind::as_str);
    let severity = reader.word("severity", "severity", &file.severity, Severity::ALL, Severity::as_str);

    // Without an event in the first condition there is nothing that `same` and `within` could compare with.
    let has_first_event = file.when.first().is_some_and(|condition| !condition.get_ref().event.is_empty());
    let mut conditions = |key: &'static str, conditions: Vec<Spanned<schema::Condition>>| {
        let mut read = Vec::with_capacity(conditions.len());
        for (index, condition) in conditions.into_iter().enumerate() {
            read.push(read_condition(reader, &format!("{key}.{index}"), condition, has_first_event));
        }
        read
    };
    let when = conditions("when", file.when);
    let unless = conditions("unless", file.unless);
    let against = conditions("against", file.against);
    let corroborate = conditions("corroborate", file.corroborate);
    let recovered = conditions("recovered", file.recovered);
    let needs = read_needs(reader, file.needs);
    let since = read_release(reader, "since", file.since.as_deref());
    let before = read_release(reader, "before", file.before.as_deref());
    if let (Some(first), Some(end)) = (since, before)
        && !first.is_within(None, before)
    {
        reader.tell("before", || Flaw::NoReleaseLeft { since: first.to_string(), before: end.to_string() });
    }

    let cause = Cause {
        id: id.to_owned(),
        area: area.to_owned(),
        aliases: file.aliases,
        title,
        category: file.category,
        kind: kind.unwrap_or(IncidentKind::Other),
        severity: severity.unwrap_or(Severity::Info),
        about: file.about,
        explanation,
        basis: file.basis,
        affected,
        since,
        before,
        context: file.context,
        not_in_logs,
        when,
        unless,
        against,
        corroborate,
        recovered,
        needs,
        explains: file.explains,
        confirm,
        remedies: file.remedies,
        unhelpful,
        do_not: file.do_not,
        see_also: file.see_also,
        sources: file.sources,
        file: reader.document.path.clone(),
    };
    check_judgeable(reader, &cause);
    Some(cause)
}

fn check_judgeable(reader: &mut Reader<'_, '_>, cause: &Cause) {
    if cause.not_in_logs.is_some() {
        if let Some((key, _)) = cause.conditions().find(|(_, conditions)| !conditions.is_empty()) {
            reader.tell(key, || Flaw::ConditionsNotInLogs { key });
        }
    } else if cause.when.is_empty() && !cause.context {
        reader.tell("title", || Flaw::NothingToJudge);
    }
}

fn read_unhelpful(
    reader: &mut Reader<'_, '_>,
    unhelpful: BTreeMap<String, String>,
    mut french: BTreeMap<String, String>,
) -> Vec<(String, Said)> {
    let mut read = Vec::with_capacity(unhelpful.len());
    for (id, reason) in unhelpful {
        let keys = (format!("unhelpful.{id}"), format!("unhelpful_fr.{id}"));
        let french = french.remove(&id);
        read.push((id, reader.both((&keys.0, &keys.1), reason, french, Reader::line)));
    }
    for id in french.into_keys() {
        let key = format!("unhelpful_fr.{id}");
        reader.tell(&key, || Flaw::NothingToTranslate { key: key.clone() });
    }
    read
}

fn read_release(reader: &mut Reader<'_, '_>, key: &'static str, found: Option<&str>) -> Option<Release> {
    let release = found?.parse().ok();
    if release.is_none() {
        reader.tell(key, || Flaw::NoRelease { found: found.unwrap_or_default().to_owned() });
    }
    release
}

fn read_condition(
    reader: &mut Reader<'_, '_>,
    key: &str,
    condition: Spanned<schema::Condition>,
    has_first_event: bool,
) -> Condition {
    let line = reader.document.line_at(condition.span().start);
    let condition = condition.into_inner();
    let what = reader.said_line(&format!("{key}.what"), condition.what, condition.what_fr);
    reader.texts(&format!("{key}.event"), &condition.event);
    let subject = match (condition.event.is_empty(), condition.fact) {
        (true, Some(word)) => {
            let of_events = [
                ("same", condition.same.is_some()),
                ("within", condition.within.is_some()),
                ("count", condition.count.is_some()),
                ("distinct", condition.distinct.is_some()),
                ("where", !condition.values.is_empty()),
            ];
            for (name, _) in of_events.into_iter().filter(|(_, is_set)| *is_set) {
                reader.tell(&format!("{key}.{name}"), || Flaw::ConditionKeyOnFact { key: name });
            }
            Subject::Fact(reader.fact(&format!("{key}.fact"), &word).unwrap_or(Fact::RekeyWindow))
        }
        (is_empty, fact) => {
            if is_empty || fact.is_some() {
                reader.tell(key, || Flaw::ConditionSubject { both: fact.is_some() });
            } else if !has_first_event {
                for (name, _) in [("same", condition.same.is_some()), ("within", condition.within.is_some())]
                    .into_iter()
                    .filter(|(_, is_set)| *is_set)
                {
                    reader.tell(&format!("{key}.{name}"), || Flaw::NoFirstEvent { key: name });
                }
            }
            Subject::Events(condition.event)
        }
    };
    if condition.count == Some(0) {
        reader.tell(&format!("{key}.count"), || Flaw::CountZero);
    }
    if condition.weak && condition.decisive {
        reader.tell(&format!("{key}.weak"), || Flaw::WeakDecisive);
    }
    let values = read_values(reader, &format!("{key}.where"), condition.values);
    Condition {
        subject,
        same: condition.same,
        within: condition.within,
        count: condition.count.unwrap_or(1),
        distinct: condition.distinct,
        values,
        decisive: condition.decisive,
        weak: condition.weak,
        what,
        line,
    }
}

fn read_values(
    reader: &mut Reader<'_, '_>,
    key: &str,
    values: BTreeMap<String, OneOrMore>,
) -> Vec<(String, Vec<Wanted>)> {
    let mut read = Vec::with_capacity(values.len());
    for (field, values) in values {
        let key = format!("{key}.{field}");
        let values = match values {
            OneOrMore::One(value) => vec![value],
            OneOrMore::More(values) => values,
        };
        reader.some(&key, &values);
        reader.texts(&key, &values);
        let wanted = values.iter().filter_map(|text| match Wanted::parse(text) {
            Ok(wanted) => Some(wanted),
            Err(flaw) => {
                reader.tell(&key, || flaw);
                None
            }
        });
        read.push((field, wanted.collect()));
    }
    read
}

fn read_needs(reader: &mut Reader<'_, '_>, needs: Vec<schema::Need>) -> Vec<Need> {
    let mut read = Vec::with_capacity(needs.len());
    for (index, need) in needs.into_iter().enumerate() {
        let key = |name: &str| format!("needs.{index}.{name}");
        let what = reader.said_line(&key("what"), need.what, need.what_fr);
        let would = reader.said_line(&key("would"), need.would, need.would_fr);
        let logs = reader.logs(&key("logs"), &need.logs);
        read.push(Need { logs, what, would });
    }
    read
}
