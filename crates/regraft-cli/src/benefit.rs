//! `regraft benefit`.

use std::fmt::Write;

use anyhow::Result;
use regraft::benefit::{self, Answer, Asked, Group, Known, Value};
use regraft::run_folder::RunFolder;
use regraft::study::{self, StudyError, Watch};

use crate::arguments::{Benefit, Format, typed_doubt};
use crate::exit::Exit;
use crate::folder;
use crate::output::{answer, tell};
use crate::progress::Progress;
use crate::{problems, words};

/// Simulates a trial's cohort in two arms, looks for who gains more, writes the folder and prints the answer.
pub fn benefit(arguments: &Benefit) -> Result<Exit> {
    let mut library = arguments.usual.open()?;
    let (trial, found) = study::prepare(&mut library, &arguments.trial)?;
    problems::show(&library.sources, &found);
    let Some(trial) = trial else { return Ok(Exit::FileErrors) };
    let asked = asked(arguments);
    let name = format!("benefit-{}", trial.id);
    let target = folder::target(arguments.out.as_ref(), &name, arguments.usual.draws.seed);
    let progress = Progress::new();
    let folder = RunFolder::create(&target)?;
    progress.guard(&folder);
    let done = benefit::benefit(&library, &trial, &asked, &progress);
    progress.finish();
    let (found, ground) = done?;
    benefit::write(&library, &trial, &asked, (&found, &ground), &folder)?;
    if progress.cancelled() {
        return Err(StudyError::Cancelled.into());
    }
    let page = folder.finish()?.join("benefit.html");
    match arguments.format {
        Format::Json => {
            tell(&format!("report: {}", page.display()));
            answer(&(found.json() + "\n"))?;
        }
        Format::Text => answer(&format!("{}\nreport: {}\n", text(&found), page.display()))?,
    }
    Ok(Exit::Done)
}

fn asked(arguments: &Benefit) -> Asked {
    Asked {
        arm: arguments.arm.clone(),
        versus: arguments.versus.clone(),
        endpoint: arguments.endpoint.clone(),
        harms: arguments.harm.clone(),
        harm_weight: arguments.harm_weight,
        day: arguments.at,
        rules: arguments.rules.clone(),
        with: arguments.with.clone(),
        depth: usize::from(arguments.depth),
        patients: arguments.patients as usize,
        doubt: arguments.doubt as usize,
        seed: arguments.usual.draws.seed,
        threads: arguments.usual.draws.threads(),
        engine: regraft::Engine::best(),
        command: command(arguments),
    }
}

/// The command that repeats it; threads and folder do not change what is found.
fn command(arguments: &Benefit) -> String {
    let mut text = format!("regraft benefit {}", arguments.trial);
    let named = [("arm", &arguments.arm), ("versus", &arguments.versus), ("endpoint", &arguments.endpoint)];
    for (name, value) in named {
        if let Some(value) = value {
            let _ = write!(text, " --{name} {value}");
        }
    }
    for (name, values) in [("harm", &arguments.harm), ("with", &arguments.with)] {
        values.iter().for_each(|value| {
            let _ = write!(text, " --{name} {value}");
        });
    }
    arguments.rules.iter().for_each(|rule| {
        let _ = write!(text, " --where \"{rule}\"");
    });
    if let Some(day) = arguments.at {
        let _ = write!(text, " --at {day}");
    }
    let _ = write!(
        text,
        " --harm-weight {} --depth {} --patients {} --seed {}",
        arguments.harm_weight, arguments.depth, arguments.patients, arguments.usual.draws.seed
    );
    text + &typed_doubt(arguments.doubt) + &arguments.usual.typed_choices()
}

fn number(answer: &Answer, value: &Value) -> String {
    let (scale, digits) = if answer.in_patients { (100.0, 1) } else { (1.0, 2) };
    shown(value, scale, digits)
}

