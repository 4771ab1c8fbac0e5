//! The page of a sensitivity analysis: bars of the first-order and total index of every input, and the numbers.

use std::fmt::Write;

use super::indices::Estimated;
use super::page::digits;
use super::sensitivity::{OfInput, Sensitivity};
use crate::report::axis::{round_ticks, tick_text};
use crate::report::palette;
use crate::report::svg::{Anchor, Svg, escape};
use crate::report::words as report_words;

/// What the page says beside the answer.
pub struct Asked<'a> {
    /// Title of the trial, or name of the model.
    pub title: &'a str,
    /// The command that repeats it.
    pub command: &'a str,
    /// Version of the program.
    pub version: &'a str,
}

/// Places of a drawing, in its own units.
struct Layout {
    class: &'static str,
    width: f64,
    left: f64,
    right: f64,
}

const WIDE: Layout = Layout { class: "wide", width: 1000.0, left: 260.0, right: 900.0 };
const NARROW: Layout = Layout { class: "narrow", width: 360.0, left: 130.0, right: 302.0 };
const ROW: f64 = 30.0;
const TOP: f64 = 30.0;

/// An interval of a share that is wider than this says little: half of all there is.
const WIDE_INTERVAL: f64 = 0.5;

/// Writes the page: one HTML text without script and without any request.
pub fn sensitivities(found: &Sensitivity, asked: &Asked<'_>) -> String {
    let css = format!("{}{}{}", palette::rules(), include_str!("../../templates/report.css"), CSS);
    let result = plain(&found.result);
    let mut body = format!(
        "<p class=\"kick\"><span>{}</span><span>What it depends on</span><span class=\"ru\">Research, not \
         advice</span></p><h1>{}</h1>",
        escape(asked.title),
        escape(&report_words::capital(&result))
    );
    for sentence in answers(found) {
        let _ = write!(body, "<p class=\"lead\">{}</p>", escape(&sentence));
    }
    let range = range(found);
    let _ = write!(
        body,
        "<section><figure class=\"a1\">{}{}</figure><p class=\"cap\">{}</p></section>",
        draw(found, range, &WIDE),
        draw(found, range, &NARROW),
        escape(&caption(found, range))
    );
    body.push_str(&table(found));
    let _ = write!(
        body,
        "<section><h2>How to read it</h2><ul class=\"as\"><li>Elasticity: percent of the result per percent of the input \
         at its middle. Swing: change of the result when the input goes from its lower to its upper quartile.</li>\
         <li>Held: {}.</li><li>Every result is the mean of {}, the same for every set of inputs.</li></ul>\
         <h3>Repeat it</h3><pre>{}</pre></section><footer><p>regraft {}</p></footer>",
        escape(&found.held),
        report_words::plural(found.fates, "fate", "fates"),
        escape(asked.command),
        escape(asked.version)
    );
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main>{body}</main></body></html>\n",
        escape(&result)
    )
}

const CSS: &str = "\n.reach { stroke: var(--ink); stroke-width: 1.5; }\n\
@media (min-width: 720px) { .find tbody td:nth-child(n), .find thead th:nth-child(n+2) { text-align: right; white-space: nowrap; } }\n\
pre { white-space: pre-wrap; font-size: 13px; background: var(--wash); padding: 10px 14px; }\n";

/// Names as words.
fn plain(text: &str) -> String {
    text.replace('_', " ")
}

/// What is read first.
fn answers(found: &Sensitivity) -> Vec<String> {
    let middle = format!("With every input at its middle it is {}", digits(found.at_middle));
    let (Some(mean), Some(sd)) = (found.mean, found.sd) else { return vec![middle + "."] };
    let points = report_words::plural(found.samples, "point", "points");
    let mut all = vec![format!(
        "{middle}; over {points} its mean is {} and its standard deviation {}.",
        digits(mean),
        digits(sd)
    )];
    let totals = || found.inputs.iter().filter_map(|input| Some((input, input.total?)));
    if let Some((input, total)) = totals().next() {
        let first = input
            .first
            .map_or(String::new(), |first| format!(", alone or with others; alone {}", shares(first)));
        all.push(format!(
            "Most hangs on {}: it has a part in {} of 100 of the variance{first}.",
            plain(&input.name),
            shares(total)
        ));
    }
    let widest = totals().map(|(_, total)| total.high - total.low).fold(0.0, f64::max);
    if widest > WIDE_INTERVAL {
        all.push(format!(
            "{} say little of this: the widest interval spans {} of 100. Four times as many would halve it (--samples {}).",
            report_words::capital(&points),
            report_words::fixed(100.0 * widest, 0),
            4 * found.samples
        ));
    }
    all
}

/// A share and its interval, per hundred.
fn shares(of: Estimated) -> String {
    let [value, low, high] =
        [of.value, of.low, of.high].map(|share| report_words::fixed(100.0 * share.clamp(0.0, 1.0), 0));
    format!("{value} ({low} to {high})")
}

/// The inputs that have some part in the result; all where none has.
fn with_a_part(found: &Sensitivity) -> Vec<&OfInput> {
    let is_global = found.samples > 0;
    let has = |of: Option<Estimated>| of.is_some_and(|of| of.low != 0.0 || of.value != 0.0 || of.high != 0.0);
    let has_part = |input: &&OfInput| match is_global {
        true => has(input.first) || has(input.total),
        false => input.swing.is_some_and(|swing| swing != 0.0),
    };
    let drawn: Vec<&OfInput> = found.inputs.iter().filter(has_part).collect();
    if drawn.is_empty() { found.inputs.iter().collect() } else { drawn }
}

