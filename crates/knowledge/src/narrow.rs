//! Which part of the base somebody wants to see.

use std::collections::BTreeSet;

use esxray_model::{FormatName, Severity};

use crate::cause::{Cause, Condition};
use crate::knowledge::Knowledge;
use crate::release::Release;
use crate::remedy::{Prohibition, Remedy};
use crate::signature::Signature;

/// What is asked for; of each list any one has to fit, and an empty one lets everything pass.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    /// Categories of causes.
    pub categories: Vec<String>,
    /// Severities of causes.
    pub severities: Vec<Severity>,
    /// Threads or subsystems that write, and names of logs.
    pub components: Vec<String>,
    /// Logs that show it.
    pub logs: Vec<FormatName>,
    /// A release that can have it.
    pub release: Option<Release>,
}

/// What is left of a base.
#[derive(Debug, Clone)]
pub struct Narrowed<'k> {
    /// Causes that fit.
    pub causes: Vec<&'k Cause>,
    /// Remedies that serve one of them.
    pub remedies: Vec<&'k Remedy>,
    /// Prohibitions that hold while one of them is open.
    pub prohibitions: Vec<&'k Prohibition>,
    /// Signatures that fit, and show one of them where causes were asked for.
    pub signatures: Vec<&'k Signature>,
}

impl Narrow {
    /// Whether it lets everything pass.
    pub fn is_all(&self) -> bool {
        !self.asks_for_causes() && !self.asks_for_signatures()
    }

    fn asks_for_causes(&self) -> bool {
        !self.categories.is_empty() || !self.severities.is_empty() || self.release.is_some()
    }

    fn asks_for_signatures(&self) -> bool {
        !self.components.is_empty() || !self.logs.is_empty()
    }

    fn takes_signature(&self, signature: &Signature) -> bool {
        let written = |word: &String| {
            signature.logs.iter().any(|log| log.as_str().eq_ignore_ascii_case(word))
                || signature
                    .component
                    .iter()
                    .any(|glob| glob.as_str().eq_ignore_ascii_case(word) || glob.matches(word.as_bytes()))
        };
        (self.components.is_empty() || self.components.iter().any(written))
            && (self.logs.is_empty() || self.logs.iter().any(|log| signature.logs.contains(log)))
    }

    fn takes_cause(&self, knowledge: &Knowledge, cause: &Cause) -> bool {
        (self.categories.is_empty() || self.categories.contains(&cause.category))
            && (self.severities.is_empty() || self.severities.contains(&cause.severity))
            && self.release.is_none_or(|release| release.is_within(cause.since, cause.before))
            && (!self.asks_for_signatures()
                || knowledge.shown_by(cause).into_iter().any(|signature| self.takes_signature(signature)))
    }
}

impl Knowledge {
    /// The signatures of the events that a cause asks for, or that corroborate it.
    ///
    /// A cause that rests on facts alone is shown by what corroborates it; one that is not in logs by nothing.
    pub fn shown_by<'k>(&'k self, cause: &'k Cause) -> Vec<&'k Signature> {
        let events: BTreeSet<&str> =
            cause.when.iter().chain(&cause.corroborate).flat_map(Condition::events).map(String::as_str).collect();
        self.signatures.iter().filter(|it| events.contains(it.event.as_str())).collect()
    }

    /// The categories of all causes, in order.
    pub fn categories(&self) -> BTreeSet<&str> {
        self.causes.iter().map(|cause| cause.category.as_str()).collect()
    }

    /// What [`Narrow::components`] may name: the threads and subsystems of signatures as they are written, and the
    /// logs of signatures.
    pub fn components(&self) -> BTreeSet<&str> {
        let globs = self.signatures.iter().flat_map(|it| &it.component).map(crate::Glob::as_str);
        globs.chain(self.signatures.iter().flat_map(|it| &it.logs).map(|log| log.as_str())).collect()
    }

