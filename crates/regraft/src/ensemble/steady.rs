//! Steady states: where a dose repeated for ever leads.
//!
//! The map of one interval, just before a dose to just before the next, is iterated from the patient's
//! starting values with [`Anderson`]'s acceleration until no state changes by more than [`Limits::relative`]
//! of itself plus [`Limits::absolute`] in an interval, nor by more than a hundredth of the largest change it
//! ever showed: what grows without end is not taken for steady once it is large. A constant infusion is followed for 1, 2, 4, … units of
//! time until two stretches in a row change as little.

use regraft_model::program::{Node, Program, Unary};
use regraft_sim::{
    Action, Amount, Cause, Dose as Order, Options, Outputs, Patients, Plan, SimError, Simulation, Snapshots,
    SolveStatus, Start, Watch, simulate,
};

use super::anderson::Anderson;
use super::dose::{Dose, Given, Overlap};
use super::run::OnlyCancel;

/// Intervals after which a patient is given up.
pub(super) const MOST_INTERVALS: usize = 2000;
/// Doublings after which a patient under a constant infusion is given up.
const MOST_DOUBLINGS: i32 = 60;

/// How exactly a steady state is found.
#[derive(Debug, Clone)]
struct Limits {
    /// Change in an interval, relative to the state.
    relative: f64,
    /// Change in an interval, `[state]`.
    absolute: Vec<f64>,
}

/// What became of one patient.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// Not asked for.
    Nothing,
    /// The states at the time of the record.
    States(Vec<f64>),
    /// There is none, or it cannot be reached.
    Not(String),
}

/// A search for the steady states of some patients.
pub(super) struct Search<'a> {
    program: &'a Program,
    /// Where the patients stand at the start of their course.
    starts: &'a Snapshots,
    numbers: &'a [u64],
    options: Options,
    limits: Limits,
    watch: &'a dyn Watch,
    /// Step attempts so far, `[patient]`.
    pub work: Vec<regraft_sim::Counters>,
    found: Vec<Found>,
}

