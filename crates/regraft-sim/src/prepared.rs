//! Compiled programs, the last few kept: a cohort is simulated in many calls, all of one program.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use regraft_model::{Found, Program};
use regraft_tape::Engine;

use crate::error::SimError;
use crate::kernel::{Known, Routines, Tapes};
use crate::switches::{Switch, foresee};
use crate::uniform::{self, Foreseen, Uniform, shared};

/// A program, compiled for what is asked for.
pub(crate) struct Prepared {
    pub tapes: Tapes,
    /// What jumps in the rates at times known beforehand.
    pub switches: Vec<Switch>,
    /// States that may receive infusions.
    pub infused: Vec<u32>,
    routines: Mutex<Recent<Cohort, Routines>>,
}

/// What a program is compiled for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// What is written down.
    pub outputs: Vec<Found>,
    /// States that may receive infusions.
    pub infused: Vec<u32>,
}

/// What the routines of a step are made for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cohort {
    /// Lanes of an engine.
    pub width: usize,
    /// How the arithmetic is carried out.
    pub engine: Engine,
    /// What is the same in all patients.
    pub uniform: Uniform,
    /// What is the same in all patients, whoever they are.
    pub foreseen: Foreseen,
}

impl Prepared {
    fn new(program: &Program, wanted: &Wanted) -> Result<Prepared, SimError> {
        let foreseen = foresee(program);
        let compiled = foreseen.as_ref().map_or(program, |foreseen| &foreseen.program);
        Ok(Prepared {
            tapes: Tapes::new(compiled, &wanted.outputs, Some(&wanted.infused))?,
            switches: foreseen.map_or(Vec::new(), |foreseen| foreseen.switches),
            infused: wanted.infused.clone(),
            routines: Mutex::new(Recent::new()),
        })
    }

    /// The routines of a step for a cohort, made now or not long ago.
    pub fn routines(&self, cohort: Cohort) -> Arc<Routines> {
        if let Some(known) = lock(&self.routines).find(|other| *other == cohort) {
            return known;
        }
        let shared = shared(&self.tapes, &cohort.uniform);
        let foreseen = &cohort.foreseen;
        // Often the same, and then found once.
        let slots = match cohort.uniform == foreseen.parameters {
            true => shared.numbers.clone(),
            false => uniform::shared(&self.tapes, &foreseen.parameters).numbers,
        };
        let known = Known { still: &foreseen.still, slots: &slots };
        let routines = Routines::new(&self.tapes, cohort.width, cohort.engine, known, shared);
        lock(&self.routines).keep(cohort, routines)
    }
}

static PROGRAMS: Mutex<Recent<(Program, Wanted), Prepared>> = Mutex::new(Recent::new());

/// A program, compiled now or not long ago. Whether it was kept moves no bit of a result.
///
/// # Errors
/// [`SimError::DrawInFlow`].
pub(crate) fn prepared(program: &Program, wanted: Wanted) -> Result<Arc<Prepared>, SimError> {
    if let Some(known) = lock(&PROGRAMS).find(|(other, for_what)| *for_what == wanted && other == program) {
        return Ok(known);
    }
    // Compiled outside the lock: others need not wait, and at worst two do the same.
    let prepared = Prepared::new(program, &wanted)?;
    Ok(lock(&PROGRAMS).keep((program.clone(), wanted), prepared))
}

/// The last few of something that takes time to make.
struct Recent<K, V>(VecDeque<(K, Arc<V>)>);

/// How many are kept; a study needs one each for screening, the burn-in and every arm.
const MOST_KEPT: usize = 16;

impl<K, V> Recent<K, V> {
    const fn new() -> Self {
        Recent(VecDeque::new())
    }

    fn find(&self, is_wanted: impl Fn(&K) -> bool) -> Option<Arc<V>> {
        self.0.iter().find(|(key, _)| is_wanted(key)).map(|(_, value)| value.clone())
    }

    fn keep(&mut self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        self.0.truncate(MOST_KEPT - 1);
        self.0.push_front((key, value.clone()));
        value
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
