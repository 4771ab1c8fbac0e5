//! Exponential, logarithm and power as steps: the same operations in the same order as in
//! [`crate::math`], whose names are used.

use super::Instructions;
use super::operation::{Binary, Fused, Predicate, Unary, Value};
use super::steps::Steps;
use crate::code::Code;
use crate::math::{LN2_HIGH, LN2_LOW, ROUNDER, TWO_52, exponential, logarithm, power};

/// A value in two parts.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub high: Value,
    pub low: Value,
}

/// x = k ln 2 + rest.
struct Multiple {
    /// k + [`ROUNDER`].
    shifted: Value,
    k: Value,
}

impl Steps {
    /// eˣ
    pub(super) fn exp(&mut self, x: Value) -> Value {
        let x = self.limit(x);
        let Multiple { shifted, k } = self.multiple_of_ln2(x);
        let high = self.less_product(k, LN2_HIGH, x);
        let r = self.less_product(k, LN2_LOW, high);
        let one = self.number(1.0);
        let above = self.above_linear(r);
        let slope = self.multiply_add(r, above, one);
        let value = self.multiply_add(r, slope, one);
        self.scale(value, shifted, k)
    }

    fn exp_of_sum(&mut self, x: Value, low: Value) -> Value {
        let limited = self.limit(x);
        let low = self.or_zero(Predicate::Equal, [limited, x], low);
        let Multiple { shifted, k } = self.multiple_of_ln2(limited);
        let high = self.less_product(k, LN2_HIGH, limited);
        let tail = self.less_product(k, LN2_LOW, low);
        let r = self.binary(Binary::Add, high, tail);
        let one = self.number(1.0);
        let one_r = self.binary(Binary::Add, r, one);
        let back = self.binary(Binary::Subtract, one_r, one);
        let lost = self.binary(Binary::Subtract, high, back);
        let rest = self.binary(Binary::Add, lost, tail);
        let square = self.binary(Binary::Multiply, r, r);
        let above = self.above_linear(r);
        let small = self.multiply_add(square, above, rest);
        let value = self.binary(Binary::Add, one_r, small);
        self.scale(value, shifted, k)
    }

    fn limit(&mut self, x: Value) -> Value {
        let largest = self.number(exponential::LARGEST);
        let x = self.binary(Binary::Min, largest, x);
        let smallest = self.number(exponential::SMALLEST);
        self.binary(Binary::Max, smallest, x)
    }

    fn multiple_of_ln2(&mut self, x: Value) -> Multiple {
        let (inverse, rounder) = (self.number(std::f64::consts::LOG2_E), self.number(ROUNDER));
        let shifted = self.multiply_add(x, inverse, rounder);
        Multiple { shifted, k: self.binary(Binary::Subtract, shifted, rounder) }
    }

    fn above_linear(&mut self, r: Value) -> Value {
        let r2 = self.binary(Binary::Multiply, r, r);
        let r4 = self.binary(Binary::Multiply, r2, r2);
        let pair = [0, 2, 4, 6, 8].map(|first| {
            let [constant, slope] = [0, 1].map(|index| self.number(exponential::SERIES[first + index]));
            self.multiply_add(r, slope, constant)
        });
        let low = self.multiply_add(r2, pair[1], pair[0]);
        let middle = self.multiply_add(r2, pair[3], pair[2]);
        let high = self.multiply_add(r4, pair[4], middle);
        self.multiply_add(r4, high, low)
    }

    /// value · 2ᵏ, rounded once.
    fn scale(&mut self, value: Value, shifted: Value, k: Value) -> Value {
        if self.set == Instructions::Avx512 {
            return self.binary(Binary::Scale, value, k);
        }
        let biased = self.with_bits(Binary::SubtractBits, shifted, ROUNDER.to_bits() - 2046);
        let first = self.unary(Unary::ShiftRight(1), biased);
        let second = self.binary(Binary::SubtractBits, biased, first);
        [first, second].into_iter().fold(value, |value, exponent| {
            let factor = self.unary(Unary::ShiftLeft(52), exponent);
            self.binary(Binary::Multiply, value, factor)
        })
    }

