//! One arm: settings at its start, doses of its steps, visits.

use regraft_model::Span;
use regraft_model::program::Target;

use super::{Planner, last_wins};
use crate::codes;
use crate::cohort;
use crate::condition::release_name;
use crate::days::repeated;
use crate::dose::{Per, dose_amount};
use crate::drug::{Drug, GiveMode};
use crate::name::Name;
use crate::product::Product;
use crate::protocol::{
    ArmPlan, DoseKind, Factor, PlannedAction, PlannedAmount, PlannedChoice, PlannedCondition, PlannedDose,
    PlannedSetting, Switch,
};
use crate::quantity::{Number, SettingValue};
use crate::regimen::{Choice, Regimen, RuleTrigger, Start, Step, StepKind, TreatmentRule};
use crate::trial::TrialArm;

/// What is known of an arm while its doses are planned.
pub(super) struct ArmFrame<'a> {
    pub(super) arm: &'a TrialArm,
    pub(super) start_days: f64,
    pub(super) day_zero_days: f64,
    /// Doses later than this day of the regimen need a released product.
    pub(super) released_after: Option<f64>,
    pub(super) choices: Vec<PlannedChoice>,
}

impl ArmFrame<'_> {
    /// Switches of a step's dose on this day of the regimen.
    fn step_switches(&self, step: &Step, day: f64) -> Vec<Switch> {
        let after = self.released_after.is_some_and(|after| day > after);
        self.release_if(step.needs_graft.unwrap_or(after))
    }

    /// Switches of a rule.
    pub(super) fn rule_switches(&self, rule: &TreatmentRule) -> Vec<Switch> {
        let supports = matches!(rule.trigger, Some(RuleTrigger::EveryDays(_))) && !rule.give.is_empty();
        self.release_if(rule.needs_graft.unwrap_or(supports))
    }

    fn release_if(&self, needed: bool) -> Vec<Switch> {
        if needed && self.released_after.is_some() { vec![Switch::Released] } else { Vec::new() }
    }

    pub(super) fn add_choice(&mut self, place: &str, choices: &[Choice]) -> u32 {
        let stream = format!("choice:{}:{place}", self.arm.regimen.id.text);
        let drugs = choices.iter().map(|choice| choice.drug.text.clone()).collect();
        let weights = choices.iter().map(|choice| choice.weight).collect();
        self.choices.push(PlannedChoice { stream, drugs, weights });
        self.choices.len() as u32 - 1
    }
}

impl<'a> Planner<'a> {
    pub(super) fn arm(&mut self, arm: &'a TrialArm) -> ArmPlan {
        let day_zero_days = arm.arm.day_zero_at;
        let first = arm.regimen.first_day().map_or(0.0, |day| day + day_zero_days);
        let mut frame = ArmFrame {
            arm,
            start_days: first.min(0.0),
            day_zero_days,
            released_after: released_after(arm),
            choices: Vec::new(),
        };
        let doses = self.doses(&mut frame);
        let rules = self.rules(&mut frame);
        let infused = arm.regimen.steps.iter().filter(|step| step.kind == StepKind::Infuse);
        let visits = &self.trial.file.visits;
        ArmPlan {
            id: arm.arm.id.text.clone(),
            title: arm.arm.title.clone(),
            role: arm.arm.role,
            regimen_title: arm.regimen.title.clone(),
            product_title: arm.product.as_ref().map(|product| product.title.clone()),
            start_days: frame.start_days,
            day_zero_days,
            graft_days: infused.flat_map(|step| step.days.first()).map(|day| day + day_zero_days).next(),
            collect_days: last_collection(arm).map(|day| day + day_zero_days),
            settings: self.arm_settings(arm),
            release: arm.product.as_ref().map_or(Vec::new(), |product| self.release(product)),
            choices: frame.choices,
            doses,
            rules,
            score_days: self.within(&visits.score_days),
            imaging_days: self.within(&visits.imaging_days),
            lab_days: self.lab_days(frame.start_days, day_zero_days),
            steps: self.timeline(arm),
        }
    }

