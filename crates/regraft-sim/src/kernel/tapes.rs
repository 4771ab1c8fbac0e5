//! All tapes of a program.

use regraft_model::program::{Event, JacobianEntry, NodeId};
use regraft_model::{Found, Program, Target};
use regraft_ode::SparsityPattern;

use super::compile::Compiler;
use super::op::Tape;
use crate::error::SimError;

/// A program, compiled: one tape per purpose over one layout of slots.
#[derive(Debug, Clone)]
pub(crate) struct Tapes {
    pub n_states: usize,
    pub time_slot: usize,
    /// Slot of the first parameter.
    pub parameter_slot: usize,
    pub n_slots: usize,
    /// Slots with a fixed value.
    pub constants: Vec<(u32, f64)>,
    pub pattern: SparsityPattern,
    /// What depends on parameters alone; it has no results.
    pub setup: Tape,
    /// Results: dy/dt, `[state]`.
    pub flow: Tape,
    /// Results: dy/dt `[state]`, the Jacobian `[nonzero]`, ∂f/∂t `[state]`.
    pub flow_and_jacobian: Tape,
    /// Results: the root functions of all events, one after the other.
    pub roots: Tape,
    /// Results: the conditions, `[event]`.
    pub conditions: Tape,
    /// Per event.
    pub events: Vec<EventTapes>,
    /// Per observable of the program.
    pub observables: Vec<Tape>,
    /// Results: what was asked for.
    pub outputs: Tape,
    /// Starting values, in order.
    pub initial: Vec<InitialTape>,
}

/// What an event computes.
#[derive(Debug, Clone)]
pub(crate) struct EventTapes {
    /// What is assigned, in the order of the results of `values`.
    pub targets: Vec<Target>,
    pub values: Tape,
    pub delay: Option<Tape>,
    pub priority: Option<Tape>,
}

/// One starting value.
#[derive(Debug, Clone)]
pub(crate) struct InitialTape {
    pub target: Target,
    /// One result.
    pub value: Tape,
}

impl Tapes {
    /// Compiles a program for the outputs asked for.
    ///
    /// # Errors
    /// [`SimError::DrawInFlow`] if anything but a starting value or an assignment is random.
    pub fn new(program: &Program, outputs: &[Found]) -> Result<Tapes, SimError> {
        let mut compiler = Compiler::new(program);
        refuse_draws(program, &compiler)?;
        let derivatives = &program.derivatives;
        let entries = program.jacobian.iter().map(|entry| entry.node);
        let both: Vec<NodeId> = derivatives
            .iter()
            .copied()
            .chain(entries)
            .chain(program.time_derivatives.iter().copied())
            .collect();
        let roots: Vec<NodeId> =
            program.events.iter().flat_map(|event| event.roots.iter().copied()).collect();
        let conditions: Vec<NodeId> = program.events.iter().map(|event| event.condition).collect();
        let flow = compiler.live(derivatives);
        let flow_and_jacobian = compiler.live(&both);
        let roots = compiler.live(&roots);
        let conditions = compiler.live(&conditions);
        let events = program.events.iter().map(|event| event_tapes(event, &mut compiler)).collect();
        let observables = program.observable_nodes.iter().map(|&node| compiler.live(&[node])).collect();
        let outputs = output_tape(program, outputs, &mut compiler);
        let initial = program
            .initial
            .iter()
            .map(|&(target, node)| InitialTape { target, value: compiler.whole(&[node]) });
        let initial = initial.collect();
        let setup = compiler.setup();
        let (n_slots, constants) = compiler.layout();
        Ok(Tapes {
            n_states: program.states.len(),
            time_slot: program.states.len(),
            parameter_slot: program.states.len() + 1,
            n_slots,
            constants,
            pattern: pattern(program.states.len(), &program.jacobian),
            setup,
            flow,
            flow_and_jacobian,
            roots,
            conditions,
            events,
            observables,
            outputs,
            initial,
        })
    }
}

fn event_tapes(event: &Event, compiler: &mut Compiler) -> EventTapes {
    let (targets, nodes): (Vec<Target>, Vec<NodeId>) = event.assignments.iter().copied().unzip();
    EventTapes {
        targets,
        values: compiler.live(&nodes),
        delay: event.delay.map(|node| compiler.live(&[node])),
        priority: event.priority.map(|node| compiler.live(&[node])),
    }
}

/// The tape of what was asked for; states and parameters are read from their own slots.
fn output_tape(program: &Program, outputs: &[Found], compiler: &mut Compiler) -> Tape {
    let nodes: Vec<NodeId> = outputs
        .iter()
        .filter_map(|found| match found {
            Found::Observable(index) => Some(program.observable_nodes[*index as usize]),
            _ => None,
        })
        .collect();
    let mut tape = compiler.live(&nodes);
    let mut computed = tape.results.iter().copied();
    let n_states = program.states.len() as u32;
    tape.results = outputs
        .iter()
        .filter_map(|found| match found {
            Found::State(index) => Some(*index),
            Found::Parameter(index) => Some(n_states + 1 + index),
            Found::Observable(_) => computed.next(),
            Found::Event(_) => None,
        })
        .collect();
    tape
}

fn refuse_draws(program: &Program, compiler: &Compiler) -> Result<(), SimError> {
    let events = || program.events.iter();
    let places: [(&'static str, Vec<NodeId>); 5] = [
        ("a derivative", program.derivatives.clone()),
        ("the condition of an event", events().map(|event| event.condition).collect()),
        ("the condition of an event", events().flat_map(|event| event.roots.iter().copied()).collect()),
        ("the priority of an event", events().filter_map(|event| event.priority).collect()),
        ("an observable", program.observable_nodes.clone()),
    ];
    for (place, nodes) in places {
        if nodes.iter().any(|&node| compiler.is_drawn(node)) {
            return Err(SimError::DrawInFlow { place });
        }
    }
    Ok(())
}

fn pattern(n: usize, jacobian: &[JacobianEntry]) -> SparsityPattern {
    SparsityPattern {
        n,
        rows: jacobian.iter().map(|entry| entry.row).collect(),
        columns: jacobian.iter().map(|entry| entry.column).collect(),
    }
}