    /// ln x
    pub(super) fn ln(&mut self, x: Value) -> Value {
        let (k, m) = self.split(x);
        let one = self.number(1.0);
        let f = self.binary(Binary::Subtract, m, one);
        let sum = self.binary(Binary::Add, m, one);
        let s = self.binary(Binary::Divide, f, sum);
        let half = self.number(0.5);
        let half = self.binary(Binary::Multiply, f, half);
        let square = self.binary(Binary::Multiply, s, s);
        let half_square = self.binary(Binary::Multiply, half, f);
        let series = self.even_and_odd(square, &logarithm::SERIES);
        let rest = self.multiply_add(square, series, half_square);
        let ln2_low = self.number(LN2_LOW);
        let low = self.binary(Binary::Multiply, k, ln2_low);
        let correction = self.multiply_add(s, rest, low);
        let lost = self.fused(Fused::MultiplySubtract, half, f, correction);
        let mantissa = self.binary(Binary::Subtract, f, lost);
        let ln2_high = self.number(LN2_HIGH);
        let finite = self.multiply_add(k, ln2_high, mantissa);
        let (zero, nan) = (self.number(0.0), self.number(f64::NAN));
        self.choose(Predicate::Less, [x, zero], nan, finite)
    }

    /// (k, m) with |x| = 2ᵏ m, ¾ ≤ m < 1½.
    fn split(&mut self, x: Value) -> (Value, Value) {
        if self.set == Instructions::Avx512 {
            let m = self.unary(Unary::Mantissa, x);
            let [of_x, of_m] = [x, m].map(|value| self.unary(Unary::Exponent, value));
            return (self.binary(Binary::Subtract, of_x, of_m), m);
        }
        self.split_bits(x)
    }

    /// As [`Steps::split`], with whole numbers.
    fn split_bits(&mut self, x: Value) -> (Value, Value) {
        let least_normal = self.number(f64::MIN_POSITIVE);
        let two_54 = self.number(logarithm::TWO_54);
        let raised = self.binary(Binary::Multiply, x, two_54);
        let scaled = self.choose(Predicate::Less, [x, least_normal], raised, x);
        let [of_subnormal, of_normal] = [TWO_52 + 1077.0, TWO_52 + 1023.0].map(|bias| self.number(bias));
        let bias = self.choose(Predicate::Less, [x, least_normal], of_subnormal, of_normal);
        let bits = self.with_bits(Binary::AddBits, scaled, logarithm::ONE_BITS - logarithm::LEAST_BITS);
        let exponent = self.unary(Unary::ShiftRight(52), bits);
        let exponent = self.with_bits(Binary::Or, exponent, TWO_52.to_bits());
        let k = self.binary(Binary::Subtract, exponent, bias);
        let mantissa = self.with_bits(Binary::And, bits, logarithm::MANTISSA);
        let m = self.with_bits(Binary::AddBits, mantissa, logarithm::LEAST_BITS);
        let [infinity, zero, below] = [f64::INFINITY, 0.0, f64::NEG_INFINITY].map(|value| self.number(value));
        let k = self.choose(Predicate::Less, [x, infinity], k, x);
        (self.choose(Predicate::Equal, [x, zero], below, k), m)
    }

    fn even_and_odd(&mut self, z: Value, coefficients: &[f64; 8]) -> Value {
        let square = self.binary(Binary::Multiply, z, z);
        let [even, odd] = [0, 1].map(|first| {
            let [c0, c2, c4, c6] = [0, 2, 4, 6].map(|index| self.number(coefficients[first + index]));
            let sum = self.multiply_add(square, c6, c4);
            let sum = self.multiply_add(square, sum, c2);
            self.multiply_add(square, sum, c0)
        });
        self.multiply_add(z, odd, even)
    }

