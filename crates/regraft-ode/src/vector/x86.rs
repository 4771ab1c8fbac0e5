//! Vectors of AVX2 and AVX-512.
//!
//! The types live in this module alone and appear only inside [`run`]'s copies, which are
//! called after the features were detected; everything between is inlined into those.

use super::{INVERSE_BITS, Kernel, Vector, refine_inverse};
use std::arch::x86_64::*;

/// Whether this machine has AVX2 and fused multiply-add.
#[inline(always)]
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// Runs a kernel with the widest vectors. Lanes are a multiple of 4, AVX2 is there.
#[inline]
pub(super) fn run<K: Kernel>(lanes: usize, kernel: K) {
    debug_assert!(available() && lanes.is_multiple_of(4));
    if lanes.is_multiple_of(8) && is_x86_feature_detected!("avx512f") {
        // SAFETY: the feature was just detected.
        unsafe { run_avx512(lanes, kernel) }
    } else {
        // SAFETY: the caller has detected the feature.
        unsafe { run_avx2(lanes, kernel) }
    }
}

#[target_feature(enable = "avx512f")]
pub(super) fn run_avx512<K: Kernel>(lanes: usize, kernel: K) {
    if lanes.is_multiple_of(32) {
        kernel.run::<[Avx512; 4]>();
    } else if lanes.is_multiple_of(16) {
        kernel.run::<[Avx512; 2]>();
    } else {
        kernel.run::<Avx512>();
    }
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn run_avx2<K: Kernel>(lanes: usize, kernel: K) {
    if lanes.is_multiple_of(16) {
        kernel.run::<[Avx2; 4]>();
    } else if lanes.is_multiple_of(8) {
        kernel.run::<[Avx2; 2]>();
    } else {
        kernel.run::<Avx2>();
    }
}

/// Eight lanes.
#[derive(Clone, Copy)]
struct Avx512(__m512d);

/// Four lanes.
#[derive(Clone, Copy)]
struct Avx2(__m256d);

// SAFETY of every block below: the type is only used inside `run_avx512`, so the feature is
// there; loads and stores are unaligned and within slices cut to eight numbers.
impl Vector for Avx512 {
    const WIDTH: usize = 8;

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        Self(unsafe { _mm512_loadu_pd(from[..8].as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        unsafe { _mm512_storeu_pd(to[..8].as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(unsafe { _mm512_set1_pd(value) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm512_sub_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(unsafe { _mm512_mul_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(unsafe { _mm512_fmadd_pd(self.0, factor.0, term.0) })
    }

    #[inline(always)]
    fn rough_inverse(self) -> Self {
        let guess = unsafe {
            let bits = _mm512_set1_epi64(INVERSE_BITS.cast_signed());
            Self(_mm512_castsi512_pd(_mm512_sub_epi64(bits, _mm512_castpd_si512(self.0))))
        };
        refine_inverse(self, guess)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(unsafe { _mm512_abs_pd(self.0) })
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        unsafe {
            let larger = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(other.0, self.0);
            let nan = _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(other.0, other.0);
            Self(_mm512_mask_blend_pd(larger | nan, self.0, other.0))
        }
    }

    #[inline(always)]
    fn zero_below(self, floor: Self) -> Self {
        unsafe {
            let small = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(self.abs().0, floor.0);
            Self(_mm512_mask_blend_pd(small, self.0, _mm512_setzero_pd()))
        }
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        unsafe {
            let positive = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(self.0, _mm512_setzero_pd());
            Self(_mm512_mask_blend_pd(positive, no.0, yes.0))
        }
    }

    #[inline(always)]
    fn outside(self, low: Self, high: Self, kept: Self) -> Self {
        unsafe {
            let reached = _mm512_cmp_pd_mask::<_CMP_GE_OQ>(self.0, low.0);
            let between = _mm512_mask_cmp_pd_mask::<_CMP_LE_OQ>(reached, self.0, high.0);
            Self(_mm512_mask_blend_pd(between, _mm512_set1_pd(1.0), kept.0))
        }
    }
}

// SAFETY: as above, with `run_avx2` and slices cut to four numbers.
impl Vector for Avx2 {
    const WIDTH: usize = 4;

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        Self(unsafe { _mm256_loadu_pd(from[..4].as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        unsafe { _mm256_storeu_pd(to[..4].as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(unsafe { _mm256_set1_pd(value) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(unsafe { _mm256_mul_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(unsafe { _mm256_fmadd_pd(self.0, factor.0, term.0) })
    }

    #[inline(always)]
    fn rough_inverse(self) -> Self {
        let guess = unsafe {
            let bits = _mm256_set1_epi64x(INVERSE_BITS.cast_signed());
            Self(_mm256_castsi256_pd(_mm256_sub_epi64(bits, _mm256_castpd_si256(self.0))))
        };
        refine_inverse(self, guess)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(unsafe { _mm256_andnot_pd(_mm256_set1_pd(-0.0), self.0) })
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        unsafe {
            let larger = _mm256_cmp_pd::<_CMP_GT_OQ>(other.0, self.0);
            let nan = _mm256_cmp_pd::<_CMP_UNORD_Q>(other.0, other.0);
            Self(_mm256_blendv_pd(self.0, other.0, _mm256_or_pd(larger, nan)))
        }
    }

    #[inline(always)]
    fn zero_below(self, floor: Self) -> Self {
        unsafe {
            let small = _mm256_cmp_pd::<_CMP_LT_OQ>(self.abs().0, floor.0);
            Self(_mm256_andnot_pd(small, self.0))
        }
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        unsafe {
            let positive = _mm256_cmp_pd::<_CMP_GT_OQ>(self.0, _mm256_setzero_pd());
            Self(_mm256_blendv_pd(no.0, yes.0, positive))
        }
    }

    #[inline(always)]
    fn outside(self, low: Self, high: Self, kept: Self) -> Self {
        unsafe {
            let reached = _mm256_cmp_pd::<_CMP_GE_OQ>(self.0, low.0);
            let between = _mm256_and_pd(reached, _mm256_cmp_pd::<_CMP_LE_OQ>(self.0, high.0));
            Self(_mm256_blendv_pd(_mm256_set1_pd(1.0), kept.0, between))
        }
    }
}
