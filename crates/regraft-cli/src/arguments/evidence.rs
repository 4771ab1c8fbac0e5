//! What holds simulation and published numbers against each other.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Draws, Libraries, TableFormat, Uncertain, Usual, examples};

/// `regraft calibrate`
#[derive(Debug, Args)]
#[command(after_help = examples::CALIBRATE)]
pub struct Calibrate {
    /// Ids of trials in the library whose published numbers are fitted [default: all]
    pub trials: Vec<String>,
    /// Sets of parameters in each stage, and in the check at the end
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(24..=4096))]
    pub members: u16,
    /// Size of each cohort; its patients are dealt to the members
    #[arg(long, value_name = "N", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(50..=4096))]
    pub patients: u64,
    /// Stages, each around what the one before left
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub stages: u8,
    /// Worlds of known parameters in which the fit is tried
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub worlds: u16,
    /// Patients of each cohort in which published trials that nothing was fitted to are predicted, to see how far new trials may lie; 0 leaves it out [default: 400; where trials are named: 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub unseen_patients: Option<u64>,
    /// Version of the posterior, the name of its folder; of several in a library the last by name is used
    #[arg(long, value_name = "NAME", default_value = "mine", value_parser = folder_name)]
    pub posterior_version: String,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// Form of the answer on stdout: a table for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub format: TableFormat,
    /// Folder for the stages, the posterior and the page; a calibration that was stopped goes on there
    #[arg(long, value_name = "DIR", default_value = "calibration")]
    pub out: PathBuf,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// A name that is one folder, wherever it is put: letters, digits, dots, hyphens and underscores, no dot in front.
fn folder_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if text.is_empty() || text.starts_with('.') || !text.chars().all(fits) {
        return Err("must be letters, digits, `.`, `-` and `_`, with no dot in front".to_string());
    }
    Ok(text.to_string())
}

impl Calibrate {
    /// Patients in whom trials that nothing was fitted to are predicted.
    pub fn unseen_patients(&self) -> u64 {
        self.unseen_patients.unwrap_or(if self.trials.is_empty() { 400 } else { 0 })
    }
}

/// Low, medium or high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Degree {
    /// Little.
    #[value(help = None)]
    Low,
    /// Something.
    #[value(help = None)]
    Medium,
    /// Much.
    #[value(help = None)]
    High,
}

impl From<Degree> for regraft::dossier::Degree {
    fn from(degree: Degree) -> Self {
        match degree {
            Degree::Low => Self::Low,
            Degree::Medium => Self::Medium,
            Degree::High => Self::High,
        }
    }
}

/// `regraft dossier`
#[derive(Debug, Args)]
#[command(after_help = examples::DOSSIER)]
pub struct Dossier {
    /// Id of a trial in the library (`regraft library list trials`), or path of a trial file
    pub trial: String,
    /// The file scorecard.json that `regraft validate` wrote
    #[arg(long, value_name = "FILE")]
    pub scorecard: Option<PathBuf>,
    /// The file calibration.json that `regraft calibrate` wrote
    #[arg(long, value_name = "FILE")]
    pub calibration: Option<PathBuf>,
    /// The file target/tests.json that `cargo xtask test` wrote
    #[arg(long, value_name = "FILE")]
    pub tests: Option<PathBuf>,
    /// How much the decision leans on the model
    #[arg(long, value_name = "DEGREE", value_enum)]
    pub influence: Option<Degree>,
    /// What a wrong decision does
    #[arg(long, value_name = "DEGREE", value_enum)]
    pub consequence: Option<Degree>,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
    /// File of the dossier, Markdown [default: dossier-TRIAL.md]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// `regraft claims`
#[derive(Debug, Args)]
#[command(after_help = examples::CLAIMS)]
pub struct Claims {
    /// Ids of claims in the library (`claims/ID.toml`) [default: all]
    pub claims: Vec<String>,
    /// Size of the cohort of each trial
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub patients: u64,
    /// What every simulation of patients is told.
    #[command(flatten)]
    pub usual: Usual,
    /// Form of the answer on stdout: a table for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub format: TableFormat,
    /// Folder for the page claims.md and a run of each trial
    #[arg(long, value_name = "DIR", default_value = "claims")]
    pub out: PathBuf,
}

/// `regraft validate`
#[derive(Debug, Args)]
#[command(after_help = examples::VALIDATE)]
pub struct Validate {
    /// Id of a scorecard in the library (`scorecards/ID.toml`), such as reconstitution, for measured courses of blood and immune cells; without it published trials are scored
    #[arg(conflicts_with_all = ["evidence", "use_of_rows"])]
    pub scorecard: Option<String>,
    /// Folder with arms.csv and outcomes.csv: any other trials in the columns of the built-in evidence; values and uses may be blank
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// Rows that are scored, by the column `use`: those that may be fitted (calibrate), those kept for validation (validate), or all, with those without a use; others are counted and not opened
    #[arg(long = "use", value_name = "USE", value_enum, default_value_t = UseOfRows::All)]
    pub use_of_rows: UseOfRows,
    /// Size of the cohort of each simulation [default: 1000; 300 with a scorecard]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub patients: Option<u64>,
    /// What every simulation of patients is told.
    #[command(flatten)]
    pub usual: Usual,
    /// Form of the answer on stdout: a table for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub format: TableFormat,
    /// Folder for the page; an earlier one there is replaced, anything else refused [default: validation/NAME-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Rows of published trials by their use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UseOfRows {
    /// Those that may be fitted.
    #[value(help = None)]
    Calibrate,
    /// Those kept for validation.
    #[value(help = None)]
    Validate,
    /// Both, and those without a use.
    #[value(help = None)]
    All,
}
