//! Several copies of a model in one, coupled by one mean-field term, to see how time grows with states.
//!
//! y_c' = f(y_c) + k (mean over copies of g − g_c) for one state g. The copies have the same parameters, so
//! that the course is that of one copy and only the number of states differs.

use anyhow::Result;
use regraft_model::program::{Binary, Event, JacobianEntry, Node, NodeId, Quantity};
use regraft_model::{Program, Target};
use regraft_sim::{Action, Dose, Patients};

use crate::model::state;

/// The state that the copies share by exchange.
const SHARED: &str = "marrow.g_csf";
/// k, per day; chosen slow against the state's own turnover.
const EXCHANGE: f64 = 0.1;

/// How often, and how large one is.
pub struct Copies {
    n: u32,
    n_states: u32,
    n_parameters: u32,
    shared: u32,
}

impl Copies {
    /// `n` copies of a program.
    pub fn of(single: &Program, n: u32) -> Result<Copies> {
        let (n_states, n_parameters) = (single.states.len() as u32, single.parameters.len() as u32);
        Ok(Copies { n: n.max(1), n_states, n_parameters, shared: state(single, SHARED)? })
    }

    /// The joined program.
    pub fn program(&self, single: &Program) -> Program {
        if self.n == 1 {
            return single.clone();
        }
        let mut joined = Program { name: single.name.clone(), ..Program::default() };
        for copy in 0..self.n {
            self.append(&mut joined, single, copy);
        }
        self.couple(&mut joined);
        joined
    }

    fn state(&self, copy: u32, state: u32) -> u32 {
        copy * self.n_states + state
    }

    fn target(&self, copy: u32, target: Target) -> Target {
        match target {
            Target::State(state) => Target::State(self.state(copy, state)),
            Target::Parameter(parameter) => Target::Parameter(copy * self.n_parameters + parameter),
        }
    }

    /// Appends one copy.
    fn append(&self, joined: &mut Program, single: &Program, copy: u32) {
        let first = joined.nodes.len() as NodeId;
        let at = |node: NodeId| node + first;
        let stream = joined.streams.len() as u32;
        let named = |quantity: &Quantity| Quantity {
            name: format!("copy{copy}.{}", quantity.name),
            ..quantity.clone()
        };
        joined.nodes.extend(single.nodes.iter().map(|node| match *node {
            Node::State(state) => Node::State(self.state(copy, state)),
            Node::Parameter(parameter) => Node::Parameter(copy * self.n_parameters + parameter),
            Node::Unary(function, a) => Node::Unary(function, at(a)),
            Node::Binary(operator, a, b) => Node::Binary(operator, at(a), at(b)),
            Node::Draw { distribution, stream: own, first, second } => {
                Node::Draw { distribution, stream: own + stream, first: at(first), second: at(second) }
            }
            Node::Select { condition, then, otherwise } => {
                Node::Select { condition: at(condition), then: at(then), otherwise: at(otherwise) }
            }
            plain @ (Node::Constant(_) | Node::Time) => plain,
        }));
        joined.states.extend(single.states.iter().map(named));
        joined.parameters.extend(single.parameters.iter().map(named));
        joined.observables.extend(single.observables.iter().map(named));
        joined.streams.extend(single.streams.iter().map(|name| format!("copy{copy}.{name}")));
        joined.derivatives.extend(single.derivatives.iter().map(|node| at(*node)));
        joined.time_derivatives.extend(single.time_derivatives.iter().map(|node| at(*node)));
        joined.observable_nodes.extend(single.observable_nodes.iter().map(|node| at(*node)));
        joined
            .initial
            .extend(single.initial.iter().map(|(what, node)| (self.target(copy, *what), at(*node))));
        joined.jacobian.extend(single.jacobian.iter().map(|entry| JacobianEntry {
            row: self.state(copy, entry.row),
            column: self.state(copy, entry.column),
            node: at(entry.node),
        }));
        joined.events.extend(single.events.iter().map(|event| Event {
            name: format!("copy{copy}.{}", event.name),
            condition: at(event.condition),
            roots: event.roots.iter().map(|node| at(*node)).collect(),
            assignments:
                event.assignments.iter().map(|(to, node)| (self.target(copy, *to), at(*node))).collect(),
            delay: event.delay.map(at),
            priority: event.priority.map(at),
            ..event.clone()
        }));
    }

