//! The folder of a search: the page, everything found, and for each point a trial that can be run.

use regraft_trial::name::Name;
use regraft_trial::write as cards;

use super::found::Point;
use super::page::page;
use super::prepare::PreparedSearch;
use super::run::Searched;
use crate::run_folder::manifest::{Manifest, STREAM_VERSION};
use crate::run_folder::{RunFolder, WriteError};
use crate::study::Patients;

/// Writes `search.html`, `search.json`, `protocols/…` and last `manifest.json`.
///
/// # Errors
/// [`WriteError`].
pub fn write(search: &PreparedSearch, done: &Searched, folder: &RunFolder) -> Result<(), WriteError> {
    let found = &done.found;
    let json =
        serde_json::to_string_pretty(found).expect("what is found holds only numbers, texts and lists");
    let mut files = vec![("search.html".to_string(), page(found)), ("search.json".to_string(), json + "\n")];
    for point in &found.frontier {
        files.extend(protocol(search, point));
    }
    let manifest = Manifest {
        format: 1,
        version: found.version.clone(),
        stream_version: STREAM_VERSION,
        trial: format!("search {}", found.trial),
        seed: found.seed,
        patients: found.patients,
        screened: 0,
        posterior: found.members.clone(),
        relative_tolerance: Patients::relative_tolerance(found.seed),
        arms: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        doubt: None,
        written: String::new(),
        simulation_seconds: done.seconds,
        command: found.command.clone(),
    };
    folder.texts(&files, manifest)
}

/// The cards of one point: its regimen, and a trial of it beside the trial's own arms.
fn protocol(search: &PreparedSearch, point: &Point) -> Vec<(String, String)> {
    let Ok(mut made) = search.arm_of(&point.values) else { return Vec::new() };
    let own = &search.prepared.trial.arms[..search.own_arms];
    made.regimen.title = format!("Point {} of a search that began with: {}", point.id, made.regimen.title);
    let (summary, source) = (made.regimen.summary.take(), &search.id);
    let summary = summary.map(|text| format!(" The card it began with: {text}")).unwrap_or_default();
    made.regimen.summary = Some(format!("Found by a search of the space of trial `{source}`.{summary}"));
    made.arm.title = format!("Point {}", point.id);
    let arms = std::iter::once(made.arm.clone()).chain(own.iter().map(|arm| arm.arm.clone())).collect();
    let id = format!("{}_{}", search.id, point.id);
    let mut file = search.file_with(&id, arms);
    file.title = format!("Point {} of a search in: {}", point.id, file.title);
    file.summary = Some("One point of a frontier beside the arms of the trial it was searched for.".into());
    let regimen = Name { text: made.regimen.id.text.clone(), span: made.regimen.id.span };
    let place = |rest: String| format!("protocols/{}/{rest}", point.id);
    vec![
        (point.trial_file.clone(), cards::trial(&file)),
        (place(format!("regimens/{}.toml", regimen.text)), cards::regimen(&made.regimen)),
    ]
}
