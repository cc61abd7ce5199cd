//! `vobd.log` up to release 7: what the kernel observed. Newer releases have the syslog daemon write it.

use esxray_model::FormatName;

use super::{Dialect, Glance, Head, Joins, Kin, STAMP_MARK, plain};
use crate::stamp::{iso, month_day};

pub(crate) static DIALECTS: &[Dialect] = &[Dialect {
    generation: "7",
    format: Some(FormatName::Vobd),
    other: FormatName::Vobd,
    kin: Kin::Observer,
    opens: STAMP_MARK,
    glance,
    claims: |line| glance(line).is_some(),
    open,
    joins: Joins::Text,
    samples: &[
        "2021-02-02T19:31:38.981Z: [vmfsCorrelator] 2938700315575us: [vob.vmfs.resource.corruptondisk] Volume 5ee09751-87f3c36e-bb34-bc97e150f532 (ds1) might be damaged on the disk.",
        "2023-02-13T16:22:22.897Z: [GenericCorrelator] 410535559us: [vob.user.account.locked] Remote access for ESXi local user account 'root' has been locked",
        "2021-02-02T19:31:39.100Z: [vmfsCorrelator] 2938700615575us: [esx.problem.vmfs.resource.corruptondisk] 5ee09751 ds1",
    ],
}];

/// `2021-02-02T19:31:38.981Z: [vmfsCorrelator] …`: the colon follows the stamp.
fn glance(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let body = line.get(used..)?.strip_prefix(b": ")?;
    body.starts_with(b"[").then(|| Glance::new(Some(stamp), b"", body))
}

pub(super) fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { program: b"", component: b"", ..plain(glance) };
    read(glance.body, &mut head);
    head
}

/// Reads what follows the program: `[vmfsCorrelator] 2938700315575us: [vob.x] text`.
///
/// The message begins with the event in its bracket; the event is the component too.
pub(super) fn read<'a>(body: &'a [u8], head: &mut Head<'a>) {
    let mut text = body.trim_ascii_start();
    // ESX 4 put a stamp of its own behind that of syslog.
    if let Some((_, used)) = month_day(text)
        && let Some(rest) = text.get(used..).and_then(|rest| rest.strip_prefix(b": "))
    {
        text = rest;
    }
    if let Some((correlator, rest)) = bracket(text).filter(|it| it.0.ends_with(b"Correlator")) {
        head.fields.push(("correlator", correlator));
        text = rest;
    }
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (uptime, rest) = text.split_at(digits);
    if let Some(rest) = rest.strip_prefix(b"us: ").filter(|_| digits > 0) {
        head.fields.push(("uptime", uptime));
        text = rest;
    }
    if let Some((event, _)) = bracket(text).filter(|it| it.0.contains(&b'.') && !it.0.contains(&b' ')) {
        head.component = event;
    }
    head.message = text;
}

/// `[inside] rest`.
fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', inside)?;
    Some((inside.get(..end)?, inside.get(end + 1..)?.trim_ascii_start()))
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;

    use super::super::{Glance, Head, program};
    use super::DIALECTS;

    #[track_caller]
    fn check(head: &Head<'_>, component: &str, message: &str, fields: &[(&str, &str)]) {
        assert_eq!((head.component.to_str().unwrap(), head.message.to_str().unwrap()), (component, message));
        let seen: Vec<(&str, &str)> = head.fields.iter().map(|it| (it.0, it.1.to_str().unwrap())).collect();
        assert_eq!(seen, fields);
    }

    #[test]
    fn event_correlator_and_uptime() {
        let line = b"2021-02-02T19:31:38.981Z: [vmfsCorrelator] 2938700315575us: [vob.vmfs.heartbeat.timedout] 5ee0 ds1";
        let head = (DIALECTS[0].open)(&(DIALECTS[0].glance)(line).unwrap());
        check(
            &head,
            "vob.vmfs.heartbeat.timedout",
            "[vob.vmfs.heartbeat.timedout] 5ee0 ds1",
            &[("correlator", "vmfsCorrelator"), ("uptime", "2938700315575")],
        );
    }

    #[test]
    fn behind_a_syslog_head_of_any_age() {
        for body in [
            "[scsiCorrelator] 171974745962us: [esx.problem.storage.apd.start] Device naa.600",
            " [scsiCorrelator] 171974745962us: [esx.problem.storage.apd.start] Device naa.600",
            "Aug 15 06:07:13.285: 171974745962us: [esx.problem.storage.apd.start] Device naa.600",
            "[esx.problem.storage.apd.start] Device naa.600",
        ] {
            let head = program::open(&Glance::new(None, b"vobd", body.as_bytes()));
            assert_eq!(head.component, b"esx.problem.storage.apd.start", "{body}");
            assert_eq!(head.message, b"[esx.problem.storage.apd.start] Device naa.600", "{body}");
        }
    }

    #[test]
    fn other_text_of_the_daemon() {
        let head = program::open(&Glance::new(None, b"vobd", b"Starting with 4 [bad] threads"));
        check(&head, "", "Starting with 4 [bad] threads", &[]);
    }
}
