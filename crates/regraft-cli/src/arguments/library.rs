//! What can be asked of the library.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Format, Libraries};

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
