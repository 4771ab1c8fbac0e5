//! One feature at a time: patients on two sides of its median.

use regraft_stats::quantile;
use serde::Serialize;

use super::answer::Value;
use super::effects::{Effects, Plan};
use super::means::{difference, mean};

/// Patients on two sides of a feature's median.
#[derive(Debug, Clone, Serialize)]
pub struct Subgroup {
    /// Name of the feature.
    pub name: String,
    /// For people.
    pub title: String,
    /// The value that divides them: the lower side holds it too.
    pub at: f64,
    /// Mean gain of those at or below it.
    pub low: Value,
    /// Mean gain of those above it.
    pub high: Value,
    /// Gain of the higher minus that of the lower.
    pub difference: Value,
    /// Harm of the higher minus that of the lower.
    pub harm_difference: Value,
}

/// Patients on two sides of every feature that the rule may use, by the size of the difference against its error.
pub fn subgroups(effects: &Effects, plan: &Plan, net: &[f64]) -> Vec<Subgroup> {
    let mut found: Vec<Subgroup> =
        plan.usable.iter().filter_map(|feature| subgroup(effects, plan, *feature, net)).collect();
    let size = |one: &Subgroup| match (one.difference.estimate, one.difference.high) {
        (Some(estimate), Some(high)) if high > estimate => (estimate / (high - estimate)).abs(),
        _ => 0.0,
    };
    found.sort_by(|a, b| size(b).total_cmp(&size(a)));
    found
}

fn subgroup(effects: &Effects, plan: &Plan, feature: usize, net: &[f64]) -> Option<Subgroup> {
    let sides = Sides::of(effects, feature)?;
    let (by, gain, cost) = (effects.by_member(), |row: usize| net[row], |row: usize| effects.cost(row));
    let card = &plan.features[feature];
    Some(Subgroup {
        name: card.name.clone(),
        title: card.title.clone(),
        at: sides.at,
        low: mean(by, &sides.low, &gain),
        high: mean(by, &sides.high, &gain),
        difference: difference(by, &sides.high, &sides.low, &gain),
        harm_difference: difference(by, &sides.high, &sides.low, &cost),
    })
}

/// Patients on two sides of a feature.
pub struct Sides {
    /// The value that divides them.
    pub at: f64,
    /// Those at or below it, ascending.
    pub low: Vec<usize>,
    /// Those above it, ascending.
    pub high: Vec<usize>,
}

/// Fewest patients on a side.
const FEWEST: usize = 10;

impl Sides {
    /// Divides at the median; of a yes or no, which has none between them, the yes from the no. `None` where a side
    /// holds too few.
    pub fn of(effects: &Effects, feature: usize) -> Option<Sides> {
        let rows = 0..effects.numbers.len();
        let x = |row: usize| effects.of(row)[feature];
        let mut sorted: Vec<f64> = rows.clone().map(x).filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (lowest, highest) = (*sorted.first()?, *sorted.last()?);
        let middle = quantile(&sorted, 0.5);
        let at = if middle >= highest { lowest } else { middle };
        let side = |is_high: bool| -> Vec<usize> {
            rows.clone().filter(|row| x(*row).is_finite() && (x(*row) > at) == is_high).collect()
        };
        let (low, high) = (side(false), side(true));
        (low.len() >= FEWEST && high.len() >= FEWEST).then_some(Sides { at, low, high })
    }
}
