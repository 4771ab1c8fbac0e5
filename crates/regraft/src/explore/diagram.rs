//! The diagram: every steady state over a range of one quantity, found from given starts.
//!
//! Each start is simulated until it rests at every value of the grid; what it reaches is refined by Newton's method
//! and its branch followed both ways through every fold. A rest that lies on no branch yet starts a new one.

use regraft_model::{Program, Target};
use regraft_sim::{Options, Outputs, Patients, Plan, SolveStatus, Start as From, simulate};
use regraft_stats::Seed;

use super::ExploreError;
use super::answer::{AtValue, Bifurcation, Branch, Diagram, Kind, SetAside, Steady};
use super::edge::{Between, border};
use super::field::Field;
use super::follow::{self, End, Point, distance, follow};
use super::reduce::{Aside, Reduced, absent, reduce};
use super::subject::Shown;
use super::system::System;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is set before anything is computed, in the model's units.
    pub settings: Vec<(Target, f64)>,
    /// What is varied.
    pub over: Target,
    /// First value.
    pub from: f64,
    /// Last value, > first.
    pub to: f64,
    /// Values at which steady states are listed, ≥ 2.
    pub points: usize,
    /// The state, or the sum of states, that is shown.
    pub state: Shown,
    /// Starts: a name, and what differs from `settings`.
    pub starts: Vec<(String, Vec<(Target, f64)>)>,
    /// States held at their starting value.
    pub holds: Vec<u32>,
    /// How long a start is simulated, in the model's unit of time.
    pub settle: f64,
}

/// Two points nearer than this, in scaled unknowns, are one steady state.
const SAME: f64 = 1e-6;
/// Values of time at which an autonomous model must have the same rates.
const MOMENTS: [f64; 3] = [17.3, 365.25, 10_007.7];

/// Finds the steady states.
///
/// # Errors
/// [`ExploreError`]: the model depends on time, the quantity changes nothing, no steady state was found.
pub fn diagram(program: &Program, question: &Question) -> Result<Diagram, ExploreError> {
    let calm = Program { events: Vec::new(), ..program.clone() };
    let field = Field::new(&calm, &question.settings, question.over);
    let mut notes = Vec::new();
    refuse_time(&field, question)?;
    let values = grid_values(question, field.own_value());
    let rests = settle(&calm, &field, question, &values, &mut notes)?;
    let mut places: Vec<(Vec<f64>, f64)> = looked_at(&field, &rests, &values, question);
    let holds: Vec<usize> = question.holds.iter().map(|state| *state as usize).collect();
    let missing = not_there(&field, &rests, &values, question, &places);
    places.iter_mut().for_each(|(states, _)| missing.iter().for_each(|state| states[*state] = 0.0));
    let reduced = reduce(&field, &places, &holds, &missing);
    refuse_idle(&field, question, &reduced)?;
    let sizes = sizes(&field, question, &rests);
    let system = System::new(&field, &reduced, &sizes, question.from, question.to);
    let mut traced = trace(&system, &rests, &values, &mut notes);
    let between = (&calm, &field, question.settle);
    notes.extend(find_borders(&system, between, &values, &mut traced));
    if traced.is_empty() {
        return Err(ExploreError::NoSteadyState);
    }
    Ok(describe(&system, &field, &reduced, question, &traced, &values, notes))
}

fn refuse_time(field: &Field<'_>, question: &Question) -> Result<(), ExploreError> {
    let middle = 0.5 * (question.from + question.to);
    let start = field.start(middle, &[]);
    let at_zero = field.rates(&start, middle);
    for moment in MOMENTS {
        let later = field.rates_at(moment, &start, middle);
        let moved = at_zero.iter().zip(&later).position(|(a, b)| a != b && !(a.is_nan() && b.is_nan()));
        if let Some(state) = moved {
            return Err(ExploreError::DependsOnTime(field.program().states[state].name.clone()));
        }
    }
    Ok(())
}

