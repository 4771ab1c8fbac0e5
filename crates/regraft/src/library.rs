//! The library: cards, models and evidence, embedded in the program or read from folders.
//!
//! Texts are layered: the built-in library first, then each folder given by the user; a later file
//! replaces an earlier one of the same path. Nothing is cached between calls.

mod models;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regraft_model::{Diagnostic, SourceId, Sources};
use regraft_trial::evidence::overlaps;
use regraft_trial::evidence::reconstitution::{self, CourseRow};
use regraft_trial::pack::Pack;
use regraft_trial::vocabulary::Vocabulary;
use regraft_trial::{
    Card, CardKind, Cards, Claim, Directions, Evidence, Scorecard, UncertainParameter, Uncertainty,
    check_blocks, check_drugs, check_sources, check_uncertainty, duplicate_card, reference_keys,
};
use thiserror::Error;

pub(crate) use text::read_bytes;
use text::{
    CLAIMS, DIRECTIONS, REFERENCES, SCORECARDS, Text, UNCERTAINTY, add_text, built_in, read_folder,
    read_posterior,
};

use crate::posterior::{Members, Posterior, PosteriorError, PosteriorUse, SharedMembers};

/// Why a folder or file could not be read.
#[derive(Debug, Error)]
pub enum LibraryError {
    /// A folder given with `--library` is not there.
    #[error("the library folder `{0}` does not exist")]
    NoFolder(PathBuf),
    /// A folder given with `--evidence` is not there.
    #[error("the folder of evidence `{0}` does not exist")]
    NoPack(PathBuf),
    /// A file could not be read.
    #[error("cannot read `{path}`: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is larger than any text of ours.
    #[error("`{0}` is larger than 64 MiB, so it is no card, model or table")]
    TooLarge(PathBuf),
    /// The posterior of the library cannot be used.
    #[error(transparent)]
    Posterior(#[from] PosteriorError),
}

/// The library as read: cards with all problems found in them, models as text, evidence.
#[derive(Debug, Clone)]
pub struct Library {
    texts: BTreeMap<String, Text>,
    /// All texts that a message may point at.
    pub sources: Sources,
    /// The cards.
    pub cards: Cards,
    /// Problems of cards and evidence.
    pub diagnostics: Vec<Diagnostic>,
    /// Measured outcomes of published trials.
    pub evidence: Evidence,
    /// Measured courses of blood and immune cells after a transplant.
    pub reconstitution: Vec<CourseRow>,
    /// Rules that turn the words of published tables into ids of the library.
    pub vocabulary: Vocabulary,
    /// Scorecards by id.
    pub scorecards: BTreeMap<String, Scorecard>,
    /// Claims by id.
    pub claims: BTreeMap<String, Claim>,
    /// Cards of uncertain parameters by id.
    pub uncertainties: BTreeMap<String, Uncertainty>,
    /// Cards of what trials found of age, duration and the like, by id.
    pub directions: BTreeMap<String, Directions>,
    /// Groups of published trials that share patients, each a list of trials.
    pub overlaps: Vec<Vec<String>>,
    /// Draws of these after looking at published outcomes: the last version, by name.
    pub posterior: Option<Posterior>,
    /// The members of it with whom the patients of a trial live; nobody moves anything where there are none.
    pub members: SharedMembers,
    /// Path of the text of each card.
    paths: BTreeMap<(CardKind, String), String>,
}

impl Library {
    /// Reads the built-in library and then `folders`, later ones winning.
    ///
    /// # Errors
    /// [`LibraryError`] if a folder is missing or a file cannot be read. Problems inside files are
    /// [`Library::diagnostics`].
    pub fn open(folders: &[PathBuf]) -> Result<Library, LibraryError> {
        let mut texts = built_in();
        for folder in folders {
            for (path, text) in read_folder(folder)? {
                add_text(&mut texts, path, text);
            }
        }
        let mut library = Library::from_texts(texts);
        library.posterior = read_posterior(folders)?;
        Ok(library)
    }

    /// Chooses with which parameters the patients of trials prepared from now on live.
    pub fn use_posterior(&mut self, choice: PosteriorUse) {
        self.members = self.members_of(choice).map(Arc::new);
    }

