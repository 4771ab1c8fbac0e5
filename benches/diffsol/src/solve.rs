//! Patients solved one after the other.

use anyhow::{Result, anyhow};
use diffsol::{
    BdfState, CraneliftJitModule, DiffSl, FaerSparseLU, FaerSparseMat, MatrixCommon, NonLinearOp, OdeBuilder,
    OdeEquations, OdeSolverMethod, OdeSolverProblem, OdeSolverState, OdeSolverStopReason, StateRefMut,
    Vector,
};

use crate::case::Case;
use crate::clock::timed;

type Matrix = FaerSparseMat<f64>;
type Equations = DiffSl<Matrix, CraneliftJitModule>;
type Problem = OdeSolverProblem<Equations>;

/// Seconds of solving, and values `[patient, time, state]`. Compiling and setting of parameters are not counted.
pub fn patients(case: &Case, n_patients: usize, rtol: f64) -> Result<(f64, Vec<f64>)> {
    let mut problem = OdeBuilder::<Matrix>::new()
        .rtol(rtol)
        .atol(case.sizes.iter().map(|size| 1e-2 * rtol * size))
        .p(case.inputs[0].iter().copied())
        .build_from_diffsl::<CraneliftJitModule>(&case.text)
        .map_err(|error| anyhow!("{error}"))?;
    let (mut seconds, mut values) = (0.0, Vec::new());
    for patient in 0..n_patients {
        let inputs =
            <Matrix as MatrixCommon>::V::from_vec(case.inputs[patient].clone(), problem.context().clone());
        problem.eqn.set_params(&inputs);
        let (spent, own) = timed(|| course(case, &problem, &case.states[patient]));
        seconds += spent;
        values.extend(own?);
    }
    Ok((seconds, values))
}

/// One patient: values `[time, state]`.
fn course(case: &Case, problem: &Problem, start: &[f64]) -> Result<Vec<f64>> {
    let failed = |error: diffsol::error::DiffsolError| anyhow!("{error}");
    let mut first = BdfState::new_without_initialise(problem).map_err(failed)?;
    let state = first.as_mut();
    start.iter().enumerate().for_each(|(index, value)| state.y.set_index(index, *value));
    restart(problem, state);
    let mut solver = problem.bdf_solver::<FaerSparseLU<f64>>(first).map_err(failed)?;
    let mut values = Vec::with_capacity(case.times.len() * case.n_states);
    let mut times = case.times.iter().copied().peekable();
    let mut doses = case.doses.iter().peekable();
    loop {
        let stop = doses.peek().map_or(case.end, |dose| dose.time);
        solver.set_stop_time(stop).map_err(failed)?;
        loop {
            let reason = solver.step().map_err(failed)?;
            let now = solver.state().t;
            while let Some(time) = times.next_if(|time| *time <= now) {
                let now = solver.interpolate(time).map_err(failed)?;
                values.extend((0..case.n_states).map(|state| now.get_index(state)));
            }
            if matches!(reason, OdeSolverStopReason::TstopReached) {
                break;
            }
        }
        if doses.peek().is_none() {
            return Ok(values);
        }
        while let Some(dose) = doses.next_if(|dose| dose.time == stop) {
            let state = solver.state_mut();
            let before = if dose.is_added { state.y.get_index(dose.state) } else { 0.0 };
            state.y.set_index(dose.state, before + dose.value);
        }
        restart(problem, solver.state_mut());
    }
}

/// After a jump: the derivative anew, and a first step by the usual rule.
fn restart(problem: &Problem, mut state: StateRefMut<'_, <Matrix as MatrixCommon>::V>) {
    problem.eqn.rhs().call_inplace(state.y, *state.t, state.dy);
    state.set_step_size(problem.h0, &problem.atol, problem.rtol, &problem.eqn, 1);
}
