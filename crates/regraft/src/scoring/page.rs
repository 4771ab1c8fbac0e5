//! What the scorecard says, as blocks: headings, paragraphs, figures, tables. Rendered as a page and as Markdown.

use std::collections::BTreeMap;

use super::figures::{self, Figure};
use super::headline::failures;
use super::{Coverage, ScoreRow, Scored};
use crate::report::words::{count, plural};

/// A part of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A drawing.
    Figure(Figure),
    /// A table: heading, rows.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// A list of sentences.
    List(Vec<String>),
    /// Blocks that are folded away on the page and left out of the Markdown.
    Folded(String, Vec<Block>),
}

/// Title of the page.
pub fn title(found: &Scored) -> String {
    match found.asked {
        "calibrate" => "Published trials that may be fitted, beside simulated ones".to_string(),
        "validate" => "Published trials that were never fitted, beside simulated ones".to_string(),
        _ => "Published trials beside simulated ones".to_string(),
    }
}

/// Everything below the answer.
pub fn blocks(found: &Scored) -> Vec<Block> {
    let mut blocks: Vec<Block> = failures(found).map(Block::Text).into_iter().collect();
    let is_scored = found.rows.iter().any(|row| row.inside.is_some());
    if is_scored {
        blocks.push(coverage(&found.summary.coverage));
    }
    asked(&mut blocks, found);
    for (usage, place) in [("validate", 0), ("calibrate", 1), ("", 2)] {
        let rows: Vec<&ScoreRow> =
            found.rows.iter().filter(|row| row.usage == usage && row.inside.is_some()).collect();
        let name = if usage.is_empty() { "no use stated" } else { usage };
        let ids = [
            ("shares-validate", "levels-validate"),
            ("shares-calibrate", "levels-calibrate"),
            ("shares", "levels"),
        ];
        blocks.extend(figures::shares(&rows, name, ids[place].0).map(Block::Figure));
        blocks.extend(figures::levels(&rows, name, ids[place].1).map(Block::Figure));
    }
    if !found.summary.by_disease.is_empty() {
        blocks.push(Block::Heading("By disease and by treatment".into()));
        blocks.extend(figures::diseases(&found.summary.by_disease, "diseases").map(Block::Figure));
        blocks.push(Block::Folded("By regimen".into(), vec![coverage(&found.summary.by_regimen)]));
    }
    blocks.extend(super::parts::figure(&found.rows).map(Block::Figure));
    if is_scored {
        misses(&mut blocks, found);
    }
    between(&mut blocks, found);
    skipped(&mut blocks, found);
    blocks.push(Block::Heading("How it was done".into()));
    blocks.push(Block::List(how(found)));
    blocks.push(Block::Folded("Every row".into(), vec![all_rows(found)]));
    blocks.push(Block::Folded("Every simulation and the rules behind it".into(), vec![simulations(found)]));
    blocks
}

fn how(found: &Scored) -> Vec<String> {
    let (summary, spread) = (&found.summary, &found.trial_effect.spread);
    vec![
        format!(
            "Evidence: {}; rows asked for: {}. {} opened, {} have a prediction, {} were skipped with a reason; {} kept for \
             another use were not opened.",
            found.evidence,
            found.asked,
            plural(summary.rows, "row was", "rows were"),
            count(summary.predicted),
            count(summary.skipped),
            count(summary.unopened),
        ),
        "Words of the tables became ids of the library by the rules of evidence/vocabulary.csv, never by the name of a trial."
            .to_string(),
        format!(
            "{} of {} in each arm, {} of the uncertain parameters. Simulated trials of the published size are drawn from them, \
             and 90 % of the trials give the ends of an interval.",
            plural(found.simulations.len(), "simulation", "simulations"),
            plural(found.patients, "patient", "patients"),
            plural(found.members, "member", "members"),
        ),
        format!(
            "An interval holds the doubt about the parameters, who the patients are, chance, and what is peculiar to a trial \
             (its centers, years and definitions). The last has a standard deviation of {:.2} on the logit of shares, {:.2} on \
             the logarithm of rates and {:.2} of ratios, and {:.2} standard deviations of a score; {}.",
            spread.share,
            spread.rate,
            spread.ratio,
            spread.mean,
            of_read(found),
        ),
        "Width: how many times as wide the intervals are as the play of chance alone would make them; wide intervals hold much \
         and say little."
            .to_string(),
        format!("Seed {}, regraft {}.", found.seed, found.version),
    ]
}

/// How wide the intervals are of trials whose words were read when the rules of scoring were made.
fn of_read(found: &Scored) -> String {
    let (new, read) = (&found.trial_effect.spread, &found.trial_effect_of_read.spread);
    let which = "trials of the built-in evidence that may be fitted";
    if new == read {
        return format!("{which} have the same");
    }
    format!(
        "{which} were read when the rules were made, and have {:.2}, {:.2}, {:.2} and {:.2}",
        read.share, read.rate, read.ratio, read.mean
    )
}

