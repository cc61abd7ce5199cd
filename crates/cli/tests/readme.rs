//! What the README shows is what the tool prints.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test reads and, when asked to, rewrites the README")]

use std::path::Path;
use std::process::Command;

/// What the tool prints of a fixture, up to the rule behind the incident.
fn printed(root: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_esxray"))
        .args(["diagnose", "--width", "80", "fixtures/ha-reset-mid-rekey/input"])
        .current_dir(root)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let end = text.find(&"─".repeat(80)).unwrap();
    text[..end].trim_end().to_owned()
}

/// `ESXRAY_UPDATE_README=1 cargo test -p esxray-cli --test readme` writes it anew.
#[test]
fn the_report_in_the_readme_is_printed_like_that() {
    const BEGIN: &str = "<!-- report: kept true by crates/cli/tests/readme.rs -->\n\n```text\n";
    const END: &str = "\n```\n\n<!-- end of report -->";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let from = readme.find(BEGIN).unwrap() + BEGIN.len();
    let until = readme.find(END).unwrap();
    let printed = printed(&root);
    if std::env::var("ESXRAY_UPDATE_README").is_ok() {
        std::fs::write(&path, format!("{}{printed}{}", &readme[..from], &readme[until..])).unwrap();
        return;
    }
    assert_eq!(&readme[from..until], printed);
}
