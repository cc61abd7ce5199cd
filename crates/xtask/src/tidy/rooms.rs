//! Who may use whom. The table is the rule: the check reads it from the page that people read.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Complaint, File, Package, Project};

/// The page with the table.
const PAGE: &str = "ARCHITECTURE.md";
/// The head of the table's last column.
const COLUMN: &str = "may use";
/// Usable in the tests of every crate: it knows none of ours.
const FOR_TESTS: &str = "testkit";

struct Row {
    line: usize,
    may_use: Allowed,
}

enum Allowed {
    All,
    Rooms(BTreeSet<String>),
}

pub(super) fn check(project: &Project) -> Vec<Complaint> {
    let rooms = rooms(project);
    let mut complaints = Vec::new();
    let rows = table(project, &mut complaints);
    if rows.is_empty() {
        return complaints;
    }
    for (room, manifest) in &rooms {
        if !rows.contains_key(room) {
            let text = format!(
                "no row for `{room}` ({manifest}) in the table of rooms; add one: | `{room}` | what it takes and gives | … | whom it may use |"
            );
            complaints.push(Complaint::new(PAGE, 1, text));
        }
    }
    for (room, row) in &rows {
        if !rooms.contains_key(room) {
            complaints.push(Complaint::new(PAGE, row.line, format!("there is no crate `{room}`; take the row out")));
        }
        if let Allowed::Rooms(named) = &row.may_use {
            for name in named.iter().filter(|name| !rooms.contains_key(*name)) {
                let text = format!("`{room}` may use `{name}`, which is no crate; mend the name");
                complaints.push(Complaint::new(PAGE, row.line, text));
            }
        }
    }
    let ours: BTreeSet<&str> = project.packages.iter().map(|package| package.name.as_str()).collect();
    for package in &project.packages {
        arrows(project, package, &ours, &rows, &mut complaints);
    }
    complaints
}

/// Each crate, also those that are no member of the workspace, with its manifest.
fn rooms(project: &Project) -> BTreeMap<String, &str> {
    let manifests = project.files.iter().filter(|file| file.name() == "Cargo.toml");
    manifests.filter_map(|file| Some((room(&package_name(file)?), file.path.as_str()))).collect()
}

fn arrows(
    project: &Project,
    package: &Package,
    ours: &BTreeSet<&str>,
    rows: &BTreeMap<String, Row>,
    complaints: &mut Vec<Complaint>,
) {
    let from = room(&package.name);
    let Some(Row { may_use: Allowed::Rooms(may_use), line }) = rows.get(&from) else { return };
    for used in package.uses.iter().filter(|used| ours.contains(used.package.as_str())) {
        let to = room(&used.package);
        if may_use.contains(&to) || (used.dev && to == FOR_TESTS) {
            continue;
        }
        let at = project
            .file(&package.manifest)
            .and_then(|file| file.lines().find(|(_, text)| text.trim_start().starts_with(used.package.as_str())))
            .map_or(1, |(line, _)| line);
        let kind = if used.dev { "in its tests " } else { "" };
        let text = format!(
            "`{from}` {kind}uses `{to}`, which its row does not allow ({PAGE}:{line}); take the dependency out, or argue for the arrow there"
        );
        complaints.push(Complaint::new(&package.manifest, at, text));
    }
}

/// `record` of `esxray-record`; `esxray` and `xtask` are called as they are.
fn room(package: &str) -> String {
    package.strip_prefix("esxray-").unwrap_or(package).to_owned()
}

