//! A trial with all its cards: every name known. From [`resolve`] on no card is unknown.

mod analyses;
mod apply;
mod design;
mod published;
mod recipe;
mod search;
mod strengths;
mod treatment;

pub use published::PublishedValue;
pub use strengths::{check_blocks, check_drugs};

pub use apply::{Refused, Shelf};

use std::collections::{BTreeMap, BTreeSet};

use regraft_model::{Diagnostic, Sources};

use crate::card::Cards;
use crate::codes;
use crate::cohort::Recipe;
use crate::days::number_words;
use crate::disease::Disease;
use crate::drug::Drug;
use crate::endpoint::Endpoint;
use crate::name::Name;
use crate::pharmacology::drugs_model;
use crate::population::Population;
use crate::product::Product;
use crate::reader::with_nearest;
use crate::regimen::{DayZero, Regimen, Start};
use crate::sensitivities::Sensitivities;
use crate::trial_file::{AnalysisSet, Arm, TimeZero, TrialFile};

/// A trial with its cards. It holds copies, so it can be passed on alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The file.
    pub file: TrialFile,
    /// The disease.
    pub disease: Disease,
    /// The population.
    pub population: Population,
    /// The arms, in the order of the file.
    pub arms: Vec<TrialArm>,
    /// All drugs that an arm may give.
    pub drugs: BTreeMap<String, Drug>,
    /// Cards of sensitivities that those drugs name.
    pub sensitivities: BTreeMap<String, Sensitivities>,
    /// Regimens that a rule may start.
    pub started: BTreeMap<String, Regimen>,
    /// All endpoints that are analysed.
    pub endpoints: BTreeMap<String, Endpoint>,
}

/// An arm with its cards.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialArm {
    /// As the file writes it.
    pub arm: Arm,
    /// Its regimen.
    pub regimen: Regimen,
    /// Its product.
    pub product: Option<Product>,
}

impl Trial {
    /// The drugs module of this trial's model, in Antimony: the text of what the core imports as
    /// [`DRUGS_FILE`](crate::pharmacology::DRUGS_FILE).
    ///
    /// `blocks` are the names of the blocks that the model reads.
    pub fn drugs_model(&self, blocks: &BTreeSet<String>) -> String {
        drugs_model(self.drugs.values(), &self.sensitivities, blocks)
    }

    /// The evidence grade of an arm's therapy in the trial's disease.
    pub fn grade(&self, arm: &TrialArm) -> Option<&crate::disease::Grade> {
        self.disease.grades.iter().find(|grade| grade.therapy.text == arm.regimen.therapy.text)
    }
}

/// Finds the cards that a trial names and checks what can be checked without the model:
/// names, doses, clocks, correlations, methods.
///
/// `None` where a card that the rest depends on is unknown; every problem is in the list.
pub fn resolve(file: &TrialFile, cards: &Cards, sources: &Sources) -> (Option<Trial>, Vec<Diagnostic>) {
    let mut search = Search { cards, problems: Vec::new() };
    let disease = search.find(&cards.diseases, &file.disease, "disease", codes::UNKNOWN_DISEASE);
    let population =
        search.find(&cards.populations, &file.population, "population", codes::UNKNOWN_POPULATION);
    let arms: Vec<Option<TrialArm>> = file.arms.iter().map(|arm| search.arm(arm)).collect();
    let endpoints = search.endpoints(file);
    let found: Vec<TrialArm> = arms.iter().flatten().cloned().collect();
    let started = search.started(&found);
    let background = population.map_or(&[][..], |population| &population.drugs);
    let drugs = search.drugs(&found, &started, background);
    let sensitivities = search.sensitivities(&drugs);
    let (Some(disease), Some(population)) = (disease, population) else {
        return (None, by_place(search.problems, sources));
    };
    let complete = arms.iter().all(Option::is_some);
    let trial = Trial {
        file: file.clone(),
        disease: disease.clone(),
        population: population.clone(),
        arms: found,
        drugs,
        sensitivities,
        started,
        endpoints,
    };
    search.check(&trial);
    (complete.then_some(trial), by_place(search.problems, sources))
}

/// Problems by path and place, each once.
fn by_place(mut problems: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let place = |problem: &Diagnostic| {
        let span = problem.labels[0].span;
        (sources.get(span.source).path.clone(), span.start)
    };
    problems.sort_by_key(place);
    problems.dedup();
    problems
}

struct Search<'a> {
    cards: &'a Cards,
    problems: Vec<Diagnostic>,
}

