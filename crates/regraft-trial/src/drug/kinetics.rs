//! `[pharmacokinetics]`: what the body does to a drug, in one to three compartments with a depot before them.

use regraft_model::{Diagnostic, Span};

use crate::codes;
use crate::constant::{About, AmountUnit, Constant, ModelUnit};
use crate::reader::{Bound, Reader};

/// What the body does to a drug.
#[derive(Debug, Clone, PartialEq)]
pub struct Kinetics {
    /// Unit of the amounts in the body.
    pub amount: AmountUnit,
    /// Whether what the induced enzyme makes of the drug acts, and not the drug.
    pub prodrug: bool,
    /// The constants that the card gives, by the names of `KEYS`.
    pub constants: Vec<Constant>,
    /// Where the table stands.
    pub span: Span,
}

/// Which unit a key has.
#[derive(Clone, Copy)]
enum Unit {
    Ratio,
    PerDay,
    Liter,
    LiterPerDay,
    Kilogram,
    Concentration,
}

/// Key, unit, what it may be, symbol and words.
type Key = (&'static str, Unit, Bound, &'static str);

const KEYS: [Key; 20] = [
    (
        "distribution_volume",
        Unit::Liter,
        Bound::Positive,
        "V: volume of distribution, of the central compartment",
    ),
    ("clearance", Unit::LiterPerDay, Bound::Positive, "CL: clearance"),
    (
        "renal_clearance",
        Unit::LiterPerDay,
        Bound::NotNegative,
        "CLr: clearance by the kidney, which is not induced",
    ),
    (
        "saturable_clearance",
        Unit::LiterPerDay,
        Bound::Positive,
        "CLs: clearance beside the other at low concentration, which saturates",
    ),
    (
        "half_saturation",
        Unit::Concentration,
        Bound::Positive,
        "Km: concentration at which half of that clearance is left",
    ),
    ("elimination_rate", Unit::PerDay, Bound::Positive, "ke: elimination"),
    ("peripheral_volume", Unit::Liter, Bound::Positive, "V2: volume of the peripheral compartment"),
    ("peripheral_flow", Unit::LiterPerDay, Bound::Positive, "Q: flow between central and peripheral"),
    ("outward_rate", Unit::PerDay, Bound::Positive, "k12: central to peripheral"),
    ("return_rate", Unit::PerDay, Bound::Positive, "k21: peripheral to central"),
    ("deep_volume", Unit::Liter, Bound::Positive, "V3: volume of the deep compartment"),
    ("deep_flow", Unit::LiterPerDay, Bound::Positive, "Q3: flow between central and deep"),
    ("absorption_rate", Unit::PerDay, Bound::Positive, "ka: absorption from the depot"),
    ("bioavailability", Unit::Ratio, Bound::Share, "F: share of the depot that reaches the blood"),
    ("active_share", Unit::Ratio, Bound::Share, "fa: share of the amount that acts"),
    (
        "induction_maximum",
        Unit::Ratio,
        Bound::NotNegative,
        "Emax: largest rise of clearance that the drug induces, relative",
    ),
    (
        "induction_half_effect",
        Unit::Concentration,
        Bound::Positive,
        "EC50: concentration at half of that rise",
    ),
    ("induction_rate", Unit::PerDay, Bound::Positive, "kenz: turnover of the induced enzyme"),
    ("clearance_exponent", Unit::Ratio, Bound::NotNegative, "power of the weight in clearance and flows"),
    ("volume_exponent", Unit::Ratio, Bound::NotNegative, "power of the weight in volumes"),
];

/// Weight at which volumes and clearances that grow with the weight are stated.
const REFERENCE_WEIGHT: (&str, &str) =
    ("reference_weight", "weight at which volumes and clearance are stated");

