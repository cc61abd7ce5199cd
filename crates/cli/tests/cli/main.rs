//! The command line as a user and a script meet it: command, standard output, standard error, exit status.
#![expect(clippy::disallowed_methods, reason = "the tests make the files that are read")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that finds nothing there has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped is told")]

mod corpus;
mod exit;
mod explain;
mod filters;
mod fleet;
mod harness;
mod hostile;
mod inventory;
mod json;
mod knowledge;
mod knowledge_schema;
mod limits;
mod output;
mod records;
mod redact;
mod rekey;
mod same;
mod shell;
mod snapshots;
mod timeline;
mod why_not;
