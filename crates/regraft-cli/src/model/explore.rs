//! `regraft model explore`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Context, Result};
use regraft::explore::{
    After, Asked, Diagram, Kind, Positions, Subject, diagram, of_disease, of_model, positions, question,
};
use regraft::explore::{Explored, digits, explored, listed};
use regraft::library::Library;
use regraft_model::{Diagnostic, Severity, Sources};
use serde_json::{Value, json};

use crate::arguments::{ExploreModel, Format};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{output, problems, words};

/// Steady states over a parameter, and patients after regimens beside them.
pub fn explore(arguments: &ExploreModel) -> Result<Exit> {
    let mut library = Library::open(&arguments.libraries.library)?;
    let Some(subject) = subject(arguments, &mut library)? else { return Ok(Exit::FileErrors) };
    let question = question(&subject, &asked(arguments))?;
    let progress = Progress::new();
    let diagram = diagram(&subject.program, &question)?;
    let positions = if arguments.regimen.is_empty() {
        None
    } else {
        let after = after(arguments, &diagram);
        let found = positions(&mut library, &subject, &after, &progress);
        progress.finish();
        let (positions, found) = found?;
        problems::show(&library.sources, &found);
        let Some(positions) = positions else { return Ok(Exit::FileErrors) };
        Some(positions)
    };
    progress.finish();
    show(arguments, &subject, &diagram, positions.as_ref())?;
    Ok(Exit::Done)
}

/// What is explored; `None` where a file has errors, which were shown.
fn subject(arguments: &ExploreModel, library: &mut Library) -> Result<Option<Subject>> {
    let Some(file) = &arguments.model else {
        let id = arguments.disease.as_deref().unwrap_or_default();
        let (subject, found) = of_disease(library, id)?;
        problems::show(&library.sources, &found);
        return Ok(subject);
    };
    let mut sources = Sources::default();
    let (read, mut found) = super::read(&mut sources, file)?;
    if read.is_some() {
        // Only units disagree: the numbers are what they are.
        found.iter_mut().for_each(|problem| problem.severity = Severity::Warning);
    }
    problems::show(&sources, &found);
    let read = read.filter(|_| !found.iter().any(Diagnostic::is_error));
    Ok(read.map(|(model, program)| of_model(&model, program)))
}

fn asked(arguments: &ExploreModel) -> Asked {
    Asked {
        over: arguments.over.clone(),
        range: (arguments.from, arguments.to),
        points: arguments.points as usize,
        state: arguments.state.clone(),
        sets: arguments.set.clone(),
        starts: arguments.start.iter().map(|start| start.0.clone()).collect(),
        holds: arguments.hold.clone(),
        settle: arguments.settle,
    }
}

fn after(arguments: &ExploreModel, diagram: &Diagram) -> After {
    let split = |text: &String| match text.split_once(':') {
        Some((regimen, product)) => (regimen.to_string(), Some(product.to_string())),
        None => (text.clone(), None),
    };
    After {
        regimens: arguments.regimen.iter().map(split).collect(),
        population: arguments.population.clone(),
        patients: arguments.patients as usize,
        day: arguments.day,
        years: arguments.years,
        over: diagram.over.clone(),
        state: diagram.state.clone(),
        scale: arguments.scale.clone(),
        sets: arguments.set.clone(),
        seed: arguments.draws.seed,
        threads: arguments.draws.threads(),
        engine: regraft::Engine::best(),
    }
}

