//! The answer: plain data that the texts and pages show.

use serde::Serialize;

use super::beside::Beside;
use super::cases::Lived;
use super::facts::How;
use super::{Question, outcomes, rows};
use crate::findings::Parts;
use crate::library::Library;
use crate::report::data::{Arm, Fan};
use crate::report::words::{self, as_printed};
use crate::study::arm_drawn;

/// What is found for one patient.
#[derive(Debug, Clone, Serialize)]
pub struct Twin {
    /// Id of the disease.
    pub disease: String,
    /// For people.
    pub disease_title: String,
    /// Which people the twins are drawn from.
    pub population: Population,
    /// Follow-up, days.
    pub horizon_days: f64,
    /// Seed.
    pub seed: u64,
    /// What is known of the patient.
    pub facts: Vec<Fact>,
    /// Measurements that sharpened the twins.
    pub measurements: usize,
    /// How the twins were drawn.
    pub drawn: Drawn,
    /// What lies outside what was studied, for people; empty where nothing does.
    pub extrapolated: Vec<String>,
    /// The regimens; the others are compared with the last.
    pub regimens: Vec<Regimen>,
    /// Every endpoint.
    pub outcomes: Vec<Outcome>,
    /// Scores over time.
    pub scores: Vec<Score>,
    /// Laboratory values over time.
    pub labs: Vec<Fan>,
    /// What is done in each regimen, for drawing.
    #[serde(skip)]
    pub arms: Vec<Arm>,
    /// What is not simulated in this disease, for people.
    pub not_simulated: Vec<String>,
    /// Why the intervals are not split into parameters, patients and chance, for people; none where they are.
    pub not_split: Option<String>,
    /// The assumptions that carry the results, for people.
    pub assumptions: Vec<String>,
    /// The command that repeats it.
    pub command: String,
    /// Version of the program.
    pub version: String,
}

/// A fact about the patient.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// Name.
    pub name: String,
    /// For people.
    pub title: String,
    /// Value.
    pub value: f64,
    /// Unit.
    pub unit: String,
    /// Lowest and highest value of the population; none for what comes out of the simulation.
    pub range: Option<(f64, f64)>,
    /// `fixed`, or `weighed`: twins are taken by how near they come.
    pub how: &'static str,
    /// Standard deviation by which twins are weighed.
    pub tolerance: Option<f64>,
    /// Whether that is one of the logarithm: a share of the value.
    pub tolerance_is_share: bool,
    /// Whether it lies inside the population.
    pub inside: bool,
}

impl Fact {
    /// The value with its unit, and the range of the population: "34 years" and "18 to 55", "yes" and "no or yes".
    pub fn told(&self) -> (String, Option<String>) {
        if self.range == Some((0.0, 1.0)) && (self.value == 0.0 || self.value == 1.0) && self.unit.is_empty()
        {
            let value = if self.value == 1.0 { "yes" } else { "no" };
            return (value.to_string(), Some("no or yes".to_string()));
        }
        let unit = match self.unit.as_str() {
            "year" if self.value != 1.0 => "years".to_string(),
            unit => words::printed_units(unit),
        };
        let range = self.range.map(|(low, high)| format!("{} to {}", as_printed(low), as_printed(high)));
        (format!("{} {unit}", as_printed(self.value)).trim_end().to_string(), range)
    }
}

/// The population of the twins.
#[derive(Debug, Clone, Serialize)]
pub struct Population {
    /// Id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Why this one.
    pub why: String,
    /// The trial whose visits and endpoints are taken.
    pub pattern: String,
    /// Other populations of the disease, for `--population`.
    pub others: Vec<String>,
}

/// How the twins were drawn.
#[derive(Debug, Clone, Serialize)]
pub struct Drawn {
    /// Candidates tried.
    pub candidates: usize,
    /// Candidates that met the entry conditions.
    pub eligible: usize,
    /// Twins.
    pub twins: usize,
    /// Their effective number \[Kish1965\].
    pub effective: f64,
    /// Members of the posterior with whose parameters they live; 1 where all live with the same.
    pub members: usize,
    /// Effective number of members after the facts: a member in whom people like this one are rare counts less. None
    /// where all live with the same parameters.
    pub effective_members: Option<f64>,
}

/// A regimen that the twins lived.
#[derive(Debug, Clone, Serialize)]
pub struct Regimen {
    /// Id.
    pub id: String,
    /// For people.
    pub title: String,
    /// In plain words, where the card has them.
    pub plain: Option<String>,
    /// Product, if one is given.
    pub product: Option<String>,
    /// Evidence grade of the therapy in this disease: `strong` … `weak`, `negative`, `none`.
    pub grade: String,
    /// The grounds.
    pub why: String,
    /// Populations of published trials in which this therapy was given.
    pub studied_in: Vec<String>,
    /// Whether it gives nothing beside what is given when something happens: a placebo, visits alone.
    pub gives_nothing: bool,
    /// Whether the patient lies outside all of these.
    pub outside: bool,
    /// Twins who could not be solved.
    pub failed: usize,
}

