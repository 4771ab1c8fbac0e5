//! The page of a comparison: drawings, then every row in a table. No script, nothing asked for from outside.

use std::fmt::Write;

use super::Validation;
use super::panel::{self, Panel, hue};
use super::score::ScoreRow;
use crate::report::palette;
use crate::report::svg::escape;
use crate::report::words;

/// Rules beside those of the report.
const CSS: &str = "
.window { fill: var(--part3); opacity: .85; }
.key { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12.5px; color: var(--ink2); margin: 2px 0 0; padding: 0; list-style: none; }
.key li { display: flex; gap: 6px; align-items: center; }
.key .sw { width: 9px; height: 9px; }
.rows { list-style: none; margin: 4px 0 0; padding: 0; font-size: 12.5px; line-height: 1.4; color: var(--ink2); }
.rows b { color: var(--ink); }
.pairs .panel { margin-bottom: 44px; }
.bar { width: 10px; height: 14px; border-radius: 2px; background: var(--part3); display: inline-block; }
";

/// The page.
pub(super) fn page(found: &Validation) -> String {
    let mut html = String::new();
    let css = format!("{}{}{CSS}", palette::rules(), include_str!("../../templates/report.css"));
    let title = escape(&found.title);
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"regraft {}\">\n<title>{title}</title>\n<style>\n{css}</style>\n\
         </head>\n<body>\n<main>\n",
        found.version
    );
    head(&mut html, found, &title);
    html.push_str("<section>\n<h2>Simulated and measured over time</h2>\n<div class=\"pairs\">\n");
    for (place, panel) in panel::panels(found).iter().enumerate() {
        draw(&mut html, found, panel, place);
    }
    html.push_str("</div>\n</section>\n");
    tables(&mut html, found);
    simulations(&mut html, found);
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn head(html: &mut String, found: &Validation, title: &str) {
    let summary = found.summary.as_deref().map(escape).unwrap_or_default();
    let _ = write!(
        html,
        "<header>\n<p class=\"kick\"><span>regraft validate {}</span><span>seed {}</span>\
         <span>{} in each simulation</span><span class=\"ru\">Research use only</span></p>\n\
         <h1>{title}</h1>\n<p class=\"ans\">{}</p>\n<p class=\"lead\">{summary}</p>\n",
        escape(&found.scorecard),
        found.seed,
        words::plural(found.patients, "patient", "patients"),
        escape(&answer(found)),
    );
    html.push_str(
        "<ul class=\"legend\"><li><span class=\"sw band error\"></span>80 % of simulated patients, line: median</li>\
         <li><span class=\"sw hol\"></span>measured</li><li><span class=\"whp\"></span>printed range of patients or series</li>\
         <li><span class=\"bar\"></span>window of plausible values, no evidence</li>\
         <li><span class=\"whd\"></span>lower end of normal</li></ul>\n</header>\n",
    );
}

/// The score in a sentence.
fn answer(found: &Validation) -> String {
    let tally = found.tally;
    format!(
        "Of {} that can be simulated, {} the printed range, {} outside it and {} none to be judged by; {} not be simulated yet.",
        words::plural(tally.scored, "measured row", "measured rows"),
        verb(tally.inside, "lies in", "lie in"),
        verb(tally.outside, "lies", "lie"),
        verb(tally.without_range, "has", "have"),
        verb(tally.not_simulated, "can", "can"),
    )
}

