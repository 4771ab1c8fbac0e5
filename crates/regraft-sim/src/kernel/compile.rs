//! From the program's graph to tapes: which nodes are needed, in which slots their values stand.

use regraft_model::Program;
use regraft_model::program::{Binary, Node, NodeId};

use super::op::{Code, Op, Tape};
use super::run::SINGLE;

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
/// A node has the same slot in every tape, so tapes share what the set-up tape computes. Live tapes come first:
/// what they leave to the set-up must be known before anything else takes its slot.
pub(super) struct Compiler<'p> {
    program: &'p Program,
    class: Vec<Class>,
    slots: Vec<Option<u32>>,
    setup_needed: Vec<bool>,
    /// The last walk over the graph in which each node was seen, and the number of walks.
    seen: Vec<u32>,
    walk: u32,
    /// Slots that every lane keeps.
    n_rows: usize,
    /// Slots of one lane at a time.
    n_single: usize,
}

impl<'p> Compiler<'p> {
    pub fn new(program: &'p Program) -> Self {
        let mut compiler = Compiler {
            program,
            class: Vec::with_capacity(program.nodes.len()),
            slots: vec![None; program.nodes.len()],
            setup_needed: vec![false; program.nodes.len()],
            seen: vec![0; program.nodes.len()],
            walk: 0,
            n_rows: program.parameters.len(),
            n_single: program.states.len() + 1,
        };
        for node in &program.nodes {
            compiler.class.push(class_of(node, &compiler.class));
        }
        compiler
    }

    /// Slots of their own for `n` rows, one after the other; the first.
    pub fn reserve(&mut self, n: usize) -> u32 {
        self.n_rows += n;
        (self.n_rows - n) as u32
    }

    /// The slot of a node that depends on parameters alone, which the set-up tape will fill.
    pub fn setup_slot(&mut self, node: NodeId) -> u32 {
        self.setup_needed[node as usize] = true;
        self.kept_slot(node)
    }

    /// When a node's value is known.
    pub fn class(&self, node: NodeId) -> Class {
        self.class[node as usize]
    }

    /// Whether a node needs a draw.
    pub fn is_drawn(&self, node: NodeId) -> bool {
        self.class[node as usize] == Class::Drawn
    }

    /// A tape for `roots` at a time and state; what depends on parameters alone, or on nothing, is left to the set-up
    /// tape.
    pub fn live(&mut self, roots: &[NodeId]) -> Tape {
        let mut needed = self.needed(roots, Class::Live);
        needed.retain(|&node| {
            let is_number = matches!(self.program.nodes[node as usize], Node::Constant(_));
            let is_left = self.class[node as usize] <= Class::Setup && !is_number;
            if is_left {
                self.setup_slot(node);
            }
            !is_left
        });
        self.tape(&needed, roots)
    }

    /// A tape for `roots` that computes everything itself.
    pub fn whole(&mut self, roots: &[NodeId]) -> Tape {
        let needed = self.needed(roots, Class::Constant);
        self.tape(&needed, roots)
    }

    /// The set-up tape of everything compiled so far.
    pub fn setup(&mut self) -> Tape {
        let wanted = std::mem::take(&mut self.setup_needed);
        let wanted: Vec<NodeId> =
            (0..wanted.len()).filter(|&node| wanted[node]).map(|node| node as NodeId).collect();
        let needed = self.needed(&wanted, Class::Constant);
        self.tape(&needed, &[])
    }

    /// Number of slots that every lane keeps, of those of one lane at a time, and the constants among the latter.
    pub fn layout(&self) -> (usize, usize, Vec<(u32, f64)>) {
        let constant = |(node, slot): (&Node, &Option<u32>)| match (node, slot) {
            (Node::Constant(value), Some(slot)) => Some((*slot & !SINGLE, *value)),
            _ => None,
        };
        let constants = self.program.nodes.iter().zip(&self.slots).filter_map(constant).collect();
        (self.n_rows, self.n_single, constants)
    }

    /// Which nodes `roots` depend on, themselves included, not looking below nodes of a class under `down_to`;
    /// ascending.
    fn needed(&mut self, roots: &[NodeId], down_to: Class) -> Vec<NodeId> {
        self.walk += 1;
        let mut needed = Vec::new();
        let mut open = roots.to_vec();
        while let Some(node) = open.pop() {
            let seen = std::mem::replace(&mut self.seen[node as usize], self.walk) == self.walk;
            if !seen {
                needed.push(node);
                if self.class[node as usize] >= down_to {
                    open.extend(operands(&self.program.nodes[node as usize]).into_iter().flatten());
                }
            }
        }
        needed.sort_unstable();
        needed
    }

    fn tape(&mut self, needed: &[NodeId], roots: &[NodeId]) -> Tape {
        let mut tape = Tape::default();
        for &node in needed {
            tape.ops.extend(self.op(node as usize));
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
            Node::State(state) => SINGLE | state,
            Node::Time => SINGLE | n_states,
            Node::Parameter(parameter) => parameter,
            _ => *self.slots[node as usize].get_or_insert_with(|| {
                self.n_single += 1;
                SINGLE | (self.n_single as u32 - 1)
            }),
        }
    }

    /// The slot of a node that outlives the tape that computes it.
    fn kept_slot(&mut self, node: NodeId) -> u32 {
        match self.program.nodes[node as usize] {
            Node::Parameter(parameter) => parameter,
            _ => *self.slots[node as usize].get_or_insert_with(|| {
                self.n_rows += 1;
                self.n_rows as u32 - 1
            }),
        }
    }
}

/// When a node's value is known, given that of the nodes before it.
pub(super) fn class_of(node: &Node, before: &[Class]) -> Class {
    let own = match node {
        Node::Constant(_) => Class::Constant,
        Node::Parameter(_) => Class::Setup,
        Node::Time | Node::State(_) => Class::Live,
        Node::Draw { .. } => Class::Drawn,
        Node::Unary(..) | Node::Binary(..) | Node::Select { .. } => Class::Constant,
    };
    operands(node).into_iter().flatten().map(|id| before[id as usize]).fold(own, Class::max)
}

/// What a node refers to.
pub(super) fn operands(node: &Node) -> [Option<NodeId>; 3] {
    match *node {
        Node::Constant(_) | Node::Time | Node::State(_) | Node::Parameter(_) => [None; 3],
        Node::Unary(_, a) => [Some(a), None, None],
        Node::Binary(_, a, b) => [Some(a), Some(b), None],
        Node::Draw { first, second, .. } => [Some(first), Some(second), None],
        Node::Select { condition, then, otherwise } => [Some(condition), Some(then), Some(otherwise)],
    }
}

/// A constant whole exponent small enough for repeated multiplication.
pub(super) fn whole_exponent(node: &Node) -> Option<i32> {
    match *node {
        Node::Constant(value) if value.fract() == 0.0 && value.abs() <= 16.0 => Some(value as i32),
        _ => None,
    }
}
