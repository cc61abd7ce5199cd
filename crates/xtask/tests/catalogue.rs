//! The page of what is known is what the base says.

use esxray_knowledge::Knowledge;
use xtask::{Project, catalogue};

#[test]
fn the_catalogue_is_up_to_date() {
    let project = Project::here().expect("the project can be read");
    let page = project.file(catalogue::PATH).map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let wanted = catalogue::page(&Knowledge::builtin().expect("the built-in knowledge loads"));
    assert!(
        page.as_deref() == Some(&*wanted),
        "{} is behind the knowledge base; run `{}` and commit what it writes",
        catalogue::PATH,
        catalogue::COMMAND
    );
}