impl Kinetics {
    /// The constant of that name.
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        self.constants.iter().find(|constant| constant.name == name)
    }

    /// Whether the card gives it.
    pub fn has(&self, name: &str) -> bool {
        self.constant(name).is_some()
    }

    /// Whether the drug is followed in the blood, and not only in its depot.
    pub fn has_central(&self) -> bool {
        self.has("clearance") || self.has("elimination_rate")
    }

    /// Name of the state that receives doses.
    pub fn dose_state(&self) -> &'static str {
        if self.has("absorption_rate") { "depot" } else { "amount" }
    }

    /// Unit on which effects depend: the concentration, or the amount where no volume is known.
    pub fn level_unit(&self) -> ModelUnit {
        if self.has("distribution_volume") { self.amount.concentration() } else { self.amount.amount() }
    }

    fn refuse_volume_of_radiation(&self, table: &Reader<'_>) {
        if self.amount == AmountUnit::Gray && self.has("distribution_volume") {
            let message = "radiation has no `distribution_volume`: it acts by its dose in `Gy`";
            let span = table.span_of("distribution_volume");
            table.report(Diagnostic::error(codes::CONTRADICTION, span, message));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut table = reader.optional_table("pharmacokinetics")?;
        let units = [("mg", AmountUnit::Milligram), ("ug", AmountUnit::Microgram), ("Gy", AmountUnit::Gray)];
        let amount = table.optional_word("amount", &units).unwrap_or(AmountUnit::Milligram);
        let prodrug = table.flag("prodrug", false);
        let mut constants = Vec::new();
        for (key, unit, bound, meaning) in KEYS {
            let path = format!("pharmacokinetics.{key}");
            let about = About { name: key, path: &path, meaning, unit: model_unit(unit, amount) };
            constants.extend(Constant::optional(&mut table, key, bound, about));
        }
        let (key, meaning) = REFERENCE_WEIGHT;
        let about = About {
            name: key,
            path: "pharmacokinetics.reference_weight",
            meaning,
            unit: model_unit(Unit::Kilogram, amount),
        };
        constants.extend(Constant::optional(&mut table, key, Bound::Positive, about));
        let kinetics = Kinetics { amount, prodrug, constants, span: table.span() };
        check(&table);
        kinetics.refuse_volume_of_radiation(&table);
        table.finish();
        Some(kinetics)
    }
}

fn model_unit(unit: Unit, amount: AmountUnit) -> ModelUnit {
    match unit {
        Unit::Ratio => ModelUnit::ratio(),
        Unit::PerDay => ModelUnit::per_day(),
        Unit::Liter => ModelUnit::liter(),
        Unit::LiterPerDay => ModelUnit::liter_per_day(),
        Unit::Kilogram => ModelUnit::kilogram(),
        Unit::Concentration => amount.concentration(),
    }
}

/// What belongs together: where the first is written the others must be too.
const TOGETHER: [(&str, &[&str]); 18] = [
    ("renal_clearance", &["clearance"]),
    ("saturable_clearance", &["half_saturation", "clearance"]),
    ("half_saturation", &["saturable_clearance"]),
    ("prodrug", &["induction_maximum"]),
    ("clearance", &["distribution_volume"]),
    ("peripheral_volume", &["peripheral_flow", "distribution_volume"]),
    ("peripheral_flow", &["peripheral_volume"]),
    ("outward_rate", &["return_rate"]),
    ("return_rate", &["outward_rate"]),
    ("deep_volume", &["deep_flow", "peripheral_volume"]),
    ("deep_flow", &["deep_volume"]),
    ("bioavailability", &["absorption_rate"]),
    ("active_share", &["distribution_volume"]),
    ("induction_maximum", &["induction_half_effect", "induction_rate", "distribution_volume"]),
    ("induction_half_effect", &["induction_maximum"]),
    ("induction_rate", &["induction_maximum"]),
    ("clearance_exponent", &["clearance", "reference_weight"]),
    ("volume_exponent", &["distribution_volume", "reference_weight"]),
];

fn check(table: &Reader<'_>) {
    for (key, needed) in TOGETHER {
        for other in needed.iter().filter(|other| table.has(key) && !table.has(other)) {
            let message = format!("`{key}` needs `{other}`");
            table.report(Diagnostic::error(codes::MISSING_KEY, table.span_of(key), message));
        }
    }
    table.refuse_both("clearance", "elimination_rate");
    table.refuse_both("peripheral_flow", "outward_rate");
    let exponent = table.has("clearance_exponent") || table.has("volume_exponent");
    if table.has("reference_weight") && !exponent {
        let message = "`reference_weight` does nothing without `clearance_exponent` or `volume_exponent`";
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span_of("reference_weight"), message));
    }
    let eliminated = table.has("clearance") || table.has("elimination_rate");
    if !eliminated && !table.has("absorption_rate") {
        let message = "nothing removes the drug: `clearance` or `elimination_rate`";
        table.report(Diagnostic::error(codes::MISSING_KEY, table.span(), message));
    }
    let central = ["distribution_volume", "outward_rate", "active_share", "bioavailability"];
    for key in central.iter().filter(|key| !eliminated && table.has("absorption_rate") && table.has(key)) {
        let message = format!(
            "`{key}` does nothing: without `clearance` or `elimination_rate` only the depot is followed"
        );
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span_of(key), message));
    }
}
