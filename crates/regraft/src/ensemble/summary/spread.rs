//! How the values of one column are spread over the patients at one time.

use super::sketch::Sketch;

/// Count, mean, range and quantiles of the values so far.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    n: u64,
    sum: f64,
    min: f64,
    max: f64,
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    /// All of them.
    Kept(Vec<f64>),
    Counted(Sketch),
}

impl Spread {
    /// Nothing yet; with `exact` every value is kept.
    pub fn new(exact: bool) -> Spread {
        let values = if exact { Values::Kept(Vec::new()) } else { Values::Counted(Sketch::default()) };
        Spread { n: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, values }
    }

    /// Adds a value; one that is not finite is not counted.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.n += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        match &mut self.values {
            Values::Kept(values) => values.push(value),
            Values::Counted(sketch) => sketch.add(value),
        }
    }

    pub fn n(&self) -> u64 {
        self.n
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.n as f64
    }

    pub fn min(&self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.min }
    }

    pub fn max(&self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.max }
    }

    /// Quantiles at ascending probabilities: linearly between the values next to position p·(n − 1).
    pub fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        if self.n == 0 {
            return [f64::NAN; N];
        }
        let positions = probabilities.map(|p| p * (self.n - 1) as f64);
        let ranks: Vec<u64> = positions
            .iter()
            .flat_map(|position| [*position as u64, (*position as u64 + 1).min(self.n - 1)])
            .collect();
        let values = self.at(&ranks);
        let mut quantiles = [0.0; N];
        for (index, position) in positions.into_iter().enumerate() {
            let (below, above) = (values[2 * index], values[2 * index + 1]);
            let share = position.fract();
            // Not below + share·(above − below), which can overflow.
            quantiles[index] = if below == above { below } else { (1.0 - share) * below + share * above };
        }
        quantiles
    }

    /// The values of some ranks, from 0, by size; within the range of all.
    fn at(&self, ranks: &[u64]) -> Vec<f64> {
        match &self.values {
            Values::Kept(values) => {
                let mut values = values.clone();
                values.sort_unstable_by(f64::total_cmp);
                ranks.iter().map(|&rank| values[rank as usize]).collect()
            }
            Values::Counted(sketch) => {
                ranks.iter().map(|&rank| sketch.at(rank).clamp(self.min, self.max)).collect()
            }
        }
    }
}
