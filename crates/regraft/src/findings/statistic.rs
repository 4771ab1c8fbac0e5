//! Numbers from the outcomes of some patients, on all days of an analysis at once: the same function serves
//! the estimate, the resamples behind the simulation error, and the small trials behind the prediction
//! interval.

use regraft_stats::{
    Curve, Endings, Estimate, Group, NotEstimable, Survival, count_endings, cox_two_groups_of,
    cumulative_incidence_of, kaplan_meier_of, mean_interval, median_time,
};
use regraft_trial::trial_file::Method;

use crate::outcomes::{Outcome, nearest_visit};

/// Why there is no number.
#[derive(Debug, Clone, PartialEq)]
pub struct NoNumber {
    /// For people.
    pub reason: String,
    /// Where the estimator runs off to (0, ∞), if anywhere: a resample that has no number but this counts as
    /// it among the others.
    pub limit: Option<f64>,
}

impl NoNumber {
    fn because(reason: impl Into<String>) -> NoNumber {
        NoNumber { reason: reason.into(), limit: None }
    }
}

/// What is seen of one endpoint in some patients of an arm, known one by one or counted up.
pub trait Seen: Copy {
    /// How many patients' follow-up ends when, and how.
    fn endings(self) -> Vec<Endings>;

    /// Mean of the score at the visit nearest to `day`; `None` if nobody was seen there.
    fn mean(self, day: f64) -> Option<f64>;

    /// The same with its interval.
    fn mean_interval(self, day: f64, level: f64) -> Estimate;

    /// Events and years of the patients that count.
    fn rate(self) -> (f64, f64);

    /// Patients behind the estimate on `day`: those seen at that visit for a score, those that count for the
    /// others.
    fn n(self, day: Option<f64>) -> usize;

    /// Whether anything at all happened: an event of interest, whenever; true where a score is read.
    fn has_events(self) -> bool;
}

/// Some patients of an arm: rows of the cohort, and for each the last day of follow-up if it is cut short.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The arm's outcome of the endpoint.
    pub outcome: &'a Outcome,
    /// Rows of the cohort, with repeats.
    pub rows: &'a [usize],
    /// Last day of follow-up of each row of the sample, days after the trial's time zero; empty for none.
    pub follow_up: &'a [f64],
    /// Day after the trial's time zero on which the endpoint's clock starts in the arm.
    pub zero: f64,
}

impl Sample<'_> {
    /// Last day of the endpoint's clock on which the sample's patient number `k` is followed.
    fn last_day(&self, k: usize) -> f64 {
        self.follow_up.get(k).map_or(f64::INFINITY, |day| day - self.zero)
    }

    /// Times of the patients that count, cut at their follow-up.
    pub fn times(&self) -> Vec<Survival> {
        let Outcome::Times(times) = self.outcome else { return Vec::new() };
        let seen = |(k, row): (usize, &usize)| times[*row].as_ref()?.followed_to(self.last_day(k));
        self.rows.iter().enumerate().filter_map(seen).collect()
    }

    /// Score values at the visit nearest to `day`.
    pub fn values(&self, day: f64) -> Vec<f64> {
        let Outcome::Scores { days, values } = self.outcome else { return Vec::new() };
        let Some(visit) = nearest_visit(days, day) else { return Vec::new() };
        let seen = self.rows.iter().enumerate().filter(|(k, _)| self.last_day(*k) >= days[visit]);
        seen.map(|(_, row)| values[row * days.len() + visit]).filter(|value| value.is_finite()).collect()
    }
}

