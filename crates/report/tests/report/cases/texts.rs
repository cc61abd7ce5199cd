//! Reaches every text of a diagnosis, so that a test can fill it with something else.

use std::collections::BTreeMap;

use esxray_diagnosis::{Diagnosis, Evidence, Finding, Incident, Remedy};
use esxray_model::Said;

/// Hands out every text in which foreign bytes may stand, but for commands.
pub(crate) fn each_text(diagnosis: &mut Diagnosis, take: &mut dyn FnMut(&mut String)) {
    diagnosis.sources.iter_mut().for_each(&mut *take);
    for incident in &mut diagnosis.incidents {
        of_incident(incident, take);
    }
    for one in &mut diagnosis.excluded {
        take(&mut one.cause);
        one.vm.iter_mut().for_each(&mut *take);
        said(&mut one.because, take);
        one.covered_by.iter_mut().for_each(&mut *take);
    }
    for one in &mut diagnosis.not_evaluated {
        take(&mut one.cause);
        said(&mut one.needs, take);
    }
    for one in &mut diagnosis.unexplained {
        take(&mut one.template);
    }
    for one in &mut diagnosis.clocks {
        take(&mut one.host);
        one.reference.iter_mut().for_each(&mut *take);
        one.step.iter_mut().for_each(|step| take(&mut step.source));
    }
    for one in &mut diagnosis.coverage {
        take(&mut one.source);
        take(&mut one.sha256);
        for text in [&mut one.product, &mut one.version, &mut one.build] {
            text.iter_mut().for_each(&mut *take);
        }
        one.problems.iter_mut().for_each(|it| said(it, take));
    }
    for one in &mut diagnosis.problems {
        take(&mut one.source);
        said(&mut one.problem, take);
    }
    take(&mut diagnosis.knowledge.sha256);
    diagnosis.knowledge.packs.iter_mut().for_each(&mut *take);
}

/// Hands out every command.
pub(crate) fn each_command(diagnosis: &mut Diagnosis, take: &mut dyn FnMut(&mut String)) {
    let remedies = diagnosis.incidents.iter_mut().flat_map(|incident| &mut incident.remedies);
    for step in remedies.flat_map(|remedy| &mut remedy.steps) {
        take(&mut step.command);
    }
}

fn of_incident(incident: &mut Incident, take: &mut dyn FnMut(&mut String)) {
    take(&mut incident.id);
    said(&mut incident.title, take);
    if let Some(by) = &mut incident.recovered {
        of_evidence(by, take);
    }
    if let Some(vm) = &mut incident.vm {
        let names = [&mut vm.name, &mut vm.vmid, &mut vm.moref, &mut vm.uuid, &mut vm.instance_uuid];
        names.into_iter().flatten().for_each(&mut *take);
        [&mut vm.vmx_path, &mut vm.datastore].into_iter().flatten().for_each(&mut *take);
    }
    if let Some(host) = &mut incident.host {
        let names = [&mut host.name, &mut host.product, &mut host.version, &mut host.build];
        names.into_iter().flatten().for_each(&mut *take);
    }
    if let Some(rekey) = &mut incident.rekey {
        let names = [&mut rekey.op_id, &mut rekey.task, &mut rekey.from_provider, &mut rekey.to_provider];
        names.into_iter().flatten().for_each(&mut *take);
        for step in &mut rekey.steps {
            step.evidence.iter_mut().for_each(|evidence| of_evidence(evidence, take));
        }
        for object in &mut rekey.objects {
            let names = [&mut object.path, &mut object.label, &mut object.key_id, &mut object.provider];
            names.into_iter().flatten().for_each(&mut *take);
            object.evidence.iter_mut().for_each(|evidence| of_evidence(evidence, take));
        }
    }
    incident.findings.iter_mut().for_each(|finding| of_finding(finding, take));
    incident.remedies.iter_mut().for_each(|remedy| of_remedy(remedy, take));
    for one in &mut incident.withheld {
        take(&mut one.id);
        for it in [&mut one.title, &mut one.because] {
            said(it, take);
        }
    }
    for one in &mut incident.do_not {
        take(&mut one.id);
        for it in [&mut one.text, &mut one.reason] {
            said(it, take);
        }
    }
}

/// A sentence that then says the same in every language.
fn said(sentence: &mut Said, take: &mut dyn FnMut(&mut String)) {
    let mut text = sentence.to_string();
    take(&mut text);
    *sentence = Said::name(text);
}

fn of_evidence(evidence: &mut Evidence, take: &mut dyn FnMut(&mut String)) {
    take(&mut evidence.text);
    said(&mut evidence.meaning, take);
}

fn of_finding(finding: &mut Finding, take: &mut dyn FnMut(&mut String)) {
    take(&mut finding.cause);
    for it in [&mut finding.title, &mut finding.explanation] {
        said(it, take);
    }
    finding.captures = std::mem::take(&mut finding.captures)
        .into_iter()
        .map(|(mut name, mut value)| {
            take(&mut name);
            take(&mut value);
            (name, value)
        })
        .collect::<BTreeMap<_, _>>();
    finding.explains.iter_mut().for_each(&mut *take);
    finding.evidence.iter_mut().for_each(|evidence| of_evidence(evidence, take));
    for missing in &mut finding.missing_evidence {
        said(&mut missing.what, take);
        said(&mut missing.would, take);
    }
    finding.confirm.iter_mut().for_each(|it| said(it, take));
    finding.sources.iter_mut().for_each(&mut *take);
}

fn of_remedy(remedy: &mut Remedy, take: &mut dyn FnMut(&mut String)) {
    take(&mut remedy.id);
    for it in [&mut remedy.title, &mut remedy.why, &mut remedy.applies] {
        said(it, take);
    }
    for step in &mut remedy.steps {
        if let Some(note) = &mut step.note {
            said(note, take);
        }
    }
    for texts in [&mut remedy.prechecks, &mut remedy.verify, &mut remedy.risks] {
        for it in texts {
            said(it, take);
        }
    }
    remedy.sources.iter_mut().for_each(&mut *take);
}
