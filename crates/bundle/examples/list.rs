//! Lists the log sources that the named paths hold, with the number and a checksum of their bytes.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example of a program")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let paths: Vec<_> = std::env::args_os().skip(1).map(Into::into).collect();
    let limits = esxray_bundle::Limits::default();
    let plan = match esxray_bundle::plan(&paths, &limits) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let mut problems = plan.problems;
    let mut buffer = vec![0; 1 << 18];
    for unit in &plan.units {
        problems.extend(unit.read(&limits, &mut |member| {
            let mut crc = flate2::Crc::new();
            let mut bytes = 0_u64;
            while let Ok(count) = member.reader.read(&mut buffer) {
                let Some(block) = buffer.get(..count).filter(|block| !block.is_empty()) else {
                    break;
                };
                crc.update(block);
                bytes += block.len() as u64;
            }
            println!("source\t{bytes}\t{:08x}\t{:?}\t{:?}", crc.sum(), member.modified, member.name);
        }));
    }
    for problem in &problems {
        let weight = if problem.incomplete { "incomplete" } else { "note" };
        println!("{weight}\t{:?}\t{:?}\t{:?}", problem.lost_bytes, problem.source, problem.problem);
    }
    if problems.iter().any(|problem| problem.incomplete) {
        return ExitCode::from(3);
    }
    ExitCode::SUCCESS
}
