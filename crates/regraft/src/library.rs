//! The library: cards, models and evidence, embedded in the program or read from folders.
//!
//! Texts are layered: the built-in library first, then each folder given by the user; a later file
//! replaces an earlier one of the same path. Nothing is cached between calls.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regraft_model::{Diagnostic, Model, SourceId, Sources, Span, read_antimony};
use regraft_trial::evidence::overlaps;
use regraft_trial::evidence::reconstitution::{self, CourseRow};
use regraft_trial::pack::Pack;
use regraft_trial::pharmacology::DRUGS_FILE;
use regraft_trial::vocabulary::Vocabulary;
use regraft_trial::{
    Card, CardKind, Cards, Claim, Directions, Evidence, Scorecard, Trial, UncertainParameter, Uncertainty,
    check_blocks, check_drugs, check_sources, check_uncertainty, duplicate_card, named_blocks,
    reference_keys,
};
use rust_embed::RustEmbed;
use thiserror::Error;

use crate::posterior::{Members, Posterior, PosteriorError, PosteriorUse, SharedMembers};

#[derive(RustEmbed)]
#[folder = "../../library/"]
struct BuiltInLibrary;

#[derive(RustEmbed)]
#[folder = "../../evidence/"]
struct BuiltInEvidence;

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

/// Texts by path inside the library (`drugs/atg.toml`, `models/marrow.ant`).
#[derive(Debug, Clone)]
struct Text {
    /// Path for people: inside the library, or of the user's file.
    shown: String,
    text: String,
    /// First byte that is not UTF-8, if there is one; `text` then holds replacement characters.
    broken_at: Option<usize>,
}

impl Text {
    /// Reads a file; a byte order mark is left out.
    fn read(path: &Path, shown: String) -> Result<Text, LibraryError> {
        let bytes = read_bytes(path)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let broken_at = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
        Ok(Text { shown, text: String::from_utf8_lossy(bytes).into_owned(), broken_at })
    }

    /// The problem that the text is not UTF-8, in place of everything that follows from it.
    fn not_utf8(&self, source: SourceId) -> Option<Diagnostic> {
        let at = self.broken_at?;
        let code = if self.shown.ends_with(".ant") { "M001" } else { "T001" };
        let problem = Diagnostic::error(code, Span::new(source, at, at), "not UTF-8 text");
        Some(problem.with_help("save the file as UTF-8"))
    }
}

/// A model, its problems, and its texts by the name under which they are imported.
type ReadModel = (Model, Vec<Diagnostic>, Vec<(String, String)>);

