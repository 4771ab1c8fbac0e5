//! Running a tape over rows of lanes, in blocks of 8.
//!
//! One dispatch per operation; the loop over a block has a fixed length that fills vector registers. The same
//! source is compiled for plain machines, AVX2 with FMA, and AVX-512; a fused multiply-add is rounded once in all.

use crate::body::Body;
use crate::code::Code;
use crate::math;
use crate::routine::BANKS;
use crate::tape::{CONSTANTS, Op, SCRATCH, Slot, Tape, What};

/// Where the banks stand, those of the routine first, then scratch and constants.
type Bases = [*mut f64; BANKS + 2];

/// Runs a tape for all lanes, or for one.
///
/// # Safety
/// Every bank must have the rows that the routine speaks of, of `tape.width` numbers each, and `scratch` must
/// have `tape.scratch_rows`; nothing else may use them meanwhile. The machine must have the instructions of `body`.
pub(crate) unsafe fn run(
    tape: &Tape,
    body: Body,
    banks: &[*mut f64; BANKS],
    scratch: *mut f64,
    lane: Option<usize>,
) {
    let mut bases: Bases = [std::ptr::null_mut(); BANKS + 2];
    bases[..BANKS].copy_from_slice(banks);
    bases[SCRATCH as usize] = scratch;
    bases[CONSTANTS as usize] = tape.constants.as_ptr().cast_mut();
    let rows = Rows { stride: tape.width, lanes: if lane.is_some() { 1 } else { tape.width } };
    if let Some(lane) = lane {
        bases.iter_mut().for_each(|base| *base = base.wrapping_add(lane));
    }
    // SAFETY: the caller's promises are passed on.
    unsafe {
        match body {
            #[cfg(target_arch = "x86_64")]
            Body::Avx512 => run_avx512(&tape.ops, &bases, rows),
            #[cfg(target_arch = "x86_64")]
            Body::Avx2 => run_avx2(&tape.ops, &bases, rows),
            _ => run_blocks(&tape.ops, &bases, rows),
        }
    }
}