fn verb(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn draw(html: &mut String, found: &Validation, panel: &Panel<'_>, place: usize) {
    let _ = write!(
        html,
        "<div class=\"panel\">\n<p class=\"pt\"><b>{}</b> <span>{}</span></p>\n{}\n<div><ul class=\"key\">",
        escape(panel.title()),
        escape(&panel.unit()),
        panel.draw(&format!("panel-{place}"))
    );
    for (place, course) in panel.courses.iter().enumerate() {
        let simulation = found.simulations.iter().find(|one| one.id == course.simulation);
        let title = simulation.map_or(course.simulation.as_str(), |one| &one.title);
        let _ =
            write!(html, "<li class=\"{}\"><span class=\"sw cb\"></span>{}</li>", hue(place), escape(title));
    }
    html.push_str("</ul>\n<ul class=\"rows\">");
    for row in panel.rows.iter().filter(|row| row.kind != "window") {
        let glyph = if row.observed.is_some() { panel.shape_of(row).glyph() } else { '–' };
        let _ = write!(
            html,
            "<li>{glyph} {}: {}, simulated <b>{}</b></li>",
            escape(&row.source),
            escape(&with_time(row)),
            escape(&simulated_text(row))
        );
    }
    html.push_str("</ul></div>\n</div>\n");
}

/// "2 times own baseline on 2 years".
fn with_time(row: &ScoreRow) -> String {
    let when = panel::when(row);
    let unit = if row.observed.is_some() || row.low.is_some() {
        words::printed_units(&row.unit)
    } else {
        String::new()
    };
    let when = if when.is_empty() { when } else { format!(", {when}") };
    format!("{} {unit}{when}", panel::observed_text(row)).replace(" ,", ",").trim().to_owned()
}

/// "9 (8 to 11)", or why there is no number.
pub(super) fn simulated_text(row: &ScoreRow) -> String {
    let Some(value) = row.simulated else {
        return row.not_reached.clone().or_else(|| row.not_simulated.clone()).unwrap_or_default();
    };
    let value = panel::figures(value);
    let never = row.never_below.filter(|share| 0.0 < *share);
    let never = never.map_or(String::new(), |share| {
        format!(", {} % never below", panel::figures((100.0 * share).round()))
    });
    let spread = match (row.simulated_low, row.simulated_high) {
        (Some(low), Some(high)) => format!("{value} ({} to {})", panel::figures(low), panel::figures(high)),
        (Some(low), None) => format!("{value} ({} to beyond)", panel::figures(low)),
        _ => value,
    };
    spread + &never
}

fn tables(html: &mut String, found: &Validation) {
    let simulated = |kind: &'static str| move |row: &&ScoreRow| row.kind == kind && row.simulation.is_some();
    let of = |kind| found.rows.iter().filter(simulated(kind)).collect::<Vec<_>>();
    html.push_str("<section>\n<h2>Row by row</h2>\n");
    table(
        html,
        "Measured",
        "The median of patients lies inside where the printed range holds it. A range is that of patients or series, not an interval of the median: to be inside it is little.",
        &of("measured"),
    );
    table(html, "Said in words", "Shown, never counted.", &of("qualitative"));
    table(
        html,
        "Windows of plausible values",
        "From memory of published series. They are no evidence and are never counted.",
        &of("window"),
    );
    let left: Vec<&ScoreRow> = found.rows.iter().filter(|row| row.simulation.is_none()).collect();
    if !left.is_empty() {
        html.push_str("<h3>Not simulated</h3>\n<div class=\"scroll\"><table class=\"plain\"><thead><tr><th>Quantity</th><th>Group</th><th>Source says</th><th>Why</th></tr></thead><tbody>");
        for row in left {
            let cells = [&row.quantity, &row.group, &row.observed_words];
            let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(cells[0]));
            let _ = write!(html, "<td>{}</td><td>{}</td>", escape(cells[1]), escape(cells[2]));
            let _ =
                writeln!(html, "<td>{}</td></tr>", escape(row.not_simulated.as_deref().unwrap_or_default()));
        }
        html.push_str("</tbody></table></div>\n");
    }
    let _ = writeln!(
        html,
        "<p class=\"cap\">{} of outcomes of patients {} not compared here; {} kept for validation {} not opened.</p>\n</section>",
        words::plural(found.clinical_rows, "row", "rows"),
        if found.clinical_rows == 1 { "is" } else { "are" },
        words::plural(found.unopened_rows, "row", "rows"),
        if found.unopened_rows == 1 { "is" } else { "are" },
    );
}

fn table(html: &mut String, title: &str, note: &str, rows: &[&ScoreRow]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(
        html,
        "<h3>{title}</h3>\n<p class=\"cap\">{note}</p>\n<div class=\"scroll\"><table class=\"plain\"><thead><tr>\
         <th>Quantity</th><th>Group</th><th>When</th><th>Observed</th><th>Simulated (10–90 %)</th><th>Unit</th>\
         <th>Inside?</th><th>Source</th></tr></thead><tbody>"
    );
    for row in rows {
        let verdict = match row.inside {
            Some(true) => "inside",
            Some(false) => "<b>outside</b>",
            None => "–",
        };
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{verdict}</td><td>{}</td></tr>",
            escape(&row.quantity),
            escape(&row.group),
            escape(&panel::when(row)),
            escape(&panel::observed_text(row)),
            escape(&simulated_text(row)),
            escape(&words::printed_units(&row.unit)),
            escape(&row.source)
        );
    }
    html.push_str("</tbody></table></div>\n");
}

fn simulations(html: &mut String, found: &Validation) {
    html.push_str("<section>\n<h2>Who is simulated</h2>\n<ul class=\"as\">\n");
    for one in &found.simulations {
        let _ = writeln!(
            html,
            "<li><b>{}</b>: people of <code>{}</code>, arm <code>{}</code>, {}, {}; {}</li>",
            escape(&one.title),
            escape(&one.trial),
            escape(&one.arm),
            words::plural(one.grafted, "patient grafted", "patients grafted"),
            words::plural(one.failed, "not solved", "not solved"),
            escape(&words::sentence(&one.why))
        );
    }
    let _ = writeln!(html, "</ul>\n<pre><code>{}</code></pre>\n</section>", escape(&found.run.command));
}
