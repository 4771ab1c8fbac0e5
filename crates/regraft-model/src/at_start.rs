//! A program at its start: values, rules and rates of change, as scalars.

use crate::evaluate::value;
use crate::program::{Distribution, NodeId, Program, Target};

/// What a program says at time 0, before any event or dose; draws are at their middle.
#[derive(Debug, Clone, PartialEq)]
pub struct AtStart {
    /// Starting values, `[state]`.
    pub states: Vec<f64>,
    /// Values, `[parameter]`.
    pub parameters: Vec<f64>,
    /// Values of the rules, `[observable]`.
    pub observables: Vec<f64>,
    /// dy/dt, `[state]`.
    pub rates: Vec<f64>,
}

/// Computes starting values, rules and rates of change at time 0.
///
/// A draw counts as the middle of its distribution: mean of an exponential, a normal, a uniform and a
/// Poisson distribution, median of a log-normal one. What has no value is NaN.
pub fn at_start(program: &Program) -> AtStart {
    at_start_with(program, &[])
}

/// The same with some starting values replaced; what is computed from them follows. Of several for one target
/// the last counts.
pub fn at_start_with(program: &Program, overrides: &[(Target, f64)]) -> AtStart {
    let mut values = Values::new(program);
    for &(target, node) in &program.initial {
        let given = overrides.iter().rev().find(|(overridden, _)| *overridden == target);
        let value = given.map_or_else(|| values.of(node), |&(_, value)| value);
        match target {
            Target::State(state) => values.states[state as usize] = value,
            Target::Parameter(parameter) => values.parameters[parameter as usize] = value,
        }
    }
    let observables = program.observable_nodes.iter().map(|&node| values.of(node)).collect();
    let rates = program.derivatives.iter().map(|&node| values.of(node)).collect();
    AtStart { states: values.states, parameters: values.parameters, observables, rates }
}

/// Values of nodes, each computed when it is first needed. A starting value only needs states and
/// parameters that were set before it, so a value once computed stays right.
struct Values<'a> {
    program: &'a Program,
    states: Vec<f64>,
    parameters: Vec<f64>,
    known: Vec<Option<f64>>,
}

impl<'a> Values<'a> {
    fn new(program: &'a Program) -> Values<'a> {
        Values {
            program,
            states: vec![f64::NAN; program.states.len()],
            parameters: vec![f64::NAN; program.parameters.len()],
            known: vec![None; program.nodes.len()],
        }
    }

    /// Value of a node; a stack in place of recursion, since sums may be thousands of nodes deep.
    fn of(&mut self, node: NodeId) -> f64 {
        let mut stack = vec![node];
        while let Some(&top) = stack.last() {
            let open: Vec<NodeId> = crate::evaluate::children(&self.program.nodes[top as usize])
                .into_iter()
                .flatten()
                .filter(|child| self.known[*child as usize].is_none())
                .collect();
            if open.is_empty() {
                self.known[top as usize] = Some(self.compute(top));
                stack.pop();
            }
            stack.extend(open);
        }
        self.value(node)
    }

    fn value(&self, node: NodeId) -> f64 {
        self.known[node as usize].unwrap_or(f64::NAN)
    }

    fn compute(&self, node: NodeId) -> f64 {
        let node = &self.program.nodes[node as usize];
        let draw = &mut |distribution, _, first, second| middle(distribution, first, second);
        value(node, |id| self.value(id), 0.0, &self.states, &self.parameters, draw)
    }
}

/// The middle of a distribution.
fn middle(distribution: Distribution, first: f64, second: f64) -> f64 {
    match distribution {
        Distribution::Exponential => 1.0 / first,
        Distribution::Normal | Distribution::Poisson => first,
        Distribution::Uniform => 0.5 * (first + second),
        Distribution::LogNormal => first.exp(),
    }
}

#[cfg(test)]
#[path = "at_start_tests.rs"]
mod tests;
