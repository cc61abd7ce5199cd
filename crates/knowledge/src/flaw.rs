use crate::shown::{listed, meant, shown};

/// What can be wrong with a knowledge file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    /// Neither in one of the five folders nor a page of documentation.
    #[error(
        "not a knowledge file: wanted `signatures/`, `causes/`, `remedies/`, `prohibitions/` or `overrides/` and a name that ends in `.toml`"
    )]
    Misplaced,
    /// Two files of one pack have one id.
    #[error("`{}` is there twice: also in {}", shown(id), shown(other))]
    DuplicateId {
        /// The id.
        id: String,
        /// The other file.
        other: String,
    },
    /// The file is larger than [`limits::FILE_BYTES`](crate::limits::FILE_BYTES).
    #[error("the file has {bytes} bytes; at most {limit} are read")]
    TooBig {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Brackets stand in brackets deeper than [`limits::DEPTH`](crate::limits::DEPTH).
    #[error("brackets are nested deeper than {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Not TOML, an unknown key, a missing key, or a value of the wrong type.
    #[error("{}", shown_whole(message))]
    Toml {
        /// What the TOML reader says.
        message: String,
    },
    /// A text holds a character that cannot be seen or that drives a terminal.
    #[error("a text holds the character U+{code:04X}, which cannot be seen")]
    Unprintable {
        /// The character's number.
        code: u32,
    },
    /// An id or the name of an event has another form.
    #[error("`{}` is not an id: wanted lower-case letters, digits and `-`, 80 at most", shown(found))]
    IdForm {
        /// The id.
        found: String,
    },
    /// A word that is not in its closed list.
    #[error("unknown {what} `{}`: wanted {}{}", shown(found), listed(wanted), meant(near.as_ref()))]
    UnknownWord {
        /// What the word should name.
        what: &'static str,
        /// The word.
        found: String,
        /// The closed list.
        wanted: Vec<&'static str>,
        /// The word of the list that is nearest.
        near: Option<String>,
    },
    /// A text or a list that must say something says nothing.
    #[error("`{}` is empty", shown(key))]
    Empty {
        /// Its key.
        key: String,
    },
    /// A text that must be one line has several.
    #[error("`{}` has more than one line", shown(key))]
    SeveralLines {
        /// Its key.
        key: String,
    },
    /// A list is longer than anybody needs.
    #[error("`{}` has {found} entries; at most {limit} are read", shown(key))]
    TooMany {
        /// Its key.
        key: String,
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A list in French that does not go with the English one.
    #[error("`{}` has {found} entries, but what it translates has {wanted}", shown(key))]
    TranslationLength {
        /// Its key.
        key: String,
        /// How many there are.
        found: usize,
        /// How many the English list has.
        wanted: usize,
    },
    /// A text in French that names other values than the English one.
    #[error("`{}` names {} in braces, but what it translates names {}", shown(key), named(found), named(wanted))]
    TranslationNames {
        /// Its key.
        key: String,
        /// The names in it.
        found: Vec<String>,
        /// Those in the English text.
        wanted: Vec<String>,
    },
    /// A text in French without an English one.
    #[error("`{}` translates a text that is not there", shown(key))]
    NothingToTranslate {
        /// Its key.
        key: String,
    },
    /// Texts without a French one.
    #[error(
        "`{}` is missing{}: French reports show the English text",
        shown(key),
        if *more == 0 { String::new() } else { format!(", and {more} more") }
    )]
    Untranslated {
        /// The first key that should be there.
        key: String,
        /// How many others.
        more: usize,
    },

    /// The regex is wrong, or uses what a linear-time engine does not have.
    #[error("the regex is wrong: {}", shown_whole(message))]
    Regex {
        /// What the regex reader says.
        message: String,
    },
    /// The regex compiles to more than [`limits::REGEX_BYTES`](crate::limits::REGEX_BYTES).
    #[error(
        "the regex compiles to more than {limit} bytes, so it can be slow: write `[^\\n]*` instead of long repetitions such as `.{{0,1000}}`"
    )]
    RegexTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The regex matches the empty text, so it matches everything.
    #[error("the regex matches the empty text, so every record would match")]
    RegexMatchesEmpty,
    /// A named group without an entry in `[fields]`.
    #[error("the regex captures `{}`, but `[fields]` does not say what it means", shown(name))]
    GroupWithoutField {
        /// Name of the group.
        name: String,
    },
    /// An entry in `[fields]` without a named group.
    #[error("`[fields]` names `{}`, but the regex has no such group", shown(name))]
    FieldWithoutGroup {
        /// Name of the field.
        name: String,
    },
    /// An anchor that would hit everywhere.
    #[error("anchor `{}` has {found} bytes: wanted at least {least}", shown(anchor), found = anchor.len())]
    AnchorTooShort {
        /// The anchor.
        anchor: String,
        /// [`limits::ANCHOR_BYTES`](crate::limits::ANCHOR_BYTES).
        least: usize,
    },
    /// An anchor that no single line can hold.
    #[error("anchor `{}` holds a line break, so it stands in no line", shown(anchor))]
    AnchorLineBreak {
        /// The anchor.
        anchor: String,
    },
    /// The search for anchors would never find this sample.
    #[error("no anchor stands in this sample, so its record would never be found")]
    SampleWithoutAnchor,
    /// A sample expects a field that the signature does not have.
    #[error("the sample expects `{}`, which `[fields]` does not name{}", shown(name), meant(near.as_ref()))]
    SampleField {
        /// Name of the field.
        name: String,
        /// The field that is nearest.
        near: Option<String>,
    },
    /// A sample's log is none of the signature's.
    #[error("the sample is of `{found}`, which is none of the signature's `logs`")]
    SampleLog {
        /// The format.
        found: &'static str,
    },

    /// A condition with both an event and a fact, or with neither.
    #[error("a condition needs either `event` or `fact`: this one has {}", if *both { "both" } else { "neither" })]
    ConditionSubject {
        /// Whether both are there.
        both: bool,
    },
    /// A key that only makes sense for events.
    #[error("`{key}` speaks of an event, but this condition names a fact")]
    ConditionKeyOnFact {
        /// The key.
        key: &'static str,
    },
    /// A key that compares with the first event, where there is none.
    #[error("`{key}` compares with the event of the first `when` condition, which names none")]
    NoFirstEvent {
        /// The key.
        key: &'static str,
    },
    /// A condition that asks for no occurrence at all.
    #[error("`count` is 0: wanted 1 or more, or the condition under `unless`")]
    CountZero,
    /// A text around `..` that is no range.
    #[error(
        "`{}` is no range: wanted two whole numbers around `..`, the smaller one first, or one of them",
        shown(found)
    )]
    Range {
        /// The text.
        found: String,
    },
    /// A condition that settles the matter alone, and is weak.
    #[error("a condition that is `decisive` cannot be `weak`")]
    WeakDecisive,
    /// A field that none of the events has.
    #[error("no signature of these events captures `{}`{}", shown(found), meant(near.as_ref()))]
    UnknownField {
        /// The field.
        found: String,
        /// The field that is nearest.
        near: Option<String>,
    },
    /// An event that no signature emits.
    #[error("no signature emits the event `{}`{}", shown(found), meant(near.as_ref()))]
    UnknownEvent {
        /// The event.
        found: String,
        /// The event that is nearest.
        near: Option<String>,
    },
    /// An id that names nothing.
    #[error("there is no {what} `{}`{}", shown(found), meant(near.as_ref()))]
    UnknownId {
        /// `cause`, `remedy` or `prohibition`.
        what: &'static str,
        /// The id.
        found: String,
        /// The id that is nearest.
        near: Option<String>,
    },
    /// A text that names no release.
    #[error("`{}` is not a release: wanted a form such as `8.0`, `8.0 U2` or `7.0 U3c`", shown(found))]
    NoRelease {
        /// The text.
        found: String,
    },
    /// A cause that ends before it begins.
    #[error("no release lies at or after `since` ({since}) and before `before` ({before})")]
    NoReleaseLeft {
        /// The first release that can have it.
        since: String,
        /// The first one that cannot.
        before: String,
    },
    /// A cause that could never be judged.
    #[error("the cause has neither `when` nor `not_in_logs`, and is not `context`")]
    NothingToJudge,
    /// A cause that says that no log shows it, and yet looks for it.
    #[error("a cause with `not_in_logs` has no conditions, but this one has `{key}`")]
    ConditionsNotInLogs {
        /// The first key with conditions.
        key: &'static str,
    },
    /// An alias that is another cause's id or alias.
    #[error("alias `{}` already names the cause `{}`", shown(alias), shown(other))]
    AliasTaken {
        /// The alias.
        alias: String,
        /// The cause that has it.
        other: String,
    },
    /// Causes that explain each other in a circle, so that none would be the root.
    #[error("`explains` runs in a circle: {}", circle_text(circle))]
    Circle {
        /// The ids, the first one again at the end.
        circle: Vec<String>,
    },

    /// A remedy that costs something and that nothing holds back.
    #[error("the remedy {costs}, so it needs {missing}")]
    Unguarded {
        /// What it costs.
        costs: String,
        /// What it lacks.
        missing: &'static str,
    },
    /// A command that takes something away, in a remedy that says it costs nothing.
    #[error(
        "`{}` takes something away, so the remedy needs `data_loss = true`, `history = \"lost\"`, `service_impact = \"outage\"` or `reversible = false`",
        shown(command)
    )]
    Destroys {
        /// What of the command.
        command: &'static str,
    },
    /// A remedy or prohibition that no cause names.
    #[error(
        "no cause names this {what}, so no report will ever show it: name it in the `{key}` of a cause, or take the file out"
    )]
    Unused {
        /// `remedy` or `prohibition`.
        what: &'static str,
        /// The key that would name it.
        key: &'static str,
    },
    /// A check that changes something.
    #[error("a remedy of kind `check` is read-only, but this one {costs}")]
    CheckNotReadOnly {
        /// What it costs.
        costs: String,
    },
    /// A remedy that is to come first and is no check.
    #[error("a remedy that saves evidence comes before anything that costs something, so its kind is `check`")]
    EvidenceNotCheck,
    /// A remedy that helps and does not.
    #[error("`{}` is among `remedies` too", shown(id))]
    HelpfulToo {
        /// Its id.
        id: String,
    },
    /// A command that nobody checked.
    #[error("a remedy from memory gives no commands: wanted `where = \"vsphere-client\"`, found `{found}`")]
    CommandFromMemory {
        /// Where the step would be carried out.
        found: &'static str,
    },
    /// A placeholder that the tool does not know.
    #[error("unknown placeholder `{{{}}}`{}", shown(found), meant(near.as_ref()))]
    UnknownPlaceholder {
        /// Its name.
        found: String,
        /// The name that is nearest.
        near: Option<String>,
    },
    /// A placeholder inside quotes, or behind a `$`, where the shell would read its value in another way.
    #[error("`{{{}}}` stands in quotes or behind `$`: its value is quoted by the tool", shown(name))]
    QuotedPlaceholder {
        /// Its name.
        name: String,
    },
}

/// A foreign message on one line.
fn shown_whole(message: &str) -> String {
    crate::shown::shown_path(message.trim()).replace("<U+000A>", " ")
}

fn named(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { listed(names) }
}

fn circle_text(circle: &[String]) -> String {
    const MOST: usize = 8;
    let mut text: Vec<String> = circle.iter().take(MOST).map(|id| shown(id)).collect();
    if circle.len() > MOST {
        text.push("…".to_owned());
    }
    text.join(" → ")
}
