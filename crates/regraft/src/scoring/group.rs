//! Arms of a pack that are simulated together, written as a trial file and read by the usual reader.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use regraft_model::{Diagnostic, Span};
use regraft_trial::disease::Disease;
use regraft_trial::endpoint::{Endpoint, EndpointKind, EventRule};
use regraft_trial::regimen::DayZero;
use regraft_trial::{Cards, Trial, TrialFile, resolve};

use super::baseline::{self, Stated};
use super::map::{MappedArm, Role, Subgroup, Target, Window};
use super::moved::{Ids, moved_endpoints};
use super::setting;
use crate::library::Library;
use crate::study::{self, Prepared};

/// An arm of a group.
#[derive(Debug, Clone)]
pub struct GroupArm {
    /// Index of the arm in the pack.
    pub arm: usize,
    /// What it is.
    pub mapped: MappedArm,
    /// Patients, for weights.
    pub n: f64,
    /// What it states of its patients.
    pub stated: Vec<Stated>,
}

/// Arms that are simulated together.
#[derive(Debug, Clone)]
pub struct Group {
    /// The trial.
    pub trial_id: String,
    /// Its arms.
    pub arms: Vec<GroupArm>,
    /// The part of the patients that it is; what the arms state of all of them is left out in another population.
    pub subgroup: Subgroup,
    /// Rows: index of the row in the pack, index of its arm here, what is read.
    pub targets: Vec<(usize, usize, Target)>,
}

/// A group that can be simulated.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The trial, ready.
    pub study: Prepared,
    /// The same as text.
    pub text: String,
    /// Positions of the endpoints of each target; a reason where the row cannot be simulated.
    pub places: Vec<Result<Places, String>>,
    /// What was put into the population, in words.
    pub put_in: Vec<String>,
}

/// Positions of a target's endpoints among those of the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// What is read.
    pub own: usize,
    /// What is taken off.
    pub less: Option<usize>,
    /// What chooses the patients.
    pub among: Option<usize>,
    /// The value itself, where a change of it is read: its first visit is the entry.
    pub entry: Option<usize>,
}

/// Days between visits at any of which an event counts. Chosen: trials see their patients about every four weeks.
const MONTH: f64 = 28.0;

/// Most of these visits: two years.
const EVER_VISITS: u32 = 26;

/// Days of a year, over which a slope is taken.
pub const YEAR: f64 = 365.25;

/// Longest confirmation that a row on the last day may ask for, and a margin.
const MARGIN: f64 = 200.0;

impl Group {
    /// Whether the arms were allocated at random.
    pub fn is_randomised(&self) -> bool {
        self.arms.len() > 1 && self.arms.iter().all(|arm| arm.mapped.is_randomised)
    }

    /// The same arms in a part of the patients.
    pub fn of_subgroup(&self, subgroup: &Subgroup) -> Group {
        let mut arms = self.arms.clone();
        for arm in &mut arms {
            if subgroup.population.is_some() {
                arm.stated.clear();
            }
            if let Some(ages) = subgroup.age {
                arm.stated.retain(|one| one.name != "age");
                arm.stated.push(Stated { name: "age".into(), middle: None, sd: None, range: Some(ages) });
            }
            let mapped = &mut arm.mapped;
            if mapped.product.is_some() {
                mapped.product = subgroup.product.clone().or(mapped.product.take());
                mapped.regimen = subgroup.regimen.clone().unwrap_or(mapped.regimen.clone());
            }
        }
        Group { arms, subgroup: subgroup.clone(), targets: Vec::new(), ..self.clone() }
    }

    /// The population of the subgroup, else of the arm that is studied.
    pub fn population(&self) -> String {
        if let Some(own) = &self.subgroup.population {
            return own.clone();
        }
        let first = self.arms.iter().min_by_key(|arm| arm.mapped.role);
        first.map(|arm| arm.mapped.population.clone()).unwrap_or_default()
    }

    /// The arm with which another is compared: the one that the row names, else that of the last role.
    pub fn versus(&self, arm: usize, words: &str, names: &[&str]) -> Option<usize> {
        let others = || (0..self.arms.len()).filter(|other| *other != arm);
        let said = regraft_trial::vocabulary::normal(words);
        let named = others().find(|other| said.contains(&regraft_trial::vocabulary::normal(names[*other])));
        let last = || others().max_by_key(|other| (self.arms[*other].mapped.role, *other));
        named.or_else(last)
    }

