use esxray_testkit::Prng;

use super::bytes::{bytes, place};
use super::log::lines;

/// Values of all types, right and wrong.
const PIECES: &[&str] = &[
    "\"x\"",
    "''",
    "1",
    "-1",
    "1e3",
    "nan",
    "true",
    "1979-05-27",
    "[]",
    "['x']",
    "[[['x']]]",
    "{}",
    "{ a = 'b' }",
    "\"\\u001b\"",
    "\"\\ud800\"",
    "\"\\u202e\"",
    "\"a\\nb\"",
    "'(?<a>x)'",
    "'(?<a>.*)(?<b>.*)'",
    "'(((('",
    "'[['",
    "'(a{1000}){1000}'",
    "'\\p{L}{500}'",
    "'(?i)k'",
    "'^$'",
    "'{vm} {x'",
    "'{}'",
    "['hostd']",
    "['the disk is gone']",
    "\"documented\"",
    "\"failure\"",
    "\"disk\"",
    "\"esxi-shell\"",
    "\"\"\"\n",
    "'''\n",
    "#",
    "=",
    "\n",
    "[[sample]]\n",
    "[[not]]\n",
    "[fields]\n",
    "[[all]]\n",
    "[[any]]\n",
    "[[none]]\n",
    "[[steps]]\n",
    "\u{feff}",
    "\u{202e}",
    "\t",
    "\r\n",
    "\u{0}",
    "\\",
    "reload-vmx",
    "ha-vm-monitoring-reset",
    "disk-open-wrong-key",
    "../../x",
    "x.toml",
];

/// Changes a knowledge file whose first line is its path.
pub fn toml(input: &mut Vec<u8>, pool: &[Vec<u8>], rng: &mut Prng) {
    let all = lines(input);
    let Some(line) = rng.choose(&all).cloned() else {
        bytes(input, 0, rng);
        return;
    };
    match rng.below(10) {
        0 | 1 => bytes(input, line.start, rng),
        2 | 3 => {
            let at = place(line.start, line.end, rng);
            input.splice(at..at, rng.pick(PIECES).bytes());
        }
        4 | 5 => {
            // Another value for the key.
            let equals = input.get(line.clone()).and_then(|text| text.iter().position(|byte| *byte == b'='));
            let from = equals.map_or(line.start, |at| line.start + at + 1);
            input.splice(from..line.end, format!(" {}", rng.pick(PIECES)).into_bytes());
        }
        6 => drop(input.drain(line.start..(line.end + 1).min(input.len()))),
        _ => {
            // A line of this or another file, in front of this one or instead of it.
            let other = if rng.chance(1, 3) { input.clone() } else { rng.choose(pool).cloned().unwrap_or_default() };
            let of_other = lines(&other);
            let Some(new) = rng.choose(&of_other) else { return };
            let mut new = other.get(new.clone()).unwrap_or_default().to_vec();
            let instead = rng.chance(1, 2);
            if !instead {
                new.push(b'\n');
            }
            input.splice(line.start..if instead { line.end } else { line.start }, new);
        }
    }
}
