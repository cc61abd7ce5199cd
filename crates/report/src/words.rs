//! The words for values: those of the contract, and those that a person reads.

use esxray_diagnosis::{ClockState, LayoutKind, ListState, ObjectKind, Safety, Scope, Supports, VmOutcome, Weight};
use esxray_knowledge::{About, Basis, FieldKind, History, RemedyKind, ServiceImpact, Shell, TextPlace, Tone};
use esxray_model::{
    ConditionPart, ConditionState, Fact, FormatName, Grade, IncidentKind, Interruption, KeyState, Lang, Level,
    MissKind, RekeyOutcome, RekeyStep, Role, Said, Severity, StepBasis, StepState, Timestamp, Verdict, say,
};

use crate::page::Both;

/// A closed set of values, each with its word in the JSON report.
pub(crate) trait Word: Copy + 'static {
    /// Every value.
    const ALL: &'static [Self];

    /// Its word.
    fn word(self) -> &'static str;
}

macro_rules! word_by_itself {
    ($($name:ident),+) => { $(
        impl Word for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )+ };
}

word_by_itself!(
    Grade,
    IncidentKind,
    Interruption,
    KeyState,
    RekeyOutcome,
    RekeyStep,
    Role,
    Severity,
    StepBasis,
    StepState,
    Verdict
);
word_by_itself!(About, Basis, FieldKind, History, RemedyKind, ServiceImpact, Shell, TextPlace, Tone);
word_by_itself!(ClockState, Fact, FormatName, LayoutKind, ListState, Safety, Scope, VmOutcome, Weight);
word_by_itself!(ConditionPart, ConditionState, MissKind);

macro_rules! word {
    ($($name:ident { $($variant:ident),+ $(,)? })+) => { $(
        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )+ };
}

word! {
    Level { Trivia, Verbose, Info, Notice, Warning, Error, Panic }
    ObjectKind { VmHome, Disk }
    Supports { For, Against }
}

/// What a step of a re-key does to one object's key.
pub(crate) const fn step_does(step: RekeyStep) -> Both {
    match step {
        RekeyStep::GetNewKey => {
            ("get the new key from the key provider", "obtenir la nouvelle clé du fournisseur de clés")
        }
        RekeyStep::SaveNewKey => {
            ("save the new key to the host's key cache", "enregistrer la nouvelle clé dans le cache de clés de l’hôte")
        }
        RekeyStep::GetOldKey => {
            ("get the old key from the old key provider", "obtenir l’ancienne clé de l’ancien fournisseur de clés")
        }
        RekeyStep::DecryptKdk => (
            "unwrap the keys of VM home and disks with the old key",
            "désenvelopper les clés du dossier de base et des disques avec l’ancienne clé",
        ),
        RekeyStep::EncryptKdk => (
            "wrap the keys of VM home and disks with the new key",
            "envelopper les clés du dossier de base et des disques avec la nouvelle clé",
        ),
    }
}

/// The same in two or three words, for all five on one line.
pub(crate) const fn step_name(step: RekeyStep) -> (&'static str, &'static str) {
    match step {
        RekeyStep::GetNewKey => ("get new key", "nouvelle clé"),
        RekeyStep::SaveNewKey => ("cache it", "mise en cache"),
        RekeyStep::GetOldKey => ("get old key", "ancienne clé"),
        RekeyStep::DecryptKdk => ("unwrap", "désenvelopper"),
        RekeyStep::EncryptKdk => ("wrap anew", "réenvelopper"),
    }
}

/// What cut a re-key short, behind "interrupted by".
pub(crate) const fn interruption_name(by: Interruption) -> Both {
    match by {
        Interruption::HaReset => ("a reset by vSphere HA", "une réinitialisation par vSphere HA"),
        Interruption::HostCrash => ("a crash of the host", "un arrêt brutal de l’hôte"),
        Interruption::HostRestart => ("a restart of the host", "un redémarrage de l’hôte"),
        Interruption::HostLost => ("the loss of the host", "la perte de l’hôte"),
        Interruption::HostdRestart => ("a restart of hostd", "un redémarrage de hostd"),
        Interruption::VmCrash => ("a crash of the VM's process", "un arrêt brutal du processus de la VM"),
        Interruption::Reset => ("a reset of the VM", "une réinitialisation de la VM"),
        Interruption::PowerOff => ("the end of the VM's process", "la fin du processus de la VM"),
        Interruption::Migration => ("a migration of the VM", "une migration de la VM"),
    }
}

/// A disk as its configuration calls it, or by the number of its device where that is all that is known.
pub(crate) fn device(label: &str) -> Said {
    match label.strip_prefix("device ") {
        Some(number) => say!(en: "device {number}", fr: "périphérique {number}"),
        None => Said::name(label),
    }
}

