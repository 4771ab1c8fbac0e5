//! Event rules of endpoints, evaluated on what the clinic saw. Names have become indices.

use regraft_stats::Survival;
use regraft_trial::endpoint::{After, Baseline, Side, Toward};

use super::observe::{Grid, Observed};

/// Days by which a visit may miss the day of a definition and still count for it.
const WINDOW_DAYS: f64 = 7.0;

/// Days after day zero within which the nadir is looked for.
const NADIR_WITHIN_DAYS: f64 = 28.0;

/// An endpoint with indices for names, for one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledEndpoint {
    /// What is computed.
    pub kind: CompiledKind,
    /// Day (after the trial's time zero) on which the endpoint's clock starts in this arm.
    pub zero: f64,
    /// Day zero of the arm's regimen, after the trial's time zero.
    pub day_zero: f64,
    /// Only patients who got a graft count.
    pub only_grafted: bool,
    /// Last day of the trial after its time zero.
    pub horizon: f64,
}

/// What is computed for one patient.
#[derive(Debug, Clone, PartialEq)]
pub enum CompiledKind {
    /// Days to the first event.
    TimeToEvent {
        /// The event is the first of these.
        events: Vec<CompiledEvent>,
        /// These make it impossible.
        competing: Vec<CompiledEvent>,
        /// At these the patient is no longer counted.
        censor: Vec<CompiledEvent>,
        /// The event must happen by this day of the clock to count.
        by_day: Option<f64>,
    },
    /// A score at visits.
    Score {
        /// Index of the score.
        score: usize,
        /// Minus the score at entry.
        change: bool,
    },
    /// Events per year.
    Rate {
        /// What is counted.
        events: Vec<CompiledEvent>,
        /// From this day of the clock.
        from_day: f64,
        /// To this day of the clock.
        to_day: Option<f64>,
    },
}

/// One thing that counts as an event.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledEvent {
    /// Events before this day of the clock do not count.
    pub earliest_day: f64,
    /// What happens.
    pub what: What,
}

/// Where a series of values is found in [`Observed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesOf {
    /// A measured laboratory value.
    Lab(usize),
    /// A quantity of the model, without error.
    Other(usize),
}

/// What happens, by index.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// See [`regraft_trial::endpoint::EventKind::ScoreChange`].
    ScoreChange {
        /// Index of the score.
        score: usize,
        /// Whether higher is worse on this score.
        higher_is_worse: bool,
        /// Worse or better.
        toward: Toward,
        /// Step, > 0.
        by: f64,
        /// (baseline, step from that baseline on).
        high: Option<(f64, f64)>,
        /// Days to the confirming visit.
        confirmed_after_days: Option<f64>,
        /// With what it is compared.
        baseline: Baseline,
    },
    /// An event of the program.
    ModelEvent(u32),
    /// New items at an imaging visit.
    NewCount {
        /// Index of the count.
        count: usize,
        /// At least so many.
        at_least: u64,
    },
    /// A value beyond a threshold.
    Threshold {
        /// Which value.
        of: SeriesOf,
        /// Above or below.
        side: Side,
        /// The threshold.
        value: f64,
        /// Days on end.
        for_days: f64,
        /// From when on.
        after: After,
    },
    /// Death.
    Death {
        /// Within so many days of the clock.
        within_days: Option<f64>,
    },
    /// One of these rules of the arm acted.
    Decision(Vec<u32>),
    /// No graft.
    NoGraft,
}