    fn within(&self, days: &[f64]) -> Vec<f64> {
        days.iter().copied().filter(|day| *day <= self.trial.file.horizon_days).collect()
    }

    fn lab_days(&self, start_days: f64, day_zero_days: f64) -> Vec<f64> {
        let labs = &self.trial.file.visits.labs;
        let days = labs
            .iter()
            .flat_map(|lab| repeated(lab.from_day, lab.to_day, lab.every_days).unwrap_or_default());
        // What is asked together is read together.
        let mixed = self.trial.endpoints.values().any(|endpoint| endpoint.kind.mixes_readings());
        let score_days = if mixed { self.trial.file.visits.score_days.as_slice() } else { &[] };
        let mut days: Vec<f64> = days
            .map(|day| day + day_zero_days)
            .chain(score_days.iter().copied())
            .filter(|day| (start_days..=self.trial.file.horizon_days).contains(day))
            .collect();
        days.sort_by(f64::total_cmp);
        days.dedup();
        days
    }

    fn release(&mut self, product: &Product) -> Vec<PlannedCondition> {
        let mut planned = Vec::new();
        for (index, test) in product.release.iter().enumerate() {
            let observable = self.condition(&release_name(&product.id.text, index), test.when.span);
            planned.extend(
                observable.map(|observable| PlannedCondition { name: test.name.text.clone(), observable }),
            );
        }
        planned
    }

    /// Parameters of all drugs that are not one option of several, then of the product, then its traits.
    fn arm_settings(&mut self, arm: &TrialArm) -> Vec<PlannedSetting> {
        let trial = self.trial;
        let mut settings = Vec::new();
        let mut owners: Vec<(Target, PlannedAmount, &str)> = Vec::new();
        for name in plain_drugs(&arm.regimen, |id| trial.started.get(id)) {
            let Some(drug) = trial.drugs.get(&name.text) else { continue };
            for written in &drug.parameters {
                let Some(setting) = self.setting(written, &name.text) else { continue };
                self.refuse_conflict(&mut owners, &setting, &drug.id.text, written.target.span);
                settings.push(setting);
            }
        }
        for drug in self.drugs_of(arm) {
            settings.extend(self.drawn_constants(drug));
        }
        if let Some(product) = &arm.product {
            settings.extend(self.settings(&product.parameters, ""));
            settings
                .extend(self.traits(&product.traits, |name| cohort::product_column(&product.id.text, name)));
        }
        last_wins(settings)
    }

