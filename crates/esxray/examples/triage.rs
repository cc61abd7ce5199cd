//! Prints one line for each open incident of each path: the VM, what happened, and the first thing to do.
#![expect(clippy::print_stdout, reason = "an example of a program")]

use esxray::{Knowledge, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let knowledge = Knowledge::builtin()?;
    for path in std::env::args_os().skip(1) {
        let diagnosis = esxray::diagnosis::diagnose(&[path.into()], &knowledge, &Options::default())?;
        for incident in diagnosis.incidents.iter().filter(|incident| incident.recovered.is_none()) {
            let vm = incident.vm.as_ref().and_then(|vm| vm.name.as_deref()).unwrap_or("-");
            let first = incident.remedies.first().map_or("-", |remedy| remedy.title.en());
            // Names and titles may hold what a customer's log holds: shown, never printed as they came.
            let line = format!("{vm}: {}; first: {first}", incident.title);
            println!("{}", esxray::report::Shown::new(&line, esxray::report::Charset::Unicode));
        }
    }
    Ok(())
}
