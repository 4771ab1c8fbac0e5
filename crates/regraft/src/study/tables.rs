//! The tables of a run, written while patients come: by patient, then arm, then what the table is about.

use std::sync::Arc;

use regraft_sim::DecisionKind;

use super::{ArmRecord, ArmRun, BEFORE_ENTRY, Entered, KEPT, Prepared, RunOptions, Screened};
use crate::outcomes::{Grid, Observed, Outcome};
use crate::run_folder::{Column, RunFolder, Runs, Table, TableFile, WriteError};

/// The tables of a run, open.
#[derive(Debug)]
pub struct Tables {
    patients: TableFile,
    outcomes: TableFile,
    events: TableFile,
    decisions: TableFile,
    observables: TableFile,
    failures: TableFile,
    words: Words,
    /// Patients whose observables are still to be written.
    observables_of: usize,
}

/// Names in the tables, each once in memory.
#[derive(Debug)]
struct Words {
    arms: Vec<Arc<str>>,
    endpoints: Vec<Arc<str>>,
    events: Vec<Arc<str>>,
    /// `[arm][rule]`
    rules: Vec<Vec<Arc<str>>>,
    scores: Vec<Arc<str>>,
    counts: Vec<Arc<str>>,
    labs: Vec<Arc<str>>,
    before_entry: Arc<str>,
}

impl Words {
    fn of(trial: &Prepared) -> Words {
        fn all<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<Arc<str>> {
            names.into_iter().map(|name| name.as_str().into()).collect()
        }
        let readings = &trial.readings;
        Words {
            arms: all(&trial.arm_ids),
            endpoints: all(&trial.endpoint_ids),
            events: all(trial.program.events.iter().map(|event| &event.name)),
            rules: trial.protocol.arms.iter().map(|arm| all(arm.rules.iter().map(|rule| &rule.id))).collect(),
            scores: all(readings.scores.iter().map(|reading| &reading.name)),
            counts: all(readings.counts.iter().map(|reading| &reading.name)),
            labs: all(readings.labs.iter().map(|reading| &reading.name)),
            before_entry: BEFORE_ENTRY.into(),
        }
    }
}

/// Names of the files, in the order in which the manifest lists them.
const NAMES: [&str; 6] = [
    "patients.parquet",
    "outcomes.parquet",
    "events.parquet",
    "decisions.parquet",
    "observables.parquet",
    "failures.parquet",
];

impl Tables {
    /// Opens the tables in the folder of a run.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn create(folder: &RunFolder, trial: &Prepared, options: &RunOptions) -> Result<Tables, WriteError> {
        let nobody = trial.recipe.draw_cohort(regraft_stats::Seed(0), &[]);
        let begin = |index: usize, empty: Table| folder.begin_table(NAMES[index], empty);
        Ok(Tables {
            patients: begin(0, patients(&nobody))?,
            outcomes: begin(1, Rows::default().outcomes())?,
            events: begin(2, Rows::default().events())?,
            decisions: begin(3, Rows::default().decisions())?,
            observables: begin(4, Rows::default().observables())?,
            failures: begin(5, Rows::default().failures())?,
            words: Words::of(trial),
            observables_of: if options.trajectories { usize::MAX } else { KEPT },
        })
    }

    /// Writes the next patients: their courses `[arm]` and outcomes `[arm][endpoint]`.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn add(
        &mut self,
        trial: &Prepared,
        entered: &Entered,
        runs: &[ArmRun],
        outcomes: &[Vec<Outcome>],
    ) -> Result<(), WriteError> {
        self.patients.add(patients(&entered.cohort))?;
        let mut decided = vec![0; runs.len()];
        for (row, patient) in entered.cohort.numbers.iter().enumerate() {
            let (mut ends, mut events, mut decisions) = (Rows::default(), Rows::default(), Rows::default());
            for (arm, run) in runs.iter().enumerate() {
                let who = Who { patient: *patient, arm: &self.words.arms[arm] };
                ends.add_outcomes(&who, &self.words.endpoints, &outcomes[arm], row);
                for (day, event) in &run.observed[row].events {
                    events.push(&who, *day, &self.words.events[*event as usize]);
                }
                let own =
                    run.decisions[decided[arm]..].iter().take_while(|decision| decision.0 == row as u32);
                for (_, day, rule, kind) in own {
                    decisions.push(&who, *day, &self.words.rules[arm][*rule as usize]);
                    decisions.kind.push(&word(*kind).into());
                    decided[arm] += 1;
                }
            }
            self.outcomes.add(ends.outcomes())?;
            self.events.add(events.events())?;
            self.decisions.add(decisions.decisions())?;
            self.add_observables(trial, runs, row, *patient)?;
        }
        Ok(())
    }

    fn add_observables(
        &mut self,
        trial: &Prepared,
        runs: &[ArmRun],
        row: usize,
        patient: u64,
    ) -> Result<(), WriteError> {
        if self.observables_of == 0 {
            return Ok(());
        }
        self.observables_of -= 1;
        let mut rows = Rows::default();
        for (arm, run) in runs.iter().enumerate() {
            let who = Who { patient, arm: &self.words.arms[arm] };
            rows.add_observables(&who, trial, &self.words, &run.grid, &run.observed[row]);
        }
        self.observables.add(rows.observables())
    }

    /// Writes the failures and ends all tables; gives their names.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn close(mut self, screened: &Screened, arms: &[ArmRecord]) -> Result<Vec<&'static str>, WriteError> {
        let mut rows = Rows::default();
        let during = arms.iter().zip(&self.words.arms).map(|(record, arm)| (&record.failures, arm));
        for (failures, arm) in std::iter::once((&screened.failures, &self.words.before_entry)).chain(during) {
            for failure in failures {
                rows.push(
                    &Who { patient: failure.patient, arm },
                    failure.day,
                    &failure.cause.as_str().into(),
                );
            }
        }
        self.failures.add(rows.failures())?;
        let all =
            [self.patients, self.outcomes, self.events, self.decisions, self.observables, self.failures];
        all.into_iter().try_for_each(TableFile::close)?;
        Ok(NAMES.to_vec())
    }
}

