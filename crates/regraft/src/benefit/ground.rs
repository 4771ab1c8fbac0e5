//! Everyone from whom a mean effect and its doubt are told: the patients, and people who live beside them.
//!
//! The patients live with the mean of the posterior; beside them the first who may enter so live with a draw of it each,
//! and some patients live both arms once more with another fate. What is said of a group is said of those of its kind
//! in all of them, by what is known at entry.

use regraft_stats::{Doubt, mean_interval};

use super::Asked;
use super::answer::Value;
use super::effects::{Effect, Effects, Plan, effects};
use super::means::{LEVEL, moments, moved};
use crate::findings::Parts;
use crate::findings::parts::{Draws, People, by_draws, not_told, of_people};
use crate::library::Library;
use crate::run_folder::manifest::ManifestDoubt;
use crate::study::{Prepared, StudyError, Watch, is_ensemble, told, too_few, with_draws};

/// People with a draw of the posterior each.
#[derive(Debug)]
pub struct Drawn {
    effects: Effects,
    /// Values of the parameters that act, `[person, parameter]`.
    values: Vec<f64>,
    width: usize,
    n_draws: usize,
}

/// Everyone who lived.
#[derive(Debug)]
pub struct Ground {
    /// The patients.
    pub effects: Effects,
    /// People beside them with a draw each; why there are none, for people.
    drawn: Result<Drawn, String>,
}

/// Those of a kind.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Among the patients, ascending.
    pub own: Vec<usize>,
    /// Among those with draws.
    drawn: Vec<usize>,
}

impl Rows {
    /// Splits them by what is known at entry: those for whom it holds, and the others.
    pub fn divided(self, ground: &Ground, holds: &dyn Fn(&[f64]) -> bool) -> (Rows, Rows) {
        let own = self.own.into_iter().partition(|row| holds(ground.effects.of(*row)));
        let drawn = match &ground.drawn {
            Ok(people) => self.drawn.into_iter().partition(|row| holds(people.effects.of(*row))),
            Err(_) => Default::default(),
        };
        let ((own, other), (drawn, other_drawn)) = (own, drawn);
        (Rows { own, drawn }, Rows { own: other, drawn: other_drawn })
    }
}

/// People with draws who live beside `effects`; why there are none, for people.
///
/// # Errors
/// [`StudyError::Cancelled`]. That people cannot be found or solved is a reason, no error.
fn drawn(
    library: &Library,
    trial: &Prepared,
    asked: &Asked,
    plan: &Plan,
    watch: &dyn Watch,
) -> Result<Result<Drawn, String>, StudyError> {
    if is_ensemble(trial) {
        return Ok(Err("the patients live with draws themselves".into()));
    }
    let n = asked.doubt.min(asked.patients);
    let (other, n_draws) = match with_draws(trial, library, n) {
        Ok(other) => other,
        Err(reason) => return Ok(Err(reason)),
    };
    if let Some(reason) = too_few(&other, n) {
        return Ok(Err(reason));
    }
    let lived = effects(&other, &Asked { patients: n, ..asked.clone() }, plan, 0, watch);
    let drawn = |effects: Effects| {
        let members = other.members.as_ref().expect("they were bound");
        let (values, width) = members.draws_of(&effects.numbers);
        Ok(Drawn { effects, values, width, n_draws })
    };
    told(lived.map(drawn))
}

impl Ground {
    /// Lets people live beside the patients.
    ///
    /// # Errors
    /// [`StudyError::Cancelled`].
    pub fn new(
        library: &Library,
        trial: &Prepared,
        asked: &Asked,
        plan: &Plan,
        effects: Effects,
        watch: &dyn Watch,
    ) -> Result<Ground, StudyError> {
        Ok(Ground { effects, drawn: drawn(library, trial, asked, plan, watch)? })
    }

    /// Everyone.
    pub fn everyone(&self) -> Rows {
        let drawn = self.drawn.as_ref().map_or(0, |drawn| drawn.effects.numbers.len());
        Rows { own: (0..self.effects.numbers.len()).collect(), drawn: (0..drawn).collect() }
    }

    /// Why intervals are not split into parameters, patients and chance; for people.
    pub fn not_split(&self, asked: &Asked) -> Option<String> {
        let by_themselves = self.effects.members.is_some();
        let not_told = not_told(asked.doubt, self.effects.again.len());
        not_told.or_else(|| self.drawn.as_ref().err().filter(|_| !by_themselves).cloned())
    }

