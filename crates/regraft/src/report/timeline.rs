//! The arms as a time line of steps, on three time scales: weeks before the graft, days around it,
//! months after it. On a phone a list stands in its place ([`super::steps`]).

use super::arms::Arms;
use super::axis::{self, Scale};
use super::data::{Arm, Fan, ReportData, Step};
use super::marks;
use super::measure;
use super::steps;
use super::svg::{Anchor, PathData, Svg};
use super::words::{MONTH_DAYS, real};

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 148.0;
const RIGHT: f64 = 992.0;
/// Gap between two scales, pixels.
const GAP: f64 = 26.0;
/// Height of a row of one line, pixels.
const ROW: f64 = 34.0;
/// Last day of the middle scale.
const NEAR_END: f64 = 15.0;

/// One stretch of the axis with its own scale.
struct Stretch {
    days: (f64, f64),
    pixels: (f64, f64),
    scale: Scale,
    ticks: Vec<(f64, String)>,
}

/// The axis: up to three stretches with breaks between them.
struct Clock {
    stretches: Vec<Stretch>,
    months: bool,
}

impl Clock {
    fn of(data: &ReportData) -> Self {
        let days: Vec<f64> = data
            .arms
            .iter()
            .flat_map(|arm| &arm.steps)
            .flat_map(|step| steps::days(step).into_iter().chain(real(step.until_day)))
            .collect();
        let grafted = data.arms.iter().any(|arm| arm.graft_day.is_some());
        let horizon = data.horizon_days.max(1.0);
        if !grafted || horizon < 2.0 * MONTH_DAYS {
            Self::plain(&days, horizon)
        } else {
            Self::around(&days, horizon)
        }
    }

    /// One even stretch, for trials without a graft or of a few weeks.
    fn plain(days: &[f64], horizon: f64) -> Self {
        let first = days.iter().copied().fold(0.0, f64::min);
        let (ticks, unit) = axis::time_ticks(horizon);
        let stretch = even((first, horizon), (LEFT, RIGHT), ticks);
        Self { stretches: vec![stretch], months: unit == "months" }
    }

    fn around(days: &[f64], horizon: f64) -> Self {
        let early: Vec<f64> = days.iter().copied().filter(|&day| day < -12.0).collect();
        let near = days.iter().copied().filter(|&day| (-12.0..=0.0).contains(&day)).fold(-7.0, f64::min);
        let mut stretches = Vec::new();
        let mut start = LEFT;
        if !early.is_empty() {
            let span =
                early.iter().fold((0.0f64, -1000.0f64), |(low, high), &day| (low.min(day), high.max(day)));
            let span = (span.0 - 3.0, (span.1 + 4.0).min(near - 2.0));
            stretches.push(even(span, (LEFT, LEFT + 132.0), sparse_ticks(span)));
            start = LEFT + 132.0 + GAP;
        }
        let near = (near - 1.0, NEAR_END + 0.8);
        stretches.push(even(near, (start, 662.0), sparse_ticks(near)));
        stretches.push(months(horizon));
        Self { stretches, months: true }
    }

    fn at(&self, day: f64) -> f64 {
        for stretch in &self.stretches {
            if day < stretch.days.0 {
                return stretch.pixels.0;
            }
            if day <= stretch.days.1 {
                return stretch.scale.at(day);
            }
        }
        self.stretches.last().map_or(LEFT, |stretch| stretch.pixels.1)
    }

    fn day_width(&self, day: f64) -> f64 {
        (self.at(day + 0.5) - self.at(day - 0.5)).abs()
    }

    fn draw(&self, svg: &mut Svg, bottom: f64) {
        for stretch in &self.stretches {
            svg.line((stretch.pixels.0, 40.0), (stretch.pixels.1, 40.0), "ax");
            for (day, text) in &stretch.ticks {
                let x = stretch.scale.at(*day);
                svg.line((x, 36.0), (x, 40.0), "ax");
                svg.text((x, 31.0), Anchor::Middle, "tick", text);
            }
        }
        let (first, last) = if self.stretches.len() == 1 {
            ("", if self.months { "months" } else { "" })
        } else {
            ("days", "months")
        };
        svg.text((LEFT, 14.0), Anchor::Start, "tick", first);
        svg.text((RIGHT, 14.0), Anchor::End, "tick", last);
        svg.line((self.at(0.0), 42.0), (self.at(0.0), bottom), "hair");
    }
}