/// How often published numbers lie inside, part by part.
fn coverage(parts: &[Coverage]) -> Block {
    let head = vec!["published numbers", "inside", "average of trials (95 % interval)", "trials", "width"];
    // Where all have one use, the second line is the first.
    let same = |place: usize| place == 1 && parts.len() == 2 && parts[0].of == "all";
    let rows = parts.iter().enumerate().filter(|(place, _)| !same(*place));
    Block::Table(head, rows.map(|(_, one)| coverage_row(one)).collect())
}

fn coverage_row(one: &Coverage) -> Vec<String> {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let ends = one.by_trial_low.zip(one.by_trial_high);
    let ends = ends.map(|(low, high)| format!(" ({:.0} to {:.0} %)", 100.0 * low, 100.0 * high));
    let by_row = one.by_row.map_or(String::new(), |share| format!(" ({})", percent(share)));
    vec![
        one.of.replace('_', " "),
        format!("{} of {}{by_row}", count(one.inside), count(one.rows)),
        one.by_trial.map_or("–".to_string(), percent) + &ends.unwrap_or_default(),
        count(one.trials),
        one.median_width_ratio.map_or("–".to_string(), |ratio| format!("{ratio:.2}")),
    ]
}

/// Most rows without a published number that stand above the table of all rows.
const ASKED: usize = 60;

/// What is predicted where the pack leaves the number blank.
fn asked(blocks: &mut Vec<Block>, found: &Scored) {
    let blank: Vec<&ScoreRow> =
        found.rows.iter().filter(|row| row.observed.is_none() && row.predicted.is_some()).collect();
    if blank.is_empty() {
        return;
    }
    blocks.push(Block::Heading("What is predicted where no number is given".into()));
    let head = vec!["trial", "arm", "outcome", "n", "predicted", "90 % interval"];
    let cells = |row: &&ScoreRow| {
        vec![
            row.trial_id.clone(),
            row.arm_id.clone(),
            with_time(&row.outcome, row.time_value, &row.time_unit),
            number(row.n),
            format!("{} {}", number(row.predicted), row.unit),
            format!("{} to {}", number(row.low), number(row.high)),
        ]
    };
    blocks.push(Block::Table(head, blank.iter().take(ASKED).map(cells).collect()));
    if blank.len() > ASKED {
        let more = plural(blank.len() - ASKED, "more stands", "more stand");
        blocks.push(Block::Text(format!("{more} in the table of every row.")));
    }
}

