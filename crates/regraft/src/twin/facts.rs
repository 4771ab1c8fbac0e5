//! What is known of the patient: words of the command become fixed traits and readings at entry.
//!
//! A name is looked for among the traits of the population, then among the scores and laboratory values of the
//! disease (a score that a trait `entry_SCORE` sets is that trait), then among the quantities of the model. A trait is
//! fixed; a reading is an outcome of the time before entry, so it weighs the candidates.

use regraft_model::{Diagnostic, Found, Sources, Span, nearest};
use regraft_trial::cohort::Column;
use regraft_trial::disease::Disease;
use regraft_trial::distribution::DistributionSpec;
use regraft_trial::duration::{DURATION, Past};
use regraft_trial::population::{Population, Trait};
use serde::Serialize;

use super::Asked;
use super::weigh::Reading;
use crate::library::Library;
use crate::report::words::as_printed;
use crate::study::Prepared;

/// A setting as typed.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: String,
    pub value: f64,
    pub tolerance: Option<f64>,
    name_span: Span,
    value_span: Span,
}

/// A fact about the patient.
#[derive(Debug, Clone)]
pub struct Known {
    /// Name as it is known here.
    pub name: String,
    /// For people.
    pub title: String,
    pub unit: String,
    pub value: f64,
    /// Range of the population; none for what comes out of the simulation.
    pub range: Option<(f64, f64)>,
    /// How it enters.
    pub how: How,
    /// Names of the model's quantities that it decides.
    pub decides: Vec<String>,
}

/// How a fact enters.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// The drawn column is fixed.
    Fixed(usize),
    /// Candidates are weighed by how near they come.
    Weighed(Reading),
    /// Years of illness: candidates are weighed by how well these go with their own rates and score.
    Years,
}

/// All facts.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub list: Vec<Known>,
}

impl Facts {
    /// Fixed columns with their values.
    pub fn fixed(&self) -> Vec<(usize, f64)> {
        let fixed = |fact: &Known| match fact.how {
            How::Fixed(column) => Some((column, fact.value)),
            How::Weighed(_) | How::Years => None,
        };
        self.list.iter().filter_map(fixed).collect()
    }

    /// Readings at entry with their values.
    pub fn weighed(&self) -> Vec<(&Reading, f64)> {
        self.list
            .iter()
            .filter_map(|fact| match &fact.how {
                How::Weighed(reading) => Some((reading, fact.value)),
                How::Fixed(_) | How::Years => None,
            })
            .collect()
    }

    /// How long the patient has been ill, where that is a reading.
    pub fn years(&self) -> Option<f64> {
        self.list.iter().find(|fact| fact.how == How::Years).map(|fact| fact.value)
    }

    /// Whether these facts alone decide a condition: all names in it are theirs.
    pub fn decide(&self, condition: &str) -> bool {
        let names = names_in(condition);
        let own = |name: &&str| self.list.iter().any(|fact| fact.decides.iter().any(|one| one == last(name)));
        !names.is_empty() && names.iter().all(|name| own(&name.as_str()))
    }
}

/// The last part of a full name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Names of quantities in an expression of the model's language.
fn names_in(expression: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let words = expression.split(|c: char| !is_part(c));
    words
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .map(str::to_string)
        .collect()
}

/// Reads the settings; what is not `NAME=VALUE` is in the list, at its place in `words`.
pub fn read(asked: &Asked, words: &mut Sources, problems: &mut Vec<Diagnostic>) -> Vec<Setting> {
    let source = words.add("--set", asked.sets.join("\n"));
    let (mut start, mut found) = (0, Vec::<Setting>::new());
    for text in &asked.sets {
        let whole = Span::new(source, start, start + text.len());
        let at = start;
        start += text.len() + 1;
        let Some((name, rest)) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            let problem = Diagnostic::error("W003", whole, format!("`{text}` is not NAME=VALUE"));
            problems
                .push(problem.with_help("as `age=34`, `sex=female` or `relapses=2~0.5` with a tolerance"));
            continue;
        };
        let name_span = Span::new(source, at, at + name.len());
        let value_span = Span::new(source, at + name.len() + 1, at + text.len());
        let (value, tolerance) = match rest.split_once('~') {
            Some((value, tolerance)) => (value, Some(tolerance)),
            None => (rest, None),
        };
        let Some(value) = number(value) else {
            let message = format!("`{}` is no number", value.trim());
            let problem = Diagnostic::error("W003", value_span, message);
            problems.push(problem.with_help("a number, or yes, no, female, male"));
            continue;
        };
        let tolerance = match tolerance
            .map(|text| text.trim().parse::<f64>().ok().filter(|t| *t > 0.0 && t.is_finite()))
        {
            None => None,
            Some(Some(tolerance)) => Some(tolerance),
            Some(None) => {
                problems.push(Diagnostic::error("W003", value_span, "a tolerance is a number above 0"));
                continue;
            }
        };
        let name = known_as(name.trim());
        if found.iter().any(|one| one.name == name) {
            problems.push(Diagnostic::error("W003", name_span, format!("`{name}` is said twice")));
            continue;
        }
        found.push(Setting { name, value, tolerance, name_span, value_span });
    }
    found
}

