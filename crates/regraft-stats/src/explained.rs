//! How much of the variance of some values a linear function of known columns explains, without being flattered by the
//! values it was fitted to.

use crate::distributions::cholesky;

/// A part of a variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explained {
    /// Variance of the function; below 0 where the columns explain less than chance would.
    pub variance: f64,
    /// Its standard error.
    pub error: f64,
    /// Variance of the values.
    pub whole: f64,
}

/// Variance of the best linear function of `columns` `[value][column]` in `values`: mean over values of (y − ȳ) times what
/// the function says of it that was fitted to all others, plus s²/n for the mean that was fitted too.
///
/// Unbiased whatever the spread of the residuals, be it the same everywhere or not: a value and a function that has not
/// seen it share nothing but the columns \[KlineSaggioSolvsten2020\]. Its error takes the residuals as they are, too: with
/// h the weights of the fit and e² the squares of the residuals over 1 − h, products of two residuals have the variance
/// b = 2 Σⱼ≠ₖ hⱼₖ² eⱼ² eₖ²/n², and what each value adds, 2 (y − ȳ) times the function without it, varies by s² and counts b
/// twice, so that the whole is s²/n − b, at least b. `None` where there are fewer than three values for each column that
/// varies, or the columns depend on each other.
pub fn explained(columns: &[f64], width: usize, values: &[f64]) -> Option<Explained> {
    let n = values.len();
    let x = standardized(columns, width, n);
    let p = x.len();
    if n < 3 * p.max(1) {
        return None;
    }
    let size = n as f64;
    let mean = values.iter().sum::<f64>() / size;
    let y: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let whole = y.iter().map(|y| y * y).sum::<f64>() / (size - 1.0);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut gram = vec![0.0; p * p];
    for (row, a) in x.iter().enumerate() {
        for (column, b) in x[..=row].iter().enumerate() {
            let value = product(a, b);
            (gram[row * p + column], gram[column * p + row]) = (value, value);
        }
    }
    let factor = cholesky(p, &gram).ok()?;
    // With w = L⁻¹ x the fitted values are w·(Σ w y), and the leverage is 1/n + w·w.
    let lowered: Vec<Vec<f64>> = (0..n)
        .map(|value| {
            let mut w = vec![0.0; p];
            for row in 0..p {
                let before: f64 = (0..row).map(|k| factor[row * p + k] * w[k]).sum();
                w[row] = (x[row][value] - before) / factor[row * p + row];
            }
            w
        })
        .collect();
    let mut slopes = vec![0.0; p];
    for (w, y) in lowered.iter().zip(&y) {
        slopes.iter_mut().zip(w).for_each(|(slope, w)| *slope += w * y);
    }
    // The function without each value, and the square of the residual of that value.
    let without = |(w, y): (&Vec<f64>, &f64)| {
        let (rest, free) = (y - product(w, &slopes), (1.0 - 1.0 / size - product(w, w)).max(1e-9));
        (y - rest / free, rest * rest / free)
    };
    let fits: Vec<(f64, f64)> = lowered.iter().zip(&y).map(without).collect();
    let added: Vec<f64> = fits.iter().zip(&y).map(|((fit, _), y)| y * fit).collect();
    let sum: f64 = added.iter().sum();
    let variance = sum / size + whole / size;
    let spread = added.iter().map(|one| (one - sum / size) * (one - sum / size)).sum::<f64>() / (size - 1.0);
    let pairs = by_pairs(&lowered, &fits);
    let square = (4.0 * spread / size - pairs).max(pairs);
    Some(Explained { variance, error: square.sqrt(), whole })
}

/// Variance of the mean product of two residuals by way of the fit.
fn by_pairs(lowered: &[Vec<f64>], fits: &[(f64, f64)]) -> f64 {
    let p = lowered.first().map_or(0, Vec::len);
    // Σⱼₖ hⱼₖ² eⱼ² eₖ² is the sum of the squares of the matrix Σⱼ eⱼ² wⱼ wⱼᵀ.
    let mut matrix = vec![0.0; p * p];
    let mut own = 0.0;
    for (w, (_, square)) in lowered.iter().zip(fits) {
        let mut weight = 0.0;
        for (row, a) in w.iter().enumerate() {
            weight += a * a;
            let scaled = square * a;
            matrix[row * p..=row * p + row].iter_mut().zip(w).for_each(|(sum, b)| *sum += scaled * b);
        }
        own += weight * weight * square * square;
    }
    let mut all = 0.0;
    for row in 0..p {
        let below: f64 = matrix[row * p..row * p + row].iter().map(|x| x * x).sum();
        all += 2.0 * below + matrix[row * p + row] * matrix[row * p + row];
    }
    let size = fits.len() as f64;
    2.0 * (all - own).max(0.0) / (size * size)
}

