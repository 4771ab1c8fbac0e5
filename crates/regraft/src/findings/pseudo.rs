//! Pseudo-values: what some patients add to a statistic, whatever it is.
//!
//! w θ − (w − w_j) θ₍ⱼ₎ over w_j, where θ is the statistic of all w patients and θ₍ⱼ₎ leaves w_j of them out; its mean
//! given what these patients have in common is the statistic in such patients, to first order
//! \[AndersenKleinRosthoj2003\]. Of a mean it is the mean of those who are left out.

use std::collections::BTreeMap;

use crate::outcomes::Outcome;

/// Pseudo-values of several numbers at once, such as one statistic on several days.
#[derive(Debug, Clone, PartialEq)]
pub struct Pseudo {
    /// The numbers in all patients; `None` where there is none, `[number]`.
    pub whole: Vec<Option<f64>>,
    /// What each group adds, `[group][number]`; `None` where there is no number without it.
    pub values: Vec<Vec<Option<f64>>>,
}

/// Pseudo-values of groups of patients. `of` gives the numbers in the patients of these rows, of `n` in all.
///
/// Rows of a group ascend.
pub fn of_groups(n: usize, groups: &[Vec<usize>], of: impl Fn(&[usize]) -> Vec<Option<f64>>) -> Pseudo {
    let all: Vec<usize> = (0..n).collect();
    let whole = of(&all);
    let total = n as f64;
    let adds = |group: &Vec<usize>| -> Vec<Option<f64>> {
        let others: Vec<usize> =
            all.iter().copied().filter(|row| group.binary_search(row).is_err()).collect();
        let weight = group.len() as f64;
        let value = |(whole, without): (&Option<f64>, Option<f64>)| {
            Some((total * (*whole)? - (total - weight) * without?) / weight)
        };
        whole.iter().zip(of(&others)).map(value).collect()
    };
    let values = groups.iter().map(adds).collect();
    Pseudo { whole, values }
}

/// Pseudo-values of each of the first `n` patients, `[row][number]`, by what `of` finds in this outcome of theirs.
///
/// Patients whose outcomes are the same add the same, so that each kind is left out once.
pub fn of_patients(outcome: &Outcome, n: usize, of: impl Fn(&[usize]) -> Vec<Option<f64>>) -> Pseudo {
    let mut kinds: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let mut firsts: Vec<Vec<usize>> = Vec::new();
    let mut kind_of = Vec::with_capacity(n);
    for row in 0..n {
        let kind = *kinds.entry(seen(outcome, row)).or_insert_with(|| {
            firsts.push(vec![row]);
            firsts.len() - 1
        });
        kind_of.push(kind);
    }
    let Pseudo { whole, values } = of_groups(n, &firsts, of);
    Pseudo { whole, values: kind_of.into_iter().map(|kind| values[kind].clone()).collect() }
}

/// All that a statistic sees of one patient who is followed to the end, bit by bit.
fn seen(outcome: &Outcome, row: usize) -> Vec<u64> {
    match outcome {
        Outcome::Times(times) => times[row].as_ref().map_or(Vec::new(), |end| {
            let end = end.survival();
            vec![end.time.to_bits(), u64::from(end.status)]
        }),
        Outcome::Scores { days, values } => {
            values[row * days.len()..(row + 1) * days.len()].iter().map(|value| value.to_bits()).collect()
        }
        Outcome::Rates(rates) => {
            let counted = rates[row].as_ref().and_then(|counted| counted.followed_to(f64::INFINITY));
            counted.map_or(Vec::new(), |(events, years)| vec![events.to_bits(), years.to_bits()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64]) -> impl Fn(&[usize]) -> Vec<Option<f64>> {
        |rows| {
            let own: Vec<f64> = rows.iter().map(|row| values[*row]).filter(|x| x.is_finite()).collect();
            vec![(!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64), None]
        }
    }

    #[test]
    fn of_a_mean_they_are_the_means_of_the_groups() {
        let values = [1.0, 2.0, 6.0, 3.0];
        let found = of_groups(4, &[vec![0, 2], vec![1], vec![3]], mean(&values));
        assert_eq!(found.whole, [Some(3.0), None]);
        assert_eq!(found.values, [[Some(3.5), None], [Some(2.0), None], [Some(3.0), None]]);
    }

    #[test]
    fn patients_with_the_same_outcome_are_left_out_once() {
        let values = vec![1.0, 2.0, 1.0, 4.0];
        let outcome = Outcome::Scores { days: vec![7.0], values: values.clone() };
        let calls = std::cell::Cell::new(0);
        let of = |rows: &[usize]| {
            calls.set(calls.get() + 1);
            mean(&values)(rows)
        };
        let found = of_patients(&outcome, 4, of);
        assert_eq!(found.values.iter().map(|row| row[0]).collect::<Vec<_>>(), [1.0, 2.0, 1.0, 4.0].map(Some));
        assert_eq!(calls.get(), 4, "everyone, and three kinds");
    }

    #[test]
    fn without_anyone_left_there_is_no_number() {
        let found = of_groups(2, &[vec![0, 1]], mean(&[1.0, 2.0]));
        assert_eq!(found.values, [[None, None]]);
    }
}
