//! Running a program for many patients.
//!
//! [`simulate`] takes a flat [`Program`](regraft_model::Program), a table of [`Patients`] and a
//! [`Plan`] of doses and rules, all by index, and gives the values asked for, what happened, what was
//! decided and where every patient stands at the end. It knows no arms, no endpoints and no files.
//!
//! A patient's result depends on the program, the plan, the options, the seed and the patient's own
//! row, and on nothing else: not on the number of threads or lanes, nor on who else is simulated.
//!
//! ```
//! use regraft_model::{Found, Sources, lower, read_antimony};
//! use regraft_sim::{Action, Amount, Dose, Options, Outputs, Patients, Plan, Start, simulate};
//! use regraft_stats::Seed;
//!
//! let text = "model m()\n  drug = 0;\n  k = 0.5;\n  drug' = -k*drug;\nend";
//! let mut sources = Sources::default();
//! let root = sources.add("m.ant", text);
//! let (model, _) = read_antimony(&mut sources, root, &mut |_, _| None);
//! let program = lower(&model).expect("the text is a model");
//!
//! let ten = Action::Add { state: 0, amount: Amount::fixed(10.0) };
//! let plan = Plan { end: 5.0, doses: vec![Dose::new(1.0, ten)], ..Plan::default() };
//! let outputs = Outputs { times: vec![0.0, 1.0, 3.0], observables: vec![Found::State(0)] };
//! let options = Options::new(Seed(1));
//! let result = simulate(&program, &Patients::alike([0]), Start::Fresh, &plan, &outputs, &options, &())?;
//! assert_eq!(result.trajectories.values[..2], [0.0, 10.0]);
//! assert!((result.trajectories.values[2] - 10.0 * (-1.0f64).exp()).abs() < 1e-5);
//! # Ok::<(), regraft_sim::SimError>(())
//! ```

mod patients;

mod plan;

mod options;

mod result;

mod error;

mod simulate;

mod prepared;
mod setting;
mod uniform;
mod worker;

mod course;
mod rules;

mod events;

mod scene;

mod switches;

mod diagnose;

mod initial;

mod draws;

mod kernel;

pub use error::SimError;
pub use options::{Options, Outputs, Watch, default_absolute_tolerances};
pub use patients::{Common, Patients, Snapshots, Start};
pub use plan::{Action, Amount, Dose, Plan, Rule, Trigger};
pub use regraft_ode::{Counters, Failure};
pub use regraft_tape::{Body, Engine};
pub use result::{
    Cause, Cost, Decision, DecisionKind, Happening, Impossible, Simulation, SolveStatus, Trajectories,
};
pub use simulate::simulate;

#[cfg(test)]
mod tests;