/// The columns that vary, `[column][value]`, each with mean 0 and variance 1.
fn standardized(columns: &[f64], width: usize, n: usize) -> Vec<Vec<f64>> {
    let column = |at: usize| -> Option<Vec<f64>> {
        let own: Vec<f64> = columns.iter().skip(at).step_by(width).copied().collect();
        let mean = own.iter().sum::<f64>() / n as f64;
        let sd = (own.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64).sqrt();
        (sd > 1e-9 * mean.abs().max(1e-300)).then(|| own.iter().map(|x| (x - mean) / sd).collect())
    };
    (0..width).filter_map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;
    use crate::random::Seed;
    use crate::reference::{Tolerance, table};

    /// Three columns, of which the first two count, and residuals that are wider where the first is large.
    fn data(n: usize, world: u64, width: usize, slope: f64) -> (Vec<f64>, Vec<f64>) {
        let stream = Seed(world).stream(0, "explained");
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for value in 0..n as u64 {
            let row: Vec<f64> =
                (0..width as u64).map(|c| stream.normal(value * (width as u64 + 1) + c)).collect();
            let noise = stream.normal(value * (width as u64 + 1) + width as u64);
            values.push(slope * (row[0] - 0.5 * row[1]) + noise * math::exp(0.3 * row[0]));
            columns.extend(row);
        }
        (columns, values)
    }

    #[test]
    fn fits_that_leave_a_value_out_agree_with_refitting() {
        for row in table("explained") {
            let numbers = |name: &str| -> Vec<f64> {
                row.text(name).split(' ').map(|x| x.parse().expect("a number")).collect()
            };
            let (columns, values) = (numbers("columns"), numbers("values"));
            let found = explained(&columns, row.number("width") as usize, &values).expect("values enough");
            row.agrees("variance", found.variance, Tolerance::Mixed(1e-9));
            row.agrees("error", found.error, Tolerance::Mixed(1e-9));
            row.agrees("whole", found.whole, Tolerance::Relative(1e-12));
        }
    }

    #[test]
    fn it_is_unbiased_and_knows_its_error() {
        for slope in [0.0, 0.3] {
            let truth = 1.25 * slope * slope;
            let worlds = 200;
            let found: Vec<Explained> = (0..worlds)
                .map(|world| {
                    let (columns, values) = data(200, world, 30, slope);
                    explained(&columns, 30, &values).expect("values enough")
                })
                .collect();
            let mean = found.iter().map(|one| one.variance).sum::<f64>() / worlds as f64;
            let spread =
                (found.iter().map(|one| (one.variance - mean).powi(2)).sum::<f64>() / worlds as f64).sqrt();
            let told = found.iter().map(|one| one.error).sum::<f64>() / worlds as f64;
            assert!((mean - truth).abs() < 4.0 * spread / (worlds as f64).sqrt(), "{mean} and {truth}");
            assert!((0.8..1.25).contains(&(told / spread)), "told {told}, found {spread}");
        }
    }

    #[test]
    fn few_values_and_columns_that_do_not_vary() {
        let (columns, values) = data(20, 1, 10, 1.0);
        assert_eq!(explained(&columns, 10, &values), None);
        assert_eq!(explained(&[], 0, &[]), None);
        let still = vec![2.0; 20];
        let found = explained(&still, 1, &values).expect("no column varies");
        assert!(found.variance.abs() < 1e-9 * found.whole, "{found:?}");
        // A column twice.
        let twice: Vec<f64> = columns.chunks(10).flat_map(|row| [row[0], row[0]]).collect();
        assert_eq!(explained(&twice, 2, &values), None);
    }
}
