//! Loops over lanes, compiled for the vector width of the machine.
//!
//! The same source is compiled three times (baseline, AVX2, AVX-512) and for fixed
//! block widths; which copy runs is decided at run time. Each lane goes through the same
//! operations in the same order in every copy, so all copies give the same bits.
//!
//! Loops that map rows to rows (`out[lane] = exp(x[lane])`) become vector code in blocks of 8
//! and 32. A sum kept in a local array over an outer loop does not: keep it in its row.

pub use regraft_tape::Rows;

/// Work on lanes, written for blocks of `W` lanes. `W` is 32, 8 or 1 and divides the number of lanes.
///
/// Mark [`LaneLoop::run`] `#[inline(always)]`: only then is it compiled for the wider vectors.
pub trait LaneLoop {
    /// Does the work; arrays are to be cut into blocks of `[f64; W]`.
    fn run<const W: usize>(self);
}

/// Runs `work` with the widest block that divides `lanes` and the widest vectors of this machine.
#[inline]
pub fn run_lanes<K: LaneLoop>(lanes: usize, work: K) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the feature was just detected.
            return unsafe { run_avx512(lanes, work) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the features were just detected.
            return unsafe { run_avx2(lanes, work) };
        }
    }
    run_blocks(lanes, work);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn run_avx512<K: LaneLoop>(lanes: usize, work: K) {
    run_blocks(lanes, work);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: LaneLoop>(lanes: usize, work: K) {
    run_blocks(lanes, work);
}

#[inline(always)]
fn run_blocks<K: LaneLoop>(lanes: usize, work: K) {
    if lanes.is_multiple_of(32) {
        work.run::<32>();
    } else if lanes.is_multiple_of(8) {
        work.run::<8>();
    } else {
        work.run::<1>();
    }
}

/// A `[row][lane]` array as blocks of `W` lanes.
#[inline(always)]
pub fn blocks<const W: usize>(values: &[f64]) -> &[[f64; W]] {
    values.as_chunks::<W>().0
}

/// A mutable `[row][lane]` array as blocks of `W` lanes.
#[inline(always)]
pub fn blocks_mut<const W: usize>(values: &mut [f64]) -> &mut [[f64; W]] {
    values.as_chunks_mut::<W>().0
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