/// Words of the clinic for names of the library.
fn known_as(name: &str) -> String {
    let plain = name.to_lowercase();
    match plain.as_str() {
        "sex" | "gender" => "female".into(),
        "relapses" => "relapse_count".into(),
        "flares" => "flare_count".into(),
        "disease_duration" | "years_ill" => DURATION.into(),
        _ => name.to_string(),
    }
}

fn number(text: &str) -> Option<f64> {
    match text.trim().to_lowercase().as_str() {
        "yes" | "true" | "female" | "woman" | "f" | "w" => Some(1.0),
        "no" | "false" | "male" | "man" | "m" => Some(0.0),
        other => other.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// The column that a name fixes: the trait, or the trait that sets a score at entry.
fn column(columns: &[Column], name: &str) -> Option<usize> {
    let place = |wanted: &str| columns.iter().position(|column| column.name == wanted);
    place(name).or_else(|| place(&format!("entry_{name}")))
}

/// Lowest and highest value of a distribution: its bounds where it has them, else the 1st and the 999th of 1,000.
pub fn range(spec: &DistributionSpec) -> (f64, f64) {
    let bound = |key: &str| spec.parameters.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    match spec.kind {
        "discrete" => {
            let all = spec.categories.iter().copied();
            (all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max))
        }
        "bernoulli" => (0.0, 1.0),
        "zero_or_lognormal" => (0.0, bound("high").unwrap_or_else(|| spec.at_rank(0.999))),
        _ => (
            bound("low").unwrap_or_else(|| spec.at_rank(0.001)),
            bound("high").unwrap_or_else(|| spec.at_rank(0.999)),
        ),
    }
}

/// The distribution of a trait, or of the years of illness, of a population.
pub fn spread<'a>(population: &'a Population, name: &str) -> Option<&'a DistributionSpec> {
    let own = population.traits.iter().find(|one| one.name.text == name).map(|one| &one.distribution);
    let ill = || population.duration.as_ref().filter(|_| name == DURATION).map(|ill| &ill.distribution);
    own.or_else(ill)
}

/// How many of the settings name a trait of the population, or years of illness, in whose range they lie.
pub fn held(population: &Population, settings: &[Setting]) -> usize {
    let holds = |setting: &&Setting| {
        let own = spread(population, &setting.name);
        own.or_else(|| spread(population, &format!("entry_{}", setting.name))).is_some_and(|spec| {
            let (low, high) = range(spec);
            (low..=high).contains(&setting.value)
        })
    };
    settings.iter().filter(holds).count()
}

/// How many of the settings name a trait of any of the populations.
pub fn judged(library: &Library, populations: &[&str], settings: &[Setting]) -> usize {
    let names_a_trait = |setting: &&Setting| {
        let cards = populations.iter().filter_map(|id| library.cards.populations.get(*id));
        let mut named = cards.map(|card| {
            spread(card, &setting.name).or_else(|| spread(card, &format!("entry_{}", setting.name)))
        });
        named.any(|spec| spec.is_some())
    };
    settings.iter().filter(names_a_trait).count()
}

/// What can be known of a patient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settable {
    /// Name for `--set`.
    pub name: String,
    /// For people.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Lowest value of the population.
    pub low: f64,
    /// Highest value of the population.
    pub high: f64,
    /// Whether it is drawn, else read at entry.
    pub is_trait: bool,
}

