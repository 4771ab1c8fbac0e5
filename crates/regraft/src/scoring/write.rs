//! The folder of a scorecard: the page, the same as Markdown with its figures, the numbers, the trials as they were
//! written, and last the manifest.

use std::fmt::Write;

use super::Scored;
use super::headline;
use super::page::{self, Block};
use super::plan::Prepared;
use crate::report::palette;
use crate::report::svg::escape;
use crate::run_folder::manifest::STREAM_VERSION;
use crate::run_folder::manifest::{FileHash, Manifest, ManifestArm};
use crate::run_folder::{RunFolder, WriteError};

/// Rules beside those of the report.
const CSS: &str = "
header + section { margin-top: 0; }
.scroll { overflow-x: auto; margin: 0 0 28px; }
table.score { border-collapse: collapse; font-size: 13.5px; line-height: 1.4; min-width: 100%; }
table.score th { text-align: left; font-weight: 650; border-bottom: 1px solid var(--ink); padding: 4px 16px 4px 0; vertical-align: bottom; }
table.score td { border-bottom: 1px solid var(--grid); padding: 4px 16px 4px 0; vertical-align: top; text-align: left; color: var(--ink2); }
table.score td:first-child { color: var(--ink); }
.sentences { font-size: 15px; line-height: 1.5; padding-left: 18px; max-width: 48em; }
.sentences li::first-letter { text-transform: uppercase; }
figure { margin: 0 0 36px; min-width: 0; }
figcaption b { display: block; font-size: 15px; margin-bottom: 2px; }
.figs { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 32px; }
details { margin: 0 0 20px; } summary { cursor: pointer; font-weight: 650; margin-bottom: 12px; }
@media (max-width: 720px) {
  table.score, table.score tbody { display: block; min-width: 0; }
  table.score thead { display: none; }
  table.score tr { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 18px; padding: 10px 0; }
  table.score td { border: 0; padding: 0; overflow-wrap: anywhere; }
  table.score td:first-child { grid-column: 1 / -1; font-weight: 650; }
  table.score td:not(:first-child)::before { content: attr(data-l); display: block; font-size: 12px; color: var(--ink3); }
  table.score td.empty { display: none; }
}
";

/// Writes `index.html`, `scorecard.md` with `figures/`, `scorecard.json`, `rows.csv`, `trials/` and last
/// `manifest.json`.
///
/// # Errors
/// [`WriteError`].
pub fn write(found: &Scored, prepared: &Prepared, folder: &RunFolder) -> Result<(), WriteError> {
    let blocks = page::blocks(found);
    let mut names =
        vec!["index.html".to_string(), "scorecard.md".into(), "scorecard.json".into(), "rows.csv".into()];
    folder.text("index.html", &html(found, &blocks))?;
    folder.text("scorecard.md", &markdown(found, &blocks))?;
    folder.text("scorecard.json", &(found.json() + "\n"))?;
    folder.text("rows.csv", &rows_csv(found))?;
    for block in &blocks {
        if let Block::Figure(figure) = block {
            let name = format!("figures/{}.svg", figure.name);
            folder.text(&name, &alone(&figure.svg))?;
            names.push(name);
        }
    }
    for (name, text) in &found.facts.texts {
        let name = format!("trials/{name}");
        folder.text(&name, text)?;
        names.push(name);
    }
    let arms = found.simulations.iter().map(|one| ManifestArm {
        id: one.trial_id.clone(),
        patients: one.patients,
        failed: one.failed,
    });
    let inputs = prepared.inputs.iter().cloned().map(|(path, blake3)| FileHash { path, blake3 });
    let manifest = Manifest {
        format: 1,
        version: found.version.clone(),
        stream_version: STREAM_VERSION,
        trial: format!("validate {}", found.evidence),
        seed: found.seed,
        patients: found.patients,
        screened: found.simulations.iter().map(|one| one.screened).sum(),
        posterior: prepared.posterior.clone(),
        relative_tolerance: found.facts.relative_tolerance,
        arms: arms.collect(),
        inputs: inputs.collect(),
        outputs: Vec::new(),
        doubt: None,
        written: String::new(),
        simulation_seconds: found.facts.seconds,
        command: found.facts.command.clone(),
    };
    folder.seal(names, manifest)
}

/// A drawing that stands alone: it brings its colors.
fn alone(svg: &str) -> String {
    let css = format!("{}{}", palette::rules(), include_str!("../../templates/report.css"));
    let head = "<svg xmlns=\"http://www.w3.org/2000/svg\"";
    let with_head = svg.replacen("<svg", head, 1);
    let style = "svg{background:var(--paper);font-family:system-ui,sans-serif}";
    match with_head.find('>') {
        Some(end) => {
            let (open, rest) = with_head.split_at(end + 1);
            format!("{open}<style>{}{style}</style>{rest}\n", escape_css(&css))
        }
        None => with_head,
    }
}

/// A style sheet inside markup: `>` and `&` of selectors are escaped.
fn escape_css(css: &str) -> String {
    css.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn html(found: &Scored, blocks: &[Block]) -> String {
    let css = format!("{}{}{CSS}", palette::rules(), include_str!("../../templates/report.css"));
    let title = escape(&page::title(found));
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"regraft {}\">\n<title>{title}</title>\n<style>\n{css}</style>\n\
         </head>\n<body>\n<main>\n<header>\n<p class=\"kick\"><span>regraft validate</span><span>seed {}</span>\
         <span>{} patients in each simulation</span><span class=\"ru\">Research use only</span></p>\n<h1>{title}</h1>\n\
         <p class=\"ans\">{}</p>\n</header>\n<section>\n",
        found.version,
        found.seed,
        found.patients,
        escape(&headline::answer(found)),
    );
    blocks_html(&mut html, blocks);
    html.push_str("</section>\n</main>\n</body>\n</html>\n");
    html
}

