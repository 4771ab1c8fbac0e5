//! The steps of the arms in words: names of kinds, days, and the list that a phone shows.

use serde::Serialize;

use super::arms::Arms;
use super::axis;
use super::data::{Arm, ReportData, Step};
use super::words::{self, fixed};

/// The steps of one arm as a list.
#[derive(Debug, Serialize)]
pub struct StepList {
    /// Arm title.
    pub title: String,
    /// From what the days are counted.
    pub clock: String,
    /// Class of the hue.
    pub class: &'static str,
    /// Lines.
    pub rows: Vec<StepRow>,
}

/// One line of the list.
#[derive(Debug, Serialize)]
pub struct StepRow {
    /// "−5 to −2".
    pub day: String,
    /// "Condition".
    pub kind: String,
    /// What is done.
    pub text: String,
    /// Given by a rule.
    pub by_rule: bool,
}

/// The lists of all arms.
pub fn lists(data: &ReportData, arms: &Arms) -> Vec<StepList> {
    let list = |arm: &Arm| StepList {
        title: arm.title.clone(),
        clock: clock(arm, &data.time_zero),
        class: arms.get(&arm.id).class,
        rows: shown(arm, data).map(|step| row(step, data.horizon_days)).collect(),
    };
    data.arms.iter().map(list).collect()
}

/// The steps that are shown: visits have a row of their own.
pub fn shown<'a>(arm: &'a Arm, data: &ReportData) -> impl Iterator<Item = &'a Step> {
    let visits = !data.visits.is_empty() || !data.visit_days.is_empty();
    arm.steps.iter().filter(move |step| !visits || step.kind != "follow_up")
}

fn row(step: &Step, horizon: f64) -> StepRow {
    let when = when(step, horizon);
    let day = when.strip_prefix("days ").or(when.strip_prefix("day ")).unwrap_or(&when).to_owned();
    StepRow { day, kind: kind_word(&step.kind), text: step.text.clone(), by_rule: step.by_rule }
}

/// From what the days of an arm are counted.
pub fn clock(arm: &Arm, time_zero: &str) -> String {
    let zero = axis::zero_word(time_zero);
    match words::real(arm.graft_day) {
        Some(0.0) => "days from the graft".to_owned(),
        Some(day) => format!("days from the graft, on day {} after {zero}", day_number(day)),
        None => format!("days from {zero}"),
    }
}

/// The name of a kind of step.
pub fn kind_word(kind: &str) -> String {
    match kind {
        "cover" => "Cover".to_owned(),
        "treat" => "Drug".to_owned(),
        "follow_up" => "Follow-up".to_owned(),
        "rule" => "By rule".to_owned(),
        kind => words::capital(&kind.replace('_', " ")),
    }
}

/// Days of a step, finite and in order.
pub fn days(step: &Step) -> Vec<f64> {
    let mut days: Vec<f64> = step.days.iter().copied().filter(|day| day.is_finite()).collect();
    days.sort_by(f64::total_cmp);
    days
}

/// When a step happens: "days −5 to −2", "from day 0 on", "when needed".
pub fn when(step: &Step, horizon: f64) -> String {
    let days = days(step);
    let text = match (days.first(), words::real(step.until_day)) {
        (None, _) => String::new(),
        (Some(&first), Some(until)) if 0.98 * (horizon - 60.0).max(0.5 * horizon) <= until => {
            format!("from day {} on", day_number(first))
        }
        (Some(&first), Some(until)) if first < until => {
            format!("days {} to {}", day_number(first), later(until))
        }
        _ => listed(&days),
    };
    match (step.by_rule, text.is_empty()) {
        (true, true) => "when needed".to_owned(),
        (true, false) => format!("{text}, by rule"),
        (false, _) => text,
    }
}

fn listed(days: &[f64]) -> String {
    let consecutive = days.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() < 0.26);
    match days {
        [] => String::new(),
        [day] if 60.0 <= *day => later(*day),
        [day] => format!("day {}", day_number(*day)),
        [first, .., last] if consecutive => format!("days {} to {}", day_number(*first), later(*last)),
        [..] if days.len() <= 4 => {
            let numbers: Vec<String> = days.iter().map(|&day| day_number(day)).collect();
            format!("days {}", words::list(&numbers))
        }
        [first, .., last] => {
            format!("{} times, day {} to {}", days.len(), day_number(*first), later(*last))
        }
    }
}

fn day_number(day: f64) -> String {
    fixed(day, usize::from(0.05 < (day - day.round()).abs()))
}

fn later(day: f64) -> String {
    if day < 60.0 { day_number(day) } else { words::time(day).replace("day ", "") }
}
