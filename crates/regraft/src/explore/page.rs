//! The page of an exploration: the diagram of steady states, with the patients of each regimen drawn in.
//!
//! Hue means regimen; a full line is a stable state, a dashed one the border between two; a pale disc is a patient who
//! ends in the tolerant state, a strong diamond one who ends in the diseased state.

use std::fmt::Write;

use super::answer::{AtValue, Diagram, Kind, Steady};
use super::cohort::{Position, Positions};
use crate::report::axis::{Scale, log_ticks, round_ticks, tick_text};
use crate::report::palette;
use crate::report::svg::{Anchor, PathData, Svg, escape};
use crate::report::words as report_words;

/// What the page shows.
pub struct Explored<'a> {
    /// Title of the disease or model.
    pub title: &'a str,
    /// The diagram.
    pub diagram: &'a Diagram,
    /// The patients, if regimens were asked for.
    pub positions: Option<&'a Positions>,
    /// The command that repeats it.
    pub command: &'a str,
    /// Version of the program.
    pub version: &'a str,
}

/// Writes the page: one HTML text without script and without any request.
pub fn explored(data: &Explored<'_>) -> String {
    let css = format!("{}{}{}", palette::rules(), include_str!("../../templates/report.css"), CSS);
    let mut body = String::new();
    let _ = write!(
        body,
        "<p class=\"kick\"><span>{}</span><span>Steady states over {}</span><span class=\"ru\">Research, not advice</span></p>",
        escape(data.title),
        escape(&words(&data.diagram.over))
    );
    let _ = write!(body, "<h1>{}</h1>", escape(&headline(data.diagram)));
    for sentence in answers(data) {
        let _ = write!(body, "<p class=\"lead\">{}</p>", escape(&sentence));
    }
    body.push_str(&figures(data));
    body.push_str(&tables(data));
    body.push_str(&small_print(data));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main>{body}</main></body></html>\n",
        escape(&format!("{}: steady states", data.title))
    )
}

/// What this page needs beside the report's style.
const CSS: &str = "\n.unstable { stroke: var(--ink); stroke-width: 1.75; stroke-dasharray: 6 4; fill: none; }\n\
.stable { stroke: var(--ink); stroke-width: 2.5; stroke-linejoin: round; fill: none; }\n\
.unsure { stroke: var(--ink3); stroke-width: 1.5; fill: none; }\n\
.turn { fill: var(--paper); stroke: var(--ink); stroke-width: 1.75; }\n\
.lab.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }\n\
.find tbody td:nth-child(5) { text-align: right; }\n\
@media (max-width: 720px) { .find tbody td:nth-child(5) { text-align: left; } }\n\
pre { white-space: pre-wrap; font-size: 13px; background: var(--wash); padding: 10px 14px; }\n";

/// Last part of a full name, as words.
fn words(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).replace('_', " ")
}

/// Three significant digits.
pub fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { "–".into() };
    }
    let places = (2 - value.abs().log10().floor() as i32).clamp(0, 9);
    let text = format!("{value:.*}", places as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "" | "ratio" | "dimensionless" => digits(value),
        unit => format!("{} {}", digits(value), report_words::printed_units(unit)),
    }
}

/// A mean or median of patients: two digits, more would be luck.
fn of_patients(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return digits(value);
    }
    let size = 10f64.powf(value.abs().log10().floor() - 1.0);
    digits((value / size).round() * size)
}

/// Steady states at the model's own value, if it lies in the range.
fn own(diagram: &Diagram) -> Option<&AtValue> {
    let near = |at: &&AtValue| (at.value - diagram.own_value).abs() <= 1e-9 * (diagram.to - diagram.from);
    diagram.grid.iter().find(near)
}

fn stable(at: &AtValue) -> Vec<&Steady> {
    at.steady.iter().filter(|steady| steady.stable == Some(true)).collect()
}

