//! Visits: what is read of a simulated patient, with the error of reading.
//!
//! Errors are drawn from streams of their own, keyed by patient, quantity and visit: the same visit has
//! the same error in every arm.

use regraft_sim::{SolveStatus, Trajectories};
use regraft_stats::Seed;

/// Days of the trial on which something is read in one arm, ascending, in days after time zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// Score visits; the first is the entry.
    pub score_days: Vec<f64>,
    /// Imaging visits; the first is the entry.
    pub imaging_days: Vec<f64>,
    /// Laboratory days; the first is the entry.
    pub lab_days: Vec<f64>,
    /// All days on which the simulation writes values: the union of the three.
    pub days: Vec<f64>,
    /// Position in `days` of each score visit.
    pub score_index: Vec<usize>,
    /// Position in `days` of each imaging visit.
    pub imaging_index: Vec<usize>,
    /// Position in `days` of each laboratory day.
    pub lab_index: Vec<usize>,
}

impl Grid {
    /// The grid of an arm; each list gets `entry` as its first day and loses what is not between entry and `end`.
    pub fn new(entry: f64, end: f64, scores: &[f64], imaging: &[f64], labs: &[f64]) -> Grid {
        let with_entry = |list: &[f64]| {
            let mut days: Vec<f64> = list.iter().copied().filter(|d| *d > entry && *d <= end).collect();
            days.push(entry);
            days.sort_by(f64::total_cmp);
            days.dedup();
            days
        };
        let (score_days, imaging_days, lab_days) =
            (with_entry(scores), with_entry(imaging), with_entry(labs));
        let mut days: Vec<f64> = [&score_days[..], &imaging_days, &lab_days].concat();
        days.sort_by(f64::total_cmp);
        days.dedup();
        let places = |list: &[f64]| list.iter().map(|day| days.partition_point(|d| d < day)).collect();
        let (score_index, imaging_index, lab_index) =
            (places(&score_days), places(&imaging_days), places(&lab_days));
        Grid { score_days, imaging_days, lab_days, days, score_index, imaging_index, lab_index }
    }
}

/// How a score is read.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreReading {
    /// Id; names the stream of its error.
    pub name: String,
    /// Column in the trajectories.
    pub column: usize,
    /// Step of the scale.
    pub step: f64,
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// Standard deviation between visits before rounding.
    pub noise_sd: f64,
    /// Whether higher is worse.
    pub higher_is_worse: bool,
}

/// How something is counted: Poisson with the increase of a cumulative mean since the visit before.
#[derive(Debug, Clone, PartialEq)]
pub struct CountReading {
    /// Id; names the stream.
    pub name: String,
    /// Column of the cumulative mean.
    pub column: usize,
}

/// How a laboratory value is measured: log-normal error, floor at the limit of quantification.
#[derive(Debug, Clone, PartialEq)]
pub struct LabReading {
    /// Id; names the stream of its error.
    pub name: String,
    /// Column in the trajectories.
    pub column: usize,
    /// Coefficient of variation.
    pub cv: f64,
    /// Values below are reported as this.
    pub lower_limit: f64,
}

/// Everything that is read in a trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readings {
    /// Scores.
    pub scores: Vec<ScoreReading>,
    /// Counts.
    pub counts: Vec<CountReading>,
    /// Laboratory values.
    pub labs: Vec<LabReading>,
    /// Columns of other quantities that endpoints look at without error.
    pub others: Vec<usize>,
}

/// One patient in one arm as the clinic sees it. Days after time zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Patient number.
    pub patient: u64,
    /// The course could not be solved.
    pub failed: bool,
    /// Last day under observation.
    pub end: f64,
    /// Day of death.
    pub died: Option<f64>,
    /// Whether the patient got a graft, where the arm has one.
    pub grafted: bool,
    /// Events of the model: day, event of the program.
    pub events: Vec<(f64, u32)>,
    /// Decisions that acted: day, rule of the arm.
    pub acted: Vec<(f64, u32)>,
    scores: Vec<Vec<f64>>,
    counts: Vec<Vec<u64>>,
    labs: Vec<Vec<f64>>,
    others: Vec<Vec<f64>>,
}

impl Observed {
    /// Reads one patient's course at the visits of `grid`.
    pub fn read(
        seed: Seed,
        patient: u64,
        row: usize,
        trajectories: &Trajectories,
        readings: &Readings,
        grid: &Grid,
        course: Course,
    ) -> Observed {
        let value = |time: usize, column: usize| trajectories.at(row, time)[column];
        let scores =
            readings.scores.iter().map(|reading| read_score(seed, patient, reading, grid, &value)).collect();
        let counts =
            readings.counts.iter().map(|reading| read_count(seed, patient, reading, grid, &value)).collect();
        let labs =
            readings.labs.iter().map(|reading| read_lab(seed, patient, reading, grid, &value)).collect();
        let others = readings
            .others
            .iter()
            .map(|column| grid.lab_index.iter().map(|time| value(*time, *column)).collect())
            .collect();
        let Course { status, end, grafted, events, acted, terminal } = course;
        let (failed, end, died) = match status {
            SolveStatus::Finished => (false, end, None),
            SolveStatus::Stopped { day, event } => {
                (false, day, event.filter(|e| Some(*e) == terminal).map(|_| day))
            }
            SolveStatus::Failed { day, .. } => (true, day, None),
            SolveStatus::NotStarted => (true, f64::NEG_INFINITY, None),
        };
        Observed { patient, failed, end, died, grafted, events, acted, scores, counts, labs, others }
    }

