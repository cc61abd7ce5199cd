//! Counts the records of each level in every log of the named paths: the parsers without the diagnosis.
#![expect(clippy::print_stdout, reason = "an example of a program")]

use std::collections::BTreeMap;

use esxray::bundle::{Limits, plan};
use esxray::model::Level;
use esxray::record::{ReadOptions, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<_> = std::env::args_os().skip(1).map(Into::into).collect();
    let limits = Limits::default();
    let mut counts: BTreeMap<Option<Level>, u64> = BTreeMap::new();
    for unit in plan(&paths, &limits)?.units {
        let problems = unit.read(&limits, &mut |member| {
            read(member.reader, &member.name, &ReadOptions::default(), &mut |block| {
                for record in block.records() {
                    *counts.entry(record.span.level).or_default() += 1;
                }
            });
        });
        // What could not be read is told, or the counts would be a lie.
        for problem in problems {
            println!("{:?}: {:?}", problem.source, problem.problem);
        }
    }
    for (level, count) in counts {
        println!("{count:>10} {}", level.map_or("without level", Level::as_str));
    }
    Ok(())
}
