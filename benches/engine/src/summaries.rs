//! Many patients, of whom only counts over time are kept.

use anyhow::Result;
use regraft_sim::{SolveStatus, Start, Trajectories, simulate};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::case::Case;
use crate::clock::measure;
use crate::memory::resident_peak_bytes;

/// Bits of the fraction that tell bins apart: 32 bins per factor of 2, a quantile is known to 1.6 %.
const FRACTION_BITS: u32 = 5;
/// Powers of two covered; what lies outside is counted in the outer bins.
const OCTAVES: (i32, i32) = (-20, 20);

/// `summaries`: pieces of patients one after the other; each is reduced in the order of its patients and dropped.
pub fn command(arguments: &Arguments) -> Result<Value> {
    let case = Case::read(arguments)?;
    let options = case.options(arguments)?;
    let (n_patients, piece) =
        (arguments.number("patients", 10_000usize)?, arguments.number("piece", 1024usize)?);
    let mut summary = Summary::new(case.outputs.times.len(), case.program.states.len());
    let (done, spent) = measure(|| -> Result<()> {
        for from in (0..n_patients).step_by(piece.max(1)) {
            let patients = case.patients(from, (from + piece).min(n_patients));
            let part =
                simulate(&case.program, &patients, Start::Fresh, &case.plan, &case.outputs, &options, &())?;
            summary.add(&part.trajectories, &part.status);
        }
        Ok(())
    });
    done?;
    Ok(json!({ "patients": n_patients, "piece": piece, "failed": summary.failed,
        "process_seconds": spent.process, "wall_seconds": spent.wall, "peak_bytes": resident_peak_bytes(),
        "median_at_end": summary.medians_at_end() }))
}

/// Counts of values by size, `[time, state, bin]`.
struct Summary {
    n_bins: usize,
    counts: Vec<u32>,
    n_cells: usize,
    n_states: usize,
    failed: usize,
}

impl Summary {
    fn new(n_times: usize, n_states: usize) -> Summary {
        let n_bins = ((OCTAVES.1 - OCTAVES.0) << FRACTION_BITS) as usize;
        let n_cells = n_times * n_states;
        Summary { n_bins, counts: vec![0; n_cells * n_bins], n_cells, n_states, failed: 0 }
    }

    /// Counts the values of patients who did not fail.
    fn add(&mut self, trajectories: &Trajectories, status: &[SolveStatus]) {
        for (patient, status) in status.iter().enumerate() {
            if matches!(status, SolveStatus::Failed { .. }) {
                self.failed += 1;
                continue;
            }
            let values = &trajectories.values[patient * self.n_cells..(patient + 1) * self.n_cells];
            for (cell, value) in values.iter().enumerate() {
                let bin = self.bin(*value);
                self.counts[cell * self.n_bins + bin] += 1;
            }
        }
    }

    /// The bin of a value: exponent and first bits of the fraction. What is too small, zero or negative is in
    /// the first bin.
    fn bin(&self, value: f64) -> usize {
        let least = 2f64.powi(OCTAVES.0).to_bits() >> (52 - FRACTION_BITS);
        let own = value.max(0.0).to_bits() >> (52 - FRACTION_BITS);
        (own.saturating_sub(least) as usize).min(self.n_bins - 1)
    }

    /// Median of each state at the last time.
    fn medians_at_end(&self) -> Vec<f64> {
        (self.n_cells - self.n_states..self.n_cells).map(|cell| self.median(cell)).collect()
    }

    fn median(&self, cell: usize) -> f64 {
        let counts = &self.counts[cell * self.n_bins..(cell + 1) * self.n_bins];
        let half = counts.iter().map(|count| u64::from(*count)).sum::<u64>() / 2;
        let mut below = 0;
        let bin = counts.iter().position(|count| {
            below += u64::from(*count);
            below > half
        });
        bin.map_or(f64::NAN, |bin| {
            let (octave, part) = (bin >> FRACTION_BITS, bin & ((1 << FRACTION_BITS) - 1));
            let fraction = 1.0 + (part as f64 + 0.5) / f64::from(1 << FRACTION_BITS);
            if bin == 0 { 0.0 } else { 2f64.powi(OCTAVES.0 + octave as i32) * fraction }
        })
    }
}

#[cfg(test)]
mod tests;
