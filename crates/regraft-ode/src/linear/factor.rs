//! The factorization, executed for all lanes.

use super::plan::{Finish, LuPlan, NONE};
use crate::vector::{Kernel, Vector};

/// A pivot below this share of 1/(γh) counts as vanished.
const PIVOT_LIMIT: f64 = 1e-12;

/// Factorizes W = I/(γh) − J in every lane.
pub(crate) struct Factorize<'a> {
    pub plan: &'a LuPlan,
    pub lanes: usize,
    /// J, `[nonzero][lane]`.
    pub jacobian: &'a [f64],
    /// 1/(γh), `[lane]`.
    pub diagonal: &'a [f64],
    /// L, U and inverse pivots, `[slot][lane]`.
    pub factors: &'a mut [f64],
    /// 1 where all pivots are sound, else 0, `[lane]`.
    pub sound: &'a mut [f64],
}

impl Kernel for Factorize<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        for block in 0..self.lanes / V::WIDTH {
            let diagonal = V::at(self.diagonal, 0, self.lanes, block);
            let mut sound = V::splat(1.0);
            let mut begin = 0;
            for entry in &self.plan.entries {
                let mut sum = V::splat(0.0);
                if entry.source != NONE {
                    sum = sum.sub(V::at(self.jacobian, entry.source as usize, self.lanes, block));
                }
                if entry.finish == Finish::Pivot {
                    sum = sum.add(diagonal);
                }
                let end = entry.products_end as usize;
                for product in &self.plan.products[begin..end] {
                    let left = V::at(self.factors, product.left as usize, self.lanes, block);
                    let right = V::at(self.factors, product.right as usize, self.lanes, block);
                    sum = sum.sub(left.mul(right));
                }
                begin = end;
                match entry.finish {
                    Finish::Keep => {}
                    Finish::Scale(pivot) => {
                        sum = sum.mul(V::at(self.factors, pivot as usize, self.lanes, block));
                    }
                    Finish::Pivot => {
                        sound = still_sound(sound, sum, diagonal);
                        sum = V::splat(1.0).div(sum);
                    }
                }
                sum.put(self.factors, entry.slot as usize, self.lanes, block);
            }
            sound.put(self.sound, 0, self.lanes, block);
        }
    }
}

/// `sound`, or 0 where the pivot is not finite or at most [`PIVOT_LIMIT`] of 1/(γh).
#[inline(always)]
fn still_sound<V: Vector>(sound: V, pivot: V, diagonal: V) -> V {
    // 0 · pivot is NaN, and so not above 0, for a pivot that is not finite.
    let margin = pivot.abs().sub(V::splat(PIVOT_LIMIT).mul(diagonal)).add(V::splat(0.0).mul(pivot));
    margin.choose(sound, V::splat(0.0))
}
