//! All tapes of a program.

use regraft_model::program::{Event, NodeId};
use regraft_model::{Found, Program, Target};

use super::compile::Compiler;
use super::flow::{Flow, Rates};
use super::op::Tape;
use super::rewrite::Rewriter;
use super::run::SINGLE;
use crate::error::SimError;

/// A program, compiled: one tape per purpose over one layout of slots.
#[derive(Debug, Clone)]
pub(crate) struct Tapes {
    pub n_states: usize,
    /// Slots that every lane keeps: parameters first.
    pub n_rows: usize,
    /// Slots of one lane at a time: states first, then time.
    pub n_single: usize,
    /// Those of the latter that have a fixed value.
    pub constants: Vec<(u32, f64)>,
    /// What depends on parameters alone; it has no results.
    pub setup: Tape,
    /// The routines of a step; `None` if they were not asked for.
    pub flow: Option<Flow>,
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
    /// Species of each compartment whose size they may change.
    pub species: Vec<Vec<Target>>,
    /// These sizes.
    pub sizes: Tape,
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
    /// Compiles a program for the outputs asked for; the routines of a step only if the states that may be
    /// infused are given.
    ///
    /// # Errors
    /// [`SimError::DrawInFlow`] if anything but a starting value or an assignment is random.
    pub fn new(program: &Program, outputs: &[Found], infused: Option<&[u32]>) -> Result<Tapes, SimError> {
        refuse_draws(program, &Compiler::new(program))?;
        match infused {
            None => Ok(Tapes::compile(program, outputs, None)),
            Some(infused) => {
                let mut rewriter = Rewriter::new(program);
                let rates = Rates::new(program, &mut rewriter);
                let program = &Program { nodes: rewriter.nodes, ..program.clone() };
                Ok(Tapes::compile(program, outputs, Some((&rates, infused))))
            }
        }
    }

    fn compile(program: &Program, outputs: &[Found], flow: Option<(&Rates, &[u32])>) -> Tapes {
        let mut compiler = Compiler::new(program);
        let flow = flow.map(|(rates, infused)| Flow::new(program, rates, infused, outputs, &mut compiler));
        let conditions: Vec<NodeId> = program.events.iter().map(|event| event.condition).collect();
        let conditions = compiler.live(&conditions);
        let events = program.events.iter().map(|event| event_tapes(event, &mut compiler)).collect();
        let observables = program.observable_nodes.iter().map(|&node| compiler.live(&[node])).collect();
        let outputs = output_tape(program, outputs, &mut compiler);
        let setup = compiler.setup();
        let initial = program
            .initial
            .iter()
            .map(|&(target, node)| InitialTape { target, value: compiler.whole(&[node]) });
        let initial = initial.collect();
        let (n_rows, n_single, constants) = compiler.layout();
        Tapes {
            n_states: program.states.len(),
            n_rows,
            n_single,
            constants,
            setup,
            flow,
            conditions,
            events,
            observables,
            outputs,
            initial,
        }
    }
}

fn event_tapes(event: &Event, compiler: &mut Compiler) -> EventTapes {
    let (targets, nodes): (Vec<Target>, Vec<NodeId>) = event.assignments.iter().copied().unzip();
    let sizes: Vec<NodeId> = event.resized.iter().map(|compartment| compartment.size).collect();
    EventTapes {
        targets,
        values: compiler.live(&nodes),
        species: event.resized.iter().map(|compartment| compartment.species.clone()).collect(),
        sizes: compiler.live(&sizes),
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
    tape.results = outputs
        .iter()
        .filter_map(|found| match found {
            Found::State(index) => Some(SINGLE | *index),
            Found::Parameter(index) => Some(*index),
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
