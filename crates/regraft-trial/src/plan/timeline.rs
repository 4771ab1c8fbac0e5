//! An arm as lines of a timeline, for drawing.

use super::Planner;
use crate::protocol::StepLine;
use crate::quantity::{Number, Provenance};
use crate::regimen::{Choice, Start, Step, StepKind, TreatmentRule};
use crate::trial::TrialArm;

impl Planner<'_> {
    /// Steps in the order of the card, then rules.
    pub(super) fn timeline(&self, arm: &TrialArm) -> Vec<StepLine> {
        let day_zero = arm.arm.day_zero_at;
        let steps = arm.regimen.steps.iter().flat_map(|step| self.step_lines(step, day_zero));
        let rules = arm.regimen.rules.iter().flat_map(|rule| self.rule_lines(rule, day_zero));
        steps.chain(rules).collect()
    }

    fn step_lines(&self, step: &Step, day_zero: f64) -> Vec<StepLine> {
        let days: Vec<f64> = step.days.iter().map(|day| day + day_zero).collect();
        let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else {
            return Vec::new();
        };
        let last = step.until_day.map_or(last, |day| (day + day_zero).min(self.trial.file.horizon_days));
        let line = |title: String, drug: Option<String>, dose: String, source: String| StepLine {
            kind: step.kind,
            title: step.label.clone().unwrap_or(title),
            drug,
            from_days: first,
            to_days: last,
            days: days.clone(),
            dose,
            source,
            rule: None,
        };
        if !step.one_of.is_empty() {
            let titles: Vec<String> =
                step.one_of.iter().map(|choice| self.share(choice, &step.one_of)).collect();
            return vec![line(
                titles.join(", "),
                None,
                String::new(),
                source_of(None, step.provenance.as_ref()),
            )];
        }
        let id = step.drug.as_ref().map(|drug| drug.text.clone());
        let dose =
            self.dose(id.as_deref(), step.dose.as_ref()).filter(|_| step.kind != StepKind::StopTreatment);
        let words = dose.map_or(String::new(), dose_words);
        let title = id.as_deref().map_or(step.kind.word().replace('_', " "), |id| self.drug_title(id));
        vec![line(title, id, words, source_of(dose, step.provenance.as_ref()))]
    }

    fn rule_lines(&self, rule: &TreatmentRule, day_zero: f64) -> Vec<StepLine> {
        let horizon = self.trial.file.horizon_days;
        let from = rule.from_day.map_or(0.0, |day| day + day_zero);
        let to = rule.to_day.map_or(horizon, |day| (day + day_zero).min(horizon));
        let line = |drug: Option<String>, dose: String, source: String| StepLine {
            kind: StepKind::Support,
            title: rule.title.clone(),
            drug,
            from_days: from,
            to_days: to,
            days: Vec::new(),
            dose,
            source,
            rule: Some(rule.id.text.clone()),
        };
        let given = rule.give.iter().map(|dose| (&dose.drug, dose.dose.as_ref()));
        let started = match &rule.start {
            Some(Start::Drug { drug, dose }) => Some((drug, dose.as_ref())),
            _ => None,
        };
        let mut lines: Vec<StepLine> = Vec::new();
        for (drug, written) in given.chain(started) {
            let dose = self.dose(Some(&drug.text), written);
            let words = dose.map_or(String::new(), dose_words);
            lines.push(line(Some(drug.text.clone()), words, source_of(dose, rule.provenance.as_ref())));
        }
        if lines.is_empty() {
            lines.push(line(None, String::new(), source_of(None, rule.provenance.as_ref())));
        }
        lines
    }

    fn dose<'n>(&'n self, drug: Option<&str>, written: Option<&'n Number>) -> Option<&'n Number> {
        self.trial.drugs.get(drug?)?.given_dose(written)
    }

    fn drug_title(&self, id: &str) -> String {
        self.trial.drugs.get(id).map_or(id.to_string(), |drug| drug.title.clone())
    }

    /// `Natalizumab 29 %`.
    fn share(&self, choice: &Choice, all: &[Choice]) -> String {
        let sum: f64 = all.iter().map(|choice| choice.weight).sum();
        format!("{} {:.0} %", self.drug_title(&choice.drug.text), 100.0 * choice.weight / sum)
    }
}

fn source_of(dose: Option<&Number>, step: Option<&Provenance>) -> String {
    dose.map(|dose| dose.source.clone()).or(step.map(|step| step.source.clone())).unwrap_or_default()
}

/// `50 mg/kg`, with the units' powers as people write them.
fn dose_words(dose: &Number) -> String {
    let unit =
        dose.unit.replace("ug", "µg").replace("/m2", "/m²").replace("1e6", "10⁶").replace("1e8", "10⁸");
    let times = if unit.starts_with("10") { " ×" } else { "" };
    format!("{}{times} {unit}", dose.value).trim_end().to_string()
}
