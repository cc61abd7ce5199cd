//! Whatever stands in a pack, the loader answers, and its answer can be printed.

use proptest::prelude::*;

use super::{Layer, load};
use crate::error::Error;
use crate::pack::BUILTIN;

/// Loads one file of each kind with that text.
fn answer(text: &str) {
    let paths = ["signatures/a/x.toml", "causes/a/x.toml", "remedies/x.toml", "prohibitions/x.toml"];
    let files = paths.into_iter().map(|path| (path, text)).collect();
    if let Err(Error::Invalid { problems }) = load(&[Layer { name: "p", proved: false, files }]) {
        assert!(!problems.is_empty());
        let lines = text.split('\n').count();
        for problem in problems {
            assert!((1..=lines).contains(&(problem.line as usize)), "{problem}");
            let shown = problem.to_string();
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
    }
}

/// Keys of all four kinds.
const KEYS: &str = "title text reason sources logs anchors regex fields tone basis emits when event fact same count \
     explains remedies step where command sample not why kind severity about requires place component order reversible";

/// Values, right and wrong, one a line.
const VALUES: &str = r#""x"
'x'
''
1
-1
1e3
nan
true
1979-05-27
[]
['x']
[[['x']]]
{}
{ a = 'b' }
"\u001b"
"\ud800"
"\u202e"
"a\nb"
'(?<a>x)'
'(((('
'[['
'{vm} {x'
['hostd']
['the disk is gone']
"documented"
"failure"
"disk"
"esxi-shell""#;

/// Pieces that get past the reader's first steps.
fn piece() -> impl Strategy<Value = String> {
    let keys = || proptest::sample::select(KEYS.split_whitespace().collect::<Vec<_>>());
    let values = proptest::sample::select(VALUES.lines().collect::<Vec<_>>());
    prop_oneof![
        (keys(), values).prop_map(|(key, value)| format!("{key} = {value}\n")),
        keys().prop_map(|key| format!("[[{key}]]\n")),
        keys().prop_map(|key| format!("[{key}]\n")),
        r#"[\[\]{}"'\#.=\n\r\\é\x{feff}]{1,3}"#,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        answer(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_near_toml_gets_an_answer(pieces in proptest::collection::vec(piece(), 0..30)) {
        answer(&pieces.concat());
    }

    /// A file that is right, with a piece cut out of it and another put in its place.
    #[test]
    fn any_damage_to_a_file_gets_an_answer(
        which in any::<proptest::sample::Index>(),
        from in any::<proptest::sample::Index>(),
        length in 0_usize..20,
        with in "[ -~\u{80}-\u{ff}\n]{0,6}",
    ) {
        let (_, text) = which.get(BUILTIN);
        let mut chars: Vec<char> = text.chars().collect();
        let at = from.index(chars.len());
        chars.splice(at..(at + length).min(chars.len()), with.chars());
        answer(&chars.into_iter().collect::<String>());
    }
}
