//! Reconstitution as small panels: half and 90 % of patients, the median, what it was before, and
//! measured points. Days near the graft and years after it share the axis.

use super::arms::Arms;
use super::axis::{self, Scale};
use super::data::{Fan, PublishedPoint};
use super::marks::{self, Shape};
use super::plot::{self, Frame};
use super::svg::{Anchor, PathData, Svg};
use super::words;

const FRAME: Frame = Frame { left: 34.0, right: 218.0, top: 14.0, bottom: 154.0 };

/// One laboratory value in all arms that have it.
pub struct Panel<'a> {
    /// Fans of the arms, in order.
    pub fans: Vec<&'a Fan>,
}

/// The fans by laboratory value, in the order of the data; fans without a number are left out.
pub fn panels(fans: &[Fan]) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for fan in fans.iter().filter(|fan| !points(fan).is_empty()) {
        match panels.iter_mut().find(|panel| panel.fans[0].lab == fan.lab) {
            Some(panel) => panel.fans.push(fan),
            None => panels.push(Panel { fans: vec![fan] }),
        }
    }
    panels
}

/// Days and percentiles that are numbers.
pub fn points(fan: &Fan) -> Vec<(f64, [f64; 5])> {
    let pairs = fan.days.iter().copied().zip(fan.quantiles.iter().copied());
    pairs.filter(|(day, levels)| day.is_finite() && levels.iter().all(|level| level.is_finite())).collect()
}

/// Median of a fan at `day`, between its neighbours by straight line; none outside the days.
pub fn median_at(fan: &Fan, day: f64) -> Option<[f64; 5]> {
    let points = points(fan);
    let after = points.partition_point(|point| point.0 < day);
    let next = points.get(after)?;
    if (next.0 - day).abs() < 1e-9 {
        return Some(next.1);
    }
    let before = points.get(after.checked_sub(1)?)?;
    let share = (day - before.0) / (next.0 - before.0);
    Some(std::array::from_fn(|level| before.1[level] + share * (next.1[level] - before.1[level])))
}

impl Panel<'_> {
    /// Title of the laboratory value.
    pub fn title(&self) -> &str {
        &self.fans[0].title
    }

    /// Unit, with "log" where the axis is one.
    pub fn unit(&self) -> String {
        let unit = &self.fans[0].unit;
        if self.is_log() { format!("{unit}, log") } else { unit.clone() }
    }

    fn is_log(&self) -> bool {
        self.fans[0].log_scale
    }

    /// The sources drawn and their shapes: "○ Traynor 2000".
    pub fn sources_text(&self) -> String {
        let sources = self.sources();
        if sources.is_empty() {
            return "no measured value read".to_owned();
        }
        let one =
            |(place, name): (usize, &&str)| format!("{}\u{a0}{}", Shape::of(place).glyph(), brief(name));
        sources.iter().enumerate().map(one).collect::<Vec<_>>().join("  ")
    }

    /// Measured points with their full source, day and value.
    pub fn measured_rows(&self) -> Vec<Vec<String>> {
        let row = |point: &PublishedPoint| {
            vec![
                self.title().to_owned(),
                point.source.clone(),
                words::time(point.day),
                words::as_printed(point.value),
            ]
        };
        self.measured().map(row).collect()
    }

    fn sources(&self) -> Vec<&str> {
        let mut sources: Vec<&str> = Vec::new();
        for point in self.measured() {
            if !sources.contains(&point.source.as_str()) {
                sources.push(&point.source);
            }
        }
        sources
    }

    fn measured(&self) -> impl Iterator<Item = &PublishedPoint> {
        let drawable = |point: &&PublishedPoint| point.value.is_finite() && point.day.is_finite();
        self.fans.iter().flat_map(|fan| &fan.measured).filter(drawable)
    }

    /// Draws the panel.
    pub fn draw(&self, arms: &Arms, id: &str) -> String {
        let mut svg = Svg::new(id, "", 226.0, 176.0);
        let (x, y) = (self.time_scale(), self.value_scale());
        FRAME.draw_values(&mut svg, &y.0, &y.1, "tk2", "");
        draw_time(&mut svg, &x.0, x.1);
        for fan in &self.fans {
            draw_fan(&mut svg, fan, arms, &x.0, &y.0);
        }
        if let Some(threshold) = words::real(self.fans[0].threshold) {
            let at = y.0.within(threshold);
            svg.line((FRAME.left, at), (FRAME.right, at), "thr");
        }
        let sources = self.sources();
        for point in self.measured() {
            let place = sources.iter().position(|source| *source == point.source).unwrap_or(0);
            marks::published(&mut svg, point, Shape::of(place), x.0.within(point.day), |value| {
                y.0.within(value)
            });
        }
        svg.finish(&format!("{} over time", self.title()), &self.describe(arms))
    }

    fn time_scale(&self) -> (Scale, (f64, f64)) {
        let days = self.fans.iter().flat_map(|fan| points(fan)).map(|point| point.0);
        let (low, high) = days.fold((0.0f64, 1.0f64), |(low, high), day| (low.min(day), high.max(day)));
        let low = low.max(-30.0);
        (Scale::asinh((low, high), (FRAME.left, FRAME.right)), (low, high))
    }

    fn value_scale(&self) -> (Scale, Vec<f64>) {
        let levels = self.fans.iter().flat_map(|fan| points(fan)).flat_map(|point| [point.1[0], point.1[4]]);
        let measured = self.measured().map(|point| point.value);
        let others =
            self.fans.iter().flat_map(|fan| [words::real(fan.before), words::real(fan.threshold)]).flatten();
        let values: Vec<f64> = levels.chain(measured).chain(others).collect();
        let high = values.iter().copied().fold(0.0, f64::max);
        let pixels = (FRAME.bottom, FRAME.top);
        if self.is_log() {
            let floor = words::real(self.fans[0].threshold)
                .map_or(high / 1e4, |threshold| threshold / 10.0)
                .max(high / 1e4);
            let low = values.iter().copied().filter(|&value| 0.0 < value).fold(f64::INFINITY, f64::min);
            let ticks = axis::log_ticks(low.max(floor), high);
            return (Scale::log((ticks[0], ticks[ticks.len() - 1]), pixels), ticks);
        }
        let low = values.iter().copied().fold(0.0, f64::min);
        let ticks = axis::round_ticks(low, high);
        (Scale::linear((ticks[0], ticks[ticks.len() - 1]), pixels), ticks)
    }

    fn describe(&self, arms: &Arms) -> String {
        let fan_text = |fan: &&Fan| {
            let at = [30.0, words::YEAR_DAYS, 2.0 * words::YEAR_DAYS].into_iter().filter_map(|day| {
                let median = median_at(fan, day)?[2];
                Some(format!("{} on {}", axis::tick_text(rounded(median)), words::time(day)))
            });
            let medians = words::list(&at.collect::<Vec<_>>());
            let medians = if medians.is_empty() { "no value at a month".to_owned() } else { medians };
            format!("{}: median {medians}, {}.", arms.get(&fan.arm).title, fan.unit)
        };
        self.fans.iter().map(fan_text).collect::<Vec<_>>().join(" ")
    }
}