fn show(
    arguments: &ExploreModel,
    subject: &Subject,
    diagram: &Diagram,
    positions: Option<&Positions>,
) -> Result<()> {
    let json = as_json(subject, diagram, positions)?;
    if let Some(folder) = &arguments.out {
        let data = Explored {
            title: &subject.title,
            diagram,
            positions,
            command: &command(arguments),
            version: env!("CARGO_PKG_VERSION"),
        };
        let files = [("explore.html", explored(&data)), ("explore.json", format!("{json:#}\n"))];
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        for (name, text) in files {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
    }
    match arguments.format {
        Format::Json => output::answer(&format!("{json}\n"))?,
        Format::Text => output::answer(&as_text(subject, diagram, positions))?,
    }
    if let Some(folder) = &arguments.out {
        output::tell(&format!("report: {}", folder.join("explore.html").display()));
    }
    Ok(())
}

fn as_json(subject: &Subject, diagram: &Diagram, positions: Option<&Positions>) -> Result<Value> {
    Ok(json!({
        "subject": subject.id,
        "title": subject.title,
        "diagram": serde_json::to_value(diagram)?,
        "positions": positions.map(serde_json::to_value).transpose()?,
    }))
}

/// The command that repeats it.
fn command(arguments: &ExploreModel) -> String {
    let mut text = String::from("regraft model explore");
    if let Some(disease) = &arguments.disease {
        let _ = write!(text, " {disease}");
    }
    if let Some(model) = &arguments.model {
        let _ = write!(text, " --model {}", model.display());
    }
    let _ = write!(text, " --over {} --from {} --to {}", arguments.over, arguments.from, arguments.to);
    let _ = write!(text, " --points {}", arguments.points);
    let mut option = |name: &str, value: &str| {
        let _ = write!(text, " --{name} {value}");
    };
    arguments.state.iter().for_each(|state| option("state", state));
    arguments.set.iter().for_each(|(name, value)| option("set", &format!("{name}={value}")));
    for start in &arguments.start {
        let list: Vec<String> = start.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        option("start", &list.join(","));
    }
    arguments.hold.iter().for_each(|state| option("hold", state));
    if !arguments.regimen.is_empty() {
        arguments.regimen.iter().for_each(|regimen| option("regimen", regimen));
        arguments.scale.iter().for_each(|state| option("scale", state));
        arguments.population.iter().for_each(|population| option("population", population));
        option("day", &arguments.day.to_string());
        option("years", &arguments.years.to_string());
        option("patients", &arguments.patients.to_string());
        option("seed", &arguments.draws.seed.to_string());
    }
    arguments.libraries.library.iter().for_each(|folder| option("library", &folder.display().to_string()));
    text
}

fn as_text(subject: &Subject, diagram: &Diagram, positions: Option<&Positions>) -> String {
    let mut text = format!("{}: steady states of {} over {}\n", subject.title, diagram.state, diagram.over);
    let _ = writeln!(
        text,
        "events off, no drug but those of the card; u: unstable, the border between the states beside it\n"
    );
    let _ = writeln!(
        text,
        "{:>12}  {}",
        short(&diagram.over),
        unit_of(&short(&diagram.state), &diagram.state_unit)
    );
    for at in &diagram.grid {
        let own = if at.value == diagram.own_value { "  (own value)" } else { "" };
        let _ = writeln!(text, "{:>12}  {}{own}", digits(at.value), listed(at));
    }
    let _ = writeln!(text);
    for change in &diagram.bifurcations {
        let word = match change.kind {
            Kind::Fold => "fold",
            Kind::Hopf => "onset of oscillation",
            Kind::Crossing => "change of stability",
        };
        let _ = writeln!(text, "{word} at {:.4}, {} there", change.value, digits(change.state));
    }
    if diagram.bifurcations.is_empty() {
        let _ = writeln!(text, "no fold and no change of stability in the range");
    }
    if let Some(positions) = positions {
        text.push_str(&of_patients(positions, &diagram.state_unit));
    }
    let mut aside: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    diagram.aside.iter().for_each(|one| aside.entry(one.why.word()).or_default().push(&one.state));
    for (why, states) in aside {
        let named = if states.len() > FEW { String::new() } else { format!(": {}", states.join(", ")) };
        let _ = writeln!(text, "set aside ({why}): {}{named}", words::count(states.len(), "state"));
    }
    for sum in &diagram.conserved {
        let _ = writeln!(text, "conserved, held at its start: {sum}");
    }
    for note in &diagram.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

fn of_patients(positions: &Positions, unit: &str) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "\npatients of {} on day {}, {unit}; left alone from then on",
        positions.population,
        digits(positions.day)
    );
    let width = positions.regimens.iter().map(|one| one.regimen.chars().count()).max().unwrap_or(0).max(7);
    let _ = writeln!(
        text,
        "{:width$}  {:>11}  {:>9}  {:>13}  {:>16}  tolerant after {} years",
        "regimen",
        "median left",
        "mean left",
        "median border",
        "below own border",
        digits(positions.years)
    );
    for one in &positions.regimens {
        let (share, low, high) = one.share;
        let _ = writeln!(
            text,
            "{:width$}  {:>11}  {:>9}  {:>13}  {:>16}  {} of {}: {} % ({} to {})",
            one.regimen,
            digits(one.median_left),
            digits(one.mean_left),
            digits(one.median_border),
            format!("{} of {}", one.below_border, one.with_border),
            one.tolerant,
            one.patients.len(),
            digits(100.0 * share),
            digits(100.0 * low),
            digits(100.0 * high)
        );
        if one.not_followed > 0 {
            let _ = writeln!(text, "{:width$}  {} could not be followed", "", one.not_followed);
        }
    }
    let mut names: Vec<String> = positions.scaled.iter().map(|name| short(name)).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let _ = writeln!(text, "a patient's own border: {} scaled together", names.join(", "));
    text
}

/// Most states set aside that are named; the JSON names them all.
const FEW: usize = 8;

fn short(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_string()
}

fn unit_of(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_string() } else { format!("{name}, {unit}") }
}
