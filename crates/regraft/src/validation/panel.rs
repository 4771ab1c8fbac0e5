//! One quantity as a drawing: simulated medians with the middle 80 % of patients over days and years, measured
//! values as hollow shapes with their printed range, windows as grey bars. Hue means simulation.

use super::score::ScoreRow;
use super::{Course, Validation};
use crate::report::axis::{self, Scale};
use crate::report::marks::{self, Shape};
use crate::report::plot::{self, Frame};
use crate::report::svg::{Anchor, PathData, Svg};
use crate::report::words;

const FRAME: Frame = Frame { left: 46.0, right: 470.0, top: 14.0, bottom: 214.0 };
const SIZE: (f64, f64) = (484.0, 240.0);

/// First day that is drawn.
const FIRST_DAY: f64 = -14.0;

/// A quantity with everything that is drawn of it.
pub(super) struct Panel<'a> {
    pub courses: Vec<&'a Course>,
    pub rows: Vec<&'a ScoreRow>,
}

/// A panel for each quantity that was simulated, in the order of the simulations.
pub(super) fn panels(found: &Validation) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for course in found.courses.iter().filter(|course| !course.days.is_empty()) {
        match panels.iter_mut().find(|panel| panel.courses[0].quantity == course.quantity) {
            Some(panel) => panel.courses.push(course),
            None => panels.push(Panel { courses: vec![course], rows: Vec::new() }),
        }
    }
    for row in &found.rows {
        let panel = panels.iter_mut().find(|panel| panel.courses[0].quantity == row.quantity_id);
        if let (Some(panel), true) = (panel, row.simulation.is_some()) {
            panel.rows.push(row);
        }
    }
    panels
}

/// Class of the hue of the simulation at a place.
pub(super) fn hue(place: usize) -> &'static str {
    ["a1", "a2", "a3", "a4"].get(place).copied().unwrap_or("a0")
}

/// Where a row stands in the drawing: from a day and level to another.
enum Spot {
    /// A level on a day, with the range of the level.
    Level { day: f64, value: Option<f64>, range: Option<(f64, f64)> },
    /// A day at a level, with the range of the day.
    Day { level: f64, day: Option<f64>, range: Option<(f64, f64)> },
}

impl Panel<'_> {
    /// Title of the quantity.
    pub fn title(&self) -> &str {
        &self.courses[0].title
    }

    /// Unit, with "log" where the axis is one.
    pub fn unit(&self) -> String {
        let unit = words::printed_units(&self.courses[0].unit);
        if self.courses[0].log_scale { format!("{unit}, log") } else { unit }
    }

    /// The shape of a source, where it has a number.
    pub fn shape_of(&self, row: &ScoreRow) -> Shape {
        let mut sources: Vec<&str> = Vec::new();
        for other in self.rows.iter().filter(|row| row.observed.is_some()) {
            if !sources.contains(&other.source.as_str()) {
                sources.push(&other.source);
            }
        }
        Shape::of(sources.iter().position(|source| *source == row.source).unwrap_or(0))
    }

    fn course_of(&self, row: &ScoreRow) -> Option<&Course> {
        self.courses.iter().copied().find(|course| Some(&course.simulation) == row.simulation.as_ref())
    }

    fn spot(&self, row: &ScoreRow) -> Option<Spot> {
        let course = self.course_of(row)?;
        let range = row.low.zip(row.high);
        let level = |scale: f64| -> Option<Spot> {
            let value = row.observed.map(|value| value * scale);
            let range = range.map(|(low, high)| (low * scale, high * scale));
            Some(Spot::Level { day: row.time_days?, value, range })
        };
        match row.measure? {
            "day_above" | "day_below" | "days_to_normal" => {
                Some(Spot::Day { level: row.threshold?, day: row.observed, range })
            }
            "value_at" => level(1.0),
            "ratio_to_baseline" => level(course.baseline?),
            "ratio_to_controls" => level(course.controls?),
            _ => None,
        }
    }

    /// Draws the panel.
    pub fn draw(&self, id: &str) -> String {
        let mut svg = Svg::new(id, "", SIZE.0, SIZE.1);
        let days = self.days();
        let x = Scale::asinh(days, (FRAME.left, FRAME.right));
        let (y, ticks) = self.value_scale();
        FRAME.draw_values(&mut svg, &y, &ticks, "tk2", "");
        draw_time(&mut svg, &x, days);
        for row in self.rows.iter().filter(|row| row.kind == "window") {
            self.draw_window(&mut svg, row, &x, &y);
        }
        for (place, course) in self.courses.iter().enumerate() {
            draw_course(&mut svg, course, hue(place), &x, &y);
        }
        if let Some(normal) = self.courses[0].normal {
            svg.line((FRAME.left, y.within(normal)), (FRAME.right, y.within(normal)), "thr");
        }
        for row in self.rows.iter().filter(|row| row.kind != "window") {
            self.draw_measured(&mut svg, row, &x, &y);
        }
        svg.finish(&format!("{} after the graft", self.title()), &self.describe())
    }

    fn days(&self) -> (f64, f64) {
        let days = self.courses.iter().flat_map(|course| &course.days).copied();
        let (low, high) = days.fold((0.0f64, 1.0f64), |(low, high), day| (low.min(day), high.max(day)));
        (low.max(FIRST_DAY), high)
    }

    fn value_scale(&self) -> (Scale, Vec<f64>) {
        let levels = self.courses.iter().flat_map(|course| &course.quantiles).flat_map(|q| [q[0], q[2]]);
        let spots = self.rows.iter().filter_map(|row| self.spot(row)).flat_map(|spot| match spot {
            Spot::Level { value, range, .. } => [value, range.map(|r| r.0), range.map(|r| r.1)],
            Spot::Day { level, .. } => [Some(level), None, None],
        });
        let lines = self.courses.iter().flat_map(|course| [course.normal, course.baseline]).flatten();
        let values: Vec<f64> = levels.chain(spots.flatten()).chain(lines).filter(|v| v.is_finite()).collect();
        let high = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let pixels = (FRAME.bottom, FRAME.top);
        if self.courses[0].log_scale {
            let low = values.iter().copied().filter(|value| 0.0 < *value).fold(high, f64::min);
            let ticks = axis::log_ticks(low.max(high / 1e4), high);
            return (Scale::log((ticks[0], ticks[ticks.len() - 1]), pixels), ticks);
        }
        let ticks = axis::round_ticks(values.iter().copied().fold(0.0, f64::min), high);
        (Scale::linear((ticks[0], ticks[ticks.len() - 1]), pixels), ticks)
    }

    fn draw_window(&self, svg: &mut Svg, row: &ScoreRow, x: &Scale, y: &Scale) {
        let Some(spot) = self.spot(row) else { return };
        let tip = format!("{}, {}: window {}", row.group, when(row), range_text(row));
        svg.tipped(&tip, |svg| match spot {
            Spot::Level { day, range: Some((low, high)), .. } => {
                let (top, bottom) = (y.within(high), y.within(low));
                svg.rect((x.within(day) - 5.0, top), (10.0, (bottom - top).max(1.0)), 2.0, "window");
            }
            Spot::Day { level, range: Some((low, high)), .. } => {
                let (left, right) = (x.within(low), x.within(high));
                svg.rect((left, y.within(level) - 5.0), ((right - left).max(1.0), 10.0), 2.0, "window");
            }
            _ => {}
        });
    }

    fn draw_measured(&self, svg: &mut Svg, row: &ScoreRow, x: &Scale, y: &Scale) {
        let Some(spot) = self.spot(row) else { return };
        let shape = self.shape_of(row);
        let tip = format!("{}, {}: {}", row.source, row.group, observed_text(row));
        svg.tipped(&tip, |svg| match spot {
            Spot::Level { day, value, range } => {
                if let Some((low, high)) = range {
                    svg.line((x.within(day), y.within(low)), (x.within(day), y.within(high)), "whisker");
                }
                if let Some(value) = value {
                    marks::marker(svg, shape, (x.within(day), y.within(value)), 4.5, "pub");
                }
            }
            Spot::Day { level, day, range } => {
                if let Some((low, high)) = range {
                    svg.line((x.within(low), y.within(level)), (x.within(high), y.within(level)), "whisker");
                }
                if let Some(day) = day {
                    marks::marker(svg, shape, (x.within(day), y.within(level)), 4.5, "pub");
                }
            }
        });
    }

    fn describe(&self) -> String {
        let text = |course: &&Course| {
            let last = course.quantiles.last().map_or(f64::NAN, |levels| levels[1]);
            let day = course.days.last().copied().unwrap_or(0.0);
            format!(
                "{}: median {} {} on {}.",
                course.simulation,
                figures(last),
                course.unit,
                words::time(day)
            )
        };
        self.courses.iter().map(text).collect::<Vec<_>>().join(" ")
    }
}

