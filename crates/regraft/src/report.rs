//! The report: one self-contained page.
//!
//! [`render`] takes plain data and gives HTML without script and without any request. The rules of
//! the drawings: filled is simulated, hollow is published; hue means arm and nothing else; every
//! estimate carries its interval and the interval says which one it is.

pub mod data;

pub(crate) mod words;

pub(crate) mod measure;

pub(crate) mod palette;

pub(crate) mod svg;

pub(crate) mod axis;

pub(crate) mod place;

pub(crate) mod arms;

pub(crate) mod marks;

pub(crate) mod plot;

mod timeline;

mod steps;

mod curves;
pub(crate) mod doubt;

pub(crate) mod stack;

mod risk;

mod scores;

mod benefit_harm;

mod benefit_rows;

pub(crate) mod fans;

mod lanes;

mod strip;

pub(crate) mod grade;
pub use grade::word as grade_word;
pub use words::{count, fixed, inner, printed_units, signed};

mod bars;

mod answer;

mod header;

mod titles;

mod findings_table;

mod figure_tables;

mod figures;

mod page;

#[cfg(test)]
mod tests;

use data::ReportData;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Value};

/// The page could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The page's template does not fit its content; a fault of this program, not of the data.
    #[error("cannot write the report: {0}")]
    Template(#[from] minijinja::Error),
}

/// The answer in words with which the report begins, as plain text.
pub fn answer_text(data: &ReportData) -> String {
    let data = with_horizon(with_names(data.clone()));
    let spans = answer::answer(&data, &arms::Arms::of(&data));
    let text = |span: &answer::Span| {
        if span.class == "note" { format!(" {}", span.text) } else { span.text.clone() }
    };
    spans.iter().map(text).collect()
}

/// Writes the report as one HTML page.
///
/// The page asks for nothing from outside, holds no script, and depends only on `data`: the same
/// data give the same bytes. Numbers that are not finite are left out, never printed.
///
/// # Errors
/// [`ReportError`] if the embedded template cannot be filled, whatever the data.
pub fn render(data: &ReportData) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("report", include_str!("../templates/report.html.j2"))?;
    let page = page::Page::of(&with_horizon(with_names(data.clone())));
    Ok(environment.get_template("report")?.render(Value::from(minijinja::value::Serde(&page)))?)
}

/// The data with readable names of the sources of drawn values, and units as they are printed.
fn with_names(mut data: ReportData) -> ReportData {
    let names = data.clone();
    let curves = data.curves.iter_mut().flat_map(|figure| &mut figure.published);
    let scores = data.scores.iter_mut().flat_map(|figure| &mut figure.published);
    let fans = data.fans.iter_mut().flat_map(|fan| &mut fan.measured);
    for point in curves.chain(scores).chain(fans) {
        point.source = benefit_rows::display_name(&names, &point.source);
    }
    data.arms
        .iter_mut()
        .flat_map(|arm| &mut arm.steps)
        .for_each(|step| step.text = printed_units(&step.text));
    data.fans.iter_mut().for_each(|fan| fan.unit = printed_units(&fan.unit));
    data
}

/// The data with a follow-up that can be drawn: where the given one is not a positive number, the
/// last day of any curve stands in.
fn with_horizon(data: ReportData) -> ReportData {
    if data.horizon_days.is_finite() && 0.0 < data.horizon_days {
        return data;
    }
    let days = data.curves.iter().flat_map(|figure| &figure.arms).flat_map(|arm| &arm.days);
    let last = days.copied().filter(|day| day.is_finite()).fold(1.0, f64::max);
    ReportData { horizon_days: last, ..data }
}
