//! Numbers at risk under a curve: the cohort in arm colour, a trial of the published size in grey.

use super::axis::Scale;

use super::data::{CurveArm, CurveFigure};
use super::measure;
use super::plot::{CurveContext, CurveSize};
use super::svg::{Anchor, Svg};
use super::words;

/// Height of one row of numbers.
const ROW: f64 = 17.0;

/// Writes the numbers and returns the height of the whole drawing.
pub fn draw(
    svg: &mut Svg,
    figure: &CurveFigure,
    context: CurveContext<'_>,
    size: CurveSize,
    x: Scale,
) -> f64 {
    let axis = size.frame.bottom + 40.0;
    if figure.arms.iter().all(|arm| arm.at_risk.is_empty()) {
        return axis;
    }
    let mut y = axis + 16.0;
    svg.text((size.frame.left, y), Anchor::Start, "rk", "Still followed, without the event");
    for arm in &figure.arms {
        y = draw_arm(svg, arm, context, size, x, y);
    }
    y + 8.0
}

fn draw_arm(
    svg: &mut Svg,
    arm: &CurveArm,
    context: CurveContext<'_>,
    size: CurveSize,
    x: Scale,
    y: f64,
) -> f64 {
    let style = context.arms.get(&arm.arm);
    let start = arm.at_risk.first().map_or(0, |row| row.1);
    let columns = columns(arm, size, x);
    let cells = |pick: &dyn Fn(&Column) -> Option<usize>| -> Vec<(f64, String)> {
        columns.iter().filter_map(|column| Some((x.at(column.0), words::count(pick(column)?)))).collect()
    };
    let simulated = format!("{} simulated", words::count(start));
    let name = if size.names_inside { format!("{}, of {simulated}", style.short) } else { simulated };
    let class = format!("rk c {}", style.class);
    let row = Row { name: &name, short: "simulated", class: &class, cells: cells(&|column| Some(column.1)) };
    let mut y = row.draw(svg, size, y + 2.0);
    if columns.iter().any(|column| column.2.is_some()) {
        let name = trial_text(arm, context.published_size);
        let row = Row { name: &name, short: "such a trial", class: "rk2", cells: cells(&|column| column.2) };
        y = row.draw(svg, size, y);
    }
    y + 3.0
}

fn trial_text(arm: &CurveArm, published_size: &str) -> String {
    match arm.at_risk.first().and_then(|row| row.2) {
        Some(start) => format!("a trial of {}", words::count(start)),
        None => format!("a trial of {published_size}"),
    }
}

/// Day, patients at risk in the cohort, patients at risk in a trial of the published size.
type Column = (f64, usize, Option<usize>);

/// One row of numbers with its name.
struct Row<'a> {
    name: &'a str,
    /// The name where the whole one does not fit.
    short: &'a str,
    class: &'a str,
    /// Pixel and number.
    cells: Vec<(f64, String)>,
}

impl Row<'_> {
    /// Writes the row below `y`; on a phone the name stands above its numbers, else beside them.
    fn draw(&self, svg: &mut Svg, size: CurveSize, y: f64) -> f64 {
        let mut y = y + ROW;
        if size.names_inside {
            let name = measure::shorten(self.name, 12.5, false, size.width - 24.0);
            svg.text((24.0, y), Anchor::Start, self.class, &name);
            y += ROW - 2.0;
        } else {
            let room = size.width - size.frame.right - 22.0;
            let fits = measure::width(self.name, 12.5, false) <= room;
            let name =
                if fits { self.name.to_owned() } else { measure::shorten(self.short, 12.5, false, room) };
            svg.text((size.frame.right + 22.0, y), Anchor::Start, self.class, &name);
        }
        for (at, number) in &self.cells {
            svg.text((*at, y), Anchor::Middle, self.class, number);
        }
        y
    }
}

/// The times that fit beside each other.
fn columns(arm: &CurveArm, size: CurveSize, x: Scale) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let room = if size.names_inside { 34.0 } else { 40.0 };
    for &row in &arm.at_risk {
        let at = x.at(row.0);
        let free = columns.last().is_none_or(|last| room <= at - x.at(last.0));
        if at.is_finite() && at <= size.frame.right + 4.0 && free {
            columns.push(row);
        }
    }
    columns
}
