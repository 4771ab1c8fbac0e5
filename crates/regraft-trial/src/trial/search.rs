//! Checks of the table `[search]`: arm, steps, doses, products, endpoints, formulas.

use regraft_model::Diagnostic;

use super::apply::Shelf;
use super::{Search, Trial, TrialArm};
use crate::codes;
use crate::name::Name;
use crate::reader::{listed, with_nearest};
use crate::regimen::Step;
use crate::trial_file::Method;
use crate::trial_file::search::{
    Change, Compare, Formulas, Measure, Objective, SearchSpace, Values, Variable,
};

impl Search<'_> {
    pub(super) fn check_search(&mut self, trial: &Trial) {
        let Some(space) = &trial.file.search else { return };
        match trial.arms.iter().find(|arm| arm.arm.id.text == space.arm.text) {
            Some(arm) => space.variables.iter().for_each(|one| self.check_variable(trial, arm, one)),
            None if space.arm.is_missing() => {}
            None => {
                let message = format!("unknown arm `{}`", space.arm.text);
                let problem = Diagnostic::error(codes::UNKNOWN_ARM, space.arm.span, message);
                let known = trial.file.arms.iter().map(|arm| arm.id.text.as_str());
                self.problems.push(with_nearest(problem, &space.arm.text, known));
            }
        }
        for objective in &space.objectives {
            self.check_objective(trial, objective);
        }
        for compare in &space.compare {
            self.check_compare(space, compare);
        }
        self.problems.extend(Formulas::of(space).1);
    }

    fn check_variable(&mut self, trial: &Trial, arm: &TrialArm, variable: &Variable) {
        if let Values::Products(products) = &variable.values {
            let cards = self.cards;
            for name in products {
                self.find(&cards.products, name, "product", codes::UNKNOWN_PRODUCT);
            }
            if arm.product.is_none() {
                self.error(codes::CONTRADICTION, variable.span, "this arm infuses no product".into());
            }
            return;
        }
        self.check_selected(arm, variable);
        let steps: Vec<&Step> =
            arm.regimen.steps.iter().filter(|step| variable.of.takes_step(step)).collect();
        let any_rule = arm.regimen.rules.iter().any(|rule| variable.of.takes_rule(rule));
        if steps.is_empty() && !any_rule {
            let message = format!("`{}` selects no step and no rule", variable.name.text);
            let problem = Diagnostic::error(codes::EMPTY, variable.span, message);
            let help = format!("regimen `{}` is varied; {}", arm.regimen.id.text, SELECT_HELP);
            self.problems.push(problem.with_help(help));
            return;
        }
        match &variable.change {
            Change::Dose | Change::DoseTimes => self.check_doses(trial, arm, variable),
            Change::Repeats => self.check_repeats(trial, variable, &steps),
            Change::Set(_) | Change::SetTimes(_) if steps.is_empty() => {
                self.error(codes::CONTRADICTION, variable.span, "a quantity is set by a step".into());
            }
            Change::SetTimes(_) if steps.len() != 1 || steps[0].days.len() != 1 => {
                let words = "`set_times` multiplies once: select one step with one day";
                self.error(codes::CONTRADICTION, variable.span, words.into());
            }
            Change::Set(_) if variable.unit.is_none() => {
                self.error(codes::MISSING_KEY, variable.span, "`set` needs a `unit`".into());
            }
            _ => {}
        }
    }

    /// Steps and rules that are named are there.
    fn check_selected(&mut self, arm: &TrialArm, variable: &Variable) {
        let of = &variable.of;
        let steps: Vec<&str> =
            arm.regimen.steps.iter().filter_map(|step| step.id.as_ref()).map(|id| id.text.as_str()).collect();
        let rules: Vec<&str> = arm.regimen.rules.iter().map(|rule| rule.id.text.as_str()).collect();
        let drugs: Vec<&str> = arm.regimen.drugs().into_iter().map(|name| name.text.as_str()).collect();
        for (names, known, word, code) in [
            (&of.steps, &steps, "step", codes::UNKNOWN_WORD),
            (&of.rules, &rules, "rule", codes::UNKNOWN_WORD),
            (&of.drugs, &drugs, "drug", codes::UNKNOWN_DRUG),
        ] {
            for name in names.iter().filter(|name| !known.contains(&name.text.as_str())) {
                let message = format!("regimen `{}` has no {word} `{}`", arm.regimen.id.text, name.text);
                let problem = Diagnostic::error(code, name.span, message);
                self.problems.push(with_nearest(problem, &name.text, known.iter().copied()));
            }
        }
    }

    /// What is dosed by one number has one unit.
    fn check_doses(&mut self, trial: &Trial, arm: &TrialArm, variable: &Variable) {
        let shelf = Shelf { drugs: &trial.drugs, products: &self.cards.products };
        let doses = variable.doses(arm, shelf);
        if doses.is_empty() {
            let message = format!("`{}` selects nothing that has a dose", variable.name.text);
            self.error(codes::NO_DOSE, variable.span, message);
        }
        if variable.change == Change::DoseTimes {
            return;
        }
        let mut units: Vec<&str> = doses.iter().map(|dose| dose.unit.as_str()).collect();
        units.sort_unstable();
        units.dedup();
        let (message, span) = match (units.as_slice(), &variable.unit) {
            ([_, _, ..], _) => {
                (format!("one dose for several units: {}; use `dose_times`", units.join(", ")), variable.span)
            }
            ([one], Some(unit)) if unit.text != *one => {
                (format!("the card doses in `{one}`, not in `{}`", unit.text), unit.span)
            }
            _ => return,
        };
        self.error(codes::DOSE_UNIT, span, message);
    }

    /// A step of one day has no distance that could be repeated, unless another variable gives it.
    fn check_repeats(&mut self, trial: &Trial, variable: &Variable, steps: &[&Step]) {
        let space = trial.file.search.iter().flat_map(|space| &space.variables);
        let mut later = space.skip_while(|one| one.name != variable.name);
        let spaced = later
            .any(|one| one.change == Change::EveryDays && steps.iter().all(|step| one.of.takes_step(step)));
        if !spaced && steps.iter().any(|step| step.days.len() < 2) {
            let message = format!("`{}` repeats a step of one day, at no distance", variable.name.text);
            let problem = Diagnostic::error(codes::MISSING_KEY, variable.span, message);
            self.problems.push(problem.with_help("vary `every_days` of the same step below it"));
        }
    }

    fn check_objective(&mut self, trial: &Trial, objective: &Objective) {
        let Measure::Endpoint { endpoint, at_day, method } = &objective.measure else { return };
        let cards = self.cards;
        let Some(card) = self.find(&cards.endpoints, endpoint, "endpoint", codes::UNKNOWN_ENDPOINT) else {
            return;
        };
        let method = method.unwrap_or(crate::trial_file::search::usual_method(card));
        let needs_day = !matches!(method, Method::MedianDay | Method::AnnualRate);
        let horizon = trial.file.horizon_days;
        match at_day {
            None if needs_day => {
                let message = format!("`{}` needs `at_day`", method.word());
                self.error(codes::MISSING_KEY, objective.span, message);
            }
            Some(day) if *day > horizon => {
                let message = format!("day {day} is after the end of the trial, day {horizon}");
                self.error(codes::OUT_OF_RANGE, objective.span, message);
            }
            _ => {}
        }
    }

    fn check_compare(&mut self, space: &SearchSpace, compare: &Compare) {
        let cards = self.cards;
        self.find(&cards.regimens, &compare.regimen, "regimen", codes::UNKNOWN_REGIMEN);
        if let Some(product) = &compare.product {
            self.find(&cards.products, product, "product", codes::UNKNOWN_PRODUCT);
        }
        let known: Vec<&str> = space.variables.iter().map(|one| one.name.text.as_str()).collect();
        let unknown = |name: &&Name| !known.contains(&name.text.as_str());
        for name in compare.values.iter().map(|(name, _)| name).filter(unknown) {
            let message = format!("nothing that is varied is called `{}`", name.text);
            let problem = Diagnostic::error(codes::UNKNOWN_WORD, name.span, message);
            self.problems.push(problem.with_help(listed(known.iter().copied())));
        }
    }
}

const SELECT_HELP: &str = "write `drugs`, `kinds` or `steps` (a step must meet all of them), or `rules`";