    fn wait_days(&self, arm: &GroupArm) -> f64 {
        if self.is_randomised() { arm.mapped.wait_days } else { 0.0 }
    }

    /// Lowers the group with as much of its baseline as `level` says: 0 all of it, 1 age and sex, 2 none.
    ///
    /// # Errors
    /// The reason in words why none of its rows can be simulated.
    pub fn lower(&self, library: &mut Library, level: usize) -> Result<Lowered, String> {
        if level == 2 && self.subgroup.age.is_some() {
            return Err("too few patients of that age enter".to_string());
        }
        let mut cards = library.cards.clone();
        let put_in = self.change_population(&mut cards, level)?;
        let mut names: Vec<Result<Ids, String>> = Vec::new();
        for (_, _, target) in &self.targets {
            names.push(moved_endpoints(&mut cards, target));
        }
        // Endpoints that the disease cannot give are left out one after another; then the rest stands.
        for _ in 0..=self.targets.len() {
            let text = self.text(&cards, &names);
            let source =
                library.sources.add(format!("{} (written from the pack)", self.trial_id), text.clone());
            let (file, mut problems) = TrialFile::read(&library.sources, source);
            let (trial, found) = resolve(&file, &cards, &library.sources);
            problems.extend(found);
            let study = match trial.filter(|_| !has_error(&problems)) {
                Some(trial) => self.study(library, trial, &mut problems),
                None => None,
            };
            if let Some(study) = study.filter(|_| !has_error(&problems)) {
                let places = names.iter().map(|name| place(&study, name)).collect();
                return Ok(Lowered { study, text, places, put_in });
            }
            self.leave_out(&file, &cards, &problems, &mut names)?;
        }
        Err("no endpoint of it can be simulated".to_string())
    }

    fn study(&self, library: &mut Library, trial: Trial, problems: &mut Vec<Diagnostic>) -> Option<Prepared> {
        study::lower_resolved(library, &self.trial_id, trial, &[], problems)
    }

    /// Marks the rows at whose endpoint or analysis a problem stands.
    fn leave_out(
        &self,
        file: &TrialFile,
        cards: &Cards,
        problems: &[Diagnostic],
        names: &mut [Result<Ids, String>],
    ) -> Result<(), String> {
        let mut found = false;
        let first = problems.iter().find(|problem| problem.is_error());
        let Some(first) = first else { return Err("it could not be planned".to_string()) };
        for problem in problems.iter().filter(|problem| problem.is_error()) {
            let spans: Vec<Span> = problem.labels.iter().map(|label| label.span).collect();
            for name in names.iter_mut() {
                let Ok(ids) = name else { continue };
                let card = |id: &String| cards.endpoints.get(id).map(|card| card.id.span.source);
                let own: Vec<_> = ids.all().filter_map(card).collect();
                let analyses: Vec<_> = file
                    .analyses
                    .iter()
                    .filter(|analysis| ids.all().any(|id| *id == analysis.endpoint.text))
                    .collect();
                let here = |span: &Span| {
                    own.contains(&span.source)
                        || analyses.iter().any(|analysis| {
                            analysis.span.source == span.source
                                && analysis.span.start <= span.start
                                && span.start < analysis.span.end
                        })
                };
                if spans.iter().any(here) {
                    *name = Err(format!("the model of the disease does not give it: {}", problem.message));
                    found = true;
                }
            }
        }
        if found && names.iter().any(Result::is_ok) {
            Ok(())
        } else if found {
            Err(format!("the model of the disease does not give it: {}", first.message))
        } else {
            Err(format!("the treatment cannot be simulated in this disease: {}", first.message))
        }
    }

    /// Puts what the arms state into a population of its own.
    fn change_population(&self, cards: &mut Cards, level: usize) -> Result<Vec<String>, String> {
        let id = &self.population();
        let Some(mut population) = cards.populations.get(id).cloned() else {
            return Err(format!("the vocabulary names no population of the library: `{id}`"));
        };
        let arms: Vec<(f64, Vec<Stated>)> = self.arms.iter().map(|arm| (arm.n, arm.stated.clone())).collect();
        let mut stated = baseline::pooled(&arms);
        stated.retain(|one| level == 0 || (level == 1 && matches!(one.name.as_str(), "age" | "female")));
        let disease = cards.diseases.get(&self.arms[0].mapped.disease);
        let score = |name: &str| observable(disease?, name);
        let mut told = baseline::put_in(&mut population, &stated, &score);
        let place = self.arms.iter().find_map(|arm| arm.mapped.place);
        told.extend(place.and_then(|place| setting::put_in(&mut population, place)));
        cards.populations.insert(POPULATION.to_string(), population);
        Ok(told)
    }

