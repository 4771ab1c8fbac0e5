//! Who watches the parts of an ensemble.

use std::sync::atomic::{AtomicBool, Ordering};

use regraft_sim::Watch;

/// Passes on whether to give up, and nothing else: what runs is no patient of the table, or not for the last
/// time.
pub(in crate::ensemble) struct OnlyCancel<'a>(pub &'a dyn Watch);

impl Watch for OnlyCancel<'_> {
    fn patients_done(&self, _n: usize) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Gives up also when another part has failed.
pub(super) struct Stoppable<'a> {
    pub watch: &'a dyn Watch,
    pub stop: AtomicBool,
}

impl Watch for Stoppable<'_> {
    fn patients_done(&self, n: usize) {
        self.watch.patients_done(n);
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.watch.cancelled()
    }
}
