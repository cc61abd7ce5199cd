use std::collections::BTreeMap;

use esxray_knowledge::Knowledge;
use esxray_model::SourceId;
use esxray_record::ReadOptions;

use crate::classify::{Classifier, Seen};
use crate::error::Error;

/// A signature that recognised something in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Id of the signature.
    pub signature: String,
    /// Name of the event that it emits.
    pub event: String,
    /// The first line of the record, 1-based.
    pub line: u64,
    /// What was captured, by name.
    pub fields: BTreeMap<String, String>,
}

/// Recognises the records of texts: a pasted line, a block, or a whole log.
///
/// The same way as a diagnosis does it, without judging anything.
///
/// # Examples
///
/// ```
/// use esxray_diagnosis::Recogniser;
/// use esxray_knowledge::Knowledge;
///
/// let knowledge = Knowledge::builtin()?;
/// let recogniser = Recogniser::new(&knowledge)?;
/// let line = b"-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>";
/// let seen = recogniser.recognise(line, "pasted");
/// assert_eq!(seen[0].event, "provider-not-found");
/// assert_eq!(seen[0].fields["provider"], "KMS-EXT");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recogniser<'k> {
    knowledge: &'k Knowledge,
    classifier: Classifier<'k>,
}

impl<'k> Recogniser<'k> {
    /// Compiles what is needed to search with a knowledge base.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAnchors`] where the knowledge base is too large for it.
    pub fn new(knowledge: &'k Knowledge) -> Result<Self, Error> {
        Ok(Self { knowledge, classifier: Classifier::new(knowledge)? })
    }

    /// What each record of a text is, in order. `name` is a hint for logs whose lines do not say what they are.
    pub fn recognise(&self, text: &[u8], name: &str) -> Vec<Recognised> {
        let mut seen = Seen::with_room(64 << 20);
        let account = esxray_record::read(&mut &*text, name, &ReadOptions::default(), &mut |block| {
            self.classifier.block(block, SourceId(0), true, &mut seen);
        });
        let events = seen.into_events(&account, true);
        let recognised = events.into_iter().filter_map(|event| {
            let signature = self.knowledge.signatures.get(event.signature)?;
            Some(Recognised {
                signature: signature.id.clone(),
                line: event.place.line,
                fields: event.captures(),
                event: event.name,
            })
        });
        recognised.collect()
    }
}
