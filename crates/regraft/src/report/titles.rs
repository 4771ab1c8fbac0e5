//! Titles of figures: each states what the figure shows, misses included.

use super::arms::Arms;
use super::benefit_rows::{Row, more_is_better};
use super::curves;
use super::data::{CurveArm, CurveFigure, Fan, ReportData};
use super::fans;
use super::plot::Series;
use super::words::{self, ends, inner};

/// Title of the time line.
pub fn timeline(data: &ReportData) -> String {
    match data.arms.len() {
        1 => "One arm, step by step".to_owned(),
        number => {
            format!("{} arms, the same patients, step by step", words::capital(&words::number_word(number)))
        }
    }
}

/// Where a curve stands against the published intervals of its arm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Against {
    /// Published intervals that hold the curve.
    pub inside: usize,
    /// The curve is higher than the interval.
    pub above: usize,
    /// The curve is lower than the interval.
    pub below: usize,
}

impl Against {
    /// Counts the published points of `arm` that have an interval.
    pub fn of(figure: &CurveFigure, arm: &CurveArm, horizon: f64) -> Self {
        let curve = curves::estimate(arm, horizon);
        let mut against = Self::default();
        for point in figure.published.iter().filter(|point| point.arm == arm.arm) {
            let (Some(value), Some((low, high))) = (curve.step_at(point.day), ends(point.low, point.high))
            else {
                continue;
            };
            match value {
                value if value < low => against.below += 1,
                value if high < value => against.above += 1,
                _ => against.inside += 1,
            }
        }
        against
    }

    fn total(&self) -> usize {
        self.inside + self.above + self.below
    }
}

/// Whether the endpoint is something bad that happens (its curve rises).
fn is_harm(data: &ReportData, figure: &CurveFigure, arm: &CurveArm) -> bool {
    let finding = data.findings.findings.iter().find(|finding| finding.endpoint == figure.endpoint);
    match finding {
        Some(finding) => !more_is_better(finding),
        None => {
            let curve = curves::estimate(arm, data.horizon_days);
            curve.values.first() <= curve.values.last()
        }
    }
}

/// Title of a curve figure.
pub fn curve(data: &ReportData, arms: &Arms, figure: &CurveFigure) -> String {
    let horizon = data.horizon_days;
    let studied = arms.studied().and_then(|arm| figure.arms.iter().find(|curve| curve.arm == arm.id));
    let Some(studied) = studied.or(figure.arms.first()) else {
        return format!("{}: no curve could be estimated", figure.title);
    };
    let compared = arms.comparator().and_then(|arm| figure.arms.iter().find(|curve| curve.arm == arm.id));
    let harm = is_harm(data, figure, studied);
    let day = read_day(data, figure);
    let Some(claim) = claim(arms, figure, studied, compared, day, harm) else {
        return format!("{}: no curve could be estimated", figure.title);
    };
    format!("{claim}{}", against_text(figure, studied, horizon, harm))
}

/// The day at which a curve is read: that of the latest finding of its endpoint, else the last.
fn read_day(data: &ReportData, figure: &CurveFigure) -> f64 {
    let of_endpoint = data.findings.findings.iter().filter(|finding| finding.endpoint == figure.endpoint);
    let days = of_endpoint.filter_map(|finding| words::real(finding.time_days));
    let last = days.filter(|&day| day <= data.horizon_days).fold(0.0, f64::max);
    if 0.0 < last { last } else { data.horizon_days }
}