    /// Drugs that an arm may give, each once, in the order of the library.
    fn drugs_of(&self, arm: &TrialArm) -> Vec<&'a Drug> {
        let trial = self.trial;
        let mut ids: Vec<&str> = arm.regimen.drugs().into_iter().map(|name| name.text.as_str()).collect();
        for name in arm.regimen.rules.iter().filter_map(|rule| match &rule.start {
            Some(Start::Regimen(name)) => trial.started.get(&name.text),
            _ => None,
        }) {
            ids.extend(name.drugs().into_iter().map(|name| name.text.as_str()));
        }
        trial.drugs.iter().filter(|(id, _)| ids.contains(&id.as_str())).map(|(_, drug)| drug).collect()
    }

    /// What of a drug's own part of the model is drawn per patient.
    fn drawn_constants(&mut self, drug: &Drug) -> Vec<PlannedSetting> {
        let mut settings = Vec::new();
        for constant in drug.constants() {
            let SettingValue::PerPatient(drawn) = &constant.value else { continue };
            let target = Name { text: drug.name_in_model(&constant.name), span: constant.span };
            let Some(target) = self.target(&target) else { continue };
            let Some(value) = self.in_model_unit(1.0, &drawn.unit, target, drawn.span) else { continue };
            let factor = Some(Factor::Column(cohort::drug_column(&drug.id.text, &constant.name)));
            settings.push(PlannedSetting { target, amount: PlannedAmount { value, factor } });
        }
        settings
    }

    fn refuse_conflict<'d>(
        &mut self,
        owners: &mut Vec<(Target, PlannedAmount, &'d str)>,
        setting: &PlannedSetting,
        drug: &'d str,
        span: Span,
    ) {
        let other =
            owners.iter().find(|(target, amount, _)| *target == setting.target && *amount != setting.amount);
        if let Some((_, _, other)) = other {
            let message = format!("drugs `{other}` and `{drug}` of one arm set this to different values");
            self.error(codes::CONFLICT, span, message);
        }
        owners.push((setting.target, setting.amount.clone(), drug));
    }

    fn doses(&mut self, frame: &mut ArmFrame<'a>) -> Vec<PlannedDose> {
        let mut doses = Vec::new();
        for (index, step) in frame.arm.regimen.steps.iter().enumerate() {
            let given = self.step_actions(step);
            self.push_doses(&mut doses, frame, index, &given, &[]);
            if !step.one_of.is_empty() {
                let place = step.id.as_ref().map_or(index.to_string(), |id| id.text.clone());
                let choice = frame.add_choice(&place, &step.one_of);
                for (option, chosen) in step.one_of.iter().enumerate() {
                    let given = self.chosen_actions(step, chosen);
                    let switch = Switch::Chose { choice, option: option as u32 };
                    self.push_doses(&mut doses, frame, index, &given, &[switch]);
                }
            }
        }
        doses.sort_by(|a, b| a.time_days.total_cmp(&b.time_days));
        doses
    }

    /// Actions as `(day of the regimen, action)`; past the horizon they are dropped.
    fn push_doses(
        &self,
        doses: &mut Vec<PlannedDose>,
        frame: &ArmFrame<'_>,
        step: usize,
        given: &[PlannedAction],
        switches: &[Switch],
    ) {
        for action in given {
            let time_days = action.delay_days + frame.day_zero_days;
            if time_days > self.trial.file.horizon_days {
                continue;
            }
            let mut given_if = frame.step_switches(&frame.arm.regimen.steps[step], action.delay_days);
            given_if.extend_from_slice(switches);
            let (kind, target, amount) = (action.kind, action.target, action.amount.clone());
            doses.push(PlannedDose { time_days, kind, target, amount, given_if, step: step as u32 });
        }
    }

    /// What a step's drug and settings do, by day of the regimen (in `delay_days`). Choices apart.
    pub(super) fn step_actions(&mut self, step: &Step) -> Vec<PlannedAction> {
        let mut actions = Vec::new();
        let at_once = self.set_actions(0.0, &step.set);
        for day in &step.days {
            let on_day = |action: &PlannedAction| PlannedAction { delay_days: *day, ..action.clone() };
            actions.extend(at_once.iter().map(on_day));
        }
        let trial = self.trial;
        let Some(drug) = step.drug.as_ref().and_then(|name| trial.drugs.get(&name.text)) else {
            return actions;
        };
        if step.kind == StepKind::StopTreatment {
            let stops = step.days.iter().filter_map(|day| self.stop_action(*day, drug));
            actions.extend(stops.collect::<Vec<_>>());
            return actions;
        }
        actions.extend(self.drug_actions(drug, step.dose.as_ref(), &step.days, step.infusion_hours));
        actions.extend(step.until_day.and_then(|day| self.stop_action(day, drug)));
        actions
    }

    /// What one option of a step does: the drug's parameters at the first day, then its doses.
    fn chosen_actions(&mut self, step: &Step, chosen: &Choice) -> Vec<PlannedAction> {
        let trial = self.trial;
        let Some(drug) = trial.drugs.get(&chosen.drug.text) else { return Vec::new() };
        let first = step.days.first().copied().unwrap_or(0.0);
        let mut actions: Vec<PlannedAction> = self.parameter_actions(first, drug);
        actions.extend(self.drug_actions(drug, chosen.dose.as_ref(), &step.days, step.infusion_hours));
        actions.extend(step.until_day.and_then(|day| self.stop_action(day, drug)));
        actions
    }

    /// The drug's parameters, set on one day.
    pub(super) fn parameter_actions(&mut self, day: f64, drug: &Drug) -> Vec<PlannedAction> {
        self.settings(&drug.parameters, &drug.id.text)
            .iter()
            .map(|setting| set_action(day, setting))
            .collect()
    }

    /// One dose on each day.
    pub(super) fn drug_actions(
        &mut self,
        drug: &Drug,
        written: Option<&Number>,
        days: &[f64],
        infusion_hours: Option<f64>,
    ) -> Vec<PlannedAction> {
        let Some((target, amount)) = self.given_amount(drug, written) else { return Vec::new() };
        let kind = match (drug.give.mode, infusion_hours) {
            (GiveMode::Set, _) => DoseKind::Set,
            (GiveMode::Add, Some(hours)) => DoseKind::Infuse { duration_days: hours / HOURS_PER_DAY },
            (GiveMode::Add, None) => DoseKind::Add,
        };
        let at = |day: &f64| PlannedAction { delay_days: *day, kind, target, amount: amount.clone() };
        days.iter().map(at).collect()
    }

    /// A drug that is set while given goes back to 0.
    pub(super) fn stop_action(&mut self, day: f64, drug: &Drug) -> Option<PlannedAction> {
        let target = self.target(&drug.give.target)?;
        let amount = PlannedAmount::fixed(0.0);
        (drug.give.mode == GiveMode::Set).then_some(PlannedAction {
            delay_days: day,
            kind: DoseKind::Set,
            target,
            amount,
        })
    }

    fn given_amount(&mut self, drug: &Drug, written: Option<&Number>) -> Option<(Target, PlannedAmount)> {
        let target = self.drug_target(drug)?;
        let dose = drug.given_dose(written)?;
        // A wrong dose unit was reported when the trial was resolved.
        let amount = dose_amount(dose, drug).ok()?;
        let value = self.in_model_unit(amount.value, &drug.give.unit.text, target, drug.give.unit.span)?;
        let factor = match amount.per {
            Per::Patient => None,
            Per::Kilogram => Some(Factor::Weight),
            Per::SquareMeter => Some(Factor::BodySurface),
        };
        Some((target, PlannedAmount { value, factor }))
    }

    fn drug_target(&mut self, drug: &Drug) -> Option<Target> {
        let target = self.target(&drug.give.target)?;
        if drug.give.mode == GiveMode::Add && matches!(target, Target::Parameter(_)) {
            let message =
                format!("`{}` is a parameter, to which no dose can be added", drug.give.target.text);
            self.error(codes::WRONG_SORT, drug.give.target.span, message);
            return None;
        }
        Some(target)
    }
}

