//! `regraft dossier`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
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
    let files = [
        read(arguments.scorecard.as_deref(), "/summary/coverage", "scorecard.json of `regraft validate`"),
        read(
            arguments.calibration.as_deref(),
            "/identified/parameters",
            "calibration.json of `regraft calibrate`",
        ),
        read(arguments.tests.as_deref(), "/version", "tests.json of `cargo xtask test`"),
    ];
    let wrong: Vec<String> =
        files.iter().filter_map(|file| file.as_ref().err()).map(|error| format!("{error:#}")).collect();
    if !wrong.is_empty() {
        return Err(anyhow!("{}", wrong.join("\n       ")));
    }
    let [scorecard, calibration, tests] = files.map(|file| file.ok().flatten());
    let from = Artefacts {
        scorecard,
        calibration,
        tests,
        influence: arguments.influence.map(Into::into),
        consequence: arguments.consequence.map(Into::into),
    };
    let text = write_dossier(&trial, &library, &from);
    let path = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("dossier-{}.md", trial.id)));
    std::fs::write(&path, &text).with_context(|| format!("cannot write `{}`", path.display()))?;
    answer(&format!("dossier: {}\n", path.display()))?;
    Ok(Exit::Done)
}

/// A file of another command, as JSON that holds something at `place`.
fn read(path: Option<&Path>, place: &str, what: &str) -> Result<Option<Value>> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let value: Value =
        serde_json::from_str(&text).with_context(|| format!("`{}` is not JSON", path.display()))?;
    if value.pointer(place).is_none() {
        return Err(anyhow!("`{}` is no {what}: it holds no `{}`", path.display(), &place[1..]));
    }
    Ok(Some(value))
}
