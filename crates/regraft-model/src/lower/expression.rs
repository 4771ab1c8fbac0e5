//! Typed expressions become nodes.

use super::Lowering;
use crate::model::{Expression, FunctionId, TermKind};
use crate::program::{Node, NodeId};

/// Names the draws of one target: `x` for the first, `x#2` for the second in one expression.
pub(super) struct Draws<'a> {
    target: &'a str,
    count: usize,
}

impl<'a> Draws<'a> {
    pub(super) fn new(target: &'a str) -> Self {
        Draws { target, count: 0 }
    }

    fn next(&mut self) -> String {
        self.count += 1;
        if self.count == 1 { self.target.to_string() } else { format!("{}#{}", self.target, self.count) }
    }
}

impl Lowering<'_> {
    /// An expression without draws.
    pub(super) fn expression(&mut self, expression: &Expression) -> NodeId {
        self.terms(expression, &[], &mut Draws::new(""))
    }

    /// An expression that gives a value to `target`, after which its draws are named.
    pub(super) fn expression_for(&mut self, expression: &Expression, target: &str) -> NodeId {
        self.terms(expression, &[], &mut Draws::new(target))
    }

    fn terms(&mut self, expression: &Expression, arguments: &[NodeId], draws: &mut Draws) -> NodeId {
        let mut nodes: Vec<NodeId> = Vec::with_capacity(expression.terms.len());
        for term in &expression.terms {
            let node = self.term(&term.kind, &nodes, arguments, draws);
            nodes.push(node);
        }
        *nodes.last().expect("an expression is never empty")
    }

    fn term(&mut self, kind: &TermKind, nodes: &[NodeId], arguments: &[NodeId], draws: &mut Draws) -> NodeId {
        let of = |id: u32| nodes[id as usize];
        match kind {
            TermKind::Number(value, _) => self.graph.constant(*value),
            TermKind::Quantity(id) => self.values[*id as usize],
            TermKind::Argument(index) => arguments[*index as usize],
            TermKind::Time => self.graph.push(Node::Time),
            TermKind::RateOf(id) => self.slope(*id),
            TermKind::Unary(function, a) => self.graph.unary(*function, of(*a)),
            TermKind::Binary(operator, a, b) => self.graph.binary(*operator, of(*a), of(*b)),
            TermKind::Select { condition, then, otherwise } => {
                self.graph.select(of(*condition), of(*then), of(*otherwise))
            }
            TermKind::Draw(distribution, first, second) => {
                let zero = self.graph.constant(0.0);
                let second = second.map_or(zero, of);
                let stream = self.stream(draws.next());
                self.graph.push(Node::Draw { distribution: *distribution, stream, first: of(*first), second })
            }
            TermKind::Call(function, given) => {
                let given = given.iter().map(|id| of(*id)).collect();
                self.call(*function, given)
            }
            // Models with invalid terms are refused before lowering.
            TermKind::Invalid => self.graph.constant(f64::NAN),
        }
    }

    /// A function called twice with the same nodes is written once, so nesting cannot blow up.
    fn call(&mut self, function: FunctionId, arguments: Vec<NodeId>) -> NodeId {
        let key = (function, arguments);
        if let Some(node) = self.calls.get(&key) {
            return *node;
        }
        let model = self.model;
        let body = &model.functions[function as usize].body;
        let node = self.terms(body, &key.1, &mut Draws::new(""));
        self.calls.insert(key, node);
        node
    }

    fn stream(&mut self, name: String) -> u32 {
        let known = self.streams.iter().position(|other| *other == name);
        let index = known.unwrap_or_else(|| {
            self.streams.push(name);
            self.streams.len() - 1
        });
        index as u32
    }
}
