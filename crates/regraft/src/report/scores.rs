//! Mean of a score over time, with simulation error, the prediction interval and published means.

use super::arms::Arms;
use super::axis::{self, Scale};
use super::data::{CurveArm, PublishedPoint, ScoreFigure};
use super::marks::{self, Shape};
use super::measure;
use super::place::{Area, Occupied};
use super::plot::{self, CurveContext, EndLabel, Frame, Series};
use super::svg::{Anchor, PathData, Svg};
use super::words;

const FRAME: Frame = Frame { left: 34.0, right: 208.0, top: 14.0, bottom: 344.0 };
const WIDTH: f64 = 320.0;

/// Draws one score; the drawing serves wide and narrow pages.
pub fn draw(figure: &ScoreFigure, context: CurveContext<'_>, id: &str) -> String {
    let mut svg = Svg::new(id, "", WIDTH, FRAME.bottom + 40.0);
    let ticks = ticks(figure);
    let (low, high) = (ticks[0], ticks[ticks.len() - 1]);
    let x = Scale::linear((0.0, context.horizon.max(1.0)), (FRAME.left, FRAME.right));
    let y = Scale::linear((low, high), (FRAME.bottom, FRAME.top));
    FRAME.draw_values(&mut svg, &y, &ticks, "tick", "");
    FRAME.draw_time(&mut svg, &x, context.horizon, context.time_zero);
    let mut occupied = Occupied::within(Area { right: WIDTH, ..FRAME.area() });
    let mut labels = Vec::new();
    for arm in &figure.arms {
        labels.extend(draw_arm(&mut svg, arm, context.arms, (&x, &y), &mut occupied));
    }
    plot::draw_end_labels(&mut svg, &labels, FRAME.right + 10.0, FRAME.top - 8.0, FRAME.bottom);
    draw_published(&mut svg, figure, context, (&x, &y), &mut occupied);
    svg.finish(
        &format!("Mean {} over time, simulated and published", figure.title),
        &alt_text(figure, context.arms),
    )
}

/// Whole values around everything that is drawn, within the range of the score.
fn ticks(figure: &ScoreFigure) -> Vec<f64> {
    let lines = figure
        .arms
        .iter()
        .flat_map(|arm| [&arm.estimate, &arm.predicted_low, &arm.predicted_high, &arm.low, &arm.high]);
    let values = lines.flatten().copied().chain(figure.published.iter().map(|point| point.value));
    let values = values.filter(|value| value.is_finite());
    let (low, high) =
        values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    let (least, most) = (figure.range.0.min(figure.range.1), figure.range.0.max(figure.range.1));
    if high < low || !(least.is_finite() && most.is_finite()) {
        return axis::round_ticks(least, most);
    }
    let (mut low, mut high) = (low.floor().max(least), high.ceil().min(most));
    while high - low < 4.0 && (least < low || high < most) {
        high = (high + 1.0).min(most);
        if high - low < 4.0 {
            low = (low - 1.0).max(least);
        }
    }
    axis::round_ticks(low, high)
}

fn draw_arm(
    svg: &mut Svg,
    arm: &CurveArm,
    arms: &Arms,
    (x, y): (&Scale, &Scale),
    occupied: &mut Occupied,
) -> Option<EndLabel> {
    let style = arms.get(&arm.arm);
    let points = |values: &[f64]| Series::of(&arm.days, values).line_points(x, y);
    let class = |band: &str| format!("{band} f {}", style.class);
    plot::band(svg, &points(&arm.predicted_low), &points(&arm.predicted_high), &class("trial-band"));
    plot::band(svg, &points(&arm.low), &points(&arm.high), &class("error-band"));
    let line = points(&arm.estimate);
    svg.path(&PathData::through(&line), &format!("curve s {}", style.class));
    occupied.add_curve(&line);
    let value = Series::of(&arm.days, &arm.estimate).last()?;
    let room = WIDTH - FRAME.right - 10.0;
    Some(EndLabel::of_arm(y.within(value), &style.short, &words::fixed(value, 2), style.class, room))
}

/// Published means; those of one source and arm are joined by a dotted line.
fn draw_published(
    svg: &mut Svg,
    figure: &ScoreFigure,
    context: CurveContext<'_>,
    (x, y): (&Scale, &Scale),
    occupied: &mut Occupied,
) {
    let points: Vec<&PublishedPoint> =
        figure.published.iter().filter(|point| point.value.is_finite() && point.day.is_finite()).collect();
    let at = |point: &PublishedPoint| {
        let place = context.arms.place(&point.arm);
        let aside = if point.day.abs() < 1.0 { place as f64 * 12.0 - 6.0 } else { 0.0 };
        (x.within(point.day) + aside, y.within(point.value))
    };
    for (place, point) in points.iter().enumerate() {
        let same = |other: &&&PublishedPoint| other.arm == point.arm && other.source == point.source;
        if let Some(next) = points[place + 1..].iter().find(same) {
            svg.line(at(point), at(next), "join-pub");
        }
    }
    for (place, point) in points.iter().enumerate() {
        let shape = Shape::of(context.arms.place(&point.arm));
        marks::published(svg, point, shape, at(point).0, |value| y.within(value));
        occupied.add(Area::sized(at(point).0 - 6.0, at(point).1 - 6.0, 12.0, 12.0));
        let same = |other: &&PublishedPoint| other.arm == point.arm && other.source == point.source;
        if !points[place + 1..].iter().any(same) {
            name_published(svg, point, at(point), occupied);
        }
    }
}

fn name_published(svg: &mut Svg, point: &PublishedPoint, at: (f64, f64), occupied: &mut Occupied) {
    let text =
        format!("{} {}", measure::shorten(&point.source, 12.5, false, 90.0), words::fixed(point.value, 2));
    let area = occupied.beside(at, (measure::width(&text, 12.5, false), 15.0), 10.0);
    svg.text((area.left, area.top + 12.0), Anchor::Start, "an halo", &text);
}

fn alt_text(figure: &ScoreFigure, arms: &Arms) -> String {
    let ends = figure.arms.iter().filter_map(|arm| {
        let value = Series::of(&arm.days, &arm.estimate).last()?;
        Some(format!("{}: {} at the end", arms.get(&arm.arm).title, words::fixed(value, 2)))
    });
    let published = figure.published.iter().filter(|point| point.value.is_finite()).map(marks::published_tip);
    let parts: Vec<String> = ends.chain(published).collect();
    if parts.is_empty() {
        "No mean could be estimated.".to_owned()
    } else {
        words::sentence(&parts.join("; "))
    }
}
