//! The form of the files as JSON Schema: editors complete and check TOML with it.
//!
//! What it says comes from the types and their comments, so it cannot fall behind the loader. It knows less: whether
//! an id exists, and what a regex does, only `esxray knowledge check` tells.

use esxray_model::{Fact, HistoryKind, IncidentKind, Severity};
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator, json_schema as schema};
use serde_json::Value;

use super::{CauseFile, FileKind, OverrideFile, ProhibitionFile, RemedyFile, SignatureFile};
use crate::read;

/// The JSON Schema (2020-12) of the files of one kind, or of any kind.
///
/// For completion in an editor the schema of one kind serves best: that of any kind offers every key of all.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::schema::{FileKind, json_schema};
///
/// assert!(json_schema(Some(FileKind::Signature)).contains("\"anchors\""));
/// assert!(!json_schema(Some(FileKind::Remedy)).contains("\"anchors\""));
/// assert!(json_schema(None).contains("\"anchors\""));
/// ```
pub fn json_schema(kind: Option<FileKind>) -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut root = match kind {
        Some(FileKind::Cause) => generator.into_root_schema_for::<CauseFile>(),
        Some(FileKind::Override) => generator.into_root_schema_for::<OverrideFile>(),
        Some(FileKind::Prohibition) => generator.into_root_schema_for::<ProhibitionFile>(),
        Some(FileKind::Remedy) => generator.into_root_schema_for::<RemedyFile>(),
        Some(FileKind::Signature) => generator.into_root_schema_for::<SignatureFile>(),
        None => any(generator),
    };
    let name = kind.map_or("knowledge".to_owned(), |it| format!("knowledge-{it}"));
    root.insert("$id".to_owned(), format!("https://github.com/esxray/esxray/schema/{name}-1.json").into());
    root.insert("title".to_owned(), format!("esxray {}", name.replace('-', ": ")).into());
    RecursiveTransform(without_null).transform(&mut root);
    format!("{:#}\n", root.as_value())
}

/// A file of any kind: its folder tells which, and a schema does not see the folder.
fn any(mut generator: SchemaGenerator) -> Schema {
    let kinds = [
        generator.subschema_for::<CauseFile>(),
        generator.subschema_for::<OverrideFile>(),
        generator.subschema_for::<ProhibitionFile>(),
        generator.subschema_for::<RemedyFile>(),
        generator.subschema_for::<SignatureFile>(),
    ];
    schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "anyOf": kinds,
        "$defs": generator.take_definitions(true),
    })
}

/// TOML has no null: a key that may be missing has one type, like any other.
fn without_null(schema: &mut Schema) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    let Some(Value::Array(types)) = schema.get_mut("type") else { return };
    types.retain(|it| it != "null");
    if let [only] = types.as_slice() {
        let only = only.clone();
        schema.insert("type".to_owned(), only);
    }
}

/// One word of a closed list.
fn word<T: Copy>(all: &[T], as_str: fn(T) -> &'static str) -> Schema {
    schema!({ "type": "string", "enum": all.iter().map(|it| as_str(*it)).collect::<Vec<_>>() })
}

pub(super) fn fact(_: &mut SchemaGenerator) -> Schema {
    word(Fact::ALL, Fact::as_str)
}

pub(super) fn facts(generator: &mut SchemaGenerator) -> Schema {
    schema!({ "type": "array", "items": fact(generator) })
}

pub(super) fn log(_: &mut SchemaGenerator) -> Schema {
    word(&read::logs(), esxray_model::FormatName::as_str)
}

pub(super) fn logs(generator: &mut SchemaGenerator) -> Schema {
    schema!({ "type": "array", "items": log(generator), "minItems": 1 })
}

pub(super) fn history(_: &mut SchemaGenerator) -> Schema {
    word(HistoryKind::ALL, HistoryKind::as_str)
}

pub(super) fn incident(_: &mut SchemaGenerator) -> Schema {
    word(IncidentKind::ALL, IncidentKind::as_str)
}

pub(super) fn severity(_: &mut SchemaGenerator) -> Schema {
    word(Severity::ALL, Severity::as_str)
}
