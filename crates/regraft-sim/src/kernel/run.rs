//! Running a tape over lanes, in blocks of `W`.
//!
//! One dispatch per operation; the loop over a block has a fixed length that fills vector registers. Every
//! lane goes through the same operations in the same order whatever `W` is, so its bits do not depend on it.

use regraft_model::program::{Binary, Distribution, Unary};
use regraft_ode::lanes::{LaneLoop, blocks_mut};
use regraft_ode::math;

use super::functions;
use super::op::{Code, Op};
use crate::draws::{DrawSource, NoDraws};

/// A tape to be run for all lanes, for the vectors of the machine.
pub(super) struct AllLanes<'a> {
    pub ops: &'a [Op],
    pub slots: &'a mut [f64],
    pub lanes: usize,
}

impl LaneLoop for AllLanes<'_> {
    #[inline(always)]
    fn run<const W: usize>(self) {
        // Whatever W is: blocks of 8 fill the widest vector register, longer ones would pass through memory.
        if self.lanes.is_multiple_of(8) {
            run(self.ops, &mut Window::<8>::all(self.slots, self.lanes), &mut NoDraws);
        } else {
            run(self.ops, &mut Window::<1>::all(self.slots, self.lanes), &mut NoDraws);
        }
    }
}

/// Some lanes of the slots, as blocks of `W` lanes.
pub(super) struct Window<'a, const W: usize> {
    /// `[slot][block]`
    blocks: &'a mut [[f64; W]],
    /// Blocks per slot.
    stride: usize,
    /// First block of the window.
    first: usize,
    /// Blocks in the window.
    count: usize,
}

impl<'a, const W: usize> Window<'a, W> {
    /// All `lanes` lanes of `slots`; `W` divides their number.
    pub fn all(slots: &'a mut [f64], lanes: usize) -> Self {
        Window { blocks: blocks_mut(slots), stride: lanes / W, first: 0, count: lanes / W }
    }

    #[inline(always)]
    fn at(&self, slot: u32, block: usize) -> usize {
        slot as usize * self.stride + self.first + block
    }

    #[inline(always)]
    fn read(&self, slot: u32, block: usize) -> [f64; W] {
        self.blocks[self.at(slot, block)]
    }

    #[inline(always)]
    fn write(&mut self, slot: u32, block: usize, values: [f64; W]) {
        let at = self.at(slot, block);
        self.blocks[at] = values;
    }

    #[inline(always)]
    fn unary(&mut self, op: &Op, f: impl Fn(f64) -> f64) {
        for block in 0..self.count {
            let mut a = self.read(op.a, block);
            a.iter_mut().for_each(|a| *a = f(*a));
            self.write(op.to, block, a);
        }
    }

    #[inline(always)]
    fn binary(&mut self, op: &Op, f: impl Fn(f64, f64) -> f64) {
        for block in 0..self.count {
            let (mut a, b) = (self.read(op.a, block), self.read(op.b, block));
            a.iter_mut().zip(b).for_each(|(a, b)| *a = f(*a, b));
            self.write(op.to, block, a);
        }
    }

    // The hot functions are called by name: handed over as a value, they would not be inlined and so not
    // be compiled for the machine's vectors.

    #[inline(always)]
    fn exp(&mut self, op: &Op) {
        for block in 0..self.count {
            let mut a = self.read(op.a, block);
            for a in &mut a {
                *a = math::exp(*a);
            }
            self.write(op.to, block, a);
        }
    }

    #[inline(always)]
    fn ln(&mut self, op: &Op) {
        for block in 0..self.count {
            let mut a = self.read(op.a, block);
            for a in &mut a {
                *a = math::ln(*a);
            }
            self.write(op.to, block, a);
        }
    }

    #[inline(always)]
    fn power(&mut self, op: &Op) {
        for block in 0..self.count {
            let (mut a, b) = (self.read(op.a, block), self.read(op.b, block));
            for lane in 0..W {
                a[lane] = math::pow(a[lane], b[lane]);
            }
            self.write(op.to, block, a);
        }
    }

