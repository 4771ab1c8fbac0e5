//! Events: conditions with the places where they may change, assignments.

use super::Lowering;
use crate::model::{self, QuantityId};
use crate::program::{Binary, Event, Node, NodeId, Target};

impl Lowering<'_> {
    pub(super) fn events(&mut self) -> Vec<Event> {
        let model = self.model;
        model.events.iter().map(|event| self.event(event)).collect()
    }

    fn event(&mut self, event: &model::Event) -> Event {
        let condition = self.expression(&event.trigger);
        Event {
            name: event.name.clone(),
            condition,
            roots: self.roots(condition),
            assignments: self.assignments(event),
            delay: event
                .delay
                .as_ref()
                .map(|delay| self.expression(delay))
                .filter(|d| !self.graph.is(*d, 0.0)),
            priority: event.priority.as_ref().map(|priority| self.expression(priority)),
            true_before_start: event.true_before_start,
            persistent: event.persistent,
            values_from_trigger: event.values_from_trigger,
        }
    }

    /// left − right of each comparison that the condition needs, each once.
    fn roots(&mut self, condition: NodeId) -> Vec<NodeId> {
        let reached = self.graph.reachable(&[condition]);
        let comparisons: Vec<(NodeId, NodeId)> = (0..reached.len())
            .filter(|id| reached[*id])
            .filter_map(|id| match self.graph.nodes[id] {
                Node::Binary(operator, a, b) if is_comparison(operator) => Some((a, b)),
                _ => None,
            })
            .collect();
        let mut roots: Vec<NodeId> = Vec::new();
        for (a, b) in comparisons {
            let root = self.graph.binary(Binary::Subtract, a, b);
            if !roots.contains(&root) && self.graph.value(root).is_none() {
                roots.push(root);
            }
        }
        roots
    }

    fn assignments(&mut self, event: &model::Event) -> Vec<(Target, NodeId)> {
        let model = self.model;
        let mut assignments = Vec::new();
        for assignment in &event.assignments {
            let name = &model.quantity(assignment.target).name;
            let node = self.expression_for(&assignment.value, name);
            // Assignments to observables are refused when the model is checked.
            assignments.extend(self.target(assignment.target).map(|target| (target, node)));
        }
        for assignment in &event.assignments {
            let size = assignments.iter().find(|(target, _)| Some(*target) == self.target(assignment.target));
            if let Some((_, size)) = size.copied() {
                self.keep_amounts(assignment.target, size, &mut assignments);
            }
        }
        assignments
    }

    /// A compartment that gets a new size keeps the amounts in it: c := c·V/V_new.
    fn keep_amounts(
        &mut self,
        compartment: QuantityId,
        size: NodeId,
        assignments: &mut Vec<(Target, NodeId)>,
    ) {
        let model = self.model;
        for (id, quantity) in model.quantities.iter().enumerate() {
            if quantity.volume() != Some(compartment) || self.is_observable(id as u32) {
                continue;
            }
            let Some(target) = self.target(id as u32) else { continue };
            if assignments.iter().any(|(other, _)| *other == target) {
                continue;
            }
            let before = self.values[compartment as usize];
            let amount = self.graph.binary(Binary::Multiply, self.values[id], before);
            let node = self.graph.binary(Binary::Divide, amount, size);
            assignments.push((target, node));
        }
    }
}

fn is_comparison(operator: Binary) -> bool {
    use Binary::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(operator, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
}
