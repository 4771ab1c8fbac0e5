//! A published number that may be shown, with the interval it may have.

use regraft_stats::wilson;

use super::{OutcomeRow, Reported};

/// How a published value becomes comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// As it is.
    None,
    /// 100 − value, in per cent.
    Complement,
    /// Patients of `n`, in per cent.
    PercentOfN,
}

/// Where an interval comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiKind {
    /// Printed in the source.
    Printed,
    /// Wilson interval made from the number of patients.
    Wilson,
    /// There is none.
    None,
}

impl CiKind {
    /// The word in the results: `printed`, `wilson`, `none`.
    pub fn word(self) -> &'static str {
        match self {
            CiKind::Printed => "printed",
            CiKind::Wilson => "wilson",
            CiKind::None => "none",
        }
    }
}

/// A published number that may be shown, with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Line of the table, from 1.
    pub line: usize,
    /// The trial.
    pub trial_id: String,
    /// The arm.
    pub arm_id: String,
    /// Name of the outcome.
    pub outcome: String,
    /// Its definition.
    pub definition: String,
    /// When, in `time_unit`.
    pub time_value: Option<f64>,
    /// Unit of time.
    pub time_unit: String,
    /// Patients counted.
    pub n: Option<f64>,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Lower end, in `unit`; `None` exactly where `ci_kind` is `None`.
    pub ci_low: Option<f64>,
    /// Upper end.
    pub ci_high: Option<f64>,
    /// Level of the interval, 0 … 1.
    pub ci_level: Option<f64>,
    /// Where the interval comes from.
    pub ci_kind: CiKind,
    /// Identifiers of the source.
    pub source: String,
    /// Remarks.
    pub note: String,
}

pub(super) fn publish(row: &OutcomeRow, wilson_level: f64) -> Published {
    let OutcomeRow { reported: row, source, .. } = row;
    let value = row.value.expect("only rows with a number are usable");
    let (ci_kind, interval) = match printed(row).map(|i| (CiKind::Printed, i)) {
        Some(found) => (found.0, Some(found.1)),
        None => match wilson_of(value, &row.unit, row.n, wilson_level) {
            Some((low, high)) => (CiKind::Wilson, Some((low, high, wilson_level))),
            None => (CiKind::None, None),
        },
    };
    Published {
        line: row.line,
        trial_id: row.trial_id.clone(),
        arm_id: row.arm_id.clone(),
        outcome: row.outcome.clone(),
        definition: row.definition.clone(),
        time_value: row.time_value,
        time_unit: row.time_unit.clone(),
        n: row.n,
        value,
        unit: row.unit.clone(),
        ci_low: interval.map(|(low, ..)| low),
        ci_high: interval.map(|(_, high, _)| high),
        ci_level: interval.map(|(.., level)| level),
        ci_kind,
        source: source.clone(),
        note: row.note.clone(),
    }
}

/// The printed interval with its level; `None` for ranges, quartiles, standard errors or half an interval.
fn printed(row: &Reported) -> Option<(f64, f64, f64)> {
    let level: f64 = row.ci_level.parse().ok().filter(|level| (50.0..100.0).contains(level))?;
    Some((row.ci_low?, row.ci_high?, level / 100.0))
}

fn wilson_of(value: f64, unit: &str, n: Option<f64>, level: f64) -> Option<(f64, f64)> {
    let n = n?;
    let (events, scale) = match unit {
        PERCENT => (value / 100.0 * n, 100.0),
        PATIENTS => (value, n),
        _ => return None,
    };
    let (low, high) = wilson(events, n, level);
    (low.is_finite() && high.is_finite()).then_some((low * scale, high * scale))
}

const PERCENT: &str = "percent";
const PATIENTS: &str = "patients";

impl Published {
    /// The number made comparable with ours; `None` where its unit does not allow it.
    ///
    /// [`Transform::Complement`] needs per cent; [`Transform::PercentOfN`] needs patients and `n`.
    pub fn transformed(self, transform: Transform) -> Option<Published> {
        match transform {
            Transform::None => Some(self),
            Transform::Complement if self.unit == PERCENT => {
                Some(self.mapped(|value| 100.0 - value).swapped())
            }
            Transform::PercentOfN if self.unit == PATIENTS => {
                let n = self.n?;
                Some(Published { unit: PERCENT.to_string(), ..self.mapped(|value| 100.0 * value / n) })
            }
            Transform::Complement | Transform::PercentOfN => None,
        }
    }

    fn mapped(self, map: impl Fn(f64) -> f64) -> Published {
        let (ci_low, ci_high) = (self.ci_low.map(&map), self.ci_high.map(&map));
        Published { value: map(self.value), ci_low, ci_high, ..self }
    }

    fn swapped(self) -> Published {
        Published { ci_low: self.ci_high, ci_high: self.ci_low, ..self }
    }
}
