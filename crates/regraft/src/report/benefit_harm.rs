//! Benefits and harms as dots on one axis from 0 to 100 patients, same spacing, same size.

use super::arms::{ArmStyle, Arms};
use super::axis::Scale;
use super::benefit_rows::{Printed, Row};
use super::marks::{self, Shape};
use super::measure;
use super::svg::{Anchor, Svg};
use super::words;

const WIDTH: f64 = 1000.0;
const LABEL: f64 = 252.0;
const ROW: f64 = 58.0;
const NARROW_WIDTH: f64 = 354.0;
const NARROW_ROW: f64 = 100.0;

/// What a block of rows is called and how it is read.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// "Benefit" or "Harm".
    pub name: &'a str,
    /// "more is better".
    pub reading: &'a str,
    /// Rows of the block.
    pub rows: &'a [Row],
    /// Names and colours.
    pub arms: &'a Arms,
    /// "55 a side".
    pub published_size: &'a str,
}

impl Block<'_> {
    fn describe(&self) -> String {
        let row = |row: &Row| {
            let values = row.cells.iter().filter_map(|cell| {
                Some(format!(
                    "{} {}",
                    self.arms.get(&cell.arm).short,
                    words::per_hundred(*cell.value.as_ref().ok()?)
                ))
            });
            format!("{} {}: {}", row.title, row.time, values.collect::<Vec<_>>().join(", "))
        };
        words::sentence(&self.rows.iter().map(row).collect::<Vec<_>>().join("; "))
    }

    fn title(&self) -> String {
        format!("{} per 100 patients", self.name)
    }

    /// The last column of a row: the difference, or with one arm the prediction interval.
    fn verdict(&self, row: &Row) -> (String, String) {
        if let Some(difference) = &row.difference {
            let zero = difference.value == 0.0 && difference.error.is_none();
            let decimals = if zero { 0 } else { words::decimals("percent", difference.value) };
            return (
                words::signed(difference.value, decimals),
                self.trial_text(difference.predicted, difference.error, decimals),
            );
        }
        let [cell] = row.cells.as_slice() else { return Default::default() };
        let Ok(value) = cell.value else { return Default::default() };
        (String::new(), self.trial_text(cell.predicted, cell.error, words::decimals("percent", value)))
    }

    fn trial_text(
        &self,
        predicted: Option<(f64, f64)>,
        error: Option<(f64, f64)>,
        decimals: usize,
    ) -> String {
        match (predicted, error) {
            (Some((low, high)), _) => {
                let size = if self.published_size.is_empty() { "such a trial" } else { self.published_size };
                format!("{size}: {}", words::interval(low, high, decimals))
            }
            (None, Some((low, high))) => format!("error: {}", words::interval(low, high, decimals)),
            (None, None) => "no interval".to_owned(),
        }
    }
}

/// Draws a block for a wide page.
pub fn draw_wide(block: Block<'_>, id: &str) -> String {
    let bottom = 40.0 + ROW * block.rows.len() as f64;
    let mut svg = Svg::new(id, "wide", WIDTH, bottom + 22.0);
    let columns = columns(&block);
    let right = columns.first().map_or(WIDTH - 190.0, |column| column.1 - 66.0);
    let x = Scale::linear((0.0, 100.0), (LABEL + 10.0, right));
    svg.text_with((0.0, 28.0), Anchor::Start, "arm", block.name, block.reading);
    for (arm, at) in &columns {
        let name = measure::shorten(&arm.short, 13.0, true, 124.0);
        svg.text((*at, 28.0), Anchor::End, &format!("colh c {}", arm.class), &name);
    }
    if block.rows.iter().any(|row| row.difference.is_some()) {
        svg.text((WIDTH, 28.0), Anchor::End, "colh", "Difference");
    }
    for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let class = if tick == 0.0 { "ax" } else { "grid" };
        svg.line((x.at(tick), 40.0), (x.at(tick), bottom), class);
        svg.text((x.at(tick), bottom + 16.0), Anchor::Middle, "tick", &words::fixed(tick, 0));
    }
    for (place, row) in block.rows.iter().enumerate() {
        let middle = 40.0 + ROW * (place as f64 + 0.5);
        draw_label(&mut svg, row, middle);
        draw_row(&mut svg, row, &block, &x, middle);
        draw_numbers(&mut svg, row, &block, &columns, middle);
    }
    svg.finish(&block.title(), &block.describe())
}