    /// The trial file.
    fn text(&self, cards: &Cards, names: &[Result<Ids, String>]) -> String {
        let mut text = String::new();
        let grafted = |arm: &GroupArm| {
            let card = cards.regimens.get(&arm.mapped.regimen);
            card.is_some_and(|card| card.day_zero == DayZero::Graft)
        };
        let all_at_graft = self.arms.iter().any(grafted) && !self.is_randomised();
        let (zero, set) = match (self.is_randomised(), all_at_graft) {
            (true, _) => ("randomisation", "intention_to_treat"),
            (_, true) => ("graft", "grafted"),
            _ => ("start_of_treatment", "intention_to_treat"),
        };
        let longest_wait = self.arms.iter().map(|arm| self.wait_days(arm)).fold(0.0, f64::max);
        let days: Vec<f64> = self.targets.iter().map(|(_, _, target)| target.day).collect();
        let horizon = days.iter().copied().fold(60.0, f64::max) + longest_wait + MARGIN;
        let _ = writeln!(text, "id = \"scored\"\ntitle = {}", quoted(&self.trial_id));
        let _ = writeln!(text, "question = \"What would a trial of these arms have found?\"");
        let _ = writeln!(text, "disease = {}", quoted(&self.arms[0].mapped.disease));
        let _ = writeln!(text, "population = \"{POPULATION}\"\nhorizon_days = {horizon}");
        let _ = writeln!(text, "time_zero = \"{zero}\"\nanalysis_set = \"{set}\"\n\n[visits]");
        text.push_str(&self.visits(cards, names, horizon, longest_wait));
        for (index, arm) in self.arms.iter().enumerate() {
            let MappedArm { regimen, product, role, .. } = &arm.mapped;
            let role = if *role == Role::Studied { "studied" } else { "comparator" };
            let _ =
                writeln!(text, "\n[[arm]]\nid = \"arm_{index}\"\ntitle = \"Arm {index}\"\nrole = \"{role}\"");
            let _ = writeln!(text, "regimen = {}\nday_zero_at = {}", quoted(regimen), self.wait_days(arm));
            if let Some(product) = product {
                let _ = writeln!(text, "product = {}", quoted(product));
            }
        }
        let mut seen = BTreeSet::new();
        for ((_, arm, target), name) in self.targets.iter().zip(names) {
            let Ok(ids) = name else { continue };
            for id in ids.all() {
                if !seen.insert((id.clone(), *arm)) {
                    continue;
                }
                let method = cards.endpoints.get(id).map_or("proportion", |card| method_of(&card.kind));
                let _ = writeln!(
                    text,
                    "\n[[analysis]]\nendpoint = {}\nmethod = \"{method}\"\narms = [\"arm_{arm}\"]\nat_days = [{}]\nrole = \"benefit\"\nlevel = 0.9",
                    quoted(id),
                    target.day
                );
            }
        }
        text
    }

