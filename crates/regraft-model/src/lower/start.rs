//! Starting values, in the order in which they are to be computed.

use super::Lowering;
use crate::check::order::topological;
use crate::evaluate::children;
use crate::model::Kind;
use crate::program::{Node, NodeId, Target};

impl Lowering<'_> {
    /// One entry per state and parameter, each behind those it needs.
    pub(super) fn starting_values(&mut self) -> Vec<(Target, NodeId)> {
        let values = self.unordered();
        let n_parameters = values.iter().filter(|(target, _)| matches!(target, Target::Parameter(_))).count();
        // Position in `values` of each state and parameter.
        let mut place = [vec![0; values.len() - n_parameters], vec![0; n_parameters]];
        for (index, (target, _)) in values.iter().enumerate() {
            match target {
                Target::State(state) => place[0][*state as usize] = index,
                Target::Parameter(parameter) => place[1][*parameter as usize] = index,
            }
        }
        let needs: Vec<Vec<usize>> = values.iter().map(|(_, node)| self.leaves(*node, &place)).collect();
        topological(&needs).0.into_iter().map(|index| values[index]).collect()
    }

    fn unordered(&mut self) -> Vec<(Target, NodeId)> {
        let model = self.model;
        let mut values = Vec::new();
        for (id, quantity) in model.quantities.iter().enumerate() {
            let Some(target) = self.target(id as u32) else { continue };
            let node = match &quantity.initial {
                Some(value) => self.expression_for(value, &quantity.name),
                // Said to the reader as a warning when the model was checked.
                None => self.graph.constant(match quantity.kind {
                    Kind::Species { .. } => 0.0,
                    Kind::Compartment => 1.0,
                    _ => f64::NAN,
                }),
            };
            values.push((target, node));
        }
        values
    }

    /// Places of the states and parameters that a node needs.
    fn leaves(&self, node: NodeId, place: &[Vec<usize>; 2]) -> Vec<usize> {
        let mut stack = vec![node];
        let mut seen = std::collections::BTreeSet::new();
        let mut leaves = Vec::new();
        while let Some(node) = stack.pop() {
            if !seen.insert(node) {
                continue;
            }
            match self.graph.nodes[node as usize] {
                Node::State(index) => leaves.push(place[0][index as usize]),
                Node::Parameter(index) => leaves.push(place[1][index as usize]),
                ref inner => stack.extend(children(inner).into_iter().flatten()),
            }
        }
        leaves.sort_unstable();
        leaves
    }
}
