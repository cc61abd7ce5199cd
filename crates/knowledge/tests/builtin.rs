//! The built-in base holds together, and every signature does what its file says.

use esxray_knowledge::Knowledge;

fn lines<T: ToString>(problems: &[T]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn builtin() -> Knowledge {
    Knowledge::builtin().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_regex_is_one() {
    assert_eq!(lines(&builtin().check_deep()), "");
}

#[test]
fn every_sample_is_recognised_by_its_signature_alone() {
    assert_eq!(lines(&builtin().self_test()), "");
}

#[test]
fn nothing_is_doubtful() {
    assert_eq!(lines(&builtin().warnings), "");
}

#[test]
fn every_text_has_its_french() {
    assert_eq!(lines(&builtin().untranslated), "");
}

#[test]
fn every_anchor_leads_to_its_signature() {
    let knowledge = builtin();
    for (anchor, ignore_case, index) in knowledge.anchors() {
        let signature = &knowledge.signatures[index];
        assert!(signature.anchors.iter().any(|known| known == anchor));
        assert_eq!(signature.ignore_case, ignore_case);
    }
}

#[test]
fn two_loads_give_the_same() {
    assert_eq!(builtin().sha256, builtin().sha256);
    assert_eq!(Knowledge::load(&[]).unwrap().sha256, builtin().sha256);
}

#[test]
fn every_remedy_and_prohibition_serves_a_cause() {
    let knowledge = builtin();
    for remedy in &knowledge.remedies {
        assert!(knowledge.causes.iter().any(|cause| cause.remedies.contains(&remedy.id)), "{}", remedy.file);
    }
    for prohibition in &knowledge.prohibitions {
        assert!(knowledge.causes.iter().any(|cause| cause.do_not.contains(&prohibition.id)), "{}", prohibition.file);
    }
}
