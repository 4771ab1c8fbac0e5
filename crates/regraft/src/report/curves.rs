//! Survival and incidence curves: dark band for simulation error, light band for a trial of the
//! published size, hollow published values with their whiskers, numbers at risk under the axis.

use super::arms::ArmStyle;
use super::axis::{self, Scale};
use super::data::{CurveArm, CurveFigure, PublishedPoint};
use super::marks::{self, Shape};
use super::measure;
use super::place::{Area, Occupied};
use super::plot::{self, CurveContext, CurveSize, EndLabel, Series};
use super::risk;
use super::svg::{Anchor, PathData, Svg};
use super::words;

/// The days up to which an arm's curve is drawn.
fn followed_until(arm: &CurveArm, horizon: f64) -> f64 {
    let at_risk = arm.at_risk.iter().filter(|row| 0 < row.1 && row.0.is_finite()).map(|row| row.0);
    at_risk.fold(0.0, f64::max).min(horizon)
}

/// The arm's estimate as a curve from day 0.
pub fn estimate(arm: &CurveArm, horizon: f64) -> Series {
    Series::of(&arm.days, &arm.estimate).into_percent_curve(followed_until(arm, horizon))
}

fn side(arm: &CurveArm, values: &[f64], horizon: f64) -> Series {
    Series::of(&arm.days, values).into_percent_curve(followed_until(arm, horizon))
}

/// Draws the curves of one endpoint.
pub fn draw(figure: &CurveFigure, context: CurveContext<'_>, size: CurveSize, id: &str) -> String {
    let mut drawing = Drawing::new(figure, context, size, id);
    drawing.draw_axes();
    drawing.draw_bands();
    drawing.draw_curves();
    drawing.draw_published();
    drawing.draw_earliest();
    drawing.draw_names();
    drawing.draw_published_names();
    let bottom = risk::draw(&mut drawing.svg, figure, context, size, drawing.x);
    drawing.svg.set_height(bottom);
    drawing.svg.finish(&alt_title(figure, context.horizon), &alt_text(figure, context))
}

struct Drawing<'a> {
    figure: &'a CurveFigure,
    context: CurveContext<'a>,
    size: CurveSize,
    svg: Svg,
    x: Scale,
    y: Scale,
    occupied: Occupied,
    /// Labels of published values that stand in the right margin.
    margin: Vec<EndLabel>,
}

impl<'a> Drawing<'a> {
    fn new(figure: &'a CurveFigure, context: CurveContext<'a>, size: CurveSize, id: &str) -> Self {
        let frame = size.frame;
        Self {
            figure,
            context,
            size,
            svg: Svg::new(id, size.class, size.width, frame.bottom),
            x: Scale::linear((0.0, context.horizon.max(1.0)), (frame.left, frame.right)),
            y: Scale::linear((0.0, top(figure)[2]), (frame.bottom, frame.top)),
            occupied: Occupied::within(frame.area()),
            margin: Vec::new(),
        }
    }

    fn draw_axes(&mut self) {
        let unit = if self.size.names_inside { "" } else { "%" };
        let ticks = match top(self.figure) {
            [0.0, 50.0, 100.0] => vec![0.0, 25.0, 50.0, 75.0, 100.0],
            few => few.to_vec(),
        };
        self.size.frame.draw_values(&mut self.svg, &self.y, &ticks, "tick", unit);
        let since_graft = self.figure.title.to_lowercase().contains("since the graft");
        let zero = if since_graft { "graft" } else { self.context.time_zero };
        self.size.frame.draw_time(&mut self.svg, &self.x, self.context.horizon, zero);
    }

    fn draw_bands(&mut self) {
        for arm in &self.figure.arms {
            self.draw_band(arm, &arm.predicted_low, &arm.predicted_high, "trial-band");
        }
        for arm in &self.figure.arms {
            self.draw_band(arm, &arm.low, &arm.high, "error-band");
        }
    }