    /// Scores every twelve weeks for three years and then every half-year, scans by half-years, laboratory values where
    /// an endpoint asks for them; and all of them on the days of the rows.
    fn visits(&self, cards: &Cards, names: &[Result<Ids, String>], horizon: f64, wait: f64) -> String {
        let mut own: Vec<f64> = Vec::new();
        let waits: BTreeSet<u64> = self.arms.iter().map(|arm| self.wait_days(arm).to_bits()).collect();
        for (_, _, target) in &self.targets {
            own.push(target.day);
            own.extend(target.among.as_ref().and_then(|among| among.day));
            match target.window {
                Window::Slope => own.push(target.day - YEAR),
                Window::Ever => own.extend((1..=EVER_VISITS).map(|visit| f64::from(visit) * MONTH)),
                _ => {}
            }
            own.extend(waits.iter().map(|wait| target.day + f64::from_bits(*wait)));
        }
        own.retain(|day| *day > 0.0 && *day <= horizon);
        let mut scores: Vec<f64> = own.clone();
        let mut day = 84.0;
        while day <= horizon {
            scores.push(day);
            day += if day < 1092.0 { 84.0 } else { 182.625 };
        }
        let mut scans = own.clone();
        scans.extend([168.0].into_iter().chain((1..60).map(|half| f64::from(half) * 182.625)));
        scans.retain(|day| *day <= horizon);
        let kinds: Vec<&Endpoint> =
            names.iter().flatten().flat_map(Ids::all).filter_map(|id| cards.endpoints.get(id)).collect();
        let mut text = format!("score_days = {}\n", list(scores));
        if kinds.iter().any(|card| reads(card, Reads::Count)) {
            let _ = writeln!(text, "imaging_days = {}", list(scans));
        }
        let mut labs = Vec::new();
        if kinds.iter().any(|card| reads(card, Reads::Lab)) {
            if kinds.iter().any(|card| card.id.text.contains("engraftment")) {
                labs.push((-10.0, 100.0_f64.min(horizon - wait), 1.0));
            }
            labs.push((30.0, horizon - wait, 30.0));
            labs.extend(own.iter().map(|day| (*day, *day, 1.0)));
        }
        labs.retain(|(from, to, _)| from <= to);
        if !labs.is_empty() {
            let line = |(from, to, step): &(f64, f64, f64)| {
                format!("  {{ from_day = {from}, to_day = {to}, every_days = {step} }},\n")
            };
            let _ = writeln!(text, "labs = [\n{}]", labs.iter().map(line).collect::<String>());
        }
        text
    }
}

/// Id of a group's own population among its cards.
const POPULATION: &str = "scored_population";

fn has_error(problems: &[Diagnostic]) -> bool {
    problems.iter().any(Diagnostic::is_error)
}

fn place(study: &Prepared, name: &Result<Ids, String>) -> Result<Places, String> {
    let ids = name.as_ref().map_err(Clone::clone)?;
    let find = |id: &String| study.endpoint_ids.iter().position(|known| known == id);
    let own = find(&ids.own).ok_or("its endpoint was not read")?;
    let of = |id: &Option<String>| id.as_ref().and_then(find);
    Ok(Places { own, less: of(&ids.less), among: of(&ids.among), entry: of(&ids.entry) })
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Ascending days, each once.
fn list(mut days: Vec<f64>) -> String {
    days.sort_by(f64::total_cmp);
    days.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    let words: Vec<String> = days.iter().map(|day| format!("{day}")).collect();
    format!("[{}]", words.join(", "))
}

fn observable(disease: &Disease, score: &str) -> Option<String> {
    let found = disease.scores.iter().find(|own| own.name.text == score)?;
    Some(found.observable.text.clone())
}

fn method_of(kind: &EndpointKind) -> &'static str {
    match kind {
        EndpointKind::TimeToEvent { .. } => "cumulative_incidence",
        EndpointKind::Proportion { .. } => "proportion",
        EndpointKind::Change { .. } => "mean_change",
        EndpointKind::Mean { .. } => "mean",
        EndpointKind::AnnualRate { .. } => "annual_rate",
    }
}

/// What an endpoint reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    Count,
    Lab,
}

fn reads(card: &Endpoint, what: Reads) -> bool {
    use regraft_trial::endpoint::{EventKind, Measured};
    let lab = |of: &Measured| matches!(of, Measured::Lab(_) | Measured::Observable(_));
    let rule = |rule: &&EventRule| match (&rule.kind, what) {
        (EventKind::NewCount { .. }, Reads::Count) => true,
        (EventKind::Threshold { of, .. }, Reads::Lab) => lab(of),
        _ => false,
    };
    card.kind.rules().iter().any(rule) || (what == Reads::Lab && card.kind.measured().is_some_and(lab))
}

/// Groups of arms that are simulated together: one trial, one disease, one population; where patients were not
/// allocated at random, also one stated baseline.
pub fn keys(arms: &[(String, GroupArm)]) -> BTreeMap<(String, String, String, String), Vec<usize>> {
    let mut found: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, (trial, arm)) in arms.iter().enumerate() {
        let MappedArm { disease, population, is_randomised, .. } = &arm.mapped;
        let own = if *is_randomised { String::new() } else { format!("{:?}", arm.stated) };
        let key = if *is_randomised {
            (trial.clone(), disease.clone(), String::new(), own)
        } else {
            (trial.clone(), disease.clone(), population.clone(), own)
        };
        found.entry(key).or_default().push(index);
    }
    found
}
