//! From a trial and the program of its model to a protocol: names become indices, units the
//! model's, steps become doses at times.

mod arm;
mod names;
mod rules;
mod timeline;

use regraft_model::program::{Found, Program};
use regraft_model::{Diagnostic, Span};

use crate::codes;
use crate::cohort;
use crate::condition::{eligibility_name, measure_name, threshold_name};
use crate::disease::{Disease, Phase, Worse};
use crate::duration::Past;
use crate::endpoint::{EndpointKind, EventKind, EventRule};
use crate::name::Name;
use crate::population::Trait;
use crate::protocol::{
    DoseKind, Factor, PlannedAction, PlannedAmount, PlannedCondition, PlannedCount, PlannedLab, PlannedPast,
    PlannedPhase, PlannedScore, PlannedSetting, Protocol, Watched,
};
use crate::quantity::{Ladder, Number, Origin, Setting, SettingValue};
use crate::trial::Trial;

/// Converts a value from one unit to another, `None` where they are not of one kind:
/// `(value, unit of the card, unit of the model as declared)`.
pub type ConvertUnit<'a> = dyn Fn(f64, &str, &str) -> Option<f64> + 'a;

/// Lowers a trial to a protocol for `program`, which holds the observables of
/// [`Trial::conditions`]. `convert` knows the model's units.
///
/// `None` where there is any error; every problem is in the list.
pub fn plan(
    trial: &Trial,
    program: &Program,
    convert: &ConvertUnit<'_>,
) -> (Option<Protocol>, Vec<Diagnostic>) {
    let mut planner = Planner { trial, program, convert, problems: Vec::new() };
    let protocol = planner.protocol();
    planner.problems.sort_by_key(|problem| (problem.labels[0].span.source, problem.labels[0].span.start));
    planner.problems.dedup();
    let failed = planner.problems.iter().any(Diagnostic::is_error);
    ((!failed).then_some(protocol), planner.problems)
}

struct Planner<'a> {
    trial: &'a Trial,
    program: &'a Program,
    convert: &'a ConvertUnit<'a>,
    problems: Vec<Diagnostic>,
}

impl<'a> Planner<'a> {
    fn protocol(&mut self) -> Protocol {
        let trial = self.trial;
        let (disease, population) = (&trial.disease, &trial.population);
        let mut settings = self.settings(&disease.parameters, "");
        settings.extend(self.settings(&disease.initial, ""));
        settings.extend(self.traits(&population.traits, |name| name.to_string()));
        Protocol {
            settings: last_wins(settings),
            burn_in: disease.burn_in.as_ref().map(|phase| self.phase(phase)),
            run_in: population.run_in.as_ref().map(|phase| self.phase(phase)),
            past: self.past(),
            entry: self.settings(&population.entry, ""),
            eligibility: self.eligibility(),
            max_screened_per_patient: population.max_screened_per_patient,
            arms: trial.arms.iter().map(|arm| self.arm(arm)).collect(),
            scores: self.scores(disease),
            counts: self.counts(disease),
            labs: self.labs(disease),
            terminal_event: disease.terminal_event.as_ref().and_then(|name| self.event(name)),
            watched: self.watched(),
            horizon_days: trial.file.horizon_days,
            time_zero: trial.file.time_zero,
        }
    }

    /// Settings in the model's units; `drug` names the columns of values drawn per patient.
    fn settings(&mut self, settings: &[Setting], drug: &str) -> Vec<PlannedSetting> {
        settings.iter().filter_map(|setting| self.setting(setting, drug)).collect()
    }

    fn setting(&mut self, setting: &Setting, drug: &str) -> Option<PlannedSetting> {
        let target = self.target(&setting.target)?;
        let amount = match &setting.value {
            // A bare 0 or 1 is a switch, whatever unit the model declares.
            SettingValue::Fixed(number) if number.origin() == Origin::Switch => {
                PlannedAmount::fixed(number.value)
            }
            SettingValue::Fixed(number) => {
                PlannedAmount::fixed(self.in_model_unit(number.value, &number.unit, target, number.span)?)
            }
            SettingValue::Ladder(ladder) => {
                let message = "only steps and rules take the next dose of a ladder";
                self.error(codes::CONTRADICTION, ladder.rungs[0].span, message.to_string());
                return None;
            }
            SettingValue::Times(number) => {
                let message = "only steps and rules multiply what is there";
                self.error(codes::CONTRADICTION, number.span, message.to_string());
                return None;
            }
            SettingValue::PerPatient(_) if drug.is_empty() => {
                self.refuse_drawn(setting.target.span);
                return None;
            }
            SettingValue::PerPatient(drawn) => PlannedAmount {
                value: self.in_model_unit(1.0, &drawn.unit, target, drawn.span)?,
                factor: Some(Factor::Column(cohort::drug_column(drug, &setting.target.text))),
            },
        };
        Some(PlannedSetting { target, amount })
    }

