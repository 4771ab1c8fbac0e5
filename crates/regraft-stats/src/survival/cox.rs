//! The hazard ratio of two groups from the Cox model with one 0/1 covariate.

use thiserror::Error;

use super::Survival;
use super::tally::{Endings, count_endings};
use crate::estimate::critical_value;
use crate::math;

/// Hazard of the treated over the hazard of the control group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HazardRatio {
    /// exp(log_ratio).
    pub ratio: f64,
    /// Lower end of Wald's interval, exp(log_ratio − z · standard_error).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Maximum of the partial likelihood.
    pub log_ratio: f64,
    /// From the observed information.
    pub standard_error: f64,
}

/// One of the two groups compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The treated.
    Treated,
    /// The control group.
    Control,
    /// Both.
    Both,
}

/// Why there is no hazard ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotEstimable {
    /// A group without patients.
    #[error("no patients in {}", words(*which))]
    NoPatients {
        /// The group.
        which: Group,
    },
    /// A group without events: the likelihood rises without end, the ratio is 0 or infinite.
    #[error("no events in {}", words(*which))]
    NoEvents {
        /// The group.
        which: Group,
    },
    /// Events in both groups, but those of one group never while the other was at risk: no finite maximum.
    #[error("no event of {} while the other group was at risk", words(*which))]
    NoOverlap {
        /// The group whose events say nothing.
        which: Group,
    },
}

fn words(group: Group) -> &'static str {
    match group {
        Group::Treated => "the treated group",
        Group::Control => "the control group",
        Group::Both => "either group",
    }
}

/// Hazard ratio of `treated` to `control`, events of status 1; all else censors. R's `coxph(ties = "efron")`.
///
/// Wald's interval at `level` in (0, 1).
///
/// # Errors
/// [`NotEstimable`] where the partial likelihood has no finite maximum.
pub fn cox_two_groups(
    treated: &[Survival],
    control: &[Survival],
    level: f64,
) -> Result<HazardRatio, NotEstimable> {
    cox_two_groups_of(&count_endings(treated), &count_endings(control), level)
}

/// [`cox_two_groups`] of follow-up counted up; the same bits.
///
/// # Errors
/// As there.
pub fn cox_two_groups_of(
    treated: &[Endings],
    control: &[Endings],
    level: f64,
) -> Result<HazardRatio, NotEstimable> {
    let nobody = |group: &[Endings]| group.iter().all(|ending| ending.total() == 0);
    refuse(nobody(treated), nobody(control), |which| NotEstimable::NoPatients { which })?;
    let events = event_times(treated, control);
    let none = |count: fn(&EventTime) -> f64| events.iter().all(|event| count(event) == 0.0);
    refuse(none(|e| e.treated_events), none(|e| e.control_events), |which| NotEstimable::NoEvents { which })?;
    let none_against = |count: fn(&EventTime) -> bool| !events.iter().any(count);
    refuse(
        none_against(|e| e.treated_events > 0.0 && e.control_at_risk > 0.0),
        none_against(|e| e.control_events > 0.0 && e.treated_at_risk > 0.0),
        |which| NotEstimable::NoOverlap { which },
    )?;
    Ok(maximum(&events, critical_value(level)))
}

/// √(2 (l(β̂) − l(0))) of Efron's partial likelihood with the sign of β̂, the likelihood-ratio test of no difference. R's
/// `coxph`, `logtest`. Where one group has no event it is that of a ratio of 0 or ∞, which is finite.
///
/// NaN where nobody has an event while both groups are at risk.
pub fn cox_likelihood_ratio(treated: &[Survival], control: &[Survival]) -> f64 {
    let events = event_times(&count_endings(treated), &count_endings(control));
    let both = |event: &EventTime| event.treated_at_risk > 0.0 && event.control_at_risk > 0.0;
    let events: Vec<EventTime> = events.into_iter().filter(both).collect();
    let total = |of: fn(&EventTime) -> f64| events.iter().map(of).sum::<f64>();
    let (of_treated, of_control) = (total(|e| e.treated_events), total(|e| e.control_events));
    // Beyond this the likelihood no longer moves in the last digit.
    const FAR: f64 = 40.0;
    let beta = match (of_treated > 0.0, of_control > 0.0) {
        (false, false) => return f64::NAN,
        (true, false) => FAR,
        (false, true) => -FAR,
        (true, true) => maximum(&events, 0.0).log_ratio,
    };
    let gain = 2.0 * (log_likelihood(&events, beta) - log_likelihood(&events, 0.0));
    gain.max(0.0).sqrt().copysign(beta)
}

