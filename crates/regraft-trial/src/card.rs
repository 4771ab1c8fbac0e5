//! Any card, and all cards of a library together.

use std::collections::BTreeMap;

use regraft_model::{Diagnostic, SourceId, Sources};

use crate::codes;
use crate::disease::Disease;
use crate::drug::Drug;
use crate::endpoint::Endpoint;
use crate::name::Name;
use crate::population::Population;
use crate::product::Product;
use crate::regimen::Regimen;
use crate::sensitivities::Sensitivities;
use crate::trial_file::TrialFile;

/// The kinds of cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardKind {
    /// A disease.
    Disease,
    /// A population.
    Population,
    /// A card of sensitivities.
    Sensitivities,
    /// A drug.
    Drug,
    /// A product.
    Product,
    /// A regimen.
    Regimen,
    /// An endpoint.
    Endpoint,
    /// A trial.
    Trial,
}

impl CardKind {
    /// All kinds, in the order of the catalogue.
    pub const ALL: [CardKind; 8] = [
        CardKind::Disease,
        CardKind::Population,
        CardKind::Sensitivities,
        CardKind::Drug,
        CardKind::Product,
        CardKind::Regimen,
        CardKind::Endpoint,
        CardKind::Trial,
    ];

    /// The folder of a library that holds cards of this kind.
    pub fn folder(self) -> &'static str {
        match self {
            CardKind::Disease => "diseases",
            CardKind::Population => "populations",
            CardKind::Sensitivities => "sensitivities",
            CardKind::Drug => "drugs",
            CardKind::Product => "products",
            CardKind::Regimen => "regimens",
            CardKind::Endpoint => "endpoints",
            CardKind::Trial => "trials",
        }
    }

    /// The word for one card of this kind.
    pub fn word(self) -> &'static str {
        match self {
            CardKind::Disease => "disease",
            CardKind::Population => "population",
            CardKind::Sensitivities => "sensitivities",
            CardKind::Drug => "drug",
            CardKind::Product => "product",
            CardKind::Regimen => "regimen",
            CardKind::Endpoint => "endpoint",
            CardKind::Trial => "trial",
        }
    }

    /// The kind of a path: the last folder that names a kind.
    pub fn of_path(path: &str) -> Option<CardKind> {
        let folders: Vec<&str> = path.split(['/', '\\']).collect();
        let above = folders.get(..folders.len().saturating_sub(1))?;
        above.iter().rev().find_map(|folder| CardKind::ALL.into_iter().find(|kind| kind.folder() == *folder))
    }
}

/// A card of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Card {
    /// A disease.
    Disease(Disease),
    /// A population.
    Population(Population),
    /// A card of sensitivities.
    Sensitivities(Sensitivities),
    /// A drug.
    Drug(Box<Drug>),
    /// A product.
    Product(Product),
    /// A regimen.
    Regimen(Regimen),
    /// An endpoint.
    Endpoint(Endpoint),
    /// A trial.
    Trial(Box<TrialFile>),
}

impl Card {
    /// Reads a card of a known kind. Parsing never fails: what is wrong is in the list, what could
    /// be read in the card. A card without id gets the name of its file.
    pub fn read(kind: CardKind, sources: &Sources, id: SourceId) -> (Card, Vec<Diagnostic>) {
        let (mut card, mut problems) = match kind {
            CardKind::Disease => wrap(Disease::read(sources, id), Card::Disease),
            CardKind::Population => wrap(Population::read(sources, id), Card::Population),
            CardKind::Sensitivities => wrap(Sensitivities::read(sources, id), Card::Sensitivities),
            CardKind::Drug => wrap(Drug::read(sources, id), |drug| Card::Drug(Box::new(drug))),
            CardKind::Product => wrap(Product::read(sources, id), Card::Product),
            CardKind::Regimen => wrap(Regimen::read(sources, id), Card::Regimen),
            CardKind::Endpoint => wrap(Endpoint::read(sources, id), Card::Endpoint),
            CardKind::Trial => wrap(TrialFile::read(sources, id), |trial| Card::Trial(Box::new(trial))),
        };
        let stem = file_stem(&sources.get(id).path).to_string();
        problems.extend(name_differs(card.id(), &stem));
        if card.id().is_missing() {
            card.id_mut().text = stem;
        }
        (card, problems)
    }

    /// The kind.
    pub fn kind(&self) -> CardKind {
        match self {
            Card::Disease(_) => CardKind::Disease,
            Card::Population(_) => CardKind::Population,
            Card::Sensitivities(_) => CardKind::Sensitivities,
            Card::Drug(_) => CardKind::Drug,
            Card::Product(_) => CardKind::Product,
            Card::Regimen(_) => CardKind::Regimen,
            Card::Endpoint(_) => CardKind::Endpoint,
            Card::Trial(_) => CardKind::Trial,
        }
    }

    /// The identifier.
    pub fn id(&self) -> &Name {
        match self {
            Card::Disease(card) => &card.id,
            Card::Population(card) => &card.id,
            Card::Sensitivities(card) => &card.id,
            Card::Drug(card) => &card.id,
            Card::Product(card) => &card.id,
            Card::Regimen(card) => &card.id,
            Card::Endpoint(card) => &card.id,
            Card::Trial(card) => &card.id,
        }
    }