/// The grid, with the model's own value where it lies inside.
fn grid_values(question: &Question, own: f64) -> Vec<f64> {
    let last = question.points.max(2) - 1;
    let at = |index: usize| question.from + (question.to - question.from) * index as f64 / last as f64;
    let mut values: Vec<f64> = (0..=last).map(at).collect();
    let near = |value: f64| (value - own).abs() < 1e-9 * (question.to - question.from);
    if own > question.from && own < question.to && !values.iter().any(|value| near(*value)) {
        values.push(own);
    }
    values.sort_by(f64::total_cmp);
    values
}

/// Where each start comes to rest, `[start][value]`; `None` if it could not be simulated.
fn settle(
    calm: &Program,
    field: &Field<'_>,
    question: &Question,
    values: &[f64],
    notes: &mut Vec<String>,
) -> Result<Vec<Vec<Option<Vec<f64>>>>, ExploreError> {
    let mut all = Vec::new();
    for (name, more) in &question.starts {
        let rows: Vec<Vec<(Target, f64)>> =
            values.iter().map(|value| field.settings_at(*value, more)).collect();
        let patients = Patients {
            numbers: (0..values.len() as u64).collect(),
            overrides: rows[0].iter().map(|(target, _)| *target).collect(),
            values: rows.iter().flatten().map(|(_, value)| *value).collect(),
            n_factors: 0,
            factors: Vec::new(),
        };
        let plan = Plan { end: question.settle, ..Plan::default() };
        let options = Options { relative_tolerance: 4e-7, ..Options::new(Seed(0)) };
        let run = simulate(calm, &patients, From::Fresh, &plan, &Outputs::default(), &options, &())?;
        let failed = run.status.iter().filter(|status| **status != SolveStatus::Finished).count();
        if let (1.., Some(SolveStatus::Failed { cause, .. })) =
            (failed, run.status.iter().find(|status| matches!(status, SolveStatus::Failed { .. })))
        {
            let cause = cause.describe(calm);
            notes.push(format!(
                "from `{name}` {failed} of {} values could not be simulated: {cause}",
                values.len()
            ));
        }
        let end = |row: usize| run.end.usable[row].then(|| run.end.states_of(row).to_vec());
        all.push((0..values.len()).map(end).collect());
    }
    Ok(all)
}

/// Points at which the structure of the model is looked at: starts and rests, moved a little off any balance.
fn looked_at(
    field: &Field<'_>,
    rests: &[Vec<Option<Vec<f64>>>],
    values: &[f64],
    question: &Question,
) -> Vec<(Vec<f64>, f64)> {
    let mut places = Vec::new();
    for ((_, more), rests) in question.starts.iter().zip(rests) {
        let index = values.len() / 2;
        let start = field.start(values[index], more);
        let rest = rests[index].clone().unwrap_or_else(|| start.clone());
        for (states, turn) in [(start, 0.37), (rest, 0.61)] {
            let pushed = |(index, value): (usize, &f64)| {
                let push = 0.5 + (turn * (index + 1) as f64).fract();
                value * push + 1e-3 * push
            };
            places.push((states.iter().enumerate().map(pushed).collect(), values[index]));
        }
    }
    places
}

/// States that are 0 at every start and rest and that nothing raises from 0.
fn not_there(
    field: &Field<'_>,
    rests: &[Vec<Option<Vec<f64>>>],
    values: &[f64],
    question: &Question,
    places: &[(Vec<f64>, f64)],
) -> Vec<usize> {
    let at =
        |value: &f64| question.starts.iter().map(|(_, more)| field.start(*value, more)).collect::<Vec<_>>();
    let starts: Vec<Vec<f64>> = values.iter().flat_map(at).collect();
    let rests = rests.iter().flatten().flatten();
    let seen: Vec<&[f64]> = starts.iter().chain(rests).map(Vec::as_slice).collect();
    absent(field, places, &seen)
}