fn even(days: (f64, f64), pixels: (f64, f64), ticks: Vec<(f64, String)>) -> Stretch {
    Stretch { days, pixels, scale: Scale::linear(days, pixels), ticks }
}

fn months(horizon: f64) -> Stretch {
    let days = (NEAR_END + 1.0, horizon);
    let scale = Scale::log(days, (688.0, RIGHT));
    let all = [1.0, 3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0];
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for month in all {
        let day = (month * MONTH_DAYS).min(horizon);
        let fits = ticks.last().is_none_or(|last| 26.0 < scale.at(day) - scale.at(last.0));
        if month * MONTH_DAYS <= horizon * 1.01 && fits {
            ticks.push((day, axis::tick_text(month)));
        }
    }
    Stretch { days, pixels: (688.0, RIGHT), scale, ticks }
}

fn sparse_ticks(span: (f64, f64)) -> Vec<(f64, String)> {
    let step = if 70.0 < span.1 - span.0 {
        30.0
    } else if 30.0 < span.1 - span.0 {
        15.0
    } else {
        5.0
    };
    let (first, last) = ((span.0 / step).ceil() as i64, (span.1 / step).floor() as i64);
    (first..=last).map(|place| (place as f64 * step, axis::tick_text(place as f64 * step))).collect()
}

/// Draws the time line of all arms.
pub fn draw(data: &ReportData, arms: &Arms, id: &str) -> String {
    let clock = Clock::of(data);
    let mut svg = Svg::new(id, "wide", WIDTH, 100.0);
    let mut body = Svg::new("", "", WIDTH, 100.0);
    let mut y = 46.0;
    for arm in &data.arms {
        y = draw_arm(&mut body, arm, data, &clock, arms, y) + 8.0;
    }
    y = draw_visits(&mut body, data, &clock, y);
    clock.draw(&mut svg, y - 6.0);
    svg.append(body);
    svg.set_height(y);
    svg.finish("The arms as a time line of steps", &describe(data))
}

fn describe(data: &ReportData) -> String {
    let arm_text = |arm: &Arm| {
        let steps: Vec<String> = arm
            .steps
            .iter()
            .map(|step| format!("{} ({})", step.text, steps::when(step, data.horizon_days)))
            .collect();
        format!("{}: {}.", arm.title, steps.join("; "))
    };
    data.arms.iter().map(arm_text).collect::<Vec<_>>().join(" ")
}

fn draw_arm(svg: &mut Svg, arm: &Arm, data: &ReportData, clock: &Clock, arms: &Arms, top: f64) -> f64 {
    let style = arms.get(&arm.id);
    let title = measure::shorten(&arm.title, 15.5, true, 560.0);
    svg.text((0.0, top + 20.0), Anchor::Start, &format!("arm c {}", style.class), &title);
    let counted = steps::clock(arm, &data.time_zero);
    svg.text((RIGHT, top + 20.0), Anchor::End, "tick halo", &measure::shorten(&counted, 12.5, false, 400.0));
    svg.line((0.0, top + 30.0), (RIGHT, top + 30.0), "hair");
    let mut y = top + 34.0;
    let mut before = String::new();
    let mut tone = 0;
    for step in steps::shown(arm, data) {
        let kind = steps::kind_word(&step.kind);
        tone = if kind == before { tone + 1 } else { 0 };
        let label = if kind == before { "" } else { &kind };
        y = draw_step(
            svg,
            step,
            label,
            StepLook { hue: style.class, tone, clock, horizon: data.horizon_days },
            y,
        );
        before = kind;
    }
    match blood_counts(data, arm) {
        Some(fan) => draw_blood(svg, fan, style.class, clock, y),
        None => y,
    }
}

