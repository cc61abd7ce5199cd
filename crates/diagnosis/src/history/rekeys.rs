//! The attempts to re-key, as spans with their steps.

use esxray_knowledge::Tone;
use esxray_model::{HistoryKind, RekeyOutcome, Said, StepState, say};

use super::HistoryEntry;
use crate::assemble::Judged;
use crate::facts::rekey::describe;

/// Each attempt of each VM, and the steps that the logs show.
pub(super) fn entries(judged: &Judged<'_>) -> Vec<HistoryEntry> {
    let timeline = judged.timeline;
    let mut entries: Vec<HistoryEntry> = Vec::new();
    for attempt in judged.attempts.values().flatten() {
        let Some(first) = attempt.events.first().and_then(|at| timeline.events.get(*at)) else { continue };
        let last = attempt.events.last().and_then(|at| timeline.events.get(*at)).unwrap_or(first);
        let rekey = describe(timeline, attempt);
        let (tone, outcome) = match rekey.outcome {
            RekeyOutcome::Completed => (Tone::Success, Said::new("completed", "terminé")),
            RekeyOutcome::Failed => (Tone::Failure, Said::new("failed", "échoué")),
            RekeyOutcome::Interrupted => (Tone::Failure, Said::new("interrupted", "interrompu")),
            RekeyOutcome::Partial => (Tone::Failure, Said::new("partial", "partiel")),
            RekeyOutcome::Unknown => (Tone::Context, Said::new("outcome not shown", "issue non visible")),
        };
        let to = rekey.to_provider.as_deref().map(|to| say!(en: " to {to}", fr: " vers {to}")).unwrap_or_default();
        let host = timeline.host_names.get(&first.host).cloned();
        let entry = |kind, tone, title: Said| HistoryEntry {
            kind,
            tone,
            time: attempt.began.or(first.at),
            until: None,
            open: false,
            vm: Some(attempt.vm),
            host: host.clone(),
            title,
            detail: None,
            op_id: attempt.op_id.clone(),
            user: rekey.asked_by.user.clone(),
            count: 1,
            place: first.event.place,
            end_place: None,
            text: first.event.text.clone(),
            signature: None,
        };
        let title = Said::new(
            format!("Re-key{}: {outcome}", to.r#in(esxray_model::Lang::En)),
            format!("Changement de clé{} : {}", to.r#in(esxray_model::Lang::Fr), outcome.r#in(esxray_model::Lang::Fr)),
        );
        let mut span = entry(HistoryKind::Rekey, tone, title);
        span.until = attempt.ended;
        span.open = attempt.ended.is_none();
        span.end_place = Some(last.event.place);
        span.count = attempt.events.len().max(1) as u64;
        entries.push(span);
        for step in &rekey.steps {
            let Some(evidence) = step.evidence.first() else { continue };
            let (tone, state) = match step.state {
                StepState::Done => (Tone::Success, Said::new("done", "fait")),
                StepState::Failed => (Tone::Failure, Said::new("failed", "échoué")),
                _ => continue,
            };
            let name = step.step.as_str();
            let (en, fr) = (state.r#in(esxray_model::Lang::En), state.r#in(esxray_model::Lang::Fr));
            let title = say!(en: "Re-key step {name}: {en}", fr: "Étape {name} du changement de clé : {fr}");
            let mut point = entry(HistoryKind::RekeyStep, tone, title);
            point.time = step.time.or(evidence.time);
            point.place = evidence.place;
            point.text.clone_from(&evidence.text);
            entries.push(point);
        }
    }
    entries
}