fn claim(
    arms: &Arms,
    figure: &CurveFigure,
    studied: &CurveArm,
    compared: Option<&CurveArm>,
    horizon: f64,
    harm: bool,
) -> Option<String> {
    let at = |arm: &CurveArm| curves::estimate(arm, horizon).step_at(horizon);
    let value = at(studied)?;
    let other = compared.filter(|compared| compared.arm != studied.arm).and_then(at);
    let name = arms.get(&studied.arm);
    let Some((other, compared)) = other.zip(compared) else {
        let word = if harm { "by" } else { "at" };
        return Some(format!(
            "{} {word} {}: {} of 100",
            figure.title,
            words::follow_up(horizon),
            words::per_hundred(value)
        ));
    };
    let other_name = arms.get(&compared.arm).inner();
    let apart = apart(studied, compared);
    let title = inner(&figure.title);
    Some(match (apart, value < other) {
        (false, _) => {
            format!("{} is about as frequent with {} as with {other_name}", figure.title, name.inner())
        }
        (true, true) if harm && value <= 0.5 * other => format!("{} prevents most {title}", name.short),
        (true, true) => {
            format!("{} is less frequent with {} than with {other_name}", figure.title, name.inner())
        }
        (true, false) => {
            format!("{} is more frequent with {} than with {other_name}", figure.title, name.inner())
        }
    })
}

/// Whether the simulation errors at the end of two curves leave a gap.
fn apart(one: &CurveArm, other: &CurveArm) -> bool {
    let end = |arm: &CurveArm| {
        let last = |values: &[f64]| Series::of(&arm.days, values).last();
        Some((last(&arm.low)?, last(&arm.high)?))
    };
    match (end(one), end(other)) {
        (Some(one), Some(other)) => one.1 < other.0 || other.1 < one.0,
        _ => false,
    }
}

fn against_text(figure: &CurveFigure, studied: &CurveArm, horizon: f64, harm: bool) -> String {
    let against = Against::of(figure, studied, horizon);
    let total = words::plural(against.total(), "published interval", "published intervals");
    match (against.inside, against.above, against.below) {
        (0, 0, 0) => String::new(),
        (1, 0, 0) => ", inside the published interval".to_owned(),
        (_, 0, 0) => format!(", inside all {total}"),
        (_, above, 0) if harm && against.inside <= above => {
            ", but fewer had it in the trial than here".to_owned()
        }
        (_, 0, below) if harm && against.inside <= below => {
            ", but more had it in the trial than here".to_owned()
        }
        (0, 1, 0) => ", above the published interval".to_owned(),
        (0, 0, 1) => ", below the published interval".to_owned(),
        (_, above, 0) => format!(", above {above} of {total}"),
        (_, 0, below) => format!(", below {below} of {total}"),
        (_, above, below) => format!(", outside {} of {total}", above + below),
    }
}

/// Title of the figure of the other endpoints.
pub fn other_curves(data: &ReportData, figures: &[CurveFigure]) -> String {
    let names: Vec<String> = figures.iter().map(|figure| inner(&figure.title)).collect();
    let mut against = Against::default();
    for (figure, arm) in figures.iter().flat_map(|figure| figure.arms.iter().map(move |arm| (figure, arm))) {
        let one = Against::of(figure, arm, data.horizon_days);
        against.inside += one.inside;
        against.above += one.above;
        against.below += one.below;
    }
    let names = match names.len() {
        0..=3 => words::capital(&words::list(&names)),
        number => format!("{} other endpoints", words::capital(&words::number_word(number))),
    };
    match against.total() {
        0 => names,
        total => format!(
            "{names}: {} of {} hold the curve",
            against.inside,
            words::plural(total, "published interval", "published intervals")
        ),
    }
}

/// Title of benefit and harm: the largest of each.
pub fn benefit_harm(arms: &Arms, rows: &[Row]) -> String {
    let part = |benefit: bool| {
        let of_kind = rows.iter().filter(|row| row.benefit == benefit);
        let sized = of_kind.filter_map(|row| Some((row, size(arms, row)?)));
        if benefit {
            return sized.into_iter().next();
        }
        // A harm that both arms can have says more than one that is only asked after the graft.
        sized.max_by(|a, b| a.0.difference.is_some().cmp(&b.0.difference.is_some()).then(a.1.total_cmp(&b.1)))
    };
    let text = |(row, size): (&Row, f64)| phrase(row, size);
    let parts: Vec<String> = [part(true).map(text), part(false).map(text)].into_iter().flatten().collect();
    if parts.is_empty() {
        "Benefit and harm".to_owned()
    } else {
        format!("Of 100 patients, {}", words::list(&parts))
    }
}

