//! A routine as steps: every code written as operations that the machine has.

use std::collections::HashMap;

use super::Instructions;
use super::operation::{Binary, Fused, Operation, Predicate, Step, Unary, Value};
use crate::code::Code;
use crate::routine::{BANKS, Instruction, Place, Routine};

/// The bits of a double but for its sign.
const WITHOUT_SIGN: u64 = !SIGN;

/// The sign of a double.
pub(super) const SIGN: u64 = 1 << 63;

/// Straight-line steps over numbered values.
#[derive(Debug)]
pub(super) struct Steps {
    pub set: Instructions,
    pub steps: Vec<Step>,
    /// Numbers that [`Operation::Number`] speaks of.
    pub pool: Vec<f64>,
    /// The value of every step, so that none is carried out twice.
    known: HashMap<Step, Value>,
    numbers: HashMap<u64, Value>,
    places: HashMap<Place, Value>,
    /// Banks that the routine writes to.
    written: [bool; BANKS],
}

impl Steps {
    /// The steps of a routine.
    pub fn new(routine: &Routine, set: Instructions) -> Steps {
        let mut steps = Steps {
            set,
            steps: Vec::with_capacity(2 * routine.instructions().len()),
            pool: Vec::new(),
            known: HashMap::new(),
            numbers: HashMap::new(),
            places: HashMap::new(),
            written: routine.written(),
        };
        let mut values: Vec<Value> = Vec::with_capacity(routine.instructions().len());
        for instruction in routine.instructions() {
            values.push(steps.instruction(instruction, &values));
        }
        steps
    }

    fn instruction(&mut self, instruction: &Instruction, values: &[Value]) -> Value {
        match *instruction {
            Instruction::Load(place) => self.load(place),
            Instruction::Constant(value) => self.number(value),
            Instruction::Apply(code, arguments) => {
                self.apply(code, arguments.map(|value| values.get(value as usize).copied().unwrap_or(0)))
            }
            Instruction::Store(place, value) => {
                let value = values[value as usize];
                self.push(Operation::Store(place), &[value]);
                self.places.insert(place, value);
                value
            }
        }
    }

    fn load(&mut self, place: Place) -> Value {
        if let Some(&known) = self.places.get(&place) {
            return known;
        }
        let value = self.push(Operation::Load(place), &[]);
        self.places.insert(place, value);
        value
    }

    /// A number in every lane.
    pub fn number(&mut self, number: f64) -> Value {
        self.bits(number.to_bits())
    }

    /// A number in every lane, by its bits.
    pub fn bits(&mut self, bits: u64) -> Value {
        if let Some(&known) = self.numbers.get(&bits) {
            return known;
        }
        let index = self.pool.len() as u32;
        self.pool.push(f64::from_bits(bits));
        let value = self.push(Operation::Number(index), &[]);
        self.numbers.insert(bits, value);
        value
    }

    fn push(&mut self, operation: Operation, arguments: &[Value]) -> Value {
        let step = Step::new(operation, arguments);
        if let Some(&known) = self.known.get(&step) {
            return known;
        }
        let value = self.steps.len() as Value;
        self.steps.push(step);
        self.known.insert(step, value);
        value
    }

    fn apply(&mut self, code: Code, [a, b, c]: [Value; 3]) -> Value {
        match code {
            Code::Negate => self.with_bits(Binary::Xor, a, SIGN),
            Code::Absolute => self.absolute(a),
            Code::SquareRoot => self.unary(Unary::SquareRoot, a),
            Code::Floor => self.unary(Unary::Floor, a),
            Code::Ceil => self.unary(Unary::Ceil, a),
            Code::Exp => self.exp(a),
            Code::Ln => self.ln(a),
            Code::Power => self.pow(a, b),
            Code::Sin | Code::Cos => self.sine_or_cosine(code, a),
            Code::Add => self.binary(Binary::Add, a, b),
            Code::Subtract => self.binary(Binary::Subtract, a, b),
            Code::Multiply => self.binary(Binary::Multiply, a, b),
            Code::Divide => self.binary(Binary::Divide, a, b),
            Code::Min => self.keeping_nan(Binary::Min, a, b),
            Code::Max => self.keeping_nan(Binary::Max, a, b),
            Code::Modulo => self.modulo(a, b),
            Code::FiniteOrZero => self.finite_or_zero(a),
            Code::Not => self.is_zero(a),
            Code::And => self.and(a, b),
            Code::Or => self.or(a, b),
            Code::MultiplyAdd => self.fused(Fused::MultiplyAdd, a, b, c),
            Code::MultiplySubtract => self.fused(Fused::MultiplySubtract, a, b, c),
            Code::SubtractProduct => self.fused(Fused::SubtractProduct, a, b, c),
            Code::Select => self.select(a, b, c),
            Code::Less => self.truth(Predicate::Less, a, b),
            Code::LessEqual => self.truth(Predicate::LessEqual, a, b),
            Code::Greater => self.truth(Predicate::Greater, a, b),
            Code::GreaterEqual => self.truth(Predicate::GreaterEqual, a, b),
            Code::Equal => self.truth(Predicate::Equal, a, b),
            Code::NotEqual => self.truth(Predicate::NotEqual, a, b),
            _ => self.push(Operation::Call(code), &[a, b][..code.arity()]),
        }
    }

