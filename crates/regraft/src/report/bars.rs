//! Bars of counts: where the numbers of the cards come from, and who entered the cohort.

use super::data::ReportData;
use super::measure;
use super::svg::{Anchor, Svg};
use super::words::{self, count};

/// The stacked bar of the origin of numbers.
pub fn draw_sources(sources: &[(String, usize)], class: &'static str, id: &str) -> String {
    let width = if class == "narrow" { 354.0 } else { 1000.0 };
    let shown: Vec<(usize, &(String, usize))> =
        sources.iter().enumerate().filter(|(_, source)| 0 < source.1).collect();
    let total: usize = shown.iter().map(|(_, source)| source.1).sum();
    let labels: Vec<(usize, String)> =
        shown.iter().map(|(part, source)| (*part, format!("{} {}", count(source.1), source.0))).collect();
    let room = width - 2.0 * (shown.len() as f64 - 1.0);
    let widths: Vec<f64> =
        shown.iter().map(|(_, source)| source.1 as f64 / total.max(1) as f64 * room).collect();
    let fits =
        labels.iter().zip(&widths).all(|((_, label), room)| measure::width(label, 13.0, false) <= *room);
    let mut svg = Svg::new(id, class, width, 46.0);
    let y = if fits { 22.0 } else { 6.0 };
    let mut x = 0.0;
    for ((part, label), room) in labels.iter().zip(&widths) {
        svg.rect((x, y), (*room, 16.0), 0.0, &format!("part{}", (*part).min(3) + 1));
        if fits {
            svg.text((x, 14.0), Anchor::Start, "t", label);
        }
        x += room + 2.0;
    }
    if !fits {
        let bottom = draw_source_names(&mut svg, &labels, width);
        svg.set_height(bottom);
    }
    svg.finish(
        "Numbers of the cards by origin",
        &format!(
            "{}, of {}.",
            words::list(&labels.into_iter().map(|label| label.1).collect::<Vec<_>>()),
            count(total)
        ),
    )
}

/// Names below the bar, with a small square each, in as many lines as they need.
fn draw_source_names(svg: &mut Svg, labels: &[(usize, String)], width: f64) -> f64 {
    let (mut x, mut y) = (0.0, 44.0);
    for (part, label) in labels {
        let room = measure::width(label, 13.0, false) + 36.0;
        if width < x + room - 18.0 && 0.0 < x {
            (x, y) = (0.0, y + 20.0);
        }
        svg.rect((x, y - 10.0), (11.0, 11.0), 0.0, &format!("part{}", (*part).min(3) + 1));
        svg.text((x + 17.0, y), Anchor::Start, "t", label);
        x += room;
    }
    y + 8.0
}

/// One bar of the funnel.
struct Bar {
    label: String,
    number: usize,
    /// Where the bar starts, in patients.
    start: usize,
    class: &'static str,
}

fn funnel_bars(data: &ReportData) -> Vec<Bar> {
    let bar = |label: &str, number, start, class| Bar { label: label.to_owned(), number, start, class };
    let mut bars = vec![bar("screened", data.screened, 0, "part2")];
    let mut left = data.screened;
    for (reason, number) in &data.not_entered {
        left = left.saturating_sub(*number);
        bars.push(bar(reason, *number, left, "part3"));
    }
    bars.push(bar("entered", data.entered, 0, "part1"));
    let mut failed: Vec<u64> = data.failures.iter().map(|failure| failure.patient).collect();
    failed.sort_unstable();
    failed.dedup();
    if !failed.is_empty() {
        let solved = data.entered.saturating_sub(failed.len());
        bars.push(bar("failed in at least one arm", failed.len(), solved, "evo"));
    }
    bars
}

/// Screened, not entered and why, entered, failed; nothing if nobody was screened.
pub fn draw_funnel(data: &ReportData, class: &'static str, id: &str) -> Option<String> {
    if data.screened == 0 {
        return None;
    }
    let bars = funnel_bars(data);
    let narrow = class == "narrow";
    let (width, left, step) = if narrow { (354.0, 0.0, 46.0) } else { (1000.0, 400.0, 28.0) };
    let mut svg = Svg::new(id, class, width, 6.0 + step * bars.len() as f64);
    let room = width - left - 70.0;
    let most = bars.iter().map(|bar| bar.start + bar.number).max().unwrap_or(1).max(1) as f64;
    for (place, bar) in bars.iter().enumerate() {
        let top = 4.0 + step * place as f64;
        let y = if narrow { top + 20.0 } else { top };
        let (x, length) = (left + room * bar.start as f64 / most, room * bar.number as f64 / most);
        let label =
            measure::shorten(&words::capital(&bar.label), 13.0, false, if narrow { 350.0 } else { 388.0 });
        svg.text((0.0, top + 14.0), Anchor::Start, "t", &label);
        svg.rect((x, y + 2.0), (length.max(1.5), 15.0), 0.0, bar.class);
        svg.text((x + length + 8.0, y + 14.0), Anchor::Start, "num", &count(bar.number));
    }
    let parts: Vec<String> = bars.iter().map(|bar| format!("{} {}", count(bar.number), bar.label)).collect();
    Some(svg.finish("Who entered the cohort", &format!("{}.", parts.join(", "))))
}
