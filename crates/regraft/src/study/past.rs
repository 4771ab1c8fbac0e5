//! How long a person has been ill, where that is a reading: the share of a population's years in each person.
//!
//! Of the population it is known how long people have been ill; of a person, to which score their own rates lead in so
//! many years, and at which age they would have fallen ill. The years of a person are distributed as the population's
//! times the likelihood of the score at entry and of the age at onset, and made to add to 1 person by person. So a
//! number of years weighs people, and all people of a population together, over all years, stay what they were.

use regraft_model::Target;
use regraft_sim::{Action, Amount, Dose, Outputs, Patients, Plan, Start, simulate};
use regraft_stats::Seed;
use regraft_stats::math::{exp, ln};
use regraft_trial::Cohort;
use regraft_trial::duration::DURATION;
use regraft_trial::protocol::PlannedPast;

use super::before::diseased;
use super::given::sim_options;
use super::{Prepared, RunOptions, StudyError};

/// Ranks of the population's years at which a person's likelihood is asked.
const RANKS: usize = 32;
/// A person for whom the years are more likely than this many times the usual counts more than one twin.
const MOST_LIKELY: f64 = 3.0;
/// Name of the column that holds the age, years.
const AGE: &str = "age";

/// Whether years of illness can be read of the people of a trial.
pub fn is_read(trial: &Prepared) -> bool {
    trial.protocol.past.is_some() && trial.trial.population.duration.is_some()
}

/// Likelihoods of people's scores at entry.
struct Likelihoods {
    /// `[patient][years]`: first the ranks, then what was asked.
    of: Vec<Vec<f64>>,
}

impl Likelihoods {
    /// Mean over the ranks: the density of the score in a person whose years are not known.
    fn usual(&self, row: usize) -> f64 {
        self.of[row][..RANKS].iter().sum::<f64>() / RANKS as f64
    }
}

/// Logarithm of the weight of each person of whom it is known that they have been ill for so many years: the
/// probability of these years in them over that in the population, at best about 0; −∞ where it cannot be.
///
/// # Errors
/// Those of simulating the way into the disease.
pub(crate) fn log_weights(
    trial: &Prepared,
    cohort: &Cohort,
    years: f64,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn regraft_sim::Watch,
) -> Result<Vec<f64>, StudyError> {
    let read = likelihoods(trial, cohort, Some(years), seed, options, watch)?;
    let weight = |row: usize| {
        let (own, usual) = (read.of[row][RANKS], read.usual(row));
        if own > 0.0 && usual > 0.0 { ln(own / usual / MOST_LIKELY) } else { f64::NEG_INFINITY }
    };
    Ok((0..cohort.numbers.len()).map(weight).collect())
}

/// Years of illness of each person, drawn from the stream `reading:duration` of the person; NaN where none is possible.
///
/// # Errors
/// Those of simulating the way into the disease.
pub(crate) fn drawn(
    trial: &Prepared,
    cohort: &Cohort,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn regraft_sim::Watch,
) -> Result<Vec<f64>, StudyError> {
    let read = likelihoods(trial, cohort, None, seed, options, watch)?;
    let ill =
        trial.trial.population.duration.as_ref().expect("whoever asks has looked whether years are read");
    let stream = format!("reading:{DURATION}");
    let own = |row: usize| {
        let wanted = read.usual(row) * RANKS as f64 * seed.stream(cohort.numbers[row], &stream).uniform(0);
        let mut below = 0.0;
        for (rank, likelihood) in read.of[row][..RANKS].iter().enumerate() {
            if below + likelihood > wanted {
                let share = (rank as f64 + (wanted - below) / likelihood) / RANKS as f64;
                return ill.distribution.at_rank(share.clamp(1e-6, 1.0 - 1e-6));
            }
            below += likelihood;
        }
        f64::NAN
    };
    Ok((0..cohort.numbers.len()).map(own).collect())
}

fn likelihoods(
    trial: &Prepared,
    cohort: &Cohort,
    asked: Option<f64>,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn regraft_sim::Watch,
) -> Result<Likelihoods, StudyError> {
    let (Some(past), Some(ill)) = (&trial.protocol.past, &trial.trial.population.duration) else {
        return Err(StudyError::Usage("years of illness are no reading of this population".into()));
    };
    let rank = |rank: usize| ill.distribution.at_rank((rank as f64 + 0.5) / RANKS as f64);
    let mut years: Vec<f64> = (0..RANKS).map(rank).collect();
    years.extend(asked);
    let scores = scores(trial, past, cohort, &years, (seed, options), watch)?;
    let age = cohort.column(AGE);
    let likelihood = |row: usize, place: usize| {
        let (expected, entry) = scores[row * years.len() + place];
        let onset = age.map_or(past.onset_age.0, |age| cohort.value(row, age) - years[place]);
        let too_old = (onset - past.onset_age.0) / past.onset_age.1;
        let distance = (expected - entry) / past.spread;
        let is_possible = onset >= 0.0 && distance.is_finite();
        if is_possible { exp(-0.5 * (distance * distance + too_old * too_old)) } else { 0.0 }
    };
    let of = |row: usize| (0..years.len()).map(|place| likelihood(row, place)).collect();
    Ok(Likelihoods { of: (0..cohort.numbers.len()).map(of).collect() })
}

/// The score to which each person's rates lead in each number of years, and the score at entry, `[patient, years]`.
fn scores(
    trial: &Prepared,
    past: &PlannedPast,
    cohort: &Cohort,
    years: &[f64],
    (seed, options): (Seed, &RunOptions),
    watch: &dyn regraft_sim::Watch,
) -> Result<Vec<(f64, f64)>, StudyError> {
    if cohort.numbers.is_empty() {
        return Ok(Vec::new());
    }
    let ill = diseased(trial, cohort, seed, options, watch)?;
    let rows: Vec<usize> = (0..cohort.numbers.len()).flat_map(|row| vec![row; years.len()]).collect();
    let mut patients = Patients::alike(rows.iter().map(|row| cohort.numbers[*row]));
    patients.n_factors = 1;
    patients.factors = rows.iter().enumerate().map(|(at, _)| years[at % years.len()] * past.unit).collect();
    let value = Amount { value: 1.0, factor: Some(0), second_factor: None };
    let target: Target = past.years;
    let plan = Plan { doses: vec![Dose::new(0.0, Action::Set { target, value })], ..Plan::default() };
    let outputs = Outputs { times: vec![0.0], observables: vec![past.score, past.entry] };
    let at_once = sim_options(seed, options);
    let start = ill.end.select(&rows);
    let read = simulate(&trial.program, &patients, Start::From(&start), &plan, &outputs, &at_once, watch)?;
    let pair = |at: usize| {
        let values = read.trajectories.at(at, 0);
        (values[0], values[1])
    };
    Ok((0..rows.len()).map(pair).collect())
}

#[cfg(test)]
mod tests;
