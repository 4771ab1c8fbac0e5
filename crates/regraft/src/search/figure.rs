//! The drawings of a search: objectives against each other, and what each point of the frontier is made of.
//!
//! Filled is simulated in patients whom the search did not see; a ring around it shows the reach of luck, two standard
//! errors either way. Hollow are the regimens that stand beside. Small dots are what was tried.

use super::found::{Beside, Found, ObjectiveFound, Valued};
use crate::report::axis::{Scale, round_ticks, tick_text};
use crate::report::marks::{Shape, marker};
use crate::report::measure;
use crate::report::place::{Area, Occupied};
use crate::report::svg::{Anchor, Svg};
use crate::report::words;

const WIDTH: f64 = 484.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 470.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 364.0;

/// Letters by which regimens beside the frontier are known.
pub fn letters(place: usize) -> String {
    let letter = |place: usize| char::from(b'A' + (place % 26) as u8);
    if place < 26 {
        letter(place).to_string()
    } else {
        format!("{}{}", letter(place / 26 - 1), letter(place))
    }
}

/// Objective `across` against objective `up`, one panel.
pub fn against(found: &Found, up: usize, across: usize) -> String {
    let (x_of, y_of) = (&found.objectives[across], &found.objectives[up]);
    let (x_ticks, y_ticks) = (ticks(found, across), ticks(found, up));
    let ends = |ticks: &[f64]| (ticks[0], ticks[ticks.len() - 1]);
    let x = Scale::linear(ends(&x_ticks), (LEFT, RIGHT));
    let y = Scale::linear(ends(&y_ticks), (BOTTOM, TOP));
    let mut svg = Svg::new(&format!("against-{up}-{across}"), "", WIDTH, BOTTOM + 46.0);
    for (place, tick) in y_ticks.iter().enumerate() {
        svg.line((LEFT, y.at(*tick)), (RIGHT, y.at(*tick)), if place == 0 { "ax" } else { "grid" });
        svg.text((LEFT - 7.0, y.at(*tick) + 4.0), Anchor::End, "tick", &tick_text(*tick));
    }
    for tick in &x_ticks {
        svg.line((x.at(*tick), BOTTOM), (x.at(*tick), BOTTOM + 4.0), "ax");
        svg.text((x.at(*tick), BOTTOM + 18.0), Anchor::Middle, "tick", &tick_text(*tick));
    }
    svg.text((0.0, 12.0), Anchor::Start, "lab", &fitted(y_of));
    svg.text((RIGHT, BOTTOM + 38.0), Anchor::End, "lab", &fitted(x_of));
    let by = found.judged_by;
    let at = |values: &[Valued]| {
        let place = (x.within(values[across].judged(by)?), y.within(values[up].judged(by)?));
        Some(place).filter(|place| place.0.is_finite() && place.1.is_finite())
    };
    for (_, values) in &found.candidates {
        svg.circle((x.within(values[across]), y.within(values[up])), 1.8, "tried");
    }
    let mut room = Occupied::within(Area { left: LEFT, top: TOP - 14.0, right: RIGHT + 8.0, bottom: BOTTOM });
    for point in &found.frontier {
        let Some(place) = at(&point.objectives) else { continue };
        room.add(Area::sized(place.0 - 9.0, place.1 - 9.0, 18.0, 18.0));
        if by == "mean" {
            reach(&mut svg, &point.objectives, (across, up), (&x, &y), place);
        }
        other_end(&mut svg, found, &point.objectives, (across, up), (&x, &y), place);
    }
    draw_beside(&mut svg, found, &at, &mut room);
    for (number, point) in found.frontier.iter().enumerate() {
        let Some(place) = at(&point.objectives) else { continue };
        let class = if point.beaten_by.is_empty() { "f ring" } else { "f2 ring" };
        svg.tipped(&point.id, |svg| {
            svg.circle(place, 8.5, class);
            let class = if point.beaten_by.is_empty() { "on" } else { "on faint" };
            svg.text((place.0, place.1 + 4.0), Anchor::Middle, class, &(number + 1).to_string());
        });
    }
    svg.finish(&format!("{} against {}", y_of.title, x_of.title), &described(found, up, across))
}