/// Arms with the right end of their column of numbers.
fn columns<'a>(block: &Block<'a>) -> Vec<(&'a ArmStyle, f64)> {
    let has = |arm: &&ArmStyle| block.rows.iter().any(|row| row.cells.iter().any(|cell| cell.arm == arm.id));
    let arms: Vec<&ArmStyle> = block.arms.all().iter().filter(has).collect();
    let mut at = WIDTH - 140.0;
    let mut columns = Vec::new();
    for arm in arms.into_iter().rev() {
        columns.push((arm, at));
        at -= (measure::width(&arm.short, 13.0, true) + 16.0).clamp(50.0, 136.0);
    }
    columns.reverse();
    columns
}

fn draw_label(svg: &mut Svg, row: &Row, middle: f64) {
    let lines = measure::wrap(&row.title, 13.0, true, LABEL - 6.0, 2);
    let top = middle - 2.0 - 8.0 * (lines.len() as f64 - 1.0);
    svg.lines((0.0, top), Anchor::Start, "t b", &lines, 16.0);
    svg.text((0.0, top + 16.0 * lines.len() as f64), Anchor::Start, "sub", &row.time);
}

fn draw_numbers(svg: &mut Svg, row: &Row, block: &Block<'_>, columns: &[(&ArmStyle, f64)], middle: f64) {
    for (arm, at) in columns {
        let text = row.value(&arm.id).map_or_else(|| "–".to_owned(), words::per_hundred);
        svg.text((*at, middle + 4.0), Anchor::End, &format!("num c {}", arm.class), &text);
    }
    let (difference, trial) = block.verdict(row);
    let lift = if difference.is_empty() { 4.0 } else { 14.0 };
    svg.text((WIDTH, middle - 2.0), Anchor::End, "num b", &difference);
    svg.text((WIDTH, middle + lift), Anchor::End, "sub", &measure::shorten(&trial, 12.5, false, 140.0));
}

/// Dots of the arms joined by a line, their prediction bands, and the published values above.
fn draw_row(svg: &mut Svg, row: &Row, block: &Block<'_>, x: &Scale, middle: f64) {
    let dots = dots(row, x, middle);
    for (place, cell) in row.cells.iter().enumerate() {
        if let (Some((low, high)), true) = (cell.predicted, cell.value.is_ok()) {
            let style = block.arms.get(&cell.arm);
            let y = dots.get(place).map_or(middle, |dot| dot.1);
            let (from, to) = (x.within(low), x.within(high));
            svg.rect((from, y - 4.0), (to - from, 8.0), 4.0, &format!("trial-bar f {}", style.class));
        }
    }
    if let [first, .., last] = dots.as_slice() {
        svg.line((first.0, middle), (last.0, middle), "join");
    }
    for published in &row.published {
        draw_printed(svg, published, block.arms, x, middle - 14.0);
    }
    for (place, cell) in row.cells.iter().enumerate() {
        let (Some(dot), Ok(value)) = (dots.get(place), &cell.value) else { continue };
        let style = block.arms.get(&cell.arm);
        svg.tipped(&format!("{}: {} of 100", style.title, words::per_hundred(*value)), |svg| {
            svg.circle(*dot, 5.5, &format!("f ring {}", style.class));
        });
    }
}

