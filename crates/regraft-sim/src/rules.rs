//! Rules in one patient: whether one that is woken acts.

use crate::events::same_moment;
use crate::plan::{Rule, Trigger};
use crate::result::DecisionKind;
use crate::scene::Scene;

/// What one rule remembers of one patient.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleState {
    over: bool,
    times: u32,
    last: f64,
    /// Why it last refused, if it has not acted since.
    refused: Option<DecisionKind>,
}

impl RuleState {
    pub fn new() -> RuleState {
        RuleState { over: false, times: 0, last: f64::NEG_INFINITY, refused: None }
    }

    /// Whether it has acted at all.
    pub fn has_acted(&self) -> bool {
        self.times > 0
    }

    /// Wakes the rule. `None` where it does not listen, or has nothing new to say.
    pub fn wake(&mut self, rule: &Rule, scene: &mut Scene, factors: &[f64]) -> Option<DecisionKind> {
        let t = scene.t();
        let listens = rule.from - same_moment(t) <= t && t <= rule.to + same_moment(t);
        let exists = rule.given_if.is_none_or(|factor| factors[factor as usize] != 0.0);
        if !listens || !exists || self.over {
            return None;
        }
        let kind = self.decide(rule, scene);
        if kind == DecisionKind::Acted {
            self.times += 1;
            self.last = t;
            self.refused = None;
            return Some(kind);
        }
        self.over = matches!(kind, DecisionKind::Ended | DecisionKind::Exhausted);
        let again = self.refused.replace(kind) == Some(kind) && matches!(rule.trigger, Trigger::Times(_));
        (!again).then_some(kind)
    }

    fn decide(&self, rule: &Rule, scene: &mut Scene) -> DecisionKind {
        if rule.until.is_some_and(|observable| scene.holds(observable)) {
            DecisionKind::Ended
        } else if rule.max_times.is_some_and(|most| self.times >= most) {
            DecisionKind::Exhausted
        } else if scene.t() - self.last < rule.refractory_days - same_moment(scene.t()) {
            DecisionKind::Refractory
        } else if rule.condition.is_some_and(|observable| !scene.holds(observable)) {
            DecisionKind::ConditionFalse
        } else {
            DecisionKind::Acted
        }
    }
}
