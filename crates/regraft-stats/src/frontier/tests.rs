//! Problems whose frontier is known \[Zitzler2000, Deb2005\].

use super::*;
use crate::random::Seed;

fn scored(at: &[f64], objectives: Vec<f64>) -> Scored {
    Scored { at: at.to_vec(), objectives, violation: 0.0 }
}

fn search(
    bounds: &[Bounds],
    evaluations: usize,
    seed: u64,
    problem: impl Fn(&[f64]) -> Scored,
) -> Vec<Vec<f64>> {
    let settings = Nsga { population: 100, evaluations, seed: Seed(seed) };
    let mut evaluate = |points: &[Vec<f64>]| Some(points.iter().map(|point| problem(point)).collect());
    let all = nsga2(bounds, &[], settings, &mut evaluate);
    let best = non_dominated(&all);
    best.into_iter().map(|place| all[place].objectives.clone()).collect()
}

/// Mean distance from points of the true frontier to the nearest point found.
fn inverted_distance(truth: &[Vec<f64>], found: &[Vec<f64>]) -> f64 {
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
    let nearest =
        |point: &Vec<f64>| found.iter().map(|other| distance(point, other)).fold(f64::INFINITY, f64::min);
    truth.iter().map(nearest).sum::<f64>() / truth.len() as f64
}

fn curve(second: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    (0..=500).map(|k| f64::from(k) / 500.0).map(|x| vec![x, second(x)]).collect()
}

/// 1 + 9 · mean of all variables but the first.
fn slope(x: &[f64]) -> f64 {
    1.0 + 9.0 * x[1..].iter().sum::<f64>() / (x.len() - 1) as f64
}

const UNIT: Bounds = Bounds { low: 0.0, high: 1.0, step: 0.0, is_choice: false };

#[test]
fn zdt1_thirty_variables_convex_frontier() {
    let zdt1 = |x: &[f64]| scored(x, vec![x[0], slope(x) * (1.0 - (x[0] / slope(x)).sqrt())]);
    let found = search(&[UNIT; 30], 25_000, 1, zdt1);
    let miss = inverted_distance(&curve(|x| 1.0 - x.sqrt()), &found);
    // The frontier of 100 evenly spaced points has 0.004.
    assert!(miss < 0.006, "mean distance to the frontier {miss}");
    // True volume below (1.1, 1.1): 1.21 - ∫(1 - √x) = 1.21 - 1/3.
    let volume = hypervolume(&found, &[1.1, 1.1]);
    assert!((volume - (1.21 - 1.0 / 3.0)).abs() < 0.01, "volume {volume}");
}

#[test]
fn zdt2_thirty_variables_concave_frontier() {
    let zdt2 = |x: &[f64]| scored(x, vec![x[0], slope(x) * (1.0 - (x[0] / slope(x)).powi(2))]);
    let found = search(&[UNIT; 30], 25_000, 2, zdt2);
    let miss = inverted_distance(&curve(|x| 1.0 - x * x), &found);
    assert!(miss < 0.006, "mean distance to the frontier {miss}");
}

#[test]
fn dtlz2_three_objectives_on_a_sphere() {
    let dtlz2 = |x: &[f64]| {
        let out = x[2..].iter().map(|x| (x - 0.5) * (x - 0.5)).sum::<f64>();
        let (a, b) = (x[0] * std::f64::consts::FRAC_PI_2, x[1] * std::f64::consts::FRAC_PI_2);
        let radius = 1.0 + out;
        scored(x, vec![radius * a.cos() * b.cos(), radius * a.cos() * b.sin(), radius * a.sin()])
    };
    let found = search(&[UNIT; 12], 25_000, 3, dtlz2);
    let far = found.iter().map(|f| f.iter().map(|f| f * f).sum::<f64>().sqrt() - 1.0).sum::<f64>();
    assert!(far / (found.len() as f64) < 0.02, "mean distance from the sphere {}", far / found.len() as f64);
    let mut sphere = Vec::new();
    for i in 0..=30 {
        for j in 0..=30 {
            let (a, b) = (f64::from(i), f64::from(j));
            let (a, b) = (a * std::f64::consts::FRAC_PI_2 / 30.0, b * std::f64::consts::FRAC_PI_2 / 30.0);
            sphere.push(vec![a.cos() * b.cos(), a.cos() * b.sin(), a.sin()]);
        }
    }
    let miss = inverted_distance(&sphere, &found);
    assert!(miss < 0.04, "mean distance to the frontier {miss}");
}

