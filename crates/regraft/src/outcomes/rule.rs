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
    /// Only patients under observation when the clock starts count: a clock of day zero.
    pub only_reached: bool,
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
    /// Something that the arm does not know: no graft where none is planned.
    Never,
}

/// How one patient's observation ends, in days of the endpoint's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeToEvent {
    /// Day of the event (status 1), of a competing event (2) or of the end of observation (0).
    pub time: f64,
    /// 0, 1 or 2.
    pub status: u8,
    /// Day on which that was established, ≥ `time`: that of the confirming visit, the last of the days on end.
    pub known: f64,
    /// What is seen as long as it is not established; `None` where it is at once.
    pub until_known: Option<Survival>,
}

impl TimeToEvent {
    /// What the whole observation shows.
    pub fn survival(&self) -> Survival {
        Survival { time: self.time, status: self.status }
    }

    /// What is seen by someone who follows the patient up to day `last` of the clock; `None` if the clock
    /// starts later.
    pub fn followed_to(&self, last: f64) -> Option<Survival> {
        if last < 0.0 {
            return None;
        }
        let seen = if self.known <= last { Some(self.survival()) } else { self.until_known };
        Some(seen.filter(|end| end.time <= last).unwrap_or(Survival { time: last, status: 0 }))
    }
}

/// Events of one patient and the time in which they are counted, in days of the endpoint's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// First day.
    pub from: f64,
    /// Last day, > `from`.
    pub to: f64,
    /// Days of the events, in `from` … `to`.
    pub days: Vec<f64>,
}

impl Counted {
    /// Number of events and years up to day `last`; `None` if nothing is left of the time.
    pub fn followed_to(&self, last: f64) -> Option<(f64, f64)> {
        let to = self.to.min(last);
        let years = (to - self.from) / DAYS_PER_YEAR;
        let seen = || self.days.iter().filter(|day| **day <= to).count();
        (years > 0.0).then(|| (seen() as f64, years))
    }
}

/// Something that happened: when, and when it was established. Days after time zero.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Found {
    day: f64,
    known: f64,
}

impl Found {
    fn at_once(day: f64) -> Found {
        Found { day, known: day }
    }
}

impl CompiledEndpoint {
    /// Time and status of one patient; `None` if the patient does not count.
    ///
    /// Of events on one day the event of interest goes before a competing one, and both before censoring.
    /// What a rule lets count before the clock starts stands at day 0.
    pub fn time_to_event(&self, grid: &Grid, patient: &Observed) -> Option<TimeToEvent> {
        let CompiledKind::TimeToEvent { events, competing, censor, by_day } = &self.kind else { return None };
        if !patient.counts(self) {
            return None;
        }
        let (events, competing) = (self.firsts(events, grid, patient), self.firsts(competing, grid, patient));
        let censored = self.firsts(censor, grid, patient).into_iter().map(|found| found.day);
        let last = by_day.unwrap_or(f64::INFINITY).min(self.horizon - self.zero).min(patient.end - self.zero);
        let end = censored.fold(last, f64::min).max(0.0);
        let (seen, known) = first_ending(&events, &competing, end, |_| true);
        let at_once = || first_ending(&events, &competing, end, |found| found.known <= found.day).0;
        let until_known = (known > seen.time).then(at_once);
        Some(TimeToEvent { time: seen.time, status: seen.status, known, until_known })
    }

    /// Events of one patient and the time in which they are counted; `None` if the patient does not count.
    pub fn rate(&self, grid: &Grid, patient: &Observed) -> Option<Counted> {
        let CompiledKind::Rate { events, from_day, to_day } = &self.kind else { return None };
        if !patient.counts(self) {
            return None;
        }
        let to = (patient.end - self.zero).min(to_day.unwrap_or(f64::INFINITY)).min(self.horizon - self.zero);
        if to <= *from_day {
            return None;
        }
        let days = events.iter().flat_map(|rule| self.all(rule, grid, patient)).map(|found| found.day);
        let days = days.filter(|day| *day >= *from_day && *day <= to).collect();
        Some(Counted { from: *from_day, to, days })
    }

    /// Day of the clock of the first event of one rule.
    pub fn first(&self, rule: &CompiledEvent, grid: &Grid, patient: &Observed) -> Option<f64> {
        self.all(rule, grid, patient).first().map(|found| found.day)
    }

    /// The first event of each rule, in days of the clock.
    fn firsts(&self, rules: &[CompiledEvent], grid: &Grid, patient: &Observed) -> Vec<Found> {
        rules.iter().filter_map(|rule| self.all(rule, grid, patient).into_iter().next()).collect()
    }

    /// All events of one rule in days of the clock, ascending, none before its earliest day.
    fn all(&self, rule: &CompiledEvent, grid: &Grid, patient: &Observed) -> Vec<Found> {
        let earliest = self.earliest(rule);
        let found = match &rule.what {
            What::ModelEvent(event) => days_of(&patient.events, |found| found == *event),
            What::Decision(rules) => days_of(&patient.acted, |found| rules.contains(&found)),
            What::Death { within_days } => {
                let last = self.zero + within_days.unwrap_or(f64::INFINITY);
                patient.died.into_iter().filter(|day| *day <= last).map(Found::at_once).collect()
            }
            What::NoGraft if patient.grafted => Vec::new(),
            What::Never => Vec::new(),
            What::NoGraft => vec![Found::at_once(self.zero.max(self.day_zero))],
            What::NewCount { count, at_least } => new_items(grid, patient, *count, *at_least),
            What::ScoreChange { .. } => {
                score_change(&rule.what, grid, patient, earliest).into_iter().collect()
            }
            What::Threshold { .. } => {
                self.threshold(&rule.what, grid, patient, earliest).into_iter().collect()
            }
        };
        let on_clock = |found: Found| Found { day: found.day - self.zero, known: found.known - self.zero };
        found.into_iter().filter(|found| found.day >= earliest).map(on_clock).collect()
    }

