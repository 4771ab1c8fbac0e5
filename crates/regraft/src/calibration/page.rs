//! The page of a calibration.

use std::fmt::Write;

use super::identify::LITTLE;
use super::run::{Calibrated, Checked};
use crate::posterior::TrialMiss;

/// The page in Markdown.
pub fn page(found: &Calibrated) -> String {
    let mut page = String::from(HEAD);
    summary(&mut page, found);
    parameters(&mut page, found);
    directions(&mut page, found);
    conflicts(&mut page, found);
    checked(&mut page, found);
    recovered(&mut page, found);
    unseen(&mut page, found);
    left_out(&mut page, found);
    page
}

const HEAD: &str = "# What the published numbers say of the parameters\n\n\
Every number that may be fitted, beside what the model makes of it; what remains open is shown as plainly as what was found.\n\
Parameters are in standard deviations of what was believed before looking: 0 is what the cards say, and a standard deviation of 1 means that nothing was learned.\n\n";

fn summary(page: &mut String, found: &Calibrated) {
    let identified = &found.identified;
    let (met, all) = identified.met;
    let little = identified.parameters.iter().filter(|row| row.shrinkage < LITTLE).count();
    let worst = identified.parameters.iter().map(|row| row.r_hat).fold(1.0, f64::max);
    let fewest = identified.parameters.iter().map(|row| row.effective).fold(f64::INFINITY, f64::min);
    let spread = found.posterior.spread;
    let lines = [
        format!("| version | {} |", found.posterior.version),
        format!(
            "| published numbers fitted | {all}, of which {met} lie within their 95 % interval at the mean |"
        ),
        format!("| numbers not fitted | {} |", found.left_out.len()),
        format!(
            "| parameters | {}, of which {little} shrank by less than {:.0} % |",
            identified.parameters.len(),
            100.0 * LITTLE
        ),
        format!("| chains | worst scale reduction {worst:.3}, fewest effective draws {fewest:.0} |"),
        format!(
            "| spread between trials | log odds {:.2}, means {:.2} patient SD, log rates {:.2}, log ratios {:.2} |",
            spread.share, spread.mean, spread.rate, spread.ratio
        ),
    ];
    let _ = writeln!(page, "| | |\n|---|---|\n{}\n", lines.join("\n"));
}

fn parameters(page: &mut String, found: &Calibrated) {
    page.push_str("## Parameters\n\nA prediction that leans on a parameter marked with * rests on what was believed, not on data.\n\n");
    page.push_str(
        "| parameter | mean | SD | shrinkage | factor | most is said by |\n|---|---|---|---|---|---|\n",
    );
    let mut rows: Vec<_> = found.identified.parameters.iter().collect();
    rows.sort_by(|a, b| b.shrinkage.total_cmp(&a.shrinkage));
    for row in rows {
        let mark = if row.shrinkage < LITTLE { " *" } else { "" };
        let said: Vec<String> =
            row.informed_by.iter().map(|(row, share)| format!("{row} ({:.0} %)", 100.0 * share)).collect();
        let _ = writeln!(
            page,
            "| {}{mark} | {:.2} | {:.2} | {:.0} % | {:.2} | {} |",
            row.title,
            row.mean,
            row.sd,
            100.0 * row.shrinkage.max(0.0),
            row.factor,
            said.join("; ")
        );
    }
    page.push('\n');
}

fn directions(page: &mut String, found: &Calibrated) {
    page.push_str("## Directions seen best\n\nCombinations of parameters whose value the numbers fix, whatever each of them alone may be.\n\n| SD | combination |\n|---|---|\n");
    for direction in &found.identified.seen {
        let parts: Vec<String> =
            direction.loadings.iter().map(|(name, loading)| format!("{loading:+.2} {name}")).collect();
        let _ = writeln!(page, "| {:.3} | {} |", direction.sd, parts.join(" "));
    }
    page.push('\n');
}

fn conflicts(page: &mut String, found: &Calibrated) {
    page.push_str("## Numbers that are not met\n\n");
    if found.identified.conflicts.is_empty() {
        page.push_str("None lies more than two standard deviations away.\n\n");
        return;
    }
    page.push_str("More than two standard deviations of row, function and trial away at the mean: the numbers contradict each other, or the model cannot do what they say.\n\n| row | trial | published | fitted | miss |\n|---|---|---|---|---|\n");
    for conflict in &found.identified.conflicts {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {:+.1} |",
            conflict.row,
            conflict.trial,
            short(conflict.published),
            short(conflict.fitted),
            conflict.standardized
        );
    }
    page.push('\n');
}

