//! Lowering: a checked [`Model`] becomes a flat [`Program`].

mod compact;
mod differentiate;
mod event;
mod expression;
mod graph;
mod rate;
mod start;

use std::collections::HashMap;

use crate::check::order::topological;
use crate::check::{changes_by_itself, rule_needs};
use crate::code;
use crate::diag::Diagnostic;
use crate::model::{FunctionId, Kind, Model, QuantityId, Rule};
use crate::program::{Event, JacobianEntry, Node, NodeId, Program, Quantity, Target};
use differentiate::{Variable, differentiate};
use graph::Graph;

/// Makes a model flat.
///
/// States are quantities with a rate rule, species that reactions change, and species whose
/// compartment changes its size; assignment rules and reaction rates are observables;
/// everything else is a parameter. A species in a compartment is held as its concentration
/// (unless `substanceOnly`), so that a name means the same in the text and in the program.
///
/// # Errors
/// All problems that prevent it: those of the text ([`Model::faults`]), or a rate without
/// derivative. A mismatch of units does not prevent it.
pub fn lower(model: &Model) -> Result<Program, Vec<Diagnostic>> {
    if !model.faults.is_empty() {
        return Err(model.faults.clone());
    }
    let mut lowering = Lowering::new(model);
    lowering.rules();
    let derivatives = lowering.derivatives();
    let initial = lowering.starting_values();
    let events = lowering.events();
    let slopes = lowering.slopes(&derivatives);
    if !lowering.problems.is_empty() {
        return Err(lowering.problems);
    }
    let zero = lowering.graph.constant(0.0);
    let mut program = lowering.named(initial, events);
    program.time_derivatives = vec![zero; derivatives.len()];
    program.derivatives = derivatives;
    for slope in slopes {
        let row = slope.row as u32;
        match slope.variable {
            Variable::Time => program.time_derivatives[slope.row] = slope.node,
            Variable::State(column) => program.jacobian.push(JacobianEntry { row, column, node: slope.node }),
        }
    }
    program.jacobian.sort_by_key(|entry| (entry.row, entry.column));
    Ok(compact::compact(program))
}

/// What a quantity becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    State(u32),
    Parameter(u32),
    Observable(u32),
}

/// The rate of change of a quantity, as far as it is known.
#[derive(Clone, Copy)]
enum Slope {
    Unknown,
    Open,
    Known(NodeId),
}

struct Lowering<'a> {
    model: &'a Model,
    graph: Graph,
    roles: Vec<Role>,
    /// Value of each quantity; for observables known once their rule has been lowered.
    values: Vec<NodeId>,
    slopes: Vec<Slope>,
    /// Sides of reactions that change each quantity, see [`rate::changes`].
    changes: Vec<Vec<rate::Change>>,
    calls: HashMap<(FunctionId, Vec<NodeId>), NodeId>,
    streams: Vec<String>,
    problems: Vec<Diagnostic>,
}

impl<'a> Lowering<'a> {
    fn new(model: &'a Model) -> Self {
        let changes = rate::changes(model);
        let roles = roles(model, &changes);
        let mut graph = Graph::default();
        let values = roles.iter().map(|role| match role {
            Role::State(index) => graph.push(Node::State(*index)),
            Role::Parameter(index) => graph.push(Node::Parameter(*index)),
            Role::Observable(_) => graph.constant(f64::NAN),
        });
        let values = values.collect();
        let slopes = vec![Slope::Unknown; model.quantities.len()];
        let (calls, streams, problems) = (HashMap::new(), Vec::new(), Vec::new());
        Lowering { model, graph, roles, values, slopes, changes, calls, streams, problems }
    }

    /// Values of all assignment rules, each behind those it needs.
    fn rules(&mut self) {
        let model = self.model;
        for id in topological(&rule_needs(model)).0 {
            if let Some(value) = model.quantities[id].assignment() {
                self.values[id] = self.expression(value);
            }
        }
    }

    fn derivatives(&mut self) -> Vec<NodeId> {
        let ids: Vec<QuantityId> = (0..self.roles.len() as u32)
            .filter(|id| matches!(self.roles[*id as usize], Role::State(_)))
            .collect();
        ids.into_iter().map(|id| self.slope(id)).collect()
    }

    fn slopes(&mut self, derivatives: &[NodeId]) -> Vec<differentiate::Derivative> {
        match differentiate(&mut self.graph, derivatives, derivatives.len()) {
            Ok(slopes) => slopes,
            Err(mut rows) => {
                rows.sort_unstable();
                rows.dedup();
                for row in rows {
                    self.refuse_derivative(row as u32);
                }
                Vec::new()
            }
        }
    }

    fn refuse_derivative(&mut self, state: u32) {
        let id = self
            .roles
            .iter()
            .position(|role| *role == Role::State(state))
            .expect("every state has a quantity");
        let quantity = &self.model.quantities[id];
        let message =
            format!("the rate of `{}` needs the factorial of something that changes", quantity.name);
        let problem = Diagnostic::error(code::DERIVATIVE, quantity.span, message);
        self.problems.push(problem.with_help("a factorial has no derivative here"));
    }

    fn target(&self, id: QuantityId) -> Option<Target> {
        match self.roles[id as usize] {
            Role::State(index) => Some(Target::State(index)),
            Role::Parameter(index) => Some(Target::Parameter(index)),
            Role::Observable(_) => None,
        }
    }

    /// The program with its names; derivatives are still to come.
    fn named(self, initial: Vec<(Target, NodeId)>, events: Vec<Event>) -> Program {
        let mut program = Program { name: self.model.name.clone(), initial, events, ..Program::default() };
        for (quantity, (role, value)) in self.model.quantities.iter().zip(self.roles.iter().zip(&self.values))
        {
            let unit = quantity.unit.as_ref().map(|unit| unit.text.clone()).unwrap_or_default();
            let named = Quantity { name: quantity.name.clone(), unit, label: quantity.label.clone() };
            match role {
                Role::State(_) => program.states.push(named),
                Role::Parameter(_) => program.parameters.push(named),
                Role::Observable(_) => {
                    program.observables.push(named);
                    program.observable_nodes.push(*value);
                }
            }
        }
        program.streams = self.streams;
        program.nodes = self.graph.nodes;
        program
    }
}

/// Numbers the quantities by what they become, in order of declaration.
fn roles(model: &Model, changes: &[Vec<rate::Change>]) -> Vec<Role> {
    // Next number of states, parameters, observables.
    let mut counts = [0; 3];
    let mut next = |which: usize| {
        counts[which] += 1;
        counts[which] - 1
    };
    let roles = model.quantities.iter().enumerate().map(|(id, quantity)| match &quantity.rule {
        Rule::Assignment(_) => Role::Observable(next(2)),
        Rule::Rate(_) => Role::State(next(0)),
        Rule::None if changes_freely(model, id, &changes[id]) => Role::State(next(0)),
        Rule::None => Role::Parameter(next(1)),
    });
    roles.collect()
}

/// Whether a quantity without rule is changed by reactions or by the size of its compartment.
fn changes_freely(model: &Model, id: usize, changes: &[rate::Change]) -> bool {
    let quantity = &model.quantities[id];
    let by_reaction = matches!(quantity.kind, Kind::Species { boundary: false, .. }) && !changes.is_empty();
    let by_size = quantity.volume().is_some_and(|volume| changes_by_itself(model.quantity(volume)));
    by_reaction || by_size
}
