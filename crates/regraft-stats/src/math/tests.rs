//! Functions against R; tolerances are a few units in the last place times the conditioning of the function.

use super::*;
use crate::reference::{Tolerance::*, table};

#[test]
fn logarithm_is_within_one_unit_in_the_last_place() {
    for row in table("ln") {
        row.agrees("ln", ln(row.number("x")), Relative(2.3e-16));
    }
}

#[test]
fn exponential_is_within_one_unit_in_the_last_place() {
    for row in table("exp") {
        let x = row.number("x");
        // e^−744 is subnormal: its last place is a large share of it.
        row.agrees("exp", exp(x), Relative(if x < -708.0 { 0.5 } else { 2.3e-16 }));
        row.agrees("expm1", exp_minus_1(x), Relative(4e-16));
    }
}

#[test]
fn logarithm_and_exponential_at_their_borders() {
    assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan() && exp(f64::NAN).is_nan());
    assert_eq!(ln(0.0), f64::NEG_INFINITY);
    assert_eq!(ln(f64::INFINITY), f64::INFINITY);
    assert_eq!(
        (exp(-1e9), exp(1e9), exp(f64::NEG_INFINITY), exp(f64::INFINITY)),
        (0.0, f64::INFINITY, 0.0, f64::INFINITY)
    );
    assert_eq!(ln(1.0), 0.0);
    assert_eq!(exp(0.0), 1.0);
}

/// The platform's functions are the second reference, over the whole range.
#[test]
fn logarithm_and_exponential_follow_the_platform_everywhere() {
    for step in 0..40_000 {
        let x = -700.0 + 1400.0 * (f64::from(step) + 0.37) / 40_000.0;
        assert!((exp(x) / x.exp() - 1.0).abs() < 4.5e-16, "exp({x})");
        let y = x.exp();
        assert!((ln(y) - y.ln()).abs() <= 2.3e-16 * y.ln().abs(), "ln({y})");
        let near = 1.0 + 1e-3 * x;
        if near > 0.0 {
            assert!((ln(near) - near.ln()).abs() <= 2.3e-16 * near.ln().abs(), "ln({near})");
            assert!(
                (ln_1_plus(near - 1.0) - (near - 1.0).ln_1p()).abs() <= 9e-16 * (near - 1.0).ln_1p().abs()
            );
        }
    }
}

#[test]
fn normal_quantile_agrees_with_qnorm() {
    for row in table("normal_quantile") {
        row.agrees("quantile", normal_quantile(row.number("p")), Relative(1e-14));
    }
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert!(normal_quantile(1.5).is_nan() && normal_quantile(f64::NAN).is_nan());
}

#[test]
fn normal_cdf_agrees_with_pnorm_far_into_the_tail() {
    for row in table("normal_cdf") {
        // z²/2 = 684 at the end: one unit in its last place moves the result by 10⁻¹³.
        row.agrees("cdf", normal_cdf(row.number("z")), Relative(1e-13));
    }
}

#[test]
fn normal_quantile_undoes_normal_cdf() {
    for step in -80..=50 {
        let z = 0.1 * f64::from(step);
        // Above 0 the spacing of p near 1 limits z to 10⁻¹⁶ / density.
        let density = exp(-0.5 * z * z) / 2.5;
        let tolerance = if z > 0.0 { 1e-15 + 2e-16 / density } else { 1e-13 };
        assert!((normal_quantile(normal_cdf(z)) - z).abs() < tolerance, "{z}");
    }
}

#[test]
fn gamma_functions_agree_with_r() {
    for row in table("gamma") {
        let a = row.number("a");
        let p = row.number("p");
        row.agrees("ln_gamma", ln_gamma(a), Mixed(1e-14));
        row.agrees("upper_at_twice", gamma_upper(a, 2.0 * a), Relative(1e-12));
        // 1 − 10⁻⁹ holds its distance from 1 to 10⁻⁷ only.
        row.agrees("quantile", gamma_quantile(a, p), Relative(if p > 0.999 { 1e-8 } else { 1e-11 }));
    }
}

#[test]
fn beta_functions_agree_with_r() {
    for row in table("beta") {
        let (a, b) = (row.number("a"), row.number("b"));
        row.agrees("cdf_at_a_third", beta_regularized(a, b, 1.0 / 3.0), Relative(1e-11));
        row.agrees("quantile", beta_quantile(a, b, row.number("p")), Relative(1e-10));
    }
}

#[test]
fn student_quantile_agrees_with_qt() {
    for row in table("student_quantile") {
        row.agrees("quantile", student_quantile(row.number("df"), row.number("p")), Relative(1e-12));
    }
}

#[test]
fn poisson_quantile_agrees_with_qpois() {
    for row in table("poisson_quantile") {
        let found = poisson_quantile(row.number("u"), row.number("mean")) as f64;
        row.agrees("quantile", found, Relative(0.0));
    }
}

#[test]
fn poisson_quantile_never_falls_with_mean_or_u() {
    for u in [1e-9, 0.03, 0.5, 0.8, 1.0 - 1e-9] {
        let counts: Vec<u64> = (1..4000).map(|step| poisson_quantile(u, 0.02 * f64::from(step))).collect();
        assert!(counts.is_sorted(), "over the mean at u = {u}");
    }
    for mean in [0.3, 31.9, 32.1, 5000.0, 2e7] {
        let counts: Vec<u64> =
            (1..1000).map(|step| poisson_quantile(0.001 * f64::from(step), mean)).collect();
        assert!(counts.is_sorted(), "over u at mean {mean}");
    }
}

#[test]
fn impossible_arguments_give_nan_or_nothing() {
    assert!(ln_gamma(-0.5).is_nan() && gamma_lower(-1.0, 1.0).is_nan() && gamma_quantile(1.0, 2.0).is_nan());
    assert!(beta_regularized(0.0, 1.0, 0.5).is_nan() && beta_quantile(1.0, f64::NAN, 0.5).is_nan());
    assert!(student_quantile(0.0, 0.9).is_nan() && student_quantile(3.0, 1.0).is_nan());
    assert_eq!([-1.0, 0.0, f64::NAN].map(|mean| poisson_quantile(0.7, mean)), [0, 0, 0]);
}
