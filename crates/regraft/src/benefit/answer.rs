//! The answer: plain data that the text and the page show.

use regraft_stats::{Node, Sample};
use serde::Serialize;

use super::effects::{Effect, Plan};
use super::ground::{Ground, Rows};
use super::rule::RuleSet;
use super::{Asked, holdout, subgroups};
use crate::study::Prepared;

pub use crate::twin::Value;

/// Who benefits.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// Id of the trial.
    pub trial: String,
    /// For people.
    pub title: String,
    /// Id and title of the arm.
    pub arm: (String, String),
    /// Id and title of what it is compared with.
    pub versus: (String, String),
    /// Id and title of the endpoint that is the benefit.
    pub endpoint: (String, String),
    /// Whether it is counted in patients, else in its own unit.
    pub in_patients: bool,
    /// Whether less of it is better: the gain is then what is spared.
    pub more_is_worse: bool,
    /// Ids and titles of the harms.
    pub harms: Vec<(String, String)>,
    /// Units of the benefit that one harm outweighs.
    pub harm_weight: f64,
    /// Day at which both are read.
    pub day: f64,
    /// Evidence grade of the arm's therapy.
    pub grade: String,
    /// Patients behind the figures.
    pub n: usize,
    /// Patients left out: not solved, or without a value in one of the arms.
    pub left_out: usize,
    /// Candidates screened.
    pub screened: usize,
    /// Members of the posterior with whose parameters they live; 1 where all live with the same.
    pub members: usize,
    /// Everyone.
    pub all: Group,
    /// Eligibility rules that were asked about.
    pub sets: Vec<Set>,
    /// The rule that was found, as leaves in reading order; one leaf where no rule predicts anything.
    pub leaves: Vec<Leaf>,
    /// How it does in patients who did not make it.
    pub performance: Performance,
    /// One feature at a time, the clearest first.
    pub subgroups: Vec<super::Subgroup>,
    /// What trials and cohorts found of age, duration, form, ketoacidosis and comorbidity, and what is found here.
    pub known: Vec<super::Known>,
    /// Why the intervals of groups are not split into parameters, patients and chance, for people; none where they are.
    pub not_split: Option<String>,
    /// Features that the rule could use.
    pub features: Vec<String>,
    /// Seed.
    pub seed: u64,
    /// The command that repeats it.
    pub command: String,
    /// Version of the program.
    pub version: String,
}

/// Mean paired effects of some patients.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// Patients.
    pub n: usize,
    /// Gain by the benefit endpoint: above 0 is better.
    pub benefit: Value,
    /// Harm added.
    pub harm: Value,
    /// Gain minus weighted harm.
    pub net: Value,
}

/// A rule set with its funnel.
#[derive(Debug, Clone, Serialize)]
pub struct Set {
    /// As it was written.
    pub rule: String,
    /// Part by part.
    pub steps: Vec<Step>,
    /// Those who may enter.
    pub inside: Group,
    /// Those who may not.
    pub outside: Group,
}

/// One part of a rule set.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// As it was written.
    pub rule: String,
    /// Patients turned away by it, of those whom the parts before it let through.
    pub turned_away: usize,
    /// Patients left.
    pub left: usize,
}

/// A leaf of the rule.
#[derive(Debug, Clone, Serialize)]
pub struct Leaf {
    /// Conditions on the way to it; none for everyone.
    pub conditions: Vec<String>,
    /// The effect that the rule states: that of patients who did not choose its splits.
    pub stated: f64,
    /// Patients in it, and their effects.
    pub group: Group,
}

/// How a rule does in patients who did not make it.
#[derive(Debug, Clone, Serialize)]
pub struct Performance {
    /// Splits in a row.
    pub depth: usize,
    /// Folds of the cross-validation, by patient.
    pub folds: usize,
    /// Share of the variance of single effects that is explained; most of the rest is the chance of one fate.
    pub explained: f64,
    /// Mean net gain if all are treated.
    pub treat_all: Value,
    /// Mean net gain if those are treated for whom the rule states a gain.
    pub treat_by_rule: Value,
    /// The latter minus the former.
    pub rule_minus_all: Value,
    /// Share of patients for whom the rule states a gain.
    pub treated_by_rule: f64,
    /// Slope of effects over predictions: 1 is calibrated; none where all predictions are alike.
    pub calibration_slope: Option<f64>,
    /// Patients by predicted effect.
    pub quarters: Vec<Quarter>,
}

/// Patients of like prediction.
#[derive(Debug, Clone, Serialize)]
pub struct Quarter {
    /// Patients.
    pub n: usize,
    /// Mean prediction.
    pub predicted: f64,
    /// What was found.
    pub found: Value,
}

impl Group {
    /// Of those of a kind.
    fn of(ground: &Ground, harm_weight: f64, rows: &Rows) -> Group {
        Group {
            n: rows.own.len(),
            benefit: ground.mean(rows, Effect::Gain),
            harm: ground.mean(rows, Effect::Harm),
            net: ground.mean(rows, Effect::Net(harm_weight)),
        }
    }
}

