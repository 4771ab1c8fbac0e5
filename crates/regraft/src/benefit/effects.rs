//! The paired effect of every patient, and what a clinic knows of them at entry.

use regraft_stats::Seed;
use regraft_trial::Cohort;
use regraft_trial::duration::{DURATION, Past};
use regraft_trial::endpoint::Direction;
use regraft_trial::trial_file::ArmRole;
use serde::Serialize;

use super::Asked;
use crate::outcomes::{Observed, assess};
use crate::posterior::ByMember;
use crate::run_folder::{Column, Table};
use crate::study::{
    Entered, MOST_FAILED, Prepared, Quiet, RunOptions, Screening, StudyError, Watch, near_or_known, past,
    simulate_arm, with_other_fate,
};

/// Patients simulated together. Moves no result.
const CHUNK: usize = 512;

/// Something that is known of a patient at entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feature {
    /// Name in rules.
    pub name: String,
    /// For people.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Whether a clinic knows it.
    pub is_clinical: bool,
}

/// Where a feature is found.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Column(usize),
    Score(usize),
    Lab(usize),
    Duration,
}

/// Arms, endpoints and features by index.
#[derive(Debug, Clone)]
pub struct Plan {
    pub arm: usize,
    pub versus: usize,
    pub endpoint: usize,
    pub harms: Vec<usize>,
    pub day: f64,
    /// What may stand in an eligibility rule.
    pub features: Vec<Feature>,
    places: Vec<Place>,
    /// What the sought rule may use, by position in `features`.
    pub usable: Vec<usize>,
    /// Why years of illness say nothing here, where they do not and the disease says why.
    pub no_duration: Option<String>,
}

/// Traits that a clinic knows, by name; what a drug or product draws is none, and of a score or laboratory value the
/// reading is known, not the true value behind it.
fn is_clinical(name: &str, readings: &[&str]) -> bool {
    let behind = |reading: &&str| name == format!("entry_{reading}") || name == format!("{reading}_usual");
    if name.contains('.') || readings.iter().any(behind) {
        return false;
    }
    let whole =
        ["age", "female", "weight", "height", "comorbidity", "smoldering", "prednisone_dose", "type_2_share"];
    let parts = ["entry_", "_at_diagnosis", "_at_onset", "seropositive", "duration", "stool_weight"];
    whole.contains(&name) || parts.iter().any(|part| name.contains(part))
}

/// Names to indices; everything unknown at once.
pub fn plan(trial: &Prepared, asked: &Asked) -> Result<Plan, StudyError> {
    let mut problems: Vec<String> = Vec::new();
    let arms: Vec<&str> = trial.arm_ids.iter().map(String::as_str).collect();
    let endpoints: Vec<&str> = trial.endpoint_ids.iter().map(String::as_str).collect();
    let mut find = |known: &[&str], what: &str, name: &str| {
        let place = known.iter().position(|one| *one == name);
        if place.is_none() {
            let help = near_or_known(name, known.iter().copied());
            problems.push(format!("the trial has no {what} `{name}`{help}"));
        }
        place
    };
    let role = |wanted: ArmRole| trial.protocol.arms.iter().position(|arm| arm.role == wanted);
    let arm = match &asked.arm {
        Some(name) => find(&arms, "arm", name),
        None => role(ArmRole::Studied).or(Some(0)),
    };
    let versus = match &asked.versus {
        Some(name) => find(&arms, "arm", name),
        None => role(ArmRole::Comparator)
            .filter(|other| Some(*other) != arm)
            .or_else(|| (0..arms.len()).find(|other| Some(*other) != arm)),
    };
    let of_role = |wanted: &str| {
        trial.analyses.iter().find(|plan| plan.role == wanted).map(|plan| plan.endpoint_id.as_str())
    };
    let place = |id: &str| endpoints.iter().position(|one| *one == id);
    let endpoint = match &asked.endpoint {
        Some(name) => find(&endpoints, "endpoint", name),
        None => of_role("primary").and_then(place).or(Some(0)),
    };
    let harms: Vec<Option<usize>> = if asked.harms.is_empty() {
        let first = || of_role("harm").and_then(place);
        place("death").or_else(first).map(Some).into_iter().collect()
    } else {
        asked.harms.iter().map(|name| find(&endpoints, "endpoint", name)).collect()
    };
    let (features, places) = features(trial);
    let names: Vec<&str> = features.iter().map(|feature| feature.name.as_str()).collect();
    let with: Vec<Option<usize>> = asked.with.iter().map(|name| find(&names, "trait", name)).collect();
    let horizon = trial.protocol.horizon_days;
    let day = asked.day.unwrap_or(horizon);
    if day > horizon {
        problems.push(format!("the trial ends on day {horizon}, so nothing is read on day {day}"));
    }
    if versus.is_none() && asked.versus.is_none() {
        problems.push("the trial has one arm, so there is nothing to compare with".into());
    }
    if arm.is_some() && arm == versus {
        problems.push(format!("arm `{}` is compared with itself", arms[arm.unwrap_or(0)]));
    }
    let (Some(arm), Some(versus), Some(endpoint)) = (arm, versus, endpoint) else {
        return Err(StudyError::Usage(problems.join("\n")));
    };
    if !problems.is_empty() {
        return Err(StudyError::Usage(problems.join("\n")));
    }
    let mut usable: Vec<usize> = (0..features.len()).filter(|place| features[*place].is_clinical).collect();
    usable.extend(with.into_iter().flatten());
    usable.dedup();
    Ok(Plan {
        arm,
        versus,
        endpoint,
        harms: harms.into_iter().flatten().collect(),
        day,
        features,
        places,
        usable,
        no_duration: match &trial.trial.disease.past {
            Some(Past::Unknown(why)) => Some(why.clone()),
            _ => None,
        },
    })
}

