//! E5: pyrolysis over thirteen decades of time, with amounts from 1e-3 to 1e-291.

use super::Problem;

/// Chemical pyrolysis, very stiff, 4 states of very small size.
///
/// y₂ = y₃ + y₄ at all times: it holds at the start, and f₂ = f₃ + f₄. The first reactant is used up after a
/// time of 1e11; from then on y₂ = y₃ decay like 1 / (1.13e9 t).
///
/// Source: W. H. Enright, T. E. Hull & B. Lindberg, Comparing numerical methods for stiff systems of ODEs, BIT
/// 15:10 (1975), problem E5, in the scaling of E. Hairer & G. Wanner, Solving ODEs II (1996), IV.10, and of
/// F. Mazzia & C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4, University of Bari (2008),
/// file `e5.f`.
#[derive(Debug, Clone, Copy)]
pub struct E5 {
    end: f64,
}

impl Default for E5 {
    /// To the end of the test set, 1e13.
    fn default() -> Self {
        Self::to_power(13)
    }
}

impl E5 {
    /// The absolute tolerance with which Hairer & Wanner run the problem, whatever the relative one.
    pub const ABSOLUTE_TOLERANCE: f64 = 1.7e-24;

    /// The solution that the test set prints for 1e13.
    ///
    /// Computed there in extended precision on all four states; then the roundoff of early times stays in y₂ − y₃,
    /// which is y₄ and by now 0, but 1.3e-25 here: its digits hold to 7e-4. [`E5::solution`] is not so limited.
    pub const PUBLISHED: [f64; 4] =
        [0.1152903278711829e-290, 0.886765551764212e-22, 0.8854814626268838e-22, 0.0];

    /// To a time of 10^`power`, one of those of which the solution is known: 1, 3, 5, 7, 9, 11, 13.
    ///
    /// # Panics
    /// If the solution there is not known.
    pub fn to_power(power: i32) -> Self {
        assert!(SOLUTIONS.iter().any(|known| known.0 == power), "the solution at 1e{power} is not known");
        Self { end: 10f64.powi(power) }
    }
}

/// Rates of the four reactions: y₁ → y₂ + y₃, y₁ + y₃ → y₄, y₂ + y₃ → nothing, y₄ → y₃.
const RATES: [f64; 4] = [7.89e-10, 1.1e7, 1.13e9, 1.13e3];

/// Decades of time, and y₁, y₃, y₄ there; y₂ = y₃ + y₄.
///
/// Computed for this table by Radau IIA of order 5 (SciPy 1.17) at a relative tolerance of 1e-12, with y₂
/// eliminated by its invariant so that nothing cancels; runs at 1e-13, and with LSODA at 1e-12, differ by less
/// than 1e-10. y₁ and y₄ at 1e13 are those of the test set.
const SOLUTIONS: [(i32, [f64; 3]); 7] = [
    (1, [1.759925949767805e-3, 7.637003853007e-13, 1.3082581134075e-11]),
    (3, [1.618076999907313e-3, 8.25157350067838e-12, 1.2997212954906e-10]),
    (5, [7.4813208224295e-6, 2.21235866895787e-12, 1.61119487162416e-13]),
    (7, [4.71503336304016e-10, 1.81888123767866e-14, 8.348402029632e-20]),
    (9, [3.1317148329357e-14, 1.48409579483457e-16, 4.524372827978e-26]),
    (11, [3.7693082197e-49, 1.019258256814256e-20, 3.7399012194e-65]),
    (13, [0.1152903278711829e-290, 8.8612335213e-23, 0.0]),
];

impl Problem for E5 {
    fn name(&self) -> &'static str {
        "E5"
    }

    fn start(&self) -> Vec<f64> {
        vec![1.76e-3, 0.0, 0.0, 0.0]
    }

    fn end(&self) -> f64 {
        self.end
    }

    fn solution(&self) -> Vec<f64> {
        let here = SOLUTIONS.iter().find(|known| 10f64.powi(known.0) == self.end);
        let [first, third, fourth] = here.expect("the constructor admits known ends only").1;
        vec![first, third + fourth, third, fourth]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        let rows: [&[u32]; 4] = [&[0, 2], &[0, 1, 2], &[0, 1, 2, 3], &[0, 2, 3]];
        let row = |(row, columns): (usize, &&'static [u32])| {
            columns.iter().map(move |&column| (row as u32, column))
        };
        rows.iter().enumerate().flat_map(row).collect()
    }

    /// f₃ as f₂ − f₄, as in the test set: summed term by term, the roundoff of the two fast rates, which nearly
    /// cancel, would be all that is left of y₂ − y₃ − y₄ and in the end of y₂ and y₃.
    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        let [first, second, third, fourth] = RATES;
        let (joined, split) = (second * y[0] * y[2], fourth * y[3]);
        dy[0] = -first * y[0] - joined;
        dy[1] = first * y[0] - third * y[1] * y[2];
        dy[3] = joined - split;
        dy[2] = dy[1] - dy[3];
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        let [first, second, third, fourth] = RATES;
        let (by_0, by_2) = (second * y[2], second * y[0]);
        let (lost_1, lost_2) = (third * y[2], third * y[1]);
        jacobian[..2].copy_from_slice(&[-first - by_0, -by_2]);
        jacobian[2..5].copy_from_slice(&[first, -lost_1, -lost_2]);
        jacobian[5..9].copy_from_slice(&[first - by_0, -lost_1, -lost_2 - by_2, fourth]);
        jacobian[9..].copy_from_slice(&[by_0, by_2, -fourth]);
        dfdt.fill(0.0);
    }
}
