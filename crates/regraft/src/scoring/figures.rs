//! The drawings of a scorecard: predicted against published shares, how often intervals of every level hold, and
//! coverage by disease.

use super::{Coverage, ScoreRow};
use crate::report::axis::Scale;
use crate::report::plot::Frame;
use crate::report::svg::{Anchor, PathData, Svg};

/// A finished drawing with its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Name of the file, without its ending.
    pub name: &'static str,
    /// What it says.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The drawing.
    pub svg: String,
    /// The same for a phone, where the other is too wide; empty where it is not.
    pub narrow: String,
}

const SIZE: (f64, f64) = (484.0, 440.0);
const FRAME: Frame = Frame { left: 54.0, right: 464.0, top: 14.0, bottom: 386.0 };

/// Ticks of a scale of percent.
const PERCENT: [f64; 6] = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0];

/// Percent of a row that is a share of patients: published, predicted, low, high.
fn percent(row: &ScoreRow) -> Option<[f64; 4]> {
    let is_share = ["kaplan_meier", "kaplan_meier_complement", "cumulative_incidence", "proportion"];
    row.method.filter(|method| is_share.contains(method))?;
    let values = [row.observed?, row.predicted?, row.low?, row.high?];
    let scale = match row.unit.to_lowercase().as_str() {
        "fraction" | "proportion" | "probability" | "share" => 100.0,
        "patients" | "count" | "n" | "events" | "cases" => 100.0 / row.n?,
        _ => 1.0,
    };
    Some(values.map(|value| value * scale))
        .filter(|all| all.iter().all(|value| (-0.01..=100.01).contains(value)))
}

/// Predicted against published shares of one use; `None` without any.
pub fn shares(rows: &[&ScoreRow], usage: &str, id: &'static str) -> Option<Figure> {
    let points: Vec<([f64; 4], &ScoreRow)> =
        rows.iter().filter_map(|row| Some((percent(row)?, *row))).collect();
    if points.is_empty() {
        return None;
    }
    let mut svg = Svg::new(id, "", SIZE.0, SIZE.1);
    let x = Scale::linear((0.0, 100.0), (FRAME.left, FRAME.right));
    let y = Scale::linear((0.0, 100.0), (FRAME.bottom, FRAME.top));
    FRAME.draw_values(&mut svg, &y, &PERCENT, "tick", " %");
    draw_across(&mut svg, &x, "predicted median and 90 % interval");
    svg.text((FRAME.left, FRAME.top - 2.0), Anchor::Start, "tick", "published");
    svg.line((x.at(0.0), y.at(0.0)), (x.at(100.0), y.at(100.0)), "thr");
    for ([published, predicted, low, high], row) in &points {
        let inside = row.inside == Some(true);
        let hue = if inside { "a1" } else { "a2" };
        let tip = format!(
            "{} {}, {}: published {published:.0} %, predicted {predicted:.0} % ({low:.0} to {high:.0})",
            row.trial_id, row.arm_id, row.outcome
        );
        svg.tipped(&tip, |svg| {
            let at = y.within(*published);
            svg.line((x.within(*low), at), (x.within(*high), at), &format!("{hue} s trial-bar"));
            svg.circle((x.within(*predicted), at), 3.2, &format!("{hue} f ring"));
        });
    }
    let inside = points.iter().filter(|(_, row)| row.inside == Some(true)).count();
    let title =
        format!("Shares of patients, {usage}: {inside} of {} published numbers lie inside", points.len());
    let caption = "Each point is a published share at its predicted median, the bar the central 90 % of simulated trials of \
                   that size. Blue bars hold the published number, orange ones do not. On the dashed line both agree."
        .to_string();
    let svg = svg.finish(&title, &caption);
    Some(Figure { name: id, title, caption, svg, narrow: String::new() })
}

fn draw_across(svg: &mut Svg, x: &Scale, title: &str) {
    for tick in PERCENT {
        svg.line((x.at(tick), FRAME.bottom), (x.at(tick), FRAME.bottom + 4.0), "ax");
        let unit = if tick == 100.0 { " %" } else { "" };
        svg.text((x.at(tick), FRAME.bottom + 18.0), Anchor::Middle, "tick", &format!("{tick}{unit}"));
    }
    svg.text((FRAME.right, FRAME.bottom + 38.0), Anchor::End, "tick", title);
}

