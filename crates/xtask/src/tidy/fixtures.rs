//! A fixture that does not say what it shows is a riddle.

use std::collections::BTreeMap;

use crate::{Complaint, Project};

pub(super) fn check(project: &Project) -> Vec<Complaint> {
    let mut first_file: BTreeMap<&str, &str> = BTreeMap::new();
    for file in &project.files {
        if let Some((case, _)) = file.path.strip_prefix("fixtures/").and_then(|it| it.split_once('/')) {
            first_file.entry(case).or_insert(&file.path);
        }
    }
    let silent = first_file.iter().filter(|(case, _)| {
        project.file(&format!("fixtures/{case}/README.md")).is_none_or(|page| page.bytes.trim_ascii().is_empty())
    });
    silent
        .map(|(case, file)| {
            let text = format!("the case `{case}` says nothing of itself; write fixtures/{case}/README.md: origin, what broke, the expected cause");
            Complaint::new(*file, 1, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_without_its_page_is_refused() {
        let project = Project::of(&[
            ("fixtures/README.md", "all"),
            ("fixtures/told/README.md", "it broke"),
            ("fixtures/told/input/a.log", "x"),
            ("fixtures/empty/README.md", " \n"),
            ("fixtures/silent/input/README.md", "a file of the customer"),
            ("fixtures/silent/input/a.log", "x"),
        ]);
        let complaints = check(&project);
        let paths: Vec<&str> = complaints.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["fixtures/empty/README.md", "fixtures/silent/input/README.md"]);
        assert!(complaints[1].text.contains("write fixtures/silent/README.md"));
    }
}
