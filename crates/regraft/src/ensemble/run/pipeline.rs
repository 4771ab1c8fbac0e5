//! Blocks side by side, handed on in order.
//!
//! Each thread simulates a block of its own and waits with it until those before have been handed on, so
//! that no more blocks are held than there are threads, and two.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, PoisonError};

use regraft_sim::{Outputs, Watch};

use super::block::Runner;
use super::watch::Stoppable;
use crate::ensemble::steady::add;

use super::{Ensemble, EnsembleError, Request, Sink, Tally};

/// Values held in a block; chosen: 16 MB.
const VALUES_PER_BLOCK: usize = 1 << 21;
/// Most patients in a block; chosen: enough for all lanes.
const PATIENTS_PER_BLOCK: usize = 1 << 12;

pub(super) fn run(
    ensemble: &Ensemble,
    outputs: &Outputs,
    request: &Request,
    sink: &mut dyn Sink,
    watch: &dyn Watch,
) -> Result<Tally, EnsembleError> {
    let n = ensemble.patients.patients.n_patients();
    let per_patient = (outputs.times.len() * outputs.observables.len()).max(1);
    let size = (VALUES_PER_BLOCK / per_patient).clamp(1, PATIENTS_PER_BLOCK);
    let n_blocks = n.div_ceil(size);
    // One block alone is simulated by all threads, many by one each.
    let n_threads = request.n_threads();
    let (workers, threads_each) = if n_blocks > 1 { (n_threads.min(n_blocks), 1) } else { (1, n_threads) };
    let watch = Stoppable { watch, stop: AtomicBool::new(false) };
    let runner = Runner::new(ensemble, outputs, request, &watch, threads_each);
    let (next, turn) = (AtomicUsize::new(0), Turn::default());
    let mut tally = Tally { n_patients: n, ..Tally::default() };
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(1);
        for _ in 0..workers {
            let (send, next, turn, runner) = (send.clone(), &next, &turn, &runner);
            scope.spawn(move || {
                let _open = OpenOnPanic(turn);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= n_blocks {
                        return;
                    }
                    let block = runner.run(index * size..n.min((index + 1) * size));
                    turn.wait(index);
                    // If nobody receives it, the others have to be let through all the same.
                    let received = send.send(block).is_ok();
                    turn.pass();
                    if !received {
                        return;
                    }
                }
            });
        }
        drop(send);
        for block in receive {
            let taken = block.and_then(|block| {
                tally.n_failed += block.failed.len();
                add(&mut tally.counters, &block.counters);
                Ok(sink.block(&block)?)
            });
            if taken.is_err() {
                watch.stop.store(true, Ordering::Relaxed);
                return taken;
            }
        }
        Ok(())
    })?;
    Ok(tally)
}

/// Whose turn it is to hand on a block.
#[derive(Default)]
struct Turn {
    /// The next index, and whether order no longer matters.
    state: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Turn {
    fn wait(&self, index: usize) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = self.changed.wait_while(state, |(next, open)| *next != index && !*open);
        drop(passed.unwrap_or_else(PoisonError::into_inner));
    }

    fn pass(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 += 1;
        self.changed.notify_all();
    }
}

/// Lets everybody through if a thread panics, so that the panic is seen and nobody waits for ever.
struct OpenOnPanic<'a>(&'a Turn);

impl Drop for OpenOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
            self.0.changed.notify_all();
        }
    }
}
