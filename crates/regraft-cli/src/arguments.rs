//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use regraft::library::LibraryError;
use regraft::posterior::PosteriorUse;
use regraft::{Body, Engine};

/// An in-silico clinic for stem-cell therapy of immune disease. Research and trial design, never
/// bedside advice.
#[derive(Debug, Parser)]
#[command(name = "regraft", version, max_term_width = 100, arg_required_else_help = true, after_help = MORE)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const MORE: &str = "\
Examples:
  regraft library list
  regraft run mist --patients 100
  regraft design mist --n-per-arm 55
  regraft twin multiple_sclerosis_relapsing --set age=34 --regimen ahsct_cy200_atg --regimen dmt_mist
  regraft validate reconstitution
  regraft claims
  regraft check my_trial.toml

Exit codes:
  0  done
  1  something could not be done: a file not read, a folder not written, the run stopped with Ctrl-C
  2  wrong usage: unknown trial or card, unknown option
  3  a file has errors; all of them were shown
  4  too many patients could not be solved, or too few could enter";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate a trial and set it beside what was published
    Run(Run),
    /// Let one patient, described by what a clinic knows, live several regimens
    Twin(Twin),
    /// Find who gains more from an arm of a trial, and what eligibility rules would do
    Benefit(Box<Benefit>),
    /// Power, size, duration and type I error of a trial, from trials that are simulated
    Design(Design),
    /// Hold simulated trials against published ones, row by row
    Validate(Validate),
    /// Search the regimens of a trial's space for those that no other beats in all aims at once
    Search(Search),
    /// Show what it would be worth to know more before choosing between the arms of a trial
    Learn(Learn),
    /// Try the claims that are made for stem-cell therapy, each by trials that are run
    Claims(Claims),
    /// Fit the uncertain parameters to every published number that may be fitted
    Calibrate(Calibrate),
    /// Write why the predictions of a trial may be believed, and what is missing for it
    Dossier(Dossier),
    /// Look through the diseases, drugs, regimens, populations and trials, with every source
    Library(Library),
    /// Report all problems of trial files, cards and models at once
    Check(Check),
    /// Check or simulate any model written in Antimony
    Model(ModelArguments),
}

/// Where cards come from.
#[derive(Debug, Args)]
pub struct Libraries {
    /// A folder laid out as the library: its files add to or replace the built-in ones; repeatable, later wins
    #[arg(long = "library", value_name = "DIR")]
    pub library: Vec<PathBuf>,
}

impl Libraries {
    /// The same options as typed, each after a space.
    pub fn typed(&self) -> String {
        self.library.iter().map(|folder| format!(" --library {}", folder.display())).collect()
    }
}

/// What is drawn, and on how many threads.
#[derive(Debug, Args)]
pub struct Draws {
    /// Root of all random streams
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Threads; the result does not depend on it [default: all cores]
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub threads: Option<u16>,
}

/// With which uncertain parameters patients live.
#[derive(Debug, Args)]
pub struct Uncertain {
    /// Uncertain parameters: as the cards say (none), the mean of the posterior (point), or draws of it (ensemble, ensemble:N; patients of one draw stay together)
    #[arg(long, value_name = "USE", default_value = "point", value_parser = posterior_use)]
    pub posterior: PosteriorUse,
}

/// Draws of an ensemble if their number is not said. Chosen: the interval of a mean over so many wobbles by a tenth.
const MEMBERS: usize = 64;

fn posterior_use(text: &str) -> Result<PosteriorUse, String> {
    let allowed = "it is `none`, `point`, `ensemble` or `ensemble:N` with N from 2 to 4096";
    match text.split_once(':') {
        None if text == "none" => Ok(PosteriorUse::None),
        None if text == "point" => Ok(PosteriorUse::Point),
        None if text == "ensemble" => Ok(PosteriorUse::Ensemble(MEMBERS)),
        Some(("ensemble", n)) => {
            let n = n.parse().ok().filter(|n| (2..=4096).contains(n));
            n.map(PosteriorUse::Ensemble).ok_or_else(|| allowed.to_string())
        }
        _ => Err(allowed.to_string()),
    }
}