    /// The same patient without laboratory values and what else is read on laboratory days: by far the most
    /// numbers.
    pub fn without_labs(&self) -> Observed {
        Observed {
            events: self.events.clone(),
            acted: self.acted.clone(),
            scores: self.scores.clone(),
            counts: self.counts.clone(),
            labs: Vec::new(),
            others: Vec::new(),
            ..*self
        }
    }

    /// The same patient seen at some of the visits only: positions among the score and the imaging visits, ascending, the
    /// entry first. A count holds what is new since the last visit that is left.
    pub fn at_visits(&self, scores: &[usize], imaging: &[usize]) -> Observed {
        let since = |new: &Vec<u64>| {
            let from = |place: usize| if place == 0 { 0 } else { imaging[place - 1] + 1 };
            (0..imaging.len()).map(|place| new[from(place)..=imaging[place]].iter().sum()).collect()
        };
        let at = |values: &Vec<f64>| scores.iter().map(|visit| values[*visit]).collect();
        Observed {
            events: self.events.clone(),
            acted: self.acted.clone(),
            scores: self.scores.iter().map(at).collect(),
            counts: self.counts.iter().map(since).collect(),
            labs: self.labs.clone(),
            others: self.others.clone(),
            ..*self
        }
    }

    /// Score at each score visit, the entry first.
    pub fn score(&self, index: usize) -> &[f64] {
        &self.scores[index]
    }

    /// New items at each imaging visit; 0 at entry.
    pub fn count(&self, index: usize) -> &[u64] {
        &self.counts[index]
    }

    /// Measured value on each laboratory day.
    pub fn lab(&self, index: usize) -> &[f64] {
        &self.labs[index]
    }

    /// Value without error on each laboratory day.
    pub fn other(&self, index: usize) -> &[f64] {
        &self.others[index]
    }
}

/// What the simulation says of a course besides its values.
#[derive(Debug, Clone)]
pub struct Course {
    /// How it ended.
    pub status: SolveStatus,
    /// The trial's last day.
    pub end: f64,
    /// Whether a graft was given.
    pub grafted: bool,
    /// Events of the model.
    pub events: Vec<(f64, u32)>,
    /// Decisions that acted.
    pub acted: Vec<(f64, u32)>,
    /// The model's event that is death.
    pub terminal: Option<u32>,
}

/// round((x + sd·z)/step)·step inside the scale; z depends on patient, score and visit.
fn read_score(
    seed: Seed,
    patient: u64,
    reading: &ScoreReading,
    grid: &Grid,
    value: &dyn Fn(usize, usize) -> f64,
) -> Vec<f64> {
    let stream = seed.stream(patient, &format!("reading:{}", reading.name));
    let read = |(visit, time): (usize, &usize)| {
        let x = value(*time, reading.column) + reading.noise_sd * stream.normal(visit as u64);
        let rounded = (x / reading.step).round() * reading.step;
        // Adding 0 turns −0, which rounding may give, into 0.
        if rounded.is_nan() { f64::NAN } else { rounded.clamp(reading.low, reading.high) + 0.0 }
    };
    grid.score_index.iter().enumerate().map(read).collect()
}

fn read_count(
    seed: Seed,
    patient: u64,
    reading: &CountReading,
    grid: &Grid,
    value: &dyn Fn(usize, usize) -> f64,
) -> Vec<u64> {
    let stream = seed.stream(patient, &format!("count:{}", reading.name));
    let means: Vec<f64> = grid.imaging_index.iter().map(|time| value(*time, reading.column)).collect();
    let new = |visit: usize| {
        let mean = means[visit] - means[visit - 1];
        if mean > 0.0 { stream.poisson(visit as u64, mean) } else { 0 }
    };
    (0..means.len()).map(|visit| if visit == 0 { 0 } else { new(visit) }).collect()
}

/// x·exp(s·z), s² = ln(1 + cv²): log-normal with median x.
fn read_lab(
    seed: Seed,
    patient: u64,
    reading: &LabReading,
    grid: &Grid,
    value: &dyn Fn(usize, usize) -> f64,
) -> Vec<f64> {
    let stream = seed.stream(patient, &format!("lab:{}", reading.name));
    let spread = regraft_ode::math::ln(1.0 + reading.cv * reading.cv).sqrt();
    let measured = |(visit, time): (usize, &usize)| {
        let x = value(*time, reading.column) * regraft_ode::math::exp(spread * stream.normal(visit as u64));
        if x < reading.lower_limit { reading.lower_limit } else { x }
    };
    grid.lab_index.iter().enumerate().map(measured).collect()
}

#[cfg(test)]
pub(crate) mod hand_made;

#[cfg(test)]
mod tests;
