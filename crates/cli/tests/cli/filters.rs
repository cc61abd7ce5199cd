//! `esxray records` with filters, and as a table.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Folder, QUIET, WRONG_KEY, assert_harmless, cases, esxray, fixtures, input, on_cases};

/// The records of a case that pass the flags.
fn records(case: &str, flags: &[&str]) -> Vec<Value> {
    let mut run = on_cases([&["records", input(case).as_str(), "-q"], flags].concat());
    run.command.stdout(Stdio::piped());
    let ended = run.ends();
    let found: Vec<Value> = ended.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    ended.with(i32::from(found.is_empty()));
    found
}

/// The lines of a record as they stand in its file.
fn raw(record: &Value) -> String {
    let bytes = std::fs::read(fixtures().join(record["source"].as_str().unwrap())).unwrap();
    let from = usize::try_from(record["byte_offset"].as_u64().unwrap()).unwrap();
    let lines = 1 + record["last_line"].as_u64().unwrap() - record["line"].as_u64().unwrap();
    let mut rest = bytes.get(from..).unwrap().split_inclusive(|byte| *byte == b'\n');
    let lines: Vec<u8> = (0..lines).flat_map(|_| rest.next().unwrap_or_default()).copied().collect();
    String::from_utf8_lossy(&lines).into_owned()
}

fn text<'r>(record: &'r Value, key: &str) -> &'r str {
    record[key].as_str().unwrap_or_default()
}

/// `*` for any text; written apart from the tool.
fn fits(glob: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    match glob.to_lowercase().split_once('*') {
        None => name == glob.to_lowercase(),
        Some((start, end)) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
    }
}

/// What a filter takes, written apart from the tool.
type Passes<'p> = Box<dyn Fn(&Value) -> bool + 'p>;

#[test]
fn filters_leave_what_filtering_the_whole_list_leaves() {
    const LEVELS: [&str; 7] = ["trivia", "verbose", "info", "notice", "warning", "error", "panic"];
    let rank = |record: &Value| LEVELS.iter().position(|level| *level == text(record, "level"));
    // A source inside of an archive, or one that is decoded, cannot be looked up as it is: those cases stay out.
    for case in cases().iter().filter(|case| *case != "damaged") {
        let all = records(case, &[]);
        let of_middle = all.get(all.len() / 2).unwrap();
        let (since, until) = (text(of_middle, "time"), text(all.last().unwrap(), "time"));
        let op_id = all.iter().map(|it| text(it, "op_id")).find(|it| it.len() > 12).unwrap_or("none-such");
        let op_id = op_id.rsplit_once('-').map_or(op_id, |it| it.0);
        let component = text(of_middle, "component");
        let glob = format!("{}*", component.get(..2).unwrap_or_default());
        let mut single: Vec<(Vec<&str>, Passes<'_>)> = vec![
            (vec!["--level", "warning"], Box::new(|it| rank(it) >= Some(4))),
            (vec!["--level", "DEBUG"], Box::new(|it| rank(it) >= Some(1))),
            (
                vec!["--component", "HOSTD"],
                Box::new(|it| fits("hostd", text(it, "component")) || fits("hostd", text(&it["fields"], "program"))),
            ),
            (
                vec!["--component", &glob],
                Box::new(|it| fits(&glob, text(it, "component")) || fits(&glob, text(&it["fields"], "program"))),
            ),
            (
                vec!["--op-id", op_id],
                Box::new(|it| {
                    let is = |id: &str| id == op_id || id.starts_with(&format!("{op_id}-"));
                    let raw = raw(it);
                    let named = raw
                        .split("opID=")
                        .skip(1)
                        .filter_map(|rest| rest.split([' ', ']', ',', '\n', ')', ';', '"']).next());
                    is(text(it, "op_id")) || named.into_iter().any(is)
                }),
            ),
            (
                vec!["--grep", "disk.*key"],
                Box::new(|it| {
                    let raw = raw(it).to_lowercase();
                    raw.lines().any(|line| line.split_once("disk").is_some_and(|(_, rest)| rest.contains("key")))
                }),
            ),
            (vec!["--grep", "State"], Box::new(|it| raw(it).contains("State"))),
            (vec!["-i", "--grep", "STATE"], Box::new(|it| raw(it).to_lowercase().contains("state"))),
            (
                vec!["--grep", "^-->|\\} *$"],
                Box::new(|it| {
                    raw(it).lines().any(|line| line.starts_with("-->") || line.trim_end_matches(' ').ends_with('}'))
                }),
            ),
        ];
        if !since.is_empty() && since < until {
            single.push((vec!["--since", since], Box::new(|it| it["time"].is_null() || text(it, "time") >= since)));
            single.push((vec!["--until", until], Box::new(|it| it["time"].is_null() || text(it, "time") < until)));
        }
        for (at, (flags, passes)) in single.iter().enumerate() {
            let expected: Vec<&Value> = all.iter().filter(|it| passes(it)).collect();
            assert!(records(case, flags).iter().eq(expected.iter().copied()), "{case} {flags:?}");
            // With another one, both have to hold; twice the same flag is not allowed.
            let (more, passes_too) = &single[(at + 4) % single.len()];
            if more.first() != flags.first() && !(more.contains(&"--grep") && flags.contains(&"--grep")) {
                let expected = expected.into_iter().filter(|it| passes_too(it));
                assert!(records(case, &[&flags[..], more].concat()).iter().eq(expected), "{case} {flags:?} {more:?}");
            }
        }
    }
}

