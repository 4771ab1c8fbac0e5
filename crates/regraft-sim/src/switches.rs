//! Switching times known beforehand.
//!
//! A comparison of time with what depends on parameters alone, such as `time < 5` or `time % 7 < 1`, jumps at
//! moments that can be computed. The rates see its value as a parameter that is set at these moments, and a
//! patient's steps end there: nothing jumps within a step, each step lies on the right side, and no pulse is
//! stepped over. Outputs and the conditions of events keep the comparison itself; there, too, the moments are stops,
//! so that `time >= 24` is true at 24 and not a rounding later, and `time == 24` is true at all.

use regraft_model::Program;
use regraft_model::program::Binary;

use crate::events::same_moment;
use crate::kernel::Tapes;
use crate::scene::Scene;

mod foresee;

pub(crate) use foresee::foresee;

/// What a switch makes of a line constant + slope · time.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// The largest integer below it.
    Floor,
    /// Whether it compares so with 0.
    Compare(Binary),
}

/// A value that jumps at times known beforehand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Switch {
    kind: Kind,
    /// Observables of the foreseen program: the line.
    constant: u32,
    slope: u32,
    /// Observable that has the value where the line has none.
    otherwise: Option<u32>,
    /// Parameter of the foreseen program that holds the value.
    parameter: u32,
}

/// A program whose rates see its switches as parameters.
pub(crate) struct Foreseen {
    /// The program; parameters and observables beyond those of the original belong to the switches.
    pub program: Program,
    /// A switch may depend on those before it.
    pub switches: Vec<Switch>,
}

/// The switches of one patient.
#[derive(Debug, Clone)]
pub(crate) struct SwitchStates {
    /// `[switch]`; NaN before the first moment.
    values: Vec<f64>,
    next: f64,
}

impl SwitchStates {
    /// Before the first moment.
    pub fn new(switches: &[Switch]) -> SwitchStates {
        SwitchStates { values: vec![f64::NAN; switches.len()], next: f64::INFINITY }
    }

    /// When a switch jumps next, as far as parameters are known now; infinity for never.
    pub fn next(&self) -> f64 {
        self.next
    }

    /// Sets all switches to their values just after the present moment. The last that jumped, if any did.
    pub fn update(&mut self, switches: &[Switch], tapes: &Tapes, scene: &mut Scene) -> Option<usize> {
        let after = scene.t() + same_moment(scene.t());
        let mut jumped = None;
        self.next = f64::INFINITY;
        for (index, switch) in switches.iter().enumerate() {
            let (value, next) = switch.at(after, tapes, scene);
            if value.to_bits() != self.values[index].to_bits() {
                self.values[index] = value;
                scene.set(regraft_model::Target::Parameter(switch.parameter), value);
                jumped = Some(index);
            }
            self.next = self.next.min(next);
        }
        jumped
    }
}

impl Switch {
    /// The value at a time `after` the present moment, and when it jumps next.
    fn at(&self, after: f64, tapes: &Tapes, scene: &mut Scene) -> (f64, f64) {
        let mut value = |observable: u32| scene.value(&tapes.observables[observable as usize]);
        let (constant, slope) = (value(self.constant), value(self.slope));
        let line = constant + slope * after;
        if !line.is_finite() {
            return (self.otherwise.map_or(f64::NAN, value), f64::INFINITY);
        }
        let zero = |constant: f64| if slope == 0.0 { f64::INFINITY } else { -constant / slope };
        match self.kind {
            Kind::Compare(comparison) => {
                let next = zero(constant);
                (
                    f64::from(u8::from(compare(comparison, line))),
                    if next > after { next } else { f64::INFINITY },
                )
            }
            Kind::Floor => {
                let whole = line.floor();
                let next = zero(constant - if slope > 0.0 { whole + 1.0 } else { whole });
                // Where roundoff puts the jump before the present moment, it is looked for again right after it.
                (whole, next.max(after + same_moment(after)))
            }
        }
    }
}

/// Whether a number compares so with 0; only what differs on the two sides of 0 is ever asked.
fn compare(comparison: Binary, line: f64) -> bool {
    match comparison {
        Binary::Less => line < 0.0,
        Binary::LessEqual => line <= 0.0,
        Binary::Greater => line > 0.0,
        Binary::Equal => false,
        Binary::NotEqual => true,
        _ => line >= 0.0,
    }
}
