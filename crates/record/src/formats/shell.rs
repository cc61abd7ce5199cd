//! What was typed into the ESXi Shell, as the syslog daemon gets it.
//!
//! A user may type anything: it is a message like others here, and no evidence of what it says.

use super::Head;

/// Reads what follows the program: `[root]: vim-cmd vmsvc/getallvms`, or an audit record
/// `[shell.cmd@6876 subject="root" object="shell" command="…" result="success" status="0"]`.
///
/// The message stays whole.
pub(super) fn read<'a>(body: &'a [u8], head: &mut Head<'a>) {
    let Some(inside) = body.strip_prefix(b"[") else { return };
    if inside.starts_with(b"shell.cmd@") {
        head.component = b"shell.cmd";
        head.user = value(inside, b" subject=\"");
        head.fields.extend(value(inside, b" result=\"").map(|it| ("result", it)));
        return;
    }
    let user = memchr::memchr(b']', inside).filter(|end| inside.get(end + 1..).is_some_and(|it| it.starts_with(b": ")));
    head.user = user.and_then(|end| inside.get(..end));
}

/// The value behind `key="`: up to the next quotation mark that no backslash stands before.
fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let from = memchr::memmem::find(text, key)? + key.len();
    let rest = text.get(from..)?;
    let end =
        memchr::memchr_iter(b'"', rest).find(|at| at.checked_sub(1).and_then(|it| rest.get(it)) != Some(&b'\\'))?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::super::{Glance, program};

    #[test]
    fn who_typed_it() {
        for (body, user) in [
            ("[root]: vim-cmd vmsvc/getallvms", Some("root")),
            ("[LAB\\ann]: esxcli system version get", Some("LAB\\ann")),
            (
                "[shell.cmd@6876 subject=\"root\" object=\"shell\" command=\"echo \\\" subject=x\" result=\"success\"]",
                Some("root"),
            ),
            ("Interactive shell session started", None),
            ("[x] y", None),
        ] {
            let head = program::open(&Glance::new(None, b"shell", body.as_bytes()));
            assert_eq!(head.user, user.map(str::as_bytes), "{body}");
            assert_eq!(head.message, body.as_bytes());
        }
    }
}
