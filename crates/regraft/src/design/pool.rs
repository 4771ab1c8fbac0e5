//! The patients from whom simulated trials are drawn: each lives both arms once, and what the endpoint shows of it is kept.

use regraft_sim::Engine;
use regraft_stats::Seed;
use regraft_trial::trial_file::{RescueRule, Test};

use super::plan::Plan;
use super::visits::{Calendar, Visit};
use crate::outcomes::rule::series;
use crate::outcomes::{CompiledKind, Counted, Grid, Observed, SeriesOf, TimeToEvent};
use crate::study::{ArmRun, MOST_FAILED, Prepared, RunOptions, Screening, StudyError, Watch, simulate_arm};

/// Patients who lived both arms, `[patient]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Control and treated.
    pub arms: [PoolArm; 2],
    /// The member of the posterior with whose parameters each lives; 0 where there is one.
    pub members: Vec<usize>,
    /// Number of members.
    pub n_members: usize,
    /// Candidates screened to find them.
    pub screened: usize,
    /// Patients that could not be solved in one of the arms; they are left out of both.
    pub failed: usize,
}

/// What is seen in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolArm {
    /// Day after time zero on which the endpoint's clock starts.
    pub zero: f64,
    /// The endpoint.
    pub seen: Seen,
    /// Day after time zero after which nothing counts, because a rescue was given; infinite where there was none.
    pub until: Vec<f64>,
}

/// What the endpoint shows, `[patient]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// How observation ends; `None`: not in the analysis set.
    Times(Vec<Option<TimeToEvent>>),
    /// Events and the time in which they are counted.
    Counts(Vec<Option<Counted>>),
    /// Values at visits.
    Values(Values),
}

/// Values at visits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    /// Planned days of the clock, ascending.
    pub planned: Vec<f64>,
    /// Value at entry, `[patient]`.
    pub baseline: Vec<f64>,
    /// `[patient, visit]`; NaN where the visit did not take place.
    pub values: Vec<f64>,
    /// Day after time zero on which the patient came, `[patient, visit]`.
    pub days: Vec<f64>,
}

impl Pool {
    /// Number of patients.
    pub fn n(&self) -> usize {
        self.members.len()
    }
}

/// Patients simulated together. Moves no result.
const CHUNK: usize = 512;

/// Simulates `options.patients` patients through both arms.
///
/// # Errors
/// [`StudyError`], as a run.
pub fn simulate(
    trial: &Prepared,
    plan: &Plan,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Pool, StudyError> {
    let seed = Seed(options.seed);
    watch.stage("simulating", options.patients as u64);
    let readers = plan.arms.map(|arm| Reader::of(trial, plan, arm));
    let visits = common_visits(trial, plan)?;
    let mut seen_by = trial.clone();
    for reader in &readers {
        let arm = &mut seen_by.protocol.arms[reader.arm];
        (arm.score_days, arm.imaging_days) = (reader.scores.days(), reader.imaging.days());
    }
    let mut arms = [0, 1].map(|arm| readers[arm].nobody(&visits));
    let (mut members, mut failed) = (Vec::new(), 0);
    let mut screening = Screening::new(&seen_by, options.patients);
    let quiet = Silent(watch);
    while let Some(entered) = screening.next(CHUNK, seed, options, &quiet)? {
        let mut runs = Vec::with_capacity(2);
        for arm in plan.arms {
            runs.push(simulate_arm(&seen_by, arm, &entered, seed, options, &quiet)?);
        }
        let solved = |row: usize| runs.iter().all(|run: &ArmRun| !run.observed[row].failed);
        for (row, number) in entered.cohort.numbers.iter().enumerate() {
            if !solved(row) {
                failed += 1;
                continue;
            }
            members.push(trial.members.as_ref().map_or(0, |members| members.member_of(*number)));
            for (side, run) in runs.iter().enumerate() {
                readers[side].add(seed, plan, &visits, &run.grid, &run.observed[row], &mut arms[side]);
            }
        }
        watch.advance(entered.cohort.numbers.len() as u64);
        if failed as f64 > MOST_FAILED * options.patients as f64 {
            let failures = runs.iter().flat_map(|run| &run.failures).next();
            let example = failures.map(|failure| failure.cause.clone()).unwrap_or_default();
            let arm = trial.arm_ids[plan.arms[0]].clone();
            return Err(StudyError::TooManyFailed { arm, failed, n: options.patients, example });
        }
    }
    let n_members = trial.members.as_ref().map_or(1, |members| members.n_members());
    Ok(Pool { arms, members, n_members, screened: screening.into_screened().screened, failed })
}

/// Passes on the wish to stop alone: patients are counted when they have lived both arms.
struct Silent<'a>(&'a dyn Watch);

