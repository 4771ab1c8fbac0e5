//! Utilities of the patients of each member, with the luck of few patients kept apart.

use std::collections::BTreeMap;

use regraft_stats::decision::Utilities;

/// Fewest patients of a member that is used: two in each half.
pub const FEWEST: usize = 4;

/// Parts of every member's patients that are left out in turn. Chosen: an error is then known to a sixth.
const PARTS: usize = 20;

/// Utilities by member.
pub struct Grouped {
    /// Members that are used.
    pub members: Vec<usize>,
    /// Their patients, `[member]`.
    pub rows: Vec<Vec<usize>>,
    /// Mean utilities of members, also with parts of their patients left out.
    pub utilities: Utilities,
    /// Mean, its standard error, and standard deviation between patients of one member, `[arm]`.
    pub of_arms: Vec<[f64; 3]>,
}

impl Grouped {
    /// `utilities` `[arm][patient]`. A patient counts whose utility is known in every arm.
    pub fn of(utilities: &[Vec<f64>], member_of: &[usize]) -> Grouped {
        let mut of_member: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, member) in member_of.iter().enumerate() {
            if utilities.iter().all(|arm| arm[row].is_finite()) {
                of_member.entry(*member).or_default().push(row);
            }
        }
        of_member.retain(|_, rows| rows.len() >= FEWEST);
        let (members, rows): (Vec<usize>, Vec<Vec<usize>>) = of_member.into_iter().unzip();
        let without = |part: usize| means(utilities, &left(&rows, part));
        let own = Utilities { without: (0..PARTS).map(without).collect(), ..means(utilities, &rows) };
        let of_arms = utilities.iter().map(|arm| of_arm(arm, &rows)).collect();
        Grouped { members, rows, utilities: own, of_arms }
    }
}

/// The patients of each member without those of one part. A member of fewer patients than parts loses one in some of the
/// parts alone, beginning with another part than the member before it.
fn left(rows: &[Vec<usize>], part: usize) -> Vec<Vec<usize>> {
    let of_member = |(member, rows): (usize, &Vec<usize>)| {
        let kept = rows.iter().enumerate().filter(|(place, _)| (place + member) % PARTS != part);
        kept.map(|(_, row)| *row).collect()
    };
    rows.iter().enumerate().map(of_member).collect()
}

fn mean(arm: &[f64], rows: &[usize]) -> f64 {
    rows.iter().map(|row| arm[*row]).sum::<f64>() / rows.len() as f64
}

/// Mean utilities of members, in all of their patients and in either half.
fn means(utilities: &[Vec<f64>], rows: &[Vec<usize>]) -> Utilities {
    let part = |which: Option<usize>| -> Vec<f64> {
        let of_member = |rows: &Vec<usize>| {
            let rows: Vec<usize> = match which {
                None => rows.clone(),
                Some(first) => rows.iter().skip(first).step_by(2).copied().collect(),
            };
            utilities.iter().map(|arm| mean(arm, &rows)).collect::<Vec<f64>>()
        };
        rows.iter().flat_map(of_member).collect()
    };
    Utilities {
        n_options: utilities.len(),
        mean: part(None),
        first: part(Some(0)),
        second: part(Some(1)),
        without: Vec::new(),
    }
}

fn of_arm(arm: &[f64], rows: &[Vec<usize>]) -> [f64; 3] {
    let all: Vec<usize> = {
        let mut all: Vec<usize> = rows.iter().flatten().copied().collect();
        all.sort_unstable();
        all
    };
    let whole = mean(arm, &all);
    let total: f64 = all.iter().map(|row| (arm[*row] - whole).powi(2)).sum();
    let within: f64 = rows
        .iter()
        .map(|rows| rows.iter().map(|row| (arm[*row] - mean(arm, rows)).powi(2)).sum::<f64>())
        .sum();
    let n = all.len() as f64;
    let freedom = (n - rows.len() as f64).max(1.0);
    [whole, (total / (n - 1.0).max(1.0) / n).sqrt(), (within / freedom).sqrt()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patient_is_left_out_once() {
        let rows: Vec<Vec<usize>> = vec![(0..7).collect(), (7..60).collect()];
        for member in 0..2 {
            let mut times = vec![PARTS; 60];
            for part in 0..PARTS {
                left(&rows, part)[member].iter().for_each(|row| times[*row] -= 1);
            }
            assert!(rows[member].iter().all(|row| times[*row] == 1), "{times:?}");
        }
    }

    #[test]
    fn members_with_few_patients_do_not_count() {
        let utilities = vec![(0..12).map(f64::from).collect(), vec![1.0; 12]];
        // Member 0 has rows 0, 2, 4, …; of member 1 all but three are not known in one arm.
        let mut other = utilities.clone();
        [1, 3, 5].into_iter().for_each(|row: usize| other[1][row] = f64::NAN);
        let member_of: Vec<usize> = (0..12).map(|row| row % 2).collect();
        let grouped = Grouped::of(&other, &member_of);
        assert_eq!((grouped.members, grouped.rows), (vec![0], vec![vec![0, 2, 4, 6, 8, 10]]));
        assert_eq!(grouped.utilities.mean, [5.0, 1.0]);
        assert_eq!((grouped.utilities.first, grouped.utilities.second), (vec![4.0, 1.0], vec![6.0, 1.0]));
        assert_eq!(Grouped::of(&utilities, &member_of).members, [0, 1]);
    }
}
