//! The pilot course.

use super::*;

/// The model's own patient.
pub(in crate::ensemble) struct Pilot<'a> {
    program: &'a Program,
    patient: Patients,
    /// Starting values, `[state]`.
    start: Vec<f64>,
    end: f64,
    watch: &'a dyn Watch,
}

/// Tolerance of a pilot; chosen: sizes need no digits.
const TOLERANCE: f64 = 4e-4;
/// Rounds: the first without knowing any size, the second with those of the first.
const ROUNDS: usize = 2;
/// Step attempts after which what was seen must do.
const MOST_STEPS: u64 = 20_000;
/// Moments looked at, evenly and by powers.
const MOMENTS: u32 = 128;
/// What grows carries its early errors along: a state that starts above 0 is taken for at most so many times
/// larger than it starts. Chosen by measurement, see `docs/design/ensembles.md`.
const GROWTH_FROM_START: f64 = 100.0;
/// A state that starts at 0 and is given nothing grows from something that is so many times smaller than its
/// largest value. Chosen as the other.
const GROWTH_FROM_NOTHING: f64 = 1000.0;

/// A state that starts at 0 is not taken for smaller than this share of the middle state: what is seen of it below
/// may be the rounding of rates that cancel, and following that costs ten times the steps. What is smaller still
/// has 10⁻⁵ of its size at a thousandth of this share. Chosen by measurement on the library's core.
const ROUNDING: f64 = 1e-9;

impl<'a> Pilot<'a> {
    pub fn new(program: &'a Program, end: f64, watch: &'a dyn Watch) -> Pilot<'a> {
        let start = at_start(program);
        let mut patient = Patients::alike([0]);
        for &(target, node) in &program.initial {
            if draws(program, node) {
                patient.overrides.push(target);
                patient.values.push(match target {
                    Target::State(state) => start.states[state as usize],
                    Target::Parameter(parameter) => start.parameters[parameter as usize],
                });
            }
        }
        Pilot { program, patient, start: start.states, end, watch }
    }

    /// Typical sizes with these doses, `[state]`.
    pub fn sizes(&self, doses: &Doses) -> Result<Vec<f64>, SimError> {
        let plan = self.plan(doses);
        let given = plan.largest_doses(self.start.len());
        let mut largest: Vec<f64> =
            self.start.iter().zip(&given).map(|(start, given)| start.abs().max(*given)).collect();
        for _ in 0..ROUNDS {
            let tolerances = self.filled(&largest).iter().map(|size| 1e-4 * TOLERANCE * size).collect();
            for (largest, seen) in largest.iter_mut().zip(self.seen(&plan, tolerances)?) {
                *largest = largest.max(seen);
            }
        }
        let known = self.filled(&largest);
        let middle = middle(&largest);
        let size = |state: usize| match (self.start[state].abs(), given[state]) {
            (start, _) if start > 0.0 => known[state].min(GROWTH_FROM_START * start),
            (_, given) if given > 0.0 => known[state],
            _ => (known[state] / GROWTH_FROM_NOTHING).max(ROUNDING * middle),
        };
        Ok((0..known.len()).map(|state| power(exponent(size(state)))).collect())
    }

    /// What is given, all at time 0.
    fn plan(&self, doses: &Doses) -> Plan {
        let order = |given: &Given| {
            let (state, size) = (given.state, power(given.size));
            let action = if given.infused {
                let duration_days = power(given.duration);
                Action::Infuse { state, amount: Amount::fixed(size * duration_days), duration_days }
            } else {
                Action::Add { state, amount: Amount::fixed(size) }
            };
            Order::new(0.0, action)
        };
        Plan { end: self.end, doses: doses.iter().map(order).collect(), ..Plan::default() }
    }

    /// Sizes, with that of the middle state where none was seen, and 1 where there is no other.
    fn filled(&self, largest: &[f64]) -> Vec<f64> {
        let middle = middle(largest);
        largest.iter().map(|&size| if size > 0.0 && size.is_finite() { size } else { middle }).collect()
    }

    /// The largest value that each state takes, until the course ends or fails.
    fn seen(&self, plan: &Plan, tolerances: Vec<f64>) -> Result<Vec<f64>, SimError> {
        let n = self.start.len();
        let outputs =
            Outputs { times: self.moments(), observables: (0..n as u32).map(Found::State).collect() };
        let options = Options {
            relative_tolerance: TOLERANCE,
            absolute_tolerances: Some(
                tolerances.into_iter().map(|value: f64| value.max(f64::MIN_POSITIVE)).collect(),
            ),
            threads: Some(1),
            max_steps: MOST_STEPS,
            ..Options::new(Seed(1))
        };
        let watch = super::super::run::OnlyCancel(self.watch);
        let result = simulate(self.program, &self.patient, Start::Fresh, plan, &outputs, &options, &watch)?;
        let mut largest = vec![0.0f64; n];
        for values in result.trajectories.values.chunks_exact(n.max(1)) {
            for (largest, value) in largest.iter_mut().zip(values) {
                if value.is_finite() {
                    *largest = largest.max(value.abs());
                }
            }
        }
        Ok(largest)
    }

    /// Evenly spaced moments, and moments by powers, for what is over soon.
    fn moments(&self) -> Vec<f64> {
        let even = (0..=MOMENTS).map(|n| f64::from(n) / f64::from(MOMENTS));
        let powers = (1..=MOMENTS as i32 / 2).map(|n| 0.5f64.powi(n));
        let mut times: Vec<f64> = even.chain(powers).map(|part| part * self.end).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }
}

/// The middle of the sizes that were seen; 1 where there is none.
fn middle(largest: &[f64]) -> f64 {
    let mut seen: Vec<f64> = largest.iter().copied().filter(|size| *size > 0.0 && size.is_finite()).collect();
    seen.sort_by(f64::total_cmp);
    seen.get(seen.len() / 2).copied().unwrap_or(1.0)
}

/// Whether a value is drawn.
fn draws(program: &Program, node: NodeId) -> bool {
    let mut stack = vec![node];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(node) = stack.pop() {
        if !seen.insert(node) {
            continue;
        }
        if matches!(program.nodes[node as usize], Node::Draw { .. }) {
            return true;
        }
        stack.extend(children(&program.nodes[node as usize]).into_iter().flatten());
    }
    false
}
