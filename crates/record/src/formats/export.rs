//! Events of a vCenter Server as tools export them: PowerCLI and the vSphere Client as CSV, `govc` as text and JSON.
//!
//! What is public of their form: the text and the JSON of `govc events` (the source of govmomi), and the names of
//! the properties of an event, of which PowerCLI makes the columns. No public document gives the columns of the
//! vSphere Client. So a row is read by what its fields are, not by where they stand: a stamp, the id of an event,
//! a severity, and the longest text.

use esxray_model::{FormatName, Level, Timestamp};

use super::{BRACKET, DIGIT, Dialect, Glance, Head, Joins, Kin, STAMP_MARK, WORD, plain, word};
use crate::Certainty;
use crate::stamp::{Stamp, iso, month_day};

const FORMAT: Option<FormatName> = Some(FormatName::Events);

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "csv",
        format: FORMAT,
        other: FormatName::Events,
        kin: Kin::Vcenter,
        opens: WORD | DIGIT | STAMP_MARK,
        glance: glance_csv,
        claims: claims_csv,
        open: open_csv,
        joins: Joins::Quoted,
        samples: &[
            "\"EventTypeId\",\"Severity\",\"Message\",\"ObjectName\",\"Key\",\"CreatedTime\",\"UserName\",\"FullFormattedMessage\"",
            "Description,Type,Date Time,Task,Target,User,Event Type ID",
            "\"com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost\",\"error\",\"\",\"APP-01\",\"4711\",\"2023-03-10T15:16:22Z\",\"\",\"Virtual machine is locked because keys were missing on the host.\"",
            "\"Virtual machine is locked because keys were missing on the host.\",\"Error\",\"03/10/2023, 3:16:22 PM\",\"\",\"APP-01\",\"\",\"com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost\"",
            "\"3/10/2023 3:16:22 PM\",\"LAB\\ann\",\"Reconfigured APP-01 on esx01.lab.example in Lab\"",
        ],
    },
    Dialect {
        generation: "govc",
        format: FORMAT,
        other: FormatName::Events,
        kin: Kin::Vcenter,
        opens: BRACKET,
        glance: glance_govc,
        claims: |line| glance_govc(line).is_some(),
        open: open_govc,
        joins: Joins::Text,
        samples: &[
            "[Fri Mar 10 15:16:22 2023] [info] APP-01 on esx01.lab.example in Lab is powered on",
            "[Fri Mar  3 15:16:22 2023] [error] [4711] [com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost] Virtual machine is locked (vm-1012)",
        ],
    },
    Dialect {
        generation: "json",
        format: FORMAT,
        other: FormatName::Events,
        kin: Kin::Vcenter,
        opens: WORD | BRACKET,
        glance: glance_json,
        claims: |line| glance_json(line).is_some(),
        open: open_json,
        joins: Joins::Nothing,
        samples: &[
            "{\"type\":\"VmPoweredOnEvent\",\"createdTime\":\"2023-03-10T15:16:22.314Z\",\"category\":\"info\",\"message\":\"APP-01 is powered on\",\"key\":4711}",
            "[{\"Key\":7,\"CreatedTime\":\"2023-03-10T15:16:22.314Z\",\"UserName\":\"\",\"FullFormattedMessage\":\"Reconfigured APP-01\",\"EventTypeId\":\"vim.event.VmReconfiguredEvent\"},",
        ],
    },
];

/// Whether a text is the id of an event: `com.vmware.vc.x`, `esx.problem.x`, `vim.event.XEvent`, `VmResettingEvent`.
fn is_event_id(text: &[u8]) -> bool {
    let fits = text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
    let dotted = [&b"com.vmware."[..], b"vim.event.", b"esx.", b"vob.", b"vprob.", b"vsan.", b"hbr."];
    fits && (dotted.iter().any(|prefix| text.starts_with(prefix)) || (text.len() > 8 && text.ends_with(b"Event")))
}

/// The severity or category of an event.
fn level(text: &[u8]) -> Option<Level> {
    if text.eq_ignore_ascii_case(b"information") {
        return Some(Level::Info);
    }
    if text.eq_ignore_ascii_case(b"user") { Some(Level::Notice) } else { Level::from_word(text) }
}

