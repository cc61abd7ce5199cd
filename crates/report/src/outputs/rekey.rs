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
use esxray_model::KeyState;

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
fn object_name(object: &KeyedObject) -> String {
    let file = object.path.as_deref().map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path));
    let name = match (object.kind, object.label.as_deref(), file) {
        (ObjectKind::VmHome, ..) => "VM home".to_owned(),
        (_, Some(label), Some(file)) => format!("{label} ({file})"),
        (_, Some(label), None) => label.to_owned(),
        (_, None, Some(file)) => file.to_owned(),
        (_, None, None) => "a disk".to_owned(),
    };
    match &object.link_of {
        Some(base) => format!("{name}, a snapshot of {base}"),
        None => name,
    }
}
