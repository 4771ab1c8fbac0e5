//! The signs of the drawings: hollow shapes for published values, ink shapes for events.

use super::data::PublishedPoint;
use super::svg::{PathData, Svg};
use super::words::{self, ends};
use crate::findings::CiKind;

/// Outline of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// First arm, or first source of a panel.
    Circle,
    /// Comparator, or second source.
    Diamond,
    /// Third.
    Square,
    /// Fourth.
    Triangle,
}

impl Shape {
    /// The shape of the arm or source at this place of an order.
    pub fn of(place: usize) -> Self {
        [Shape::Circle, Shape::Diamond, Shape::Square, Shape::Triangle][place % 4]
    }

    /// The same shape as a letter, for texts under a panel.
    pub fn glyph(self) -> char {
        match self {
            Shape::Circle => '○',
            Shape::Diamond => '◇',
            Shape::Square => '□',
            Shape::Triangle => '△',
        }
    }
}

/// Draws `shape` around `at`; `radius` is that of the circle.
pub fn marker(svg: &mut Svg, shape: Shape, at: (f64, f64), radius: f64, class: &str) {
    let (x, y) = at;
    match shape {
        Shape::Circle => svg.circle(at, radius, class),
        Shape::Diamond => {
            let r = radius * 1.25;
            let corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
            svg.path(&PathData::around(&corners), class);
        }
        Shape::Square => {
            let r = radius * 0.9;
            svg.rect((x - r, y - r), (2.0 * r, 2.0 * r), 0.0, class);
        }
        Shape::Triangle => triangle_up(svg, at, radius * 1.15, class),
    }
}

fn triangle_up(svg: &mut Svg, (x, y): (f64, f64), r: f64, class: &str) {
    let corners = [(x, y - r), (x + r, y + r * 0.75), (x - r, y + r * 0.75)];
    svg.path(&PathData::around(&corners), class);
}

/// A triangle that points down, with its tip at `y + 5`.
pub fn triangle_down(svg: &mut Svg, (x, y): (f64, f64), r: f64, class: &str) {
    let corners = [(x - r, y - r * 0.85), (x + r, y - r * 0.85), (x, y + r * 0.95)];
    svg.path(&PathData::around(&corners), class);
}

/// Class of a whisker: solid if the interval was printed, dashed if it was made from n.
pub fn whisker(kind: CiKind) -> Option<&'static str> {
    match kind {
        CiKind::Printed => Some("whisker"),
        CiKind::Wilson => Some("whisker made"),
        CiKind::None => None,
    }
}

/// Where the interval of a published value comes from, in words.
pub fn kind_word(kind: CiKind) -> &'static str {
    match kind {
        CiKind::Printed => "printed",
        CiKind::Wilson => "made from n, Wilson",
        CiKind::None => "none printed",
    }
}

/// A published value with its whisker, upright; `y` gives the height of a value.
pub fn published(svg: &mut Svg, point: &PublishedPoint, shape: Shape, x: f64, y: impl Fn(f64) -> f64) {
    svg.tipped(&published_tip(point), |svg| {
        if let (Some((low, high)), Some(class)) = (ends(point.low, point.high), whisker(point.ci_kind)) {
            svg.line((x, y(low)), (x, y(high)), class);
        }
        marker(svg, shape, (x, y(point.value)), 4.5, "pub");
    });
}

/// What a published value says when pointed at.
pub fn published_tip(point: &PublishedPoint) -> String {
    let value = words::as_printed(point.value);
    let kind = kind_word(point.ci_kind);
    let time = words::time(point.day);
    match ends(point.low, point.high) {
        Some((low, high)) => {
            let interval = format!("{} to {}", words::as_printed(low), words::as_printed(high));
            format!("{}, {time}: {value} ({interval}, {kind})", point.source)
        }
        None => format!("{}, {time}: {value} (interval: {kind})", point.source),
    }
}
