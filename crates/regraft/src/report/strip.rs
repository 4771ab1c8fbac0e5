//! The little picture of one finding: hollow above, published; filled below, simulated.

use super::axis::Scale;
use super::marks::{self, Shape};
use super::svg::Svg;
use super::words::{self, ends, real};
use crate::findings::{Finding, Published};

const WIDTH: f64 = 140.0;
const LEFT: f64 = 10.0;
const UPPER: f64 = 7.0;
const LOWER: f64 = 18.0;

/// Draws `published` beside the estimate of `finding`; `hue` is the class of its arm, or `a0` for a
/// comparison. Nothing if neither is a number.
pub fn draw(finding: &Finding, published: Option<&Published>, hue: &str, id: &str) -> Option<String> {
    let values = values(finding, published);
    let scale = scale(&values, words::is_ratio(&finding.unit))?;
    let mut svg = Svg::new(id, "", WIDTH, 26.0);
    draw_simulated(&mut svg, finding, &scale, hue);
    if let Some(published) = published.filter(|published| published.value.is_finite()) {
        draw_published(&mut svg, published, &scale);
    }
    Some(svg.finish("Simulated beside published", &describe(finding, published)))
}

fn values(finding: &Finding, published: Option<&Published>) -> Vec<f64> {
    let mut values: Vec<f64> = real(finding.estimate).into_iter().collect();
    for pair in [ends(finding.predicted_low, finding.predicted_high), ends(finding.ci_low, finding.ci_high)] {
        values.extend(pair.into_iter().flat_map(|(low, high)| [low, high]));
    }
    if let Some(published) = published.filter(|published| published.value.is_finite()) {
        values.push(published.value);
        let pair = ends(published.ci_low, published.ci_high);
        values.extend(pair.into_iter().flat_map(|(low, high)| [low, high]));
    }
    values
}

fn scale(values: &[f64], by_ratio: bool) -> Option<Scale> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.is_empty() {
        return None;
    }
    let pixels = (LEFT, WIDTH - LEFT);
    Some(if by_ratio && 0.0 < low {
        Scale::log((low, high), pixels)
    } else {
        Scale::linear((low, high), pixels)
    })
}

fn draw_simulated(svg: &mut Svg, finding: &Finding, scale: &Scale, hue: &str) {
    let predicted = ends(finding.predicted_low, finding.predicted_high);
    if let Some((low, high)) = predicted {
        svg.line((scale.at(low), LOWER), (scale.at(high), LOWER), "strip-trial");
    }
    if let Some((low, high)) = ends(finding.ci_low, finding.ci_high) {
        svg.line((scale.at(low), LOWER), (scale.at(high), LOWER), &format!("strip-error s {hue}"));
    }
    if let Some(value) = real(finding.estimate) {
        svg.circle((scale.at(value), LOWER), 4.0, &format!("f {hue}"));
    }
}

fn draw_published(svg: &mut Svg, published: &Published, scale: &Scale) {
    let pair = ends(published.ci_low, published.ci_high);
    if let (Some((low, high)), Some(class)) = (pair, marks::whisker(published.ci_kind)) {
        svg.line((scale.at(low), UPPER), (scale.at(high), UPPER), class);
    }
    marks::marker(svg, Shape::Circle, (scale.at(published.value), UPPER), 3.8, "pub");
}

fn describe(finding: &Finding, published: Option<&Published>) -> String {
    let simulated = real(finding.estimate).map_or_else(
        || words::MISSING.to_owned(),
        |value| words::fixed(value, words::decimals(&finding.unit, value)),
    );
    let printed = published.map_or_else(|| "none".to_owned(), |published| words::as_printed(published.value));
    format!("simulated {simulated}, published {printed}")
}
