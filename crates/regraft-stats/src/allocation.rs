//! Tests that rest on the random allocation alone: a score for each patient that does not know the groups, and how far
//! the scores of one group may lie from their mean when groups are dealt at random.

use crate::math;
use crate::random::Stream;

/// Scores of the patients of two groups, made from both together without looking at the groups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    /// Of the treated.
    pub treated: Vec<f64>,
    /// Of the controls.
    pub control: Vec<f64>,
}

/// Probabilities of what was seen, or more of it, on either side, where groups are dealt at random.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// That the treated show so much or more.
    pub upper: f64,
    /// That they show so little or less.
    pub lower: f64,
}

impl Tails {
    /// The standard normal of the smaller tail, above 0 where that is the upper one; its size is below a critical value
    /// exactly where the tail is above that of the value. 0 where neither is below one half.
    pub fn z(self) -> f64 {
        // Tails are ratios of counts or sums of products: what equals a level must not miss it by the last digit.
        let size =
            |tail: f64| (-math::normal_quantile((tail * (1.0 - 1e-9)).max(f64::MIN_POSITIVE))).max(0.0);
        if self.upper <= self.lower { size(self.upper) } else { -size(self.lower) }
    }
}

impl Scores {
    /// Scores of everyone, the treated first.
    fn all(&self) -> impl Iterator<Item = f64> + '_ {
        self.treated.iter().chain(&self.control).copied()
    }

    /// (S − n₁ s̄)/√V, S the sum over the n₁ treated of N patients and V = n₁ n₀/(N (N − 1)) Σ (s − s̄)², the variance of S
    /// over all ways to deal the groups \[StrasserWeber1999\]. R's `coin::independence_test`.
    ///
    /// NaN where a group is empty or all scores are alike.
    pub fn standardized(&self) -> f64 {
        let (n, n_control) = (self.treated.len() as f64, self.control.len() as f64);
        let total = n + n_control;
        let mean = self.all().sum::<f64>() / total;
        let squares: f64 = self.all().map(|score| (score - mean) * (score - mean)).sum();
        let largest = self.all().map(f64::abs).fold(0.0, f64::max);
        let variance = n * n_control / (total * (total - 1.0)) * squares;
        // Scores that differ by rounding are alike.
        if !(squares > 1e-20 * total * largest * largest && variance > 0.0) {
            return f64::NAN;
        }
        (self.treated.iter().sum::<f64>() - n * mean) / variance.sqrt()
    }

    /// Both tails of the sum over the treated from `draws` random ways to deal the groups, the one that was seen counted
    /// among them: (1 + those as far or farther)/(`draws` + 1), which is a valid p-value whatever the scores
    /// \[PhipsonSmyth2010\]. `None` where a group is empty or all scores are alike.
    ///
    /// The draws of `stream` are used from index 0 on.
    pub fn reallocated(&self, stream: &Stream, draws: usize) -> Option<Tails> {
        if !self.standardized().is_finite() {
            return None;
        }
        let mut scores: Vec<f64> = self.all().collect();
        let (n, total) = (self.treated.len(), scores.len());
        // The smaller group is dealt; the larger has the rest.
        let (dealt, sign) = if 2 * n <= total { (n, 1.0) } else { (total - n, -1.0) };
        let seen = self.treated.iter().sum::<f64>();
        let whole: f64 = scores.iter().sum();
        let slack = 1e-9 * scores.iter().map(|score| score.abs()).sum::<f64>();
        let (mut above, mut below) = (1_usize, 1_usize);
        let mut index = 0;
        for _ in 0..draws {
            for j in 0..dealt {
                scores.swap(j, j + stream.below(index, total - j));
                index += 1;
            }
            let part: f64 = scores[..dealt].iter().sum();
            let sum = if sign > 0.0 { part } else { whole - part };
            above += usize::from(sum >= seen - slack);
            below += usize::from(sum <= seen + slack);
        }
        let share = |count: usize| count as f64 / (draws + 1) as f64;
        Some(Tails { upper: share(above), lower: share(below) })
    }
}

#[cfg(test)]
mod tests;
