//! A row beside what was simulated, and how many agree.

use regraft_trial::evidence::Use;
use regraft_trial::evidence::reconstitution::{CourseRow, Measure, RowKind};
use serde::Serialize;

use super::measure::{NEVER_BELOW, quantile};
use super::plan::{PlannedRow, Prepared, Task};
use super::simulate::Done;

/// One row of the table beside what was simulated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow {
    /// What was measured, in the words of the source.
    pub quantity: String,
    /// In whom, in the words of the source.
    pub group: String,
    /// The quantity of the model or disease card.
    pub quantity_id: String,
    /// What the numbers are.
    pub measure: Option<&'static str>,
    /// Unit of the numbers.
    pub unit: String,
    /// Threshold of a day or a share, or the lower end of the normal range.
    pub threshold: Option<f64>,
    /// Day after the graft.
    pub time_days: Option<f64>,
    /// `measured`, `qualitative` or `window`.
    pub kind: &'static str,
    /// The number of the source.
    pub observed: Option<f64>,
    /// The value in the words of the source.
    pub observed_words: String,
    /// Lower end of the printed range, or of the window.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Median of patients, of days of those who were at or below the threshold (a share: the share of patients).
    pub simulated: Option<f64>,
    /// Tenth percentile of patients.
    pub simulated_low: Option<f64>,
    /// Ninetieth percentile of patients.
    pub simulated_high: Option<f64>,
    /// Share of patients who were never at or below the threshold, and so are not among the days.
    pub never_below: Option<f64>,
    /// Why there is no number though it was simulated.
    pub not_reached: Option<String>,
    /// Whether what was simulated lies in the printed range or the window.
    pub inside: Option<bool>,
    /// Simulated over observed.
    pub ratio: Option<f64>,
    /// Whether the row counts: measured, read in its source, open for comparison.
    pub scored: bool,
    /// Where it is simulated.
    pub simulation: Option<String>,
    /// Whether it is not because the model does not carry the quantity.
    pub not_in_model: bool,
    /// Why it is not.
    pub not_simulated: Option<String>,
    /// Where it was published.
    pub source: String,
    /// Remarks.
    pub note: String,
    /// Patients of the source.
    pub n: Option<f64>,
    /// Patients simulated of whom the measure can be told.
    pub simulated_n: usize,
    /// Line of the table, from 1.
    pub line: usize,
}

/// How the scored rows agree. Windows and words are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Scored rows that were simulated.
    pub scored: usize,
    /// In the printed range.
    pub inside: usize,
    /// Outside it.
    pub outside: usize,
    /// Without a printed range.
    pub without_range: usize,
    /// Measured rows that cannot be simulated.
    pub not_simulated: usize,
    /// Windows, which are not counted: simulated, and of them inside.
    pub windows: usize,
    /// Windows that hold what was simulated.
    pub windows_inside: usize,
}

impl Tally {
    /// Counts.
    pub fn of(rows: &[ScoreRow]) -> Tally {
        let count = |wanted: &dyn Fn(&ScoreRow) -> bool| rows.iter().filter(|row| wanted(row)).count();
        let scored = |row: &ScoreRow| row.scored && row.simulation.is_some();
        let window = |row: &ScoreRow| row.kind == RowKind::Window.word() && row.simulation.is_some();
        Tally {
            scored: count(&scored),
            inside: count(&|row| scored(row) && row.inside == Some(true)),
            outside: count(&|row| scored(row) && row.inside == Some(false)),
            without_range: count(&|row| scored(row) && row.inside.is_none()),
            not_simulated: count(&|row| row.kind == RowKind::Measured.word() && row.simulation.is_none()),
            windows: count(&window),
            windows_inside: count(&|row| window(row) && row.inside == Some(true)),
        }
    }
}

/// All rows, in the order of the table.
pub(super) fn rows(prepared: &Prepared, done: &[Done]) -> Vec<ScoreRow> {
    prepared.rows.iter().map(|row| score(prepared, row, done)).collect()
}

