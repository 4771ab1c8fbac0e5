//! `regraft model export | drugs`: the text that is written from drug cards.

use std::path::Path;

use anyhow::{Context, Result};
use regraft::library::Library;
use regraft::study;
use regraft_model::{Diagnostic, did_you_mean, nearest};
use regraft_trial::drug::Drug;
use regraft_trial::drugs_model;

use crate::arguments::Libraries;
use crate::exit::Exit;
use crate::output::{answer, tell};
use crate::{problems, words};

/// Writes the files of a trial's model.
pub fn export(trial: &str, out: &Path, libraries: &Libraries) -> Result<Exit> {
    let mut library = Library::open(&libraries.library)?;
    let (texts, found) = study::model_texts(&mut library, trial)?;
    problems::show(&library.sources, &found);
    let Some((root, _)) = texts.first() else { return Ok(Exit::FileErrors) };
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder `{}`", out.display()))?;
    for (name, text) in &texts {
        let path = out.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    answer(&format!("{} in {}; open {root}\n", words::count(texts.len(), "file"), out.display()))?;
    Ok(Exit::Done)
}

/// Prints the drugs module of these drugs.
pub fn drugs(ids: &[String], libraries: &Libraries) -> Result<Exit> {
    let library = Library::open(&libraries.library)?;
    problems::show(&library.sources, &library.diagnostics);
    if library.diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(Exit::FileErrors);
    }
    let known = &library.cards.drugs;
    let mut drugs: Vec<&Drug> = Vec::new();
    for id in ids {
        let Some(drug) = known.get(id) else {
            let near = nearest(id, known.keys().map(String::as_str));
            tell(&format!("error: there is no drug `{id}` in the library{}", did_you_mean(near)));
            return Ok(Exit::Usage);
        };
        if drug.kinetics.is_none() {
            tell(&format!("error: `{id}` has no `[pharmacokinetics]`, so nothing is written from its card"));
            return Ok(Exit::Usage);
        }
        drugs.push(drug);
    }
    drugs.sort_by(|a, b| a.id.text.cmp(&b.id.text));
    drugs.dedup_by(|a, b| a.id.text == b.id.text);
    answer(&drugs_model(drugs, &library.cards.sensitivities, &library.blocks()))?;
    Ok(Exit::Done)
}
