//! Checks of regimens that need no model: doses, units, sizes of the body.

use regraft_model::{Diagnostic, Span};

use super::{Search, Trial};
use crate::codes;
use crate::cohort::{HEIGHT, WEIGHT, find_trait};
use crate::dose::{Per, dose_amount};
use crate::drug::GiveMode;
use crate::name::Name;
use crate::quantity::Number;
use crate::reader::listed;
use crate::regimen::{Choice, Regimen, Start, Step, StepKind, TreatmentRule};
use crate::trial::TrialArm;

impl Search<'_> {
    pub(super) fn check_treatment(&mut self, trial: &Trial) {
        let mut seen: Vec<&str> = Vec::new();
        for regimen in trial.arms.iter().map(|arm| &arm.regimen).chain(trial.started.values()) {
            if !seen.contains(&regimen.id.text.as_str()) {
                seen.push(&regimen.id.text);
                self.check_regimen(trial, regimen);
            }
        }
        self.check_body(trial);
        for arm in &trial.arms {
            self.check_product(trial, arm);
        }
    }

    /// Cells that are infused are of some product, and a product is infused.
    fn check_product(&mut self, trial: &Trial, arm: &TrialArm) {
        let started = arm.regimen.rules.iter().filter_map(|rule| match &rule.start {
            Some(Start::Regimen(name)) => trial.started.get(&name.text),
            _ => None,
        });
        let mut steps = std::iter::once(&arm.regimen).chain(started).flat_map(|regimen| &regimen.steps);
        let (id, infuses) = (&arm.regimen.id.text, steps.any(|step| step.kind == StepKind::Infuse));
        match &arm.arm.product {
            None if infuses => {
                let message = format!("regimen `{id}` infuses cells, but the arm has no `product`");
                let problem = Diagnostic::error(codes::MISSING_KEY, arm.arm.regimen.span, message);
                let known = self.cards.products.keys().map(String::as_str);
                self.problems.push(problem.with_help(listed(known)));
            }
            Some(product) if !infuses => {
                let message = format!("no step of regimen `{id}` infuses the product");
                self.error(codes::CONTRADICTION, product.span, message);
            }
            _ => {}
        }
    }

    fn check_regimen(&mut self, trial: &Trial, regimen: &Regimen) {
        for step in &regimen.steps {
            self.check_step(trial, step);
        }
        for rule in &regimen.rules {
            self.check_rule(trial, rule);
        }
    }

    fn check_step(&mut self, trial: &Trial, step: &Step) {
        let names = step.drug.iter().chain(step.one_of.iter().map(|choice| &choice.drug));
        for drug in names.filter_map(|name| trial.drugs.get(&name.text)) {
            match drug.give.mode {
                GiveMode::Set if step.infusion_hours.is_some() => self.error(
                    codes::CONTRADICTION,
                    step.span,
                    format!("`{}` is set while it is given, so it has no infusion time", drug.id.text),
                ),
                GiveMode::Add if step.until_day.is_some() => self.error(
                    codes::CONTRADICTION,
                    step.span,
                    format!("`{}` is given in single doses, so `until_day` does nothing", drug.id.text),
                ),
                GiveMode::Add | GiveMode::Set => {}
            }
        }
        match (&step.drug, step.kind) {
            (Some(name), StepKind::StopTreatment) => self.check_stop(trial, name),
            (Some(name), _) => self.check_dose(trial, name, step.dose.as_ref(), step.span),
            (None, _) => self.check_choices(trial, &step.one_of),
        }
    }

    fn check_rule(&mut self, trial: &Trial, rule: &TreatmentRule) {
        for dose in &rule.give {
            self.check_dose(trial, &dose.drug, dose.dose.as_ref(), dose.span);
            let continuous =
                trial.drugs.get(&dose.drug.text).is_some_and(|drug| drug.give.mode == GiveMode::Set);
            if continuous {
                let message = format!("`{}` is set while it is given", dose.drug.text);
                let problem = Diagnostic::error(codes::CONTRADICTION, dose.span, message);
                self.problems.push(problem.with_help("a rule begins it by `start` and ends it by `stop`"));
            }
        }
        for name in &rule.stop {
            self.check_stop(trial, name);
        }
        match &rule.start {
            Some(Start::Drug { drug, dose }) => self.check_dose(trial, drug, dose.as_ref(), drug.span),
            Some(Start::OneOf(choices)) => self.check_choices(trial, choices),
            Some(Start::Regimen(name)) => self.check_started(trial, name),
            None => {}
        }
    }

    fn check_choices(&mut self, trial: &Trial, choices: &[Choice]) {
        for choice in choices {
            self.check_dose(trial, &choice.drug, choice.dose.as_ref(), choice.drug.span);
        }
    }

    fn check_stop(&mut self, trial: &Trial, name: &Name) {
        if trial.drugs.get(&name.text).is_some_and(|drug| drug.give.mode == GiveMode::Add) {
            let message = format!("`{}` is given in single doses, so it cannot be stopped", name.text);
            self.error(codes::CONTRADICTION, name.span, message);
        }
    }

    fn check_started(&mut self, trial: &Trial, name: &Name) {
        let Some(regimen) = trial.started.get(&name.text) else { return };
        if !regimen.rules.is_empty() || regimen.steps.iter().any(|step| !step.one_of.is_empty()) {
            let message = format!("regimen `{}` has rules or choices, so a rule cannot start it", name.text);
            let problem = Diagnostic::error(codes::CONTRADICTION, name.span, message);
            self.problems.push(problem.with_help("write its doses as plain steps in a regimen of their own"));
        }
    }

    fn check_dose(&mut self, trial: &Trial, name: &Name, written: Option<&Number>, span: Span) {
        let Some(drug) = trial.drugs.get(&name.text) else { return };
        let Some(dose) = drug.given_dose(written) else {
            let problem =
                Diagnostic::error(codes::NO_DOSE, span, format!("`{}` is given without a dose", name.text));
            self.problems
                .push(problem.with_help("write `dose` here, or the usual dose in the drug's `[give]`"));
            return;
        };
        if dose.value.is_nan() {
            return;
        }
        match dose_amount(dose, drug) {
            Ok(amount) => self.check_size(trial, amount.per, dose.span),
            Err(problem) if !self.problems.contains(&problem) => self.problems.push(problem),
            Err(_) => {}
        }
    }

    fn check_size(&mut self, trial: &Trial, per: Per, span: Span) {
        let needed: &[&str] = match per {
            Per::Patient => &[],
            Per::Kilogram => &[WEIGHT],
            Per::SquareMeter => &[WEIGHT, HEIGHT],
        };
        for name in needed.iter().filter(|name| find_trait(&trial.population, name).is_none()) {
            let message = format!("this dose needs the trait `{name}`, which the population lacks");
            let problem = Diagnostic::error(codes::NO_BODY_SIZE, span, message);
            self.problems.push(problem.with_label(trial.population.id.span, "this population"));
        }
    }

    fn check_body(&mut self, trial: &Trial) {
        for (name, unit) in [(WEIGHT, "kg"), (HEIGHT, "cm")] {
            if let Some(one) = find_trait(&trial.population, name).filter(|one| one.unit != unit) {
                let message = format!("trait `{name}` is in `{}`, must be in `{unit}`", one.unit);
                self.error(codes::DOSE_UNIT, one.span, message);
            }
            if let Some(one) =
                find_trait(&trial.population, name).filter(|one| !one.distribution.is_positive())
            {
                let message = format!("trait `{name}` may be 0 or less");
                let problem = Diagnostic::error(codes::OUT_OF_RANGE, one.distribution.span, message);
                self.problems
                    .push(problem.with_help("doses are multiplied by it: cut it at a `low` above 0"));
            }
        }
    }
}
