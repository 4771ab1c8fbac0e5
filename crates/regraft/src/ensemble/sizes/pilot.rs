//! The pilot course.

use super::*;

/// The model's own patient.
pub(in crate::ensemble) struct Pilot<'a> {
    program: &'a Program,
    patient: Patients,
    /// Starting values, `[state]`.
    start: Vec<f64>,
    outputs: Outputs,
    /// The column of the outputs that holds each state, `[state]`.
    columns: Vec<usize>,
    end: f64,
    engine: Engine,
    watch: &'a dyn Watch,
}

/// Tolerance of a pilot; chosen: sizes need no digits.
const TOLERANCE: f64 = 4e-4;
/// Step attempts after which what was seen must do: in the first round, which knows starting values and doses only
/// and so may follow a state much too closely, and in the second.
const MOST_STEPS: [u64; 2] = [2_000, 20_000];
/// A state that was taken for so many times larger than it was seen to be has not been followed well enough: then
/// there is a second round. An absolute tolerance of 4·10⁻⁸ of a size is 4·10⁻⁵ of a thousandth of it.
const MISJUDGED: f64 = 1000.0;
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
    pub fn new(ensemble: &Ensemble<'a>, request: &Request, watch: &'a dyn Watch) -> Pilot<'a> {
        let Ensemble { program, patients, columns, .. } = *ensemble;
        let start = at_start(program);
        let mut patient = Patients::alike([0]);
        let drawn = program.initial.iter().filter(|&&(_, node)| draws(program, node));
        for target in patients.patients.overrides.iter().copied().chain(drawn.map(|&(target, _)| target)) {
            if !patient.overrides.contains(&target) {
                patient.overrides.push(target);
                patient.values.push(match target {
                    Target::State(state) => start.states[state as usize],
                    Target::Parameter(parameter) => start.parameters[parameter as usize],
                });
            }
        }
        let mut observables = columns.found.clone();
        let place = |state: usize, observables: &mut Vec<Found>| {
            let wanted = Found::State(state as u32);
            observables.iter().position(|found| *found == wanted).unwrap_or_else(|| {
                observables.push(wanted);
                observables.len() - 1
            })
        };
        let columns = (0..start.states.len()).map(|state| place(state, &mut observables)).collect();
        let outputs = Outputs { times: moments(request.end), observables };
        let (end, engine) = (request.end, request.engine);
        Pilot { program, patient, start: start.states, outputs, columns, end, engine, watch }
    }

    /// Typical sizes with these doses, `[state]`.
    pub fn sizes(&self, doses: &Doses) -> Result<Vec<f64>, SimError> {
        let plan = self.plan(doses);
        let given = plan.largest_doses(self.start.len());
        let mut largest: Vec<f64> =
            self.start.iter().zip(&given).map(|(start, given)| start.abs().max(*given)).collect();
        for most_steps in MOST_STEPS {
            let taken = self.filled(&largest);
            let (seen, to_the_end) = self.seen(&plan, &taken, most_steps)?;
            for (largest, seen) in largest.iter_mut().zip(seen) {
                *largest = largest.max(seen);
            }
            let is_misjudged =
                |(largest, taken): (&f64, &f64)| *largest > 0.0 && MISJUDGED * largest < *taken;
            if to_the_end && !largest.iter().zip(&taken).any(is_misjudged) {
                break;
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

    /// The largest value that each state takes, until the course ends or fails, where states are as large as `taken`;
    /// and whether it came to its end.
    fn seen(&self, plan: &Plan, taken: &[f64], most_steps: u64) -> Result<(Vec<f64>, bool), SimError> {
        let tolerance = |size: &f64| (1e-4 * TOLERANCE * size).max(f64::MIN_POSITIVE);
        let options = Options {
            relative_tolerance: TOLERANCE,
            absolute_tolerances: Some(taken.iter().map(tolerance).collect()),
            threads: Some(1),
            engine: self.engine,
            max_steps: most_steps,
            ..Options::new(Seed(1))
        };
        let watch = super::super::run::OnlyCancel(self.watch);
        let (start, outputs) = (Start::Fresh, &self.outputs);
        let result = simulate(self.program, &self.patient, start, plan, outputs, &options, &watch)?;
        let mut largest = vec![0.0f64; self.start.len()];
        for values in result.trajectories.values.chunks_exact(outputs.observables.len().max(1)) {
            for (largest, &column) in largest.iter_mut().zip(&self.columns) {
                if values[column].is_finite() {
                    *largest = largest.max(values[column].abs());
                }
            }
        }
        Ok((largest, result.status[0] == SolveStatus::Finished))
    }
}

/// Evenly spaced moments up to an end, and moments by powers, for what is over soon.
fn moments(end: f64) -> Vec<f64> {
    let even = (0..=MOMENTS).map(|n| f64::from(n) / f64::from(MOMENTS));
    let powers = (1..=MOMENTS as i32 / 2).map(|n| 0.5f64.powi(n));
    let mut times: Vec<f64> = even.chain(powers).map(|part| part * end).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
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
