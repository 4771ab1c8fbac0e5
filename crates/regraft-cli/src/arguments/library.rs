//! What can be asked of the library.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use regraft_trial::CardKind;

use super::{Format, Libraries, examples};

/// `regraft library`
#[derive(Debug, Args)]
#[command(after_help = examples::LIBRARY)]
pub struct Library {
    /// What to do.
    #[command(subcommand)]
    pub action: LibraryAction,
}

/// What can be done with the library.
#[derive(Debug, Subcommand)]
pub enum LibraryAction {
    /// List what is in the library, trials by their disease
    List {
        /// Cards of this kind alone [default: all]
        #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(CardKind::ALL.map(CardKind::folder)))]
        kind: Option<String>,
        /// Form of the answer: for people, or one JSON object and nothing else
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
    /// Count, drug by drug, the numbers that were read, recalled, calibrated and assumed
    Sources {
        /// Form of the answer: for people, or one JSON object and nothing else
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
    /// Show one card: what it is, and every number with unit and source
    Show {
        /// Id of a card (`regraft library list`)
        id: String,
        /// Where cards come from.
        #[command(flatten)]
        libraries: Libraries,
    },
    /// Show every number that differs between two cards of a kind
    Diff {
        /// Id of a card (`regraft library list`)
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
#[command(after_help = examples::CHECK)]
pub struct Check {
    /// Trial files, cards (TOML) and models (Antimony)
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Where cards come from.
    #[command(flatten)]
    pub libraries: Libraries,
}
