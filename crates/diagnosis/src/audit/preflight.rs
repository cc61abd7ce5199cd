//! What stands against a migration to come: the VMs at risk and why, from what the same logs and files show.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;
use esxray_model::{Fact, FormatName, Said, Timestamp, say};

use super::VmOutcome;
use super::rows::{RowOf, Seen, is_keyless};
use crate::assemble::Selection;
use crate::correlate::Episode;
use crate::event::Standing;
use crate::facts::{Facts, Holds, rekey};
use crate::outcome::{Evidence, ObjectKind, Supports, VmName};
use crate::timeline::{Timed, VmIndex};

/// What stands against a migration to come.
#[derive(Debug, Clone)]
pub struct Preflight {
    /// What concerns hosts, providers or all VMs, the heaviest first.
    pub fleet: Vec<Risk>,
    /// Every VM that is encrypted, or may be, those at risk first.
    pub vms: Vec<Readiness>,
    /// VMs whose configuration says that they are not encrypted.
    pub not_encrypted: usize,
    /// VMs that are known by an id alone.
    pub nameless: usize,
    /// What no log of the input could have shown, for all VMs.
    pub not_visible: Vec<Said>,
}

impl Preflight {
    /// Whether something has to be done first.
    pub(super) fn stops(&self) -> bool {
        self.fleet.iter().chain(self.vms.iter().flat_map(|it| &it.risks)).any(|it| it.weight == Weight::Stop)
    }

    /// Whether something could not be seen that may stand against it.
    pub(super) fn is_blind(&self) -> bool {
        self.vms.is_empty() || !self.not_visible.is_empty() || self.vms.iter().any(|it| !it.not_visible.is_empty())
    }
}

/// What is known of one VM before its re-key.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// The VM.
    pub vm: VmName,
    /// The host whose logs spoke of it last.
    pub host: Option<String>,
    /// Whether the input shows that it is encrypted.
    pub encrypted: bool,
    /// The heaviest first; empty where nothing is known to stand against it.
    pub risks: Vec<Risk>,
    /// What was not visible of it.
    pub not_visible: Vec<Said>,
}

/// How heavy a risk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The re-key would be refused, or would fail: something has to be done first.
    Stop,
    /// More re-keys of such VMs fail, or cost more when they do.
    Care,
}

impl Weight {
    /// Every value.
    pub const ALL: &'static [Self] = &[Self::Stop, Self::Care];

    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Care => "care",
        }
    }
}

/// One thing that stands against a re-key.
#[derive(Debug, Clone)]
pub struct Risk {
    /// Which.
    pub id: &'static str,
    /// How heavy.
    pub weight: Weight,
    /// What is the case, in one sentence.
    pub what: Said,
    /// What to do about it before the re-key.
    pub first: Said,
    /// How many records show it.
    pub count: u64,
    /// Last of them.
    pub last_seen: Option<Timestamp>,
    /// A few of them.
    pub evidence: Vec<Evidence>,
}

/// A text in English and in French.
type Both = (&'static str, &'static str);

/// Trouble that shows in records, such as a key server that does not answer.
struct Trouble {
    id: &'static str,
    /// What it is, as the begin of a sentence.
    what: Both,
    first: Both,
    /// How heavy where it was seen in the last day of the input.
    weight: Weight,
    events: &'static [&'static str],
}