struct StepLook<'a> {
    hue: &'a str,
    tone: usize,
    clock: &'a Clock,
    horizon: f64,
}

fn draw_step(svg: &mut Svg, step: &Step, label: &str, look: StepLook<'_>, top: f64) -> f64 {
    let (first, last) = draw_marks(svg, step, &look, top + 11.0);
    let zero = look.clock.at(0.0);
    let last = if last < zero && zero - 60.0 < last { zero } else { last };
    let sub = steps::when(step, look.horizon);
    let wide = measure::width(&step.text, 13.0, false) + measure::width(&sub, 12.5, false) + 8.0;
    let (right, left) = (WIDTH - last - 12.0, first - 10.0 - LEFT);
    svg.text((0.0, top + 21.0), Anchor::Start, "lab", label);
    if wide <= right {
        svg.text_with((last + 12.0, top + 21.0), Anchor::Start, "t halo", &step.text, &sub);
        return top + ROW;
    }
    if wide <= left {
        svg.text_with((first - 10.0, top + 21.0), Anchor::End, "t halo", &step.text, &sub);
        return top + ROW;
    }
    let room = right.max(left);
    let (x, anchor) = if left < right { (last + 12.0, Anchor::Start) } else { (first - 10.0, Anchor::End) };
    let (x, anchor, room, drop) =
        if room < 220.0 { (LEFT, Anchor::Start, RIGHT - LEFT, 19.0) } else { (x, anchor, room, 0.0) };
    let text = if sub.is_empty() { step.text.clone() } else { format!("{}, {sub}", step.text) };
    let lines = measure::wrap(&text, 13.0, false, room, 4);
    svg.lines((x, top + 21.0 + drop), anchor, "t halo", &lines, 16.0);
    top + ROW + drop + 16.0 * (lines.len() as f64 - 1.0)
}

/// Draws when a step happens and returns the leftmost and rightmost pixel.
fn draw_marks(svg: &mut Svg, step: &Step, look: &StepLook<'_>, y: f64) -> (f64, f64) {
    let days = steps::days(step);
    let fill = if look.tone % 2 == 1 || step.kind == "support" { "f2" } else { "f" };
    let class = if step.by_rule { "card".to_owned() } else { format!("{fill} {}", look.hue) };
    let zero = look.clock.at(0.0);
    let Some((&first, &last)) = days.first().zip(days.last()) else {
        svg.rect((zero + 10.0, y), (11.0, 12.0), 2.0, &class);
        return (zero, zero + 21.0);
    };
    if let Some(until) = real(step.until_day).filter(|&until| first < until) {
        let (start, end) = (look.clock.at(first), look.clock.at(until));
        svg.rect((start, y), ((end - start).max(3.0), 12.0), 2.0, &class);
        return (start, end.max(start + 3.0));
    }
    if step.kind == "infuse" {
        days.iter().for_each(|&day| marks::triangle_down(svg, (look.clock.at(day), y + 6.0), 7.0, &class));
    } else {
        days.iter().for_each(|&day| block(svg, look.clock, day, y, &class));
    }
    (look.clock.at(first) - 7.0, look.clock.at(last) + 7.0)
}

fn block(svg: &mut Svg, clock: &Clock, day: f64, y: f64, class: &str) {
    let width = (clock.day_width(day) * 0.72).clamp(2.0, 11.0);
    svg.rect((clock.at(day) - width / 2.0, y), (width, 12.0), 2.0_f64.min(width / 2.0), class);
}

/// The first laboratory value with a threshold: the count by which engraftment is judged.
fn blood_counts<'a>(data: &'a ReportData, arm: &Arm) -> Option<&'a Fan> {
    let first = data.fans.iter().find(|fan| fan.arm == arm.id && fan.threshold.is_some());
    first.filter(|_| arm.graft_day.is_some())
}

