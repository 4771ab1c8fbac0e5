//! The measured parts of `docs/performance.md`, between marks; the rest of the page is written by hand.

use std::fmt::Write;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::commands::root;

const PAGE: &str = "docs/performance.md";

/// Writes the tables of the comparison with other tools.
pub fn write_peers(results: &[Value]) -> Result<()> {
    let mut text = machine();
    for result in results {
        write!(text, "\n{}", comparison(result))?;
    }
    if let Some(result) = results.first() {
        write!(text, "\nVersions: {}.\n", versions(result))?;
    }
    replace("peers", &text)
}

/// Writes the table of the other goals.
pub fn write_goals(goals: &[Value]) -> Result<()> {
    let mut text = machine();
    text.push_str("\n| goal | measured | floor | aim | how |\n|---|---|---|---|---|\n");
    for goal in goals {
        let cell = |key: &str| goal[key].as_str().unwrap_or("not measured");
        writeln!(
            text,
            "| {} | **{}** | {} | {} | {} |",
            cell("goal"),
            cell("measured"),
            cell("floor"),
            cell("aim"),
            cell("how")
        )?;
    }
    replace("goals", &text)
}

/// The table of one case.
fn comparison(result: &Value) -> String {
    let case = result["case"].as_str().unwrap_or_default();
    let rounds = result["rounds"].as_u64().unwrap_or_default();
    let mut text = format!(
        "Case `{case}`, {rounds} interleaved rounds; ratio: patients per second and core of regraft over those of the tool, median of the rounds.\n\n\
         | tool | how | rtol | largest error | patients/s/core | ratio | ratios of the rounds |\n|---|---|---|---|---|---|---|\n"
    );
    for row in result["rows"].as_array().map(Vec::as_slice).unwrap_or_default() {
        text.push_str(&line(row));
    }
    text
}

fn line(row: &Value) -> String {
    let (tool, how) = (row["tool"].as_str().unwrap_or_default(), row["how"].as_str().unwrap_or_default());
    let number = |key: &str| row[key].as_f64();
    let (Some(rtol), Some(error)) = (number("rtol"), number("error")) else {
        return format!("| {tool} | {how} | – | above 1e-4, or failed, at every tolerance tried | | | |\n");
    };
    let (speed, ratio) = (number("median_per_second"), number("median_ratio"));
    let all = row["ratios"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ratios: Vec<String> =
        all.iter().filter_map(Value::as_f64).map(|ratio| format!("{ratio:.1}")).collect();
    format!(
        "| {tool} | {how} | {rtol:.1e} | {error:.1e} | {:.1} | **{:.1}** | {} |\n",
        speed.unwrap_or(f64::NAN),
        ratio.unwrap_or(f64::NAN),
        ratios.join(", ")
    )
}

fn versions(result: &Value) -> String {
    let all = result["versions"].as_object();
    let shown = all
        .into_iter()
        .flatten()
        .map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or("?")));
    shown.collect::<Vec<_>>().join(", ")
}

/// The processor, in one sentence.
fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, value)| value).to_string()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let flags = value("flags");
    let widest = ["avx512f", "avx2"].into_iter().find(|name| flags.split(' ').any(|flag| flag == *name));
    format!(
        "Machine: {} (family {}, model {}), {cores} cores, {}.\n",
        value("model name"),
        value("cpu family"),
        value("model\t"),
        widest.unwrap_or("no AVX2")
    )
}

/// Puts text between the marks of a part.
fn replace(part: &str, text: &str) -> Result<()> {
    let (begin, end) = (
        format!("<!-- {part}: written by `cargo xtask bench {part}` -->"),
        format!("<!-- end of {part} -->"),
    );
    let path = root().join(PAGE);
    let page = std::fs::read_to_string(&path).with_context(|| PAGE)?;
    let (before, rest) = page.split_once(&begin).with_context(|| format!("{PAGE} has no mark for {part}"))?;
    let (_, after) = rest.split_once(&end).with_context(|| format!("{PAGE} has no end mark for {part}"))?;
    std::fs::write(path, format!("{before}{begin}\n\n{text}\n{end}{after}"))?;
    println!("written: {PAGE}");
    Ok(())
}
