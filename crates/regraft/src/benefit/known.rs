//! The check against what trials and cohorts found: directions that rows of the evidence tell, beside what the
//! simulation finds of the same quantity.

use regraft_trial::directions::{Direction, Of, Topic};
use serde::Serialize;

use super::answer::Value;
use super::effects::{Effects, Plan};
use super::means::difference;
use super::subgroups::Sides;
use crate::library::Library;
use crate::study::Prepared;

/// A topic, what the evidence tells of it, and what is found here.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// Name of the topic.
    pub topic: String,
    /// For people.
    pub title: String,
    /// The feature of this cohort that is it; none where the population draws none.
    pub feature: Option<String>,
    /// What rows of the evidence tell, each beside what is found here.
    pub rows: Vec<KnownRow>,
    /// Why nothing is held against anything; none where something is.
    pub silent: Option<String>,
}

/// One direction of the evidence and what is found here.
#[derive(Debug, Clone, Serialize)]
pub struct KnownRow {
    /// The rows in words.
    pub words: String,
    /// Identifiers of their source.
    pub source: String,
    /// In whom it was found.
    pub therapy: String,
    /// What was compared.
    pub why: String,
    /// `outcome`, `outcome_versus`, `gain`, `harm` or `harm_versus`.
    pub of: &'static str,
    /// 1 where those in whom the feature is high fare better, −1 where they fare worse.
    pub sign: f64,
    /// The same quantity here: the higher minus the lower, above 0 is better; none where the cohort has too few.
    pub found: Option<Value>,
    /// Whether it points the same way; none where its interval holds 0.
    pub agrees: Option<bool>,
}

/// Every topic of the library.
pub fn known(library: &Library, trial: &Prepared, plan: &Plan, effects: &Effects) -> Vec<Known> {
    let topics = library.directions.values().flat_map(|card| &card.topics);
    topics.map(|topic| one(library, trial, plan, effects, topic)).collect()
}

fn one(library: &Library, trial: &Prepared, plan: &Plan, effects: &Effects, topic: &Topic) -> Known {
    let disease = &trial.trial.disease;
    let of_it = |name: &str| topic.features.iter().any(|feature| feature.text == name);
    let feature = plan.features.iter().position(|feature| of_it(&feature.name));
    let told: Vec<&Direction> =
        topic.found.iter().filter(|direction| direction.is_of(&disease.id.text)).collect();
    let rows: Vec<KnownRow> =
        told.iter().filter_map(|direction| row(library, effects, direction, feature)).collect();
    let none = format!("the evidence holds no row that tells a direction of it in {}", lower(&disease.title));
    let silent = match (feature, rows.is_empty()) {
        (_, true) => Some(none),
        (None, false) => {
            Some("no trait or reading of this population is it, so nothing is held against it".into())
        }
        (Some(_), false) => None,
    };
    Known {
        topic: topic.name.text.clone(),
        title: topic.title.clone(),
        feature: feature.map(|place| plan.features[place].name.clone()),
        rows,
        silent,
    }
}

fn lower(title: &str) -> String {
    crate::report::words::inner(title)
}

fn row(
    library: &Library,
    effects: &Effects,
    direction: &Direction,
    feature: Option<usize>,
) -> Option<KnownRow> {
    // The library was checked: a direction whose rows cannot be read is a problem there.
    let told = direction.told(&library.evidence).ok()?;
    let found = feature.and_then(|feature| found(effects, direction.of, feature));
    let clear = found.as_ref().and_then(|value| {
        let (low, high) = value.low.zip(value.high)?;
        (low > 0.0 || high < 0.0).then_some(value.estimate?.signum())
    });
    Some(KnownRow {
        words: told.words,
        source: told.source,
        therapy: direction.therapy.clone(),
        why: direction.why.clone(),
        of: direction.of.word(),
        sign: told.sign,
        agrees: clear.map(|sign| sign == told.sign),
        found,
    })
}

/// The quantity of which a direction speaks, the higher minus the lower side of the feature; above 0 is better.
fn found(effects: &Effects, of: Of, feature: usize) -> Option<Value> {
    let sides = Sides::of(effects, feature)?;
    let good = |value: f64| if effects.more_is_worse { -value } else { value };
    let value = |row: usize| match of {
        Of::Outcome => good(effects.benefit[row].0),
        Of::OutcomeVersus => good(effects.benefit[row].1),
        Of::Gain => effects.gain(row),
        Of::Harm => -effects.harm[row].0,
        Of::HarmVersus => -effects.harm[row].1,
    };
    Some(difference(effects.by_member(), &sides.high, &sides.low, &value))
}

impl Known {
    /// What is found, in a few words; for each row.
    pub fn verdict(row: &KnownRow) -> &'static str {
        match (row.found.is_some(), row.agrees) {
            (false, _) => "not looked at: too few patients on a side",
            (true, None) => "not told apart here",
            (true, Some(true)) => "found here, too",
            (true, Some(false)) => "the opposite is found here",
        }
    }

    /// The direction of a row in words.
    pub fn direction(row: &KnownRow) -> String {
        let is_better = row.sign > 0.0;
        let how = if is_better { "better" } else { "worse" };
        let harm = if is_better { "less" } else { "more" };
        match row.of {
            "gain" => format!("the higher gain {}", if is_better { "more" } else { "less" }),
            "harm" => format!("of the treated the higher have {harm} harm"),
            "harm_versus" => format!("of those they are compared with the higher have {harm} harm"),
            "outcome" => format!("of the treated the higher fare {how}"),
            _ => format!("of those they are compared with the higher fare {how}"),
        }
    }
}