/// How many published numbers intervals of every level hold; `None` without any.
pub fn levels(rows: &[&ScoreRow], usage: &str, id: &'static str) -> Option<Figure> {
    let mut needed: Vec<f64> =
        rows.iter().filter_map(|row| row.rank).map(|rank| 100.0 * (2.0 * rank - 1.0).abs()).collect();
    if needed.is_empty() {
        return None;
    }
    needed.sort_by(f64::total_cmp);
    let mut svg = Svg::new(id, "", SIZE.0, SIZE.1);
    let x = Scale::linear((0.0, 100.0), (FRAME.left, FRAME.right));
    let y = Scale::linear((0.0, 100.0), (FRAME.bottom, FRAME.top));
    FRAME.draw_values(&mut svg, &y, &PERCENT, "tick", " %");
    draw_across(&mut svg, &x, "level of the interval");
    svg.text((FRAME.left, FRAME.top - 2.0), Anchor::Start, "tick", "published numbers inside");
    svg.line((x.at(0.0), y.at(0.0)), (x.at(100.0), y.at(100.0)), "thr");
    let held = |level: f64| 100.0 * needed.partition_point(|one| *one <= level) as f64 / needed.len() as f64;
    let points: Vec<(f64, f64)> =
        (0..=100).map(f64::from).map(|level| (x.at(level), y.at(held(level)))).collect();
    svg.path(&PathData::through(&points), "a1 s curve");
    svg.line((x.at(90.0), y.at(0.0)), (x.at(90.0), y.at(held(90.0))), "mark");
    svg.circle((x.at(90.0), y.at(held(90.0))), 4.0, "a1 f ring");
    // The curve rises, so nothing of it lies above and to the left of the point.
    let label = format!("{:.0} % inside 90 %", held(90.0));
    svg.text((x.at(90.0) - 10.0, (y.at(held(90.0)) - 14.0).max(12.0)), Anchor::End, "dl halo", &label);
    let title = format!("Intervals of every level, {usage}: what they hold");
    let caption = "How many of the published numbers an interval of a level holds. On the dashed line intervals hold what \
                   they promise; below it they are too narrow or misplaced, above it too wide."
        .to_string();
    let svg = svg.finish(&title, &caption);
    Some(Figure { name: id, title, caption, svg, narrow: String::new() })
}

/// Coverage by disease; `None` without any.
pub fn diseases(parts: &[Coverage], id: &'static str) -> Option<Figure> {
    let known: Vec<(&Coverage, f64)> =
        parts.iter().filter_map(|part| Some((part, 100.0 * part.by_trial?))).collect();
    if known.is_empty() {
        return None;
    }
    let title = "Coverage by disease".to_string();
    let caption = "Mean over trials of the share of a trial's published numbers inside their 90 % interval; the line is the \
                   central 95 % of a bootstrap over trials, where there is more than one. Dashed: 90 %."
        .to_string();
    let draw = |shape: Shape, id: &str, class| {
        draw_diseases(&known, shape, Svg::new(id, class, shape.width, shape.height(known.len())))
            .finish(&title, &caption)
    };
    let svg = draw(WIDE, id, "wide");
    let narrow = draw(NARROW, &format!("{id}-narrow"), "narrow");
    Some(Figure { name: id, title, caption, svg, narrow })
}

/// Where the drawing of diseases has its parts, pixels.
#[derive(Debug, Clone, Copy)]
struct Shape {
    width: f64,
    left: f64,
    right: f64,
    /// Height of a disease.
    step: f64,
    /// Names above the lines instead of beside them.
    names_above: bool,
}

const WIDE: Shape = Shape { width: 760.0, left: 360.0, right: 670.0, step: 26.0, names_above: false };
const NARROW: Shape = Shape { width: 354.0, left: 12.0, right: 264.0, step: 44.0, names_above: true };

impl Shape {
    fn height(self, n: usize) -> f64 {
        46.0 + self.step * n as f64
    }
}

fn draw_diseases(known: &[(&Coverage, f64)], shape: Shape, mut svg: Svg) -> Svg {
    let x = Scale::linear((0.0, 100.0), (shape.left, shape.right));
    let bottom = shape.height(known.len()) - 40.0;
    for tick in PERCENT {
        let line = if tick == 0.0 { "ax" } else { "grid" };
        svg.line((x.at(tick), 4.0), (x.at(tick), bottom), line);
        let unit = if tick == 100.0 { " %" } else { "" };
        svg.text((x.at(tick), bottom + 18.0), Anchor::Middle, "tick", &format!("{tick}{unit}"));
    }
    svg.line((x.at(90.0), 4.0), (x.at(90.0), bottom), "thr");
    for (place, (part, share)) in known.iter().enumerate() {
        let at = shape.step * (place as f64 + 1.0) - 8.0;
        let name = part.of.replace('_', " ");
        if shape.names_above {
            svg.text((shape.left, at - 14.0), Anchor::Start, "lab halo", &name);
        } else {
            svg.text((shape.left - 12.0, at + 4.0), Anchor::End, "lab", &name);
        }
        if let (Some(low), Some(high)) = (part.by_trial_low, part.by_trial_high) {
            svg.line((x.at(100.0 * low), at), (x.at(100.0 * high), at), "whisker");
        }
        svg.circle((x.at(*share), at), 4.5, "a1 f ring");
        let numbers = format!("{}/{} rows", part.inside, part.rows);
        svg.text((shape.right + 12.0, at + 4.0), Anchor::Start, "tk2", &numbers);
    }
    svg
}
