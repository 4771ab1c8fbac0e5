//! Single patients as swim lanes: the score as a thin line in arm colour, what happened in ink.

use super::arms::Arms;
use super::axis::{self, Scale};
use super::data::{PatientLane, PatientLanes, ReportData};
use super::marks;
use super::measure;
use super::plot::Series;
use super::svg::{Anchor, PathData, Svg};
use super::words::{self, count};

/// Height of one lane, pixels.
const LANE: f64 = 82.0;

/// What all lanes of a figure share.
pub struct LaneScale {
    days: (f64, f64),
    score: (f64, f64),
    /// Name of the score ("EDSS").
    pub score_name: String,
}

impl LaneScale {
    /// Ranges that hold every lane.
    pub fn of(data: &ReportData) -> Self {
        let lanes = || data.lanes.iter().flat_map(|patient| &patient.arms);
        let values =
            lanes().flat_map(|lane| &lane.score).map(|point| point.1).filter(|value| value.is_finite());
        let (low, high) =
            values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let score = if low <= high { (low.floor(), high.ceil().max(low.floor() + 1.0)) } else { (0.0, 1.0) };
        let first = lanes().flat_map(|lane| &lane.events).map(|event| event.0).filter(|day| day.is_finite());
        let first = first.fold(0.0, f64::min).max(-0.05 * data.horizon_days);
        let score_name = data.scores.first().map_or_else(|| "score".to_owned(), |score| score.title.clone());
        Self { days: (first.min(-0.02 * data.horizon_days), data.horizon_days.max(1.0)), score, score_name }
    }

    /// "1 to 7".
    pub fn score_text(&self) -> String {
        format!("{} to {}", axis::tick_text(self.score.0), axis::tick_text(self.score.1))
    }
}

/// Kinds of events with their name, in the order of the key.
const KINDS: [(&str, &str); 9] = [
    ("relapse", "relapse"),
    ("pulse", "steroid pulse"),
    ("infection", "infection"),
    ("toxicity", "organ toxicity"),
    ("autoimmunity", "new autoimmune disease"),
    ("lesion", "new lesion"),
    ("graft", "graft"),
    ("death", "death"),
    ("other", "other"),
];

/// The kinds that occur, with their names.
fn kinds(data: &ReportData) -> Vec<(&'static str, &'static str)> {
    let lanes = || data.lanes.iter().flat_map(|patient| &patient.arms);
    let occurs = |kind: &str| lanes().any(|lane| lane.events.iter().any(|event| kind_of(&event.1) == kind));
    KINDS.into_iter().filter(|(kind, _)| occurs(kind)).collect()
}

fn kind_of(kind: &str) -> &'static str {
    KINDS.iter().map(|(known, _)| *known).find(|known| *known == kind).unwrap_or("other")
}

/// The key above the lanes.
pub fn draw_key(data: &ReportData, scale: &LaneScale, class: &'static str, id: &str) -> String {
    let width: f64 = if class == "narrow" { 354.0 } else { 1000.0 };
    let mut svg = Svg::new(id, class, width, 24.0);
    let (mut x, mut y) = (6.0, 11.0);
    let mut names = Vec::new();
    let line = format!("{}, number at the end", scale.score_name);
    let others = other_titles(data);
    let named = |(kind, name): (&'static str, &'static str)| {
        (kind, if kind == "other" { others.clone() } else { name.to_owned() })
    };
    let entries = kinds(data).into_iter().map(named).chain([("score", line)]);
    for (kind, name) in entries {
        let room = measure::width(&name, 13.0, false) + 20.0;
        if width < x + room {
            (x, y) = (6.0, y + 22.0);
        }
        draw_key_mark(&mut svg, kind, (x, y));
        let shift = if kind == "score" { 14.0 } else { 10.0 };
        svg.text((x + shift, y + 4.0), Anchor::Start, "t", &name);
        x += room + 18.0;
        names.push(name);
    }
    svg.set_height(y + 13.0);
    svg.finish("Key to the lanes", &format!("Signs for {}.", words::list(&names)))
}

/// What the small dots stand for: the titles of the events without a sign of their own.
fn other_titles(data: &ReportData) -> String {
    let events = data.lanes.iter().flat_map(|patient| &patient.arms).flat_map(|lane| &lane.events);
    let mut titles: Vec<&str> = Vec::new();
    for (_, kind, title) in events {
        if kind_of(kind) == "other" && !title.is_empty() && !titles.contains(&title.as_str()) {
            titles.push(title);
        }
    }
    match titles.as_slice() {
        [only] => words::inner(only),
        [one, two] => format!("{} or {}", words::inner(one), words::inner(two)),
        _ => "other".to_owned(),
    }
}

