//! Traces as JSON.

use esxray_diagnosis as from;
use esxray_diagnosis::WhyNot;
use esxray_model::{ConditionPart, ConditionState, Fact, FormatName, Grade, Lang, MissKind, Role};
use schemars::JsonSchema;
use serde::Serialize;

use crate::outputs::json::{
    AsWord, Evidence, Host, ReadProblem, SCHEMA_VERSION, TOOL, Time, Tool, Vm, cited, host, problem, schema_of, texts,
    vm,
};
use crate::outputs::strict;

/// The answer as JSON: indented, with a line break at the end. Nothing that a terminal would obey is in it.
///
/// Its texts are in the language that is asked for; keys, ids and the words of closed sets are the same in every one.
pub fn json(answer: &WhyNot, lang: Lang) -> String {
    let sources = &answer.sources;
    strict::pretty(&Root {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        cause: &answer.cause,
        judged: answer.judged,
        candidates: answer.candidates.iter().map(|it| trace(sources, it, lang)).collect(),
        events: answer
            .events
            .iter()
            .map(|it| Sighting {
                event: &it.event,
                count: it.count,
                first: it.first.as_ref().map(|it| cited(sources, it, lang)),
            })
            .collect(),
        alike: answer.alike.iter().map(|it| miss(sources, it, lang)).collect(),
        logs: answer.logs.iter().map(log).collect(),
        problems: answer.problems.iter().map(|it| problem(it, lang)).collect(),
    })
}

/// The JSON Schema (2020-12) of what [`json`] gives. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    schema_of::<Root<'_>>("why-not", "esxray why-not")
}

/// Why a cause holds, or does not, in an input.
#[derive(Serialize, JsonSchema)]
struct Root<'a> {
    /// Version of this contract.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    schema_version: u32,
    /// Who wrote it.
    tool: Tool,
    /// Id of the cause, whichever of its names was asked for.
    cause: &'a str,
    /// VMs and hosts, each in a stretch of time, in which the cause was judged; not all of them need be listed.
    judged: usize,
    /// Those that come nearest to it, the nearest first.
    candidates: Vec<Trace<'a>>,
    /// For each event that its `when` conditions ask for: how often it stands in the input, whomever it is about.
    events: Vec<Sighting<'a>>,
    /// Records that hold the words of such an event and yet do not count as one.
    alike: Vec<Miss<'a>>,
    /// The logs that would show those events, and what they leave open of the range that was asked for.
    logs: Vec<Log<'a>>,
    /// What could not be read, and every limit that was met.
    problems: Vec<ReadProblem<'a>>,
}

/// How often an event stands in the input.
#[derive(Serialize, JsonSchema)]
struct Sighting<'a> {
    /// Its name.
    event: &'a str,
    /// How many records.
    count: u64,
    /// The first of them.
    first: Option<Evidence<'a>>,
}

/// One cause, tried on one VM or host in one stretch of time.
#[derive(Serialize, JsonSchema)]
pub(in crate::outputs) struct Trace<'a> {
    /// Id of the cause.
    cause: &'a str,
    /// The VM, where one is concerned.
    vm: Option<Vm<'a>>,
    /// The host, where it is known.
    host: Option<Host<'a>>,
    /// The release that the host's build is, where it is known.
    release: Option<&'a str>,
    /// The stretch of time; null where no record has a time.
    from: Option<Time>,
    /// Its end.
    to: Option<Time>,
    /// What came of it.
    conclusion: Conclusion<'a>,
    /// Every condition, in the order of the cause's file.
    conditions: Vec<Condition<'a>>,
    /// The logs that have to cover the stretch of time before the cause can be confirmed.
    needs: Vec<Need<'a>>,
    /// What keeps it from the next grade, or would if its conditions were met.
    grade: GradeOf<'a>,
    /// The record that closed it.
    recovered_by: Option<Evidence<'a>>,
    /// Other causes that hold in the same stretch of time; in a report, see its findings.
    others: Vec<Other<'a>>,
}

/// What came of trying a cause.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Conclusion<'a> {
    /// It holds.
    Holds {
        /// How sure.
        grade: AsWord<Grade>,
        /// Its part among the causes that hold.
        role: AsWord<Role>,
    },
    /// An observation rules it out.
    RuledOut {
        /// The observation.
        because: &'a str,
        /// Sources that cover the stretch of time.
        covered_by: &'a [String],
    },
    /// The input does not say.
    NotEvaluated {
        /// What would have to be there.
        needs: Vec<&'a str>,
    },
}

/// One condition, and what was made of it.
#[derive(Serialize, JsonSchema)]
struct Condition<'a> {
    /// What it is for.
    part: AsWord<ConditionPart>,
    /// Its place among those of its part, from 1.
    number: usize,
    /// What it says, in words.
    what: &'a str,
    /// Events of which any one will do; empty for a fact.
    events: &'a [String],
    /// The fact.
    fact: Option<AsWord<Fact>>,
    /// What it asks for beyond the event, in words.
    asks: Vec<&'a str>,
    /// Whether it settles the matter by itself.
    decisive: bool,
    /// What was made of it.
    state: AsWord<ConditionState>,
    /// How many records show it.
    count: u64,
    /// A few of them.
    evidence: Vec<Evidence<'a>>,
    /// Where it is not met: sources that would have shown it.
    covered_by: &'a [String],
    /// Where it is not evaluable: the logs that would show it, and what they leave open.
    uncovered: Vec<Log<'a>>,
    /// Where it is not met: the records that come nearest.
    misses: Vec<Miss<'a>>,
}

