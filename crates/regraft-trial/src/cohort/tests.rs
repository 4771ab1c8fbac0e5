use super::*;
use crate::card::{Card, CardKind};
use crate::testing::good;

const HEAD: &str = "id = \"p\"\ntitle = \"P\"\ndisease = \"d\"\n";

fn one_trait(name: &str, distribution: &str) -> String {
    format!(
        "[[trait]]\nname = \"{name}\"\nunit = \"\"\nsource = \"s\"\ndistribution = {{ {distribution} }}\n"
    )
}

fn correlation(first: &str, second: &str, value: f64) -> String {
    format!("[[correlation]]\nbetween = [\"{first}\", \"{second}\"]\nvalue = {value}\nsource = \"s\"\n")
}

fn recipe(parts: &[String]) -> Recipe {
    let Card::Population(population) = good(CardKind::Population, "p", &format!("{HEAD}{}", parts.join("")))
    else {
        panic!("it is a population");
    };
    Recipe::of_population(&population).expect("the correlations can hold")
}

fn draw(recipe: &Recipe, n: u64) -> Cohort {
    recipe.draw_cohort(Seed(11), &(0..n).collect::<Vec<u64>>())
}

fn column(cohort: &Cohort, name: &str) -> Vec<f64> {
    let column = cohort.column(name).expect("it is drawn");
    (0..cohort.numbers.len()).map(|row| cohort.value(row, column)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn sd(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt()
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let products: Vec<f64> = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).collect();
    products.iter().sum::<f64>() / ((a.len() - 1) as f64 * sd(a) * sd(b))
}

const NORMAL: &str = "kind = \"normal\", mean = 36, sd = 8.6";

#[test]
fn a_larger_cohort_extends_a_smaller_one() {
    let recipe = recipe(&[
        one_trait("a", NORMAL),
        one_trait("b", "kind = \"lognormal\", median = 2, cv = 0.4"),
        correlation("a", "b", 0.5),
    ]);
    let (small, large) = (draw(&recipe, 100), draw(&recipe, 200));
    assert_eq!(small.values, large.values[..small.values.len()]);
    assert_ne!(large.values[..2], large.values[2..4], "patients differ");
    let later = recipe.draw_cohort(Seed(11), &[150]);
    assert_eq!(later.values, large.select(&[150]).values);
}

#[test]
fn a_new_trait_changes_no_other_draw() {
    let old = recipe(&[one_trait("a", NORMAL), one_trait("b", NORMAL), correlation("a", "b", 0.5)]);
    let new = recipe(&[
        one_trait("first", NORMAL),
        one_trait("a", NORMAL),
        one_trait("c", NORMAL),
        one_trait("b", NORMAL),
        correlation("a", "b", 0.5),
        correlation("b", "c", 0.3),
    ]);
    let (old, new) = (draw(&old, 50), draw(&new, 50));
    for name in ["a", "b"] {
        assert_eq!(column(&old, name), column(&new, name), "{name}");
    }
}

#[test]
fn the_seed_matters() {
    let recipe = recipe(&[one_trait("a", NORMAL)]);
    assert_ne!(recipe.draw_traits(Seed(1), 0), recipe.draw_traits(Seed(2), 0));
}

#[test]
fn correlations_of_the_sample_are_those_of_the_card() {
    let n = 4000;
    let recipe = recipe(&[
        one_trait("a", NORMAL),
        one_trait("b", NORMAL),
        one_trait("c", NORMAL),
        correlation("a", "b", -0.3),
        correlation("b", "c", 0.6),
    ]);
    let cohort = draw(&recipe, n);
    let (a, b, c) = (column(&cohort, "a"), column(&cohort, "b"), column(&cohort, "c"));
    // Five standard errors of a correlation, (1 − ρ²)/√n; normals keep the copula's correlation.
    let close = |found: f64, rho: f64| (found - rho).abs() < 5.0 * (1.0 - rho * rho) / (n as f64).sqrt();
    assert!(close(pearson(&a, &b), -0.3), "{}", pearson(&a, &b));
    assert!(close(pearson(&b, &c), 0.6), "{}", pearson(&b, &c));
    assert!(close(pearson(&a, &c), 0.0), "{}", pearson(&a, &c));
}

#[test]
fn traits_have_the_distribution_of_the_card() {
    let n = 4000;
    let recipe = recipe(&[
        one_trait("plain", NORMAL),
        one_trait("cut", "kind = \"normal\", mean = 36, sd = 8.6, low = 30, high = 40"),
        one_trait("share", "kind = \"bernoulli\", probability = 0.66"),
        one_trait("log", "kind = \"lognormal\", median = 70, cv = 0.2"),
        one_trait("beta", "kind = \"beta\", mean = 0.4, sd = 0.1"),
        one_trait("three", "kind = \"discrete\", values = [1, 5, 9], weights = [1, 0, 3]"),
    ]);
    let cohort = draw(&recipe, n);
    // Five standard errors of a mean.
    let near = |name: &str, expected: f64, spread: f64| {
        let found = mean(&column(&cohort, name));
        assert!((found - expected).abs() < 5.0 * spread / (n as f64).sqrt(), "{name}: {found}");
    };
    near("plain", 36.0, 8.6);
    near("share", 0.66, 0.474);
    near("beta", 0.4, 0.1);
    near("three", 0.25 + 0.75 * 9.0, 3.5);
    // Mean of a log-normal: median √(1 + cv²).
    near("log", 70.0 * 1.04_f64.sqrt(), 14.4);
    assert!((sd(&column(&cohort, "plain")) - 8.6).abs() < 0.5);
    assert!(column(&cohort, "cut").iter().all(|value| (30.0..=40.0).contains(value)));
    assert!(column(&cohort, "share").iter().all(|value| *value == 0.0 || *value == 1.0));
    assert!(!column(&cohort, "three").contains(&5.0), "a value of weight 0");
}

#[test]
fn body_surface_follows_mosteller() {
    // 70 kg and 170 cm: √(70 · 170 / 3600) = 1.8181 m².
    assert!((body_surface_m2(70.0, 170.0) - 1.818_119).abs() < 1e-6);
    let recipe = recipe(&[
        one_trait("height", "kind = \"constant\", value = 170"),
        one_trait("weight", "kind = \"constant\", value = 70"),
    ]);
    let cohort = draw(&recipe, 1);
    assert_eq!(column(&cohort, BODY_SURFACE), [body_surface_m2(70.0, 170.0)]);
}
