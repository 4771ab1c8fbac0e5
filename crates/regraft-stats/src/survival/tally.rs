//! Follow-up counted up by time: how many are at risk, how many have an event.

use super::Survival;

/// The counts at one time at which somebody has an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tally {
    pub time: f64,
    /// Followed just before this time.
    pub at_risk: usize,
    /// Events of the cause asked for.
    pub events: usize,
    /// Other events that end the follow-up for good.
    pub competing: usize,
}

/// The counts at every time with an event, in ascending order, and how far they reach.
pub(super) struct Tallies {
    pub rows: Vec<Tally>,
    /// Last time somebody is followed; +∞ if the follow-up of the last ones ends by an event, 0 for no data.
    pub end: f64,
}

/// What one observation's end is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ending {
    Event,
    Competing,
    Censored,
}

pub(super) fn tally(data: &[Survival], ending: impl Fn(u8) -> Ending) -> Tallies {
    debug_assert!(data.iter().all(|patient| !patient.time.is_nan()), "follow-up times are numbers");
    let mut ends: Vec<(f64, Ending)> =
        data.iter().map(|patient| (patient.time.max(0.0), ending(patient.status))).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut rows = Vec::new();
    let mut end = 0.0;
    let mut at_risk = ends.len();
    for same_time in ends.chunk_by(|a, b| a.0 == b.0) {
        let count = |kind| same_time.iter().filter(|patient| patient.1 == kind).count();
        let row = Tally {
            time: same_time[0].0,
            at_risk,
            events: count(Ending::Event),
            competing: count(Ending::Competing),
        };
        end = if count(Ending::Censored) == 0 { f64::INFINITY } else { row.time };
        at_risk -= same_time.len();
        if row.events + row.competing > 0 {
            rows.push(row);
        }
    }
    Tallies { rows, end }
}
