//! The numbers behind the figures, as tables.

use serde::Serialize;

use super::answer;
use super::arms::Arms;
use super::axis;
use super::benefit_rows::Row;
use super::curves;
use super::data::{CurveFigure, Fan, PublishedPoint, ReportData, ScoreFigure};
use super::fans;
use super::lanes::{self, LaneScale};
use super::marks;
use super::plot::Series;
use super::words::{self, YEAR_DAYS, ends};

/// Numbers behind a figure.
#[derive(Debug, Serialize)]
pub struct Table {
    /// What it holds.
    pub caption: String,
    /// Heads of the columns.
    pub head: Vec<String>,
    /// Rows; the first cell names the row.
    pub rows: Vec<Vec<String>>,
}

/// Years, or the visits of a short trial, at which tables give numbers.
fn table_days(horizon: f64) -> Vec<f64> {
    let (ticks, _) = axis::time_ticks(horizon);
    ticks.into_iter().map(|tick| tick.0).filter(|&day| 0.0 < day).collect()
}

/// The curves of one endpoint at whole years (or the visits of a short trial).
pub fn curve_table(data: &ReportData, arms: &Arms, figure: &CurveFigure) -> Table {
    let days = table_days(data.horizon_days);
    let mut rows = Vec::new();
    for arm in &figure.arms {
        let name = arms.get(&arm.arm).inner();
        let cells =
            |series: &Series| -> Vec<Option<f64>> { days.iter().map(|&day| series.step_at(day)).collect() };
        let estimate = cells(&curves::estimate(arm, data.horizon_days));
        let text = estimate.iter().map(|value| value.map_or_else(|| "–".to_owned(), words::per_hundred));
        rows.push(named_row(format!("Simulated, {name}"), text));
        let (low, high) = (cells(&Series::of(&arm.days, &arm.low)), cells(&Series::of(&arm.days, &arm.high)));
        rows.push(named_row("simulation error".to_owned(), intervals(&estimate, &low, &high)));
        if !arm.predicted_low.is_empty() {
            let low = cells(&Series::of(&arm.days, &arm.predicted_low));
            let high = cells(&Series::of(&arm.days, &arm.predicted_high));
            rows.push(named_row(answer::trial(data), intervals(&estimate, &low, &high)));
        }
    }
    rows.extend(published_rows(arms, &figure.published, &days));
    let head =
        std::iter::once("% of patients".to_owned()).chain(days.iter().map(|&day| words::short_time(day)));
    Table { caption: figure.title.clone(), head: head.collect(), rows }
}

fn named_row(name: String, cells: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(name).chain(cells).collect()
}

fn intervals<'a>(
    estimate: &'a [Option<f64>],
    low: &'a [Option<f64>],
    high: &'a [Option<f64>],
) -> impl Iterator<Item = String> + 'a {
    estimate.iter().zip(low.iter().zip(high)).map(|(value, (low, high))| match (value, ends(*low, *high)) {
        (Some(value), Some((low, high))) => words::interval(low, high, words::decimals("percent", *value)),
        _ => "–".to_owned(),
    })
}

/// Published points, each in the column of its day (at most two weeks off).
fn published_rows(arms: &Arms, points: &[PublishedPoint], days: &[f64]) -> Vec<Vec<String>> {
    let mut keys: Vec<(&str, &str)> = Vec::new();
    for point in points {
        if !keys.contains(&(point.arm.as_str(), point.source.as_str())) {
            keys.push((&point.arm, &point.source));
        }
    }
    let row = |(arm, source): &(&str, &str)| {
        let near = |day: f64| {
            points
                .iter()
                .find(|point| point.arm == *arm && point.source == *source && (point.day - day).abs() < 16.0)
        };
        let text = |&day: &f64| near(day).map_or_else(|| "–".to_owned(), point_text);
        named_row(format!("{source}, {}", arms.get(arm).inner()), days.iter().map(text))
    };
    keys.iter().map(row).collect()
}

fn point_text(point: &PublishedPoint) -> String {
    let value = words::as_printed(point.value);
    match ends(point.low, point.high) {
        Some((low, high)) if marks::whisker(point.ci_kind).is_some() => {
            format!("{value} ({})", words::interval(low, high, words::decimals("percent", point.value)))
        }
        _ => value,
    }
}

/// Means of a score at the visits.
pub fn score_table(arms: &Arms, score: &ScoreFigure) -> Table {
    let mut rows = Vec::new();
    for arm in &score.arms {
        let series = Series::of(&arm.days, &arm.estimate);
        for (place, (day, value)) in series.days.iter().zip(&series.values).enumerate() {
            let pair = |low: &[f64], high: &[f64]| {
                ends(low.get(place).copied(), high.get(place).copied())
                    .map_or_else(|| "–".to_owned(), |(low, high)| words::interval(low, high, 2))
            };
            rows.push(vec![
                arms.get(&arm.arm).short,
                words::time(*day),
                words::fixed(*value, 2),
                pair(&arm.low, &arm.high),
                pair(&arm.predicted_low, &arm.predicted_high),
            ]);
        }
    }
    for point in score.published.iter().filter(|point| point.value.is_finite()) {
        let interval = ends(point.low, point.high)
            .map_or_else(|| "none printed".to_owned(), |(low, high)| words::interval(low, high, 2));
        let name = format!("{}, {}", point.source, arms.get(&point.arm).inner());
        rows.push(vec![
            name,
            words::time(point.day),
            words::as_printed(point.value),
            interval,
            "–".to_owned(),
        ]);
    }
    let head = ["arm", "time", "mean", "interval", "trial of that size"].map(str::to_owned).to_vec();
    Table { caption: format!("{}, mean", score.title), head, rows }
}

