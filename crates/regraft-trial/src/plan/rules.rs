//! Rules of a regimen: triggers, windows, conditions and actions by index.

use super::Planner;
use super::arm::ArmFrame;
use crate::codes;
use crate::condition::rule_name;
use crate::days::repeated;
use crate::protocol::{PlannedAction, PlannedRule, PlannedTrigger, Switch};
use crate::regimen::{Choice, RuleTrigger, Start, TreatmentRule};

impl<'a> Planner<'a> {
    pub(super) fn rules(&mut self, frame: &mut ArmFrame<'a>) -> Vec<PlannedRule> {
        let mut planned = Vec::new();
        for rule in &frame.arm.regimen.rules {
            let Some(plain) = self.rule(frame, rule) else { continue };
            match &rule.start {
                Some(Start::OneOf(choices)) => planned.extend(self.options(frame, rule, &plain, choices)),
                _ => planned.push(plain),
            }
        }
        planned
    }

    /// The rule without the options of its start.
    fn rule(&mut self, frame: &ArmFrame<'a>, rule: &TreatmentRule) -> Option<PlannedRule> {
        let horizon_days = self.trial.file.horizon_days;
        let from_days = rule.from_day.map_or(frame.start_days, |day| day + frame.day_zero_days);
        let to_days = rule.to_day.map_or(horizon_days, |day| (day + frame.day_zero_days).min(horizon_days));
        let trigger = match rule.trigger.as_ref()? {
            RuleTrigger::Event(name) => PlannedTrigger::Event(self.event(name)?),
            RuleTrigger::EveryDays(every) => {
                PlannedTrigger::Times(self.moments(rule, from_days, to_days, *every))
            }
        };
        let regimen = &frame.arm.regimen.id.text;
        let mut condition = |part: &str, written: Option<&crate::name::Name>| {
            written.and_then(|text| self.condition(&rule_name(regimen, &rule.id.text, part), text.span))
        };
        let (when, until) = (condition("when", rule.when.as_ref()), condition("until", rule.until.as_ref()));
        Some(PlannedRule {
            id: rule.id.text.clone(),
            title: rule.title.clone(),
            trigger,
            from_days,
            to_days,
            condition: when,
            until,
            given_if: frame.rule_switches(rule),
            actions: self.rule_actions(rule),
            max_times: rule.max_times,
            refractory_days: rule.refractory_days,
            marks: rule.marks.as_ref().map(|mark| mark.text.clone()),
        })
    }

    fn moments(&mut self, rule: &TreatmentRule, from: f64, to: f64, every: f64) -> Vec<f64> {
        repeated(from, to, every).unwrap_or_else(|message| {
            self.error(codes::OUT_OF_RANGE, rule.span, message);
            Vec::new()
        })
    }

    /// One rule per option, of which each patient has one.
    fn options(
        &mut self,
        frame: &mut ArmFrame<'a>,
        rule: &TreatmentRule,
        plain: &PlannedRule,
        choices: &[Choice],
    ) -> Vec<PlannedRule> {
        let choice = frame.add_choice(&rule.id.text, choices);
        let mut planned = Vec::new();
        for (option, chosen) in choices.iter().enumerate() {
            let mut one = plain.clone();
            one.given_if.push(Switch::Chose { choice, option: option as u32 });
            one.actions.extend(self.start_actions(chosen));
            if let Some(drug) = self.trial.drugs.get(&chosen.drug.text) {
                one.title = format!("{}: {}", rule.title, drug.title);
            }
            planned.push(one);
        }
        planned
    }

    fn start_actions(&mut self, chosen: &Choice) -> Vec<PlannedAction> {
        let trial = self.trial;
        let Some(drug) = trial.drugs.get(&chosen.drug.text) else { return Vec::new() };
        let mut actions = self.parameter_actions(0.0, drug);
        actions.extend(self.drug_actions(drug, chosen.dose.as_ref(), &[0.0], None));
        actions
    }

    /// Stops first, so that a rule can replace one drug by another.
    fn rule_actions(&mut self, rule: &TreatmentRule) -> Vec<PlannedAction> {
        let trial = self.trial;
        let mut actions = Vec::new();
        for drug in rule.stop.iter().filter_map(|name| trial.drugs.get(&name.text)) {
            actions.extend(self.stop_action(0.0, drug));
        }
        actions.extend(self.set_actions(0.0, &rule.set));
        for dose in &rule.give {
            if let Some(drug) = trial.drugs.get(&dose.drug.text) {
                actions.extend(self.drug_actions(
                    drug,
                    dose.dose.as_ref(),
                    &dose.after_days,
                    dose.infusion_hours,
                ));
            }
        }
        match &rule.start {
            Some(Start::Drug { drug, dose }) => {
                let chosen = Choice { drug: drug.clone(), weight: 1.0, dose: dose.clone() };
                actions.extend(self.start_actions(&chosen));
            }
            Some(Start::Regimen(name)) => actions.extend(self.started_actions(&name.text)),
            Some(Start::OneOf(_)) | None => {}
        }
        actions
    }

    /// All steps of another regimen, the earliest on the day of the trigger.
    fn started_actions(&mut self, regimen: &str) -> Vec<PlannedAction> {
        let trial = self.trial;
        let Some(regimen) = trial.started.get(regimen) else { return Vec::new() };
        let first = regimen.first_day().unwrap_or(0.0);
        let mut actions: Vec<PlannedAction> =
            regimen.steps.iter().flat_map(|step| self.step_actions(step)).collect();
        for action in &mut actions {
            action.delay_days -= first;
        }
        actions.sort_by(|a, b| a.delay_days.total_cmp(&b.delay_days));
        actions
    }
}
