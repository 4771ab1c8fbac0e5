//! Models of the library: read with what they import, the drugs module of a trial written from its cards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regraft_model::{Diagnostic, Model, read_antimony};
use regraft_trial::disease::Disease;
use regraft_trial::drug::Drug;
use regraft_trial::pharmacology::DRUGS_FILE;
use regraft_trial::{Trial, drugs_model, named_blocks};

use super::text::{Text, files, folder_or_here};
use super::{Library, LibraryError};

/// A model, its problems, and its texts by the name under which they are imported.
type ReadModel = (Model, Vec<Diagnostic>, Vec<(String, String)>);

/// What the names of drugs' quantities begin with.
const DRUGS: &str = "drugs.";

/// How messages call the drugs module of a trial.
const WRITTEN_DRUGS: &str = "drugs.ant, written from the cards of the drugs";

impl Library {
    /// Reads the model at `path` inside the library, with what it imports; `None` if there is none.
    pub fn read_model(&mut self, path: &str) -> Option<(Model, Vec<Diagnostic>)> {
        self.read_model_with(path, None).map(|(model, problems, _)| (model, problems))
    }

    /// Reads the model of a disease with the drugs that its card speaks of; `None` if there is none.
    ///
    /// Where they are all in the library's own module of drugs, that is taken.
    pub fn read_disease_model(&mut self, disease: &Disease) -> Option<(Model, Vec<Diagnostic>)> {
        let phases = disease.burn_in.iter().flat_map(|phase| &phase.set);
        let settings = disease.parameters.iter().chain(&disease.initial).chain(phases);
        let named = settings.filter_map(|setting| {
            let (_, name) = setting.target.text.rsplit_once(DRUGS)?;
            self.cards.drugs.get(name.split('.').next()?)
        });
        let named: BTreeMap<&str, &Drug> = named.map(|drug| (drug.id.text.as_str(), drug)).collect();
        let path = &disease.model.text;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let shipped = self.texts.get(&format!("{folder}/{DRUGS_FILE}")).map_or("", |text| &text.text);
        let written = if named.keys().all(|name| shipped.contains(&format!(" {name}:"))) {
            None
        } else {
            Some(drugs_model(named.into_values(), &self.cards.sensitivities, &self.blocks_of(path)))
        };
        self.read_model_with(path, written.as_deref()).map(|(model, problems, _)| (model, problems))
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
}

/// The files that a model text imports: `b.ant` of the line `import "b.ant"`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("import")?.split('"').nth(1))
}
