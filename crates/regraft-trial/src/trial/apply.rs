//! Values of variables put into an arm: another regimen, another product.

use std::collections::BTreeMap;

use crate::drug::Drug;
use crate::name::Name;
use crate::product::Product;
use crate::quantity::{Number, Setting, SettingValue};
use crate::reader::MOST_DAYS;
use crate::regimen::{RuleTrigger, Step, TreatmentRule};
use crate::trial::TrialArm;
use crate::trial_file::search::{Change, SearchSpace, Selection, Values, Variable};

/// Why values make no regimen, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

/// The cards that an arm may take up.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// Drugs, for usual doses.
    pub drugs: &'a BTreeMap<String, Drug>,
    /// Products.
    pub products: &'a BTreeMap<String, Product>,
}

impl SearchSpace {
    /// The arm with these values, `[variable]`; what has the card's own value is left as the card writes it.
    ///
    /// # Errors
    /// [`Refused`] where no regimen comes out: a day beyond a hundred years, nothing left to give.
    pub fn apply(&self, values: &[f64], arm: &TrialArm, shelf: Shelf<'_>) -> Result<TrialArm, Refused> {
        let mut made = arm.clone();
        for (variable, value) in self.variables.iter().zip(values) {
            if !value.is_finite() {
                return Err(Refused(format!("`{}` has no value", variable.name.text)));
            }
            variable.apply(*value, &mut made, shelf)?;
        }
        let regimen = &made.regimen;
        if regimen.steps.is_empty() {
            return Err(Refused("no step is left".into()));
        }
        let days = regimen.steps.iter().flat_map(|step| step.days.iter().chain(&step.until_day));
        match days.copied().find(|day| day.is_nan() || day.abs() > MOST_DAYS) {
            Some(day) => Err(Refused(format!("day {day} is beyond a hundred years"))),
            None => Ok(made),
        }
    }

    /// The values of the arm as its cards write it, `[variable]`; NaN where the cards have none, or several.
    pub fn values_of(&self, arm: &TrialArm, shelf: Shelf<'_>) -> Vec<f64> {
        self.variables.iter().map(|variable| variable.value_of(arm, shelf)).collect()
    }
}

impl Variable {
    /// The lowest value, the highest, and the distance of neighbors (0 for none).
    pub fn range(&self) -> (f64, f64, f64) {
        match &self.values {
            Values::Range { low, high, step } => (*low, *high, *step),
            Values::Products(products) => (0.0, products.len().max(1) as f64 - 1.0, 1.0),
        }
    }

    /// Unit of its values for people: as written, else that of the dose or of the change.
    pub fn unit_in(&self, arm: &TrialArm, shelf: Shelf<'_>) -> String {
        if let Some(unit) = &self.unit {
            return unit.text.clone();
        }
        match self.change {
            Change::Dose => self.doses(arm, shelf).first().map_or(String::new(), |dose| dose.unit.clone()),
            _ => self.change.unit().to_string(),
        }
    }

