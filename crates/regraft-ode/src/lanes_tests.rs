//! Elementary functions over lanes give the same bits as one by one, in every block width.

use super::*;
use crate::math;

/// exp, ln and pow of every element.
struct Functions<'a> {
    x: &'a [f64],
    y: &'a [f64],
    out: [&'a mut [f64]; 3],
}

impl LaneLoop for Functions<'_> {
    #[inline(always)]
    fn run<const W: usize>(self) {
        let (x, y) = (blocks::<W>(self.x), blocks::<W>(self.y));
        let [exp, ln, pow] = self.out.map(blocks_mut::<W>);
        for block in 0..x.len() {
            for lane in 0..W {
                exp[block][lane] = math::exp(x[block][lane]);
            }
            for lane in 0..W {
                ln[block][lane] = math::ln(y[block][lane]);
            }
            for lane in 0..W {
                pow[block][lane] = math::pow(y[block][lane], x[block][lane]);
            }
        }
    }
}

#[test]
fn functions_over_lanes_have_the_bits_of_functions_alone() {
    let special = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, 1.0, -2.0, 5e-324, 800.0, -800.0, 1e300];
    let ordinary = |step: f64| (0..86).map(move |i| f64::from(i) * step - 3.0);
    let x: Vec<f64> = special.into_iter().chain(ordinary(0.37)).collect();
    let y: Vec<f64> = special.into_iter().rev().chain(ordinary(0.11)).collect();
    for lanes in [1, 3, 16, 32, 96] {
        let mut out = vec![vec![0.0; x.len()]; 3];
        let [exp, ln, pow] = &mut out[..] else { unreachable!("three rows") };
        run_lanes(lanes, Functions { x: &x, y: &y, out: [exp, ln, pow] });
        for i in 0..x.len() {
            let alone = [math::exp(x[i]), math::ln(y[i]), math::pow(y[i], x[i])];
            for (function, expected) in alone.into_iter().enumerate() {
                let found = out[function][i];
                let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                assert!(same, "function {function} of ({:e}, {:e}), {lanes} lanes: {found}", x[i], y[i]);
            }
        }
    }
}

#[test]
fn rows_begin_at_a_cache_line_and_are_zero() {
    for (rows, lanes) in [(0, 8), (1, 1), (7, 3), (56, 32)] {
        let rows_of_lanes = Rows::new(rows, lanes);
        assert_eq!(rows_of_lanes.len(), rows * lanes);
        assert_eq!(rows_of_lanes.as_ptr().align_offset(64), 0);
        assert!(rows_of_lanes.iter().all(|&value| value == 0.0));
    }
}