impl Watch for Silent<'_> {
    fn stage(&self, _what: &str, _patients: u64) {}
    fn advance(&self, _patients: u64) {}
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// The fastest engine: moves no result.
pub fn run_options(patients: usize, seed: u64, threads: Option<usize>, command: String) -> RunOptions {
    RunOptions { engine: Engine::best(), command, ..RunOptions::new(patients, seed, threads) }
}

/// Most visits of a mixed model that are looked at. Chosen: more tell little of the last one, and each multiplies the
/// patterns of what is missing.
const MOST_VISITS: usize = 4;

/// Days of the clock of the visits that a mixed model compares, the last of them that of the design; else none.
fn common_visits(trial: &Prepared, plan: &Plan) -> Result<Vec<f64>, StudyError> {
    let (Test::Mmrm, Some(last)) = (plan.test, plan.at_day) else { return Ok(Vec::new()) };
    let of_arm = |arm: usize| -> Vec<f64> {
        let endpoint = &trial.endpoints[arm][plan.endpoint];
        let CompiledKind::Value { of, at, .. } = &endpoint.kind else { return Vec::new() };
        let planned = &trial.protocol.arms[arm];
        match of {
            SeriesOf::Score(_) => planned.score_days.iter().map(|day| day - endpoint.zero).collect(),
            // Laboratory days lie close together: those are compared that analyses ask for.
            SeriesOf::Lab(_) | SeriesOf::Other(_) if at.is_empty() => vec![last],
            SeriesOf::Lab(_) | SeriesOf::Other(_) => at.clone(),
        }
    };
    let [control, treated] = plan.arms.map(of_arm);
    let near = |day: f64, list: &[f64]| list.iter().any(|other| (other - day).abs() <= WINDOW_DAYS);
    let mut days: Vec<f64> = control
        .into_iter()
        .filter(|day| *day > 0.0 && *day <= last + WINDOW_DAYS && near(*day, &treated))
        .collect();
    days.sort_by(f64::total_cmp);
    if days.last().is_none_or(|day| (day - last).abs() > WINDOW_DAYS) {
        return Err(StudyError::Usage(format!(
            "no visit of both arms lies within a week of day {last} of the endpoint `{}`: write a day of a visit as `at_day` in `[design]`",
            trial.endpoint_ids[plan.endpoint]
        )));
    }
    let n = days.len();
    let kept = n.min(MOST_VISITS);
    // Evenly chosen, the last among them.
    Ok((1..=kept).map(|k| days[(k * n).div_ceil(kept) - 1]).collect())
}

/// Days by which a visit may miss the day that is asked for.
const WINDOW_DAYS: f64 = 7.0;

/// Reads what the endpoint shows of patients in one arm.
struct Reader<'a> {
    trial: &'a Prepared,
    arm: usize,
    endpoint: usize,
    scores: Calendar,
    imaging: Calendar,
    /// Rules of the arm that are rescue.
    rescue: Vec<u32>,
}

