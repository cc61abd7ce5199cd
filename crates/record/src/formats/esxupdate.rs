//! `esxupdate.log` and `lifecycle.log`: records of Python's logger, as the syslog daemon gets them.

use esxray_model::Level;

use super::{Head, word};

/// `1000211352: root: INFO: text`, `HostImage: INFO: text`, `1000212917: lifecyclectl:58 ERROR text`.
struct Line<'a> {
    process: Option<&'a [u8]>,
    logger: &'a [u8],
    number: Option<&'a [u8]>,
    level: Level,
    text: &'a [u8],
}

fn parse(body: &[u8]) -> Option<Line<'_>> {
    const LONGEST: usize = 80;
    let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (process, rest) = match body.get(digits..)?.strip_prefix(b": ") {
        Some(rest) if digits > 0 => (body.get(..digits), rest),
        _ => (None, body),
    };
    let end = memchr::memchr(b':', rest.get(..LONGEST).unwrap_or(rest))?;
    let (logger, rest) = (rest.get(..end)?, rest.get(end + 1..)?);
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    if logger.is_empty() || !logger.iter().all(fits) {
        return None;
    }
    // Either `: LEVEL:` or `:58 LEVEL` follows the logger.
    let (number, rest) = word(rest);
    let number = Some(number).filter(|it| !it.is_empty() && it.iter().all(u8::is_ascii_digit));
    let (name, text) = word(rest);
    let level = Level::from_word(name.strip_suffix(b":").unwrap_or(name))?;
    Some(Line { process, logger, number, level, text })
}

/// The level of a line of these programs; `None` for another program.
pub(super) fn level(who: &[u8], body: &[u8]) -> Option<Level> {
    matches!(who, b"esxupdate" | b"lifecycle" | b"imagemanagerctl").then(|| parse(body))?.map(|it| it.level)
}

/// Reads what follows the program.
pub(super) fn read<'a>(body: &'a [u8], head: &mut Head<'a>) {
    let Some(line) = parse(body) else { return };
    head.level = Some(line.level);
    head.component = line.logger;
    head.fields.extend(line.process.map(|it| ("process", it)));
    head.fields.extend(line.number.map(|it| ("line", it)));
    head.message = line.text;
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;
    use esxray_model::Level;

    use super::super::{Glance, program};

    #[test]
    fn three_generations() {
        for (body, component, level, message) in [
            ("1000211352: root: INFO: Command = x", "root", Some(Level::Info), "Command = x"),
            ("HostImage: ERROR: no such VIB", "HostImage", Some(Level::Error), "no such VIB"),
            ("vmware.runcommand: INFO: runcommand called", "vmware.runcommand", Some(Level::Info), "runcommand called"),
            ("1000212917: lifecyclectl:58 ERROR Failed", "lifecyclectl", Some(Level::Error), "Failed"),
            ("An esxupdate error exception was caught:", "", None, "An esxupdate error exception was caught:"),
            ("esxutils.EsxcliError: Errors:  ", "", None, "esxutils.EsxcliError: Errors:  "),
        ] {
            let head = program::open(&Glance::new(None, b"esxupdate", body.as_bytes()));
            let seen = (head.component.to_str().unwrap(), head.level, head.message.to_str().unwrap());
            assert_eq!(seen, (component, level, message));
        }
    }
}