    /// One action per rung, so ordered that the first that holds is the last that can: a step takes one rung.
    /// Down: what lies above a rung and not above the next goes to that rung. Up: what lies at a rung or above it, and
    /// below the next, goes to the next.
    fn ladder_actions(&mut self, delay_days: f64, name: &Name, ladder: &Ladder) -> Vec<PlannedAction> {
        let Some(target) = self.target(name) else { return Vec::new() };
        let mut in_model =
            |number: &Number| self.in_model_unit(number.value, &number.unit, target, number.span);
        let Some(rungs) = ladder.rungs.iter().map(&mut in_model).collect::<Option<Vec<f64>>>() else {
            return Vec::new();
        };
        let action = |above, to, value| {
            let (kind, amount) = (DoseKind::SetBetween { above, to }, PlannedAmount::fixed(value));
            PlannedAction { delay_days, kind, target, amount }
        };
        let n = rungs.len();
        if ladder.down {
            let end = |rung: usize| rungs.get(rung + 1).copied().unwrap_or(f64::INFINITY);
            return (0..n).map(|rung| action(rungs[rung], end(rung), rungs[rung])).collect();
        }
        // Just below a rung, so that the rung itself belongs to what lies above.
        let start =
            |rung: usize| rung.checked_sub(1).map_or(f64::NEG_INFINITY, |below| rungs[below].next_down());
        (0..n).rev().map(|rung| action(start(rung), rungs[rung].next_down(), rungs[rung])).collect()
    }

    /// What a step or rule sets or multiplies, in `delay_days` from its moment.
    fn set_actions(&mut self, delay_days: f64, settings: &[Setting]) -> Vec<PlannedAction> {
        let mut actions = Vec::new();
        for setting in settings {
            let (kind, planned) = match &setting.value {
                SettingValue::Times(number) => {
                    let amount = PlannedAmount::fixed(number.value);
                    let target = self.target(&setting.target);
                    (DoseKind::Scale, target.map(|target| PlannedSetting { target, amount }))
                }
                SettingValue::Ladder(ladder) => {
                    actions.extend(self.ladder_actions(delay_days, &setting.target, ladder));
                    continue;
                }
                _ => (DoseKind::Set, self.setting(setting, "")),
            };
            let Some(PlannedSetting { target, amount }) = planned else { continue };
            actions.push(PlannedAction { delay_days, kind, target, amount });
        }
        actions
    }

    fn refuse_drawn(&mut self, span: Span) {
        let problem =
            Diagnostic::error(codes::CONTRADICTION, span, "only a drug's parameters are drawn `per_patient`");
        self.problems.push(problem.with_help("make it a `[[trait]]` of the population or product"));
    }

    /// The traits that set something in the model.
    fn traits(&mut self, traits: &[Trait], column: impl Fn(&str) -> String) -> Vec<PlannedSetting> {
        let mut planned = Vec::new();
        for one in traits {
            let Some(target) = one.sets.as_ref().and_then(|name| self.target(name)) else { continue };
            let Some(value) = self.in_model_unit(1.0, &one.unit, target, one.span) else { continue };
            let factor = Some(Factor::Column(column(&one.name.text)));
            planned.push(PlannedSetting { target, amount: PlannedAmount { value, factor } });
        }
        planned
    }

    fn phase(&mut self, phase: &Phase) -> PlannedPhase {
        let days_of = phase.days_of.as_ref().map(|name| name.text.clone());
        PlannedPhase { days: phase.days, days_of, settings: self.settings(&phase.set, "") }
    }

    /// How years of illness are read, where the disease says it and the population how many they are.
    fn past(&mut self) -> Option<PlannedPast> {
        let Some(Past::Read(past)) = &self.trial.disease.past else { return None };
        let ill = self.trial.population.duration.as_ref()?;
        let years = self.target(&past.years)?;
        let score = self.readable(&past.score.text, past.score.span);
        let entry = self.readable(&past.entry.text, past.entry.span);
        let unit = self.in_model_unit(1.0, &ill.unit, years, ill.distribution.span)?;
        let mut age = |age: &Number| Some(self.in_model_unit(age.value, &age.unit, years, age.span)? / unit);
        let (mean, sd) = (age(&past.onset_age), age(&past.onset_spread));
        let (spread, onset_age) = (past.spread.value, (mean?, sd?));
        Some(PlannedPast { years, unit, score: score?, entry: entry?, spread, onset_age })
    }