impl Reader<'_> {
    fn of<'a>(trial: &'a Prepared, plan: &Plan, arm: usize) -> Reader<'a> {
        let planned = &trial.protocol.arms[arm];
        let entry = trial.protocol.arms.iter().map(|arm| arm.start_days).fold(0.0, f64::min);
        let horizon = trial.protocol.horizon_days;
        let calendar = |days: &[f64]| Calendar::of(days, plan.visit_window_days, entry, horizon);
        let marked = |rule: &regraft_trial::protocol::PlannedRule| {
            rule.marks.as_ref().is_some_and(|mark| plan.rescue_marks.contains(mark))
        };
        let rescue = planned.rules.iter().enumerate().filter(|(_, rule)| marked(rule));
        Reader {
            trial,
            arm,
            endpoint: plan.endpoint,
            scores: calendar(&planned.score_days),
            imaging: calendar(&planned.imaging_days),
            rescue: rescue.map(|(index, _)| index as u32).collect(),
        }
    }

    fn nobody(&self, visits: &[f64]) -> PoolArm {
        let endpoint = &self.trial.endpoints[self.arm][self.endpoint];
        let seen = match endpoint.kind {
            CompiledKind::TimeToEvent { .. } => Seen::Times(Vec::new()),
            CompiledKind::Rate { .. } => Seen::Counts(Vec::new()),
            CompiledKind::Value { .. } => {
                Seen::Values(Values { planned: visits.to_vec(), ..Values::default() })
            }
        };
        PoolArm { zero: endpoint.zero, seen, until: Vec::new() }
    }

    /// Adds one patient, whose values were read on every day on which somebody may come.
    fn add(
        &self,
        seed: Seed,
        plan: &Plan,
        visits: &[f64],
        grid: &Grid,
        patient: &Observed,
        arm: &mut PoolArm,
    ) {
        let endpoint = &self.trial.endpoints[self.arm][self.endpoint];
        let come = |calendar: &Calendar| calendar.visits(seed, patient.patient, plan.missed_visits);
        let (scores, imaging) = (come(&self.scores), come(&self.imaging));
        let own_grid = Grid {
            score_days: with_entry(grid.score_days[0], &self.scores, &scores),
            imaging_days: with_entry(grid.imaging_days[0], &self.imaging, &imaging),
            lab_days: grid.lab_days.clone(),
            ..Grid::default()
        };
        let own =
            patient.at_visits(&places(&grid.score_days, &scores), &places(&grid.imaging_days, &imaging));
        let rescue = self.rescued(patient);
        let mut until = f64::INFINITY;
        if plan.rescue == RescueRule::Censor {
            until = rescue;
        }
        match &mut arm.seen {
            Seen::Times(times) => {
                let found = endpoint.time_to_event(&own_grid, &own);
                let came = |found: TimeToEvent| {
                    self.on_days_that_came(found, endpoint.zero, &scores, &imaging, patient.end)
                };
                let found = found.map(came);
                let failed =
                    |found: TimeToEvent| failed_by_rescue(found, rescue - endpoint.zero, plan.is_harm);
                times.push(if plan.rescue == RescueRule::Failure { found.map(failed) } else { found });
            }
            Seen::Counts(counts) => {
                counts.push(endpoint.rate(&own_grid, &own).and_then(Counted::between_scans));
            }
            Seen::Values(values) => {
                let CompiledKind::Value { of, .. } = endpoint.kind else {
                    unreachable!("the endpoint has values")
                };
                let counts = endpoint.counts(&own);
                self.add_values(
                    of,
                    visits,
                    endpoint.zero,
                    counts,
                    plan,
                    seed,
                    (&own_grid, &own),
                    &scores,
                    values,
                );
            }
        }
        arm.until.push(until);
    }

    fn rescued(&self, patient: &Observed) -> f64 {
        let days = patient.acted.iter().filter(|(_, rule)| self.rescue.contains(rule)).map(|(day, _)| *day);
        days.fold(f64::INFINITY, f64::min)
    }

    /// An event that a visit shows is dated to the day on which the patient came.
    fn on_days_that_came(
        &self,
        found: TimeToEvent,
        zero: f64,
        scores: &[Visit],
        imaging: &[Visit],
        end: f64,
    ) -> TimeToEvent {
        let of = |calendar: &Calendar, visits: &[Visit], day: f64| {
            visits.iter().find(|visit| calendar.planned[visit.number] == day).map(|visit| visit.day)
        };
        let moved = |time: f64| {
            let day = time + zero;
            let came = of(&self.scores, scores, day).or_else(|| of(&self.imaging, imaging, day));
            came.map_or(time, |came| (came.min(end) - zero).max(0.0))
        };
        if found.status == 0 {
            return found;
        }
        let time = moved(found.time);
        TimeToEvent { time, known: moved(found.known).max(time), ..found }
    }

    #[allow(clippy::too_many_arguments)] // one call site; a struct would only rename the arguments
    fn add_values(
        &self,
        of: SeriesOf,
        visits: &[f64],
        zero: f64,
        counts: bool,
        plan: &Plan,
        seed: Seed,
        (grid, patient): (&Grid, &Observed),
        scores: &[Visit],
        values: &mut Values,
    ) {
        let (days, read) = series(of, grid, patient);
        let missed = seed.stream(patient.patient, "design:missed_visit");
        values.baseline.push(read[0]);
        for day in visits {
            let wanted = day + zero;
            let near = |i: &usize| (days[*i] - wanted).abs();
            let nearest = (1..days.len()).min_by(|a, b| near(a).total_cmp(&near(b)));
            let seen = nearest.filter(|i| near(i) <= WINDOW_DAYS && counts && days[*i] <= patient.end);
            let is_score = matches!(of, SeriesOf::Score(_));
            // Visits for scores that were missed are not there any more; blood is taken at visits too.
            let taken = |_: &usize| {
                is_score || missed.uniform((1024.0 * wanted).round() as u64) >= plan.missed_visits
            };
            let seen = seen.filter(taken);
            values.values.push(seen.map_or(f64::NAN, |i| read[i]));
            let came = |i: usize| if is_score { scores[i - 1].day } else { days[i] };
            values.days.push(seen.map_or(wanted, came));
        }
    }
}

