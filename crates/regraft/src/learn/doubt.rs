//! Where the doubt of a decision comes from: what an arm gives, and what it gives more than the best one.
//!
//! Patients live with members of a posterior, so what they show holds the doubt of the parameters; some of them live
//! once more from entry on with another fate, which tells patients from chance.

use std::fmt::Write;

use regraft_stats::{Doubt, decision, math};
use serde::Serialize;

use super::grouped::Grouped;
use super::run::Found;
use crate::findings::Parts;
use crate::findings::parts::{People, not_told, of_people};
use crate::report::doubt::stacked;
use crate::report::stack::why_not_split;
use crate::report::words;

/// What an arm gives more than the best arm, in the same patients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Mean difference, 0 or below.
    pub value: f64,
    /// Lower end of the 95 % interval, which holds the parameters and the finite cohort; null with too few members.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Where its doubt comes from.
    pub parts: Option<Parts>,
}

/// Utilities, `[arm][patient]`: of everyone, and of the first patients with another fate.
#[derive(Debug)]
pub struct Fates {
    /// Of everyone.
    pub own: Vec<Vec<f64>>,
    /// Of the first patients with another fate; empty where nobody lived once more.
    pub other: Vec<Vec<f64>>,
}

impl Fates {
    /// How many lived once more.
    pub fn n_again(&self) -> usize {
        self.other.first().map_or(0, Vec::len)
    }

    /// Why the doubt is not split; for people.
    pub fn not_split(&self, doubt: usize) -> Option<String> {
        not_told(doubt, self.n_again())
    }

    /// What an arm gives, or what it gives more than another.
    pub fn difference(&self, grouped: &Grouped, arm: usize, versus: Option<usize>) -> Difference {
        let of = |fate: &[Vec<f64>], row: usize| {
            fate[arm][row] - versus.map_or(0.0, |versus: usize| fate[versus][row])
        };
        let mut rows: Vec<usize> = grouped.rows.iter().flatten().copied().collect();
        rows.sort_unstable();
        let values: Vec<f64> = rows.iter().map(|row| of(&self.own, *row)).collect();
        let value = values.iter().sum::<f64>() / values.len() as f64;
        let adds: Vec<f64> = values.iter().map(|own| own - value).collect();
        let doubt = between(grouped, arm, versus);
        let again = |(row, own): (&usize, &f64)| {
            let other = (*row < self.n_again()).then(|| of(&self.other, *row))?;
            other.is_finite().then_some((1.0, *own, other - value))
        };
        let twice: Vec<(f64, f64, f64)> = rows.iter().zip(&adds).filter_map(again).collect();
        let few = "there are too few draws to be told from luck".to_string();
        let parameters = doubt.map(|doubt| (doubt.between, doubt.between_error)).ok_or(few);
        let weights = vec![1.0; adds.len()];
        let people =
            People { adds: &adds, weights: &weights, twice: &twice, parameters, hold_parameters: true };
        let half = doubt.map(|doubt| math::normal_quantile(0.975) * doubt.total().sqrt());
        Difference {
            value,
            low: half.map(|half| value - half),
            high: half.map(|half| value + half),
            parts: of_people(&people),
        }
    }
}

/// How far members lie apart.
fn between(grouped: &Grouped, arm: usize, versus: Option<usize>) -> Option<Doubt> {
    let of = &grouped.utilities;
    let at = |values: &[f64], member: usize| {
        let own = &values[member * of.n_options..];
        own[arm] - versus.map_or(0.0, |versus| own[versus])
    };
    let three = |member| [&of.mean, &of.first, &of.second].map(|values| at(values, member));
    decision::between(&(0..of.n_members()).map(three).collect::<Vec<_>>())
}

