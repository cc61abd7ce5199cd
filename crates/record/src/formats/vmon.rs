//! `vmon.log`, which starts and watches the services of a vCenter Server.
//!
//! It has the shape of a hosted product's `vmware.log`, and the thread `host-N` occurs there too; only the
//! name of a service in angle brackets tells them apart.

use esxray_model::FormatName;

use super::{Dialect, Glance, Head, Joins, Kin, STAMP_LEVEL, plain, vmware_log};

pub(crate) static DIALECTS: &[Dialect] = &[Dialect {
    generation: "8",
    format: Some(FormatName::Vmon),
    other: FormatName::Vmon,
    kin: Kin::Vcenter,
    opens: STAMP_LEVEL,
    glance,
    claims: |line| glance(line).is_some_and(|glance| is_own(&glance)),
    open,
    joins: Joins::Nothing,
    samples: &[
        "2022-06-01T13:42:40.681Z In(05) host-16250 <analytics> Skip service health check. State STOPPED, Curr request 0",
        "2022-06-01T13:42:41.000Z Wa(03) host-16250 <vpxd> Service pre-start command's stderr: text",
    ],
}];

fn glance(line: &[u8]) -> Option<Glance<'_>> {
    vmware_log::shape_c(line).filter(|glance| is_vmon(glance.who))
}

/// The thread of the process itself: `host-16250`.
fn is_vmon(who: &[u8]) -> bool {
    who.strip_prefix(b"host-").is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}

/// `<vpxd> text`: the service.
fn service(body: &[u8]) -> Option<&[u8]> {
    let inside = body.strip_prefix(b"<")?;
    let name = inside.get(..memchr::memchr(b'>', inside)?)?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    (!name.is_empty() && name.iter().all(fits)).then_some(name)
}

/// Whether a line in the shape of `vmware.log` is one of `vmon.log`.
pub(super) fn is_own(glance: &Glance<'_>) -> bool {
    is_vmon(glance.who) && service(glance.body).is_some()
}

/// The service is the component; the message begins with it.
fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = plain(glance);
    head.component = service(glance.body).unwrap_or_default();
    head.fields.push(("thread", glance.who));
    head
}

#[cfg(test)]
mod tests {
    use super::DIALECTS;

    #[test]
    fn the_service_is_the_component() {
        let line = b"2022-06-01T13:42:40.681Z In(05) host-16250 <vpxd-svcs> Service is started.";
        let head = (DIALECTS[0].open)(&(DIALECTS[0].glance)(line).unwrap());
        assert_eq!((head.component, head.message), (&b"vpxd-svcs"[..], &b"<vpxd-svcs> Service is started."[..]));
    }

    #[test]
    fn a_hosted_product_has_such_a_thread_too() {
        let line = b"2024-01-26T00:26:18.194Z In(05) host-4705 using /usr/bin/gcc-12 for preprocess check";
        assert!(!(DIALECTS[0].claims)(line));
    }
}
