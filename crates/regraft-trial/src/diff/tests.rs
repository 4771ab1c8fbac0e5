use super::*;
use crate::card::CardKind;
use crate::testing::{REGIMEN, good};

#[test]
fn a_difference_shows_both_numbers_with_their_sources() {
    let first = good(CardKind::Regimen, "r", REGIMEN);
    let changed = REGIMEN.replace(
        "value = 50, unit = \"mg/kg\", source = \"smith2001\"",
        "value = 25, unit = \"mg/kg\", source = \"jones\"",
    );
    let second = good(CardKind::Regimen, "r", &changed.replace("days = [-5, -4]", "days = [-5]"));
    let found: Vec<(String, Option<f64>, Option<f64>)> = diff(&first, &second)
        .into_iter()
        .map(|one| (one.path, one.first.map(|number| number.value), one.second.map(|number| number.value)))
        .collect();
    assert_eq!(
        found,
        [
            ("condition.poison.day[2]".to_string(), Some(-4.0), Some(-1.0)),
            ("condition.poison.dose".to_string(), Some(50.0), Some(25.0)),
            ("condition.poison.day[3]".to_string(), Some(-1.0), None),
        ]
    );
    assert_eq!(diff(&first, &second)[1].second.as_ref().map(|number| number.source.as_str()), Some("jones"));
    assert_eq!(diff(&first, &first), []);
}
