//! Which host wrote which source, and what the hosts are called.

use std::collections::BTreeMap;

use esxray_knowledge::FieldKind;
use esxray_model::FormatName;

use crate::event::Standing;
use crate::scan::Source;

/// The datacenter that a host is in as long as it is asked itself: an event with it is the host's own.
const OWN_DATACENTER: &str = " in ha-datacenter";

/// Gives each host its name, by what its sources share, and puts the log of a VM to the host that ran the VM.
///
/// The generations of a VM's log lie in one folder and may come from several hosts: each says itself where it ran.
pub(crate) fn name(sources: &mut [Source]) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let is_vm_log = |source: &Source| source.format() == FormatName::VmwareLog;
    for source in sources.iter().filter(|it| !is_vm_log(it)) {
        if let Some(host) = source.account.header.host.as_ref().filter(|host| is_name(host)) {
            names.entry(source.host.clone()).or_insert_with(|| host.clone());
        }
    }
    for source in sources.iter().filter(|it| it.format() == FormatName::Hostd) {
        let mut own = source.events.iter().filter(|it| it.text.contains(OWN_DATACENTER));
        if let Some(host) = own.find_map(|it| it.value(FieldKind::Host).filter(|host| is_name(host))) {
            names.entry(source.host.clone()).or_insert_with(|| host.to_owned());
        }
    }
    // Two folders of one host, such as bundles of two days, are one host's.
    let mut first: Vec<(String, String)> = Vec::new();
    for source in sources.iter_mut().filter(|it| !is_vm_log(it)) {
        let Some(host) = names.get(&source.host) else { continue };
        match first.iter().find(|it| is_same(&it.1, host)) {
            Some((place, _)) => source.host.clone_from(place),
            None => first.push((source.host.clone(), host.clone())),
        }
    }
    names.retain(|place, _| first.iter().any(|it| it.0 == *place));
    let mut ran: BTreeMap<String, String> = BTreeMap::new();
    for source in sources.iter_mut().filter(|it| is_vm_log(it)) {
        let mut said = source.events.iter().filter(|it| it.name == "vm-host-name" && it.standing == Standing::Sound);
        let Some(host) = said.find_map(|it| it.value(FieldKind::Host).filter(|host| is_name(host))).map(str::to_owned)
        else {
            continue;
        };
        let mut known = names.iter().filter(|it| is_same(it.1, &host)).map(|it| it.0);
        let place = known.next().filter(|_| known.next().is_none()).cloned();
        source.host = place.unwrap_or_else(|| host.clone());
        ran.entry(source.host.clone()).or_insert(host);
    }
    for (place, host) in ran {
        names.entry(place).or_insert(host);
    }
    names
}

/// Whether it tells one host from another, as what every host calls itself before it has a name does not.
fn is_name(host: &str) -> bool {
    !host.is_empty() && host != "localhost" && !host.starts_with("localhost.")
}

/// Whether two names are of one host: equal, or one is the other without its domain.
fn is_same(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let head = long.get(..short.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(short))
        && (long.len() == short.len() || (!short.contains('.') && long.as_bytes().get(short.len()) == Some(&b'.')))
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_host_with_and_without_its_domain() {
        assert!(is_same("esx07", "esx07.lab.example"));
        assert!(is_same("ESX07.lab.example", "esx07.lab.example"));
        assert!(!is_same("esx07", "esx071.lab.example"));
        assert!(!is_same("esx07.lab", "esx07.lab.example"));
    }
}
