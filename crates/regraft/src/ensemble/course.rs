//! A patient's records as stretches of time, each a plan of its own.
//!
//! A stretch begins where the states are set anew, by a reset or a steady state, because infusions and
//! doses still to come must be able to end there.

use regraft_sim::{Action, Amount, Dose as Order, Plan};

use super::dose::{Dose, Given, Overlap, Steady};
use super::events::{Record, What};

/// What is done to the states at the begin of a stretch, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Opening {
    /// Back to the starting values.
    Reset,
    /// The steady state of a dose.
    Steady(Dose),
}

/// One stretch of a course.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch {
    pub start: f64,
    pub end: f64,
    pub openings: Vec<Opening>,
    /// By time; infusions that already run begin at `start`.
    pub orders: Vec<Order>,
}

/// A course from 0 to its end; the first stretch begins at 0 without openings.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Course {
    pub stretches: Vec<Stretch>,
    /// All orders in one plan, for what depends on their sizes.
    pub whole: Plan,
}

/// The same moment written in other ways (0.1 + 0.2 and 0.3) becomes the same number: 15 digits.
pub(super) fn clean(time: f64) -> f64 {
    format!("{time:.14e}").parse().unwrap_or(time)
}

/// One amount on its way: at once where it ends when it begins.
#[derive(Debug, Clone, Copy)]
struct Pulse {
    start: f64,
    /// End of an infusion; nothing for a bolus.
    end: Option<f64>,
    state: u32,
    /// Amount, or amount per time.
    size: f64,
    /// When what was before is wiped out; not at all if infinite.
    wiped: f64,
}

impl Course {
    /// The course of `records` (by time) up to `end`.
    pub fn new(records: &[Record], end: f64) -> Course {
        let (pulses, turns) = walk(records, end);
        let mut stretches = vec![Stretch { start: 0.0, end, openings: Vec::new(), orders: Vec::new() }];
        for (time, opening) in turns {
            let last = stretches.last_mut().expect("there is a first one");
            if time == last.start && !last.openings.is_empty() {
                last.openings.push(opening);
                continue;
            }
            last.end = time;
            stretches.push(Stretch { start: time, end, openings: vec![opening], orders: Vec::new() });
        }
        let n = stretches.len();
        for (index, stretch) in stretches.iter_mut().enumerate() {
            let (start, end) = (stretch.start, stretch.end);
            let inside = |time: f64| time >= start && (time < end || index + 1 == n);
            stretch.orders = pulses.iter().filter_map(|pulse| pulse.order(start, inside)).collect();
        }
        let doses = pulses.iter().filter_map(|pulse| pulse.order(0.0, |_| true)).collect();
        Course { stretches, whole: Plan { end, doses, ..Plan::default() } }
    }
}

impl Pulse {
    /// The order that this pulse is in a stretch that begins at `start`.
    fn order(&self, start: f64, inside: impl Fn(f64) -> bool) -> Option<Order> {
        let (state, arrives) = (self.state, self.start < self.wiped);
        let Some(end) = self.end else {
            let add = Action::Add { state, amount: Amount::fixed(self.size) };
            return (arrives && inside(self.start)).then(|| Order::new(self.start, add));
        };
        let runs_already = self.start < start && end > start && self.wiped > start;
        if !arrives || !(runs_already || inside(self.start)) {
            return None;
        }
        let from = self.start.max(start);
        let duration_days = end - from;
        let amount = Amount::fixed(self.size * duration_days);
        (duration_days > 1e-12 * end.abs())
            .then(|| Order::new(from, Action::Infuse { state, amount, duration_days }))
    }
}

/// All pulses up to `end`, and the moments at which the states are set anew.
fn walk(records: &[Record], end: f64) -> (Vec<Pulse>, Vec<(f64, Opening)>) {
    let (mut pulses, mut turns) = (Vec::<Pulse>::new(), Vec::new());
    let mut wiped_before = 0;
    for record in records.iter().take_while(|record| record.time <= end) {
        let time = clean(record.time);
        if record.wipes() {
            pulses[wiped_before..].iter_mut().for_each(|pulse| pulse.wiped = time);
            wiped_before = pulses.len();
        }
        if record.what.is_reset() {
            turns.push((time, Opening::Reset));
        }
        if let What::Dose(dose) | What::ResetAndDose(dose) = &record.what {
            if dose.steady != Steady::No {
                turns.push((time, Opening::Steady(*dose)));
                pulses.extend(running(dose, time));
            }
            pulses.extend(arrivals(dose, time, end));
        }
    }
    (pulses, turns)
}

/// The dose and its further doses, as they arrive.
fn arrivals(dose: &Dose, time: f64, end: f64) -> impl Iterator<Item = Pulse> {
    let dose = *dose;
    let arrival = move |n: u64| clean(time + n as f64 * dose.interval + dose.lag);
    let starts = (0..=dose.additional).map(arrival).take_while(move |start| *start <= end);
    starts.filter_map(move |start| {
        let (size, stop) = match dose.given {
            Given::Bolus { amount } => (amount, None),
            Given::Infusion { rate, duration } => (rate, Some(start + duration)),
            Given::Constant { .. } => return None,
        };
        Some(Pulse { start, end: stop, state: dose.state, size, wiped: f64::INFINITY })
    })
}

/// Infusions of the doses before, which run at the time of a steady state.
///
/// Dose −j arrived at `time` + lag − j·interval. Where the lag time is longer than the interval, those that
/// run when dose −1 arrives are taken to run from `time` on.
fn running(dose: &Dose, time: f64) -> Vec<Pulse> {
    let Given::Infusion { rate, duration } = dose.given else { return Vec::new() };
    let overlap = Overlap::of(duration, dose.interval);
    let most = if dose.lag > dose.interval { overlap.at_arrival() } else { u64::MAX };
    let left = |j: u64| dose.lag - j as f64 * dose.interval + duration;
    let pulse = |j| Pulse {
        start: time,
        end: Some(time + left(j)),
        state: dose.state,
        size: rate,
        wiped: f64::INFINITY,
    };
    (1..=most).take_while(|&j| left(j) > 1e-9 * dose.interval).map(pulse).collect()
}