fn score(prepared: &Prepared, planned: &PlannedRow, done: &[Done]) -> ScoreRow {
    let mut row = unscored(&planned.row);
    let place = match &planned.place {
        Ok(place) => place,
        Err(reason) => {
            let not_in_model = prepared.card.absent(&planned.row.quantity_id).is_some();
            return ScoreRow { not_simulated: Some(reason.clone()), not_in_model, scored: false, ..row };
        }
    };
    let simulation = &prepared.simulations[place.simulation];
    let task = &simulation.tasks[place.task];
    let found = Found::of(task, &done[place.simulation], place.task);
    row.simulation = Some(simulation.id.clone());
    row.threshold = task.level;
    row.unit = unit(task.measure, &simulation.quantities[place.quantity].unit);
    row.simulated_n = found.n;
    row.simulated = finite(found.value);
    row.simulated_low = finite(found.low);
    row.simulated_high = finite(found.high);
    row.never_below = found.never_below;
    row.not_reached = match found.value {
        None => Some("of no patient can it be told".into()),
        Some(value) if !value.is_finite() => {
            Some(format!("not reached by half of the patients within {} days", simulation.spec.horizon_days))
        }
        _ => None,
    };
    row.ratio = row.simulated.zip(row.observed).filter(|(_, o)| *o != 0.0).map(|(s, o)| s / o);
    row.inside =
        if planned.row.kind == RowKind::Qualitative { None } else { inside(&planned.row, found.value) };
    row
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// Whether a value lies in the range of a row, which may be open on one side; `None` without a range or a value.
fn inside(row: &CourseRow, value: Option<f64>) -> Option<bool> {
    let low = row.low.unwrap_or(f64::NEG_INFINITY);
    let high = row.high.unwrap_or(f64::INFINITY);
    let ranged = row.low.is_some() || row.high.is_some();
    value.filter(|_| ranged).map(|value| (low..=high).contains(&value))
}

fn unscored(row: &CourseRow) -> ScoreRow {
    ScoreRow {
        quantity: row.quantity.clone(),
        group: row.group.clone(),
        quantity_id: row.quantity_id.clone(),
        measure: row.measure.map(Measure::word),
        unit: String::new(),
        threshold: row.threshold,
        time_days: row.time_days,
        kind: row.kind.word(),
        observed: row.number,
        observed_words: row.value.clone(),
        low: row.low,
        high: row.high,
        simulated: None,
        simulated_low: None,
        simulated_high: None,
        never_below: None,
        not_reached: None,
        inside: None,
        ratio: None,
        scored: row.kind == RowKind::Measured && row.verified && row.usage == Use::Calibrate,
        simulation: None,
        not_in_model: false,
        not_simulated: None,
        source: row.source.clone(),
        note: row.note.clone(),
        n: row.n,
        simulated_n: 0,
        line: row.line,
    }
}

/// Unit of a measure's number.
fn unit(measure: Measure, of_quantity: &str) -> String {
    match measure {
        Measure::DayAbove | Measure::DayBelow | Measure::DaysToNormal => "days".into(),
        Measure::ValueAt => of_quantity.into(),
        Measure::RatioToBaseline => "times own baseline".into(),
        Measure::RatioToControls => "times healthy".into(),
        Measure::ShareRecovered => "share".into(),
        Measure::NormalUntil => "times lower end of normal".into(),
    }
}

/// What a task found among the patients; infinite where a day is not reached.
struct Found {
    n: usize,
    never_below: Option<f64>,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

impl Found {
    fn of(asked: &Task, done: &Done, task: usize) -> Found {
        let (measure, quantity) = (asked.measure, asked.quantity);
        let all = &done.tasks[task];
        let n = all.len();
        if measure == Measure::NormalUntil {
            let lowest = asked.day.and_then(|day| done.lowest_median(quantity, day));
            let over_normal = |level: f64| asked.level.map(|normal| level / normal);
            let [low, value, high] = lowest.map_or([None; 3], |levels| levels.map(over_normal));
            return Found { n: done.grafted, never_below: None, value, low, high };
        }
        if measure == Measure::ShareRecovered {
            let share = (n > 0).then(|| all.iter().sum::<f64>() / n as f64);
            return Found { n, never_below: None, value: share, low: None, high: None };
        }
        let never = all.partition_point(|value| *value == NEVER_BELOW);
        let values = &all[never..];
        let is_day = matches!(measure, Measure::DayAbove | Measure::DaysToNormal);
        let never_below = (is_day && n > 0).then(|| never as f64 / n as f64);
        let scale = match measure {
            Measure::RatioToControls => {
                quantile(&done.controls[quantity], 0.5).map_or(f64::NAN, |healthy| 1.0 / healthy)
            }
            _ => 1.0,
        };
        let at = |p: f64| quantile(values, p).map(|value| value * scale);
        Found { n, never_below, value: at(0.5), low: at(0.1), high: at(0.9) }
    }
}