impl CompiledEndpoint {
    /// Time and status of one patient; `None` if the patient does not count.
    ///
    /// Of events on one day the event of interest goes before a competing one, and both before censoring.
    /// What a rule lets count before the clock starts stands at day 0.
    pub fn time_to_event(&self, grid: &Grid, patient: &Observed) -> Option<Survival> {
        let CompiledKind::TimeToEvent { events, competing, censor, by_day } = &self.kind else { return None };
        if patient.failed || !patient.in_analysis(self) {
            return None;
        }
        let first = |rules: &[CompiledEvent]| {
            rules.iter().filter_map(|rule| self.first(rule, grid, patient)).min_by(f64::total_cmp)
        };
        let last = by_day.unwrap_or(f64::INFINITY).min(self.horizon - self.zero);
        let end = first(censor).unwrap_or(f64::INFINITY).min(patient.end - self.zero).min(last).max(0.0);
        let event = first(events).filter(|day| *day <= end);
        let other = first(competing).filter(|day| *day <= end);
        Some(match (event, other) {
            (Some(event), other) if other.is_none_or(|day| event <= day) => {
                Survival { time: event.max(0.0), status: 1 }
            }
            (_, Some(other)) => Survival { time: other.max(0.0), status: 2 },
            _ => Survival { time: end, status: 0 },
        })
    }

    /// Number of events and years under observation; `None` if the patient does not count.
    pub fn rate(&self, grid: &Grid, patient: &Observed) -> Option<(f64, f64)> {
        let CompiledKind::Rate { events, from_day, to_day } = &self.kind else { return None };
        if patient.failed || !patient.in_analysis(self) {
            return None;
        }
        let end =
            (patient.end - self.zero).min(to_day.unwrap_or(f64::INFINITY)).min(self.horizon - self.zero);
        let years = (end - from_day) / DAYS_PER_YEAR;
        if years <= 0.0 {
            return None;
        }
        let inside = |day: &f64| *day >= *from_day && *day <= end;
        let count: usize =
            events.iter().map(|rule| self.all(rule, grid, patient).into_iter().filter(inside).count()).sum();
        Some((count as f64, years))
    }

    /// Day (of the clock) of the first event of one rule.
    pub fn first(&self, rule: &CompiledEvent, grid: &Grid, patient: &Observed) -> Option<f64> {
        self.all(rule, grid, patient).into_iter().next()
    }

    /// Days (of the clock) of all events of one rule, ascending, none before its earliest day.
    fn all(&self, rule: &CompiledEvent, grid: &Grid, patient: &Observed) -> Vec<f64> {
        let earliest = self.zero + rule.earliest_day;
        let days = match &rule.what {
            What::ModelEvent(event) => days_of(&patient.events, |found| found == *event),
            What::Decision(rules) => days_of(&patient.acted, |found| rules.contains(&found)),
            What::Death { within_days } => {
                let last = self.zero + within_days.unwrap_or(f64::INFINITY);
                patient.died.into_iter().filter(|day| *day <= last).collect()
            }
            What::NoGraft => {
                if patient.grafted {
                    Vec::new()
                } else {
                    vec![self.zero.max(self.day_zero)]
                }
            }
            What::NewCount { count, at_least } => new_items(grid, patient, *count, *at_least),
            What::ScoreChange { .. } => {
                score_change(&rule.what, grid, patient, earliest).into_iter().collect()
            }
            What::Threshold { .. } => {
                self.threshold(&rule.what, grid, patient, earliest).into_iter().collect()
            }
        };
        days.into_iter().filter(|day| *day >= earliest).map(|day| day - self.zero).collect()
    }

    /// First day of the first stretch of `for_days` on which the value is beyond the threshold.
    fn threshold(&self, what: &What, grid: &Grid, patient: &Observed, earliest: f64) -> Option<f64> {
        let What::Threshold { of, side, value, for_days, after } = what else { return None };
        let values = match of {
            SeriesOf::Lab(lab) => patient.lab(*lab),
            SeriesOf::Other(other) => patient.other(*other),
        };
        let from = match after {
            After::TimeZero => 0.0,
            After::DayZero => self.day_zero,
            After::Nadir => extreme(grid, values, self.day_zero, *side)?,
        };
        let beyond = |x: f64| match side {
            Side::Above => x > *value,
            Side::Below => x < *value,
        };
        first_stretch(&grid.lab_days, values, from.max(earliest), *for_days, &beyond)
    }
}

