use regraft_stats::Seed;

use super::super::Recipe;
use crate::card::{Card, CardKind};
use crate::testing::good;

const TEXT: &str = r#"
id = "p"
title = "P"
disease = "d"
[[trait]]
name = "age"
unit = ""
source = "s"
distribution = { kind = "normal", mean = 36, sd = 9, low = 18, high = 55 }
[[trait]]
name = "female"
unit = ""
source = "s"
distribution = { kind = "bernoulli", probability = 0.6 }
[[trait]]
name = "hidden"
unit = ""
source = "s"
distribution = { kind = "lognormal", median = 2, cv = 0.4 }
[[trait]]
name = "smoker"
unit = ""
source = "s"
distribution = { kind = "bernoulli", probability = 0.3 }
[[trait]]
name = "alone"
unit = ""
source = "s"
distribution = { kind = "uniform", low = 0, high = 1 }
[[correlation]]
between = ["hidden", "age"]
value = 0.5
source = "s"
[[correlation]]
between = ["hidden", "female"]
value = -0.4
source = "s"
[[correlation]]
between = ["female", "smoker"]
value = 0.3
source = "s"
[[correlation]]
between = ["hidden", "smoker"]
value = 0.2
source = "s"
"#;

fn recipe() -> Recipe {
    let Card::Population(population) = good(CardKind::Population, "p", TEXT) else {
        panic!("it is a population");
    };
    Recipe::of_population(&population).expect("the correlations can hold")
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt())
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let ((mean_a, sd_a), (mean_b, sd_b)) = (moments(a), moments(b));
    let product: f64 = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
    product / (a.len() as f64 * sd_a * sd_b)
}

#[test]
fn with_nothing_known_the_patients_are_the_same_to_the_bit() {
    let recipe = recipe();
    let given = recipe.given(&[]).expect("the same factor");
    let numbers: Vec<u64> = (0..200).collect();
    let (cohort, weights) = given.draw_cohort(Seed(3), &numbers);
    assert_eq!(cohort, recipe.draw_cohort(Seed(3), &numbers));
    assert!(weights.iter().all(|weight| *weight == 1.0));
}

/// Each person of a cohort is described by age and sex; one twin is drawn of each, with other draws: the twins are
/// spread and correlated as the cohort is.
#[test]
fn twins_of_a_cohort_are_the_cohort() {
    let recipe = recipe();
    let numbers: Vec<u64> = (0..20_000).collect();
    let people = recipe.draw_cohort(Seed(5), &numbers);
    let mut twins: Vec<Vec<f64>> = Vec::new();
    for (row, patient) in numbers.iter().enumerate() {
        let known = [(0, people.value(row, 0)), (1, people.value(row, 1))];
        let given = recipe.given(&known).expect("positive definite");
        let (values, weight) = given.draw_traits(Seed(77), *patient);
        assert_eq!((values[0], values[1]), (known[0].1, known[1].1), "facts stay as they were given");
        assert!((weight - 1.0).abs() < 1e-12, "one known category alone weighs the same for everyone");
        twins.push(values);
    }
    let drawn = |column: usize| (0..numbers.len()).map(|row| people.value(row, column)).collect::<Vec<f64>>();
    let of_twins = |column: usize| twins.iter().map(|values| values[column]).collect::<Vec<f64>>();
    for column in 2..5 {
        let ((mean, sd), (mean_of_twins, sd_of_twins)) =
            (moments(&drawn(column)), moments(&of_twins(column)));
        let error = sd / (numbers.len() as f64).sqrt();
        assert!((mean - mean_of_twins).abs() < 5.0 * error, "column {column}: {mean} and {mean_of_twins}");
        assert!((sd / sd_of_twins - 1.0).abs() < 0.05, "column {column}: {sd} and {sd_of_twins}");
    }
    for (a, b) in [(2, 0), (2, 1), (2, 3), (3, 1), (4, 2)] {
        let (cohort, twins) = (correlation(&drawn(a), &drawn(b)), correlation(&of_twins(a), &of_twins(b)));
        assert!((cohort - twins).abs() < 0.05, "columns {a} and {b}: {cohort} and {twins}");
    }
}

/// Two known categories: the weighted twins have the mean of those of a large cohort in whom both are so.
#[test]
fn two_known_categories_need_the_weights() {
    let recipe = recipe();
    let given = recipe.given(&[(1, 1.0), (3, 1.0)]).expect("positive definite");
    let numbers: Vec<u64> = (0..20_000).collect();
    let (twins, weights) = given.draw_cohort(Seed(8), &numbers);
    let total: f64 = weights.iter().sum();
    let weighted = (0..numbers.len()).map(|row| weights[row] * twins.value(row, 2)).sum::<f64>() / total;
    let people = recipe.draw_cohort(Seed(9), &(0..60_000).collect::<Vec<u64>>());
    let both = (0..60_000).filter(|row| people.value(*row, 1) == 1.0 && people.value(*row, 3) == 1.0);
    let (mean, sd) = moments(&both.map(|row| people.value(row, 2)).collect::<Vec<f64>>());
    assert!((weighted - mean).abs() < 5.0 * sd / 100.0, "{weighted} and {mean}");
}

#[test]
fn a_value_outside_the_population_draws_the_others_no_further_than_its_edge() {
    let recipe = recipe();
    let hidden = |age: f64| {
        let given = recipe.given(&[(0, age)]).expect("positive definite");
        let (twins, _) = given.draw_cohort(Seed(4), &(0..400).collect::<Vec<u64>>());
        moments(&(0..400).map(|row| twins.value(row, 2)).collect::<Vec<f64>>()).0
    };
    assert_eq!(hidden(56.0), hidden(90.0));
    assert!(hidden(56.0) > hidden(36.0), "older patients have more of it");
}
