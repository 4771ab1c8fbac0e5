//! The units that exist without being declared.

use super::Unit;

const METRE: Unit = Unit::base(0);
const KILOGRAM: Unit = Unit::base(1);
const SECOND: Unit = Unit::base(2);
const AMPERE: Unit = Unit::base(3);
const KELVIN: Unit = Unit::base(4);
const MOLE: Unit = Unit::base(5);
const CANDELA: Unit = Unit::base(6);
const ITEM: Unit = Unit::base(7);

/// The SBML unit of this name (singular, plural or American spelling).
pub(super) fn sbml_unit(name: &str) -> Option<Unit> {
    exact(name).or_else(|| exact(name.strip_suffix('s')?))
}

// A flat table of like entries: one unit per line.
fn exact(name: &str) -> Option<Unit> {
    let newton = KILOGRAM.times(METRE).per(SECOND.power(2.0));
    let joule = newton.times(METRE);
    let volt = joule.per(AMPERE.times(SECOND));
    let unit = match name {
        "dimensionless" | "radian" | "steradian" => Unit::ONE,
        "metre" | "meter" => METRE,
        "kilogram" => KILOGRAM,
        "gram" => KILOGRAM.scaled(1e-3),
        "second" => SECOND,
        "minute" => SECOND.scaled(60.0),
        "hour" => SECOND.scaled(3600.0),
        "day" => SECOND.scaled(86400.0),
        "ampere" => AMPERE,
        "kelvin" => KELVIN,
        "mole" => MOLE,
        "candela" | "lumen" => CANDELA,
        "lux" => CANDELA.per(METRE.power(2.0)),
        "item" => ITEM,
        // A pure number, with the value of SBML level 3.
        "avogadro" => Unit::ONE.scaled(6.022_141_79e23),
        "litre" | "liter" => METRE.power(3.0).scaled(1e-3),
        "hertz" | "becquerel" => SECOND.power(-1.0),
        "newton" => newton,
        "pascal" => newton.per(METRE.power(2.0)),
        "joule" => joule,
        "watt" => joule.per(SECOND),
        "coulomb" => AMPERE.times(SECOND),
        "volt" => volt,
        "farad" => AMPERE.times(SECOND).per(volt),
        "ohm" => volt.per(AMPERE),
        "siemens" | "siemen" => AMPERE.per(volt),
        "weber" => volt.times(SECOND),
        "tesla" => volt.times(SECOND).per(METRE.power(2.0)),
        "henry" => volt.times(SECOND).per(AMPERE),
        "gray" | "sievert" => joule.per(KILOGRAM),
        "katal" => MOLE.per(SECOND),
        _ => return None,
    };
    Some(unit)
}

/// The unit that a card means by this symbol: SI symbols with prefixes, times of the
/// clinic, cells and points.
pub(super) fn clinical_unit(name: &str) -> Option<Unit> {
    whole_symbol(name).or_else(|| prefixed(name))
}

fn whole_symbol(name: &str) -> Option<Unit> {
    let unit = match name {
        "min" => SECOND.scaled(60.0),
        "h" | "hr" => SECOND.scaled(3600.0),
        "d" => SECOND.scaled(86400.0),
        "week" | "weeks" | "wk" => SECOND.scaled(7.0 * 86400.0),
        // A Julian year of 365.25 days and its twelfth part.
        "month" | "months" => SECOND.scaled(30.4375 * 86400.0),
        "year" | "years" | "yr" => SECOND.scaled(365.25 * 86400.0),
        "%" | "percent" => Unit::ONE.scaled(0.01),
        "fraction" | "ratio" | "score" | "point" | "points" => Unit::ONE,
        // Blood counts are written G/L and T/L: 10⁹ and 10¹² cells per litre.
        "G" => ITEM.scaled(1e9),
        "T" => ITEM.scaled(1e12),
        _ => return None,
    };
    Some(unit)
}

fn prefixed(name: &str) -> Option<Unit> {
    const PREFIXES: [(&str, f64); 13] = [
        ("", 1.0),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("h", 1e2),
        ("d", 1e-1),
        ("c", 1e-2),
        ("m", 1e-3),
        ("u", 1e-6),
        ("µ", 1e-6),
        ("n", 1e-9),
        ("p", 1e-12),
    ];
    PREFIXES.iter().find_map(|(prefix, factor)| Some(symbol(name.strip_prefix(prefix)?)?.scaled(*factor)))
}

fn symbol(name: &str) -> Option<Unit> {
    let unit = match name {
        "g" => KILOGRAM.scaled(1e-3),
        "L" | "l" => METRE.power(3.0).scaled(1e-3),
        "m" => METRE,
        "s" => SECOND,
        "mol" => MOLE,
        "M" => MOLE.per(METRE.power(3.0).scaled(1e-3)),
        "cell" | "cells" | "copies" => ITEM,
        "Pa" => KILOGRAM.per(METRE.times(SECOND.power(2.0))),
        "Gy" => METRE.power(2.0).per(SECOND.power(2.0)),
        "J" => KILOGRAM.times(METRE.power(2.0)).per(SECOND.power(2.0)),
        "V" => KILOGRAM.times(METRE.power(2.0)).per(AMPERE.times(SECOND.power(3.0))),
        "A" => AMPERE,
        "K" => KELVIN,
        "Hz" => SECOND.power(-1.0),
        _ => return None,
    };
    Some(unit)
}
