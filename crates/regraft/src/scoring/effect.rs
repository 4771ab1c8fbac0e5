//! What a trial adds of its own to a result: center, era, definition.

use regraft_ode::math;
use regraft_stats::Seed;
use serde::Serialize;

use crate::posterior::TrialSpread;

/// Spread of trials around what their patients would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrialEffect {
    /// By kind of outcome, as the calibration found it.
    #[serde(flatten)]
    pub spread: TrialSpread,
    /// Share of the variance that the arms of one trial have in common.
    pub common: f64,
}

impl TrialEffect {
    /// With the spread of a posterior; before any calibration the assumed one.
    ///
    /// Arms of one trial have as much in common as makes their difference spread as ratios do:
    /// 2 (1 − common) share² = ratio².
    pub fn new(spread: Option<TrialSpread>) -> TrialEffect {
        let spread = spread.unwrap_or(TrialSpread::ASSUMED);
        let apart = if spread.share > 0.0 { (spread.ratio / spread.share).powi(2) / 2.0 } else { 0.0 };
        TrialEffect { spread, common: 1.0 - apart.clamp(0.0, 1.0) }
    }
}

/// Where a trial's effects are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Trials {
    /// Seed of the run.
    pub seed: Seed,
    /// Spread of trials.
    pub effect: TrialEffect,
}

/// Effects of a trial by its name.
pub(super) struct Effects {
    name: String,
    mixing: String,
}

impl Effects {
    pub(super) fn new(trial_id: &str) -> Self {
        let name = |what: &str| format!("score:{what}:{trial_id}");
        Effects { name: name("trial_effect"), mixing: name("trial_mixing") }
    }

    /// The effect of trial number `trial` on an arm, of mean 0 and standard deviation 1: partly common to the arms,
    /// partly the arm's own. t distribution of 4 degrees of freedom, as the calibration takes trials to be: a normal
    /// variable times √(4/χ²₄)/√2, χ²₄ = −2 ln(u₁ u₂), the same for all arms.
    pub(super) fn of(&self, trials: &Trials, trial: usize, arm: usize) -> f64 {
        let stream = trials.seed.stream(trial as u64, &self.name);
        let uniforms = trials.seed.stream(trial as u64, &self.mixing);
        let square = -2.0 * (math::ln(uniforms.uniform(0)) + math::ln(uniforms.uniform(1)));
        let common = trials.effect.common.clamp(0.0, 1.0);
        let normal = common.sqrt() * stream.normal(0) + (1.0 - common).sqrt() * stream.normal(1 + arm as u64);
        normal * (2.0 / square).sqrt()
    }
}
