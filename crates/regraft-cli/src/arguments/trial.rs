//! What can be done with a trial or a regimen.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use regraft::Engine;

use super::{
    DOUBT_HELP, Draws, Format, Libraries, Usual, examples, finite, fraction, instructions, not_negative,
    number, positive, setting,
};

/// `regraft run`
#[derive(Debug, Args)]
#[command(after_help = examples::RUN)]
pub struct Run {
    /// Id of a trial in the library (`regraft library list trials`), or path of a trial file
    pub trial: String,
    /// Size of the cohort; each patient lives every arm
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub patients: u64,
    /// What every simulation of patients is told.
    #[command(flatten)]
    pub usual: Usual,
    /// Patients who live once more with draws of the uncertain parameters, at most.
    #[arg(long, help = DOUBT_HELP, value_name = "N", default_value_t = regraft::study::DOUBT as u64, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub doubt: u64,
    /// Instructions of the processor: best, avx512, avx2 or portable; the result does not depend on it
    #[arg(long, value_name = "SET", default_value = "best", value_parser = instructions)]
    pub instructions: Engine,
    /// Folder for the run; an earlier run there is replaced, anything else refused [default: runs/TRIAL-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write what is read over time (observables.parquet) for every patient, not for the first 4,096 alone
    #[arg(long)]
    pub trajectories: bool,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `regraft design`
#[derive(Debug, Args)]
#[command(after_help = examples::DESIGN)]
pub struct Design {
    /// Id of a trial in the library (`regraft library list trials`), or path of a trial file
    pub trial: String,
    /// Patients per arm: half of all who enter [default: as published, else the size with the power wanted]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(4..=5000))]
    pub n_per_arm: Option<u64>,
    /// Power wanted: the size that has it is looked for
    #[arg(long, value_name = "P", value_parser = fraction)]
    pub power: Option<f64>,
    /// Identical arms: both do what the control arm does, so that the power is the type I error
    #[arg(long, conflicts_with = "power")]
    pub null: bool,
    /// Simulated trials at each size
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub trials: u64,
    /// Virtual patients from whom the trials are drawn; each lives both arms
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(8..=1_000_000))]
    pub patients: u64,
    /// What every simulation of patients is told.
    #[command(flatten)]
    pub usual: Usual,
    /// Folder for the page design.html, the answer and the curve; an earlier one there is replaced, anything else refused [default: runs/design-TRIAL-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `regraft twin`
#[derive(Debug, Args)]
#[command(after_help = examples::TWIN)]
pub struct Twin {
    /// Id of a disease in the library (`regraft library list diseases`)
    pub disease: String,
    /// What is known of the patient: age, sex, weight, a score, a laboratory value; ~TOLERANCE for what is read at entry; repeatable
    #[arg(long, value_name = "NAME=VALUE[~TOLERANCE]")]
    pub set: Vec<String>,
    /// A regimen, with its product if it is not that of a trial; the others are compared with the last; repeatable
    #[arg(long, value_name = "REGIMEN[:PRODUCT]")]
    pub regimen: Vec<String>,
    /// Population of the twins [default: the one that holds most of the facts, then most of the regimens]
    #[arg(long, value_name = "POPULATION")]
    pub population: Option<String>,
    /// How long the twins are followed [default: as long as the trial taken as a pattern]
    #[arg(long, value_name = "Y", value_parser = years)]
    pub years: Option<f64>,
    /// Repeated measurements: a table with the columns day, what, value; days above 0 are under the first regimen (CSV)
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// List what can be set, with its range, and do nothing else
    #[arg(long)]
    pub facts: bool,
    /// Write plain.html too: one sheet in plain language, for research on how to communicate
    #[arg(long)]
    pub plain: bool,
    /// How many twins
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=5000))]
    pub patients: u64,
    /// What every simulation of patients is told.
    #[command(flatten)]
    pub usual: Usual,
    /// Patients who live once more with draws of the uncertain parameters, at most.
    #[arg(long, help = DOUBT_HELP, value_name = "N", default_value_t = regraft::study::DOUBT as u64, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub doubt: u64,
    /// Folder for the answer; an earlier one there is replaced, anything else refused [default: runs/twin-DISEASE-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `regraft benefit`