impl Regimen {
    /// Whether benefit may be told in numbers: the therapy is studied, not refuted, in people like this patient.
    ///
    /// A regimen that gives nothing needs no proof.
    pub fn benefit_is_known(&self) -> bool {
        !self.outside && (self.gives_nothing || !matches!(self.grade.as_str(), "none" | "negative" | ""))
    }
}

/// Where an outcome is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The question of the trial taken as a pattern.
    Primary,
    /// Another benefit.
    Benefit,
    /// A harm.
    Harm,
}

/// An estimate with its interval; none where there is no estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// The estimate; probabilities from 0 to 1.
    pub estimate: Option<f64>,
    /// Lower end at 95 %.
    pub low: Option<f64>,
    /// Upper end at 95 %.
    pub high: Option<f64>,
    /// Standard deviation between draws of the posterior, in the unit of the estimate: what the ends hold of the
    /// parameters' doubt. None where it is not known.
    pub parameters: Option<f64>,
    /// Where the doubt that the interval holds comes from; `n` is the effective number of people. None where it is not
    /// split.
    pub parts: Option<Parts>,
}

/// One endpoint.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Id of the endpoint.
    pub endpoint: String,
    /// For people.
    pub title: String,
    /// In plain words, where the card has them.
    pub plain: Option<String>,
    /// Definition.
    pub definition: String,
    /// Where it is shown.
    pub role: Role,
    /// `probability` of the event by the day, `rate` per year, `mean` or `change` at the day.
    pub kind: &'static str,
    /// Unit of a mean or change.
    pub unit: String,
    /// Whether more of it is worse.
    pub more_is_worse: bool,
    /// Whether it is death of any cause.
    pub is_death: bool,
    /// Days from the decision.
    pub day: f64,
    /// By regimen.
    pub values: Vec<Value>,
    /// Each regimen minus the last, in the same twins; none for the last itself.
    pub differences: Vec<Option<Value>>,
}

/// A score over time in one regimen.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// The fan.
    #[serde(flatten)]
    pub fan: Fan,
    /// Whether higher is worse.
    pub higher_is_worse: bool,
}

impl Twin {
    /// Whether the intervals hold the doubt about the parameters, where it can be told.
    pub fn holds_parameters(&self) -> bool {
        let values = self.outcomes.iter().flat_map(|outcome| &outcome.values);
        values.into_iter().any(|value| value.parameters.is_some())
    }
}

/// Sums up what the twins lived.
pub fn answer(library: &Library, question: &Question, lived: &Lived, beside: &Beside) -> Twin {
    let trial = &question.trial;
    let disease = &trial.trial.disease;
    let likes = &lived.likes;
    let facts: Vec<Fact> = question.facts.list.iter().map(fact).collect();
    let regimens = regimens(library, question, lived, &facts);
    let worse = |name: &str| {
        let score = disease.scores.iter().find(|score| score.name.text == name);
        score.is_some_and(|score| score.worse == regraft_trial::disease::Worse::Higher)
    };
    let scores = rows::scores(question, lived);
    Twin {
        disease: disease.id.text.clone(),
        disease_title: disease.title.clone(),
        population: Population {
            id: trial.trial.population.id.text.clone(),
            title: trial.trial.population.title.clone(),
            why: question.chosen.why.clone(),
            pattern: question.chosen.pattern.clone(),
            others: question.chosen.others.clone(),
        },
        horizon_days: trial.protocol.horizon_days,
        seed: question.asked.seed,
        extrapolated: extrapolated(question, lived, &facts, &regimens),
        facts,
        measurements: question.rows.len(),
        drawn: Drawn {
            candidates: likes.tried,
            eligible: likes.eligible,
            twins: likes.weights.len(),
            effective: likes.effective,
            members: trial.members.as_ref().map_or(1, |members| members.n_members()),
            effective_members: likes.by_member().effective_members(),
        },
        regimens,
        outcomes: outcomes::outcomes(question, lived, beside),
        scores: scores.into_iter().map(|fan| Score { higher_is_worse: worse(&fan.lab), fan }).collect(),
        labs: rows::labs(question, lived),
        arms: arms(question),
        not_simulated: disease.not_simulated.clone(),
        not_split: beside.not_split(question),
        assumptions: disease.assumptions.clone(),
        command: question.asked.command.clone(),
        version: env!("CARGO_PKG_VERSION").to_string(),
    }
}

