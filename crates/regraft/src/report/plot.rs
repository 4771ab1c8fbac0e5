//! What curves and scores share: the frame with its axes, bands, lines, and names at their ends.

use super::arms::Arms;
use super::axis::{self, Scale};
use super::measure;
use super::place::{Area, spread};
use super::svg::{Anchor, PathData, Svg};

/// The rectangle in which data are drawn, pixels of the view box.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Frame {
    /// The same as a box.
    pub fn area(&self) -> Area {
        Area { left: self.left, top: self.top, right: self.right, bottom: self.bottom }
    }

    /// Horizontal grid at `ticks` with their texts; the lowest is the axis.
    pub fn draw_values(&self, svg: &mut Svg, y: &Scale, ticks: &[f64], class: &str, unit: &str) {
        for (place, &tick) in ticks.iter().enumerate() {
            let at = y.at(tick);
            let line = if place == 0 { "ax" } else { "grid" };
            svg.line((self.left, at), (self.right, at), line);
            let last = place + 1 == ticks.len();
            let text = format!("{}{}", axis::tick_text(tick), if last { unit } else { "" });
            svg.text((self.left - 8.0, at + 4.0), Anchor::End, class, &text);
        }
    }

    /// Time axis below the frame, with its title under its right end.
    pub fn draw_time(&self, svg: &mut Svg, x: &Scale, horizon: f64, time_zero: &str) {
        let (ticks, unit) = axis::time_ticks(horizon);
        for (day, text) in &ticks {
            svg.line((x.at(*day), self.bottom), (x.at(*day), self.bottom + 4.0), "ax");
            svg.text((x.at(*day), self.bottom + 18.0), Anchor::Middle, "tick", text);
        }
        let title = axis::time_title(unit, time_zero);
        svg.text((self.right, self.bottom + 34.0), Anchor::End, "tick", &title);
    }
}

/// Size of a curve drawing, pixels of its view box.
#[derive(Debug, Clone, Copy)]
pub struct CurveSize {
    /// Width.
    pub width: f64,
    /// Where data are drawn.
    pub frame: Frame,
    /// `wide`, `narrow` or empty (both).
    pub class: &'static str,
    /// Names within the drawing instead of beside it.
    pub names_inside: bool,
}

impl CurveSize {
    /// The large drawing; `width` 640 beside a score, 1000 alone.
    pub fn wide(width: f64) -> Self {
        let frame = Frame { left: 48.0, right: width - 128.0, top: 14.0, bottom: 344.0 };
        Self { width, frame, class: "wide", names_inside: false }
    }

    /// One of two side by side.
    pub fn half() -> Self {
        let frame = Frame { left: 44.0, right: 364.0, top: 14.0, bottom: 232.0 };
        Self { width: 484.0, frame, class: "wide", names_inside: false }
    }

    /// The drawing for a phone.
    pub fn narrow() -> Self {
        let frame = Frame { left: 38.0, right: 334.0, top: 14.0, bottom: 264.0 };
        Self { width: 354.0, frame, class: "narrow", names_inside: true }
    }
}

/// What the page around a curve knows.
#[derive(Debug, Clone, Copy)]
pub struct CurveContext<'a> {
    /// Names and colours.
    pub arms: &'a Arms,
    /// Follow-up, days.
    pub horizon: f64,
    /// Time zero, for people.
    pub time_zero: &'a str,
    /// "55 a side".
    pub published_size: &'a str,
}

/// A line or step function in data units, cleaned of what is not a number.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// Days, ascending.
    pub days: Vec<f64>,
    /// Values.
    pub values: Vec<f64>,
}

impl Series {
    /// Pairs days with values; stops at the shorter, leaves out what is not a number.
    pub fn of(days: &[f64], values: &[f64]) -> Self {
        let pairs = days.iter().zip(values).filter(|(day, value)| day.is_finite() && value.is_finite());
        let (days, values) = pairs.map(|(&day, &value)| (day, value)).unzip();
        Self { days, values }
    }