/// Where the number of stable states changes.
fn headline(diagram: &Diagram) -> String {
    let several = diagram.grid.iter().filter(|at| stable(at).len() > 1).count();
    let name = words(&diagram.over);
    let folds: Vec<String> = diagram
        .bifurcations
        .iter()
        .filter(|change| change.kind == Kind::Fold)
        .map(|change| with_unit(change.value, &diagram.over_unit))
        .collect();
    match (several, folds.as_slice()) {
        (0, _) => format!(
            "One stable state at every {name} from {} to {}",
            digits(diagram.from),
            digits(diagram.to)
        ),
        (_, []) => {
            format!("Two stable states at {name} from {} to {}", digits(diagram.from), digits(diagram.to))
        }
        (_, [fold]) => format!("Two stable states on one side of {name} {fold}, one on the other"),
        (_, folds) => format!("Two stable states between the folds at {name} {}", folds.join(" and ")),
    }
}

/// The numbers in sentences.
fn answers(data: &Explored<'_>) -> Vec<String> {
    let diagram = data.diagram;
    let mut all = Vec::new();
    if let Some(at) = own(diagram) {
        let states: Vec<String> = at
            .steady
            .iter()
            .map(|steady| {
                let word = if steady.stable == Some(true) { "stable" } else { "border, unstable" };
                format!("{} ({word})", with_unit(steady.state, &diagram.state_unit))
            })
            .collect();
        all.push(format!(
            "At the card's own {} of {} the steady states of {} are {}.",
            words(&diagram.over),
            with_unit(at.value, &diagram.over_unit),
            words(&diagram.state),
            states.join(", ")
        ));
    }
    for position in data.positions.iter().flat_map(|positions| &positions.regimens) {
        all.push(of_regimen(
            position,
            data.positions.map_or(0.0, |p| p.day),
            data.positions.map_or(0.0, |p| p.years),
            &diagram.state_unit,
        ));
    }
    all
}

fn of_regimen(position: &Position, day: f64, years: f64, unit: &str) -> String {
    let (share, low, high) = position.share;
    format!(
        "{}: on day {} the median patient is left with {} {} (mean {}), where the median border is {}; {} of {} patients \
         with two states stand below their own border, and {} of 100 ({} to {}) are in the tolerant state {} years later.",
        position.title,
        digits(day),
        of_patients(position.median_left),
        report_words::printed_units(unit),
        of_patients(position.mean_left),
        of_patients(position.median_border),
        position.below_border,
        position.with_border,
        report_words::per_hundred((100.0 * share).round()),
        report_words::fixed(100.0 * low, 0),
        report_words::fixed(100.0 * high, 0),
        digits(years),
    )
}

/// One drawing without patients, or one for each regimen.
fn figures(data: &Explored<'_>) -> String {
    let mut html = String::from("<section><div class=\"pairs\">");
    let none: [Option<&Position>; 1] = [None];
    let some: Vec<Option<&Position>> =
        data.positions.iter().flat_map(|positions| &positions.regimens).map(Some).collect();
    let all: &[Option<&Position>] = if some.is_empty() { &none } else { &some };
    let scales = scales(data.diagram, &some.iter().flatten().copied().collect::<Vec<_>>());
    for (index, position) in all.iter().enumerate() {
        let title = position.map_or(data.title.to_string(), |position| position.title.clone());
        let class = 1 + index % 4;
        let _ = write!(
            html,
            "<figure class=\"panel a{class}\"><p class=\"pt\"><b>{}</b></p>{}</figure>",
            escape(&title),
            draw(data.diagram, *position, &scales, index)
        );
    }
    html.push_str("</div>");
    let patients = match data.positions {
        None => String::new(),
        Some(positions) => format!(
            " Discs: patients on day {} who are in the tolerant state {} years later; diamonds: patients who are in \
             the diseased state then. Each patient has a border of their own; the dashed line is that of the card.",
            digits(positions.day),
            digits(positions.years)
        ),
    };
    let _ = write!(
        html,
        "<p class=\"cap\">Full line: stable state. Dashed line: the border between them, an unstable state. Ring: \
         fold.{patients}</p></section>"
    );
    html
}

