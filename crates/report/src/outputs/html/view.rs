//! What every part of the page looks up: the diagnosis, the language, and where on the page each record stands.

use std::collections::BTreeMap;

use esxray_diagnosis::{Diagnosis, Evidence, Incident, ObjectKind, RekeyObject};
use esxray_model::{Lang, Place, Timestamp};

use super::markup::Html;
use crate::outputs::text::place_in;

/// The diagnosis as the page shows it.
pub(super) struct View<'a> {
    pub(super) diagnosis: &'a Diagnosis,
    pub(super) lang: Lang,
    /// One for each incident, in their order.
    pub(super) proofs: Vec<Proofs<'a>>,
}

impl<'a> View<'a> {
    pub(super) fn new(diagnosis: &'a Diagnosis, lang: Lang) -> Self {
        let proofs = diagnosis.incidents.iter().map(|incident| Proofs::of(incident, lang)).collect();
        Self { diagnosis, lang, proofs }
    }

    /// `hostd.log:48210-48214`.
    pub(super) fn place(&self, place: Place) -> String {
        place_in(&self.diagnosis.sources, place)
    }

    /// The one of two texts that is in the page's language.
    pub(super) fn pick<'t>(&self, en: &'t str, fr: &'t str) -> &'t str {
        self.lang.pick(en, fr)
    }
}

impl View<'_> {
    /// Where on the page the record of a place is shown.
    pub(super) fn shown_at(&self, place: Place) -> Option<String> {
        self.proofs.iter().find_map(|proofs| proofs.anchor(place))
    }
}

/// The records that an incident cites, each once, in the order of time.
pub(super) struct Proofs<'a> {
    /// What the anchors of the incident begin with.
    pub(super) anchor: String,
    pub(super) records: Vec<Record<'a>>,
}

/// A cited record, and what cites it.
pub(super) struct Record<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) cited_by: Vec<Citation>,
}

/// What cites a record: where that stands on the page, and what it is called.
#[derive(Clone)]
pub(super) struct Citation {
    pub(super) anchor: String,
    pub(super) name: String,
}

impl<'a> Proofs<'a> {
    fn of(incident: &'a Incident, lang: Lang) -> Self {
        let anchor = incident.id.to_lowercase();
        let mut cited: Vec<(&'a Evidence, Citation)> = Vec::new();
        let mut cite = |evidence: &'a [Evidence], part: &str, name: &str| {
            let by = Citation { anchor: format!("{anchor}-{part}"), name: name.to_owned() };
            cited.extend(evidence.iter().map(|one| (one, by.clone())));
        };
        for (number, finding) in incident.findings.iter().enumerate() {
            cite(&finding.evidence, &format!("f{number}"), &finding.cause);
        }
        if let Some(rekey) = &incident.rekey {
            for seen in &rekey.steps {
                cite(&seen.evidence, "steps", seen.step.as_str());
            }
            for object in &rekey.objects {
                cite(&object.evidence, "keys", &object_name(object, lang));
            }
            let cut = rekey.interrupted_by.as_ref().map_or(&[][..], |cut| &cut.evidence);
            cite(cut, "facts", lang.pick("interruption", "interruption"));
            cite(rekey.refused_by.as_slice(), "facts", lang.pick("refusal", "refus"));
        }
        cite(incident.recovered.as_slice(), "facts", lang.pick("recovery", "rétablissement"));
        let mut by_place: BTreeMap<(bool, Option<Timestamp>, Place), Record<'a>> = BTreeMap::new();
        for (evidence, by) in cited {
            // What a file says carries no time: it comes after what happened.
            let key = (evidence.time.is_none(), evidence.time, evidence.place);
            let record = by_place.entry(key).or_insert(Record { evidence, cited_by: Vec::new() });
            if record.cited_by.iter().all(|one| one.anchor != by.anchor || one.name != by.name) {
                record.cited_by.push(by);
            }
        }
        Self { anchor, records: by_place.into_values().collect() }
    }

    /// The anchor of a record.
    pub(super) fn anchor(&self, place: Place) -> Option<String> {
        Some(format!("{}-e{}", self.anchor, self.number(place)?))
    }

    fn number(&self, place: Place) -> Option<usize> {
        self.records.iter().position(|record| record.evidence.place == place).map(|at| at + 1)
    }

    /// Links to records, such as `E1 E4`.
    pub(super) fn links(&self, h: &mut Html, evidence: &[Evidence]) {
        let mut numbers: Vec<usize> = evidence.iter().filter_map(|one| self.number(one.place)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.is_empty() {
            return;
        }
        h.el("span", &[("class", "refs")], |h| {
            for number in numbers {
                h.link(&format!("{}-e{number}", self.anchor), "ref", &format!("E{number}"));
            }
        });
    }
}

/// What an object is called: its label and the file's name, for the folder stands with the VM.
pub(super) fn object_name(object: &RekeyObject, lang: Lang) -> String {
    let file = object.path.as_deref().map(|path| path.rsplit('/').next().unwrap_or(path));
    match (object.label.as_deref(), file) {
        (Some(label), Some(file)) => format!("{label} ({file})"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => match object.kind {
            ObjectKind::VmHome => lang.pick("VM home", "dossier de la VM").to_owned(),
            ObjectKind::Disk => lang.pick("disk", "disque").to_owned(),
        },
    }
}
