//! Rates and Jacobian written anew for speed: fewer divisions, and more that depends on parameters alone.
//!
//! What is divided by something that depends on parameters alone, or by something that divides twice or more, is
//! multiplied by its inverse; factors that depend on parameters alone are gathered in front of a product, where
//! the set-up computes them once per patient; signs move outward until a sum or a coefficient takes them in.

use rustc_hash::FxHashMap as HashMap;

use regraft_model::Program;
use regraft_model::program::{Binary, Node, NodeId, Unary};

use super::compile::{Class, class_of, operands};

/// The nodes of a program, and after them those that were written anew.
pub(super) struct Rewriter {
    pub nodes: Vec<Node>,
    class: Vec<Class>,
    constants: HashMap<u64, NodeId>,
    negatives: HashMap<NodeId, NodeId>,
    pairs: HashMap<(Binary, NodeId, NodeId), NodeId>,
}

impl Rewriter {
    pub fn new(program: &Program) -> Rewriter {
        let mut rewriter = Rewriter {
            nodes: program.nodes.clone(),
            class: Vec::with_capacity(program.nodes.len()),
            constants: HashMap::default(),
            negatives: HashMap::default(),
            pairs: HashMap::default(),
        };
        for (id, node) in program.nodes.iter().enumerate() {
            rewriter.class.push(class_of(node, &rewriter.class));
            let own = id as NodeId;
            rewriter.known(*node, own);
        }
        rewriter
    }

    /// The same values, from nodes written for computing just these.
    pub fn rewrite(&mut self, roots: &[NodeId]) -> Vec<NodeId> {
        let n = self.nodes.len();
        let counts = Counts::of(roots, &self.nodes, &self.class);
        let mut new: Vec<NodeId> = (0..n as NodeId).collect();
        for id in 0..n {
            if counts.uses[id] > 0 && self.class[id] == Class::Live {
                new[id] = self.node(self.nodes[id], &new, &counts);
            }
        }
        roots.iter().map(|&root| new[root as usize]).collect()
    }

    /// A node with its operands replaced by the new ones.
    fn node(&mut self, node: Node, new: &[NodeId], counts: &Counts) -> NodeId {
        let of = |operand: NodeId| Factor {
            node: new[operand as usize],
            once: counts.uses[operand as usize] == 1,
        };
        match node {
            Node::Unary(Unary::Negate, a) => self.negate(of(a)),
            Node::Unary(function, a) => self.push(Node::Unary(function, of(a).node)),
            Node::Binary(Binary::Multiply, a, b) => self.multiply(of(a), of(b)),
            Node::Binary(Binary::Divide, a, b) => self.divide(of(a), of(b), counts.divides[b as usize]),
            Node::Binary(Binary::Add, a, b) => self.add(of(a).node, of(b).node),
            Node::Binary(Binary::Subtract, a, b) => self.subtract(of(a).node, of(b).node),
            Node::Binary(function, a, b) => self.push(Node::Binary(function, of(a).node, of(b).node)),
            Node::Select { condition, then, otherwise } => {
                let (condition, then) = (of(condition).node, of(then).node);
                self.push(Node::Select { condition, then, otherwise: of(otherwise).node })
            }
            leaf => self.push(leaf),
        }
    }

    fn divide(&mut self, a: Factor, b: Factor, divides: u32) -> NodeId {
        if self.is_live(b.node) && divides < 2 {
            return self.push(Node::Binary(Binary::Divide, a.node, b.node));
        }
        let one = self.push(Node::Constant(1.0));
        let inverse = self.push(Node::Binary(Binary::Divide, one, b.node));
        if self.nodes[a.node as usize] == Node::Constant(1.0) {
            return inverse;
        }
        self.multiply(a, Factor { node: inverse, once: false })
    }

    /// coefficient · live, where either side's coefficient can be had for nothing.
    fn multiply(&mut self, a: Factor, b: Factor) -> NodeId {
        let (first, second) = (self.split(a), self.split(b));
        let minus = first.minus != second.minus;
        let coefficient = self.product(first.coefficient, second.coefficient);
        let live = self.product(first.live, second.live);
        self.signed(minus, coefficient, live)
    }

    fn negate(&mut self, a: Factor) -> NodeId {
        let parts = self.split(a);
        self.signed(!parts.minus, parts.coefficient, parts.live)
    }

    fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.negated(a), self.negated(b)) {
            (_, Some(inner)) => self.subtract(a, inner),
            (Some(inner), None) => self.subtract(b, inner),
            (None, None) => self.push(Node::Binary(Binary::Add, a.min(b), a.max(b))),
        }
    }

    fn subtract(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match self.negated(b) {
            Some(inner) => self.add(a, inner),
            None => self.push(Node::Binary(Binary::Subtract, a, b)),
        }
    }

    /// What a node is the negative of.
    fn negated(&self, node: NodeId) -> Option<NodeId> {
        match self.nodes[node as usize] {
            Node::Unary(Unary::Negate, inner) if self.is_live(node) => Some(inner),
            _ => None,
        }
    }

    /// ± coefficient · live. The sign goes into the coefficient, if there is one.
    fn signed(&mut self, minus: bool, coefficient: Option<NodeId>, live: Option<NodeId>) -> NodeId {
        match (coefficient, live) {
            (Some(coefficient), live) => {
                let coefficient = if minus { self.minus(coefficient) } else { coefficient };
                let live = live.map(|live| self.push(Node::Binary(Binary::Multiply, coefficient, live)));
                live.unwrap_or(coefficient)
            }
            (None, Some(live)) if minus => self.push(Node::Unary(Unary::Negate, live)),
            (None, Some(live)) => live,
            (None, None) => self.push(Node::Constant(if minus { -1.0 } else { 1.0 })),
        }
    }

    fn minus(&mut self, node: NodeId) -> NodeId {
        match self.nodes[node as usize] {
            Node::Constant(value) => self.push(Node::Constant(-value)),
            Node::Unary(Unary::Negate, inner) => inner,
            _ => self.push(Node::Unary(Unary::Negate, node)),
        }
    }

    fn product(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.push(Node::Binary(Binary::Multiply, a.min(b), a.max(b)))),
            (a, b) => a.or(b),
        }
    }

    /// Sign, coefficient and live part of a factor. A product that others use too is left whole.
    fn split(&self, factor: Factor) -> Parts {
        if !self.is_live(factor.node) {
            return Parts { minus: false, coefficient: Some(factor.node), live: None };
        }
        match self.nodes[factor.node as usize] {
            Node::Unary(Unary::Negate, inner) => Parts { minus: true, coefficient: None, live: Some(inner) },
            Node::Binary(Binary::Multiply, a, b) if factor.once && !self.is_live(a) => {
                Parts { minus: false, coefficient: Some(a), live: Some(b) }
            }
            _ => Parts { minus: false, coefficient: None, live: Some(factor.node) },
        }
    }

    fn is_live(&self, node: NodeId) -> bool {
        self.class[node as usize] >= Class::Live
    }

    fn push(&mut self, node: Node) -> NodeId {
        let next = self.nodes.len() as NodeId;
        let id = self.known(node, next);
        if id == next {
            self.class.push(class_of(&node, &self.class));
            self.nodes.push(node);
        }
        id
    }

    /// The number of an equal node; `own` if there is none, which is then remembered.
    fn known(&mut self, node: Node, own: NodeId) -> NodeId {
        match node {
            Node::Constant(value) => *self.constants.entry(value.to_bits()).or_insert(own),
            Node::Unary(Unary::Negate, a) => *self.negatives.entry(a).or_insert(own),
            Node::Binary(function, a, b) => *self.pairs.entry((function, a, b)).or_insert(own),
            _ => own,
        }
    }
}

/// An operand, and whether nothing else uses it.
#[derive(Clone, Copy)]
struct Factor {
    node: NodeId,
    once: bool,
}

struct Parts {
    minus: bool,
    coefficient: Option<NodeId>,
    live: Option<NodeId>,
}

/// How often nodes are used, and how often they divide, by what some roots need.
struct Counts {
    uses: Vec<u32>,
    divides: Vec<u32>,
}

impl Counts {
    fn of(roots: &[NodeId], nodes: &[Node], class: &[Class]) -> Counts {
        let mut counts = Counts { uses: vec![0; nodes.len()], divides: vec![0; nodes.len()] };
        roots.iter().for_each(|&root| counts.uses[root as usize] += 1);
        for id in (0..nodes.len()).rev() {
            if counts.uses[id] == 0 || class[id] != Class::Live {
                continue;
            }
            for operand in operands(&nodes[id]).into_iter().flatten() {
                counts.uses[operand as usize] += 1;
            }
            if let Node::Binary(Binary::Divide, _, below) = nodes[id] {
                counts.divides[below as usize] += 1;
            }
        }
        counts
    }
}
