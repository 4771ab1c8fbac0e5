//! What can be done with a model.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use regraft::Engine;

use super::{
    Draws, Format, Libraries, examples, finite, fraction, instructions, not_negative, positive, setting,
};

/// `regraft model`
#[derive(Debug, Args)]
#[command(after_help = examples::MODEL)]
pub struct ModelArguments {
    /// What to do.
    #[command(subcommand)]
    pub action: ModelAction,
}

/// What can be done with a model.
#[derive(Debug, Subcommand)]
pub enum ModelAction {
    /// Report all problems of a model and everything it imports
    Check {
        /// The model, Antimony
        file: PathBuf,
    },
    /// Show what a model says at time 0: starting values, rules, rates of change
    Rates {
        /// The model, Antimony
        file: PathBuf,
        /// Form of the answer: for people, or one JSON object and nothing else
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Write the model of a trial as Antimony files, with the drugs module made from its drug cards
    Export {
        /// Id of a trial in the library (`regraft library list trials`), or path of a trial file
        trial: String,
        /// Folder for the files; files of the same names are replaced
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
    /// Print the drugs module for these drug cards; without any, the one in which no drug is given
    Drugs {
        /// Ids of drug cards
        drugs: Vec<String>,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
    /// Simulate a table of patients, with doses from an event table
    Simulate(SimulateModel),
    /// Show the steady states over any parameter, and on which side of the border patients stand after a regimen
    Explore(Box<ExploreModel>),
    /// Show what a result of a trial or model depends on: derivatives and shares of its variance
    Sensitivity(Box<SensitivityOf>),
}

/// `regraft model sensitivity`
#[derive(Debug, Args)]
#[command(after_help = examples::SENSITIVITY)]
pub struct SensitivityOf {
    /// Id or path of a trial, or a model file (.ant)
    pub subject: String,
    /// The result: an endpoint that the trial analyses, or any quantity of the model
    #[arg(long, value_name = "NAME")]
    pub endpoint: String,
    /// Day at which it is read; the model's time for a model file [default: the end of the trial]
    #[arg(long, value_name = "T", value_parser = positive)]
    pub at: Option<f64>,
    /// What is varied: traits of the trial [default: all], or parameters of the model file as NAME or NAME=LOW:HIGH
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = parameter)]
    pub parameters: Vec<(String, Option<(f64, f64)>)>,
    /// Arm of the trial [default: the first]
    #[arg(long, value_name = "ARM")]
    pub arm: Option<String>,
    /// Arm whose result is taken off that of --arm
    #[arg(long, value_name = "ARM")]
    pub versus: Option<String>,
    /// Derivatives alone
    #[arg(long)]
    pub local: bool,
    /// Points of each of the two samples
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u64).range(8..=65536))]
    pub samples: u64,
    /// Fates averaged over, the same for every set of inputs [default: 8; 1 for a model file without draws]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub fates: Option<u16>,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Folder for sensitivity.html, the page with the figure, and sensitivity.json
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// A name, with a range or without.
type Ranged = (String, Option<(f64, f64)>);

fn parameter(text: &str) -> Result<Ranged, String> {
    let Some((name, range)) = text.split_once('=') else { return Ok((text.trim().to_string(), None)) };
    let (low, high) = range.split_once(':').ok_or("must be NAME or NAME=LOW:HIGH")?;
    Ok((name.trim().to_string(), Some((finite(low.trim())?, finite(high.trim())?))))
}