/// The fields of a line of CSV; a quotation that does not end here runs to the end of the line.
fn fields(line: &[u8]) -> Vec<&[u8]> {
    const MOST: usize = 64;
    // A list separator of another country: the one of the first line that has any.
    let separator = [b',', b';', b'\t'].into_iter().find(|it| outside(line, *it)).unwrap_or(b',');
    let mut fields = Vec::new();
    let mut rest = line;
    while fields.len() < MOST {
        if let Some(inside) = rest.strip_prefix(b"\"") {
            let mut at = 0;
            let end = loop {
                match inside.get(at..).and_then(|text| memchr::memchr(b'"', text)) {
                    // Two quotation marks are one of the text's own.
                    Some(next) if inside.get(at + next + 1) == Some(&b'"') => at += next + 2,
                    Some(next) => break at + next,
                    None => break inside.len(),
                }
            };
            fields.push(inside.get(..end).unwrap_or_default());
            rest = inside.get(end + 1..).unwrap_or_default();
        } else {
            let end = memchr::memchr(separator, rest).unwrap_or(rest.len());
            fields.push(rest.get(..end).unwrap_or_default());
            rest = rest.get(end..).unwrap_or_default();
        }
        match rest.split_first() {
            Some((first, behind)) if *first == separator => rest = behind,
            _ => break,
        }
    }
    fields
}

/// Whether a separator stands outside of quotation marks.
fn outside(line: &[u8], separator: u8) -> bool {
    let mut quoted = false;
    line.iter().any(|byte| {
        quoted ^= *byte == b'"';
        !quoted && *byte == separator
    })
}

/// What the fields of a row are.
struct Row<'a> {
    stamp: Option<Stamp>,
    id: &'a [u8],
    level: Option<Level>,
    text: &'a [u8],
}

fn row(line: &[u8]) -> Row<'_> {
    let mut row = Row { stamp: None, id: b"", level: None, text: b"" };
    for field in fields(line) {
        if row.stamp.is_none()
            && let Some(stamp) = whole_stamp(field)
        {
            row.stamp = Some(stamp);
        } else if row.id.is_empty() && is_event_id(field) {
            row.id = field;
        } else if row.level.is_none()
            && let Some(level) = level(field)
        {
            row.level = Some(level);
        } else if field.len() > row.text.len() {
            row.text = field;
        }
    }
    row
}

/// A field that is a stamp and nothing else.
fn whole_stamp(field: &[u8]) -> Option<Stamp> {
    match iso(field) {
        Some((stamp, used)) => (used == field.len()).then_some(stamp),
        None => of_a_country(field),
    }
}

/// `3/10/2023 3:16:22 PM`, `10.03.2023 15:16:22`: which of the first two numbers is the day, only AM or PM, a dot,
/// or a number above 12 tells; a stamp that leaves it open names no moment.
fn of_a_country(field: &[u8]) -> Option<Stamp> {
    let text = std::str::from_utf8(field.get(..field.len().min(32))?).ok()?;
    let mut numbers = [0_u32; 6];
    let mut rest = text;
    let mut marks = ['/'; 5];
    for (index, number) in numbers.iter_mut().enumerate() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        *number = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        if let Some(mark) = marks.get_mut(index) {
            *mark = rest.chars().next()?;
            rest = rest.get(mark.len_utf8()..)?.trim_start();
        }
    }
    let [first, second, year, mut hour, minute, second_of_minute] = numbers;
    let [one, two, three, four, five] = marks;
    let shape = matches!(one, '/' | '.' | '-') && two == one && matches!(three, ' ' | ',') && four == ':' && five == ':';
    let half = rest.trim_start_matches([' ', '\u{202f}', '\u{a0}']);
    let american = half.eq_ignore_ascii_case("AM") || half.eq_ignore_ascii_case("PM");
    if !shape || !(1970..=2200).contains(&year) || !(half.is_empty() || american) {
        return None;
    }
    if american {
        hour = hour % 12 + if half.eq_ignore_ascii_case("PM") { 12 } else { 0 };
    }
    let month_day = if american || second > 12 {
        Some((first, second))
    } else if one == '.' || first > 12 {
        Some((second, first))
    } else {
        None
    };
    let time = month_day.and_then(|(month, day)| {
        Timestamp::from_civil(i32::try_from(year).ok()?, month, day, hour, minute, second_of_minute, 0)
    });
    Some(Stamp { time, certainty: Certainty::NoZone })
}

/// Whether a line names the columns of an export.
fn is_header(line: &[u8]) -> bool {
    const COLUMNS: [&[u8]; 7] = [
        b"createdtime",
        b"fullformattedmessage",
        b"eventtypeid",
        b"event type id",
        b"date time",
        b"username",
        b"description",
    ];
    let fields = fields(line);
    let known = |field: &&&[u8]| COLUMNS.iter().any(|name| field.eq_ignore_ascii_case(name));
    let plain = |field: &&[u8]| field.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _/".contains(byte));
    fields.len() > 2 && fields.iter().all(plain) && fields.iter().filter(known).count() > 1
}