    fn draw_band(&mut self, arm: &CurveArm, low: &[f64], high: &[f64], class: &str) {
        let horizon = self.context.horizon;
        let low = side(arm, low, horizon).step_points(&self.x, &self.y);
        let high = side(arm, high, horizon).step_points(&self.x, &self.y);
        let hue = self.context.arms.get(&arm.arm).class;
        plot::band(&mut self.svg, &low, &high, &format!("{class} f {hue}"));
    }

    fn draw_curves(&mut self) {
        for arm in &self.figure.arms {
            let points = estimate(arm, self.context.horizon).step_points(&self.x, &self.y);
            let hue = self.context.arms.get(&arm.arm).class;
            self.svg.path(&PathData::through(&points), &format!("curve s {hue}"));
            self.occupied.add_curve(&points);
        }
    }

    fn shape(&self, arm: &str) -> Shape {
        Shape::of(self.context.arms.place(arm))
    }

    fn draw_published(&mut self) {
        for point in self.drawable() {
            let (x, y) = (self.x.at(point.day), self.y);
            let shape = self.shape(&point.arm);
            marks::published(&mut self.svg, point, shape, x, |value| y.within(value));
            let ends = [point.low.unwrap_or(point.value), point.high.unwrap_or(point.value)];
            self.occupied.add_curve(&[(x, y.within(ends[0])), (x, y.within(ends[1]))]);
            self.occupied.add(Area::sized(x - 6.0, y.within(point.value) - 6.0, 12.0, 12.0));
        }
    }

    fn drawable(&self) -> Vec<&'a PublishedPoint> {
        let horizon = self.context.horizon;
        let shown = |point: &&PublishedPoint| {
            point.value.is_finite() && 0.0 <= point.day && point.day <= horizon * 1.01
        };
        self.figure.published.iter().filter(shown).collect()
    }

    /// Says on the drawing why a curve cannot move before some day.
    fn draw_earliest(&mut self) {
        let Some(day) = words::real(self.figure.earliest_day).filter(|&day| 0.0 < day) else { return };
        if self.context.horizon <= day {
            return;
        }
        let x = self.x.at(day);
        let frame = self.size.frame;
        let text = format!("first visit that can count: {}", axis::visit_text(day));
        let lines = measure::wrap(&text, 12.5, false, (x - frame.left - 14.0).max(92.0), 4);
        let width = lines.iter().map(|line| measure::width(line, 12.5, false)).fold(0.0, f64::max);
        let height = 16.0 * lines.len() as f64;
        let left = if frame.left + width + 12.0 <= x { x - 8.0 - width } else { frame.left + 5.0 };
        let span = frame.bottom - frame.top;
        let heights = [0.30, 0.40, 0.22, 0.50, 0.60, 0.14, 0.70, 0.05];
        let proposed = heights.map(|share| Area::sized(left, frame.top + share * span, width, height));
        let area = self.occupied.take(&proposed);
        let mark = if area.right < x { area.top + 2.0 } else { area.bottom + 4.0 };
        self.svg.line((x, frame.bottom), (x, mark), "mark");
        self.svg.lines((area.left, area.top + 12.0), Anchor::Start, "an halo", &lines, 16.0);
    }

    /// Label at the end of an arm: its name and its last value.
    fn draw_names(&mut self) {
        let ends: Vec<(ArmStyle, f64, f64)> = self
            .figure
            .arms
            .iter()
            .filter_map(|arm| {
                let curve = estimate(arm, self.context.horizon);
                Some((self.context.arms.get(&arm.arm), *curve.days.last()?, curve.last()?))
            })
            .collect();
        for (arm, day, value) in ends {
            if self.size.names_inside {
                self.name_inside(&arm, day, value);
            } else {
                let room = self.size.width - self.size.frame.right - 10.0;
                let text = words::percent(value);
                let y = self.y.within(value);
                self.margin.push(EndLabel::of_arm(y, &arm.short, &text, arm.class, room));
            }
        }
    }

    fn name_inside(&mut self, arm: &ArmStyle, day: f64, value: f64) {
        let text = format!("{} {}", measure::shorten(&arm.short, 13.5, true, 170.0), words::percent(value));
        let width = measure::width(&text, 13.5, true);
        let (right, y) = (self.x.at(day).min(self.size.frame.right), self.y.within(value));
        let lifts = [24.0, -8.0, 34.0, -18.0, 46.0, -30.0, 60.0, -46.0, 80.0, -64.0];
        let proposed = lifts.map(|lift| Area::sized(right - width, y - lift, width, 16.0));
        let area = self.occupied.take(&proposed);
        let class = format!("dl halo c {}", arm.class);
        self.svg.text((area.left, area.top + 13.0), Anchor::Start, &class, &text);
    }

    /// Names each source once per arm, at its last value.
    fn draw_published_names(&mut self) {
        let points = self.drawable();
        for (place, point) in points.iter().enumerate() {
            let same = |other: &&PublishedPoint| other.arm == point.arm && other.source == point.source;
            if !points[place + 1..].iter().any(same) {
                self.name_published(point);
            }
        }
        let frame = self.size.frame;
        let margin = std::mem::take(&mut self.margin);
        plot::draw_end_labels(
            &mut self.svg,
            &margin,
            frame.right + 12.0,
            frame.top - 8.0,
            frame.bottom + 8.0,
        );
    }

    fn name_published(&mut self, point: &PublishedPoint) {
        let frame = self.size.frame;
        let (x, y) = (self.x.at(point.day), self.y.within(point.value));
        let value = percent_as_printed(point.value);
        let text = format!("{} {value}", point.source);
        if !self.size.names_inside && frame.right - 24.0 < x {
            let lines = measure::wrap(&text, 13.5, true, self.size.width - frame.right - 10.0, 2);
            self.margin.push(EndLabel { y, lines, class: "dl".to_owned() });
            return;
        }
        // A long name is cut, the value never.
        let room = 150.0 - measure::width(&format!(" {value}"), 12.5, false);
        let text = format!("{} {value}", measure::shorten(&point.source, 12.5, false, room));
        let size = (measure::width(&text, 12.5, false), 15.0);
        let area = self.occupied.beside((x, y), size, 10.0);
        self.svg.text((area.left, area.top + 12.0), Anchor::Start, "an halo", &text);
    }
}

