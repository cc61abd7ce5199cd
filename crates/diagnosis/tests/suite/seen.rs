//! What a diagnosis says of each VM, without what may change from one telling of a tale to another.

use esxray_diagnosis::{Diagnosis, Incident, ObjectKind};
use esxray_model::{Grade, Role};
use esxray_testkit::{Naming, Tale};

/// What is said of one incident.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    /// The VM as the tale calls it; empty for an incident of no VM.
    pub vm: String,
    pub recovered: bool,
    pub findings: Vec<(String, &'static str, Grade)>,
    pub outcome: Option<&'static str>,
    pub step: Option<&'static str>,
    pub objects: Vec<(String, &'static str)>,
    pub remedies: Vec<String>,
    pub do_not: Vec<String>,
}

impl Seen {
    pub(crate) fn root(&self) -> Option<(&str, Grade)> {
        self.findings.iter().find(|it| it.1 == Role::RootCause.as_str()).map(|it| (it.0.as_str(), it.2))
    }

    pub(crate) fn grade_of(&self, cause: &str) -> Option<Grade> {
        self.findings.iter().find(|it| it.0 == cause).map(|it| it.2)
    }
}

/// Everything that is said, in an order of its own.
pub(crate) fn seen(diagnosis: &Diagnosis, tale: &Tale, naming: Naming) -> Vec<Seen> {
    let bases: Vec<String> = tale.expected().incidents.into_iter().map(|it| it.vm).collect();
    let mut all: Vec<Seen> = diagnosis.incidents.iter().map(|it| of(it, &bases, naming)).collect();
    all.sort();
    all
}

fn of(incident: &Incident, bases: &[String], naming: Naming) -> Seen {
    let vm =
        incident.vm.as_ref().map(|vm| vm.name.clone().or(vm.moref.clone()).or(vm.vmid.clone()).unwrap_or_default());
    let vm = vm.map_or_else(String::new, |name| {
        bases.iter().find(|base| naming.of(base) == name).cloned().unwrap_or_else(|| format!("another VM: {name}"))
    });
    let rekey = incident.rekey.as_ref();
    let mut objects: Vec<(String, &'static str)> = rekey
        .iter()
        .flat_map(|it| &it.objects)
        .map(|it| (object(it.kind, it.label.as_deref(), it.path.as_deref()), it.key_state.as_str()))
        .collect();
    objects.sort();
    Seen {
        vm,
        recovered: incident.recovered.is_some(),
        findings: incident.findings.iter().map(|it| (it.cause.clone(), it.role.as_str(), it.grade)).collect(),
        outcome: rekey.map(|it| it.outcome.as_str()),
        step: rekey.map(|it| it.failed_step.map_or("none", |step| step.as_str())),
        objects,
        remedies: incident.remedies.iter().map(|it| it.id.clone()).collect(),
        do_not: incident.do_not.iter().map(|it| it.id.clone()).collect(),
    }
}

/// An object by its number: `device 2001` and `APP-01_1.vmdk` are the second disk.
fn object(kind: ObjectKind, label: Option<&str>, path: Option<&str>) -> String {
    if kind == ObjectKind::VmHome {
        return "vm-home".to_owned();
    }
    let device = label.and_then(|it| it.strip_prefix("device "));
    let number = device.and_then(|it| it.parse::<u32>().ok()).and_then(|it| it.checked_sub(2000));
    let by_name = || {
        let stem = path?.strip_suffix(".vmdk")?;
        let (_, number) = stem.rsplit_once('_')?;
        number.parse::<u32>().ok().filter(|it| *it < 10)
    };
    format!("disk {}", number.or_else(by_name).unwrap_or(0))
}
