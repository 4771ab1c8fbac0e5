//! What an endpoint waits for, by index.

use regraft_trial::endpoint::{After, Baseline, Side, Toward};

/// Where a series of values is found in [`Observed`](super::Observed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesOf {
    /// A measured laboratory value.
    Lab(usize),
    /// A score as read at visits.
    Score(usize),
    /// A quantity of the model, without error.
    Other(usize),
}

/// What happens, by index.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// See [`regraft_trial::endpoint::EventKind::ScoreChange`].
    ScoreChange {
        /// Index of the score.
        score: usize,
        /// Whether higher is worse on this score.
        higher_is_worse: bool,
        /// Worse or better.
        toward: Toward,
        /// Step, > 0.
        by: f64,
        /// (baseline, step from that baseline on).
        high: Option<(f64, f64)>,
        /// Days to the confirming visit.
        confirmed_after_days: Option<f64>,
        /// With what it is compared.
        baseline: Baseline,
    },
    /// An event of the program.
    ModelEvent(u32),
    /// New items at an imaging visit.
    NewCount {
        /// Index of the count.
        count: usize,
        /// At least so many.
        at_least: u64,
        /// Each item is an event.
        each: bool,
    },
    /// A value beyond a threshold.
    Threshold {
        /// Which value.
        of: SeriesOf,
        /// Above or below.
        side: Side,
        /// The threshold.
        value: f64,
        /// Days on end.
        for_days: f64,
        /// From when on.
        after: After,
    },
    /// Death.
    Death {
        /// Within so many days of the clock.
        within_days: Option<f64>,
    },
    /// One of these rules of the arm acted.
    Decision(Vec<u32>),
    /// All parts hold at one visit.
    All {
        /// The parts.
        of: Vec<Part>,
        /// Days on end.
        for_days: f64,
    },
    /// No graft.
    NoGraft,
    /// Something that the arm does not know: no graft where none is planned.
    Never,
}

/// A part of [`What::All`].
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// It holds from this day of the clock on.
    pub earliest_day: f64,
    /// What must hold or have happened.
    pub what: What,
    /// It must not have happened.
    pub absent: bool,
}

impl Part {
    /// Whether it speaks of a score.
    pub(crate) fn is_read_at_score_visits(&self) -> bool {
        matches!(self.what, What::ScoreChange { .. } | What::Threshold { of: SeriesOf::Score(_), .. })
    }
}