/// Where the dots stand; dots that would cover each other step aside.
fn dots(row: &Row, x: &Scale, middle: f64) -> Vec<(f64, f64)> {
    let at: Vec<f64> =
        row.cells.iter().map(|cell| cell.value.as_ref().map_or(f64::NAN, |&value| x.within(value))).collect();
    let close = at.windows(2).any(|pair| (pair[0] - pair[1]).abs() < 9.0);
    let centre = (at.len() as f64 - 1.0) / 2.0;
    at.iter()
        .enumerate()
        .map(|(place, &dot)| (dot, middle + if close { 10.0 * (place as f64 - centre) } else { 0.0 }))
        .collect()
}

fn draw_printed(svg: &mut Svg, published: &Printed, arms: &Arms, x: &Scale, y: f64) {
    let at = x.within(published.value);
    let kind = marks::kind_word(published.kind);
    let tip = format!("{}: {} of 100, interval {kind}", published.source, words::as_printed(published.value));
    svg.tipped(&tip, |svg| {
        if let (Some((low, high)), Some(class)) = (published.interval, marks::whisker(published.kind)) {
            svg.line((x.within(low), y), (x.within(high), y), class);
        }
        marks::marker(svg, Shape::of(arms.place(&published.arm)), (at, y), 4.0, "pub");
    });
    let end = published
        .interval
        .filter(|_| marks::whisker(published.kind).is_some())
        .map_or(at, |(_, high)| x.within(high));
    let name = measure::shorten(&published.source, 11.5, false, 130.0);
    svg.text((end.max(at) + 9.0, y + 4.0), Anchor::Start, "src halo", &name);
}

/// Draws a block for a phone: name and numbers above each line.
pub fn draw_narrow(block: Block<'_>, id: &str) -> String {
    let bottom = 34.0 + NARROW_ROW * block.rows.len() as f64;
    let mut svg = Svg::new(id, "narrow", NARROW_WIDTH, bottom + 22.0);
    let x = Scale::linear((0.0, 100.0), (6.0, 340.0));
    svg.text_with((0.0, 22.0), Anchor::Start, "arm", block.name, block.reading);
    for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
        svg.text((x.at(tick), bottom + 14.0), Anchor::Middle, "tick", &words::fixed(tick, 0));
    }
    for (place, row) in block.rows.iter().enumerate() {
        let top = 34.0 + NARROW_ROW * place as f64;
        draw_narrow_row(&mut svg, row, &block, &x, top);
    }
    svg.finish(&block.title(), &block.describe())
}

fn draw_narrow_row(svg: &mut Svg, row: &Row, block: &Block<'_>, x: &Scale, top: f64) {
    svg.text((0.0, top + 18.0), Anchor::Start, "t b", &measure::shorten(&row.title, 13.0, true, 352.0));
    let lines: Vec<String> =
        narrow_numbers(row, block).iter().map(|line| measure::shorten(line, 12.5, false, 352.0)).collect();
    svg.lines((0.0, top + 34.0), Anchor::Start, "sub", &lines, 15.0);
    for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let class = if tick == 0.0 { "ax" } else { "grid" };
        svg.line((x.at(tick), top + 59.0), (x.at(tick), top + 91.0), class);
    }
    draw_row(svg, row, block, x, top + 79.0);
}

/// "at 5 years: 90 against 33" and, below it, the difference with its interval.
fn narrow_numbers(row: &Row, block: &Block<'_>) -> Vec<String> {
    let number = |value: &Result<f64, String>| {
        value.as_ref().map_or("–".to_owned(), |&value| words::per_hundred(value))
    };
    let values: Vec<String> = row.cells.iter().map(|cell| number(&cell.value)).collect();
    let values = values.join(" against ");
    let values = if row.time.is_empty() { values } else { format!("{}: {values}", row.time) };
    let (difference, trial) = block.verdict(row);
    let difference = if difference.is_empty() { difference } else { format!("difference {difference}") };
    let below: Vec<String> = [difference, trial].into_iter().filter(|part| !part.is_empty()).collect();
    [values, below.join("; ")].into_iter().filter(|line| !line.is_empty()).collect()
}