/// Misses in words: first by kind, then each.
fn misses(blocks: &mut Vec<Block>, found: &Scored) {
    let missed: Vec<&ScoreRow> = found.rows.iter().filter(|row| row.inside == Some(false)).collect();
    blocks.push(Block::Heading("What is missed".into()));
    if missed.is_empty() {
        blocks.push(Block::Text("Every published number with a prediction lies in its interval.".into()));
        return;
    }
    let mut kinds: BTreeMap<(&str, &str), (usize, usize, usize)> = BTreeMap::new();
    for row in found.rows.iter().filter(|row| row.inside.is_some()) {
        let key = (row.disease.as_deref().unwrap_or(""), row.endpoint.as_deref().unwrap_or(""));
        let own = kinds.entry(key).or_default();
        own.0 += 1;
        if row.inside == Some(false) {
            let above = row.predicted > row.observed;
            own.1 += usize::from(above);
            own.2 += usize::from(!above);
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().filter(|(_, (_, above, below))| above + below > 0).collect();
    kinds.sort_by_key(|(_, (_, above, below))| std::cmp::Reverse(above + below));
    let sentence = |((disease, endpoint), (all, above, below)): &((&str, &str), (usize, usize, usize))| {
        let side = match (above, below) {
            (above, 0) => format!("{above} of {all} rows are predicted too high"),
            (0, below) => format!("{below} of {all} rows are predicted too low"),
            (above, below) => format!("of {all} rows {above} are predicted too high and {below} too low"),
        };
        format!("{}, {}: {side}.", words(disease), words(endpoint))
    };
    blocks.push(Block::List(kinds.iter().map(sentence).collect()));
    let head = vec!["trial", "arm", "outcome", "published", "predicted", "90 % interval"];
    let cells = |row: &&ScoreRow| {
        vec![
            row.trial_id.clone(),
            row.arm_id.clone(),
            with_time(&row.outcome, row.time_value, &row.time_unit),
            format!("{} {}", number(row.observed), row.unit),
            number(row.predicted),
            format!("{} to {}", number(row.low), number(row.high)),
        ]
    };
    blocks.push(Block::Table(head, missed.iter().map(cells).collect()));
}

fn between(blocks: &mut Vec<Block>, found: &Scored) {
    if found.differences.is_empty() && found.tests.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Arms of one trial against each other".into()));
    for one in found.summary.between.iter().filter(|one| one.differences > 0 || one.trials > 0) {
        let brier = one.brier.map_or(String::new(), |brier| {
            format!(
                " The tests of {} randomised trials: Brier score {brier:.3} (always saying the share that rejected: {:.3}).",
                one.trials,
                one.brier_of_share.unwrap_or(f64::NAN)
            )
        });
        blocks.push(Block::Text(format!(
            "{}: the sign of {} of {} differences is right, and of {} of the {} that are greater than chance alone would make \
             them; {} lie in their 90 % interval.{brier}",
            words(&one.of),
            one.sign_right,
            one.differences,
            one.clear_right,
            one.clear,
            one.inside
        )));
    }
    let head = vec!["trial", "outcome", "arms", "published", "predicted", "90 % interval", "sign"];
    let cells = |row: &super::BetweenRow| {
        vec![
            row.trial_id.clone(),
            with_time(&row.outcome, row.time_value, &row.time_unit),
            format!("{} – {}", row.arm_id, row.versus),
            number(row.observed),
            number(Some(row.predicted)),
            format!("{} to {}", number(Some(row.low)), number(Some(row.high))),
            row.sign_right.map_or("–", |right| if right { "right" } else { "wrong" }).to_string(),
        ]
    };
    if !found.differences.is_empty() {
        blocks.push(Block::Table(head, found.differences.iter().map(cells).collect()));
    }
    let head = vec!["trial", "outcome", "arms", "its test rejected", "predicted probability"];
    let cells = |test: &super::TrialTest| {
        vec![
            test.trial_id.clone(),
            with_time(&test.outcome, test.time_value, &test.time_unit),
            format!("{} – {}", test.arm_id, test.versus),
            if test.rejected { "yes" } else { "no" }.to_string(),
            format!("{:.2}", test.probability),
        ]
    };
    if !found.tests.is_empty() {
        blocks.push(Block::Table(head, found.tests.iter().map(cells).collect()));
    }
}

fn skipped(blocks: &mut Vec<Block>, found: &Scored) {
    if found.summary.reasons.is_empty() {
        return;
    }
    blocks.push(Block::Heading("What is not scored".into()));
    let rows = found.summary.reasons.iter().map(|(reason, n)| vec![reason.clone(), count(*n)]);
    blocks.push(Block::Table(vec!["reason", "rows"], rows.collect()));
}

fn all_rows(found: &Scored) -> Block {
    let head = vec![
        "trial",
        "arm",
        "outcome",
        "n",
        "published",
        "predicted",
        "90 % interval",
        "inside",
        "width",
        "endpoint",
    ];
    let cells = |row: &ScoreRow| {
        let verdict = match (row.inside, &row.skipped) {
            (_, Some(reason)) => reason.clone(),
            (Some(true), _) => "inside".into(),
            (Some(false), _) => "outside".into(),
            (None, _) => "no number published".into(),
        };
        let interval = match row.low.zip(row.high) {
            Some((low, high)) => format!("{} to {}", number(Some(low)), number(Some(high))),
            None => String::new(),
        };
        vec![
            row.trial_id.clone(),
            row.arm_id.clone(),
            with_time(&row.outcome, row.time_value, &row.time_unit),
            number(row.n),
            format!("{} {}", number(row.observed), row.unit),
            if row.predicted.is_some() { number(row.predicted) } else { String::new() },
            interval,
            verdict,
            row.width_ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
            row.endpoint.as_deref().map(words).unwrap_or_default(),
        ]
    };
    Block::Table(head, found.rows.iter().map(cells).collect())
}

fn simulations(found: &Scored) -> Block {
    let head = vec!["trial", "disease, population", "arms", "put in", "rules (lines of vocabulary.csv)"];
    let cells = |one: &super::Simulated| {
        let arm = |arm: &super::SimulatedArm| {
            let product =
                arm.product.as_deref().map_or(String::new(), |product| format!(", {}", words(product)));
            format!("{}: {}{product}", arm.arm_id, words(&arm.regimen))
        };
        let mut put_in = one.put_in.join(", ");
        if one.left_out {
            put_in.push_str(" (the rest left out: too few such patients)");
        }
        let mut rules: Vec<String> = Vec::new();
        for (line, why) in one.arms.iter().flat_map(|arm| &arm.rules) {
            let text = format!("{line}: {why}");
            if !rules.contains(&text) {
                rules.push(text);
            }
        }
        vec![
            one.trial_id.clone(),
            format!("{}, {}", words(&one.disease), words(&one.population)),
            one.arms.iter().map(arm).collect::<Vec<_>>().join("; "),
            put_in,
            rules.join("; "),
        ]
    };
    Block::Table(head, found.simulations.iter().map(cells).collect())
}

fn words(id: &str) -> String {
    id.replace('_', " ")
}

fn with_time(outcome: &str, time: Option<f64>, unit: &str) -> String {
    match time {
        Some(time) => format!("{} at {} {unit}", words(outcome), number(Some(time))),
        None => words(outcome),
    }
}

/// Three figures.
pub fn number(value: Option<f64>) -> String {
    let Some(value) = value else { return "–".to_string() };
    if value == 0.0 {
        return "0".to_string();
    }
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 4.0) as usize;
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text };
    text.replace('-', "−")
}
