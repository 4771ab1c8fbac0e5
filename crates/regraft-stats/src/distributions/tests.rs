//! Families against R and against themselves; correlated draws against their matrix.

use super::Distribution::*;
use super::*;
use crate::random::Seed;
use crate::reference::{Tolerance::Relative, table};

fn continuous() -> Vec<Distribution> {
    let normal = Normal { mean: 36.0, sd: 8.0 };
    let log_normal = LogNormal { median: 5.5e6, cv: 0.45 };
    vec![
        normal.clone(),
        log_normal.clone(),
        Uniform { low: -1.0, high: 4.0 },
        Beta { alpha: 2.0, beta: 5.0 },
        Triangular { low: 0.0, mode: 1.0, high: 5.0 },
        Triangular { low: 0.0, mode: 0.0, high: 5.0 },
        Triangular { low: 0.0, mode: 5.0, high: 5.0 },
        normal.truncated(18.0, 60.0),
        log_normal.truncated(2e6, f64::INFINITY),
        Beta { alpha: 0.5, beta: 0.5 }.truncated(0.1, 0.6),
    ]
}

#[test]
fn log_normal_agrees_with_qlnorm() {
    for row in table("lognormal_quantile") {
        let distribution = LogNormal { median: row.number("median"), cv: row.number("cv") };
        row.agrees("quantile", distribution.quantile(row.number("p")), Relative(1e-13));
    }
}

#[test]
fn cdf_undoes_quantile() {
    for distribution in continuous() {
        distribution.check().expect("these are distributions");
        for step in 1..100 {
            let u = 0.01 * f64::from(step);
            let back = distribution.cdf(distribution.quantile(u));
            // Rounding of F at both bounds, divided by the mass between them.
            assert!((back - u).abs() < 1e-11, "{distribution:?} at {u}: {back}");
        }
    }
}

#[test]
fn quantile_never_falls() {
    for distribution in continuous() {
        let values = (1..2000).map(|step| distribution.quantile(f64::from(step) / 2000.0));
        assert!(values.is_sorted(), "{distribution:?}");
    }
}

#[test]
fn truncated_values_stay_inside_without_piling_up() {
    let ages = Normal { mean: 36.0, sd: 8.0 }.truncated(18.0, 40.0);
    let draws: Vec<f64> = (0..20_000).map(|p| ages.quantile(Seed(1).stream(p, "age").uniform(0))).collect();
    assert!(draws.iter().all(|age| (18.0..=40.0).contains(age)));
    assert!(draws.iter().all(|age| *age != 18.0 && *age != 40.0));
    // P(X < 36 | 18 ≤ X ≤ 40) = (Φ(0) − Φ(−2.25)) / (Φ(0.5) − Φ(−2.25)) = 0.7179; five standard errors of
    // 0.0032.
    let younger = draws.iter().filter(|age| **age < 36.0).count() as f64 / 20_000.0;
    assert!((younger - 0.7179).abs() < 0.016, "{younger}");
}

#[test]
fn from_normal_has_the_rank_of_z() {
    for distribution in continuous() {
        for z in [-3.0, -0.7, 0.0, 1.3, 2.5] {
            let expected = distribution.quantile(math::normal_cdf(z));
            let found = distribution.from_normal(z);
            assert!(
                (found / expected - 1.0).abs() < 1e-12 || (found - expected).abs() < 1e-12,
                "{distribution:?}"
            );
        }
        assert!(distribution.from_normal(30.0).is_finite() && distribution.from_normal(-30.0).is_finite());
    }
}

#[test]
fn a_sampler_draws_the_same_to_the_bit() {
    let categories = Categorical { weights: vec![1.0, 0.0, 3.0] };
    let spike = LogNormal { median: 1.0, cv: 0.5 }.truncated(0.1, 2.0).or_zero(0.5);
    for distribution in continuous().into_iter().chain([categories, spike]) {
        let sampler = Sampler::new(&distribution);
        for step in -90..=90 {
            let z = f64::from(step) / 10.0;
            assert_eq!(
                sampler.from_normal(z).to_bits(),
                distribution.from_normal(z).to_bits(),
                "{distribution:?}"
            );
        }
    }
}

