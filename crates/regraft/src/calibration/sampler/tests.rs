//! Posteriors that are known: a long ridge, and two places far apart.

use regraft_stats::Seed;

use super::*;

/// L of two independent numbers: x₀ + x₁ seen as 1 with standard deviation 0.1; nothing is said of the difference.
struct Ridge;

impl LogLikelihood for Ridge {
    fn log(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let miss = (1.0 - point[0] - point[1]) / 0.1;
        gradient.fill(miss / 0.1);
        -0.5 * miss * miss
    }
}

/// Two places, at 2 and −2 with standard deviations of 0.1; the second has three times the mass of the first.
struct TwoPlaces;

impl LogLikelihood for TwoPlaces {
    fn log(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let x = point[0];
        let at = |center: f64| -0.5 * ((x - center) / 0.1).powi(2);
        let (one, other) = (at(2.0), at(-2.0) + math::ln(3.0));
        let most = one.max(other);
        let (a, b) = (math::exp(one - most), math::exp(other - most));
        gradient[0] = (a * (2.0 - x) + b * (-2.0 - x)) / (a + b) / 0.01;
        most + math::ln(a + b)
    }
}

/// Points after warming up.
fn sampled<L: LogLikelihood>(
    likelihood: &L,
    betas: &[f64],
    center: &[f64],
    information: DMatrix<f64>,
    sweeps: usize,
) -> Vec<Vec<f64>> {
    let draws = Draws::of(Seed(5).stream(0, "test"));
    let mut ladder = Ladder::new(likelihood, betas, center, &information, draws);
    (0..300).for_each(|_| ladder.sweep(true));
    let next = |_| {
        ladder.sweep(false);
        ladder.point().to_vec()
    };
    (0..sweeps).map(next).collect()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n)
}

#[test]
fn a_ridge_has_the_mean_and_the_variances_of_theory() {
    let information = DMatrix::from_element(2, 2, 100.0);
    let found = sampled(&Ridge, &[1.0, 0.4], &[0.5, 0.5], information, 60_000);
    let of = |sign: f64| found.iter().map(|x| x[0] + sign * x[1]).collect::<Vec<f64>>();
    // The sum has variance 2 before looking: 1/(1/2 + 100) after it, around 100/(1/2 + 100).
    let (sum, difference) = (moments(&of(1.0)), moments(&of(-1.0)));
    assert!((sum.0 - 100.0 / 100.5).abs() < 0.01 && (sum.1 * 100.5 - 1.0).abs() < 0.03, "{sum:?}");
    assert!(difference.0.abs() < 0.03 && (difference.1 / 2.0 - 1.0).abs() < 0.03, "{difference:?}");
}

#[test]
fn two_places_get_their_shares_by_exchange_alone() {
    let (start, information) = ([2.0], DMatrix::from_element(1, 1, 100.0));
    let share = |betas: &[f64]| {
        let found = sampled(&TwoPlaces, betas, &start, information.clone(), 12_000);
        found.iter().filter(|x| x[0] < 0.0).count() as f64 / found.len() as f64
    };
    assert_eq!(share(&[1.0]), 0.0, "one chain stays where it began");
    let ladder: Vec<f64> = (0..9).map(|rung| 0.4_f64.powi(rung)).collect();
    let found = share(&ladder);
    assert!((found - 0.75).abs() < 0.05, "{found}");
}
