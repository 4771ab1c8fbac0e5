//! Anderson's acceleration of a fixed-point iteration x ← g(x) (Anderson 1965; type II).
//!
//! The next x is g(xₖ) − ΔG·γ, where γ makes the weighted residual f(xₖ) − ΔF·γ, f = g − x, least. For a
//! linear g with n states it arrives after n + 1 images, whatever the rate of the plain iteration.

/// The last images and residuals of one iteration.
#[derive(Debug, Clone, Default)]
pub(super) struct Anderson {
    images: Vec<Vec<f64>>,
    residuals: Vec<Vec<f64>>,
    least: Option<f64>,
}

/// Images remembered beyond the last; chosen: more states than this converge a little later.
const DEPTH: usize = 8;
/// A difference whose part not seen in newer ones is smaller than this is left out; chosen: above the noise
/// of the integrator.
const INDEPENDENT: f64 = 1e-6;

impl Anderson {
    /// The next x after the image `g` of `x`; `weights` are 1 / size of each state.
    pub fn next(&mut self, x: &[f64], g: &[f64], weights: &[f64]) -> Vec<f64> {
        let residual = difference(g, x);
        let weighted = scaled(&residual, weights);
        let norm = dot(&weighted, &weighted).sqrt();
        if self.least.is_some_and(|least| norm > 10.0 * least) {
            self.images.clear();
            self.residuals.clear();
        }
        self.least = Some(self.least.map_or(norm, |least| least.min(norm)));
        self.images.push(g.to_vec());
        self.residuals.push(residual);
        if self.images.len() > DEPTH + 1 {
            self.images.remove(0);
            self.residuals.remove(0);
        }
        let next = self.extrapolate(g, weights);
        let possible = next.iter().zip(g).all(|(next, g)| next.is_finite() && (*next >= 0.0 || *g < 0.0));
        if possible { next } else { g.to_vec() }
    }

    /// g − ΔG·γ by Gram and Schmidt's way, newest differences first. Each new direction of residuals is
    /// kept together with the same combination of images, so that no triangle need be solved.
    fn extrapolate(&self, g: &[f64], weights: &[f64]) -> Vec<f64> {
        let mut next = g.to_vec();
        let mut residual = scaled(&self.residuals[self.residuals.len() - 1], weights);
        let mut directions: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        for newer in (1..self.images.len()).rev() {
            let change = difference(&self.residuals[newer], &self.residuals[newer - 1]);
            let mut of_residual = scaled(&change, weights);
            let mut of_image = difference(&self.images[newer], &self.images[newer - 1]);
            let size = dot(&of_residual, &of_residual).sqrt();
            for (direction, image) in &directions {
                let share = dot(&of_residual, direction);
                subtract(&mut of_residual, share, direction);
                subtract(&mut of_image, share, image);
            }
            let left = dot(&of_residual, &of_residual).sqrt();
            if left <= INDEPENDENT * size || left == 0.0 {
                continue;
            }
            of_residual.iter_mut().for_each(|value| *value /= left);
            of_image.iter_mut().for_each(|value| *value /= left);
            let share = dot(&residual, &of_residual);
            subtract(&mut residual, share, &of_residual);
            subtract(&mut next, share, &of_image);
            directions.push((of_residual, of_image));
        }
        next
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn scaled(a: &[f64], weights: &[f64]) -> Vec<f64> {
    a.iter().zip(weights).map(|(a, weight)| a * weight).collect()
}

/// a ← a − share·b
fn subtract(a: &mut [f64], share: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a -= share * b);
}
