//! Members of a stage: parameters spread evenly over what is still believed.

use nalgebra::{Cholesky, DMatrix, Dyn};
use regraft_stats::math::normal_quantile;
use regraft_trial::UncertainParameter;

use super::fit::Mode;
use crate::posterior::Members;

/// Members drawn from what is believed before looking: scrambled Sobol points \[Owen1997\] through the normal quantile.
pub fn before_looking(parameters: &[UncertainParameter], n: usize, seed: u32) -> Members {
    let z = (0..n).flat_map(|member| normal_row(member, parameters.len(), seed));
    members("design before looking", parameters, z.collect())
}

/// Members around a mode, wider than its covariance by `wider`.
pub fn around(parameters: &[UncertainParameter], mode: &Mode, wider: f64, n: usize, seed: u32) -> Members {
    let p = parameters.len();
    let factor = Cholesky::<f64, Dyn>::new(&mode.covariance * (wider * wider))
        .map_or_else(|| DMatrix::identity(p, p), |cholesky| cholesky.l());
    let mut z = Vec::with_capacity(n * p);
    for member in 0..n {
        let row = nalgebra::DVector::from_vec(normal_row(member, p, seed));
        z.extend((&mode.z + &factor * row).iter());
    }
    members("design around the mode", parameters, z)
}

fn members(title: &str, parameters: &[UncertainParameter], z: Vec<f64>) -> Members {
    Members { title: title.into(), parameters: parameters.to_vec(), z }
}

/// Sobol points are in sets of 256 dimensions at most; parameters beyond take another scramble.
fn normal_row(member: usize, parameters: usize, seed: u32) -> Vec<f64> {
    let at = |p: usize| {
        let (set, dimension) = (p / 256, p % 256);
        let scramble = seed.wrapping_mul(0x9e37_79b9).wrapping_add(set as u32);
        let uniform = f64::from(sobol_burley::sample(member as u32, dimension as u32, scramble));
        // The points are single precision, so 0 may occur.
        normal_quantile(uniform.clamp(1e-6, 1.0 - 1e-6))
    };
    (0..parameters).map(at).collect()
}
