//! The ratio of subdistribution hazards of two groups: Fine and Gray's model with one 0/1 covariate.

use super::cox::{Group, HazardRatio, NotEstimable};
use super::{Survival, kaplan_meier};
use crate::allocation::Scores;
use crate::estimate::critical_value;
use crate::math;

/// Ratio of subdistribution hazards of `treated` to `control`: events of status 1, all above compete
/// \[FineGray1999\]. R's `cmprsk::crr`.
///
/// Who has had a competing event stays at risk with the weight Ĝ(t₋)/Ĝ(T₋), Ĝ the Kaplan–Meier estimate of the time to
/// censoring in both groups together. Ties as Breslow has them; the variance is the sandwich of the paper, with the
/// part that comes from estimating Ĝ. Wald's interval at `level` in (0, 1).
///
/// # Errors
/// [`NotEstimable`] where the partial likelihood has no finite maximum.
pub fn fine_gray_two_groups(
    treated: &[Survival],
    control: &[Survival],
    level: f64,
) -> Result<HazardRatio, NotEstimable> {
    let has = |group: &[Survival]| group.iter().any(|patient| patient.status == 1);
    let lack = |treated: bool, control: bool| match (treated, control) {
        (true, true) => Some(Group::Both),
        (true, false) => Some(Group::Treated),
        (false, true) => Some(Group::Control),
        (false, false) => None,
    };
    if let Some(which) = lack(treated.is_empty(), control.is_empty()) {
        return Err(NotEstimable::NoPatients { which });
    }
    if let Some(which) = lack(!has(treated), !has(control)) {
        return Err(NotEstimable::NoEvents { which });
    }
    let data = Weighted::of(treated, control);
    if let Some(which) = lack(!data.overlaps(1), !data.overlaps(0)) {
        return Err(NotEstimable::NoOverlap { which });
    }
    let beta = data.maximum();
    let standard_error = data.sandwich(beta).sqrt();
    let z = critical_value(level);
    let ratio = |shift: f64| math::exp(beta + shift * standard_error);
    Ok(HazardRatio { ratio: ratio(0.0), low: ratio(-z), high: ratio(z), log_ratio: beta, standard_error })
}

/// What each patient adds to the score at a ratio of 1, ∫ wᵢ(u) dMᵢ(u) with weights and hazard of both groups together;
/// their sum over the treated is the score of [`fine_gray_two_groups`] there.
pub fn fine_gray_scores(treated: &[Survival], control: &[Survival]) -> Scores {
    let data = Weighted::of(treated, control);
    let sums = Sums::of(&data.events, 1.0);
    let mut scores = Scores::default();
    for (row, Patient { time, status, group }) in data.patients.iter().enumerate() {
        let seen = data.events.partition_point(|event| event.time <= *time);
        let mut score = f64::from(u8::from(*status == 1)) - sums.plain[seen];
        if *status > 1 && data.before[row] > 0.0 {
            score -= sums.later(seen).0 / data.before[row];
        }
        if *group == 1 { scores.treated.push(score) } else { scores.control.push(score) }
    }
    scores
}

/// One patient: group 1 is the treated.
#[derive(Clone, Copy)]
struct Patient {
    time: f64,
    status: u8,
    group: usize,
}

/// Both groups with the weights of those who had a competing event.
struct Weighted {
    /// Ascending in time.
    patients: Vec<Patient>,
    /// Ĝ just before each patient's time.
    before: Vec<f64>,
    /// Times with events of interest, ascending.
    events: Vec<EventTime>,
}

/// What is known at one time with events of interest.
struct EventTime {
    time: f64,
    /// Events by group.
    count: [f64; 2],
    /// Weighted patients at risk by group.
    at_risk: [f64; 2],
    /// Ĝ just before.
    before: f64,
}

impl Weighted {
    fn of(treated: &[Survival], control: &[Survival]) -> Weighted {
        let patient = |group: usize| {
            move |seen: &Survival| Patient { time: seen.time.max(0.0), status: seen.status, group }
        };
        let mut patients: Vec<Patient> =
            treated.iter().map(patient(1)).chain(control.iter().map(patient(0))).collect();
        patients.sort_by(|a, b| a.time.total_cmp(&b.time));
        let before = censoring_before(&patients);
        let events = event_times(&patients, &before);
        Weighted { patients, before, events }
    }

