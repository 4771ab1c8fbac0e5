//! Who beats whom: dominance, fronts, crowding, the volume that a frontier covers.

use super::Scored;

/// Whether `a` beats `b`: it breaks fewer constraints, or, where neither breaks any, is nowhere worse and somewhere
/// better \[Deb2002, constrained domination\]. A point without numbers beats nobody.
pub fn dominates(a: &Scored, b: &Scored) -> bool {
    if a.violation > 0.0 || b.violation > 0.0 {
        return a.violation < b.violation;
    }
    if a.objectives.iter().any(|value| value.is_nan()) {
        return false;
    }
    let nowhere_worse = a.objectives.iter().zip(&b.objectives).all(|(a, b)| a <= b || b.is_nan());
    let better = |(a, b): (&f64, &f64)| a < b || b.is_nan();
    nowhere_worse && a.objectives.iter().zip(&b.objectives).any(better)
}

/// Indices of the points that no other beats, ascending; of equal points all.
pub fn non_dominated(points: &[Scored]) -> Vec<usize> {
    let beaten = |index: &usize| points.iter().any(|other| dominates(other, &points[*index]));
    (0..points.len()).filter(|index| !beaten(index)).collect()
}

/// Front of each point: 0 for those that nobody beats, 1 for those that nobody beats once front 0 is taken away, and
/// so on \[Deb2002\].
pub fn fronts(points: &[Scored]) -> Vec<usize> {
    let n = points.len();
    let mut beaten_by = vec![0usize; n];
    let mut beats: Vec<Vec<usize>> = vec![Vec::new(); n];
    for a in 0..n {
        for b in 0..n {
            if dominates(&points[a], &points[b]) {
                beats[a].push(b);
                beaten_by[b] += 1;
            }
        }
    }
    let mut front_of = vec![usize::MAX; n];
    let mut front: Vec<usize> = (0..n).filter(|index| beaten_by[*index] == 0).collect();
    let mut number = 0;
    while !front.is_empty() {
        let mut next = Vec::new();
        for &a in &front {
            front_of[a] = number;
            for &b in &beats[a] {
                beaten_by[b] -= 1;
                if beaten_by[b] == 0 {
                    next.push(b);
                }
            }
        }
        (front, number) = (next, number + 1);
    }
    front_of
}

/// Crowding distance of each of the `members` of one front: the sum over objectives of the gap between its two
/// neighbors, as a share of the front's range; ∞ at the ends \[Deb2002\].
pub fn crowding(points: &[Scored], members: &[usize]) -> Vec<f64> {
    let mut distance = vec![0.0; members.len()];
    let n_objectives = members.first().map_or(0, |first| points[*first].objectives.len());
    for objective in 0..n_objectives {
        let value = |place: usize| points[members[place]].objectives[objective];
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(members[*a].cmp(&members[*b])));
        let (Some(&first), Some(&last)) = (order.first(), order.last()) else { continue };
        let range = value(last) - value(first);
        distance[first] = f64::INFINITY;
        distance[last] = f64::INFINITY;
        if range > 0.0 {
            for around in order.windows(3) {
                distance[around[1]] += (value(around[2]) - value(around[0])) / range;
            }
        }
    }
    distance
}

/// At most `most` of the `members` of a front that lie far apart: the best of each objective, then again and again
/// the point farthest from all that were taken, each objective scaled to the range of the front. In the order of
/// `members`.
pub fn spread_out(points: &[Scored], members: &[usize], most: usize) -> Vec<usize> {
    if members.len() <= most {
        return members.to_vec();
    }
    let n_objectives = points[members[0]].objectives.len();
    let of = |place: usize, objective: usize| points[members[place]].objectives[objective];
    let ends: Vec<(f64, f64)> = (0..n_objectives)
        .map(|objective| {
            let values = (0..members.len()).map(|place| of(place, objective));
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
        })
        .collect();
    let distance = |a: usize, b: usize| {
        let gap = |objective: usize| {
            let range = ends[objective].1 - ends[objective].0;
            if range > 0.0 { (of(a, objective) - of(b, objective)) / range } else { 0.0 }
        };
        (0..n_objectives).map(gap).map(|gap| gap * gap).sum::<f64>()
    };
    let mut taken: Vec<usize> = Vec::new();
    for objective in 0..n_objectives {
        let best = (0..members.len()).min_by(|a, b| of(*a, objective).total_cmp(&of(*b, objective)));
        if let Some(best) = best.filter(|best| taken.len() < most && !taken.contains(best)) {
            taken.push(best);
        }
    }
    let mut nearest: Vec<f64> = (0..members.len())
        .map(|place| taken.iter().map(|other| distance(place, *other)).fold(f64::INFINITY, f64::min))
        .collect();
    while taken.len() < most {
        let Some(next) = (0..members.len())
            .filter(|place| !taken.contains(place))
            .max_by(|a, b| nearest[*a].total_cmp(&nearest[*b]).then(b.cmp(a)))
        else {
            break;
        };
        taken.push(next);
        for place in 0..members.len() {
            nearest[place] = nearest[place].min(distance(place, next));
        }
    }
    taken.sort_unstable();
    taken.into_iter().map(|place| members[place]).collect()
}

/// Volume of the space that the points beat, up to the `reference` point that all of them beat; points that do not
/// are left out.
///
/// By slices along the last objective, exact for any number of objectives, and meant for a few hundred points with up
/// to four.
pub fn hypervolume(points: &[Vec<f64>], reference: &[f64]) -> f64 {
    let inside: Vec<Vec<f64>> = points
        .iter()
        .filter(|point| point.iter().zip(reference).all(|(value, end)| value < end))
        .cloned()
        .collect();
    volume(inside, reference)
}

fn volume(mut points: Vec<Vec<f64>>, reference: &[f64]) -> f64 {
    let last = reference.len() - 1;
    if points.is_empty() {
        return 0.0;
    }
    if last == 0 {
        let best = points.iter().map(|point| point[0]).fold(f64::INFINITY, f64::min);
        return reference[0] - best;
    }
    points.sort_by(|a, b| a[last].total_cmp(&b[last]));
    let mut sum = 0.0;
    for index in 0..points.len() {
        let end = points.get(index + 1).map_or(reference[last], |next| next[last]);
        let depth = end - points[index][last];
        if depth > 0.0 {
            let slice: Vec<Vec<f64>> = points[..=index].iter().map(|point| point[..last].to_vec()).collect();
            let slice = without_beaten(slice);
            sum += depth * volume(slice, &reference[..last]);
        }
    }
    sum
}

fn without_beaten(points: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let beats = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a <= b);
    let mut kept: Vec<Vec<f64>> = Vec::new();
    for point in points {
        if !kept.iter().any(|other| beats(other, &point)) {
            kept.retain(|other| !beats(&point, other));
            kept.push(point);
        }
    }
    kept
}