/// The section of the page.
pub fn section(found: &Found) -> String {
    let differences = found.arms.iter().filter_map(|arm| {
        let parts = arm.against_best.as_ref()?.parts.clone()?;
        Some((format!("{} against the best", arm.title), parts))
    });
    let differences: Vec<(String, Parts)> = differences.collect();
    let of_one = |arm: &super::run::ArmFound| Some((arm.title.clone(), arm.parts.as_ref()?.of_one()));
    let of_one: Vec<(String, Parts)> = found.arms.iter().filter_map(of_one).collect();
    let why = found.not_split.as_deref().map_or(String::new(), why_not_split);
    if of_one.is_empty() && why.is_empty() {
        return String::new();
    }
    let mut html = format!("<section><h2>Where the doubt comes from</h2>{}", why);
    if !of_one.is_empty() {
        let bars = stacked("Where the doubt about the differences comes from", &differences).draw("doubt");
        let one = stacked("Where the doubt about one patient comes from", &of_one).draw("doubt-one");
        let _ = write!(
            html,
            "<h3>What the arms give on average</h3>{bars}<p class=\"cap\">Shares of the variance of the mean difference to \
             the best arm in {} patients. Only what lies in the parameters can be learned: it is the doubt about which arm is better, and \
             all that the worths above are made of. Patients who differ and chance shrink with the number of patients; they are \
             luck of this simulation. Below a bar: the 90&nbsp;% interval of the share of the parameters, by the number of \
             draws.</p><h3>What one patient will live</h3>{one}<p class=\"cap\">The same for the utility of one patient instead of \
             the mean of all: patients who differ could be told by what is known of them, chance by nothing.</p>",
            words::count(found.patients)
        );
    }
    html + "</section>"
}

#[cfg(test)]
mod tests {
    use regraft_stats::Seed;

    use super::*;

    /// Two arms: members differ by 0.5, patients by 1, fates by 2, in the second arm alone.
    fn fates(n: usize, members: usize) -> (Fates, Grouped) {
        let draw = |name: &str, index: usize| Seed(5).stream(index as u64, name).normal(0);
        let lived = |fate: &str| -> Vec<f64> {
            let one = |row: usize| {
                0.5 * draw("member", row % members) + draw("patient", row) + 2.0 * draw(fate, row) - 0.4
            };
            (0..n).map(one).collect()
        };
        let member_of: Vec<usize> = (0..n).map(|row| row % members).collect();
        let own = vec![vec![0.0; n], lived("fate")];
        let grouped = Grouped::of(&own, &member_of);
        let other = vec![vec![0.0; n / 2], lived("another")[..n / 2].to_vec()];
        (Fates { own, other }, grouped)
    }

    #[test]
    fn a_difference_is_split() {
        let (fates, grouped) = fates(4000, 200);
        let found = fates.difference(&grouped, 1, Some(0));
        assert!((found.value + 0.4).abs() < 0.15, "{found:?}");
        let (low, high) = found.low.zip(found.high).expect("an interval");
        assert!((high - low - 2.0 * 1.96 * 0.5).abs() < 0.25, "{low} {high}");
        let parts = found.parts.expect("many lived twice");
        // 0.25 in the parameters, 1/4000 in patients, 4/4000 in chance.
        assert!(parts.parameters.is_some_and(|share| share > 0.98) && parts.n == 4000, "{parts:?}");
        let one = parts.of_one();
        let wanted = [0.25 / 5.25, 1.0 / 5.25, 4.0 / 5.25];
        let shares = [one.parameters.expect("known"), one.patients, one.chance];
        for (share, wanted) in shares.iter().zip(wanted) {
            assert!((share - wanted).abs() < 0.05, "{shares:?}");
        }
        let none = fates.difference(&grouped, 0, None);
        assert_eq!((none.value, none.parts), (0.0, None), "nothing varies");
    }

    #[test]
    fn why_it_is_not_split_is_said() {
        let (fates, grouped) = fates(40, 8);
        assert!(fates.difference(&grouped, 1, Some(0)).parts.is_none());
        assert!(fates.not_split(1024).is_some_and(|why| why.contains("20 patients are too few")));
        assert!(fates.not_split(0).is_some_and(|why| why.contains("--doubt 0")));
    }
}
