//! Numbers in, numbers out: draws, estimates, intervals, survival.
