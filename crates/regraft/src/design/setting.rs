//! What simulated trials share: the pool, the design, and how a patient of a trial is followed.

use regraft_stats::Seed;
use regraft_trial::trial_file::FollowUpRule;

use super::bounds::Bounds;
use super::plan::Plan;
use super::pool::{Pool, Seen};

/// Group of the allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Control.
    Control,
    /// Treated.
    Treated,
}

/// A pool with the rules by which trials are drawn from it.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The design.
    pub plan: &'a Plan,
    /// The patients.
    pub pool: &'a Pool,
    /// Root of all draws.
    pub seed: Seed,
    /// When a look rejects.
    pub bounds: &'a Bounds,
    /// Both arms show what the control arm does.
    pub identical: bool,
}

/// A patient of a trial. Days after entry but for `entry`, which counts from the first patient's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Enrolled {
    /// Row of the pool.
    pub row: usize,
    /// Group of the allocation.
    pub group: Group,
    /// Calendar day of entry.
    pub entry: f64,
    /// Day on which the patient leaves the trial.
    pub leaves: f64,
    /// Day of the change to the studied treatment outside the protocol.
    pub crosses: f64,
}

impl Setting<'_> {
    /// Last day after entry on which a patient is followed, as far as calendar day `now` shows.
    pub fn last_day(&self, patient: &Enrolled, now: f64) -> f64 {
        let most = match self.plan.follow_up {
            FollowUpRule::Fixed => self.plan.follow_up_days,
            FollowUpRule::CommonClose => self.plan.horizon_days,
        };
        let until = self.pool.arms[self.side(patient)].until[patient.row];
        (now - patient.entry).min(patient.leaves).min(most).min(until)
    }

    /// Day after entry on which a patient comes to the last visit that is compared; `None` where values are not analysed,
    /// or the visit or that at entry does not take place.
    pub fn last_value(&self, patient: &Enrolled) -> Option<f64> {
        let Seen::Values(all) = &self.pool.arms[self.side(patient)].seen else { return None };
        let last = patient.row * all.planned.len() + all.planned.len().checked_sub(1)?;
        (all.baseline[patient.row].is_finite() && all.values[last].is_finite()).then(|| all.days[last])
    }

    /// The arm whose courses a patient shows.
    pub fn side(&self, patient: &Enrolled) -> usize {
        usize::from(patient.group == Group::Treated && !self.identical)
    }

    /// Patients of these rows in both arms at once, entering together, nobody leaving or crossing over: what the pool
    /// itself shows.
    pub fn everyone(&self, rows: &[usize]) -> Vec<Enrolled> {
        let far = f64::INFINITY;
        let each = |row: &usize| {
            let enrolled = |group| Enrolled { row: *row, group, entry: 0.0, leaves: far, crosses: far };
            [Group::Control, Group::Treated].map(enrolled)
        };
        rows.iter().flat_map(each).collect()
    }

    /// Longest follow-up of a patient.
    pub fn longest(&self) -> f64 {
        match self.plan.follow_up {
            FollowUpRule::Fixed => self.plan.follow_up_days,
            FollowUpRule::CommonClose => self.plan.horizon_days,
        }
    }
}
