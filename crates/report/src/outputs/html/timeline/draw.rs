//! The picture as SVG: all of it, at one width, before any script moves a mark.

use std::collections::BTreeMap;

use esxray_model::{Lang, Timestamp};

use super::{Lane, Mark, Tone};
use crate::outputs::html::markup::Html;

/// The width that the picture is drawn for; the script draws it again for the width that there is.
const WIDTH: i64 = 1120;
/// Left and right of the first and the last mark.
const PAD: i64 = 18;
/// Height of the scale above the lanes.
const AXIS: i64 = 26;
/// From the top of a lane to the middle of its points.
const POINTS: i64 = 36;
/// From the top of a lane to the top of its first bar.
const BARS: i64 = 50;
/// Height that the points of a lane take.
const POINT_ROW: i64 = 26;
/// From bar to bar.
const BAR: i64 = 17;
/// Below the last row of a lane.
const FOOT: i64 = 6;
/// Points that are nearer are drawn as one, with a count; the longer the count, the more room it takes.
const NEAR: [(u64, i64); 3] = [(1, 14), (10, 20), (100, 28)];
/// Bars of a lane that are drawn one above the other; more share the last row.
const ROWS: usize = 8;

/// Where a moment is.
struct Scale {
    first: Timestamp,
    /// From the first moment to the last, in microseconds; never 0.
    range: i64,
}

impl Scale {
    fn x(&self, at: Timestamp) -> i64 {
        let part = i128::from(at.micros_since(self.first)) * i128::from(WIDTH - 2 * PAD) / i128::from(self.range);
        PAD + i64::try_from(part).unwrap_or(0)
    }
}

/// Draws them; they are in the order of time.
pub(super) fn draw(h: &mut Html, lang: Lang, marks: &[Mark]) {
    let Some(first) = marks.iter().map(|mark| mark.from).min() else { return };
    let last = marks.iter().map(Mark::ends).max().unwrap_or(first);
    let scale = Scale { first, range: last.micros_since(first).max(1000) };
    let mut lanes: BTreeMap<Lane, Vec<(usize, &Mark)>> = BTreeMap::new();
    for (at, mark) in marks.iter().enumerate() {
        lanes.entry(mark.lane).or_default().push((at, mark));
    }
    let laid: Vec<Laid<'_>> = lanes.into_iter().map(|(lane, marks)| Laid::new(lane, marks, &scale)).collect();
    let height = AXIS + laid.iter().map(|lane| lane.height).sum::<i64>();
    let attrs = [
        ("class", "picture"),
        ("viewBox", &*format!("0 0 {WIDTH} {height}")),
        ("role", "group"),
        (
            "aria-label",
            lang.pick(
                "Timeline; the table below says the same",
                "Chronologie\u{a0}; le tableau ci-dessous dit la même chose",
            ),
        ),
        ("data-first", &first.as_micros().to_string()),
        ("data-range", &scale.range.to_string()),
    ];
    h.el("svg", &attrs, |h| {
        h.el("g", &[("class", "axis")], |h| axis(h, &scale, height));
        let mut top = AXIS;
        for lane in &laid {
            lane.draw(h, lang, top, &scale);
            top += lane.height;
        }
    });
}

/// A lane whose marks have their places.
struct Laid<'a> {
    lane: Lane,
    /// Number of the mark, and the row of its bar.
    marks: Vec<(usize, &'a Mark, usize)>,
    /// Of each point that is drawn: how many events it stands for.
    drawn: BTreeMap<usize, u64>,
    height: i64,
}