    /// xʸ. Special cases are left to the function itself: x with a sign, and y of 0, ±∞ or NaN.
    pub(super) fn pow(&mut self, x: Value, y: Value) -> Value {
        let logarithm = self.ln_pair(x);
        let high = self.binary(Binary::Multiply, logarithm.high, y);
        let lost = self.fused(Fused::MultiplySubtract, logarithm.high, y, high);
        let low = self.multiply_add(logarithm.low, y, lost);
        let power = self.exp_of_sum(high, low);
        self.ordinary(Code::Power, [x, y], power)
    }

    fn ln_pair(&mut self, x: Value) -> Pair {
        let (k, m) = self.split(x);
        let s = self.ratio(m);
        let mantissa = self.logarithm_of_ratio(&s);
        let (ln2_high, ln2_low) = (self.number(LN2_HIGH), self.number(LN2_LOW));
        let high = self.multiply_add(k, ln2_high, mantissa.high);
        let back = self.fused(Fused::MultiplySubtract, k, ln2_high, high);
        let lost = self.binary(Binary::Add, back, mantissa.high);
        let low = self.multiply_add(k, ln2_low, mantissa.low);
        Pair { high, low: self.binary(Binary::Add, lost, low) }
    }

    fn ratio(&mut self, m: Value) -> Pair {
        let one = self.number(1.0);
        let f = self.binary(Binary::Subtract, m, one);
        let sum = self.binary(Binary::Add, m, one);
        let back = self.binary(Binary::Subtract, sum, one);
        let sum_low = self.binary(Binary::Subtract, m, back);
        let inverse = self.binary(Binary::Divide, one, sum);
        let high = self.binary(Binary::Multiply, f, inverse);
        let rest = self.fused(Fused::SubtractProduct, high, sum, f);
        let rest = self.fused(Fused::SubtractProduct, high, sum_low, rest);
        Pair { high, low: self.binary(Binary::Multiply, rest, inverse) }
    }

    fn logarithm_of_ratio(&mut self, s: &Pair) -> Pair {
        let square = self.binary(Binary::Multiply, s.high, s.high);
        let square_lost = self.fused(Fused::MultiplySubtract, s.high, s.high, square);
        let twice = self.binary(Binary::Add, s.high, s.high);
        let square_low = self.multiply_add(twice, s.low, square_lost);

        let series = self.even_and_odd(square, &power::SERIES);
        let (thirds, thirds_low) = (self.number(power::TWO_THIRDS), self.number(power::TWO_THIRDS_LOW));
        let small = self.multiply_add(square, series, thirds_low);
        let third = self.binary(Binary::Add, small, thirds);
        let third_back = self.binary(Binary::Subtract, thirds, third);
        let third_low = self.binary(Binary::Add, third_back, small);

        let above = self.binary(Binary::Multiply, square, third);
        let above_lost = self.fused(Fused::MultiplySubtract, square, third, above);
        let above_more = self.multiply_add(square, third_low, above_lost);
        let above_low = self.multiply_add(square_low, third, above_more);

        let two = self.number(2.0);
        let factor = self.binary(Binary::Add, above, two);
        let factor_back = self.binary(Binary::Subtract, two, factor);
        let factor_lost = self.binary(Binary::Add, factor_back, above);
        let factor_low = self.binary(Binary::Add, factor_lost, above_low);

        let high = self.binary(Binary::Multiply, s.high, factor);
        let lost = self.fused(Fused::MultiplySubtract, s.high, factor, high);
        let more = self.multiply_add(s.high, factor_low, lost);
        Pair { high, low: self.multiply_add(s.low, factor, more) }
    }

    /// a · b + c
    fn multiply_add(&mut self, a: Value, b: Value, c: Value) -> Value {
        self.fused(Fused::MultiplyAdd, a, b, c)
    }

    /// c − a · number
    fn less_product(&mut self, a: Value, number: f64, c: Value) -> Value {
        let number = self.number(number);
        self.fused(Fused::SubtractProduct, a, number, c)
    }
}
