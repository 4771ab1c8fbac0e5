//! Order of elimination: Markowitz' rule on the diagonal.

use crate::system::SparsityPattern;

/// Order in which the diagonal entries are taken as pivots, `[position] → state`.
///
/// At each position the state with the least (row count − 1) · (column count − 1) in what
/// remains is taken, ties by the smaller index [Markowitz 1957, Management Science 3:255].
/// Numerical values play no part.
pub fn markowitz_order(pattern: &SparsityPattern) -> Vec<usize> {
    let mut matrix = filled_diagonal(pattern);
    let mut remaining: Vec<usize> = (0..pattern.n).collect();
    let mut order = Vec::with_capacity(pattern.n);
    while let Some(position) = cheapest(&matrix, &remaining) {
        let pivot = remaining.remove(position);
        eliminate(&mut matrix, &remaining, pivot);
        order.push(pivot);
    }
    order
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

/// Position in `remaining` of the state with the least Markowitz cost.
fn cheapest(matrix: &[Vec<bool>], remaining: &[usize]) -> Option<usize> {
    let cost = |state: usize| {
        let in_row = remaining.iter().filter(|&&other| matrix[state][other]).count();
        let in_column = remaining.iter().filter(|&&other| matrix[other][state]).count();
        (in_row - 1) * (in_column - 1)
    };
    (0..remaining.len()).min_by_key(|&position| cost(remaining[position]))
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
