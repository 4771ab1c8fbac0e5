//! The members of a posterior in a design: each has a true effect of its own, and only a few patients who live by it.
//!
//! What few patients show of their member's effect is part truth and part luck. Luck is taken out of the spread of the
//! drifts of the members as it is from every estimate of members: they are pulled to their mean until their variance is
//! that of the truth. The statistic of a trial that is drawn from a member is then moved by as much as its drift was.

use regraft_stats::variance;

use super::analysis;
use super::power::Trials;
use super::setting::Setting;
use crate::posterior::Split;

/// How far the members' drifts are moved, for one unit of information.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves {
    /// Rows of the pool that live with each member; members of whom the pool has no two patients are left out.
    pub rows: Vec<Vec<u32>>,
    /// `[member]`, as `rows`.
    pub by: Vec<f64>,
    /// Share of the variance between members that is truth: 1 where it is no luck.
    pub truth: f64,
    /// Members whose patients gave no statistic; they are not moved.
    pub unknown: usize,
}

/// Parts of a member's patients that are left out in turn.
const PARTS: usize = 12;

impl Moves {
    /// From the statistic of each member's patients in both arms.
    pub fn of(setting: &Setting<'_>) -> Moves {
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); setting.pool.n_members];
        setting.pool.members.iter().enumerate().for_each(|(row, member)| rows[*member].push(row as u32));
        rows.retain(|rows| rows.len() >= 2);
        let n_members = rows.len();
        let found: Vec<Option<(f64, f64)>> = rows.iter().map(|rows| drift_and_luck(setting, rows)).collect();
        let known: Vec<(f64, f64)> = found.iter().flatten().copied().collect();
        let n = known.len() as f64;
        let mean = known.iter().map(|(drift, _)| drift).sum::<f64>() / n;
        let luck = known.iter().map(|(_, luck)| luck).sum::<f64>() / n;
        let total = variance(&known.iter().map(|(drift, _)| *drift).collect::<Vec<_>>());
        let truth = if total > 0.0 { ((total - luck) / total).clamp(0.0, 1.0) } else { 0.0 };
        let one = |found: &Option<(f64, f64)>| {
            found.map_or(0.0, |(drift, _)| (truth.sqrt() - 1.0) * (drift - mean))
        };
        Moves {
            by: if known.len() < 2 { vec![0.0; n_members] } else { found.iter().map(one).collect() },
            truth,
            unknown: n_members - known.len(),
            rows,
        }
    }
}

/// z/√I of these patients in both arms, and its variance by luck: each of some parts of them left out in turn, both
/// arms of a patient together (delete-a-group jackknife). `None` where there is no number.
pub fn drift_and_luck(setting: &Setting<'_>, rows: &[u32]) -> Option<(f64, f64)> {
    let close = setting.longest();
    let drift = |rows: &[u32]| {
        let rows: Vec<usize> = rows.iter().map(|row| *row as usize).collect();
        let everyone = setting.everyone(&rows);
        let z = analysis::test_of(setting, &everyone, close, true, analysis::Of::Drift);
        z / analysis::information(setting, &everyone, close).max(1.0).sqrt()
    };
    let parts = PARTS.min(rows.len());
    let without = |part: usize| {
        let kept = rows.iter().enumerate().filter(|(place, _)| place % parts != part);
        drift(&kept.map(|(_, row)| *row).collect::<Vec<_>>())
    };
    let values: Vec<f64> = (0..parts).map(without).filter(|value| value.is_finite()).collect();
    let (own, n) = (drift(rows), values.len() as f64);
    if !own.is_finite() || values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some((own, (n - 1.0) / n * squares))
}

/// Power averaged over members at one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Assured {
    /// Mean over members.
    pub mean: f64,
    /// Its standard error, by the number of members, of trials and of patients.
    pub error: f64,
    /// Power in each member, ascending.
    pub by_member: Vec<f64>,
    /// How much of the doubt whether a trial rejects lies in the parameters.
    pub split: Option<Split>,
}

impl Assured {
    /// From trials that were drawn within members.
    pub fn of(trials: &Trials) -> Assured {
        let mut by_member = trials.by_member.clone();
        by_member.sort_by(f64::total_cmp);
        let n = by_member.len() as f64;
        let mean = by_member.iter().sum::<f64>() / n;
        let variance = variance(&by_member);
        // The luck of a member's few patients is taken out already.
        let split = Trials { error_of_pool: 0.0, ..trials.clone() }.split();
        Assured { mean, error: (variance / n).sqrt().hypot(trials.error_of_pool), by_member, split }
    }

    /// Power that a share of the members lies below.
    pub fn quantile(&self, share: f64) -> f64 {
        regraft_stats::quantile(&self.by_member, share)
    }

    /// Interval of the mean at 95 %, cut to what a power may be.
    pub fn interval(&self) -> (f64, f64) {
        let half = 1.959_964 * self.error;
        ((self.mean - half).max(0.0), (self.mean + half).min(1.0))
    }
}
