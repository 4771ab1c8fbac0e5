//! What a simulation gives back.

use regraft_model::{Program, Target};
use regraft_ode::{Counters, Failure};

use crate::patients::Snapshots;

/// Values over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trajectories {
    /// Number of patients.
    pub n_patients: usize,
    /// Number of times.
    pub n_times: usize,
    /// Number of observables.
    pub n_observables: usize,
    /// `[patient, time, observable]`. A value at the time of a dose or an event is the value after it.
    /// NaN after a patient's course has stopped or failed.
    pub values: Vec<f64>,
}

impl Trajectories {
    /// One patient's values at one time, `[observable]`.
    pub fn at(&self, patient: usize, time: usize) -> &[f64] {
        let from = (patient * self.n_times + time) * self.n_observables;
        &self.values[from..from + self.n_observables]
    }
}

/// An event of the program that happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Happening {
    /// Row of the patient.
    pub patient: u32,
    /// When it took effect, in the model's time unit.
    pub time: f64,
    /// Which event of the program.
    pub event: u32,
}

/// What a rule decided when it was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionKind {
    /// It acted.
    Acted,
    /// Its condition did not hold.
    ConditionFalse,
    /// `until` held: the rule is over for this patient. Logged once.
    Ended,
    /// Too soon after it had acted.
    Refractory,
    /// It had acted as often as it may, and is over for this patient. Logged once.
    Exhausted,
}

/// A line of the decision log.
///
/// A rule woken by times that refuses for the same reason again and again is logged at its first
/// refusal only; rules woken by events are logged every time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Row of the patient.
    pub patient: u32,
    /// When, in the model's time unit.
    pub time: f64,
    /// Which rule of the plan.
    pub rule: u32,
    /// What was decided.
    pub kind: DecisionKind,
}

/// Why a patient could not be simulated further.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// A starting value is NaN or infinite.
    StartNotFinite(Target),
    /// A dose would give a NaN or infinite amount.
    DoseNotFinite(Target),
    /// An event would assign NaN or infinity.
    AssignmentNotFinite {
        /// Event of the program.
        event: u32,
        /// What would have been assigned.
        target: Target,
    },
    /// The delay of an event is NaN, infinite or negative.
    DelayNotPossible {
        /// Event of the program.
        event: u32,
    },
    /// Events and rules woke each other without end at one moment.
    EventsWithoutEnd {
        /// The last event that happened.
        event: u32,
    },
    /// More than 300,000 events were triggered in the patient.
    TooManyEvents {
        /// The event that would have been the next.
        event: u32,
    },
    /// A rate is no finite number, whatever the step.
    RateNotFinite {
        /// State whose rate it is; the first of several.
        state: u32,
        /// The first operation in it that gives no finite number from finite ones.
        operation: Impossible,
    },
    /// The integrator gave up.
    Solver(Failure),
}

/// An operation that has no finite result, with what it was applied to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Impossible {
    /// Logarithm of a number that is not positive.
    Logarithm(f64),
    /// Square root of a negative number.
    SquareRoot(f64),
    /// A number divided by 0.
    Division(f64),
    /// A power: base and exponent.
    Power(f64, f64),
    /// Arc sine or cosine of a number beyond ±1.
    Arc(f64),
    /// Any operation: the result is beyond 1.8e308.
    Overflow,
}

impl std::fmt::Display for Impossible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Impossible::Logarithm(a) => write!(f, "the logarithm of {}", short(*a)),
            Impossible::SquareRoot(a) => write!(f, "the square root of {}", short(*a)),
            Impossible::Division(a) => write!(f, "{} divided by 0", short(*a)),
            Impossible::Power(base, exponent) => {
                write!(f, "{} to the power of {}", short(*base), short(*exponent))
            }
            Impossible::Arc(a) => write!(f, "the arc sine or cosine of {}", short(*a)),
            Impossible::Overflow => f.write_str("a number beyond 1.8e308"),
        }
    }
}

/// A number in at most four digits.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_string(),
        size if (1e-3..1e5).contains(&size) => format!("{}", (value * 1e3).round() / 1e3),
        _ => format!("{value:.3e}"),
    }
}

impl Cause {
    /// One line for a person, with the names of `program`.
    pub fn describe(&self, program: &Program) -> String {
        let event = |event: u32| program.events.get(event as usize).map_or("?", |event| event.name.as_str());
        match self {
            Cause::StartNotFinite(target) => {
                format!("starting value of `{}` is not finite", target_name(program, *target))
            }
            Cause::DoseNotFinite(target) => {
                format!("dose into `{}` is not finite", target_name(program, *target))
            }
            Cause::AssignmentNotFinite { event: which, target } => {
                let name = target_name(program, *target);
                format!("event `{}` assigns a value to `{name}` that is not finite", event(*which))
            }
            Cause::DelayNotPossible { event: which } => {
                format!("delay of event `{}` is negative or not finite", event(*which))
            }
            Cause::EventsWithoutEnd { event: which } => {
                format!("events without end at one moment, the last was `{}`", event(*which))
            }
            Cause::TooManyEvents { event: which } => {
                format!("more than 300,000 events, the next would be `{}`", event(*which))
            }
            Cause::RateNotFinite { state, operation } => {
                let name = target_name(program, Target::State(*state));
                format!("integration failed: a value is not finite: {operation} in the rate of `{name}`")
            }
            Cause::Solver(failure) => format!("integration failed: {failure}"),
        }
    }
}

fn target_name(program: &Program, target: Target) -> &str {
    let quantity = match target {
        Target::State(index) => program.states.get(index as usize),
        Target::Parameter(index) => program.parameters.get(index as usize),
    };
    quantity.map_or("?", |quantity| quantity.name.as_str())
}

/// How a patient's course went.
#[derive(Debug, Clone, PartialEq)]
pub enum SolveStatus {
    /// To the end of the plan.
    Finished,
    /// Ended early, as planned.
    Stopped {
        /// When, in the model's time unit.
        day: f64,
        /// The event that ended it; `None` if an action did.
        event: Option<u32>,
    },
    /// Could not be simulated further.
    Failed {
        /// When, in the model's time unit.
        day: f64,
        /// Why.
        cause: Cause,
    },
    /// The snapshot to start from was not usable.
    NotStarted,
}

/// What the arithmetic costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Floating-point operations of a step attempt of one patient: those the routines execute, a fused
    /// multiply-add counted as 2, eᵃ as 30, ln as 35, a power as 65, a division as 1.
    pub flops_of_attempt: u64,
    /// Memory of the engine per lane, outputs not counted.
    pub bytes_per_lane: usize,
}

/// What [`simulate`](crate::simulate) gives back.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// The values asked for.
    pub trajectories: Trajectories,
    /// Events, by patient, then in the order in which they happened.
    pub events: Vec<Happening>,
    /// Decisions of rules, by patient, then in the order in which they were made.
    pub decisions: Vec<Decision>,
    /// `[patient]`
    pub status: Vec<SolveStatus>,
    /// Where the patients stand.
    pub end: Snapshots,
    /// Work done, `[patient]`.
    pub counters: Vec<Counters>,
    /// What the arithmetic costs.
    pub cost: Cost,
}
