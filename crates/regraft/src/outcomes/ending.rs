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
    /// Days of the scans on which the events are counted, ascending, none after `to`: what happens between two scans is
    /// known from the later one. `None` where events are known on their day.
    pub scans: Option<Vec<f64>>,
}

impl Counted {
    /// Number of events and years up to day `last`; `None` if nothing is left of the time.
    ///
    /// Who is followed for less than the whole time is known up to the last scan, where events are counted on scans.
    pub fn followed_to(&self, last: f64) -> Option<(f64, f64)> {
        let to = match &self.scans {
            Some(scans) if last < self.to => scans.iter().copied().rfind(|day| *day <= last)?,
            _ => self.to.min(last),
        };
        let years = (to - self.from) / DAYS_PER_YEAR;
        let seen = || self.days.iter().filter(|day| **day <= to).count();
        (years > 0.0).then(|| (seen() as f64, years))
    }

    /// The same in the time of which the scans tell: from the one before the first that counts to the last. `None` where
    /// no scan counts; as it is where events are known on their day.
    pub fn between_scans(self) -> Option<Counted> {
        let Some(scans) = &self.scans else { return Some(self) };
        let first = (1..scans.len()).find(|place| scans[*place] >= self.from)?;
        Some(Counted { from: scans[first - 1], to: scans[scans.len() - 1], ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, DAYS_PER_YEAR};

    fn counted(days: &[f64], scans: &[f64]) -> Counted {
        Counted { from: 29.0, to: 168.0, days: days.to_vec(), scans: Some(scans.to_vec()) }
    }

    #[test]
    fn lesions_are_counted_in_the_time_between_scans() {
        let between = |days: &[f64], scans: &[f64]| counted(days, scans).between_scans();
        let found = between(&[84.0, 168.0], &[0.0, 28.0, 84.0, 168.0]).expect("scans");
        assert_eq!((found.from, found.to), (28.0, 168.0));
        let years = |from: f64, to: f64| (to - from) / DAYS_PER_YEAR;
        assert_eq!(found.followed_to(100.0), Some((1.0, years(28.0, 84.0))));
        assert_eq!(found.followed_to(50.0), None, "who left before the first scan that counts tells nothing");
        // The scan that the others are compared with was missed: the lesions of the whole time are new.
        let found = between(&[168.0], &[0.0, 168.0]).expect("a scan");
        assert_eq!((found.from, found.to), (0.0, 168.0));
        // The last was missed: nothing is known of the time after the one before, or of anything.
        let found = between(&[84.0], &[0.0, 28.0, 84.0]).expect("a scan");
        assert_eq!((found.from, found.to), (28.0, 84.0));
        assert!(between(&[], &[0.0, 28.0]).is_none());
        let known = Counted { scans: None, ..counted(&[50.0], &[]) };
        assert_eq!(known.clone().between_scans(), Some(known), "events that are known on their day");
    }

    #[test]
    fn a_shorter_follow_up_ends_with_a_scan() {
        let found = counted(&[84.0, 168.0, 168.0], &[28.0, 84.0, 168.0]);
        let years = |to: f64| (to - 29.0) / DAYS_PER_YEAR;
        assert_eq!(found.followed_to(f64::INFINITY), Some((3.0, years(168.0))));
        assert_eq!(found.followed_to(168.0), Some((3.0, years(168.0))));
        assert_eq!(
            found.followed_to(167.0),
            Some((1.0, years(84.0))),
            "its lesions are not seen, nor is its time"
        );
        assert_eq!(found.followed_to(83.0), None);
        assert_eq!(Counted { scans: None, ..found }.followed_to(167.0), Some((1.0, years(167.0))));
    }
}