/// What is varied must move some rate, or the total of something conserved.
fn refuse_idle(field: &Field<'_>, question: &Question, reduced: &Reduced) -> Result<(), ExploreError> {
    let moves = |from: f64, to: f64| {
        let (a, b) = (field.start(from, &[]), field.start(to, &[]));
        let mut pushed = a.clone();
        for (index, value) in pushed.iter_mut().enumerate() {
            *value = *value * 1.1 + 1e-2 + 1e-3 * index as f64;
        }
        let rates_differ = || {
            let (before, mut other) = (field.rates(&pushed, from), pushed.clone());
            reduced.aside.iter().for_each(|(state, _)| other[*state] += b[*state] - a[*state]);
            let after = field.rates(&other, to);
            reduced.active.iter().any(|state| before[*state].to_bits() != after[*state].to_bits())
        };
        let totals_differ = || {
            let total = |states: &[f64], weights: &[f64]| -> f64 {
                reduced.active.iter().zip(weights).map(|(state, weight)| weight * states[*state]).sum()
            };
            reduced.conserved.iter().any(|(weights, _)| total(&a, weights) != total(&b, weights))
        };
        rates_differ() || totals_differ()
    };
    if moves(question.from, question.to) {
        return Ok(());
    }
    let name = target_name(field.program(), question.over);
    Err(ExploreError::Idle(name.0))
}

/// Size of each state: the largest value it starts or rests at.
fn sizes(field: &Field<'_>, question: &Question, rests: &[Vec<Option<Vec<f64>>>]) -> Vec<f64> {
    let mut sizes = vec![0.0f64; field.n_states()];
    let starts: Vec<Vec<f64>> =
        question.starts.iter().map(|(_, more)| field.start(field.own_value(), more)).collect();
    for states in rests.iter().flatten().flatten().chain(&starts) {
        for (size, value) in sizes.iter_mut().zip(states).filter(|(_, value)| value.is_finite()) {
            *size = size.max(value.abs());
        }
    }
    sizes.iter().map(|size| if *size > 1e-9 { *size } else { 1.0 }).collect()
}

/// A branch on its way: points in order.
type Traced = Vec<Point>;

fn trace(
    system: &System<'_>,
    rests: &[Vec<Option<Vec<f64>>>],
    values: &[f64],
    notes: &mut Vec<String>,
) -> Vec<Traced> {
    let mut traced: Vec<Traced> = Vec::new();
    let (mut restless, mut lost) = (0usize, 0usize);
    for rests in rests {
        for (states, value) in rests.iter().zip(values) {
            let Some(states) = states else { continue };
            let guess = system.point(states, *value);
            let found = system.rest(&guess, *value);
            restless += usize::from(!found.as_ref().is_some_and(|v| distance(v, &guess) < 0.05));
            // A slow state may still be on its way; where Newton's method ends is a steady state all the same.
            let Some(v) = found.filter(|v| !is_below_zero(v, &guess)) else { continue };
            if traced.iter().any(|branch| holds(system, branch, &v, *value)) {
                continue;
            }
            let (branch, n_lost) = both_ways(system, &v);
            lost += n_lost;
            traced.push(branch);
        }
    }
    if restless > 0 {
        notes.push(format!(
            "{restless} of the simulated starts had not come to rest: they oscillate, or need a longer --settle"
        ));
    }
    if lost > 0 {
        notes.push(format!("{lost} ends of branches lie inside the range because no next point was found"));
    }
    traced
}

/// Values at which a border that no fold leads to is looked for.
const MOST_BORDERS: usize = 4;

