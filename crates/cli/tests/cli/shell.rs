//! Help, completions and manual pages: for tools and packagers.

use crate::harness::esxray;

const COMMANDS: [&str; 11] = [
    "diagnose",
    "rekey",
    "records",
    "redact",
    "pack",
    "explain",
    "why-not",
    "knowledge",
    "schema",
    "completions",
    "man",
];

#[test]
fn the_version_is_one_line() {
    for flag in ["--version", "-V"] {
        assert_eq!(esxray([flag]).exits(0).text(), concat!("esxray ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

#[test]
fn help_names_commands_statuses_and_examples() {
    let text = esxray(["--help"]).exits(0).text();
    for command in COMMANDS {
        assert!(text.contains(&format!("\n  {command} ")), "{command}");
        let own = esxray([command, "--help"]).exits(0).text();
        assert!(own.contains(&format!("Usage: esxray {command}")), "{own}");
    }
    for word in ["Exit status:", "Examples:", "NO_COLOR", "130 "] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn the_examples_of_the_help_are_real() {
    for command in ["", "diagnose", "rekey", "records", "redact", "pack", "explain", "why-not"] {
        let args: Vec<&str> = [command, "--help"].into_iter().filter(|arg| !arg.is_empty()).collect();
        let text = esxray(args).exits(0).text();
        let examples = text.split("Examples:\n").nth(1).unwrap();
        for line in examples.lines().take_while(|line| line.starts_with("  ")) {
            for flag in line.split_whitespace().filter(|word| word.starts_with("--")) {
                let name = flag.split('=').next().unwrap();
                assert!(text.split("Examples:\n").next().unwrap().contains(name), "{line}: there is no {name}");
            }
        }
    }
}

#[test]
fn every_shell_has_completions() {
    for (shell, says) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef esxray"),
        ("fish", "complete -c esxray"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[esxray]"),
    ] {
        let script = esxray(["completions", shell]).exits(0).text();
        assert!(script.contains(says), "{shell}");
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_shells_that_are_here_read_their_completions() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    for shell in ["bash", "zsh", "fish"] {
        let script = esxray(["completions", shell]).exits(0);
        let child = Command::new(shell).arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            eprintln!("skipped: there is no {shell}");
            continue;
        };
        child.stdin.take().unwrap().write_all(script.bytes()).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{shell}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let page = esxray(["man"]).exits(0).text();
    assert!(page.contains(".TH esxray 1"), "{page}");
    for word in ["SYNOPSIS", "EXIT STATUS", "EXAMPLES", "diagnose"] {
        assert!(page.contains(word), "{word}");
    }
    assert!(!page.contains("EXTRA"), "{page}");
    for command in COMMANDS {
        let page = esxray(["man", command]).exits(0).text();
        assert!(page.contains(&format!(".TH esxray-{command} 1")), "{page}");
    }
    let page = esxray(["man", "knowledge", "check"]).exits(0).text();
    assert!(page.contains(".TH esxray-knowledge-check 1"), "{page}");
}
