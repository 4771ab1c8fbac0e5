//! A small trial with all its cards, and the way from its texts to a protocol.

use std::collections::BTreeMap;

use regraft_model::{Diagnostic, Model, Program, Sources, Span, lower, read_antimony};
use regraft_trial::{Card, CardKind, Cards, Protocol, Trial, duplicate_card, plan, resolve};

/// The texts of the small trial by path.
pub fn texts() -> BTreeMap<String, String> {
    macro_rules! files {
        ($($path:literal),* $(,)?) => {
            [$(($path, include_str!(concat!("base/", $path)))),*]
        };
    }
    let files = files![
        "diseases/toy.toml",
        "populations/adults.toml",
        "drugs/poison.toml",
        "drugs/growth.toml",
        "drugs/tablet.toml",
        "drugs/capsule.toml",
        "products/own_cells.toml",
        "regimens/transplant.toml",
        "regimens/tablets.toml",
        "endpoints/worsening.toml",
        "endpoints/recovery.toml",
        "endpoints/scale_change.toml",
        "trials/toy_trial.toml",
    ];
    files.into_iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
}

/// Everything that came of a set of texts.
pub struct Outcome {
    pub sources: Sources,
    pub cards: Cards,
    pub trial: Option<Trial>,
    pub program: Program,
    pub protocol: Option<Protocol>,
    pub problems: Vec<Diagnostic>,
}

impl Outcome {
    /// `PATH:LINE:COL CODE message` of each problem, in the order found.
    pub fn messages(&self) -> Vec<String> {
        let place = |span: Span| {
            let (line, column) = self.sources.line_column(span);
            format!("{}:{line}:{column}", self.sources.get(span.source).path)
        };
        let shown = |problem: &Diagnostic| {
            format!("{} {} {}", place(problem.labels[0].span), problem.code, problem.message)
        };
        self.problems.iter().map(shown).collect()
    }
}

/// Reads the texts, resolves the trial, lowers the small model with its conditions and plans; each
/// stage only if those before it found no error.
pub fn run(texts: &BTreeMap<String, String>) -> Outcome {
    run_until(texts, |problems| problems.iter().any(Diagnostic::is_error))
}

/// As [`run`], but goes on with what could be read.
pub fn run_through(texts: &BTreeMap<String, String>) -> Outcome {
    run_until(texts, |_| false)
}

fn run_until(texts: &BTreeMap<String, String>, stop: impl Fn(&[Diagnostic]) -> bool) -> Outcome {
    let mut outcome = read(texts);
    if stop(&outcome.problems) {
        return outcome;
    }
    for file in outcome.cards.trials.values() {
        let (trial, found) = resolve(file, &outcome.cards, &outcome.sources);
        outcome.problems.extend(found);
        outcome.trial = trial;
    }
    if stop(&outcome.problems) {
        return outcome;
    }
    if let Some(trial) = outcome.trial.clone() {
        plan_trial(&mut outcome, &trial);
    }
    outcome
}

fn read(texts: &BTreeMap<String, String>) -> Outcome {
    let mut sources = Sources::default();
    let (mut cards, mut problems) = (Cards::default(), Vec::new());
    for (path, text) in texts {
        let kind = CardKind::of_path(path).expect("every path of a test names a kind");
        let id = sources.add(path.clone(), text.clone());
        let (card, found) = Card::read(kind, &sources, id);
        problems.extend(found);
        let copy = card.clone();
        problems.extend(cards.insert(card).map(|first| duplicate_card(&first, &copy)));
    }
    Outcome { sources, cards, trial: None, program: Program::default(), protocol: None, problems }
}

fn plan_trial(outcome: &mut Outcome, trial: &Trial) {
    let root = outcome.sources.add("models/toy.ant", include_str!("base/toy.ant"));
    let (mut model, found) = read_antimony(&mut outcome.sources, root, &mut |_, _| None);
    outcome.problems.extend(found.into_iter().filter(Diagnostic::is_error));
    for condition in trial.conditions() {
        outcome.problems.extend(model.add_observable(
            &condition.name,
            "",
            &condition.expression,
            condition.span,
        ));
    }
    if outcome.problems.iter().any(Diagnostic::is_error) {
        return;
    }
    match lower(&model) {
        Ok(program) => {
            let (protocol, found) = plan(trial, &program, &converter(&model));
            outcome.program = program;
            outcome.protocol = protocol;
            outcome.problems.extend(found);
        }
        Err(found) => outcome.problems.extend(found),
    }
}

/// Conversion between units of cards and the units that a model declares.
pub fn converter(model: &Model) -> impl Fn(f64, &str, &str) -> Option<f64> + '_ {
    |value, from, to| model.convert_factor(from, to).ok().map(|factor| value * factor)
}