/// `regraft model explore`
#[derive(Debug, Args)]
#[command(after_help = examples::EXPLORE)]
pub struct ExploreModel {
    /// Id of a disease in the library (`regraft library list diseases`)
    #[arg(required_unless_present = "model", conflicts_with = "model")]
    pub disease: Option<String>,
    /// A model file in place of a disease, Antimony
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// What is varied: a parameter, by its full name or the end of it
    #[arg(long, value_name = "NAME")]
    pub over: String,
    /// First value
    #[arg(long, value_name = "A", allow_negative_numbers = true, value_parser = finite)]
    pub from: f64,
    /// Last value
    #[arg(long, value_name = "B", allow_negative_numbers = true, value_parser = finite)]
    pub to: f64,
    /// Values at which the steady states are listed
    #[arg(long, value_name = "N", default_value_t = 27, value_parser = clap::value_parser!(u64).range(2..=1000))]
    pub points: u64,
    /// The state that is shown [default: autoreactive_memory, where the model has it]
    #[arg(long, value_name = "NAME")]
    pub state: Option<String>,
    /// Sets a parameter or starting value before anything is computed; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, f64)>,
    /// Another start, by what differs from the model's own: NAME=VALUE,NAME=VALUE; repeatable
    #[arg(long, value_name = "LIST", value_parser = settings)]
    pub start: Vec<Settings>,
    /// Holds a state at its starting value; repeatable
    #[arg(long, value_name = "STATE")]
    pub hold: Vec<String>,
    /// How long each start is simulated to find where it rests, in the model's time unit
    #[arg(long, value_name = "T", default_value_t = 1e6, value_parser = positive)]
    pub settle: f64,
    /// A regimen whose patients are drawn in, with its product if it is not that of a trial; repeatable
    #[arg(long, value_name = "REGIMEN[:PRODUCT]", conflicts_with = "model")]
    pub regimen: Vec<String>,
    /// Day after the regimen's day zero on which the patients are drawn in
    #[arg(long, value_name = "D", default_value_t = 120.0, value_parser = positive)]
    pub day: f64,
    /// Years after that day at which it is read where each patient ended
    #[arg(long, value_name = "Y", default_value_t = 5.0, value_parser = positive)]
    pub years: f64,
    /// States that are scaled together to find a patient's own border [default: the cells of the module of the state]
    #[arg(long, value_name = "STATE")]
    pub scale: Vec<String>,
    /// Population of the patients [default: that of the first trial that gives the first regimen]
    #[arg(long, value_name = "POPULATION", conflicts_with = "model")]
    pub population: Option<String>,
    /// Patients of each regimen, the same in all
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub patients: u64,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Folder for explore.html, the page with the figure, and explore.json
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// Names with values.
#[derive(Debug, Clone)]
pub struct Settings(pub Vec<(String, f64)>);

fn settings(text: &str) -> Result<Settings, String> {
    text.split(',').map(setting).collect::<Result<_, _>>().map(Settings)
}

/// `regraft model simulate`
#[derive(Debug, Args)]
#[command(after_help = examples::SIMULATE)]
pub struct SimulateModel {
    /// The model, Antimony
    pub file: PathBuf,
    /// Last time, in the model's time unit
    #[arg(long, value_name = "T", value_parser = not_negative)]
    pub to: f64,
    /// Time between values; the first is at 0
    #[arg(long, value_name = "DT", value_parser = positive)]
    pub every: f64,
    /// One row is one patient, its columns override parameters or starting values (CSV or Parquet)
    #[arg(long, value_name = "TABLE")]
    pub parameters: Option<PathBuf>,
    /// So many patients who differ in their random draws only, without a table of parameters
    #[arg(long, value_name = "N", conflicts_with = "parameters", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub patients: Option<u64>,
    /// Doses: ID TIME AMT EVID CMT RATE ADDL II SS, lag time, bioavailability (CSV)
    #[arg(long, value_name = "TABLE")]
    pub doses: Option<PathBuf>,
    /// Root of the random draws of a model that draws
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Relative tolerance
    #[arg(long, value_name = "R", default_value_t = 1e-6, value_parser = fraction)]
    pub rtol: f64,
    /// Absolute tolerance of every state [default: 0.01 rtol times the largest value of the state]
    #[arg(long, value_name = "A", value_parser = positive)]
    pub atol: Option<f64>,
    /// Threads; the result does not depend on it [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub threads: Option<u16>,
    /// Instructions of the processor: best, avx512, avx2 or portable; the result does not depend on it
    #[arg(long, value_name = "SET", default_value = "best", value_parser = instructions)]
    pub instructions: Engine,
    /// Parquet file for all values, or `-` for CSV on stdout; failed patients go to FILE.failures.parquet
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// File for quantiles over time, Parquet or CSV by its name [default: on stdout, if nothing is written]
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
}