/// Days per year (Julian year).
pub const DAYS_PER_YEAR: f64 = 365.25;

fn days_of(list: &[(f64, u32)], wanted: impl Fn(u32) -> bool) -> Vec<f64> {
    list.iter().filter(|(_, found)| wanted(*found)).map(|(day, _)| *day).collect()
}

fn new_items(grid: &Grid, patient: &Observed, count: usize, at_least: u64) -> Vec<f64> {
    let visits = grid.imaging_days.iter().zip(patient.count(count)).skip(1);
    visits.filter(|(day, new)| **new >= at_least && **day <= patient.end).map(|(day, _)| *day).collect()
}

/// Day of the first score visit that is worse (better) than baseline by the step and, if asked, still
/// so at every visit up to the confirming one.
fn score_change(what: &What, grid: &Grid, patient: &Observed, earliest: f64) -> Option<f64> {
    let What::ScoreChange { score, higher_is_worse, toward, by, high, confirmed_after_days, baseline } = what
    else {
        return None;
    };
    let values = patient.score(*score);
    let start = match baseline {
        Baseline::Entry => values.first().copied(),
        Baseline::Day(day) => at_visit(&grid.score_days, values, *day),
    }?;
    let by = high.filter(|(level, _)| start >= *level).map_or(*by, |(_, step)| step);
    let upward = *higher_is_worse == (*toward == Toward::Worse);
    // Scores are multiples of a step: a hair's breadth below the threshold is the threshold.
    let reached = |x: f64| if upward { x >= start + by - 1e-9 } else { x <= start - by + 1e-9 };
    let seen = |visit: usize| grid.score_days[visit] <= patient.end;
    (1..values.len())
        .filter(|visit| grid.score_days[*visit] >= earliest && seen(*visit) && reached(values[*visit]))
        .find(|visit| confirmed(&grid.score_days, values, *visit, *confirmed_after_days, &reached, &seen))
        .map(|visit| grid.score_days[visit])
}

fn confirmed(
    days: &[f64],
    values: &[f64],
    visit: usize,
    after: Option<f64>,
    reached: &dyn Fn(f64) -> bool,
    seen: &dyn Fn(usize) -> bool,
) -> bool {
    let Some(after) = after else { return true };
    let confirming = (visit + 1..days.len()).find(|later| days[*later] >= days[visit] + after - WINDOW_DAYS);
    confirming.is_some_and(|last| seen(last) && (visit + 1..=last).all(|later| reached(values[later])))
}

fn at_visit(days: &[f64], values: &[f64], day: f64) -> Option<f64> {
    let near = |i: &usize| (days[*i] - day).abs();
    let nearest = (0..days.len()).min_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(&nearest) <= WINDOW_DAYS).then(|| values[nearest])
}

/// Day of the lowest value (highest, when looking for `below`) in the weeks after day zero.
fn extreme(grid: &Grid, values: &[f64], day_zero: f64, side: Side) -> Option<f64> {
    let sign = if side == Side::Above { 1.0 } else { -1.0 };
    let near = grid.lab_days.iter().zip(values).filter(|(day, value)| {
        **day >= day_zero && **day <= day_zero + NADIR_WITHIN_DAYS && value.is_finite()
    });
    near.min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1))).map(|(day, _)| *day)
}

/// First day from `from` on at which `beyond` holds, and holds on every measured day of the next `for_days`.
/// "Three days on end" from day d needs d, d+1 and d+2.
fn first_stretch(
    days: &[f64],
    values: &[f64],
    from: f64,
    for_days: f64,
    beyond: &dyn Fn(f64) -> bool,
) -> Option<f64> {
    let mut start: Option<f64> = None;
    for (day, value) in days.iter().zip(values).filter(|(day, _)| **day >= from) {
        if !beyond(*value) {
            start = None;
            continue;
        }
        let since = *start.get_or_insert(*day);
        if day - since >= for_days - 1.0 {
            return Some(since);
        }
    }
    None
}
