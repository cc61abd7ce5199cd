//! The list of VMs that somebody meant to re-key, in the forms that scripts and PowerCLI leave behind.

use std::collections::BTreeSet;

/// The VMs of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmList {
    /// In the order of the list, each once.
    pub entries: Vec<ListedVm>,
    /// How the list was read, in a few words.
    pub form: &'static str,
}

/// One VM of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVm {
    /// The line that it stands in, from 1.
    pub line: usize,
    /// Its display name, or whatever else the list calls it.
    pub wanted: String,
    /// What the other columns say that tells it from a VM of the same name: a moref, a UUID, a path.
    pub ids: Vec<String>,
}

/// Why a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ListError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

fn error(line: usize, what: impl Into<String>) -> ListError {
    ListError { line, what: what.into() }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Id,
}

/// What a heading means; spaces, hyphens, underscores and case do not matter.
fn column(heading: &str) -> Option<Column> {
    let word: String = heading.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "name" | "vm" | "vmname" | "displayname" | "virtualmachine" => Some(Column::Name),
        "moref" | "moid" | "vmid" | "id" | "uuid" | "biosuuid" | "instanceuuid" | "persistentid" | "vmx"
        | "vmxpath" | "vmpathname" => Some(Column::Id),
        _ => None,
    }
}

/// Names that a list may hold at most: more is another file.
const MOST_ENTRIES: usize = 200_000;

impl VmList {
    /// Reads a list: CSV with a column for the name or an id of the VM, one VM a line, or what `Format-Table`,
    /// `Format-List` and `Export-Csv` print.
    ///
    /// # Errors
    ///
    /// [`ListError`], with its line, where the list cannot be read for certain: half a list would make a VM that was
    /// never tried look as if nobody had meant to.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_diagnosis::VmList;
    ///
    /// let names = |list: &str| {
    ///     VmList::parse(list.as_bytes()).map(|it| it.entries.into_iter().map(|it| it.wanted).collect::<Vec<_>>())
    /// };
    /// assert_eq!(names("APP-01\nAPP-02\n").unwrap(), ["APP-01", "APP-02"]);
    /// assert_eq!(names("\"Name\",\"PowerState\"\n\"APP-01\",\"PoweredOn\"\n").unwrap(), ["APP-01"]);
    /// assert_eq!(names("Name   PowerState\n----   ----------\nAPP-01 PoweredOn\n").unwrap(), ["APP-01"]);
    /// assert_eq!(names("Host,Size\nesx01,3\n").unwrap_err().line, 1);
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, ListError> {
        let text = decode(bytes)?;
        for (line, number) in text.lines().zip(1..) {
            if let Some(c) = line.chars().find(|c| c.is_control() && *c != '\t') {
                return Err(error(number, format!("the character U+{:04X} has no place in a list", u32::from(c))));
            }
        }
        let lines: Vec<Line<'_>> = (1..)
            .zip(text.lines())
            .map(|(number, text)| Line { number, text })
            // `#TYPE` is the first line of `Export-Csv` in Windows PowerShell.
            .filter(|it| !it.text.trim().is_empty() && !it.text.starts_with('#'))
            .collect();
        let Some(first) = lines.first() else { return Err(error(1, "the list names no VM")) };
        let (form, entries) = if lines.get(1).is_some_and(|it| is_underline(it.text)) {
            ("a table", table(&lines)?)
        } else if lines.iter().all(|it| labelled(it.text).is_some()) {
            ("a list of properties", properties(&lines)?)
        } else if let Some(delimiter) = delimiter(first.text) {
            ("CSV", csv(&text, first.number, delimiter)?)
        } else if column(unquoted(first.text)).is_some() && lines.len() > 1 {
            ("one column under a heading", plain(lines.get(1..).unwrap_or_default())?)
        } else {
            ("one VM a line", plain(&lines)?)
        };
        let entries = once_each(entries);
        match entries.len() {
            0 => Err(error(first.number, "the list names no VM")),
            count if count > MOST_ENTRIES => {
                Err(error(first.number, format!("the list names more than {MOST_ENTRIES} VMs")))
            }
            _ => Ok(Self { entries, form }),
        }
    }
}

/// One line that is not empty.
struct Line<'t> {
    number: usize,
    text: &'t str,
}