const TROUBLES: &[Trouble] = &[
    Trouble {
        id: "ha-vm-monitoring",
        what: (
            "vSphere HA VM Monitoring reset or warned of it; a re-key can stall the guest long enough for a reset",
            "VM Monitoring de vSphere HA l’a réinitialisée ou a alerté à son sujet\u{a0}; un changement de clé peut bloquer l’invité assez longtemps pour une réinitialisation",
        ),
        first: (
            "set a VM override (VM Monitoring: Disabled) for the time of the re-key",
            "définir une exception pour la VM («\u{a0}VM Monitoring: Disabled\u{a0}») le temps du changement de clé",
        ),
        weight: Weight::Care,
        events: &[
            "ha-vm-reset",
            "ha-screenshot-state",
            "ha-reset-exhausted",
            "ha-reset-failed",
            "tools-heartbeat-timeout",
        ],
    },
    Trouble {
        id: "locked",
        what: (
            "its keys were not at hand: it was locked, or a disk did not open",
            "ses clés n’étaient pas disponibles\u{a0}: elle était verrouillée, ou un disque ne s’est pas ouvert",
        ),
        first: (
            "unlock it, or find its keys, before anything changes them",
            "la déverrouiller, ou retrouver ses clés, avant que quoi que ce soit ne les change",
        ),
        weight: Weight::Stop,
        events: &[
            "vm-locked",
            "vm-locked-key-missing-host",
            "vm-locked-key-missing-kms",
            "vm-locked-kms-error",
            "vm-locked-trusted-provider",
            "encryption-key-required",
            "disk-key-not-found",
            "disk-open-wrong-key",
        ],
    },
    Trouble {
        id: "refused-before",
        what: ("a change of its keys was refused before", "un changement de ses clés a déjà été refusé"),
        first: (
            "see `esxray diagnose` for why; the same request will be refused again",
            "voir pourquoi avec `esxray diagnose`\u{a0}; la même demande sera de nouveau refusée",
        ),
        weight: Weight::Stop,
        events: &[
            "shallow-rekey-powered-on",
            "deep-rekey-powered-on",
            "reject-disk-chain",
            "reject-mixed-provider-types",
            "reject-shared-backing",
            "reject-snapshots",
        ],
    },
    Trouble {
        id: "mixed-chain",
        what: (
            "the links of one of its disk chains are on different keys",
            "les maillons d’une de ses chaînes de disques sont sur des clés différentes",
        ),
        first: (
            "re-issue the earlier shallow re-key while both key providers answer, before any snapshot operation",
            "relancer le changement de clé superficiel (shallow) précédent tant que les deux fournisseurs de clés répondent, avant toute opération de snapshot",
        ),
        weight: Weight::Stop,
        events: &["diskchain-mixed-keys"],
    },
    Trouble {
        id: "privilege",
        what: (
            "an account was refused for want of a Cryptographer privilege",
            "un compte a été refusé faute d’un privilège Cryptographer",
        ),
        first: (
            "give the account of the migration Cryptographer.Recrypt and Cryptographer.ManageKeys, and try one VM",
            "donner au compte de la migration Cryptographer.Recrypt et Cryptographer.ManageKeys, puis essayer une VM",
        ),
        weight: Weight::Care,
        events: &["crypto-privilege-missing"],
    },
    Trouble {
        id: "certificate",
        what: (
            "a certificate between vCenter and a key server is about to expire, or is not trusted",
            "un certificat entre vCenter et un serveur de clés va expirer ou n’est pas approuvé",
        ),
        first: (
            "renew it and test the connection of every server of the provider",
            "le renouveler et tester la connexion de chaque serveur du fournisseur",
        ),
        weight: Weight::Stop,
        events: &[
            "kms-client-cert-expiring",
            "kms-server-cert-expiring",
            "kms-trust-broken",
            "trusted-provider-cert-expiring",
        ],
    },
    Trouble {
        id: "host-cannot-hold-keys",
        what: ("a host cannot hold keys of a provider", "un hôte ne peut pas détenir de clés d’un fournisseur"),
        first: (
            "prepare the host (encryption mode, TPM, membership of the cluster), or move its VMs away first",
            "préparer l’hôte (mode de chiffrement, TPM, appartenance au cluster), ou d’abord en déplacer les VM",
        ),
        weight: Weight::Stop,
        events: &[
            "host-crypto-incapable",
            "host-crypto-disabled",
            "host-crypto-pending-incapable",
            "host-send-key-error",
            "tpm2-device-required",
            "nkp-not-in-cluster",
            "trusted-host-attest-failed",
            "tpm-not-usable",
        ],
    },
    Trouble {
        id: "provider-backup",
        what: (
            "a native key provider has no backup, or changed since its last one",
            "un Native Key Provider n’a pas de sauvegarde, ou a changé depuis la dernière",
        ),
        first: (
            "back the provider up (.p12) and keep the file away from the vSAN or datastore that it encrypts",
            "sauvegarder le fournisseur (.p12) et garder le fichier hors du vSAN ou du datastore qu’il chiffre",
        ),
        weight: Weight::Care,
        events: &["nkp-not-backed-up", "nkp-backup-outdated"],
    },
];