/// Axes that hold all panels.
struct Scales {
    x: Scale,
    y: Scale,
    x_ticks: Vec<f64>,
    y_ticks: Vec<f64>,
    lowest: f64,
}

const WIDTH: f64 = 484.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 470.0;
const TOP: f64 = 38.0;
const BOTTOM: f64 = 346.0;

fn scales(diagram: &Diagram, positions: &[&Position]) -> Scales {
    let of_branches =
        diagram.branches.iter().flat_map(|branch| branch.points.iter().map(|point| point.state));
    let of_patients =
        positions.iter().flat_map(|position| position.patients.iter().map(|patient| patient.left));
    let values: Vec<f64> = of_branches.chain(of_patients).filter(|value| value.is_finite()).collect();
    let high = values.iter().copied().fold(f64::MIN, f64::max).max(1e-12);
    let low = values.iter().copied().fold(f64::MAX, f64::min).min(high);
    let positive = values.iter().copied().filter(|value| *value > 0.0).fold(f64::MAX, f64::min);
    let is_log = low > -1e-9 * high && high > 20.0 * positive;
    let lowest = positive.max(1e-5 * high);
    let y_ticks = if is_log { log_ticks(lowest, high) } else { round_ticks(low.min(0.0), high) };
    let ends = (y_ticks[0], y_ticks[y_ticks.len() - 1]);
    let y = if is_log { Scale::log(ends, (BOTTOM, TOP)) } else { Scale::linear(ends, (BOTTOM, TOP)) };
    let inside = |tick: &f64| (diagram.from..=diagram.to).contains(tick);
    Scales {
        x: Scale::linear((diagram.from, diagram.to), (LEFT, RIGHT)),
        x_ticks: round_ticks(diagram.from, diagram.to).into_iter().filter(inside).collect(),
        y,
        lowest: if is_log { y_ticks[0] } else { f64::MIN },
        y_ticks,
    }
}

fn draw(diagram: &Diagram, position: Option<&Position>, scales: &Scales, index: usize) -> String {
    let id = format!("diagram-{index}");
    let mut svg = Svg::new(&id, "", WIDTH, BOTTOM + 46.0);
    draw_axes(&mut svg, diagram, scales);
    let at = |value: f64, state: f64| (scales.x.at(value), scales.y.at(state.max(scales.lowest)));
    for patient in position.iter().flat_map(|position| &position.patients) {
        if !(diagram.from..=diagram.to).contains(&patient.value) {
            continue;
        }
        let (x, y) = at(patient.value, patient.left);
        if patient.tolerant {
            svg.circle((x, y), 3.0, "f2");
        } else {
            let corners = [(x, y - 4.5), (x + 4.5, y), (x, y + 4.5), (x - 4.5, y)];
            svg.path(&PathData::around(&corners), "f ring");
        }
    }
    for branch in &diagram.branches {
        draw_branch(&mut svg, &branch.points, &at);
    }
    let mut turns: Vec<String> = Vec::new();
    for change in &diagram.bifurcations {
        let (x, y) = at(change.value, change.state);
        svg.circle((x, y), 4.5, "turn");
        let word = match change.kind {
            Kind::Fold => "fold",
            Kind::Hopf => "onset of oscillation",
            Kind::Crossing => "change of stability",
        };
        let text = format!("{word} {}", digits(change.value));
        // Before a fold that opens to the right the place is free; at the right end of the drawing it is below.
        if change.kind == Kind::Fold && opens_right(diagram) {
            svg.text((x - 10.0, y + 4.0), Anchor::End, "lab halo", &text);
        } else if x > 0.7 * RIGHT {
            svg.text(((x + 40.0).min(RIGHT + 8.0), y + 36.0), Anchor::End, "lab halo", &text);
        } else {
            svg.text((x + 9.0, y - 8.0), Anchor::Start, "lab halo", &text);
        }
        turns.push(format!("{word} at {}", digits(change.value)));
    }
    label_branches(&mut svg, diagram, &at);
    let what = format!("{} over {}", words(&diagram.state), words(&diagram.over));
    svg.finish(&format!("Steady states of {what}"), &turns.join("; "))
}

