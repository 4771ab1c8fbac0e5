//! Where patients start: their states and parameters on the first day.

use anyhow::Result;
use regraft_model::Program;
use regraft_sim::{Options, Outputs, Patients, Plan, Snapshots, Start, simulate};
use regraft_stats::Seed;

/// States and parameters of every patient at the start, all rules of the model applied.
pub fn at_start(program: &Program, patients: &Patients) -> Result<Snapshots> {
    let options = Options { threads: Some(1), ..Options::new(Seed(1)) };
    let outputs = Outputs::default();
    Ok(simulate(program, patients, Start::Fresh, &Plan::default(), &outputs, &options, &())?.end)
}
