//! One fixed small ensemble, counted instruction by instruction.

use std::hint::black_box;

use anyhow::{Result, ensure};
use regraft_sim::{Options, Patients, SolveStatus, Start, simulate};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::case::Case;

/// Patients: twice the lanes, so that every lane is refilled. Few, because callgrind emulates fused multiply-adds slowly.
const PATIENTS: usize = 16;
/// Tolerance: loose, to be short under callgrind.
const TOLERANCE: f64 = 4e-4;

/// `count`: everything outside [`measured_ensemble`] is not counted.
pub fn command() -> Result<Value> {
    let words = ["count", "--case", "bolus", "--lanes", "8", "--threads", "1"];
    let case = Case::read(&Arguments::read(words.into_iter().map(str::to_string))?)?;
    let options = case.options(&Arguments::read(words.into_iter().map(str::to_string))?)?;
    let options = Options { relative_tolerance: TOLERANCE, ..options };
    let patients = case.patients(0, PATIENTS);
    let finished = measured_ensemble(&case, &patients, &options);
    ensure!(finished == PATIENTS, "{} patients failed", PATIENTS - finished);
    Ok(json!({ "patients": PATIENTS, "rtol": TOLERANCE }))
}

/// What callgrind counts: it is told this name. Gives the number of patients who finished.
#[unsafe(no_mangle)]
#[inline(never)]
fn measured_ensemble(case: &Case, patients: &Patients, options: &Options) -> usize {
    let result = simulate(&case.program, patients, Start::Fresh, &case.plan, &case.outputs, options, &());
    let finished = |status: &&SolveStatus| **status == SolveStatus::Finished;
    black_box(result).map_or(0, |result| result.status.iter().filter(finished).count())
}
