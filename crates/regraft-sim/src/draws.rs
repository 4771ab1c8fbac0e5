//! Random draws of one patient: counted per stream, so that a draw is a function of
//! (seed, patient, stream, how many draws before it).

use regraft_model::program::Distribution;
use regraft_stats::{Stream, Streams, math};

/// Where the interpreter gets its random numbers.
pub(crate) trait DrawSource {
    /// A draw from `stream`; `slot` is where its value goes, and tells draws of one stream apart.
    fn draw(&mut self, slot: u32, stream: u32, distribution: Distribution, first: f64, second: f64) -> f64;
}

/// The draws of one patient.
#[derive(Debug, Clone, Default)]
pub(crate) struct PatientDraws {
    streams: Vec<Stream>,
    used: Vec<u32>,
}

impl PatientDraws {
    /// `used` draws have been made before, `[stream]`.
    pub fn new(patient: u64, streams: &[Streams], used: Vec<u32>) -> PatientDraws {
        PatientDraws { streams: streams.iter().map(|streams| streams.of(patient)).collect(), used }
    }

    /// Draws made so far, `[stream]`.
    pub fn used(&self) -> &[u32] {
        &self.used
    }
}

impl DrawSource for PatientDraws {
    fn draw(&mut self, _slot: u32, stream: u32, distribution: Distribution, first: f64, second: f64) -> f64 {
        let source = &self.streams[stream as usize];
        let index = u64::from(self.used[stream as usize]);
        self.used[stream as usize] += 1;
        if !is_possible(distribution, first, second) {
            return f64::NAN;
        }
        match distribution {
            Distribution::Exponential => source.exponential(index) / first,
            Distribution::Normal => first + second * source.normal(index),
            Distribution::Uniform => first + (second - first) * source.uniform(index),
            Distribution::LogNormal => math::exp(first + second * source.normal(index)),
            Distribution::Poisson => source.poisson(index, first) as f64,
        }
    }
}

/// Whether the arguments describe a distribution; a draw from one that does not exist is NaN.
fn is_possible(distribution: Distribution, first: f64, second: f64) -> bool {
    let range = match distribution {
        Distribution::Exponential => first > 0.0,
        Distribution::Normal | Distribution::LogNormal => second >= 0.0,
        Distribution::Uniform => second >= first,
        Distribution::Poisson => first >= 0.0,
    };
    range && first.is_finite() && second.is_finite()
}

/// No draws: the middle of each distribution, for the size of things.
pub(crate) struct Middle;

impl DrawSource for Middle {
    fn draw(&mut self, _: u32, _: u32, distribution: Distribution, first: f64, second: f64) -> f64 {
        match distribution {
            Distribution::Exponential => 1.0 / first,
            Distribution::Normal | Distribution::Poisson => first,
            Distribution::Uniform => 0.5 * (first + second),
            Distribution::LogNormal => math::exp(first),
        }
    }
}

/// Where no draw can occur.
pub(crate) struct NoDraws;

impl DrawSource for NoDraws {
    fn draw(&mut self, _: u32, _: u32, _: Distribution, _: f64, _: f64) -> f64 {
        f64::NAN
    }
}

/// Makes each draw once: a draw that several expressions share has one value.
pub(crate) struct Once<'a> {
    source: &'a mut dyn DrawSource,
    made: Vec<(u32, f64)>,
}

impl<'a> Once<'a> {
    pub fn new(source: &'a mut dyn DrawSource) -> Once<'a> {
        Once { source, made: Vec::new() }
    }
}

impl DrawSource for Once<'_> {
    fn draw(&mut self, slot: u32, stream: u32, distribution: Distribution, first: f64, second: f64) -> f64 {
        if let Some(&(_, value)) = self.made.iter().find(|(other, _)| *other == slot) {
            return value;
        }
        let value = self.source.draw(slot, stream, distribution, first, second);
        self.made.push((slot, value));
        value
    }
}
