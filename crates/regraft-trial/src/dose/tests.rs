use regraft_model::{SourceId, Span};

use super::*;
use crate::card::{Card, CardKind};
use crate::testing::good;

fn drug(unit: &str, more: &str) -> Drug {
    let text = format!("id = \"d\"\ntitle = \"D\"\n[give]\ntarget = \"x\"\nunit = \"{unit}\"\n{more}");
    let Card::Drug(drug) = good(CardKind::Drug, "d", &text) else { panic!("it is a drug") };
    *drug
}

fn amount(value: f64, unit: &str, drug: &Drug) -> Option<(f64, Per)> {
    let span = Span::new(SourceId(0), 0, 0);
    let dose = Number { value, unit: unit.to_string(), source: "s".to_string(), why: None, span };
    dose_amount(&dose, drug).ok().map(|amount| (amount.value, amount.per))
}

#[test]
fn doses_come_to_the_unit_of_the_target() {
    let mg = drug("mg", "");
    assert_eq!(amount(50.0, "mg/kg", &mg), Some((50.0, Per::Kilogram)));
    assert_eq!(amount(2.0, "g/m2", &mg), Some((2000.0, Per::SquareMeter)));
    assert_eq!(amount(2.0, "g/m²", &mg), Some((2000.0, Per::SquareMeter)));
    assert_eq!(amount(1000.0, "ug", &mg), Some((1.0, Per::Patient)));
    let cells = drug("Mcell", "");
    assert_eq!(amount(2.0, "1e6/kg", &cells), Some((2.0, Per::Kilogram)));
    assert_eq!(amount(1.0, "1e8", &cells), Some((100.0, Per::Patient)));
    let daily = drug("mg/day", "");
    assert_eq!(amount(1.0, "g/d", &daily), Some((1000.0, Per::Patient)));
}

#[test]
fn the_factor_of_the_drug_multiplies() {
    let drug = drug("mg", "factor = { value = 0.5, unit = \"\", source = \"s\" }");
    assert_eq!(amount(50.0, "mg/kg", &drug), Some((25.0, Per::Kilogram)));
}

#[test]
fn a_drug_with_a_target_per_kg_takes_doses_per_kg_alone() {
    let drug = drug("ug", "fixed_per_kg = true");
    assert_eq!(amount(10.0, "ug/kg", &drug), Some((10.0, Per::Patient)));
    assert_eq!(amount(10.0, "ug", &drug), None);
    assert_eq!(amount(10.0, "ug/m2", &drug), None);
}

#[test]
fn units_of_another_kind_are_refused() {
    let mg = drug("mg", "");
    for unit in ["mL", "1e6/kg", "mg/day", "mg/kg/kg", "mg/kg/m2", "", "IU"] {
        assert_eq!(amount(1.0, unit, &mg), None, "{unit}");
    }
}