impl Seen for Sample<'_> {
    fn endings(self) -> Vec<Endings> {
        count_endings(&self.times())
    }

    fn mean(self, day: f64) -> Option<f64> {
        let values = self.values(day);
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    fn mean_interval(self, day: f64, level: f64) -> Estimate {
        mean_interval(&self.values(day), level)
    }

    fn rate(self) -> (f64, f64) {
        let Outcome::Rates(rates) = self.outcome else { return (0.0, 0.0) };
        let seen = |(k, row): (usize, &usize)| rates[*row].as_ref()?.followed_to(self.last_day(k));
        let found = self.rows.iter().enumerate().filter_map(seen);
        found.fold((0.0, 0.0), |(events, years), (count, followed)| (events + count, years + followed))
    }

    fn n(self, day: Option<f64>) -> usize {
        match self.outcome {
            Outcome::Times(times) => self.rows.iter().filter(|row| times[**row].is_some()).count(),
            Outcome::Rates(rates) => self.rows.iter().filter(|row| rates[**row].is_some()).count(),
            Outcome::Scores { .. } => day.map_or(0, |day| self.values(day).len()),
        }
    }

    fn has_events(self) -> bool {
        match self.outcome {
            Outcome::Times(_) => self.times().iter().any(|end| end.status == 1),
            Outcome::Rates(_) => self.rate().0 > 0.0,
            Outcome::Scores { .. } => true,
        }
    }
}

/// The statistic of a method on each day: percent for shares, days for a median, the score's unit for means,
/// events per year for rates, a ratio for `hazard_ratio` and `rate_ratio`. With `versus`, all but the ratios are differences.
///
/// Numbers are finite; what cannot be said is [`NoNumber`].
pub fn statistics<S: Seen>(
    method: Method,
    sample: S,
    versus: Option<S>,
    days: &[Option<f64>],
) -> Vec<Result<f64, NoNumber>> {
    if method.is_ratio() {
        let of = if method == Method::HazardRatio { hazard_ratio::<S> } else { rate_ratio::<S> };
        let ratio = versus
            .ok_or_else(|| NoNumber::because("a ratio needs a second arm"))
            .and_then(|versus| of(sample, versus));
        return vec![ratio; days.len()];
    }
    let own = of_one_arm(method, sample, days);
    let Some(versus) = versus else { return own };
    let other = of_one_arm(method, versus, days);
    own.into_iter().zip(other).map(|(own, other)| difference(own, other)).collect()
}

/// A difference runs off nowhere that is known.
fn difference(own: Result<f64, NoNumber>, other: Result<f64, NoNumber>) -> Result<f64, NoNumber> {
    let known = |missing: NoNumber| NoNumber { limit: None, ..missing };
    Ok(own.map_err(known)? - other.map_err(known)?)
}

fn of_one_arm(method: Method, sample: impl Seen, days: &[Option<f64>]) -> Vec<Result<f64, NoNumber>> {
    let each = |of_day: &dyn Fn(Option<f64>) -> Result<f64, NoNumber>| {
        days.iter().map(|day| of_day(*day)).collect::<Vec<_>>()
    };
    // The level is that of intervals, which are not used here.
    let survival = || kaplan_meier_of(&sample.endings(), 0.95);
    match method {
        Method::KaplanMeier => {
            let curve = survival();
            each(&|day| Ok(100.0 * curve_at(&curve, day)?))
        }
        Method::KaplanMeierComplement => {
            let curve = survival();
            each(&|day| Ok(100.0 * (1.0 - curve_at(&curve, day)?)))
        }
        Method::CumulativeIncidence => {
            let curve = cumulative_incidence_of(&sample.endings(), 0.95);
            each(&|day| Ok(100.0 * curve_at(&curve, day)?))
        }
        Method::Proportion => {
            let endings = sample.endings();
            each(&|day| share(&endings, day))
        }
        Method::Mean | Method::MeanChange => each(&|day| mean(sample, day)),
        Method::MedianDay => vec![median(&survival()); days.len()],
        Method::AnnualRate => vec![rate(sample); days.len()],
        Method::HazardRatio | Method::RateRatio => {
            vec![Err(NoNumber::because("a ratio needs a second arm")); days.len()]
        }
    }
}