/// Two VMs of one host, in the real grammar.
fn two_vms() -> Folder {
    let vm = |name: &str, vmid: u32, op: &str| {
        format!(
            "2024-03-12T15:00:01.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Vimsvc.TaskManager opID={op}-01-01a4 user=vpxuser] Task Created : haTask-{vmid}-vim.VirtualMachine.reconfigure-4199037\n\
2024-03-12T15:00:02.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Vmsvc.vm:/vmfs/volumes/ds1/{name}/{name}.vmx opID={op}-01-01a4 user=vpxuser] State Transition (VM_STATE_ON -> VM_STATE_RECONFIGURING)\n\
2024-03-12T15:00:03.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Default opID={op}-01-01a4-7f] shared by {op}\n"
        )
    };
    let common = "2024-03-12T15:00:04.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Default] of nobody\n\
2024-03-12T15:00:05.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Default] names APP-012, which is none of them\n\
2024-03-12T15:00:06.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Default opID=aaaaaaaa-11-01-01a4-80] of its operation, about /vmfs/volumes/ds1/DB-07/DB-07.vmdk\n\
2024-03-12T15:00:07.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Default] about\n--> [ds1] APP-01/APP-01_1.vmdk\n";
    let own = "2024-03-12T15:00:00.000Z In(05) vmx - Log for VMware ESX pid=2100101 version=8.0.2 build=build-22380479 option=Release\n\
2024-03-12T15:00:00.100Z In(05) vmx - DICT displayName = \"APP-01\"\n\
2024-03-12T15:00:00.200Z In(05) vmx - VigorTransportProcessClientPayload: opID=bbbbbbbb-22-33 seq=5: Receiving Crypto.Reconfigure request.\n";
    let of_vigor = "2024-03-12T15:00:09.000Z In(166) Hostd[2099102]: [Originator@6876 sub=Libs opID=bbbbbbbb-22-33-44] asked by the VM's own log\n";
    Folder::new()
        .with(
            "in/esx01/hostd.log",
            [&vm("APP-01", 62, "aaaaaaaa-11"), &vm("DB-07", 63, "cccccccc-11"), common, of_vigor].concat(),
        )
        .with("in/APP-01/vmware.log", own)
}

fn messages(folder: &Folder, flags: &[&str]) -> Vec<String> {
    let text = folder.run([&["records", "in"], flags].concat()).exits(0).text();
    text.lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            let words: Vec<&str> = record["message"].as_str().unwrap().split(' ').take(3).collect();
            words.join(" ")
        })
        .collect()
}