/// A record that comes near a condition and does not meet it.
#[derive(Serialize, JsonSchema)]
struct Miss<'a> {
    /// Why not.
    kind: AsWord<MissKind>,
    /// The same in words.
    because: &'a str,
    /// The record.
    evidence: Evidence<'a>,
}

/// A log that has to cover the stretch of time.
#[derive(Serialize, JsonSchema)]
struct Need<'a> {
    /// Its name for a person.
    what: &'a str,
    /// What it would confirm or exclude.
    would: &'a str,
    /// Sources that cover it.
    covered_by: &'a [String],
    /// If there are none: what there is.
    uncovered: Vec<Log<'a>>,
}

/// A log, and how far it covers a stretch of time.
#[derive(Serialize, JsonSchema)]
struct Log<'a> {
    /// What sort of log.
    format: AsWord<FormatName>,
    /// Its newest source; null where the input has none that counts.
    source: Option<&'a str>,
    /// How many sources hold it.
    sources: usize,
    /// First record.
    first: Option<Time>,
    /// Last record.
    last: Option<Time>,
    /// What it does not cover.
    missing: Vec<Stretch>,
    /// A source of another host that holds such a log, where the host itself has none.
    elsewhere: Option<&'a str>,
}

/// A stretch of time.
#[derive(Serialize, JsonSchema)]
struct Stretch {
    /// Begin.
    from: Time,
    /// End.
    to: Time,
}

/// What keeps a cause from the next grade.
#[derive(Serialize, JsonSchema)]
struct GradeOf<'a> {
    /// The grade that it has, or would have at most if its conditions were met.
    grade: AsWord<Grade>,
    /// The next better one.
    next: Option<AsWord<Grade>>,
    /// What is missing to it.
    missing: Vec<&'a str>,
}

/// Another cause that holds in the same stretch of time.
#[derive(Serialize, JsonSchema)]
struct Other<'a> {
    /// Its id.
    cause: &'a str,
    /// One sentence.
    title: &'a str,
    /// How sure.
    grade: AsWord<Grade>,
    /// Its part.
    role: AsWord<Role>,
    /// Whether the cause that was asked for is a consequence of it.
    explains: bool,
}

/// The mirror of a trace.
pub(in crate::outputs) fn trace<'a>(sources: &'a [String], one: &'a from::Trace, lang: Lang) -> Trace<'a> {
    Trace {
        cause: &one.cause,
        vm: one.vm.as_ref().map(vm),
        host: one.host.as_ref().map(host),
        release: one.release.as_deref(),
        from: one.window.map(|it| Time::at(it.0)),
        to: one.window.map(|it| Time::at(it.1)),
        conclusion: match &one.conclusion {
            from::Conclusion::Holds { grade, role } => Conclusion::Holds { grade: AsWord(*grade), role: AsWord(*role) },
            from::Conclusion::RuledOut { because, covered_by } => {
                Conclusion::RuledOut { because: because.r#in(lang), covered_by }
            }
            from::Conclusion::NotEvaluated { needs } => Conclusion::NotEvaluated { needs: texts(needs, lang) },
        },
        conditions: one.conditions.iter().map(|it| condition(sources, it, lang)).collect(),
        needs: one
            .needs
            .iter()
            .map(|it| Need {
                what: it.what.r#in(lang),
                would: it.would.r#in(lang),
                covered_by: &it.covered_by,
                uncovered: it.uncovered.iter().map(log).collect(),
            })
            .collect(),
        grade: GradeOf {
            grade: AsWord(one.grade.grade),
            next: one.grade.next.map(AsWord),
            missing: texts(&one.grade.missing, lang),
        },
        recovered_by: one.recovered.as_ref().map(|it| cited(sources, it, lang)),
        others: one
            .others
            .iter()
            .map(|it| Other {
                cause: &it.cause,
                title: it.title.r#in(lang),
                grade: AsWord(it.grade),
                role: AsWord(it.role),
                explains: it.explains,
            })
            .collect(),
    }
}

fn condition<'a>(sources: &'a [String], one: &'a from::ConditionTrace, lang: Lang) -> Condition<'a> {
    Condition {
        part: AsWord(one.part),
        number: one.number,
        what: one.what.r#in(lang),
        events: &one.events,
        fact: one.fact.map(AsWord),
        asks: texts(&one.asks, lang),
        decisive: one.decisive,
        state: AsWord(one.state),
        count: one.count,
        evidence: one.evidence.iter().map(|it| cited(sources, it, lang)).collect(),
        covered_by: &one.covered_by,
        uncovered: one.uncovered.iter().map(log).collect(),
        misses: one.misses.iter().map(|it| miss(sources, it, lang)).collect(),
    }
}

fn miss<'a>(sources: &'a [String], one: &'a from::Miss, lang: Lang) -> Miss<'a> {
    Miss { kind: AsWord(one.kind), because: one.because.r#in(lang), evidence: cited(sources, &one.evidence, lang) }
}

fn log(one: &from::LogSeen) -> Log<'_> {
    Log {
        format: AsWord(one.format),
        source: one.source.as_deref(),
        sources: one.sources,
        first: Time::of(one.first),
        last: Time::of(one.last),
        missing: one.missing.iter().map(|it| Stretch { from: Time::at(it.0), to: Time::at(it.1) }).collect(),
        elsewhere: one.elsewhere.as_deref(),
    }
}