/// Median count through the days around the graft, on a log scale.
fn draw_blood(svg: &mut Svg, fan: &Fan, hue: &str, clock: &Clock, top: f64) -> f64 {
    let median: Vec<(f64, f64)> = fan
        .days
        .iter()
        .zip(&fan.quantiles)
        .map(|(&day, quantiles)| (day, quantiles[2].max(0.02)))
        .filter(|(day, value)| value.is_finite() && (-12.0..=NEAR_END + 0.8).contains(day))
        .collect();
    let (low, high) =
        median.iter().fold((f64::MAX, 0.0f64), |(low, high), point| (low.min(point.1), high.max(point.1)));
    if median.len() < 2 || high <= low {
        return top;
    }
    let threshold = real(fan.threshold);
    let y = Scale::log((low.min(threshold.unwrap_or(low)) * 0.9, high * 1.1), (top + 50.0, top + 10.0));
    svg.text((0.0, top + 34.0), Anchor::Start, "lab", "Blood counts");
    let start = (clock.at(median[0].0), y.at(median[0].1));
    svg.text((start.0 - 8.0, start.1 + 4.0), Anchor::End, "tick halo", &fan.title.to_lowercase());
    if let Some(threshold) = threshold {
        draw_aplasia(svg, &median, threshold, (clock, &y), hue, top);
    }
    let points: Vec<(f64, f64)> = median.iter().map(|&(day, value)| (clock.at(day), y.at(value))).collect();
    svg.path(&PathData::through(&points), &format!("mid s {hue}"));
    top + 58.0
}

fn draw_aplasia(
    svg: &mut Svg,
    median: &[(f64, f64)],
    threshold: f64,
    (clock, y): (&Clock, &Scale),
    hue: &str,
    top: f64,
) {
    let ends = (clock.at(median[0].0), clock.at(median[median.len() - 1].0));
    let low: Vec<f64> = median.iter().filter(|point| point.1 < threshold).map(|point| point.0).collect();
    if let (Some(&first), Some(&last)) = (low.first(), low.last()) {
        let back = median.iter().find(|point| last < point.0).map(|point| point.0);
        let (x0, x1) = (clock.at(first), clock.at(back.unwrap_or(last)));
        svg.rect((x0, top + 8.0), (x1 - x0, 44.0), 0.0, &format!("aplasia f {hue}"));
        svg.text(((x0 + x1) / 2.0, top + 21.0), Anchor::Middle, "tick halo", "aplasia");
        if let Some(back) = back {
            let text = format!(
                "median back above {} on day {}",
                axis::tick_text(threshold),
                axis::tick_text((back * 10.0).round() / 10.0)
            );
            svg.text((ends.1 + 16.0, top + 34.0), Anchor::Start, "t halo", &text);
        }
    }
    svg.line((ends.0, y.at(threshold)), (ends.1, y.at(threshold)), "thr");
}

fn draw_visits(svg: &mut Svg, data: &ReportData, clock: &Clock, top: f64) -> f64 {
    if data.visits.is_empty() && data.visit_days.is_empty() {
        return top;
    }
    svg.line((0.0, top + 2.0), (RIGHT, top + 2.0), "hair");
    svg.text((0.0, top + 24.0), Anchor::Start, "lab", "Visits");
    let days: Vec<f64> = data.visit_days.iter().copied().filter(|day| day.is_finite()).collect();
    let mut first = RIGHT;
    for &day in &days {
        let x = clock.at(day);
        first = first.min(x);
        svg.line((x, top + 13.0), (x, top + 25.0), "vis");
    }
    let (room, x, anchor) = if days.is_empty() {
        (RIGHT - LEFT, LEFT, Anchor::Start)
    } else {
        (first - 12.0 - LEFT, first - 12.0, Anchor::End)
    };
    let (room, x, anchor, drop) =
        if room < 260.0 { (RIGHT - LEFT, LEFT, Anchor::Start, 22.0) } else { (room, x, anchor, 0.0) };
    let lines = measure::wrap(&data.visits, 13.0, false, room, 3);
    svg.lines((x, top + 24.0 + drop), anchor, "t halo", &lines, 16.0);
    top + 36.0 + drop + 16.0 * lines.len().saturating_sub(1) as f64
}