    pub(super) fn unary(&mut self, unary: Unary, a: Value) -> Value {
        self.push(Operation::Unary(unary), &[a])
    }

    pub(super) fn binary(&mut self, binary: Binary, a: Value, b: Value) -> Value {
        self.push(Operation::Binary(binary), &[a, b])
    }

    pub(super) fn fused(&mut self, fused: Fused, a: Value, b: Value, c: Value) -> Value {
        self.push(Operation::Fused(fused), &[a, b, c])
    }

    /// What a code makes of a and b, where `value` is that in ordinary cases; see [`Operation::Ordinary`].
    pub(super) fn ordinary(&mut self, code: Code, [a, b]: [Value; 2], value: Value) -> Value {
        self.push(Operation::Ordinary(code), &[a, b, value])
    }

    /// c where a and b compare so, else d.
    pub(super) fn choose(&mut self, predicate: Predicate, [a, b]: [Value; 2], c: Value, d: Value) -> Value {
        self.push(Operation::Choose(predicate), &[a, b, c, d])
    }

    /// c where a and b compare so, else 0.
    pub(super) fn or_zero(&mut self, predicate: Predicate, [a, b]: [Value; 2], c: Value) -> Value {
        self.push(Operation::Where(predicate), &[a, b, c])
    }

    pub(super) fn with_bits(&mut self, binary: Binary, a: Value, bits: u64) -> Value {
        let bits = self.bits(bits);
        self.binary(binary, a, bits)
    }

    pub(super) fn absolute(&mut self, a: Value) -> Value {
        self.with_bits(Binary::And, a, WITHOUT_SIGN)
    }

    fn truth(&mut self, predicate: Predicate, a: Value, b: Value) -> Value {
        let one = self.number(1.0);
        self.or_zero(predicate, [a, b], one)
    }

    /// a − a is 0 for finite numbers, else NaN, which equals nothing.
    fn finite_or_zero(&mut self, a: Value) -> Value {
        let nothing = self.binary(Binary::Subtract, a, a);
        self.or_zero(Predicate::Equal, [nothing, nothing], a)
    }

    fn is_zero(&mut self, a: Value) -> Value {
        let zero = self.number(0.0);
        self.truth(Predicate::Equal, a, zero)
    }

    fn is_true(&mut self, a: Value) -> Value {
        let zero = self.number(0.0);
        self.truth(Predicate::NotEqual, a, zero)
    }

    /// The machine's minimum and maximum give b where a is NaN.
    fn keeping_nan(&mut self, binary: Binary, a: Value, b: Value) -> Value {
        let result = self.binary(binary, a, b);
        self.choose(Predicate::Unordered, [a, a], a, result)
    }

    fn modulo(&mut self, a: Value, b: Value) -> Value {
        let ratio = self.binary(Binary::Divide, a, b);
        let whole = self.unary(Unary::Floor, ratio);
        let multiple = self.binary(Binary::Multiply, b, whole);
        self.binary(Binary::Subtract, a, multiple)
    }

    fn and(&mut self, a: Value, b: Value) -> Value {
        let b = self.is_true(b);
        let (predicate, sides) = self.condition(a);
        self.or_zero(predicate, sides, b)
    }

    fn or(&mut self, a: Value, b: Value) -> Value {
        let b = self.is_true(b);
        let one = self.number(1.0);
        let (predicate, sides) = self.condition(a);
        self.choose(predicate, sides, one, b)
    }

    fn select(&mut self, a: Value, b: Value, c: Value) -> Value {
        let (predicate, sides) = self.condition(a);
        self.choose(predicate, sides, b, c)
    }

    /// The comparison that holds where a is true: that which made it, if its sides may still be used.
    fn condition(&mut self, a: Value) -> (Predicate, [Value; 2]) {
        let step = self.steps[a as usize];
        if let (Operation::Where(predicate), &[left, right, what]) = (step.operation, step.arguments()) {
            let is_truth = self.numbers.get(&1f64.to_bits()) == Some(&what);
            if is_truth && self.lasts(left) && self.lasts(right) {
                return (predicate, [left, right]);
            }
        }
        (Predicate::NotEqual, [a, self.number(0.0)])
    }

    /// Whether a value may be used later than the routine does: not what stands in a place that may be written.
    fn lasts(&self, value: Value) -> bool {
        match self.steps[value as usize].operation {
            Operation::Load(place) => !self.written[place.bank as usize],
            _ => true,
        }
    }
}