fn draw_axes(svg: &mut Svg, diagram: &Diagram, scales: &Scales) {
    for (place, tick) in scales.y_ticks.iter().enumerate() {
        let y = scales.y.at(*tick);
        svg.line((LEFT, y), (RIGHT, y), if place == 0 { "ax" } else { "grid" });
        svg.text((LEFT - 7.0, y + 4.0), Anchor::End, "tick", &tick_text(*tick));
    }
    for tick in &scales.x_ticks {
        let x = scales.x.at(*tick);
        svg.line((x, BOTTOM), (x, BOTTOM + 4.0), "ax");
        svg.text((x, BOTTOM + 18.0), Anchor::Middle, "tick", &tick_text(*tick));
    }
    let unit = |unit: &str| match unit {
        "" | "ratio" | "dimensionless" => String::new(),
        unit => format!(", {}", report_words::printed_units(unit)),
    };
    let (over, state) = (words(&diagram.over), words(&diagram.state));
    svg.text((0.0, 11.0), Anchor::Start, "lab", &format!("{state}{}", unit(&diagram.state_unit)));
    svg.text((RIGHT, BOTTOM + 38.0), Anchor::End, "lab", &format!("{over}{}", unit(&diagram.over_unit)));
    if diagram.own_value > diagram.from && diagram.own_value < diagram.to {
        let x = scales.x.at(diagram.own_value);
        svg.line((x, TOP), (x, BOTTOM), "mark");
        svg.text((x, TOP - 6.0), Anchor::Middle, "an", &format!("card {}", digits(diagram.own_value)));
    }
}

/// A branch in pieces of one stability.
fn draw_branch(svg: &mut Svg, points: &[Steady], at: &impl Fn(f64, f64) -> (f64, f64)) {
    let mut from = 0;
    while from < points.len() {
        let kind = points[from].stable;
        let len = points[from..].iter().take_while(|point| point.stable == kind).count();
        // The piece begins where the last one ended.
        let first = from.saturating_sub(1);
        let piece: Vec<(f64, f64)> =
            points[first..from + len].iter().map(|point| at(point.value, point.state)).collect();
        let class = match kind {
            Some(true) => "stable",
            Some(false) => "unstable",
            None => "unsure",
        };
        svg.path(&PathData::through(&piece), class);
        from += len;
    }
}

/// Values at which there are three states.
fn threefold(diagram: &Diagram) -> Vec<&AtValue> {
    diagram.grid.iter().filter(|at| at.steady.len() == 3).collect()
}

/// Whether the three states are those of the last values and not of the first.
fn opens_right(diagram: &Diagram) -> bool {
    let many = |at: Option<&AtValue>| at.is_some_and(|at| at.steady.len() == 3);
    !many(diagram.grid.first()) && many(diagram.grid.last())
}

/// Names of the three states where there are three, away from the fold.
fn label_branches(svg: &mut Svg, diagram: &Diagram, at: &impl Fn(f64, f64) -> (f64, f64)) {
    let (three, right) = (threefold(diagram), opens_right(diagram));
    let place = if right { three.last() } else { three.get(three.len() / 8) }.copied();
    // At a single value there is no room beside the fold.
    let Some(place) = place.filter(|_| three.len() > 1) else { return };
    let anchor = if right { Anchor::End } else { Anchor::Start };
    for (steady, (word, shift)) in
        place.steady.iter().zip([("tolerant", 17.0), ("border", -8.0), ("diseased", -8.0)])
    {
        let (x, y) = at(steady.value, steady.state);
        svg.text((x.max(LEFT + 6.0), y + shift), anchor, "dl halo", word);
    }
}