/// Benefits and harms with both intervals.
pub fn benefit_table(data: &ReportData, arms: &Arms, rows: &[Row]) -> Table {
    let shown: Vec<_> =
        arms.all().iter().filter(|arm| rows.iter().any(|row| row.value(&arm.id).is_some())).collect();
    let mut head = vec!["per 100 patients".to_owned()];
    for arm in &shown {
        head.extend([arm.inner(), "simulation error".to_owned(), answer::trial(data)]);
    }
    let differences = rows.iter().any(|row| row.difference.is_some());
    if differences {
        head.extend(["difference", "simulation error"].map(str::to_owned));
        head.push(answer::trial(data));
    }
    let row = |row: &Row| {
        let mut cells = vec![format!("{} {}", row.title, row.time).trim_end().to_owned()];
        for arm in &shown {
            let cell = row.cells.iter().find(|cell| cell.arm == arm.id);
            let value = cell.and_then(|cell| cell.value.as_ref().ok().copied());
            cells.push(value.map_or_else(|| "–".to_owned(), words::per_hundred));
            cells.push(pair_text(cell.and_then(|cell| cell.error), value));
            cells.push(pair_text(cell.and_then(|cell| cell.predicted), value));
        }
        if differences {
            let difference = row.difference.as_ref();
            let value = difference.map(|difference| difference.value);
            cells.push(value.map_or_else(
                || "–".to_owned(),
                |value| words::signed(value, words::decimals("percent", value)),
            ));
            cells.push(pair_text(difference.and_then(|difference| difference.error), value));
            cells.push(pair_text(difference.and_then(|difference| difference.predicted), value));
        }
        cells
    };
    Table { caption: "Benefit and harm".to_owned(), head, rows: rows.iter().map(row).collect() }
}

fn pair_text(pair: Option<(f64, f64)>, value: Option<f64>) -> String {
    match (pair, value) {
        (Some((low, high)), Some(value)) => words::interval(low, high, words::decimals("percent", value)),
        _ => "–".to_owned(),
    }
}

/// Medians of the panels, and the measured values with their full source.
pub fn fans_tables(data: &ReportData, arms: &Arms, panels: &[fans::Panel<'_>]) -> Vec<Table> {
    let measured: Vec<Vec<String>> = panels.iter().flat_map(fans::Panel::measured_rows).collect();
    let mut tables = vec![fans_table(data, arms)];
    if !measured.is_empty() {
        let head = ["panel", "source", "time", "value"].map(str::to_owned).to_vec();
        tables.push(Table { caption: "Measured values, as published".to_owned(), head, rows: measured });
    }
    tables
}

fn fans_table(data: &ReportData, arms: &Arms) -> Table {
    let all = [7.0, 30.0, 0.5 * YEAR_DAYS, YEAR_DAYS, 2.0 * YEAR_DAYS, 5.0 * YEAR_DAYS];
    let drawn = |fan: &&Fan| !fans::points(fan).is_empty();
    let last = data.fans.iter().filter_map(|fan| fan.days.last().copied()).fold(0.0, f64::max);
    let days: Vec<f64> = all.into_iter().filter(|&day| day <= last * 1.01).collect();
    let row = |fan: &Fan| {
        let cell = |&day: &f64| {
            fans::median_at(fan, day.min(last)).map_or_else(
                || "–".to_owned(),
                |levels| {
                    let decimals = words::decimals(&fan.unit, levels[2]);
                    let median = words::fixed(levels[2], decimals);
                    format!("{median} ({})", words::interval(levels[0], levels[4], decimals))
                },
            )
        };
        let arm =
            if arms.all().len() < 2 { String::new() } else { format!(", {}", arms.get(&fan.arm).inner()) };
        named_row(format!("{}, {}{arm}", fan.title, fan.unit), days.iter().map(cell))
    };
    let head = std::iter::once("median (5 to 95\u{a0}%)".to_owned())
        .chain(days.iter().map(|&day| words::short_time(day)));
    Table {
        caption: "Reconstitution".to_owned(),
        head: head.collect(),
        rows: data.fans.iter().filter(drawn).map(row).collect(),
    }
}

/// What happened to the single patients.
pub fn lanes_table(data: &ReportData, arms: &Arms, scale: &LaneScale) -> Table {
    let head = ["patient", "arm", "relapses", "infections", "new lesions", "died"].map(str::to_owned);
    let head = head
        .into_iter()
        .chain([format!("{} at start", scale.score_name), format!("{} at the end", scale.score_name)]);
    let mut rows = Vec::new();
    for patient in &data.lanes {
        for lane in &patient.arms {
            let number = |kind: &str| words::count(lanes::number_of(lane, kind));
            let values: Vec<f64> =
                lane.score.iter().map(|point| point.1).filter(|value| value.is_finite()).collect();
            let score =
                |value: Option<&f64>| value.map_or_else(|| "–".to_owned(), |&value| words::fixed(value, 1));
            rows.push(vec![
                patient.patient.to_string(),
                arms.get(&lane.arm).short,
                number("relapse"),
                number("infection"),
                number("lesion"),
                if 0 < lanes::number_of(lane, "death") { "yes".to_owned() } else { "no".to_owned() },
                score(values.first()),
                score(values.last()),
            ]);
        }
    }
    Table { caption: "Single patients".to_owned(), head: head.collect(), rows }
}