    /// Whether an event of `group` happens while the other is at risk.
    fn overlaps(&self, group: usize) -> bool {
        self.events.iter().any(|event| event.count[group] > 0.0 && event.at_risk[1 - group] > 0.0)
    }

    /// Share of the weighted risk set that is treated, and its sum, at an event time.
    fn mean_and_sum(event: &EventTime, ratio: f64) -> (f64, f64) {
        let sum = ratio * event.at_risk[1] + event.at_risk[0];
        (ratio * event.at_risk[1] / sum, sum)
    }

    /// U(β) = Σ (d₁ − d Z̄) and the information Σ d Z̄ (1 − Z̄).
    fn score(&self, beta: f64) -> (f64, f64) {
        let ratio = math::exp(beta);
        let each = |event: &EventTime| {
            let (mean, _) = Weighted::mean_and_sum(event, ratio);
            let d = event.count[0] + event.count[1];
            (event.count[1] - d * mean, d * mean * (1.0 - mean))
        };
        self.events.iter().map(each).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    }

    /// Newton's step while it shrinks the score, half of it otherwise.
    fn maximum(&self) -> f64 {
        let mut beta = 0.0;
        let (mut score, mut information) = self.score(beta);
        for _ in 0..200 {
            let mut step = (score / information).clamp(-2.0, 2.0);
            let mut next = self.score(beta + step);
            while next.0.abs() > score.abs() && step.abs() > f64::EPSILON {
                step *= 0.5;
                next = self.score(beta + step);
            }
            beta += step;
            (score, information) = next;
            if step.abs() <= 1e-14 * beta.abs().max(1.0) {
                break;
            }
        }
        beta
    }

    /// Ω⁻¹ Σ (ηᵢ + ψᵢ)² Ω⁻¹ \[FineGray1999, section 3.2\].
    fn sandwich(&self, beta: f64) -> f64 {
        let ratio = math::exp(beta);
        let sums = Sums::of(&self.events, ratio);
        let censoring = self.censoring_terms(&sums, ratio);
        let squares: f64 = (0..self.patients.len())
            .map(|row| {
                let total = self.eta(row, &sums, ratio) + censoring[row];
                total * total
            })
            .sum();
        let (_, information) = self.score(beta);
        squares / (information * information)
    }

    /// ηᵢ = ∫ (Zᵢ − Z̄(u)) wᵢ(u) dMᵢ(u).
    fn eta(&self, row: usize, sums: &Sums, ratio: f64) -> f64 {
        let Patient { time, status, group } = self.patients[row];
        let z = group as f64;
        let hazard = if group == 1 { ratio } else { 1.0 };
        let seen = self.events.partition_point(|event| event.time <= time);
        let mut eta = -hazard * (z * sums.plain[seen] - sums.mean[seen]);
        if status == 1 {
            eta += z - sums.means[seen - 1];
        }
        if status > 1 && self.before[row] > 0.0 {
            eta -= hazard / self.before[row] * (z * sums.later(seen).0 - sums.later(seen).1);
        }
        eta
    }

    /// ψᵢ = ∫ q(u)/π(u) dMᵢᶜ(u): the part of the censoring that is estimated.
    fn censoring_terms(&self, sums: &Sums, ratio: f64) -> Vec<f64> {
        let n = self.patients.len();
        let mut terms = vec![0.0; n];
        // Σ e^{βZ}/Ĝ(T₋) of the patients with a competing event so far, by group.
        let mut competed = [0.0; 2];
        // Σ q(u)/π(u) dΛᶜ(u) so far.
        let mut integral = 0.0;
        let mut row = 0;
        while row < n {
            let time = self.patients[row].time;
            let after = row + self.patients[row..].partition_point(|patient| patient.time <= time);
            let here = row..after;
            let at_risk = (n - row) as f64;
            let censored = here.clone().filter(|k| self.patients[*k].status == 0).count() as f64;
            let mut jump = 0.0;
            if censored > 0.0 {
                let from = self.events.partition_point(|event| event.time < time);
                let (plain, mean) = sums.later(from);
                let q = competed[1] * ratio * (plain - mean) - competed[0] * mean;
                jump = q / at_risk;
                integral += jump * censored / at_risk;
            }
            for k in here {
                let patient = self.patients[k];
                terms[k] = if patient.status == 0 { jump - integral } else { -integral };
                if patient.status > 1 && self.before[k] > 0.0 {
                    competed[patient.group] += 1.0 / self.before[k];
                }
            }
            row = after;
        }
        terms
    }
}

