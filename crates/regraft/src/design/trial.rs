//! One simulated trial: patients of the pool enter one after the other, leave, cross over, and are looked at.
//!
//! A trial is a function of its number: patient after patient takes the next draw of the trial's streams, so that a larger
//! trial extends a smaller one, and trials of different sizes share their patients.

use regraft_stats::Stream;
use regraft_trial::trial_file::Test;

use super::analysis::{Of, information, test_of};
use super::pool::Seen;
use super::setting::{Enrolled, Group, Setting};
use crate::outcomes::ending::DAYS_PER_YEAR;

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ended {
    /// Whether a look rejected.
    pub rejected: bool,
    /// In favor of the treated.
    pub in_favor: bool,
    /// Number of the look at which the trial ended, the final one last.
    pub look: usize,
    /// Calendar days from the first entry to that look.
    pub days: f64,
    /// Calendar days to the last entry, or to that look.
    pub enrollment_days: f64,
    /// Patients who had entered.
    pub enrolled: usize,
    /// Information at that look: events, or patients who completed.
    pub information: f64,
    /// Whether the test gave no number at the look at which the trial ended.
    pub without_number: bool,
}

/// Shuffles the rows of a group of patients so far as a trial needs them, and puts them back.
pub struct Deck {
    rows: Vec<u32>,
    swaps: Vec<(usize, usize)>,
}

impl Deck {
    /// The rows that may be drawn.
    pub fn of(rows: Vec<u32>) -> Deck {
        Deck { rows, swaps: Vec::new() }
    }

    /// `n` rows: different ones where there are enough, else with repeats.
    fn draw(&mut self, stream: &Stream, n: usize) -> Vec<usize> {
        let all = self.rows.len();
        if n > all {
            return (0..n as u64).map(|j| self.rows[stream.below(j, all)] as usize).collect();
        }
        for j in 0..n {
            let other = j + stream.below(j as u64, all - j);
            self.rows.swap(j, other);
            self.swaps.push((j, other));
        }
        let drawn = self.rows[..n].iter().map(|row| *row as usize).collect();
        while let Some((a, b)) = self.swaps.pop() {
            self.rows.swap(a, b);
        }
        drawn
    }
}

impl Setting<'_> {
    /// Who enters trial number `number` of `n` patients, in the order of entry.
    pub fn enroll(&self, deck: &mut Deck, number: u64, n: usize) -> Vec<Enrolled> {
        let stream = |name: &str| self.seed.stream(number, name);
        let rows = deck.draw(&stream("design:allocation"), n);
        let (accrual, drop_out) = (stream("design:accrual"), stream("design:drop_out"));
        let cross_over = stream("design:cross_over");
        let plan = self.plan;
        let wait = |stream: &Stream, j: u64, per_year: f64| {
            if per_year > 0.0 { stream.exponential(j) * DAYS_PER_YEAR / per_year } else { f64::INFINITY }
        };
        let mut entry = 0.0;
        let enter = |(j, row): (usize, usize)| {
            if j > 0 {
                entry += wait(&accrual, j as u64, plan.patients_per_year);
            }
            let group = group_of(plan.allocation, j);
            let leaves = wait(&drop_out, j as u64, plan.drop_out_per_year);
            let may_cross = group == Group::Control && !self.identical;
            let hazard = if may_cross { plan.cross_over_per_year } else { 0.0 };
            let crosses = plan.cross_over_from_day + wait(&cross_over, j as u64, hazard);
            Enrolled { row, group, entry, leaves, crosses }
        };
        rows.into_iter().enumerate().map(enter).collect()
    }

    /// Runs one trial of `n` patients; `planned` is the information that is expected at its end, `moved` what is added
    /// to the statistic there; at a look it is as much less as the root of the information is.
    pub fn run(&self, deck: &mut Deck, number: u64, n: usize, planned: f64, moved: f64) -> Ended {
        let patients = self.enroll(deck, number, n);
        let last_entry = patients.last().map_or(0.0, |patient| patient.entry);
        let close = last_entry + self.plan.follow_up_days;
        let deals = self.seed.stream(number, "design:permutation");
        let of = Of::Trial(&deals);
        let moments = self.moments(&patients, close);
        let mut looks = Vec::new();
        for (look, share) in self.plan.looks.iter().enumerate() {
            let wanted = (share * planned).ceil().max(1.0) as usize;
            let now = moments.get(wanted - 1).copied().filter(|now| *now < close);
            looks.extend(now.map(|now| (look, now)));
        }
        for (look, now) in looks {
            let z = test_of(self, &patients, now, false, of) + moved * self.plan.looks[look].sqrt();
            if self.bounds.rejects_early(look, z) {
                let information = self.plan.looks[look] * planned;
                return self.ended(&patients, look, now, z, information, true);
            }
        }
        let found = information(self, &patients, close);
        let z = test_of(self, &patients, close, true, of) + moved * (found / planned.max(1.0)).sqrt();
        let rejected = self.bounds.rejects_finally(z, planned / found);
        self.ended(&patients, self.plan.looks.len(), close, z, found, rejected)
    }

    fn ended(
        &self,
        patients: &[Enrolled],
        look: usize,
        now: f64,
        z: f64,
        information: f64,
        rejected: bool,
    ) -> Ended {
        let enrolled = patients.partition_point(|patient| patient.entry <= now);
        let last_entry = patients.last().map_or(0.0, |patient| patient.entry);
        Ended {
            rejected,
            in_favor: rejected && z > 0.0,
            look,
            days: now,
            enrollment_days: last_entry.min(now),
            enrolled,
            information,
            without_number: z.is_nan(),
        }
    }

    /// Calendar days on which information comes in, ascending: an event is established, or a patient completes.
    fn moments(&self, patients: &[Enrolled], close: f64) -> Vec<f64> {
        if self.plan.looks.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<f64> = patients.iter().filter_map(|patient| self.moment(patient, close)).collect();
        found.sort_by(f64::total_cmp);
        found
    }

    fn moment(&self, patient: &Enrolled, close: f64) -> Option<f64> {
        let arm = &self.pool.arms[self.side(patient)];
        let last = self.last_day(patient, close);
        let counts_events = matches!(self.plan.test, Test::LogRank | Test::Cox | Test::FineGray);
        if let (true, Seen::Times(times)) = (counts_events, &arm.seen) {
            let found = times[patient.row].filter(|found| found.status == 1)?;
            let day = arm.zero + found.known;
            return (day <= last).then_some(patient.entry + day);
        }
        if self.plan.test == Test::Mmrm {
            return self.last_value(patient).filter(|day| *day <= last).map(|day| patient.entry + day);
        }
        let day = match &arm.seen {
            Seen::Counts(counts) => arm.zero + counts[patient.row].as_ref()?.to,
            _ => arm.zero + self.plan.at_day.unwrap_or(self.plan.follow_up_days),
        };
        Some(patient.entry + day.min(patient.leaves))
    }
}

/// Group of the patient who enters as number `j`: the treated are spread evenly over a block.
pub fn group_of((treated, control): (u32, u32), j: usize) -> Group {
    let (treated, block) = (treated as usize, (treated + control) as usize);
    if (j + 1) * treated / block > j * treated / block { Group::Treated } else { Group::Control }
}
