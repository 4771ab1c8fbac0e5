use super::*;
use crate::card::CardKind;
use crate::testing::{REGIMEN, good};

fn paths(card: &Card) -> Vec<(String, f64)> {
    card.numbers().into_iter().map(|number| (number.path, number.value)).collect()
}

#[test]
fn every_number_has_its_own_path() {
    let card = good(CardKind::Regimen, "r", REGIMEN);
    let expected = [
        ("condition.poison.day", -5.0),
        ("condition.poison.day[2]", -4.0),
        ("condition.poison.dose", 50.0),
        ("condition.poison.day[3]", -1.0),
        ("condition.poison.dose[2]", 10.0),
    ];
    assert_eq!(paths(&card), expected.map(|(path, value)| (path.to_string(), value)));
}

#[test]
fn the_origin_of_a_number_is_what_its_source_says() {
    let card = good(CardKind::Regimen, "r", REGIMEN);
    let count = |origin| card.numbers().iter().filter(|number| number.origin() == origin).count();
    assert_eq!((count(Origin::Read), count(Origin::Remembered), count(Origin::Design)), (1, 1, 3));
    assert_eq!(origin_of("evidence:A/B"), Origin::Evidence);
    assert_eq!(origin_of("assumed"), Origin::Assumed);
}

#[test]
fn numbers_of_a_distribution_share_unit_and_source() {
    let text = r#"
id = "p"
title = "P"
disease = "d"
[[trait]]
name = "age"
unit = "year"
source = "assumed"
why = "w"
distribution = { kind = "normal", mean = 36, sd = 8.6, low = 18 }
"#;
    let numbers = good(CardKind::Population, "p", text).numbers();
    let shown: Vec<(&str, f64, &str)> =
        numbers.iter().map(|number| (number.path.as_str(), number.value, number.unit.as_str())).collect();
    assert_eq!(
        shown,
        [("trait.age.mean", 36.0, "year"), ("trait.age.sd", 8.6, "year"), ("trait.age.low", 18.0, "year")]
    );
    assert!(
        numbers.iter().all(|number| number.origin() == Origin::Assumed && number.why.as_deref() == Some("w"))
    );
}
