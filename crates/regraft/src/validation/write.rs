//! The folder of a comparison: the page, the rows, the courses, and last the manifest.

use std::fmt::Write;

use super::Validation;
use super::page::page;
use super::plan::Prepared;
use crate::run_folder::manifest::{FileHash, Manifest, ManifestArm, STREAM_VERSION};
use crate::run_folder::{RunFolder, WriteError};

impl Validation {
    /// The rows as one JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a comparison holds only numbers, texts and lists")
    }

    /// The courses as comma-separated text.
    fn courses_csv(&self) -> String {
        let mut text = String::from("simulation,quantity,unit,day,p10,p50,p90\n");
        for course in &self.courses {
            for (day, [low, middle, high]) in course.days.iter().zip(&course.quantiles) {
                let (who, what, unit) = (&course.simulation, &course.quantity, &course.unit);
                let _ = writeln!(text, "{who},{what},{unit},{day},{low},{middle},{high}");
            }
        }
        text
    }
}

/// Writes `index.html`, `validation.json`, `courses.csv` and last `manifest.json`.
///
/// # Errors
/// [`WriteError`].
pub fn write(found: &Validation, prepared: &Prepared, folder: &RunFolder) -> Result<(), WriteError> {
    folder.text("index.html", &page(found))?;
    folder.text("validation.json", &(found.json() + "\n"))?;
    folder.text("courses.csv", &found.courses_csv())?;
    let arms = found.simulations.iter().map(|one| ManifestArm {
        id: one.id.clone(),
        patients: found.patients,
        failed: one.failed,
    });
    let inputs = prepared.inputs.iter().cloned().map(|(path, blake3)| FileHash { path, blake3 });
    let manifest = Manifest {
        format: 1,
        version: found.version.clone(),
        stream_version: STREAM_VERSION,
        trial: format!("validate {}", found.scorecard),
        seed: found.seed,
        patients: found.patients,
        screened: found.run.screened,
        posterior: prepared.posterior(),
        relative_tolerance: found.run.relative_tolerance,
        arms: arms.collect(),
        inputs: inputs.collect(),
        outputs: Vec::new(),
        doubt: None,
        written: String::new(),
        simulation_seconds: found.run.seconds,
        command: found.run.command.clone(),
    };
    folder.seal(["index.html", "validation.json", "courses.csv"], manifest)
}