fn patients(cohort: &regraft_trial::Cohort) -> Table {
    let n = cohort.numbers.len();
    let mut columns = vec![("patient", Column::Whole(cohort.numbers.iter().map(|n| *n as i64).collect()))];
    for (index, name) in cohort.names.iter().enumerate() {
        columns.push((name, Column::Number((0..n).map(|row| cohort.value(row, index)).collect())));
    }
    Table::new(columns)
}

/// Whom a row is about.
struct Who<'a> {
    patient: u64,
    arm: &'a Arc<str>,
}

/// Rows of a long table: patient, arm, and what else.
#[derive(Default)]
struct Rows {
    patient: Vec<i64>,
    arm: Runs,
    day: Vec<f64>,
    what: Runs,
    value: Vec<f64>,
    status: Vec<i64>,
    kind: Runs,
}

impl Rows {
    fn push(&mut self, who: &Who<'_>, day: f64, what: &Arc<str>) {
        self.patient.push(who.patient as i64);
        self.arm.push(who.arm);
        self.day.push(day);
        self.what.push(what);
    }

    /// The outcomes of row `row` in one arm, `[endpoint]`.
    fn add_outcomes(&mut self, who: &Who<'_>, endpoints: &[Arc<str>], outcomes: &[Outcome], row: usize) {
        for (endpoint, outcome) in endpoints.iter().zip(outcomes) {
            let mut add = |day: f64, status: u8, value: f64| {
                self.push(who, day, endpoint);
                self.status.push(i64::from(status));
                self.value.push(value);
            };
            match outcome {
                Outcome::Times(times) => {
                    times[row].iter().for_each(|found| add(found.time, found.status, f64::NAN));
                }
                Outcome::Rates(rates) => {
                    rates[row]
                        .iter()
                        .for_each(|found| add(found.to - found.from, 0, found.days.len() as f64));
                }
                Outcome::Scores { days, values } => {
                    let values = &values[row * days.len()..(row + 1) * days.len()];
                    let seen = days.iter().zip(values).filter(|(_, value)| value.is_finite());
                    seen.for_each(|(day, value)| add(*day, 0, *value));
                }
            }
        }
    }

    /// Everything that is read of a patient in one arm.
    fn add_observables(
        &mut self,
        who: &Who<'_>,
        trial: &Prepared,
        words: &Words,
        grid: &Grid,
        seen: &Observed,
    ) {
        let mut add = |name: &Arc<str>, days: &[f64], values: &mut dyn Iterator<Item = f64>| {
            for (day, value) in days.iter().zip(values).filter(|(day, v)| v.is_finite() && **day <= seen.end)
            {
                self.push(who, *day, name);
                self.value.push(value);
            }
        };
        for index in 0..trial.readings.scores.len() {
            add(&words.scores[index], &grid.score_days, &mut seen.score(index).iter().copied());
        }
        for index in 0..trial.readings.counts.len() {
            let counts = &mut seen.count(index).iter().map(|n| *n as f64);
            add(&words.counts[index], &grid.imaging_days, counts);
        }
        for index in 0..trial.readings.labs.len() {
            add(&words.labs[index], &grid.lab_days, &mut seen.lab(index).iter().copied());
        }
    }

    fn outcomes(self) -> Table {
        Table::new(vec![
            ("patient", Column::Whole(self.patient)),
            ("arm", Column::Word(self.arm)),
            ("endpoint", Column::Word(self.what)),
            ("time_days", Column::Step(self.day)),
            ("status", Column::Whole(self.status)),
            ("value", Column::Step(self.value)),
        ])
    }

    fn events(self) -> Table {
        self.long("event")
    }

    fn failures(self) -> Table {
        self.long("cause")
    }

    fn long(self, what: &str) -> Table {
        Table::new(vec![
            ("patient", Column::Whole(self.patient)),
            ("arm", Column::Word(self.arm)),
            ("day", Column::Number(self.day)),
            (what, Column::Word(self.what)),
        ])
    }

    fn decisions(self) -> Table {
        Table::new(vec![
            ("patient", Column::Whole(self.patient)),
            ("arm", Column::Word(self.arm)),
            ("day", Column::Number(self.day)),
            ("rule", Column::Word(self.what)),
            ("decision", Column::Word(self.kind)),
        ])
    }

    fn observables(self) -> Table {
        Table::new(vec![
            ("patient", Column::Whole(self.patient)),
            ("arm", Column::Word(self.arm)),
            ("day", Column::Step(self.day)),
            ("observable", Column::Word(self.what)),
            ("value", Column::Number(self.value)),
        ])
    }
}

fn word(kind: DecisionKind) -> &'static str {
    match kind {
        DecisionKind::Acted => "acted",
        DecisionKind::ConditionFalse => "condition_false",
        DecisionKind::Ended => "ended",
        DecisionKind::Refractory => "refractory",
        DecisionKind::Exhausted => "exhausted",
    }
}