#[derive(Debug, Args)]
#[command(after_help = examples::BENEFIT)]
pub struct Benefit {
    /// Id of a trial in the library (`regraft library list trials`), or path of a trial file
    pub trial: String,
    /// Arm that may benefit [default: the first studied one]
    #[arg(long, value_name = "ARM")]
    pub arm: Option<String>,
    /// Arm it is compared with [default: the comparator]
    #[arg(long, value_name = "ARM")]
    pub versus: Option<String>,
    /// Endpoint that is the benefit [default: the trial's primary one]
    #[arg(long, value_name = "ENDPOINT")]
    pub endpoint: Option<String>,
    /// Endpoint that is a harm; any of several counts; repeatable [default: death, or the trial's first harm]
    #[arg(long, value_name = "ENDPOINT")]
    pub harm: Vec<String>,
    /// Units of the benefit that one harm outweighs
    #[arg(long, value_name = "W", default_value_t = 1.0, value_parser = not_negative)]
    pub harm_weight: f64,
    /// Day at which both are read [default: the end of the trial]
    #[arg(long, value_name = "DAY", value_parser = positive)]
    pub at: Option<f64>,
    /// Eligibility rule whose funnel and effects are shown, as "age < 45 and edss < 5"; repeatable
    #[arg(long = "where", value_name = "RULE")]
    pub rules: Vec<String>,
    /// Lets the rule that is sought use a further trait, also one that no clinic knows; repeatable
    #[arg(long, value_name = "TRAIT")]
    pub with: Vec<String>,
    /// Splits in a row that the rule may have
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=4))]
    pub depth: u8,
    /// Size of the cohort; the effect in one patient is mostly chance, so take many
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(20..=200_000))]
    pub patients: u64,
    /// What every simulation of patients is told.
    #[command(flatten)]
    pub usual: Usual,
    /// Patients who live once more with draws of the uncertain parameters, at most.
    #[arg(long, help = DOUBT_HELP, value_name = "N", default_value_t = regraft::study::DOUBT as u64, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub doubt: u64,
    /// Folder for benefit.html, benefit.json and patients.parquet; an earlier one there is replaced [default: runs/benefit-TRIAL-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

fn years(text: &str) -> Result<f64, String> {
    number(text, |number| number > 0.0 && number <= 60.0, "above 0 and at most 60")
}

/// `regraft search`
#[derive(Debug, Args)]
#[command(after_help = examples::SEARCH)]
pub struct Search {
    /// Id of a trial in the library whose file has a table [search], or path of such a file
    pub trial: String,
    /// An objective of the file that is an aim; repeatable; the others are shown beside [default: all that are not optional]
    #[arg(long, value_name = "NAME")]
    pub objective: Vec<String>,
    /// Patients who live every regimen that is tried
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub patients: u64,
    /// Regimens that are tried
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(4..=1_000_000))]
    pub evaluations: u64,
    /// Regimens of one generation
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u64).range(4..=10_000))]
    pub population: u64,
    /// Most points of the frontier that other patients live again
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=200))]
    pub points: u64,
    /// How many other patients, drawn under the next seed
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub again: u64,
    /// By what regimens are judged over the draws of an ensemble: their mean, or the value that the worst share is worse than
    #[arg(long, value_name = "BY", value_enum, default_value_t = JudgedBy::Mean)]
    pub judge: JudgedBy,
    /// The worst share of the draws, above 0 and below 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = fraction)]
    pub worst: f64,
    /// What every simulation of patients is told.
    #[command(flatten)]
    pub usual: Usual,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Folder for the page and the protocols; an earlier search there is replaced, anything else refused [default: runs/search-TRIAL-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// By what regimens are judged over draws of the uncertain parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JudgedBy {
    /// The mean over draws.
    #[value(help = None)]
    Mean,
    /// The value that the worst share of the draws is worse than.
    #[value(help = None)]
    Worst,
}

/// `regraft learn`
#[derive(Debug, Args)]
#[command(after_help = examples::LEARN)]
pub struct Learn {
    /// Id of a trial in the library (`regraft library list trials`), or path of a trial file
    pub trial: String,
    /// What is to be large: an endpoint of the library, with its weight or without (1, of a harm −1); repeatable, added up [default: quality_adjusted_years]
    #[arg(long, value_name = "ENDPOINT[=WEIGHT]", value_parser = utility)]
    pub utility: Vec<(String, Option<f64>)>,
    /// Day after time zero by which it is read [default: the last day on which scores are read]
    #[arg(long, value_name = "DAY", value_parser = positive)]
    pub at: Option<f64>,
    /// An arm that can be chosen; repeatable [default: all]
    #[arg(long, value_name = "ARM")]
    pub arm: Vec<String>,
    /// What an arm costs, in the unit of the utility; repeatable
    #[arg(long, value_name = "ARM=COST", value_parser = setting)]
    pub cost: Vec<(String, f64)>,
    /// Draws of the uncertain parameters; patients of one draw stay together
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(8..=4096))]
    pub members: u64,
    /// Patients, of all draws together
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(32..=1_000_000))]
    pub patients: u64,
    /// Patients in each arm of a further trial; repeatable
    #[arg(long, value_name = "N", default_values_t = [50, 200, 1000], value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub trial_size: Vec<u32>,
    /// Most patients who live once more with another fate, so that the answer can say how much of the doubt lies in parameters, patients and chance; more than 512 are not taken, 0 for none
    #[arg(long, value_name = "N", default_value_t = regraft::study::DOUBT as u64, value_parser = clap::value_parser!(u64).range(0..=4096))]
    pub doubt: u64,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Folder for the page; an earlier one there is replaced, anything else refused [default: runs/learn-TRIAL-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

fn utility(text: &str) -> Result<(String, Option<f64>), String> {
    match text.split_once('=') {
        None => Ok((text.trim().to_string(), None)),
        Some((name, weight)) => Ok((name.trim().to_string(), Some(finite(weight.trim())?))),
    }
}
