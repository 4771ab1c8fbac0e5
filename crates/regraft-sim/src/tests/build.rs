//! Programs built by hand: nodes by method calls, the Jacobian by the rules of differentiation.

use regraft_model::program::{Binary, Distribution, Event, JacobianEntry, Node, NodeId, Quantity, Unary};
use regraft_model::{Program, Target};

#[derive(Default)]
pub struct Build {
    program: Program,
}

impl Build {
    pub fn node(&mut self, node: Node) -> NodeId {
        self.program.nodes.push(node);
        self.program.nodes.len() as NodeId - 1
    }

    pub fn number(&mut self, value: f64) -> NodeId {
        self.node(Node::Constant(value))
    }

    pub fn time(&mut self) -> NodeId {
        self.node(Node::Time)
    }

    /// A state with a starting value; gives its node.
    pub fn state(&mut self, name: &str, start: f64) -> NodeId {
        let start = self.number(start);
        self.state_from(name, start)
    }

    pub fn state_from(&mut self, name: &str, start: NodeId) -> NodeId {
        let index = self.program.states.len() as u32;
        self.program.states.push(quantity(name));
        self.program.initial.push((Target::State(index), start));
        self.program.derivatives.push(start);
        self.node(Node::State(index))
    }

    pub fn parameter(&mut self, name: &str, value: f64) -> NodeId {
        let value = self.number(value);
        self.parameter_from(name, value)
    }

    pub fn parameter_from(&mut self, name: &str, value: NodeId) -> NodeId {
        let index = self.program.parameters.len() as u32;
        self.program.parameters.push(quantity(name));
        self.program.initial.push((Target::Parameter(index), value));
        self.node(Node::Parameter(index))
    }

    pub fn draw(&mut self, name: &str, distribution: Distribution, first: f64, second: f64) -> NodeId {
        let (first, second) = (self.number(first), self.number(second));
        let known = self.program.streams.iter().position(|stream| stream == name);
        let stream = known.unwrap_or_else(|| {
            self.program.streams.push(name.to_string());
            self.program.streams.len() - 1
        });
        self.node(Node::Draw { distribution, stream: stream as u32, first, second })
    }

    pub fn unary(&mut self, function: Unary, a: NodeId) -> NodeId {
        self.node(Node::Unary(function, a))
    }

    pub fn binary(&mut self, function: Binary, a: NodeId, b: NodeId) -> NodeId {
        self.node(Node::Binary(function, a, b))
    }

    pub fn times(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Multiply, a, b)
    }

    /// dy/dt of the state with index `state`.
    pub fn rate(&mut self, state: u32, node: NodeId) {
        self.program.derivatives[state as usize] = node;
    }

    /// dy/dt = −k y.
    pub fn decays(&mut self, state: u32, y: NodeId, k: NodeId) {
        let product = self.times(k, y);
        let rate = self.unary(Unary::Negate, product);
        self.rate(state, rate);
    }

    pub fn observable(&mut self, name: &str, node: NodeId) -> u32 {
        self.program.observables.push(quantity(name));
        self.program.observable_nodes.push(node);
        self.program.observables.len() as u32 - 1
    }

    /// An event when `left > right`; gives its index. Further properties by [`event_mut`](Self::event_mut).
    pub fn above(&mut self, left: NodeId, right: NodeId, assignments: Vec<(Target, NodeId)>) -> u32 {
        self.compare(Binary::Greater, left, right, assignments)
    }

    pub fn compare(
        &mut self,
        comparison: Binary,
        left: NodeId,
        right: NodeId,
        assignments: Vec<(Target, NodeId)>,
    ) -> u32 {
        let condition = self.binary(comparison, left, right);
        let root = self.binary(Binary::Subtract, left, right);
        let event = Event {
            name: format!("event{}", self.program.events.len()),
            condition,
            roots: vec![root],
            assignments,
            resized: Vec::new(),
            delay: None,
            priority: None,
            true_before_start: true,
            persistent: true,
            values_from_trigger: true,
        };
        self.program.events.push(event);
        self.program.events.len() as u32 - 1
    }

    pub fn event_mut(&mut self, event: u32) -> &mut Event {
        &mut self.program.events[event as usize]
    }

    pub fn finish(mut self) -> Program {
        let n = self.program.states.len() as u32;
        for row in 0..n {
            let rate = self.program.derivatives[row as usize];
            for column in 0..n {
                if let Some(node) = self.derivative(rate, Node::State(column)) {
                    self.program.jacobian.push(JacobianEntry { row, column, node });
                }
            }
            let by_time = self.derivative(rate, Node::Time);
            let by_time = by_time.unwrap_or_else(|| self.number(0.0));
            self.program.time_derivatives.push(by_time);
        }
        self.program
    }

    /// ∂node/∂by; `None` for 0.
    fn derivative(&mut self, node: NodeId, by: Node) -> Option<NodeId> {
        match self.program.nodes[node as usize] {
            same if same == by => Some(self.number(1.0)),
            Node::Unary(Unary::Negate, a) => {
                let da = self.derivative(a, by)?;
                Some(self.unary(Unary::Negate, da))
            }
            Node::Unary(Unary::Ln, a) => {
                let da = self.derivative(a, by)?;
                Some(self.binary(Binary::Divide, da, a))
            }
            Node::Unary(Unary::Cos, a) => {
                let da = self.derivative(a, by)?;
                let sine = self.unary(Unary::Sin, a);
                let product = self.times(sine, da);
                Some(self.unary(Unary::Negate, product))
            }
            Node::Binary(sum @ (Binary::Add | Binary::Subtract), a, b) => {
                let (da, db) = (self.derivative(a, by), self.derivative(b, by));
                if da.is_none() && db.is_none() {
                    return None;
                }
                let da = da.unwrap_or_else(|| self.number(0.0));
                let db = db.unwrap_or_else(|| self.number(0.0));
                Some(self.binary(sum, da, db))
            }
            Node::Binary(Binary::Multiply, a, b) => {
                let left = self.derivative(a, by).map(|da| self.times(da, b));
                let right = self.derivative(b, by).map(|db| self.times(a, db));
                match (left, right) {
                    (Some(left), Some(right)) => Some(self.binary(Binary::Add, left, right)),
                    (one, other) => one.or(other),
                }
            }
            Node::Binary(Binary::Divide, a, b) => {
                let quotient = node;
                let da = self.derivative(a, by).map(|da| self.binary(Binary::Divide, da, b));
                let db = self.derivative(b, by).map(|db| {
                    let part = self.times(quotient, db);
                    let part = self.binary(Binary::Divide, part, b);
                    self.unary(Unary::Negate, part)
                });
                match (da, db) {
                    (Some(da), Some(db)) => Some(self.binary(Binary::Add, da, db)),
                    (one, other) => one.or(other),
                }
            }
            Node::Constant(_) | Node::Time | Node::State(_) | Node::Parameter(_) => None,
            other => panic!("the test builder cannot differentiate {other:?}"),
        }
    }
}

fn quantity(name: &str) -> Quantity {
    Quantity { name: name.to_string(), unit: String::new(), label: String::new() }
}

/// One state `amount` that decays at rate `k`.
pub fn decay(start: f64, k: f64) -> Program {
    let mut build = Build::default();
    let y = build.state("amount", start);
    let k = build.parameter("k", k);
    build.decays(0, y, k);
    build.finish()
}