impl Uncertain {
    /// Opens the library, whose trials are prepared with the chosen parameters.
    ///
    /// # Errors
    /// As [`Library::open`](regraft::library::Library::open).
    pub fn open(&self, libraries: &Libraries) -> Result<regraft::library::Library, LibraryError> {
        let mut library = regraft::library::Library::open(&libraries.library)?;
        library.use_posterior(self.posterior);
        Ok(library)
    }

    /// The option as typed, after a space, where it is not the default.
    pub fn typed_posterior(&self) -> String {
        match self.posterior {
            PosteriorUse::Point => String::new(),
            PosteriorUse::None => " --posterior none".into(),
            PosteriorUse::Ensemble(n) => format!(" --posterior ensemble:{n}"),
        }
    }
}

impl Draws {
    /// Threads; `None` for all cores.
    pub fn threads(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }
}

/// Form of the answer on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[value(help = None)]
    Text,
    /// One JSON object and nothing else.
    #[value(help = None)]
    Json,
}

/// `regraft run`
#[derive(Debug, Args)]
pub struct Run {
    /// Id of a trial in the library (`regraft library list`), or path of a trial file
    pub trial: String,
    /// Size of the cohort; each patient lives every arm
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub patients: u64,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
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
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// `regraft design`
#[derive(Debug, Args)]
pub struct Design {
    /// Id of a trial in the library (`regraft library list`), or path of a trial file
    pub trial: String,
    /// Patients per arm, half of all [default: as published, else the size with the power wanted]
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
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
    /// Folder for the page design.html, the answer and the curve; an earlier one there is replaced, anything else refused [default: designs/TRIAL-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// `regraft twin`
#[derive(Debug, Args)]
pub struct Twin {
    /// Id of a disease in the library
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
    /// Twins
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=5000))]
    pub patients: u64,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// Folder for the answer; an earlier one there is replaced, anything else refused [default: runs/twin-DISEASE-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// `regraft benefit`
#[derive(Debug, Args)]
pub struct Benefit {
    /// Id of a trial in the library, or path of a trial file
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
    #[arg(long, value_name = "D", value_parser = positive)]
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
    /// Patients; the effect of one is mostly chance, so take many
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(20..=200_000))]
    pub patients: u64,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// Folder for benefit.html, benefit.json and patients.parquet; an earlier one there is replaced [default: runs/benefit-TRIAL-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

fn years(text: &str) -> Result<f64, String> {
    number(text, |number| number > 0.0 && number <= 60.0, "above 0 and at most 60")
}

/// Form of a table on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people.
    #[value(help = None)]
    Table,
    /// One JSON object and nothing else.
    #[value(help = None)]
    Json,
}