/// A row, the names of the columns, or the first line of a row whose first text has several.
fn glance_csv(line: &[u8]) -> Option<Glance<'_>> {
    if !claims_csv(line) && !line.starts_with(b"\"") {
        return None;
    }
    let row = row(line);
    let mut glance = Glance::new(row.stamp, b"", line);
    glance.level = row.level;
    Some(glance)
}

fn claims_csv(line: &[u8]) -> bool {
    if is_header(line) {
        return true;
    }
    let row = row(line);
    // A stamp with a text, or an id with a text, in three columns or more.
    let told = row.stamp.is_some() || (!row.id.is_empty() && row.level.is_some());
    let fields = fields(line);
    // The head of a log's line is no field: a row without a quotation mark in front must name its event.
    let first = fields.first().is_some_and(|it| it.first().is_some_and(u8::is_ascii_alphabetic) || whole_stamp(it).is_some());
    told && row.text.contains(&b' ') && (line.starts_with(b"\"") || (first && !row.id.is_empty())) && fields.len() > 2
}

fn open_csv<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = plain(glance);
    if is_header(glance.body) {
        return head;
    }
    let row = row(glance.body);
    head.component = row.id;
    head.message = if row.text.is_empty() { glance.body } else { row.text };
    head
}

/// `Fri Mar 10 15:16:22 2023` in a bracket: the stamp, and what follows the bracket.
fn ansi_c(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let inside = text.strip_prefix(b"[")?;
    let (weekday, rest) = word(inside);
    let (stamp, used) = month_day(rest).filter(|_| weekday.len() == 3)?;
    let (year, rest) = rest.get(used..)?.strip_prefix(b" ")?.split_at_checked(4)?;
    let year: i32 = std::str::from_utf8(year).ok()?.parse().ok()?;
    let time = stamp.time.and_then(|time| crate::years::with_year(time, year));
    Some((Stamp { time, certainty: Certainty::NoZone }, rest.strip_prefix(b"] ")?))
}

/// `[x] rest`.
fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"[")?;
    let end = memchr::memmem::find(inside, b"] ")?;
    Some((inside.get(..end)?, inside.get(end + 2..)?))
}

/// `[Fri Mar 10 15:16:22 2023] [info] [4711] [VmPoweredOnEvent] text`, key and id only in the long form.
fn glance_govc(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, rest) = ansi_c(line)?;
    let (category, rest) = bracket(rest)?;
    let mut glance = Glance::new(Some(stamp), b"", rest);
    glance.level = Some(level(category)?);
    Some(glance)
}

fn open_govc<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = plain(glance);
    if let Some((key, rest)) = bracket(head.message).filter(|it| it.0.iter().all(u8::is_ascii_digit))
        && let Some((id, text)) = bracket(rest).filter(|it| is_event_id(it.0))
    {
        head.fields.push(("event", key));
        head.component = id;
        head.message = text;
    }
    head
}

/// The text behind `"name":"`, whatever the case of the name's first letter.
fn value<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (first, tail) = name.split_at_checked(1)?;
    [first.to_owned(), first.to_ascii_uppercase()].iter().find_map(|first| {
        let key = format!("\"{first}{tail}\":");
        let at = memchr::memmem::find(line, key.as_bytes())? + key.len();
        let inside = line.get(at..)?.trim_ascii_start().strip_prefix(b"\"")?;
        let end = memchr::memchr_iter(b'"', inside).find(|at| {
            let before = inside.get(..*at).unwrap_or_default();
            before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
        })?;
        inside.get(..end)
    })
}

/// One event as a JSON object on a line of its own, perhaps of an array.
fn glance_json(line: &[u8]) -> Option<Glance<'_>> {
    let object = line.strip_prefix(b"[").or_else(|| line.strip_prefix(b",")).unwrap_or(line);
    if !object.starts_with(b"{\"") {
        return None;
    }
    let (stamp, _) = iso(value(object, "createdTime")?)?;
    let text = text_of(object)?;
    let mut glance = Glance::new(Some(stamp), b"", object);
    glance.level = value(object, "category").or_else(|| value(object, "severity")).and_then(level);
    (!text.is_empty()).then_some(glance)
}

fn text_of(object: &[u8]) -> Option<&[u8]> {
    ["fullFormattedMessage", "message"].iter().find_map(|name| value(object, name).filter(|text| !text.is_empty()))
}

fn open_json<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = plain(glance);
    let object = glance.body;
    let id = ["eventTypeId", "type", "_typeName"].iter().find_map(|name| value(object, name).filter(|id| is_event_id(id)));
    head.component = id.unwrap_or_default();
    head.user = value(object, "userName").filter(|it| !it.is_empty());
    head.message = text_of(object).unwrap_or(object);
    head
}