fn features(trial: &Prepared) -> (Vec<Feature>, Vec<Place>) {
    let (mut features, mut places) = (Vec::new(), Vec::new());
    let cards = &trial.trial.population.traits;
    let disease = &trial.trial.disease;
    let readings = disease.scores.iter().map(|score| score.name.text.as_str());
    let readings: Vec<&str> = readings.chain(disease.labs.iter().map(|lab| lab.name.text.as_str())).collect();
    for (column, one) in trial.recipe.columns().iter().enumerate() {
        let title = cards.iter().find(|card| card.name.text == one.name).and_then(|card| card.title.clone());
        features.push(Feature {
            name: one.name.clone(),
            title: title.unwrap_or_else(|| one.name.replace('_', " ")),
            unit: one.unit.clone(),
            is_clinical: is_clinical(&one.name, &readings),
        });
        places.push(Place::Column(column));
    }
    if let Some(ill) = trial.trial.population.duration.as_ref().filter(|_| past::is_read(trial)) {
        let (title, unit) = (ill.title.clone(), ill.unit.clone());
        features.push(Feature { name: DURATION.into(), title, unit, is_clinical: true });
        places.push(Place::Duration);
    }
    // A score without any error of reading is a sum of the model, not something that is read.
    let scores = disease.scores.iter().enumerate().map(|(place, card)| {
        let is_read = trial.protocol.scores[place].noise_sd > 0.0;
        (Place::Score(place), &card.name.text, &card.title, &card.unit, is_read)
    });
    let labs = disease
        .labs
        .iter()
        .enumerate()
        .map(|(place, card)| (Place::Lab(place), &card.name.text, &card.title, &card.unit, true));
    for (place, name, title, unit, is_clinical) in scores.chain(labs) {
        if features.iter().all(|known: &Feature| known.name != *name) {
            features.push(Feature {
                name: name.clone(),
                title: title.clone(),
                unit: unit.clone(),
                is_clinical,
            });
            places.push(place);
        }
    }
    (features, places)
}