/// Foot, middle and top of the axis, percent: it ends at 100 unless everything drawn is rare.
fn top(figure: &CurveFigure) -> [f64; 3] {
    let of_arm = |arm: &CurveArm| {
        let all = [&arm.estimate, &arm.high, &arm.predicted_high];
        all.into_iter().flatten().copied().filter(|value| value.is_finite()).fold(0.0, f64::max)
    };
    let drawn = figure.arms.iter().map(of_arm).fold(0.0, f64::max);
    let published = figure.published.iter().flat_map(|point| [Some(point.value), point.high]).flatten();
    let most = published.fold(drawn, f64::max);
    [10.0, 20.0].into_iter().find(|top| most <= *top).map_or([0.0, 50.0, 100.0], |top| [0.0, top / 2.0, top])
}

fn percent_as_printed(value: f64) -> String {
    format!("{}\u{a0}%", words::as_printed(value))
}

fn alt_title(figure: &CurveFigure, horizon: f64) -> String {
    format!("{} up to {}, simulated and published", figure.title, words::follow_up(horizon))
}

fn alt_text(figure: &CurveFigure, context: CurveContext<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for arm in &figure.arms {
        if let Some(value) = estimate(arm, context.horizon).last() {
            parts.push(format!("{}: {} simulated", context.arms.get(&arm.arm).title, words::percent(value)));
        }
    }
    for point in figure.published.iter().filter(|point| point.value.is_finite()) {
        parts.push(format!("{} ({})", marks::published_tip(point), context.arms.get(&point.arm).short));
    }
    if parts.is_empty() {
        "No curve could be estimated.".to_owned()
    } else {
        words::sentence(&parts.join("; "))
    }
}
