//! The score of published trials as text for a terminal.

use std::fmt::Write;

use regraft::scoring::{self, Coverage, Scored};

use crate::words;

/// Longest reason that is shown whole.
const WIDEST: usize = 78;

/// The answer, what was scored, coverage by use and disease, arms against each other, what was skipped.
pub fn table(found: &Scored) -> String {
    let summary = &found.summary;
    let mut text = words::wrap(&scoring::answer(found), words::WIDTH) + "\n";
    if let Some(failures) = scoring::failures(found) {
        text += &(words::wrap(&failures, words::WIDTH) + "\n");
    }
    let _ = writeln!(
        text,
        "\n{}, use {}, seed {}: {}, {} predicted, {} skipped; {} kept for another use not opened",
        found.evidence,
        found.asked,
        found.seed,
        words::count(summary.rows, "row"),
        summary.predicted,
        summary.skipped,
        words::count(summary.unopened, "row"),
    );
    let _ = writeln!(
        text,
        "{} of {} each, {} of the uncertain parameters; trials apart by {:.2} on the logit, {:.2} on the logarithm of rates, {:.2} SD of scores",
        words::count(found.simulations.len(), "simulation"),
        words::count(found.patients, "patient"),
        words::count(found.members, "member"),
        found.trial_effect.spread.share,
        found.trial_effect.spread.rate,
        found.trial_effect.spread.mean,
    );
    text.push_str(
        "\nInside the 90 % interval                    by trial (95 % interval)   rows             width\n",
    );
    for one in &summary.coverage {
        text.push_str(&line(one));
    }
    if !summary.by_disease.is_empty() {
        text.push_str("\nBy disease\n");
        summary.by_disease.iter().for_each(|one| text.push_str(&line(one)));
    }
    if summary.between.iter().any(|one| one.differences > 0 || one.trials > 0) {
        text.push_str("\nArms of one trial against each other\n");
    }
    for one in summary.between.iter().filter(|one| one.differences > 0 || one.trials > 0) {
        let brier = one.brier.map_or("–".to_string(), |brier| format!("{brier:.3}"));
        let _ = writeln!(
            text,
            "  {:<22} sign right {} of {} ({} of {} greater than chance), inside {}; tests of {}: Brier score {brier}",
            one.of,
            one.sign_right,
            one.differences,
            one.clear_right,
            one.clear,
            one.inside,
            words::count(one.trials, "randomised trial"),
        );
    }
    text.push_str(&asked(found));
    if !summary.reasons.is_empty() {
        text.push_str("\nSkipped\n");
    }
    for (reason, n) in &summary.reasons {
        let _ = writeln!(text, "  {n:>4}  {}", shortened(reason));
    }
    text
}

/// Most rows without a published number that are listed; all of them stand on the page.
const ASKED: usize = 30;

/// What is predicted for rows whose number is left blank.
fn asked(found: &Scored) -> String {
    let blank: Vec<_> = found.rows.iter().filter(|row| row.observed.is_none()).collect();
    let told: Vec<_> =
        blank.iter().filter_map(|row| Some((row, row.predicted?, row.low?, row.high?))).collect();
    if told.is_empty() {
        return String::new();
    }
    let mut text = "\nPredicted for rows without a number (90 % of trials of that size)\n".to_string();
    for (row, predicted, low, high) in told.iter().take(ASKED) {
        let when = row.time_value.map_or(String::new(), |time| format!(" at {time} {}", row.time_unit));
        let what = format!("{} {}: {}{when}", row.trial_id, row.arm_id, row.outcome);
        let _ = writeln!(
            text,
            "  {:<55} {} ({} to {}) {}",
            shortened_to(&what, 55),
            words::three_digits(*predicted),
            words::three_digits(*low),
            words::three_digits(*high),
            row.unit
        );
    }
    if told.len() > ASKED {
        let _ = writeln!(text, "  and {} more on the page", told.len() - ASKED);
    }
    text
}

fn line(one: &Coverage) -> String {
    let percent =
        |share: Option<f64>| share.map_or("–".to_string(), |share| format!("{:.0} %", 100.0 * share));
    let ends = match (one.by_trial_low, one.by_trial_high) {
        (Some(low), Some(high)) => format!(" ({:.0} to {:.0})", 100.0 * low, 100.0 * high),
        _ => String::new(),
    };
    let width = one.median_width_ratio.map_or("–".to_string(), |ratio| format!("{ratio:.2}"));
    format!(
        "  {:<41} {:<26} {:<16} {width}\n",
        shortened_to(&one.of.replace('_', " "), 41),
        format!("{}{ends} of {}", percent(one.by_trial), one.trials),
        format!("{} ({}/{})", percent(one.by_row), one.inside, one.rows),
    )
}

fn shortened(text: &str) -> String {
    shortened_to(text, WIDEST)
}

fn shortened_to(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