/// Ĝ just before each patient's time; `patients` ascending in time.
fn censoring_before(patients: &[Patient]) -> Vec<f64> {
    let censorings: Vec<Survival> = patients
        .iter()
        .map(|patient| Survival { time: patient.time, status: u8::from(patient.status == 0) })
        .collect();
    let curve = kaplan_meier(&censorings, 0.95);
    let before = |patient: &Patient| {
        let known = curve.times.partition_point(|time| *time < patient.time);
        known.checked_sub(1).map_or(1.0, |step| curve.estimate[step])
    };
    patients.iter().map(before).collect()
}

fn event_times(patients: &[Patient], before: &[f64]) -> Vec<EventTime> {
    let mut found = Vec::new();
    let mut left = [0.0; 2];
    for patient in patients {
        left[patient.group] += 1.0;
    }
    // Σ 1/Ĝ(T₋) of those who had a competing event before, by group.
    let mut competed = [0.0; 2];
    let mut row = 0;
    while row < patients.len() {
        let time = patients[row].time;
        let after = row + patients[row..].partition_point(|patient| patient.time <= time);
        let mut count = [0.0; 2];
        for patient in patients[row..after].iter().filter(|patient| patient.status == 1) {
            count[patient.group] += 1.0;
        }
        let g = before[row];
        if count[0] + count[1] > 0.0 {
            let at_risk = [left[0] + g * competed[0], left[1] + g * competed[1]];
            found.push(EventTime { time, count, at_risk, before: g });
        }
        for k in row..after {
            left[patients[k].group] -= 1.0;
            if patients[k].status > 1 && before[k] > 0.0 {
                competed[patients[k].group] += 1.0 / before[k];
            }
        }
        row = after;
    }
    found
}

/// Sums over event times of dΛ, Z̄ dΛ, Ĝ dΛ and Ĝ Z̄ dΛ.
struct Sums {
    /// Z̄ at each event time.
    means: Vec<f64>,
    /// Σ dΛ up to each count of event times.
    plain: Vec<f64>,
    /// Σ Z̄ dΛ.
    mean: Vec<f64>,
    /// Σ Ĝ dΛ.
    weighted: Vec<f64>,
    /// Σ Ĝ Z̄ dΛ.
    weighted_mean: Vec<f64>,
}

impl Sums {
    fn of(events: &[EventTime], ratio: f64) -> Sums {
        let (mut means, mut plain, mut mean) = (Vec::new(), vec![0.0], vec![0.0]);
        let (mut weighted, mut weighted_mean) = (vec![0.0], vec![0.0]);
        let add = |list: &mut Vec<f64>, more: f64| list.push(list[list.len() - 1] + more);
        for event in events {
            let (share, sum) = Weighted::mean_and_sum(event, ratio);
            let hazard = (event.count[0] + event.count[1]) / sum;
            means.push(share);
            add(&mut plain, hazard);
            add(&mut mean, share * hazard);
            add(&mut weighted, event.before * hazard);
            add(&mut weighted_mean, event.before * share * hazard);
        }
        Sums { means, plain, mean, weighted, weighted_mean }
    }

    /// Σ Ĝ dΛ and Σ Ĝ Z̄ dΛ from event time number `from` on.
    fn later(&self, from: usize) -> (f64, f64) {
        let rest = |list: &[f64]| list[list.len() - 1] - list[from];
        (rest(&self.weighted), rest(&self.weighted_mean))
    }
}
