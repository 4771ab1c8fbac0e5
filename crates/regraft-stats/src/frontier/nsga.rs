//! NSGA-II: a population of points that moves to the frontier and spreads along it \[Deb2002\].
//!
//! Every draw is a function of the seed, the number of the child and the name of the draw, so the same seed takes the
//! same way whatever the evaluation does. A point is never asked for twice.

use std::collections::BTreeMap;

use super::rank::{crowding, fronts};
use crate::math;
use crate::random::{Seed, Stream};

/// Between what a variable may move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Lowest value.
    pub low: f64,
    /// Highest value, ≥ `low`.
    pub high: f64,
    /// Values are `low`, `low + step`, …; 0 for any value between.
    pub step: f64,
    /// Whether values have no order (a choice between things): children then take one of their parents' values, and a
    /// mutation draws any value.
    pub is_choice: bool,
}

impl Bounds {
    /// Any value between two ends.
    pub fn continuous(low: f64, high: f64) -> Bounds {
        Bounds { low, high, step: 0.0, is_choice: false }
    }

    /// The value at a share of the way from low to high, on the grid.
    fn at(&self, share: f64) -> f64 {
        if self.step > 0.0 {
            let steps = self.steps();
            let place = (share * (steps + 1.0)).floor().clamp(0.0, steps);
            return self.low + place * self.step;
        }
        self.low + share * (self.high - self.low)
    }

    /// The nearest value that is allowed.
    fn hold(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        if self.step > 0.0 {
            let place = ((value - self.low) / self.step).round().min(self.steps());
            return self.low + place * self.step;
        }
        value
    }

    fn steps(&self) -> f64 {
        ((self.high - self.low) / self.step + 1e-9).floor()
    }
}

/// A point with what was found of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Where it lies, `[variable]`.
    pub at: Vec<f64>,
    /// What is minimized, `[objective]`; NaN where it could not be said.
    pub objectives: Vec<f64>,
    /// By how much constraints are broken; 0 where none is.
    pub violation: f64,
}

/// How long and how wide it is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nsga {
    /// Points that live together, at least 4.
    pub population: usize,
    /// Points evaluated in all.
    pub evaluations: usize,
    /// Root of the draws.
    pub seed: Seed,
}

/// Distribution index of simulated binary crossover. \[Deb2002\] uses 20; 15 is its usual value with few generations.
const CROSSOVER_SPREAD: f64 = 15.0;
/// Share of pairs that cross \[Deb2002\].
const CROSSOVER_SHARE: f64 = 0.9;
/// Distribution index of polynomial mutation \[Deb2002\].
const MUTATION_SPREAD: f64 = 20.0;

/// Scores many points at once, in their order; `None` ends the search.
pub type Evaluate<'a> = dyn FnMut(&[Vec<f64>]) -> Option<Vec<Scored>> + 'a;

/// Searches for the frontier; gives every point that was evaluated, in the order of evaluation.
///
/// `start` are points that the first population holds (put on the grid); the rest of it is a Latin hypercube.
/// `evaluate` scores many points at once, in their order; `None` ends the search with what is there.
/// With a grid so small that all its points were seen, it ends early.
pub fn nsga2(
    bounds: &[Bounds],
    start: &[Vec<f64>],
    settings: Nsga,
    evaluate: &mut Evaluate<'_>,
) -> Vec<Scored> {
    let width = settings.population.max(4);
    let mut archive = Archive::default();
    let first = first_population(bounds, start, width.min(settings.evaluations), settings.seed);
    let Some(mut living) = archive.ask(&first, evaluate) else { return archive.all };
    let mut child = 0;
    let mut idle = 0;
    while archive.all.len() < settings.evaluations && idle < MOST_IDLE {
        let room = settings.evaluations - archive.all.len();
        let before = archive.all.len();
        let children = offspring(bounds, &archive.all, &living, width.min(room), settings.seed, &mut child);
        let Some(born) = archive.ask(&children, evaluate) else { return archive.all };
        idle = if archive.all.len() == before { idle + 1 } else { 0 };
        living.extend(born);
        living.sort_unstable();
        living.dedup();
        living = survivors(&archive.all, &living, width);
    }
    archive.all
}