impl<'a> Search<'a> {
    fn find<T>(
        &mut self,
        map: &'a BTreeMap<String, T>,
        name: &Name,
        word: &str,
        code: &'static str,
    ) -> Option<&'a T> {
        let found = map.get(&name.text);
        if found.is_none() && !name.is_missing() {
            let problem = Diagnostic::error(code, name.span, format!("unknown {word} `{}`", name.text));
            self.problems.push(with_nearest(problem, &name.text, map.keys().map(String::as_str)));
        }
        found
    }

    fn error(&mut self, code: &'static str, span: regraft_model::Span, message: String) {
        self.problems.push(Diagnostic::error(code, span, message));
    }

    fn arm(&mut self, arm: &Arm) -> Option<TrialArm> {
        let cards = self.cards;
        let regimen = self.find(&cards.regimens, &arm.regimen, "regimen", codes::UNKNOWN_REGIMEN);
        let product = match &arm.product {
            None => Some(None),
            Some(name) => self.find(&cards.products, name, "product", codes::UNKNOWN_PRODUCT).map(Some),
        };
        Some(TrialArm { arm: arm.clone(), regimen: regimen?.clone(), product: product?.cloned() })
    }

    fn endpoints(&mut self, file: &TrialFile) -> BTreeMap<String, Endpoint> {
        let mut found = BTreeMap::new();
        for analysis in &file.analyses {
            let (cards, name) = (self.cards, &analysis.endpoint);
            let endpoint = self.find(&cards.endpoints, name, "endpoint", codes::UNKNOWN_ENDPOINT);
            found.extend(endpoint.map(|endpoint| (name.text.clone(), endpoint.clone())));
        }
        found
    }

    fn started(&mut self, arms: &[TrialArm]) -> BTreeMap<String, Regimen> {
        let mut found = BTreeMap::new();
        for rule in arms.iter().flat_map(|arm| &arm.regimen.rules) {
            if let Some(Start::Regimen(name)) = &rule.start {
                let cards = self.cards;
                let regimen = self.find(&cards.regimens, name, "regimen", codes::UNKNOWN_REGIMEN);
                found.extend(regimen.map(|regimen| (name.text.clone(), regimen.clone())));
            }
        }
        found
    }

    fn drugs(
        &mut self,
        arms: &[TrialArm],
        started: &BTreeMap<String, Regimen>,
        background: &[Name],
    ) -> BTreeMap<String, Drug> {
        let mut found = BTreeMap::new();
        let mut seen: Vec<&str> = Vec::new();
        let mut names: Vec<&Name> = background.iter().collect();
        for regimen in arms.iter().map(|arm| &arm.regimen).chain(started.values()) {
            if !seen.contains(&regimen.id.text.as_str()) {
                seen.push(&regimen.id.text);
                names.extend(regimen.drugs());
            }
        }
        // A background drug of another population, which a regimen sets: an unknown one is a problem of the plan.
        for id in arms.iter().map(|arm| &arm.regimen).chain(started.values()).flat_map(Regimen::set_drugs) {
            found.extend(self.cards.drugs.get(id).map(|drug| (id.to_string(), drug.clone())));
        }
        for name in names {
            let cards = self.cards;
            let drug = self.find(&cards.drugs, name, "drug", codes::UNKNOWN_DRUG);
            found.extend(drug.map(|drug| (name.text.clone(), drug.clone())));
        }
        found
    }

    fn check(&mut self, trial: &Trial) {
        self.check_population(trial);
        self.check_clocks(trial);
        self.check_treatment(trial);
        self.check_analyses(trial);
        self.check_search(trial);
    }

    fn check_population(&mut self, trial: &Trial) {
        let population = &trial.population;
        if population.disease.text != trial.file.disease.text && !population.disease.is_missing() {
            let (id, other) = (&population.id.text, &population.disease.text);
            let message = format!("population `{id}` has `{other}`, not `{}`", trial.file.disease.text);
            let problem = Diagnostic::error(codes::OTHER_DISEASE, trial.file.population.span, message);
            self.problems.push(problem.with_label(population.disease.span, "stated here"));
        }
        if let Err(problem) = Recipe::of_population(population) {
            self.problems.push(problem);
        }
    }

    /// A regimen begins before the trial ends; where time zero is the graft, the grafts are there.
    fn check_clocks(&mut self, trial: &Trial) {
        let horizon_days = trial.file.horizon_days;
        for arm in &trial.arms {
            let day = arm.arm.day_zero_at;
            if day >= horizon_days {
                let id = &arm.arm.id.text;
                let message = format!(
                    "day zero of arm `{id}` is day {day}, the trial ends on day {}",
                    number_words(horizon_days)
                );
                self.error(codes::OUT_OF_RANGE, arm.arm.span, message);
            }
            let grafted = arm.regimen.day_zero == DayZero::Graft;
            if trial.file.time_zero == TimeZero::Graft && grafted && day != 0.0 {
                let id = &arm.arm.id.text;
                let message =
                    format!("time zero is the graft, but arm `{id}` is grafted {day} days after it");
                self.error(codes::CLOCKS, arm.arm.span, message);
            }
            if trial.file.analysis_set == AnalysisSet::Grafted
                && trial.file.time_zero != TimeZero::Graft
                && grafted
                && day > 0.0
            {
                self.problems.push(immortal_time(&arm.arm, day));
            }
        }
    }
}

/// Who was grafted is known only on the day of the graft: counted from an earlier day, that arm would have time in
/// which nobody can die or leave.
fn immortal_time(arm: &Arm, day: f64) -> Diagnostic {
    let message = format!(
        "only grafted patients are counted, but from a time zero {} days before the graft of arm `{}`",
        number_words(day),
        arm.id.text
    );
    let help = "count everyone (`intention_to_treat`), or from the graft (`time_zero = \"graft\"`)";
    Diagnostic::error(codes::CLOCKS, arm.span, message).with_help(help)
}
