//! Small symmetric matrices, row by row in slices that the caller keeps.

/// Cholesky's factor in place of the lower triangle; what is above the diagonal is neither read nor written. False
/// where the matrix is not positive definite.
pub fn factor(n: usize, a: &mut [f64]) -> bool {
    for row in 0..n {
        for column in 0..row {
            let mut sum = a[row * n + column];
            for k in 0..column {
                sum -= a[row * n + k] * a[column * n + k];
            }
            a[row * n + column] = sum / a[column * n + column];
        }
        let mut left = a[row * n + row];
        let whole = left;
        for k in 0..row {
            left -= a[row * n + k] * a[row * n + k];
        }
        // Below this share of the diagonal nothing is left but rounding.
        if !(left > 1e-14 * whole.abs() && left.is_finite()) {
            return false;
        }
        a[row * n + row] = left.sqrt();
    }
    true
}

/// The inverse in place of a symmetric positive definite matrix of which the lower triangle is read; `room` holds n²
/// values of no meaning. False where it is not positive definite.
pub fn invert(n: usize, a: &mut [f64], room: &mut [f64]) -> bool {
    if !factor(n, a) {
        return false;
    }
    // Rows of the factor's inverse, then L⁻ᵀ L⁻¹.
    for column in 0..n {
        for row in column..n {
            let mut left = f64::from(u8::from(row == column));
            for k in column..row {
                left -= a[row * n + k] * room[k * n + column];
            }
            room[row * n + column] = left / a[row * n + row];
        }
    }
    for j in 0..n {
        for k in 0..=j {
            let mut sum = 0.0;
            for row in j..n {
                sum += room[row * n + j] * room[row * n + k];
            }
            (a[j * n + k], a[k * n + j]) = (sum, sum);
        }
    }
    true
}

/// c = a b.
pub fn product(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
    for row in 0..n {
        for column in 0..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += a[row * n + k] * b[k * n + column];
            }
            c[row * n + column] = sum;
        }
    }
}

/// c = a b′.
pub fn product_transposed(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
    for row in 0..n {
        for column in 0..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += a[row * n + k] * b[column * n + k];
            }
            c[row * n + column] = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_times_its_matrix_is_one() {
        let matrix = [4.0, 1.0, 0.5, 1.0, 3.0, -0.7, 0.5, -0.7, 2.0];
        let (mut inverse, mut room, mut one) = (matrix, [0.0; 9], [0.0; 9]);
        assert!(invert(3, &mut inverse, &mut room));
        product(3, &matrix, &inverse, &mut one);
        for (place, value) in one.iter().enumerate() {
            let expected = f64::from(u8::from(place % 4 == 0));
            assert!((value - expected).abs() < 1e-14, "{place}: {value}");
        }
        product_transposed(3, &matrix, &inverse, &mut one);
        assert!((one[0] - 1.0).abs() < 1e-14 && one[1].abs() < 1e-14, "both are symmetric");
        let mut singular = [1.0, 1.0, 1.0, 1.0];
        assert!(!factor(2, &mut singular));
        assert!(!factor(1, &mut [f64::NAN]));
    }
}
