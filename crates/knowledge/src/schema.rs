//! The form of the knowledge files, as serde reads them: the reference for writing one.
//!
//! One file holds one thing, and the file's stem is its id:
//! `signatures/<area>/<id>.toml`, `causes/<area>/<id>.toml`,
//! `remedies/<id>.toml`, `prohibitions/<id>.toml`, and in packs `overrides/<id of a cause>.toml`.
//! Ids are lower-case letters, digits and `-`. Unknown keys are refused everywhere.
//! What a person reads stands there twice: a key holds the English text, the same key with `_fr` the French one, with
//! the same names in braces. The built-in files have both; in a pack the French one may be left out, and English is
//! shown in its place.
//! What the loader makes of them stands in the crate's root: `Signature`, `Cause`, `Remedy`, `Prohibition`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

mod json;

pub use crate::read::logs;
pub use json::json_schema;

/// Declares an enum whose variants have a fixed word, read from the files and printed in reports.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that the files and the reports use.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a file holds: one of each kind of thing.
    FileKind {
        /// What can be wrong.
        Cause = "cause",
        /// What a pack changes about a cause of another.
        Override = "override",
        /// What must not be done.
        Prohibition = "prohibition",
        /// What can be done.
        Remedy = "remedy",
        /// How a record is recognised.
        Signature = "signature",
    }
}

impl FileKind {
    /// The folder that such files lie in.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Cause => "causes",
            Self::Override => "overrides",
            Self::Prohibition => "prohibitions",
            Self::Remedy => "remedies",
            Self::Signature => "signatures",
        }
    }
}

words! {
    /// How well founded a statement is.
    Basis {
        /// Nobody checked it; caps a grade at `possible` and keeps its commands from being advice.
        FromMemory = "from-memory",
        /// Concluded from public facts.
        Inferred = "inferred",
        /// A vendor's or another public document says so.
        Documented = "documented",
        /// A real log line or fault with this text is public.
        Verbatim = "verbatim",
    }
}

words! {
    /// What a recognised record says about the thing that it names.
    Tone {
        /// Something went wrong.
        Failure = "failure",
        /// Something went well, such as a disk that opened.
        Success = "success",
        /// Neither: a task began, a name was given.
        Context = "context",
    }
}

words! {
    /// In which part of a record a signature's text must stand.
    TextPlace {
        /// The regex is tried at the start of the message of the first line, continuation lines joined by `\n`.
        Message = "message",
        /// The regex is tried at the start of each continuation line, after its `-->` mark and blanks.
        Continuation = "continuation",
        /// Either of the two.
        Either = "either",
    }
}

words! {
    /// What a captured field means; identities are stitched by it.
    FieldKind {
        /// Path of a `.vmdk`.
        DiskPath = "disk-path",
        /// Path of a `.vmx`.
        VmxPath = "vmx-path",
        /// Path of another file in a VM's folder, such as a screenshot.
        VmFile = "vm-file",
        /// Display name of a VM, free text that a user chose.
        VmName = "vm-name",
        /// Number of a VM on one host (`vim-cmd vmsvc/getallvms`).
        Vmid = "vmid",
        /// World of a running VM on one host, as `vmkernel.log` names it.
        WorldId = "world-id",
        /// Managed object id in vCenter, such as `vm-1012`.
        Moref = "moref",
        /// BIOS UUID of a VM, in the form of a `.vmx`: 16 bytes in hexadecimal, apart.
        BiosUuid = "bios-uuid",
        /// Instance UUID of a VM in vCenter, in the same form.
        InstanceUuid = "instance-uuid",
        /// Name of a key provider.
        Provider = "provider",
        /// Name of the key provider that a change comes from.
        OldProvider = "old-provider",
        /// Name of the key provider that a change goes to.
        NewProvider = "new-provider",
        /// Id of a KEK.
        KeyId = "key-id",
        /// Id of the KEK that a change comes from.
        OldKeyId = "old-key-id",
        /// Id of the KEK that a change goes to.
        NewKeyId = "new-key-id",
        /// Key of a virtual device, such as `2000`; `home` stands for the VM home.
        Device = "device",
        /// Name of a host.
        Host = "host",
        /// Id of a task.
        Task = "task",
        /// How a task ended: `success` or `error`.
        Status = "status",
        /// A number.
        Number = "number",
        /// Any other text.
        Text = "text",
    }
}

