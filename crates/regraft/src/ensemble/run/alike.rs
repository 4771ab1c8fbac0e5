//! Patients who can be simulated as one: the same events, or the same but for the amounts.
//!
//! Doses by weight differ in every patient. Where nothing else differs the amounts become factors of the
//! patients, and all share one plan.

use std::collections::BTreeMap;
use std::ops::Range;

use regraft_sim::{Action, Amount, Dose as Order, Patients};

use super::Ensemble;
use crate::ensemble::course::Course;
use crate::ensemble::sizes::{Doses, doses};

/// Some rows of the table with one course.
pub(super) struct Alike {
    pub rows: Vec<usize>,
    /// The course of all, with the amounts as factors where they differ.
    pub course: Course,
    /// What decides on tolerances.
    pub doses: Doses,
    /// Amounts of the orders, `[row, order]`; empty if the course has them.
    amounts: Vec<f64>,
}

/// Most orders whose amounts may be factors; chosen: some megabytes for a block of patients.
const MOST_ORDERS: usize = 256;

/// What patients who share a plan have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Common {
    /// All events.
    List(u32),
    /// All but the amounts: time, state, kind and duration of each order, as bits.
    AllButAmounts(Vec<[u64; 3]>, Doses),
}

impl Alike {
    /// The patients of some rows, by what they have in common; groups in the order of their first rows.
    pub fn groups(ensemble: &Ensemble, rows: Range<usize>, end: f64) -> Vec<Alike> {
        let Ensemble { patients, events, .. } = ensemble;
        let mut of_list: BTreeMap<u32, (usize, Vec<f64>)> = BTreeMap::new();
        let mut places: BTreeMap<Common, usize> = BTreeMap::new();
        let mut groups: Vec<Alike> = Vec::new();
        for row in rows {
            let list = events.list_of(patients.patients.numbers[row]);
            let (place, amounts) = of_list.entry(list).or_insert_with(|| {
                let course = Course::new(events.list(list), end);
                let amounts = course.stretches[0].orders.iter().filter_map(amount).collect();
                let place = *places.entry(Common::of(list, &course)).or_insert(groups.len());
                if place == groups.len() {
                    groups.push(Alike {
                        rows: Vec::new(),
                        doses: doses(&course.whole),
                        course,
                        amounts: Vec::new(),
                    });
                }
                (place, amounts)
            });
            groups[*place].rows.push(row);
            groups[*place].amounts.extend_from_slice(amounts);
        }
        groups.iter_mut().for_each(Alike::settle);
        groups
    }

    /// Amounts that are those of the course for everybody are no factors; others are taken out of the course.
    fn settle(&mut self) {
        let orders = &mut self.course.stretches[0].orders;
        let own: Vec<f64> = orders.iter().filter_map(amount).collect();
        if own.is_empty() || self.amounts.chunks_exact(own.len()).all(|amounts| amounts == own) {
            self.amounts = Vec::new();
            return;
        }
        for (factor, order) in orders.iter_mut().enumerate() {
            if let Action::Add { amount, .. } | Action::Infuse { amount, .. } = &mut order.action {
                *amount = Amount { factor: Some(factor as u32), ..Amount::fixed(1.0) };
            }
        }
    }

    /// The patients, with their amounts.
    pub fn patients(&self, table: &Patients) -> Patients {
        let mut patients = table.select(&self.rows);
        patients.n_factors = self.amounts.len() / self.rows.len().max(1);
        patients.factors.clone_from(&self.amounts);
        patients
    }
}

impl Common {
    fn of(list: u32, course: &Course) -> Common {
        let orders = &course.stretches[0].orders;
        if course.stretches.len() > 1 || orders.len() > MOST_ORDERS {
            return Common::List(list);
        }
        Common::AllButAmounts(orders.iter().map(shape).collect(), doses(&course.whole))
    }
}

/// The amount of an order; a course has no others.
fn amount(order: &Order) -> Option<f64> {
    match order.action {
        Action::Add { amount, .. } | Action::Infuse { amount, .. } => Some(amount.value),
        Action::Set { .. } | Action::Scale { .. } | Action::SetBetween { .. } | Action::Stop => None,
    }
}

/// An order without its amount.
fn shape(order: &Order) -> [u64; 3] {
    match order.action {
        Action::Add { state, .. } => [order.time.to_bits(), u64::from(state), 0],
        Action::Infuse { state, duration_days, .. } => {
            [order.time.to_bits(), u64::from(state), duration_days.to_bits()]
        }
        Action::Set { .. } | Action::Scale { .. } | Action::SetBetween { .. } | Action::Stop => {
            [order.time.to_bits(), u64::MAX, 0]
        }
    }
}
