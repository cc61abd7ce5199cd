//! Decodes the numbers that logs print: SCSI status lines, `VMkernel` status, `DiskLib` and VIX codes.
//!
//! Reference data, not knowledge that a pack may replace: tables in code are checked when they are compiled. Each
//! entry says where it is public, or that nobody checked it. A number that is in no table stays what it is.
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
//! ```

mod numbers;
mod scsi;

use crate::schema::Basis;

pub use scsi::{ScsiStatus, Sense, Validity, scsi_status};

/// What a number in a log means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The number as the log prints it, with what stands before it: `H:0x2`.
    pub code: String,
    /// What sort of number it is: `host status`.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it means, in half a sentence.
    pub meaning: &'static str,
    /// Where that is public.
    pub source: &'static str,
    /// How well founded it is: documented, inferred, or from memory.
    pub basis: Basis,
}

/// Everything in a record's text that a table knows, in the order of the text's parts.
pub fn decode(text: &str) -> Vec<Decoded> {
    /// Nobody reads more.
    const MOST: usize = 12;
    let mut decoded = scsi::decode(text);
    decoded.extend(numbers::decode(text));
    decoded.truncate(MOST);
    decoded
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
        Some(Decoded {
            code: printed,
            kind: self.kind,
            name: row.name,
            meaning: row.meaning,
            source: if row.from_memory { "from memory, not checked" } else { self.source },
            basis: if row.from_memory { Basis::FromMemory } else { self.basis },
        })
    }
}