/// How messages call the drugs module of a trial.
const WRITTEN_DRUGS: &str = "drugs.ant, written from the cards of the drugs";

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
        self.diagnostics
            .extend(unknown.into_iter().filter(|problem| problem.labels[0].span.source == source));
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
            let source = self.add_source(&path);
            let (card, problems) = Uncertainty::read(&self.sources, source);
            self.keep(&path, source, problems);
            self.uncertainties.insert(card.id.text.clone(), card);
        }
        let diseases = self.cards.ids(CardKind::Disease);
        let diseases: Vec<String> = diseases.into_iter().map(str::to_string).collect();
        let given = [CardKind::Drug, CardKind::Product].into_iter().flat_map(|kind| self.cards.ids(kind));
        let given: Vec<String> = given.map(str::to_string).collect();
        self.diagnostics.extend(check_uncertainty(self.uncertainties.values(), &diseases, &given));
    }

    fn read_directions(&mut self) {
        for path in self.toml_in(DIRECTIONS) {
            let source = self.add_source(&path);
            let (card, problems) = Directions::read(&self.sources, source);
            self.keep(&path, source, problems);
            self.directions.insert(card.id.text.clone(), card);
        }
        let diseases = self.cards.ids(CardKind::Disease);
        let diseases: Vec<String> = diseases.into_iter().map(str::to_string).collect();
        let problems = self.directions.values().flat_map(|card| card.check(&self.evidence, &diseases));
        let problems: Vec<Diagnostic> = problems.collect();
        self.diagnostics.extend(problems);
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
        self.diagnostics
            .extend(unknown.into_iter().filter(|problem| problem.labels[0].span.source == source));
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

    /// Reads the model at `path` inside the library, with what it imports; `None` if there is none.
    pub fn read_model(&mut self, path: &str) -> Option<(Model, Vec<Diagnostic>)> {
        self.read_model_with(path, None).map(|(model, problems, _)| (model, problems))
    }

    /// Reads the model of a trial: the disease's, with the drugs module written from the trial's drug cards.
    pub fn read_trial_model(&mut self, trial: &Trial) -> Option<(Model, Vec<Diagnostic>)> {
        let blocks = self.blocks_of(&trial.disease.model.text);
        let drugs = trial.drugs_model(&blocks);
        let read = self.read_model_with(&trial.disease.model.text, Some(&drugs));
        let (model, mut problems, _) = read?;
        problems.extend(trial.idle_drugs(&blocks));
        Some((model, problems))
    }

    /// Names of the drugs' blocks that the model at this path reads, with all that it imports.
    pub fn blocks_of(&self, path: &str) -> BTreeSet<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (mut seen, mut open) = (BTreeSet::new(), vec![path.to_string()]);
        let mut blocks = BTreeSet::new();
        while let Some(path) = open.pop() {
            let Some(text) = self.texts.get(&path).filter(|_| seen.insert(path.clone())) else { continue };
            blocks.extend(named_blocks(&text.text));
            open.extend(imports(&text.text).map(|import| format!("{folder}/{import}")));
        }
        blocks
    }

    /// Names of the drugs' blocks that any model of the library reads.
    pub fn blocks(&self) -> BTreeSet<String> {
        let models = self.texts.iter().filter(|(path, _)| path.ends_with(".ant"));
        models.flat_map(|(_, text)| named_blocks(&text.text)).collect()
    }

    /// Problems of drugs with cards of sensitivities and with models.
    fn drug_problems(&self) -> Vec<Diagnostic> {
        let read = self.blocks();
        let mut problems = check_drugs(&self.cards);
        problems.extend(check_blocks(self.cards.drugs.values(), &read));
        problems
    }

    /// The texts of a trial's model, the disease's first, each with the name by which the others import it.
    pub fn trial_model_texts(&mut self, trial: &Trial) -> Option<Vec<(String, String)>> {
        let drugs = trial.drugs_model(&self.blocks_of(&trial.disease.model.text));
        self.read_model_with(&trial.disease.model.text, Some(&drugs)).map(|(_, _, texts)| texts)
    }

    fn read_model_with(&mut self, path: &str, drugs: Option<&str>) -> Option<ReadModel> {
        let root = self.texts.get(path)?.clone();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut read = vec![(name.to_string(), root.text.clone())];
        let id = self.sources.add(root.shown, root.text);
        let texts = &self.texts;
        let mut load = |import: &str, _importing: &str| {
            let (shown, text) = match drugs.filter(|_| import == DRUGS_FILE) {
                Some(drugs) => (WRITTEN_DRUGS.to_string(), drugs.to_string()),
                None => {
                    let text = texts.get(&format!("{folder}/{import}"))?;
                    (text.shown.clone(), text.text.clone())
                }
            };
            read.push((import.to_string(), text.clone()));
            Some((shown, text))
        };
        let (model, mut problems) = read_antimony(&mut self.sources, id, &mut load);
        for (source, read) in self.sources.iter().filter(|(source, _)| *source >= id) {
            let text = texts.values().find(|text| text.shown == read.path);
            if let Some(problem) = text.and_then(|text| text.not_utf8(source)) {
                problems.retain(|other| other.labels[0].span.source != source);
                problems.push(problem);
            }
        }
        Some((model, problems, read))
    }

    /// Adds a model file of the user; it is read with [`Library::read_model`] under the path given back.
    /// What it imports is looked for beside it.
    ///
    /// # Errors
    /// [`LibraryError::Io`] if it cannot be read.
    pub fn add_model(&mut self, path: &Path) -> Result<String, LibraryError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in
            files(folder_or_here(folder))?.into_iter().filter(|f| f.extension().is_some_and(|e| e == "ant"))
        {
            let shown = folder.join(file.file_name().unwrap_or_default()).display().to_string();
            self.texts.insert(shown.clone(), Text::read(&file, shown)?);
        }
        self.add_text(path)
    }

    /// Paths of the library's models.
    pub fn model_paths(&self) -> Vec<String> {
        self.texts.keys().filter(|path| path.starts_with("models/")).cloned().collect()
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

/// The files that a model text imports: `b.ant` of the line `import "b.ant"`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("import")?.split('"').nth(1))
}

/// Folder of the claims.
const CLAIMS: &str = "claims";

/// Folder of what trials found of age, duration and the like.
const DIRECTIONS: &str = "directions";

/// Folder of the uncertain parameters.
const UNCERTAINTY: &str = "uncertainty";

