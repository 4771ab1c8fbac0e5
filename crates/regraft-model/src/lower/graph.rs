//! The expression graph under construction: equal nodes are shared, what is plain is simplified.
//!
//! Simplifications: constants are folded; 0 + a, a − 0, 1·a, a/1, a¹ are a; 0·a and 0/a
//! are 0; a⁰ is 1; −(−a) is a. They hold for finite values; 0·a is 0 even where a is not
//! a number.

use std::collections::HashMap;

use crate::evaluate::{apply_binary, apply_unary, children};
use crate::program::{Binary, Distribution, Node, NodeId, Unary};

/// Nodes in topological order, each once.
#[derive(Default)]
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    index: HashMap<Key, NodeId>,
}

/// A node with the bits of its number, so that it can be looked up.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Constant(u64),
    Time,
    State(u32),
    Parameter(u32),
    Draw(Distribution, u32, NodeId, NodeId),
    Unary(Unary, NodeId),
    Binary(Binary, NodeId, NodeId),
    Select(NodeId, NodeId, NodeId),
}

fn key(node: &Node) -> Key {
    match *node {
        Node::Constant(value) => Key::Constant(value.to_bits()),
        Node::Time => Key::Time,
        Node::State(index) => Key::State(index),
        Node::Parameter(index) => Key::Parameter(index),
        Node::Draw { distribution, stream, first, second } => Key::Draw(distribution, stream, first, second),
        Node::Unary(function, a) => Key::Unary(function, a),
        Node::Binary(operator, a, b) => Key::Binary(operator, a, b),
        Node::Select { condition, then, otherwise } => Key::Select(condition, then, otherwise),
    }
}

impl Graph {
    pub(super) fn push(&mut self, node: Node) -> NodeId {
        let next = self.nodes.len() as NodeId;
        let id = *self.index.entry(key(&node)).or_insert(next);
        if id == next {
            self.nodes.push(node);
        }
        id
    }

    pub(super) fn constant(&mut self, value: f64) -> NodeId {
        // Minus zero would be a second zero that nothing simplifies.
        self.push(Node::Constant(if value == 0.0 { 0.0 } else { value }))
    }

    pub(super) fn value(&self, id: NodeId) -> Option<f64> {
        match self.nodes[id as usize] {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn is(&self, id: NodeId, value: f64) -> bool {
        self.value(id) == Some(value)
    }

    pub(super) fn unary(&mut self, function: Unary, a: NodeId) -> NodeId {
        if let Some(value) = self.value(a).filter(|_| is_exact(function)) {
            return self.constant(apply_unary(function, value));
        }
        match (function, self.nodes[a as usize]) {
            (Unary::Negate, Node::Unary(Unary::Negate, inner)) => inner,
            _ => self.push(Node::Unary(function, a)),
        }
    }

    pub(super) fn binary(&mut self, operator: Binary, a: NodeId, b: NodeId) -> NodeId {
        if let (Some(x), Some(y)) = (self.value(a), self.value(b))
            && operator != Binary::Power
        {
            return self.constant(apply_binary(operator, x, y));
        }
        match operator {
            Binary::Add => self.add(a, b),
            Binary::Subtract => self.subtract(a, b),
            Binary::Multiply => self.multiply(a, b),
            Binary::Divide => self.divide(a, b),
            Binary::Power => self.power(a, b),
            Binary::And | Binary::Or | Binary::Min | Binary::Max | Binary::Equal | Binary::NotEqual => {
                self.push(Node::Binary(operator, a.min(b), a.max(b)))
            }
            _ => self.push(Node::Binary(operator, a, b)),
        }
    }

    pub(super) fn select(&mut self, condition: NodeId, then: NodeId, otherwise: NodeId) -> NodeId {
        match self.value(condition) {
            _ if then == otherwise => then,
            Some(0.0) => otherwise,
            Some(_) => then,
            None => self.push(Node::Select { condition, then, otherwise }),
        }
    }

    fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.nodes[a as usize], self.nodes[b as usize]) {
            _ if self.is(a, 0.0) => b,
            _ if self.is(b, 0.0) => a,
            (_, Node::Unary(Unary::Negate, inner)) => self.subtract(a, inner),
            (Node::Unary(Unary::Negate, inner), _) => self.subtract(b, inner),
            _ => self.push(Node::Binary(Binary::Add, a.min(b), a.max(b))),
        }
    }

    fn subtract(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match self.nodes[b as usize] {
            _ if a == b => self.constant(0.0),
            _ if self.is(b, 0.0) => a,
            _ if self.is(a, 0.0) => self.unary(Unary::Negate, b),
            Node::Unary(Unary::Negate, inner) => self.binary(Binary::Add, a, inner),
            _ => self.push(Node::Binary(Binary::Subtract, a, b)),
        }
    }

    fn multiply(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.nodes[a as usize], self.nodes[b as usize]) {
            _ if self.is(a, 0.0) || self.is(b, 0.0) => self.constant(0.0),
            _ if self.is(a, 1.0) => b,
            _ if self.is(b, 1.0) => a,
            _ if self.is(a, -1.0) => self.unary(Unary::Negate, b),
            _ if self.is(b, -1.0) => self.unary(Unary::Negate, a),
            (Node::Unary(Unary::Negate, x), Node::Unary(Unary::Negate, y)) => {
                self.binary(Binary::Multiply, x, y)
            }
            _ => self.push(Node::Binary(Binary::Multiply, a.min(b), a.max(b))),
        }
    }

    fn divide(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if self.is(b, 1.0) {
            return a;
        }
        if self.is(a, 0.0) {
            return a;
        }
        if self.is(b, -1.0) {
            return self.unary(Unary::Negate, a);
        }
        self.push(Node::Binary(Binary::Divide, a, b))
    }

    fn power(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if self.is(b, 1.0) {
            return a;
        }
        if self.is(b, 0.0) {
            return self.constant(1.0);
        }
        self.push(Node::Binary(Binary::Power, a, b))
    }

    /// Which nodes the values of `roots` need.
    pub(super) fn reachable(&self, roots: &[NodeId]) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        for root in roots {
            reached[*root as usize] = true;
        }
        for id in (0..self.nodes.len()).rev() {
            if reached[id] {
                for child in children(&self.nodes[id]).into_iter().flatten() {
                    reached[child as usize] = true;
                }
            }
        }
        reached
    }
}

/// Functions whose value is the same on every platform. The others are left to whoever runs the program and has
/// one algorithm for them; folded here they would carry the platform's last bit.
fn is_exact(function: Unary) -> bool {
    use Unary::{Absolute, Ceil, Floor, Negate, Not, Sqrt};
    matches!(function, Negate | Absolute | Sqrt | Floor | Ceil | Not)
}
