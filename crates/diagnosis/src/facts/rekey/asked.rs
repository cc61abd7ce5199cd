//! What was asked, of which objects, and by whom.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;
use esxray_model::FormatName;

use super::{Attempt, timed};
use crate::dump::Requested;
use crate::outcome::AskedBy;
use crate::timeline::{Timed, Timeline};

/// Hours before an attempt in which the login of its session is looked for.
const LOGIN_HOURS: i64 = 48;

/// What a request asks for, as far as the request itself or the keys that changed show it.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub from_provider: Option<String>,
    pub to_provider: Option<String>,
    /// Whether objects come from more than one provider.
    pub several_old_providers: bool,
    pub old_keys: BTreeSet<String>,
    pub new_keys: BTreeSet<String>,
    pub scope: Option<&'static str>,
}

impl Asked {
    pub(super) fn of(timeline: &Timeline, attempt: &Attempt) -> Self {
        let named = |kind| timed(timeline, &attempt.events).filter_map(move |it| it.event.value(kind));
        let asked = || requested(timeline, attempt).map(|it| it.0);
        let old_providers: Vec<&str> =
            named(FieldKind::OldProvider).chain(asked().filter_map(|it| it.old_provider.as_deref())).collect();
        let to = named(FieldKind::NewProvider).chain(asked().filter_map(|it| it.new_provider.as_deref())).next();
        let from = old_providers.first().copied().or_else(|| home_provider(timeline, attempt));
        let keys = |kind, of: fn(&Requested) -> Option<&str>| -> BTreeSet<String> {
            let keys = named(kind).chain(asked().filter_map(of));
            // A native key provider gives its keys no id.
            keys.filter(|it| !it.is_empty()).map(str::to_owned).collect()
        };
        Self {
            from_provider: from.map(str::to_owned),
            to_provider: to.map(str::to_owned),
            several_old_providers: old_providers.iter().collect::<BTreeSet<_>>().len() > 1,
            old_keys: keys(FieldKind::OldKeyId, |it| it.old_key.as_deref()),
            new_keys: keys(FieldKind::NewKeyId, |it| it.new_key.as_deref()),
            scope: scope(timeline, attempt),
        }
    }
}

/// The provider that the VM's home named when it was last read before the attempt.
fn home_provider<'t>(timeline: &'t Timeline, attempt: &Attempt) -> Option<&'t str> {
    let began = attempt.began.filter(|_| attempt.has_task)?;
    let before = |it: &&Timed| it.event.name == "key-locator" && it.event.time.is_some() && it.at < Some(began);
    let last = timed(timeline, timeline.of_vm(attempt.vm)).filter(before).last();
    last.and_then(|it| it.event.value(FieldKind::Provider))
}

/// What the request asks of each object, and the record that says so.
pub(super) fn requested<'t>(
    timeline: &'t Timeline,
    attempt: &'t Attempt,
) -> impl Iterator<Item = (&'t Requested, &'t Timed)> {
    timed(timeline, &attempt.events).flat_map(|it| it.event.requested.iter().map(move |asked| (asked, it)))
}

fn scope(timeline: &Timeline, attempt: &Attempt) -> Option<&'static str> {
    timed(timeline, &attempt.events).find_map(|it| match it.event.field("scope")? {
        scope if scope.eq_ignore_ascii_case("shallow") => Some("shallow"),
        scope if scope.eq_ignore_ascii_case("deep") => Some("deep"),
        _ => None,
    })
}

/// Who asked for an attempt, as far as the heads of its own records and the login of its session say it.
pub(super) fn asked_by(timeline: &Timeline, attempt: &Attempt) -> AskedBy {
    let own = || timed(timeline, &attempt.events).filter(|it| attempt.is_of_operation(it));
    let session = own().find_map(|it| it.event.field("session").or(it.event.session.as_deref()));
    let user = own().filter_map(|it| it.event.user.as_deref()).find_map(person);
    // The vSphere Client marks the operations that it asks for.
    let by_client = attempt.op_id.as_deref().is_some_and(|it| it.contains("-h5:")).then(|| "vSphere Client".to_owned());
    let login = session.and_then(|session| login(timeline, attempt, session));
    AskedBy {
        user: user.or_else(|| login.and_then(|it| it.event.field("user"))).map(str::to_owned),
        client: by_client.or_else(|| login.and_then(|it| it.event.field("client")).map(str::to_owned)),
        session: session.map(str::to_owned),
    }
}

/// The account that vCenter acts for: a host's log says `vpxuser:VSPHERE.LOCAL\Administrator`.
fn person(user: &str) -> Option<&str> {
    match user.strip_prefix("vpxuser:") {
        Some("" | "<no user>") => None,
        Some(person) => Some(person),
        None => Some(user).filter(|user| !matches!(*user, "" | "vpxuser" | "<no user>")),
    }
}

/// The login of a session. Heads of records print only the beginning of its id.
fn login<'t>(timeline: &'t Timeline, attempt: &Attempt, session: &str) -> Option<&'t Timed> {
    let began = attempt.began?;
    let is_same =
        |id: &str| id.len() >= 8 && session.len() >= 8 && (session.starts_with(id) || id.starts_with(session));
    let before = |it: &&Timed| {
        it.at.is_some_and(|at| at <= began && began.seconds_since(at) <= LOGIN_HOURS * 3600)
            && it.event.session.as_deref().is_some_and(is_same)
            && (it.event.format == FormatName::Vpxd || attempt.marks.esx.contains(&it.host))
    };
    timed(timeline, timeline.named("client-login")).filter(before).last()
}
