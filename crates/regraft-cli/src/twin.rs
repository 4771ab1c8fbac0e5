//! `regraft twin`.

use std::fmt::Write;

use anyhow::{Context, Result};
use regraft::report::printed_units;
use regraft::run_folder::RunFolder;
use regraft::study::StudyError;
use regraft::twin::page::headline;
use regraft::twin::{self, Asked, Outcome, Role, Settable, Twin, Value};
use regraft_model::{Diagnostic, Sources};

use crate::arguments::{Format, Twin as Arguments, typed_doubt};
use crate::exit::Exit;
use crate::folder;
use crate::output::{answer, tell};
use crate::problems;
use crate::progress::Progress;
use crate::words;

/// Draws the twins of a patient, lets them live every regimen, writes the folder and prints the answer.
pub fn twin(arguments: &Arguments) -> Result<Exit> {
    let mut library = arguments.usual.open()?;
    let own = library.diagnostics.clone();
    if own.iter().any(Diagnostic::is_error) {
        problems::show(&library.sources, &own);
        return Ok(Exit::FileErrors);
    }
    let asked = asked(arguments)?;
    let mut typed = Sources::default();
    if arguments.facts {
        let (found, list) = twin::settable(&library, &asked, &mut typed)?;
        problems::show(&typed, &list);
        let Some((population, settable)) = found else { return Ok(Exit::Usage) };
        answer(&facts(arguments, &population, &settable)?)?;
        return Ok(Exit::Done);
    }
    if arguments.plain && asked.regimens.len() > twin::plain::MOST_REGIMENS {
        tell(&format!("error: --plain shows at most {} regimens on its sheet", twin::plain::MOST_REGIMENS));
        return Ok(Exit::Usage);
    }
    let (question, found) = twin::question(&mut library, &asked, &mut typed)?;
    problems::show(&typed, &found);
    let Some(question) = question else { return Ok(Exit::Usage) };
    let name = format!("twin-{}", asked.disease);
    let target = folder::target(arguments.out.as_ref(), &name, arguments.usual.draws.seed);
    let progress = Progress::new();
    let folder = RunFolder::create(&target)?;
    progress.guard(&folder);
    let answered = twin::twin(&library, &question, &progress);
    progress.finish();
    let answered = answered?;
    answered.write(&library, &question, arguments.plain, &folder)?;
    if regraft::study::Watch::cancelled(&progress) {
        return Err(StudyError::Cancelled.into());
    }
    let folder = folder.finish()?;
    let mut pages = format!("report: {}\n", folder.join("twin.html").display());
    if arguments.plain {
        let _ = writeln!(pages, "plain:  {}", folder.join("plain.html").display());
    }
    match arguments.format {
        Format::Json => {
            tell(pages.trim_end());
            answer(&(answered.twin.json() + "\n"))?;
        }
        Format::Text => answer(&format!("{}\n{pages}", text(&answered.twin)))?,
    }
    Ok(Exit::Done)
}

fn asked(arguments: &Arguments) -> Result<Asked> {
    let read = |path: &std::path::PathBuf| {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok::<_, anyhow::Error>((path.display().to_string(), text))
    };
    Ok(Asked {
        disease: arguments.disease.clone(),
        sets: arguments.set.clone(),
        regimens: arguments.regimen.clone(),
        population: arguments.population.clone(),
        years: arguments.years,
        data: arguments.data.as_ref().map(read).transpose()?,
        patients: arguments.patients as usize,
        doubt: arguments.doubt as usize,
        seed: arguments.usual.draws.seed,
        threads: arguments.usual.draws.threads(),
        engine: regraft::Engine::best(),
        command: command(arguments),
    })
}

/// The command that repeats it; threads and folder do not change what is found.
fn command(arguments: &Arguments) -> String {
    let mut text = format!("regraft twin {}", arguments.disease);
    for set in &arguments.set {
        let _ = write!(text, " --set {set}");
    }
    for regimen in &arguments.regimen {
        let _ = write!(text, " --regimen {regimen}");
    }
    if let Some(population) = &arguments.population {
        let _ = write!(text, " --population {population}");
    }
    if let Some(years) = arguments.years {
        let _ = write!(text, " --years {years}");
    }
    if let Some(data) = &arguments.data {
        let _ = write!(text, " --data {}", data.display());
    }
    let _ = write!(text, " --patients {} --seed {}", arguments.patients, arguments.usual.draws.seed);
    text + if arguments.plain { " --plain" } else { "" }
        + &typed_doubt(arguments.doubt)
        + &arguments.usual.typed_choices()
}

fn facts(arguments: &Arguments, population: &str, list: &[Settable]) -> Result<String> {
    if arguments.format == Format::Json {
        let json = serde_json::json!({ "population": population, "facts": list });
        return Ok(format!("{json:#}\n"));
    }
    let mut text = format!("population {population}\n\n");
    let width = list.iter().map(|one| one.name.len()).max().unwrap_or(0);
    for (head, is_trait) in [("Fixed in every twin", true), ("Twins are taken by how near they come", false)]
    {
        let _ = writeln!(text, "{head}");
        for one in list.iter().filter(|one| one.is_trait == is_trait) {
            let high = if one.high.is_finite() { words::three_digits(one.high) } else { "…".into() };
            let unit =
                if one.unit.is_empty() { String::new() } else { format!(" {}", printed_units(&one.unit)) };
            let _ = writeln!(
                text,
                "  {:width$}  {} to {high}{unit}  {}",
                one.name,
                words::three_digits(one.low),
                one.title
            );
        }
    }
    Ok(text)
}