/// Adds branches of unstable states between two stable ones that no fold joins inside the range; gives a note where
/// there must be one that was not found.
fn find_borders(
    system: &System<'_>,
    (calm, field, settle): (&Program, &Field<'_>, f64),
    values: &[f64],
    traced: &mut Vec<Traced>,
) -> Option<String> {
    let mut tried = 0;
    let mut missing = None;
    // From the middle outwards: there a branch is least likely to be at its end.
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|index| index.abs_diff(values.len() / 2));
    for value in order.into_iter().map(|index| values[index]) {
        let here: Vec<Vec<f64>> = traced.iter().flat_map(|branch| crossings(system, branch, value)).collect();
        let is_stable = |v: &Vec<f64>| system.leading(v).is_some_and(|((growth, _), _)| growth <= 0.0);
        let (stable, unstable): (Vec<_>, Vec<_>) = here.into_iter().partition(is_stable);
        let [low, high, ..] = stable.as_slice() else { continue };
        if !unstable.is_empty() || distance(low, high) < 1e3 * SAME || tried == MOST_BORDERS {
            continue;
        }
        tried += 1;
        match border(&Between { calm, field, system, value, low, high, settle }) {
            Some(v) => traced.push(both_ways(system, &v).0),
            None => missing = Some(value),
        }
    }
    missing.map(|value| format!("the border between the two stable states at {value} was not found"))
}

/// Whether a state is negative that was not where Newton's method began.
fn is_below_zero(v: &[f64], guess: &[f64]) -> bool {
    let n = v.len() - 1;
    v[..n].iter().zip(guess).any(|(value, before)| *before >= 0.0 && *value < -1e-6)
}

/// The branch through a point, and how many of its ends were lost.
fn both_ways(system: &System<'_>, v: &[f64]) -> (Traced, usize) {
    let (forward, end) = follow(system, v, 1.0);
    let closed = end == End::Closed;
    let (backward, other) = if closed { (Vec::new(), end) } else { follow(system, v, -1.0) };
    let lost = usize::from(end == End::Lost) + usize::from(other == End::Lost);
    let mut ahead = vec![0.0; v.len()];
    ahead[v.len() - 1] = 1.0;
    let here = system.tangent(v, &ahead).map(|tangent| Point { v: v.to_vec(), tangent });
    let turned = |point: Point| Point { tangent: point.tangent.iter().map(|t| -t).collect(), ..point };
    let branch = backward.into_iter().rev().map(turned).chain(here).chain(forward).collect();
    (branch, lost)
}

/// Steady states of a branch at λ.
fn crossings(system: &System<'_>, branch: &[Point], value: f64) -> Vec<Vec<f64>> {
    let Some(first) = branch.first() else { return Vec::new() };
    let n = first.v.len() - 1;
    let mut found: Vec<Vec<f64>> = Vec::new();
    for pair in branch.windows(2) {
        let (low, high) = (system.lambda(&pair[0].v), system.lambda(&pair[1].v));
        let slack = 1e-9 * (high - low).abs().max(1e-9);
        if (value - low.min(high)) < -slack || (value - low.max(high)) > slack || low == high {
            continue;
        }
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        let guess: Vec<f64> = pair[0].v.iter().zip(&pair[1].v).map(|(a, b)| a + share * (b - a)).collect();
        let span = distance(&pair[0].v, &pair[1].v);
        let near = |v: &Vec<f64>| distance(&v[..n], &guess[..n]) <= span;
        let Some(v) = system.rest(&guess, value).filter(near) else { continue };
        if found.iter().all(|known| distance(known, &v) > SAME) {
            found.push(v);
        }
    }
    found
}

fn holds(system: &System<'_>, branch: &[Point], v: &[f64], value: f64) -> bool {
    crossings(system, branch, value).iter().any(|known| distance(known, v) < 1e3 * SAME)
}

fn steady(system: &System<'_>, v: &[f64], shown: &Shown) -> Steady {
    let leading = system.leading(v);
    Steady {
        value: system.lambda(v),
        state: shown.value(&system.states(v)),
        stable: leading.map(|((growth, _), largest)| growth <= 1e-10 * largest + 1e-12),
        growth: leading.map(|((growth, _), _)| growth),
    }
}