    fn eligibility(&mut self) -> Vec<PlannedCondition> {
        let population = &self.trial.population;
        let name = |index| eligibility_name(&population.id.text, index);
        let mut planned = Vec::new();
        for (index, one) in population.eligible.iter().enumerate() {
            let observable = self.condition(&name(index), one.when.span);
            planned.extend(
                observable.map(|observable| PlannedCondition { name: one.name.text.clone(), observable }),
            );
        }
        planned
    }

    fn scores(&mut self, disease: &Disease) -> Vec<PlannedScore> {
        let mut planned = Vec::new();
        for score in &disease.scores {
            let Some(observable) =
                self.readable(&measure_name(&score.name, &score.observable), score.observable.span)
            else {
                continue;
            };
            planned.push(PlannedScore {
                name: score.name.text.clone(),
                observable,
                step: score.step,
                low: score.low,
                high: score.high,
                worse_sign: if score.worse == Worse::Higher { 1.0 } else { -1.0 },
                noise_sd: score.noise_sd.value,
            });
        }
        planned
    }

    fn counts(&mut self, disease: &Disease) -> Vec<PlannedCount> {
        let mut planned = Vec::new();
        for count in &disease.counts {
            let found = self.readable(&measure_name(&count.name, &count.cumulative), count.cumulative.span);
            planned
                .extend(found.map(|cumulative| PlannedCount { name: count.name.text.clone(), cumulative }));
        }
        planned
    }

    fn labs(&mut self, disease: &Disease) -> Vec<PlannedLab> {
        let mut planned = Vec::new();
        for lab in &disease.labs {
            let Some(observable) =
                self.readable(&measure_name(&lab.name, &lab.observable), lab.observable.span)
            else {
                continue;
            };
            let lower_limit = lab.lower_limit.as_ref().map(|limit| limit.value);
            planned.push(PlannedLab {
                name: lab.name.text.clone(),
                observable,
                cv: lab.cv.value,
                lower_limit,
            });
        }
        planned
    }

    fn watched(&mut self) -> Watched {
        let mut watched = Watched::default();
        for endpoint in self.trial.endpoints.values() {
            for rule in endpoint.kind.rules() {
                self.watch_event(&mut watched, rule);
            }
            for (index, written) in endpoint.kind.observables() {
                let name = threshold_name(&endpoint.id.text, index, written);
                if watched.observables.iter().all(|(known, _)| *known != name) {
                    let found: Option<Found> = self.readable(&name, written.span);
                    watched.observables.extend(found.map(|found| (name, found)));
                }
            }
            if matches!(endpoint.kind, EndpointKind::TimeToEvent { .. }) && self.needs_death(endpoint) {
                self.require_terminal_event(endpoint.id.span);
            }
        }
        watched
    }

    fn watch_event(&mut self, watched: &mut Watched, rule: &EventRule) {
        let EventKind::ModelEvent { event } = &rule.kind else { return };
        if watched.events.iter().all(|(known, _)| *known != event.text) {
            watched.events.extend(self.event(event).map(|found| (event.text.clone(), found)));
        }
    }

    fn needs_death(&self, endpoint: &crate::endpoint::Endpoint) -> bool {
        endpoint.kind.rules().iter().any(|rule| matches!(rule.kind, EventKind::Death { .. }))
    }

    fn require_terminal_event(&mut self, span: Span) {
        if self.trial.disease.terminal_event.is_none() {
            let message = "this endpoint counts deaths, but the disease has no `terminal_event`";
            let problem = Diagnostic::error(codes::MISSING_KEY, span, message);
            self.problems.push(problem.with_label(self.trial.disease.id.span, "this disease"));
        }
    }
}

/// One entry per target: the last, at the place of the first.
fn last_wins(settings: Vec<PlannedSetting>) -> Vec<PlannedSetting> {
    let mut kept: Vec<PlannedSetting> = Vec::new();
    for setting in settings {
        match kept.iter_mut().find(|known| known.target == setting.target) {
            Some(known) => *known = setting,
            None => kept.push(setting),
        }
    }
    kept
}
