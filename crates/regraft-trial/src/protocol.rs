//! A trial made ready for the simulation: arms, doses, rules and visits in days, by index of the
//! program. Times are days from the trial's time zero. No names of the model, no cards.

use regraft_model::program::{Found, Target};

use crate::regimen::StepKind;
use crate::trial_file::{ArmRole, TimeZero};

/// Everything that happens in a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// What differs from the model's defaults in every patient from the start of the burn-in: the
    /// disease's parameters and starting states, then the population's traits (which win).
    pub settings: Vec<PlannedSetting>,
    /// From healthy to diseased.
    pub burn_in: Option<PlannedPhase>,
    /// The time before entry.
    pub run_in: Option<PlannedPhase>,
    /// How a number of years of illness is read of a person, where it is a reading.
    pub past: Option<PlannedPast>,
    /// What is set at entry, after the run-in.
    pub entry: Vec<PlannedSetting>,
    /// Entry conditions, in the order in which they are asked.
    pub eligibility: Vec<PlannedCondition>,
    /// The trial is given up if more are screened per patient found.
    pub max_screened_per_patient: u32,
    /// The arms, in the order of the file.
    pub arms: Vec<ArmPlan>,
    /// Scores that are read, as the disease lists them.
    pub scores: Vec<PlannedScore>,
    /// Counts, as the disease lists them.
    pub counts: Vec<PlannedCount>,
    /// Laboratory values, as the disease lists them.
    pub labs: Vec<PlannedLab>,
    /// The model's event with which a patient's course ends.
    pub terminal_event: Option<u32>,
    /// Events and thresholds of endpoints.
    pub watched: Watched,
    /// End of the trial, days.
    pub horizon_days: f64,
    /// What happens at time zero.
    pub time_zero: TimeZero,
}

/// What endpoints look at in the model, beside scores, counts and laboratory values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watched {
    /// Events of the model, by the name that the endpoint writes.
    pub events: Vec<(String, u32)>,
    /// Quantities compared with thresholds, by the name that the endpoint writes.
    pub observables: Vec<(String, Found)>,
}

/// A value with the columns by which it is multiplied in each patient.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedAmount {
    /// The value, in the model's unit.
    pub value: f64,
    /// Columns of the cohort by which it is multiplied: at most one.
    pub factor: Option<Factor>,
}

impl PlannedAmount {
    /// The same for everyone.
    pub fn fixed(value: f64) -> Self {
        PlannedAmount { value, factor: None }
    }
}

/// A column of the cohort that multiplies an amount.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// The weight in kg.
    Weight,
    /// The body surface in m².
    BodySurface,
    /// The drawn column of that name.
    Column(String),
}

impl Factor {
    /// Name of the column in the cohort.
    pub fn column(&self) -> &str {
        match self {
            Factor::Weight => crate::cohort::WEIGHT,
            Factor::BodySurface => crate::cohort::BODY_SURFACE,
            Factor::Column(name) => name,
        }
    }
}

/// A quantity and what it is set to.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSetting {
    /// What is set.
    pub target: Target,
    /// To what.
    pub amount: PlannedAmount,
}

/// A stretch of the course before the trial.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedPhase {
    /// Length, days; 0 where each person has their own.
    pub days: f64,
    /// Column of the cohort that holds each person's own length, days.
    pub days_of: Option<String>,
    /// What is set at its start, and at its end set back to the patient's own values.
    pub settings: Vec<PlannedSetting>,
}

/// How a number of years of illness is read of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedPast {
    /// What is set to the years.
    pub years: Target,
    /// The unit of the population's years in the unit of the model.
    pub unit: f64,
    /// The score to which the person's own rates lead in these years.
    pub score: Found,
    /// The score at entry.
    pub entry: Found,
    /// Standard deviation of the one about the other.
    pub spread: f64,
    /// Mean age at which people fall ill, in the unit of the population's years, and its standard deviation.
    pub onset_age: (f64, f64),
}

/// A condition: an observable that is ≠ 0 where it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCondition {
    /// In words.
    pub name: String,
    /// Index into the program's observables.
    pub observable: u32,
}

/// A dose or rule is given only where all its switches are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Switch {
    /// All release tests of the arm's product hold.
    Released,
    /// The patient's draw of [`ArmPlan::choices`]`[choice]` is `option`.
    Chose {
        /// Which choice.
        choice: u32,
        /// Which option.
        option: u32,
    },
}

/// What an action does to its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DoseKind {
    /// The amount is added at once. The target is a state.
    Add,
    /// The amount flows in evenly. The target is a state.
    Infuse {
        /// For so many days, > 0.
        duration_days: f64,
    },
    /// The target is set to the amount.
    Set,
    /// The target is multiplied by the amount.
    Scale,
    /// The target is set to the amount where it lies above one value and not above another: a step of a ladder.
    SetBetween {
        /// Values above this one, in the model's unit.
        above: f64,
        /// Up to this one, itself included.
        to: f64,
    },
}

