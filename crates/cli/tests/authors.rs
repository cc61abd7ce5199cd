//! The page for authors of knowledge, followed to the letter: each file is written, each command run, each output
//! compared.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "the test writes the files of the page and runs its commands")]
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the page shows in a fence.
enum Block {
    /// A file: its name and what it holds.
    File(String, String),
    /// Commands, each with the line of the page that it stands on, and what it prints.
    Console(Vec<Shown>),
}

struct Shown {
    line: usize,
    command: String,
    prints: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(page.lines());
    while let Some((_, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<(usize, &str)> = lines.by_ref().take_while(|it| it.1 != "```").collect();
        if info == "console" {
            blocks.push(Block::Console(commands(&body)));
        } else {
            let file = info.split_once(" file=").unwrap_or_else(|| panic!("the block `{info}` is of no use")).1;
            let text = body.iter().fold(String::new(), |text, it| text + it.1 + "\n");
            blocks.push(Block::File(file.to_owned(), text));
        }
    }
    blocks
}

fn commands(body: &[(usize, &str)]) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for (line, text) in body {
        if let Some(command) = text.strip_prefix("$ ") {
            shown.push(Shown { line: *line, command: command.to_owned(), prints: String::new() });
            continue;
        }
        let last = shown.last_mut().expect("a console begins with a command");
        match text.strip_prefix("> ") {
            Some(more) if last.prints.is_empty() => write!(last.command, "\n{more}").unwrap(),
            _ => writeln!(last.prints, "{text}").unwrap(),
        }
    }
    shown
}

/// Whether a text is what the page shows, where `…` stands for anything.
fn is_shown(shown: &str, text: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Runs the commands of one block in one shell, and gives what each printed.
fn run(folder: &Path, commands: &[Shown]) -> Vec<String> {
    // `$?` of a command is seen by the next one, in spite of the mark between them.
    let mark = "\nstatus=$?; printf '\\036'; (exit $status)\n";
    let script = commands.iter().fold(String::new(), |script, it| script + &it.command + mark);
    let binary = Path::new(env!("CARGO_BIN_EXE_esxray"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("exec 2>&1\n{script}"))
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("NO_COLOR")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split('\u{1e}').take(commands.len()).map(str::to_owned).collect()
}

#[test]
fn the_page_for_authors_works_to_the_letter() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/knowledge-authors.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut run_commands) = (0, String::new());
    for block in blocks(&page) {
        match block {
            Block::File(name, text) => {
                let path = folder.path().join(&name);
                assert!(path.parent().unwrap().is_dir(), "nothing on the page makes the folder of {name}");
                fs::write(path, text).unwrap();
                files += 1;
            }
            Block::Console(commands) => {
                let printed = run(folder.path(), &commands);
                assert_eq!(printed.len(), commands.len());
                for (shown, printed) in commands.iter().zip(printed) {
                    let (line, command) = (shown.line, &shown.command);
                    assert!(
                        is_shown(&shown.prints, &printed),
                        "docs/knowledge-authors.md:{line}: {command}\nprints\n{printed}\nand the page shows\n{}",
                        shown.prints
                    );
                    run_commands.push_str(command);
                    run_commands.push('\n');
                }
            }
        }
    }
    assert!(files >= 7, "{files}");
    // Everything that an author needs is on the page.
    for needed in [
        "knowledge new --from-line",
        "knowledge check our-pack",
        "knowledge test our-pack",
        "diagnose --knowledge our-pack",
        "explain --knowledge our-pack",
        "schema knowledge",
        "knowledge list",
    ] {
        assert!(run_commands.contains(needed), "{needed}");
    }
}

#[test]
fn what_is_left_out_is_anything_and_the_rest_is_compared() {
    for (shown, text, same) in [
        ("a\n", "a\n", true),
        ("a\n", "a\nb\n", false),
        ("a …\n", "a 1 2\n", true),
        ("a\n…\nc\n", "a\nb\nb\nc\n", true),
        ("a\n…\nc\n", "a\nb\nd\n", false),
        ("…\nok: … (x)\n", "w\nok: 1, 2 (x)\n", true),
        ("", "a\n", false),
    ] {
        assert_eq!(is_shown(shown, text), same, "{shown:?} {text:?}");
    }
}