/// What a grade means, in a few words.
pub(crate) const fn grade_says(grade: Grade) -> Both {
    match grade {
        Grade::Confirmed => (
            "the records prove it, and none speaks against it",
            "les enregistrements le prouvent, et aucun ne s’y oppose",
        ),
        Grade::Probable => {
            ("the records point to it, but do not prove it", "les enregistrements l’indiquent, sans le prouver")
        }
        Grade::Possible => (
            "a guess worth a look: only part of what it needs was seen",
            "une piste à vérifier\u{a0}: une partie seulement de ce qu’il faut a été vue",
        ),
    }
}

/// What a grade means, for a reader who meets it for the first time.
pub(crate) const fn grade_means(grade: Grade) -> Both {
    match grade {
        Grade::Confirmed => (
            "the evidence is decisive, nothing speaks against it, the logs that could contradict cover it",
            "les preuves sont décisives, rien ne s’y oppose, les journaux qui pourraient les contredire couvrent la période",
        ),
        Grade::Probable => (
            "the conditions hold, corroboration or coverage is missing",
            "les conditions sont remplies, il manque une corroboration ou de la couverture",
        ),
        Grade::Possible => ("only part of the conditions holds", "seule une partie des conditions est remplie"),
    }
}

/// The place of a step, as people call it.
pub(crate) const fn shell_name(shell: Shell) -> Both {
    match shell {
        Shell::EsxiShell => ("ESXi shell", "shell ESXi"),
        Shell::Powercli => ("PowerCLI", "PowerCLI"),
        Shell::VcenterShell => ("vCenter shell", "shell de vCenter"),
        Shell::VsphereClient => ("vSphere Client", "vSphere Client"),
        Shell::Kms => ("key server", "serveur de clés"),
    }
}

/// Whether a step is typed, so that it must not be broken over lines.
pub(crate) const fn is_typed(shell: Shell) -> bool {
    matches!(shell, Shell::EsxiShell | Shell::Powercli | Shell::VcenterShell)
}

/// What is left to fill in, such as `<vmid>`.
pub(crate) fn placeholders(command: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (start, _) in command.match_indices('<') {
        let rest = command.get(start..).unwrap_or_default();
        let Some(end) = rest.find('>') else { continue };
        let name = rest.get(..=end).unwrap_or_default();
        let inside = name.trim_matches(['<', '>']);
        let is_name = !inside.is_empty() && inside.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
        if is_name && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The word of a closed set for a reader: in English the one of the JSON report.
pub(crate) fn spoken(value: impl Word) -> Both {
    (value.word(), french(value.word()).unwrap_or(value.word()))
}

/// The French for the words of closed sets that reports show; `None` for one that stands in no sentence.
fn french(word: &str) -> Option<&'static str> {
    Some(match word {
        // Verdicts, grades, parts and severities.
        "failure" => "panne",
        "attention" => "attention",
        "clean" => "rien trouvé",
        "inconclusive" => "non concluant",
        "confirmed" => "confirmé",
        "probable" => "probable",
        "possible" => "possible",
        "root-cause" => "cause racine",
        "contributing" => "cause contributive",
        "consequence" => "conséquence",
        "critical" => "critique",
        "error" => "erreur",
        "warning" => "avertissement",
        "info" => "information",
        "notice" => "notice",
        "panic" => "panique",
        "trivia" => "détail",
        "verbose" => "détaillé",
        // Tones and places of signatures.
        "success" => "succès",
        "context" => "contexte",
        "message" => "message",
        "continuation" => "ligne de continuation",
        "either" => "l’un ou l’autre",
        // Remedies.
        "check" => "vérification",
        "workaround" => "contournement",
        "fix" => "correction",
        // Outcomes and keys.
        "completed" => "terminé",
        "failed" => "échoué",
        "interrupted" => "interrompu",
        "partial" => "partiel",
        "unknown" => "inconnu",
        "old" => "ancienne",
        "new" => "nouvelle",
        "prevention" => "prévention",
        _ => return None,
    })
}

/// Where a statement's text comes from, in every language.
pub(crate) const fn basis_said(basis: Basis) -> Both {
    let french = match basis {
        Basis::FromMemory => "de mémoire\u{a0}: personne ne l’a vérifié, donc jamais mieux que possible",
        Basis::Inferred => "déduit de faits publics",
        Basis::Documented => "documenté publiquement",
        Basis::Verbatim => "textuel\u{a0}: une vraie ligne avec ce texte est publique",
    };
    (basis_means(basis), french)
}

/// Where a statement's text comes from.
pub const fn basis_means(basis: Basis) -> &'static str {
    match basis {
        Basis::FromMemory => "from memory: nobody checked it, so no grade above possible",
        Basis::Inferred => "inferred from public facts",
        Basis::Documented => "documented in public",
        Basis::Verbatim => "verbatim: a real line with this text is public",
    }
}

/// A number with its digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun, which is singular in French for 0 too: `0 incident`, `1 234 incidents`.
pub(crate) fn count(number: u64, one: Both, many: Both) -> Said {
    let english = if number == 1 { one.0 } else { many.0 };
    let french = if number < 2 { one.1 } else { many.1 };
    Said::new(format!("{} {english}", grouped(number)), format!("{} {french}", grouped_in(Lang::Fr, number)))
}