fn draw_key_mark(svg: &mut Svg, kind: &str, at: (f64, f64)) {
    match kind {
        "score" => svg.line((at.0 - 6.0, at.1), (at.0 + 10.0, at.1), "thin key-line"),
        "lesion" => svg.line((at.0, at.1 - 4.0), (at.0, at.1 + 4.0), "les"),
        kind => draw_sign(svg, kind, at),
    }
}

fn draw_sign(svg: &mut Svg, kind: &str, (x, y): (f64, f64)) {
    match kind {
        "relapse" => marks::triangle_down(svg, (x, y), 4.4, "ev"),
        "pulse" => svg.rect((x - 1.5, y - 3.5), (3.0, 7.0), 0.0, "pulse"),
        "infection" => svg.circle((x, y), 3.2, "evo"),
        "autoimmunity" => svg.rect((x - 3.2, y - 3.2), (6.4, 6.4), 0.0, "evo"),
        "toxicity" => marks::marker(svg, marks::Shape::Diamond, (x, y), 3.2, "evo"),
        "death" => {
            svg.line((x - 4.0, y - 4.0), (x + 4.0, y + 4.0), "cross");
            svg.line((x - 4.0, y + 4.0), (x + 4.0, y - 4.0), "cross");
        }
        "graft" => svg.line((x, y - 6.0), (x, y + 6.0), "graft"),
        _ => svg.circle((x, y), 1.8, "ev"),
    }
}

/// One patient, wide: words at the left, lanes, last values at the right.
pub fn draw_wide(patient: &PatientLanes, arms: &Arms, scale: &LaneScale, last: bool, id: &str) -> String {
    let height = 20.0 + LANE * patient.arms.len() as f64 + if last { 20.0 } else { 0.0 };
    let mut svg = Svg::new(id, "wide", 1000.0, height);
    svg.text((0.0, 30.0), Anchor::Start, "t b", &name(patient));
    let mut lines = measure::wrap(&patient.description, 12.5, false, 158.0, 4);
    lines.extend(measure::wrap(&patient.chosen, 12.5, false, 158.0, 2));
    svg.lines((0.0, 48.0), Anchor::Start, "sub", &lines, 16.0);
    draw_lanes(
        &mut svg,
        patient,
        arms,
        scale,
        LaneBox { left: 178.0, right: 880.0, top: 14.0, last, names: true },
    );
    svg.finish(&format!("{} in {}", name(patient), arms_word(patient)), &describe(patient, arms, scale))
}

/// One patient, for a phone.
pub fn draw_narrow(patient: &PatientLanes, arms: &Arms, scale: &LaneScale, last: bool, id: &str) -> String {
    let mut svg = Svg::new(id, "narrow", 354.0, 0.0);
    svg.text_with(
        (0.0, 16.0),
        Anchor::Start,
        "t b",
        &name(patient),
        &measure::shorten(&patient.chosen, 12.5, false, 240.0),
    );
    let lines = measure::wrap(&patient.description, 12.5, false, 350.0, 2);
    svg.lines((0.0, 33.0), Anchor::Start, "sub", &lines, 16.0);
    let top = 30.0 + 16.0 * lines.len() as f64;
    draw_lanes(&mut svg, patient, arms, scale, LaneBox { left: 8.0, right: 310.0, top, last, names: false });
    svg.set_height(top + LANE * patient.arms.len() as f64 + if last { 24.0 } else { 6.0 });
    svg.finish(&format!("{} in {}", name(patient), arms_word(patient)), &describe(patient, arms, scale))
}

fn name(patient: &PatientLanes) -> String {
    format!("Patient {}", patient.patient)
}

fn arms_word(patient: &PatientLanes) -> &'static str {
    match patient.arms.len() {
        0 | 1 => "one arm",
        2 => "both arms",
        _ => "all arms",
    }
}

#[derive(Clone, Copy)]
struct LaneBox {
    left: f64,
    right: f64,
    top: f64,
    last: bool,
    names: bool,
}

