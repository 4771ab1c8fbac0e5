//! A scorecard: in whom each group of a table of measured courses is simulated, and what each quantity is in
//! the model. It names trials, products and regimens of the library and says what differs from them.

mod apply;
mod read;

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::condition::{Condition, is_plain_name};
use crate::disease::Scale;
use crate::name::Name;
use crate::population::Trait;
use crate::quantity::{Number, Setting};
use crate::reader::read_text;

/// A scorecard.
#[derive(Debug, Clone, PartialEq)]
pub struct Scorecard {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// A few words about it.
    pub summary: Option<String>,
    /// What is simulated.
    pub simulations: Vec<SimulationSpec>,
    /// In which of them each group of the table is found.
    pub groups: Vec<Group>,
    /// Quantities that are not laboratory values of the disease.
    pub quantities: Vec<QuantitySpec>,
    /// Quantities that the model does not carry.
    pub absent: Vec<Absent>,
    /// Where the normal range begins.
    pub normals: Vec<Normal>,
}

/// One arm of a trial of the library, and what differs from it.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationSpec {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// The trial.
    pub trial: Name,
    /// The arm of the trial.
    pub arm: Name,
    /// Another regimen than the arm's.
    pub regimen: Option<Name>,
    /// Another product than the arm's.
    pub product: Option<Name>,
    /// Another population than the trial's.
    pub population: Option<Name>,
    /// Days after the graft that are simulated, > 0.
    pub horizon_days: f64,
    /// Quantities of the model that differ.
    pub set: Vec<Setting>,
    /// Traits of the population or product that are drawn in another way.
    pub traits: Vec<Trait>,
    /// What is like the people of the source and what is not.
    pub why: String,
    /// Where it stands.
    pub span: Span,
}

/// A group of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The text of the table's column `group`.
    pub name: Name,
    /// Where its people are found.
    pub people: People,
}

/// Where the people of a group are found.
#[derive(Debug, Clone, PartialEq)]
pub enum People {
    /// In this simulation.
    Simulated(Name),
    /// Nowhere yet, for this reason.
    NotSimulated(String),
}

/// A quantity of the table that is no laboratory value of the disease.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantitySpec {
    /// Identifier, as `quantity_id` of the table.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// Unit as shown.
    pub unit: String,
    /// The model's quantity, or an expression.
    pub observable: Name,
    /// Axis on which it is drawn.
    pub scale: Scale,
}

/// A quantity of the table that the model does not carry.
#[derive(Debug, Clone, PartialEq)]
pub struct Absent {
    /// The quantity, as `quantity_id` of the table.
    pub quantity: Name,
    /// Why it is not in the model.
    pub why: String,
}

/// Where the normal range of a quantity begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Normal {
    /// The quantity, as `quantity_id` of the table.
    pub quantity: Name,
    /// Lower end of the range of adults.
    pub low: Number,
}

impl Scorecard {
    /// Reads a scorecard. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read::read)
    }

    /// The expressions that are added to the model.
    pub fn conditions(&self) -> Vec<Condition> {
        let written = self.quantities.iter().filter(|quantity| !is_plain_name(&quantity.observable.text));
        written.map(|quantity| Condition::new(quantity.in_model(), &quantity.observable)).collect()
    }

    /// Why the model does not carry a quantity, if the scorecard says so.
    pub fn absent(&self, quantity: &str) -> Option<&Absent> {
        self.absent.iter().find(|absent| absent.quantity.text == quantity)
    }

    /// Lower end of the normal range of a quantity.
    pub fn normal(&self, quantity: &str) -> Option<&Normal> {
        self.normals.iter().find(|normal| normal.quantity.text == quantity)
    }
}

impl QuantitySpec {
    /// The model's name for it: the name as written, or the observable that is added for an expression.
    pub fn in_model(&self) -> String {
        let written = &self.observable.text;
        if is_plain_name(written) { written.clone() } else { format!("scorecard_{}", self.id.text) }
    }
}

#[cfg(test)]
mod tests;
