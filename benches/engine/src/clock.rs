//! Clocks: processor time of this thread and of the process, and time on the wall.

use std::time::Instant;

/// Seconds spent by a piece of work.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Processor time of the calling thread, s. Other programs on the machine do not count.
    pub thread: f64,
    /// Processor time of all threads, s.
    pub process: f64,
    /// Time on the wall, s.
    pub wall: f64,
}

/// Does the work and says what it took.
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (thread, process) = (read(libc::CLOCK_THREAD_CPUTIME_ID), read(libc::CLOCK_PROCESS_CPUTIME_ID));
    let wall = Instant::now();
    let done = work();
    let spent = Spent {
        thread: read(libc::CLOCK_THREAD_CPUTIME_ID) - thread,
        process: read(libc::CLOCK_PROCESS_CPUTIME_ID) - process,
        wall: wall.elapsed().as_secs_f64(),
    };
    (done, spent)
}

/// A clock of the system, s.
fn read(clock: libc::clockid_t) -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the answer.
    let answer = unsafe { libc::clock_gettime(clock, &mut time) };
    assert_eq!(answer, 0, "the system has this clock");
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}
