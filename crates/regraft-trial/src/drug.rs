//! A drug: what a dose of it changes in the model.

use regraft_model::{Diagnostic, SourceId, Sources};

use crate::name::Name;
use crate::quantity::{Number, Setting};
use crate::reader::{Bound, Reader, read_text};

/// A drug card.
#[derive(Debug, Clone, PartialEq)]
pub struct Drug {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// Pharmacological class, in words.
    pub class: Option<String>,
    /// A few words for the catalogue.
    pub summary: Option<String>,
    /// What a dose does.
    pub give: Give,
    /// Kinetics and potency in the model, for every patient that may receive the drug.
    pub parameters: Vec<Setting>,
}

/// What a dose does.
#[derive(Debug, Clone, PartialEq)]
pub struct Give {
    /// The model's quantity that changes.
    pub target: Name,
    /// Unit of that quantity, in which a dose is brought to it.
    pub unit: Name,
    /// Added at once, or set while the drug is given.
    pub mode: GiveMode,
    /// Amount in the target = dose in `unit` × factor; 1 where not written.
    pub factor: Option<Number>,
    /// A dose per kg is not multiplied by the weight (the target is an amount per kg).
    pub fixed_per_kg: bool,
    /// The usual dose, where a step states none.
    pub dose: Option<Number>,
}

/// How a dose acts on its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveMode {
    /// Added to a state.
    Add,
    /// Set while the drug is given, 0 afterwards.
    Set,
}

impl Drug {
    /// Reads a drug card. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }

    /// The dose that is given: as a step writes it, else the usual one.
    pub fn given_dose<'a>(&'a self, written: Option<&'a Number>) -> Option<&'a Number> {
        written.or(self.give.dose.as_ref())
    }
}

fn read(reader: &mut Reader<'_>) -> Drug {
    let drug = Drug {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        class: reader.optional_text("class").map(|class| class.text),
        summary: reader.optional_text("summary").map(|summary| summary.text),
        give: read_give(reader),
        parameters: reader.settings("parameters"),
    };
    reader.optional_text("note");
    drug
}

fn read_give(reader: &mut Reader<'_>) -> Give {
    let span = reader.span();
    let Some(mut table) = reader.table("give") else {
        let (target, unit) = (Name::missing(span), Name::missing(span));
        return Give { target, unit, mode: GiveMode::Add, factor: None, fixed_per_kg: false, dose: None };
    };
    let modes = [("add", GiveMode::Add), ("set", GiveMode::Set)];
    let give = Give {
        target: table.text("target"),
        unit: read_unit(&mut table),
        mode: table.optional_word("mode", &modes).unwrap_or(GiveMode::Add),
        factor: table.optional_quantity("factor", Bound::NotNegative),
        fixed_per_kg: table.flag("fixed_per_kg", false),
        dose: table.optional_quantity("dose", Bound::NotNegative),
    };
    table.finish();
    give
}

/// The unit with its place, since a wrong dose unit points at it too. It may be empty.
fn read_unit(table: &mut Reader<'_>) -> Name {
    let span = table.take("unit").map_or(table.span(), |(span, _)| span);
    Name { text: table.unit(), span }
}
