//! Finding the switches of a program: what is linear in time, with coefficients that depend on parameters alone.

use regraft_model::Program;
use regraft_model::evaluate::children;
use regraft_model::program::{Binary, Node, NodeId, Quantity, Unary};

use super::{Foreseen, Kind, Switch};

/// The program with its switches as parameters; `None` if it has none.
pub(crate) fn foresee(program: &Program) -> Option<Foreseen> {
    let jacobian = program.jacobian.iter().map(|entry| entry.node);
    let rates = program.derivatives.iter().copied().chain(jacobian);
    let rates = needed(program, rates.chain(program.time_derivatives.iter().copied()));
    let conditions =
        program.events.iter().flat_map(|event| event.roots.iter().copied().chain([event.condition]));
    let conditions = needed(program, conditions);
    let mut finder = Finder::new(program);
    for id in 0..program.nodes.len() {
        let (new, line) = match rates[id] || conditions[id] {
            true => finder.node(id as NodeId),
            false => (id as NodeId, None),
        };
        finder.new.push(new);
        finder.lines.push(line);
    }
    (!finder.found.is_empty()).then(|| finder.foreseen())
}

/// Which nodes `roots` depend on, themselves included.
fn needed(program: &Program, roots: impl Iterator<Item = NodeId>) -> Vec<bool> {
    let mut needed = vec![false; program.nodes.len()];
    roots.for_each(|root| needed[root as usize] = true);
    for id in (0..needed.len()).rev() {
        if needed[id] {
            children(&program.nodes[id])
                .into_iter()
                .flatten()
                .for_each(|child| needed[child as usize] = true);
        }
    }
    needed
}

/// A value constant + slope · time between jumps.
#[derive(Debug, Clone, Copy)]
struct Line {
    constant: NodeId,
    /// `None` for 0.
    slope: Option<NodeId>,
}

/// A switch still to be numbered.
struct Found {
    kind: Kind,
    line: Line,
    otherwise: Option<NodeId>,
}

struct Finder<'p> {
    program: &'p Program,
    /// The nodes of the program, then those written anew.
    nodes: Vec<Node>,
    /// What stands for each node of the program in the rates, `[node]`.
    new: Vec<NodeId>,
    /// `[node]`
    lines: Vec<Option<Line>>,
    found: Vec<Found>,
}

