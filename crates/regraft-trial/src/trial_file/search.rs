//! The space of a regimen: what of one arm of a trial may be varied, within which bounds and constraints, and by what
//! the regimens so made are judged.

mod formula;
mod read;

pub use formula::Formulas;

pub(crate) use read::read;

use regraft_model::Span;

use crate::endpoint::{Endpoint, EndpointKind};
use crate::name::Name;
use crate::quantity::Provenance;
use crate::regimen::StepKind;
use crate::trial_file::Method;

/// The table `[search]` of a trial file.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchSpace {
    /// The arm whose regimen is varied.
    pub arm: Name,
    /// What is varied, in the order in which it is applied.
    pub variables: Vec<Variable>,
    /// What must hold between variables.
    pub constraints: Vec<Constraint>,
    /// By what a regimen is judged.
    pub objectives: Vec<Objective>,
    /// Regimens that are set beside the frontier; empty for those of the library's trials in this disease.
    pub compare: Vec<Compare>,
    /// Names of variables and objectives that could not be read: formulas that use them are not to blame.
    pub unread: Vec<Name>,
    /// Source and grounds of the bounds.
    pub provenance: Provenance,
    /// Where it stands.
    pub span: Span,
}

/// One thing that is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Name, by which formulas know it.
    pub name: Name,
    /// Title for people.
    pub title: String,
    /// What its value does.
    pub change: Change,
    /// To which steps and rules.
    pub of: Selection,
    /// Which values it takes.
    pub values: Values,
    /// Unit as written; where it is not written that of the dose, or days.
    pub unit: Option<Name>,
    /// Where it stands.
    pub span: Span,
}

/// What the value of a variable does to the steps and rules that it selects.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Each dose is the value.
    Dose,
    /// Each dose is so many times what the card writes.
    DoseTimes,
    /// Everything happens so many days later.
    ShiftDays,
    /// A step is done so often, at the distance that the card writes.
    Repeats,
    /// So many days lie between the days of a step, or between the times at which a rule is asked.
    EveryDays,
    /// Steps that follow each other (a taper) last so many times as long as the card writes.
    StretchTimes,
    /// They are done (1) or left out (0).
    Given,
    /// A quantity of the model that the steps set is set to the value.
    Set(Name),
    /// A quantity of the model is multiplied by the value.
    SetTimes(Name),
    /// The product of the arm.
    Product,
}

pub(crate) const CHANGES: [(&str, Word); 10] = [
    ("dose", Word::Dose),
    ("dose_times", Word::DoseTimes),
    ("shift_days", Word::ShiftDays),
    ("repeats", Word::Repeats),
    ("every_days", Word::EveryDays),
    ("stretch_times", Word::StretchTimes),
    ("given", Word::Given),
    ("set", Word::Set),
    ("set_times", Word::SetTimes),
    ("product", Word::Product),
];

/// The words of [`Change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Dose,
    DoseTimes,
    ShiftDays,
    Repeats,
    EveryDays,
    StretchTimes,
    Given,
    Set,
    SetTimes,
    Product,
}

impl Change {
    /// Unit of a value that is no dose.
    pub fn unit(&self) -> &'static str {
        match self {
            Change::ShiftDays | Change::EveryDays => "days",
            Change::DoseTimes | Change::StretchTimes | Change::SetTimes(_) => "times",
            _ => "",
        }
    }
}

/// Steps and rules of a regimen. A step is selected where it meets everything that is written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// Ids of steps.
    pub steps: Vec<Name>,
    /// Steps that give one of these drugs.
    pub drugs: Vec<Name>,
    /// Steps of these kinds.
    pub kinds: Vec<StepKind>,
    /// Ids of rules.
    pub rules: Vec<Name>,
}

/// Which values a variable takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// From `low` to `high`, on a grid of `step`; 0 for any value between.
    Range {
        /// Lowest.
        low: f64,
        /// Highest.
        high: f64,
        /// Distance of neighbors.
        step: f64,
    },
    /// One of these products; a formula sees its place, from 0.
    Products(Vec<Name>),
}

/// What must hold between variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// In words.
    pub name: Name,
    /// The condition over names of variables, in the model's language.
    pub when: Name,
}

/// By what a regimen is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Name, by which formulas know it.
    pub name: Name,
    /// Title for people.
    pub title: String,
    /// What is computed.
    pub measure: Measure,
    /// Whether more or less of it is wanted.
    pub aim: Aim,
    /// Unit for people, of a formula.
    pub unit: String,
    /// An aim only where it is asked for by name; else its value is shown beside the aims.
    pub optional: bool,
    /// Where it stands.
    pub span: Span,
}

/// What an objective computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// An endpoint in the cohort.
    Endpoint {
        /// The endpoint.
        endpoint: Name,
        /// How it is summed up; where not written [`usual_method`].
        method: Option<Method>,
        /// Day of the endpoint's clock, where the method needs one.
        at_day: Option<f64>,
    },
    /// A formula over variables and over objectives that are endpoints, in the model's language.
    Formula(Name),
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// More.
    Maximize,
    /// Less.
    Minimize,
}

/// A regimen that is set beside the frontier.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// The regimen.
    pub regimen: Name,
    /// Its product, where it infuses one.
    pub product: Option<Name>,
    /// Title for people, if it differs from the regimen's.
    pub title: Option<String>,
    /// Day of its day zero; where not written that of the arm that is varied for a transplant, else 0.
    pub day_zero_at: Option<f64>,
    /// Values of variables, for formulas alone.
    pub values: Vec<(Name, f64)>,
    /// Where it stands.
    pub span: Span,
}

/// How an endpoint is summed up where nothing is written: cumulative incidence of times, share of proportions, mean of
/// values, events per year of rates.
pub fn usual_method(endpoint: &Endpoint) -> Method {
    match endpoint.kind {
        EndpointKind::TimeToEvent { .. } => Method::CumulativeIncidence,
        EndpointKind::Proportion { .. } => Method::Proportion,
        EndpointKind::Mean { .. } => Method::Mean,
        EndpointKind::Change { .. } => Method::MeanChange,
        EndpointKind::AnnualRate { .. } => Method::AnnualRate,
    }
}

#[cfg(test)]
mod tests;