const HOURS_PER_DAY: f64 = 24.0;

fn set_action(day: f64, setting: &PlannedSetting) -> PlannedAction {
    let (target, amount) = (setting.target, setting.amount.clone());
    PlannedAction { delay_days: day, kind: DoseKind::Set, target, amount }
}

/// Day of the regimen after which a released product is needed: the collection, else from the start;
/// `None` without release tests.
fn released_after(arm: &TrialArm) -> Option<f64> {
    arm.product.as_ref().filter(|product| !product.release.is_empty())?;
    Some(last_collection(arm).unwrap_or(f64::NEG_INFINITY))
}

/// Day of the regimen on which cells are collected for the last time.
fn last_collection(arm: &TrialArm) -> Option<f64> {
    let collected = arm.regimen.steps.iter().filter(|step| step.kind == StepKind::Collect);
    collected.flat_map(|step| step.days.iter().copied()).max_by(f64::total_cmp)
}

/// Drugs of steps and rules that are not one option of several; started ones set their parameters when they start.
fn plain_drugs<'r>(regimen: &'r Regimen, started: impl Fn(&str) -> Option<&'r Regimen>) -> Vec<&'r Name> {
    let given = regimen.steps.iter().filter(|step| step.kind != StepKind::StopTreatment);
    let mut found: Vec<&Name> = given.filter_map(|step| step.drug.as_ref()).collect();
    for rule in &regimen.rules {
        found.extend(rule.give.iter().map(|dose| &dose.drug));
        if let Some(Start::Regimen(name)) = &rule.start {
            found.extend(started(&name.text).into_iter().flat_map(|regimen| regimen.drugs()));
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    found.retain(|name| {
        !seen.contains(&name.text.as_str()) && {
            seen.push(&name.text);
            true
        }
    });
    found
}
