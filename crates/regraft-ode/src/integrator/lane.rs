//! What is known of one lane besides its state.

use crate::outcome::Counters;

/// Where a lane stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// At rest.
    #[default]
    Idle,
    /// Started or restarted: signs of roots and the first step are still to be found.
    Fresh,
    /// In the middle of a smooth stretch.
    Running,
}

/// The step for which dense output holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dense {
    /// Its start.
    pub from: f64,
    /// Its length before it was cut at a root.
    pub h: f64,
    /// Its end.
    pub to: f64,
    /// The share of `h` at `to`: 1 unless cut.
    pub share: f64,
}

impl Dense {
    /// The share of the step at time `t`, exactly that of the state at the end.
    pub fn theta(&self, t: f64) -> f64 {
        if t == self.to { self.share } else { (t - self.from) / self.h }
    }
}

/// The attempt of the present `advance`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Attempt {
    pub h: f64,
    pub to: f64,
    /// Whether `to` is the stop.
    pub stops: bool,
}

/// Control of one lane.
#[derive(Debug, Clone, Default)]
pub(super) struct Lane {
    pub phase: Phase,
    pub stop: f64,
    /// Step proposed next, stops not regarded.
    pub h: f64,
    pub hint: Option<f64>,
    /// Whether the attempt before was rejected.
    pub after_rejection: bool,
    /// Halvings in a row.
    pub halvings: u32,
    /// Whether later stages see 0 in place of negative traces: since one of them gave no number.
    pub hides_traces: bool,
    pub attempt: Option<Attempt>,
    pub dense: Option<Dense>,
    pub counters: Counters,
}

impl Lane {
    pub fn start(&mut self, stop: f64, hint: Option<f64>) {
        self.stop = stop;
        self.h = 0.0;
        self.counters = Counters::default();
        self.dense = None;
        self.hides_traces = false;
        self.phase = Phase::Fresh;
        self.restart(hint);
    }

    /// A lane at rest stays at rest.
    pub fn restart(&mut self, hint: Option<f64>) {
        if self.phase == Phase::Idle {
            return;
        }
        self.phase = Phase::Fresh;
        self.hint = hint.filter(|h| h.is_finite() && *h > 0.0);
        self.after_rejection = false;
        self.halvings = 0;
    }
}
