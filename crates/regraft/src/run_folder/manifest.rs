//! What was run, from what, and how it went.

use serde::{Deserialize, Serialize};

/// Version of the random streams: the same number gives the same draws.
pub const STREAM_VERSION: u32 = 1;

/// One input or output file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileHash {
    /// Path inside the library, the evidence or the run folder.
    pub path: String,
    /// BLAKE3 hash, hex.
    pub blake3: String,
}

/// Counts of one arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestArm {
    /// Arm id.
    pub id: String,
    /// Patients simulated.
    pub patients: usize,
    /// Patients that could not be solved.
    pub failed: usize,
}

/// `manifest.json`: the only file of a run that holds a time of day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this layout.
    pub format: u32,
    /// Version of regraft.
    pub version: String,
    /// Version of the random streams: the same number gives the same draws.
    pub stream_version: u32,
    /// Trial id.
    pub trial: String,
    /// Seed.
    pub seed: u64,
    /// Patients asked for.
    pub patients: usize,
    /// Patients screened to find them.
    pub screened: usize,
    /// Uncertain parameters with which the patients lived, in words; those of the cards if null.
    pub posterior: Option<String>,
    /// Relative tolerance of the integration.
    pub relative_tolerance: f64,
    /// Arms.
    pub arms: Vec<ManifestArm>,
    /// Cards, models and evidence used.
    pub inputs: Vec<FileHash>,
    /// Files of the run, the manifest apart.
    pub outputs: Vec<FileHash>,
    /// When the run was written (UTC, RFC 3339).
    pub written: String,
    /// Seconds spent simulating.
    pub simulation_seconds: f64,
    /// Who lived beside the cohort so that the doubt of a run's findings could be split; null for other commands.
    pub doubt: Option<ManifestDoubt>,
    /// The command that repeats the run.
    pub command: String,
}

/// Who lived beside the cohort of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ManifestDoubt {
    /// Patients who lived with the mean of the posterior, where the cohort lives with its draws.
    pub with_mean: usize,
    /// Patients who lived once more with a draw of the posterior each.
    pub with_draws: usize,
    /// Draws that were given out.
    pub draws: usize,
    /// Uncertain parameters that act in the trial.
    pub parameters: usize,
    /// Patients who lived once more with another fate.
    pub other_fate: usize,
    /// Why the share of the parameters is not known.
    pub not_split: Option<String>,
    /// Seconds that all of these took, those of the other fates apart.
    pub seconds: f64,
}
