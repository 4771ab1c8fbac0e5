//! `regraft search`.

use anyhow::Result;
use regraft::run_folder::RunFolder;
use regraft::search::{self, By, Found, SearchOptions, Valued};
use regraft::study::{RunOptions, StudyError, Watch};

use crate::arguments::{Format, JudgedBy, Search};
use crate::exit::Exit;
use crate::folder;
use crate::output::{answer, tell};
use crate::progress::Progress;
use crate::{problems, words};

/// Searches the space of a trial, writes its folder and prints the frontier or the JSON.
pub fn search(arguments: &Search) -> Result<Exit> {
    if arguments.judge == JudgedBy::Worst && !arguments.usual.is_ensemble() {
        tell("error: `--judge worst` asks for draws of the uncertain parameters: add `--posterior ensemble`");
        return Ok(Exit::Usage);
    }
    let mut library = arguments.usual.open()?;
    let (prepared, found) = search::prepare(&mut library, &arguments.trial, &arguments.objective)?;
    problems::show(&library.sources, &found);
    let Some(prepared) = prepared else { return Ok(Exit::FileErrors) };
    let seed = arguments.usual.draws.seed;
    let target = folder::target(arguments.out.as_ref(), &format!("search-{}", prepared.id), seed);
    let progress = Progress::new();
    let folder = RunFolder::create(&target)?;
    progress.guard(&folder);
    let options = options(arguments, &target.display().to_string());
    let done = search::run(&prepared, &options, &progress);
    progress.finish();
    let done = done?;
    search::write(&prepared, &done, &folder)?;
    if progress.cancelled() {
        return Err(StudyError::Cancelled.into());
    }
    let page = folder.finish()?.join("search.html");
    let tried = done.found.evaluations as f64;
    let pace = format!(
        "{} regimens of {} patients in {:.0} s: {:.0} a minute",
        done.found.evaluations,
        done.found.patients,
        done.search_seconds,
        60.0 * tried / done.search_seconds.max(1e-9)
    );
    match arguments.format {
        Format::Json => {
            tell(&format!("{pace}\nreport: {}", page.display()));
            answer(&(serde_json::to_string_pretty(&done.found)? + "\n"))?;
        }
        Format::Text => answer(&format!("{}\n{pace}\nreport: {}\n", table(&done.found), page.display()))?,
    }
    Ok(Exit::Done)
}

fn options(arguments: &Search, folder: &str) -> SearchOptions {
    let draws = &arguments.usual.draws;
    let choices = arguments.usual.typed_choices();
    let objectives: String = arguments.objective.iter().map(|name| format!(" --objective {name}")).collect();
    let robust = match arguments.judge {
        JudgedBy::Mean if arguments.worst == USUAL_WORST => String::new(),
        JudgedBy::Mean => format!(" --worst {}", arguments.worst),
        JudgedBy::Worst => format!(" --judge worst --worst {}", arguments.worst),
    };
    let command = format!(
        "regraft search {}{objectives} --patients {} --evaluations {} --population {} --points {} --again {}{robust} --seed {}{choices}",
        arguments.trial,
        arguments.patients,
        arguments.evaluations,
        arguments.population,
        arguments.points,
        arguments.again,
        draws.seed
    );
    SearchOptions {
        run: RunOptions {
            command,
            ..RunOptions::new(arguments.patients as usize, draws.seed, draws.threads())
        },
        population: arguments.population as usize,
        evaluations: arguments.evaluations as usize,
        points: arguments.points as usize,
        patients_again: arguments.again as usize,
        by: match arguments.judge {
            JudgedBy::Mean => By::Mean,
            JudgedBy::Worst => By::Worst(arguments.worst),
        },
        worst_share: arguments.worst,
        choices,
        folder: folder.to_string(),
    }
}

/// Share of the draws whose end is shown if nothing else is said.
const USUAL_WORST: f64 = 0.1;

