//! One endpoint in some people who lived every regimen: numbers from those of some rows, and what each person adds to
//! the number of all.

use std::collections::BTreeMap;

use regraft_stats::{Survival, incidence};

use crate::outcomes::Outcome as Ends;

/// What is read of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The probability that the event comes by the day.
    Probability,
    /// Events per year up to the day.
    Rate,
    /// The mean at the visit nearest to the day.
    Mean,
}

/// A number: of one regimen, or the difference of two in the same people.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// How it is read.
    pub reading: Reading,
    /// The regimen.
    pub arm: usize,
    /// The one that is taken off.
    pub versus: Option<usize>,
}

/// Some people who lived every regimen.
#[derive(Debug)]
pub struct World<'a> {
    /// Their numbers.
    pub numbers: &'a [u64],
    /// What each counts.
    pub weights: &'a [f64],
    /// The endpoint, `[arm]`.
    pub arms: Vec<&'a Ends>,
    /// The day at which it is read.
    pub day: f64,
}

impl World<'_> {
    /// Rows of everyone.
    pub fn everyone(&self) -> Vec<usize> {
        (0..self.weights.len()).collect()
    }

    /// The day that is shown: that of the visit, for a score.
    pub fn shown_day(&self) -> f64 {
        match self.arms.first() {
            Some(Ends::Scores { days, .. }) => days.get(self.visit(days)).copied().unwrap_or(self.day),
            _ => self.day,
        }
    }

    /// The visit nearest to the day.
    fn visit(&self, days: &[f64]) -> usize {
        let near = |visit: &usize| (days[*visit] - self.day).abs();
        (0..days.len()).min_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(0)
    }

    /// How observation of a person ends, where they count.
    fn end(&self, row: usize, arm: usize) -> Option<Survival> {
        let Ends::Times(times) = self.arms[arm] else { return None };
        Some(times[row]?.survival())
    }

    /// Ends of the people `rows` who count, with their weights.
    pub fn ends(&self, rows: &[usize], arm: usize) -> (Vec<Survival>, Vec<f64>) {
        rows.iter().filter_map(|row| Some((self.end(*row, arm)?, self.weights[*row]))).unzip()
    }

    /// Events and years of a person, where they count.
    fn counted(&self, row: usize, arm: usize) -> Option<(f64, f64)> {
        let Ends::Rates(rates) = self.arms[arm] else { return None };
        rates[row].as_ref().and_then(|counted| counted.followed_to(self.day))
    }

    /// The score of a person at the visit, or what it is more than under the other regimen; NaN where it is not known.
    pub fn score(&self, asked: Asked, row: usize) -> f64 {
        let of = |arm: usize| {
            let Ends::Scores { days, values } = self.arms[arm] else { return f64::NAN };
            values.get(row * days.len() + self.visit(days)).copied().unwrap_or(f64::NAN)
        };
        of(asked.arm) - asked.versus.map_or(0.0, of)
    }

    /// Scores that are known of the people `rows`, with their weights.
    pub fn scores(&self, rows: &[usize], asked: Asked) -> (Vec<f64>, Vec<f64>) {
        let pairs = rows.iter().map(|row| (self.score(asked, *row), self.weights[*row]));
        pairs.filter(|(value, _)| value.is_finite()).unzip()
    }

    /// The number in the people `rows`; `None` where there is none.
    pub fn number(&self, rows: &[usize], asked: Asked) -> Option<f64> {
        let of = |arm: usize| match asked.reading {
            Reading::Probability => {
                let (ends, weights) = self.ends(rows, arm);
                Some(incidence(&ends, &weights, self.day)).filter(|value| value.is_finite())
            }
            Reading::Rate => {
                let sum = |(events, years): (f64, f64), row: &usize| {
                    let (n, time) = self.counted(*row, arm).unwrap_or_default();
                    (events + self.weights[*row] * n, years + self.weights[*row] * time)
                };
                let (events, years) = rows.iter().fold((0.0, 0.0), sum);
                (years > 0.0).then(|| events / years)
            }
            Reading::Mean => None,
        };
        if asked.reading == Reading::Mean {
            let (values, weights) = self.scores(rows, asked);
            let sum: f64 = weights.iter().sum();
            let mean = values.iter().zip(&weights).map(|(x, w)| w * x).sum::<f64>() / sum;
            return Some(mean).filter(|mean| mean.is_finite());
        }
        Some(of(asked.arm)? - asked.versus.map_or(Some(0.0), of)?)
    }

    /// What each person adds to the number of everyone, about 0: a pseudo-value less the number, to first order.
    pub fn added(&self, asked: Asked) -> Option<Vec<f64>> {
        let all: f64 = self.weights.iter().sum();
        if asked.reading == Reading::Mean {
            let mean = self.number(&self.everyone(), asked)?;
            let known: f64 = self.scores(&self.everyone(), asked).1.iter().sum();
            let adds = |row: usize| {
                let value = self.score(asked, row);
                if value.is_finite() { (value - mean) * all / known } else { 0.0 }
            };
            return Some((0..self.weights.len()).map(adds).collect());
        }
        let of = |arm: usize| match asked.reading {
            Reading::Rate => self.added_to_rate(arm, all),
            _ => self.added_to_probability(arm, all),
        };
        let mut adds = of(asked.arm)?;
        if let Some(versus) = asked.versus {
            adds.iter_mut().zip(of(versus)?).for_each(|(own, other)| *own -= other);
        }
        Some(adds)
    }

    fn added_to_rate(&self, arm: usize, all: f64) -> Option<Vec<f64>> {
        let rate = self.number(&self.everyone(), Asked { reading: Reading::Rate, arm, versus: None })?;
        let counted = |row: usize| self.counted(row, arm).unwrap_or_default();
        let years: f64 = (0..self.weights.len()).map(|row| self.weights[row] * counted(row).1).sum();
        let adds = |row: usize| {
            let (events, time) = counted(row);
            (events - rate * time) * all / years
        };
        Some((0..self.weights.len()).map(adds).collect())
    }

    /// Where everyone is followed to the day it is whether the event came; else people are left out one kind after the
    /// other.
    fn added_to_probability(&self, arm: usize, all: f64) -> Option<Vec<f64>> {
        let asked = Asked { reading: Reading::Probability, arm, versus: None };
        let whole = self.number(&self.everyone(), asked)?;
        let mut rows: Vec<usize> =
            self.everyone().into_iter().filter(|row| self.end(*row, arm).is_some()).collect();
        let end = |row: usize| self.end(row, arm).expect("only those who count are asked");
        let known: f64 = rows.iter().map(|row| self.weights[*row]).sum();
        let mut adds = vec![0.0; self.weights.len()];
        if rows.iter().all(|row| end(*row).status != 0 || end(*row).time >= self.day) {
            for row in rows {
                let came = end(row).status == 1 && end(row).time <= self.day;
                adds[row] = (f64::from(u8::from(came)) - whole) * all / known;
            }
            return Some(adds);
        }
        rows.sort_by(|a, b| end(*a).time.total_cmp(&end(*b).time));
        let mut kinds: BTreeMap<_, f64> = BTreeMap::new();
        for row in &rows {
            let (end, own) = (end(*row), self.weights[*row]);
            let kind = (end.time.to_bits(), end.status, own.to_bits());
            let found = kinds.entry(kind).or_insert_with(|| {
                let others: Vec<usize> = rows.iter().copied().filter(|other| other != row).collect();
                let without = self.number(&others, asked).unwrap_or(whole);
                if own > 0.0 { (whole - without) * (known - own) / own * all / known } else { 0.0 }
            });
            adds[*row] = *found;
        }
        Some(adds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::TimeToEvent;

    const WEIGHTS: [f64; 4] = [1.0, 0.5, 1.0, 0.25];

    fn world(ends: &Ends) -> World<'_> {
        World { numbers: &[2, 5, 6, 9], weights: &WEIGHTS, arms: vec![ends], day: 100.0 }
    }

    fn asked(reading: Reading) -> Asked {
        Asked { reading, arm: 0, versus: None }
    }

    /// What a person adds is how the number moves when that person counts a little more, times the weight of all.
    fn moves(ends: &Ends, reading: Reading) {
        let world = world(ends);
        let adds = world.added(asked(reading)).expect("a number");
        let (all, step) = (WEIGHTS.iter().sum::<f64>(), 1e-6);
        for row in 0..4 {
            let mut weights = WEIGHTS;
            weights[row] += step;
            let moved = World { weights: &weights, arms: vec![ends], ..world };
            let number =
                |world: &World<'_>| world.number(&world.everyone(), asked(reading)).expect("a number");
            let slope = (number(&moved) - number(&world)) / step * all;
            assert!((slope - adds[row]).abs() < 1e-4, "{reading:?} {row}: {slope} and {}", adds[row]);
        }
        let sum: f64 = adds.iter().zip(WEIGHTS).map(|(x, w)| w * x).sum();
        assert!(sum.abs() < 1e-9, "about 0");
    }

    #[test]
    fn what_people_add_is_how_the_number_moves() {
        let score = Ends::Scores {
            days: vec![0.0, 100.0],
            values: vec![0.0, 3.0, 0.0, 5.0, 0.0, f64::NAN, 0.0, 1.0],
        };
        moves(&score, Reading::Mean);
        let end = |time, status| Some(TimeToEvent { time, status, known: time, until_known: None });
        moves(&Ends::Times(vec![end(30.0, 1), end(100.0, 0), None, end(50.0, 2)]), Reading::Probability);
    }
}
