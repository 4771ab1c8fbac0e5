//! diffsol on the benchmark's case: BDF, equations in DiffSL compiled by Cranelift, sparse LU, stopped at each dose.
//!
//! Asked on standard input, a line each, as the Python scripts of `benches/peers` are: {"rtol": R, "patients": N}
//! is answered by {"seconds": S, "patients": N, "error": E}.

mod case;
mod clock;
mod solve;

use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::case::Case;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("usage: diffsol-peer FOLDER")?;
    let case = Case::read(Path::new(&folder))?;
    say(&json!({ "ready": true }))?;
    for line in stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        say(&answer(&case, &asked).unwrap_or_else(|error| json!({ "failed": format!("{error:#}") })))?;
    }
    Ok(())
}

/// Solves the first patients and compares them with the reference.
fn answer(case: &Case, asked: &Value) -> Result<Value> {
    let rtol = asked["rtol"].as_f64().context("no `rtol`")?;
    let patients = asked["patients"].as_u64().context("no `patients`")? as usize;
    let (seconds, values) = solve::patients(case, patients, rtol)?;
    Ok(json!({ "seconds": seconds, "patients": patients, "error": case.error(&values) }))
}

fn say(answer: &Value) -> Result<()> {
    println!("{answer}");
    Ok(stdout().flush()?)
}
