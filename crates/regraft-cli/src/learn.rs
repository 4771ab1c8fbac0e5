//! `regraft learn`.

use anyhow::Result;
use regraft::findings::Parts;
use regraft::learn::{self, Found, LearnOptions, Utility};
use regraft::library::Library;
use regraft::run_folder::RunFolder;
use regraft::study::{RunOptions, StudyError, Watch};

use crate::arguments::{Format, Learn, typed_doubt};
use crate::exit::Exit;
use crate::folder;
use crate::output::{answer, tell};
use crate::progress::Progress;
use crate::{problems, words};

/// Judges what could be learned, writes the page and prints the ranked table or the JSON.
pub fn learn(arguments: &Learn) -> Result<Exit> {
    let mut library = Library::open(&arguments.libraries.library)?;
    let part =
        |(endpoint, weight): &(String, Option<f64>)| Utility { endpoint: endpoint.clone(), weight: *weight };
    let utility: Vec<Utility> = arguments.utility.iter().map(part).collect();
    let members = arguments.members as usize;
    let (learning, found) =
        learn::prepare(&mut library, &arguments.trial, &arguments.arm, &utility, arguments.at, members)?;
    problems::show(&library.sources, &found);
    let Some(learning) = learning else { return Ok(Exit::FileErrors) };
    let seed = arguments.draws.seed;
    let target = folder::target(arguments.out.as_ref(), &format!("learn-{}", learning.id), seed);
    let progress = Progress::new();
    let folder = RunFolder::create(&target)?;
    progress.guard(&folder);
    let run = RunOptions {
        command: command(arguments),
        doubt: arguments.doubt as usize,
        ..RunOptions::new(arguments.patients as usize, seed, arguments.draws.threads())
    };
    let options = LearnOptions { run, sizes: arguments.trial_size.clone(), costs: arguments.cost.clone() };
    let done = learn::run(&learning, &options, &progress);
    progress.finish();
    let done = done?;
    learn::write(&done, &folder)?;
    if progress.cancelled() {
        return Err(StudyError::Cancelled.into());
    }
    let page = folder.finish()?.join("learn.html");
    match arguments.format {
        Format::Json => {
            tell(&format!("report: {}", page.display()));
            answer(&(serde_json::to_string_pretty(&done.found)? + "\n"))?;
        }
        Format::Text => answer(&format!("{}\nreport: {}\n", table(&done.found), page.display()))?,
    }
    Ok(Exit::Done)
}

fn command(arguments: &Learn) -> String {
    let utility = arguments.utility.iter().map(|(endpoint, weight)| match weight {
        Some(weight) => format!(" --utility {endpoint}={weight}"),
        None => format!(" --utility {endpoint}"),
    });
    let utility: String = utility.collect();
    let at = arguments.at.map(|at| format!(" --at {at}")).unwrap_or_default();
    let arms: String = arguments.arm.iter().map(|arm| format!(" --arm {arm}")).collect();
    let costs: String = arguments.cost.iter().map(|(arm, cost)| format!(" --cost {arm}={cost}")).collect();
    let sizes: String = arguments.trial_size.iter().map(|n| format!(" --trial-size {n}")).collect();
    format!(
        "regraft learn {}{utility}{at}{arms}{costs} --members {} --patients {}{sizes} --seed {}{}{}",
        arguments.trial,
        arguments.members,
        arguments.patients,
        arguments.draws.seed,
        typed_doubt(arguments.doubt),
        arguments.libraries.typed()
    )
}

/// Where the doubt about one patient under the best arm comes from.
fn doubt(found: &Found) -> Option<(&str, Parts)> {
    let best = found.best()?;
    Some((best.title.as_str(), best.parts.as_ref()?.of_one()))
}

/// Columns of names, characters: of arms, and of what can be learned.
const ARM: usize = 40;
const LESSON: usize = 52;

/// The answer, the arms, then the lessons by their worth.
fn table(found: &Found) -> String {
    let mut lines = vec![words::wrap(&(learn::headline(found) + "."), words::WIDTH), String::new()];
    lines.extend(learn::answers(found).iter().map(|sentence| words::wrap(sentence, words::WIDTH)));
    lines.push(String::new());
    lines.push(format!("{:<ARM$}{:>12}{:>10}{:>10}", "arm", "mean", "error", "best in"));
    for arm in &found.arms {
        let title = words::name(&arm.title, ARM);
        let best = format!("{:.0} %", 100.0 * arm.best);
        lines.push(format!("{title}{:>12.3}{:>10.3}{best:>10}", arm.mean, arm.error));
    }
    if let Some((title, parts)) = doubt(found) {
        let of_parameters = parts.parameters.map(|share| format!("{:.0} % parameters, ", 100.0 * share));
        let of_doubt = format!(
            "Of the doubt about what one patient gets with {title}: {}{:.0} % patients who differ, {:.0} % chance.",
            of_parameters.unwrap_or_default(),
            100.0 * parts.patients,
            100.0 * parts.chance
        );
        lines.push(format!("\n{}", words::wrap(&of_doubt, words::WIDTH)));
    }
    if let Some(why) = &found.not_split {
        lines.push(format!("\nthe doubt is not split into parameters, patients and chance: {why}"));
    }
    lines.push(format!("\n{:<LESSON$}{:>10}{:>10}{:>12}", "learned", "worth", "error", "if measured"));
    for one in found.lessons.iter().filter(|one| one.worth > 0.0) {
        let title = words::name(&one.title, LESSON);
        let measured = one.measured.map_or("–".to_string(), |value| format!("{value:.4}"));
        lines.push(format!("{title}{:>10.4}{:>10.4}{measured:>12}", one.worth, one.error));
    }
    match found.lessons.iter().filter(|one| one.worth == 0.0).count() {
        0 => {}
        n if n == found.lessons.len() => lines.push("nothing of it would change the choice".to_string()),
        n => lines.push(format!("{n} others would not change the choice")),
    }
    lines.join("\n") + "\n"
}