/// Troubles with a key provider: its events are those that fail a re-key.
const PROVIDER: Trouble = Trouble {
    id: "key-provider",
    what: (
        "a key provider was not known to a host, or did not answer",
        "un fournisseur de clés était inconnu d’un hôte, ou n’a pas répondu",
    ),
    first: (
        "see it connected, on vCenter and on every host, and test with one VM that nobody needs",
        "vérifier qu’il est connecté, sur vCenter et sur chaque hôte, et tester avec une VM dont personne n’a besoin",
    ),
    weight: Weight::Stop,
    events: &[],
};

/// Seconds before the end of the input from which on a trouble counts as present.
const PRESENT_SECONDS: i64 = 24 * 3600;
/// Seconds before the end of the input up to which a trouble is spoken of at all.
const LATELY_SECONDS: i64 = 30 * 24 * 3600;
/// Records that are cited for one risk.
const MOST_CITED: usize = 3;

/// Looks at the VMs that were asked for, by name or by a list, or else at all of them.
pub(super) fn answer(seen: &Seen<'_>, rows: &[RowOf], select: &Selection) -> Preflight {
    let asked: BTreeSet<VmIndex> = rows.iter().filter(|it| it.row.asked).map(|it| it.index).collect();
    let end = seen.end();
    let mut vms = Vec::new();
    let (mut not_encrypted, mut nameless) = (0, 0);
    for index in seen.vms.iter().copied() {
        let Some(vm) = seen.name(index) else { continue };
        let is_narrow = select.vm.is_some() || !asked.is_empty();
        if is_narrow && !asked.contains(&index) {
            continue;
        }
        let encrypted = seen.encrypted(index);
        if encrypted == Some(false) {
            not_encrypted += 1;
        } else if encrypted.is_none() && vm.name.is_none() && vm.vmx_path.is_none() {
            nameless += 1;
        } else {
            vms.push(readiness(seen, index, vm, encrypted == Some(true), end));
        }
    }
    vms.sort_by_key(|it| {
        let names = (it.vm.name.clone(), it.vm.vmx_path.clone(), it.vm.moref.clone(), it.vm.vmid.clone());
        (it.risks.is_empty(), it.risks.first().map(|it| it.weight), it.vm.name.is_none(), names)
    });
    Preflight { fleet: fleet(seen, end), vms, not_encrypted, nameless, not_visible: not_visible(seen) }
}

/// What no log of the input could have shown.
fn not_visible(seen: &Seen<'_>) -> Vec<Said> {
    let has = |formats: &[FormatName]| {
        seen.judged.sources.iter().any(|it| it.account.shares.iter().any(|it| formats.contains(&it.format)))
    };
    let mut not_visible = Vec::new();
    if !has(&[FormatName::Vpxd]) {
        not_visible.push(say!(
            en: "whether vCenter reaches the key providers and their certificates are good: no vpxd.log",
            fr: "si vCenter joint les fournisseurs de clés et si leurs certificats sont bons\u{a0}: pas de vpxd.log",
        ));
    }
    if !has(&[FormatName::Hostd]) {
        not_visible.push(say!(
            en: "whether the hosts know the key providers and can hold keys: no hostd.log",
            fr: "si les hôtes connaissent les fournisseurs de clés et peuvent détenir des clés\u{a0}: pas de hostd.log",
        ));
    }
    if !has(&[FormatName::Fdm, FormatName::Hostd, FormatName::Vpxd]) {
        not_visible.push(say!(
            en: "whether vSphere HA resets VMs: no fdm.log, hostd.log or vpxd.log",
            fr: "si vSphere HA réinitialise des VM\u{a0}: ni fdm.log, ni hostd.log, ni vpxd.log",
        ));
    }
    not_visible
}