/// One dose.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedDose {
    /// When it is given (an infusion: when it begins), days.
    pub time_days: f64,
    /// What it does.
    pub kind: DoseKind,
    /// What it changes.
    pub target: Target,
    /// How much.
    pub amount: PlannedAmount,
    /// Given only where all of these are on.
    pub given_if: Vec<Switch>,
    /// The regimen's step it belongs to, from 0.
    pub step: u32,
}

/// When a rule is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum PlannedTrigger {
    /// At this event of the program.
    Event(u32),
    /// At these times, ascending, days.
    Times(Vec<f64>),
}

/// One action of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedAction {
    /// After the trigger, days, ≥ 0.
    pub delay_days: f64,
    /// What it does.
    pub kind: DoseKind,
    /// What it changes.
    pub target: Target,
    /// How much.
    pub amount: PlannedAmount,
}

/// A rule. One rule of a regimen with several options becomes one planned rule per option.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRule {
    /// The card's id.
    pub id: String,
    /// Title for people; with an option's drug.
    pub title: String,
    /// When it is asked.
    pub trigger: PlannedTrigger,
    /// It listens from this time on, days.
    pub from_days: f64,
    /// It listens up to this time, days.
    pub to_days: f64,
    /// It acts only where this observable is ≠ 0.
    pub condition: Option<u32>,
    /// Once this observable is ≠ 0 at a trigger, the rule is over for the patient.
    pub until: Option<u32>,
    /// It acts only where all of these are on.
    pub given_if: Vec<Switch>,
    /// What it does.
    pub actions: Vec<PlannedAction>,
    /// At most so many times.
    pub max_times: Option<u32>,
    /// After acting it is deaf for so many days.
    pub refractory_days: f64,
    /// Word for the decision log, by which endpoints know it.
    pub marks: Option<String>,
}

/// Treatments of which each patient gets one.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedChoice {
    /// Name of the random stream, `choice:REGIMEN:STEP`.
    pub stream: String,
    /// The drugs, by id.
    pub drugs: Vec<String>,
    /// Weights of the drugs.
    pub weights: Vec<f64>,
}

/// One arm.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmPlan {
    /// Identifier.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Studied or comparator.
    pub role: ArmRole,
    /// The regimen's title.
    pub regimen_title: String,
    /// The product's title, where one is given.
    pub product_title: Option<String>,
    /// Start of the arm: the earliest step or time zero, whichever is first; ≤ 0.
    pub start_days: f64,
    /// The regimen's day zero.
    pub day_zero_days: f64,
    /// Day on which the product is infused, where a step does so.
    pub graft_days: Option<f64>,
    /// What is set in every patient of the arm at its start: drugs, product, then the product's traits.
    pub settings: Vec<PlannedSetting>,
    /// Day on which the graft is collected for the last time, where a step does so.
    pub collect_days: Option<f64>,
    /// Release tests of the product, asked just after the collection, else at the start, with `settings` in place.
    pub release: Vec<PlannedCondition>,
    /// Choices, by index of [`Switch::Chose`].
    pub choices: Vec<PlannedChoice>,
    /// Doses, sorted by time; at one time in the order of the card.
    pub doses: Vec<PlannedDose>,
    /// Rules, in the order of the card.
    pub rules: Vec<PlannedRule>,
    /// Days of scores, ascending.
    pub score_days: Vec<f64>,
    /// Days of imaging, ascending.
    pub imaging_days: Vec<f64>,
    /// Days of the laboratory, ascending.
    pub lab_days: Vec<f64>,
    /// The arm as a timeline of steps, for drawing.
    pub steps: Vec<StepLine>,
}

/// One line of an arm's timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLine {
    /// What it is.
    pub kind: StepKind,
    /// Words: the step's label, else the drug's title.
    pub title: String,
    /// The drug's id, where one drug is given.
    pub drug: Option<String>,
    /// First day, from time zero.
    pub from_days: f64,
    /// Last day.
    pub to_days: f64,
    /// Each day.
    pub days: Vec<f64>,
    /// The dose in words, as prescribed; empty where nothing is dosed.
    pub dose: String,
    /// Source of the dose, else of the step; empty where none is stated.
    pub source: String,
    /// The rule that gives it, by id; `None` for a step.
    pub rule: Option<String>,
}

/// A score in the program.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedScore {
    /// The disease's name for it.
    pub name: String,
    /// What is read.
    pub observable: Found,
    /// Rounded to steps of this.
    pub step: f64,
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// +1 where higher is worse, −1 where lower is.
    pub worse_sign: f64,
    /// Standard deviation between visits, before rounding.
    pub noise_sd: f64,
}

/// A count in the program.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCount {
    /// The disease's name for it.
    pub name: String,
    /// Its expected number since the start.
    pub cumulative: Found,
}

/// A laboratory value in the program.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedLab {
    /// The disease's name for it.
    pub name: String,
    /// What is measured.
    pub observable: Found,
    /// Coefficient of variation of the measurement.
    pub cv: f64,
    /// Limit of quantification.
    pub lower_limit: Option<f64>,
}