#[test]
fn the_records_of_a_vm_are_its_own_those_that_name_it_and_those_of_its_operations() {
    let folder = two_vms();
    let expected = [
        "Log for VMware",
        "DICT displayName =",
        "VigorTransportProcessClientPayload: opID=bbbbbbbb-22-33 seq=5:",
        "Task Created :",
        "State Transition (VM_STATE_ON",
        "shared by aaaaaaaa-11",
        "about",
        "asked by the",
    ];
    for name in ["APP-01", "app-01", "62", "/vmfs/volumes/ds1/APP-01/APP-01.vmx"] {
        assert_eq!(messages(&folder, &["--vm", name]), expected, "{name}");
    }
    let other = ["Task Created :", "State Transition (VM_STATE_ON", "shared by cccccccc-11", "of its operation,"];
    assert_eq!(messages(&folder, &["--vm", "DB-07"]), other);
    assert_eq!(messages(&folder, &["--vm", "DB-07", "--grep", "shared"]), ["shared by cccccccc-11"]);
    let of_threads = |threads| messages(&folder, &["--vm", "APP-01", "--threads", threads]);
    assert_eq!(of_threads("1"), of_threads("7"));
}

#[test]
fn a_vm_that_is_not_there_is_not_found() {
    let folder = two_vms();
    let told =
        folder.run(["records", "in", "--vm", "APP-1"]).exits(1).refuses("no VM of the input goes by `APP-1`").errors();
    assert!(told.contains("  hint: the input names APP-01, DB-07; `esxray inventory` lists all"), "{told}");
    folder.run(["records", "-", "--vm", "APP-01"]).stdin(QUIET).exits(2).refuses("a stream can be read once");
}

#[test]
fn a_mistake_in_a_flag_is_told_where_it_is() {
    let run = |flags: &[&str]| esxray([&["records", "-"], flags].concat()).stdin(QUIET);
    let told = run(&["--grep", "disk(key"]).exits(2).refuses("at character 5 of `disk(key`").errors();
    assert!(told.starts_with("error: --grep cannot be used: unclosed group, at character 5"), "{told}");
    let told = run(&["--grep", "\u{1b}[2J("]).exits(2).errors();
    assert_harmless("a pattern", told.as_bytes());
    let told = run(&["--level", "eror"]).exits(2).errors();
    assert!(told.contains("a similar value exists: 'error'"), "{told}");
    run(&["--since", "2024-01-02", "--until", "2024-01-01"]).exits(2).refuses("is not before --until");
    run(&["--since", "yesterday"]).exits(2);
    run(&["--ignore-case"]).exits(2);
    run(&["--max-record", "64M"]).exits(2);
    run(&["--grep", "no such text"]).exits(1).refuses("no record was found that passes every filter");
}

#[test]
fn bytes_that_are_no_text_are_searched_as_they_are_printed() {
    let raw = b"2023-03-10T15:16:20.000Z In(05) vmx - displayName = \"B\xfcro\"\n";
    for pattern in ["B.ro", "displayname", "vmx - .*ro"] {
        esxray(["records", "-", "--grep", pattern]).stdin(&raw[..]).exits(0);
    }
}

/// Reads a table as RFC 4180 says.
fn table(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for line in text.strip_suffix("\r\n").unwrap().split("\r\n") {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => cells.last_mut().unwrap().extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
        }
        rows.push(cells);
    }
    rows
}

/// What a cell stands for, as `esxray records --help` says.
fn value(cell: &str) -> String {
    let mut text = String::new();
    let mut chars = cell.strip_prefix('\'').unwrap_or(cell).chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            (_, Some('n')) => text.push('\n'),
            (_, Some('r')) => text.push('\r'),
            (_, Some('t')) => text.push('\t'),
            (_, Some('u')) => {
                let number: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                text.extend(char::from_u32(u32::from_str_radix(&number, 16).unwrap()));
            }
            (c, None) | (_, Some(c)) => text.push(c),
        }
    }
    text
}

