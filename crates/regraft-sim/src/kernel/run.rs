//! Running a tape for one lane.

use regraft_model::program::{Binary, Unary};
use regraft_ode::math;

use super::functions;
use super::op::{Code, Op};
use crate::draws::DrawSource;

/// Marks a slot that stands in memory of its own, not in the rows of lanes.
pub(crate) const SINGLE: u32 = 1 << 31;

/// Where a slot stands.
pub(super) enum Place {
    /// In a row of lanes.
    Row(usize),
    /// In memory that all lanes share.
    Single(usize),
}

/// Where a slot stands, given the places of those that lanes keep.
#[inline(always)]
pub(super) fn place(places: &[u32], slot: u32) -> Place {
    let place = if slot & SINGLE == 0 { places[slot as usize] } else { slot };
    match place & SINGLE {
        0 => Place::Row(place as usize),
        _ => Place::Single((place & !SINGLE) as usize),
    }
}

/// The slots as one lane sees them.
pub(super) struct Lane<'a> {
    /// What every lane keeps, `[row][lane]`.
    pub rows: &'a mut [f64],
    /// What is needed while tapes run, of one lane at a time, and what is the same in all.
    pub single: &'a mut [f64],
    /// Where each slot stands that every lane would keep.
    pub places: &'a [u32],
    pub lanes: usize,
    pub lane: usize,
}

impl Lane<'_> {
    #[inline(always)]
    fn read(&self, slot: u32) -> f64 {
        match place(self.places, slot) {
            Place::Row(row) => self.rows[row * self.lanes + self.lane],
            Place::Single(index) => self.single[index],
        }
    }

    #[inline(always)]
    pub fn write(&mut self, slot: u32, value: f64) {
        match place(self.places, slot) {
            Place::Row(row) => self.rows[row * self.lanes + self.lane] = value,
            Place::Single(index) => self.single[index] = value,
        }
    }
}

/// Runs the operations in order.
pub(super) fn run<'o>(ops: impl IntoIterator<Item = &'o Op>, lane: &mut Lane, draws: &mut dyn DrawSource) {
    for op in ops {
        let a = lane.read(op.a);
        let value = match op.code {
            Code::Unary(function) => unary(function, a),
            Code::Binary(function) => binary(function, a, lane.read(op.b)),
            Code::WholePower(power) => functions::whole_power(a, power),
            Code::Select => lane.read(if a != 0.0 { op.b } else { op.c }),
            Code::Draw(distribution) => draws.draw(op.to, op.c, distribution, a, lane.read(op.b)),
        };
        lane.write(op.to, value);
    }
}

fn unary(function: Unary, a: f64) -> f64 {
    match function {
        Unary::Negate => -a,
        Unary::Absolute => a.abs(),
        Unary::Exp => math::exp(a),
        Unary::Ln => math::ln(a),
        Unary::Sqrt => a.sqrt(),
        Unary::Sin => math::sin(a),
        Unary::Cos => math::cos(a),
        Unary::Tan => math::tan(a),
        Unary::Asin => math::asin(a),
        Unary::Acos => math::acos(a),
        Unary::Atan => math::atan(a),
        Unary::Sinh => math::sinh(a),
        Unary::Cosh => math::cosh(a),
        Unary::Tanh => math::tanh(a),
        Unary::Floor => math::floor(a),
        Unary::Ceil => math::ceil(a),
        Unary::Factorial => math::factorial(a),
        Unary::Not => truth(a == 0.0),
    }
}

fn binary(function: Binary, a: f64, b: f64) -> f64 {
    match function {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => math::pow(a, b),
        Binary::Min if a < b || a.is_nan() => a,
        Binary::Max if a > b || a.is_nan() => a,
        Binary::Min | Binary::Max => b,
        Binary::Modulo => a - b * math::floor(a / b),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::Equal => truth(a == b),
        Binary::NotEqual => truth(a != b),
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Or => truth(a != 0.0 || b != 0.0),
    }
}

fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}