fn checked(page: &mut String, found: &Calibrated) {
    let n = found.checked.len();
    if n == 0 {
        return;
    }
    let middle = |of: &dyn Fn(&Checked) -> f64| {
        let mut all: Vec<f64> = found.checked.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[n / 2]
    };
    let (miss, noise) = (middle(&|one| one.miss.abs()), middle(&|one| one.noise));
    let _ = writeln!(
        page,
        "## How good the functions are\n\nThe functions were held against cohorts of draws of the posterior that nothing was fitted to, {n} numbers in all.\n\
         They miss by {miss:.2} standard errors of the published numbers in the median; the play of patients in these cohorts alone has a median standard error of {noise:.2}.\n\n\
         | farthest off | trial | published | function | simulated | miss |\n|---|---|---|---|---|---|"
    );
    let mut worst: Vec<_> = found.checked.iter().collect();
    worst.sort_by(|a, b| b.miss.abs().total_cmp(&a.miss.abs()));
    for one in worst.iter().take(12) {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {:+.2} |",
            one.row,
            one.trial,
            short(one.published),
            short(one.function),
            short(one.simulated),
            one.miss
        );
    }
    page.push('\n');
}

fn recovered(page: &mut String, found: &Calibrated) {
    let Some(recovery) = &found.recovery else { return };
    let _ = writeln!(
        page,
        "## Known parameters found again\n\nIn {} worlds parameters were drawn as before looking, published numbers were made of them by the functions and the errors of the likelihood, and all was fitted anew, every number counting once; the {} parameters of which the real numbers say something are judged.\n\n| interval | holds the truth | 95 % interval |\n|---|---|---|",
        recovery.worlds, recovery.parameters
    );
    for one in &recovery.coverage {
        let _ = writeln!(
            page,
            "| {:.0} % | {:.1} % | {:.1} to {:.1} % |",
            100.0 * one.level,
            100.0 * one.share,
            100.0 * one.low,
            100.0 * one.high
        );
    }
    let ranks: Vec<String> = recovery.ranks.iter().map(usize::to_string).collect();
    let _ = writeln!(
        page,
        "\nTruths by the tenth of the draws in which they lie (alike where all is well): {}.\n",
        ranks.join(", ")
    );
}

fn unseen(page: &mut String, found: &Calibrated) {
    let Some(unseen) = &found.posterior.unseen else { return };
    let (fitted, own) = (found.posterior.spread, unseen.spread);
    let of_trial = |one: &TrialMiss| {
        format!("| {} | {} | {} | {:+.1} | {:+.1} |", one.trial, one.rows, one.inside, one.mean, one.farthest)
    };
    let of_trials: Vec<String> = unseen.by_trial.iter().map(of_trial).collect();
    let _ = writeln!(
        page,
        "## Trials that nothing was fitted to\n\nOf {} published trials that no trial of the library shows, {} numbers were predicted with draws of the posterior.\n\
         What they miss by beyond chance and parameters is the spread between them; new trials are predicted with 1.5 times it, since rules and rates were mended with these numbers in view; it is a standard deviation of a t distribution with 4 degrees of freedom.\n\n\
         | spread between trials | fitted | not fitted |\n|---|---|---|\n\
         | log odds of shares | {:.2} | {:.2} |\n| means, in patient SD | {:.2} | {:.2} |\n| log rates | {:.2} | {:.2} |\n| log ratios | {:.2} | {:.2} |\n| log times | {:.2} (assumed) | {:.2} |\n\n\
         With the spread that all other trials say, {} of {} numbers lie inside the 90 % interval, {:.0} % as a mean over trials.\n\
         Each of them, in standard deviations of patients, chance, parameters and the spread that all other trials say, published minus predicted:\n\n\
         | trial | numbers | inside | mean | farthest |\n|---|---|---|---|---|\n{}\n",
        unseen.trials,
        unseen.rows,
        fitted.share,
        own.share,
        fitted.mean,
        own.mean,
        fitted.rate,
        own.rate,
        fitted.ratio,
        own.ratio,
        fitted.time,
        own.time,
        unseen.inside,
        unseen.rows,
        100.0 * unseen.inside_by_trial,
        of_trials.join("\n")
    );
}

fn left_out(page: &mut String, found: &Calibrated) {
    if found.left_out.is_empty() {
        return;
    }
    page.push_str("## Numbers that were not fitted\n\n| row | trial | why |\n|---|---|---|\n");
    for one in &found.left_out {
        let _ = writeln!(page, "| {} | {} | {} |", one.row, one.trial, one.reason);
    }
}

/// Three significant digits.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 2 } else { (2 - value.abs().log10().floor() as i32).clamp(0, 6) };
    format!("{value:.*}", digits as usize)
}