/// UTF-8 or UTF-16, with or without a byte order mark: Windows PowerShell writes `>` as UTF-16.
fn decode(bytes: &[u8]) -> Result<String, ListError> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| match pair {
            [one, other] => unit([*one, *other]),
            _ => 0xfffd,
        });
        char::decode_utf16(units).map(|it| it.unwrap_or('\u{fffd}')).collect::<String>()
    };
    let second_is_nul = |from: usize| {
        let pairs = || bytes.chunks_exact(2).take(64);
        pairs().next().is_some() && pairs().all(|pair| pair.get(from) == Some(&0))
    };
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?,
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ if second_is_nul(1) => utf16(bytes, u16::from_le_bytes),
        _ if second_is_nul(0) => utf16(bytes, u16::from_be_bytes),
        _ => utf8(bytes)?,
    };
    match text.lines().zip(1..).find(|it| it.0.contains('\u{fffd}')) {
        Some((_, line)) => Err(error(line, "holds a character that could not be decoded; save the list as UTF-8")),
        None => Ok(text),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, ListError> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|problem| {
        let before = bytes.get(..problem.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        error(line, "is neither UTF-8 nor UTF-16; save the list as UTF-8")
    })
}

/// The character between the columns, where the first line is a row of several.
fn delimiter(line: &str) -> Option<char> {
    let mut counts: Vec<(usize, char)> = [',', ';', '\t'].map(|it| (outside_of_quotes(line, it), it)).to_vec();
    counts.sort_by_key(|it| std::cmp::Reverse(it.0));
    counts.first().filter(|it| it.0 > 0).map(|it| it.1)
}

fn outside_of_quotes(line: &str, wanted: char) -> usize {
    let mut quoted = false;
    line.chars()
        .filter(|c| {
            quoted ^= *c == '"';
            !quoted && *c == wanted
        })
        .count()
}

/// Which columns hold a name, and which an id.
fn columns(headings: &[&str], line: usize) -> Result<Vec<(usize, Column)>, ListError> {
    let known: Vec<(usize, Column)> =
        headings.iter().enumerate().filter_map(|(at, heading)| Some((at, column(heading)?))).collect();
    if known.is_empty() {
        let what = "no column is called Name, VM, MoRef, VmId, UUID or Path of a .vmx; where there are several columns, the first line names them";
        return Err(error(line, what));
    }
    Ok(known)
}

/// The entry of a row, `None` where the row is empty.
fn entry(cells: &[&str], columns: &[(usize, Column)], line: usize) -> Result<Option<ListedVm>, ListError> {
    if cells.iter().all(|it| it.trim().is_empty()) {
        return Ok(None);
    }
    let of = |kind: Column| {
        let cells = columns.iter().filter(move |it| it.1 == kind).filter_map(|it| cells.get(it.0));
        cells.map(|it| it.trim()).filter(|it| !it.is_empty())
    };
    let ids: Vec<String> = of(Column::Id).map(id).collect();
    let Some(wanted) = of(Column::Name).next().map(str::to_owned).or_else(|| ids.first().cloned()) else {
        return Err(error(line, "the cell with the name of the VM is empty"));
    };
    if wanted.ends_with("...") || wanted.ends_with('…') {
        let what = format!(
            "`{wanted}` is cut off; print the list with `Format-Table -AutoSize`, or write it with `Export-Csv`"
        );
        return Err(error(line, what));
    }
    Ok(Some(ListedVm { line, wanted, ids }))
}

/// An id as the logs have it: PowerCLI puts the type in front of a moref.
fn id(text: &str) -> String {
    text.strip_prefix("VirtualMachine-").unwrap_or(text).to_owned()
}

/// A row of a CSV file, with the line that it begins in.
type Row = (usize, Vec<String>);

fn csv(text: &str, first_line: usize, delimiter: char) -> Result<Vec<ListedVm>, ListError> {
    let rows = rows(text, first_line, delimiter)?;
    let Some(((line, headings), rows)) = rows.split_first() else { return Ok(Vec::new()) };
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let columns = columns(&headings, *line)?;
    let mut entries = Vec::new();
    for (line, cells) in rows {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        if cells.len() != headings.len() && cells.iter().any(|it| !it.trim().is_empty()) {
            let what = format!("{} cells, where the heading has {}", cells.len(), headings.len());
            return Err(error(*line, what));
        }
        entries.extend(entry(&cells, &columns, *line)?);
    }
    Ok(entries)
}