/// Generations without a new point after which it ends.
const MOST_IDLE: usize = 50;

/// All points seen, each once.
#[derive(Default)]
struct Archive {
    all: Vec<Scored>,
    place: BTreeMap<Vec<u64>, usize>,
}

impl Archive {
    /// Scores the points that are new; gives the places of all of them.
    fn ask(&mut self, points: &[Vec<f64>], evaluate: &mut Evaluate<'_>) -> Option<Vec<usize>> {
        let key = |point: &Vec<f64>| point.iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
        let mut new: Vec<Vec<f64>> = Vec::new();
        for point in points {
            if !self.place.contains_key(&key(point)) {
                self.place.insert(key(point), self.all.len() + new.len());
                new.push(point.clone());
            }
        }
        if !new.is_empty() {
            self.all.extend(evaluate(&new)?);
        }
        Some(points.iter().map(|point| self.place[&key(point)]).collect())
    }
}

/// The points of `start`, then one point in each of equally many slices of every variable.
fn first_population(bounds: &[Bounds], start: &[Vec<f64>], n: usize, seed: Seed) -> Vec<Vec<f64>> {
    let hold =
        |point: &Vec<f64>| bounds.iter().zip(point).map(|(bounds, value)| bounds.hold(*value)).collect();
    let mut points: Vec<Vec<f64>> = start.iter().take(n).map(hold).collect();
    let rest = n - points.len();
    let columns: Vec<Vec<f64>> = (0..bounds.len())
        .map(|variable| {
            let stream = seed.stream(variable as u64, "search:start");
            let mut slices: Vec<usize> = (0..rest).collect();
            for k in (1..rest).rev() {
                slices.swap(k, stream.below(k as u64, k + 1));
            }
            let share =
                |(k, slice): (usize, usize)| (slice as f64 + stream.uniform((rest + k) as u64)) / rest as f64;
            slices.into_iter().enumerate().map(share).map(|share| bounds[variable].at(share)).collect()
        })
        .collect();
    points.extend((0..rest).map(|k| columns.iter().map(|column: &Vec<f64>| column[k]).collect()));
    points
}

/// The best by front, within the last front those with most room around them; in the order of evaluation.
fn survivors(all: &[Scored], living: &[usize], width: usize) -> Vec<usize> {
    let points: Vec<Scored> = living.iter().map(|place| all[*place].clone()).collect();
    let ranks = standing(&points);
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| better(&ranks, *a, *b));
    order.truncate(width);
    order.sort_unstable();
    order.into_iter().map(|place| living[place]).collect()
}

/// Front and crowding distance of each point.
fn standing(points: &[Scored]) -> Vec<(usize, f64)> {
    let front_of = fronts(points);
    let mut ranks: Vec<(usize, f64)> = front_of.iter().map(|front| (*front, 0.0)).collect();
    for front in 0..=front_of.iter().copied().max().unwrap_or(0) {
        let members: Vec<usize> = (0..points.len()).filter(|place| front_of[*place] == front).collect();
        for (member, distance) in members.iter().zip(crowding(points, &members)) {
            ranks[*member].1 = distance;
        }
    }
    ranks
}

/// Lower front first, then more room, then the earlier point.
fn better(ranks: &[(usize, f64)], a: usize, b: usize) -> std::cmp::Ordering {
    let ((front_a, room_a), (front_b, room_b)) = (ranks[a], ranks[b]);
    front_a.cmp(&front_b).then(room_b.total_cmp(&room_a)).then(a.cmp(&b))
}

