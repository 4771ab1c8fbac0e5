//! What is left of a routine where some places hold numbers that are known beforehand.
//!
//! Nothing is written in another order or fused anew, so what is left is computed as before, operation by operation.
//! What vanishes are sums with 0 and products with 0, and with them what only they read. A product of 0 is 0,
//! whatever the other factor is, and the sign of a 0 is not kept; of everything else every bit is.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use crate::code::Code;
use crate::routine::{Instruction, Place, Routine, Value};
use crate::run;

/// What has become of an instruction.
#[derive(Debug, Clone, Copy)]
enum Fold {
    /// It gives this number.
    Number(f64),
    /// It gives what an earlier one gives, which is not such a case itself.
    Same(Value),
    /// It is carried out, arguments by their old numbers.
    Own(Instruction),
}

/// A routine of which some values are known; see [`Routine::settle`].
#[derive(Debug)]
pub struct Settled {
    folds: Vec<Fold>,
    /// Places that the routine writes to.
    stored: HashSet<Place>,
}

impl Routine {
    /// Follows what is known of the places that are loaded from.
    pub fn settle(&self, known: impl Fn(Place) -> Option<f64>) -> Settled {
        let stored = |instruction: &Instruction| match instruction {
            Instruction::Store(place, _) => Some(*place),
            _ => None,
        };
        let stored = self.instructions().iter().filter_map(stored).collect();
        let mut settled = Settled { folds: Vec::with_capacity(self.instructions().len()), stored };
        for instruction in self.instructions() {
            let fold = match *instruction {
                Instruction::Load(place) => known(place).map_or(Fold::Own(*instruction), Fold::Number),
                Instruction::Constant(value) => Fold::Number(value),
                Instruction::Apply(code, values) => settled.apply(code, values),
                Instruction::Store(..) => Fold::Own(*instruction),
            };
            settled.folds.push(fold);
        }
        settled
    }
}

impl Settled {
    /// The places that are written to, with the number where it is known.
    pub fn stores(&self) -> impl Iterator<Item = (Place, Option<f64>)> {
        self.folds.iter().filter_map(|fold| match *fold {
            Fold::Own(Instruction::Store(place, value)) => Some((place, self.number(value))),
            _ => None,
        })
    }

    /// The routine that writes to the places for which `wanted` holds, and computes what that takes.
    pub fn routine(&self, wanted: impl Fn(Place) -> bool) -> Routine {
        let needed = self.needed(&wanted);
        let mut rest = Rest { values: vec![0; self.folds.len()], ..Rest::default() };
        for (index, fold) in self.folds.iter().enumerate().filter(|(index, _)| needed[*index]) {
            let Fold::Own(instruction) = *fold else { continue };
            rest.values[index] = match instruction {
                Instruction::Load(place) => rest.routine.load(place.bank, place.row),
                Instruction::Constant(value) => rest.number(value),
                Instruction::Apply(code, values) => {
                    let of = |value: &Value| self.value(*value, &mut rest);
                    let values: Vec<Value> = values[..code.arity()].iter().map(of).collect();
                    match values[..] {
                        [a] => rest.routine.one(code, a),
                        [a, b] => rest.routine.two(code, a, b),
                        _ => rest.routine.three(code, values[0], values[1], values[2]),
                    }
                }
                Instruction::Store(place, value) => {
                    let value = self.value(value, &mut rest);
                    rest.routine.store(place.bank, place.row, value);
                    continue;
                }
            };
        }
        rest.routine
    }

    /// Which instructions are carried out for the stores that are wanted.
    fn needed(&self, wanted: &impl Fn(Place) -> bool) -> Vec<bool> {
        let mut needed = vec![false; self.folds.len()];
        for index in (0..self.folds.len()).rev() {
            let Fold::Own(instruction) = &self.folds[index] else { continue };
            if let Instruction::Store(place, _) = instruction {
                needed[index] = wanted(*place);
            }
            if needed[index] {
                instruction.arguments().iter().for_each(|&value| needed[self.first(value)] = true);
            }
        }
        needed
    }

    /// The new number of a value.
    fn value(&self, old: Value, rest: &mut Rest) -> Value {
        match self.number(old) {
            Some(number) => rest.number(number),
            None => rest.values[self.first(old)],
        }
    }

    /// The instruction that gives a value, by its old number.
    fn first(&self, value: Value) -> usize {
        match self.folds[value as usize] {
            Fold::Same(other) => other as usize,
            _ => value as usize,
        }
    }

    fn number(&self, value: Value) -> Option<f64> {
        match self.folds[self.first(value)] {
            Fold::Number(number) => Some(number),
            _ => None,
        }
    }

    /// What becomes of an operation.
    fn apply(&self, code: Code, values: [Value; 3]) -> Fold {
        let numbers = values.map(|value| self.number(value));
        let arguments = &numbers[..code.arity()];
        if arguments.iter().all(Option::is_some) {
            return Fold::Number(run::one(code, numbers.map(Option::unwrap_or_default)));
        }
        let own = |code, values| Fold::Own(Instruction::Apply(code, values));
        let zero = |argument: usize| numbers[argument] == Some(0.0);
        let is = |argument: usize, number: f64| numbers[argument] == Some(number);
        let [a, b, c] = values;
        // What stands in a place that is written to must be read where it was read before.
        let same = |argument: usize| match self.folds[self.first(values[argument])] {
            Fold::Number(number) => Fold::Number(number),
            Fold::Own(Instruction::Load(place)) if self.stored.contains(&place) => own(code, values),
            _ => Fold::Same(self.first(values[argument]) as Value),
        };
        match code {
            Code::Multiply | Code::And if zero(0) || zero(1) => Fold::Number(0.0),
            Code::Divide if zero(0) => Fold::Number(0.0),
            Code::Add if zero(0) => same(1),
            Code::Add | Code::Subtract if zero(1) => same(0),
            Code::Subtract if zero(0) => self.apply(Code::Negate, [b, 0, 0]),
            Code::Min if is(0, f64::INFINITY) => same(1),
            Code::Min if is(1, f64::INFINITY) => same(0),
            Code::MultiplyAdd | Code::SubtractProduct if zero(0) || zero(1) => same(2),
            Code::MultiplySubtract if zero(0) || zero(1) => self.apply(Code::Negate, [c, 0, 0]),
            Code::MultiplyAdd | Code::MultiplySubtract if zero(2) => self.apply(Code::Multiply, [a, b, 0]),
            Code::Select => match numbers {
                [Some(condition), ..] => same(if condition != 0.0 { 1 } else { 2 }),
                [None, Some(then), Some(otherwise)] if then.to_bits() == otherwise.to_bits() => same(1),
                _ => own(code, values),
            },
            _ => own(code, values),
        }
    }
}

/// The routine that is left, as it is being written.
#[derive(Default)]
struct Rest {
    routine: Routine,
    /// New number of each value that is carried out, by its old one.
    values: Vec<Value>,
    /// By bits.
    numbers: HashMap<u64, Value>,
}

impl Rest {
    fn number(&mut self, number: f64) -> Value {
        let routine = &mut self.routine;
        *self.numbers.entry(number.to_bits()).or_insert_with(|| routine.constant(number))
    }
}
