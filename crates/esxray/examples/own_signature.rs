//! Adds a signature to the built-in knowledge and asks which record it recognises.
#![expect(clippy::print_stdout, reason = "an example of a program")]

use esxray::{Knowledge, Pack, PackFile};

const SIGNATURE: &str = r#"
title   = "the nightly backup of a VM began"
logs    = ["vmware-log"]
anchors = ["Nightly backup of "]
regex   = 'Nightly backup of (?<vm>\S+) began'
tone    = "context"
basis   = "verbatim"
sources = ["our own backup script"]

[fields]
vm = "vm-name"

[[sample]]
text   = "Nightly backup of APP-01 began"
fields = { vm = "APP-01" }

[[not]]
text = "Nightly backup of APP-01 is off"
why  = "nothing began"
"#;

fn main() -> Result<(), esxray::knowledge::Error> {
    let file = PackFile { path: "signatures/backup/nightly-backup-began.toml".to_owned(), text: SIGNATURE.to_owned() };
    let knowledge = Knowledge::load(&[Pack { name: "our-own".to_owned(), files: vec![file] }])?;
    for problem in knowledge.self_test() {
        println!("{problem}");
    }
    let text = b"Nightly backup of DB-02 began";
    for (signature, captures) in knowledge.claims(None, None, text) {
        let fields: Vec<&str> = captures.fields.iter().map(|field| field.name).collect();
        println!("{} says: {} {fields:?}", signature.id, signature.title);
    }
    Ok(())
}