    /// Mean effect of those of a kind, with an interval that holds luck and the doubt of the parameters.
    pub fn mean(&self, rows: &Rows, of: Effect) -> Value {
        let value = |row: usize| self.effects.effect(of, self.effects.fate(row));
        let values: Vec<f64> = rows.own.iter().map(|row| value(*row)).collect();
        let found = Value::of(mean_interval(&values, LEVEL));
        let (mean, luck) = moments(&values);
        if found.low.is_none() {
            return found;
        }
        let adds: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let (doubt, parameters) = match &self.effects.members {
            Some(_) => self.between(rows, of, mean, luck),
            None => {
                let explained = self.explained(rows, of, &adds);
                let doubt = |(between, between_error): &(f64, f64)| Doubt {
                    between: between.max(0.0),
                    between_error: *between_error,
                    error: luck,
                };
                (explained.as_ref().ok().map(doubt), explained)
            }
        };
        let parts = self.parts(rows, of, &adds, parameters);
        Value { parts, ..moved(found, doubt.as_ref(), luck) }
    }

    /// How far members lie apart, where the patients live with several.
    fn between(
        &self,
        rows: &Rows,
        of: Effect,
        mean: f64,
        luck: f64,
    ) -> (Option<Doubt>, Result<(f64, f64), String>) {
        let value = |row: &usize| self.effects.effect(of, self.effects.fate(*row));
        let mean_of = |rows: &[usize]| {
            let sum: f64 = rows.iter().map(value).sum();
            Some(sum / rows.len() as f64).filter(|mean| mean.is_finite())
        };
        let doubt = self.effects.by_member().doubt(&rows.own, mean, luck, &mean_of);
        let few = "the members of the posterior have too few patients to be told from luck".to_string();
        (doubt, doubt.map(|doubt| (doubt.between, doubt.between_error)).ok_or(few))
    }

    /// What draws explain in the people of this kind beside the patients.
    fn explained(&self, rows: &Rows, of: Effect, adds: &[f64]) -> Result<(f64, f64), String> {
        let people = self.drawn.as_ref().map_err(Clone::clone)?;
        let value = |row: &usize| people.effects.effect(of, people.effects.fate(*row));
        let values: Vec<f64> = rows.drawn.iter().map(value).collect();
        let mean = moments(&values).0;
        let drawn: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let numbers = |all: &[u64], rows: &[usize]| rows.iter().map(|row| all[*row]).collect::<Vec<u64>>();
        let own = numbers(&self.effects.numbers, &rows.own);
        let others = numbers(&people.effects.numbers, &rows.drawn);
        let row = |row: &usize| &people.values[row * people.width..(row + 1) * people.width];
        let draws: Vec<f64> = rows.drawn.iter().flat_map(row).copied().collect();
        let draws = Draws { numbers: &others, values: &draws, width: people.width };
        by_draws(&own, adds, draws, &drawn).ok_or_else(|| {
            let (n, acting) = (rows.drawn.len(), people.width);
            format!("{n} people of this kind with draws are too few for {acting} uncertain parameters")
        })
    }

    fn parts(
        &self,
        rows: &Rows,
        of: Effect,
        adds: &[f64],
        parameters: Result<(f64, f64), String>,
    ) -> Option<Parts> {
        let again = |(row, own): (&usize, &f64)| {
            let other = self.effects.effect(of, *self.effects.again.get(*row)?);
            other.is_finite().then_some((1.0, *own, other))
        };
        let twice: Vec<(f64, f64, f64)> = rows.own.iter().zip(adds).filter_map(again).collect();
        let hold_parameters = self.effects.members.is_some();
        let weights = vec![1.0; adds.len()];
        of_people(&People { adds, weights: &weights, twice: &twice, parameters, hold_parameters })
    }

    /// What the manifest says of those beside.
    pub fn manifest(&self, asked: &Asked) -> ManifestDoubt {
        let drawn = self.drawn.as_ref().ok();
        ManifestDoubt {
            with_mean: 0,
            with_draws: drawn.map_or(0, |drawn| drawn.effects.numbers.len()),
            draws: drawn.map_or(0, |drawn| drawn.n_draws),
            parameters: drawn.map_or(0, |drawn| drawn.width),
            other_fate: self.effects.again.len(),
            not_split: self.not_split(asked).filter(|_| asked.doubt > 0),
            seconds: drawn.map_or(0.0, |drawn| drawn.effects.seconds),
        }
    }
}
