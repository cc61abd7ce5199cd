use esxray_model::Fact;

use crate::schema::{Basis, History, Product, RemedyKind, ServiceImpact, Shell};
use crate::template::Template;

/// A remedy: what to do, what it costs, when it applies.
///
/// One that costs anything ([`costs`](Self::costs)) has prechecks and names facts that hold it back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Remedy {
    /// Id: the file's stem.
    pub id: String,
    /// Imperative, one line.
    pub title: String,
    /// Why it helps, and why it stands where it stands.
    pub why: String,
    /// Sort of action.
    pub kind: RemedyKind,
    /// Cost for the service.
    pub service_impact: ServiceImpact,
    /// Cost for the VM's history in vCenter.
    pub history: History,
    /// Whether it can be undone.
    pub reversible: bool,
    /// Whether data can be lost by it.
    pub data_loss: bool,
    /// Among remedies that cost the same: lower comes first.
    pub order: u32,
    /// Facts of which each must hold or be unknown.
    pub requires: Vec<Fact>,
    /// Facts of which none may hold.
    pub forbidden: Vec<Fact>,
    /// Facts that together put it behind the others that cost the same; empty: it always has its place.
    pub later_when: Vec<Fact>,
    /// Whether it saves logs before they rotate away.
    pub saves_evidence: bool,
    /// When it applies, in words.
    pub applies: String,
    /// Builds that decide how well it works.
    pub releases: Vec<FixedRelease>,
    /// What to do, in order; never empty.
    pub steps: Vec<Step>,
    /// What to check before.
    pub prechecks: Vec<String>,
    /// How to see that it worked.
    pub verify: Vec<String>,
    /// What can go wrong.
    pub risks: Vec<String>,
    /// How well founded it is.
    pub basis: Basis,
    /// Where it is public.
    pub sources: Vec<String>,
    /// Path of its file, as messages name it.
    pub file: String,
}

impl Remedy {
    /// The worst thing that it costs, in words; `None` if it costs nothing that cannot be had back.
    ///
    /// Whatever costs something needs evidence before it is advised.
    pub fn costs(&self) -> Option<&'static str> {
        if self.data_loss {
            Some("can lose data")
        } else if self.history == History::Lost {
            Some("loses the VM's history")
        } else if !self.reversible {
            Some("cannot be undone")
        } else if self.service_impact == ServiceImpact::Outage {
            Some("stops the VM")
        } else {
            None
        }
    }
}

/// A release from which on a product has something that matters to a remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedRelease {
    /// Which product.
    pub product: Product,
    /// What it has, as the end of "it has …".
    pub has: String,
    /// The line of versions: `7.0`.
    pub line: String,
    /// The first build of that line that has it.
    pub build: u64,
    /// Name of that build's release.
    pub release: String,
    /// How well founded it is.
    pub basis: Basis,
}

impl FixedRelease {
    /// What is to be said of a product of this version and build, as the logs show them.
    ///
    /// Unknown stays unknown: builds of another line of versions are not compared.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::Knowledge;
    ///
    /// let knowledge = Knowledge::builtin()?;
    /// let release = &knowledge.remedy("power-off-and-rekey").unwrap().releases[0];
    /// assert!(release.judge(Some("7.0.3"), Some("20395099")).contains("likely does not have"));
    /// assert!(release.judge(Some("8.0.2"), Some("22385739")).contains("is not known"));
    /// assert!(release.judge(None, None).contains("not in the logs"));
    /// # Ok::<(), esxray_knowledge::Error>(())
    /// ```
    pub fn judge(&self, version: Option<&str>, build: Option<&str>) -> String {
        let product = match self.product {
            Product::Vcenter => "vCenter Server",
            Product::Esxi => "the ESXi host",
        };
        let Self { has, line, build: first, release, basis, .. } = self;
        let number = build.and_then(|build| build.parse::<u64>().ok());
        let (Some(version), Some(number)) = (version, number) else {
            return format!("The build of {product} is not in the logs: whether it has {has} is not known.");
        };
        let of_line = version.strip_prefix(line.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if !of_line {
            return format!("Whether {product} {version} (build {number}) has {has} is not known.");
        }
        let likely = if *basis >= Basis::Documented { "" } else { "likely " };
        let (side, verb) = if number < *first { ("before", "does not have") } else { ("from or after", "has") };
        format!("{product} {version} (build {number}) is {side} {release} (build {first}), so it {likely}{verb} {has}.")
    }
}

/// One step of a remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where.
    pub shell: Shell,
    /// The command or the click path.
    pub command: Template,
    /// A remark.
    pub note: Option<String>,
}

/// Something not to do while a cause is open.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Prohibition {
    /// Id: the file's stem.
    pub id: String,
    /// What not to do.
    pub text: String,
    /// Why.
    pub reason: String,
    /// Facts of which each must hold or be unknown.
    pub requires: Vec<Fact>,
    /// Where it is public.
    pub sources: Vec<String>,
    /// Path of its file, as messages name it.
    pub file: String,
}
