//! Functions that machine code calls for what it does not write out.

use super::Instructions;
use crate::code::Code;
use crate::math;

/// Computes one row, `to[lane] = f(a[lane], b[lane])`, of as many lanes as the vectors have.
///
/// # Safety
/// The rows have as many lanes, and the machine has the instructions that the function is for.
type Function = unsafe extern "sysv64" fn(to: *mut f64, a: *const f64, b: *const f64);

/// Address of the function for a code. Codes that are always written out have none.
pub(super) fn address(code: Code, set: Instructions) -> Option<usize> {
    let function = match set {
        Instructions::Avx512 => vectors_of_8::function(code),
        Instructions::Avx2 => vectors_of_4::function(code),
    };
    function.map(|function| function as usize)
}

/// Defines the functions for one set of instructions.
macro_rules! functions {
    ($features:literal, $lanes:literal) => {
        use super::*;

        functions! { one $features $lanes tan asin acos atan sinh cosh tanh factorial }

        functions! { row $features $lanes sin sin_of_row cos cos_of_row }

        #[target_feature(enable = $features)]
        unsafe extern "sysv64" fn pow(to: *mut f64, a: *const f64, b: *const f64) {
            // SAFETY: all rows have as many lanes.
            unsafe {
                let (a, b) = (a.cast::<[f64; $lanes]>().read(), b.cast::<[f64; $lanes]>().read());
                let power: [f64; $lanes] = std::array::from_fn(|lane| math::pow(a[lane], b[lane]));
                to.cast::<[f64; $lanes]>().write(power);
            }
        }

        pub(super) fn function(code: Code) -> Option<Function> {
            Some(match code {
                Code::Sin => sin,
                Code::Cos => cos,
                Code::Tan => tan,
                Code::Asin => asin,
                Code::Acos => acos,
                Code::Atan => atan,
                Code::Sinh => sinh,
                Code::Cosh => cosh,
                Code::Tanh => tanh,
                Code::Factorial => factorial,
                Code::Power => pow,
                _ => return None,
            })
        }
    };
    (row $features:literal $lanes:literal $($name:ident $of_row:ident)*) => {$(
        #[target_feature(enable = $features)]
        unsafe extern "sysv64" fn $name(to: *mut f64, a: *const f64, _: *const f64) {
            // SAFETY: both rows have as many lanes.
            unsafe { to.cast::<[f64; $lanes]>().write(math::$of_row(a.cast::<[f64; $lanes]>().read())) };
        }
    )*};
    (one $features:literal $lanes:literal $($name:ident)*) => {$(
        #[target_feature(enable = $features)]
        unsafe extern "sysv64" fn $name(to: *mut f64, a: *const f64, _: *const f64) {
            for lane in 0..$lanes {
                // SAFETY: both rows have as many lanes.
                unsafe { to.add(lane).write(math::$name(a.add(lane).read())) };
            }
        }
    )*};
}

mod vectors_of_8 {
    functions! { "avx512f,avx512dq,fma", 8 }
}

mod vectors_of_4 {
    functions! { "avx2,fma", 4 }
}
