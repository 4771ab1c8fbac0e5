//! The drawing of what could be learned: one bar for each lesson, with two standard errors either way.

use super::run::{Found, Kind, Lesson};
use crate::report::axis::{Scale, round_ticks, tick_text};
use crate::report::measure;
use crate::report::svg::{Anchor, Svg};
use crate::report::words;

const ROW: f64 = 30.0;
const TOP: f64 = 26.0;

/// Most bars; the rest stands in the table.
pub const SHOWN: usize = 16;

/// Bars for a wide page or, where `narrow`, for a phone.
pub fn bars(found: &Found, narrow: bool) -> String {
    let lessons = &found.lessons[..found.lessons.len().min(SHOWN)];
    let (width, left, class) = if narrow { (354.0, 0.0, "narrow") } else { (1000.0, 330.0, "wide") };
    let row = if narrow { ROW + 18.0 } else { ROW };
    let bottom = TOP + row * lessons.len() as f64;
    let right = width - if narrow { 56.0 } else { 120.0 };
    let high = lessons.iter().map(|one| one.worth + 2.0 * one.error).fold(1e-9, f64::max);
    let ticks = round_ticks(0.0, high);
    let x = Scale::linear((0.0, ticks[ticks.len() - 1]), (left + 4.0, right));
    let mut svg = Svg::new(if narrow { "worth-narrow" } else { "worth" }, class, width, bottom + 26.0);
    for (place, tick) in ticks.iter().enumerate() {
        svg.line((x.at(*tick), TOP - 4.0), (x.at(*tick), bottom), if place == 0 { "ax" } else { "grid" });
        svg.text((x.at(*tick), bottom + 17.0), Anchor::Middle, "tick", &tick_text(*tick));
    }
    for (place, lesson) in lessons.iter().enumerate() {
        let top = TOP + row * place as f64;
        let middle = top + row - 15.0;
        if narrow {
            let title = measure::shorten(&lesson.title, 13.0, false, width);
            svg.text((0.0, top + 14.0), Anchor::Start, "t", &title);
        } else {
            let title = measure::shorten(&lesson.title, 13.0, false, left - 14.0);
            svg.text((left - 10.0, middle + 4.0), Anchor::End, "t", &title);
        }
        svg.tipped(&lesson.title, |svg| draw(svg, lesson, &x, middle));
        svg.text((width - 2.0, middle + 5.0), Anchor::End, "num", &worth_text(lesson.worth));
    }
    let described: Vec<String> =
        lessons.iter().map(|one| format!("{}: {}", one.title, worth_text(one.worth))).collect();
    svg.finish("What it is worth to know", &described.join("; "))
}

fn draw(svg: &mut Svg, lesson: &Lesson, x: &Scale, middle: f64) {
    let class = match lesson.kind {
        Kind::Everything => "f a0",
        Kind::Trial => "f a2",
        Kind::Parameter => "f a1",
    };
    svg.rect((x.at(0.0), middle - 7.0), (x.at(lesson.worth) - x.at(0.0), 14.0), 0.0, class);
    let (from, to) = (lesson.worth - 2.0 * lesson.error, lesson.worth + 2.0 * lesson.error);
    svg.line((x.within(from), middle), (x.within(to), middle), "reach");
}

/// A worth with the digits that it carries.
pub fn worth_text(value: f64) -> String {
    let decimals = if value == 0.0 {
        0
    } else if value.abs() < 0.01 {
        4
    } else if value.abs() < 1.0 {
        3
    } else {
        2
    };
    words::fixed(value, decimals)
}
