//! Rates of change: rate rules, reactions, and the dilution by a growing compartment.
//!
//! A reaction of rate v (amount per time) changes the amount n of a species by ±s·v with
//! its stoichiometry s. A species that is held as concentration c = n/V changes by
//! c' = n'/V − c·V'/V.

use super::differentiate::{Variable, differentiate};
use super::{Lowering, Role, Slope};
use crate::check::changes_by_itself;
use crate::code;
use crate::diag::Diagnostic;
use crate::model::{Kind, Model, Quantity, QuantityId, Rule, Stoichiometry};
use crate::program::{Binary, NodeId, Unary};

/// A place in a reaction: index of the reaction, whether among its products, place on that side.
pub(super) type Change = (usize, bool, usize);

/// The places in reactions at which each quantity stands.
pub(super) fn changes(model: &Model) -> Vec<Vec<Change>> {
    let mut changes = vec![Vec::new(); model.quantities.len()];
    for (index, reaction) in model.reactions.iter().enumerate() {
        for (is_product, side) in [(false, &reaction.reactants), (true, &reaction.products)] {
            for (place, participant) in side.iter().enumerate() {
                let list: &mut Vec<_> = &mut changes[participant.species as usize];
                list.push((index, is_product, place));
            }
        }
    }
    changes
}

impl Lowering<'_> {
    /// Rate of change of a quantity; 0 for a parameter.
    pub(super) fn slope(&mut self, id: QuantityId) -> NodeId {
        match self.slopes[id as usize] {
            Slope::Known(node) => return node,
            Slope::Open => return self.refuse_loop(id),
            Slope::Unknown => {}
        }
        self.slopes[id as usize] = Slope::Open;
        let model = self.model;
        let quantity = model.quantity(id);
        let node = match &quantity.rule {
            Rule::Rate(value) => self.expression(value),
            Rule::Assignment(_) => self.total_slope(id),
            Rule::None if matches!(self.roles[id as usize], Role::State(_)) => {
                self.species_slope(id, quantity)
            }
            Rule::None => self.graph.constant(0.0),
        };
        self.slopes[id as usize] = Slope::Known(node);
        node
    }

    fn refuse_loop(&mut self, id: QuantityId) -> NodeId {
        let quantity = self.model.quantity(id);
        let message = format!("the rate of change of `{}` needs itself", quantity.name);
        self.problems.push(Diagnostic::error(code::LOOP, quantity.span, message));
        self.graph.constant(0.0)
    }

    fn species_slope(&mut self, id: QuantityId, quantity: &Quantity) -> NodeId {
        let amount = self.amount_slope(id, quantity);
        let Some(volume) = quantity.volume() else { return amount };
        let size = self.values[volume as usize];
        let flow = self.graph.binary(Binary::Divide, amount, size);
        if !changes_by_itself(self.model.quantity(volume)) {
            return flow;
        }
        let growth = self.slope(volume);
        let diluted = self.graph.binary(Binary::Multiply, self.values[id as usize], growth);
        let loss = self.graph.binary(Binary::Divide, diluted, size);
        self.graph.binary(Binary::Subtract, flow, loss)
    }

    /// n' = Σ ±s·v over the reactions that change the species.
    fn amount_slope(&mut self, id: QuantityId, quantity: &Quantity) -> NodeId {
        let mut sum = self.graph.constant(0.0);
        if matches!(quantity.kind, Kind::Species { boundary: true, .. }) {
            return sum;
        }
        let model = self.model;
        for (index, is_product, place) in self.changes[id as usize].clone() {
            let reaction = &model.reactions[index];
            let side = if is_product { &reaction.products } else { &reaction.reactants };
            let stoichiometry = match side[place].stoichiometry {
                Stoichiometry::Number(value) => self.graph.constant(value),
                Stoichiometry::Quantity(id) => self.values[id as usize],
            };
            let rate = self.values[reaction.quantity as usize];
            let part = self.graph.binary(Binary::Multiply, stoichiometry, rate);
            let signed = if is_product { part } else { self.graph.unary(Unary::Negate, part) };
            sum = self.graph.binary(Binary::Add, sum, signed);
        }
        sum
    }

    /// Rate of change of a rule g(y, t): ∂g/∂t + Σ ∂g/∂yⱼ · yⱼ'.
    fn total_slope(&mut self, id: QuantityId) -> NodeId {
        let n_states = self.roles.iter().filter(|role| matches!(role, Role::State(_))).count();
        let value = self.values[id as usize];
        let Ok(slopes) = differentiate(&mut self.graph, &[value], n_states) else {
            let quantity = self.model.quantity(id);
            let message = format!("`{}` has no derivative: it needs a factorial", quantity.name);
            self.problems.push(Diagnostic::error(code::DERIVATIVE, quantity.span, message));
            return self.graph.constant(0.0);
        };
        let mut sum = self.graph.constant(0.0);
        for slope in slopes {
            let part = match slope.variable {
                Variable::Time => slope.node,
                Variable::State(state) => {
                    let state = self.roles.iter().position(|role| *role == Role::State(state));
                    let change = self.slope(state.expect("every state has a quantity") as QuantityId);
                    self.graph.binary(Binary::Multiply, slope.node, change)
                }
            };
            sum = self.graph.binary(Binary::Add, sum, part);
        }
        sum
    }
}