fn caption(found: &Sensitivity, range: (f64, f64)) -> String {
    let left_out = found.inputs.len() - with_a_part(found).len();
    let left_out = match left_out {
        0 => String::new(),
        1 => " One more input has no part; it is in the table alone.".into(),
        n => format!(" {n} more inputs have no part; they are in the table alone."),
    };
    read_as(found, range) + &left_out
}

/// What bars and lines are.
fn read_as(found: &Sensitivity, (low, high): (f64, f64)) -> String {
    if found.samples == 0 {
        return "Bar: change of the result when this input goes from its lower to its upper quartile, the others at their middle.".into();
    }
    let text = "Strong bar: first-order index, the share of the variance that vanishes if this input is known. Pale bar: \
                total index, the share that remains if all others are known. Lines: 95 % bootstrap intervals.";
    let beyond = |of: Option<Estimated>| of.is_some_and(|of| of.low < low || of.high > high);
    let is_cut = found.inputs.iter().any(|input| beyond(input.first) || beyond(input.total));
    format!(
        "{text}{}",
        if is_cut { " A line that reaches an edge of the drawing goes on beyond it." } else { "" }
    )
}

/// Ends of the values of a bar: pale, strong.
fn bars(input: &OfInput, is_global: bool) -> (f64, f64) {
    if is_global {
        (input.total.map_or(0.0, |total| total.value), input.first.map_or(0.0, |first| first.value))
    } else {
        (0.0, input.swing.unwrap_or(0.0))
    }
}

/// Ends of the axis: shares are drawn from 0 to 1 and as far beyond as the bars go.
fn range(found: &Sensitivity) -> (f64, f64) {
    let is_global = found.samples > 0;
    let ends = found.inputs.iter().flat_map(|input| <[f64; 2]>::from(bars(input, is_global)));
    let start = if is_global { (0.0, 1.0) } else { (0.0, 1e-9) };
    ends.fold(start, |(low, high): (f64, f64), value| (low.min(value), high.max(value)))
}

fn draw(found: &Sensitivity, (low, high): (f64, f64), layout: &Layout) -> String {
    let is_global = found.samples > 0;
    let Layout { class, width, left, right } = *layout;
    let at = |value: f64| left + (value.clamp(low, high) - low) / (high - low) * (right - left);
    let inputs = with_a_part(found);
    let bottom = TOP + ROW * inputs.len() as f64;
    let mut svg = Svg::new(&format!("sensitivity-{class}"), class, width, bottom + 12.0);
    for tick in round_ticks(low, high).into_iter().filter(|tick| (low..=high).contains(tick)) {
        svg.line((at(tick), TOP - 8.0), (at(tick), bottom), if tick == 0.0 { "ax" } else { "grid" });
        svg.text((at(tick), TOP - 14.0), Anchor::Middle, "tick", &tick_text(tick));
    }
    for (row, input) in inputs.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let (pale, strong) = bars(input, is_global);
        svg.text((left - 12.0, y + 14.0), Anchor::End, "t", &plain(&input.name));
        let bar = |svg: &mut Svg, value: f64, class: &str| {
            let (from, to) = (at(0.0).min(at(value)), at(0.0).max(at(value)));
            svg.rect((from, y + 3.0), (to - from, 15.0), 0.0, class);
        };
        bar(&mut svg, pale, "f2");
        bar(&mut svg, strong, "f");
        for (index, shift) in [(input.first, 8.0), (input.total, 13.0)] {
            if let Some(index) = index {
                svg.line((at(index.low), y + shift), (at(index.high), y + shift), "reach");
            }
        }
        let shown = if is_global { pale } else { strong };
        svg.text((width - 8.0, y + 14.0), Anchor::End, "num", &digits(shown));
    }
    let words: Vec<String> = inputs
        .iter()
        .map(|input| {
            let (pale, strong) = bars(input, is_global);
            format!("{}: {}", plain(&input.name), digits(if is_global { pale } else { strong }))
        })
        .collect();
    svg.finish(&format!("What {} depends on", plain(&found.result)), &words.join("; "))
}

fn table(found: &Sensitivity) -> String {
    const HEADS: [&str; 5] = ["5 %, middle, 95 %", "elasticity", "swing", "first-order index", "total index"];
    let index = |of: Option<Estimated>| {
        of.map_or("–".into(), |of| {
            let [value, low, high] = [of.value, of.low, of.high].map(|share| report_words::fixed(share, 2));
            format!("{value} ({low} to {high})")
        })
    };
    let number = |value: Option<f64>| value.map_or("–".into(), digits);
    let mut html = String::from(
        "<section><h2>Numbers</h2><div class=\"scroll\"><table class=\"find\"><thead><tr><th>Input</th>",
    );
    HEADS.iter().for_each(|head| html.push_str(&format!("<th>{head}</th>")));
    html.push_str("</tr></thead><tbody>");
    for input in &found.inputs {
        let spread = [input.low, input.middle, input.high].map(digits).join(", ");
        let cells =
            [spread, number(input.elasticity), number(input.swing), index(input.first), index(input.total)];
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(&plain(&input.name)));
        for (head, cell) in HEADS.iter().zip(cells) {
            let _ = write!(html, "<td data-l=\"{head}\">{}</td>", escape(&cell));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div></section>");
    html
}
