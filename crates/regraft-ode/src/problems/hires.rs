//! HIRES: eight species of plant physiology.

use super::Problem;

/// High irradiance response, stiff, 8 states.
///
/// Source: F. Mazzia & C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4,
/// University of Bari (2008), problem HIRES, with its reference solution.
#[derive(Debug, Clone, Copy)]
pub struct Hires;

impl Problem for Hires {
    fn name(&self) -> &'static str {
        "HIRES"
    }

    fn start(&self) -> Vec<f64> {
        vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057]
    }

    fn end(&self) -> f64 {
        321.8122
    }

    fn solution(&self) -> Vec<f64> {
        vec![
            0.7371312573325668e-3,
            0.1442485726316185e-3,
            0.5888729740967575e-4,
            0.1175651343283149e-2,
            0.2386356198831331e-2,
            0.6238968252742796e-2,
            0.2849998395185769e-2,
            0.2850001604814231e-2,
        ]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![
            (0, 0),
            (0, 1),
            (0, 2),
            (1, 0),
            (1, 1),
            (2, 2),
            (2, 3),
            (2, 4),
            (3, 1),
            (3, 2),
            (3, 3),
            (4, 4),
            (4, 5),
            (4, 6),
            (5, 3),
            (5, 4),
            (5, 5),
            (5, 6),
            (5, 7),
            (6, 5),
            (6, 6),
            (6, 7),
            (7, 5),
            (7, 6),
            (7, 7),
        ]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        let bound = 280.0 * y[5] * y[7];
        dy[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007;
        dy[1] = 1.71 * y[0] - 8.75 * y[1];
        dy[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4];
        dy[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3];
        dy[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6];
        dy[5] = -bound + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6];
        dy[6] = bound - 1.81 * y[6];
        dy[7] = -dy[6];
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        let (by_5, by_7) = (280.0 * y[7], 280.0 * y[5]);
        let values = [
            -1.71,
            0.43,
            8.32,
            1.71,
            -8.75,
            -10.03,
            0.43,
            0.035,
            8.32,
            1.71,
            -1.12,
            -1.745,
            0.43,
            0.43,
            0.69,
            1.71,
            -by_5 - 0.43,
            0.69,
            -by_7,
            by_5,
            -1.81,
            by_7,
            -by_5,
            1.81,
            -by_7,
        ];
        jacobian.copy_from_slice(&values);
        dfdt.fill(0.0);
    }
}