/// Folder of the posteriors, a folder each.
const POSTERIOR: &str = "posterior";

/// Folder of the scorecards.
const SCORECARDS: &str = "scorecards";

/// The bibliography: folders of the user add to it, they do not replace it.
const REFERENCES: &str = "evidence/references.bib";

/// Puts a text in its place; a later one replaces an earlier one, except that references are added up.
fn add_text(texts: &mut BTreeMap<String, Text>, path: String, mut text: Text) {
    if let Some(earlier) = texts.get(&path).filter(|_| path == REFERENCES) {
        text.text = format!("{}\n{}", earlier.text, text.text);
    }
    texts.insert(path, text);
}

fn built_in() -> BTreeMap<String, Text> {
    let mut texts = BTreeMap::new();
    let mut add = |path: String, data: &[u8]| {
        let text = String::from_utf8_lossy(data).into_owned();
        texts.insert(path.clone(), Text { shown: path_in_library(&path), text, broken_at: None });
    };
    for path in BuiltInLibrary::iter().filter(|path| !path.starts_with(POSTERIOR)) {
        let file = BuiltInLibrary::get(&path).expect("the list names embedded files");
        add(path.to_string(), &file.data);
    }
    for path in BuiltInEvidence::iter() {
        let file = BuiltInEvidence::get(&path).expect("the list names embedded files");
        add(format!("evidence/{path}"), &file.data);
    }
    texts
}

/// `library/drugs/atg.toml`; evidence keeps its own folder.
fn path_in_library(path: &str) -> String {
    if path.starts_with("evidence/") { path.to_string() } else { format!("library/{path}") }
}

/// The last version of the posterior by name: of the last folder of the user that has one, else the built-in one.
fn read_posterior(folders: &[PathBuf]) -> Result<Option<Posterior>, LibraryError> {
    for folder in folders.iter().rev() {
        let Ok(entries) = std::fs::read_dir(folder.join(POSTERIOR)) else { continue };
        let mut versions: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        versions.retain(|version| version.join(DRAWS).is_file());
        versions.sort();
        if let Some(last) = versions.last() {
            let name = last.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let draws = read_bytes(&last.join(DRAWS))?;
            let about = String::from_utf8_lossy(&read_bytes(&last.join(ABOUT))?).into_owned();
            return Ok(Some(Posterior::read(&name, draws, &about)?));
        }
    }
    let built_in: BTreeSet<String> = BuiltInLibrary::iter().map(|path| path.to_string()).collect();
    let versions = built_in.iter().filter_map(|path| path.strip_prefix("posterior/")?.strip_suffix(DRAWS));
    let Some(version) = versions.max().map(|version| version.trim_end_matches('/').to_string()) else {
        return Ok(None);
    };
    let file = |name: &str| {
        let file = BuiltInLibrary::get(&format!("{POSTERIOR}/{version}/{name}"));
        file.map(|file| file.data.into_owned()).unwrap_or_default()
    };
    let about = String::from_utf8_lossy(&file(ABOUT)).into_owned();
    Ok(Some(Posterior::read(&version, file(DRAWS), &about)?))
}

/// Files of a version of the posterior.
const DRAWS: &str = "draws.parquet";
const ABOUT: &str = "posterior.json";

/// Most bytes of one file.
const LARGEST: u64 = 64 << 20;

/// The bytes of a file, pipe or device, [`LARGEST`] at most.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, LibraryError> {
    let failed = |source| LibraryError::Io { path: path.to_path_buf(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(LibraryError::TooLarge(path.to_path_buf()));
    }
    Ok(bytes)
}

/// Cards and models of a folder laid out as the library; other files are not looked at.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, Text>, LibraryError> {
    if !folder.is_dir() {
        return Err(LibraryError::NoFolder(folder.to_path_buf()));
    }
    let mut texts = BTreeMap::new();
    for part in CardKind::ALL.iter().map(|kind| kind.folder()).chain([
        "models",
        "evidence",
        SCORECARDS,
        CLAIMS,
        UNCERTAINTY,
    ]) {
        for file in files(&folder.join(part))? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = Text::read(&file, file.display().to_string())?;
            texts.insert(format!("{part}/{name}"), text);
        }
    }
    Ok(texts)
}

/// Files of a folder, sorted; none if it does not exist.
fn files(folder: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| LibraryError::Io { path: folder.to_path_buf(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let known = path.extension().is_some_and(|e| e == "toml" || e == "ant" || e == "csv" || e == "bib");
        if path.is_file() && known {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn folder_or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

#[cfg(test)]
mod tests;