    /// Value of the step function at `day`: the last value at or before it.
    pub fn step_at(&self, day: f64) -> Option<f64> {
        let after = self.days.partition_point(|&known| known <= day + 1e-9);
        self.values.get(after.checked_sub(1)?).copied()
    }

    /// Last value.
    pub fn last(&self) -> Option<f64> {
        self.values.last().copied()
    }

    /// The series as a survival or incidence curve from day 0 to `until`: it starts at 0 or 100
    /// percent and stays at its last value while patients are still followed.
    pub fn into_percent_curve(mut self, until: f64) -> Self {
        let (Some(&first), Some(last)) = (self.values.first(), self.last()) else { return self };
        if 0.0 < self.days[0] {
            let falls = last < first || 50.0 < first;
            self.days.insert(0, 0.0);
            self.values.insert(0, if falls { 100.0 } else { 0.0 });
        }
        if self.days.last().is_some_and(|&day| day < until) {
            self.days.push(until);
            self.values.push(last);
        }
        self
    }

    /// Corners of the step function in pixels; steps closer than half a pixel become one.
    pub fn step_points(&self, x: &Scale, y: &Scale) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (&day, &value) in self.days.iter().zip(&self.values) {
            let (at, level) = (x.at(day), y.within(value));
            let Some(&(before, held)) = points.last() else {
                points.push((at, level));
                continue;
            };
            if (level - held).abs() < 1e-9 && points.len() > 1 {
                continue;
            }
            if at - before < 0.5 && points.len() > 1 {
                points.last_mut().expect("looked at above").1 = level;
                continue;
            }
            points.push((at, held));
            points.push((at, level));
        }
        if let (Some(&day), Some(&(_, level))) = (self.days.last(), points.last()) {
            points.push((x.at(day), level));
        }
        points
    }

    /// Points joined by straight lines, in pixels.
    pub fn line_points(&self, x: &Scale, y: &Scale) -> Vec<(f64, f64)> {
        self.days.iter().zip(&self.values).map(|(&day, &value)| (x.at(day), y.within(value))).collect()
    }
}

/// The area between two lines.
pub fn band(svg: &mut Svg, low: &[(f64, f64)], high: &[(f64, f64)], class: &str) {
    if low.is_empty() || high.is_empty() {
        return;
    }
    let mut points = high.to_vec();
    points.extend(low.iter().rev());
    svg.path(&PathData::around(&points), class);
}

/// A name at the end of a curve.
#[derive(Debug, Clone)]
pub struct EndLabel {
    /// Height at which the curve ends.
    pub y: f64,
    /// Lines of text.
    pub lines: Vec<String>,
    /// Classes of the text.
    pub class: String,
}

impl EndLabel {
    /// Name and value of an arm, wrapped to `room`.
    pub fn of_arm(y: f64, name: &str, value: &str, class: &str, room: f64) -> Self {
        let mut lines = measure::wrap(name, 13.5, true, room, 2);
        lines.push(value.to_owned());
        Self { y, lines, class: format!("dl c {class}") }
    }
}

/// Writes the names beside the right edge, moved apart where they would touch.
pub fn draw_end_labels(svg: &mut Svg, labels: &[EndLabel], x: f64, top: f64, bottom: f64) {
    let heights: Vec<f64> = labels.iter().map(|label| 16.0 * label.lines.len() as f64 + 3.0).collect();
    let mut centers: Vec<f64> = labels.iter().map(|label| label.y).collect();
    spread(&mut centers, &heights, top, bottom);
    for ((label, center), height) in labels.iter().zip(&centers).zip(&heights) {
        if 14.0 < (center - label.y).abs() {
            svg.line((x - 8.0, label.y), (x - 2.0, *center), "lead");
        }
        svg.lines((x, center - height / 2.0 + 13.5), Anchor::Start, &label.class, &label.lines, 16.0);
    }
}