fn text(twin: &Twin) -> String {
    let mut text = format!("{}, one patient\n", twin.disease_title);
    let _ = writeln!(text, "{}\n", words::wrap(&headline(twin), words::WIDTH));
    for fact in &twin.facts {
        let outside = if fact.inside { "" } else { "  outside the population" };
        let _ = writeln!(text, "  {}: {}{outside}", fact.title, fact.told().0);
    }
    let drawn = &twin.drawn;
    let _ = writeln!(
        text,
        "\n{} of {} candidates of {}, worth {:.0} of equal weight\n  {}",
        words::count(drawn.twins, "twin"),
        drawn.candidates,
        twin.population.id,
        drawn.effective,
        twin.population.why
    );
    if let Some(effective) = drawn.effective_members {
        let _ = writeln!(
            text,
            "  of {} members of the posterior, worth {effective:.0} of equal weight; the intervals hold how far these lie apart",
            drawn.members
        );
    }
    text.push_str(&doubt(twin));
    let letters: Vec<String> = (0..twin.regimens.len()).map(letter).collect();
    text.push('\n');
    for (letter, regimen) in letters.iter().zip(&twin.regimens) {
        let _ = writeln!(
            text,
            "{letter}  {} ({}): evidence {}",
            regimen.title,
            regimen.id,
            regraft::report::grade_word(&regimen.grade)
        );
    }
    if !twin.extrapolated.is_empty() {
        text.push_str("\nExtrapolated\n");
        twin.extrapolated.iter().for_each(|line| {
            let _ = writeln!(text, "  - {line}");
        });
    }
    for (title, is_harm) in [("Benefit", false), ("Harm", true)] {
        let list: Vec<&Outcome> =
            twin.outcomes.iter().filter(|outcome| (outcome.role == Role::Harm) == is_harm).collect();
        if !list.is_empty() {
            text.push_str(&table(title, &list, &letters));
        }
    }
    text
}

/// Where the doubt of the first number comes from, or why that is not told.
fn doubt(twin: &Twin) -> String {
    if let Some(why) = &twin.not_split {
        return format!("  intervals are not split into parameters, patients and chance: {why}\n");
    }
    let first = twin.outcomes.first().and_then(|outcome| Some((outcome, outcome.values[0].parts.as_ref()?)));
    let Some((outcome, parts)) = first else { return String::new() };
    let percent = |share: f64| format!("{:.0}", 100.0 * share);
    let of_parameters = match (parts.parameters, parts.parameters_low, parts.parameters_high) {
        (Some(share), Some(low), Some(high)) => {
            format!("{} % ({} to {}) uncertain parameters, ", percent(share), percent(low), percent(high))
        }
        _ => String::new(),
    };
    format!(
        "  of the doubt in the interval of A, {}: {of_parameters}{} % patients who differ, {} % chance\n",
        outcome.title,
        percent(parts.patients),
        percent(parts.chance)
    )
}

fn letter(place: usize) -> String {
    char::from(b'A' + (place % 26) as u8).to_string()
}

/// One line for each outcome: values in the regimens, differences from the last.
fn table(title: &str, list: &[&Outcome], letters: &[String]) -> String {
    let last = letters.len() - 1;
    let mut rows = vec![vec![title.to_string(), String::new()]];
    rows[0].extend(letters.iter().cloned());
    rows[0].extend(letters[..last].iter().map(|letter| format!("{letter} − {}", letters[last])));
    for outcome in list {
        let day = match outcome.kind {
            "rate" => "a year".to_string(),
            _ => format!("day {:.0}", outcome.day),
        };
        let mut row = vec![outcome.title.clone(), day];
        row.extend(outcome.values.iter().map(|value| cell(outcome, value)));
        row.extend(
            outcome.differences[..last]
                .iter()
                .map(|value| value.as_ref().map_or("–".into(), |value| cell(outcome, value))),
        );
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(place, (cell, width))| {
            if place < 2 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    format!("\n{}\n", rows.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// "12.3 % (9.0 to 15.1)", with a true minus sign.
fn cell(outcome: &Outcome, value: &Value) -> String {
    let Some(estimate) = value.estimate else { return "–".into() };
    let (scale, digits, unit) = if outcome.kind == "probability" { (100.0, 1, " %") } else { (1.0, 2, "") };
    let number = |x: f64| words::fixed(scale * x, digits);
    let interval = value.low.zip(value.high);
    let interval =
        interval.map_or(String::new(), |(low, high)| format!(" ({} to {})", number(low), number(high)));
    format!("{}{unit}{interval}", number(estimate))
}
