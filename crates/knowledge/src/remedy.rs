use esxray_model::Fact;

use crate::schema::{Basis, History, RemedyKind, ServiceImpact, Shell};
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
    /// When it applies, in words.
    pub applies: String,
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