fn fitted(objective: &ObjectiveFound) -> String {
    let unit = words::unit_suffix(&objective.unit, false);
    let unit = if unit.is_empty() { unit } else { format!(",{unit}") };
    let better = if objective.maximize { "more is better" } else { "less is better" };
    let room = RIGHT - measure::width(&format!("{unit} ({better})"), 13.5, false);
    format!("{}{unit} ({better})", measure::shorten(&objective.title, 13.5, false, room))
}

fn described(found: &Found, up: usize, across: usize) -> String {
    let one = |name: &str, values: &[Valued]| {
        let by = found.judged_by;
        let text = |valued: &Valued| valued.judged(by).map_or("unknown".to_string(), words::as_printed);
        format!("{name}: {} and {}", text(&values[up]), text(&values[across]))
    };
    let points = found.frontier.iter().map(|point| one(&point.id, &point.objectives));
    points
        .chain(found.beside.iter().map(|beside| one(&beside.title, &beside.objectives)))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Ticks that hold the frontier and the trial's own arms, and what stands beside them within once their range; what
/// lies farther out stands at the edge.
fn ticks(found: &Found, objective: usize) -> Vec<f64> {
    let value = |values: &Vec<Valued>| values[objective].judged(found.judged_by);
    let both = |point: &super::Point| {
        let own = point.objectives[objective];
        [own.judged("mean"), own.judged("worst").filter(|_| found.n_members > 1)].into_iter().flatten()
    };
    let points = found.frontier.iter().flat_map(both);
    let own = found.beside.iter().filter(|beside| beside.own_arm);
    let main: Vec<f64> = points.chain(own.filter_map(|beside| value(&beside.objectives))).collect();
    let ends = |values: &[f64]| {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    let (low, high) = ends(&main);
    if low >= high || !low.is_finite() {
        let around = if low.is_finite() { low } else { 0.0 };
        let floor = if around >= 0.0 { (around - 0.5).max(0.0) } else { around - 0.5 };
        return round_ticks(floor, around + 0.5);
    }
    let range = high - low;
    let near = found.beside.iter().filter_map(|beside| value(&beside.objectives));
    let near = near.filter(|value| (low - range..=high + range).contains(value));
    let (low, high) = ends(&main.iter().copied().chain(near).collect::<Vec<_>>());
    let margin = 0.04 * range;
    let floor = if low >= 0.0 { (low - margin).max(0.0) } else { low - margin };
    round_ticks(floor, high + margin)
}

/// A line from a point to its other value among members: from the mean to what the worst share is worse than, or back.
fn other_end(
    svg: &mut Svg,
    found: &Found,
    values: &[Valued],
    of: (usize, usize),
    scales: (&Scale, &Scale),
    at: (f64, f64),
) {
    let other = if found.judged_by == "mean" { "worst" } else { "mean" };
    let (Some(x), Some(y)) = (values[of.0].judged(other), values[of.1].judged(other)) else { return };
    if found.n_members > 1 {
        let end = (scales.0.within(x), scales.1.within(y));
        svg.line(at, end, "other-end");
        svg.circle(end, 2.6, "f2");
    }
}

/// Two standard errors either way, in both directions.
fn reach(svg: &mut Svg, values: &[Valued], of: (usize, usize), scales: (&Scale, &Scale), at: (f64, f64)) {
    let ends = |valued: &Valued, scale: &Scale| {
        let (value, error) = (valued.value?, valued.error.filter(|error| *error > 0.0)?);
        Some((scale.within(value - 2.0 * error), scale.within(value + 2.0 * error)))
    };
    if let Some((from, to)) = ends(&values[of.0], scales.0) {
        svg.line((from, at.1), (to, at.1), "reach");
    }
    if let Some((from, to)) = ends(&values[of.1], scales.1) {
        svg.line((at.0, from), (at.0, to), "reach");
    }
}

/// The trial's own arms as diamonds with their names, others as squares with letters.
fn draw_beside(
    svg: &mut Svg,
    found: &Found,
    at: &impl Fn(&[Valued]) -> Option<(f64, f64)>,
    room: &mut Occupied,
) {
    let placed: Vec<(usize, &Beside, (f64, f64))> = found
        .beside
        .iter()
        .enumerate()
        .filter_map(|(place, beside)| Some((place, beside, at(&beside.objectives)?)))
        .collect();
    for (_, _, (x, y)) in &placed {
        room.add(Area::sized(x - 5.0, y - 5.0, 10.0, 10.0));
    }
    for (number, beside, place) in placed {
        let letter = letters(number);
        svg.tipped(&format!("{letter}: {}", beside.title), |svg| {
            let (shape, size) = if beside.own_arm { (Shape::Diamond, 5.5) } else { (Shape::Square, 4.2) };
            marker(svg, shape, place, size, "pub");
        });
        let text = if beside.own_arm {
            format!("{letter} {}", measure::shorten(&beside.title, 12.5, true, 120.0))
        } else {
            letter
        };
        let class = if beside.own_arm { "an b halo" } else { "src halo" };
        let size = (measure::width(&text, 12.5, beside.own_arm) + 2.0, 14.0);
        let area = room.beside(place, size, 8.0);
        svg.text((area.left, area.bottom - 3.0), Anchor::Start, class, &text);
    }
}

const STRIP_LEFT: f64 = 46.0;
const ROW: f64 = 24.0;

/// What each point is made of: a strip from the lowest to the highest value for every variable; the line through all
/// rows is the card's own value.
pub fn made_of(found: &Found) -> String {
    let n = found.variables.len().max(1) as f64;
    let column = (1000.0 - STRIP_LEFT) / n;
    let (top, bottom) = (58.0, 58.0 + ROW * found.frontier.len() as f64);
    let mut svg = Svg::new("made-of", "wide", 1000.0, bottom + 26.0);
    for (place, variable) in found.variables.iter().enumerate() {
        let left = STRIP_LEFT + column * place as f64;
        let x = Scale::linear((variable.low, variable.high), (left + 8.0, left + column - 26.0));
        let lines = measure::wrap(&variable.title, 13.0, true, column - 20.0, 2);
        svg.lines((left, 14.0), Anchor::Start, "t b", &lines, 16.0);
        let text = |value: f64| match variable.words.get(value as usize) {
            Some(_) => letters(value as usize),
            None => tick_text(value),
        };
        svg.text((x.at(variable.low), bottom + 16.0), Anchor::Middle, "tick", &text(variable.low));
        svg.text((x.at(variable.high), bottom + 16.0), Anchor::Middle, "tick", &text(variable.high));
        if let Some(card) = variable.card.filter(|card| (variable.low..=variable.high).contains(card)) {
            svg.line((x.at(card), top - 4.0), (x.at(card), bottom), "mark");
        }
        for (row, point) in found.frontier.iter().enumerate() {
            let y = top + ROW * (row as f64 + 0.5);
            svg.line((x.at(variable.low), y), (x.at(variable.high), y), "grid");
            let class = if point.beaten_by.is_empty() { "f ring" } else { "f2 ring" };
            let value = point.values[place];
            let tip = format!("{}, {}: {}", point.id, variable.title, of_variable(found, place, value));
            svg.tipped(&tip, |svg| svg.circle((x.at(value), y), 5.0, class));
        }
    }
    for row in 0..found.frontier.len() {
        let y = top + ROW * (row as f64 + 0.5);
        svg.text((0.0, y + 4.0), Anchor::Start, "num", &(row + 1).to_string());
    }
    let rows = found.frontier.iter().map(|point| {
        let values = point.values.iter().enumerate();
        let values: Vec<String> = values.map(|(place, value)| of_variable(found, place, *value)).collect();
        format!("{}: {}", point.id, values.join(", "))
    });
    svg.finish("What each point is made of", &rows.collect::<Vec<_>>().join("; "))
}

/// A value of a variable for people.
pub fn of_variable(found: &Found, variable: usize, value: f64) -> String {
    let variable = &found.variables[variable];
    match variable.words.get(value.round().max(0.0) as usize) {
        Some(word) => word.clone(),
        None => {
            let unit = if variable.unit.is_empty() { String::new() } else { format!(" {}", variable.unit) };
            format!("{}{unit}", words::printed_units(&tick_text(value)))
        }
    }
}