/// The difference to the comparator, or the value where there is none.
fn size(arms: &Arms, row: &Row) -> Option<f64> {
    match &row.difference {
        Some(difference) => Some(difference.value),
        None => row.value(&arms.studied()?.id),
    }
}

fn phrase(row: &Row, size: f64) -> String {
    let number = words::per_hundred(size.abs());
    let title = inner(&row.title);
    match (&row.difference, size < 0.0) {
        (None, _) => format!("{number} have {title}"),
        (Some(_), false) => format!("{number} more have {title}"),
        (Some(_), true) => format!("{number} fewer have {title}"),
    }
}

/// Title of the fans: what is first and what is last back at 90 % of its level before treatment.
pub fn fans(all: &[Fan]) -> String {
    let mut back: Vec<(&str, f64)> = Vec::new();
    let mut away: Vec<(&str, f64)> = Vec::new();
    for fan in fans::panels(all).iter().map(|panel| panel.fans[0]).filter(|fan| counts_cells(&fan.unit)) {
        match recovery(fan) {
            Some(Recovery::Back(day)) => back.push((&fan.title, day)),
            Some(Recovery::Away(last)) => away.push((&fan.title, last)),
            None => {}
        }
    }
    back.sort_by(|a, b| a.1.total_cmp(&b.1));
    let first = back.first().map(|(title, day)| format!("{} {}", inner(title), after(*day)));
    let last =
        away.first().map(|(title, last)| format!("{} not within {}", inner(title), words::span(*last)));
    let last = last.or(back
        .get(1..)
        .and_then(<[_]>::last)
        .map(|(title, day)| format!("{} {}", inner(title), after(*day))));
    let parts: Vec<String> = [first, last].into_iter().flatten().collect();
    if parts.is_empty() {
        let only_counts = all.iter().all(|fan| counts_cells(&fan.unit));
        let what = if only_counts { "Blood counts" } else { "Laboratory values" };
        return format!("{what} over time");
    }
    format!("Back at 90\u{a0}% of the level before treatment: {}", parts.join(", "))
}

/// Whether a value in this unit is a count of cells in blood, which a treatment takes away and which comes back.
fn counts_cells(unit: &str) -> bool {
    unit.ends_with("G/L") || unit.ends_with("/µL") || unit.ends_with("/uL")
}

fn after(day: f64) -> String {
    let day = day.round();
    if day < 60.0 {
        format!("by day {}", words::fixed(day, 0))
    } else {
        format!("after {}", words::span(day))
    }
}

enum Recovery {
    /// First day after the lowest value at which the median is back at 90 %.
    Back(f64),
    /// Not within the days drawn; the last of them.
    Away(f64),
}

fn recovery(fan: &Fan) -> Option<Recovery> {
    let before = words::real(fan.before).filter(|&before| 0.0 < before)?;
    let points: Vec<(f64, f64)> =
        fans::points(fan).into_iter().map(|(day, levels)| (day, levels[2])).collect();
    let lowest = (0..points.len()).min_by(|&a, &b| points[a].1.total_cmp(&points[b].1))?;
    if 0.7 * before < points[lowest].1 {
        return None;
    }
    let back = points[lowest..].iter().find(|point| 0.9 * before <= point.1);
    Some(back.map_or(Recovery::Away(points[points.len() - 1].0), |point| Recovery::Back(point.0)))
}

/// Title of the lanes.
pub fn lanes(data: &ReportData) -> String {
    let number = words::capital(&words::number_word(data.lanes.len()));
    let noun = if data.lanes.len() == 1 { "patient" } else { "patients" };
    match data.lanes.iter().map(|patient| patient.arms.len()).max().unwrap_or(0) {
        0 | 1 => format!("{number} {noun}, one by one"),
        2 => format!("{number} {noun}, each in both arms, with the same fate"),
        _ => format!("{number} {noun}, each in every arm, with the same fate"),
    }
}
