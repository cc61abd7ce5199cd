//! A history, for `esxray timeline`.

mod lines;
mod text;

use esxray_diagnosis::{History, HistoryEntry, VmName};

pub use lines::{csv, jsonl, schema, timesketch};
pub use text::{gaps, operations, text};

/// What a VM is called in one word.
fn vm_word(vm: &VmName) -> &str {
    let names = [&vm.name, &vm.vmid, &vm.moref, &vm.vmx_path, &vm.uuid];
    names.into_iter().flatten().next().map_or("?", String::as_str)
}

/// Name of the source of an entry.
fn source_of<'h>(history: &'h History, entry: &HistoryEntry) -> &'h str {
    history.sources.get(entry.place.source.0 as usize).map_or("", String::as_str)
}