/// A row of a table of events, as articles print it: `| com.vmware.vc.x | EventEx | text |`.
pub(super) fn glance_row(line: &[u8]) -> Option<Glance<'_>> {
    let line = line.strip_prefix(b"|").unwrap_or(line).trim_ascii();
    let line = line.strip_suffix(b"|").unwrap_or(line).trim_ascii_end();
    let (id, rest) = column(line)?;
    let (class, _) = column(rest)?;
    let sound = is_event_id(id) && [&b"EventEx"[..], b"ExtendedEvent", b"Standard", b"Event"].contains(&class);
    sound.then(|| Glance::new(None, b"", line))
}

/// The first column of a table's row, and the rest.
fn column(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'|', text)?;
    Some((text.get(..end)?.trim_ascii(), text.get(end + 1..)?.trim_ascii()))
}

pub(super) fn open_row<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = plain(glance);
    if let Some((id, rest)) = column(glance.body)
        && let Some((_, text)) = column(rest)
    {
        head.component = id;
        head.message = text;
    }
    head
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;
    use esxray_model::Level;

    use super::{DIALECTS, of_a_country};

    /// Time, component, level and message.
    #[track_caller]
    fn check(line: &str, expected: (Option<&str>, &str, Option<Level>, &str)) {
        let dialect = DIALECTS.iter().find(|it| (it.claims)(line.as_bytes())).unwrap();
        let head = (dialect.open)(&(dialect.glance)(line.as_bytes()).unwrap());
        let time = head.stamp.and_then(|it| it.time).map(|it| it.to_string());
        let seen = (time.as_deref(), head.component.to_str().unwrap(), head.level, head.message.to_str().unwrap());
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn a_row_is_read_by_what_its_fields_are() {
        let locked = "Virtual machine is locked because keys were missing on the host.";
        let id = "com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost";
        check(
            &format!("\"{id}\",\"error\",\"\",\"APP-01\",\"4711\",\"2023-03-10T15:16:22Z\",\"\",\"{locked}\""),
            (Some("2023-03-10T15:16:22.000Z"), id, Some(Level::Error), locked),
        );
        check(
            &format!("\"{locked}\",\"Error\",\"03/10/2023, 3:16:22 PM\",\"\",\"APP-01\",\"\",\"{id}\""),
            (Some("2023-03-10T15:16:22.000Z"), id, Some(Level::Error), locked),
        );
        check(
            "\"10.03.2023 15:16:22\";\"LAB\\ann\";\"Reconfigured \"\"APP, 01\"\" on esx01\"",
            (Some("2023-03-10T15:16:22.000Z"), "", None, "Reconfigured \"\"APP, 01\"\" on esx01"),
        );
    }

    #[test]
    fn text_and_json_of_govc() {
        check(
            "[Fri Mar  3 15:16:22 2023] [error] [4711] [esx.problem.x] text [y] z",
            (Some("2023-03-03T15:16:22.000Z"), "esx.problem.x", Some(Level::Error), "text [y] z"),
        );
        check(
            "{\"type\":\"VmPoweredOnEvent\",\"createdTime\":\"2023-03-10T15:16:22Z\",\"category\":\"info\",\"message\":\"a \\\"b\\\"\"}",
            (Some("2023-03-10T15:16:22.000Z"), "VmPoweredOnEvent", Some(Level::Info), "a \\\"b\\\""),
        );
    }

    #[test]
    fn which_number_is_the_day_is_not_guessed() {
        let time = |text: &str| of_a_country(text.as_bytes()).map(|it| it.time.map(|it| it.to_string()));
        assert_eq!(time("3/10/2023 12:16:22 AM"), Some(Some("2023-03-10T00:16:22.000Z".to_owned())));
        assert_eq!(time("13/03/2023 15:16:22"), Some(Some("2023-03-13T15:16:22.000Z".to_owned())));
        assert_eq!(time("03/04/2023 15:16:22"), Some(None), "the third of April or the fourth of March");
        assert_eq!(time("1/2"), None);
        assert_eq!(time("192.0.2.1"), None);
    }

    #[test]
    fn other_tables_are_none() {
        for line in ["\"a\",\"b\",\"c\"", "name,size,date", "{\"a\":1}", "[x] [y] z", "2023-03-10T15:16:22Z,a b,c d"] {
            assert!(DIALECTS.iter().all(|it| !(it.claims)(line.as_bytes())), "{line}");
        }
    }
}
