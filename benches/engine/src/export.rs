//! The case for other tools: numbers as JSON, the right-hand side as text.

mod diffsl;
mod order;
mod python;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use regraft_model::{Program, Target};
use regraft_sim::{Action, Dose, Patients, Snapshots, default_absolute_tolerances};
use serde_json::{Value, json};

use crate::accuracy::is_drug;
use crate::arguments::Arguments;
use crate::case::Case;
use crate::model::target;
use crate::person::at_start;

use self::order::Needed;

/// Where steady inflows go in the model's text: a parameter that is a state's inflow.
const INFLOWS: [(&str, &str); 1] = [("drugs.prednisone.depot", "drugs.prednisone.daily_dose")];

/// `export`: writes `case.json`, `right_hand_side.py` (and its hoisted form) and `model.diffsl` into a folder.
pub fn command(arguments: &Arguments) -> Result<Value> {
    let folder = Path::new(arguments.text("to").context("`--to FOLDER` is missing")?);
    fs::create_dir_all(folder)?;
    let case = Case::read(arguments)?;
    ensure!(arguments.number("copies", 1u32)? == 1, "only one copy can be exported");
    let patients = case.patients(0, arguments.number("patients", 32)?);
    let start = at_start(&case.program, &patients)?;
    let json = describe(&case, &patients, &start, arguments)?;
    fs::write(folder.join("case.json"), serde_json::to_string(&json)?)?;
    fs::write(folder.join("right_hand_side.py"), python::text(&case.program, false)?)?;
    fs::write(folder.join("right_hand_side_hoisted.py"), python::text(&case.program, true)?)?;
    fs::write(
        folder.join("model.diffsl"),
        diffsl::text(&case.program, &set_by_doses(&case)?, &alike(&start))?,
    )?;
    Ok(json!({ "folder": folder, "states": case.program.states.len(), "doses": case.plan.doses.len() }))
}

/// Parameters by number that the doses of [`doses`] set.
fn set_by_doses(case: &Case) -> Result<Vec<u32>> {
    let mut set = Vec::new();
    for dose in doses(&case.program, &case.plan.doses)? {
        if let Some(name) = dose["set"].as_str()
            && let Target::Parameter(parameter) = target(&case.program, name)?
            && !set.contains(&parameter)
        {
            set.push(parameter);
        }
    }
    Ok(set)
}

/// Everything but the equations.
fn describe(case: &Case, patients: &Patients, start: &Snapshots, arguments: &Arguments) -> Result<Value> {
    let program = &case.program;
    let options = case.options(arguments)?;
    let absolute = default_absolute_tolerances(program, &case.plan, &options)?;
    let sizes = absolute.iter().map(|tolerance| tolerance / (1e-2 * options.relative_tolerance));
    let states: Vec<Value> = program
        .states
        .iter()
        .zip(sizes)
        .map(|(state, size)| json!({ "name": state.name, "size": size, "drug": is_drug(&state.name) }))
        .collect();
    let rows = 0..patients.n_patients();
    Ok(json!({
        "start": case.plan.start,
        "end": case.plan.end,
        "times": case.outputs.times,
        "states": states,
        "parameters": program.parameters.iter().map(|parameter| &parameter.name).collect::<Vec<_>>(),
        "overridden": overridden(program, patients, start),
        "read": Needed::of(program).parameters,
        "set": set_by_doses(case)?,
        "doses": doses(program, &case.plan.doses)?,
        "patient_states": rows.clone().map(|row| start.states_of(row)).collect::<Vec<_>>(),
        "patient_parameters": rows.map(|row| start.parameters_of(row)).collect::<Vec<_>>(),
    }))
}

/// Values of the parameters that begin alike in all patients, `[parameter]`.
fn alike(start: &Snapshots) -> Vec<Option<f64>> {
    let first = start.parameters_of(0).iter().copied().enumerate();
    let is_alike = |(parameter, value): (usize, f64)| {
        let same = |row: usize| start.parameters_of(row)[parameter].to_bits() == value.to_bits();
        (1..start.n_patients()).all(same).then_some(value)
    };
    first.map(is_alike).collect()
}

/// Parameters by number that the case overrides, or that differ between patients.
fn overridden(program: &Program, patients: &Patients, start: &Snapshots) -> Vec<usize> {
    let named = |parameter: usize| patients.overrides.contains(&Target::Parameter(parameter as u32));
    let alike = alike(start);
    let differs = |parameter: usize| alike[parameter].is_none();
    // Thresholds are drawn; without events nothing reads them.
    let is_drawn = |parameter: usize| program.parameters[parameter].name.ends_with("_threshold");
    let wanted = |parameter: &usize| (named(*parameter) || differs(*parameter)) && !is_drawn(*parameter);
    (0..program.parameters.len()).filter(wanted).collect()
}

/// What is added to a state, and to what a parameter is set, in order of time. An infusion sets the parameter
/// that is the state's inflow, and sets it back to 0 when it ends unless another one starts then.
fn doses(program: &Program, doses: &[Dose]) -> Result<Vec<Value>> {
    let mut all: Vec<(f64, u8, Value)> = Vec::new();
    for dose in doses {
        match dose.action {
            Action::Add { state, amount } => {
                let name = &program.states[state as usize].name;
                all.push((dose.time, 1, json!({ "time": dose.time, "add_to": name, "value": amount.value })));
            }
            Action::Infuse { state, amount, duration_days } => {
                let state = &program.states[state as usize].name;
                let inflow = INFLOWS.iter().find(|(known, _)| known == state).map(|(_, inflow)| *inflow);
                let inflow = inflow.with_context(|| format!("`{state}` has no parameter for its inflow"))?;
                let set = |time: f64, value: f64| json!({ "time": time, "set": inflow, "value": value });
                all.push((dose.time, 1, set(dose.time, amount.value / duration_days)));
                let end = dose.time + duration_days;
                if !doses
                    .iter()
                    .any(|other| other.time == end && matches!(other.action, Action::Infuse { .. }))
                {
                    all.push((end, 0, set(end, 0.0)));
                }
            }
            other => anyhow::bail!("other tools are not told of {other:?}"),
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Ok(all.into_iter().map(|(_, _, dose)| dose).collect())
}