/// Patients one by one.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// Numbers of the patients.
    pub numbers: Vec<u64>,
    /// What is known of them, `[patient, feature]`.
    pub features: Vec<f64>,
    /// Number of features.
    pub width: usize,
    /// The benefit endpoint in the arm and in the one compared with, `[patient]`.
    pub benefit: Vec<(f64, f64)>,
    /// Whether a harm came, likewise.
    pub harm: Vec<(f64, f64)>,
    /// Whether more of the benefit endpoint is worse.
    pub more_is_worse: bool,
    /// Patients left out: not solved, or without a value in one of the arms.
    pub left_out: usize,
    /// Candidates screened.
    pub screened: usize,
    /// Seconds spent simulating.
    pub seconds: f64,
    /// The member of the posterior to which each belongs; `None` where all live with the same parameters.
    pub members: Option<Vec<usize>>,
    /// What each counts: 1.
    pub weights: Vec<f64>,
    /// Both endpoints of the first patients with another fate, `[patient]`; NaN where they are not known.
    pub again: Vec<Fate>,
    /// Names of the features.
    names: Vec<String>,
}

/// What one patient lives: both endpoints in the arm and in the one compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fate {
    /// The benefit endpoint.
    pub benefit: (f64, f64),
    /// Whether a harm came.
    pub harm: (f64, f64),
}

/// What is asked of a patient: above 0 is better for gain and net gain, worse for harm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// What the arm spares or gives.
    Gain,
    /// Harm that it brings.
    Harm,
    /// Gain less so many times the harm.
    Net(f64),
}

impl Effects {
    /// The patients by the members of the posterior.
    pub fn by_member(&self) -> ByMember<'_> {
        ByMember { members: self.members.as_deref(), weights: &self.weights }
    }

    /// The patients one by one: what is known of them, both endpoints in both arms.
    pub fn table(&self) -> Table {
        let numbers = self.numbers.iter().map(|number| *number as i64).collect();
        let mut columns = vec![("patient".to_string(), Column::Whole(numbers))];
        if let Some(members) = &self.members {
            let members = members.iter().map(|member| *member as i64).collect();
            columns.push(("member".to_string(), Column::Whole(members)));
        }
        for (place, name) in self.names.iter().enumerate() {
            let values = (0..self.numbers.len()).map(|row| self.of(row)[place]).collect();
            columns.push((name.clone(), Column::Number(values)));
        }
        let pairs = [("benefit", &self.benefit), ("harm", &self.harm)];
        for (word, pairs) in pairs {
            for (side, of) in [("arm", 0), ("versus", 1)] {
                let value = |pair: &(f64, f64)| if of == 0 { pair.0 } else { pair.1 };
                let name = format!("{word}_{side}");
                columns.push((name, Column::Number(pairs.iter().map(value).collect())));
            }
        }
        Table::new(columns.iter().map(|(name, column)| (name.as_str(), column.clone())).collect())
    }

    /// An effect in one fate.
    pub fn effect(&self, of: Effect, fate: Fate) -> f64 {
        let (own, other) = fate.benefit;
        let gain = if self.more_is_worse { other - own } else { own - other };
        let cost = fate.harm.0 - fate.harm.1;
        match of {
            Effect::Gain => gain,
            Effect::Harm => cost,
            Effect::Net(weight) => gain - weight * cost,
        }
    }

    /// What a patient lived.
    pub fn fate(&self, row: usize) -> Fate {
        Fate { benefit: self.benefit[row], harm: self.harm[row] }
    }

    /// What the arm spares or gives a patient: above 0 is better.
    pub fn gain(&self, row: usize) -> f64 {
        self.effect(Effect::Gain, self.fate(row))
    }

    /// Harm that the arm brings a patient: −1, 0 or 1.
    pub fn cost(&self, row: usize) -> f64 {
        self.effect(Effect::Harm, self.fate(row))
    }

    /// What is known of a patient.
    pub fn of(&self, row: usize) -> &[f64] {
        &self.features[row * self.width..(row + 1) * self.width]
    }
}

