//! POLLU: 25 reactions of air pollution.

use super::Problem;
use super::reactions::{Network, Reaction, reaction};

/// The chemical part of a Dutch air pollution model, stiff, 20 states in ppm, 60 minutes.
///
/// Source: J. G. Verwer, Gauss–Seidel iteration for stiff ODEs from chemical kinetics, SIAM J. Sci. Comput.
/// 15:1243 (1994); F. Mazzia & C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4,
/// University of Bari (2008), problem POLLU (file `pollu.f`), with its reference solution.
#[derive(Debug, Clone)]
pub struct Pollution(Network);

impl Default for Pollution {
    fn default() -> Self {
        Self(Network::new(&REACTIONS))
    }
}

const REACTIONS: [Reaction; 25] = [
    reaction(0.35, &[1], &[2, 3]),
    reaction(26.6, &[2, 4], &[1]),
    reaction(1.23e4, &[5, 2], &[1, 6]),
    reaction(8.6e-4, &[7], &[5, 5, 8]),
    reaction(8.2e-4, &[7], &[8]),
    reaction(1.5e4, &[7, 6], &[5, 8]),
    reaction(1.3e-4, &[9], &[5, 8, 10]),
    reaction(2.4e4, &[9, 6], &[11]),
    reaction(1.65e4, &[11, 2], &[1, 10, 12]),
    reaction(9e3, &[11, 1], &[13]),
    reaction(0.022, &[13], &[1, 11]),
    reaction(1.2e4, &[10, 2], &[1, 14]),
    reaction(1.88, &[14], &[5, 7]),
    reaction(1.63e4, &[1, 6], &[15]),
    reaction(4.8e6, &[3], &[4]),
    reaction(3.5e-4, &[4], &[16]),
    reaction(0.0175, &[4], &[3]),
    reaction(1e8, &[16], &[6, 6]),
    reaction(4.44e11, &[16], &[3]),
    reaction(1.24e3, &[17, 6], &[5, 18]),
    reaction(2.1, &[19], &[2]),
    reaction(5.78, &[19], &[1, 3]),
    reaction(0.0474, &[1, 4], &[19]),
    reaction(1.78e3, &[19, 1], &[20]),
    reaction(3.12, &[20], &[1, 19]),
];

impl Problem for Pollution {
    fn name(&self) -> &'static str {
        "POLLU"
    }

    fn start(&self) -> Vec<f64> {
        let mut start = vec![0.0; 20];
        for (state, amount) in [(2, 0.2), (4, 0.04), (7, 0.1), (8, 0.3), (9, 0.01), (17, 0.007)] {
            start[state - 1] = amount;
        }
        start
    }

    fn end(&self) -> f64 {
        60.0
    }

    fn solution(&self) -> Vec<f64> {
        vec![
            0.5646255480022769e-1,
            0.1342484130422339,
            0.4139734331099427e-8,
            0.5523140207484359e-2,
            0.2018977262302196e-6,
            0.1464541863493966e-6,
            0.7784249118997964e-1,
            0.3245075353396018,
            0.7494013383880406e-2,
            0.1622293157301561e-7,
            0.1135863833257075e-7,
            0.2230505975721359e-2,
            0.208716288279863e-3,
            0.1396921016840158e-4,
            0.8964884856898295e-2,
            0.4352846369330103e-17,
            0.6899219696263405e-2,
            0.1007803037365946e-3,
            0.1772146513969984e-5,
            0.5682943292316392e-4,
        ]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        self.0.entries.clone()
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        self.0.derivatives(y, dy);
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        self.0.jacobian(y, jacobian);
        dfdt.fill(0.0);
    }
}
