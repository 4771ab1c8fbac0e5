//! One number from the outcomes of some patients: the same function serves the estimate, the resamples
//! behind the simulation error, and the small trials behind the prediction interval.

use regraft_stats::{
    Group, NotEstimable, Survival, cox_two_groups, cumulative_incidence, kaplan_meier, median_time,
};
use regraft_trial::trial_file::Method;

use crate::outcomes::Outcome;

/// Days by which a visit may miss the asked-for day.
const WINDOW_DAYS: f64 = 7.0;

/// Some patients of an arm: rows of the cohort, and for each the last day of follow-up if it is cut short.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The arm's outcome of the endpoint.
    pub outcome: &'a Outcome,
    /// Rows of the cohort, with repeats.
    pub rows: &'a [usize],
    /// Last day of follow-up of each row of the sample; empty for none.
    pub follow_up: &'a [f64],
}

impl Sample<'_> {
    /// Last day of follow-up of the sample's patient number `k`.
    fn last_day(&self, k: usize) -> f64 {
        self.follow_up.get(k).copied().unwrap_or(f64::INFINITY)
    }

    /// Times of the patients that count, cut at their follow-up.
    pub fn times(&self) -> Vec<Survival> {
        let Outcome::Times(times) = self.outcome else { return Vec::new() };
        let found = self.rows.iter().enumerate().filter_map(|(k, row)| Some((k, times[*row]?)));
        found.map(|(k, outcome)| cut(outcome, self.last_day(k))).collect()
    }

    /// Score values at the visit nearest to `day`.
    pub fn values(&self, day: f64) -> Vec<f64> {
        let Outcome::Scores { days, values } = self.outcome else { return Vec::new() };
        let Some(visit) = nearest_visit(days, day) else { return Vec::new() };
        let found = self.rows.iter().enumerate().filter(|(k, _)| self.last_day(*k) >= days[visit]);
        found.map(|(_, row)| values[row * days.len() + visit]).filter(|value| value.is_finite()).collect()
    }

    /// Patients that count.
    pub fn n(&self) -> usize {
        match self.outcome {
            Outcome::Times(times) => self.rows.iter().filter(|row| times[**row].is_some()).count(),
            Outcome::Rates(rates) => self.rows.iter().filter(|row| rates[**row].is_some()).count(),
            Outcome::Scores { days, values } => {
                self.rows.iter().filter(|row| values[**row * days.len()].is_finite()).count()
            }
        }
    }
}

fn cut(outcome: Survival, last: f64) -> Survival {
    if outcome.time <= last { outcome } else { Survival { time: last, status: 0 } }
}

/// Index of the visit nearest to `day`, if one is near enough.
pub fn nearest_visit(days: &[f64], day: f64) -> Option<usize> {
    let miss = |i: &usize| (days[*i] - day).abs();
    let nearest = (0..days.len()).min_by(|a, b| miss(a).total_cmp(&miss(b)))?;
    (miss(&nearest) <= WINDOW_DAYS).then_some(nearest)
}

/// The statistic of a method: percent for shares, days for a median, the score's unit for means, events
/// per year for rates, a ratio for `hazard_ratio`. With `versus`, means and rates are differences.
///
/// # Errors
/// Why there is no number.
pub fn statistic(
    method: Method,
    sample: Sample<'_>,
    versus: Option<Sample<'_>>,
    day: Option<f64>,
) -> Result<f64, String> {
    if method == Method::HazardRatio {
        return hazard_ratio(sample, versus.ok_or("a hazard ratio needs a second arm")?);
    }
    let own = of_one_arm(method, sample, day)?;
    match versus {
        Some(other) => Ok(own - of_one_arm(method, other, day)?),
        None => Ok(own),
    }
}

fn of_one_arm(method: Method, sample: Sample<'_>, day: Option<f64>) -> Result<f64, String> {
    match method {
        Method::KaplanMeier => Ok(100.0 * curve_at(&kaplan_meier(&sample.times(), 0.95), day)?),
        Method::KaplanMeierComplement => {
            Ok(100.0 * (1.0 - curve_at(&kaplan_meier(&sample.times(), 0.95), day)?))
        }
        Method::CumulativeIncidence => {
            Ok(100.0 * curve_at(&cumulative_incidence(&sample.times(), 1, 0.95), day)?)
        }
        Method::Proportion => share(&sample.times(), day),
        Method::MedianDay => median_time(&kaplan_meier(&sample.times(), 0.95))
            .ok_or_else(|| "fewer than half of the patients had the event".to_string()),
        Method::Mean | Method::MeanChange => mean(&sample.values(day.unwrap_or(f64::NAN))),
        Method::AnnualRate => rate(sample),
        Method::HazardRatio => Err("a hazard ratio needs a second arm".into()),
    }
}

fn curve_at(curve: &regraft_stats::Curve, day: Option<f64>) -> Result<f64, String> {
    let day = day.ok_or("the analysis names no day")?;
    curve
        .at(day)
        .map(|point| point.estimate)
        .ok_or_else(|| "no patient is followed until that day".to_string())
}

fn share(times: &[Survival], day: Option<f64>) -> Result<f64, String> {
    if times.is_empty() {
        return Err("no patients".into());
    }
    let last = day.unwrap_or(f64::INFINITY);
    let events = times.iter().filter(|s| s.status == 1 && s.time <= last).count();
    Ok(100.0 * events as f64 / times.len() as f64)
}

fn mean(values: &[f64]) -> Result<f64, String> {
    if values.is_empty() {
        return Err("no patient was seen at that visit".into());
    }
    Ok(values.iter().sum::<f64>() / values.len() as f64)
}

fn rate(sample: Sample<'_>) -> Result<f64, String> {
    let Outcome::Rates(rates) = sample.outcome else { return Err("the endpoint is not a rate".into()) };
    let (mut events, mut years) = (0.0, 0.0);
    for (count, followed) in sample.rows.iter().filter_map(|row| rates[*row]) {
        events += count;
        years += followed;
    }
    if years > 0.0 { Ok(events / years) } else { Err("no patient was followed".into()) }
}

/// Cox's hazard ratio; 0 if the first arm has no event (the likelihood falls without end).
fn hazard_ratio(sample: Sample<'_>, versus: Sample<'_>) -> Result<f64, String> {
    match cox_two_groups(&sample.times(), &versus.times(), 0.95) {
        Ok(found) => Ok(found.ratio),
        Err(NotEstimable::NoEvents { which: Group::Treated }) => Ok(0.0),
        Err(reason) => Err(reason.to_string()),
    }
}
