//! Which values are written, and in what order.

use regraft_model::model::{Kind, Rule};
use regraft_model::{Found, Model, Program};

/// The columns of an output behind `patient` and `time`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    /// Names, as in the model.
    pub names: Vec<String>,
    /// What each holds.
    pub found: Vec<Found>,
}

/// Every species, then every other state (variables with a rate rule), then the assignment rules; each
/// group in the order of the model. Rates of reactions are left out.
pub fn columns(model: &Model, program: &Program) -> Columns {
    let is_species = |index: usize| matches!(model.quantities[index].kind, Kind::Species { .. });
    let is_rule = |index: usize| {
        let quantity = &model.quantities[index];
        matches!(quantity.rule, Rule::Assignment(_)) && quantity.kind != Kind::Reaction
    };
    let found: Vec<Option<Found>> =
        model.quantities.iter().map(|quantity| exactly(program, &quantity.name)).collect();
    let state = |index: usize| matches!(found[index], Some(Found::State(_)));
    let value = |index: usize| state(index) || matches!(found[index], Some(Found::Parameter(_)));
    let all = 0..found.len();
    let order = all.clone().filter(|&index| is_species(index) && value(index));
    let order = order.chain(all.clone().filter(|&index| !is_species(index) && state(index)));
    let order = order.chain(all.filter(|&index| is_rule(index)));
    let mut columns = Columns::default();
    for index in order {
        if let Some(found) = found[index] {
            columns.names.push(model.quantities[index].name.clone());
            columns.found.push(found);
        }
    }
    columns
}

/// What a full name means in the program.
fn exactly(program: &Program, name: &str) -> Option<Found> {
    program.lookup(name).ok().flatten().filter(|found| match *found {
        Found::State(state) => program.states[state as usize].name == name,
        Found::Parameter(parameter) => program.parameters[parameter as usize].name == name,
        Found::Observable(observable) => program.observables[observable as usize].name == name,
        Found::Event(_) => false,
    })
}
