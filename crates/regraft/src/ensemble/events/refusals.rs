//! What a model does not allow in its event table, and what is doubtful with it.

use regraft_model::evaluate::children;
use regraft_model::program::Node;
use regraft_model::{Diagnostic, Model, Program, Span};

use super::{Dose, Steady, What, codes};
use crate::ensemble::dose::Given;

/// What holds for a model, found out once.
pub(super) struct Refusals<'a> {
    program: &'a Program,
    /// Why there is no steady state of repeated doses.
    no_steady: Option<&'static str>,
    delayed_events: bool,
    /// Whether the state is held as a concentration, `[state]`.
    concentrations: Vec<bool>,
    /// States of which the reader was told that they are concentrations.
    told: Vec<u32>,
}

impl<'a> Refusals<'a> {
    pub fn new(model: &Model, program: &'a Program) -> Refusals<'a> {
        let no_steady = if !program.events.is_empty() {
            Some("the model has events")
        } else if flow_needs_time(program) {
            Some("the rates of the model depend on time")
        } else {
            None
        };
        let concentration = |name: &str| {
            let named = model.quantities.iter().find(|quantity| quantity.name == name);
            named.is_some_and(|quantity| quantity.volume().is_some())
        };
        Refusals {
            program,
            no_steady,
            delayed_events: program.events.iter().any(|event| event.delay.is_some()),
            concentrations: program.states.iter().map(|state| concentration(&state.name)).collect(),
            told: Vec::new(),
        }
    }

    /// Looks at what a row at `span` does.
    pub fn look(&mut self, what: &What, span: Span, problems: &mut Vec<Diagnostic>) {
        if what.is_reset() && self.delayed_events {
            let message = "a reset in a model whose events have delays";
            problems.push(Diagnostic::error(codes::NOT_POSSIBLE, span, message));
        }
        let Some(dose) = what.dose() else { return };
        if dose.steady != Steady::No {
            self.look_at_steady(dose, span, problems);
        }
        if self.concentrations[dose.state as usize] && !self.told.contains(&dose.state) {
            self.told.push(dose.state);
            let name = &self.program.states[dose.state as usize].name;
            let message = format!("`{name}` is a concentration: the dose is added to it as it is");
            let problem = Diagnostic::warning(codes::DOUBTFUL, span, message);
            problems
                .push(problem.with_help("divide the amount by the volume, or declare it `substanceOnly`"));
        }
    }

    fn look_at_steady(&self, dose: &Dose, span: Span, problems: &mut Vec<Diagnostic>) {
        if let Some(why) = self.no_steady {
            let message = format!("a steady state cannot be found: {why}");
            problems.push(Diagnostic::error(codes::NOT_POSSIBLE, span, message));
        }
        let repeated = !matches!(dose.given, Given::Constant { .. });
        if repeated && dose.lag > dose.interval {
            let message = "in steady state the lag time is longer than II: the time until the dose before \
                           arrives is followed backward, as NONMEM does, and amounts may be negative there";
            problems.push(Diagnostic::warning(codes::DOUBTFUL, span, message));
        }
    }
}

/// Whether any rate of change depends on time itself.
fn flow_needs_time(program: &Program) -> bool {
    let mut needed = vec![false; program.nodes.len()];
    for &node in &program.derivatives {
        needed[node as usize] = true;
    }
    for id in (0..program.nodes.len()).rev() {
        if needed[id] {
            for child in children(&program.nodes[id]).into_iter().flatten() {
                needed[child as usize] = true;
            }
        }
    }
    program.nodes.iter().zip(&needed).any(|(node, needed)| *needed && matches!(node, Node::Time))
}
