//! The set-up of a lane: what depends on its own parameters alone, and what of it has to be done again after one of
//! them was set.

use std::sync::OnceLock;

use super::op::{Op, Tape};
use super::run::SINGLE;

/// The operations of the set-up, in order.
pub(crate) struct Setup {
    pub ops: Vec<Op>,
    /// The part that each parameter moves, `[parameter]`, found when it is first set; `None` for those that the
    /// set-up does not read. Parameters beyond its length it does not read either.
    parts: Vec<Option<OnceLock<Part>>>,
}

/// Operations of a set-up, one bit for each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Part(Vec<u64>);

impl Part {
    fn of(length: usize) -> Part {
        Part(vec![0; length.div_ceil(64)])
    }

    fn add(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    fn has(&self, index: usize) -> bool {
        self.0[index / 64] & 1 << (index % 64) != 0
    }

    /// Adds what is in another.
    pub fn join(&mut self, other: &Part) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// Takes everything out, and gives it in order.
    pub fn drain(&mut self) -> impl Iterator<Item = usize> {
        self.0.iter_mut().enumerate().flat_map(|(word, bits)| {
            let mut bits = std::mem::take(bits);
            std::iter::from_fn(move || {
                let next = (bits != 0).then(|| 64 * word + bits.trailing_zeros() as usize);
                bits &= bits.wrapping_sub(1);
                next
            })
        })
    }
}

impl Setup {
    pub fn new(Tape { ops, .. }: Tape) -> Setup {
        let mut parts: Vec<Option<OnceLock<Part>>> = Vec::new();
        for slot in ops.iter().flat_map(Op::operands).filter(|slot| slot & SINGLE == 0) {
            parts.resize_with(parts.len().max(slot as usize + 1), || None);
            parts[slot as usize].get_or_insert_default();
        }
        Setup { ops, parts }
    }

    /// What has to be done again once a parameter was set; `None` if nothing has to.
    pub fn part(&self, parameter: u32) -> Option<&Part> {
        let part = self.parts.get(parameter as usize)?.as_ref()?;
        Some(part.get_or_init(|| self.depending_on(parameter)))
    }

    /// The operations that depend on a parameter, and those whose results stand in memory that is not the lane's own
    /// and that these read.
    fn depending_on(&self, parameter: u32) -> Part {
        let mut part = Part::of(self.ops.len());
        let mut moved = Slots::default();
        moved.insert(parameter);
        for (index, op) in self.ops.iter().enumerate() {
            if op.operands().any(|slot| moved.has(slot)) {
                part.add(index);
                moved.insert(op.to);
            }
        }
        let mut needed = Slots::default();
        for (index, op) in self.ops.iter().enumerate().rev() {
            if part.has(index) || needed.has(op.to) {
                part.add(index);
                op.operands().filter(|slot| slot & SINGLE != 0).for_each(|slot| needed.insert(slot));
            }
        }
        part
    }
}

/// A set of slots.
#[derive(Default)]
struct Slots {
    rows: Vec<bool>,
    single: Vec<bool>,
}

impl Slots {
    fn insert(&mut self, slot: u32) {
        let (slots, index) = match slot & SINGLE {
            0 => (&mut self.rows, slot as usize),
            _ => (&mut self.single, (slot & !SINGLE) as usize),
        };
        slots.resize(slots.len().max(index + 1), false);
        slots[index] = true;
    }

    fn has(&self, slot: u32) -> bool {
        let slots = if slot & SINGLE == 0 { &self.rows } else { &self.single };
        slots.get((slot & !SINGLE) as usize).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use regraft_model::program::Binary;

    use super::super::op::Code;
    use super::*;

    fn op(to: u32, a: u32, b: u32) -> Op {
        Op { code: Code::Binary(Binary::Add), to, a, b, c: 0 }
    }

    fn done_again(setup: &Setup, parameters: &[u32]) -> Vec<usize> {
        let mut stale = Part::default();
        parameters.iter().filter_map(|&parameter| setup.part(parameter)).for_each(|part| stale.join(part));
        let done = stale.drain().collect();
        assert_eq!(stale.drain().count(), 0);
        done
    }

    #[test]
    fn what_depends_on_a_parameter_and_what_that_reads_is_done_again() {
        // Parameters 0 to 3; 4 and 5 are kept by lanes.
        let ops = vec![
            op(SINGLE | 7, 0, 0),
            op(SINGLE | 8, 1, 1),
            op(4, SINGLE | 7, 2),
            op(5, SINGLE | 8, 4),
            op(SINGLE | 9, 3, 3),
        ];
        let setup = Setup::new(Tape { ops, results: Vec::new() });
        assert_eq!(done_again(&setup, &[0]), [0, 1, 2, 3], "4 is kept, what stands in 8 is not");
        assert_eq!(done_again(&setup, &[1]), [1, 3]);
        assert_eq!(done_again(&setup, &[2]), [0, 1, 2, 3]);
        assert_eq!(done_again(&setup, &[3]), [4]);
        assert_eq!(done_again(&setup, &[3, 1]), [1, 3, 4]);
        assert!(setup.part(17).is_none());
    }

    #[test]
    fn more_operations_than_bits_of_a_word() {
        let ops: Vec<Op> = (0..200).map(|index| op(100 + index, index % 2, index % 2)).collect();
        let setup = Setup::new(Tape { ops, results: Vec::new() });
        let odd: Vec<usize> = (0..200).filter(|index| index % 2 == 1).collect();
        assert_eq!(done_again(&setup, &[1]), odd);
        assert_eq!(done_again(&setup, &[0, 1]).len(), 200);
    }
}