/// The rows of RFC 4180 from a line on.
fn rows(text: &str, first_line: usize, delimiter: char) -> Result<Vec<Row>, ListError> {
    let mut rows: Vec<Row> = Vec::new();
    let mut line = 1;
    let (mut cells, mut cell): (Vec<String>, String) = (Vec::new(), String::new());
    // Where the quote that is open was opened, and whether the cell had one.
    let (mut quoted, mut was_quoted): (Option<usize>, bool) = (None, false);
    let mut begins = first_line;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if line < first_line {
            line += usize::from(c == '\n');
            continue;
        }
        match c {
            '"' if quoted.is_some() && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted.is_some() => quoted = None,
            '"' if cell.trim().is_empty() && !was_quoted => {
                cell.clear();
                (quoted, was_quoted) = (Some(line), true);
            }
            '"' => {
                return Err(error(line, "a quotation mark stands inside of a cell; write it twice, in a quoted cell"));
            }
            '\n' | '\r' if quoted.is_none() => {
                if c == '\n' {
                    cells.push(std::mem::take(&mut cell));
                    rows.push((begins, std::mem::take(&mut cells)));
                    begins = line + 1;
                    was_quoted = false;
                }
            }
            c if c == delimiter && quoted.is_none() => {
                cells.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            c => cell.push(c),
        }
        line += usize::from(c == '\n');
    }
    if let Some(line) = quoted {
        return Err(error(line, "a quotation mark is opened and never closed"));
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        rows.push((begins, cells));
    }
    rows.retain(|(_, cells)| !(cells.len() == 1 && cells.iter().all(|it| it.trim().is_empty())));
    Ok(rows)
}

/// `----  ----------`, as it stands below the headings of a table.
fn is_underline(line: &str) -> bool {
    line.contains("--") && line.chars().all(|c| c == '-' || c == ' ')
}

/// What `Format-Table` prints: each column begins where its underline does.
fn table(lines: &[Line<'_>]) -> Result<Vec<ListedVm>, ListError> {
    let [heading, underline, rows @ ..] = lines else { return Ok(Vec::new()) };
    let marks: Vec<char> = underline.text.chars().collect();
    let starts: Vec<usize> = (0..marks.len())
        .filter(|at| marks.get(*at) == Some(&'-') && (*at == 0 || marks.get(at - 1) == Some(&' ')))
        .collect();
    let cut = |text: &str| -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
        starts
            .iter()
            .zip(ends)
            .map(|(from, to)| chars.get(*from..to.min(chars.len())).unwrap_or_default().iter().collect())
            .collect()
    };
    let headings = cut(heading.text);
    let headings: Vec<&str> = headings.iter().map(|it| it.trim()).collect();
    let columns = columns(&headings, heading.number)?;
    let mut entries = Vec::new();
    for row in rows {
        let cells = cut(row.text);
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        entries.extend(entry(&cells, &columns, row.number)?);
    }
    Ok(entries)
}

/// `Name       : APP-01`, as `Format-List` prints it.
fn labelled(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once(" : ").or_else(|| Some((line.strip_suffix(" :")?, "")))?;
    let is_word = !label.trim().is_empty() && label.trim().chars().all(char::is_alphanumeric);
    (is_word && !label.starts_with(' ')).then_some((label.trim(), value.trim()))
}