    /// First day after time zero on which a rule's events count.
    ///
    /// Who is in the analysis and dies before the clock starts has died: a death has no earliest day unless
    /// the rule states one.
    fn earliest(&self, rule: &CompiledEvent) -> f64 {
        let death = matches!(rule.what, What::Death { .. });
        if death && rule.earliest_day <= 0.0 { f64::NEG_INFINITY } else { self.zero + rule.earliest_day }
    }

    /// First day of the first stretch of `for_days` on which the value is beyond the threshold.
    fn threshold(&self, what: &What, grid: &Grid, patient: &Observed, earliest: f64) -> Option<Found> {
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

/// The first of the endings that `counts`, and when it is known; the end of observation if there is none.
fn first_ending(
    events: &[Found],
    competing: &[Found],
    end: f64,
    counts: impl Fn(&Found) -> bool,
) -> (Survival, f64) {
    let first = |list: &[Found]| {
        let inside = list.iter().copied().filter(|found| found.day <= end && counts(found));
        inside.min_by(|a, b| a.day.total_cmp(&b.day))
    };
    let (found, status) = match (first(events), first(competing)) {
        (Some(event), Some(other)) if event.day <= other.day => (event, 1),
        (_, Some(other)) => (other, 2),
        (Some(event), None) => (event, 1),
        (None, None) => (Found::at_once(end), 0),
    };
    (Survival { time: found.day.max(0.0), status }, found.known.max(0.0))
}

/// Days per year (Julian year).
pub const DAYS_PER_YEAR: f64 = 365.25;

fn days_of(list: &[(f64, u32)], wanted: impl Fn(u32) -> bool) -> Vec<Found> {
    list.iter().filter(|(_, found)| wanted(*found)).map(|(day, _)| Found::at_once(*day)).collect()
}

fn new_items(grid: &Grid, patient: &Observed, count: usize, at_least: u64) -> Vec<Found> {
    let visits = grid.imaging_days.iter().zip(patient.count(count)).skip(1);
    let found = visits.filter(|(day, new)| **new >= at_least && **day <= patient.end);
    found.map(|(day, _)| Found::at_once(*day)).collect()
}

/// The first score visit that is worse (better) than baseline by the step and, if asked, still so at every
/// visit up to the confirming one.
fn score_change(what: &What, grid: &Grid, patient: &Observed, earliest: f64) -> Option<Found> {
    let What::ScoreChange { score, higher_is_worse, toward, by, high, confirmed_after_days, baseline } = what
    else {
        return None;
    };
    let values = patient.score(*score);
    let start = match baseline {
        Baseline::Entry => values.first().copied(),
        Baseline::Day(day) => at_visit(&grid.score_days, values, *day),
    }?;
    let by = high.filter(|(level, _)| start >= *level - HAIR).map_or(*by, |(_, step)| step);
    let upward = *higher_is_worse == (*toward == Toward::Worse);
    let reached = |x: f64| if upward { x >= start + by - HAIR } else { x <= start - by + HAIR };
    let course = Course { days: &grid.score_days, values, end: patient.end, reached: &reached };
    let known = |visit: usize| course.confirmed(visit, *confirmed_after_days);
    (1..values.len())
        .filter(|visit| grid.score_days[*visit] >= earliest && course.shows(*visit))
        .find_map(|visit| Some(Found { day: grid.score_days[visit], known: known(visit)? }))
}

/// Scores are multiples of a step: a hair's breadth below the threshold is the threshold.
const HAIR: f64 = 1e-9;

/// Score visits of one patient beside the change that is looked for.
struct Course<'a> {
    days: &'a [f64],
    values: &'a [f64],
    end: f64,
    reached: &'a dyn Fn(f64) -> bool,
}

impl Course<'_> {
    /// Whether the visit took place and shows the change.
    fn shows(&self, visit: usize) -> bool {
        self.days[visit] <= self.end && (self.reached)(self.values[visit])
    }

    /// Day of the first visit at least `after` days later, if it and every visit before it show the change;
    /// the visit's own day where no confirmation is asked.
    fn confirmed(&self, visit: usize, after: Option<f64>) -> Option<f64> {
        let Some(after) = after else { return Some(self.days[visit]) };
        let late_enough = |later: &usize| self.days[*later] >= self.days[visit] + after - WINDOW_DAYS;
        let confirming = (visit + 1..self.days.len()).find(late_enough)?;
        (visit + 1..=confirming).all(|later| self.shows(later)).then(|| self.days[confirming])
    }
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

/// First day from `from` on at which `beyond` holds, and holds on every measured day up to `for_days` later.
/// "Three days on end" from day d needs d, d+1 and d+2. A day without measurement is taken to hold where the
/// measured days on both its sides do: the stretch must end on a measured day.
fn first_stretch(
    days: &[f64],
    values: &[f64],
    from: f64,
    for_days: f64,
    beyond: &dyn Fn(f64) -> bool,
) -> Option<Found> {
    let mut start: Option<f64> = None;
    for (day, value) in days.iter().zip(values).filter(|(day, _)| **day >= from) {
        if !beyond(*value) {
            start = None;
            continue;
        }
        let since = *start.get_or_insert(*day);
        if day - since >= for_days - 1.0 {
            return Some(Found { day: since, known: *day });
        }
    }
    None
}

#[cfg(test)]
mod tests;
