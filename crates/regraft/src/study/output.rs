//! The files of a run beside its tables: findings, report, manifest.

use super::{Prepared, Record, RunOptions, Screened};
use crate::findings::Findings;
use crate::library::Library;
use crate::report::{self, data::ReportData};
use crate::run_folder::manifest::{FileHash, Manifest, ManifestArm, STREAM_VERSION};
use crate::run_folder::{RunFolder, WriteError};

/// A finished run, whose tables are written.
#[derive(Debug)]
pub struct Run {
    /// Estimates.
    pub findings: Findings,
    /// What the report shows.
    pub report: ReportData,
    pub(super) manifest: Manifest,
    /// Names of the tables in the folder.
    pub(super) tables: Vec<&'static str>,
}

impl Run {
    /// The findings as one JSON object.
    pub fn findings_json(&self) -> String {
        serde_json::to_string_pretty(&self.findings).expect("findings hold only numbers, texts and lists")
    }

    /// The answer in words, as the report begins with.
    pub fn answer(&self) -> String {
        report::answer_text(&self.report)
    }

    /// Writes the findings, the report and last the manifest into the folder that holds the tables.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(&self, folder: &RunFolder) -> Result<(), WriteError> {
        folder.text("findings.json", &(self.findings_json() + "\n"))?;
        let page = report::render(&self.report).expect("the shipped template renders every report");
        folder.text("report.html", &page)?;
        let names = self.tables.iter().copied().chain(["findings.json", "report.html"]);
        folder.seal(names, self.manifest.clone())
    }
}

/// What the manifest says before the files are written.
pub fn manifest(
    trial: &Prepared,
    inputs: Vec<FileHash>,
    options: &RunOptions,
    screened: &Screened,
    record: &Record,
    simulation_seconds: f64,
) -> Manifest {
    let arm = |(arm, of): (usize, &super::ArmRecord)| ManifestArm {
        id: trial.arm_ids[arm].clone(),
        patients: record.n_patients,
        failed: of.failures.len(),
    };
    Manifest {
        format: 1,
        version: env!("CARGO_PKG_VERSION").to_string(),
        stream_version: STREAM_VERSION,
        trial: trial.id.clone(),
        seed: options.seed,
        patients: options.patients,
        screened: screened.screened,
        posterior: trial.posterior(),
        relative_tolerance: relative_tolerance(options),
        arms: record.arms.iter().enumerate().map(arm).collect(),
        inputs,
        outputs: Vec::new(),
        doubt: None,
        written: String::new(),
        simulation_seconds,
        command: options.command.clone(),
    }
}

/// Relative tolerance of the integration.
pub(crate) fn relative_tolerance(options: &RunOptions) -> f64 {
    super::given::sim_options(regraft_stats::Seed(options.seed), options).relative_tolerance
}

/// Cards, models and evidence that the trial names.
pub(crate) fn inputs(trial: &Prepared, library: &Library) -> Vec<FileHash> {
    let used = used_paths(trial);
    let wanted = |path: &str| {
        path.starts_with("models/") || path.starts_with("evidence/") || used.iter().any(|u| u == path)
    };
    library.hashes(wanted).into_iter().map(|(path, blake3)| FileHash { path, blake3 }).collect()
}

fn used_paths(trial: &Prepared) -> Vec<String> {
    let card = |folder: &str, id: &str| format!("{folder}/{id}.toml");
    let mut used = vec![
        trial.path.clone(),
        card("diseases", &trial.trial.disease.id.text),
        card("populations", &trial.trial.population.id.text),
    ];
    for arm in &trial.trial.arms {
        used.push(card("regimens", &arm.regimen.id.text));
        used.extend(arm.product.as_ref().map(|product| card("products", &product.id.text)));
    }
    used.extend(trial.trial.started.keys().map(|id| card("regimens", id)));
    used.extend(trial.trial.sensitivities.keys().map(|id| card("sensitivities", id)));
    used.extend(trial.trial.drugs.keys().map(|id| card("drugs", id)));
    used.extend(trial.trial.endpoints.keys().map(|id| card("endpoints", id)));
    used
}
