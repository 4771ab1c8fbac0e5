//! The figures in their order on the page: drawing, title, caption and the numbers behind it.

use serde::Serialize;

use super::answer;
use super::arms::Arms;
use super::axis;
use super::benefit_harm::{self, Block};
use super::benefit_rows::{self, Row};
use super::curves::{self, CurveContext, CurveSize};
use super::data::{CurveFigure, Fan, PublishedPoint, ReportData, ScoreFigure};
use super::fans;
use super::lanes::{self, LaneScale};
use super::marks;
use super::plot::Series;
use super::scores;
use super::timeline;
use super::titles;
use super::words::{self, YEAR_DAYS, ends};

/// A figure on the page.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Id of the element.
    pub id: String,
    /// Number.
    pub number: usize,
    /// What it shows.
    pub title: String,
    /// `plain`, `two`, `pairs`, `panels` or `list`.
    pub layout: &'static str,
    /// Parts, in order.
    pub parts: Vec<Part>,
    /// How to read it.
    pub caption: String,
    /// Numbers behind it.
    pub tables: Vec<Table>,
}

/// One drawing of a figure.
#[derive(Debug, Default, Serialize)]
pub struct Part {
    /// Heading of a panel.
    pub title: String,
    /// Its unit or method.
    pub unit: String,
    /// Drawings, wide and narrow, as SVG.
    pub svg: String,
    /// Line below.
    pub note: String,
}

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

fn context<'a>(data: &'a ReportData, arms: &'a Arms) -> CurveContext<'a> {
    CurveContext {
        arms,
        horizon: data.horizon_days,
        time_zero: &data.time_zero,
        published_size: &data.published_size,
    }
}

/// The time line of the arms; none without arms.
pub fn timeline(data: &ReportData, arms: &Arms, number: usize) -> Option<Figure> {
    let id = format!("fig{number}");
    let has_steps = data.arms.iter().any(|arm| !arm.steps.is_empty());
    has_steps.then(|| Figure {
        title: titles::timeline(data),
        layout: "list",
        parts: vec![Part { svg: timeline::draw(data, arms, &format!("{id}-w")), ..Part::default() }],
        caption: timeline_caption(data),
        tables: Vec::new(),
        number,
        id,
    })
}

fn timeline_caption(data: &ReportData) -> String {
    let mut text = String::new();
    if data.arms.iter().any(|arm| arm.graft_day.is_some()) && data.arms.len() > 1 {
        text.push_str("Day 0 is the graft in arms that have one, time zero in the others. ");
    }
    if data.arms.iter().flat_map(|arm| &arm.steps).any(|step| step.by_rule) {
        text.push_str("Dashed: given by a rule when a patient needs it, not by the calendar. ");
    }
    text.push_str("Gaps in the axis are breaks; the last part is by ratio. ");
    text.push_str(&format!("Time zero of every estimate: {}", words::sentence(&data.time_zero)));
    text
}

/// The primary endpoint, with the first score beside it.
pub fn primary(data: &ReportData, arms: &Arms, number: usize) -> Option<Figure> {
    let figure = data.curves.first().filter(|figure| !figure.arms.is_empty())?;
    let id = format!("fig{number}");
    let score = data.scores.first().filter(|score| score.arms.iter().any(|arm| !arm.days.is_empty()));
    let width = if score.is_some() { 640.0 } else { 1000.0 };
    let mut parts = vec![curve_part(data, arms, figure, CurveSize::wide(width), &id)];
    let mut tables = vec![curve_table(data, arms, figure)];
    if let Some(score) = score {
        parts.push(Part {
            title: score.title.clone(),
            unit: "mean".to_owned(),
            svg: scores::draw(score, context(data, arms), &format!("{id}-s")),
            note: String::new(),
        });
        tables.push(score_table(arms, score));
    }
    Some(Figure {
        title: titles::curve(data, arms, figure),
        layout: if score.is_some() { "two" } else { "plain" },
        parts,
        caption: curve_caption(data, arms, figure),
        tables,
        number,
        id,
    })
}

/// The other endpoints, two beside each other.
pub fn others(data: &ReportData, arms: &Arms, number: usize) -> Option<Figure> {
    let id = format!("fig{number}");
    let figures: Vec<CurveFigure> =
        data.curves.iter().skip(1).filter(|figure| !figure.arms.is_empty()).cloned().collect();
    let more_scores: Vec<&ScoreFigure> = data
        .scores
        .iter()
        .skip(1)
        .filter(|score| score.arms.iter().any(|arm| !arm.days.is_empty()))
        .collect();
    if figures.is_empty() && more_scores.is_empty() {
        return None;
    }
    let part = |(place, figure): (usize, &CurveFigure)| {
        curve_part(data, arms, figure, CurveSize::half(), &format!("{id}-{place}"))
    };
    let mut parts: Vec<Part> = figures.iter().enumerate().map(part).collect();
    for (place, score) in more_scores.iter().enumerate() {
        let svg = scores::draw(score, context(data, arms), &format!("{id}-s{place}"));
        parts.push(Part { title: score.title.clone(), unit: "mean".to_owned(), svg, note: String::new() });
    }
    let tables = figures.iter().map(|figure| curve_table(data, arms, figure));
    let tables = tables.chain(more_scores.iter().map(|score| score_table(arms, score))).collect();
    Some(Figure {
        title: titles::other_curves(data, &figures),
        layout: "pairs",
        parts,
        caption: "Drawn as the figure before: dark band simulation error, light band a trial of the published size, hollow what was published. Numbers at risk stand under each axis.".to_owned(),
        tables,
        number,
        id,
    })
}