impl<'a> Search<'a> {
    /// A search with the tolerances of `options`, which must hold absolute ones, made tighter: steps by
    /// 10⁻³, changes by 10⁻², because what is left of an interval's change adds up over intervals.
    pub fn new(
        program: &'a Program,
        starts: &'a Snapshots,
        numbers: &'a [u64],
        options: &Options,
        watch: &'a dyn Watch,
    ) -> Search<'a> {
        let absolute = options.absolute_tolerances.clone().unwrap_or_default();
        let scaled = |factor: f64| absolute.iter().map(|value| factor * value).collect::<Vec<f64>>();
        let relative = options.relative_tolerance;
        let limits = Limits { relative: (1e-2 * relative).max(1e-10), absolute: scaled(1e-2) };
        let mut options = options.clone();
        options.absolute_tolerances = Some(scaled(1e-3));
        options.relative_tolerance = (1e-3 * relative).max(4e-12);
        let n = numbers.len();
        let (work, found) = (vec![Default::default(); n], vec![Found::Nothing; n]);
        Search { program, starts, numbers, options, limits, watch, work, found }
    }

    /// The states of patients `rows` at the time of a record that asks for the steady state of `dose`.
    pub fn find(
        mut self,
        dose: &Dose,
        rows: Vec<usize>,
    ) -> Result<Vec<(Found, regraft_sim::Counters)>, SimError> {
        match dose.given {
            Given::Constant { rate } => self.constant(dose.state, rate, rows)?,
            Given::Bolus { .. } | Given::Infusion { .. } => {
                let reached = self.repeated(dose, rows)?;
                self.shift(dose, reached)?;
            }
        }
        Ok(self.found.into_iter().zip(self.work).collect())
    }

    /// Iterates the map of one interval. Gives the patients who reached the steady state.
    fn repeated(&mut self, dose: &Dose, mut rows: Vec<usize>) -> Result<Vec<usize>, SimError> {
        let orders = interval_orders(dose);
        let mut mixers = vec![Anderson::default(); self.numbers.len()];
        let mut largest = vec![vec![0.0; self.program.states.len()]; self.numbers.len()];
        let mut now: Vec<Vec<f64>> = rows.iter().map(|&row| self.starts.states_of(row).to_vec()).collect();
        let mut reached = Vec::new();
        for interval in 1..=MOST_INTERVALS {
            let images = self.flow(self.program, &rows, &now, dose.interval, &orders)?;
            let mut left = (Vec::new(), Vec::new());
            for ((row, x), g) in rows.into_iter().zip(now).zip(images) {
                let Some(g) = g else { continue };
                let worst = self.worst(&x, &g, &mut largest[row]);
                if worst.is_none() {
                    self.found[row] = Found::States(g);
                    reached.push(row);
                } else if interval == MOST_INTERVALS {
                    self.give_up(row, worst, &format!("{MOST_INTERVALS} intervals"));
                } else {
                    left.1.push(mixers[row].next(&x, &g, &self.weights(&g)));
                    left.0.push(row);
                }
            }
            (rows, now) = left;
            if rows.is_empty() {
                break;
            }
        }
        reached.sort_unstable();
        Ok(reached)
    }

    fn constant(&mut self, state: u32, rate: f64, mut rows: Vec<usize>) -> Result<(), SimError> {
        let mut now: Vec<Vec<f64>> = rows.iter().map(|&row| self.starts.states_of(row).to_vec()).collect();
        let mut quiet = vec![0; self.numbers.len()];
        let mut largest = vec![vec![0.0; self.program.states.len()]; self.numbers.len()];
        for doubling in 0..=MOST_DOUBLINGS {
            let length = 2.0f64.powi(doubling);
            let orders = [infuse(state, rate * length, length)];
            let images = self.flow(self.program, &rows, &now, length, &orders)?;
            let mut left = (Vec::new(), Vec::new());
            for ((row, x), g) in rows.into_iter().zip(now).zip(images) {
                let Some(g) = g else { continue };
                let worst = self.worst(&x, &g, &mut largest[row]);
                quiet[row] = if worst.is_none() { quiet[row] + 1 } else { 0 };
                if quiet[row] == 2 {
                    self.found[row] = Found::States(g);
                } else if doubling == MOST_DOUBLINGS {
                    self.give_up(row, worst, "a constant infusion of 2^60 units of time");
                } else {
                    left.0.push(row);
                    left.1.push(g);
                }
            }
            (rows, now) = left;
            if rows.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// From just before dose −1 arrives to the time of the record, interval − lag later.
    fn shift(&mut self, dose: &Dose, rows: Vec<usize>) -> Result<(), SimError> {
        if dose.lag == 0.0 || rows.is_empty() {
            return Ok(());
        }
        let now: Vec<Vec<f64>> = rows
            .iter()
            .map(|&row| match &self.found[row] {
                Found::States(states) => states.clone(),
                Found::Nothing | Found::Not(_) => self.starts.states_of(row).to_vec(),
            })
            .collect();
        let later = dose.interval - dose.lag;
        let moved = if later >= 0.0 {
            self.flow(self.program, &rows, &now, later, &interval_orders(dose))?
        } else {
            self.flow(&backward(self.program), &rows, &now, -later, &backward_orders(dose, -later))?
        };
        for (row, states) in rows.into_iter().zip(moved) {
            if let Some(states) = states {
                self.found[row] = Found::States(states);
            }
        }
        Ok(())
    }

    /// Follows some patients from `states` for a time; nothing for one who fails, which is noted.
    fn flow(
        &mut self,
        program: &Program,
        rows: &[usize],
        states: &[Vec<f64>],
        length: f64,
        orders: &[Order],
    ) -> Result<Vec<Option<Vec<f64>>>, SimError> {
        let plan = Plan { end: length, doses: orders.to_vec(), ..Plan::default() };
        let patients = Patients::alike(rows.iter().map(|&row| self.numbers[row]));
        let mut from = self.starts.select(rows);
        from.states = states.concat();
        let (nothing, watch) = (Outputs::default(), OnlyCancel(self.watch));
        let result =
            simulate(program, &patients, Start::From(&from), &plan, &nothing, &self.options, &watch)?;
        Ok(rows.iter().enumerate().map(|(index, &row)| self.take(&result, index, row)).collect())
    }

    fn take(&mut self, result: &Simulation, index: usize, row: usize) -> Option<Vec<f64>> {
        add(&mut self.work[row], &result.counters[index]);
        if let SolveStatus::Failed { cause, .. } = &result.status[index] {
            self.found[row] = Found::Not(format!("on the way to the steady state: {}", self.describe(cause)));
            return None;
        }
        Some(result.end.states_of(index).to_vec())
    }

    fn describe(&self, cause: &Cause) -> String {
        cause.describe(self.program)
    }

    /// The state whose change is furthest above what is allowed; `None` if all are within. `largest` is the
    /// largest change of each state that was above its limit.
    fn worst(&self, x: &[f64], g: &[f64], largest: &mut [f64]) -> Option<usize> {
        let mut excess = vec![0.0f64; g.len()];
        for (state, excess) in excess.iter_mut().enumerate() {
            let change = (g[state] - x[state]).abs();
            let limit = self.limits.relative * g[state].abs() + self.limits.absolute[state];
            if change > limit {
                largest[state] = largest[state].max(change);
            }
            let allowed = if largest[state] > 0.0 { limit.min(1e-2 * largest[state]) } else { limit };
            *excess = change / allowed;
        }
        let worst = (0..g.len()).max_by(|&a, &b| excess[a].total_cmp(&excess[b]))?;
        (excess[worst] > 1.0).then_some(worst)
    }

    fn weights(&self, g: &[f64]) -> Vec<f64> {
        g.iter().zip(&self.limits.absolute).map(|(g, absolute)| 1.0 / (g.abs() + 1e4 * absolute)).collect()
    }

    fn give_up(&mut self, row: usize, worst: Option<usize>, how_long: &str) {
        let name = worst.map_or("", |state| self.program.states[state].name.as_str());
        self.found[row] = Found::Not(format!("no steady state after {how_long}: `{name}` still changes"));
    }
}

/// Adds the work of one call to that of another.
pub(super) fn add(sum: &mut regraft_sim::Counters, more: &regraft_sim::Counters) {
    sum.accepted += more.accepted;
    sum.rejected += more.rejected;
    sum.halved += more.halved;
    sum.roots += more.roots;
    sum.derivatives += more.derivatives;
    sum.jacobians += more.jacobians;
}

/// What is given in one interval of a dose repeated for ever. An infusion longer than the interval runs
/// beside those of the doses before it.
fn interval_orders(dose: &Dose) -> Vec<Order> {
    match dose.given {
        Given::Infusion { rate, duration } => {
            let Overlap { whole, rest } = Overlap::of(duration, dose.interval);
            let through =
                (whole > 0).then(|| infuse(dose.state, whole as f64 * rate * dose.interval, dose.interval));
            let remainder = (rest > 0.0).then(|| infuse(dose.state, rate * rest, rest));
            through.into_iter().chain(remainder).collect()
        }
        Given::Bolus { amount } => {
            vec![Order::new(0.0, Action::Add { state: dose.state, amount: Amount::fixed(amount) })]
        }
        Given::Constant { .. } => Vec::new(),
    }
}

/// What is taken back when going backward from the arrival of a dose: a bolus has been given, and the
/// infusions that ran at its arrival run all the time.
fn backward_orders(dose: &Dose, length: f64) -> Vec<Order> {
    match dose.given {
        Given::Infusion { rate, duration } => {
            let n = Overlap::of(duration, dose.interval).at_arrival() as f64;
            vec![infuse(dose.state, -n * rate * length, length)]
        }
        Given::Bolus { .. } | Given::Constant { .. } => interval_orders(dose),
    }
}

fn infuse(state: u32, amount: f64, duration_days: f64) -> Order {
    Order::new(0.0, Action::Infuse { state, amount: Amount::fixed(amount), duration_days })
}

/// The program with time running backward; its rates do not depend on time.
fn backward(program: &Program) -> Program {
    let mut backward = program.clone();
    let mut negate = |node: u32| {
        backward.nodes.push(Node::Unary(Unary::Negate, node));
        backward.nodes.len() as u32 - 1
    };
    backward.derivatives = program.derivatives.iter().map(|&node| negate(node)).collect();
    let entries: Vec<u32> = program.jacobian.iter().map(|entry| negate(entry.node)).collect();
    for (entry, node) in backward.jacobian.iter_mut().zip(entries) {
        entry.node = node;
    }
    backward
}