fn describe(
    system: &System<'_>,
    field: &Field<'_>,
    reduced: &Reduced,
    question: &Question,
    traced: &[Traced],
    values: &[f64],
    notes: Vec<String>,
) -> Diagram {
    let shown = &question.state;
    let mut bifurcations = Vec::new();
    let branch = |points: &Traced| {
        let all: Vec<Steady> = points.iter().map(|point| steady(system, &point.v, shown)).collect();
        bifurcations.extend(changes(system, points, &all, shown));
        Branch { points: all }
    };
    let branches: Vec<Branch> = traced.iter().map(branch).collect();
    bifurcations.sort_by(|a: &Bifurcation, b| a.value.total_cmp(&b.value));
    let at = |value: &f64| {
        let mut found: Vec<Vec<f64>> = Vec::new();
        for v in traced.iter().flat_map(|branch| crossings(system, branch, *value)) {
            if found.iter().all(|known| distance(known, &v) > SAME) {
                found.push(v);
            }
        }
        let mut all: Vec<Steady> = found.iter().map(|v| steady(system, v, shown)).collect();
        all.sort_by(|a, b| a.state.total_cmp(&b.state));
        AtValue { value: *value, steady: all }
    };
    let program = field.program();
    let (over, over_unit) = target_name(program, question.over);
    let set_aside =
        |(index, why): &(usize, Aside)| SetAside { state: program.states[*index].name.clone(), why: *why };
    Diagram {
        over,
        over_unit,
        own_value: field.own_value(),
        from: question.from,
        to: question.to,
        state: shown.name.clone(),
        state_unit: shown.unit.clone(),
        grid: values.iter().map(at).collect(),
        branches,
        bifurcations,
        aside: reduced.aside.iter().map(set_aside).collect(),
        conserved: reduced.conserved.iter().map(|(weights, _)| sum_text(program, reduced, weights)).collect(),
        notes,
    }
}

/// Folds and other changes of stability along a branch.
fn changes(system: &System<'_>, points: &Traced, all: &[Steady], shown: &Shown) -> Vec<Bifurcation> {
    let mut found = Vec::new();
    for (pair, ends) in points.windows(2).zip(all.windows(2)) {
        if let Some(v) = follow::fold(system, &pair[0], &pair[1]) {
            let (value, state) = (system.lambda(&v), shown.value(&system.states(&v)));
            found.push(Bifurcation { kind: Kind::Fold, value, state });
            continue;
        }
        let (Some(before), Some(after)) = (ends[0].stable, ends[1].stable) else { continue };
        if before == after {
            continue;
        }
        let unstable = if after { &pair[0] } else { &pair[1] };
        let turns = system.leading(&unstable.v).is_some_and(|((growth, turn), _)| turn.abs() > growth.abs());
        let v = follow::change(system, &pair[0], &pair[1]);
        let (value, state) = (system.lambda(&v), shown.value(&system.states(&v)));
        found.push(Bifurcation { kind: if turns { Kind::Hopf } else { Kind::Crossing }, value, state });
    }
    found
}

/// Full name and unit.
pub(super) fn target_name(program: &Program, target: Target) -> (String, String) {
    let quantity = match target {
        Target::State(index) => &program.states[index as usize],
        Target::Parameter(index) => &program.parameters[index as usize],
    };
    (quantity.name.clone(), quantity.unit.clone())
}

fn sum_text(program: &Program, reduced: &Reduced, weights: &[f64]) -> String {
    let term = |(state, weight): (&usize, &f64)| {
        let name = &program.states[*state].name;
        let weight = (weight * 1e6).round() / 1e6;
        if weight == 1.0 { name.clone() } else { format!("{weight}*{name}") }
    };
    let terms = reduced.active.iter().zip(weights).filter(|(_, weight)| **weight != 0.0).map(term);
    terms.collect::<Vec<_>>().join(" + ")
}
