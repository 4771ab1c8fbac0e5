//! The repository's own library: every card reads without a problem, every trial resolves and is planned.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regraft_model::{Diagnostic, Sources, lower, read_antimony};
use regraft_trial::pharmacology::DRUGS_FILE;
use regraft_trial::targets::{ORGAN, POPULATIONS, rate_name};
use regraft_trial::{
    Card, CardKind, Cards, Evidence, Trial, check_sources, duplicate_card, plan, reference_keys, resolve,
};

use crate::base::converter;

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library")
}

fn read_all(sources: &mut Sources) -> (Cards, Vec<Diagnostic>) {
    let (mut cards, mut problems) = (Cards::default(), Vec::new());
    for kind in CardKind::ALL {
        for file in files(kind) {
            let text = std::fs::read_to_string(&file).expect("the library's files are UTF-8 text");
            let name = file.file_name().expect("it was listed").to_string_lossy();
            let id = sources.add(format!("{}/{name}", kind.folder()), text);
            let (card, found) = Card::read(kind, sources, id);
            problems.extend(found);
            let copy = card.clone();
            problems.extend(cards.insert(card).map(|first| duplicate_card(&first, &copy)));
        }
    }
    (cards, problems)
}

fn files(kind: CardKind) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(library().join(kind.folder())).expect("the library has a folder for every kind");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it is listed").path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
    files.sort();
    files
}

fn shown(sources: &Sources, problems: &[Diagnostic]) -> String {
    problems.iter().map(|problem| problem.render(sources)).collect::<Vec<_>>().join("\n")
}

/// Names of the blocks that the models of the library read.
fn all_blocks() -> BTreeSet<String> {
    let files = std::fs::read_dir(library().join("models")).expect("the library has models");
    let text = |file: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(file.expect("a file").path()).expect("models are text")
    };
    files.flat_map(|file| regraft_trial::named_blocks(&text(file))).collect()
}

/// The model's problems are not ours to judge; those of the conditions and the plan are.
fn plan_with_its_model(sources: &mut Sources, trial: &Trial) -> Vec<Diagnostic> {
    let path = &trial.disease.model.text;
    let text = std::fs::read_to_string(library().join(path)).expect("the disease's model is in the library");
    let blocks = all_blocks();
    let root = sources.add(path.clone(), text);
    let (mut model, _) = read_antimony(sources, root, &mut |written, importing| {
        if written == DRUGS_FILE {
            return Some((written.to_string(), trial.drugs_model(&blocks)));
        }
        let folder = importing.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = format!("{folder}/{written}");
        std::fs::read_to_string(library().join(&path)).ok().map(|text| (path, text))
    });
    let mut problems = Vec::new();
    for condition in trial.conditions() {
        problems.extend(model.add_observable(&condition.name, "", &condition.expression, condition.span));
    }
    if problems.iter().any(Diagnostic::is_error) {
        return problems;
    }
    match lower(&model) {
        Ok(program) => problems.extend(plan(trial, &program, &converter(&model)).1),
        Err(found) => problems.extend(found),
    }
    problems
}

fn evidence(sources: &mut Sources) -> (Evidence, BTreeSet<String>) {
    let text = |file: &str| {
        let path = library().join("../evidence").join(file);
        std::fs::read_to_string(path).expect("the evidence is beside the library")
    };
    let (arms, outcomes, references) = (text("arms.csv"), text("outcomes.csv"), text("references.bib"));
    let arms = sources.add("evidence/arms.csv", arms);
    let outcomes = sources.add("evidence/outcomes.csv", outcomes);
    let (evidence, problems) = Evidence::read(sources, arms, outcomes);
    assert!(problems.is_empty(), "{}", shown(sources, &problems));
    (evidence, reference_keys(&references))
}

#[test]
fn every_source_of_the_library_exists_and_every_published_row_may_be_shown() {
    let mut sources = Sources::default();
    let (cards, _) = read_all(&mut sources);
    let (evidence, keys) = evidence(&mut sources);
    let mut problems = check_sources(&cards, [], [], &keys, &evidence);
    for file in cards.trials.values() {
        if let (Some(trial), _) = resolve(file, &cards, &sources) {
            for analysis in &trial.file.analyses {
                problems.extend(trial.published(analysis, &evidence).1);
            }
        }
    }
    assert!(problems.is_empty(), "{}", shown(&sources, &problems));
}

#[test]
fn every_card_of_the_library_reads_and_every_trial_is_planned() {
    let mut sources = Sources::default();
    let (cards, mut problems) = read_all(&mut sources);
    assert!(!cards.trials.is_empty(), "the library has no trial");
    for file in cards.trials.values() {
        let (trial, found) = resolve(file, &cards, &sources);
        problems.extend(found);
        if let Some(trial) = trial {
            problems.extend(plan_with_its_model(&mut sources, &trial));
        }
    }
    assert!(problems.is_empty(), "{}", shown(&sources, &problems));
}

#[test]
fn the_core_joins_the_kill_rate_of_every_population() {
    let core = std::fs::read_to_string(library().join("models/immune_core.ant")).expect("the core is text");
    let joined: BTreeSet<String> = core
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .filter_map(|word| word.strip_prefix("drugs."))
        .filter(|name| name.starts_with("kill_") || *name == "organ_toxicity")
        .map(str::to_string)
        .collect();
    let known = POPULATIONS.iter().map(|(name, _)| *name).chain([ORGAN]).map(rate_name);
    assert_eq!(joined, known.collect());
}
