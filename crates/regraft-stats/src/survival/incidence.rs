//! Cumulative incidence of one of several competing events.

use super::Survival;
use super::curve::{Curve, CurveKind};
use super::tally::{Ending, Endings, Tally, count, tally};
use crate::estimate::critical_value;

/// Probability that an event of status `cause` has happened, the other statuses above 0 competing
/// \[AalenJohansen1978\].
///
/// F̂(t) = Σ Ŝ(tᵢ₋) dᵢ/nᵢ, Ŝ the Kaplan–Meier estimate for events of any kind. The variance is that of R's
/// `cmprsk::cuminc` \[Gray1988\]; the pointwise interval at `level` in (0, 1) is complementary log-log,
/// 1 − (1 − F̂)^exp(± z σ) with σ = se / ((1 − F̂) |ln(1 − F̂)|). It is therefore the mirror image of the
/// log-log interval of survival, and the two agree up to the form of the variance where nothing competes.
/// For `cause` 0 the curve is 0 everywhere.
pub fn cumulative_incidence(data: &[Survival], cause: u8, level: f64) -> Curve {
    let ending = |status| match status {
        0 => Ending::Censored,
        status if status == cause => Ending::Event,
        _ => Ending::Competing,
    };
    cumulative_incidence_of(&count(data, ending), level)
}

/// [`cumulative_incidence`] of follow-up counted up; the same bits.
pub fn cumulative_incidence_of(endings: &[Endings], level: f64) -> Curve {
    let tallies = tally(endings.iter().copied());
    let mut curve = Curve::empty(CurveKind::Incidence, level, tallies.end);
    let z = critical_value(level);
    let starts_later = tallies.rows.first().is_none_or(|row| row.time > 0.0 || row.events == 0);
    if tallies.n > 0 && starts_later {
        curve.push(0.0, (tallies.n, 0), 0.0, 0.0, z);
    }
    let mut state = AalenJohansen::START;
    for row in tallies.rows {
        state.step(&row);
        if row.events > 0 {
            let standard_error = state.variance().max(0.0).sqrt();
            curve.push(row.time, (row.at_risk, row.events), state.incidence, standard_error, z);
        }
    }
    curve
}

/// The estimate and the sums its variance is made of.
///
/// A jump at tᵢ of variance qᵢ changes F̂(t) by 1 + (F(tᵢ) − F(t))/S(tᵢ) if it is of the cause, and by
/// (F(tᵢ) − F(t))/S(tᵢ) if it competes. With aᵢ = [cause] + F(tᵢ)/S(tᵢ) and bᵢ = 1/S(tᵢ) the variance is
/// Σ (aᵢ − bᵢ F(t))² qᵢ.
struct AalenJohansen {
    incidence: f64,
    survival: f64,
    /// Σ a² q.
    own: f64,
    /// Σ a b q.
    mixed: f64,
    /// Σ b² q.
    other: f64,
}

impl AalenJohansen {
    const START: AalenJohansen =
        AalenJohansen { incidence: 0.0, survival: 1.0, own: 0.0, mixed: 0.0, other: 0.0 };

    fn step(&mut self, row: &Tally) {
        let n = row.at_risk as f64;
        let left = n - (row.events + row.competing) as f64;
        let survival_after = self.survival * left / n;
        let inverse = if left > 0.0 { 1.0 / survival_after } else { 0.0 };
        self.incidence += self.survival * row.events as f64 / n;
        // A last competing event leaves nothing to happen afterwards.
        if left > 0.0 {
            self.add(self.jump(row.competing, n), self.incidence * inverse, inverse);
        }
        self.add(self.jump(row.events, n), 1.0 + self.incidence * inverse, inverse);
        self.survival = survival_after;
    }

    /// Variance of the jump Ŝ d/n: Ŝ² d (1 − (d − 1)/(n − 1)) / n², hypergeometric for ties.
    fn jump(&self, count: usize, n: f64) -> f64 {
        let d = count as f64;
        let ties = if count > 1 { 1.0 - (d - 1.0) / (n - 1.0) } else { 1.0 };
        self.survival * self.survival * ties * d / (n * n)
    }

    fn add(&mut self, q: f64, a: f64, b: f64) {
        self.own += a * a * q;
        self.mixed += a * b * q;
        self.other += b * b * q;
    }

    fn variance(&self) -> f64 {
        let f = self.incidence;
        self.own - 2.0 * f * self.mixed + f * f * self.other
    }
}
