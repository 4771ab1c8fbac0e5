//! `regraft calibrate`.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use regraft::calibration::{self, Calibrated, CalibrationOptions, Lengths};
use regraft::library::Library;
use regraft::study::{RunOptions, StudyError};

use crate::arguments::{Calibrate, TableFormat};
use crate::exit::Exit;
use crate::output::{answer, tell};
use crate::problems;
use crate::progress::Progress;

/// Fits the uncertain parameters, writes the posterior and its page and prints the table or the JSON.
pub fn calibrate(arguments: &Calibrate) -> Result<Exit> {
    let mut library = Library::open(&arguments.libraries.library)?;
    problems::show(&library.sources, &library.diagnostics);
    if library.diagnostics.iter().any(regraft_model::Diagnostic::is_error) {
        return Ok(Exit::FileErrors);
    }
    let progress = Progress::new();
    let found = calibration::calibrate(&mut library, &options(arguments), &arguments.out, &progress);
    progress.finish();
    let found = found.map_err(|error| stopped(error, &arguments.out))?;
    let folder = arguments.out.join("posterior").join(&found.posterior.version);
    found
        .posterior
        .write(&folder, found.provenance.clone())
        .with_context(|| format!("cannot write `{}`", folder.display()))?;
    let page = arguments.out.join("identifiability.md");
    write(&page, &calibration::page(&found))?;
    let json = json(&found)? + "\n";
    write(&arguments.out.join("calibration.json"), &json)?;
    match arguments.format {
        TableFormat::Json => {
            tell(&format!("report: {}", page.display()));
            answer(&json)?;
        }
        TableFormat::Table => {
            answer(&format!(
                "{}\nposterior: {}\nreport: {}\n",
                table(&found),
                folder.display(),
                page.display()
            ))?;
        }
    }
    Ok(Exit::Done)
}

/// A calibration that was stopped says what is kept.
fn stopped(error: StudyError, out: &Path) -> anyhow::Error {
    match error {
        StudyError::Cancelled if out.join("stage-1").exists() => anyhow!(
            "stopped; what is done of the stages is kept in `{}`, and the same command goes on there",
            out.display()
        ),
        error => error.into(),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

fn json(found: &Calibrated) -> Result<String> {
    let value = serde_json::json!({
        "version": found.posterior.version,
        "trial_spread": found.posterior.spread,
        "unseen_trials": found.posterior.unseen,
        "identified": found.identified,
        "left_out": found.left_out,
        "checked": found.checked,
        "recovery": found.recovery,
        "provenance": found.provenance,
    });
    Ok(serde_json::to_string_pretty(&value)?)
}

fn options(arguments: &Calibrate) -> CalibrationOptions {
    let seed = arguments.draws.seed;
    let trials: String = arguments.trials.iter().map(|trial| format!(" {trial}")).collect();
    let command = format!(
        "regraft calibrate{trials} --members {} --patients {} --stages {} --worlds {} --unseen-patients {} --posterior-version {} --seed {seed}{}",
        arguments.members,
        arguments.patients,
        arguments.stages,
        arguments.worlds,
        arguments.unseen_patients(),
        arguments.posterior_version,
        arguments.libraries.typed()
    );
    CalibrationOptions {
        version: arguments.posterior_version.clone(),
        members: usize::from(arguments.members),
        stages: usize::from(arguments.stages),
        lengths: Lengths::default(),
        trials: arguments.trials.clone(),
        worlds: usize::from(arguments.worlds),
        unseen_patients: arguments.unseen_patients() as usize,
        run: RunOptions {
            command,
            ..RunOptions::new(arguments.patients as usize, seed, arguments.draws.threads())
        },
    }
}

/// The parameters of which most was learned, and how the whole went.
fn table(found: &Calibrated) -> String {
    let identified = &found.identified;
    let width = identified.parameters.iter().map(|row| row.title.chars().count()).max().unwrap_or(0);
    let (met, all) = identified.met;
    let mut lines = vec![
        format!(
            "{met} of {all} fitted numbers lie within their 95 % interval at the mean of the posterior\n"
        ),
        format!("{:width$}  {:>6}  {:>5}  {:>9}", "parameter", "mean", "SD", "shrinkage"),
    ];
    let mut rows: Vec<_> = identified.parameters.iter().collect();
    rows.sort_by(|a, b| b.shrinkage.total_cmp(&a.shrinkage));
    for row in rows {
        let shrinkage = 100.0 * row.shrinkage.max(0.0);
        lines.push(format!("{:width$}  {:>6.2}  {:>5.2}  {shrinkage:>7.0} %", row.title, row.mean, row.sd));
    }
    lines.join("\n") + "\n"
}
