//! Outcomes of a cohort that is too large to be kept patient by patient, counted up.

use std::collections::BTreeSet;

use regraft_stats::{Endings, Estimate, mean_interval_of};
use regraft_trial::trial_file::Method;

use super::AnalysisPlan;
use super::bins::{Bins, Width};
use super::statistic::Seen;
use crate::outcomes::{Outcome, nearest_visit};

/// Parts into which a cohort is dealt for its simulation error, patient after patient. Chosen: the width of the
/// interval then wobbles by 9 % (1/√(2 · 63)).
pub const PARTS: usize = 64;

/// Different times, or values of a score, that are told apart. Chosen: with more of them a time in a trial of
/// five years is known to three hours.
const MOST: usize = 8192;

/// The same in each part: two days.
const MOST_IN_PART: usize = 512;

/// Everybody's outcomes, counted up by arm and endpoint.
#[derive(Debug, Clone, Default)]
pub struct Crowd {
    /// Arms and endpoints whose simulation error needs the parts.
    in_parts: BTreeSet<(usize, usize)>,
    /// `[arm][endpoint]`
    arms: Vec<Vec<Counted>>,
}

/// One endpoint in one arm.
#[derive(Debug, Clone)]
struct Counted {
    all: Tally,
    /// `[part]`; empty where the parts are not needed.
    parts: Vec<Tally>,
}

impl Crowd {
    /// Nobody yet, in a trial with these arms and analyses.
    pub fn new(n_arms: usize, analyses: &[AnalysisPlan]) -> Crowd {
        let resampled = analyses.iter().filter(|plan| is_resampled(plan));
        let pairs = |plan: &AnalysisPlan| {
            let endpoint = plan.endpoint;
            plan.arms.iter().copied().chain(plan.versus).map(move |arm| (arm, endpoint)).collect::<Vec<_>>()
        };
        Crowd { in_parts: resampled.flat_map(pairs).collect(), arms: vec![Vec::new(); n_arms] }
    }

    /// Counts the outcomes of the next patients of an arm, `[endpoint]`; the first of them is number
    /// `first_row` of the cohort.
    pub fn add(&mut self, arm: usize, first_row: usize, outcomes: &[Outcome]) {
        for (endpoint, outcome) in outcomes.iter().enumerate() {
            if self.arms[arm].len() == endpoint {
                let n_parts = if self.in_parts.contains(&(arm, endpoint)) { PARTS } else { 0 };
                let parts = vec![Tally::of_kind(outcome, MOST_IN_PART); n_parts];
                self.arms[arm].push(Counted { all: Tally::of_kind(outcome, MOST), parts });
            }
            let counted = &mut self.arms[arm][endpoint];
            for patient in 0..outcome.n_patients() {
                counted.all.add(outcome, patient);
                if !counted.parts.is_empty() {
                    counted.parts[(first_row + patient) % PARTS].add(outcome, patient);
                }
            }
        }
    }

    /// Everybody in one arm of an analysis.
    pub fn seen(&self, plan: &AnalysisPlan, arm: usize) -> Counts {
        Counts::of(&[&self.arms[arm][plan.endpoint].all])
    }

    /// Everybody but one part. Nobody where the analysis is not resampled.
    pub fn without(&self, plan: &AnalysisPlan, arm: usize, part: usize) -> Counts {
        let parts = self.arms[arm][plan.endpoint].parts.iter().enumerate();
        let others: Vec<&Tally> =
            parts.filter(|(number, _)| *number != part).map(|(_, tally)| tally).collect();
        Counts::of(&others)
    }
}

/// Whether the simulation error of an analysis comes from resampled patients rather than from a formula.
pub fn is_resampled(plan: &AnalysisPlan) -> bool {
    let alone = matches!(
        plan.method,
        Method::MedianDay | Method::AnnualRate | Method::RateRatio | Method::HazardRatio
    );
    alone || plan.versus.is_some()
}

/// Counts of one endpoint that grow patient by patient.
#[derive(Debug, Clone)]
enum Tally {
    /// Kinds: censored, event, competing event.
    Times(Bins<3>),
    Scores {
        days: Vec<f64>,
        visits: Vec<Bins<1>>,
    },
    Rates {
        n: usize,
        events: f64,
        years: f64,
    },
}

impl Tally {
    fn of_kind(outcome: &Outcome, most: usize) -> Tally {
        match outcome {
            Outcome::Times(_) => Tally::Times(Bins::new(Width::Same, most)),
            Outcome::Scores { days, .. } => {
                Tally::Scores { days: days.clone(), visits: vec![Bins::new(Width::Share, most); days.len()] }
            }
            Outcome::Rates(_) => Tally::Rates { n: 0, events: 0.0, years: 0.0 },
        }
    }