/// Traits of a population, then the scores and laboratory values of its disease that no trait sets.
pub fn settable(population: &Population, disease: &Disease) -> Vec<Settable> {
    let of_trait = |one: &Trait| {
        let (low, high) = range(&one.distribution);
        let title = one.title.clone().unwrap_or_else(|| one.name.text.replace('_', " "));
        Settable { name: one.name.text.clone(), title, unit: one.unit.clone(), low, high, is_trait: true }
    };
    let mut found: Vec<Settable> = population.traits.iter().map(of_trait).collect();
    let is_set = |name: &str| {
        let set = |one: &Trait| one.name.text == name || one.name.text == format!("entry_{name}");
        population.traits.iter().any(set)
    };
    if let Some((title, unit, spec)) = ill(population, disease) {
        let (low, high) = range(spec);
        let (name, title, unit) = (DURATION.to_string(), title.to_string(), unit.to_string());
        found.push(Settable { name, title, unit, low, high, is_trait: false });
    }
    for score in disease.scores.iter().filter(|score| !is_set(&score.name.text)) {
        let (name, title, unit) = (score.name.text.clone(), score.title.clone(), score.unit.clone());
        found.push(Settable { name, title, unit, low: score.low, high: score.high, is_trait: false });
    }
    for lab in disease.labs.iter().filter(|lab| !is_set(&lab.name.text)) {
        let (name, title, unit) = (lab.name.text.clone(), lab.title.clone(), lab.unit.clone());
        found.push(Settable { name, title, unit, low: 0.0, high: f64::INFINITY, is_trait: false });
    }
    found
}

/// How long a population has been ill, where its disease reads it: title, unit and distribution.
fn ill<'a>(
    population: &'a Population,
    disease: &Disease,
) -> Option<(&'a str, &'a str, &'a DistributionSpec)> {
    let ill = population.duration.as_ref().filter(|_| matches!(disease.past, Some(Past::Read(_))))?;
    Some((&ill.title, &ill.unit, &ill.distribution))
}

