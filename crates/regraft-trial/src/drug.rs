//! A drug: what the body does to it, what it does to cells, and what a dose of it changes in the model.

mod effects;
mod kinetics;

pub use effects::{Effect, EffectKind, Form, Kill, Strength};
pub use kinetics::Kinetics;

use regraft_model::{Diagnostic, SourceId, Sources};

use crate::codes;
use crate::constant::Constant;
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
    /// What the body does to the drug. With it the drug's part of the model is written from the card.
    pub kinetics: Option<Kinetics>,
    /// Strength in the kill rates of a card of sensitivities.
    pub kill: Option<Kill>,
    /// Effects of its own.
    pub effects: Vec<Effect>,
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

    /// All constants of the drug's own text, in its order.
    pub fn constants(&self) -> Vec<&Constant> {
        let kinetics = self.kinetics.iter().flat_map(|kinetics| &kinetics.constants);
        let shared =
            self.kill.iter().flat_map(|kill| kill.reference_exposure.iter().chain(&kill.half_effect));
        let strengths = self.kill.iter().flat_map(|kill| kill.strengths.iter().map(|one| &one.constant));
        let own = self.effects.iter().flat_map(Effect::constants);
        kinetics.chain(shared).chain(strengths).chain(own).collect()
    }

    /// The full last part of a name of the drug's text in the model: `drugs.melphalan.clearance`.
    pub fn name_in_model(&self, name: &str) -> String {
        format!("drugs.{}.{name}", self.id.text)
    }

    /// The dose that is given: as a step writes it, else the usual one.
    pub fn given_dose<'a>(&'a self, written: Option<&'a Number>) -> Option<&'a Number> {
        written.or(self.give.dose.as_ref())
    }
}

fn read(reader: &mut Reader<'_>) -> Drug {
    let id = reader.identifier("id");
    let (title, class) = (reader.text("title").text, reader.optional_text("class").map(|class| class.text));
    let summary = reader.optional_text("summary").map(|summary| summary.text);
    let kinetics = Kinetics::read(reader);
    let mut drug = Drug {
        give: read_give(reader, &id, kinetics.as_ref()),
        id,
        title,
        class,
        summary,
        kill: None,
        effects: Vec::new(),
        kinetics: None,
        parameters: reader.settings("parameters"),
    };
    match &kinetics {
        Some(kinetics) => {
            drug.kill = Kill::read(reader, kinetics);
            drug.effects = effects::read_effects(reader, kinetics);
        }
        None => refuse_effects(reader),
    }
    drug.kinetics = kinetics;
    reader.optional_text("note");
    drug
}

fn refuse_effects(reader: &mut Reader<'_>) {
    for key in ["kill", "effects"] {
        if let Some((span, _)) = reader.take(key) {
            let message = format!("`{key}` needs `[pharmacokinetics]`");
            reader.report(Diagnostic::error(codes::MISSING_KEY, span, message));
        }
    }
}

fn read_give(reader: &mut Reader<'_>, id: &Name, kinetics: Option<&Kinetics>) -> Give {
    let span = reader.span();
    let unwritten = match kinetics {
        None => reader.table("give"),
        Some(_) => reader.optional_table("give"),
    };
    let Some(mut table) = unwritten else {
        let (target, unit) = (Name::missing(span), Name::missing(span));
        let give = Give { target, unit, mode: GiveMode::Add, factor: None, fixed_per_kg: false, dose: None };
        return kinetics.map_or(give.clone(), |kinetics| own_give(give, id, kinetics));
    };
    let modes = [("add", GiveMode::Add), ("set", GiveMode::Set)];
    let mut give = Give {
        target: Name::missing(table.span()),
        unit: Name::missing(table.span()),
        mode: table.optional_word("mode", &modes).unwrap_or(GiveMode::Add),
        factor: table.optional_quantity("factor", Bound::NotNegative),
        fixed_per_kg: table.flag("fixed_per_kg", false),
        dose: table.optional_quantity("dose", Bound::NotNegative),
    };
    match kinetics {
        None => (give.target, give.unit) = (table.text("target"), read_unit(&mut table)),
        Some(kinetics) => give = own_give(give, id, kinetics),
    }
    table.finish();
    give
}

/// Where the drug's own part of the model receives doses.
fn own_give(give: Give, id: &Name, kinetics: &Kinetics) -> Give {
    let (state, unit) = match give.mode {
        GiveMode::Add => (kinetics.dose_state(), kinetics.amount.amount()),
        GiveMode::Set => ("daily_dose", kinetics.amount.per_day()),
    };
    let target = Name { text: format!("drugs.{}.{state}", id.text), span: kinetics.span };
    Give { target, unit: Name { text: unit.card, span: kinetics.span }, ..give }
}

/// The unit with its place, since a wrong dose unit points at it too. It may be empty.
fn read_unit(table: &mut Reader<'_>) -> Name {
    let span = table.take("unit").map_or(table.span(), |(span, _)| span);
    Name { text: table.unit(), span }
}