fn curve_at(curve: &Curve, day: Option<f64>) -> Result<f64, NoNumber> {
    let day = day.ok_or_else(|| NoNumber::because("the analysis names no day"))?;
    let point = curve.at(day).map(|point| point.estimate);
    point.ok_or_else(|| NoNumber::because("no patient is followed until that day"))
}

fn share(endings: &[Endings], day: Option<f64>) -> Result<f64, NoNumber> {
    let (events, n) = events_by(endings, day);
    if n == 0 { Err(NoNumber::because("no patients")) } else { Ok(100.0 * events as f64 / n as f64) }
}

/// Events of interest up to `day`, all of them without a day, and the number of patients.
pub fn events_by(endings: &[Endings], day: Option<f64>) -> (usize, usize) {
    let last = day.unwrap_or(f64::INFINITY);
    let events = endings.iter().filter(|ending| ending.time <= last).map(|ending| ending.events).sum();
    (events, endings.iter().map(Endings::total).sum())
}

fn median(curve: &Curve) -> Result<f64, NoNumber> {
    let followed = !curve.times.is_empty();
    median_time(curve).ok_or_else(|| NoNumber {
        reason: "fewer than half of the patients had the event".into(),
        limit: followed.then_some(f64::INFINITY),
    })
}

fn mean(sample: impl Seen, day: Option<f64>) -> Result<f64, NoNumber> {
    sample.mean(day.unwrap_or(f64::NAN)).ok_or_else(|| NoNumber::because("no patient was seen at that visit"))
}

fn rate(sample: impl Seen) -> Result<f64, NoNumber> {
    let (events, years) = sample.rate();
    if years > 0.0 { Ok(events / years) } else { Err(NoNumber::because("no patient was followed")) }
}

/// Events per year of the first sample divided by those of the second.
fn rate_ratio<S: Seen>(sample: S, versus: S) -> Result<f64, NoNumber> {
    let (own, other) = (rate(sample)?, rate(versus)?);
    if other > 0.0 {
        return Ok(own / other);
    }
    let limit = (own > 0.0).then_some(f64::INFINITY);
    Err(NoNumber { reason: "no event in the arm of comparison: there is no ratio".into(), limit })
}

/// Cox's hazard ratio of the first to the second sample.
///
/// Where the events of one arm say nothing the likelihood rises without end: to 0 if they are the first
/// arm's, to ∞ if they are the second's.
fn hazard_ratio<S: Seen>(sample: S, versus: S) -> Result<f64, NoNumber> {
    let found = cox_two_groups_of(&sample.endings(), &versus.endings(), 0.95);
    let reason = match found {
        Ok(found) if found.ratio.is_finite() => return Ok(found.ratio),
        Ok(_) => return Err(NoNumber::because("the hazard ratio is beyond all numbers")),
        Err(reason) => reason,
    };
    let limit = match reason {
        NotEstimable::NoEvents { which: Group::Treated }
        | NotEstimable::NoOverlap { which: Group::Treated } => Some(0.0),
        NotEstimable::NoEvents { which: Group::Control }
        | NotEstimable::NoOverlap { which: Group::Control } => Some(f64::INFINITY),
        _ => None,
    };
    Err(NoNumber { reason: format!("{}: there is no ratio", in_our_words(reason)), limit })
}

/// The reason in words of arms: the first is the finding's arm, the second the one it is compared with.
fn in_our_words(reason: NotEstimable) -> String {
    let arm = |which| match which {
        Group::Treated => "this arm",
        Group::Control => "the arm compared with",
        Group::Both => "either arm",
    };
    match reason {
        NotEstimable::NoPatients { which } => format!("no patients in {}", arm(which)),
        NotEstimable::NoEvents { which } => format!("no events in {}", arm(which)),
        NotEstimable::NoOverlap { which } => {
            format!("no event in {} while the other was at risk", arm(which))
        }
    }
}

#[cfg(test)]
mod tests;
