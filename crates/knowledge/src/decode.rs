//! Decodes what logs print instead of words: numbers, the names of faults, ids of messages and events.
//!
//! Reference data, not knowledge that a pack may replace: tables in code are checked when they are compiled. Each
//! entry says where it is public, or that nobody checked it. A number that is in no table stays what it is; a name
//! that is in none is still taken apart by its grammar.
//!
//! # Examples
//!
//! ```
//! use esxray_knowledge::decode::{decode, scsi_status};
//!
//! let line = r#"Cmd 0x2a (0x43950c44a000, 65575) to dev "naa.600" on path "vmhba64:C0:T0:L0" Failed: H:0x2 D:0x0 P:0x0 Invalid sense data: 0x0 0x0 0x0. Act:EVAL"#;
//! let status = scsi_status(line).unwrap();
//! assert_eq!((status.operation, status.device, status.host), (Some(0x2a), Some("naa.600"), Some(0x2)));
//! let names: Vec<_> = decode(line).into_iter().map(|it| it.name).collect();
//! assert_eq!(names, ["WRITE(10)", "BUS_BUSY", "GOOD", "GOOD", "EVAL"]);
//!
//! let fault = decode("Caught N3Vim5Fault20GenericVmConfigFault9ExceptionE").remove(0);
//! assert_eq!((&*fault.name, &*fault.words), ("GenericVmConfigFault", "generic VM config fault"));
//! assert_eq!(fault.bases, ["VmConfigFault", "VimFault", "MethodFault"]);
//! ```

pub mod dump;
mod event;
mod fault;
mod fault_table;
mod name;
mod numbers;
mod pairs;
mod scsi;
mod words;

use std::borrow::Cow;

use crate::schema::Basis;

pub use event::EventId;
pub use scsi::{ScsiStatus, Sense, Validity, scsi_status};

/// What a number or a name in a log means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// As the log prints it, with what stands before it: `H:0x2`, `vim.fault.NoPermission`.
    pub code: String,
    /// What sort of thing it is: `host status`.
    pub kind: &'static str,
    /// Its name.
    pub name: Cow<'static, str>,
    /// The words that the name is made of; empty where it is no compound.
    pub words: String,
    /// What it means, in half a sentence; empty where no table knows more than the words say.
    pub meaning: Cow<'static, str>,
    /// Of a fault: the kinds of fault that it is one of, the nearest first.
    pub bases: Vec<&'static str>,
    /// What it names: `privilegeId`, `Cryptographer.Access`.
    pub named: Vec<(String, String)>,
    /// Of a fault in another one: how deep.
    pub depth: usize,
    /// Where that is public.
    pub source: &'static str,
    /// How well founded it is: documented, inferred, or from memory.
    pub basis: Basis,
}

/// Everything in a record's text that a table or a grammar knows, in the order of the text's parts.
///
/// A text that is nothing but one word is looked up as the name of anything.
pub fn decode(text: &str) -> Vec<Decoded> {
    /// Nobody reads more.
    const MOST: usize = 16;
    /// Bytes of a text that are looked at: the heads of its continuation lines and all that they hold.
    const MOST_BYTES: usize = 256 << 10;
    let text = text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or(text);
    let mut decoded = scsi::decode(text);
    decoded.extend(numbers::decode(text));
    decoded.extend(
        pairs::decode(text)
            .into_iter()
            .filter(|pair| decoded.iter().all(|it| it.code != pair.code))
            .collect::<Vec<_>>(),
    );
    decoded.extend(fault::decode(&name::without_heads(text)));
    decoded.extend(words::decode(text));
    decoded.truncate(MOST);
    decoded
}

impl Decoded {
    /// Something with a name, of which nothing else is known yet.
    fn named(code: &str, kind: &'static str, name: &str) -> Self {
        Self {
            code: code.to_owned(),
            kind,
            name: Cow::Owned(name.to_owned()),
            words: name::words(name),
            meaning: Cow::Borrowed(""),
            bases: Vec::new(),
            named: Vec::new(),
            depth: 0,
            source: "the words of the name",
            basis: Basis::Inferred,
        }
    }
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
struct Row {
    code: u32,
    name: &'static str,
    meaning: &'static str,
    from_memory: bool,
}

/// A row that is public.
const fn row(code: u32, name: &'static str, meaning: &'static str) -> Row {
    Row { code, name, meaning, from_memory: false }
}

/// A row that nobody checked.
const fn memory(code: u32, name: &'static str, meaning: &'static str) -> Row {
    Row { code, name, meaning, from_memory: true }
}

/// A row without a number.
const fn term(name: &'static str, meaning: &'static str) -> Row {
    row(NONE, name, meaning)
}

/// A row without a number that nobody checked.
const fn term_from_memory(name: &'static str, meaning: &'static str) -> Row {
    memory(NONE, name, meaning)
}

/// The number of what has none.
const NONE: u32 = u32::MAX;

/// Some rows, and where they are public.
struct Table {
    kind: &'static str,
    source: &'static str,
    basis: Basis,
    rows: &'static [Row],
}

impl Table {
    fn get(&self, code: u32, printed: String) -> Option<Decoded> {
        let row = self.rows.iter().find(|row| row.code == code)?;
        Some(self.decoded(row, printed))
    }

    fn decoded(&self, row: &Row, printed: String) -> Decoded {
        Decoded {
            code: printed,
            kind: self.kind,
            name: Cow::Borrowed(row.name),
            words: String::new(),
            meaning: Cow::Borrowed(row.meaning),
            bases: Vec::new(),
            named: Vec::new(),
            depth: 0,
            source: if row.from_memory { "from memory, not checked" } else { self.source },
            basis: if row.from_memory { Basis::FromMemory } else { self.basis },
        }
    }
}
