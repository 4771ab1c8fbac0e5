//! `regraft claims`.

use anyhow::{Context, Result};
use regraft::claims::{self, Claims as Found, Outcome};
use regraft::report::printed_units;
use regraft::study::RunOptions;

use crate::arguments::{Claims, TableFormat};
use crate::exit::Exit;
use crate::output::{answer, tell};
use crate::progress::Progress;
use crate::{problems, run, words};

/// Runs the trials of the claims, writes the page and prints the table or the JSON.
pub fn claims(arguments: &Claims) -> Result<Exit> {
    let mut library = arguments.usual.open()?;
    let (prepared, found) = claims::prepare(&mut library, &arguments.claims)?;
    problems::show(&library.sources, &found);
    let Some(prepared) = prepared else { return Ok(Exit::FileErrors) };
    let progress = Progress::new();
    let (patients, draws) = (arguments.patients, &arguments.usual.draws);
    // Estimates alone are held against bars: nobody need live twice.
    let options = RunOptions { doubt: 0, ..RunOptions::new(patients as usize, draws.seed, draws.threads()) };
    let choices = format!(" --doubt 0{}", arguments.usual.typed_choices());
    let command = |trial: &str| run::command(trial, patients, draws.seed, false, &choices);
    let found = claims::run(&prepared, &library, &options, &command, &arguments.out, &progress);
    progress.finish();
    let found = found?;
    let page = arguments.out.join("claims.md");
    std::fs::write(&page, claims::page(&found))
        .with_context(|| format!("cannot write `{}`", page.display()))?;
    match arguments.format {
        TableFormat::Json => {
            tell(&format!("report: {}", page.display()));
            answer(&(serde_json::to_string_pretty(&found)? + "\n"))?;
        }
        TableFormat::Table => answer(&format!("{}\nreport: {}\n", table(&found), page.display()))?,
    }
    Ok(Exit::Done)
}

/// One line per claim, below it what did not pass.
fn table(found: &Found) -> String {
    let width = found.claims.iter().map(|claim| claim.title.chars().count()).max().unwrap_or(0);
    let mut lines = vec![format!("{} patients in each trial, seed {}\n", found.patients, found.seed)];
    for claim in &found.claims {
        lines.push(format!("{:width$}  {:<16}  {}", claim.title, claim.verdict.words(), claim.why));
        for test in claim.tests.iter().filter(|test| test.outcome != Outcome::Holds) {
            let estimate = test.estimate.map_or("no estimate".to_string(), |value| {
                let unit = printed_units(&test.unit.replace("percent", "%"));
                format!("{} {unit}", words::three_digits(value)).trim_end().to_string()
            });
            let passes = if test.outcome == Outcome::Fails { "does not pass" } else { "open" };
            let bar = words::short(test.bar);
            lines.push(format!("  {passes}: {}, {estimate}, bar {} {bar}", test.title, test.holds));
        }
    }
    lines.join("\n") + "\n"
}
