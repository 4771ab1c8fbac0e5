//! Doses as prescribed, brought to the amount that a drug's target receives.

use regraft_model::Diagnostic;

use crate::codes;
use crate::drug::{Drug, Give};
use crate::quantity::Number;

/// By what a prescribed dose is multiplied in each patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// By nothing.
    Patient,
    /// By the weight in kg.
    Kilogram,
    /// By the body surface in m².
    SquareMeter,
}

/// An amount for the target, before it is multiplied by the patient's size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoseAmount {
    /// In the drug's unit (times the drug's factor).
    pub value: f64,
    /// What it is multiplied by.
    pub per: Per,
}

/// Brings a dose to the unit of the drug's target and multiplies it by the drug's factor.
///
/// Known: g, mg, ug (µg, mcg), ng; cells, 1e5 … 1e9, Mcell, Gcell; IU; Gy, cGy; mol, mmol, umol; each per kg or per m²,
/// with any further `/day`. A dose per kg of a drug with `fixed_per_kg` stays per kg.
///
/// # Errors
/// A diagnostic at the dose.
pub fn dose_amount(dose: &Number, drug: &Drug) -> Result<DoseAmount, Diagnostic> {
    let written = PerUnit::of(&dose.unit);
    let wanted = PerUnit::of(&drug.give.unit.text);
    let scale = written.scale_to(&wanted).ok_or_else(|| wrong_unit(dose, drug))?;
    let per = written.per(&drug.give).ok_or_else(|| wrong_unit(dose, drug))?;
    let factor = drug.give.factor.as_ref().map_or(1.0, |factor| factor.value);
    Ok(DoseAmount { value: dose.value * scale * factor, per })
}

fn wrong_unit(dose: &Number, drug: &Drug) -> Diagnostic {
    let (unit, give) = (&dose.unit, &drug.give);
    let message = format!("`{}` cannot be given in `{unit}`", drug.id.text);
    let help = if give.fixed_per_kg {
        format!(
            "it is dosed per kg (`fixed_per_kg`): `{}/kg` or another unit of the same kind",
            give.unit.text
        )
    } else {
        format!("`{0}`, `{0}/kg`, `{0}/m2` or another unit of the same kind", give.unit.text)
    };
    Diagnostic::error(codes::DOSE_UNIT, dose.span, message).with_help(help)
}

/// A unit taken apart: `mg/kg/day` is amount `mg`, per kg, rest `day`.
struct PerUnit<'a> {
    amount: &'a str,
    kilograms: usize,
    square_meters: usize,
    rest: Vec<&'a str>,
}

impl<'a> PerUnit<'a> {
    fn of(unit: &'a str) -> Self {
        let mut parts = unit.split('/').map(str::trim);
        let mut found =
            PerUnit { amount: parts.next().unwrap_or(""), kilograms: 0, square_meters: 0, rest: Vec::new() };
        for part in parts {
            match part {
                "kg" => found.kilograms += 1,
                "m2" | "m^2" | "m²" => found.square_meters += 1,
                "d" => found.rest.push("day"),
                other => found.rest.push(other),
            }
        }
        found
    }

    /// Factor from this unit's amount to the other's; `None` if they are not of one kind.
    fn scale_to(&self, wanted: &PerUnit<'_>) -> Option<f64> {
        if self.rest != wanted.rest {
            return None;
        }
        if self.amount == wanted.amount {
            return Some(1.0);
        }
        let ((kind, from), (wanted_kind, to)) = (amount_of(self.amount)?, amount_of(wanted.amount)?);
        (kind == wanted_kind).then_some(from / to)
    }

    fn per(&self, give: &Give) -> Option<Per> {
        match (self.kilograms, self.square_meters, give.fixed_per_kg) {
            (1, 0, true) => Some(Per::Patient),
            (0, 0, false) => Some(Per::Patient),
            (1, 0, false) => Some(Per::Kilogram),
            (0, 1, false) => Some(Per::SquareMeter),
            _ => None,
        }
    }
}

/// Kind of an amount and its size in the kind's base (mg, cell, IU, Gy, mmol).
fn amount_of(word: &str) -> Option<(&'static str, f64)> {
    let found = match word {
        "kg" => ("mass", 1e6),
        "g" => ("mass", 1e3),
        "mg" => ("mass", 1.0),
        "ug" | "µg" | "μg" | "mcg" => ("mass", 1e-3),
        "ng" => ("mass", 1e-6),
        "cell" | "cells" => ("cells", 1.0),
        "1e5" => ("cells", 1e5),
        "1e6" | "Mcell" => ("cells", 1e6),
        "1e7" => ("cells", 1e7),
        "1e8" => ("cells", 1e8),
        "1e9" | "Gcell" => ("cells", 1e9),
        "IU" | "U" => ("activity", 1.0),
        "Gy" => ("radiation", 1.0),
        "cGy" => ("radiation", 1e-2),
        "mol" => ("substance", 1e3),
        "mmol" => ("substance", 1.0),
        "umol" | "µmol" | "μmol" => ("substance", 1e-3),
        _ => return None,
    };
    Some(found)
}

#[cfg(test)]
mod tests;