#[test]
fn a_table_gives_back_what_the_lines_hold() {
    let hostile = "2023-03-10T15:16:20.000Z In(05) vmx - =cmd|'/c calc'!A1\n\
2023-03-10T15:16:20.000Z In(05) @x - \t=1 \\n \"a\";=2, \u{1b}[2J\u{202e}\n\
2023-03-10T15:16:20.000Z In(05)+ vmx - further, \"so\"\n";
    let folder = Folder::new().with("in/vmware.log", hostile).with("in/=b.log", WRONG_KEY);
    let mut inputs: Vec<Vec<String>> =
        cases().iter().map(|case| vec![fixtures().join(input(case)).display().to_string()]).collect();
    inputs.push(vec!["in".to_owned()]);
    for paths in inputs {
        let of = |format: &str| {
            let flags = ["records", "-q", "--format", format].map(str::to_owned);
            folder.run([&flags[..], &paths].concat()).exits(0)
        };
        let csv = of("csv");
        assert_harmless("table", csv.text().replace("\r\n", "\n").as_bytes());
        let rows = table(&csv.text());
        let (header, rows) = rows.split_first().unwrap();
        let lines: Vec<Value> = of("jsonl").text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), lines.len());
        for (row, record) in rows.iter().zip(&lines) {
            assert_eq!(row.len(), header.len());
            for (name, cell) in header.iter().zip(row) {
                let expected = match (name.as_str(), &record[name]) {
                    ("message", _) => {
                        let more = record["continuation"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
                        [text(record, "message")].into_iter().chain(more).collect::<Vec<_>>().join("\n")
                    }
                    ("fields", fields) if fields.as_object().unwrap().is_empty() => String::new(),
                    ("fields", fields) => {
                        assert_eq!(&serde_json::from_str::<Value>(&value(cell)).unwrap(), fields);
                        continue;
                    }
                    (_, Value::Null) => String::new(),
                    (_, Value::String(text)) => text.clone(),
                    (_, other) => other.to_string(),
                };
                assert_eq!(value(cell), expected, "{name}");
            }
        }
    }
    let nothing = esxray(["records", "-", "--format", "csv"]).exits(1);
    assert_eq!(nothing.text().lines().count(), 1, "the header row alone");
}

#[test]
fn a_table_as_it_is_written() {
    let log = "2023-03-10T15:16:19.870Z error hostd[2099045] [Originator@6876 sub=Vimsvc opID=ab-1 user=vpxuser] -Failed; \"x\"\n--> (vmodl.fault) {\n";
    let text = esxray(["records", "-", "--format", "csv"]).stdin(log).exits(0).text();
    let expected = "source,line,last_line,byte_offset,format,dialect,time,level,component,op_id,user,fields,message,raw_hex\r\n\
\"'-\",1,2,0,hostd,hostd-6,2023-03-10T15:16:19.870Z,error,Vimsvc,ab-1,vpxuser,\"{\"\"program\"\":\"\"hostd\"\"}\",\"'-Failed; \"\"x\"\"\\n(vmodl.fault) {\",\r\n";
    assert_eq!(text, expected);
}

#[test]
fn a_spreadsheet_is_not_driven() {
    let judge = fixtures().join("../../shared/attack/gen_attack.py");
    if !judge.is_file() {
        eprintln!("skipped: {} is not there", judge.display());
        return;
    }
    let cells = ["=1+1", "@SUM(1)", "\t=1+1", " =1+1", "\u{ff1d}1", "a;=1+1", "'=1+1", "\u{200b}=1+1", "-2+3", "\"=1"];
    let line = |cell: &&str| format!("2023-03-10T15:16:20.000Z In(05) {} - {cell}", cell.trim());
    let log = cells.iter().map(line).collect::<Vec<_>>().join("\n");
    let folder = Folder::new().with("vmware.log", log);
    folder.run(["records", "vmware.log", "--format", "csv", "-o", "out.csv"]).exits(0);
    let judged = Command::new("python3")
        .arg(judge)
        .args(["--check", "csv", "out.csv"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
}