/// A signature: how a record is recognised, and what is captured from it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// Name of the event; by default the id of the file. Several signatures may emit one event.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]{0,79}$"))]
    pub emits: Option<String>,
    /// What it means that this record is there, in one sentence.
    pub title: String,
    /// `title` in French.
    pub title_fr: Option<String>,
    /// The formats that may hold it.
    #[schemars(schema_with = "json::logs")]
    pub logs: Vec<String>,
    /// Globs (`*` only) on the thread (`vmware-log`) or the subsystem (`sub=`) that must have written it; empty: any.
    #[serde(default)]
    pub component: Vec<String>,
    /// Where the text must stand.
    #[serde(default = "message")]
    pub place: TextPlace,
    /// Literals; one of them stands in one line of every record that matches. At least 6 bytes, the rarer the better.
    /// Sixteen at most.
    #[schemars(length(min = 1, max = 16), inner(length(min = 6)))]
    pub anchors: Vec<String>,
    /// Whether case is ignored in `anchors` and `regex` (ASCII).
    #[serde(default)]
    pub ignore_case: bool,
    /// Anchored by the loader at the start of the place; named groups are the fields.
    ///
    /// It works on bytes, so `.` is any byte but a line break, and `\w`, `\d`, `\s` are ASCII.
    #[schemars(with = "String", length(min = 1))]
    pub regex: Spanned<String>,
    /// What the groups mean.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldKind>,
    /// What the record says.
    pub tone: Tone,
    /// What a record with it means in a history; without it the signature's area and tone decide.
    #[serde(default)]
    #[schemars(with = "HistoryFile")]
    pub history: Option<HistoryFile>,
    /// How well founded the text is.
    pub basis: Basis,
    /// Where the text is public: a KB number, a page.
    #[schemars(length(min = 1))]
    pub sources: Vec<String>,
    /// Texts that must match.
    #[serde(rename = "sample")]
    #[schemars(with = "Vec<Sample>", length(min = 1))]
    pub samples: Vec<Spanned<Sample>>,
    /// Texts that must not match.
    #[serde(rename = "not")]
    #[schemars(with = "Vec<Not>", length(min = 1))]
    pub nots: Vec<Spanned<Not>>,
}

/// What a record means in the history of a VM or host: `[history]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryFile {
    /// The kind of entry, such as `power-on`.
    #[schemars(schema_with = "json::history")]
    pub kind: String,
    /// The entry in one line; names in braces stand for captured fields. By default the title of the signature.
    pub say: Option<String>,
    /// The same in French.
    pub say_fr: Option<String>,
    /// A span that begins with it. Any word: what ends it names the same.
    pub begins: Option<String>,
    /// A span that ends with it.
    pub ends: Option<String>,
    /// What must be the same where a span begins and ends, beside the VM: a captured field, or `operation`.
    pub by: Option<String>,
    /// A captured number of microseconds: for so long it had lasted when it was logged.
    pub lasted_us: Option<String>,
}

fn message() -> TextPlace {
    TextPlace::Message
}

/// A record that the signature must recognise.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The message, and after each `\n` one continuation line without its mark.
    pub text: String,
    /// The format that it is from, one of `logs`; by default any of them.
    #[serde(default)]
    #[schemars(schema_with = "json::log")]
    pub log: Option<String>,
    /// The thread or subsystem that it is from; by default one that the first glob matches.
    pub component: Option<String>,
    /// What must be captured: exactly these fields.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// A record that the signature must leave alone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Not {
    /// The message, and after each `\n` one continuation line without its mark.
    pub text: String,
    /// The format that it is from; by default any of `logs`.
    #[serde(default)]
    #[schemars(schema_with = "json::log")]
    pub log: Option<String>,
    /// As in a sample.
    pub component: Option<String>,
    /// Why it is something else.
    pub why: String,
}

