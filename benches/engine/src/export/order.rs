//! What the derivatives need, in the order in which it can be computed.

use regraft_model::Program;
use regraft_model::evaluate::children;
use regraft_model::program::{Node, NodeId};

/// Nodes that the derivatives need.
pub struct Needed {
    /// Those that depend on parameters alone (and are more than a parameter or a number), ascending.
    pub hoisted: Vec<NodeId>,
    /// The others that are computed, ascending.
    pub flowing: Vec<NodeId>,
    /// Parameters that are read, ascending.
    pub parameters: Vec<u32>,
}

impl Needed {
    /// Sorts the nodes of a program.
    pub fn of(program: &Program) -> Needed {
        let needed = reached(program);
        let changes = changing(program);
        let all = || (0..program.nodes.len()).filter(|node| needed[*node]);
        let computed = |node: &usize| {
            !matches!(
                program.nodes[*node],
                Node::Constant(_) | Node::Time | Node::State(_) | Node::Parameter(_)
            )
        };
        let some = |moving: bool| {
            all()
                .filter(computed)
                .filter(|node| changes[*node] == moving)
                .map(|node| node as NodeId)
                .collect()
        };
        let mut parameters: Vec<u32> = all()
            .filter_map(|node| match program.nodes[node] {
                Node::Parameter(parameter) => Some(parameter),
                _ => None,
            })
            .collect();
        parameters.sort_unstable();
        parameters.dedup();
        Needed { hoisted: some(false), flowing: some(true), parameters }
    }

    /// The same with nothing hoisted.
    pub fn all_flowing(mut self) -> Needed {
        self.flowing.append(&mut self.hoisted);
        self.flowing.sort_unstable();
        self
    }
}

/// Whether each node is needed by a derivative.
fn reached(program: &Program) -> Vec<bool> {
    let mut needed = vec![false; program.nodes.len()];
    for node in &program.derivatives {
        needed[*node as usize] = true;
    }
    for node in (0..program.nodes.len()).rev() {
        if needed[node] {
            for child in children(&program.nodes[node]).into_iter().flatten() {
                needed[child as usize] = true;
            }
        }
    }
    needed
}

/// Whether each node changes with time or states.
fn changing(program: &Program) -> Vec<bool> {
    let mut changes = vec![false; program.nodes.len()];
    for (id, node) in program.nodes.iter().enumerate() {
        let own = matches!(node, Node::State(_) | Node::Time);
        changes[id] = own || children(node).into_iter().flatten().any(|child| changes[child as usize]);
    }
    changes
}

/// The exponent, if a node is a small whole number.
pub fn whole_exponent(program: &Program, node: NodeId) -> Option<i32> {
    match program.nodes[node as usize] {
        Node::Constant(value) => small_whole(value),
        _ => None,
    }
}

/// A number as an exponent for which a power is written as a product.
pub fn small_whole(value: f64) -> Option<i32> {
    (value.fract() == 0.0 && (2.0..=8.0).contains(&value)).then_some(value as i32)
}
