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
            "  {:<22} sign right {} of {}, inside {}; tests of {}: Brier score {brier}",
            one.of,
            one.sign_right,
            one.differences,
            one.inside,
            words::count(one.trials, "randomised trial"),
        );
    }
    if !summary.reasons.is_empty() {
        text.push_str("\nSkipped\n");
    }
    for (reason, n) in &summary.reasons {
        let _ = writeln!(text, "  {n:>4}  {}", shortened(reason));
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