words! {
    /// What an incident with this cause is about.
    About {
        /// One VM.
        Vm = "vm",
        /// One host.
        Host = "host",
        /// A cluster or a vCenter Server.
        Cluster = "cluster",
    }
}

/// A cause: what holds when which events and facts meet, and what it explains.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseFile {
    /// One sentence; names in braces stand for values: `{vm}`, `{host}` and what else a command may name
    /// (`Placeholder`), and every field that an event of the conditions captures.
    pub title: String,
    /// `title` in French.
    pub title_fr: Option<String>,
    /// Other ids that mean the same.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The catalogue's category: `rekey`, `key-provider`, `ha`.
    pub category: String,
    /// The kind of incident.
    #[schemars(schema_with = "json::incident")]
    pub kind: String,
    /// How bad it is.
    #[schemars(schema_with = "json::severity")]
    pub severity: String,
    /// What an incident is about.
    pub about: About,
    /// What goes on, for a reader who does not know vSphere's inside.
    pub explanation: String,
    /// `explanation` in French.
    pub explanation_fr: Option<String>,
    /// How well founded the cause is (its signatures have their own).
    pub basis: Basis,
    /// Releases and builds it is known for.
    pub affected: String,
    /// `affected` in French.
    pub affected_fr: Option<String>,
    /// The first release of vSphere that can have it: `8.0`, `7.0 U2`, `7.0 U3c`. Left away where none is known.
    pub since: Option<String>,
    /// The first release that can no longer have it.
    pub before: Option<String>,
    /// True for entries that are evidence only: they never become a finding.
    #[serde(default)]
    pub context: bool,
    /// Set where no log shows it: why, and what to compare by hand instead. Such a cause has no conditions.
    pub not_in_logs: Option<String>,
    /// `not_in_logs` in French.
    pub not_in_logs_fr: Option<String>,
    /// What must hold: all of them.
    #[serde(default)]
    #[schemars(with = "Vec<Condition>")]
    pub when: Vec<Spanned<Condition>>,
    /// Observations of which any one excludes the cause.
    #[serde(default)]
    #[schemars(with = "Vec<Condition>")]
    pub unless: Vec<Spanned<Condition>>,
    /// Observations that speak against it: they are listed, and keep the grade below `confirmed`.
    #[serde(default)]
    #[schemars(with = "Vec<Condition>")]
    pub against: Vec<Spanned<Condition>>,
    /// Observations of which any one, from another source, raises `probable` to `confirmed`.
    #[serde(default)]
    #[schemars(with = "Vec<Condition>")]
    pub corroborate: Vec<Spanned<Condition>>,
    /// A later observation that closes the incident: it is then reported as recovered.
    #[serde(default)]
    #[schemars(with = "Vec<Condition>")]
    pub recovered: Vec<Spanned<Condition>>,
    /// Logs that have to cover the incident before the grade can be `confirmed`.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Causes that are consequences of this one when both hold in one incident.
    #[serde(default)]
    pub explains: Vec<String>,
    /// How a person confirms it.
    pub confirm: Vec<String>,
    /// `confirm` in French, entry by entry.
    #[serde(default)]
    pub confirm_fr: Vec<String>,
    /// Remedies that serve it; their order is computed from what they cost.
    pub remedies: Vec<String>,
    /// Remedies that an engineer may expect and that do not help here: id and reason, one sentence without a full stop.
    #[serde(default)]
    pub unhelpful: BTreeMap<String, String>,
    /// `unhelpful` in French.
    #[serde(default)]
    pub unhelpful_fr: BTreeMap<String, String>,
    /// Prohibitions that hold while it is open.
    #[serde(default)]
    pub do_not: Vec<String>,
    /// Causes worth looking at beside it.
    #[serde(default)]
    pub see_also: Vec<String>,
    /// Where it is public.
    #[schemars(length(min = 1))]
    pub sources: Vec<String>,
}

