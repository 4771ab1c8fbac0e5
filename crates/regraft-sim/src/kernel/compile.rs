//! From the program's graph to tapes: which nodes are needed, in which slots their values stand.

use regraft_model::Program;
use regraft_model::program::{Binary, Node, NodeId};

use super::op::{Code, Op, Tape};

/// When a node's value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Always.
    Constant,
    /// Once the parameters are.
    Setup,
    /// At a time and state.
    Live,
    /// When it is drawn, or computed from a draw.
    Drawn,
}

/// Turns nodes into tapes over one common layout of slots.
///
/// A node has the same slot in every tape, so tapes share what the set-up tape computes.
pub(super) struct Compiler<'p> {
    program: &'p Program,
    class: Vec<Class>,
    slots: Vec<Option<u32>>,
    setup_needed: Vec<bool>,
    n_slots: usize,
}

impl<'p> Compiler<'p> {
    pub fn new(program: &'p Program) -> Self {
        let mut compiler = Compiler {
            program,
            class: Vec::with_capacity(program.nodes.len()),
            slots: vec![None; program.nodes.len()],
            setup_needed: vec![false; program.nodes.len()],
            n_slots: program.states.len() + 1 + program.parameters.len(),
        };
        for node in &program.nodes {
            compiler.class.push(compiler.class_of(node));
        }
        compiler
    }

    fn class_of(&self, node: &Node) -> Class {
        let own = match node {
            Node::Constant(_) => Class::Constant,
            Node::Parameter(_) => Class::Setup,
            Node::Time | Node::State(_) => Class::Live,
            Node::Draw { .. } => Class::Drawn,
            Node::Unary(..) | Node::Binary(..) | Node::Select { .. } => Class::Constant,
        };
        operands(node).into_iter().flatten().map(|id| self.class[id as usize]).fold(own, Class::max)
    }

    /// Whether a node needs a draw.
    pub fn is_drawn(&self, node: NodeId) -> bool {
        self.class[node as usize] == Class::Drawn
    }

    /// A tape for `roots` at a time and state; what depends on parameters alone is left to the set-up tape.
    pub fn live(&mut self, roots: &[NodeId]) -> Tape {
        let mut needed = self.needed(roots);
        for node in 0..needed.len() {
            if needed[node] && self.class[node] == Class::Setup {
                self.setup_needed[node] = true;
                needed[node] = false;
            }
        }
        self.tape(&needed, roots)
    }

    /// A tape for `roots` that computes everything itself.
    pub fn whole(&mut self, roots: &[NodeId]) -> Tape {
        let needed = self.needed(roots);
        self.tape(&needed, roots)
    }

    /// The set-up tape of all live tapes so far.
    pub fn setup(&mut self) -> Tape {
        let needed = std::mem::take(&mut self.setup_needed);
        self.tape(&needed, &[])
    }

    /// Number of slots, and the constants among them.
    pub fn layout(&self) -> (usize, Vec<(u32, f64)>) {
        let constant = |(node, slot): (&Node, &Option<u32>)| match (node, slot) {
            (Node::Constant(value), Some(slot)) => Some((*slot, *value)),
            _ => None,
        };
        (self.n_slots, self.program.nodes.iter().zip(&self.slots).filter_map(constant).collect())
    }

    /// Which nodes `roots` depend on, themselves included.
    fn needed(&self, roots: &[NodeId]) -> Vec<bool> {
        let mut needed = vec![false; self.program.nodes.len()];
        let mut open = roots.to_vec();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut needed[node as usize], true) {
                open.extend(operands(&self.program.nodes[node as usize]).into_iter().flatten());
            }
        }
        needed
    }

    fn tape(&mut self, needed: &[bool], roots: &[NodeId]) -> Tape {
        let mut tape = Tape::default();
        for node in (0..needed.len()).filter(|&node| needed[node]) {
            tape.ops.extend(self.op(node));
        }
        tape.results = roots.iter().map(|&root| self.slot(root)).collect();
        tape
    }

    /// The operation of a node; `None` for what already stands in its slot.
    fn op(&mut self, node: usize) -> Option<Op> {
        let nodes = &self.program.nodes;
        let to = self.slot(node as NodeId);
        let mut op = |code, a, b, c| Some(Op { code, to, a: self.slot(a), b: self.slot(b), c });
        match nodes[node] {
            Node::Constant(_) | Node::Time | Node::State(_) | Node::Parameter(_) => None,
            Node::Unary(function, a) => op(Code::Unary(function), a, a, 0),
            Node::Binary(Binary::Power, a, b) => match whole_exponent(&nodes[b as usize]) {
                Some(power) => op(Code::WholePower(power), a, a, 0),
                None => op(Code::Binary(Binary::Power), a, b, 0),
            },
            Node::Binary(function, a, b) => op(Code::Binary(function), a, b, 0),
            Node::Draw { distribution, stream, first, second } => {
                op(Code::Draw(distribution), first, second, stream)
            }
            Node::Select { condition, then, otherwise } => {
                let c = self.slot(otherwise);
                Some(Op { code: Code::Select, to, a: self.slot(condition), b: self.slot(then), c })
            }
        }
    }

    fn slot(&mut self, node: NodeId) -> u32 {
        let n_states = self.program.states.len() as u32;
        match self.program.nodes[node as usize] {
            Node::State(state) => state,
            Node::Time => n_states,
            Node::Parameter(parameter) => n_states + 1 + parameter,
            _ => *self.slots[node as usize].get_or_insert_with(|| {
                self.n_slots += 1;
                self.n_slots as u32 - 1
            }),
        }
    }
}

/// What a node refers to.
fn operands(node: &Node) -> [Option<NodeId>; 3] {
    match *node {
        Node::Constant(_) | Node::Time | Node::State(_) | Node::Parameter(_) => [None; 3],
        Node::Unary(_, a) => [Some(a), None, None],
        Node::Binary(_, a, b) => [Some(a), Some(b), None],
        Node::Draw { first, second, .. } => [Some(first), Some(second), None],
        Node::Select { condition, then, otherwise } => [Some(condition), Some(then), Some(otherwise)],
    }
}

/// A constant whole exponent small enough for repeated multiplication.
fn whole_exponent(node: &Node) -> Option<i32> {
    match *node {
        Node::Constant(value) if value.fract() == 0.0 && value.abs() <= 16.0 => Some(value as i32),
        _ => None,
    }
}
