//! Units: a scale and exponents of the base dimensions.

mod builtin;
mod parse;

#[cfg(test)]
mod tests;

pub use parse::{UnitError, conversion, parse_clinical, parse_unit};

use std::collections::BTreeMap;
use std::fmt;

/// The seven SI base dimensions and the count of items (cells, molecules).
const BASES: [&str; 8] = ["metre", "kilogram", "second", "ampere", "kelvin", "mole", "candela", "item"];

/// Relative difference up to which two scales are the same unit; allows for rounding
/// in products of decimal factors.
const SCALE_TOLERANCE: f64 = 1e-9;

/// A unit: `scale` times a product of powers of the base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Factor to the coherent unit of the base units; > 0 and finite.
    pub scale: f64,
    /// Exponents of metre, kilogram, second, ampere, kelvin, mole, candela, item.
    pub exponents: [f64; 8],
}

/// Declared units by name.
pub type UnitTable = BTreeMap<String, Unit>;

impl Unit {
    /// The dimensionless 1.
    pub const ONE: Unit = Unit { scale: 1.0, exponents: [0.0; 8] };

    /// The base unit of dimension `index`.
    pub(crate) const fn base(index: usize) -> Unit {
        let mut exponents = [0.0; 8];
        exponents[index] = 1.0;
        Unit { scale: 1.0, exponents }
    }

    /// The same dimension, `factor` times as large.
    pub fn scaled(self, factor: f64) -> Unit {
        Unit { scale: self.scale * factor, ..self }
    }

    /// Product of two units.
    pub fn times(self, other: Unit) -> Unit {
        let exponents = std::array::from_fn(|i| self.exponents[i] + other.exponents[i]);
        Unit { scale: self.scale * other.scale, exponents }
    }

    /// Quotient of two units.
    pub fn per(self, other: Unit) -> Unit {
        self.times(other.power(-1.0))
    }

    /// The unit to the power `exponent`.
    pub fn power(self, exponent: f64) -> Unit {
        Unit { scale: self.scale.powf(exponent), exponents: self.exponents.map(|e| e * exponent) }
    }

    /// Whether both measure the same dimension.
    pub fn is_like(&self, other: &Unit) -> bool {
        self.exponents.iter().zip(&other.exponents).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    /// Whether both are the same unit: same dimension and same scale.
    pub fn is_same(&self, other: &Unit) -> bool {
        self.is_like(other) && (self.scale / other.scale - 1.0).abs() < SCALE_TOLERANCE
    }

    /// The scale with days as the unit of time, where it is a round number only then.
    fn in_days(&self) -> Option<f64> {
        const SECONDS_PER_DAY: f64 = 86_400.0;
        let scale = self.scale / SECONDS_PER_DAY.powf(self.exponents[2]);
        let round = |scale: f64| scale_text(scale).len() <= 6;
        (self.exponents[2] != 0.0 && round(scale) && !round(self.scale)).then_some(scale)
    }

    /// Whether the unit is a pure number.
    pub fn is_dimensionless(&self) -> bool {
        self.is_like(&Unit::ONE)
    }
}

/// Writes `1e9 item/second` and the like.
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scale, time) = self.in_days().map_or((self.scale, "second"), |scale| (scale, "day"));
        let side = |sign: f64| -> Vec<String> {
            let with_sign = BASES.iter().zip(self.exponents).filter(|(_, e)| e * sign > 1e-9);
            let name = |base| if base == "second" { time } else { base };
            with_sign.map(|(base, e)| power_text(name(*base), e.abs())).collect()
        };
        let (above, below) = (side(1.0).join("·"), side(-1.0));
        let head = match (above.is_empty(), (scale - 1.0).abs() < SCALE_TOLERANCE) {
            (true, true) if below.is_empty() => "dimensionless".to_string(),
            (true, true) => "1".to_string(),
            (true, false) => scale_text(scale),
            (false, true) => above,
            (false, false) => format!("{} {above}", scale_text(scale)),
        };
        f.write_str(&head)?;
        below.iter().try_for_each(|part| write!(f, "/{part}"))
    }
}

fn power_text(name: &str, exponent: f64) -> String {
    if (exponent - 1.0).abs() < 1e-9 { name.to_string() } else { format!("{name}^{exponent}") }
}

fn scale_text(scale: f64) -> String {
    let rounded: f64 = format!("{scale:.8e}").parse().unwrap_or(scale);
    if (1e-3..1e6).contains(&rounded) { format!("{rounded}") } else { format!("{rounded:e}") }
}
