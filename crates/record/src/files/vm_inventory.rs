//! `vmInventory.xml`: the VMs that are registered on a host.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::sheet::Sheet;
use super::{FileProblem, Found};

/// The VMs that are registered on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VmInventory {
    /// The VMs, in the order of the file.
    pub vms: Vec<RegisteredVm>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A VM that is registered on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredVm {
    /// Its number on the host, the vmid.
    pub vmid: Option<Found<u32>>,
    /// The path of its `.vmx`.
    pub path: Found<String>,
}

impl VmInventory {
    /// Reads the file up to where it stops being XML. No document type is read, so no entity is but those of XML itself.
    pub(crate) fn parse(bytes: &[u8], sheet: &mut Sheet) -> Self {
        let text = String::from_utf8_lossy(bytes);
        sheet.undecodable |= matches!(text, std::borrow::Cow::Owned(_));
        let mut reader = Reader::from_str(&text);
        let mut walk = Walk { text: &text, at: 0, line: 1 };
        let mut inventory = Self::default();
        let mut entry: Option<Draft> = None;
        loop {
            let event = reader.read_event();
            let first = walk.line_of_next();
            let last = walk.go_to(reader.buffer_position());
            match event {
                Ok(Event::Eof) => break,
                Err(_) => {
                    sheet.problem(first, "not XML from here on");
                    break;
                }
                Ok(Event::DocType(_)) => sheet.problem(first, "a document type, which is not read"),
                Ok(Event::Start(tag)) if entry.is_none() && tag.name().as_ref() == "ConfigEntry" => {
                    entry = Some(Draft::new(first));
                }
                Ok(Event::End(tag)) if tag.name().as_ref() == "ConfigEntry" => {
                    if let Some(draft) = entry.take() {
                        inventory.close(draft, last, sheet);
                    }
                }
                Ok(event) => match &mut entry {
                    Some(draft) => draft.take(event, first, sheet),
                    None if matches!(event, Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) => {}
                    None => (first..=last).for_each(|line| sheet.understood(line)),
                },
            }
        }
        if let Some(draft) = entry {
            sheet.problem(draft.line, "an entry without an end");
        }
        inventory
    }

    fn close(&mut self, draft: Draft, last: u64, sheet: &mut Sheet) {
        let Some(path) = draft.path else {
            return sheet.problem(draft.line, "an entry without a path");
        };
        let vmid = draft.vmid;
        sheet.entry(draft.line, || {
            let vmid = vmid.as_ref().map_or_else(|| "?".to_owned(), |it| it.value.to_string());
            format!("objID {vmid}, vmxCfgPath {}", path.value)
        });
        (draft.line + 1..=last).for_each(|line| sheet.passed(line));
        if sheet.has_room(draft.line, path.value.len()) {
            self.vms.push(RegisteredVm { vmid, path });
        }
    }
}

/// Counts lines along the text, each byte once.
struct Walk<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Walk<'_> {
    /// The line on which what comes next begins.
    fn line_of_next(&self) -> u64 {
        self.line
    }

    /// Goes on to a byte and says on which line the byte before it stands.
    fn go_to(&mut self, position: u64) -> u64 {
        let to = usize::try_from(position).unwrap_or(usize::MAX).clamp(self.at, self.text.len());
        let passed = self.text.as_bytes().get(self.at..to).unwrap_or_default();
        let ends = memchr::memchr_iter(b'\n', passed).count() as u64;
        self.at = to;
        self.line += ends;
        self.line - u64::from(passed.ends_with(b"\n"))
    }
}

/// An entry while it is read.
struct Draft {
    line: u64,
    vmid: Option<Found<u32>>,
    path: Option<Found<String>>,
    /// The element whose text is read, and what it has so far.
    text: Option<(Leaf, Found<String>)>,
}

#[derive(Clone, Copy)]
enum Leaf {
    Vmid,
    Path,
}

impl Draft {
    fn new(line: u64) -> Self {
        Self { line, vmid: None, path: None, text: None }
    }

    fn take(&mut self, event: Event<'_>, line: u64, sheet: &mut Sheet) {
        match event {
            Event::Start(tag) => {
                let leaf = match tag.name().as_ref() {
                    "objID" => Some(Leaf::Vmid),
                    "vmxCfgPath" => Some(Leaf::Path),
                    _ => None,
                };
                self.text = leaf.map(|leaf| (leaf, Found { value: String::new(), line }));
            }
            Event::End(_) => self.end(sheet),
            Event::Text(text) => self.add(&text.xml10_content()),
            Event::CData(text) => self.add(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = resolved(&reference);
                if letter.is_none() {
                    sheet.problem(line, "an entity that is not of XML itself, and is not read");
                }
                self.add(letter.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        if let Some((_, found)) = &mut self.text {
            found.value.push_str(text);
        }
    }

    fn end(&mut self, sheet: &mut Sheet) {
        let Some((leaf, Found { value, line })) = self.text.take() else { return };
        let value = value.trim();
        match leaf {
            Leaf::Vmid => match value.parse() {
                Ok(value) => self.vmid = Some(Found { value, line }),
                Err(_) => sheet.problem(line, "`objID` is not a number"),
            },
            Leaf::Path if value.is_empty() => {}
            Leaf::Path => self.path = Some(Found { value: value.to_owned(), line }),
        }
    }
}

/// The letter behind `&amp;` and its like.
fn resolved(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    match reference.xml10_content().as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}
