//! Group-sequential boundaries by spending of the type I error.
//!
//! At the shares of information t₁ < … < t_K = 1 the statistics Z_k √t_k are those of a Brownian motion; the densities
//! of the paths that have not crossed yet are carried from look to look by numerical integration
//! \[JennisonTurnbull2000, chapter 19\].

use crate::math;

/// How much of the type I error is spent up to a share t of the information \[LanDeMets1983\].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spending {
    /// 2 − 2 Φ(z_{α/2}/√t): hardly any early, as O'Brien and Fleming's boundaries.
    OBrienFleming,
    /// α ln(1 + (e − 1) t): nearly evenly, as Pocock's.
    Pocock,
}

impl Spending {
    /// Spent of `alpha`, that of one side, up to the share `t` in (0, 1].
    pub fn spent(self, alpha: f64, t: f64) -> f64 {
        match self {
            Spending::OBrienFleming => {
                2.0 * math::normal_cdf(math::normal_quantile(0.5 * alpha) / t.min(1.0).sqrt())
            }
            Spending::Pocock => alpha * math::ln_1_plus((std::f64::consts::E - 1.0) * t.min(1.0)),
        }
    }
}

/// Critical values of |Z| (of Z where `sides` is 1) at looks with shares `information` of the information, ascending,
/// the last of them 1. `alpha` is that of both sides together where there are two.
///
/// The spending function is that of one side, as in `gsDesign` and `rpact`.
pub fn boundaries(information: &[f64], alpha: f64, sides: u32, spending: Spending) -> Vec<f64> {
    let spent: Vec<f64> = information.iter().map(|t| spending.spent(alpha / f64::from(sides), *t)).collect();
    boundaries_spent(information, &spent, sides)
}

/// [`boundaries`] where `spent` is what one side has spent up to each look: for looks whose information turned out
/// otherwise than planned.
pub fn boundaries_spent(information: &[f64], spent: &[f64], sides: u32) -> Vec<f64> {
    let mut paths = Paths::start(sides, 0.0);
    let mut before = 0.0;
    let mut found = Vec::with_capacity(information.len());
    for (t, total) in information.iter().zip(spent) {
        let share = f64::from(sides) * (total - before).max(0.0);
        before = before.max(*total);
        let critical = paths.critical(*t, share);
        paths.go_on(*t, critical);
        found.push(critical);
    }
    found
}

/// Probability to cross first at each look, where the drift of Z at full information is `drift`.
///
/// On two sides a crossing of either counts.
pub fn crossing_probabilities(information: &[f64], critical: &[f64], sides: u32, drift: f64) -> Vec<f64> {
    let mut paths = Paths::start(sides, drift);
    let mut found = Vec::with_capacity(information.len());
    for (t, critical) in information.iter().zip(critical) {
        found.push(paths.crossing(*t, *critical));
        paths.go_on(*t, *critical);
    }
    found
}

/// Points at which the density is held: an odd number, for Simpson's rule.
const POINTS: usize = 401;

/// Where a side without boundary is cut off, in standard deviations from the mean.
const FAR: f64 = 8.5;

/// Paths that have not crossed so far.
struct Paths {
    sides: u32,
    drift: f64,
    /// Share of information of the last look; 0 before the first.
    t: f64,
    /// Values of Z√t and the probability that each stands for.
    held: Vec<(f64, f64)>,
}

impl Paths {
    fn start(sides: u32, drift: f64) -> Paths {
        Paths { sides, drift, t: 0.0, held: vec![(0.0, 1.0)] }
    }

    /// Probability to be beyond `critical` at share `t`, not having crossed before.
    fn crossing(&self, t: f64, critical: f64) -> f64 {
        let (sd, mean) = ((t - self.t).sqrt(), self.drift * (t - self.t));
        let bound = critical * t.sqrt();
        let beyond = |at: f64| {
            let above = math::normal_cdf(-(bound - at - mean) / sd);
            let below = if self.sides == 2 { math::normal_cdf((-bound - at - mean) / sd) } else { 0.0 };
            above + below
        };
        self.held.iter().map(|(at, mass)| mass * beyond(*at)).sum()
    }

    /// The critical value that is crossed with probability `share`, by halving: crossing falls in it.
    fn critical(&self, t: f64, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, 40.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.crossing(t, middle) > share { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    /// Keeps the paths that do not cross at share `t`.
    fn go_on(&mut self, t: f64, critical: f64) {
        let (sd, mean) = ((t - self.t).sqrt(), self.drift * (t - self.t));
        let center = self.drift * t;
        let far = FAR * t.sqrt();
        let bound = critical * t.sqrt();
        let high = bound.min(center + far);
        let low = if self.sides == 2 { (-bound).max(center - far) } else { center - far };
        if high <= low {
            self.held.clear();
            return;
        }
        let step = (high - low) / (POINTS - 1) as f64;
        let next = |point: usize| {
            let at = low + step * point as f64;
            let density: f64 = self
                .held
                .iter()
                .map(|(from, mass)| mass * normal_density((at - from - mean) / sd) / sd)
                .sum();
            let weight = match point {
                0 => 1.0,
                _ if point == POINTS - 1 => 1.0,
                _ if point % 2 == 1 => 4.0,
                _ => 2.0,
            };
            (at, density * weight * step / 3.0)
        };
        self.held = (0..POINTS).map(next).collect();
        self.t = t;
    }
}

fn normal_density(z: f64) -> f64 {
    const ROOT: f64 = 0.398_942_280_401_432_7;
    ROOT * math::exp(-0.5 * z * z)
}

#[cfg(test)]
mod tests;
