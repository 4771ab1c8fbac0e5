//! The folder of a design: page, answer, curve, and last the manifest.

use std::fmt::Write;

use super::answer::{Answer, AtSize};
use super::page::page;
use super::pool::Pool;
use crate::library::Library;
use crate::run_folder::manifest::STREAM_VERSION;
use crate::run_folder::manifest::{Manifest, ManifestArm};
use crate::run_folder::{Column, RunFolder, Table, WriteError};
use crate::study::{Prepared, RunOptions, inputs, relative_tolerance};

impl Answer {
    /// The answer as one JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("an answer holds only numbers, texts and lists")
    }

    /// The curve as comma-separated text.
    fn curve_csv(&self) -> String {
        let mut text = String::from(
            "n_per_arm,power,mc_error,mc_error_trials,mc_error_pool,in_favor,formula,assurance,assurance_low,assurance_high,duration_days,information,patients_at_end\n",
        );
        for at in &self.curve {
            let or_empty = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
            let formula = or_empty(at.formula);
            let [mean, low, high] = [at.assurance, at.assurance_low, at.assurance_high].map(or_empty);
            let _ = writeln!(
                text,
                "{},{},{},{},{},{},{formula},{mean},{low},{high},{},{},{}",
                at.n_per_arm,
                at.power,
                at.mc_error,
                at.mc_error_trials,
                at.mc_error_pool,
                at.in_favor,
                at.duration_days,
                at.information,
                at.patients_at_end
            );
        }
        text
    }

    fn curve_table(&self) -> Table {
        let number = |of: fn(&AtSize) -> f64| Column::Number(self.curve.iter().map(of).collect());
        Table::new(vec![
            ("n_per_arm", Column::Whole(self.curve.iter().map(|at| at.n_per_arm as i64).collect())),
            ("power", number(|at| at.power)),
            ("mc_error", number(|at| at.mc_error)),
            ("mc_error_trials", number(|at| at.mc_error_trials)),
            ("mc_error_pool", number(|at| at.mc_error_pool)),
            ("in_favor", number(|at| at.in_favor)),
            ("formula", number(|at| at.formula.unwrap_or(f64::NAN))),
            ("assurance", number(|at| at.assurance.unwrap_or(f64::NAN))),
            ("assurance_low", number(|at| at.assurance_low.unwrap_or(f64::NAN))),
            ("assurance_high", number(|at| at.assurance_high.unwrap_or(f64::NAN))),
            ("duration_days", number(|at| at.duration_days)),
            ("information", number(|at| at.information)),
            ("patients_at_end", number(|at| at.patients_at_end)),
        ])
    }
}

/// Writes `design.html`, `design.json`, `curve.csv`, `curve.parquet` and last `manifest.json`.
///
/// # Errors
/// [`WriteError`].
pub fn write(
    found: &Answer,
    trial: &Prepared,
    pool: &Pool,
    library: &Library,
    options: &RunOptions,
    seconds: f64,
    folder: &RunFolder,
) -> Result<(), WriteError> {
    folder.text("design.html", &page(found, &options.command))?;
    folder.text("design.json", &(found.json() + "\n"))?;
    folder.text("curve.csv", &found.curve_csv())?;
    folder.table("curve.parquet", &found.curve_table())?;
    let arm = |id: &String| ManifestArm { id: id.clone(), patients: pool.n(), failed: pool.failed };
    let manifest = Manifest {
        format: 1,
        version: found.version.clone(),
        stream_version: STREAM_VERSION,
        trial: format!("design {}", trial.id),
        seed: found.seed,
        patients: options.patients,
        screened: pool.screened,
        posterior: found.posterior.clone(),
        relative_tolerance: relative_tolerance(options),
        arms: [&found.treated, &found.control].into_iter().map(arm).collect(),
        inputs: inputs(trial, library),
        outputs: Vec::new(),
        doubt: None,
        written: String::new(),
        simulation_seconds: seconds,
        command: options.command.clone(),
    };
    folder.seal(["design.html", "design.json", "curve.csv", "curve.parquet"], manifest)
}