/// The entry and the planned days of the visits that took place.
fn with_entry(entry: f64, calendar: &Calendar, visits: &[Visit]) -> Vec<f64> {
    std::iter::once(entry).chain(visits.iter().map(|visit| calendar.planned[visit.number])).collect()
}

/// Positions of the entry and of visits among the days on which something was read.
fn places(days: &[f64], visits: &[Visit]) -> Vec<usize> {
    let place = |visit: &Visit| days.partition_point(|day| *day < visit.day);
    std::iter::once(0).chain(visits.iter().map(place)).collect()
}

/// A rescue before the event is the event where that is bad, and makes it impossible where it is good.
fn failed_by_rescue(found: TimeToEvent, rescue: f64, is_harm: bool) -> TimeToEvent {
    if rescue >= found.time {
        return found;
    }
    let time = rescue.max(0.0);
    TimeToEvent { time, status: if is_harm { 1 } else { 2 }, known: time, until_known: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rescue_is_a_failure() {
        let seen = |time, status| TimeToEvent { time, status, known: time, until_known: None };
        // Where the event is bad, the rescue is the event; where it is good, it competes; after the event it is nothing.
        assert_eq!(failed_by_rescue(seen(90.0, 0), 30.0, true), seen(30.0, 1));
        assert_eq!(failed_by_rescue(seen(90.0, 1), 30.0, false), seen(30.0, 2));
        assert_eq!(failed_by_rescue(seen(90.0, 1), 120.0, true), seen(90.0, 1));
        assert_eq!(failed_by_rescue(seen(90.0, 0), -5.0, true), seen(0.0, 1));
    }
}
