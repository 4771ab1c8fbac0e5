//! `regraft model rates`: what a model says at time 0.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use regraft_model::program::Quantity;
use regraft_model::{AtStart, Diagnostic, Program, Severity, Sources, at_start};
use serde_json::{Value, json};

use crate::arguments::Format;
use crate::exit::Exit;
use crate::{output, problems};

/// Prints starting values, rules and rates of change, as a table or as one JSON object.
pub fn rates(file: &Path, format: Format) -> Result<Exit> {
    let mut sources = Sources::default();
    let (read, mut found) = super::read(&mut sources, file)?;
    if read.is_some() {
        // Only units disagree: the numbers are what they are.
        found.iter_mut().for_each(|problem| problem.severity = Severity::Warning);
    }
    problems::show(&sources, &found);
    let Some((_, program)) = read.filter(|_| !found.iter().any(Diagnostic::is_error)) else {
        return Ok(Exit::FileErrors);
    };
    let start = at_start(&program);
    output::answer(&match format {
        Format::Json => as_json(&program, &start).to_string() + "\n",
        Format::Text => as_text(&program, &start),
    })?;
    Ok(Exit::Done)
}

/// One line per state with its rate, then parameters and rules.
fn as_text(program: &Program, start: &AtStart) -> String {
    let all = [&program.states, &program.parameters, &program.observables];
    let width = all.iter().flat_map(|names| names.iter()).map(|quantity| quantity.name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    let _ = writeln!(text, "states: value, rate of change");
    for ((state, value), rate) in program.states.iter().zip(&start.states).zip(&start.rates) {
        let value = format!("{value:?}");
        let _ = writeln!(text, "  {:width$}  {value:<24}  {rate:?}", state.name);
    }
    let groups = [("parameters", all[1], &start.parameters), ("rules", all[2], &start.observables)];
    for (title, names, values) in groups {
        let _ = writeln!(text, "\n{title}");
        for (quantity, value) in names.iter().zip(values) {
            let _ = writeln!(text, "  {:width$}  {value:?}", quantity.name);
        }
    }
    text
}

/// What is not finite becomes `null`.
fn as_json(program: &Program, start: &AtStart) -> Value {
    let list = |names: &[Quantity], values: &[f64]| -> Value {
        let entry = |(quantity, value): (&Quantity, &f64)| json!({ "name": quantity.name, "value": value });
        names.iter().zip(values).map(entry).collect()
    };
    let mut states = list(&program.states, &start.states);
    for (state, rate) in states.as_array_mut().into_iter().flatten().zip(&start.rates) {
        state["rate"] = json!(rate);
    }
    json!({
        "model": program.name,
        "states": states,
        "parameters": list(&program.parameters, &start.parameters),
        "rules": list(&program.observables, &start.observables),
    })
}
