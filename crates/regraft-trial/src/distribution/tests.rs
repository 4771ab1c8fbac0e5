use crate::card::{Card, CardKind};
use crate::testing::read;

fn population(distribution: &str) -> (Card, Vec<String>) {
    let text = format!(
        "id = \"p\"\ntitle = \"P\"\ndisease = \"d\"\n[[trait]]\nname = \"a\"\nunit = \"\"\nsource = \"s\"\ndistribution = {distribution}\n"
    );
    read(CardKind::Population, "p", &text)
}

fn at(distribution: &str, z: f64) -> f64 {
    let (card, problems) = population(distribution);
    assert_eq!(problems, Vec::<String>::new());
    let Card::Population(population) = card else { panic!("it is a population") };
    population.traits[0].distribution.from_normal(z)
}

fn problems(distribution: &str) -> Vec<String> {
    population(distribution).1
}

#[test]
fn the_middle_of_the_normal_is_the_median() {
    assert_eq!(at("{ kind = \"normal\", mean = 36, sd = 8.6 }", 0.0), 36.0);
    assert!((at("{ kind = \"lognormal\", median = 70, cv = 0.2 }", 0.0) - 70.0).abs() < 1e-12);
    assert!((at("{ kind = \"uniform\", low = 2, high = 4 }", 0.0) - 3.0).abs() < 1e-12);
    assert!((at("{ kind = \"triangular\", low = 0, mode = 1, high = 2 }", 0.0) - 1.0).abs() < 1e-9);
    assert_eq!(at("{ kind = \"constant\", value = 7 }", 1.0), 7.0);
}

#[test]
fn one_standard_deviation_is_one_standard_deviation() {
    assert!((at("{ kind = \"normal\", mean = 36, sd = 8.6 }", 1.0) - 44.6).abs() < 1e-12);
}

#[test]
fn categories_give_their_values_and_a_bernoulli_0_or_1() {
    assert_eq!(at("{ kind = \"discrete\", values = [10, 20], weights = [1, 1] }", -1.0), 10.0);
    assert_eq!(at("{ kind = \"discrete\", values = [10, 20], weights = [1, 1] }", 1.0), 20.0);
    assert_eq!(at("{ kind = \"bernoulli\", probability = 0.5 }", 1.0), 1.0);
    assert_eq!(at("{ kind = \"bernoulli\", probability = 0.5 }", -1.0), 0.0);
}

#[test]
fn zero_or_lognormal_is_zero_up_to_its_mass_and_a_lognormal_beyond() {
    let efficacy = "{ kind = \"zero_or_lognormal\", zero = 0.5, median = 0.4, cv = 1 }";
    assert_eq!([-8.0, -1.0, 0.0].map(|z| at(efficacy, z)), [0.0; 3]);
    // Φ(0.674490) = 0.75: half of the log-normal lies below.
    assert!((at(efficacy, 0.674_489_750_196_081_7) - 0.4).abs() < 1e-12);
    let cut = "{ kind = \"zero_or_lognormal\", zero = 0.5, median = 0.4, cv = 1, high = 1 }";
    assert!(at(cut, 8.0) <= 1.0 && at(cut, -1.0) == 0.0);
}

#[test]
fn a_wrong_zero_or_lognormal_is_said_where_it_stands() {
    assert_eq!(
        problems("{ kind = \"zero_or_lognormal\", median = 0.4, cv = 1 }"),
        ["8:16 `distribution` lacks `zero`"]
    );
    assert_eq!(
        problems("{ kind = \"zero_or_lognormal\", zero = 50, median = 0.4, cv = 1 }"),
        ["8:53 `zero` is 50, must be between 0 and 1"]
    );
    let cut = problems("{ kind = \"zero_or_lognormal\", zero = 0.5, median = 0.4, cv = 1, high = -1 }");
    assert!(cut.len() == 1 && cut[0].starts_with("8:16 only 0e0 of the distribution"), "{cut:?}");
}

#[test]
fn what_is_no_distribution_is_said_where_it_stands() {
    let place = "8:16";
    assert_eq!(problems("3"), ["8:16 `distribution` must be a table, not a number"]);
    assert_eq!(problems("{ kind = \"normal\", mean = 3 }"), [format!("{place} `distribution` lacks `sd`")]);
    assert_eq!(problems("{ kind = \"normal\", mean = 3, sd = -1 }"), ["8:50 `sd` is -1, must be 0 or more"]);
    assert_eq!(
        problems("{ kind = \"bernoulli\", probability = 66 }"),
        ["8:52 `probability` is 66, must be between 0 and 1"]
    );
    assert_eq!(
        problems("{ kind = \"discrete\", values = [1, 2], weights = [1] }"),
        [format!("{place} 2 values but 1 weights")]
    );
    let cut = problems("{ kind = \"normal\", mean = 0, sd = 1, low = 50 }");
    assert!(
        cut.len() == 1 && cut[0].starts_with("8:16 only 0e0 of the distribution lies between 50"),
        "{cut:?}"
    );
}

#[test]
fn keys_of_another_family_are_unknown() {
    let found = problems("{ kind = \"bernoulli\", probability = 0.5, low = 0 }");
    assert_eq!(found, ["8:57 unknown key `low` in `distribution`"]);
}
