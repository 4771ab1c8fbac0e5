//! A function and those it corrects as one polynomial: what a sampler asks for millions of times.

use std::collections::BTreeMap;

use super::{Emulator, Term};

/// c + Σ b x + Σ b x x over features, each term once.
#[derive(Debug, Clone, PartialEq)]
pub struct Polynomial {
    constant: f64,
    linear: Vec<(usize, f64)>,
    products: Vec<(usize, usize, f64)>,
}

impl Emulator {
    /// The linked mean as one polynomial.
    pub fn polynomial(&self) -> Polynomial {
        let (mut constant, mut linear, mut products) = (0.0, BTreeMap::new(), BTreeMap::new());
        let mut next = Some(self);
        while let Some(emulator) = next {
            for (term, b) in emulator.terms.iter().zip(emulator.coefficients.iter()) {
                match *term {
                    Term::One => constant += b,
                    Term::Linear(a) => *linear.entry(a).or_insert(0.0) += b,
                    Term::Product(a, b2) => *products.entry((a.min(b2), a.max(b2))).or_insert(0.0) += b,
                }
            }
            next = emulator.base.as_deref();
        }
        let products = products.into_iter().map(|((one, other), b)| (one, other, b)).collect();
        Polynomial { constant, linear: linear.into_iter().collect(), products }
    }
}

impl Polynomial {
    /// Its value.
    pub fn of(&self, x: &[f64]) -> f64 {
        let linear: f64 = self.linear.iter().map(|(a, b)| b * x[*a]).sum();
        let products: f64 = self.products.iter().map(|(one, other, b)| b * x[*one] * x[*other]).sum();
        self.constant + linear + products
    }

    /// Adds `by` times its derivatives to `gradient`, `[feature]`.
    pub fn add_slopes(&self, x: &[f64], by: f64, gradient: &mut [f64]) {
        for (a, b) in &self.linear {
            gradient[*a] += by * b;
        }
        for (one, other, b) in &self.products {
            gradient[*one] += by * b * x[*other];
            gradient[*other] += by * b * x[*one];
        }
    }
}
