//! Processor time of this thread.

/// Does the work; seconds of this thread, and what it gave.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let before = now();
    let done = work();
    (now() - before, done)
}

fn now() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the answer.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(answer, 0, "the system has this clock");
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}
