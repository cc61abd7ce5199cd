use std::fmt::Write as _;

/// What has to be said of a tale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Any of these verdicts.
    pub verdicts: Vec<&'static str>,
    /// What happened to each VM. An incident of any other VM is wrong; one that is of no VM is not looked at.
    pub incidents: Vec<ExpectedIncident>,
    /// Causes that must be among those that were found, whomever they concern.
    pub causes: Vec<&'static str>,
    /// Causes that nobody may claim, because another VM's lines or a user's text would be the reason.
    pub never: Vec<&'static str>,
}

/// What has to be said of one VM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedIncident {
    /// The VM, as the tale calls it.
    pub vm: String,
    /// Whether a later observation closed it.
    pub recovered: bool,
    /// Any of these is the root cause.
    pub roots: Vec<&'static str>,
    /// The least and the most sure that the root cause may be.
    pub grades: [&'static str; 2],
    /// Causes that are found as well, whatever their part.
    pub also: Vec<&'static str>,
    /// Any of these is the step that failed; `none` for no step. Empty where no re-key is told of.
    pub steps: Vec<&'static str>,
    /// Any of these is the outcome of the re-key.
    pub outcomes: Vec<&'static str>,
    /// The states that each object may be given.
    pub objects: Vec<(String, Vec<&'static str>)>,
    /// Remedies that are offered, in this order.
    pub remedies: Vec<&'static str>,
    /// Remedies that must not be offered.
    pub no_remedies: Vec<&'static str>,
    /// Prohibitions that are given.
    pub do_not: Vec<&'static str>,
}

impl Expected {
    /// A failure with these incidents.
    pub(super) fn failure(incidents: impl IntoIterator<Item = ExpectedIncident>) -> Self {
        Self {
            verdicts: vec!["failure"],
            incidents: incidents.into_iter().collect(),
            causes: Vec::new(),
            never: Vec::new(),
        }
    }

    /// The same with other verdicts.
    pub(super) fn verdicts(self, verdicts: &[&'static str]) -> Self {
        Self { verdicts: verdicts.to_vec(), ..self }
    }

    pub(super) fn causes(self, causes: &[&'static str]) -> Self {
        Self { causes: causes.to_vec(), ..self }
    }

    pub(super) fn never(self, never: &[&'static str]) -> Self {
        Self { never: never.to_vec(), ..self }
    }

    /// As JSON, for people and for tools that are no part of this workspace.
    pub fn json(&self) -> String {
        let mut out = String::from("{\n");
        let _ = writeln!(out, "  \"verdicts\": {},", list(&self.verdicts));
        let _ = writeln!(out, "  \"causes\": {},", list(&self.causes));
        let _ = writeln!(out, "  \"never\": {},", list(&self.never));
        out.push_str("  \"incidents\": [");
        for (number, incident) in self.incidents.iter().enumerate() {
            out.push_str(if number == 0 { "\n" } else { ",\n" });
            incident.write(&mut out);
        }
        out.push_str(if self.incidents.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        out
    }
}

impl ExpectedIncident {
    /// An open incident of a VM, of which one of these causes is the root.
    pub(super) fn of(vm: &str, roots: &[&'static str]) -> Self {
        Self {
            vm: vm.to_owned(),
            recovered: false,
            roots: roots.to_vec(),
            grades: ["probable", "confirmed"],
            also: Vec::new(),
            steps: Vec::new(),
            outcomes: Vec::new(),
            objects: Vec::new(),
            remedies: Vec::new(),
            no_remedies: Vec::new(),
            do_not: Vec::new(),
        }
    }

    pub(super) fn grades(self, least: &'static str, most: &'static str) -> Self {
        Self { grades: [least, most], ..self }
    }

    pub(super) fn recovered(self) -> Self {
        Self { recovered: true, ..self }
    }

    pub(super) fn also(self, causes: &[&'static str]) -> Self {
        Self { also: causes.to_vec(), ..self }
    }

    /// The re-key's outcome, the step that failed, and the states of the home and of so many disks.
    pub(super) fn rekey(
        self,
        outcomes: &[&'static str],
        steps: &[&'static str],
        disks: usize,
        states: &[&'static str],
    ) -> Self {
        let home = (!states.is_empty()).then(|| "vm-home".to_owned());
        let names = home.into_iter().chain((0..disks).map(|number| format!("disk {number}")));
        Self {
            outcomes: outcomes.to_vec(),
            steps: steps.to_vec(),
            objects: names.map(|name| (name, states.to_vec())).collect(),
            ..self
        }
    }

    /// Another state for one object.
    pub(super) fn object(mut self, name: &str, states: &[&'static str]) -> Self {
        for object in self.objects.iter_mut().filter(|it| it.0 == name) {
            object.1 = states.to_vec();
        }
        self
    }

    pub(super) fn remedies(self, offered: &[&'static str], not_offered: &[&'static str]) -> Self {
        Self { remedies: offered.to_vec(), no_remedies: not_offered.to_vec(), ..self }
    }

    pub(super) fn do_not(self, prohibitions: &[&'static str]) -> Self {
        Self { do_not: prohibitions.to_vec(), ..self }
    }

    fn write(&self, out: &mut String) {
        let _ = writeln!(out, "    {{\n      \"vm\": \"{}\",", self.vm);
        let _ = writeln!(out, "      \"recovered\": {},", self.recovered);
        let _ = writeln!(out, "      \"root_cause_any_of\": {},", list(&self.roots));
        let _ = writeln!(out, "      \"grade_from_to\": {},", list(&self.grades));
        let _ = writeln!(out, "      \"causes_too\": {},", list(&self.also));
        let _ = writeln!(out, "      \"outcome_any_of\": {},", list(&self.outcomes));
        let _ = writeln!(out, "      \"failed_step_any_of\": {},", list(&self.steps));
        let objects: Vec<String> =
            self.objects.iter().map(|(name, states)| format!("\"{name}\": {}", list(states))).collect();
        let _ = writeln!(out, "      \"objects\": {{{}}},", objects.join(", "));
        let _ = writeln!(out, "      \"remedies_in_order\": {},", list(&self.remedies));
        let _ = writeln!(out, "      \"remedies_never\": {},", list(&self.no_remedies));
        let _ = write!(out, "      \"do_not\": {}\n    }}", list(&self.do_not));
    }
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(", "))
}