    #[inline(always)]
    fn select(&mut self, op: &Op) {
        for block in 0..self.count {
            let (condition, otherwise) = (self.read(op.a, block), self.read(op.c, block));
            let mut then = self.read(op.b, block);
            for lane in 0..W {
                then[lane] = if condition[lane] != 0.0 { then[lane] } else { otherwise[lane] };
            }
            self.write(op.to, block, then);
        }
    }

    #[inline(always)]
    fn draw(&mut self, op: &Op, distribution: Distribution, draws: &mut dyn DrawSource) {
        for block in 0..self.count {
            let (mut a, b) = (self.read(op.a, block), self.read(op.b, block));
            for lane in 0..W {
                a[lane] = draws.draw(op.to, op.c, distribution, a[lane], b[lane]);
            }
            self.write(op.to, block, a);
        }
    }
}

impl<'a> Window<'a, 1> {
    /// One of `lanes` lanes.
    pub fn one(slots: &'a mut [f64], lanes: usize, lane: usize) -> Self {
        Window { blocks: blocks_mut(slots), stride: lanes, first: lane, count: 1 }
    }
}

/// Runs the operations in order.
#[inline(always)]
pub(super) fn run<const W: usize>(ops: &[Op], window: &mut Window<W>, draws: &mut dyn DrawSource) {
    for op in ops {
        match op.code {
            Code::Unary(function) => unary(function, op, window),
            Code::Binary(function) => binary(function, op, window),
            Code::WholePower(2) => window.unary(op, |a| a * a),
            Code::WholePower(power) => window.unary(op, |a| functions::whole_power(a, power)),
            Code::Select => window.select(op),
            Code::Draw(distribution) => window.draw(op, distribution, draws),
        }
    }
}

#[inline(always)]
fn unary<const W: usize>(function: Unary, op: &Op, window: &mut Window<W>) {
    match function {
        Unary::Negate => window.unary(op, |a| -a),
        Unary::Absolute => window.unary(op, f64::abs),
        Unary::Exp => window.exp(op),
        Unary::Ln => window.ln(op),
        Unary::Sqrt => window.unary(op, f64::sqrt),
        Unary::Sin => window.unary(op, math::sin),
        Unary::Cos => window.unary(op, math::cos),
        Unary::Tan => window.unary(op, math::tan),
        Unary::Asin => window.unary(op, math::asin),
        Unary::Acos => window.unary(op, math::acos),
        Unary::Atan => window.unary(op, math::atan),
        Unary::Sinh => window.unary(op, math::sinh),
        Unary::Cosh => window.unary(op, math::cosh),
        Unary::Tanh => window.unary(op, math::tanh),
        Unary::Floor => window.unary(op, math::floor),
        Unary::Ceil => window.unary(op, math::ceil),
        Unary::Factorial => window.unary(op, functions::factorial),
        Unary::Not => window.unary(op, |a| truth(a == 0.0)),
    }
}

#[inline(always)]
fn binary<const W: usize>(function: Binary, op: &Op, window: &mut Window<W>) {
    match function {
        Binary::Add => window.binary(op, |a, b| a + b),
        Binary::Subtract => window.binary(op, |a, b| a - b),
        Binary::Multiply => window.binary(op, |a, b| a * b),
        Binary::Divide => window.binary(op, |a, b| a / b),
        Binary::Power => window.power(op),
        Binary::Min => window.binary(op, |a, b| if a < b || a.is_nan() { a } else { b }),
        Binary::Max => window.binary(op, |a, b| if a > b || a.is_nan() { a } else { b }),
        Binary::Modulo => window.binary(op, |a, b| a - b * math::floor(a / b)),
        Binary::Less => window.binary(op, |a, b| truth(a < b)),
        Binary::LessEqual => window.binary(op, |a, b| truth(a <= b)),
        Binary::Greater => window.binary(op, |a, b| truth(a > b)),
        Binary::GreaterEqual => window.binary(op, |a, b| truth(a >= b)),
        Binary::Equal => window.binary(op, |a, b| truth(a == b)),
        Binary::NotEqual => window.binary(op, |a, b| truth(a != b)),
        Binary::And => window.binary(op, |a, b| truth(a != 0.0 && b != 0.0)),
        Binary::Or => window.binary(op, |a, b| truth(a != 0.0 || b != 0.0)),
    }
}

#[inline(always)]
fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}
