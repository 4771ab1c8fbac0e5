use super::*;

fn unit(text: &str) -> Unit {
    parse_unit(text, &UnitTable::new()).unwrap()
}

#[test]
fn a_number_belongs_to_the_name_behind_it() {
    assert!(unit("1 / 86400 second").is_same(&unit("second").scaled(86400.0).power(-1.0)));
    assert!(unit("1e-3 metre^2").is_same(&unit("metre^2").scaled(1e-6)));
    assert!(unit("(1e-6 metre)^2").is_same(&unit("metre^2").scaled(1e-12)));
    assert!(
        unit("1000 dimensionless * metre^3 / (mole * second)")
            .is_same(&unit("1000 metre*metre*metre/mole/second"))
    );
    assert!(unit("1 / dimensionless^-0").is_same(&Unit::ONE));
}

#[test]
fn litre_and_cubic_metre_are_one_dimension() {
    assert!(unit("litre").is_same(&unit("metre^3").scaled(1e-3)));
    assert!(!unit("litre").is_same(&unit("metre^3")));
    assert!(unit("litre").is_like(&unit("metre^3")));
    assert!(unit("joule / coulomb").is_same(&unit("volt")));
}

#[test]
fn declared_names_come_before_symbols() {
    let declared = UnitTable::from([("G".to_string(), Unit::ONE)]);
    assert_eq!(parse_clinical("G", &declared), Ok(Unit::ONE));
    assert!(parse_clinical("G", &UnitTable::new()).unwrap().is_same(&unit("1e9 item")));
    assert!(parse_unit("G", &UnitTable::new()).is_err());
}

#[test]
fn what_is_no_unit_is_refused() {
    let none = UnitTable::new();
    for text in ["gram gram", "gram /", "(gram", "gram)", "^2", "0 gram", "-1 gram", "gram^x"] {
        assert!(parse_unit(text, &none).is_err(), "`{text}` was read");
    }
    assert_eq!(parse_unit("foo / litre", &none), Err(UnitError::Unknown("foo".to_string())));
    assert!(parse_unit(&"(".repeat(100_000), &none).is_err());
}

#[test]
fn a_unit_is_written_in_base_units() {
    assert_eq!(unit("1e9 item / litre").to_string(), "1e12 item/metre^3");
    assert_eq!(unit("1e-3 gram").to_string(), "1e-6 kilogram");
    assert_eq!(unit("second^-1").to_string(), "1/second");
    assert_eq!(unit("dimensionless").to_string(), "dimensionless");
}

#[test]
fn what_is_round_per_day_is_written_per_day() {
    assert_eq!(unit("1 / (86400 second)").to_string(), "1/day");
    assert_eq!(unit("1 / second").to_string(), "1/second");
    assert_eq!(unit("gram / second").to_string(), "0.001 kilogram/second");
}
