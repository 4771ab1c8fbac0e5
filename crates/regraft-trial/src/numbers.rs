//! Every number of a card with its unit and source.

use regraft_model::Span;

use crate::card::Card;
use crate::constant::Constant;
use crate::disease::{Disease, Phase};
use crate::distribution::DistributionSpec;
use crate::drug::{Drug, EffectKind};
use crate::duration::Past;
use crate::endpoint::{Endpoint, EndpointKind, EventKind, EventRule};
use crate::population::{Population, Trait};
use crate::product::Product;
use crate::quantity::{Number, Origin, Provenance, Setting, SettingValue, origin_of};
use crate::regimen::{Choice, Regimen, RuleTrigger, Start, Step, TreatmentRule};
use crate::sensitivities::Sensitivities;
use crate::trial_file::TrialFile;

/// One number of a card.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberAt {
    /// Path of keys, unique in the card: `parameters.clone.treg_fitness`, `trait.age.mean`.
    pub path: String,
    /// The value.
    pub value: f64,
    /// Its unit; `day` for bare days, else empty for bare numbers.
    pub unit: String,
    /// Its source; empty for a bare number of the card's design.
    pub source: String,
    /// The grounds.
    pub why: Option<String>,
    /// Where it stands.
    pub span: Span,
}

impl NumberAt {
    /// Where the number comes from.
    pub fn origin(&self) -> Origin {
        origin_of(&self.source)
    }
}

impl Card {
    /// Every number of the card, in the order of its keys. Paths are unique.
    pub fn numbers(&self) -> Vec<NumberAt> {
        let mut list = List { numbers: Vec::new() };
        match self {
            Card::Disease(card) => list.disease(card),
            Card::Population(card) => list.population(card),
            Card::Sensitivities(card) => list.sensitivities(card),
            Card::Drug(card) => list.drug(card),
            Card::Product(card) => list.product(card),
            Card::Regimen(card) => list.regimen(card),
            Card::Endpoint(card) => list.endpoint(card),
            Card::Trial(card) => list.trial(card),
        }
        list.numbers
    }
}

struct List {
    numbers: Vec<NumberAt>,
}

impl List {
    /// Adds a number; a path that is taken gets `[2]`, `[3]`, ….
    fn add(&mut self, path: String, value: f64, unit: &str, source: &str, why: Option<&String>, span: Span) {
        let taken = |path: &str| self.numbers.iter().any(|number| number.path == path);
        let mut unique = path.clone();
        let mut count = 1;
        while taken(&unique) {
            count += 1;
            unique = format!("{path}[{count}]");
        }
        let (unit, source, why) = (unit.to_string(), source.to_string(), why.cloned());
        self.numbers.push(NumberAt { path: unique, value, unit, source, why, span });
    }

    fn number(&mut self, path: String, number: &Number) {
        self.add(path, number.value, &number.unit, &number.source, number.why.as_ref(), number.span);
    }

    fn maybe(&mut self, path: &str, number: Option<&Number>) {
        if let Some(number) = number {
            self.number(path.to_string(), number);
        }
    }

    fn day(&mut self, path: String, value: Option<f64>, provenance: Option<&Provenance>, span: Span) {
        self.bare(path, value, "day", provenance, span);
    }

    fn bare(
        &mut self,
        path: String,
        value: Option<f64>,
        unit: &str,
        provenance: Option<&Provenance>,
        span: Span,
    ) {
        let source = provenance.map_or("", |provenance| provenance.source.as_str());
        let why = provenance.and_then(|provenance| provenance.why.as_ref());
        if let Some(value) = value {
            self.add(path, value, unit, source, why, span);
        }
    }

    fn distribution(&mut self, path: &str, spec: &DistributionSpec, unit: &str, provenance: &Provenance) {
        for (key, value) in &spec.parameters {
            let unit = if matches!(*key, "cv" | "probability" | "weight") { "" } else { unit };
            let why = provenance.why.as_ref();
            self.add(format!("{path}.{key}"), *value, unit, &provenance.source, why, spec.span);
        }
    }

    fn settings(&mut self, path: &str, settings: &[Setting]) {
        for setting in settings {
            let path = format!("{path}.{}", setting.target.text);
            match &setting.value {
                SettingValue::Fixed(number) => self.number(path, number),
                SettingValue::Times(number) => self.number(format!("{path}.times"), number),
                SettingValue::Ladder(ladder) => {
                    for (rung, number) in ladder.rungs.iter().enumerate() {
                        self.number(format!("{path}.ladder[{rung}]"), number);
                    }
                }
                SettingValue::PerPatient(drawn) => {
                    self.distribution(&path, &drawn.distribution, &drawn.unit, &drawn.provenance);
                }
            }
        }
    }

    fn phase(&mut self, path: &str, phase: Option<&Phase>, span: Span) {
        let Some(phase) = phase else { return };
        let days = Some(phase.days).filter(|_| phase.days_of.is_none());
        self.day(format!("{path}.days"), days, None, span);
        self.settings(&format!("{path}.set"), &phase.set);
    }

