//! Why a command did not do what it was asked for. What to do about it is in `hint`.

use std::io;

use crate::output::OutputError;
use crate::packs::PackError;

/// Everything that ends a command early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Flags that make no sense together.
    #[error("--since {since} is not before --until {until}")]
    EmptyRange {
        /// The one.
        since: esxray::Timestamp,
        /// The other.
        until: esxray::Timestamp,
    },
    /// The input cannot be opened.
    #[error(transparent)]
    Bundle(#[from] esxray::bundle::Error),
    /// The diagnosis cannot be made.
    #[error(transparent)]
    Diagnosis(#[from] esxray::diagnosis::Error),
    /// The knowledge files are wrong.
    #[error(transparent)]
    Knowledge(#[from] esxray::knowledge::Error),
    /// A signature does not do what its own file says, or its regex cannot be used.
    #[error("the knowledge files do not do what they say\n{}", problems.join("\n"))]
    KnowledgeFails {
        /// `path:line: what`.
        problems: Vec<String>,
    },
    /// The folder of a pack cannot be read.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// Nothing can be redacted.
    #[error(transparent)]
    Redact(#[from] esxray::redact::Error),
    /// What is redacted is read twice.
    #[error("redacting reads the input more than once, and a stream can be read once")]
    RedactStream,
    /// The folder to write into holds something.
    #[error("{path} is a folder that holds something already")]
    NotEmpty {
        /// As given.
        path: String,
    },
    /// The map would be handed on with what it undoes.
    #[error("the map {path} would lie in the output, which it undoes")]
    MapInside {
        /// As given.
        path: String,
    },
    /// The proof cannot be made.
    #[error("the reports cannot be compared")]
    Compare {
        /// What is wrong with one of them.
        why: String,
    },
    /// The answer cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Standard input cannot be read.
    #[error("cannot read standard input")]
    Stdin {
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A text for `explain` longer than anything that is pasted.
    #[error("the text is longer than {limit} bytes")]
    TextTooLong {
        /// How much is read.
        limit: u64,
    },
    /// The knowledge base has nothing under that name, and no signature recognises that text.
    #[error("nothing is known of `{query}`")]
    NothingKnown {
        /// What was asked for.
        query: String,
        /// Ids that may have been meant.
        near: Vec<String>,
    },
    /// Not a cause of the knowledge base.
    #[error("there is no cause `{wanted}`")]
    NoCause {
        /// As typed.
        wanted: String,
        /// Causes that may have been meant.
        near: Vec<String>,
    },
    /// No record at all, or none that passes.
    #[error("no record was found{}", if *filtered { " that passes every filter" } else { "" })]
    NoRecords {
        /// Whether there were filters.
        filtered: bool,
    },
    /// A VM that the input does not name.
    #[error("no VM of the input goes by `{wanted}`")]
    NoVm {
        /// As typed.
        wanted: String,
        /// VMs that there are, those with a similar name first.
        near: Vec<String>,
    },
    /// What belongs to a VM is known only after reading everything, and a stream can be read once.
    #[error("--vm reads the input more than once, and a stream can be read once")]
    VmOfStream,
    /// A list of VMs that cannot be opened.
    #[error("cannot read the list {path}")]
    ListUnreadable {
        /// As given.
        path: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A list of VMs that cannot be read for certain.
    #[error("the list {path} cannot be used: {problem}")]
    List {
        /// As given.
        path: String,
        /// Where and why.
        problem: esxray::diagnosis::ListError,
    },
    /// Standard input for two things.
    #[error("standard input cannot be both the list and the logs")]
    TwoStreams,
    /// A pattern that is none.
    #[error("--grep cannot be used: {why}{}", at.map(|at| format!(", at character {at} of `{pattern}`")).unwrap_or_default())]
    Regex {
        /// As typed.
        pattern: String,
        /// What is wrong.
        why: String,
        /// The number of the character where it is, from 1.
        at: Option<usize>,
    },
    /// A line that needs no new signature.
    #[error("the signature `{id}` recognises this line already")]
    AlreadyKnown {
        /// Of the signature.
        id: String,
    },
    /// A filter for something that is nowhere in the base.
    #[error("there is no {what} `{found}`")]
    NoSuchWord {
        /// `category` or `component`.
        what: &'static str,
        /// As typed.
        found: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// A log that is none.
    #[error("there is no log `{name}`")]
    NoFormat {
        /// As typed.
        name: String,
    },
    /// A line of nothing but numbers and names.
    #[error("no text of six characters in the line is the same in every such line")]
    NothingStays,
    /// A page for a command that does not exist.
    #[error("there is no command `{name}`")]
    NoCommand {
        /// As typed.
        name: String,
    },
    /// The reader of standard output went away: it has seen enough.
    #[error("standard output was closed")]
    ClosedPipe,
}
