//! `regraft model sensitivity`.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use regraft::explore::{Answers, Design, Estimated, Input, OfModel, OfTrial, Sensitivity, sensitivity};
use regraft::explore::{SensitivityAsked, digits, sensitivities};
use regraft::library::Library;
use regraft::study::{self, StudyError};
use regraft_model::{Diagnostic, Severity, Sources};

use crate::arguments::{Format, SensitivityOf};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{output, problems, words};

/// What a result depends on.
pub fn of(arguments: &SensitivityOf) -> Result<Exit> {
    let path = Path::new(&arguments.subject);
    if path.extension().is_some_and(|extension| extension == "ant") {
        return of_model(arguments, path);
    }
    let mut library = Library::open(&arguments.libraries.library)?;
    let (trial, found) = study::prepare(&mut library, &arguments.subject)?;
    problems::show(&library.sources, &found);
    let Some(trial) = trial else { return Ok(Exit::FileErrors) };
    let mut names = Vec::new();
    for (name, range) in &arguments.parameters {
        if range.is_some() {
            let message = format!("`{name}` has a range: a trait is spread as its population draws it");
            return Err(StudyError::Usage(message).into());
        }
        names.push(name.clone());
    }
    let day = arguments.at.unwrap_or(trial.protocol.horizon_days);
    let (arm, versus) = (arguments.arm.as_deref(), arguments.versus.as_deref());
    let (model, inputs) = OfTrial::new(&trial, &arguments.endpoint, day, &names, arm, versus)?;
    answer(arguments, &trial.trial.file.title, &model, &inputs, 8)
}

fn of_model(arguments: &SensitivityOf, path: &Path) -> Result<Exit> {
    let mut sources = Sources::default();
    let (read, mut found) = super::read(&mut sources, path)?;
    if read.is_some() {
        // Only units disagree: the numbers are what they are.
        found.iter_mut().for_each(|problem| problem.severity = Severity::Warning);
    }
    problems::show(&sources, &found);
    let Some((_, program)) = read.filter(|_| !found.iter().any(Diagnostic::is_error)) else {
        return Ok(Exit::FileErrors);
    };
    let refuse = |message: &str| Err(StudyError::Usage(message.to_string()).into());
    let Some(time) = arguments.at else { return refuse("say with --at at which time the model is read") };
    if arguments.parameters.is_empty() {
        return refuse("say with --parameters which parameters are varied: NAME=LOW:HIGH,…");
    }
    if arguments.arm.is_some() || arguments.versus.is_some() {
        return refuse("a model file has no arms: --arm and --versus are for trials");
    }
    let (model, inputs) = OfModel::new(&program, &arguments.endpoint, time, &arguments.parameters)?;
    // Without draws every fate is the same.
    let title = if program.name.is_empty() { &arguments.subject } else { &program.name };
    answer(arguments, title, &model, &inputs, if program.streams.is_empty() { 1 } else { 8 })
}

fn answer(
    arguments: &SensitivityOf,
    title: &str,
    model: &dyn Answers,
    inputs: &[Input],
    fates: usize,
) -> Result<Exit> {
    let design = Design {
        samples: arguments.samples as usize,
        fates: arguments.fates.map_or(fates, usize::from),
        local: arguments.local,
        seed: arguments.draws.seed,
        threads: arguments.draws.threads(),
    };
    let progress = Progress::new();
    let found = sensitivity(model, inputs, &design, &progress);
    progress.finish();
    let found = found?;
    if let Some(folder) = &arguments.out {
        let json = serde_json::to_string_pretty(&found)? + "\n";
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        let command = command(arguments, &design);
        let asked = SensitivityAsked { title, command: &command, version: env!("CARGO_PKG_VERSION") };
        let page = sensitivities(&found, &asked);
        for (name, text) in [("sensitivity.html", page), ("sensitivity.json", json)] {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        output::tell(&format!("report: {}", folder.join("sensitivity.html").display()));
    }
    match arguments.format {
        Format::Json => output::answer(&(serde_json::to_string(&found)? + "\n"))?,
        Format::Text => output::answer(&as_text(&found))?,
    }
    Ok(Exit::Done)
}

/// The command that repeats it.
fn command(arguments: &SensitivityOf, design: &Design) -> String {
    let mut text =
        format!("regraft model sensitivity {} --endpoint {}", arguments.subject, arguments.endpoint);
    let mut option = |name: &str, value: &str| {
        let _ = write!(text, " --{name} {value}");
    };
    arguments.at.iter().for_each(|at| option("at", &at.to_string()));
    let spread = |(name, range): &(String, Option<(f64, f64)>)| match range {
        Some((low, high)) => format!("{name}={low}:{high}"),
        None => name.clone(),
    };
    let parameters: Vec<String> = arguments.parameters.iter().map(spread).collect();
    if !parameters.is_empty() {
        option("parameters", &parameters.join(","));
    }
    arguments.arm.iter().for_each(|arm| option("arm", arm));
    arguments.versus.iter().for_each(|arm| option("versus", arm));
    option("samples", &design.samples.to_string());
    option("fates", &design.fates.to_string());
    option("seed", &design.seed.to_string());
    arguments.libraries.library.iter().for_each(|folder| option("library", &folder.display().to_string()));
    if design.local {
        text.push_str(" --local");
    }
    text
}

fn as_text(found: &Sensitivity) -> String {
    let mut text = format!("{}\n", found.result);
    let _ = write!(text, "every input at its middle: {}", digits(found.at_middle));
    if let (Some(mean), Some(sd)) = (found.mean, found.sd) {
        let _ = write!(text, "; over the samples: mean {}, SD {}", digits(mean), digits(sd));
    }
    let _ = writeln!(text, "\n");
    let width = found.inputs.iter().map(|input| input.name.chars().count()).max().unwrap_or(0).max(5);
    let _ = writeln!(
        text,
        "{:width$}  {:>22}  {:>10}  {:>9}  {:>24}  {:>24}",
        "input", "5 %, middle, 95 %", "elasticity", "swing", "first-order index", "total index"
    );
    for input in &found.inputs {
        let spread = format!("{} {} {}", digits(input.low), digits(input.middle), digits(input.high));
        let _ = writeln!(
            text,
            "{:width$}  {spread:>22}  {:>10}  {:>9}  {:>24}  {:>24}",
            input.name,
            input.elasticity.map_or("–".into(), digits),
            input.swing.map_or("–".into(), digits),
            with_interval(input.first),
            with_interval(input.total)
        );
    }
    let _ = writeln!(
        text,
        "\nelasticity: % of the result per % of the input at its middle; swing: over its middle half"
    );
    let _ = writeln!(text, "held: {}; mean of {}", found.held, words::count(found.fates, "fate"));
    if found.samples > 0 {
        let _ = writeln!(
            text,
            "{} points of each sample, {} left out for a missing result; intervals: bootstrap, 95 %",
            found.samples, found.left_out
        );
    }
    text
}

fn with_interval(index: Option<Estimated>) -> String {
    index.map_or("–".into(), |index| format!("{:.3} ({:.3} to {:.3})", index.value, index.low, index.high))
}