fn shown(value: &Value, scale: f64, digits: usize) -> String {
    let Some(estimate) = value.estimate else { return "–".into() };
    let text = |number: f64| words::signed(scale * number, digits);
    let interval = value.low.zip(value.high);
    interval
        .map_or(text(estimate), |(low, high)| format!("{} ({} to {})", text(estimate), text(low), text(high)))
}

fn line(answer: &Answer, name: &str, group: &Group) -> String {
    format!(
        "  {name}: n {}, gain {}, harm {} of 100, net {}\n",
        group.n,
        number(answer, &group.benefit),
        shown(&group.harm, 100.0, 1),
        number(answer, &group.net)
    )
}

fn text(answer: &Answer) -> String {
    let harms: Vec<&str> = answer.harms.iter().map(|harm| harm.1.as_str()).collect();
    let mut text = format!(
        "{}\n{}\n\n{} against {}; gain: {} by day {:.0}, {}; harm: {}, one counts {} of the gain\n{} patients of {} screened\n\n",
        answer.title,
        words::wrap(&answer.headline(), words::WIDTH),
        answer.arm.1,
        answer.versus.1,
        answer.endpoint.1,
        answer.day,
        answer.gain(),
        harms.join(", "),
        answer.harm_weight,
        answer.n,
        answer.screened
    );
    text.push_str(&line(answer, "everyone", &answer.all));
    for set in &answer.sets {
        let _ = writeln!(text, "\nif {}", set.rule);
        for step in &set.steps {
            let _ = writeln!(text, "  {} turned away by {}, {} left", step.turned_away, step.rule, step.left);
        }
        text.push_str(&line(answer, "may enter", &set.inside));
        text.push_str(&line(answer, "turned away", &set.outside));
    }
    if answer.leaves.len() == 1 {
        text.push_str("\nno short rule predicts the gain out of sample\n");
    } else {
        text.push_str("\nthe rule\n");
        for leaf in &answer.leaves {
            text.push_str(&line(answer, &leaf.conditions.join(" and "), &leaf.group));
        }
    }
    let found = &answer.performance;
    let _ = writeln!(
        text,
        "\nin patients who did not make it ({} folds): {:.1} % of the variance explained, calibration slope {}\n  treat all {}, treat by rule ({:.0} %) {}, difference {}",
        found.folds,
        100.0 * found.explained,
        found.calibration_slope.map_or("–".into(), |slope| format!("{slope:.2}")),
        number(answer, &found.treat_all),
        100.0 * found.treated_by_rule,
        number(answer, &found.treat_by_rule),
        number(answer, &found.rule_minus_all)
    );
    text.push_str("\none feature at a time, net gain above less that at or below the median\n");
    for one in answer.subgroups.iter().take(8) {
        let _ = writeln!(
            text,
            "  {} ({}): {}",
            one.name,
            regraft::explore::digits(one.at),
            number(answer, &one.difference)
        );
    }
    text.push_str("\nagainst what trials and cohorts found\n");
    for topic in &answer.known {
        known(&mut text, answer, topic);
    }
    text
}

/// One topic: the rows of the evidence, and what is found here of the same.
fn known(text: &mut String, answer: &Answer, topic: &Known) {
    let feature = topic.feature.as_ref().map(|feature| format!(" ({feature})")).unwrap_or_default();
    let _ = writeln!(text, "  {}{feature}", topic.title);
    if let Some(silent) = &topic.silent {
        let _ = writeln!(text, "    {silent}");
    }
    for row in &topic.rows {
        let _ =
            writeln!(text, "    {}: {}; {} [{}]", row.therapy, Known::direction(row), row.words, row.source);
        if let Some(found) = &row.found {
            let in_patients = row.of.starts_with("harm");
            let found = if in_patients { shown(found, 100.0, 1) } else { number(answer, found) };
            let _ = writeln!(text, "      here {found}: {}", Known::verdict(row));
        }
    }
}
