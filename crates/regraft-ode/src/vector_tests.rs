//! Every copy of every operation gives the same bits, special values included.

use super::*;

/// Applies every operation to three arrays of 32 lanes.
struct Everything<'a> {
    a: &'a [f64],
    b: &'a [f64],
    c: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Everything<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        for block in 0..32 / V::WIDTH {
            let at = |values: &[f64]| V::at(values, 0, 32, block);
            let (a, b, c) = (at(self.a), at(self.b), at(self.c));
            let results = [
                a.add(b),
                a.sub(b),
                a.mul(b),
                a.mul_add(b, c),
                b.abs().rough_inverse(),
                a.abs(),
                a.max_or_nan(b),
                a.zero_below(b.abs()),
                a.choose(b, c),
                a.outside(b, c, V::splat(0.0)),
                a.mul(b).sub(b.mul(c)),
                V::splat(0.1),
            ];
            for (row, result) in results.into_iter().enumerate() {
                result.put(self.out, row, 32, block);
            }
        }
    }
}

/// Bits of all results, NaN as one value.
fn results(run: impl Fn(Everything)) -> Vec<u64> {
    let special = [0.0, -0.0, 1.0, -1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 3e-310, 1e308, 0.1];
    let pick =
        |step: usize| -> Vec<f64> { (0..32).map(|lane| special[lane * step % 10 % special.len()]).collect() };
    let mut out = vec![0.0; 384];
    let mut all = Vec::new();
    for step in 1..10 {
        let (a, b, c) = (pick(step), pick(7), pick(3));
        run(Everything { a: &a, b: &b, c: &c, out: &mut out });
        all.extend(out.iter().map(|value| if value.is_nan() { u64::MAX } else { value.to_bits() }));
    }
    all
}

#[test]
fn all_copies_give_the_same_bits() {
    let plain = results(|work| work.run::<f64>());
    assert_eq!(plain, results(|work| work.run::<[f64; 8]>()));
    assert_eq!(plain, results(|work| run(32, work)));
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature was just detected.
            assert_eq!(plain, results(|work| unsafe { x86::run_avx2(32, work) }));
        }
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the feature was just detected.
            assert_eq!(plain, results(|work| unsafe { x86::run_avx512(16, work) }));
            // SAFETY: the feature was just detected.
            assert_eq!(plain, results(|work| unsafe { x86::run_avx512(8, work) }));
        }
    }
}

#[test]
fn the_larger_of_two_keeps_nan_from_either_side() {
    assert!(f64::NAN.max_or_nan(1.0).is_nan());
    assert!(1.0.max_or_nan(f64::NAN).is_nan());
    assert_eq!(1.0.max_or_nan(2.0), 2.0);
    assert_eq!(2.0.max_or_nan(f64::INFINITY), f64::INFINITY);
}