/// Three figures.
pub(super) fn figures(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let decimals = if value == 0.0 { 0.0 } else { (2.0 - value.abs().log10().floor()).clamp(0.0, 4.0) };
    let text = words::fixed(value, decimals as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// "15 to 120" of a row with a range.
pub(super) fn range_text(row: &ScoreRow) -> String {
    row.low
        .zip(row.high)
        .map_or(String::new(), |(low, high)| format!("{} to {}", figures(low), figures(high)))
}

/// "2 (1 to 3)", or the words of the source.
pub(super) fn observed_text(row: &ScoreRow) -> String {
    let range = range_text(row);
    match (row.observed, range.is_empty()) {
        (Some(value), true) => figures(value),
        (Some(value), false) => format!("{} ({range})", figures(value)),
        (None, false) => range,
        (None, true) => row.observed_words.clone(),
    }
}

/// "day 30", "2 years": when a row's level was measured.
pub(super) fn when(row: &ScoreRow) -> String {
    row.time_days.map(words::time).unwrap_or_default()
}

fn draw_time(svg: &mut Svg, x: &Scale, span: (f64, f64)) {
    for (day, text) in axis::asinh_ticks(span.0, span.1) {
        svg.line((x.at(day), FRAME.bottom), (x.at(day), FRAME.bottom + 3.0), "ax");
        svg.text((x.at(day), FRAME.bottom + 16.0), Anchor::Middle, "tk2", &text);
    }
    if span.0 < 0.0 {
        svg.line((x.at(0.0), FRAME.top), (x.at(0.0), FRAME.bottom), "hair");
    }
}

fn draw_course(svg: &mut Svg, course: &Course, hue: &str, x: &Scale, y: &Scale) {
    let shown: Vec<(f64, [f64; 3])> = course
        .days
        .iter()
        .copied()
        .zip(course.quantiles.iter().copied())
        .filter(|(day, _)| FIRST_DAY <= *day)
        .collect();
    let line = |level: usize| -> Vec<(f64, f64)> {
        shown.iter().map(|(day, levels)| (x.within(*day), y.within(levels[level]))).collect()
    };
    plot::band(svg, &line(0), &line(2), &format!("error-band f {hue}"));
    svg.path(&PathData::through(&line(1)), &format!("curve s {hue}"));
}
