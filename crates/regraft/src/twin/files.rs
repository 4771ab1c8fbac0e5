//! The folder of a twin: the answer, its pages, the twins one by one, the manifest.

use super::beside::Beside;
use super::cases::Lived;
use super::{Question, Twin, page, plain};
use crate::library::Library;
use crate::run_folder::manifest::STREAM_VERSION;
use crate::run_folder::manifest::{Manifest, ManifestArm};
use crate::run_folder::{Column, RunFolder, Table, WriteError};
use crate::study::{inputs, relative_tolerance};

/// An answer with the twins behind it.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub twin: Twin,
    pub(super) lived: Lived,
    pub(super) beside: Beside,
    /// Seconds spent simulating.
    pub(super) seconds: f64,
}

impl Answered {
    /// Writes everything into the folder, the manifest last; the page in plain language if asked for.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(
        &self,
        library: &Library,
        question: &Question,
        with_plain: bool,
        folder: &RunFolder,
    ) -> Result<(), WriteError> {
        write(library, question, self, with_plain, folder)
    }
}

fn write(
    library: &Library,
    question: &Question,
    answered: &Answered,
    with_plain: bool,
    folder: &RunFolder,
) -> Result<(), WriteError> {
    let Answered { twin, lived, beside, seconds } = answered;
    let mut names = vec!["twin.json", "twin.html", "twins.parquet"];
    folder.text("twin.json", &(twin.json() + "\n"))?;
    folder.text("twin.html", &page::page(twin))?;
    folder.table("twins.parquet", &twins(lived))?;
    if with_plain {
        folder.text("plain.html", &plain::page(twin))?;
        names.push("plain.html");
    }
    let doubt = Some(beside.manifest(question));
    let manifest = Manifest { simulation_seconds: *seconds, doubt, ..manifest(library, question, twin) };
    folder.seal(names, manifest)
}

/// The twins: number, what each counts (`weight` is the body's, a trait), traits.
fn twins(lived: &Lived) -> Table {
    let cohort = &lived.cases.cohort;
    let rows = 0..cohort.numbers.len();
    let mut columns = vec![
        ("patient", Column::Whole(cohort.numbers.iter().map(|number| *number as i64).collect())),
        ("counts", Column::Number(lived.likes.weights.clone())),
    ];
    for (place, name) in cohort.names.iter().enumerate() {
        let values = rows.clone().map(|row| cohort.value(row, place)).collect();
        columns.push((name.as_str(), Column::Number(values)));
    }
    Table::new(columns)
}

fn manifest(library: &Library, question: &Question, twin: &Twin) -> Manifest {
    let options = question.options();
    let arm = |regimen: &super::Regimen| ManifestArm {
        id: regimen.id.clone(),
        patients: twin.drawn.twins,
        failed: regimen.failed,
    };
    let files = inputs(&question.trial, library);
    Manifest {
        format: 1,
        version: twin.version.clone(),
        stream_version: STREAM_VERSION,
        trial: format!("twin of {}", twin.disease),
        seed: twin.seed,
        patients: question.asked.patients,
        screened: twin.drawn.candidates,
        relative_tolerance: relative_tolerance(&options),
        arms: twin.regimens.iter().map(arm).collect(),
        inputs: files,
        outputs: Vec::new(),
        doubt: None,
        written: String::new(),
        simulation_seconds: 0.0,
        command: twin.command.clone(),
        posterior: question.trial.posterior(),
    }
}

impl Twin {
    /// The answer as one JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a twin holds only numbers, texts and lists")
    }
}
