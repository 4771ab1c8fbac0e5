//! The most fused multiply-adds that one core does in a second, with registers only.

use std::hint::black_box;

use serde_json::{Value, json};

use crate::clock::measure;

/// Independent sums: more than latency times width needs, fewer than there are registers.
const SUMS: usize = 12;
/// Rounds of one measurement.
const ROUNDS: u64 = 30_000_000;
/// Measurements; the middle one counts.
const REPEATS: usize = 7;

/// `peak`: GFLOP/s in double precision, a fused multiply-add counted as two.
pub fn command() -> Value {
    let (instructions, lanes, work) = widest();
    let mut speeds: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let ((), spent) = measure(|| work(black_box(ROUNDS)));
            2.0 * (SUMS * lanes) as f64 * ROUNDS as f64 / spent.thread / 1e9
        })
        .collect();
    speeds.sort_by(f64::total_cmp);
    json!({ "instructions": instructions, "gflops": speeds[REPEATS / 2], "all": speeds })
}

/// Name, lanes and loop of the widest instructions of this machine.
fn widest() -> (&'static str, usize, fn(u64)) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine has the instructions.
            return ("AVX-512", 8, |rounds| unsafe { x86::avx512(rounds) });
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the machine has the instructions.
            return ("AVX2", 4, |rounds| unsafe { x86::avx2(rounds) });
        }
    }
    ("portable", 1, portable)
}

fn portable(rounds: u64) {
    let (factor, mut sums) = (black_box(1.0 - 1e-9), [1.0f64; SUMS]);
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = sum.mul_add(factor, 1e-9);
        }
    }
    black_box(sums);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{_mm256_fmadd_pd, _mm256_set1_pd, _mm512_fmadd_pd, _mm512_set1_pd};
    use std::hint::black_box;

    use super::SUMS;

    #[target_feature(enable = "avx512f")]
    pub fn avx512(rounds: u64) {
        let (factor, term) = (_mm512_set1_pd(black_box(1.0 - 1e-9)), _mm512_set1_pd(black_box(1e-9)));
        let mut sums = [_mm512_set1_pd(1.0); SUMS];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = _mm512_fmadd_pd(*sum, factor, term);
            }
        }
        black_box(sums);
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn avx2(rounds: u64) {
        let (factor, term) = (_mm256_set1_pd(black_box(1.0 - 1e-9)), _mm256_set1_pd(black_box(1e-9)));
        let mut sums = [_mm256_set1_pd(1.0); SUMS];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = _mm256_fmadd_pd(*sum, factor, term);
            }
        }
        black_box(sums);
    }
}