    /// The part of the base that was asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::{Knowledge, Narrow};
    ///
    /// let knowledge = Knowledge::builtin()?;
    /// let wanted = Narrow { categories: vec!["ha".to_owned()], ..Narrow::default() };
    /// let narrowed = knowledge.narrowed(&wanted);
    /// assert!(narrowed.causes.iter().all(|cause| cause.category == "ha"));
    /// assert!(!narrowed.signatures.is_empty() && narrowed.signatures.len() < knowledge.signatures.len());
    /// # Ok::<(), esxray_knowledge::Error>(())
    /// ```
    pub fn narrowed(&self, wanted: &Narrow) -> Narrowed<'_> {
        let causes: Vec<&Cause> = self.causes.iter().filter(|it| wanted.takes_cause(self, it)).collect();
        let of_causes: BTreeSet<&str> = causes
            .iter()
            .flat_map(|cause| cause.conditions())
            .flat_map(|(_, conditions)| conditions)
            .flat_map(Condition::events)
            .map(String::as_str)
            .collect();
        let all = wanted.is_all();
        let named = |list: fn(&Cause) -> &[String], id: &String| all || causes.iter().any(|it| list(it).contains(id));
        Narrowed {
            remedies: self.remedies.iter().filter(|it| named(|cause| &cause.remedies, &it.id)).collect(),
            prohibitions: self.prohibitions.iter().filter(|it| named(|cause| &cause.do_not, &it.id)).collect(),
            signatures: self
                .signatures
                .iter()
                .filter(|it| wanted.takes_signature(it))
                .filter(|it| !wanted.asks_for_causes() || of_causes.contains(it.event.as_str()))
                .collect(),
            causes,
        }
    }
}

#[cfg(test)]
mod tests {
    use esxray_model::{FormatName, Severity};

    use super::{Narrow, Narrowed};
    use crate::Knowledge;

    fn ids(narrowed: &Narrowed<'_>) -> (Vec<String>, Vec<String>) {
        let causes = narrowed.causes.iter().map(|it| it.id.clone());
        (causes.collect(), narrowed.signatures.iter().map(|it| it.id.clone()).collect())
    }

    #[test]
    fn without_a_wish_everything_is_left() {
        let knowledge = Knowledge::builtin().unwrap();
        let all = knowledge.narrowed(&Narrow::default());
        assert_eq!(all.causes.len(), knowledge.causes.len());
        assert_eq!(all.remedies.len(), knowledge.remedies.len());
        assert_eq!(all.prohibitions.len(), knowledge.prohibitions.len());
        assert_eq!(all.signatures.len(), knowledge.signatures.len());
    }

    #[test]
    fn each_wish_narrows_and_all_of_them_together_more() {
        let knowledge = Knowledge::builtin().unwrap();
        let wishes = [
            Narrow { categories: vec!["rekey".to_owned()], ..Narrow::default() },
            Narrow { severities: vec![Severity::Critical], ..Narrow::default() },
            Narrow { logs: vec![FormatName::VmwareLog], ..Narrow::default() },
            Narrow { components: vec!["hostd".to_owned()], ..Narrow::default() },
            Narrow { release: "6.0".parse().ok(), ..Narrow::default() },
        ];
        for wish in &wishes {
            let narrowed = knowledge.narrowed(wish);
            assert!(!narrowed.causes.is_empty() && narrowed.causes.len() < knowledge.causes.len(), "{wish:?}");
            assert!(!narrowed.signatures.is_empty(), "{wish:?}");
            for remedy in &narrowed.remedies {
                assert!(narrowed.causes.iter().any(|it| it.remedies.contains(&remedy.id)), "{wish:?}: {}", remedy.id);
            }
        }
        let [category, severity, log, ..] = wishes;
        let both = Narrow { severities: severity.severities, logs: log.logs, ..category };
        let (causes, signatures) = ids(&knowledge.narrowed(&both));
        assert!(causes.contains(&"rekey-disk-wrong-key".to_owned()), "{causes:?}");
        assert!(signatures.contains(&"disklib-wrong-key".to_owned()), "{signatures:?}");
        for id in &causes {
            let cause = knowledge.cause(id).unwrap();
            assert_eq!((cause.category.as_str(), cause.severity), ("rekey", Severity::Critical));
        }
        for id in &signatures {
            assert!(knowledge.signature(id).unwrap().logs.contains(&FormatName::VmwareLog));
        }
    }

    #[test]
    fn a_component_is_a_name_or_the_glob_that_takes_it() {
        let knowledge = Knowledge::builtin().unwrap();
        for word in ["vcpu-*", "vcpu-3"] {
            let wanted = Narrow { components: vec![word.to_owned()], ..Narrow::default() };
            let (_, signatures) = ids(&knowledge.narrowed(&wanted));
            assert!(!signatures.is_empty());
            for id in signatures {
                assert!(knowledge.signature(&id).unwrap().component.iter().any(|it| it.matches(b"vcpu-3")), "{id}");
            }
        }
    }
}