/// One condition: an event or a fact, never both.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["event"] }, { "required": ["fact"] }]))]
pub struct Condition {
    /// Names of events; any one of them will do.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub event: Vec<String>,
    /// Name of a fact; such a condition has no `same`, `within`, `count`, `distinct` or `where`.
    #[serde(default)]
    #[schemars(schema_with = "json::fact")]
    pub fact: Option<String>,
    /// The field that must be the same as in the event that the first `when` condition found (`recovered` mostly: `disk`).
    pub same: Option<String>,
    /// The event must be at most this many seconds away from the one that the first `when` condition found.
    pub within: Option<u32>,
    /// At least this many occurrences; by default one.
    #[schemars(range(min = 1))]
    pub count: Option<u32>,
    /// Counts different values of this field instead of occurrences.
    pub distinct: Option<String>,
    /// What captured fields must hold: `where = { user = ["root", "dcui*"], latency = "200.." }`.
    ///
    /// Every field that it names must be captured and have one of its values. A value is a text, with `*` for any
    /// text, or a range of whole numbers with both ends in it: `10..20`, `10..`, `..20`.
    #[serde(default, rename = "where")]
    pub values: BTreeMap<String, OneOrMore>,
    /// Whether this condition alone settles the matter when its record is structurally sound.
    #[serde(default)]
    pub decisive: bool,
    /// Whether what it observes has other explanations as well. A cause that rests on nothing else is at most
    /// `possible`, unless a second source corroborates it.
    #[serde(default)]
    pub weak: bool,
    /// What it says, in words: used for missing evidence and for `why-not`.
    pub what: String,
    /// `what` in French.
    pub what_fr: Option<String>,
}

/// One value, or a list of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMore {
    /// Just one.
    One(String),
    /// Any of these.
    More(Vec<String>),
}

/// A log that has to cover the incident's window.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Formats of which any one will do.
    #[schemars(schema_with = "json::logs")]
    pub logs: Vec<String>,
    /// Its name for a person: "fdm.log or hostd.log of the host".
    pub what: String,
    /// `what` in French.
    pub what_fr: Option<String>,
    /// What it would confirm or exclude.
    pub would: String,
    /// `would` in French.
    pub would_fr: Option<String>,
}

/// A remedy: what to do, what it costs, when it applies.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemedyFile {
    /// Imperative, one line.
    pub title: String,
    /// `title` in French.
    pub title_fr: Option<String>,
    /// Why it helps, and why it stands where it stands.
    pub why: String,
    /// `why` in French.
    pub why_fr: Option<String>,
    /// `check`, `workaround`, `fix` or `prevention`.
    pub kind: RemedyKind,
    /// `none`, `degraded` or `outage`.
    pub service_impact: ServiceImpact,
    /// `kept`, `lost` or `not-concerned`: the vCenter performance data, events and tasks of the VM.
    pub history: History,
    /// Whether it can be undone.
    pub reversible: bool,
    /// Whether data can be lost by it.
    #[serde(default)]
    pub data_loss: bool,
    /// Among remedies that cost the same: lower comes first.
    pub order: u32,
    /// Facts of which each must hold or be unknown.
    #[serde(default)]
    #[schemars(schema_with = "json::facts")]
    pub requires: Vec<String>,
    /// Facts of which none may hold.
    #[serde(default)]
    #[schemars(schema_with = "json::facts")]
    pub forbidden: Vec<String>,
    /// Facts that together put it behind the others that cost the same: where another one is the shorter way.
    #[serde(default)]
    #[schemars(schema_with = "json::facts")]
    pub later_when: Vec<String>,
    /// Whether it saves logs before they rotate away. Such a check comes first wherever another remedy costs something.
    #[serde(default)]
    pub saves_evidence: bool,
    /// When it applies, in words, with versions.
    pub applies: String,
    /// `applies` in French.
    pub applies_fr: Option<String>,
    /// Builds that decide how well it works: what the logs say of the product is compared with them.
    #[serde(default, rename = "release")]
    pub releases: Vec<ReleaseFile>,
    /// What to do, in order.
    #[serde(rename = "step")]
    #[schemars(length(min = 1))]
    pub steps: Vec<Step>,
    /// What to check before.
    pub prechecks: Vec<String>,
    /// `prechecks` in French, entry by entry.
    #[serde(default)]
    pub prechecks_fr: Vec<String>,
    /// How to see that it worked.
    pub verify: Vec<String>,
    /// `verify` in French, entry by entry.
    #[serde(default)]
    pub verify_fr: Vec<String>,
    /// What can go wrong.
    pub risks: Vec<String>,
    /// `risks` in French, entry by entry.
    #[serde(default)]
    pub risks_fr: Vec<String>,
    /// How well founded it is.
    pub basis: Basis,
    /// Where it is public.
    #[schemars(length(min = 1))]
    pub sources: Vec<String>,
}

