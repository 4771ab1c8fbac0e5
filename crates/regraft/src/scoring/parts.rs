//! Where the width of a row's interval comes from: parameters, the trial's own effect, and the play of chance.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ScoreRow;
use super::figures::Figure;
use super::view::variance;
use crate::report::stack::{Bar, PARAMETERS, PATIENTS_AND_CHANCE, Part, Stack, TRIAL, not_split};

/// Shares of the variance of what trials of the row's size would find; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RowParts {
    /// By the members of the posterior; null where there is one.
    pub parameters: Option<f64>,
    /// By what is peculiar to a trial: center, era, definition.
    pub trial: f64,
    /// By its patients and their fates.
    pub chance: f64,
}

impl RowParts {
    /// From what the same trials find with members and effects, at the mean of the members, and without effects too.
    /// `None` where nothing varies.
    pub(super) fn of(all: &[f64], at_the_mean: &[f64], alone: &[f64], has_members: bool) -> Option<RowParts> {
        let chance = variance(alone);
        let with_effect = variance(at_the_mean).max(chance);
        let whole = variance(all).max(with_effect);
        if !(whole > 0.0 && whole.is_finite()) {
            return None;
        }
        Some(RowParts {
            parameters: has_members.then_some((whole - with_effect) / whole),
            trial: (with_effect - chance) / if has_members { whole } else { with_effect },
            chance: chance / if has_members { whole } else { with_effect },
        })
    }
}

/// The parts of all rows that have a prediction, and by disease; `None` without any.
pub fn figure(rows: &[ScoreRow]) -> Option<Figure> {
    let mut by_disease: BTreeMap<&str, Vec<RowParts>> = BTreeMap::new();
    for row in rows {
        let disease = row.disease.as_deref().unwrap_or("no disease named");
        by_disease.entry(disease).or_default().extend(row.parts);
    }
    by_disease.retain(|_, parts| !parts.is_empty());
    let all: Vec<RowParts> = by_disease.values().flatten().copied().collect();
    let with_members = all.first()?.parameters.is_some();
    let bar = |name: &str, parts: &[RowParts]| {
        let mean = |of: &dyn Fn(&RowParts) -> f64| parts.iter().map(of).sum::<f64>() / parts.len() as f64;
        let own = with_members.then(|| mean(&|one| one.parameters.unwrap_or(0.0)));
        let rest = [mean(&|one| one.trial), mean(&|one| one.chance)];
        let rows = if parts.len() == 1 { "row" } else { "rows" };
        Bar {
            label: format!("{}, {} {rows}", name.replace('_', " "), parts.len()),
            shares: own.into_iter().chain(rest).collect(),
            ends: None,
        }
    };
    let bars = std::iter::once(bar("all", &all));
    let stacked: [Part; 3] = [PARAMETERS, TRIAL, PATIENTS_AND_CHANCE];
    let title = "Where the width of the intervals comes from".to_string();
    let stack = Stack {
        title: title.clone(),
        parts: stacked.into_iter().skip(usize::from(!with_members)).collect(),
        bars: bars.chain(by_disease.iter().map(|(name, parts)| bar(name, parts))).collect(),
    };
    let not_split = match with_members {
        true => String::new(),
        false => format!(" {}.", not_split("all patients live with the same")),
    };
    let caption = format!(
        "Mean over rows of the shares of the variance of simulated trials: the same trials with members of the posterior and \
         the effect of a trial, at the mean of the members, and without that effect. Effect of a trial: center, era, \
         definition.{not_split}"
    );
    let (svg, narrow) = stack.apart("parts");
    Some(Figure { name: "parts", title, caption, svg, narrow })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(sd: f64) -> Vec<f64> {
        (0..101).map(|place| sd * (f64::from(place) - 50.0)).collect()
    }

    #[test]
    fn shares_add_up_to_one() {
        let parts = RowParts::of(&spread(2.0), &spread(1.5), &spread(1.0), true).expect("it varies");
        let near = |found: f64, share: f64| assert!((found - share).abs() < 1e-12, "{parts:?}");
        near(parts.parameters.expect("there are members"), (4.0 - 2.25) / 4.0);
        near(parts.trial, 1.25 / 4.0);
        near(parts.chance, 0.25);
        let alike = RowParts::of(&spread(1.5), &spread(1.5), &spread(1.0), false).expect("it varies");
        assert_eq!(alike.parameters, None);
        assert!((alike.trial + alike.chance - 1.0).abs() < 1e-12);
        assert_eq!(RowParts::of(&[1.0; 5], &[1.0; 5], &[1.0; 5], true), None);
        // What is smaller than the part before it by the play of chance adds nothing.
        let odd = RowParts::of(&spread(0.9), &spread(1.0), &spread(1.1), true).expect("it varies");
        assert_eq!((odd.parameters, odd.trial, odd.chance), (Some(0.0), 0.0, 1.0));
    }
}
