//! `vim-cmd vmsvc/getallvms`: the VMs of a host as a table.

use std::collections::BTreeSet;

use super::sheet::{Sheet, numbered};
use super::{FileProblem, Found, HIDDEN};

/// The VMs of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VmList {
    /// The VMs, in the order of the file.
    pub vms: Vec<ListedVm>,
    /// VMs that the host skips as invalid: those whose keys or files it cannot get.
    pub skipped: Vec<Found<u32>>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A VM of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVm {
    /// Its number on the host.
    pub vmid: u32,
    /// Its name.
    pub name: String,
    /// The name of the datastore.
    pub datastore: String,
    /// The path of its `.vmx` on the datastore.
    pub path: String,
    /// The guest's system, such as `rhel8_64Guest`.
    pub guest_os: String,
    /// Its virtual hardware, such as `vmx-19`.
    pub hardware: String,
    /// Its line.
    pub line: u64,
}

impl VmList {
    pub(crate) fn parse(bytes: &[u8], sheet: &mut Sheet) -> Self {
        let mut list = Self::default();
        let mut file_column = None;
        let mut seen = BTreeSet::new();
        for (line, text) in numbered(bytes) {
            let text = String::from_utf8_lossy(text);
            sheet.undecodable |= matches!(text, std::borrow::Cow::Owned(_));
            if let Some(vmid) = skipped(&text) {
                sheet.entry(line, || format!("Skipping invalid VM '{vmid}'"));
                if sheet.has_room(line, 0) {
                    list.skipped.push(Found { value: vmid, line });
                }
            } else if file_column.is_none() {
                file_column = header(&text);
                if file_column.is_some() || is_prompt(&text) {
                    sheet.understood(line);
                }
            } else if let Some(vm) = row(&text, file_column, line) {
                let note = if vm.1 { format!("  {HIDDEN}") } else { String::new() };
                let vm = vm.0;
                sheet.entry(line, || {
                    format!(
                        "{}  {}  [{}] {}  {}  {}{note}",
                        vm.vmid, vm.name, vm.datastore, vm.path, vm.guest_os, vm.hardware
                    )
                });
                if !seen.insert(vm.vmid) {
                    sheet.problem(line, "a vmid that is there already: the line may be of an annotation");
                }
                let bytes = vm.name.len() + vm.datastore.len() + vm.path.len() + vm.guest_os.len() + vm.hardware.len();
                if sheet.has_room(line, bytes) {
                    list.vms.push(vm);
                }
            } else if !list.vms.is_empty() {
                // Annotations have as many lines as somebody wrote.
                sheet.passed(line);
            }
        }
        list
    }
}

/// The column of `File`, where the line is the heading of the table.
pub(crate) fn header(text: &str) -> Option<usize> {
    let mut words = text.split_whitespace();
    let wanted = ["Vmid", "Name", "File", "Guest", "OS", "Version"];
    wanted.iter().all(|it| words.next() == Some(it)).then(|| text.find(" File ").map(|at| at + 1))?
}

/// What was typed to get the table.
pub(crate) fn is_prompt(text: &str) -> bool {
    text.trim_end().ends_with("vim-cmd vmsvc/getallvms")
}

/// The vmid of `Skipping invalid VM '818'`.
pub(crate) fn skipped(text: &str) -> Option<u32> {
    text.trim().strip_prefix("Skipping invalid VM '")?.strip_suffix('\'')?.parse().ok()
}

/// Bytes of a row that are looked at: what is behind them is annotation.
const MOST_ROW: usize = 4096;
/// Places of a row that are tried.
const MOST_TRIES: usize = 8;

/// Reads a row, and whether an annotation follows.
///
/// Names and paths hold blanks and brackets, so the path is looked for where the heading says that it stands, and
/// elsewhere only where two blanks or more part it from the name: letters outside of ASCII move the columns.
fn row(text: &str, file_column: Option<usize>, line: u64) -> Option<(ListedVm, bool)> {
    let text = text.get(..text.floor_char_boundary(MOST_ROW)).unwrap_or(text);
    let trimmed = text.trim_start();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = trimmed.split_at_checked(digits)?;
    let vmid = number.parse().ok()?;
    if !rest.starts_with(' ') {
        return None;
    }
    let behind = text.len() - rest.len();
    let column = file_column.filter(|at| *at > behind && text.get(*at..).is_some_and(|it| it.starts_with('[')));
    let apart = |at: &usize| text.get(..*at).is_some_and(|it| it.ends_with("  "));
    let tries = || text.match_indices("  [").take(MOST_TRIES).map(|it| it.0 + 2).filter(|at| *at > behind);
    let first = || tries().find(|at| text.get(*at..).and_then(path).is_some());
    let at = column.filter(apart).or_else(first).or(column)?;
    let name = text.get(behind..at)?.trim();
    let (datastore, path, rest) = path(text.get(at..)?)?;
    let mut words = rest.split_whitespace();
    let (guest_os, hardware) = (words.next()?, words.next()?);
    let vm = ListedVm {
        vmid,
        name: name.to_owned(),
        datastore: datastore.to_owned(),
        path: path.to_owned(),
        guest_os: guest_os.to_owned(),
        hardware: hardware.to_owned(),
        line,
    };
    (!name.is_empty()).then_some((vm, words.next().is_some()))
}

/// Splits `[datastore] folder/name.vmx   rhel8_64Guest   vmx-19` into datastore, path and what follows.
fn path(text: &str) -> Option<(&str, &str, &str)> {
    let (datastore, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let mut ends = rest.match_indices(".vm").take(MOST_TRIES).filter_map(|(at, _)| {
        let suffix =
            [".vmx", ".vmtx"].into_iter().find(|it| rest.get(at..).is_some_and(|text| text.starts_with(it)))?;
        Some(at + suffix.len())
    });
    let behind = |end: usize| {
        let after = rest.get(end..)?;
        let mut words = after.split_whitespace();
        let hardware = |it: &str| {
            let number = it.strip_prefix("vmx-")?;
            (!number.is_empty() && number.bytes().all(|it| it.is_ascii_digit())).then_some(())
        };
        words.next()?;
        (after.starts_with(' ') && words.next().and_then(hardware).is_some()).then_some(after)
    };
    let (end, after) = ends.find_map(|end| Some((end, behind(end)?)))?;
    Some((datastore, rest.get(..end)?, after))
}