fn curve_part(data: &ReportData, arms: &Arms, figure: &CurveFigure, size: CurveSize, id: &str) -> Part {
    let wide = curves::draw(figure, context(data, arms), size, &format!("{id}-w"));
    let narrow = curves::draw(figure, context(data, arms), CurveSize::narrow(), &format!("{id}-n"));
    let note = if size.frame.bottom < 300.0 { words::sentence(&figure.definition) } else { String::new() };
    Part { title: figure.title.clone(), unit: figure.method.clone(), svg: format!("{wide}{narrow}"), note }
}

fn curve_caption(data: &ReportData, arms: &Arms, figure: &CurveFigure) -> String {
    let level = words::level(figure.level);
    let mut text = format!("Lines: {}. Dark band: simulation error, {level}", cohort_text(arms));
    if figure.arms.iter().any(|arm| !arm.predicted_low.is_empty()) {
        let trial = answer::trial(data);
        text.push_str(&format!(". Light band: what {trial} with its follow-up would show, {level}, for these parameters; doubt about the parameters is not in either band"));
    }
    text.push_str(". ");
    text.push_str(&shapes_text(arms, figure));
    text.push_str(&format!("{}: {} ", figure.title, words::sentence(&words::inner(&figure.definition))));
    text.push_str(&format!(
        "Time zero: {} Analysis set: {}",
        words::sentence(&data.time_zero),
        words::sentence(&data.analysis_set)
    ));
    text
}

fn cohort_text(arms: &Arms) -> String {
    let sizes: Vec<usize> = arms.all().iter().map(|arm| arm.n).collect();
    match sizes.as_slice() {
        [] => "simulated patients".to_owned(),
        [first, rest @ ..] if rest.iter().all(|size| size == first) => {
            let each = if rest.is_empty() { "" } else { " per arm" };
            format!("{} simulated patients{each}", words::count(*first))
        }
        _ => {
            let parts = arms.all().iter().map(|arm| format!("{} with {}", words::count(arm.n), arm.inner()));
            format!("simulated patients, {}", words::list(&parts.collect::<Vec<_>>()))
        }
    }
}

/// Which hollow shape belongs to which arm; only where there is more than one.
fn shapes_text(arms: &Arms, figure: &CurveFigure) -> String {
    let drawn: Vec<&str> = arms
        .all()
        .iter()
        .filter(|arm| figure.published.iter().any(|point| point.arm == arm.id))
        .map(|arm| arm.id.as_str())
        .collect();
    if drawn.is_empty() {
        return "No published value of this curve may be drawn. ".to_owned();
    }
    let one = |id: &&str| {
        let name = match arms.place(id) % 4 {
            0 => "circle",
            1 => "diamond",
            2 => "square",
            _ => "triangle",
        };
        format!("{name} for {}", arms.get(id).inner())
    };
    let names = words::list(&drawn.iter().map(one).collect::<Vec<_>>());
    format!("Hollow: published, {names}; solid whisker printed, dashed made from n. ")
}

/// Years, or the visits of a short trial, at which tables give numbers.
fn table_days(horizon: f64) -> Vec<f64> {
    let (ticks, _) = axis::time_ticks(horizon);
    ticks.into_iter().map(|tick| tick.0).filter(|&day| 0.0 < day).collect()
}

