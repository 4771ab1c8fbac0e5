//! Correlated standard normals, for a Gaussian copula.

use crate::error::StatsError;

/// Lower triangular L with L Lᵀ = `matrix`, both of order n, row after row; above the diagonal 0.
///
/// For a correlation matrix the rows of L turn independent standard normals into correlated ones
/// ([`correlate`]). The lower triangle is used.
///
/// # Errors
/// [`StatsError::MatrixSize`], [`StatsError::NotSymmetric`] (beyond 10⁻⁹ of the diagonal) or
/// [`StatsError::NotPositiveDefinite`] (a pivot below 10⁻¹² of its diagonal element, or NaN).
pub fn cholesky(n: usize, matrix: &[f64]) -> Result<Vec<f64>, StatsError> {
    if n.checked_mul(n) != Some(matrix.len()) {
        return Err(StatsError::MatrixSize { order: n, found: matrix.len() });
    }
    check_symmetry(n, matrix)?;
    let mut factor = vec![0.0; n * n];
    for row in 0..n {
        for column in 0..=row {
            let products: f64 = (0..column).map(|k| factor[row * n + k] * factor[column * n + k]).sum();
            let rest = matrix[row * n + column] - products;
            factor[row * n + column] = if row == column {
                pivot(row, rest, matrix[row * n + row])?
            } else {
                rest / factor[column * n + column]
            };
        }
    }
    Ok(factor)
}

fn check_symmetry(n: usize, matrix: &[f64]) -> Result<(), StatsError> {
    for row in 0..n {
        for column in 0..row {
            let scale = matrix[row * n + row].abs().max(matrix[column * n + column].abs());
            if (matrix[row * n + column] - matrix[column * n + row]).abs() > 1e-9 * scale {
                return Err(StatsError::NotSymmetric { row, column });
            }
        }
    }
    Ok(())
}

fn pivot(row: usize, value: f64, diagonal: f64) -> Result<f64, StatsError> {
    if value.is_finite() && value > 1e-12 * diagonal && value > 0.0 {
        Ok(value.sqrt())
    } else {
        Err(StatsError::NotPositiveDefinite { pivot: row, value })
    }
}

/// Replaces independent standard normals `z` by `cholesky · z`, in place.
///
/// `cholesky` is `[row, column]` of order `z.len()`, from [`cholesky`]. `z[i]` depends on `z[0..=i]` alone.
///
/// # Panics
/// In debug builds if the sizes do not match; in release builds missing elements count as 0.
pub fn correlate(cholesky: &[f64], z: &mut [f64]) {
    let n = z.len();
    debug_assert_eq!(cholesky.len(), n * n, "the factor has the order of z");
    // From the last row up: each row needs only the independent values before it.
    for row in (0..n).rev() {
        let weights = cholesky.get(row * n..row * n + row + 1).unwrap_or(&[]);
        z[row] = weights.iter().zip(&*z).map(|(weight, value)| weight * value).sum();
    }
}
