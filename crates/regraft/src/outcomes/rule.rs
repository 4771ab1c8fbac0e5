//! Event rules of endpoints, evaluated on what the clinic saw. Names have become indices.

use regraft_stats::Survival;
use regraft_trial::endpoint::{After, Side};

use super::ending::{Counted, TimeToEvent};
use super::found::{
    Found, at_visit, days_of, extreme, first_stretch, nearest_visit, new_items, reaches, score_change,
};
use super::observe::{Grid, Observed};
use super::what::{Part, SeriesOf, What};

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
    /// A value at visits.
    Value {
        /// Of what.
        of: SeriesOf,
        /// Minus the value at entry.
        change: bool,
        /// Only at the visits nearest to these days of the clock; at all where empty.
        at: Vec<f64>,
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

impl CompiledEndpoint {
    /// Whether a patient counts: solved, and in the endpoint's analysis set.
    pub(crate) fn counts(&self, patient: &Observed) -> bool {
        let grafted = patient.grafted || !self.only_grafted;
        let reached = patient.end >= self.zero || !self.only_reached;
        !patient.failed && grafted && reached
    }

    /// Time and status of one patient; `None` if the patient does not count.
    ///
    /// Of events on one day the event of interest goes before a competing one, and both before censoring.
    /// What a rule lets count before the clock starts stands at day 0.
    pub fn time_to_event(&self, grid: &Grid, patient: &Observed) -> Option<TimeToEvent> {
        let CompiledKind::TimeToEvent { events, competing, censor, by_day } = &self.kind else { return None };
        if !self.counts(patient) {
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
        if !self.counts(patient) {
            return None;
        }
        let to = (patient.end - self.zero).min(to_day.unwrap_or(f64::INFINITY)).min(self.horizon - self.zero);
        if to <= *from_day {
            return None;
        }
        let days = events.iter().flat_map(|rule| self.all(rule, grid, patient)).map(|found| found.day);
        let days = days.filter(|day| *day >= *from_day && *day <= to).collect();
        let scans = self.is_counted_on_scans().then(|| {
            let of_clock = grid.imaging_days.iter().map(|day| day - self.zero);
            of_clock.filter(|day| *day <= to).collect()
        });
        Some(Counted { from: *from_day, to, days, scans })
    }

    /// Whether all events of a rate are counted on scans, so that they tell of the time between two scans.
    fn is_counted_on_scans(&self) -> bool {
        let CompiledKind::Rate { events, .. } = &self.kind else { return false };
        !events.is_empty() && events.iter().all(|rule| matches!(rule.what, What::NewCount { .. }))
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
            What::NewCount { count, at_least, each } => new_items(grid, patient, *count, *at_least, *each),
            What::ScoreChange { .. } => {
                score_change(&rule.what, grid, patient, earliest).into_iter().collect()
            }
            What::Threshold { .. } => {
                self.threshold(&rule.what, grid, patient, earliest).into_iter().collect()
            }
            What::All { of, for_days } => {
                self.together(of, *for_days, grid, patient, earliest).into_iter().collect()
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
        let (days, values) = series(*of, grid, patient);
        let from = match after {
            After::TimeZero => 0.0,
            After::DayZero => self.day_zero,
            After::Nadir => extreme(days, values, self.day_zero, *side)?,
        };
        first_stretch(days, values, from.max(earliest), *for_days, &beyond(*side, *value))
    }

    /// First day of the first stretch of `for_days` on whose visits all parts hold.
    fn together(
        &self,
        of: &[Part],
        for_days: f64,
        grid: &Grid,
        patient: &Observed,
        earliest: f64,
    ) -> Option<Found> {
        let visits =
            if of.iter().any(Part::is_read_at_score_visits) { &grid.score_days } else { &grid.lab_days };
        let holds = |day: &f64| {
            let here = *day <= patient.end && of.iter().all(|part| self.holds(part, *day, grid, patient));
            f64::from(u8::from(here))
        };
        let held: Vec<f64> = visits.iter().map(holds).collect();
        first_stretch(visits, &held, earliest, for_days, &|here| here > 0.5)
    }

    fn holds(&self, part: &Part, day: f64, grid: &Grid, patient: &Observed) -> bool {
        if day < self.zero + part.earliest_day {
            return false;
        }
        match &part.what {
            What::ScoreChange { score, .. } => at_visit(&grid.score_days, patient.score(*score), day)
                .is_some_and(|value| reaches(&part.what, grid, patient).is_some_and(|by| by(value))),
            What::Threshold { of, side, value, after, .. } => {
                let (days, values) = series(*of, grid, patient);
                let from = if *after == After::DayZero { self.day_zero } else { 0.0 };
                day >= from && at_visit(days, values, day).is_some_and(beyond(*side, *value))
            }
            What::NewCount { count, at_least, .. } => {
                let nearest = nearest_visit(&grid.imaging_days, day);
                nearest.is_some_and(|visit| patient.count(*count)[visit] >= *at_least)
            }
            _ => {
                let rule = CompiledEvent { earliest_day: 0.0, what: part.what.clone() };
                let happened = self.all(&rule, grid, patient);
                happened.iter().any(|found| found.day + self.zero <= day) != part.absent
            }
        }
    }
}

/// The days and values of a series.
pub(crate) fn series<'a>(of: SeriesOf, grid: &'a Grid, patient: &'a Observed) -> (&'a [f64], &'a [f64]) {
    let values = match of {
        SeriesOf::Lab(lab) => patient.lab(lab),
        SeriesOf::Score(score) => patient.score(score),
        SeriesOf::Other(other) => patient.other(other),
    };
    (super::days_of(of, grid), values)
}

fn beyond(side: Side, threshold: f64) -> impl Fn(f64) -> bool {
    move |x| match side {
        Side::Above => x > threshold,
        Side::Below => x < threshold,
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

#[cfg(test)]
mod tests;