#[expect(clippy::too_many_lines, reason = "one risk after the other, each with its sentences in two languages")]
fn readiness(seen: &Seen<'_>, index: VmIndex, vm: &VmName, encrypted: bool, end: Option<Timestamp>) -> Readiness {
    let events: Vec<&Timed> = seen.events(index).collect();
    let objects = seen.objects(index);
    let episode = Episode {
        vm: Some(index),
        host: None,
        events: seen.judged.timeline.of_vm(index).to_vec(),
        failures: Vec::new(),
        attempt: None,
    };
    let facts = Facts {
        timeline: seen.judged.timeline,
        sources: seen.judged.sources,
        episode: &episode,
        attempts: seen.attempts(index),
        assumed: None,
    };
    let mut risks = Vec::new();
    let mut add = |id, weight, what: Said, first: Said| {
        risks.push(Risk { id, weight, what, first, count: 0, last_seen: None, evidence: Vec::new() });
    };
    if let Some(last) = seen.attempts(index).last() {
        let outcome = VmOutcome::from(rekey::describe(seen.judged.timeline, last).outcome);
        if outcome.is_failure() {
            let outcome = outcome.said();
            let what = say!(
                en: "its last re-key did not complete ({outcome})";
                fr: "son dernier changement de clé n’a pas abouti ({})", outcome.fr()
            );
            let first = say!(
                en: "finish that one; below it says how",
                fr: "mener celui-là à terme\u{a0}; la suite dit comment",
            );
            add("unfinished-rekey", Weight::Stop, what, first);
        }
    }
    let holds = |fact| matches!(facts.holds(fact), Holds::Yes(_));
    if holds(Fact::LinkedClone) {
        let what = say!(
            en: "a disk of it is a difference to one in another folder: linked clones cannot be re-keyed",
            fr: "un de ses disques est une différence par rapport à celui d’un autre dossier\u{a0}: la clé d’un clone lié ne \
                 peut pas être changée",
        );
        let first = say!(
            en: "consolidate it into a full clone first, or leave it out",
            fr: "le consolider d’abord en clone complet, ou l’exclure",
        );
        add("linked-clone", Weight::Stop, what, first);
    }
    if holds(Fact::SnapshotPresent) {
        let what = say!(
            en: "it has a snapshot: a chain with branches cannot be re-keyed, and one that fails half-way is on two keys",
            fr: "elle a un snapshot\u{a0}: la clé d’une chaîne à branches ne peut pas être changée, et une chaîne qui échoue à \
                 mi-chemin est sur deux clés",
        );
        let first = say!(
            en: "delete its snapshots and stop its backup jobs for the time of the re-key",
            fr: "supprimer ses snapshots et arrêter ses tâches de sauvegarde le temps du changement de clé",
        );
        add("snapshot", Weight::Care, what, first);
    }
    if holds(Fact::IdeDisk) {
        let what = say!(
            en: "it has a disk on an IDE controller, which is re-keyed only while the VM is off",
            fr: "elle a un disque sur un contrôleur IDE, dont la clé ne change que VM hors tension",
        );
        let first = say!(
            en: "plan a power-off, or move the disk to a SCSI controller",
            fr: "prévoir une mise hors tension, ou déplacer le disque sur un contrôleur SCSI",
        );
        add("ide-disk", Weight::Care, what, first);
    }
    let providers: BTreeSet<&str> = objects.iter().filter_map(|it| it.provider.as_deref()).collect();
    if providers.len() > 1 || holds(Fact::ProvidersMixed) {
        let names: Vec<&str> = providers.into_iter().collect();
        let names = if names.len() > 1 { format!(" ({})", names.join(", ")) } else { String::new() };
        let what = say!(
            en: "its objects are on keys of several providers{names}",
            fr: "ses objets sont sur des clés de plusieurs fournisseurs{names}",
        );
        let first = say!(
            en: "keep all of these providers up until every object is on the new one",
            fr: "garder tous ces fournisseurs en service jusqu’à ce que chaque objet soit sur le nouveau",
        );
        add("mixed-providers", Weight::Care, what, first);
    }
    let disks = objects.iter().filter(|it| it.kind == ObjectKind::Disk && it.link_of.is_none()).count();
    if disks > 1 {
        let what = say!(
            en: "it has {disks} disks: a re-key that stops between two of them leaves it on two keys",
            fr: "elle a {disks} disques\u{a0}: un changement de clé qui s’arrête entre deux d’entre eux la laisse sur deux clés",
        );
        let first = say!(
            en: "re-key it alone, and check every disk before the next VM",
            fr: "changer sa clé isolément, et vérifier chaque disque avant la VM suivante",
        );
        add("several-disks", Weight::Care, what, first);
    }
    risks.extend(troubles(seen, end, &events));
    risks.sort_by_key(|it| (it.weight, it.id));
    let mut not_visible = Vec::new();
    if !encrypted {
        not_visible.push(say!(
            en: "whether it is encrypted",
            fr: "si elle est chiffrée",
        ));
    }
    if disks == 0 {
        not_visible.push(say!(
            en: "its disks",
            fr: "ses disques",
        ));
    }
    if facts.holds(Fact::SnapshotPresent) == Holds::Unknown {
        not_visible.push(say!(
            en: "whether it has snapshots",
            fr: "si elle a des snapshots",
        ));
    }
    if facts.holds(Fact::LinkedClone) == Holds::Unknown {
        not_visible.push(say!(
            en: "whether it is a linked clone",
            fr: "si c’est un clone lié",
        ));
    }
    if encrypted && objects.iter().any(is_keyless) {
        not_visible.push(say!(
            en: "the keys that it is on now",
            fr: "les clés qu’elle utilise actuellement",
        ));
    }
    Readiness { vm: vm.clone(), host: seen.host(index), encrypted, risks, not_visible }
}

