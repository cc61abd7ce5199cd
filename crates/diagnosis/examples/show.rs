//! Prints a diagnosis as Rust values: for work on the diagnosis itself.
#![expect(clippy::print_stdout, reason = "an example prints")]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    let knowledge = esxray_knowledge::Knowledge::builtin()?;
    let it = esxray_diagnosis::diagnose(&paths, &knowledge, &esxray_diagnosis::Options::default())?;
    println!("{}", it.verdict);
    for incident in &it.incidents {
        println!("{} {} {:?}\n   {:?} {:?}\n   {:?}-{:?} recovered={}", incident.id, incident.title, incident.kind, incident.vm, incident.host, incident.started, incident.ended, incident.recovered.is_some());
        for finding in &incident.findings {
            println!("   {} {} {} {} n={} {:?} explains {:?}", finding.cause, finding.role, finding.grade, finding.severity, finding.count, finding.captures, finding.explains);
            for evidence in &finding.evidence { println!("      {:?} {}:{} {:?}", evidence.supports, it.sources[evidence.place.source.0 as usize], evidence.place.line, evidence.text.chars().take(150).collect::<String>()); }
            println!("      missing {:?}", finding.missing_evidence);
        }
        if let Some(rekey) = &incident.rekey {
            println!("   rekey {:?} {:?} {:?} {:?}->{:?} {} {:?}", rekey.op_id, rekey.task, rekey.scope, rekey.from_provider, rekey.to_provider, rekey.outcome, rekey.failed_step);
            for step in &rekey.steps { println!("      {} {} {}", step.step, step.state, step.evidence.len()); }
            for object in &rekey.objects { println!("      {:?} {:?} {:?} {} {:?} {:?}", object.kind, object.path, object.label, object.key_state, object.key_id, object.provider); }
        }
        for remedy in &incident.remedies { println!("   {} {} {:?} {:?}", remedy.rank, remedy.id, remedy.service_impact, remedy.steps.iter().map(|it| (&it.command, it.complete)).collect::<Vec<_>>()); }
        println!("   withheld {:?}\n   do not {:?}", incident.withheld.iter().map(|it| (&it.id, &it.because)).collect::<Vec<_>>(), incident.do_not.iter().map(|it| &it.id).collect::<Vec<_>>());
    }
    for it in &it.excluded { println!("excluded {it:?}"); }
    for it in &it.not_evaluated { println!("not evaluated {it:?}"); }
    for it in it.unexplained.iter().take(4) { println!("unexplained {} {}", it.count, it.template); }
    for it in &it.coverage { println!("{} {} {:?} {} = {}+{}+{}+{} {:?}-{:?} {:?}", it.source, it.format, it.dialect, it.lines, it.records, it.continuation_lines, it.unparsed_lines, it.blank_lines, it.first, it.last, it.problems); }
    for it in &it.problems { println!("{it:?}"); }
    Ok(())
}