/// The frontier of x² and (x − 2)² is 0 ≤ x ≤ 2; a constraint cuts it to x ≥ 1.
#[test]
fn a_constraint_cuts_the_frontier() {
    let schaffer = |x: &[f64]| Scored {
        at: x.to_vec(),
        objectives: vec![x[0] * x[0], (x[0] - 2.0) * (x[0] - 2.0)],
        violation: (1.0 - x[0]).max(0.0),
    };
    let bounds = [Bounds::continuous(-1000.0, 1000.0)];
    let settings = Nsga { population: 40, evaluations: 4000, seed: Seed(4) };
    let mut evaluate = |points: &[Vec<f64>]| Some(points.iter().map(|point| schaffer(point)).collect());
    let all = nsga2(&bounds, &[], settings, &mut evaluate);
    let best: Vec<f64> = non_dominated(&all).into_iter().map(|place| all[place].at[0]).collect();
    assert!(best.iter().all(|x| (1.0..=2.0 + 1e-6).contains(x)), "{best:?}");
    let reach = best.iter().fold((9.0f64, -9.0f64), |(low, high), x| (low.min(*x), high.max(*x)));
    assert!(reach.0 < 1.02 && reach.1 > 1.98, "{reach:?}");
}

/// A grid and a choice: 11 · 3 points in all, of which each is seen at most once.
#[test]
fn a_small_grid_is_seen_through() {
    let bounds = [
        Bounds { low: 0.0, high: 10.0, step: 1.0, is_choice: false },
        Bounds { low: 0.0, high: 2.0, step: 1.0, is_choice: true },
    ];
    let mut asked = 0;
    let mut evaluate = |points: &[Vec<f64>]| {
        asked += points.len();
        let score = |x: &Vec<f64>| scored(x, vec![x[0], 10.0 - x[0] + if x[1] == 1.0 { 0.0 } else { 1.0 }]);
        Some(points.iter().map(score).collect())
    };
    let settings = Nsga { population: 12, evaluations: 500, seed: Seed(5) };
    let all = nsga2(&bounds, &[vec![3.2, 1.0]], settings, &mut evaluate);
    let best: Vec<&Scored> = non_dominated(&all).into_iter().map(|place| &all[place]).collect();
    assert_eq!(all[0].at, [3.0, 1.0], "the first point given, on the grid");
    assert!(asked <= 33 && all.len() == asked, "{asked} points asked");
    assert_eq!(best.len(), 11);
    assert!(best.iter().all(|point| point.at[1] == 1.0));
}

#[test]
fn the_same_seed_takes_the_same_way() {
    let problem = |x: &[f64]| scored(x, vec![x[0], 1.0 - x[0] + x[1]]);
    let run = |seed| search(&[UNIT; 2], 300, seed, problem);
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn volume_of_two_boxes() {
    // Boxes from (1, 2) and (2, 1) to (3, 3): 2 + 2 - 1.
    assert_eq!(hypervolume(&[vec![1.0, 2.0], vec![2.0, 1.0], vec![2.5, 2.5]], &[3.0, 3.0]), 3.0);
    assert_eq!(hypervolume(&[vec![0.0, 0.0, 0.0]], &[1.0, 2.0, 3.0]), 6.0);
    assert_eq!(hypervolume(&[vec![4.0, 4.0]], &[3.0, 3.0]), 0.0);
}

#[test]
fn a_few_that_lie_far_apart() {
    let points: Vec<Scored> =
        (0..=100).map(|k| f64::from(k) / 100.0).map(|x| scored(&[x], vec![x, 1.0 - x])).collect();
    let members: Vec<usize> = (0..points.len()).collect();
    assert_eq!(spread_out(&points, &members, 5), [0, 25, 50, 75, 100]);
}