fn offspring(
    bounds: &[Bounds],
    all: &[Scored],
    living: &[usize],
    n: usize,
    seed: Seed,
    child: &mut u64,
) -> Vec<Vec<f64>> {
    let points: Vec<Scored> = living.iter().map(|place| all[*place].clone()).collect();
    let ranks = standing(&points);
    let mut children = Vec::with_capacity(n + 1);
    while children.len() < n {
        let pick = seed.stream(*child, "search:parents");
        let parent = |first: u64| {
            let (a, b) = (pick.below(first, points.len()), pick.below(first + 1, points.len()));
            if better(&ranks, a, b).is_le() { &points[a].at } else { &points[b].at }
        };
        let cross = seed.stream(*child, "search:crossover");
        for mut born in crossed(bounds, parent(0), parent(2), &cross) {
            mutate(bounds, &mut born, &seed.stream(*child, "search:mutation"));
            children.push(born);
            *child += 1;
        }
    }
    children.truncate(n);
    children
}

/// Simulated binary crossover \[Deb1995\] of two parents, variable by variable.
fn crossed(bounds: &[Bounds], a: &[f64], b: &[f64], draws: &Stream) -> [Vec<f64>; 2] {
    let mut children = [a.to_vec(), b.to_vec()];
    if draws.uniform(0) > CROSSOVER_SHARE {
        return children;
    }
    for (variable, bounds) in bounds.iter().enumerate() {
        let index = 1 + 3 * variable as u64;
        if draws.uniform(index) > 0.5 {
            continue;
        }
        let swap = draws.uniform(index + 1) < 0.5;
        let (low, high) = (a[variable].min(b[variable]), a[variable].max(b[variable]));
        let (first, second) = match bounds.is_choice || high - low <= 1e-14 * (bounds.high - bounds.low) {
            true => (a[variable], b[variable]),
            false => binary_crossover(low, high, bounds, draws.uniform(index + 2)),
        };
        let (first, second) = if swap { (second, first) } else { (first, second) };
        children[0][variable] = bounds.hold(first);
        children[1][variable] = bounds.hold(second);
    }
    children
}

/// The two values around `low` < `high`, spread so that none leaves the bounds.
fn binary_crossover(low: f64, high: f64, bounds: &Bounds, u: f64) -> (f64, f64) {
    let power = 1.0 / (CROSSOVER_SPREAD + 1.0);
    let factor = |room: f64| {
        let beta = 1.0 + 2.0 * room / (high - low);
        let alpha = 2.0 - math::exp(-(CROSSOVER_SPREAD + 1.0) * math::ln(beta));
        let inside = if u <= 1.0 / alpha { u * alpha } else { 1.0 / (2.0 - u * alpha) };
        math::exp(power * math::ln(inside))
    };
    let middle = 0.5 * (low + high);
    let below = middle - 0.5 * factor(low - bounds.low) * (high - low);
    let above = middle + 0.5 * factor(bounds.high - high) * (high - low);
    (below, above)
}

/// Polynomial mutation \[Deb2002\], each variable with probability 1 / their number.
fn mutate(bounds: &[Bounds], point: &mut [f64], draws: &Stream) {
    let share = 1.0 / bounds.len() as f64;
    for (variable, bounds) in bounds.iter().enumerate() {
        let (asked, u) = (draws.uniform(2 * variable as u64), draws.uniform(2 * variable as u64 + 1));
        let range = bounds.high - bounds.low;
        if asked > share || range <= 0.0 {
            continue;
        }
        if bounds.is_choice {
            point[variable] = bounds.at(u);
            continue;
        }
        let (value, power) = (point[variable], MUTATION_SPREAD + 1.0);
        let (to_low, to_high) = ((value - bounds.low) / range, (bounds.high - value) / range);
        let raised =
            |base: f64, power: f64| if base <= 0.0 { 0.0 } else { math::exp(power * math::ln(base)) };
        let shift = if u < 0.5 {
            raised(2.0 * u + (1.0 - 2.0 * u) * raised(1.0 - to_low, power), 1.0 / power) - 1.0
        } else {
            1.0 - raised(2.0 * (1.0 - u) + (2.0 * u - 1.0) * raised(1.0 - to_high, power), 1.0 / power)
        };
        let moved = bounds.hold(value + shift * range);
        // On a coarse grid a small shift would be lost: it then goes to the neighbor.
        let stuck = bounds.step > 0.0 && moved == value;
        point[variable] = if stuck { bounds.hold(value + bounds.step * shift.signum()) } else { moved };
    }
}
