//! Leaving out the nodes that nothing uses.

use crate::evaluate::children;
use crate::program::{Node, NodeId, Program};

/// The same program without unused nodes; the order of the others is kept.
pub(super) fn compact(mut program: Program) -> Program {
    let used = used_nodes(&mut program);
    let mut new_id = vec![0; program.nodes.len()];
    let mut nodes = Vec::with_capacity(program.nodes.len());
    for (id, node) in program.nodes.iter().enumerate().filter(|(id, _)| used[*id]) {
        new_id[id] = nodes.len() as NodeId;
        nodes.push(moved(*node, &new_id));
    }
    program.nodes = nodes;
    for_each_root(&mut program, |id| *id = new_id[*id as usize]);
    program
}

fn used_nodes(program: &mut Program) -> Vec<bool> {
    let mut used = vec![false; program.nodes.len()];
    for_each_root(program, |id| used[*id as usize] = true);
    for id in (0..program.nodes.len()).rev() {
        if used[id] {
            for child in children(&program.nodes[id]).into_iter().flatten() {
                used[child as usize] = true;
            }
        }
    }
    used
}

fn for_each_root(program: &mut Program, mut act: impl FnMut(&mut NodeId)) {
    program.derivatives.iter_mut().for_each(&mut act);
    program.time_derivatives.iter_mut().for_each(&mut act);
    program.observable_nodes.iter_mut().for_each(&mut act);
    program.jacobian.iter_mut().for_each(|entry| act(&mut entry.node));
    program.initial.iter_mut().for_each(|(_, node)| act(node));
    for event in &mut program.events {
        act(&mut event.condition);
        event.roots.iter_mut().for_each(&mut act);
        event.assignments.iter_mut().for_each(|(_, node)| act(node));
        event.resized.iter_mut().for_each(|compartment| act(&mut compartment.size));
        event.delay.iter_mut().for_each(&mut act);
        event.priority.iter_mut().for_each(&mut act);
    }
}

fn moved(node: Node, new_id: &[NodeId]) -> Node {
    let to = |id: NodeId| new_id[id as usize];
    match node {
        Node::Draw { distribution, stream, first, second } => {
            Node::Draw { distribution, stream, first: to(first), second: to(second) }
        }
        Node::Unary(function, a) => Node::Unary(function, to(a)),
        Node::Binary(operator, a, b) => Node::Binary(operator, to(a), to(b)),
        Node::Select { condition, then, otherwise } => {
            Node::Select { condition: to(condition), then: to(then), otherwise: to(otherwise) }
        }
        leaf => leaf,
    }
}