/// Simulates the cohort in both arms, piece by piece; so many of the first patients live once more with another fate.
pub fn effects(
    trial: &Prepared,
    asked: &Asked,
    plan: &Plan,
    twice: usize,
    watch: &dyn Watch,
) -> Result<Effects, StudyError> {
    let (seed, options) = (Seed(asked.seed), asked.options());
    watch.stage("simulating", asked.patients as u64);
    let mut screening = Screening::new(trial, asked.patients);
    let endpoint = &trial.trial.endpoints[&trial.endpoint_ids[plan.endpoint]];
    let start = std::time::Instant::now();
    let mut all = Effects {
        names: plan.features.iter().map(|feature| feature.name.clone()).collect(),
        width: plan.features.len(),
        more_is_worse: endpoint.direction == Direction::Harm,
        ..Effects::default()
    };
    let (mut failed, mut seen) = (0, 0);
    while let Some(entered) = screening.next(CHUNK, seed, &options, watch)? {
        let (fates, observed, not_solved) = both(trial, plan, &entered, seed, &options)?;
        failed += not_solved;
        if failed as f64 > MOST_FAILED * 2.0 * asked.patients as f64 {
            let (arm, example) = (trial.arm_ids[plan.arm].clone(), "see `regraft run`".to_string());
            return Err(StudyError::TooManyFailed { arm, failed, n: 2 * asked.patients, example });
        }
        let first = entered.first(twice.saturating_sub(seen));
        let again = match first.cohort.numbers.is_empty() {
            true => Vec::new(),
            false => both(trial, plan, &with_other_fate(trial, &first, seed), seed, &options)?.0,
        };
        seen += observed.len();
        let years = match plan.places.contains(&Place::Duration) {
            true => past::drawn(trial, &entered.cohort, seed, &options, &Quiet(watch))?,
            false => Vec::new(),
        };
        for (row, (fate, observed)) in fates.iter().zip(&observed).enumerate() {
            let (own, other) = fate.benefit;
            if !(own.is_finite() && other.is_finite()) || observed.failed {
                all.left_out += 1;
                continue;
            }
            all.numbers.push(entered.cohort.numbers[row]);
            all.benefit.push(fate.benefit);
            all.harm.push(fate.harm);
            all.again.extend(again.get(row));
            all.features.extend(plan.places.iter().map(|place| match place {
                Place::Duration => years[row],
                place => known(*place, &entered.cohort, row, observed),
            }));
        }
    }
    all.members = trial.members_of(all.numbers.iter().copied());
    all.weights = vec![1.0; all.numbers.len()];
    all.screened = screening.into_screened().screened;
    all.seconds = start.elapsed().as_secs_f64();
    Ok(all)
}

/// Patients in both arms: what they live, what is seen of them in the first, and how many lives could not be solved.
fn both(
    trial: &Prepared,
    plan: &Plan,
    entered: &Entered,
    seed: Seed,
    options: &RunOptions,
) -> Result<(Vec<Fate>, Vec<Observed>, usize), StudyError> {
    let (mut arms, mut observed, mut failed) = (Vec::new(), Vec::new(), 0);
    for arm in [plan.arm, plan.versus] {
        let run = simulate_arm(trial, arm, entered, seed, options, &())?;
        let asked_for = |endpoint: usize| {
            let compiled = &trial.endpoints[arm][endpoint..=endpoint];
            let outcomes = assess(compiled, &run.grid, &run.observed);
            outcomes[0].by_day(plan.day - compiled[0].zero, false)
        };
        let benefit = asked_for(plan.endpoint);
        let harms: Vec<Vec<f64>> = plan.harms.iter().map(|endpoint| asked_for(*endpoint)).collect();
        let any = |row: usize| {
            harms.iter().fold(0.0_f64, |any, harm| any.max(f64::from(u8::from(harm[row] > 0.0))))
        };
        let harm: Vec<f64> = (0..benefit.len()).map(any).collect();
        failed += run.failures.len();
        arms.push((benefit, harm));
        if observed.is_empty() {
            observed = run.observed;
        }
    }
    let fate = |row: usize| Fate {
        benefit: (arms[0].0[row], arms[1].0[row]),
        harm: (arms[0].1[row], arms[1].1[row]),
    };
    Ok(((0..observed.len()).map(fate).collect(), observed, failed))
}

fn known(place: Place, cohort: &Cohort, row: usize, observed: &Observed) -> f64 {
    match place {
        Place::Column(column) => cohort.value(row, column),
        Place::Score(score) => observed.score(score).first().copied().unwrap_or(f64::NAN),
        Place::Lab(lab) => observed.lab(lab).first().copied().unwrap_or(f64::NAN),
        // Read of everyone at once.
        Place::Duration => f64::NAN,
    }
}
