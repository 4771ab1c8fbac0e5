//! x
use super::Scored;
use super::plan::Prepared;
use crate::run_folder::{RunFolder, WriteError};
/// x
pub fn write(found: &Scored, _prepared: &Prepared, folder: &RunFolder) -> Result<(), WriteError> {
    folder.text("scorecard.json", &(found.json() + "\n"))
}
