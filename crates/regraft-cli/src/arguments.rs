//! What can be typed.

mod evidence;
mod examples;
mod library;
mod model;
mod trial;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use regraft::library::LibraryError;
use regraft::posterior::PosteriorUse;
use regraft::{Body, Engine};

pub use evidence::*;
pub use library::*;
pub use model::*;
pub use trial::*;

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
  regraft library list trials
  regraft run mist --patients 200
  regraft design mist --n-per-arm 55
  regraft twin multiple_sclerosis_relapsing --set age=34 \\
      --regimen ahsct_cy200_atg --regimen dmt_mist
  regraft benefit mist
  regraft validate reconstitution
  regraft claims
  regraft check my_trial.toml

`regraft COMMAND --help` shows the options of a command with examples.

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
    /// Tell power, size, duration and type I error of a trial, from trials that are simulated
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

/// What every simulation of patients is told.
#[derive(Debug, Args)]
pub struct Usual {
    /// What is drawn, and on how many threads.
    #[command(flatten)]
    pub draws: Draws,
    /// With which uncertain parameters patients live.
    #[command(flatten)]
    uncertain: Uncertain,
    /// Where cards come from.
    #[command(flatten)]
    libraries: Libraries,
}

impl Usual {
    /// Opens the library, whose trials are prepared with the chosen parameters.
    ///
    /// # Errors
    /// As [`Library::open`](regraft::library::Library::open).
    pub fn open(&self) -> Result<regraft::library::Library, LibraryError> {
        self.uncertain.open(&self.libraries)
    }

    /// Whether patients live with several draws of the posterior.
    pub fn is_ensemble(&self) -> bool {
        matches!(self.uncertain.posterior, PosteriorUse::Ensemble(_))
    }

    /// Options that decide which library a command has and how it is used, as typed.
    pub fn typed_choices(&self) -> String {
        self.uncertain.typed_posterior() + &self.libraries.typed()
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
    /// With which uncertain parameters patients live: as the cards say (none), the mean of the posterior (point), or draws of it (ensemble, ensemble:N; patients of one draw stay together)
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

/// What the option `--doubt` does.
const DOUBT_HELP: &str = "At most so many patients live once more with draws of the uncertain parameters, so that the answer \
                          can say how much of its doubt lies in parameters, patients and chance; 0 leaves it out";

/// The option `--doubt` as typed, after a space, where it is not the default.
pub fn typed_doubt(doubt: u64) -> String {
    if doubt == regraft::study::DOUBT as u64 { String::new() } else { format!(" --doubt {doubt}") }
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

fn finite(text: &str) -> Result<f64, String> {
    number(text, |_| true, "that is finite")
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    if name.trim().is_empty() {
        return Err("must be NAME=VALUE".into());
    }
    Ok((name.trim().to_string(), finite(value.trim())?))
}