    fn id_mut(&mut self) -> &mut Name {
        match self {
            Card::Disease(card) => &mut card.id,
            Card::Population(card) => &mut card.id,
            Card::Sensitivities(card) => &mut card.id,
            Card::Drug(card) => &mut card.id,
            Card::Product(card) => &mut card.id,
            Card::Regimen(card) => &mut card.id,
            Card::Endpoint(card) => &mut card.id,
            Card::Trial(card) => &mut card.id,
        }
    }

    /// The title for people.
    pub fn title(&self) -> &str {
        match self {
            Card::Disease(card) => &card.title,
            Card::Population(card) => &card.title,
            Card::Sensitivities(card) => &card.title,
            Card::Drug(card) => &card.title,
            Card::Product(card) => &card.title,
            Card::Regimen(card) => &card.title,
            Card::Endpoint(card) => &card.title,
            Card::Trial(card) => &card.title,
        }
    }

    /// A few words about it: the summary, an endpoint's definition, a trial's question.
    pub fn summary(&self) -> Option<&str> {
        match self {
            Card::Disease(card) => Some(&card.summary),
            Card::Population(card) => card.summary.as_deref(),
            Card::Sensitivities(card) => card.summary.as_deref(),
            Card::Drug(card) => card.summary.as_deref().or(card.class.as_deref()),
            Card::Product(card) => card.summary.as_deref(),
            Card::Regimen(card) => card.summary.as_deref(),
            Card::Endpoint(card) => Some(&card.definition),
            Card::Trial(card) => card.summary.as_deref().or(Some(&card.question)),
        }
    }
}

fn wrap<T>(read: (T, Vec<Diagnostic>), card: impl FnOnce(T) -> Card) -> (Card, Vec<Diagnostic>) {
    (card(read.0), read.1)
}

fn file_stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn name_differs(id: &Name, stem: &str) -> Option<Diagnostic> {
    let differs = !id.is_missing() && id.text != stem;
    let message = format!("the id `{}` is not the name of the file, `{stem}`", id.text);
    differs.then(|| Diagnostic::warning(codes::FILE_NAME, id.span, message))
}

/// All cards of a library, by id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cards {
    /// Diseases.
    pub diseases: BTreeMap<String, Disease>,
    /// Populations.
    pub populations: BTreeMap<String, Population>,
    /// Cards of sensitivities.
    pub sensitivities: BTreeMap<String, Sensitivities>,
    /// Drugs.
    pub drugs: BTreeMap<String, Drug>,
    /// Products.
    pub products: BTreeMap<String, Product>,
    /// Regimens.
    pub regimens: BTreeMap<String, Regimen>,
    /// Endpoints.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Trials.
    pub trials: BTreeMap<String, TrialFile>,
}

impl Cards {
    /// Adds a card and gives back the card of that kind and id that it replaces.
    pub fn insert(&mut self, card: Card) -> Option<Card> {
        let id = card.id().text.clone();
        match card {
            Card::Disease(card) => self.diseases.insert(id, card).map(Card::Disease),
            Card::Population(card) => self.populations.insert(id, card).map(Card::Population),
            Card::Sensitivities(card) => self.sensitivities.insert(id, card).map(Card::Sensitivities),
            Card::Drug(card) => self.drugs.insert(id, *card).map(|card| Card::Drug(Box::new(card))),
            Card::Product(card) => self.products.insert(id, card).map(Card::Product),
            Card::Regimen(card) => self.regimens.insert(id, card).map(Card::Regimen),
            Card::Endpoint(card) => self.endpoints.insert(id, card).map(Card::Endpoint),
            Card::Trial(card) => self.trials.insert(id, *card).map(|card| Card::Trial(Box::new(card))),
        }
    }

    /// A copy of the card of a kind and id.
    pub fn get(&self, kind: CardKind, id: &str) -> Option<Card> {
        match kind {
            CardKind::Disease => self.diseases.get(id).cloned().map(Card::Disease),
            CardKind::Population => self.populations.get(id).cloned().map(Card::Population),
            CardKind::Sensitivities => self.sensitivities.get(id).cloned().map(Card::Sensitivities),
            CardKind::Drug => self.drugs.get(id).cloned().map(|card| Card::Drug(Box::new(card))),
            CardKind::Product => self.products.get(id).cloned().map(Card::Product),
            CardKind::Regimen => self.regimens.get(id).cloned().map(Card::Regimen),
            CardKind::Endpoint => self.endpoints.get(id).cloned().map(Card::Endpoint),
            CardKind::Trial => self.trials.get(id).cloned().map(|card| Card::Trial(Box::new(card))),
        }
    }

    /// Ids of all cards of a kind, sorted.
    pub fn ids(&self, kind: CardKind) -> Vec<&str> {
        fn keys<T>(map: &BTreeMap<String, T>) -> Vec<&str> {
            map.keys().map(String::as_str).collect()
        }
        match kind {
            CardKind::Disease => keys(&self.diseases),
            CardKind::Population => keys(&self.populations),
            CardKind::Sensitivities => keys(&self.sensitivities),
            CardKind::Drug => keys(&self.drugs),
            CardKind::Product => keys(&self.products),
            CardKind::Regimen => keys(&self.regimens),
            CardKind::Endpoint => keys(&self.endpoints),
            CardKind::Trial => keys(&self.trials),
        }
    }
}

/// The problem that two files of one library have the same kind and id.
pub fn duplicate_card(first: &Card, second: &Card) -> Diagnostic {
    let (kind, id) = (second.kind().word(), second.id());
    let message = format!("there is another {kind} `{}`", id.text);
    Diagnostic::error(codes::DUPLICATE, id.span, message).with_label(first.id().span, "first here")
}

#[cfg(test)]
mod tests;
