//! One measured simulation.

use std::path::Path;

use anyhow::{Result, ensure};
use regraft_model::Program;
use regraft_sim::{Simulation, SolveStatus, Start, simulate};
use serde_json::{Value, json};

use crate::accuracy;
use crate::arguments::Arguments;
use crate::case::Case;
use crate::clock::measure;
use crate::memory::resident_peak_bytes;

/// `run`: simulates all patients and prints what it took. The time is that of `simulate` as a whole: checks,
/// the making of code, every step and the writing of the values.
pub fn command(arguments: &Arguments) -> Result<Value> {
    let case = Case::read(arguments)?;
    let options = case.options(arguments)?;
    let patients = case.patients(0, arguments.number("patients", 256)?);
    let (result, spent) = measure(|| {
        simulate(&case.program, &patients, Start::Fresh, &case.plan, &case.outputs, &options, &())
    });
    let result = result?;
    let failed = result.status.iter().filter(|status| matches!(status, SolveStatus::Failed { .. })).count();
    let mut answer = json!({
        "tool": "regraft",
        "case": arguments.text("case").unwrap_or("bolus"),
        "patients": patients.n_patients(),
        "states": case.program.states.len(),
        "rtol": options.relative_tolerance,
        "lanes": options.lanes,
        "threads": options.threads,
        "cpu_seconds": spent.thread,
        "process_seconds": spent.process,
        "wall_seconds": spent.wall,
        "failed": failed,
        "events_per_patient": per_patient(result.events.len() as u64, &result),
        "events_by_name": by_name(&case.program, &result),
        "accepted_steps": per_patient(result.counters.iter().map(|counters| counters.accepted).sum(), &result),
        "rejected_steps": per_patient(result.counters.iter().map(|counters| counters.rejected).sum(), &result),
        "flops_per_attempt": result.cost.flops_of_attempt,
        "bytes_per_lane": result.cost.bytes_per_lane,
        "peak_bytes": resident_peak_bytes(),
        "hash": format!("{:016x}", hash(&result.trajectories.values)),
    });
    if let Some(path) = arguments.text("reference") {
        ensure!(failed == 0, "{failed} patients failed; the first: {:?}", first_failure(&result));
        let times = &case.outputs.times;
        let worst = accuracy::against(Path::new(path), &case.program, times, &result.trajectories)?;
        answer["error"] = json!(worst.error);
        answer["error_place"] = json!(worst.place);
        answer["error_patients"] = json!(worst.patients);
    }
    if let Some(path) = arguments.text("values") {
        accuracy::write(Path::new(path), &result.trajectories.values)?;
    }
    Ok(answer)
}

/// How often each event happened, per patient; those that did not are left out.
fn by_name(program: &Program, result: &Simulation) -> Value {
    let count =
        |event: usize| result.events.iter().filter(|happened| happened.event as usize == event).count();
    let named = program.events.iter().enumerate().map(|(index, event)| (&event.name, count(index)));
    named
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| (name.clone(), json!(per_patient(count as u64, result))))
        .collect()
}

fn per_patient(total: u64, result: &Simulation) -> f64 {
    total as f64 / result.status.len().max(1) as f64
}

fn first_failure(result: &Simulation) -> Option<&SolveStatus> {
    result.status.iter().find(|status| matches!(status, SolveStatus::Failed { .. }))
}

/// FNV-1a over the bits of all values: the same on every number of lanes, threads and instruction set.
fn hash(values: &[f64]) -> u64 {
    values.iter().fold(0xcbf2_9ce4_8422_2325, |hash, value| {
        (hash ^ value.to_bits()).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