    /// Members of the posterior; `None` without one, or where patients live as the cards say.
    pub(crate) fn members_of(&self, choice: PosteriorUse) -> Option<Members> {
        let parameters = self.uncertain_parameters().cloned().collect();
        Members::of(self.posterior.as_ref()?, parameters, choice)
    }

    /// All uncertain parameters, card by card in the order of their ids.
    pub fn uncertain_parameters(&self) -> impl Iterator<Item = &UncertainParameter> {
        self.uncertainties.values().flat_map(|card| &card.parameters)
    }

    fn from_texts(texts: BTreeMap<String, Text>) -> Library {
        let mut library = Library {
            texts,
            sources: Sources::default(),
            cards: Cards::default(),
            diagnostics: Vec::new(),
            evidence: Evidence::default(),
            reconstitution: Vec::new(),
            vocabulary: Vocabulary::default(),
            scorecards: BTreeMap::new(),
            claims: BTreeMap::new(),
            uncertainties: BTreeMap::new(),
            directions: BTreeMap::new(),
            overlaps: Vec::new(),
            posterior: None,
            members: None,
            paths: BTreeMap::new(),
        };
        for kind in CardKind::ALL {
            for path in library.toml_in(kind.folder()) {
                let source = library.add_source(&path);
                library.read_card(kind, source, &path, true);
            }
        }
        library.read_evidence();
        library.read_scorecards();
        library.read_claims();
        library.read_uncertainties();
        library.read_directions();
        let unknown = library.unknown_sources();
        library.diagnostics.extend(unknown);
        library.diagnostics.extend(library.drug_problems());
        library
    }

    fn add_source(&mut self, path: &str) -> SourceId {
        let Text { shown, text, .. } = &self.texts[path];
        self.sources.add(shown.clone(), text.clone())
    }

    /// Adds a text of the user; gives the path under which it is kept.
    fn add_text(&mut self, path: &Path) -> Result<String, LibraryError> {
        let shown = path.display().to_string();
        self.texts.insert(shown.clone(), Text::read(path, shown.clone())?);
        Ok(shown)
    }

    /// Keeps the problems of a text, or that it is not UTF-8 in place of all of them.
    fn keep(&mut self, path: &str, source: SourceId, problems: Vec<Diagnostic>) {
        match self.texts[path].not_utf8(source) {
            Some(problem) => self.diagnostics.push(problem),
            None => self.diagnostics.extend(problems),
        }
    }

    /// Reads one card into `cards` and gives its id. Where it is to be the only one, another is a problem.
    fn read_card(&mut self, kind: CardKind, source: SourceId, path: &str, only: bool) -> String {
        let (card, problems) = Card::read(kind, &self.sources, source);
        self.keep(path, source, problems);
        let id = card.id().text.clone();
        let earlier = self.cards.insert(card);
        if let (Some(first), Some(second)) = (earlier.filter(|_| only), self.cards.get(kind, &id)) {
            self.diagnostics.push(duplicate_card(&first, &second));
        }
        self.paths.insert((kind, id.clone()), path.to_string());
        id
    }

    /// Adds a file of the user to the library, where it replaces a card of its id; gives that id.
    ///
    /// # Errors
    /// [`LibraryError::Io`] if it cannot be read.
    pub fn add_file(&mut self, kind: CardKind, path: &Path) -> Result<String, LibraryError> {
        let shown = self.add_text(path)?;
        let source = self.add_source(&shown);
        let id = self.read_card(kind, source, &shown, false);
        let mut unknown = self.unknown_sources();
        unknown.extend(self.drug_problems());
        self.keep_those_in(source, unknown);
        Ok(id)
    }

