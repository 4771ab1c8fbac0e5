//! Where the doubt of the numbers of a twin comes from, for its page.

use super::answer::{Outcome, Role, Twin};
use crate::findings::Parts;
use crate::report::arms::Arms;
use crate::report::doubt::stacked;
use crate::report::stack::why_not_split;

/// Bars of benefits and of harms that are drawn; the JSON has all.
const MOST: (usize, usize) = (10, 6);

/// The section of the page: of what the intervals hold, and of what one person will live.
pub fn section(twin: &Twin, arms: &Arms) -> String {
    let is_harm = |outcome: &&Outcome| outcome.role == Role::Harm;
    let benefits = named(twin.outcomes.iter().filter(|outcome| !is_harm(outcome)), arms);
    let mut harms = named(twin.outcomes.iter().filter(is_harm), arms);
    // The harms about which there is most doubt, in the order of the page.
    let mut sizes: Vec<f64> = harms.iter().map(|(_, parts)| parts.sd).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let least = sizes.get(MOST.1 - 1).copied().unwrap_or(0.0);
    harms.retain(|(_, parts)| parts.sd >= least);
    // The first probability and the first score.
    let first = |kind: &str| twin.outcomes.iter().find(|outcome| outcome.kind == kind && !is_harm(outcome));
    let of_one = named(["probability", "mean"].into_iter().filter_map(first), arms);
    let of_one: Vec<(String, Parts)> =
        of_one.into_iter().map(|(name, parts)| (name, parts.of_one())).collect();
    let intervals: Vec<(String, Parts)> =
        benefits.into_iter().take(MOST.0).chain(harms.into_iter().take(MOST.1)).collect();
    let bars = stacked("Where the doubt that the intervals hold comes from", &intervals).draw("doubt");
    let why = twin.not_split.as_deref().map_or(String::new(), why_not_split);
    if bars.is_empty() && why.is_empty() {
        return String::new();
    }
    let mut html = format!("<section><h2>Where the doubt comes from</h2>{bars}{}", why);
    if !of_one.is_empty() {
        html.push_str(
            "<p class=\"cap\">Shares of the variance that the intervals above hold, benefits first, then the harms with most of \
             it. Patients who differ: what is not known of this one. Those and chance shrink with the number of twins, the \
             parameters do not. Below a bar: the 90&nbsp;% interval of the share of the parameters, by the number of people who \
             lived with draws.</p><h3>What one such person will live</h3>",
        );
        html.push_str(&stacked("Where the doubt about one person comes from", &of_one).draw("doubt-one"));
        html.push_str(
            "<p class=\"cap\">The same for one life instead of the mean of all twins: what no number of twins takes away.</p>",
        );
    }
    html + "</section>"
}

/// Values of outcomes under each regimen that are split, with their names.
fn named<'a>(outcomes: impl Iterator<Item = &'a Outcome>, arms: &Arms) -> Vec<(String, Parts)> {
    let of = |outcome: &'a Outcome| {
        let value = |(value, arm): (&super::answer::Value, &crate::report::arms::ArmStyle)| {
            Some((format!("{}, {}", outcome.title, arm.inner()), value.parts.clone()?))
        };
        outcome.values.iter().zip(arms.all()).filter_map(value).collect::<Vec<_>>()
    };
    outcomes.flat_map(of).collect()
}