fn curve_table(data: &ReportData, arms: &Arms, figure: &CurveFigure) -> Table {
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

fn score_table(arms: &Arms, score: &ScoreFigure) -> Table {
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

/// Benefits and harms; none without a percentage.
pub fn benefit_harm(data: &ReportData, arms: &Arms, rows: &[Row], number: usize) -> Option<Figure> {
    if rows.is_empty() {
        return None;
    }
    let id = format!("fig{number}");
    let split = rows.iter().take_while(|row| row.benefit).count();
    let mut svg = String::new();
    for (name, reading, rows, key) in
        [("Benefit", "more is better", &rows[..split], "b"), ("Harm", "fewer is better", &rows[split..], "h")]
    {
        if !rows.is_empty() {
            let block = Block { name, reading, rows, arms, published_size: &data.published_size };
            svg.push_str(&benefit_harm::draw_wide(block, &format!("{id}-{key}w")));
            svg.push_str(&benefit_harm::draw_narrow(block, &format!("{id}-{key}n")));
        }
    }
    Some(Figure {
        title: titles::benefit_harm(arms, rows),
        layout: "plain",
        parts: vec![Part { svg, ..Part::default() }],
        caption: benefit_caption(data, rows),
        tables: vec![benefit_table(data, arms, rows)],
        number,
        id,
    })
}

fn benefit_caption(data: &ReportData, rows: &[Row]) -> String {
    let mut text = String::from(
        "Filled: simulated, with a light bar for what a trial of the published size would show. Hollow above the line: published. \
         One axis for benefits and harms, per 100 patients; rare harms are read from the numbers. ",
    );
    if rows.iter().any(|row| row.difference.is_some()) {
        text.push_str(&format!("Small print: the difference in {}, parameters fixed. ", answer::trial(data)));
    }
    if !rows.iter().any(|row| !row.benefit) {
        text.push_str("No harm was estimated in this run. ");
    }
    if !data.not_simulated.is_empty() {
        text.push_str(&format!("Not simulated: {}", words::sentence(&words::list(&data.not_simulated))));
    }
    text.trim_end().to_owned()
}

fn benefit_table(data: &ReportData, arms: &Arms, rows: &[Row]) -> Table {
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

/// The reconstitution; none without a panel.
pub fn fans(data: &ReportData, arms: &Arms, number: usize) -> Option<Figure> {
    let panels = fans::panels(&data.fans);
    if panels.is_empty() {
        return None;
    }
    let id = format!("fig{number}");
    let part = |(place, panel): (usize, &fans::Panel<'_>)| Part {
        title: panel.title().to_owned(),
        unit: panel.unit(),
        svg: panel.draw(arms, &format!("{id}-{place}")),
        note: panel.sources_text(),
    };
    Some(Figure {
        title: titles::fans(&data.fans),
        layout: "panels",
        parts: panels.iter().enumerate().map(part).collect(),
        caption: fans_caption(data, arms),
        tables: vec![fans_table(data, arms)],
        number,
        id,
    })
}

fn fans_caption(data: &ReportData, arms: &Arms) -> String {
    let mut names: Vec<String> = Vec::new();
    for fan in &data.fans {
        let name = arms.get(&fan.arm).inner();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let zero = if data.arms.iter().any(|arm| arm.graft_day.is_some()) { "the graft" } else { "time zero" };
    let dashed = if data.fans.iter().any(|fan| fan.threshold.is_some()) { " Dashed: threshold." } else { "" };
    format!(
        "{}. Line: median; bands: half and 90\u{a0}% of patients, so the spread of patients and not an error. \
         Dotted: median before treatment.{dashed} Days from {zero}; the time axis is even to about 5 days, then by ratio. \
         Hollow: measured, as published. A panel without a measured value says so.",
        words::capital(&words::list(&names))
    )
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

/// The single patients; none if none were chosen.
pub fn lanes(data: &ReportData, arms: &Arms, number: usize) -> Option<Figure> {
    if data.lanes.iter().all(|patient| patient.arms.is_empty()) {
        return None;
    }
    let id = format!("fig{number}");
    let scale = LaneScale::of(data);
    let mut svg = lanes::draw_key(data, &scale, "wide", &format!("{id}-kw"));
    svg.push_str(&lanes::draw_key(data, &scale, "narrow", &format!("{id}-kn")));
    for (place, patient) in data.lanes.iter().enumerate() {
        let last = place + 1 == data.lanes.len();
        svg.push_str(&lanes::draw_wide(patient, arms, &scale, last, &format!("{id}-{place}w")));
        svg.push_str(&lanes::draw_narrow(patient, arms, &scale, last, &format!("{id}-{place}n")));
    }
    Some(Figure {
        title: titles::lanes(data),
        layout: "plain",
        parts: vec![Part { svg, ..Part::default() }],
        caption: lanes_caption(data, arms, &scale),
        tables: vec![lanes_table(data, arms, &scale)],
        number,
        id,
    })
}

fn lanes_caption(data: &ReportData, arms: &Arms, scale: &LaneScale) -> String {
    let names: Vec<String> = arms.all().iter().map(|arm| arm.inner()).collect();
    let order =
        if names.len() < 2 { String::new() } else { format!(" Lanes from above: {}.", words::list(&names)) };
    format!(
        "Chosen by rule, not by hand: {}{order} {} from {}; dotted: its value at the start.",
        words::sentence(&data.lanes_rule),
        scale.score_name,
        scale.score_text()
    )
}

fn lanes_table(data: &ReportData, arms: &Arms, scale: &LaneScale) -> Table {
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

/// Rows of benefit and harm, shared by the figure and the header.
pub fn rows(data: &ReportData, arms: &Arms) -> Vec<Row> {
    benefit_rows::rows(data, arms)
}