#[test]
fn categories_come_by_their_weights() {
    let sex = Categorical { weights: vec![3.0, 0.0, 1.0] };
    assert_eq!([0.1, 0.74, 0.76, 0.999].map(|u| sex.quantile(u)), [0.0, 0.0, 2.0, 2.0]);
    assert_eq!([-1.0, 0.0, 1.0, 2.0].map(|x| sex.cdf(x)), [0.0, 0.75, 0.75, 1.0]);
    assert_eq!(Categorical { weights: vec![0.0, 1.0, 0.0] }.quantile(1.0), 1.0);
}

#[test]
fn zero_or_another_holds_its_mass_at_zero() {
    let slab = LogNormal { median: 0.5, cv: 1.0 };
    let efficacy = slab.clone().or_zero(0.4);
    efficacy.check().expect("it is a distribution");
    assert_eq!([0.001, 0.2, 0.4].map(|u| efficacy.quantile(u)), [0.0; 3]);
    // Beyond the mass at 0 lies the slab, stretched to the rest: u = 0.4 + 0.6 v.
    for v in [0.01, 0.25, 0.5, 0.9, 0.999] {
        let (found, expected) = (efficacy.quantile(0.4 + 0.6 * v), slab.quantile(v));
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} at {v}");
        assert!((efficacy.cdf(found) - (0.4 + 0.6 * v)).abs() < 1e-12);
    }
    assert_eq!([-1.0, 0.0].map(|x| efficacy.cdf(x)), [0.0, 0.4]);
    assert!((1..2000).map(|step| efficacy.quantile(f64::from(step) / 2000.0)).is_sorted());
    assert_eq!(efficacy.from_normal(-30.0), 0.0);
    assert!(efficacy.from_normal(30.0).is_finite());
    let draws = (0..20_000).filter(|p| efficacy.from_normal(Seed(1).stream(*p, "e").normal(0)) == 0.0);
    // Five standard errors of a share of 0.4 among 20,000: 0.0173.
    let share = draws.count() as f64 / 20_000.0;
    assert!((share - 0.4).abs() < 0.0174, "{share}");
}

#[test]
fn zero_or_another_reaches_both_ends() {
    let slab = LogNormal { median: 0.5, cv: 1.0 };
    let never = slab.clone().or_zero(1.0);
    let always = slab.clone().or_zero(0.0);
    assert_eq!((never.check(), always.check()), (Ok(()), Ok(())));
    assert_eq!([0.1, 0.5, 1.0].map(|u| never.quantile(u)), [0.0; 3]);
    assert_eq!([0.1, 0.5, 0.9].map(|u| always.quantile(u)), [0.1, 0.5, 0.9].map(|u| slab.quantile(u)));
    let cut = slab.truncated(0.1, 2.0).or_zero(0.5);
    cut.check().expect("a truncated slab is a slab");
    assert!(
        (1..2000)
            .map(|step| cut.quantile(f64::from(step) / 2000.0))
            .all(|x| x == 0.0 || (0.1..=2.0).contains(&x))
    );
}

#[test]
fn degenerate_spreads_are_constants() {
    for distribution in [
        Constant { value: 2.0 },
        Normal { mean: 2.0, sd: 0.0 },
        LogNormal { median: 2.0, cv: 0.0 },
        Uniform { low: 2.0, high: 2.0 },
    ] {
        distribution.check().expect("no spread is a spread");
        assert_eq!([0.01, 0.5, 0.99].map(|u| distribution.quantile(u)), [2.0; 3]);
        assert_eq!([1.9, 2.0].map(|x| distribution.cdf(x)), [0.0, 1.0]);
    }
}

