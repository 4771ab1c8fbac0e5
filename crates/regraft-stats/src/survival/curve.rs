//! A right-continuous step function over time with its interval.

/// What the estimate of a [`Curve`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurveKind {
    /// Probability of no event so far; starts at 1 and falls.
    Survival,
    /// Probability of the event so far; starts at 0 and rises.
    Incidence,
}

/// An estimated probability over time: constant from each time up to the next.
///
/// All vectors have one element per time. The first time is 0; the others are the times of the events.
/// Empty where there was no data.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What is estimated.
    pub kind: CurveKind,
    /// Level of the pointwise intervals, in (0, 1).
    pub level: f64,
    /// 0 and the times of events, ascending, in the unit of the data.
    pub times: Vec<f64>,
    /// Probability in [0, 1] from this time on.
    pub estimate: Vec<f64>,
    /// Lower end of the pointwise interval. Where the estimate is its starting value (no event so far) it
    /// is that value; where nobody is left without event it is NaN, as in R.
    pub low: Vec<f64>,
    /// Upper end, likewise.
    pub high: Vec<f64>,
    /// Standard error of the estimate.
    pub standard_error: Vec<f64>,
    /// Patients followed just before this time.
    pub at_risk: Vec<usize>,
    /// Events of interest at this time.
    pub events: Vec<usize>,
    /// Last time for which the curve is known; +∞ if nobody is left without event.
    pub end: f64,
}

/// A curve's value at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Probability.
    pub estimate: f64,
    /// Lower end of the interval; see [`Curve::low`].
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Point {
    /// The interval; `None` where the transformed variance says nothing: no event so far, or nobody left
    /// without.
    pub fn interval(&self) -> Option<(f64, f64)> {
        (0.0 < self.estimate && self.estimate < 1.0).then_some((self.low, self.high))
    }
}

impl Curve {
    /// The value at `time`; `None` before 0, after [`end`](Self::end), or without data.
    pub fn at(&self, time: f64) -> Option<Point> {
        let step = self.step_at(time)?;
        Some(Point { estimate: self.estimate[step], low: self.low[step], high: self.high[step] })
    }

    /// Index of the step that holds at `time`.
    fn step_at(&self, time: f64) -> Option<usize> {
        let known = time >= 0.0 && time <= self.end;
        if known { self.times.partition_point(|start| *start <= time).checked_sub(1) } else { None }
    }

    /// Without data: no step.
    pub(super) fn empty(kind: CurveKind, level: f64, end: f64) -> Curve {
        Curve {
            kind,
            level,
            times: Vec::new(),
            estimate: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            standard_error: Vec::new(),
            at_risk: Vec::new(),
            events: Vec::new(),
            end,
        }
    }

    /// Appends a step; the interval is given by `interval`.
    pub(super) fn push(
        &mut self,
        time: f64,
        counts: (usize, usize),
        estimate: f64,
        standard_error: f64,
        z: f64,
    ) {
        let (low, high) = match self.kind {
            CurveKind::Survival => log_log_interval(estimate, standard_error, z),
            CurveKind::Incidence => {
                let (low, high) = log_log_interval(1.0 - estimate, standard_error, z);
                (1.0 - high, 1.0 - low)
            }
        };
        self.times.push(time);
        self.estimate.push(estimate);
        self.low.push(low);
        self.high.push(high);
        self.standard_error.push(standard_error);
        self.at_risk.push(counts.0);
        self.events.push(counts.1);
    }
}

/// S^exp(± z σ), σ = se / (S |ln S|) the standard error of ln(−ln S) [KalbfleischPrentice2002, 1.4].
///
/// As R's `conf.type = "log-log"`: (1, 1) at S = 1, NaN at S = 0.
fn log_log_interval(survival: f64, standard_error: f64, z: f64) -> (f64, f64) {
    if survival >= 1.0 {
        return (1.0, 1.0);
    }
    if survival <= 0.0 {
        return (f64::NAN, f64::NAN);
    }
    let hazard = -crate::math::ln(survival);
    let factor = crate::math::exp(z * standard_error / (survival * hazard));
    (crate::math::exp(-hazard * factor), crate::math::exp(-hazard / factor))
}