fn properties(lines: &[Line<'_>]) -> Result<Vec<ListedVm>, ListError> {
    let named = |it: &&Line<'_>| labelled(it.text).is_some_and(|it| column(it.0) == Some(Column::Name));
    let entries: Result<Vec<Option<ListedVm>>, ListError> = lines
        .iter()
        .filter(named)
        .map(|it| entry(&[labelled(it.text).map_or("", |it| it.1)], &[(0, Column::Name)], it.number))
        .collect();
    let entries: Vec<ListedVm> = entries?.into_iter().flatten().collect();
    match lines.first() {
        Some(first) if entries.is_empty() => Err(error(first.number, "no property is called Name or VM")),
        _ => Ok(entries),
    }
}

fn plain(lines: &[Line<'_>]) -> Result<Vec<ListedVm>, ListError> {
    let entries: Result<Vec<Option<ListedVm>>, ListError> =
        lines.iter().map(|it| entry(&[unquoted(it.text)], &[(0, Column::Name)], it.number)).collect();
    Ok(entries?.into_iter().flatten().collect())
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inside = |quote: char| text.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

/// The first of those that say the same.
fn once_each(entries: Vec<ListedVm>) -> Vec<ListedVm> {
    let mut seen: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    entries.into_iter().filter(|it| seen.insert((it.wanted.to_lowercase(), it.ids.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::VmList;

    fn names(list: &[u8]) -> Vec<String> {
        VmList::parse(list).unwrap().entries.into_iter().map(|it| it.wanted).collect()
    }

    fn utf16(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        mark.encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn the_forms_of_a_list() {
        for list in [
            "APP-01\nDB 02\n",
            "\r\nAPP-01\r\n\r\nDB 02",
            "# of the migration\n\"APP-01\"\n'DB 02'\n",
            "Name\nAPP-01\nDB 02\n",
            "#TYPE Selected.VMware.VimAutomation.ViCore.Impl.V1.VM\n\"Name\"\n\"APP-01\"\n\"DB 02\"\n",
            "\"PowerState\",\"Name\"\n\"PoweredOn\",\"APP-01\"\n\"PoweredOff\",\"DB 02\"\n",
            "VM;Notes\nAPP-01;\"two\nlines; and \"\"more\"\"\"\nDB 02;\n\n",
            "display name\tx\nAPP-01\t1\nDB 02\t2",
            "\nName   PowerState Num CPUs\n----   ---------- --------\nAPP-01 PoweredOn  2\nDB 02  PoweredOff 4\n\n",
            "\n\nName       : APP-01\nPowerState : PoweredOn\n\nName       : DB 02\nNotes      :\n",
            "APP-01\nDB 02\napp-01\n",
        ] {
            assert_eq!(names(list.as_bytes()), ["APP-01", "DB 02"], "{list}");
            for encoded in [
                [b"\xef\xbb\xbf", list.as_bytes()].concat(),
                utf16(list, true, u16::to_le_bytes),
                utf16(list, true, u16::to_be_bytes),
                utf16(list, false, u16::to_le_bytes),
            ] {
                assert_eq!(names(&encoded), ["APP-01", "DB 02"], "{list}");
            }
        }
    }

    #[test]
    fn what_tells_two_vms_of_one_name_apart_is_kept() {
        let list = VmList::parse(b"Name,Id\nAPP-01,VirtualMachine-vm-12\n,VirtualMachine-vm-13\n").unwrap();
        let all: Vec<(usize, &str, &[String])> =
            list.entries.iter().map(|it| (it.line, it.wanted.as_str(), it.ids.as_slice())).collect();
        let ids = [vec!["vm-12".to_owned()], vec!["vm-13".to_owned()]];
        assert_eq!(all, [(2, "APP-01", ids[0].as_slice()), (3, "vm-13", ids[1].as_slice())]);
    }

    #[test]
    fn a_list_that_is_not_sure_is_refused_with_its_line() {
        for (list, line, says) in [
            (&b""[..], 1, "names no VM"),
            (b"# only a remark\n", 1, "names no VM"),
            (b"Name,Host\n", 1, "names no VM"),
            (b"Host,Size\nesx01,3\n", 1, "no column is called"),
            (b"Name,Host\nAPP-01,esx01,4\n", 2, "3 cells, where the heading has 2"),
            (b"Name,Host\n\nAPP-01,esx01\n,esx02\n", 4, "is empty"),
            (b"Name,Host\nAPP-01,\"esx01\nAPP-02,esx01\n", 2, "never closed"),
            (b"Name,Host\nAPP\"01,esx01\n", 2, "inside of a cell"),
            (b"Name      Host\n----      ----\nAPP-01... esx01\n", 3, "is cut off"),
            (b"APP-01\n\x1b[31mAPP-02\n", 2, "U+001B"),
            (b"APP-01\nAPP-\xe902\n", 2, "neither UTF-8 nor UTF-16"),
            (b"\xff\xfeA\x00\x00\xd8\n\x00", 1, "could not be decoded"),
            (b"Host : esx01\nCpu : 2\n", 1, "no property is called"),
        ] {
            let error = VmList::parse(list).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.what.contains(says), "{error}");
        }
    }
}
