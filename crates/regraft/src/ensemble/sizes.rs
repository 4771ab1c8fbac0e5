//! Typical sizes of the states: the largest value that each takes in a pilot course.
//!
//! The pilot is the model's own patient (no overrides, draws at their middle) who at time 0 is given, of each
//! drug of a course, the largest dose. So the sizes, and with them the tolerances and a patient's numbers,
//! depend on the model, the length of the course and the patient's own doses, never on who else is simulated.
//! What is asked of a pilot, and what is overridden in it, is what the patients' own simulation asks and overrides, so
//! that both run the same code, written once.
//! Sizes are rounded to powers of two: the last digits of a pilot move no tolerance.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regraft_model::program::{Node, NodeId};
use regraft_model::{Found, Program, Target, at_start, evaluate::children};
use regraft_sim::{
    Action, Amount, Dose as Order, Engine, Options, Outputs, Patients, Plan, SimError, SolveStatus, Start,
    Watch, simulate,
};
use regraft_stats::Seed;

use super::run::{Ensemble, Request};
use pilot::Pilot;

mod pilot;

/// Typical sizes for every course that comes, each pilot run once.
pub(super) struct Sizes<'a> {
    pilot: Pilot<'a>,
    known: Mutex<BTreeMap<Doses, Vec<f64>>>,
}

/// What a pilot is given at time 0.
pub(super) type Doses = Vec<Given>;

/// The largest dose of one kind into one state; sizes as powers of two, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Given {
    pub state: u32,
    /// Whether `size` is a rate, for a while.
    pub infused: bool,
    /// log₂ of the amount, or of the amount per time.
    pub size: i32,
    /// log₂ of the duration of an infusion.
    pub duration: i32,
}

impl<'a> Sizes<'a> {
    /// Sizes for the courses of an ensemble.
    pub fn new(ensemble: &Ensemble<'a>, request: &Request, watch: &'a dyn Watch) -> Sizes<'a> {
        Sizes { pilot: Pilot::new(ensemble, request, watch), known: Mutex::default() }
    }

    /// Typical sizes in a course with these doses, `[state]`, > 0.
    ///
    /// # Errors
    /// What the simulator refuses.
    pub fn of(&self, doses: &Doses) -> Result<Vec<f64>, SimError> {
        // Held while a pilot runs: others who want it wait, and nobody runs it twice.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sizes) = known.get(doses) {
            return Ok(sizes.clone());
        }
        let sizes = self.pilot.sizes(doses)?;
        known.insert(doses.clone(), sizes.clone());
        Ok(sizes)
    }
}

/// The largest bolus into each state, and the largest rate with the longest duration.
pub(super) fn doses(plan: &Plan) -> Doses {
    let mut largest: BTreeMap<(u32, bool), Given> = BTreeMap::new();
    for order in &plan.doses {
        let given = match order.action {
            Action::Add { state, amount } => {
                Given { state, infused: false, size: exponent(amount.value), duration: 0 }
            }
            Action::Infuse { state, amount, duration_days } => {
                let size = exponent(amount.value / duration_days);
                Given { state, infused: true, size, duration: exponent(duration_days) }
            }
            Action::Set { .. } | Action::Scale { .. } | Action::SetBetween { .. } | Action::Stop => continue,
        };
        let entry = largest.entry((given.state, given.infused)).or_insert(given);
        entry.size = entry.size.max(given.size);
        entry.duration = entry.duration.max(given.duration);
    }
    largest.into_values().collect()
}

/// Exponent of the least power of two that is not smaller than |x|; that of the smallest number for 0.
fn exponent(x: f64) -> i32 {
    let bits = x.abs().to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    if bits << 12 == 0 { exponent } else { exponent + 1 }
}

/// 2ⁿ
fn power(n: i32) -> f64 {
    2.0f64.powi(n.clamp(-1000, 1000))
}