/// The troubles that records show which are no VM's.
fn fleet(seen: &Seen<'_>, end: Option<Timestamp>) -> Vec<Risk> {
    let events: Vec<&Timed> = seen.judged.timeline.events.iter().filter(|it| it.vm.is_none()).collect();
    // One entry for each host and provider: they are prepared one by one.
    let mut groups: BTreeMap<(Option<String>, Option<&str>), Vec<&Timed>> = BTreeMap::new();
    for event in events {
        let logs_host = event.event.format != FormatName::Vpxd;
        let host = event.event.value(FieldKind::Host).map(str::to_owned);
        let own = || seen.judged.timeline.host_names.get(&event.host).filter(|_| logs_host).cloned();
        groups.entry((host.or_else(own), event.event.value(FieldKind::Provider))).or_default().push(event);
    }
    let mut risks: Vec<Risk> = groups
        .into_iter()
        .flat_map(|((host, provider), events)| {
            let place = [
                provider.map(|it| say!(en: "provider {it}", fr: "fournisseur {it}")),
                host.map(|it| say!(en: "host {it}", fr: "hôte {it}")),
            ];
            let place = Said::join(place.iter().flatten(), ", ");
            troubles(seen, end, &events).into_iter().map(move |it| {
                let what = &it.what;
                let placed = || say!(en: "{place}: {what}"; fr: "{}\u{a0}: {}", place.fr(), what.fr());
                if place.is_empty() { it } else { Risk { what: placed(), ..it } }
            })
        })
        .collect();
    risks.sort_by(|one, other| (one.weight, one.id, &one.what).cmp(&(other.weight, other.id, &other.what)));
    risks
}

fn troubles(seen: &Seen<'_>, end: Option<Timestamp>, events: &[&Timed]) -> Vec<Risk> {
    let lately = |it: &&&Timed| match (it.at, end) {
        (Some(at), Some(end)) => end.seconds_since(at) <= LATELY_SECONDS,
        _ => true,
    };
    let sound: Vec<&Timed> =
        events.iter().filter(lately).copied().filter(|it| it.event.standing == Standing::Sound).collect();
    let of = |trouble: &Trouble, is: &dyn Fn(&str) -> bool| -> Option<Risk> {
        let events: Vec<&Timed> = sound.iter().copied().filter(|it| is(&it.event.name)).collect();
        let last_seen = events.iter().filter_map(|it| it.event.time).max();
        events.first()?;
        let present = match (events.iter().filter_map(|it| it.at).max(), end) {
            (Some(last), Some(end)) => end.seconds_since(last) <= PRESENT_SECONDS,
            _ => true,
        };
        let mut providers: Vec<&str> = events.iter().filter_map(|it| it.event.value(FieldKind::Provider)).collect();
        providers.sort_unstable();
        providers.dedup();
        let what = Said::new(trouble.what.0, trouble.what.1);
        let what = match providers.as_slice() {
            [] => what,
            names => what.map(|what| format!("{what} ({})", names.join(", "))),
        };
        Some(Risk {
            id: trouble.id,
            weight: if present { trouble.weight } else { Weight::Care },
            what,
            first: Said::new(trouble.first.0, trouble.first.1),
            count: events.iter().map(|it| it.event.weight).sum(),
            last_seen,
            evidence: events.iter().rev().take(MOST_CITED).map(|it| seen.cite(it, Supports::For)).collect(),
        })
    };
    let listed = TROUBLES.iter().filter_map(|it| of(it, &|name| it.events.contains(&name)));
    // A broken trust and a locked VM have entries of their own.
    let known = |name: &str| TROUBLES.iter().any(|it| it.events.contains(&name));
    let provider = of(&PROVIDER, &|name| rekey::is_provider_error(name) && !known(name));
    listed.chain(provider).collect()
}
