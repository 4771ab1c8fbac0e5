//! A dose as the event table orders it, with its further doses and its steady state.

/// What is given at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given {
    /// All at once.
    Bolus {
        /// Amount, bioavailability included.
        amount: f64,
    },
    /// At a constant rate.
    Infusion {
        /// Amount per time, > 0.
        rate: f64,
        /// How long, > 0, bioavailability included.
        duration: f64,
    },
    /// At a constant rate for ever until the record, which ends it; only in steady state.
    Constant {
        /// Amount per time, > 0.
        rate: f64,
    },
}

/// What the steady state of a dose does to what there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steady {
    /// There is none.
    No,
    /// SS = 1: it replaces all states; earlier infusions end, earlier doses still to come do not come.
    Replace,
    /// SS = 2: it is added to the states.
    Add,
}

/// One row that gives something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// State that receives it.
    pub state: u32,
    /// What.
    pub given: Given,
    /// Time between doses (II), 0 or more.
    pub interval: f64,
    /// Further doses (ADDL).
    pub additional: u64,
    /// Time from the row to the arrival, 0 or more.
    pub lag: f64,
    /// Steady state.
    pub steady: Steady,
}

/// Infusions of one interval of a dose repeated for ever.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Overlap {
    /// Infusions of earlier doses that run through the whole interval.
    pub whole: u64,
    /// How long the rest of the oldest one runs in it; 0 if none.
    pub rest: f64,
}

impl Overlap {
    /// duration = whole · interval + rest, 0 ≤ rest < interval.
    ///
    /// A rest below 10⁻⁹ of the interval is rounding of the amount over the rate.
    pub fn of(duration: f64, interval: f64) -> Overlap {
        let whole = (duration / interval + 1e-9).floor();
        let rest = duration - whole * interval;
        Overlap { whole: whole as u64, rest: if rest < 1e-9 * interval { 0.0 } else { rest } }
    }

    /// Infusions that run just after a dose arrives.
    pub fn at_arrival(&self) -> u64 {
        self.whole + u64::from(self.rest > 0.0)
    }
}