    /// Adds the mean-field term to the derivative and the Jacobian.
    fn couple(&self, joined: &mut Program) {
        let mut add = |node: Node| {
            joined.nodes.push(node);
            joined.nodes.len() as NodeId - 1
        };
        let own: Vec<NodeId> =
            (0..self.n).map(|copy| add(Node::State(self.state(copy, self.shared)))).collect();
        let sum = own[1..].iter().fold(own[0], |sum, node| add(Node::Binary(Binary::Add, sum, *node)));
        let share = add(Node::Constant(1.0 / f64::from(self.n)));
        let mean = add(Node::Binary(Binary::Multiply, sum, share));
        let rate = add(Node::Constant(EXCHANGE));
        let flow = |add: &mut dyn FnMut(Node) -> NodeId, node: NodeId| {
            let difference = add(Node::Binary(Binary::Subtract, mean, node));
            add(Node::Binary(Binary::Multiply, rate, difference))
        };
        let flows: Vec<NodeId> = own.iter().map(|node| flow(&mut add, *node)).collect();
        let across = add(Node::Constant(EXCHANGE / f64::from(self.n)));
        let along = add(Node::Constant(EXCHANGE / f64::from(self.n) - EXCHANGE));
        for row in 0..self.n {
            let derivative = &mut joined.derivatives[self.state(row, self.shared) as usize];
            joined.nodes.push(Node::Binary(Binary::Add, *derivative, flows[row as usize]));
            *derivative = joined.nodes.len() as NodeId - 1;
            for column in 0..self.n {
                let term = if row == column { along } else { across };
                self.add_entry(joined, self.state(row, self.shared), self.state(column, self.shared), term);
            }
        }
        joined.jacobian.sort_by_key(|entry| (entry.row, entry.column));
    }

    /// Adds a term to one place of the Jacobian.
    fn add_entry(&self, joined: &mut Program, row: u32, column: u32, term: NodeId) {
        let found = joined.jacobian.iter_mut().find(|entry| (entry.row, entry.column) == (row, column));
        match found {
            Some(entry) => {
                joined.nodes.push(Node::Binary(Binary::Add, entry.node, term));
                entry.node = joined.nodes.len() as NodeId - 1;
            }
            None => joined.jacobian.push(JacobianEntry { row, column, node: term }),
        }
    }

    /// Every dose into every copy.
    pub fn doses(&self, doses: &[Dose]) -> Vec<Dose> {
        let into = |dose: &Dose, copy: u32| {
            let action = match dose.action {
                Action::Add { state, amount } => Action::Add { state: self.state(copy, state), amount },
                Action::Infuse { state, amount, duration_days } => {
                    Action::Infuse { state: self.state(copy, state), amount, duration_days }
                }
                Action::Set { target, value } => Action::Set { target: self.target(copy, target), value },
                Action::SetBetween { target, above, to, value } => {
                    Action::SetBetween { target: self.target(copy, target), above, to, value }
                }
                Action::Scale { target, factor } => {
                    Action::Scale { target: self.target(copy, target), factor }
                }
                Action::Stop => Action::Stop,
            };
            Dose { action, ..*dose }
        };
        doses.iter().flat_map(|dose| (0..self.n).map(move |copy| into(dose, copy))).collect()
    }

    /// The same values in every copy.
    pub fn patients(&self, patients: &Patients) -> Patients {
        let copies = || 0..self.n;
        let overrides = copies().flat_map(|copy| patients.overrides.iter().map(move |what| (copy, *what)));
        let values = |row: usize| copies().flat_map(move |_| patients.values_of(row).iter().copied());
        Patients {
            numbers: patients.numbers.clone(),
            overrides: overrides.map(|(copy, what)| self.target(copy, what)).collect(),
            values: (0..patients.n_patients()).flat_map(values).collect(),
            ..Patients::default()
        }
    }
}

#[cfg(test)]
mod tests;
