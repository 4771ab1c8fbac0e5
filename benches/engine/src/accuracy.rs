//! How far a result is from a reference.
//!
//! Error: the largest |y − ref| / (|ref| + 10⁻³ max over time of |ref|) over patients, times and all states
//! but drug amounts and infused cells, which decay to nothing, where a relative error has no meaning.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use regraft_model::Program;
use regraft_sim::Trajectories;

/// A state that never passes this has no size: it is 0, or 0 but for what the reference cannot tell from it.
const NOTHING: f64 = 1e-15;

/// Whether a state is an amount of a drug or of infused cells.
pub fn is_drug(name: &str) -> bool {
    name.contains("drugs.") || name.ends_with("marrow.infused_cd34") || name.contains("msc.cells_in_")
}

/// The largest error and where it is.
pub struct Worst {
    /// The error; NaN if a value is NaN.
    pub error: f64,
    /// State and time.
    pub place: String,
    /// Patients compared.
    pub patients: usize,
}

/// Compares with a file of f64, `[patient, time, state]`, which may hold fewer patients.
pub fn against(path: &Path, program: &Program, times: &[f64], ours: &Trajectories) -> Result<Worst> {
    let reference = read(path)?;
    let (n_times, n_states) = (times.len(), program.states.len());
    ensure!(reference.len() % (n_times * n_states) == 0, "{} is of another case", path.display());
    let patients = (reference.len() / (n_times * n_states)).min(ours.n_patients);
    let mut worst = Worst { error: 0.0, place: String::new(), patients };
    for (state, quantity) in program.states.iter().enumerate().filter(|(_, state)| !is_drug(&state.name)) {
        for patient in 0..patients {
            let at = |time: usize| reference[(patient * n_times + time) * n_states + state];
            let size = (0..n_times).map(|time| at(time).abs()).fold(0.0, f64::max);
            if size <= NOTHING {
                continue;
            }
            for time in 0..n_times {
                let difference = (ours.at(patient, time)[state] - at(time)).abs();
                let error = difference / (at(time).abs() + 1e-3 * size);
                if error > worst.error || error.is_nan() {
                    worst.error = error;
                    worst.place = format!("{}, patient {patient}, time {}", quantity.name, times[time]);
                }
            }
        }
    }
    Ok(worst)
}

/// A file of little-endian f64.
fn read(path: &Path) -> Result<Vec<f64>> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    Ok(bytes.as_chunks::<8>().0.iter().map(|value| f64::from_le_bytes(*value)).collect())
}

/// Writes f64, little-endian.
pub fn write(path: &Path, values: &[f64]) -> Result<()> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(path, bytes).with_context(|| path.display().to_string())
}