fn draw_lanes(svg: &mut Svg, patient: &PatientLanes, arms: &Arms, scale: &LaneScale, place: LaneBox) {
    let x = Scale::linear(scale.days, (place.left, place.right));
    for (row, lane) in patient.arms.iter().enumerate() {
        let top = place.top + LANE * row as f64;
        draw_lane(svg, lane, arms, scale, &x, LaneBox { top, ..place });
    }
    if place.last {
        draw_time(svg, &x, scale.days.1, place.top + LANE * patient.arms.len() as f64 - 12.0);
    }
}

fn draw_time(svg: &mut Svg, x: &Scale, horizon: f64, y: f64) {
    let (ticks, unit) = axis::time_ticks(horizon);
    let end = ticks.len() - 1;
    for (place, (day, text)) in ticks.iter().enumerate() {
        let unit = if place == end { format!(" {}", &unit[..1]) } else { String::new() };
        svg.line((x.at(*day), y), (x.at(*day), y + 4.0), "ax");
        svg.text((x.at(*day), y + 18.0), Anchor::Middle, "tick", &format!("{text}{unit}"));
    }
}

fn draw_lane(svg: &mut Svg, lane: &PatientLane, arms: &Arms, scale: &LaneScale, x: &Scale, place: LaneBox) {
    let style = arms.get(&lane.arm);
    let base = place.top + 60.0;
    let y = Scale::linear(scale.score, (base - 4.0, place.top + 14.0));
    let (days, values): (Vec<f64>, Vec<f64>) = lane.score.iter().copied().unzip();
    let series = Series::of(&days, &values);
    svg.line((place.left, base), (place.right, base), "hair");
    svg.line((x.at(0.0), place.top), (x.at(0.0), base), "hair");
    if let Some(&start) = series.values.first() {
        svg.line((place.left, y.at(start)), (place.right, y.at(start)), "bef");
    }
    svg.path(&PathData::through(&series.line_points(x, &y)), &format!("thin s {}", style.class));
    draw_events(svg, lane, x, (place.top, base));
    if let Some(end) = series.last() {
        let text = words::fixed(end, 1);
        let at = y.at(end).clamp(place.top + 10.0, base) + 4.0;
        svg.text((place.right + 8.0, at), Anchor::Start, &format!("dl c {}", style.class), &text);
        if place.names {
            let name = measure::shorten(&style.inner(), 12.5, false, 992.0 - place.right);
            svg.text(
                (place.right + 8.0, at + 15.0),
                Anchor::Start,
                &format!("sub2 c {}", style.class),
                &name,
            );
        }
    }
}

fn draw_events(svg: &mut Svg, lane: &PatientLane, x: &Scale, (top, base): (f64, f64)) {
    for (day, kind, title) in lane.events.iter().filter(|event| event.0.is_finite()) {
        let at = x.within(*day);
        let kind = kind_of(kind);
        let y = match kind {
            "relapse" => top + 1.5,
            "pulse" => top + 10.5,
            "lesion" => {
                svg.line((at, base + 5.0), (at, base + 10.5), "les");
                continue;
            }
            "graft" => base - 6.0,
            _ => base,
        };
        let title = if title.is_empty() { kind } else { title };
        let tip = format!("{}: {title}", words::capital(&words::time(day.round())));
        svg.tipped(&tip, |svg| draw_sign(svg, kind, (at, y)));
    }
}

/// How often a kind of event happened to a patient in an arm.
pub fn number_of(lane: &PatientLane, kind: &str) -> usize {
    lane.events.iter().filter(|event| kind_of(&event.1) == kind).count()
}

fn describe(patient: &PatientLanes, arms: &Arms, scale: &LaneScale) -> String {
    let lane_text = |lane: &PatientLane| {
        let mut parts: Vec<String> = KINDS
            .iter()
            .map(|(kind, name)| (number_of(lane, kind), name))
            .filter(|(number, _)| 0 < *number)
            .map(|(number, name)| format!("{name} × {}", count(number)))
            .collect();
        if let Some(end) = lane.score.iter().rev().map(|point| point.1).find(|value| value.is_finite()) {
            parts.push(format!("{} {} at the end", scale.score_name, words::fixed(end, 1)));
        }
        format!(
            "{}: {}.",
            arms.get(&lane.arm).title,
            if parts.is_empty() { "nothing recorded".to_owned() } else { parts.join(", ") }
        )
    };
    let lanes: Vec<String> = patient.arms.iter().map(lane_text).collect();
    format!("{}. {}", patient.description, lanes.join(" "))
}
