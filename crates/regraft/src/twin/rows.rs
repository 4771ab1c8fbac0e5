//! Spread of scores and laboratory values among the twins over time.

use regraft_stats::weighted_quantile;

use super::Question;
use super::cases::{Course, Lived};
use crate::report::data::Fan;

/// Percentiles of a fan.
const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Fans of all scores, by score and then by regimen, in days from the decision.
pub fn scores(question: &Question, lived: &Lived) -> Vec<Fan> {
    let cards = &question.trial.trial.disease.scores;
    let mut found = Vec::new();
    for (place, card) in cards.iter().enumerate() {
        for (arm, course) in lived.cases.arms.iter().enumerate() {
            let days = &course.grid.score_days;
            let value = |row: usize, visit: usize| course.observed[row].score(place)[visit];
            let fan = fan(question, arm, course, lived, days, &value);
            found.push(Fan {
                lab: card.name.text.clone(),
                title: card.title.clone(),
                unit: card.unit.clone(),
                ..fan
            });
        }
    }
    found
}

/// Fans of all laboratory values.
pub fn labs(question: &Question, lived: &Lived) -> Vec<Fan> {
    let cards = &question.trial.trial.disease.labs;
    let mut found = Vec::new();
    for (place, card) in cards.iter().enumerate() {
        for (arm, course) in lived.cases.arms.iter().enumerate() {
            let days = &course.grid.lab_days;
            let value = |row: usize, visit: usize| course.observed[row].lab(place)[visit];
            let fan = fan(question, arm, course, lived, days, &value);
            let log_scale = card.scale == regraft_trial::disease::Scale::Log;
            found.push(Fan {
                lab: card.name.text.clone(),
                title: card.title.clone(),
                unit: card.unit.clone(),
                log_scale,
                ..fan
            });
        }
    }
    found
}

fn fan(
    question: &Question,
    arm: usize,
    course: &Course,
    lived: &Lived,
    days: &[f64],
    value: &dyn Fn(usize, usize) -> f64,
) -> Fan {
    let (mut shown, mut quantiles) = (Vec::new(), Vec::new());
    for (visit, day) in days.iter().enumerate() {
        let seen = |row: &usize| !course.observed[*row].failed && course.observed[*row].end >= *day;
        let pairs = (0..course.observed.len()).filter(seen);
        let pairs = pairs.map(|row| (value(row, visit), lived.likes.weights[row]));
        let mut pairs: Vec<(f64, f64)> = pairs.filter(|(value, _)| value.is_finite()).collect();
        if pairs.is_empty() {
            continue;
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        shown.push(*day);
        quantiles.push(LEVELS.map(|level| weighted_quantile(&pairs, level)));
    }
    Fan {
        arm: question.trial.arm_ids[arm].clone(),
        lab: String::new(),
        title: String::new(),
        unit: String::new(),
        log_scale: false,
        threshold: None,
        before: quantiles.first().map(|at: &[f64; 5]| at[2]),
        days: shown,
        quantiles,
        measured: Vec::new(),
    }
}
