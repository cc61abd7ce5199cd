use std::sync::OnceLock;

use esxray_model::{FormatName, HistoryKind};
use toml::Spanned;

use super::{Reader, names};
use crate::flaw::Flaw;
use crate::glob::Glob;
use crate::near::nearest;
use crate::pack::limits;
use crate::schema::{self, SignatureFile};
use crate::signature::{HistoryMeaning, Not, OPERATION, Sample, Signature};

/// Reads and checks one signature, but for its regex: see `Signature::regex_flaws`.
pub(crate) fn signature(reader: &mut Reader<'_, '_>, id: &str, area: &str) -> Option<Signature> {
    let file: SignatureFile = reader.document.parse(reader.problems)?;
    let event = file.emits.unwrap_or_else(|| id.to_owned());
    reader.id("emits", &event);
    let title = reader.said_line("title", file.title, file.title_fr);
    reader.sources(&file.sources);
    let logs = reader.logs("logs", &file.logs);
    reader.texts("component", &file.component);
    check_anchors(reader, &file.anchors);

    let mut signature = Signature {
        id: id.to_owned(),
        area: area.to_owned(),
        event,
        title,
        logs,
        component: file.component.into_iter().map(Glob::new).collect(),
        place: file.place,
        anchors: file.anchors.into_iter().map(String::into_bytes).collect(),
        ignore_case: file.ignore_case,
        fields: file.fields.into_iter().collect(),
        tone: file.tone,
        history: None,
        basis: file.basis,
        sources: file.sources,
        samples: Vec::new(),
        nots: Vec::new(),
        file: reader.document.path.clone(),
        regex_line: reader.document.line_at(file.regex.span().start),
        regex: file.regex.into_inner(),
        compiled: OnceLock::new(),
    };
    signature.history = file.history.and_then(|it| read_history(reader, &signature, it));
    reader.text("regex", &signature.regex);
    reader.some("sample", &file.samples);
    reader.some("not", &file.nots);
    signature.samples = read_samples(reader, &signature, file.samples);
    signature.nots = read_nots(reader, &signature, file.nots);
    Some(signature)
}

/// What it means in a history. Every name must be that of a field that is captured.
fn read_history(
    reader: &mut Reader<'_, '_>,
    signature: &Signature,
    file: schema::HistoryFile,
) -> Option<HistoryMeaning> {
    let kind = reader.word("history.kind", "kind of history entry", &file.kind, HistoryKind::ALL, HistoryKind::as_str);
    let mut check = |key: &str, name: &str| {
        if !signature.fields.iter().any(|it| it.0 == name) {
            let near = nearest(name, signature.fields.iter().map(|it| it.0.as_str()));
            reader.tell(key, || Flaw::SampleField { name: name.to_owned(), near });
        }
    };
    for name in file.say.iter().flat_map(|say| names(say)) {
        check("history.say", name);
    }
    if let Some(name) = file.by.as_deref().filter(|it| *it != OPERATION) {
        check("history.by", name);
    }
    if let Some(name) = &file.lasted_us {
        check("history.lasted_us", name);
    }
    for (key, span) in [("history.begins", &file.begins), ("history.ends", &file.ends)] {
        if let Some(span) = span {
            reader.id(key, span);
        }
    }
    let say = reader.said_option("history.say", file.say, file.say_fr);
    Some(HistoryMeaning {
        kind: kind?,
        say,
        begins: file.begins,
        ends: file.ends,
        by: file.by,
        lasted_us: file.lasted_us,
    })
}

fn check_anchors(reader: &mut Reader<'_, '_>, anchors: &[String]) {
    reader.some("anchors", anchors);
    if anchors.len() > limits::ANCHORS {
        reader.tell("anchors", || Flaw::TooMany {
            key: "anchors".to_owned(),
            found: anchors.len(),
            limit: limits::ANCHORS,
        });
    }
    for (index, anchor) in anchors.iter().enumerate() {
        let key = format!("anchors.{index}");
        if anchor.len() < limits::ANCHOR_BYTES {
            reader.tell(&key, || Flaw::AnchorTooShort { anchor: anchor.clone(), least: limits::ANCHOR_BYTES });
        }
        if anchor.contains('\n') {
            reader.tell(&key, || Flaw::AnchorLineBreak { anchor: anchor.clone() });
        }
    }
}

fn read_samples(
    reader: &mut Reader<'_, '_>,
    signature: &Signature,
    samples: Vec<Spanned<schema::Sample>>,
) -> Vec<Sample> {
    let searched = signature.anchors.len() <= limits::ANCHORS;
    let mut read = Vec::with_capacity(samples.len());
    for (index, sample) in samples.into_iter().enumerate() {
        let line = reader.document.line_at(sample.span().start);
        let sample = sample.into_inner();
        let key = |name: &str| format!("sample.{index}.{name}");
        reader.text(&key("text"), &sample.text);
        // An anchor holds no line break, so an anchor in the text stands in one line of it.
        if searched && !signature.has_anchor(sample.text.as_bytes()) {
            reader.tell(&key("text"), || Flaw::SampleWithoutAnchor);
        }
        let log = read_log(reader, &key("log"), sample.log.as_deref());
        if let Some(log) = log.filter(|log| !signature.logs.contains(log)) {
            reader.tell(&key("log"), || Flaw::SampleLog { found: log.as_str() });
        }
        for name in sample.fields.keys() {
            if !signature.fields.iter().any(|(field, _)| field == name) {
                reader.tell(&format!("sample.{index}.fields.{name}"), || Flaw::SampleField {
                    name: name.clone(),
                    near: nearest(name, signature.fields.iter().map(|(field, _)| field.as_str())),
                });
            }
        }
        let component = sample.component.or_else(|| signature.component.first().map(Glob::example));
        read.push(Sample { text: sample.text, log, component, fields: sample.fields, line });
    }
    read
}

fn read_nots(reader: &mut Reader<'_, '_>, signature: &Signature, nots: Vec<Spanned<schema::Not>>) -> Vec<Not> {
    let mut read = Vec::with_capacity(nots.len());
    for (index, not) in nots.into_iter().enumerate() {
        let line = reader.document.line_at(not.span().start);
        let not = not.into_inner();
        reader.text(&format!("not.{index}.text"), &not.text);
        reader.text(&format!("not.{index}.why"), &not.why);
        let log = read_log(reader, &format!("not.{index}.log"), not.log.as_deref());
        let component = not.component.or_else(|| signature.component.first().map(Glob::example));
        read.push(Not { text: not.text, log, component, why: not.why, line });
    }
    read
}

fn read_log(reader: &mut Reader<'_, '_>, key: &str, found: Option<&str>) -> Option<FormatName> {
    found.and_then(|found| reader.log(key, found))
}
