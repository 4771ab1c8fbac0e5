//! Decisions under uncertainty: what is signal among members of a posterior, and what it is worth to know more.
//!
//! A decision is between options of which each has a utility in each member. Without knowing more one takes the
//! option with the highest mean. Who knew the member would take the best there; what that adds on average is the
//! expected value of perfect information (EVPI). Less is to be had from one parameter (EVPPI), from a measurement of
//! it, or from a trial (EVSI).

mod linear;
mod value;

pub use value::{Worth, measured, partial, perfect, trial};

use linear::{Matrix, pull};

use crate::clustered::Doubt;
use crate::estimate::variance;

/// Mean utilities of the patients of each member, under each option.
#[derive(Debug, Clone, PartialEq)]
pub struct Utilities {
    /// Number of options, at least 2.
    pub n_options: usize,
    /// `[member, option]`
    pub mean: Vec<f64>,
    /// Of one half of the patients of each member, `[member, option]`.
    pub first: Vec<f64>,
    /// Of the other half, `[member, option]`.
    pub second: Vec<f64>,
    /// The same with each of some parts of every member's patients left out, from which it is told how far few patients
    /// move a worth; may be empty.
    pub without: Vec<Utilities>,
}

impl Utilities {
    /// Number of members.
    pub fn n_members(&self) -> usize {
        self.mean.len() / self.n_options.max(1)
    }

    /// Utilities with the luck of few patients taken out, `[member, option]`.
    ///
    /// The halves of a member differ by luck alone, whose covariance in the whole is that of (a − b)/2; the rest of the
    /// covariance between members is signal S. Members are pulled toward their mean by S^½ T^−½, T their covariance
    /// as found, so that mean and covariance are those of the truth. Taken one by one each member stays uncertain;
    /// averages over members, which are all that is asked here, are right to second order, and exactly where
    /// utilities are normal. Without this the best of several noisy options looks better than any is.
    pub fn without_luck(&self) -> Vec<f64> {
        let (n, k) = (self.n_members(), self.n_options);
        let mean: Vec<f64> =
            (0..k).map(|option| (0..n).map(|j| self.mean[j * k + option]).sum::<f64>() / n as f64).collect();
        let mut total = Matrix::zero(k);
        let mut luck = Matrix::zero(k);
        for j in 0..n {
            let row = j * k..(j + 1) * k;
            let away: Vec<f64> = self.mean[row.clone()].iter().zip(&mean).map(|(u, m)| u - m).collect();
            let half: Vec<f64> =
                self.first[row.clone()].iter().zip(&self.second[row]).map(|(a, b)| (a - b) / 2.0).collect();
            total.add_square(&away, 1.0 / (n as f64 - 1.0).max(1.0));
            luck.add_square(&half, 1.0 / n as f64);
        }
        let pull = pull(&total, &luck);
        let mut pulled = Vec::with_capacity(n * k);
        for j in 0..n {
            let away: Vec<f64> = (0..k).map(|option| self.mean[j * k + option] - mean[option]).collect();
            let moved = pull.times(&away);
            pulled.extend(moved.iter().zip(&mean).map(|(moved, mean)| mean + moved));
        }
        pulled
    }
}

/// Estimates of members with the luck of few patients taken out: pulled to their mean until their variance is that of
/// the truth.
///
/// Each member comes as `[estimate, estimate in one half of its patients, estimate in the other]`. The halves differ by
/// luck alone, whose variance in the whole is the mean of (a − b)²/4; what is left of the variance between members is
/// signal: x' = x̄ + √(signal/total) · (x − x̄). Ascending; empty where there is nobody.
pub fn without_luck(members: &[[f64; 3]]) -> Vec<f64> {
    let of = |place: usize| members.iter().map(|member| member[place]).collect();
    let utilities = Utilities { n_options: 1, mean: of(0), first: of(1), second: of(2), without: Vec::new() };
    let mut pulled = utilities.without_luck();
    pulled.sort_by(f64::total_cmp);
    pulled
}

/// How far members lie apart in truth, and how far their mean is moved by luck; members as for [`without_luck`].
///
/// `between` is the variance of what is found less that of luck, 0 or more, with the standard error that it has for
/// normal values; `error` the variance by luck of the mean of all members. `None` with fewer than three members.
pub fn between(members: &[[f64; 3]]) -> Option<Doubt> {
    let n = members.len() as f64;
    if members.len() < 3 {
        return None;
    }
    let total = variance(&members.iter().map(|one| one[0]).collect::<Vec<_>>());
    let luck = members.iter().map(|one| (one[1] - one[2]) * (one[1] - one[2]) / 4.0).sum::<f64>() / n;
    let between_error = (2.0 / (n - 1.0)).sqrt() * total.hypot(luck);
    Some(Doubt { between: (total - luck).max(0.0), between_error, error: luck / n })
}

#[cfg(test)]
mod tests;
