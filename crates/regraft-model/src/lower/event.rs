//! Events: conditions with the places where they may change, assignments.

use super::Lowering;
use crate::model::{self, QuantityId};
use crate::program::{Binary, Compartment, Event, Node, NodeId, Target};

impl Lowering<'_> {
    pub(super) fn events(&mut self) -> Vec<Event> {
        let model = self.model;
        model.events.iter().map(|event| self.event(event)).collect()
    }

    fn event(&mut self, event: &model::Event) -> Event {
        let condition = self.expression(&event.trigger);
        let roots = self.roots(condition);
        let assignments = self.assignments(event);
        Event {
            name: event.name.clone(),
            condition,
            roots,
            resized: self.resized(&assignments),
            assignments,
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
        assignments
    }

    /// Compartments that get another size when these are assigned, themselves or what their rule is made of.
    fn resized(&self, assignments: &[(Target, NodeId)]) -> Vec<Compartment> {
        let mut resized: Vec<(QuantityId, Compartment)> = Vec::new();
        for (id, quantity) in (0..).zip(&self.model.quantities) {
            let (Some(volume), Some(species)) = (quantity.volume(), self.target(id)) else { continue };
            if let Some((_, known)) = resized.iter_mut().find(|(known, _)| *known == volume) {
                known.species.push(species);
            } else {
                let size = self.values[volume as usize];
                resized.push((volume, Compartment { size, species: vec![species] }));
            }
        }
        resized.retain(|(volume, compartment)| self.depends(*volume, compartment.size, assignments));
        resized.into_iter().map(|(_, compartment)| compartment).collect()
    }

    fn depends(&self, quantity: QuantityId, value: NodeId, assignments: &[(Target, NodeId)]) -> bool {
        let is_assigned = |target| assignments.iter().any(|(other, _)| *other == target);
        if let Some(target) = self.target(quantity) {
            return is_assigned(target);
        }
        let reached = self.graph.reachable(&[value]);
        self.graph.nodes.iter().zip(reached).any(|(node, reached)| match node {
            Node::State(index) => reached && is_assigned(Target::State(*index)),
            Node::Parameter(index) => reached && is_assigned(Target::Parameter(*index)),
            _ => false,
        })
    }
}

fn is_comparison(operator: Binary) -> bool {
    use Binary::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(operator, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
}
