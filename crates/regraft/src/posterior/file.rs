//! A posterior as files: `draws.parquet`, one row per draw and one column per parameter, and `posterior.json`.

use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Posterior, TrialSpread, Unseen};
use crate::run_folder::table::{Column, Table};

/// Why a posterior could not be read.
#[derive(Debug, Error)]
pub enum PosteriorError {
    /// `draws.parquet` is no table of numbers.
    #[error("posterior `{version}`: draws.parquet cannot be read: {why}")]
    Draws {
        /// Which.
        version: String,
        /// What is wrong.
        why: String,
    },
    /// `posterior.json` is not what it should be.
    #[error("posterior `{version}`: posterior.json cannot be read: {why}")]
    About {
        /// Which.
        version: String,
        /// What is wrong.
        why: String,
    },
}

/// The part of `posterior.json` that is needed to use it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// How far the fitted trials lie apart.
    pub trial_spread: TrialSpread,
    /// How far trials lie that nothing was fitted to.
    #[serde(default)]
    pub unseen_trials: Option<Unseen>,
    /// From what it was made, and how.
    #[serde(default)]
    pub provenance: serde_json::Value,
}

impl Posterior {
    /// Reads the two files of a version.
    ///
    /// # Errors
    /// [`PosteriorError`] where a file is not what it should be: a value that is missing or no finite number.
    pub fn read(version: &str, draws: Vec<u8>, about: &str) -> Result<Posterior, PosteriorError> {
        let failed = |why: String| PosteriorError::Draws { version: version.to_string(), why };
        let about: About = serde_json::from_str(about).map_err(|error| PosteriorError::About {
            version: version.to_string(),
            why: error.to_string(),
        })?;
        let reader =
            SerializedFileReader::new(Bytes::from(draws)).map_err(|error| failed(error.to_string()))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let names: Vec<String> = schema.columns().iter().map(|column| column.name().to_string()).collect();
        let mut values = Vec::new();
        for row in reader.get_row_iter(None).map_err(|error| failed(error.to_string()))? {
            let row = row.map_err(|error| failed(error.to_string()))?;
            for (name, field) in row.get_column_iter() {
                match field {
                    Field::Double(value) if value.is_finite() => values.push(*value),
                    _ => return Err(failed(format!("`{name}` is not a number in every row"))),
                }
            }
        }
        if values.is_empty() {
            return Err(failed("it has no rows".into()));
        }
        Ok(Posterior {
            version: version.to_string(),
            parameters: names,
            draws: values,
            spread: about.trial_spread,
            unseen: about.unseen_trials,
        })
    }

    /// Writes the two files of a version into its folder, which is made; `provenance` says from what it was made.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, folder: &Path, provenance: serde_json::Value) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        self.table().write(File::create(folder.join("draws.parquet"))?).map_err(std::io::Error::other)?;
        let about = About { trial_spread: self.spread, unseen_trials: self.unseen.clone(), provenance };
        let text = serde_json::to_string_pretty(&about).expect("numbers and names alone");
        std::fs::write(folder.join("posterior.json"), text + "\n")
    }

    /// The table of draws.
    pub fn table(&self) -> Table {
        let width = self.parameters.len();
        let column =
            |at: usize| Column::Number((0..self.n_draws()).map(|row| self.draws[row * width + at]).collect());
        Table::new(self.parameters.iter().enumerate().map(|(at, name)| (name.as_str(), column(at))).collect())
    }
}
