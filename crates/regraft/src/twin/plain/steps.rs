//! The time line of a treatment in everyday words.

use std::fmt::Write;

use crate::report::axis::{Scale, asinh_ticks};
use crate::report::data::Arm;
use crate::report::svg::{Anchor, Svg, escape};
use crate::report::words::{MONTH_DAYS, capital};

/// Least distance of two marks on the line. They count as apart a little before, or a sum that is rounded down would be
/// moved without end.
const APART: f64 = 13.5;

/// What is done over some time: first and last day from the decision, and words.
struct Stretch {
    from: f64,
    to: f64,
    words: &'static str,
    by_rule: bool,
}

/// The words for each kind of step, in the order in which a treatment goes.
fn stretches(arm: &Arm) -> Vec<Stretch> {
    let zero = arm.graft_day.unwrap_or(0.0);
    let is_graft = arm.steps.iter().any(|step| step.kind == "condition");
    let given = if is_graft { "The stem cells are given, like a blood bag." } else { "Cells are given." };
    let kinds = [
        ("mobilise", "Drugs and shots bring stem cells into the blood."),
        ("collect", "The cells are taken out of the blood."),
        ("condition", "Strong drugs clear out the body's defense."),
        ("infuse", given),
        ("treat", "Medicine is taken."),
        ("rule", "More medicine is given if it is needed."),
    ];
    let mut found = Vec::new();
    for (kind, words) in kinds {
        let days = arm
            .steps
            .iter()
            .filter(|step| step.kind == kind)
            .flat_map(|step| step.days.iter().copied().chain(step.until_day).map(|day| day + zero));
        let days: Vec<f64> = days.filter(|day| day.is_finite()).collect();
        let first = days.iter().copied().fold(f64::INFINITY, f64::min);
        if first.is_finite() {
            let last = days.iter().copied().fold(first, f64::max);
            found.push(Stretch { from: first.max(0.0), to: last.max(0.0), words, by_rule: kind == "rule" });
        }
    }
    if is_graft && arm.graft_day.is_some() {
        let words = "There are few blood cells. Germs are a danger. Most people are in the hospital.";
        found.push(Stretch { from: zero, to: zero + 14.0, words, by_rule: false });
    }
    // What goes on all the time comes last.
    found.sort_by(|a, b| a.by_rule.cmp(&b.by_rule).then(a.from.total_cmp(&b.from)));
    found
}

/// "Day 10", "Day 3 to day 6", "From day 3 on".
fn when(stretch: &Stretch, horizon: f64) -> String {
    let one = |day: f64| match day {
        day if day < 1.0 => "the first day".to_string(),
        day if day < 100.0 => format!("day {day:.0}"),
        day => format!("month {:.0}", day / MONTH_DAYS),
    };
    let (from, to) = (one(stretch.from), one(stretch.to));
    let text = match () {
        // What goes on to the end has no last day.
        () if stretch.to >= 0.95 * horizon => format!("from {from} on"),
        () if from == to => from,
        () => format!("{from} to {to}"),
    };
    capital(&text)
}

/// The time line as a drawing and a list; the numbers tie them together.
pub fn draw(arm: &Arm, horizon: f64, id: &str, class: &str) -> String {
    let list = stretches(arm);
    let (width, height) = (320.0, 40.0);
    let x = Scale::asinh((0.0, horizon.max(1.0)), (10.0, width - 10.0));
    let mut svg = Svg::new(id, "", width, height);
    svg.line((10.0, 14.0), (width - 10.0, 14.0), "way");
    let mut ticks = asinh_ticks(0.0, horizon);
    let last = ticks.last().map_or(0.0, |tick| x.at(tick.0));
    let end = ticks.len().saturating_sub(1);
    // A text takes some fifty pixels.
    let mut place = 0;
    ticks.retain(|tick| {
        place += 1;
        place > end || last - x.at(tick.0) > 56.0
    });
    for (place, (day, text)) in ticks.iter().enumerate() {
        svg.line((x.at(*day), 18.0), (x.at(*day), 22.0), "way");
        let anchor = if place + 1 == ticks.len() { Anchor::End } else { Anchor::Middle };
        let at = if anchor == Anchor::End { x.at(*day) + 8.0 } else { x.at(*day) };
        let text = if *day == 0.0 {
            "now".to_string()
        } else {
            text.replace(" d", " days").replace(" mo", " months").replace(" y", " years")
        };
        svg.text((at.max(10.0), 36.0), anchor, "tick", &text);
    }
    for stretch in &list {
        svg.line((x.within(stretch.from), 14.0), (x.within(stretch.to), 14.0), &format!("bar {class}"));
    }
    let mut taken: Vec<f64> = Vec::new();
    for (place, stretch) in list.iter().enumerate() {
        // Steps that begin at one place stand beside each other.
        let mut at = x.within(stretch.from);
        while let Some(other) = taken.iter().find(|other| (*other - at).abs() < APART - 1e-6) {
            at = other + APART;
        }
        taken.push(at);
        svg.circle((at, 7.0), 6.5, &format!("stop {class}"));
        svg.text((at, 10.3), Anchor::Middle, "number", &(place + 1).to_string());
    }
    let mut html = svg.finish("Time line", &format!("{} steps", list.len()));
    if list.is_empty() {
        return html + "<p>Nothing is given. The doctor looks after the person.</p>";
    }
    html.push_str("<ol>");
    for stretch in &list {
        let _ = write!(html, "<li><b>{}.</b> {}</li>", escape(&when(stretch, horizon)), stretch.words);
    }
    html + "</ol>"
}