/// A number with its digits in groups of three, as a language writes them.
pub(crate) fn grouped_in(lang: Lang, number: u64) -> String {
    lang.pick(grouped(number), grouped(number).replace(',', "\u{202f}"))
}

/// `1 record`, `2 records`.
pub(crate) fn counted(number: u64, one: &'static str) -> Said {
    let plural = if number == 1 { "" } else { "s" };
    let (singular, many) = noun(one);
    let noun = if number < 2 { singular } else { many };
    Said::new(format!("{} {one}{plural}", grouped(number)), format!("{} {noun}", grouped_in(Lang::Fr, number)))
}

/// A noun that is counted, in French: one and many.
fn noun(one: &'static str) -> Both {
    match one {
        "byte" => ("octet", "octets"),
        "error record" => ("enregistrement d’erreur", "enregistrements d’erreur"),
        "host" => ("hôte", "hôtes"),
        "incident" => ("incident", "incidents"),
        "key" => ("clé", "clés"),
        "key provider" => ("fournisseur de clés", "fournisseurs de clés"),
        "line" => ("ligne", "lignes"),
        "more source" => ("autre source", "autres sources"),
        "other" => ("autre", "autres"),
        "more step" => ("autre étape", "autres étapes"),
        "nameless VM id" => ("identifiant de VM sans nom", "identifiants de VM sans nom"),
        "object" => ("objet", "objets"),
        "operation" => ("opération", "opérations"),
        "record" => ("enregistrement", "enregistrements"),
        "cause" => ("cause", "causes"),
        "remedy" => ("remède", "remèdes"),
        "signature" => ("signature", "signatures"),
        "source" => ("source", "sources"),
        "stretch of time" => ("période", "périodes"),
        "trouble" => ("problème", "problèmes"),
        other => (other, other),
    }
}

/// Two moments as people write them: the date is not repeated.
pub(crate) fn span_of_time(from: Timestamp, to: Timestamp) -> String {
    let (from, to) = (from.to_string(), to.to_string());
    if from == to {
        return from;
    }
    match (from.split_once('T'), to.split_once('T')) {
        (Some((day, _)), Some((same, time))) if day == same => format!("{from} → {time}"),
        _ => format!("{from} → {to}"),
    }
}

/// How long it took, in the two largest units that say something.
pub(crate) fn duration(micros: i64) -> String {
    let (seconds, millis) = (micros / 1_000_000, micros / 1000);
    match seconds {
        ..60 => format!("{}.{:03} s", seconds, millis % 1000),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86400, seconds % 86400 / 3600),
    }
}

/// The same as a language writes it.
pub(crate) fn precise_in(lang: Lang, micros: i64) -> String {
    lang.pick(precise(micros), precise(micros).replace('.', ","))
}

/// How large a difference is, to a hundredth of a second: `7 min 0.06 s`.
pub(crate) fn precise(micros: i64) -> String {
    let hundredths = (micros + 5000) / 10_000;
    let (minutes, rest) = (hundredths / 6000, hundredths % 6000);
    let (seconds, fraction) = (rest / 100, rest % 100);
    let rest = match (seconds, fraction) {
        (0, 0) if minutes > 0 => String::new(),
        (seconds, 0) => format!("{seconds} s"),
        (seconds, fraction) => format!("{seconds}.{fraction:02} s"),
    };
    let parts = [(minutes / 60, "h"), (minutes % 60, "min")];
    let parts = parts.iter().filter(|it| it.0 > 0).map(|(count, unit)| format!("{count} {unit}"));
    parts.chain(Some(rest).filter(|rest| !rest.is_empty())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use esxray_model::Timestamp;

    use super::{counted, duration, grouped, span_of_time};

    #[test]
    fn numbers_are_grouped() {
        let texts = [0, 999, 1000, 123_456, 1_234_567, u64::MAX].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "123,456", "1,234,567", "18,446,744,073,709,551,615"]);
        assert_eq!(
            (counted(1, "record").to_string(), counted(0, "record").to_string()),
            ("1 record".to_owned(), "0 records".to_owned())
        );
    }

    #[test]
    fn a_day_is_named_once() {
        let at = |day, hour| Timestamp::from_civil(2023, 3, day, hour, 0, 0, 0).unwrap();
        assert_eq!(span_of_time(at(1, 2), at(1, 3)), "2023-03-01T02:00:00.000Z → 03:00:00.000Z");
        assert_eq!(span_of_time(at(1, 2), at(2, 3)), "2023-03-01T02:00:00.000Z → 2023-03-02T03:00:00.000Z");
        assert_eq!(span_of_time(at(1, 2), at(1, 2)), "2023-03-01T02:00:00.000Z");
    }

    #[test]
    fn durations_have_two_units() {
        let texts = [2_444_000, 200_000_000, 7_260_000_000, 180_000_000_000].map(duration);
        assert_eq!(texts, ["2.444 s", "3 min 20 s", "2 h 1 min", "2 d 2 h"]);
    }
}