fn tables(data: &Explored<'_>) -> String {
    let diagram = data.diagram;
    let mut html = String::from("<section><h2>Numbers</h2>");
    if let Some(positions) = data.positions {
        let _ = write!(
            html,
            "<div class=\"scroll\"><table class=\"find\"><thead><tr><th>Regimen</th><th>left, median</th><th>left, \
             mean</th><th>border, median</th><th>below own border</th><th>tolerant after {} years</th></tr></thead><tbody>",
            digits(positions.years)
        );
        for position in &positions.regimens {
            let _ = write!(
                html,
                "<tr><th scope=\"row\">{}</th><td data-l=\"left, median\">{}</td><td data-l=\"left, mean\">{}</td><td \
                 data-l=\"border, median\">{}</td><td data-l=\"below own border\">{} of {}</td><td data-l=\"tolerant \
                 later\">{} of {}</td></tr>",
                escape(&position.title),
                of_patients(position.median_left),
                of_patients(position.mean_left),
                of_patients(position.median_border),
                position.below_border,
                position.with_border,
                position.tolerant,
                position.patients.len()
            );
        }
        html.push_str("</tbody></table></div>");
    }
    let _ = write!(
        html,
        "<details class=\"data\"><summary>Steady states over {}</summary><div class=\"scroll\"><table><thead><tr>\
         <th>{}</th><th>steady states of {} (u: unstable)</th></tr></thead><tbody>",
        escape(&words(&diagram.over)),
        escape(&words(&diagram.over)),
        escape(&words(&diagram.state))
    );
    for at in &diagram.grid {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
            digits(at.value),
            escape(&listed(at))
        );
    }
    html.push_str("</tbody></table></div></details></section>");
    html
}

/// Steady states in one line.
pub fn listed(at: &AtValue) -> String {
    let one = |steady: &Steady| {
        let sign = match steady.stable {
            Some(true) => "",
            Some(false) => " u",
            None => " ?",
        };
        format!("{}{sign}", digits(steady.state))
    };
    at.steady.iter().map(one).collect::<Vec<_>>().join("   ")
}

fn small_print(data: &Explored<'_>) -> String {
    let diagram = data.diagram;
    let mut items: Vec<String> = vec![
        "Events are off and no drug is given but those that the card gives all along: what is shown is where the model rests.".to_string(),
        "The diagram has the numbers of the card. Patients differ in every trait of their population, so a patient \
         may stand above the dashed line and still be below a border of their own."
            .to_string(),
    ];
    if let Some(positions) = data.positions {
        let mut scaled: Vec<String> = positions.scaled.iter().map(|name| words(name)).collect();
        let mut seen = std::collections::BTreeSet::new();
        scaled.retain(|name| seen.insert(name.clone()));
        items.push(format!(
            "A patient's own border is found by scaling {} together, everything else as it is on day {}, until the \
             disease just fails to come back in 25 years. No dose is given after that day; a drug taken daily goes on.",
            scaled.join(", "),
            digits(positions.day)
        ));
    }
    items.extend(diagram.conserved.iter().map(|sum| format!("Conserved and held at its start: {sum}.")));
    items.extend(diagram.notes.iter().cloned());
    let list: String = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
    let aside = match diagram.aside.len() {
        0 => String::new(),
        n => {
            let one = |aside: &super::answer::SetAside| {
                format!("<li>{}: {}</li>", escape(&aside.state), escape(aside.why.word()))
            };
            let list: String = diagram.aside.iter().map(one).collect();
            format!(
                "<details class=\"data\"><summary>{} set aside</summary><ul class=\"as\">{list}</ul></details>",
                report_words::plural(n, "state of the model was", "states of the model were")
            )
        }
    };
    format!(
        "<section><h2>How to read it</h2><ul class=\"as\">{list}</ul>{aside}<h3>Repeat it</h3><pre>{}</pre></section>\
         <footer><p>regraft {}</p></footer>",
        escape(data.command),
        escape(data.version)
    )
}
