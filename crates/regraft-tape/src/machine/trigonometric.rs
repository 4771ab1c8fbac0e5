//! Sine and cosine as steps: the same operations in the same order as in [`crate::math`]. Both of one angle share their
//! reduction and their series, as no step is carried out twice.

use super::elementary::Pair;
use super::operation::{Binary, Predicate, Unary, Value};
use super::steps::{SIGN, Steps};
use crate::code::Code;
use crate::math::ROUNDER;
use crate::math::trigonometric::{COSINE, HALF_PI_PARTS, LARGE, SINE};

impl Steps {
    /// sin x or cos x. Large x, ±∞ and NaN are left to the function itself.
    pub(super) fn sine_or_cosine(&mut self, code: Code, x: Value) -> Value {
        let size = self.absolute(x);
        let below_large = self.number(LARGE.next_down());
        let room = self.binary(Binary::Subtract, below_large, size);
        let (quarter, r) = self.reduced(x, size);
        let quarter = match code {
            Code::Cos => self.with_bits(Binary::AddBits, quarter, 1),
            _ => quarter,
        };
        let (sine, cosine) = (self.sine(r), self.cosine(r));
        // A bit of the quarter as 2 or 0, and as a sign.
        let [odd, sign] = [1, 2].map(|bit| {
            let bit = self.with_bits(Binary::And, quarter, bit);
            self.unary(Unary::ShiftLeft(62), bit)
        });
        let zero = self.number(0.0);
        let value = self.choose(Predicate::Equal, [odd, zero], sine, cosine);
        let value = self.binary(Binary::Xor, value, sign);
        self.ordinary(code, [x, room], value)
    }

    /// Bits that say the quarter of the circle, and what is left of x beyond it.
    fn reduced(&mut self, x: Value, size: Value) -> (Value, Pair) {
        let (quarters, rounder) = (self.number(std::f64::consts::FRAC_2_PI), self.number(ROUNDER));
        let product = self.binary(Binary::Multiply, x, quarters);
        let shifted = self.binary(Binary::Add, product, rounder);
        let k = self.binary(Binary::Subtract, shifted, rounder);
        let minus_k = self.with_bits(Binary::Xor, k, SIGN);
        let [first, second, third, fourth] = HALF_PI_PARTS.map(|part| self.number(part));
        let most = self.binary(Binary::Multiply, k, first);
        let left = self.binary(Binary::Subtract, x, most);
        let [second, third, fourth] =
            [second, third, fourth].map(|part| self.binary(Binary::Multiply, minus_k, part));
        let (first, rest) = (self.two_sum(left, second), self.two_sum(third, fourth));
        let r = self.sum(first, rest);
        let (quarter_pi, zero) = (self.number(std::f64::consts::FRAC_PI_4), self.number(0.0));
        let quarter = self.with_bits(Binary::And, shifted, 3);
        let mut small =
            |small: Value, large: Value| self.choose(Predicate::Less, [size, quarter_pi], small, large);
        (small(zero, quarter), Pair { high: small(x, r.high), low: small(zero, r.low) })
    }

    fn sine(&mut self, r: Pair) -> Value {
        let Pair { high: x, low } = r;
        let z = self.binary(Binary::Multiply, x, x);
        let (half, one) = (self.number(0.5), self.number(1.0));
        let half = self.binary(Binary::Multiply, half, z);
        let slope = self.binary(Binary::Subtract, one, half);
        let of_low = self.binary(Binary::Multiply, low, slope);
        let cube = self.binary(Binary::Multiply, x, z);
        let series = self.polynomial(&SINE, z);
        let series = self.binary(Binary::Multiply, cube, series);
        let small = self.binary(Binary::Add, of_low, series);
        let value = self.binary(Binary::Add, x, small);
        let sum = self.binary(Binary::Add, x, low);
        let (zero, near_zero) = (self.number(0.0), self.number(1e-8));
        let near = self.choose(Predicate::Equal, [low, zero], x, sum);
        let size = self.absolute(x);
        self.choose(Predicate::Less, [size, near_zero], near, value)
    }

    fn cosine(&mut self, r: Pair) -> Value {
        let Pair { high: x, low } = r;
        let z = self.binary(Binary::Multiply, x, x);
        let series = self.polynomial(&COSINE, z);
        let (half, one) = (self.number(0.5), self.number(1.0));
        let half = self.binary(Binary::Multiply, half, z);
        let minus_half = self.with_bits(Binary::Xor, half, SIGN);
        let main = self.fast_two_sum(one, minus_half);
        let square = self.binary(Binary::Multiply, z, z);
        let series = self.binary(Binary::Multiply, square, series);
        let of_low = self.binary(Binary::Multiply, x, low);
        let small = self.binary(Binary::Subtract, series, of_low);
        let small = self.binary(Binary::Add, main.low, small);
        self.binary(Binary::Add, main.high, small)
    }

    /// Σ terms[i] zⁱ, from the last term on.
    fn polynomial(&mut self, terms: &[f64], z: Value) -> Value {
        let (last, others) = terms.split_last().expect("a series has terms");
        others.iter().rev().fold(self.number(*last), |sum, term| {
            let term = self.number(*term);
            let product = self.binary(Binary::Multiply, sum, z);
            self.binary(Binary::Add, product, term)
        })
    }

    fn two_sum(&mut self, a: Value, b: Value) -> Pair {
        let high = self.binary(Binary::Add, a, b);
        let back = self.binary(Binary::Subtract, high, a);
        let of_a = self.binary(Binary::Subtract, high, back);
        let lost_a = self.binary(Binary::Subtract, a, of_a);
        let lost_b = self.binary(Binary::Subtract, b, back);
        Pair { high, low: self.binary(Binary::Add, lost_a, lost_b) }
    }

    fn fast_two_sum(&mut self, a: Value, b: Value) -> Pair {
        let high = self.binary(Binary::Add, a, b);
        let back = self.binary(Binary::Subtract, high, a);
        Pair { high, low: self.binary(Binary::Subtract, b, back) }
    }

    fn sum(&mut self, a: Pair, b: Pair) -> Pair {
        let highs = self.two_sum(a.high, b.high);
        let lows = self.binary(Binary::Add, a.low, b.low);
        let low = self.binary(Binary::Add, highs.low, lows);
        self.fast_two_sum(highs.high, low)
    }
}