/// The arms with short names: the plain ones where these tell the regimens apart.
fn arms(question: &Question) -> Vec<Arm> {
    let trial = &question.trial;
    let plain: Vec<Option<&String>> = trial.trial.arms.iter().map(|arm| arm.regimen.plain.as_ref()).collect();
    let one = |place: usize| {
        let is_own = plain.iter().filter(|name| **name == plain[place]).count() == 1;
        Arm { short: plain[place].filter(|_| is_own).cloned(), ..arm_drawn(trial, place) }
    };
    (0..trial.arm_ids.len()).map(one).collect()
}

fn fact(known: &super::facts::Known) -> Fact {
    let (how, tolerance) = match &known.how {
        How::Fixed(_) => ("fixed", None),
        How::Weighed(reading) => ("weighed", Some(reading.tolerance())),
        How::Years => ("weighed", None),
    };
    Fact {
        name: known.name.clone(),
        title: known.title.clone(),
        value: known.value,
        unit: known.unit.clone(),
        range: known.range,
        how,
        tolerance: tolerance.map(|(sd, _)| sd),
        tolerance_is_share: tolerance.is_some_and(|(_, share)| share),
        inside: known.range.is_none_or(|(low, high)| (low..=high).contains(&known.value)),
    }
}

fn regimens(library: &Library, question: &Question, lived: &Lived, facts: &[Fact]) -> Vec<Regimen> {
    let trial = &question.trial.trial;
    let one = |(place, arm): (usize, &regraft_trial::TrialArm)| {
        let grade = trial.grade(arm);
        let studied_in = question.chosen.studied_in[place].clone();
        let steps = &arm.regimen.steps;
        let gives_nothing = arm.product.is_none()
            && steps.iter().all(|step| step.drug.is_none() && step.one_of.is_empty() && step.set.is_empty());
        let holds = |id: &String| holds_all(library, id, facts);
        Regimen {
            id: arm.arm.id.text.clone(),
            title: arm.regimen.title.clone(),
            plain: arm.regimen.plain.clone(),
            product: arm.product.as_ref().map(|product| product.title.clone()),
            grade: grade.map_or("none".into(), |grade| grade.grade.clone()),
            why: match grade {
                Some(grade) => grade.why.clone(),
                None if gives_nothing => "nothing is given that would need proof".into(),
                None => "no trial of this therapy in this disease was read".into(),
            },
            gives_nothing,
            outside: if gives_nothing {
                facts.iter().any(|fact| !fact.inside)
            } else {
                !studied_in.iter().any(holds)
            },
            studied_in,
            failed: lived.cases.arms[place].failed,
        }
    };
    trial.arms.iter().enumerate().map(one).collect()
}

/// Whether a population holds all facts that name one of its traits.
fn holds_all(library: &Library, population: &str, facts: &[Fact]) -> bool {
    let Some(card) = library.cards.populations.get(population) else { return false };
    facts.iter().all(|fact| {
        let own = super::facts::spread(card, &fact.name);
        own.is_none_or(|spec| {
            let (low, high) = super::facts::range(spec);
            (low..=high).contains(&fact.value)
        })
    })
}

/// Twins below which the estimates are said to be thin.
const FEW: f64 = 50.0;

fn extrapolated(question: &Question, lived: &Lived, facts: &[Fact], regimens: &[Regimen]) -> Vec<String> {
    let population = &question.trial.trial.population;
    let mut found = Vec::new();
    for fact in facts.iter().filter(|fact| !fact.inside) {
        let (low, high) = fact.range.unwrap_or_default();
        found.push(format!(
            "{} {} lies outside the population, which holds {} to {}",
            fact.title,
            as_printed(fact.value),
            as_printed(low),
            as_printed(high)
        ));
    }
    for condition in &lived.likes.waived {
        found.push(format!(
            "the patient does not meet an entry condition of this population, so it was not asked: {condition}"
        ));
    }
    for regimen in regimens {
        if regimen.gives_nothing {
            continue;
        }
        if regimen.studied_in.is_empty() && regimen.outside {
            found.push(format!(
                "{}: no published trial of this therapy in this disease is in the library",
                regimen.title
            ));
        } else if regimen.outside {
            found.push(format!(
                "{}: the patient lies outside every population in which it was studied ({})",
                regimen.title,
                regimen.studied_in.join(", ")
            ));
        }
    }
    if question.asked.patients < FEW as usize {
        found.push(format!("{} twins were asked for, too few to tell much", question.asked.patients));
    } else if lived.likes.effective < FEW {
        found.push(format!(
            "few of {} are like this patient: {} candidates gave twins worth {:.0}",
            population.id.text, lived.likes.tried, lived.likes.effective
        ));
    }
    if question.trial.protocol.horizon_days > question.chosen.pattern_days + 1.0 {
        found.push(format!(
            "the follow-up goes beyond day {}, where the trial taken as a pattern ends",
            as_printed(question.chosen.pattern_days)
        ));
    }
    found
}