#[test]
fn what_is_no_distribution_is_refused() {
    let refused = [
        (Normal { mean: 0.0, sd: -1.0 }, "sd"),
        (Normal { mean: f64::NAN, sd: 1.0 }, "mean"),
        (LogNormal { median: 0.0, cv: 0.1 }, "median"),
        (Uniform { low: 1.0, high: 0.0 }, "high"),
        (Beta { alpha: 1.0, beta: 0.0 }, "beta"),
        (Triangular { low: 0.0, mode: 2.0, high: 1.0 }, "mode"),
        (Categorical { weights: vec![] }, "sum of weights"),
        (Categorical { weights: vec![1.0, -1.0] }, "weights"),
        (Constant { value: f64::INFINITY }, "value"),
        (Normal { mean: 0.0, sd: 1.0 }.truncated(1.0, 1.0), "high"),
        (Constant { value: 1.0 }.truncated(0.0, 2.0), "inner"),
        (LogNormal { median: 1.0, cv: 0.5 }.or_zero(0.5).truncated(0.0, 2.0), "inner"),
        (LogNormal { median: 1.0, cv: 0.5 }.or_zero(1.5), "zero"),
        (LogNormal { median: 1.0, cv: 0.5 }.or_zero(f64::NAN), "zero"),
        (LogNormal { median: -1.0, cv: 0.5 }.or_zero(0.5), "median"),
        (Normal { mean: 1.0, sd: 1.0 }.or_zero(0.5), "inner below 0"),
        (Constant { value: 1.0 }.or_zero(0.5), "inner"),
    ];
    for (distribution, culprit) in refused {
        match distribution.check() {
            Err(StatsError::Parameter { parameter, .. }) => assert_eq!(parameter, culprit),
            other => panic!("{distribution:?} gave {other:?}"),
        }
    }
    let nothing = Normal { mean: 0.0, sd: 1.0 }.truncated(9.0, 10.0).check();
    assert!(matches!(nothing, Err(StatsError::NothingLeft { .. })));
}

#[test]
fn cholesky_factor_gives_the_matrix_back() {
    let matrix = [4.0, 2.0, 0.6, 2.0, 5.0, -1.0, 0.6, -1.0, 3.0];
    let factor = cholesky(3, &matrix).expect("positive definite");
    for row in 0..3 {
        for column in 0..3 {
            let product: f64 = (0..3).map(|k| factor[3 * row + k] * factor[3 * column + k]).sum();
            assert!((product - matrix[3 * row + column]).abs() < 1e-15);
        }
    }
    assert_eq!((factor[1], factor[2], factor[5]), (0.0, 0.0, 0.0));
    assert_eq!(cholesky(0, &[]), Ok(vec![]));
}

#[test]
fn cholesky_refuses_what_has_no_factor() {
    assert!(matches!(cholesky(2, &[1.0; 3]), Err(StatsError::MatrixSize { order: 2, found: 3 })));
    assert!(matches!(
        cholesky(2, &[1.0, 0.2, 0.3, 1.0]),
        Err(StatsError::NotSymmetric { row: 1, column: 0 })
    ));
    // Three variables cannot all be strongly opposed to each other.
    let opposed = [1.0, -0.9, -0.9, -0.9, 1.0, -0.9, -0.9, -0.9, 1.0];
    assert!(matches!(cholesky(3, &opposed), Err(StatsError::NotPositiveDefinite { pivot: 2, .. })));
    assert!(matches!(cholesky(1, &[f64::NAN]), Err(StatsError::NotPositiveDefinite { pivot: 0, .. })));
    assert!(cholesky(usize::MAX, &[1.0]).is_err());
}

#[test]
fn correlated_normals_have_the_correlations() {
    let matrix = [1.0, 0.6, -0.3, 0.6, 1.0, 0.2, -0.3, 0.2, 1.0];
    let factor = cholesky(3, &matrix).expect("positive definite");
    let n = 40_000;
    let mut products = [0.0; 9];
    for patient in 0..n {
        let stream = Seed(3).stream(patient, "traits");
        let mut z = [0, 1, 2].map(|index| stream.normal(index));
        correlate(&factor, &mut z);
        for (cell, product) in products.iter_mut().enumerate() {
            *product += z[cell / 3] * z[cell % 3] / n as f64;
        }
    }
    // The standard error of a product of normals is at most √2/√n = 0.007.
    for (found, expected) in products.iter().zip(matrix) {
        assert!((found - expected).abs() < 0.035, "{products:?}");
    }
}
