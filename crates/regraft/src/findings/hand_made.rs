//! Outcomes and analyses written by hand, for tests.

use regraft_stats::{Seed, Survival};
use regraft_trial::trial_file::Method;

use super::{AnalysisPlan, CiKind, FollowUps, Published, Setting};
use crate::outcomes::{Outcome, TimeToEvent};

/// Times and statuses of patients, known at once.
pub fn times(ends: &[(f64, u8)]) -> Outcome {
    let one = |(time, status): &(f64, u8)| {
        Some(TimeToEvent { time: *time, status: *status, known: *time, until_known: None })
    };
    Outcome::Times(ends.iter().map(one).collect())
}

/// The same as the statistics crate takes it.
pub fn survival(ends: &[(f64, u8)]) -> Vec<Survival> {
    ends.iter().map(|(time, status)| Survival { time: *time, status: *status }).collect()
}

/// An analysis of the only endpoint in the first of two arms.
pub fn plan(method: Method, at_days: &[f64]) -> AnalysisPlan {
    let at_days: Vec<Option<f64>> = at_days.iter().copied().map(Some).collect();
    AnalysisPlan {
        endpoint: 0,
        endpoint_id: "endpoint".into(),
        title: "Endpoint".into(),
        definition: "by hand".into(),
        method,
        arms: vec![0],
        versus: None,
        at_days: if at_days.is_empty() { vec![None] } else { at_days },
        zeros: vec![0.0, 0.0],
        level: 0.95,
        role: "benefit".into(),
        direction: "harm".into(),
        unit: "percent".into(),
        published: Vec::new(),
    }
}

/// The same, compared with the second arm.
pub fn against(method: Method, at_days: &[f64]) -> AnalysisPlan {
    AnalysisPlan { versus: Some(1), ..plan(method, at_days) }
}

/// Two arms with one endpoint.
pub struct TwoArms {
    ids: Vec<String>,
    outcomes: Vec<Vec<Outcome>>,
    sizes: Vec<Option<usize>>,
    n_patients: usize,
}

impl TwoArms {
    /// Arms `a` and `b` of `n_patients`, published with `size` patients each.
    pub fn of(n_patients: usize, a: Outcome, b: Outcome, size: Option<usize>) -> TwoArms {
        let ids = vec!["a".to_string(), "b".to_string()];
        TwoArms { ids, outcomes: vec![vec![a], vec![b]], sizes: vec![size; 2], n_patients }
    }

    /// All that analyses share; nothing cuts the follow-up.
    pub fn setting(&self) -> Setting<'_> {
        Setting {
            seed: Seed(3),
            n_patients: self.n_patients,
            arm_ids: &self.ids,
            outcomes: &self.outcomes,
            crowd: None,
            published_sizes: &self.sizes,
            follow_ups: FollowUps::default(),
            resamples: 400,
            trials: 400,
        }
    }
}

/// A published value with its interval, if any.
pub fn published(value: f64, interval: Option<(f64, f64)>, ci_kind: CiKind) -> Published {
    Published {
        trial_id: "TRIAL".into(),
        arm_id: "A".into(),
        outcome: "outcome".into(),
        line: 2,
        n: None,
        value,
        ci_low: interval.map(|(low, _)| low),
        ci_high: interval.map(|(_, high)| high),
        ci_level: interval.map(|_| 0.95),
        ci_kind,
        source: "by hand".into(),
        note: String::new(),
    }
}
