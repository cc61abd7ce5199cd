//! The re-key audit of a fleet, for `esxray rekey`.

mod csv;
mod json;
mod junit;
mod text;

pub use csv::csv;
pub use json::{json, schema};
pub use junit::junit;
pub use text::text;

use esxray_diagnosis::{KeyedObject, ObjectKind, VmName};
use esxray_model::{KeyState, Said, say};

use crate::words::device;

/// What a VM is called: its display name, or else what is known of it.
fn name_of(vm: &VmName) -> &str {
    let names = [&vm.name, &vm.vmx_path, &vm.moref, &vm.vmid, &vm.uuid, &vm.instance_uuid];
    names.into_iter().flatten().next().map_or("(name not in the input)", String::as_str)
}

/// On which key an object is: `old`, `new`, `unknown`, or `plain` where it is not encrypted.
fn state_of(object: &KeyedObject) -> &'static str {
    if object.plain { "plain" } else { object.key_state.map_or(known(object), KeyState::as_str) }
}

/// Without an attempt there is neither an old nor a new key, but perhaps a known one.
fn known(object: &KeyedObject) -> &'static str {
    if object.provider.is_some() || object.key_id.is_some() { "known" } else { "unknown" }
}

/// What an object is called: `VM home`, `device 2001 (APP-01_1.vmdk)`.
fn object_name(object: &KeyedObject) -> Said {
    let file = object.path.as_deref().map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path));
    let name = match (object.kind, object.label.as_deref(), file) {
        (ObjectKind::VmHome, ..) => say!(en: "VM home", fr: "VM Home"),
        (_, Some(label), Some(file)) => device(label).map(|label| format!("{label} ({file})")),
        (_, Some(label), None) => device(label),
        (_, None, Some(file)) => Said::name(file),
        (_, None, None) => say!(en: "a disk", fr: "un disque"),
    };
    match &object.link_of {
        Some(base) => say!(en: "{name}, a snapshot of {base}"; fr: "{}, un snapshot de {base}", name.fr()),
        None => name,
    }
}
