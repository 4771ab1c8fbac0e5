//! `regraft dossier`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use regraft::dossier::{Artefacts, dossier as write_dossier};
use regraft::study;
use serde_json::Value;

use crate::arguments::Dossier;
use crate::exit::Exit;
use crate::output::answer;
use crate::problems;

/// Writes the credibility dossier of a trial.
pub fn dossier(arguments: &Dossier) -> Result<Exit> {
    let mut library = arguments.uncertain.open(&arguments.libraries)?;
    let (trial, found) = study::prepare(&mut library, &arguments.trial)?;
    problems::show(&library.sources, &found);
    let Some(trial) = trial else { return Ok(Exit::FileErrors) };
    let from = Artefacts {
        scorecard: read(arguments.scorecard.as_deref())?,
        calibration: read(arguments.calibration.as_deref())?,
        tests: read(arguments.tests.as_deref())?,
        influence: arguments.influence.map(Into::into),
        consequence: arguments.consequence.map(Into::into),
    };
    let text = write_dossier(&trial, &library, &from);
    let path = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("dossier-{}.md", trial.id)));
    std::fs::write(&path, &text).with_context(|| format!("cannot write `{}`", path.display()))?;
    answer(&format!("dossier: {}\n", path.display()))?;
    Ok(Exit::Done)
}

/// A file of another command, as JSON.
fn read(path: Option<&Path>) -> Result<Option<Value>> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let value = serde_json::from_str(&text).with_context(|| format!("`{}` is not JSON", path.display()))?;
    Ok(Some(value))
}
