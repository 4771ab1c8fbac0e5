//! When patients are really seen: visits beside their planned days, and visits that do not take place.
//!
//! A visit counts for its planned day, as in a visit window of a protocol: rules of endpoints see planned days, values
//! are those of the day on which the patient came, and so is the day of an event that a visit shows.

use regraft_stats::Seed;

/// Where in its window a visit may lie, in shares of the window.
const PLACES: [f64; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];

/// Share of the gap to the next visit that a window may take.
const MOST_OF_GAP: f64 = 0.45;

/// Planned days of one kind of visit, and the days on which each may take place.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// Planned days after time zero, ascending.
    pub planned: Vec<f64>,
    /// Days on which each may take place, ascending.
    places: Vec<Vec<f64>>,
}

/// A visit that took place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// Number of the planned visit.
    pub number: usize,
    /// Day on which the patient came.
    pub day: f64,
}

impl Calendar {
    /// Visits planned on these days; none before `first` or after `last`.
    pub fn of(planned: &[f64], window_days: f64, first: f64, last: f64) -> Calendar {
        let mut days: Vec<f64> = planned.iter().copied().filter(|day| *day > first && *day <= last).collect();
        days.sort_by(f64::total_cmp);
        days.dedup();
        let places = (0..days.len()).map(|visit| {
            // On the day of entry everyone is there.
            if days[visit] <= 0.0 {
                return vec![days[visit]];
            }
            let before = if visit == 0 { first } else { days[visit - 1] };
            let after = days.get(visit + 1).copied().unwrap_or(f64::INFINITY);
            let gap = (days[visit] - before).min(after - days[visit]);
            let window = window_days.min(MOST_OF_GAP * gap);
            let mut places: Vec<f64> = PLACES.iter().map(|place| days[visit] + place * window).collect();
            places.retain(|day| *day > first && *day <= last);
            places.dedup();
            places
        });
        Calendar { places: places.collect(), planned: days }
    }

    /// Every day on which somebody may come, ascending.
    pub fn days(&self) -> Vec<f64> {
        self.places.concat()
    }

    /// The visits of one patient. The same planned day has the same fate for every kind of visit and in every arm.
    pub fn visits(&self, seed: Seed, patient: u64, missed: f64) -> Vec<Visit> {
        let (skip, place) =
            (seed.stream(patient, "design:missed_visit"), seed.stream(patient, "design:visit_day"));
        let come = |number: usize| {
            let index = (1024.0 * self.planned[number]).round() as u64;
            let places = &self.places[number];
            let day = places[place.below(index, places.len())];
            let comes = self.planned[number] <= 0.0 || skip.uniform(index) >= missed;
            comes.then_some(Visit { number, day })
        };
        (0..self.planned.len()).filter_map(come).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_lie_in_their_windows_and_some_are_missed() {
        let calendar = Calendar::of(&[0.0, 84.0, 168.0, 172.0, 400.0], 7.0, 0.0, 336.0);
        assert_eq!(calendar.planned, [84.0, 168.0, 172.0]);
        let days = calendar.days();
        assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "windows do not meet: {days:?}");
        let all: Vec<Visit> = (0..2000).flat_map(|p| calendar.visits(Seed(1), p, 0.2)).collect();
        let share = all.len() as f64 / 6000.0;
        // The standard error is 0.005.
        assert!((share - 0.8).abs() < 0.025, "{share}");
        assert!(all.iter().all(|visit| (visit.day - calendar.planned[visit.number]).abs() <= 7.0));
        assert!(all.iter().any(|visit| visit.day == 77.0) && all.iter().any(|visit| visit.day == 91.0));
        assert_eq!(calendar.visits(Seed(1), 5, 0.0).len(), 3);
        let plain = Calendar::of(&[84.0], 0.0, 0.0, 336.0);
        assert_eq!(plain.visits(Seed(1), 5, 0.0), [Visit { number: 0, day: 84.0 }]);
    }
}
