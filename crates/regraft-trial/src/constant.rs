//! A constant of a drug's text: a number of a card, brought to the unit in which the model holds it.

use regraft_model::Diagnostic;
use regraft_model::Span;
use regraft_model::units::{UnitTable, conversion};
use toml::de::DeValue;

use crate::codes;
use crate::quantity::{Number, SettingValue, read_drawable};
use crate::reader::{Bound, Page, Reader};

/// A unit of the model language, with the words for it in a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUnit {
    /// Its name in the text of the model.
    pub name: String,
    /// As a card writes it; empty for a plain ratio.
    pub card: String,
    /// What the text says after `unit NAME =`.
    pub definition: String,
}

impl ModelUnit {
    /// A unit by its three texts.
    pub fn new(name: &str, card: &str, definition: &str) -> Self {
        ModelUnit { name: name.into(), card: card.into(), definition: definition.into() }
    }

    /// A plain ratio.
    pub fn ratio() -> Self {
        Self::new("ratio", "", "1 dimensionless")
    }

    /// A rate.
    pub fn per_day() -> Self {
        Self::new("per_day", "1/day", "1/86400 second")
    }

    /// A volume.
    pub fn liter() -> Self {
        Self::new("L", "L", "litre")
    }

    /// A flow.
    pub fn liter_per_day() -> Self {
        Self::new("L_per_day", "L/day", "litre/86400 second")
    }

    /// A body weight.
    pub fn kilogram() -> Self {
        Self::new("kg", "kg", "1e3 gram")
    }
}

/// The unit of an amount of drug, and the units that follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountUnit {
    /// Milligrams.
    Milligram,
    /// Micrograms.
    Microgram,
    /// Grays: the dose of radiation, which has no volume and no concentration.
    Gray,
}

impl AmountUnit {
    /// As a card writes it.
    pub fn card(self) -> &'static str {
        match self {
            AmountUnit::Milligram => "mg",
            AmountUnit::Microgram => "ug",
            AmountUnit::Gray => "Gy",
        }
    }

    fn parts(self) -> (&'static str, &'static str) {
        match self {
            AmountUnit::Milligram => ("mg", "1e-3 gram"),
            AmountUnit::Microgram => ("microgram", "1e-6 gram"),
            AmountUnit::Gray => ("Gy", "gray"),
        }
    }

    /// The amount.
    pub fn amount(self) -> ModelUnit {
        let (name, definition) = self.parts();
        ModelUnit::new(name, self.card(), definition)
    }

    /// An amount per day.
    pub fn per_day(self) -> ModelUnit {
        let (name, definition) = self.parts();
        ModelUnit::new(
            &format!("{name}_per_day"),
            &format!("{}/day", self.card()),
            &format!("{definition}/86400 second"),
        )
    }

    /// A concentration.
    pub fn concentration(self) -> ModelUnit {
        let (name, definition) = self.parts();
        ModelUnit::new(
            &format!("{name}_per_L"),
            &format!("{}/L", self.card()),
            &format!("{definition}/litre"),
        )
    }

    /// An area under the concentration curve; under the amount's for radiation.
    pub fn exposure(self) -> ModelUnit {
        let (name, definition) = match self {
            AmountUnit::Milligram => ("mg", "86400e-3"),
            AmountUnit::Microgram => ("microgram", "86400e-6"),
            AmountUnit::Gray => return ModelUnit::new("Gy_day", "Gy*day", "86400 gray*second"),
        };
        ModelUnit::new(
            &format!("{name}_day_per_L"),
            &format!("{}*day/L", self.card()),
            &format!("{definition} gram*second/litre"),
        )
    }
}

/// A constant: name in the text, value in the model's unit, and the number of the card behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// Its name in the drug's text.
    pub name: String,
    /// Path of its keys in the card.
    pub path: String,
    /// Its meaning, for a comment: symbol and words.
    pub meaning: String,
    /// The unit in which the model holds it.
    pub unit: ModelUnit,
    /// The value in that unit; of a number drawn per patient the middle of the distribution.
    pub middle: f64,
    /// What the card says.
    pub value: SettingValue,
    /// Where it stands.
    pub span: Span,
}

impl Constant {
    /// Brings what a card says to `unit`; another kind of unit is a problem.
    pub(crate) fn new(page: &Page, about: About<'_>, span: Span, value: SettingValue) -> Option<Self> {
        let (written, unit) = match &value {
            SettingValue::Fixed(number) | SettingValue::Times(number) => (number.value, &number.unit),
            SettingValue::Ladder(_) => return None,
            SettingValue::PerPatient(drawn) => (drawn.distribution.from_normal(0.0), &drawn.unit),
        };
        let Ok(factor) = conversion(unit, &about.unit.card, &UnitTable::new()) else {
            let message = match unit.as_str() {
                "" => format!("`{}` has no unit", about.path),
                _ => format!("`{}` cannot be in `{unit}`", about.path),
            };
            let wanted = if about.unit.card.is_empty() { "a plain ratio: \"\"" } else { &about.unit.card };
            let help = format!("{wanted}, or another unit of the same kind");
            page.report(Diagnostic::error(codes::MODEL_UNIT, span, message).with_help(help));
            return None;
        };
        Some(Constant {
            name: about.name.to_string(),
            path: about.path.to_string(),
            meaning: about.meaning.to_string(),
            middle: written * factor,
            unit: about.unit,
            value,
            span,
        })
    }

    /// The constant of a key, if written.
    pub(crate) fn optional(
        table: &mut Reader<'_>,
        key: &'static str,
        bound: Bound,
        about: About<'_>,
    ) -> Option<Self> {
        let span = table.span_of(key);
        let value = table.optional_drawable(key, bound)?;
        Self::new(table.page(), about, span, value)
    }

    /// The constant of a value whose key was read by hand.
    pub(crate) fn of_value<'t>(
        page: &'t Page,
        span: Span,
        value: &'t DeValue<'t>,
        bound: Bound,
        about: About<'_>,
    ) -> Option<Self> {
        let value = read_drawable(page, about.path, span, value, bound)?;
        Self::new(page, about, span, value)
    }

    /// A fixed number's source in one word or key, for a comment.
    pub fn source(&self) -> &str {
        match &self.value {
            SettingValue::Fixed(Number { source, .. }) | SettingValue::Times(Number { source, .. }) => source,
            SettingValue::Ladder(_) => "",
            SettingValue::PerPatient(drawn) => &drawn.provenance.source,
        }
    }
}

/// What a constant is, before its value is known.
pub(crate) struct About<'a> {
    /// Name in the drug's text.
    pub(crate) name: &'a str,
    /// Path of keys in the card.
    pub(crate) path: &'a str,
    /// Symbol and words.
    pub(crate) meaning: &'a str,
    /// Unit of the model.
    pub(crate) unit: ModelUnit,
}
