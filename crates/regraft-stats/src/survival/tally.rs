//! Follow-up counted up by time: how many are at risk, how many have an event.

use super::Survival;

/// Patients whose follow-up ends at one time, counted by how it ends.
///
/// Lists of these are ascending in time without repeats: what [`count_endings`] gives. They say all that an
/// estimate needs, so a cohort of any size can be counted up piece by piece and forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Endings {
    /// Time, as in [`Survival`].
    pub time: f64,
    /// With the event of interest.
    pub events: usize,
    /// With a competing event.
    pub competing: usize,
    /// Censored.
    pub censored: usize,
}

impl Endings {
    /// All of them.
    pub fn total(&self) -> usize {
        self.events + self.competing + self.censored
    }
}

/// Counts up follow-up: status 1 is the event, 0 censors, all others compete.
pub fn count_endings(data: &[Survival]) -> Vec<Endings> {
    count(data, |status| match status {
        0 => Ending::Censored,
        1 => Ending::Event,
        _ => Ending::Competing,
    })
}

/// What one observation's end is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ending {
    Event,
    Competing,
    Censored,
}

pub(super) fn count(data: &[Survival], ending: impl Fn(u8) -> Ending) -> Vec<Endings> {
    debug_assert!(data.iter().all(|patient| !patient.time.is_nan()), "follow-up times are numbers");
    let mut ends: Vec<(f64, Ending)> =
        data.iter().map(|patient| (patient.time.max(0.0) + 0.0, ending(patient.status))).collect();
    // Numbers from 0 on are ordered as their bits are; which of several at one time comes first makes no difference.
    ends.sort_unstable_by_key(|end| end.0.to_bits());
    let same_time = |patients: &[(f64, Ending)]| {
        let count = |kind| patients.iter().filter(|patient| patient.1 == kind).count();
        Endings {
            time: patients[0].0,
            events: count(Ending::Event),
            competing: count(Ending::Competing),
            censored: count(Ending::Censored),
        }
    };
    ends.chunk_by(|a, b| a.0 == b.0).map(same_time).collect()
}

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
    /// Everybody.
    pub n: usize,
    /// Last time somebody is followed; +∞ if the follow-up of the last ones ends by an event, 0 for no data.
    pub end: f64,
}

pub(super) fn tally(endings: impl Iterator<Item = Endings> + Clone) -> Tallies {
    let n = endings.clone().map(|ending| ending.total()).sum();
    let (mut rows, mut end, mut at_risk) = (Vec::new(), 0.0, n);
    for Endings { time, events, competing, censored } in endings {
        end = if censored == 0 { f64::INFINITY } else { time };
        if events + competing > 0 {
            rows.push(Tally { time, at_risk, events, competing });
        }
        at_risk -= events + competing + censored;
    }
    Tallies { rows, n, end }
}