    /// The doses that it selects, usual doses where a step states none.
    pub(crate) fn doses<'a>(&self, arm: &'a TrialArm, shelf: Shelf<'a>) -> Vec<&'a Number> {
        let usual = |drug: &Name, written: Option<&'a Number>| {
            written.or_else(|| shelf.drugs.get(&drug.text).and_then(|drug| drug.give.dose.as_ref()))
        };
        let steps = arm.regimen.steps.iter().filter(|step| self.of.takes_step(step));
        let of_steps = steps.filter_map(|step| usual(step.drug.as_ref()?, step.dose.as_ref()));
        let rules = arm.regimen.rules.iter().filter(|rule| self.of.takes_rule(rule));
        let given = rules.flat_map(|rule| &rule.give).filter(|dose| self.of.takes_drug(&dose.drug));
        let of_rules = given.filter_map(|dose| usual(&dose.drug, dose.dose.as_ref()));
        of_steps.chain(of_rules).collect()
    }

    fn value_of(&self, arm: &TrialArm, shelf: Shelf<'_>) -> f64 {
        let steps: Vec<&Step> = arm.regimen.steps.iter().filter(|step| self.of.takes_step(step)).collect();
        let rules = || arm.regimen.rules.iter().filter(|rule| self.of.takes_rule(rule));
        let one = |values: Vec<f64>| {
            let first = values.first().copied().unwrap_or(f64::NAN);
            if values.iter().all(|value| *value == first) { first } else { f64::NAN }
        };
        match &self.change {
            Change::Dose => one(self.doses(arm, shelf).iter().map(|dose| dose.value).collect()),
            Change::ShiftDays => 0.0,
            Change::DoseTimes | Change::StretchTimes | Change::SetTimes(_) => 1.0,
            Change::Given => f64::from(u8::from(!steps.is_empty() || rules().next().is_some())),
            Change::Repeats => one(steps.iter().map(|step| step.days.len() as f64).collect()),
            Change::EveryDays => {
                let of_rules = rules().filter_map(|rule| match rule.trigger {
                    Some(RuleTrigger::EveryDays(every)) => Some(every),
                    _ => None,
                });
                one(steps.iter().filter_map(|step| gap(step)).chain(of_rules).collect())
            }
            Change::Set(quantity) => {
                let settings = steps.iter().flat_map(|step| &step.set);
                let value = |setting: &Setting| match &setting.value {
                    SettingValue::Fixed(number) if setting.target.text == quantity.text => Some(number.value),
                    _ => None,
                };
                one(settings.filter_map(value).collect())
            }
            Change::Product => {
                let Values::Products(products) = &self.values else { return f64::NAN };
                let own = arm.product.as_ref().map(|product| &product.id.text);
                let place = products.iter().position(|name| Some(&name.text) == own);
                place.map_or(f64::NAN, |place| place as f64)
            }
        }
    }

    fn apply(&self, value: f64, arm: &mut TrialArm, shelf: Shelf<'_>) -> Result<(), Refused> {
        match &self.change {
            Change::Product => return self.take_product(value, arm, shelf),
            Change::Given if value == 0.0 => {
                arm.regimen.steps.retain(|step| !self.of.takes_step(step));
                arm.regimen.rules.retain(|rule| !self.of.takes_rule(rule));
                return Ok(());
            }
            Change::Given => return Ok(()),
            Change::StretchTimes => self.stretch(value, arm),
            _ => {}
        }
        for step in arm.regimen.steps.iter_mut().filter(|step| self.of.takes_step(step)) {
            self.change_step(value, step, shelf);
        }
        for rule in arm.regimen.rules.iter_mut().filter(|rule| self.of.takes_rule(rule)) {
            self.change_rule(value, rule, shelf);
        }
        Ok(())
    }

    fn take_product(&self, value: f64, arm: &mut TrialArm, shelf: Shelf<'_>) -> Result<(), Refused> {
        let Values::Products(products) = &self.values else { return Ok(()) };
        let name = products.get(value.round().max(0.0) as usize);
        let found = name.and_then(|name| shelf.products.get(&name.text).map(|product| (name, product)));
        let Some((name, product)) = found else { return Err(Refused("there is no such product".into())) };
        arm.arm.product = Some(name.clone());
        arm.product = Some(product.clone());
        Ok(())
    }

    fn change_step(&self, value: f64, step: &mut Step, shelf: Shelf<'_>) {
        match &self.change {
            Change::Dose | Change::DoseTimes => {
                let usual = step.drug.as_ref().and_then(|drug| shelf.drugs.get(&drug.text));
                let written = step.dose.as_ref().or(usual.and_then(|drug| drug.give.dose.as_ref()));
                let dosed = written.map(|dose| (self.dosed(value, dose), dose.clone()));
                if let Some((new, old)) = dosed {
                    step.label = step.label.take().and_then(|label| relabeled(label, &old, &new));
                    step.dose = Some(new);
                }
            }
            Change::ShiftDays => {
                step.days.iter_mut().for_each(|day| *day += value);
                step.until_day = step.until_day.map(|day| day + value);
            }
            Change::Repeats => {
                let (first, gap) = (step.days.first().copied().unwrap_or(0.0), gap(step).unwrap_or(1.0));
                if value as usize != step.days.len() {
                    step.days = spaced(first, gap, value.round() as usize);
                }
            }
            Change::EveryDays if gap(step).is_some_and(|gap| gap != value) => {
                step.days = spaced(step.days[0], value, step.days.len());
            }
            Change::Set(quantity) => self.set(step, quantity, value),
            Change::SetTimes(quantity) if value != 1.0 => {
                let times = self.number(value, "", &format!("`{}` as it is", quantity.text));
                step.set.push(Setting { target: quantity.clone(), value: SettingValue::Times(times) });
            }
            _ => {}
        }
    }

    fn set(&self, step: &mut Step, quantity: &Name, value: f64) {
        let unit = self.unit.as_ref().map_or("", |unit| unit.text.as_str());
        let written = step.set.iter_mut().find(|setting| setting.target.text == quantity.text);
        match written {
            Some(Setting { value: SettingValue::Fixed(number), .. }) if number.value == value => {}
            Some(setting) => {
                let (unit, words) = match &setting.value {
                    SettingValue::Fixed(number) => (number.unit.clone(), in_words(number)),
                    _ => (unit.to_string(), "another rule".to_string()),
                };
                setting.value = SettingValue::Fixed(self.number(value, &unit, &words));
            }
            None => {
                let value = SettingValue::Fixed(self.number(value, unit, "nothing"));
                step.set.push(Setting { target: quantity.clone(), value });
            }
        }
    }

    fn change_rule(&self, value: f64, rule: &mut TreatmentRule, shelf: Shelf<'_>) {
        match &self.change {
            Change::Dose | Change::DoseTimes => {
                for given in rule.give.iter_mut().filter(|given| self.of.takes_drug(&given.drug)) {
                    let usual = shelf.drugs.get(&given.drug.text).and_then(|drug| drug.give.dose.as_ref());
                    let written = given.dose.as_ref().or(usual);
                    given.dose = written.map(|dose| self.dosed(value, dose)).or(given.dose.take());
                }
            }
            Change::ShiftDays => {
                rule.from_day = rule.from_day.map(|day| day + value);
                rule.to_day = rule.to_day.map(|day| day + value);
            }
            Change::EveryDays => {
                if let Some(RuleTrigger::EveryDays(every)) = &mut rule.trigger {
                    *every = value;
                }
            }
            Change::StretchTimes => {
                if let Some(RuleTrigger::EveryDays(every)) = &mut rule.trigger {
                    *every *= value;
                }
                if let (Some(from), Some(to)) = (rule.from_day, rule.to_day) {
                    rule.to_day = Some(from + (to - from) * value);
                }
            }
            _ => {}
        }
    }

    /// The dose of this variable in place of one that is written.
    fn dosed(&self, value: f64, written: &Number) -> Number {
        let new = if self.change == Change::DoseTimes { written.value * value } else { value };
        if new == written.value {
            written.clone()
        } else {
            self.number(new, &written.unit, &in_words(written))
        }
    }

    /// A number that the search chose.
    fn number(&self, value: f64, unit: &str, card: &str) -> Number {
        let (low, high, _) = self.range();
        let why =
            format!("chosen by a search of `{}` from {low} to {high}; the card has {card}", self.name.text);
        Number { value, unit: unit.into(), source: "assumed".into(), why: Some(why), span: self.span }
    }

    /// Steps one after the other, so many times as long: each keeps the distance of its days.
    fn stretch(&self, times: f64, arm: &mut TrialArm) {
        let steps = || arm.regimen.steps.iter().filter(|step| self.of.takes_step(step));
        let Some(origin) = steps().filter_map(|step| step.days.first().copied()).min_by(f64::total_cmp)
        else {
            return;
        };
        if times == 1.0 {
            return;
        }
        for step in arm.regimen.steps.iter_mut().filter(|step| self.of.takes_step(step)) {
            let (Some(first), gap) = (step.days.first().copied(), gap(step).unwrap_or(1.0)) else { continue };
            let moved = |day: f64| ((day - origin) * times / gap).round();
            let (from, to) = (moved(first), moved(first + gap * step.days.len() as f64));
            let n = if step.days.len() == 1 { 1 } else { (to - from).clamp(1.0, 1e4) as usize };
            step.days = spaced(origin + from * gap, gap, n);
            step.until_day = step.until_day.map(|day| origin + (day - origin) * times);
        }
    }
}

