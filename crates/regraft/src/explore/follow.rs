//! Following a branch of steady states by its length, so that it can turn back: predictor along the tangent,
//! corrector by Newton's method on the plane across it.

use super::system::System;

/// A point of a branch.
#[derive(Debug, Clone)]
pub struct Point {
    /// Scaled unknowns.
    pub v: Vec<f64>,
    /// Unit tangent.
    pub tangent: Vec<f64>,
}

/// Why a branch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// λ reached an end of its range.
    Edge,
    /// It came back to where it began.
    Closed,
    /// A state would become negative that starts at 0 or above.
    Negative,
    /// No next point was found.
    Lost,
}

/// Longest step: a fiftieth of the range of λ.
const LONGEST: f64 = 0.02;
/// Shortest step.
const SHORTEST: f64 = 1e-9;
/// Points of one direction.
const MOST_POINTS: usize = 5_000;
/// Cosine of the largest turn of the tangent in a step.
const LEAST_COSINE: f64 = 0.95;

/// Follows a branch from a point on it to one side (`sign` of dμ), without the point itself.
pub fn follow(system: &System<'_>, from: &[f64], sign: f64) -> (Vec<Point>, End) {
    let n = from.len() - 1;
    let mut ahead = vec![0.0; n + 1];
    ahead[n] = sign;
    let Some(tangent) = system.tangent(from, &ahead) else { return (Vec::new(), End::Lost) };
    let mut points: Vec<Point> = Vec::new();
    let mut here = Point { v: from.to_vec(), tangent };
    let mut length = 0.1 * LONGEST;
    let lowest: Vec<f64> =
        from[..n].iter().map(|value| if *value >= -1e-9 { -1e-6 } else { f64::MIN }).collect();
    while points.len() < MOST_POINTS {
        let Some((next, taken)) = step(system, &here, &mut length) else { return (points, End::Lost) };
        if next.v[..n].iter().zip(&lowest).any(|(value, low)| value < low) {
            return (points, End::Negative);
        }
        if !(0.0..=1.0).contains(&next.v[n]) {
            points.extend(at_edge(system, &here, &next));
            return (points, End::Edge);
        }
        let home = distance(&next.v, from);
        if points.len() > 5 && home < taken && dot(&next.tangent, &subtract(from, &here.v)) > 0.0 {
            points.push(next);
            return (points, End::Closed);
        }
        points.push(next.clone());
        here = next;
    }
    (points, End::Lost)
}

/// The next point and the step it took; `length` is left at the step to try next.
fn step(system: &System<'_>, here: &Point, length: &mut f64) -> Option<(Point, f64)> {
    while *length >= SHORTEST {
        if let Some(next) = advance(system, here, *length) {
            let cosine = dot(&next.tangent, &here.tangent);
            let strayed = distance(&next.v, &here.v) > 1.5 * *length;
            if cosine >= LEAST_COSINE && !strayed {
                let taken = *length;
                let longer = if cosine > 0.99 { 1.5 } else { 1.0 };
                *length = (*length * longer).min(LONGEST);
                return Some((next, taken));
            }
        }
        *length *= 0.5;
    }
    None
}

/// The point of the branch at this length along the tangent.
pub fn advance(system: &System<'_>, here: &Point, length: f64) -> Option<Point> {
    let guess: Vec<f64> = here.v.iter().zip(&here.tangent).map(|(v, t)| v + length * t).collect();
    let v = system.correct(guess, &here.tangent, &here.v, length)?;
    let tangent = system.tangent(&v, &here.tangent)?;
    Some(Point { v, tangent })
}

/// The point between two at which λ is at the end of its range.
fn at_edge(system: &System<'_>, here: &Point, next: &Point) -> Option<Point> {
    let n = here.v.len() - 1;
    let edge = if next.v[n] > 1.0 { 1.0 } else { 0.0 };
    let share = (edge - here.v[n]) / (next.v[n] - here.v[n]);
    let mut guess: Vec<f64> = here.v.iter().zip(&next.v).map(|(a, b)| a + share * (b - a)).collect();
    guess[n] = edge;
    let v = system.rest(&guess, system.lambda(&guess))?;
    let tangent = system.tangent(&v, &here.tangent)?;
    Some(Point { v, tangent })
}

/// Where λ turns back between two neighbours, if it does: the tangent has no part along λ there.
pub fn fold(system: &System<'_>, a: &Point, b: &Point) -> Option<Vec<f64>> {
    let n = a.v.len() - 1;
    if a.tangent[n] * b.tangent[n] >= 0.0 || dot(&a.tangent, &b.tangent) < 0.5 {
        return None;
    }
    let (mut low, mut high) = (0.0, dot(&a.tangent, &subtract(&b.v, &a.v)));
    let mut best = if a.tangent[n].abs() < b.tangent[n].abs() { a.v.clone() } else { b.v.clone() };
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        let Some(point) = advance(system, a, middle) else { break };
        if point.tangent[n] * a.tangent[n] > 0.0 {
            low = middle
        } else {
            high = middle
        }
        let done = point.tangent[n].abs() < 1e-9;
        best = point.v;
        if done {
            break;
        }
    }
    Some(best)
}

/// Where the largest real part of the eigenvalues passes 0 between two neighbours.
pub fn change(system: &System<'_>, a: &Point, b: &Point) -> Vec<f64> {
    let growth = |v: &[f64]| system.leading(v).map_or(f64::NAN, |((growth, _), _)| growth);
    let first = growth(&a.v);
    let (mut low, mut high) = (0.0, dot(&a.tangent, &subtract(&b.v, &a.v)));
    let mut best = b.v.clone();
    for _ in 0..30 {
        let middle = 0.5 * (low + high);
        let Some(point) = advance(system, a, middle) else { break };
        if (growth(&point.v) > 0.0) == (first > 0.0) {
            low = middle
        } else {
            high = middle
        }
        best = point.v;
    }
    best
}

/// Distance of two points.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn subtract(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}