impl<'a> Laid<'a> {
    fn new(lane: Lane, marks: Vec<(usize, &'a Mark)>, scale: &Scale) -> Self {
        let mut free: Vec<Timestamp> = Vec::new();
        let mut laid = Vec::new();
        let mut clusters: Vec<(i64, Vec<(usize, &Mark)>)> = Vec::new();
        for (at, mark) in marks {
            if is_bar(mark) {
                let row = free.iter().position(|end| *end <= mark.from).unwrap_or(free.len()).min(ROWS - 1);
                match free.get_mut(row) {
                    Some(end) => *end = mark.ends().max(*end),
                    None => free.push(mark.ends()),
                }
                laid.push((at, mark, row));
            } else {
                laid.push((at, mark, 0));
                let x = scale.x(mark.from);
                match clusters.last_mut().filter(|(start, cluster)| x - *start < near(cluster)) {
                    Some((_, cluster)) => cluster.push((at, mark)),
                    None => clusters.push((x, vec![(at, mark)])),
                }
            }
        }
        // The worst of them stands for all, the first of the worst.
        let leader = |cluster: &[(usize, &Mark)]| {
            let worst = cluster.iter().max_by_key(|(at, mark)| (mark.tone, std::cmp::Reverse(*at)))?;
            Some((worst.0, cluster.iter().map(|(_, mark)| mark.count).sum()))
        };
        let drawn: BTreeMap<usize, u64> = clusters.iter().filter_map(|(_, cluster)| leader(cluster)).collect();
        let rows = i64::try_from(free.len()).unwrap_or(0);
        let height =
            if rows == 0 { BARS - 2 } else { BARS + rows * BAR } - if drawn.is_empty() { POINT_ROW } else { 0 } + FOOT;
        Self { lane, marks: laid, drawn, height }
    }

    fn draw(&self, h: &mut Html, lang: Lang, top: i64, scale: &Scale) {
        // A lane without points needs no row for them.
        let up = if self.drawn.is_empty() { POINT_ROW } else { 0 };
        let attrs = [
            ("class", "lane"),
            ("data-lane", self.lane.as_str()),
            ("data-height", &*self.height.to_string()),
            ("transform", &*format!("translate(0 {top})")),
        ];
        h.el("g", &attrs, |h| {
            let height = (self.height - 3).to_string();
            let width = WIDTH.to_string();
            h.void("rect", &[("class", "band"), ("width", &width), ("height", &height), ("rx", "6")]);
            h.el("text", &[("class", "lanename"), ("x", "10"), ("y", "16")], |h| h.text(self.lane.name(lang)));
            for (at, mark, row) in &self.marks {
                if is_bar(mark) {
                    let y = BARS - up + i64::try_from(*row).unwrap_or(0) * BAR;
                    bar(h, scale, *at, mark, y);
                } else {
                    point(h, scale, *at, mark, self.drawn.get(at).copied());
                }
            }
        });
    }
}

/// How near the next point has to be to become one with these.
fn near(cluster: &[(usize, &Mark)]) -> i64 {
    let count: u64 = cluster.iter().map(|(_, mark)| mark.count).sum();
    NEAR.iter().rfind(|(from, _)| count >= *from).map_or(0, |(_, near)| *near)
}

/// Whether it is drawn as a bar.
fn is_bar(mark: &Mark) -> bool {
    mark.until.is_some_and(|until| until > mark.from) || mark.open
}

fn told(mark: &Mark) -> String {
    let mut text = format!("{} · {}", mark.from, mark.title);
    if mark.count > 1 {
        text.push_str(" ×");
        text.push_str(&mark.count.to_string());
    }
    for more in [&mark.who, &mark.place] {
        if !more.is_empty() {
            text.push_str(" · ");
            text.push_str(more);
        }
    }
    text
}

fn group(
    h: &mut Html,
    scale: &Scale,
    at: usize,
    mark: &Mark,
    class: &str,
    place: (i64, i64),
    inside: impl FnOnce(&mut Html),
) {
    let attrs = [
        ("class", &*format!("m {class} {}", mark.tone.as_str())),
        ("transform", &*format!("translate({} {})", place.0, place.1)),
        ("data-i", &*at.to_string()),
        ("data-a", &*mark.from.micros_since(scale.first).to_string()),
        ("data-b", &*mark.ends().micros_since(scale.first).to_string()),
        ("data-c", &*mark.count.to_string()),
        ("data-y", &*place.1.to_string()),
        ("data-tone", mark.tone.as_str()),
        ("tabindex", "-1"),
        ("role", "img"),
    ];
    h.el("g", &attrs, |h| {
        h.leaf("title", "", &told(mark));
        inside(h);
    });
}

fn point(h: &mut Html, scale: &Scale, at: usize, mark: &Mark, stands_for: Option<u64>) {
    let shape = match mark.tone {
        Tone::Failure => "M0-7 7 0 0 7-7 0Z",
        Tone::Success => "M0-5.5A5.5 5.5 0 0 1 0 5.5 5.5 5.5 0 0 1 0-5.5Z",
        Tone::Context => "M0-4.5A4.5 4.5 0 0 1 0 4.5 4.5 4.5 0 0 1 0-4.5Z",
    };
    let class = if stands_for.is_some() { "p" } else { "p folded" };
    group(h, scale, at, mark, class, (scale.x(mark.from), POINTS), |h| {
        h.void("path", &[("class", "s"), ("d", shape)]);
        let count = stands_for.filter(|count| *count > 1).map(|count| count.to_string()).unwrap_or_default();
        h.el("text", &[("class", "n"), ("y", "-9"), ("text-anchor", "middle")], |h| h.text(&count));
    });
}

fn bar(h: &mut Html, scale: &Scale, at: usize, mark: &Mark, y: i64) {
    let from = scale.x(mark.from);
    let to = if mark.open { WIDTH } else { scale.x(mark.ends()) };
    let width = (to - from).max(6);
    let class = if mark.open { "b open" } else { "b" };
    group(h, scale, at, mark, class, (from, y), |h| {
        h.void("rect", &[("class", "s"), ("width", &width.to_string()), ("height", "13"), ("rx", "2.5")]);
        // The words have to fit into the bar, each letter about six units wide.
        let room = usize::try_from((width - 10) / 6).unwrap_or(0);
        let title: String = if mark.title.chars().count() <= room {
            mark.title.clone()
        } else if room > 6 {
            mark.title.chars().take(room - 1).chain(['…']).collect()
        } else {
            String::new()
        };
        h.el("text", &[("class", "t"), ("x", "6"), ("y", "10"), ("data-t", &mark.title)], |h| h.text(&title));
    });
}

/// Half of the width of a label of the scale.
const LABEL: i64 = 42;

/// Steps of a scale, in microseconds.
const STEPS: [i64; 30] = [
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000, // below a second
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    15_000_000,
    30_000_000, // seconds
    60_000_000,
    120_000_000,
    300_000_000,
    600_000_000,
    900_000_000,
    1_800_000_000, // minutes
    3_600_000_000,
    7_200_000_000,
    10_800_000_000,
    21_600_000_000,
    43_200_000_000, // hours
    86_400_000_000,
    604_800_000_000,
    2_592_000_000_000,
    31_536_000_000_000, // days
];

/// Lines over all lanes at round moments.
fn axis(h: &mut Html, scale: &Scale, height: i64) {
    let step = STEPS.into_iter().find(|step| scale.range / step < 9).unwrap_or(scale.range);
    let first = scale.first.as_micros();
    let mut at = first.div_euclid(step) * step + step;
    let mut day = String::new();
    while at <= first + scale.range {
        let moment = Timestamp::from_micros(at);
        let x = scale.x(moment);
        h.void("path", &[("class", "tick"), ("d", &format!("M{x} 20V{height}"))]);
        // A label at the edge stays inside of the picture.
        let x = x.clamp(LABEL, WIDTH - LABEL).to_string();
        let text = moment.to_string();
        let (date, time) = text.split_once('T').unwrap_or((&text, ""));
        let time = time.get(..if step < 1_000_000 { 12 } else { 8 }).unwrap_or(time);
        let label = if step >= 86_400_000_000 {
            date.to_owned()
        } else if day == date {
            time.to_owned()
        } else {
            date.clone_into(&mut day);
            format!("{} {time}", date.get(5..).unwrap_or(date))
        };
        h.el("text", &[("class", "when"), ("x", &x), ("y", "14"), ("text-anchor", "middle")], |h| h.text(&label));
        at += step;
    }
}