fn in_words(number: &Number) -> String {
    format!("{} {} (source: {})", number.value, number.unit, number.source)
}

/// A label in which the dose is the new one; none where it names another number.
fn relabeled(label: String, old: &Number, new: &Number) -> Option<String> {
    if old.value == new.value {
        return Some(label);
    }
    let now = format!("{} {}", new.value, new.unit);
    let forms = [format!("{} {}", old.value, old.unit), format!("{:.1} {}", old.value, old.unit)];
    if let Some(form) = forms.iter().find(|form| label.contains(form.as_str())) {
        return Some(label.replace(form.as_str(), &now));
    }
    (!label.contains(|letter: char| letter.is_ascii_digit())).then_some(label)
}

/// Days between the first and the second day of a step.
fn gap(step: &Step) -> Option<f64> {
    step.days.windows(2).next().map(|pair| pair[1] - pair[0])
}

fn spaced(first: f64, gap: f64, n: usize) -> Vec<f64> {
    (0..n).map(|k| first + gap * k as f64).collect()
}

impl Selection {
    /// Whether a step meets everything that is written.
    pub(crate) fn takes_step(&self, step: &Step) -> bool {
        let named = |names: &[Name], name: Option<&Name>| {
            names.is_empty() || name.is_some_and(|name| names.iter().any(|one| one.text == name.text))
        };
        let asks = !(self.steps.is_empty() && self.drugs.is_empty() && self.kinds.is_empty());
        let of_kind = self.kinds.is_empty() || self.kinds.contains(&step.kind);
        // Where rules are named, drugs choose among their doses and no step is meant by that alone.
        let only_rules = !self.rules.is_empty() && self.steps.is_empty() && self.kinds.is_empty();
        asks && !only_rules
            && named(&self.steps, step.id.as_ref())
            && named(&self.drugs, step.drug.as_ref())
            && of_kind
    }

    /// Whether a rule is named.
    pub(crate) fn takes_rule(&self, rule: &TreatmentRule) -> bool {
        self.rules.iter().any(|name| name.text == rule.id.text)
    }

    fn takes_drug(&self, drug: &Name) -> bool {
        self.drugs.is_empty() || self.drugs.iter().any(|name| name.text == drug.text)
    }
}