/// How rows lie, and how many lanes of them are wanted.
#[derive(Clone, Copy)]
struct Rows {
    stride: usize,
    lanes: usize,
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,fma")]
unsafe fn run_avx512(ops: &[Op], bases: &Bases, rows: Rows) {
    // SAFETY: the caller's promises are passed on.
    unsafe { run_blocks(ops, bases, rows) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2(ops: &[Op], bases: &Bases, rows: Rows) {
    // SAFETY: the caller's promises are passed on.
    unsafe { run_blocks(ops, bases, rows) }
}

#[inline(always)]
unsafe fn run_blocks(ops: &[Op], bases: &Bases, rows: Rows) {
    // SAFETY: the caller's promises are passed on.
    unsafe {
        if rows.lanes.is_multiple_of(8) {
            run_ops::<8>(ops, bases, rows);
        } else {
            run_ops::<1>(ops, bases, rows);
        }
    }
}

/// The rows of one operation.
struct Reach {
    to: *mut f64,
    a: *const f64,
    b: *const f64,
    c: *const f64,
    lanes: usize,
}

impl Reach {
    /// # Safety
    /// The slots must lie within the banks.
    #[inline(always)]
    unsafe fn of(op: &Op, bases: &Bases, rows: Rows) -> Reach {
        // SAFETY: the caller's promise.
        let row = |slot: Slot| unsafe { bases.get_unchecked(slot.bank()).add(slot.row() * rows.stride) };
        let [a, b, c] = op.from;
        Reach { to: row(op.to), a: row(a), b: row(b), c: row(c), lanes: rows.lanes }
    }
}

/// A loop over blocks of `$W` lanes. A macro and not a function of a closure: large closures are not inlined, and
/// then not compiled for the machine's vectors.
macro_rules! lanes {
    ($W:ident, $reach:ident, |$($from:ident),+| $value:expr) => {
        for block in (0..$reach.lanes).step_by($W) {
            // SAFETY: `block + W` is within the lanes of every row.
            unsafe {
                $(let $from = $reach.$from.add(block).cast::<[f64; $W]>().read();)+
                let mut to = [0.0; $W];
                for lane in 0..$W {
                    $(let $from: f64 = $from[lane];)+
                    to[lane] = $value;
                }
                $reach.to.add(block).cast::<[f64; $W]>().write(to);
            }
        }
    };
}

#[inline(always)]
unsafe fn run_ops<const W: usize>(ops: &[Op], bases: &Bases, rows: Rows) {
    for op in ops {
        // SAFETY: slots were laid out within the rows that the caller promises.
        let reach = &unsafe { Reach::of(op, bases, rows) };
        match op.what {
            What::Copy => lanes!(W, reach, |a| a),
            What::Apply(code) => apply::<W>(code, reach),
        }
    }
}

/// One operation on numbers: the bits that it gives in a lane.
pub(crate) fn one(code: Code, [a, b, c]: [f64; 3]) -> f64 {
    let mut to = 0.0;
    apply::<1>(code, &Reach { to: &mut to, a: &a, b: &b, c: &c, lanes: 1 });
    to
}

#[inline(always)]
fn apply<const W: usize>(code: Code, reach: &Reach) {
    match code {
        Code::Negate => lanes!(W, reach, |a| -a),
        Code::Absolute => lanes!(W, reach, |a| a.abs()),
        Code::SquareRoot => lanes!(W, reach, |a| a.sqrt()),
        Code::Exp => lanes!(W, reach, |a| math::exp(a)),
        Code::Ln => lanes!(W, reach, |a| math::ln(a)),
        Code::Sin => lanes!(W, reach, |a| math::sin(a)),
        Code::Cos => lanes!(W, reach, |a| math::cos(a)),
        Code::Tan => lanes!(W, reach, |a| math::tan(a)),
        Code::Asin => lanes!(W, reach, |a| math::asin(a)),
        Code::Acos => lanes!(W, reach, |a| math::acos(a)),
        Code::Atan => lanes!(W, reach, |a| math::atan(a)),
        Code::Sinh => lanes!(W, reach, |a| math::sinh(a)),
        Code::Cosh => lanes!(W, reach, |a| math::cosh(a)),
        Code::Tanh => lanes!(W, reach, |a| math::tanh(a)),
        Code::Floor => lanes!(W, reach, |a| math::floor(a)),
        Code::Ceil => lanes!(W, reach, |a| math::ceil(a)),
        Code::Factorial => lanes!(W, reach, |a| math::factorial(a)),
        Code::FiniteOrZero => lanes!(W, reach, |a| if a.abs() < f64::INFINITY { a } else { 0.0 }),
        Code::Not => lanes!(W, reach, |a| truth(a == 0.0)),
        Code::Add => lanes!(W, reach, |a, b| a + b),
        Code::Subtract => lanes!(W, reach, |a, b| a - b),
        Code::Multiply => lanes!(W, reach, |a, b| a * b),
        Code::Divide => lanes!(W, reach, |a, b| a / b),
        Code::Power => lanes!(W, reach, |a, b| math::pow(a, b)),
        Code::Min => lanes!(W, reach, |a, b| if a < b || a.is_nan() { a } else { b }),
        Code::Max => lanes!(W, reach, |a, b| if a > b || a.is_nan() { a } else { b }),
        Code::Modulo => lanes!(W, reach, |a, b| a - b * math::floor(a / b)),
        Code::Less => lanes!(W, reach, |a, b| truth(a < b)),
        Code::LessEqual => lanes!(W, reach, |a, b| truth(a <= b)),
        Code::Greater => lanes!(W, reach, |a, b| truth(a > b)),
        Code::GreaterEqual => lanes!(W, reach, |a, b| truth(a >= b)),
        Code::Equal => lanes!(W, reach, |a, b| truth(a == b)),
        Code::NotEqual => lanes!(W, reach, |a, b| truth(a != b)),
        Code::And => lanes!(W, reach, |a, b| truth(a != 0.0 && b != 0.0)),
        Code::Or => lanes!(W, reach, |a, b| truth(a != 0.0 || b != 0.0)),
        Code::MultiplyAdd => lanes!(W, reach, |a, b, c| a.mul_add(b, c)),
        Code::MultiplySubtract => lanes!(W, reach, |a, b, c| a.mul_add(b, -c)),
        Code::SubtractProduct => lanes!(W, reach, |a, b, c| (-a).mul_add(b, c)),
        Code::Select => lanes!(W, reach, |a, b, c| if a != 0.0 { b } else { c }),
    }
}

#[inline(always)]
fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}