    fn traits(&mut self, traits: &[Trait]) {
        for one in traits {
            let path = format!("trait.{}", one.name.text);
            self.distribution(&path, &one.distribution, &one.unit, &one.provenance);
        }
    }

    fn disease(&mut self, card: &Disease) {
        self.settings("parameters", &card.parameters);
        self.settings("initial", &card.initial);
        self.phase("burn_in", card.burn_in.as_ref(), card.id.span);
        if let Some(Past::Read(past)) = &card.past {
            self.number("past.spread".to_string(), &past.spread);
            self.number("past.onset_age".to_string(), &past.onset_age);
            self.number("past.onset_spread".to_string(), &past.onset_spread);
        }
        for score in &card.scores {
            self.number(format!("score.{}.noise_sd", score.name.text), &score.noise_sd);
            for (key, value) in [("step", score.step), ("low", score.low), ("high", score.high)] {
                let path = format!("score.{}.{key}", score.name.text);
                self.bare(path, Some(value), &score.unit, None, score.name.span);
            }
        }
        for lab in &card.labs {
            self.number(format!("lab.{}.cv", lab.name.text), &lab.cv);
            self.maybe(&format!("lab.{}.lower_limit", lab.name.text), lab.lower_limit.as_ref());
        }
    }

    fn population(&mut self, card: &Population) {
        self.traits(&card.traits);
        for one in &card.correlations {
            let path = format!("correlation.{}.{}", one.first.text, one.second.text);
            self.bare(path, Some(one.value), "", Some(&one.provenance), one.span);
        }
        self.phase("run_in", card.run_in.as_ref(), card.id.span);
        if let Some(ill) = &card.duration {
            self.distribution("duration", &ill.distribution, &ill.unit, &ill.provenance);
        }
        self.settings("entry.set", &card.entry);
    }

    fn drug(&mut self, card: &Drug) {
        self.maybe("give.factor", card.give.factor.as_ref());
        self.maybe("give.dose", card.give.dose.as_ref());
        self.settings("parameters", &card.parameters);
        for constant in card.constants() {
            self.constant(constant);
        }
        for effect in &card.effects {
            if let EffectKind::Sensitivity(own) = &effect.kind {
                self.constant(&own.value);
            }
        }
    }

    fn sensitivities(&mut self, card: &Sensitivities) {
        for cell in &card.cells {
            self.constant(&cell.value);
        }
    }

    fn constant(&mut self, constant: &Constant) {
        match &constant.value {
            SettingValue::Fixed(number) | SettingValue::Times(number) => {
                self.number(constant.path.clone(), number)
            }
            SettingValue::Ladder(_) => {}
            SettingValue::PerPatient(drawn) => {
                self.distribution(&constant.path, &drawn.distribution, &drawn.unit, &drawn.provenance);
            }
        }
    }

    fn product(&mut self, card: &Product) {
        self.settings("parameters", &card.parameters);
        self.traits(&card.traits);
    }

    fn regimen(&mut self, card: &Regimen) {
        for step in &card.steps {
            self.step(step);
        }
        for rule in &card.rules {
            self.rule(rule);
        }
    }

    fn step(&mut self, step: &Step) {
        let drug = step.drug.as_ref().map_or(String::new(), |drug| format!(".{}", drug.text));
        let path = format!("{}{drug}", step.kind.word());
        let provenance = step.provenance.as_ref();
        for day in &step.days {
            self.day(format!("{path}.day"), Some(*day), provenance, step.span);
        }
        self.maybe(&format!("{path}.dose"), step.dose.as_ref());
        self.bare(format!("{path}.infusion_hours"), step.infusion_hours, "hour", provenance, step.span);
        self.choices(&path, &step.one_of, provenance);
        self.day(format!("{path}.until_day"), step.until_day, provenance, step.span);
        self.settings(&format!("{path}.set"), &step.set);
    }

    fn choices(&mut self, path: &str, choices: &[Choice], provenance: Option<&Provenance>) {
        for choice in choices {
            let path = format!("{path}.one_of.{}", choice.drug.text);
            self.bare(format!("{path}.weight"), Some(choice.weight), "", provenance, choice.drug.span);
            self.maybe(&format!("{path}.dose"), choice.dose.as_ref());
        }
    }

    fn rule(&mut self, rule: &TreatmentRule) {
        let path = format!("rule.{}", rule.id.text);
        let provenance = rule.provenance.as_ref();
        if let Some(RuleTrigger::EveryDays(every)) = rule.trigger {
            self.day(format!("{path}.every_days"), Some(every), provenance, rule.span);
        }
        self.day(format!("{path}.from_day"), rule.from_day, provenance, rule.span);
        self.day(format!("{path}.to_day"), rule.to_day, provenance, rule.span);
        for dose in &rule.give {
            let path = format!("{path}.give.{}", dose.drug.text);
            self.maybe(&format!("{path}.dose"), dose.dose.as_ref());
            for day in &dose.after_days {
                self.day(format!("{path}.after_days"), Some(*day), provenance, dose.span);
            }
            self.bare(format!("{path}.infusion_hours"), dose.infusion_hours, "hour", provenance, dose.span);
        }
        match &rule.start {
            Some(Start::Drug { drug, dose }) => {
                self.maybe(&format!("{path}.start.{}", drug.text), dose.as_ref())
            }
            Some(Start::OneOf(choices)) => self.choices(&format!("{path}.start"), choices, provenance),
            Some(Start::Regimen(_)) | None => {}
        }
        self.settings(&format!("{path}.set"), &rule.set);
        let refractory = (rule.refractory_days > 0.0).then_some(rule.refractory_days);
        self.day(format!("{path}.refractory_days"), refractory, provenance, rule.span);
        self.bare(format!("{path}.max_times"), rule.max_times.map(f64::from), "", provenance, rule.span);
    }

