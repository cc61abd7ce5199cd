use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use crate::knowledge::Knowledge;
use crate::schema::TextPlace;
use crate::shown::{shown, shown_path};
use crate::signature::{Sample, Signature};
use esxray_model::FormatName;

/// A signature that does not do what its own file says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestProblem {
    /// Path of the file.
    pub path: String,
    /// Line of the sample or `not`, from 1.
    pub line: u32,
    /// What went wrong.
    pub failure: TestFailure,
}

impl fmt::Display for TestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", shown_path(&self.path), self.line, self.failure)
    }
}

/// What a signature does that its file does not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum TestFailure {
    /// The component of a sample fits no glob.
    #[error("the sample's component {} fits none of `component`", component.as_ref().map_or("is not given and so".to_owned(), |name| format!("`{}`", shown(name))))]
    Component {
        /// The component.
        component: Option<String>,
    },
    /// The regex does not match a sample.
    #[error("the regex does not match this sample where `place` puts it: correct the regex, the place or the text")]
    Unmatched,
    /// A field is captured otherwise than the sample says.
    #[error("the sample expects `{}` to be {}, but the regex captures {}", shown(name), value(expected.as_ref()), value(captured.as_ref()))]
    Field {
        /// Name of the field.
        name: String,
        /// What the sample expects.
        expected: Option<String>,
        /// What the regex captures.
        captured: Option<String>,
    },
    /// A `not` matches.
    #[error("the regex matches this text, which is something else ({}): narrow the regex", shown(why))]
    NotMatched {
        /// Why it is something else.
        why: String,
    },
    /// The text is also recognised where a guest could have written it.
    #[error(
        "the regex also matches this sample behind `Guest: `, where a guest may write anything: let it begin with fixed text"
    )]
    GuestText,
    /// Another signature makes another event of the same record.
    #[error(
        "`{}` claims this sample too and emits `{}`: narrow one of the two, or let both emit one event",
        shown(by),
        shown(event)
    )]
    AlsoClaimed {
        /// Id of the other signature.
        by: String,
        /// Its event.
        event: String,
    },
}

fn value(text: Option<&String>) -> String {
    text.map_or_else(|| "nothing".to_owned(), |text| format!("`{}`", shown(text)))
}

impl Knowledge {
    /// Tries every signature on the samples of all; empty when each does exactly what its file says.
    ///
    /// Every sample matches its signature and captures exactly its fields, no
    /// `not` matches, and no signature with another event claims a sample in a
    /// format that both share.
    pub fn self_test(&self) -> Vec<TestProblem> {
        let mut problems = Vec::new();
        for signature in &self.signatures {
            let mut tell = |line, failure| problems.push(TestProblem { path: signature.file.clone(), line, failure });
            for sample in &signature.samples {
                for failure in sample_failures(signature, sample) {
                    tell(sample.line, failure);
                }
                for other in self.rivals(signature, sample) {
                    tell(sample.line, TestFailure::AlsoClaimed { by: other.id.clone(), event: other.event.clone() });
                }
            }
            for not in &signature.nots {
                let component = not.component.as_deref().map(str::as_bytes);
                let accepted =
                    not.log.is_none_or(|log| signature.logs.contains(&log)) && signature.accepts_component(component);
                if accepted && signature.matches(not.text.as_bytes()).is_some() {
                    tell(not.line, TestFailure::NotMatched { why: not.why.clone() });
                }
            }
        }
        problems.sort();
        problems
    }

    /// Other signatures that make another event of a sample.
    fn rivals<'k>(&'k self, signature: &'k Signature, sample: &'k Sample) -> impl Iterator<Item = &'k Signature> {
        let logs = sample.log.as_ref().map_or(signature.logs.as_slice(), std::slice::from_ref);
        let shares = |other: &Signature| logs.iter().any(|log| other.logs.contains(log));
        self.signatures.iter().filter(move |other| {
            other.event != signature.event
                && shares(other)
                && other.claims_in_any(sample.component.as_deref().map(str::as_bytes), sample.text.as_bytes()).is_some()
        })
    }
}

fn sample_failures(signature: &Signature, sample: &Sample) -> Vec<TestFailure> {
    if !signature.accepts_component(sample.component.as_deref().map(str::as_bytes)) {
        return vec![TestFailure::Component { component: sample.component.clone() }];
    }
    let text = sample.text.as_bytes();
    let Some(captures) = signature.matches(text) else { return vec![TestFailure::Unmatched] };
    let found = |name: &str| -> Option<Cow<'_, str>> {
        let span = captures.field(name)?.span.clone();
        Some(String::from_utf8_lossy(text.get(span)?))
    };
    let expected = sample.fields.keys().map(String::as_str);
    let names: BTreeSet<&str> = expected.chain(captures.fields.iter().map(|field| field.name)).collect();
    let mut failures = Vec::new();
    for name in names {
        let expected = sample.fields.get(name);
        let found = found(name);
        if expected.map(String::as_str) != found.as_deref() {
            failures.push(TestFailure::Field {
                name: name.to_owned(),
                expected: expected.cloned(),
                captured: found.map(Cow::into_owned),
            });
        }
    }
    if matches_behind_guest(signature, sample) {
        failures.push(TestFailure::GuestText);
    }
    failures
}