/// The frontier, and what stands beside it.
fn table(found: &Found) -> String {
    let head = |name: &str| format!("  {name:>16}");
    let heads: String = found.objectives.iter().map(|one| head(&one.name)).collect();
    let mut lines = vec![format!(
        "{}\n\nFrontier of {}, arm {}: {} other patients, standard error in brackets\n",
        words::wrap(&search::headline(found), words::WIDTH),
        found.trial,
        found.arm,
        found.patients_again
    )];
    lines.push(format!("{:<34}{heads}", ""));
    for point in &found.frontier {
        let held = if point.beaten_by.is_empty() {
            String::new()
        } else {
            format!("   beaten by {}", point.beaten_by.join(", "))
        };
        lines.push(format!("{:<34}{}{held}", point.id, values(&point.objectives)));
        lines.extend(ends(found, &point.objectives));
        let of = found.variables.iter().zip(&point.values);
        let made: Vec<String> = of
            .map(|(variable, value)| match variable.words.get(*value as usize) {
                Some(word) => format!("{} {word}", variable.name),
                None => format!("{} {} {}", variable.name, words::short(*value), variable.unit),
            })
            .collect();
        lines.push(format!("    {}", made.join(", ")));
    }
    lines.push(String::new());
    for one in &found.beside {
        let title = words::name(&one.title, 34);
        let verdict = match (one.beaten_by.as_slice(), one.beats.as_slice()) {
            ([], []) => "",
            ([], _) => "   beats a point",
            _ => "   beaten",
        };
        lines.push(format!("{title}{}{verdict}", values(&one.objectives)));
    }
    lines.extend(shown(found));
    if found.refused > 0 {
        lines.push(format!("\n{} regimens refused:", found.refused));
        lines.extend(found.reasons.iter().map(|(why, n)| format!("  {n}  {why}")));
    }
    lines.join("\n") + "\n"
}

/// What else the points and the trial's own arms do: objectives that are no aims.
fn shown(found: &Found) -> Vec<String> {
    if found.shown.is_empty() {
        return Vec::new();
    }
    let heads: String = found.shown.iter().map(|one| format!("  {:>16}", one.name)).collect();
    let mut lines = vec!["\nShown beside, no aims\n".to_string(), format!("{:<34}{heads}", "")];
    lines.extend(found.frontier.iter().map(|point| format!("{:<34}{}", point.id, values(&point.shown))));
    let own = found.beside.iter().filter(|one| one.own_arm);
    lines.extend(own.map(|one| format!("{}{}", words::name(&one.title, 34), values(&one.shown))));
    lines
}

/// The values that the worst share of the draws is worse than, where there are draws.
fn ends(found: &Found, objectives: &[Valued]) -> Option<String> {
    objectives.iter().any(|valued| valued.worst.is_some()).then(|| {
        let told = |valued: &Valued, worst: f64| match valued.error {
            Some(error) => words::fixed(worst, digits(error)),
            None => words::short(worst),
        };
        let one = |valued: &Valued| {
            format!("  {:>16}", valued.worst.map_or("–".to_string(), |worst| told(valued, worst)))
        };
        let head = format!("    worst {} % of draws", words::short(100.0 * found.worst_share));
        let judged = if found.judged_by == "worst" { "   judged by these" } else { "" };
        format!("{head:<34}{}{judged}", objectives.iter().map(one).collect::<String>())
    })
}

fn values(objectives: &[Valued]) -> String {
    let one = |valued: &Valued| {
        let text = match (valued.value, valued.error) {
            (None, _) => "–".to_string(),
            (Some(value), None) => words::short(value),
            (Some(value), Some(error)) => with_error(value, error),
        };
        format!("  {text:>16}")
    };
    objectives.iter().map(one).collect()
}

/// Decimals that show a standard error to its second digit.
fn digits(error: f64) -> usize {
    if error > 0.0 { (1.0 - error.log10().floor()).clamp(0.0, 4.0) as usize } else { 2 }
}

/// A value with its standard error in brackets, both to the second digit of the error.
fn with_error(value: f64, error: f64) -> String {
    let digits = digits(error);
    format!("{} ({})", words::fixed(value, digits), words::fixed(error, digits))
}
