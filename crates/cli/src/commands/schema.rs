//! `esxray schema`: what the machine-readable outputs and the knowledge files look like.

use esxray::knowledge::schema::json_schema;

use crate::args::Schema;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;

pub(crate) fn run(args: &Schema) -> Result<Exit, Failure> {
    let (target, schema) = match args {
        Schema::Report(target) => (target, esxray::report::outputs::json::schema()),
        Schema::Inventory(target) => (target, esxray::report::outputs::inventory::schema()),
        Schema::Rekey(target) => (target, esxray::report::outputs::rekey::schema()),
        Schema::Timeline(target) => (target, esxray::report::outputs::history::schema()),
        Schema::Records(target) => (target, esxray::report::outputs::records::schema()),
        Schema::Explain(target) => (target, esxray::report::explain::schema()),
        Schema::WhyNot(target) => (target, esxray::report::outputs::why_not::schema()),
        Schema::Knowledge(of) => (&of.target, json_schema(of.kind)),
    };
    Destination::check(target, &[])?.write(&schema)?;
    Ok(Exit::Done)
}