/// Sums up effects.
pub fn answer(
    trial: &Prepared,
    asked: &Asked,
    plan: &Plan,
    rules: &[RuleSet],
    ground: &Ground,
    known: Vec<super::Known>,
) -> Answer {
    let effects = &ground.effects;
    let n = effects.numbers.len();
    let weight = asked.harm_weight;
    let net: Vec<f64> = (0..n).map(|row| effects.effect(Effect::Net(weight), effects.fate(row))).collect();
    let everyone: Vec<usize> = (0..n).collect();
    let width = plan.usable.len();
    let usable: Vec<f64> =
        everyone.iter().flat_map(|row| plan.usable.iter().map(|place| effects.of(*row)[*place])).collect();
    let sample = Sample { features: &usable, width, values: &net };
    let found = holdout::find(sample, asked.depth, effects.by_member());
    let arm = |place: usize| (trial.arm_ids[place].clone(), trial.protocol.arms[place].title.clone());
    let endpoint = |place: usize| {
        let id = &trial.endpoint_ids[place];
        (id.clone(), trial.trial.endpoints[id].title.clone())
    };
    let mut leaves = Vec::new();
    let walk = Walk { ground, plan, harm_weight: weight };
    walk.down(&found.tree, ground.everyone(), &[], &mut leaves);
    Answer {
        trial: trial.id.clone(),
        title: trial.trial.file.title.clone(),
        arm: arm(plan.arm),
        versus: arm(plan.versus),
        endpoint: endpoint(plan.endpoint),
        in_patients: effects.benefit.iter().all(|(a, b)| [a, b].iter().all(|x| **x == 0.0 || **x == 1.0)),
        more_is_worse: effects.more_is_worse,
        harms: plan.harms.iter().map(|place| endpoint(*place)).collect(),
        harm_weight: asked.harm_weight,
        day: plan.day,
        grade: trial
            .trial
            .grade(&trial.trial.arms[plan.arm])
            .map_or("none".into(), |grade| grade.grade.clone()),
        n,
        left_out: effects.left_out,
        screened: effects.screened,
        members: trial.members.as_ref().map_or(1, |members| members.n_members()),
        all: Group::of(ground, weight, &ground.everyone()),
        sets: rules.iter().map(|rule| set(ground, weight, rule)).collect(),
        not_split: ground.not_split(asked),
        leaves,
        performance: found.performance,
        subgroups: subgroups::subgroups(effects, plan, &net),
        known,
        features: plan.usable.iter().map(|place| plan.features[*place].name.clone()).collect(),
        seed: asked.seed,
        command: asked.command.clone(),
        version: env!("CARGO_PKG_VERSION").to_string(),
    }
}

fn set(ground: &Ground, harm_weight: f64, rule: &RuleSet) -> Set {
    let mut inside = ground.everyone();
    let mut steps = Vec::new();
    for (words, test) in &rule.steps {
        let before = inside.own.len();
        inside = inside.divided(ground, &|features| test.holds(features)).0;
        let left = inside.own.len();
        steps.push(Step { rule: words.clone(), turned_away: before - left, left });
    }
    let all = |features: &[f64]| rule.steps.iter().all(|(_, test)| test.holds(features));
    let outside = ground.everyone().divided(ground, &all).1;
    Set {
        rule: rule.text.clone(),
        steps,
        inside: Group::of(ground, harm_weight, &inside),
        outside: Group::of(ground, harm_weight, &outside),
    }
}

/// The way down a tree.
struct Walk<'a> {
    ground: &'a Ground,
    plan: &'a Plan,
    harm_weight: f64,
}

impl Walk<'_> {
    /// Leaves in reading order, with the patients who come to them.
    fn down(&self, node: &Node, rows: Rows, conditions: &[String], leaves: &mut Vec<Leaf>) {
        match node {
            Node::Leaf { value, .. } => leaves.push(Leaf {
                conditions: conditions.to_vec(),
                stated: *value,
                group: Group::of(self.ground, self.harm_weight, &rows),
            }),
            Node::Split { feature, threshold, left, right } => {
                let place = self.plan.usable[*feature];
                let name = &self.plan.features[place].name;
                let is_low = |features: &[f64]| features[place] <= *threshold;
                let (low, high) = rows.divided(self.ground, &is_low);
                let digits = crate::explore::digits(*threshold);
                for (sign, node, rows) in [("<=", left, low), (">", right, high)] {
                    self.down(node, rows, &narrowed(conditions, &format!("{name} {sign} "), &digits), leaves);
                }
            }
        }
    }
}

/// The conditions with one more; one on the same side of the same feature, which it implies, is left out.
fn narrowed(conditions: &[String], side: &str, threshold: &str) -> Vec<String> {
    let others = conditions.iter().filter(|condition| !condition.starts_with(side)).cloned();
    others.chain([format!("{side}{threshold}")]).collect()
}

impl Answer {
    /// The answer as one JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("an answer holds only numbers, texts and lists")
    }
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn a_second_threshold_on_the_same_side_takes_the_place_of_the_first() {
        let first = narrowed(&[], "edss <= ", "3.75");
        assert_eq!(narrowed(&first, "edss <= ", "3.25"), ["edss <= 3.25"]);
        assert_eq!(narrowed(&first, "edss > ", "3.25"), ["edss <= 3.75", "edss > 3.25"]);
        assert_eq!(narrowed(&first, "age <= ", "40"), ["edss <= 3.75", "age <= 40"]);
    }
}
