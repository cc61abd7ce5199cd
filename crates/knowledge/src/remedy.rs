use esxray_model::{Fact, Lang, Said, say};

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
    pub title: Said,
    /// Why it helps, and why it stands where it stands.
    pub why: Said,
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
    pub applies: Said,
    /// Builds that decide how well it works.
    pub releases: Vec<FixedRelease>,
    /// What to do, in order; never empty.
    pub steps: Vec<Step>,
    /// What to check before.
    pub prechecks: Vec<Said>,
    /// How to see that it worked.
    pub verify: Vec<Said>,
    /// What can go wrong.
    pub risks: Vec<Said>,
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
    pub fn costs(&self) -> Option<Said> {
        if self.data_loss {
            Some(say!(en: "can lose data", fr: "peut perdre des données"))
        } else if self.history == History::Lost {
            Some(say!(en: "loses the VM's history", fr: "perd l’historique de la VM"))
        } else if !self.reversible {
            Some(say!(en: "cannot be undone", fr: "ne peut pas être annulé"))
        } else if self.service_impact == ServiceImpact::Outage {
            Some(say!(en: "stops the VM", fr: "arrête la VM"))
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
    pub has: Said,
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
    /// let said = |version, build| release.judge(version, build).to_string();
    /// assert!(said(Some("7.0.3"), Some("20395099")).contains("likely does not have"));
    /// assert!(said(Some("8.0.2"), Some("22385739")).contains("is not known"));
    /// assert!(said(None, None).contains("not in the logs"));
    /// # Ok::<(), esxray_knowledge::Error>(())
    /// ```
    pub fn judge(&self, version: Option<&str>, build: Option<&str>) -> Said {
        let product = match self.product {
            Product::Vcenter => say!(en: "vCenter Server", fr: "vCenter Server"),
            Product::Esxi => say!(en: "the ESXi host", fr: "l’hôte ESXi"),
        };
        let of_product = match self.product {
            Product::Vcenter => "de vCenter Server",
            Product::Esxi => "de l’hôte ESXi",
        };
        let product_fr = product.r#in(Lang::Fr);
        let Self { has, line, build: first, release, basis, .. } = self;
        let has_fr = has.r#in(Lang::Fr);
        let number = build.and_then(|build| build.parse::<u64>().ok());
        let (Some(version), Some(number)) = (version, number) else {
            return say!(
                en: "The build of {product} is not in the logs: whether it has {has} is not known.",
                fr: "Le build {of_product} n’est pas dans les journaux\u{a0}: impossible de dire s’il contient {has_fr}."
            );
        };
        let of_line = version.strip_prefix(line.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if !of_line {
            return say!(
                en: "Whether {product} {version} (build {number}) has {has} is not known.",
                fr: "On ne sait pas si {product_fr} {version} (build {number}) contient {has_fr}."
            );
        }
        let (likely, likely_fr) = if *basis >= Basis::Documented { ("", "") } else { ("likely ", "probablement ") };
        if number < *first {
            say!(
                en: "{product} {version} (build {number}) is before {release} (build {first}), \
                     so it {likely}does not have {has}.",
                fr: "{product_fr} {version} (build {number}) précède {release} (build {first}), \
                     donc ne contient {likely_fr}pas {has_fr}."
            )
        } else {
            say!(
                en: "{product} {version} (build {number}) is from or after {release} (build {first}), \
                     so it {likely}has {has}.",
                fr: "{product_fr} {version} (build {number}) est {release} (build {first}) ou plus récent, \
                     donc contient {likely_fr}{has_fr}."
            )
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
    pub note: Option<Said>,
}

/// Something not to do while a cause is open.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Prohibition {
    /// Id: the file's stem.
    pub id: String,
    /// What not to do.
    pub text: Said,
    /// Why.
    pub reason: Said,
    /// Facts of which each must hold or be unknown.
    pub requires: Vec<Fact>,
    /// Where it is public.
    pub sources: Vec<String>,
    /// Path of its file, as messages name it.
    pub file: String,
}