/// `regraft calibrate`
#[derive(Debug, Args)]
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
    /// Version of the posterior, the name of its folder; of several in a library the last by name is used
    #[arg(long, value_name = "NAME", default_value = "mine")]
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
pub struct Dossier {
    /// Id of a trial in the library (`regraft library list`), or path of a trial file
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

/// `regraft search`
#[derive(Debug, Args)]
pub struct Search {
    /// Id of a trial in the library whose file has a table [search], or path of such a file
    pub trial: String,
    /// An objective of the file that counts; repeatable [default: all]
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
    /// Those other patients, drawn under the next seed
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub again: u64,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// With which parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Folder for the page and the protocols; an earlier search there is replaced, anything else refused [default: runs/TRIAL-search-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// `regraft learn`
#[derive(Debug, Args)]
pub struct Learn {
    /// Id of a trial in the library (`regraft library list`), or path of a trial file
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
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// Form of the answer on stdout: for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Folder for the page; an earlier one there is replaced, anything else refused [default: runs/TRIAL-learn-SEED]
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

/// `regraft claims`
#[derive(Debug, Args)]
pub struct Claims {
    /// Ids of claims in the library (`claims/ID.toml`) [default: all]
    pub claims: Vec<String>,
    /// Size of the cohort of each trial
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub patients: u64,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
    /// Form of the answer on stdout: a table for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub format: TableFormat,
    /// Folder for the page claims.md and a run of each trial
    #[arg(long, value_name = "DIR", default_value = "claims")]
    pub out: PathBuf,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// `regraft validate`
#[derive(Debug, Args)]
pub struct Validate {
    /// Id of a scorecard in the library (`scorecards/ID.toml`), such as reconstitution, for measured courses of blood and immune cells; without it published trials are scored
    #[arg(conflicts_with_all = ["evidence", "use_of_rows"])]
    pub scorecard: Option<String>,
    /// Folder with arms.csv and outcomes.csv: any other trials in the columns of the built-in evidence; values and uses may be blank
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// Rows that are scored, by the column `use`; others are counted and not opened
    #[arg(long = "use", value_enum, default_value_t = UseOfRows::All)]
    pub use_of_rows: UseOfRows,
    /// Size of the cohort of each simulation [default: 1000; 300 with a scorecard]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub patients: Option<u64>,
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    pub uncertain: Uncertain,
    /// Form of the answer on stdout: a table for people, or one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub format: TableFormat,
    /// Folder for the page; an earlier one there is replaced, anything else refused [default: validation/NAME-SEED]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// Rows of published trials by their use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UseOfRows {
    /// Those that may be fitted
    Calibrate,
    /// Those kept for validation
    Validate,
    /// Both, and those without a use
    All,
}

/// `regraft library`
#[derive(Debug, Args)]
pub struct Library {
    /// What to do.
    #[command(subcommand)]
    pub action: LibraryAction,
}

/// What can be done with the library.
#[derive(Debug, Subcommand)]
pub enum LibraryAction {
    /// List everything in the library
    List {
        /// Form of the answer: for people, or one JSON object and nothing else
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
    /// Show one card: what it is, and every number with unit and source
    Show {
        /// Id of a card
        id: String,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
    /// Show every number that differs between two cards of a kind
    Diff {
        /// Id of a card
        a: String,
        /// Id of the other card
        b: String,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
}

/// `regraft check`
#[derive(Debug, Args)]
pub struct Check {
    /// Trial files, cards (TOML) and models (Antimony)
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}

/// `regraft model`
#[derive(Debug, Args)]
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
        /// Id of a trial in the library, or path of a trial file
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
pub struct ExploreModel {
    /// Id of a disease in the library
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

fn setting(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    if name.trim().is_empty() {
        return Err("must be NAME=VALUE".into());
    }
    Ok((name.trim().to_string(), finite(value.trim())?))
}

fn settings(text: &str) -> Result<Settings, String> {
    text.split(',').map(setting).collect::<Result<_, _>>().map(Settings)
}

fn finite(text: &str) -> Result<f64, String> {
    number(text, |_| true, "that is finite")
}

/// `regraft model simulate`
#[derive(Debug, Args)]
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

fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |number| number >= 0.0, "0 or more")
}

fn positive(text: &str) -> Result<f64, String> {
    number(text, |number| number > 0.0, "above 0")
}

/// How the arithmetic is carried out, if this machine can.
fn instructions(text: &str) -> Result<Engine, String> {
    let body = match text {
        "best" => return Ok(Engine::best()),
        "avx512" => Body::Avx512,
        "avx2" => Body::Avx2,
        "portable" => Body::Portable,
        _ => return Err("must be best, avx512, avx2 or portable".into()),
    };
    if !body.is_available() {
        return Err("this machine does not have them; `best` takes what it has".into());
    }
    Ok(Engine { body, machine_code: body != Body::Portable })
}

fn fraction(text: &str) -> Result<f64, String> {
    number(text, |number| number > 0.0 && number < 1.0, "above 0 and below 1")
}

fn number(text: &str, allowed: impl Fn(f64) -> bool, must_be: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && allowed(*number));
    number.ok_or_else(|| format!("must be a number {must_be}"))
}