    fn add(&mut self, outcome: &Outcome, patient: usize) {
        match (self, outcome) {
            (Tally::Times(bins), Outcome::Times(times)) => {
                if let Some(end) = &times[patient] {
                    bins.add(end.time, usize::from(end.status.min(2)));
                }
            }
            (Tally::Scores { days, visits }, Outcome::Scores { values, .. }) => {
                let values = &values[patient * days.len()..(patient + 1) * days.len()];
                let seen = visits.iter_mut().zip(values).filter(|(_, value)| value.is_finite());
                seen.for_each(|(bins, value)| bins.add(*value, 0));
            }
            (Tally::Rates { n, events, years }, Outcome::Rates(rates)) => {
                *n += usize::from(rates[patient].is_some());
                if let Some((count, followed)) =
                    rates[patient].as_ref().and_then(|r| r.followed_to(f64::INFINITY))
                {
                    *events += count;
                    *years += followed;
                }
            }
            _ => unreachable!("an endpoint has outcomes of one kind"),
        }
    }
}

/// What was counted of one endpoint, ready for the estimators.
#[derive(Debug, Clone, PartialEq)]
pub enum Counts {
    /// Times to event.
    Times(Vec<Endings>),
    /// Scores at visits: (value, how often), `[visit]`.
    Scores {
        /// Days of the endpoint's clock, `[visit]`.
        days: Vec<f64>,
        /// `[visit][value]`
        visits: Vec<Vec<(f64, usize)>>,
    },
    /// Events and years.
    Rates {
        /// Patients that count.
        n: usize,
        /// Their events.
        events: f64,
        /// Their years.
        years: f64,
    },
}

impl Counts {
    /// The sum of tallies of one endpoint.
    fn of(tallies: &[&Tally]) -> Counts {
        match tallies.first() {
            Some(Tally::Scores { days, .. }) => Counts::Scores {
                days: days.clone(),
                visits: (0..days.len()).map(|visit| values_at(tallies, visit)).collect(),
            },
            Some(Tally::Rates { .. }) => {
                tallies.iter().fold(Counts::Rates { n: 0, events: 0.0, years: 0.0 }, |sum, tally| {
                    match (sum, tally) {
                        (Counts::Rates { n, events, years }, Tally::Rates { n: m, events: e, years: y }) => {
                            Counts::Rates { n: n + m, events: events + e, years: years + y }
                        }
                        (sum, _) => sum,
                    }
                })
            }
            _ => Counts::Times(endings(tallies)),
        }
    }
}

fn endings(tallies: &[&Tally]) -> Vec<Endings> {
    let rows =
        tallies.iter().filter_map(|tally| if let Tally::Times(bins) = tally { Some(bins) } else { None });
    let counted = summed(rows.flat_map(Bins::rows).collect());
    let ending = |(time, [censored, events, competing]): (f64, [usize; 3])| Endings {
        time,
        events,
        competing,
        censored,
    };
    counted.into_iter().map(ending).collect()
}

fn values_at(tallies: &[&Tally], visit: usize) -> Vec<(f64, usize)> {
    let bins = tallies
        .iter()
        .filter_map(|t| if let Tally::Scores { visits, .. } = t { Some(&visits[visit]) } else { None });
    summed(bins.flat_map(Bins::rows).collect()).into_iter().map(|(value, [count])| (value, count)).collect()
}

/// Rows in ascending order, those of one value as one.
fn summed<const N: usize>(mut rows: Vec<(f64, [usize; N])>) -> Vec<(f64, [usize; N])> {
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1.iter_mut().zip(next.1).for_each(|(sum, more)| *sum += more);
        }
        same
    });
    rows
}

impl Seen for &Counts {
    fn endings(self) -> Vec<Endings> {
        if let Counts::Times(endings) = self { endings.clone() } else { Vec::new() }
    }

    fn mean(self, day: f64) -> Option<f64> {
        let values = self.values(day);
        let n: usize = values.iter().map(|(_, count)| count).sum();
        (n > 0).then(|| values.iter().map(|(value, count)| value * *count as f64).sum::<f64>() / n as f64)
    }

    fn mean_interval(self, day: f64, level: f64) -> Estimate {
        mean_interval_of(self.values(day), level)
    }

    fn rate(self) -> (f64, f64) {
        if let Counts::Rates { events, years, .. } = self { (*events, *years) } else { (0.0, 0.0) }
    }

    fn n(self, day: Option<f64>) -> usize {
        match self {
            Counts::Times(endings) => endings.iter().map(Endings::total).sum(),
            Counts::Rates { n, .. } => *n,
            Counts::Scores { .. } => {
                day.map_or(0, |day| self.values(day).iter().map(|(_, count)| count).sum())
            }
        }
    }

    fn has_events(self) -> bool {
        match self {
            Counts::Times(endings) => endings.iter().any(|ending| ending.events > 0),
            Counts::Rates { events, .. } => *events > 0.0,
            Counts::Scores { .. } => true,
        }
    }
}

impl Counts {
    /// Values of a score at the visit nearest to `day`.
    fn values(&self, day: f64) -> &[(f64, usize)] {
        let Counts::Scores { days, visits } = self else { return &[] };
        nearest_visit(days, day).map_or(&[], |visit| &visits[visit])
    }
}

#[cfg(test)]
mod tests;
