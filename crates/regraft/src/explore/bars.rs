//! The page of a sensitivity analysis: bars of the first-order and total index of every input.

use std::fmt::Write;

use super::page::digits;
use super::sensitivity::{OfInput, Sensitivity};
use crate::report::palette;
use crate::report::svg::{Anchor, Svg, escape};

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 260.0;
const RIGHT: f64 = 900.0;
const ROW: f64 = 30.0;
const TOP: f64 = 34.0;

/// Writes the page: one HTML text without script and without any request.
pub fn sensitivities(found: &Sensitivity) -> String {
    let css = format!("{}{}{}", palette::rules(), include_str!("../../templates/report.css"), CSS);
    let mut body =
        format!("<p class=\"kick\"><span>What it depends on</span></p><h1>{}</h1>", escape(&found.result));
    let _ = write!(body, "<p class=\"lead\">{}</p>", escape(&lead(found)));
    let _ = write!(
        body,
        "<section><figure class=\"a1\">{}</figure><p class=\"cap\">{}</p></section>",
        draw(found),
        escape(caption(found))
    );
    let _ = write!(
        body,
        "<section><h2>What is held</h2><p>{}.</p><p>Every result is the mean of {} fates, the same for every set of \
         inputs.</p></section>",
        escape(&found.held),
        found.fates
    );
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main>{body}</main></body></html>\n",
        escape(&found.result)
    )
}

const CSS: &str = "\n.reach { stroke: var(--ink); stroke-width: 1.5; }\n";

fn lead(found: &Sensitivity) -> String {
    match (found.mean, found.sd) {
        (Some(mean), Some(sd)) => format!(
            "With every input at its middle it is {}; over {} points its mean is {} and its standard deviation {}.",
            digits(found.at_middle),
            found.samples,
            digits(mean),
            digits(sd)
        ),
        _ => format!("With every input at its middle it is {}.", digits(found.at_middle)),
    }
}

fn caption(found: &Sensitivity) -> &'static str {
    if found.samples > 0 {
        "Strong bar: first-order index, the share of the variance that vanishes if this input is known. Pale bar: total \
         index, the share that remains if all others are known. Lines: 95 % bootstrap intervals."
    } else {
        "Bar: change of the result when this input goes from its lower to its upper quartile, the others at their middle."
    }
}

/// Ends of the values of a bar: pale, strong.
fn bars(input: &OfInput, is_global: bool) -> (f64, f64) {
    if is_global {
        (input.total.map_or(0.0, |total| total.value), input.first.map_or(0.0, |first| first.value))
    } else {
        (0.0, input.swing.unwrap_or(0.0))
    }
}

fn draw(found: &Sensitivity) -> String {
    let is_global = found.samples > 0;
    let ends = found.inputs.iter().flat_map(|input| {
        let (pale, strong) = bars(input, is_global);
        let reach =
            input.total.map_or(0.0, |total| total.high).max(input.first.map_or(0.0, |first| first.high));
        [pale, strong, reach]
    });
    let (low, high) = ends.fold((0.0f64, 1e-9f64), |(low, high), value| (low.min(value), high.max(value)));
    let at = |value: f64| LEFT + (value.clamp(low, high) - low) / (high - low) * (RIGHT - LEFT);
    let mut svg = Svg::new("sensitivity", "", WIDTH, TOP + ROW * found.inputs.len() as f64 + 20.0);
    svg.line((at(0.0), TOP - 8.0), (at(0.0), TOP + ROW * found.inputs.len() as f64), "ax");
    svg.text((at(0.0), TOP - 14.0), Anchor::Middle, "tick", "0");
    svg.text((RIGHT, TOP - 14.0), Anchor::End, "tick", &digits(high));
    for (row, input) in found.inputs.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let (pale, strong) = bars(input, is_global);
        svg.text((LEFT - 12.0, y + 14.0), Anchor::End, "t", &input.name.replace('_', " "));
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
        svg.text((WIDTH - 8.0, y + 14.0), Anchor::End, "num", &digits(shown));
    }
    let words: Vec<String> = found
        .inputs
        .iter()
        .map(|input| {
            let (pale, strong) = bars(input, is_global);
            format!("{}: {}", input.name, digits(if is_global { pale } else { strong }))
        })
        .collect();
    svg.finish(&format!("What {} depends on", found.result), &words.join("; "))
}
