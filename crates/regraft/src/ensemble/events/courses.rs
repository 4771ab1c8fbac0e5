//! The events of patients as a table names them, row by row; equal lists are kept once.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Events, Record, What};
use crate::ensemble::dose::Given;

/// Where a patient's rows have led so far.
#[derive(Debug, Clone, Copy)]
struct Place {
    list: u32,
    /// Time of the last row.
    last: f64,
}

/// Lists of events under way.
#[derive(Debug)]
pub(super) struct Courses {
    lists: Vec<Vec<Record>>,
    /// The latest list of each hash; looked up only.
    known: HashMap<u64, u32>,
    places: BTreeMap<u64, Place>,
    order: Vec<u64>,
    /// Whose rows are being read, where the table names patients.
    patient: Option<u64>,
    /// Events of the rows being read, and the time of the last.
    now: Vec<Record>,
    last: Option<f64>,
}

impl Default for Courses {
    fn default() -> Courses {
        let known = HashMap::from([(hash(&[]), 0)]);
        let (places, order) = (BTreeMap::new(), Vec::new());
        Courses { lists: vec![Vec::new()], known, places, order, patient: None, now: Vec::new(), last: None }
    }
}

impl Courses {
    /// From now on rows are those of `patient`, behind those read before.
    pub fn turn_to(&mut self, patient: u64) {
        if self.patient == Some(patient) {
            return;
        }
        self.put_away();
        self.patient = Some(patient);
        match self.places.get(&patient) {
            Some(place) => {
                self.now.clone_from(&self.lists[place.list as usize]);
                self.last = Some(place.last);
            }
            None => {
                self.order.push(patient);
                self.last = None;
            }
        }
    }

    /// Adds an event to those of the present patient.
    pub fn add(&mut self, record: Record) {
        self.now.push(record);
    }

    /// The time of the present patient's last row, if there was one; `time` takes its place.
    pub fn last_time(&mut self, time: f64) -> Option<f64> {
        self.last.replace(time)
    }

    /// All events; those of every patient where the table has no ID.
    pub fn finish(mut self, has_id: bool) -> Events {
        if !has_id {
            return Events::shared(self.now);
        }
        self.put_away();
        let own = self.places.into_iter().map(|(patient, place)| (patient, place.list)).collect();
        Events { shared: false, lists: self.lists, own, order: self.order }
    }

    fn put_away(&mut self) {
        let Some(patient) = self.patient.take() else { return };
        let records = std::mem::take(&mut self.now);
        let list = self.list(records);
        self.places.insert(patient, Place { list, last: self.last.unwrap_or(0.0) });
    }

    /// Number of the list that holds exactly these events.
    fn list(&mut self, records: Vec<Record>) -> u32 {
        let hash = hash(&records);
        if let Some(&list) = self.known.get(&hash).filter(|list| self.lists[**list as usize] == records) {
            return list;
        }
        let list = self.lists.len() as u32;
        self.known.insert(hash, list);
        self.lists.push(records);
        list
    }
}

/// A hash of what most often differs between lists of events: times and sizes.
fn hash(records: &[Record]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for record in records {
        record.time.to_bits().hash(&mut hasher);
        if let What::Dose(dose) | What::ResetAndDose(dose) = &record.what {
            dose.state.hash(&mut hasher);
            let (size, duration) = match dose.given {
                Given::Bolus { amount } => (amount, 0.0),
                Given::Infusion { rate, duration } => (rate, duration),
                Given::Constant { rate } => (rate, f64::INFINITY),
            };
            (size.to_bits(), duration.to_bits()).hash(&mut hasher);
        }
    }
    hasher.finish()
}
