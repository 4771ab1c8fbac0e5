//! The figures in their order on the page: drawing, title, caption and the numbers behind it.

use serde::Serialize;

use super::answer;
use super::arms::Arms;
use super::benefit_harm::{self, Block};
use super::benefit_rows::{self, Row};
use super::curves;
use super::data::{CurveFigure, ReportData, ScoreFigure};
use super::doubt;
use super::fans;
use super::figure_tables::{Table, benefit_table, curve_table, fans_tables, lanes_table, score_table};
use super::lanes::{self, LaneScale};
use super::plot::{CurveContext, CurveSize};
use super::scores;
use super::timeline;
use super::titles;
use super::words;

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
    text.push_str(&words::sentence(&words::capital(&data.time_zero)));
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
        caption: "Drawn as the figure before: dark band simulation error, light band a trial of the published size, hollow what was published. Where all of it is rare the axis ends at 10 or 20 %. Numbers at risk stand under each axis.".to_owned(),
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
        "{} Analysis set: {}",
        words::first_sentence(&words::capital(&data.time_zero)),
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
        let fixed = if doubt::is_held(data) { "" } else { ", parameters fixed" };
        text.push_str(&format!("Small print: the difference in {}{fixed}. ", answer::trial(data)));
    }
    if !rows.iter().any(|row| !row.benefit) {
        text.push_str("No harm was estimated in this run. ");
    }
    if !data.not_simulated.is_empty() {
        text.push_str(&format!("Not simulated: {}", words::sentence(&words::list(&data.not_simulated))));
    }
    text.trim_end().to_owned()
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
        tables: fans_tables(data, arms, &panels),
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
    let told = data.lanes_rule.to_lowercase().starts_with("chosen");
    let rule = if told {
        words::sentence(&data.lanes_rule)
    } else {
        format!("Chosen by rule, not by hand: {}", words::sentence(&data.lanes_rule))
    };
    let names: Vec<String> = arms.all().iter().map(|arm| arm.inner()).collect();
    let order =
        if names.len() < 2 { String::new() } else { format!(" Lanes from above: {}.", words::list(&names)) };
    format!(
        "{}{order} {} from {}; dotted: its value at the start.",
        rule,
        scale.score_name,
        scale.score_text()
    )
}

/// Rows of benefit and harm, shared by the figure and the header.
pub fn rows(data: &ReportData, arms: &Arms) -> Vec<Row> {
    benefit_rows::rows(data, arms)
}
