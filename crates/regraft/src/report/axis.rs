//! Axes: where a value stands, and which round values are written.

use super::words::{MONTH_DAYS, YEAR_DAYS, fixed, short_time, time};

/// How days near the graft and years after it share one axis: even to about this day, then by ratio.
const ASINH_DAYS: f64 = 5.0;

/// The bend of a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Bend {
    Linear,
    Log,
    Asinh,
}

/// A map from values to pixels. A value beyond the ends is drawn beyond them.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    bend: Bend,
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// Even steps; `pixels` are those of the two ends of `values`.
    pub fn linear(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self::new(Bend::Linear, values, pixels)
    }

    /// Steps by ratio; `values` are above 0.
    pub fn log(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self::new(Bend::Log, values, pixels)
    }

    /// x = asinh(t / 5 d): even near day 0, by ratio after it.
    pub fn asinh(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self::new(Bend::Asinh, values, pixels)
    }

    fn new(bend: Bend, values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self { bend, from: bend.of(values.0), to: bend.of(values.1), start: pixels.0, end: pixels.1 }
    }

    /// Pixel of `value`; not a number for a value that the scale cannot show (log of 0).
    pub fn at(&self, value: f64) -> f64 {
        let span = self.to - self.from;
        if span == 0.0 {
            return (self.start + self.end) / 2.0;
        }
        self.start + (self.bend.of(value) - self.from) / span * (self.end - self.start)
    }

    /// Pixel of `value`, held within the ends.
    pub fn within(&self, value: f64) -> f64 {
        let (low, high) = (self.start.min(self.end), self.start.max(self.end));
        let at = self.at(value);
        if at.is_nan() { self.start } else { at.clamp(low, high) }
    }
}

impl Bend {
    fn of(self, value: f64) -> f64 {
        match self {
            Bend::Linear => value,
            Bend::Log => value.ln(),
            Bend::Asinh => (value / ASINH_DAYS).asinh(),
        }
    }
}

/// Four to six round values from `low` to `high`, both covered.
pub fn round_ticks(low: f64, high: f64) -> Vec<f64> {
    if !(low.is_finite() && high.is_finite()) || high <= low {
        return vec![0.0, 1.0];
    }
    let whole = low.fract() == 0.0 && high.fract() == 0.0;
    let step =
        if whole && (3.0..=6.0).contains(&(high - low)) { 1.0 } else { round_step((high - low) / 4.0) };
    let (first, last) = ((low / step).floor(), (high / step - 1e-9).ceil());
    (0..=(last - first) as usize).map(|place| (first + place as f64) * step).collect()
}

fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|times| step <= times * power * 1.0001);
    times.unwrap_or(10.0) * power
}

/// Three to five round values of a log axis that cover `low` to `high` most tightly: one, two or
/// three per power of ten.
pub fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    if !(low.is_finite() && high.is_finite()) {
        return vec![1.0, 10.0];
    }
    let (low, high) = (low.max(1e-9), high.max(low.max(1e-9) * 1.01));
    let all = |times: &[f64]| -> Vec<f64> {
        let decades = low.log10().floor() as i32 - 1..=high.log10().ceil() as i32 + 1;
        decades.flat_map(|power| times.iter().map(move |&t| t * 10f64.powi(power))).collect()
    };
    let sets: [&[f64]; 5] = [&[1.0], &[5.0], &[2.0], &[1.0, 3.0], &[1.0, 2.0, 5.0]];
    let covers = sets.iter().map(|times| cover(&all(times), low, high));
    let (few, many): (Vec<_>, Vec<_>) = covers.partition(|ticks| (3..=5).contains(&ticks.len()));
    let span = |ticks: &Vec<f64>| ticks[ticks.len() - 1] / ticks[0];
    let tightest = few.into_iter().min_by(|a, b| (span(a) * 0.99).total_cmp(&span(b)));
    tightest.unwrap_or_else(|| many.into_iter().min_by_key(Vec::len).expect("some sets were tried"))
}

/// Those of `ticks` from the last at or below `low` to the first at or above `high`.
fn cover(ticks: &[f64], low: f64, high: f64) -> Vec<f64> {
    let first = ticks.iter().rposition(|&tick| tick <= low * 1.001).unwrap_or(0);
    let last = ticks.iter().position(|&tick| high * 0.999 <= tick).unwrap_or(ticks.len() - 1);
    ticks[first..=last.max(first)].to_vec()
}

/// A number on an axis: as few decimals as it needs.
pub fn tick_text(value: f64) -> String {
    let decimals = (0..4).find(|&places| {
        let scale = 10f64.powi(places);
        ((value * scale).round() - value * scale).abs() < 1e-6 * scale.max(1.0)
    });
    fixed(value, decimals.unwrap_or(4) as usize)
}

/// Days and texts of a linear time axis from 0 to `horizon`, and the unit they are read in.
pub fn time_ticks(horizon: f64) -> (Vec<(f64, String)>, &'static str) {
    let (unit, word, steps): (f64, _, &[f64]) = if 1.9 * YEAR_DAYS <= horizon {
        (YEAR_DAYS, "years", &[1.0, 2.0, 5.0, 10.0])
    } else if 4.0 * MONTH_DAYS <= horizon {
        (MONTH_DAYS, "months", &[1.0, 2.0, 3.0, 6.0, 12.0])
    } else {
        (1.0, "days", &[1.0, 2.0, 5.0, 10.0, 20.0, 30.0])
    };
    let span = (horizon / unit).max(1e-6);
    let step = steps.iter().copied().find(|step| span / step <= 7.0).unwrap_or(span / 5.0);
    let number = (span / step + 0.02).floor() as usize;
    let ticks = (0..=number).map(|place| {
        let value = place as f64 * step;
        ((value * unit).min(horizon), tick_text(value))
    });
    (ticks.collect(), word)
}

/// Marks of the shared axis of days and years: 0, 7 d, 30 d, 6 mo, 2 y, 5 y.
pub fn asinh_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let days = [0.0, 7.0, 30.0, 6.0 * MONTH_DAYS, 2.0 * YEAR_DAYS, 5.0 * YEAR_DAYS, 10.0 * YEAR_DAYS];
    let shown = days.into_iter().filter(|&day| low <= day && day <= high * 1.01);
    shown.map(|day| (day, if day == 0.0 { "0".to_owned() } else { short_time(day) })).collect()
}

/// "years from randomisation".
pub fn time_title(unit: &str, time_zero: &str) -> String {
    format!("{unit} from {}", zero_word(time_zero))
}

/// What time zero is called, from the first sentence that explains it.
pub fn zero_word(time_zero: &str) -> &'static str {
    const KNOWN: [(&str, &str); 4] = [
        ("random", "randomisation"),
        ("mobilis", "mobilisation"),
        ("start of treatment", "the start of treatment"),
        ("graft", "the graft"),
    ];
    let first = time_zero.split('.').next().unwrap_or("").to_lowercase();
    let place = |word: &str| first.find(word);
    let named = KNOWN.iter().filter_map(|(sign, word)| Some((place(sign)?, *word)));
    named.min().map_or("time zero", |(_, word)| word)
}

/// "month 12" for the first visit that can count.
pub fn visit_text(day: f64) -> String {
    match time(day).split_once(' ') {
        Some((number, "months")) => format!("month {number}"),
        Some((number, "years")) => format!("year {number}"),
        _ => time(day),
    }
}
