//! Patients written by hand, for tests.

use super::Observed;

impl Observed {
    /// A patient of whom nothing is known but the last day of observation.
    pub(crate) fn quiet(end: f64) -> Observed {
        Observed {
            patient: 0,
            failed: false,
            end,
            died: None,
            grafted: false,
            events: Vec::new(),
            acted: Vec::new(),
            scores: Vec::new(),
            counts: Vec::new(),
            labs: Vec::new(),
            others: Vec::new(),
        }
    }

    /// The patient's only score, visit by visit, the entry first.
    pub(crate) fn with_score(mut self, values: &[f64]) -> Observed {
        self.scores = vec![values.to_vec()];
        self
    }

    /// The patient's only count, visit by visit, the entry first.
    pub(crate) fn with_count(mut self, new: &[u64]) -> Observed {
        self.counts = vec![new.to_vec()];
        self
    }

    /// The patient's only laboratory value, day by day, the entry first.
    pub(crate) fn with_lab(mut self, values: &[f64]) -> Observed {
        self.labs = vec![values.to_vec()];
        self
    }

    /// The patient's only value without error, day by day, the entry first.
    pub(crate) fn with_other(mut self, values: &[f64]) -> Observed {
        self.others = vec![values.to_vec()];
        self
    }

    /// The patient dies on `day`.
    pub(crate) fn dying(mut self, day: f64) -> Observed {
        self.end = day;
        self.died = Some(day);
        self
    }
}