/// The name in the `[package]` section of a manifest; `None` of a bare workspace.
fn package_name(manifest: &File) -> Option<String> {
    let package = manifest.lines().map(|it| it.1).skip_while(|line| line.trim() != "[package]").skip(1);
    let mut section = package.take_while(|line| !line.trim_start().starts_with('['));
    section.find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn table(project: &Project, complaints: &mut Vec<Complaint>) -> BTreeMap<String, Row> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let Some(page) = project.file(PAGE) else {
        complaints.push(Complaint::new(PAGE, 1, "is missing; write it, with the table of rooms"));
        return rows;
    };
    let mut inside = false;
    for (line, text) in page.lines() {
        let Some(cells) = cells(&text) else {
            inside = false;
            continue;
        };
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { continue };
        if last.eq_ignore_ascii_case(COLUMN) {
            inside = true;
            continue;
        }
        if !inside || first.chars().all(|it| matches!(it, '-' | ':')) {
            continue;
        }
        let mut complain = |text: String| complaints.push(Complaint::new(PAGE, line, text));
        let [name] = quoted(first)[..] else {
            complain(format!("`{first}` names no crate; begin the row with one name in backticks"));
            continue;
        };
        match allowed(last, &rows) {
            Some(_) if rows.contains_key(name) => complain(format!("a second row for `{name}`; take one out")),
            Some(may_use) => {
                rows.insert(name.to_owned(), Row { line, may_use });
            }
            None => complain(format!(
                "cannot read `{last}`; write names in backticks with commas, `nothing of ours`, `all above` or `any`"
            )),
        }
    }
    if rows.is_empty() {
        complaints.push(Complaint::new(PAGE, 1, format!("has no table whose last column is \"{COLUMN}\"; add it")));
    }
    rows
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// Names in backticks, where there is nothing else but commas and "and".
fn quoted(cell: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (index, piece) in cell.split('`').enumerate() {
        if index % 2 == 1 {
            names.push(piece);
        } else if !matches!(piece.trim(), "" | "," | "and") {
            return Vec::new();
        }
    }
    names
}

fn allowed(cell: &str, above: &BTreeMap<String, Row>) -> Option<Allowed> {
    match cell {
        "any" => Some(Allowed::All),
        "nothing of ours" => Some(Allowed::Rooms(BTreeSet::new())),
        "all above" => Some(Allowed::Rooms(above.keys().cloned().collect())),
        _ => {
            let names: BTreeSet<String> = quoted(cell).into_iter().map(str::to_owned).collect();
            (!names.is_empty()).then_some(Allowed::Rooms(names))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Use;

    const TABLE: &str = "# Rooms\n\n| crate | takes | may use |\n|---|---|---|\n\
        | `model` | nouns | nothing of ours |\n\
        | `record` | bytes | `model` |\n\
        | `esxray` | all | all above |\n\
        | `testkit` | tests | nothing of ours |\n\
        | `xtask` | checks | any |\n";

    fn project(table: &str, uses: &[(&str, &str, bool)]) -> Project {
        let names = ["esxray-model", "esxray-record", "esxray", "esxray-testkit", "xtask"];
        let manifests: Vec<(String, String)> = names
            .iter()
            .map(|name| {
                let lines: Vec<String> =
                    uses.iter().filter(|it| it.0 == *name).map(|it| format!("{}.workspace = true", it.1)).collect();
                let lines = lines.join("\n");
                let text = format!("[package]\nname = \"{name}\"\n\n[dependencies]\n{lines}\n");
                (format!("crates/{}/Cargo.toml", room(name)), text)
            })
            .collect();
        let mut files: Vec<(&str, &str)> = manifests.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
        files.push((PAGE, table));
        files.push(("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"));
        let mut project = Project::of(&files);
        project.packages = names
            .iter()
            .map(|name| Package {
                name: (*name).to_owned(),
                manifest: format!("crates/{}/Cargo.toml", room(name)),
                uses: uses
                    .iter()
                    .filter(|it| it.0 == *name)
                    .map(|it| Use { package: it.1.to_owned(), dev: it.2 })
                    .collect(),
            })
            .collect();
        project
    }

    fn said(table: &str, uses: &[(&str, &str, bool)]) -> Vec<String> {
        check(&project(table, uses)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn arrows_of_the_table_are_allowed() {
        let uses = [
            ("esxray-record", "esxray-model", false),
            ("esxray-record", "esxray-testkit", true),
            ("esxray-record", "serde", false),
            ("esxray", "esxray-record", false),
            ("xtask", "esxray", false),
        ];
        assert_eq!(said(TABLE, &uses), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_back_is_refused_where_it_is_written() {
        let said = said(TABLE, &[("esxray-model", "esxray-record", false)]);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with(
                "crates/model/Cargo.toml:5: `model` uses `record`, which its row does not allow (ARCHITECTURE.md:5)"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn the_testkit_is_for_tests_alone() {
        assert_eq!(said(TABLE, &[("esxray-record", "esxray-testkit", false)]).len(), 1);
        assert_eq!(said(TABLE, &[("esxray-model", "esxray-record", true)]).len(), 1);
    }

    #[test]
    fn all_above_is_not_all() {
        assert_eq!(said(TABLE, &[("esxray", "xtask", false)]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_named() {
        let table = TABLE.replace("| `record` | bytes | `model` |\n", "");
        let said = said(&table, &[]);
        assert!(said.iter().any(|it| it.contains("no row for `record` (crates/record/Cargo.toml)")), "{said:?}");
    }

    #[test]
    fn rows_that_name_nothing_are_refused() {
        for (from, to, wants) in [
            ("| `record` |", "| `recrod` |", "there is no crate `recrod`"),
            ("| `model` |\n| `esxray`", "| `modle` |\n| `esxray`", "may use `modle`, which is no crate"),
            ("| `model` |\n| `esxray`", "| the model |\n| `esxray`", "cannot read `the model`"),
            ("| `record` |", "| record |", "begin the row with one name in backticks"),
            ("| `record` |", "| `model` |", "a second row for `model`"),
        ] {
            let said = said(&TABLE.replace(from, to), &[]);
            assert!(said.iter().any(|it| it.contains(wants)), "{wants}: {said:?}");
        }
    }

    #[test]
    fn a_page_without_the_table_is_refused() {
        assert!(said("# Rooms\n", &[])[0].contains("has no table"));
        let mut bare = project(TABLE, &[]);
        bare.files.retain(|file| file.path != PAGE);
        assert!(check(&bare)[0].text.contains("is missing"));
    }
}