/// The head of a long source: what stands before its first comma or bracket.
fn brief(source: &str) -> &str {
    if source.chars().count() <= 26 {
        source
    } else {
        source.split([',', '(']).next().unwrap_or(source).trim()
    }
}

/// Three figures, for texts.
fn rounded(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let scale = 10f64.powf(2.0 - value.abs().log10().floor());
    (value * scale).round() / scale
}

fn draw_time(svg: &mut Svg, x: &Scale, span: (f64, f64)) {
    let ticks = axis::asinh_ticks(span.0, span.1);
    for (place, (day, text)) in ticks.iter().enumerate() {
        svg.line((x.at(*day), FRAME.bottom), (x.at(*day), FRAME.bottom + 3.0), "ax");
        let at_end = |place: usize| ticks.get(place).is_some_and(|tick| FRAME.right - 16.0 < x.at(tick.0));
        let (at, anchor) = match (at_end(place), at_end(place + 1)) {
            (true, _) => (230.0, Anchor::End),
            (_, true) => (x.at(*day) - 4.0, Anchor::Middle),
            _ => (x.at(*day), Anchor::Middle),
        };
        svg.text((at, FRAME.bottom + 15.0), anchor, "tk2", text);
    }
    if span.0 < 0.0 {
        svg.line((x.at(0.0), FRAME.top), (x.at(0.0), FRAME.bottom), "hair");
    }
}

fn draw_fan(svg: &mut Svg, fan: &Fan, arms: &Arms, x: &Scale, y: &Scale) {
    let hue = arms.get(&fan.arm).class;
    let points: Vec<(f64, [f64; 5])> = thinned(points(fan), x);
    let level = |level: usize| -> Vec<(f64, f64)> {
        points.iter().map(|(day, levels)| (x.within(*day), y.within(levels[level]))).collect()
    };
    plot::band(svg, &level(0), &level(4), &format!("trial-band f {hue}"));
    plot::band(svg, &level(1), &level(3), &format!("error-band f {hue}"));
    if let Some(before) = words::real(fan.before) {
        svg.line((FRAME.left, y.within(before)), (FRAME.right, y.within(before)), "bef");
    }
    svg.path(&PathData::through(&level(2)), &format!("curve s {hue}"));
}

/// Leaves out points closer than a pixel to the one before.
fn thinned(points: Vec<(f64, [f64; 5])>, x: &Scale) -> Vec<(f64, [f64; 5])> {
    let mut kept: Vec<(f64, [f64; 5])> = Vec::new();
    let number = points.len();
    for (place, point) in points.into_iter().enumerate() {
        let far = kept.last().is_none_or(|last| 0.8 <= x.at(point.0) - x.at(last.0));
        if far || place + 1 == number {
            kept.push(point);
        }
    }
    kept
}
