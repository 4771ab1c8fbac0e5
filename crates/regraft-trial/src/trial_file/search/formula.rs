//! Formulas of a search: constraints over variables, objectives over variables and other objectives.

use regraft_model::program::{Found, Program};
use regraft_model::{Diagnostic, Sources, evaluate, lower, read_antimony};

use super::{Measure, SearchSpace};
use crate::codes;

/// Constraints and formulas of a search, ready to be computed.
#[derive(Debug, Clone)]
pub struct Formulas {
    program: Program,
    /// Parameter of the program of each name, variables first, then objectives that are endpoints.
    inputs: Vec<usize>,
    constraints: Vec<Found>,
    /// Formula of each objective that is one, `[objective]`.
    objectives: Vec<Option<Found>>,
}

impl Formulas {
    /// Reads all formulas of a search.
    ///
    /// `None` where one has an error; every problem is in the list, at the place of the formula.
    pub fn of(space: &SearchSpace) -> (Option<Formulas>, Vec<Diagnostic>) {
        let names = names_of(space);
        let text = names.iter().map(|(name, _)| format!("  {name} = 0;\n")).collect::<String>();
        let mut sources = Sources::default();
        let root = sources.add("names of the search", format!("model names_of_the_search()\n{text}end\n"));
        let (mut model, found) = read_antimony(&mut sources, root, &mut |_, _| None);
        if found.iter().any(Diagnostic::is_error) {
            return (None, refused_names(&names));
        }
        let mut problems = Vec::new();
        let constraints: Vec<String> =
            (0..space.constraints.len()).map(|place| format!("_constraint_{place}")).collect();
        for (name, constraint) in constraints.iter().zip(&space.constraints) {
            problems.extend(model.add_observable(name, "", &constraint.when.text, constraint.when.span));
        }
        let name_of = |place: usize| format!("_objective_{place}");
        for (place, objective) in space.objectives.iter().enumerate() {
            if let Measure::Formula(formula) = &objective.measure {
                problems.extend(model.add_observable(&name_of(place), "", &formula.text, formula.span));
            }
        }
        if problems.iter().any(Diagnostic::is_error) {
            return (None, problems);
        }
        let program = match lower(&model) {
            Ok(program) => program,
            Err(found) => {
                problems.extend(found);
                return (None, problems);
            }
        };
        let find = |name: &str| program.lookup(name).ok().flatten();
        let is_formula = |place: usize| matches!(space.objectives[place].measure, Measure::Formula(_));
        let objectives = (0..space.objectives.len())
            .map(|place| is_formula(place).then(|| find(&name_of(place))).flatten())
            .collect();
        let inputs = names.iter().filter_map(|(name, _)| match find(name) {
            Some(Found::Parameter(index)) => Some(index as usize),
            _ => None,
        });
        let inputs: Vec<usize> = inputs.collect();
        let constraints: Vec<Found> = constraints.iter().filter_map(|name| find(name)).collect();
        if inputs.len() != names.len() || constraints.len() != space.constraints.len() {
            return (None, refused_names(&names));
        }
        (Some(Formulas { program, inputs, constraints, objectives }), problems)
    }

    /// Whether each constraint holds, `[constraint]`, at these values of the variables, `[variable]`.
    pub fn constraints(&self, variables: &[f64]) -> Vec<bool> {
        let parameters = self.parameters(variables, &[]);
        let holds = |found: &Found| {
            let value = self.value(*found, &parameters);
            value != 0.0 && !value.is_nan()
        };
        self.constraints.iter().map(holds).collect()
    }

    /// The value of objective `place`, if it is a formula, at these values of the variables and of the objectives that
    /// are endpoints, in their order.
    pub fn objective(&self, place: usize, variables: &[f64], endpoints: &[f64]) -> Option<f64> {
        let found = self.objectives.get(place).copied().flatten()?;
        Some(self.value(found, &self.parameters(variables, endpoints)))
    }

    fn parameters(&self, variables: &[f64], endpoints: &[f64]) -> Vec<f64> {
        let mut parameters = vec![f64::NAN; self.program.parameters.len()];
        for (index, value) in self.inputs.iter().zip(variables.iter().chain(endpoints)) {
            parameters[*index] = *value;
        }
        parameters
    }

    fn value(&self, found: Found, parameters: &[f64]) -> f64 {
        match found {
            Found::Parameter(index) => parameters[index as usize],
            Found::Observable(index) => {
                let node = self.program.observable_nodes[index as usize];
                evaluate(&self.program, node, 0.0, &[], parameters, &mut |_, _, _, _| f64::NAN)
            }
            Found::State(_) | Found::Event(_) => f64::NAN,
        }
    }
}

/// Names that formulas may use: variables, then objectives that are endpoints, then what could not be read.
fn names_of(space: &SearchSpace) -> Vec<(&str, regraft_model::Span)> {
    let variables = space.variables.iter().map(|variable| &variable.name);
    let endpoints = space.objectives.iter().filter(|one| matches!(one.measure, Measure::Endpoint { .. }));
    let names = variables.chain(endpoints.map(|one| &one.name)).chain(&space.unread);
    let names = names.filter(|name| !name.is_missing());
    names.map(|name| (name.text.as_str(), name.span)).collect()
}

/// The names that the model's language does not take, one by one.
fn refused_names(names: &[(&str, regraft_model::Span)]) -> Vec<Diagnostic> {
    let refused = |name: &str| {
        let mut sources = Sources::default();
        let root = sources.add("one name", format!("model one_name()\n  {name} = 0;\nend\n"));
        let (model, found) = read_antimony(&mut sources, root, &mut |_, _| None);
        found.iter().any(Diagnostic::is_error) || model.quantities.iter().all(|known| known.name != name)
    };
    let message = |name: &str| format!("`{name}` has a meaning of its own in formulas: choose another name");
    let wrong = names.iter().filter(|(name, _)| refused(name));
    wrong.map(|(name, span)| Diagnostic::error(codes::BAD_IDENTIFIER, *span, message(name))).collect()
}