impl<'p> Finder<'p> {
    fn new(program: &'p Program) -> Finder<'p> {
        let (nodes, n) = (program.nodes.clone(), program.nodes.len());
        let (new, lines) = (Vec::with_capacity(n), Vec::with_capacity(n));
        Finder { program, nodes, new, lines, found: Vec::new() }
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() as NodeId - 1
    }

    fn binary(&mut self, function: Binary, a: NodeId, b: NodeId) -> NodeId {
        self.push(Node::Binary(function, a, b))
    }

    fn negate(&mut self, a: NodeId) -> NodeId {
        self.push(Node::Unary(Unary::Negate, a))
    }

    /// A switch: the parameter that holds its value.
    fn switch(&mut self, kind: Kind, line: Line, otherwise: Option<NodeId>) -> NodeId {
        let parameter = (self.program.parameters.len() + self.found.len()) as u32;
        self.found.push(Found { kind, line, otherwise });
        self.push(Node::Parameter(parameter))
    }

    /// What stands for a node in the rates, and its line if it is one.
    fn node(&mut self, id: NodeId) -> (NodeId, Option<Line>) {
        let node = self.program.nodes[id as usize];
        match node {
            Node::Constant(_) | Node::Parameter(_) => (id, Some(fixed(id))),
            Node::Time => {
                let (zero, one) = (self.push(Node::Constant(0.0)), self.push(Node::Constant(1.0)));
                (id, Some(Line { constant: zero, slope: Some(one) }))
            }
            Node::State(_) | Node::Draw { .. } => (id, None),
            Node::Unary(..) | Node::Binary(..) | Node::Select { .. } => {
                let lines = children(&node).map(|child| child.and_then(|child| self.lines[child as usize]));
                let all = children(&node).into_iter().flatten().count() == lines.iter().flatten().count();
                if all && lines.iter().flatten().all(|line| line.slope.is_none()) {
                    let new = self.rebuilt(id);
                    return (new, Some(fixed(new)));
                }
                let special = match (node, lines) {
                    (Node::Unary(function, a), [Some(line), ..]) => self.of_line(id, function, a, line),
                    (Node::Binary(function, a, b), [Some(x), Some(y), _]) => {
                        self.of_lines(id, function, (a, b), (x, y))
                    }
                    (Node::Select { condition, .. }, [Some(which), Some(x), Some(y)])
                        if which.slope.is_none() =>
                    {
                        let condition = self.new[condition as usize];
                        let line = self.select(condition, x, y);
                        Some((self.rebuilt(id), Some(line)))
                    }
                    _ => None,
                };
                special.unwrap_or_else(|| (self.rebuilt(id), None))
            }
        }
    }

    /// A node with what stands for its operands; itself if nothing else does.
    fn rebuilt(&mut self, id: NodeId) -> NodeId {
        let of = |operand: NodeId| self.new[operand as usize];
        let node = self.program.nodes[id as usize];
        let new = match node {
            Node::Unary(function, a) => Node::Unary(function, of(a)),
            Node::Binary(function, a, b) => Node::Binary(function, of(a), of(b)),
            Node::Select { condition, then, otherwise } => {
                Node::Select { condition: of(condition), then: of(then), otherwise: of(otherwise) }
            }
            leaf => leaf,
        };
        if new == node { id } else { self.push(new) }
    }

    /// A function of a line.
    fn of_line(
        &mut self,
        id: NodeId,
        function: Unary,
        a: NodeId,
        line: Line,
    ) -> Option<(NodeId, Option<Line>)> {
        match function {
            Unary::Negate => {
                let line = self.minus(line);
                Some((self.rebuilt(id), Some(line)))
            }
            Unary::Floor => {
                let value = self.switch(Kind::Floor, line, Some(id));
                Some((value, Some(fixed(value))))
            }
            Unary::Ceil => {
                let line = self.minus(line);
                let value = self.switch(Kind::Floor, line, None);
                let value = self.negate(value);
                Some((value, Some(fixed(value))))
            }
            Unary::Absolute => {
                let positive = self.switch(Kind::Compare(Binary::GreaterEqual), line, None);
                let (then, minus) = (self.new[a as usize], self.minus(line));
                let otherwise = self.negate(then);
                let value = self.push(Node::Select { condition: positive, then, otherwise });
                let line = self.select(positive, line, minus);
                Some((value, Some(line)))
            }
            _ => None,
        }
    }

    /// A function of two lines that are not both fixed.
    fn of_lines(
        &mut self,
        id: NodeId,
        function: Binary,
        (a, b): (NodeId, NodeId),
        (x, y): (Line, Line),
    ) -> Option<(NodeId, Option<Line>)> {
        match function {
            Binary::Add | Binary::Subtract => {
                let line = self.sum(function, x, y);
                Some((self.rebuilt(id), Some(line)))
            }
            Binary::Multiply if x.slope.is_none() => {
                let line = self.scaled(Binary::Multiply, y, x);
                Some((self.rebuilt(id), Some(line)))
            }
            Binary::Multiply | Binary::Divide if y.slope.is_none() => {
                let line = self.scaled(function, x, y);
                Some((self.rebuilt(id), Some(line)))
            }
            Binary::Modulo if y.slope.is_none() => {
                let ratio = self.scaled(Binary::Divide, x, y);
                let whole = self.switch(Kind::Floor, ratio, None);
                let multiple = self.binary(Binary::Multiply, self.new[b as usize], whole);
                let value = self.binary(Binary::Subtract, self.new[a as usize], multiple);
                let constant = self.binary(Binary::Subtract, x.constant, multiple);
                Some((value, Some(Line { constant, ..x })))
            }
            Binary::Less
            | Binary::LessEqual
            | Binary::Greater
            | Binary::GreaterEqual
            | Binary::Equal
            | Binary::NotEqual => {
                let line = self.sum(Binary::Subtract, x, y);
                let value = self.switch(Kind::Compare(function), line, Some(id));
                Some((value, Some(fixed(value))))
            }
            _ => None,
        }
    }

    fn minus(&mut self, line: Line) -> Line {
        let slope = line.slope.map(|slope| self.negate(slope));
        Line { constant: self.negate(line.constant), slope }
    }

    /// x ± y
    fn sum(&mut self, function: Binary, x: Line, y: Line) -> Line {
        let slope = match (x.slope, y.slope) {
            (x, None) => x,
            (None, Some(y)) if function == Binary::Subtract => Some(self.negate(y)),
            (None, y) => y,
            (Some(x), Some(y)) => Some(self.binary(function, x, y)),
        };
        Line { constant: self.binary(function, x.constant, y.constant), slope }
    }

    /// x · y or x / y for a fixed y.
    fn scaled(&mut self, function: Binary, x: Line, y: Line) -> Line {
        let slope = x.slope.map(|slope| self.binary(function, slope, y.constant));
        Line { constant: self.binary(function, x.constant, y.constant), slope }
    }

    /// x where a condition that depends on parameters alone holds, else y.
    fn select(&mut self, condition: NodeId, x: Line, y: Line) -> Line {
        let zero = self.push(Node::Constant(0.0));
        let (then, otherwise) = (x.slope.unwrap_or(zero), y.slope.unwrap_or(zero));
        let slope = Some(self.push(Node::Select { condition, then, otherwise }));
        let constant = self.push(Node::Select { condition, then: x.constant, otherwise: y.constant });
        Line { constant, slope }
    }

    /// The program with rates that see the switches, and lines as observables.
    fn foreseen(mut self) -> Foreseen {
        let mut program = self.program.clone();
        for node in program.derivatives.iter_mut().chain(&mut program.time_derivatives) {
            *node = self.new[*node as usize];
        }
        for entry in &mut program.jacobian {
            entry.node = self.new[entry.node as usize];
        }
        let zero = self.push(Node::Constant(0.0));
        program.nodes = self.nodes;
        let mut observable = |node: NodeId| {
            program.observables.push(nameless());
            program.observable_nodes.push(node);
            program.observables.len() as u32 - 1
        };
        let mut switches = Vec::with_capacity(self.found.len());
        for found in self.found {
            let constant = observable(found.line.constant);
            let slope = observable(found.line.slope.unwrap_or(zero));
            let otherwise = found.otherwise.map(&mut observable);
            let parameter = (self.program.parameters.len() + switches.len()) as u32;
            switches.push(Switch { kind: found.kind, constant, slope, otherwise, parameter });
        }
        program.parameters.extend(switches.iter().map(|_| nameless()));
        Foreseen { program, switches }
    }
}

fn fixed(node: NodeId) -> Line {
    Line { constant: node, slope: None }
}

fn nameless() -> Quantity {
    Quantity { name: String::new(), unit: String::new(), label: String::new() }
}
