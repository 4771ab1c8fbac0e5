//! How a patient's observation ends, and what of it is seen by someone who follows for a shorter time.

use regraft_stats::Survival;

/// Days per year (Julian year).
pub const DAYS_PER_YEAR: f64 = 365.25;

/// How one patient's observation ends, in days of the endpoint's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeToEvent {
    /// Day of the event (status 1), of a competing event (2) or of the end of observation (0).
    pub time: f64,
    /// 0, 1 or 2.
    pub status: u8,
    /// Day on which that was established, ≥ `time`: that of the confirming visit, the last of the days on end.
    pub known: f64,
    /// What is seen as long as it is not established; `None` where it is at once.
    pub until_known: Option<Survival>,
}

impl TimeToEvent {
    /// What the whole observation shows.
    pub fn survival(&self) -> Survival {
        Survival { time: self.time, status: self.status }
    }

    /// What is seen by someone who follows the patient up to day `last` of the clock; `None` if the clock
    /// starts later.
    pub fn followed_to(&self, last: f64) -> Option<Survival> {
        if last < 0.0 {
            return None;
        }
        let seen = if self.known <= last { Some(self.survival()) } else { self.until_known };
        Some(seen.filter(|end| end.time <= last).unwrap_or(Survival { time: last, status: 0 }))
    }
}

/// Events of one patient and the time in which they are counted, in days of the endpoint's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// First day.
    pub from: f64,
    /// Last day, > `from`.
    pub to: f64,
    /// Days of the events, in `from` … `to`.
    pub days: Vec<f64>,
}

impl Counted {
    /// Number of events and years up to day `last`; `None` if nothing is left of the time.
    pub fn followed_to(&self, last: f64) -> Option<(f64, f64)> {
        let to = self.to.min(last);
        let years = (to - self.from) / DAYS_PER_YEAR;
        let seen = || self.days.iter().filter(|day| **day <= to).count();
        (years > 0.0).then(|| (seen() as f64, years))
    }
}
