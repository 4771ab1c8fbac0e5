//! Order of elimination on the diagonal: least fill-in, then Markowitz' rule.

use crate::system::SparsityPattern;

/// Order in which the diagonal entries are taken as pivots, `[position] → state`.
///
/// At each position the state whose elimination causes the least fill-in is taken; of equals that with the least
/// (row count − 1) · (column count − 1) in what remains [Markowitz 1957, Management Science 3:255], then that with
/// the smallest column count (chosen: it leaves the least roundoff in the problem [`E5`](crate::problems::E5)), then
/// that with the smallest index. Numerical values play no part.
pub fn markowitz_order(pattern: &SparsityPattern) -> Vec<usize> {
    let mut rest = Rest::new(pattern);
    let mut remaining: Vec<usize> = (0..pattern.n).collect();
    let mut order = Vec::with_capacity(pattern.n);
    while let Some(position) = (0..remaining.len()).min_by_key(|&at| rest.cost(remaining[at])) {
        let pivot = remaining.remove(position);
        rest.eliminate(pivot);
        order.push(pivot);
    }
    order
}

/// What remains of a matrix: which entries are there, as sets of states.
struct Rest {
    /// Columns of each row.
    rows: Vec<Set>,
    /// Rows of each column.
    columns: Vec<Set>,
}

impl Rest {
    fn new(pattern: &SparsityPattern) -> Rest {
        let matrix = filled_diagonal(pattern);
        let set = |holds: &dyn Fn(usize) -> bool| Set::of((0..pattern.n).filter(|&i| holds(i)), pattern.n);
        Rest {
            rows: (0..pattern.n).map(|row| set(&|column| matrix[row][column])).collect(),
            columns: (0..pattern.n).map(|column| set(&|row| matrix[row][column])).collect(),
        }
    }

    /// Fill-in, Markowitz cost and column count of a state.
    fn cost(&self, state: usize) -> (usize, usize, usize) {
        let (row, column) = (&self.rows[state], &self.columns[state]);
        let fill = column.members().map(|other| row.without(&self.rows[other])).sum();
        let (in_row, in_column) = (row.count(), column.count());
        (fill, (in_row - 1) * (in_column - 1), in_column)
    }

    /// Adds the fill-in of a pivot and takes away its row and column.
    fn eliminate(&mut self, pivot: usize) {
        let (row, column) = (self.rows[pivot].clone(), self.columns[pivot].clone());
        for other in column.members() {
            self.rows[other].add(&row);
            self.rows[other].remove(pivot);
        }
        for other in row.members() {
            self.columns[other].add(&column);
            self.columns[other].remove(pivot);
        }
    }
}

/// A set of states, one bit each.
#[derive(Clone)]
struct Set(Vec<u64>);

impl Set {
    fn of(members: impl Iterator<Item = usize>, n: usize) -> Set {
        let mut set = Set(vec![0; n.div_ceil(64)]);
        members.for_each(|member| set.0[member / 64] |= 1 << (member % 64));
        set
    }

    fn members(&self) -> impl Iterator<Item = usize> {
        let rest = |word: u64| std::iter::successors(Some(word), |left| Some(left & left.wrapping_sub(1)));
        let of_word = move |(index, &word): (usize, &u64)| {
            rest(word)
                .take_while(|&left| left != 0)
                .map(move |left| 64 * index + left.trailing_zeros() as usize)
        };
        self.0.iter().enumerate().flat_map(of_word)
    }

    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Number of members that another set does not have.
    fn without(&self, other: &Set) -> usize {
        self.0.iter().zip(&other.0).map(|(own, other)| (own & !other).count_ones() as usize).sum()
    }

    fn add(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    fn remove(&mut self, member: usize) {
        self.0[member / 64] &= !(1 << (member % 64));
    }
}

/// The pattern as a dense table of flags `[row][column]` with the diagonal set.
pub(crate) fn filled_diagonal(pattern: &SparsityPattern) -> Vec<Vec<bool>> {
    let mut matrix = vec![vec![false; pattern.n]; pattern.n];
    for (&row, &column) in pattern.rows.iter().zip(&pattern.columns) {
        matrix[row as usize][column as usize] = true;
    }
    for state in 0..pattern.n {
        matrix[state][state] = true;
    }
    matrix
}

/// Marks the fill-in that taking `pivot` causes in what remains.
pub(crate) fn eliminate(matrix: &mut [Vec<bool>], remaining: &[usize], pivot: usize) {
    let pivot_row = matrix[pivot].clone();
    for &row in remaining.iter().filter(|&&row| row != pivot) {
        if matrix[row][pivot] {
            for &column in remaining {
                matrix[row][column] |= pivot_row[column];
            }
        }
    }
}