    fn endpoint(&mut self, card: &Endpoint) {
        let provenance = Some(&card.provenance);
        for rule in card.kind.rules() {
            self.event(rule, provenance);
        }
        match &card.kind {
            EndpointKind::AnnualRate { from_day, to_day, .. } => {
                self.day("from_day".into(), Some(*from_day), provenance, card.id.span);
                self.day("to_day".into(), *to_day, provenance, card.id.span);
            }
            EndpointKind::Proportion { by_day, .. } => {
                self.day("by_day".into(), *by_day, provenance, card.id.span)
            }
            _ => {}
        }
    }

    fn event(&mut self, rule: &EventRule, provenance: Option<&Provenance>) {
        let (name, numbers) = event_numbers(&rule.kind);
        for (key, unit, value) in numbers {
            self.bare(format!("{name}.{key}"), value, unit, provenance, rule.span);
        }
        self.day(format!("{name}.earliest_day"), Some(rule.earliest_day), provenance, rule.span);
    }

    fn trial(&mut self, card: &TrialFile) {
        let provenance = card.provenance.as_ref();
        self.day("horizon_days".into(), Some(card.horizon_days), provenance, card.id.span);
        for arm in &card.arms {
            let path = format!("arm.{}", arm.id.text);
            self.day(format!("{path}.day_zero_at"), Some(arm.day_zero_at), provenance, arm.span);
            self.bare(
                format!("{path}.n_published"),
                arm.n_published.map(f64::from),
                "",
                provenance,
                arm.span,
            );
        }
        if let Some(follow_up) = &card.follow_up {
            self.distribution("follow_up", &follow_up.distribution, "day", &follow_up.provenance);
        }
        for analysis in &card.analyses {
            let path = format!("analysis.{}.{}", analysis.endpoint.text, analysis.method.word());
            for day in &analysis.at_days {
                self.day(format!("{path}.at_days"), Some(*day), provenance, analysis.span);
            }
            self.bare(format!("{path}.level"), Some(analysis.level), "", provenance, analysis.span);
        }
        if let Some(design) = &card.design {
            for (key, unit, value) in design.numbers() {
                let provenance = design.provenance_of(key);
                self.bare(format!("design.{key}"), Some(value), unit, provenance, design.span);
            }
        }
        for variable in card.search.iter().flat_map(|search| &search.variables) {
            let provenance = card.search.as_ref().map(|search| &search.provenance);
            let path = format!("search.{}", variable.name.text);
            let (low, high, _) = variable.range();
            let unit = variable.unit.as_ref().map_or(variable.change.unit(), |unit| unit.text.as_str());
            for (key, value) in [("low", low), ("high", high)] {
                self.bare(format!("{path}.{key}"), Some(value), unit, provenance, variable.span);
            }
        }
    }
}

/// `(key, unit, value)`.
type EventNumber = (&'static str, &'static str, Option<f64>);

/// Name of an event's rule in paths, and its numbers.
fn event_numbers(kind: &EventKind) -> (String, Vec<EventNumber>) {
    match kind {
        EventKind::ScoreChange {
            score,
            by,
            high_baseline,
            by_at_high_baseline,
            confirmed_after_days,
            ..
        } => (
            format!("event.{}", score.text),
            vec![
                ("by", "", Some(*by)),
                ("high_baseline", "", *high_baseline),
                ("by_at_high_baseline", "", *by_at_high_baseline),
                ("confirmed_after_days", "day", *confirmed_after_days),
            ],
        ),
        EventKind::ModelEvent { event } => (format!("event.{}", event.text), Vec::new()),
        EventKind::NewCount { count, at_least, .. } => {
            (format!("event.{}", count.text), vec![("at_least", "", Some(f64::from(*at_least)))])
        }
        EventKind::Threshold { value, for_days, .. } => (
            "event.threshold".to_string(),
            vec![("value", "", Some(*value)), ("for_days", "day", Some(*for_days))],
        ),
        EventKind::Death { within_days } => {
            ("event.death".to_string(), vec![("within_days", "day", *within_days)])
        }
        EventKind::Decision { marks } => (format!("event.{}", marks.text), Vec::new()),
        EventKind::NoGraft => ("event.no_graft".to_string(), Vec::new()),
        EventKind::All { for_days, .. } => {
            ("event.all".to_string(), vec![("for_days", "day", Some(*for_days))])
        }
    }
}

#[cfg(test)]
mod tests;
