//! Compiled programs, the last few kept: a cohort is simulated in many calls, all of one program.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use regraft_model::{Found, Program};
use regraft_tape::Engine;

use crate::error::SimError;
use crate::setting::Prepared;

/// What a program is compiled for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// What is written down.
    pub outputs: Vec<Found>,
    /// States that may receive infusions.
    pub infused: Vec<u32>,
    /// Lanes of an engine.
    pub width: usize,
    /// How the arithmetic is carried out.
    pub engine: Engine,
}

struct Kept {
    program: Program,
    wanted: Wanted,
    prepared: Arc<Prepared>,
}

/// Compiled programs that are kept; a study needs one for screening, one for the burn-in and one per arm.
const MOST_KEPT: usize = 16;

static KEPT: Mutex<VecDeque<Kept>> = Mutex::new(VecDeque::new());

/// A program, compiled now or not long ago. Whether it was kept moves no bit of a result.
///
/// # Errors
/// As [`Prepared::new`].
pub(crate) fn prepared(program: &Program, wanted: Wanted) -> Result<Arc<Prepared>, SimError> {
    let known = |kept: &Kept| kept.wanted == wanted && kept.program == *program;
    if let Some(kept) = lock().iter().find(|kept| known(kept)) {
        return Ok(kept.prepared.clone());
    }
    // Compiled outside the lock: others need not wait, and at worst two do the same.
    let prepared = Arc::new(Prepared::new(program, &wanted)?);
    let mut all = lock();
    all.truncate(MOST_KEPT - 1);
    all.push_front(Kept { program: program.clone(), wanted, prepared: prepared.clone() });
    Ok(prepared)
}

fn lock() -> std::sync::MutexGuard<'static, VecDeque<Kept>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}