fn blocks_html(html: &mut String, blocks: &[Block]) {
    let mut at = 0;
    while at < blocks.len() {
        let figures = blocks[at..].iter().take_while(|block| matches!(block, Block::Figure(_))).count();
        if figures > 1 {
            html.push_str("<div class=\"figs\">\n");
            blocks[at..at + figures].iter().for_each(|block| block_html(html, block));
            html.push_str("</div>\n");
            at += figures;
        } else {
            block_html(html, &blocks[at]);
            at += 1;
        }
    }
}

fn block_html(html: &mut String, block: &Block) {
    match block {
        Block::Heading(text) => {
            let _ = writeln!(html, "</section>\n<section>\n<h2>{}</h2>", escape(text));
        }
        Block::Text(text) => {
            let _ = writeln!(html, "<p class=\"lead\">{}</p>", escape(text));
        }
        Block::Figure(figure) => {
            let _ = writeln!(
                html,
                "<figure>\n{}{}\n<figcaption class=\"cap\"><b>{}</b>{}</figcaption>\n</figure>",
                figure.svg,
                figure.narrow,
                escape(&figure.title),
                escape(&figure.caption)
            );
        }
        Block::Table(head, rows) => {
            let names: String = head.iter().map(|name| format!("<th>{}</th>", escape(name))).collect();
            let _ = write!(
                html,
                "<div class=\"scroll\"><table class=\"score\">\n<thead><tr>{names}</tr></thead>\n<tbody>\n"
            );
            for row in rows {
                // On a phone each cell says itself of which column it is.
                let cell = |(name, text): (&&str, &String)| {
                    let class = if text.is_empty() { " class=\"empty\"" } else { "" };
                    format!("<td data-l=\"{}\"{class}>{}</td>", escape(name), escape(text))
                };
                let cells: String = head.iter().zip(row).map(cell).collect();
                let _ = writeln!(html, "<tr>{cells}</tr>");
            }
            html.push_str("</tbody></table></div>\n");
        }
        Block::List(sentences) => {
            let items: String = sentences.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
            let _ = writeln!(html, "<ul class=\"sentences\">\n{items}</ul>");
        }
        Block::Folded(title, inner) => {
            let _ = writeln!(html, "<details><summary>{}</summary>", escape(title));
            inner.iter().for_each(|block| block_html(html, block));
            html.push_str("</details>\n");
        }
    }
}

fn markdown(found: &Scored, blocks: &[Block]) -> String {
    let mut text = format!("# {}\n\n{}\n", page::title(found), headline::answer(found));
    for block in blocks {
        text.push('\n');
        match block {
            Block::Heading(heading) => {
                let _ = writeln!(text, "## {heading}");
            }
            Block::Text(words) => {
                let _ = writeln!(text, "{}", words.replace(". ", ".\n"));
            }
            Block::Figure(figure) => {
                let _ = writeln!(
                    text,
                    "![{}](figures/{}.svg)\n\n**{}.**\n{}",
                    figure.title,
                    figure.name,
                    figure.title,
                    figure.caption.replace(". ", ".\n")
                );
            }
            Block::Table(head, rows) => {
                let line = |cells: &mut dyn Iterator<Item = &str>| {
                    let cells: Vec<String> = cells.map(|cell| cell.replace('|', "\\|")).collect();
                    format!("| {} |\n", cells.join(" | "))
                };
                text.push_str(&line(&mut head.iter().copied()));
                text.push_str(&line(&mut head.iter().map(|_| "---")));
                rows.iter().for_each(|row| text.push_str(&line(&mut row.iter().map(String::as_str))));
            }
            Block::List(sentences) => sentences.iter().for_each(|one| {
                let _ = writeln!(text, "* {one}");
            }),
            Block::Folded(title, _) => {
                let _ = writeln!(text, "{title}: `rows.csv` and `scorecard.json` beside this page.");
            }
        }
    }
    text
}

/// The rows as comma-separated text.
fn rows_csv(found: &Scored) -> String {
    let mut text = String::from(
        "trial_id,arm_id,use,outcome,time_value,time_unit,unit,n,observed,predicted,low,high,inside,width_ratio,rank,skipped,disease,regimen,endpoint,method,rule,line,parameters,trial_effect,chance\n",
    );
    let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value}"));
    for row in &found.rows {
        let cells = [
            row.trial_id.clone(),
            row.arm_id.clone(),
            row.usage.to_string(),
            row.outcome.clone(),
            number(row.time_value),
            row.time_unit.clone(),
            row.unit.clone(),
            number(row.n),
            number(row.observed),
            number(row.predicted),
            number(row.low),
            number(row.high),
            row.inside.map_or(String::new(), |inside| inside.to_string()),
            number(row.width_ratio),
            number(row.rank),
            row.skipped.clone().unwrap_or_default(),
            row.disease.clone().unwrap_or_default(),
            row.regimen.clone().unwrap_or_default(),
            row.endpoint.clone().unwrap_or_default(),
            row.method.unwrap_or_default().to_string(),
            row.rule.map_or(String::new(), |line| line.to_string()),
            row.line.to_string(),
            number(row.parts.and_then(|parts| parts.parameters)),
            number(row.parts.map(|parts| parts.trial)),
            number(row.parts.map(|parts| parts.chance)),
        ];
        let line: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        let _ = writeln!(text, "{}", line.join(","));
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_string()
    }
}