/// Efron's log partial likelihood \[Efron1977\], terms as in `score_and_information`.
fn log_likelihood(events: &[EventTime], beta: f64) -> f64 {
    let ratio = math::exp(beta);
    let each = |event: &EventTime| {
        let d = event.treated_events + event.control_events;
        let at_risk = |l: usize| {
            let gone = l as f64 / d;
            ratio * (event.treated_at_risk - gone * event.treated_events)
                + (event.control_at_risk - gone * event.control_events)
        };
        beta * event.treated_events - (0..d as usize).map(|l| math::ln(at_risk(l))).sum::<f64>()
    };
    events.iter().map(each).sum()
}

/// The error that fits, if the treated or the control group lacks something.
fn refuse(
    treated_lack: bool,
    control_lack: bool,
    error: impl Fn(Group) -> NotEstimable,
) -> Result<(), NotEstimable> {
    match (treated_lack, control_lack) {
        (true, true) => Err(error(Group::Both)),
        (true, false) => Err(error(Group::Treated)),
        (false, true) => Err(error(Group::Control)),
        (false, false) => Ok(()),
    }
}

/// Counts at one time with an event in either group.
struct EventTime {
    treated_at_risk: f64,
    control_at_risk: f64,
    treated_events: f64,
    control_events: f64,
}

/// Both groups' counts at every time with an event in either, ascending.
fn event_times(treated: &[Endings], control: &[Endings]) -> Vec<EventTime> {
    let (mut treated, mut control) = (Remaining::of(treated), Remaining::of(control));
    let mut found = Vec::new();
    while let Some(time) =
        [treated.next_time(), control.next_time()].into_iter().flatten().min_by(f64::total_cmp)
    {
        let (treated_at_risk, treated_events) = treated.leave_at(time);
        let (control_at_risk, control_events) = control.leave_at(time);
        if treated_events + control_events > 0.0 {
            found.push(EventTime { treated_at_risk, control_at_risk, treated_events, control_events });
        }
    }
    found
}

/// One group on its way through time.
struct Remaining<'a> {
    at_risk: usize,
    to_come: &'a [Endings],
}

impl Remaining<'_> {
    fn of(endings: &[Endings]) -> Remaining<'_> {
        Remaining { at_risk: endings.iter().map(Endings::total).sum(), to_come: endings }
    }

    fn next_time(&self) -> Option<f64> {
        self.to_come.first().map(|ending| ending.time)
    }

    /// At risk just before `time`, the next time of either group, and the events at it; these leave.
    fn leave_at(&mut self, time: f64) -> (f64, f64) {
        let before = self.at_risk as f64;
        match self.to_come.split_first() {
            Some((ending, rest)) if ending.time == time => {
                self.at_risk -= ending.total();
                self.to_come = rest;
                (before, ending.events as f64)
            }
            _ => (before, 0.0),
        }
    }
}

/// Root of the score, which falls in β: Newton's step while it shrinks the score, half of it otherwise.
fn maximum(events: &[EventTime], z: f64) -> HazardRatio {
    let mut beta = 0.0;
    let (mut score, mut information) = score_and_information(events, beta);
    for _ in 0..200 {
        // At most 2 at once: far out the information vanishes and the step explodes.
        let mut step = (score / information).clamp(-2.0, 2.0);
        let mut next = score_and_information(events, beta + step);
        while next.0.abs() > score.abs() && step.abs() > f64::EPSILON {
            step *= 0.5;
            next = score_and_information(events, beta + step);
        }
        beta += step;
        (score, information) = next;
        if step.abs() <= 1e-14 * beta.abs().max(1.0) {
            break;
        }
    }
    let standard_error = 1.0 / information.sqrt();
    let ratio = |shift: f64| math::exp(beta + shift * standard_error);
    HazardRatio { ratio: ratio(0.0), low: ratio(-z), high: ratio(z), log_ratio: beta, standard_error }
}

/// First and negative second derivative of Efron's log partial likelihood \[Efron1977\].
///
/// Of d tied events the l-th, l = 0 … d − 1, sees each group's risk set less l/d of its tied events. With
/// π = θ R_t / (θ R_t + R_c), θ = exp β: U = d_t − Σ π, I = Σ π (1 − π).
fn score_and_information(events: &[EventTime], beta: f64) -> (f64, f64) {
    let ratio = math::exp(beta);
    let (mut score, mut information) = (0.0, 0.0);
    for event in events {
        let d = event.treated_events + event.control_events;
        score += event.treated_events;
        for l in 0..d as usize {
            let gone = l as f64 / d;
            let treated = ratio * (event.treated_at_risk - gone * event.treated_events);
            let control = event.control_at_risk - gone * event.control_events;
            let share = treated / (treated + control);
            score -= share;
            information += share * (control / (treated + control));
        }
    }
    (score, information)
}