    fn read_evidence(&mut self) {
        let text = |name: &str| text_of(&self.texts, name);
        let (arms, outcomes) = (text("arms.csv"), text("outcomes.csv"));
        let (courses, shared) = (text("reconstitution.csv"), text("overlaps.csv"));
        let arms = self.sources.add("evidence/arms.csv", arms);
        let outcomes = self.sources.add("evidence/outcomes.csv", outcomes);
        let (evidence, problems) = Evidence::read(&self.sources, arms, outcomes);
        self.evidence = evidence;
        self.diagnostics.extend(problems);
        let courses = self.sources.add("evidence/reconstitution.csv", courses);
        let (rows, problems) = reconstitution::read(&self.sources, courses);
        self.reconstitution = rows;
        self.diagnostics.extend(problems);
        let shared = self.sources.add("evidence/overlaps.csv", shared);
        let (groups, problems) = overlaps::read(&self.sources, shared);
        self.overlaps = groups;
        self.diagnostics.extend(problems);
        let rules = self.sources.add("evidence/vocabulary.csv", text_of(&self.texts, "vocabulary.csv"));
        let (vocabulary, problems) = Vocabulary::read(&self.sources, rules);
        self.vocabulary = vocabulary;
        self.diagnostics.extend(problems);
        let tables = [
            ("arms.csv", arms),
            ("outcomes.csv", outcomes),
            ("reconstitution.csv", courses),
            ("overlaps.csv", shared),
            ("vocabulary.csv", rules),
        ];
        for (name, source) in tables {
            let text = self.texts.get(&format!("evidence/{name}"));
            self.diagnostics.extend(text.and_then(|text| text.not_utf8(source)));
        }
    }

    /// Reads the two tables of a pack: those of a folder of the user, else those of the library, with all words.
    ///
    /// Problems are in the list; the other rows are kept.
    ///
    /// # Errors
    /// [`LibraryError`] if the folder or a table in it cannot be read.
    pub fn read_pack(&mut self, folder: Option<&Path>) -> Result<(Pack, Vec<Diagnostic>), LibraryError> {
        let mut problems = Vec::new();
        let mut sources = Vec::new();
        for name in ["arms.csv", "outcomes.csv"] {
            let text = match folder {
                Some(folder) if !folder.is_dir() => return Err(LibraryError::NoPack(folder.to_path_buf())),
                Some(folder) => Text::read(&folder.join(name), folder.join(name).display().to_string())?,
                None => match self.texts.get(&format!("evidence/{name}")) {
                    Some(text) => text.clone(),
                    None => Text { shown: name.to_string(), text: String::new(), broken_at: None },
                },
            };
            let source = self.sources.add(text.shown.clone(), text.text.clone());
            problems.extend(text.not_utf8(source));
            sources.push(source);
        }
        if problems.is_empty() {
            let (pack, found) = Pack::read(&self.sources, sources[0], sources[1]);
            return Ok((pack, found));
        }
        Ok((Pack::default(), problems))
    }

    fn read_scorecards(&mut self) {
        for path in self.toml_in(SCORECARDS) {
            self.read_scorecard(&path);
        }
    }

    fn read_claims(&mut self) {
        for path in self.toml_in(CLAIMS) {
            self.read_claim(&path);
        }
    }

    fn read_uncertainties(&mut self) {
        for path in self.toml_in(UNCERTAINTY) {
            self.read_uncertainty(&path);
        }
        let problems = self.uncertainty_problems();
        self.diagnostics.extend(problems);
    }

    fn read_uncertainty(&mut self, path: &str) -> SourceId {
        let source = self.add_source(path);
        let (card, problems) = Uncertainty::read(&self.sources, source);
        self.keep(path, source, problems);
        self.uncertainties.insert(card.id.text.clone(), card);
        source
    }

    /// Problems of the uncertain parameters with each other and with the cards.
    fn uncertainty_problems(&self) -> Vec<Diagnostic> {
        let given = [CardKind::Drug, CardKind::Product].into_iter().flat_map(|kind| self.cards.ids(kind));
        let given: Vec<String> = given.map(str::to_string).collect();
        check_uncertainty(self.uncertainties.values(), &self.disease_ids(), &given)
    }

    /// Adds uncertain parameters of the user, where they replace the card of their id.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn add_uncertainty(&mut self, path: &Path) -> Result<(), LibraryError> {
        let shown = self.add_text(path)?;
        let source = self.read_uncertainty(&shown);
        let mut problems = self.uncertainty_problems();
        problems.extend(self.unknown_sources());
        self.keep_those_in(source, problems);
        Ok(())
    }

    fn read_directions(&mut self) {
        for path in self.toml_in(DIRECTIONS) {
            self.read_direction(&path);
        }
        let problems = self.direction_problems();
        self.diagnostics.extend(problems);
    }

    fn read_direction(&mut self, path: &str) -> SourceId {
        let source = self.add_source(path);
        let (card, problems) = Directions::read(&self.sources, source);
        self.keep(path, source, problems);
        self.directions.insert(card.id.text.clone(), card);
        source
    }