/// Finds what the settings speak of; unknown names and impossible values are in the list.
pub fn resolve(trial: &Prepared, settings: &[Setting], problems: &mut Vec<Diagnostic>) -> Facts {
    let list = settings.iter().filter_map(|setting| match find(trial, setting) {
        Ok(known) => {
            problems.extend(impossible(trial, setting, &known));
            Some(known)
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    });
    let facts = Facts { list: list.collect() };
    problems.extend(before_birth(settings, &facts));
    facts
}

/// More years of illness than of life.
fn before_birth(settings: &[Setting], facts: &Facts) -> Option<Diagnostic> {
    let age = facts.list.iter().find(|fact| fact.name == "age")?.value;
    let ill =
        facts.list.iter().find(|fact| fact.name == DURATION && fact.unit == "year" && fact.value > age)?;
    let setting = settings.iter().find(|setting| setting.name == DURATION)?;
    let message = format!("`{DURATION}` is {} years at an age of {}", as_printed(ill.value), as_printed(age));
    Some(Diagnostic::error("W005", setting.value_span, message))
}

fn find(trial: &Prepared, setting: &Setting) -> Result<Known, Diagnostic> {
    let (name, value) = (&setting.name, setting.value);
    if let Some(place) = column(trial.recipe.columns(), name) {
        return Ok(of_trait(trial, place, value));
    }
    let reading = |reading: Reading, title: &str, unit: &str, decides: &str| Known {
        name: name.clone(),
        title: title.to_string(),
        unit: unit.to_string(),
        value,
        range: None,
        how: How::Weighed(reading),
        decides: vec![last(decides).to_string()],
    };
    let disease = &trial.trial.disease;
    if let Some(place) = disease.scores.iter().position(|score| score.name.text == *name) {
        let card = &disease.scores[place];
        let of = Reading::score(trial, place, setting.tolerance);
        return Ok(reading(of, &card.title, &card.unit, &card.observable.text));
    }
    if let Some(place) = disease.labs.iter().position(|lab| lab.name.text == *name) {
        let card = &disease.labs[place];
        let of = Reading::lab(trial, place, setting.tolerance);
        return Ok(reading(of, &card.title, &card.unit, &card.observable.text));
    }
    if name == DURATION {
        let (population, disease) = (&trial.trial.population, &trial.trial.disease);
        let Some((title, unit, spec)) = ill(population, disease) else { return Err(unknown(trial, setting)) };
        return Ok(Known {
            name: name.clone(),
            title: title.to_string(),
            unit: unit.to_string(),
            value,
            range: Some(range(spec)),
            how: How::Years,
            decides: vec![DURATION.to_string()],
        });
    }
    match trial.program.find(name) {
        Ok(found @ (Found::State(_) | Found::Observable(_) | Found::Parameter(_))) => {
            let of = Reading::quantity(found, value, setting.tolerance);
            Ok(reading(of, &name.replace('_', " "), "", name))
        }
        _ => Err(unknown(trial, setting)),
    }
}

fn of_trait(trial: &Prepared, place: usize, value: f64) -> Known {
    let column = &trial.recipe.columns()[place];
    let card = trial.trial.population.traits.iter().find(|one| one.name.text == column.name);
    let title = card.and_then(|card| card.title.clone()).unwrap_or_else(|| column.name.replace('_', " "));
    let sets = card.and_then(|card| card.sets.as_ref()).map(|name| last(&name.text).to_string());
    let mut decides = vec![column.name.clone()];
    decides.extend(sets);
    Known {
        name: column.name.clone(),
        title,
        unit: column.unit.clone(),
        value,
        range: Some(range(&column.distribution)),
        how: How::Fixed(place),
        decides,
    }
}

fn unknown(trial: &Prepared, setting: &Setting) -> Diagnostic {
    let all = settable(&trial.trial.population, &trial.trial.disease);
    let population = &trial.trial.population.id.text;
    if setting.name == DURATION
        && let Some(Past::Unknown(why)) = &trial.trial.disease.past
    {
        let message = format!("how long one has been ill says nothing of patients of `{population}`");
        return Diagnostic::error("W004", setting.name_span, message).with_help(why.clone());
    }
    let message = format!("nothing called `{}` is known of patients of `{population}`", setting.name);
    let problem = Diagnostic::error("W004", setting.name_span, message);
    let names: Vec<&str> =
        all.iter().map(|one| one.name.as_str()).chain(["sex", "relapses", "flares"]).collect();
    let scores = all.iter().filter_map(|one| one.name.strip_prefix("entry_"));
    match nearest(&setting.name, names.iter().copied().chain(scores)) {
        Some(near) => {
            let range = all.iter().find(|one| one.name == near || one.name == format!("entry_{near}"));
            let range = range.map_or(String::new(), |one| {
                format!(", from {} to {}", as_printed(one.low), as_printed(one.high))
            });
            problem.with_help(format!("did you mean `{near}`{range}?"))
        }
        None => {
            let clinic: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
            problem.with_help(format!("known are {}", clinic.join(", ")))
        }
    }
}

/// A value that nobody can have, or that lies further outside the population than the population is wide.
fn impossible(trial: &Prepared, setting: &Setting, known: &Known) -> Option<Diagnostic> {
    let error = |message: String, help: String| {
        Some(Diagnostic::error("W005", setting.value_span, message).with_help(help))
    };
    let value = known.value;
    let own = format!("`{}` is {}", known.name, as_printed(value));
    if known.how == How::Years
        && let Some((low, high)) = known.range
    {
        let highest = 2.0 * high - low;
        let help =
            format!("this population holds {} to {} {}", as_printed(low), as_printed(high), known.unit);
        let is_possible = value > 0.0 && value <= highest;
        return if is_possible { None } else { error(format!("{own}, far outside the population"), help) };
    }
    if let How::Fixed(place) = known.how {
        let spec = &trial.recipe.columns()[place].distribution;
        if matches!(spec.kind, "bernoulli" | "discrete") {
            let all = if spec.kind == "discrete" { spec.categories.clone() } else { vec![0.0, 1.0] };
            let texts: Vec<String> = all.iter().map(|one| as_printed(*one)).collect();
            let is_one = all.iter().any(|one| (one - value).abs() < 1e-9);
            return if is_one { None } else { error(own, format!("allowed are {}", texts.join(", "))) };
        }
        let (low, high) = known.range?;
        let wide = high - low;
        let lowest = if low >= 0.0 { (low - wide).max(0.0) } else { low - wide };
        let highest = high + wide;
        if (lowest..=highest).contains(&value) {
            return None;
        }
        let help = format!(
            "this population holds {} to {} {unit}; allowed are {} to {} {unit}",
            as_printed(low),
            as_printed(high),
            as_printed(lowest),
            as_printed(highest),
            unit = known.unit
        );
        return error(format!("{own}, far outside the population"), help.trim_end().to_string());
    }
    let disease = &trial.trial.disease;
    if let Some(score) = disease.scores.iter().find(|score| score.name.text == known.name) {
        let inside = (score.low..=score.high).contains(&value);
        let help = format!("the score goes from {} to {}", as_printed(score.low), as_printed(score.high));
        return if inside { None } else { error(own, help) };
    }
    let is_lab = disease.labs.iter().any(|lab| lab.name.text == known.name);
    if is_lab && value < 0.0 { error(own, "a laboratory value is 0 or more".into()) } else { None }
}
