//! Refusing what cannot be done, before anything is done.

use super::{
    Action, Amount, Found, Options, Outputs, Patients, Plan, Program, SimError, Start, Target, Trigger,
};

/// The program's lists belong together.
pub(super) fn program(program: &Program) -> Result<(), SimError> {
    let states = program.states.len();
    shape("derivatives of the program", states, program.derivatives.len())?;
    shape("time derivatives of the program", states, program.time_derivatives.len())?;
    shape("observable nodes of the program", program.observables.len(), program.observable_nodes.len())
}

pub(super) fn patients(program: &Program, patients: &Patients, start: Start) -> Result<(), SimError> {
    let n = patients.n_patients();
    shape("values of patients", n * patients.overrides.len(), patients.values.len())?;
    shape("factors of patients", n * patients.n_factors, patients.factors.len())?;
    for &override_target in &patients.overrides {
        target("an override", program, override_target)?;
    }
    let Start::From(snapshots) = start else { return Ok(()) };
    shape("usable rows of the snapshot", n, snapshots.usable.len())?;
    shape("states of the snapshot", n * program.states.len(), snapshots.states.len())?;
    shape("parameters of the snapshot", n * program.parameters.len(), snapshots.parameters.len())?;
    shape("draws of the snapshot", n * program.streams.len(), snapshots.draws.len())
}

pub(super) fn plan(program: &Program, patients: &Patients, plan: &Plan) -> Result<(), SimError> {
    require("start of the plan", plan.start, plan.start.is_finite(), "finite")?;
    require(
        "end of the plan",
        plan.end,
        plan.end.is_finite() && plan.end >= plan.start,
        "finite and not before its start",
    )?;
    for dose in &plan.doses {
        let within = (plan.start..=plan.end).contains(&dose.time);
        require("time of a dose", dose.time, within, "within the plan")?;
        factor(patients, dose.given_if)?;
        optional("a dose that ends with a rule", dose.until_rule, plan.rules.len())?;
        action(program, patients, &dose.action)?;
    }
    for rule in &plan.rules {
        require("start of a rule", rule.from, !rule.from.is_nan(), "a number")?;
        require("end of a rule", rule.to, !rule.to.is_nan(), "a number")?;
        require("refractory time of a rule", rule.refractory_days, rule.refractory_days >= 0.0, "0 or more")?;
        optional("the condition of a rule", rule.condition, program.observables.len())?;
        optional("the end condition of a rule", rule.until, program.observables.len())?;
        factor(patients, rule.given_if)?;
        trigger(program, &rule.trigger)?;
        for (delay, what) in &rule.actions {
            require(
                "delay of an action",
                *delay,
                *delay >= 0.0 && delay.is_finite(),
                "finite and 0 or more",
            )?;
            action(program, patients, what)?;
        }
    }
    plan.stop_on.iter().try_for_each(|&event| index("the end of a course", event, program.events.len()))
}

fn trigger(program: &Program, trigger: &Trigger) -> Result<(), SimError> {
    match trigger {
        Trigger::Event(event) => index("the trigger of a rule", *event, program.events.len()),
        Trigger::Times(times) => {
            let bad = times.iter().find(|time| time.is_nan());
            bad.map_or(Ok(()), |&time| require("time of a rule", time, false, "a number"))
        }
    }
}

fn action(program: &Program, patients: &Patients, action: &Action) -> Result<(), SimError> {
    match action {
        Action::Add { state, amount } => {
            index("a dose", *state, program.states.len())?;
            factors(patients, amount)
        }
        Action::Infuse { state, amount, duration_days } => {
            index("an infusion", *state, program.states.len())?;
            let possible = *duration_days > 0.0 && duration_days.is_finite();
            require("duration of an infusion", *duration_days, possible, "finite and above 0")?;
            factors(patients, amount)
        }
        Action::Set { target: what, value } => {
            target("a setting", program, *what)?;
            factors(patients, value)
        }
        Action::Scale { target: what, factor } => {
            target("a setting", program, *what)?;
            factors(patients, factor)
        }
        Action::SetBetween { target: what, value, .. } => {
            target("a setting", program, *what)?;
            factors(patients, value)
        }
        Action::Stop => Ok(()),
    }
}

fn factors(patients: &Patients, amount: &Amount) -> Result<(), SimError> {
    factor(patients, amount.factor)?;
    factor(patients, amount.second_factor)
}

fn factor(patients: &Patients, factor: Option<u32>) -> Result<(), SimError> {
    optional("a factor", factor, patients.n_factors)
}

pub(super) fn outputs(program: &Program, plan: &Plan, outputs: &Outputs) -> Result<(), SimError> {
    let mut last = plan.start;
    for &time in &outputs.times {
        require(
            "time of an output",
            time,
            last <= time && time <= plan.end,
            "within the plan and ascending",
        )?;
        last = time;
    }
    outputs.observables.iter().try_for_each(|found| match *found {
        Found::State(state) => index("an output", state, program.states.len()),
        Found::Parameter(parameter) => index("an output", parameter, program.parameters.len()),
        Found::Observable(observable) => index("an output", observable, program.observables.len()),
        Found::Event(event) => {
            Err(SimError::Index { what: "an output (events have no value)", index: event as usize, count: 0 })
        }
    })
}

pub(super) fn options(program: &Program, options: &Options) -> Result<(), SimError> {
    let relative = options.relative_tolerance;
    require("relative tolerance", relative, relative > 0.0 && relative < 1.0, "between 0 and 1")?;
    require("number of lanes", options.lanes as f64, (1..=1024).contains(&options.lanes), "1 to 1024")?;
    require("number of threads", 0.0, options.threads != Some(0), "at least 1")?;
    for (what, table) in [("typical sizes", &options.typical_sizes), ("floors", &options.floors)] {
        if !table.is_empty() {
            shape(what, program.states.len(), table.len())?;
        }
        for &value in table {
            require(what, value, value >= 0.0 && value.is_finite(), "finite and 0 or more")?;
        }
    }
    let Some(absolute) = &options.absolute_tolerances else { return Ok(()) };
    shape("absolute tolerances", program.states.len(), absolute.len())?;
    let possible = |value: f64| value > 0.0 && value.is_finite();
    absolute.iter().try_for_each(|&v| require("absolute tolerance", v, possible(v), "finite and above 0"))
}

fn target(what: &'static str, program: &Program, target: Target) -> Result<(), SimError> {
    match target {
        Target::State(state) => index(what, state, program.states.len()),
        Target::Parameter(parameter) => index(what, parameter, program.parameters.len()),
    }
}

fn optional(what: &'static str, value: Option<u32>, count: usize) -> Result<(), SimError> {
    value.map_or(Ok(()), |value| index(what, value, count))
}

fn index(what: &'static str, index: u32, count: usize) -> Result<(), SimError> {
    let index = index as usize;
    if index < count { Ok(()) } else { Err(SimError::Index { what, index, count }) }
}

fn shape(what: &'static str, expected: usize, found: usize) -> Result<(), SimError> {
    if expected == found { Ok(()) } else { Err(SimError::Shape { what, expected, found }) }
}

fn require(what: &'static str, value: f64, holds: bool, must_be: &'static str) -> Result<(), SimError> {
    if holds { Ok(()) } else { Err(SimError::Value { what, value, must_be }) }
}
