//! From a simulation of a scorecard to a trial of one arm.

use std::collections::BTreeMap;

use regraft_model::{Diagnostic, Sources};

use super::SimulationSpec;
use crate::card::Cards;
use crate::codes;
use crate::name::Name;
use crate::population::Trait;
use crate::reader::with_nearest;
use crate::trial::{Trial, resolve};
use crate::trial_file::{Arm, LabVisits, TrialFile, Visits};

/// Days before and after the graft that are looked at daily. Chosen: mobilisation is before, engraftment after.
const DAILY: (f64, f64) = (-14.0, 60.0);
/// Then every so many days, up to this day.
const WEEKLY: (f64, f64) = (7.0, 371.0);
/// Then every so many days.
const MONTH_DAYS: f64 = 30.4375;

impl SimulationSpec {
    /// The trial that the simulation describes: one arm, seen daily, weekly, then monthly, and on `days` after the
    /// graft. `None` where a card is unknown; every problem is in the list.
    pub fn trial(&self, cards: &Cards, sources: &Sources, days: &[f64]) -> (Option<Trial>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let Some((file, arm)) = self.find_arm(cards, &mut problems) else { return (None, problems) };
        let mut arm = arm.clone();
        if let Some(regimen) = &self.regimen {
            arm.regimen = regimen.clone();
        }
        arm.product = self.product.clone().or(arm.product);
        let product = arm.product.clone();
        let mut file = TrialFile {
            horizon_days: arm.day_zero_at + self.horizon_days,
            arms: vec![arm],
            follow_up: None,
            visits: Visits { labs: self.visits(days), ..Visits::default() },
            analyses: Vec::new(),
            search: None,
            design: None,
            ..file.clone()
        };
        if let Some(population) = &self.population {
            file.population = population.clone();
        }
        let cards = self.changed(cards, &file, product.as_ref(), &mut problems);
        let (trial, found) = resolve(&file, &cards, sources);
        problems.extend(found);
        (trial.filter(|_| !problems.iter().any(Diagnostic::is_error)), problems)
    }

    fn find_arm<'a>(
        &self,
        cards: &'a Cards,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<(&'a TrialFile, &'a Arm)> {
        let name = &self.trial;
        let Some(file) = cards.trials.get(&name.text) else {
            let problem = Diagnostic::error(
                codes::UNKNOWN_TRIAL,
                name.span,
                format!("there is no trial `{}`", name.text),
            );
            problems.push(with_nearest(problem, &name.text, cards.trials.keys().map(String::as_str)));
            return None;
        };
        let arm = file.arms.iter().find(|arm| arm.id.text == self.arm.text);
        if arm.is_none() {
            let message = format!("trial `{}` has no arm `{}`", name.text, self.arm.text);
            let problem = Diagnostic::error(codes::UNKNOWN_ARM, self.arm.span, message);
            let known = file.arms.iter().map(|arm| arm.id.text.as_str());
            problems.push(with_nearest(problem, &self.arm.text, known));
        }
        Some((file, arm?))
    }

    fn visits(&self, days: &[f64]) -> Vec<LabVisits> {
        let end = self.horizon_days;
        let every = |from: f64, to: f64, step: f64| LabVisits {
            from_day: from,
            to_day: to.min(end),
            every_days: step,
        };
        let mut visits = vec![every(DAILY.0, DAILY.1, 1.0)];
        if end > DAILY.1 {
            visits.push(every(DAILY.1, WEEKLY.1, WEEKLY.0));
        }
        if end > WEEKLY.1 {
            visits.push(every(13.0 * MONTH_DAYS, end, MONTH_DAYS));
        }
        visits.extend(days.iter().filter(|day| **day <= end).map(|day| every(*day, *day, 1.0)));
        visits.retain(|visits| visits.from_day <= visits.to_day);
        visits
    }

    /// The cards with what differs: settings join those of the disease, traits replace those of their name.
    fn changed(
        &self,
        cards: &Cards,
        file: &TrialFile,
        product: Option<&Name>,
        problems: &mut Vec<Diagnostic>,
    ) -> Cards {
        let mut cards = cards.clone();
        if let Some(disease) = cards.diseases.get_mut(&file.disease.text) {
            let is_new = |target: &str| self.set.iter().all(|setting| setting.target.text != target);
            disease.parameters.retain(|setting| is_new(&setting.target.text));
            disease.parameters.extend(self.set.iter().cloned());
        }
        let mut known: BTreeMap<String, &mut Trait> = BTreeMap::new();
        if let Some(population) = cards.populations.get_mut(&file.population.text) {
            known.extend(population.traits.iter_mut().map(|one| (one.name.text.clone(), one)));
        }
        if let Some(product) = product.and_then(|name| cards.products.get_mut(&name.text)) {
            known.extend(product.traits.iter_mut().map(|one| (one.name.text.clone(), one)));
        }
        for other in &self.traits {
            match known.get_mut(&other.name.text) {
                Some(one) => **one = other.clone(),
                None => {
                    let message = format!("neither population nor product has a trait `{}`", other.name.text);
                    let problem = Diagnostic::error(codes::UNKNOWN_TRAIT, other.name.span, message);
                    problems.push(with_nearest(problem, &other.name.text, known.keys().map(String::as_str)));
                }
            }
        }
        cards
    }
}