    /// Problems of the published directions with the evidence and the diseases.
    fn direction_problems(&self) -> Vec<Diagnostic> {
        let diseases = self.disease_ids();
        self.directions.values().flat_map(|card| card.check(&self.evidence, &diseases)).collect()
    }

    /// Adds published directions of the user, where they replace the card of their id.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn add_directions(&mut self, path: &Path) -> Result<(), LibraryError> {
        let shown = self.add_text(path)?;
        let source = self.read_direction(&shown);
        let problems = self.direction_problems();
        self.keep_those_in(source, problems);
        Ok(())
    }

    fn disease_ids(&self) -> Vec<String> {
        self.cards.ids(CardKind::Disease).into_iter().map(str::to_string).collect()
    }

    /// Keeps those of the problems that lie in one text.
    fn keep_those_in(&mut self, source: SourceId, problems: Vec<Diagnostic>) {
        self.diagnostics
            .extend(problems.into_iter().filter(|problem| problem.labels[0].span.source == source));
    }

    fn read_claim(&mut self, path: &str) -> String {
        let source = self.add_source(path);
        let (claim, problems) = Claim::read(&self.sources, source);
        self.keep(path, source, problems);
        let id = claim.id.text.clone();
        self.claims.insert(id.clone(), claim);
        id
    }

    /// Adds a claim of the user, where it replaces the one of its id; gives that id.
    ///
    /// # Errors
    /// [`LibraryError::Io`] if it cannot be read.
    pub fn add_claim(&mut self, path: &Path) -> Result<String, LibraryError> {
        let shown = self.add_text(path)?;
        let id = self.read_claim(&shown);
        let source = self.claims[&id].id.span.source;
        let unknown = self.unknown_sources();
        self.keep_those_in(source, unknown);
        Ok(id)
    }

    /// Paths of the TOML files of a folder.
    fn toml_in(&self, folder: &str) -> Vec<String> {
        let folder = format!("{folder}/");
        self.texts.keys().filter(|p| p.starts_with(&folder) && p.ends_with(".toml")).cloned().collect()
    }

    fn read_scorecard(&mut self, path: &str) -> String {
        let source = self.add_source(path);
        let (card, problems) = Scorecard::read(&self.sources, source);
        self.keep(path, source, problems);
        let id = card.id.text.clone();
        self.scorecards.insert(id.clone(), card);
        id
    }

    /// Adds a scorecard of the user, where it replaces the one of its id; gives that id.
    ///
    /// # Errors
    /// [`LibraryError::Io`] if it cannot be read.
    pub fn add_scorecard(&mut self, path: &Path) -> Result<String, LibraryError> {
        let shown = self.add_text(path)?;
        Ok(self.read_scorecard(&shown))
    }

    /// Sources that the cards name and that are neither in the references nor in the evidence.
    fn unknown_sources(&self) -> Vec<Diagnostic> {
        let references = self.texts.get(REFERENCES).map(|text| text.text.as_str()).unwrap_or_default();
        let (claims, uncertain) = (self.claims.values(), self.uncertainties.values());
        check_sources(&self.cards, claims, uncertain, &reference_keys(references), &self.evidence)
    }

    /// Problems of drugs with cards of sensitivities and with models.
    fn drug_problems(&self) -> Vec<Diagnostic> {
        let read = self.blocks();
        let mut problems = check_drugs(&self.cards);
        problems.extend(check_blocks(self.cards.drugs.values(), &read));
        problems
    }

    /// Path of a card's text inside the library, or of the user's file.
    pub fn path_of(&self, kind: CardKind, id: &str) -> Option<&str> {
        self.paths.get(&(kind, id.to_string())).map(String::as_str)
    }

    /// BLAKE3 hashes of texts, by path: what a run was made from.
    pub fn hashes(&self, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let of = |text: &Text| blake3::hash(text.text.as_bytes()).to_hex().to_string();
        self.texts.iter().filter(|(p, _)| wanted(p)).map(|(p, t)| (p.clone(), of(t))).collect()
    }
}

/// The text of a table of the evidence; empty where there is none.
fn text_of(texts: &BTreeMap<String, Text>, name: &str) -> String {
    texts.get(&format!("evidence/{name}")).map(|text| text.text.clone()).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests;