/// Whether the signature also recognises a sample's message after the mark of guest text.
///
/// Whatever a guest logs stands in `vmware.log` as `Guest: …`, so a regex that
/// begins with `.*` would let a guest write evidence.
fn matches_behind_guest(signature: &Signature, sample: &Sample) -> bool {
    let message = match signature.place {
        TextPlace::Continuation => return false,
        TextPlace::Message => sample.text.as_str(),
        // Continuation lines may match on their own account.
        TextPlace::Either => sample.text.lines().next().unwrap_or_default(),
    };
    signature.logs.contains(&FormatName::VmwareLog)
        && !message.starts_with("Guest: ")
        && signature.matches(format!("Guest: {message}").as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use crate::load::{Layer, load};

    const SIGNATURE: &str = r#"title   = "a provider is not there"
logs    = ["vmware-log", "hostd"]
anchors = ["does not exist"]
regex   = "provider '(?<name>[^']*)' does not exist"
tone    = "failure"
basis   = "documented"
sources = ["KB 1"]
fields  = { name = "provider" }

[[sample]]
text   = "provider 'KMS' does not exist"
fields = { name = "KMS" }

[[not]]
text = "file 'x' does not exist"
why  = "a file"
"#;

    fn tested(files: &[(&str, &str)]) -> Vec<String> {
        let knowledge = load(&[Layer { name: "p", proved: false, files: files.to_vec() }]).unwrap();
        knowledge.self_test().iter().map(ToString::to_string).collect()
    }

    #[track_caller]
    fn failed(from: &str, to: &str, expected: &[&str]) {
        assert!(SIGNATURE.contains(from), "{from}");
        let text = SIGNATURE.replacen(from, to, 1);
        assert_eq!(tested(&[("signatures/x.toml", &text)]), expected);
    }

    #[test]
    fn a_signature_that_does_what_it_says() {
        failed("KB 1", "KB 2", &[]);
    }

    #[test]
    fn a_sample_that_does_not_match() {
        let expected = "p/signatures/x.toml:10: the regex does not match this sample where `place` puts it: correct the regex, the place or the text";
        failed("text   = \"provider", "text   = \"the provider", &[expected]);
        failed("logs ", "place = 'continuation'\nlogs ", &[&expected.replace(":10:", ":11:")]);
    }

    #[test]
    fn a_sample_that_captures_something_else() {
        failed(
            "name = \"KMS\"",
            "name = \"NKP\"",
            &["p/signatures/x.toml:10: the sample expects `name` to be `NKP`, but the regex captures `KMS`"],
        );
        failed(
            "name = \"KMS\"",
            "",
            &["p/signatures/x.toml:10: the sample expects `name` to be nothing, but the regex captures `KMS`"],
        );
        failed(
            "'(?<name>[^']*)'",
            "(?:'KMS'|(?<name>x))",
            &["p/signatures/x.toml:10: the sample expects `name` to be `KMS`, but the regex captures nothing"],
        );
    }

    #[test]
    fn a_sample_of_another_component() {
        failed("fields = { name = \"KMS\" }", "component = 'vmx'\nfields = { name = 'KMS' }", &[]);
        failed("logs ", "component = ['vcpu-*']\nlogs ", &[]);
        let text = SIGNATURE
            .replace("logs ", "component = ['vcpu-*']\nlogs ")
            .replace("fields = {", "component = 'vmx'\nfields = {");
        assert_eq!(
            tested(&[("signatures/x.toml", &text)]),
            ["p/signatures/x.toml:11: the sample's component `vmx` fits none of `component`"]
        );
    }

    #[test]
    fn a_not_that_matches() {
        failed(
            "file 'x'",
            "provider 'x'",
            &[
                "p/signatures/x.toml:14: the regex matches this text, which is something else (a file): narrow the regex",
            ],
        );
        // What the place in the record excludes, the regex need not.
        failed("text = \"file 'x' does not exist\"", "text = \"provider 'x' does not exist\"\nlog = 'fdm'", &[]);
    }

    #[test]
    fn a_regex_that_a_guest_can_satisfy() {
        failed(
            "regex   = \"",
            "regex   = \".*",
            &[
                "p/signatures/x.toml:10: the regex also matches this sample behind `Guest: `, where a guest may write anything: let it begin with fixed text",
            ],
        );
        let hostd = SIGNATURE.replace("regex   = \"", "regex   = \".*").replace("\"vmware-log\", ", "");
        assert_eq!(tested(&[("signatures/x.toml", &hostd)]), Vec::<String>::new());
    }

    #[test]
    fn a_record_that_two_signatures_claim() {
        let other = SIGNATURE.replace("logs    = [\"vmware-log\", \"hostd\"]", "logs = ['hostd', 'fdm']");
        let both = |other: &str| tested(&[("signatures/x.toml", SIGNATURE), ("signatures/y.toml", other)]);
        assert_eq!(
            both(&other),
            [
                "p/signatures/x.toml:10: `y` claims this sample too and emits `y`: narrow one of the two, or let both emit one event",
                "p/signatures/y.toml:10: `x` claims this sample too and emits `x`: narrow one of the two, or let both emit one event",
            ]
        );
        assert_eq!(both(&format!("emits = 'x'\n{other}")), Vec::<String>::new());
        assert_eq!(both(&other.replace("['hostd', 'fdm']", "['fdm']")), Vec::<String>::new());
        assert_eq!(
            both(&other.replace("title ", "component = ['Vim*']\ntitle ")),
            [
                "p/signatures/y.toml:11: `x` claims this sample too and emits `x`: narrow one of the two, or let both emit one event"
            ]
        );
    }
}