/// A release from which on a product has something that matters to a remedy.
///
/// Builds are compared within one line of versions only: an earlier build of a later line may have it or not.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseFile {
    /// Which product.
    pub product: Product,
    /// What it has, as the end of "it has …": "the fix for re-keys of VMs that run".
    pub has: String,
    /// `has` in French.
    pub has_fr: Option<String>,
    /// The line of versions: `7.0`.
    pub line: String,
    /// The first build of that line that has it.
    pub build: u64,
    /// Name of that build's release: `7.0 U3l`.
    pub release: String,
    /// How well founded it is: what is not documented is called likely.
    pub basis: Basis,
}

words! {
    /// A product whose build the logs may show.
    Product {
        /// vCenter Server.
        Vcenter = "vcenter",
        /// The ESXi host of the incident.
        Esxi = "esxi",
    }
}

words! {
    /// What sort of action a remedy is.
    RemedyKind {
        /// Read-only.
        Check = "check",
        /// Gets the user going; the cause stays.
        Workaround = "workaround",
        /// Removes the cause.
        Fix = "fix",
        /// Keeps it from happening again.
        Prevention = "prevention",
    }
}

words! {
    /// What a remedy does to the service.
    ServiceImpact {
        /// Nothing.
        None = "none",
        /// A protection or some speed is lost for a while.
        Degraded = "degraded",
        /// The VM is off for a while.
        Outage = "outage",
    }
}

words! {
    /// What a remedy does to the VM's history in vCenter.
    History {
        /// Nothing to do with it.
        NotConcerned = "not-concerned",
        /// Stays.
        Kept = "kept",
        /// Performance data, events and tasks are gone.
        Lost = "lost",
    }
}

words! {
    /// The place where a step is carried out; decides how values are quoted.
    Shell {
        /// `sh` on an ESXi host.
        EsxiShell = "esxi-shell",
        /// `PowerCLI`.
        Powercli = "powercli",
        /// `bash` on the vCenter appliance.
        VcenterShell = "vcenter-shell",
        /// Clicks, not commands.
        VsphereClient = "vsphere-client",
        /// The key server's own console.
        Kms = "kms",
    }
}

/// One step of a remedy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Where.
    #[serde(rename = "where")]
    pub shell: Shell,
    /// The command or the click path, with a placeholder (`Placeholder`) such as `{vm}` where a value goes.
    ///
    /// Values are quoted by the tool: write no quotes around a placeholder. What the logs do not give
    /// becomes `<vmid>`. A brace that does not enclose one lower-case word, as in `{ $_.Name }`, stays as it is.
    pub command: String,
    /// A remark.
    pub note: Option<String>,
    /// `note` in French.
    pub note_fr: Option<String>,
}

/// What a pack changes about a cause of another: `overrides/<id of the cause>.toml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["severity"] }, { "required": ["disabled"] }]))]
pub struct OverrideFile {
    /// A severity in the place of the cause's own.
    #[serde(default)]
    #[schemars(schema_with = "json::severity")]
    pub severity: Option<String>,
    /// Whether the cause is left out: it never becomes a finding.
    #[serde(default)]
    pub disabled: bool,
    /// Why, for whoever reads the pack.
    pub reason: String,
}

/// Something not to do.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProhibitionFile {
    /// What not to do.
    pub text: String,
    /// `text` in French.
    pub text_fr: Option<String>,
    /// Why.
    pub reason: String,
    /// `reason` in French.
    pub reason_fr: Option<String>,
    /// Facts of which each must hold or be unknown.
    #[serde(default)]
    #[schemars(schema_with = "json::facts")]
    pub requires: Vec<String>,
    /// Where it is public.
    #[schemars(length(min = 1))]
    pub sources: Vec<String>,
}
