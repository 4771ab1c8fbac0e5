//! A model as a vector field: its rates f(x; λ) and Jacobian, with one parameter λ free and all events off.

use regraft_model::evaluate::evaluate_all;
use regraft_model::{Program, Target, at_start_with};

/// Rates of change of a model in which one quantity is varied.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    program: &'a Program,
    /// What is set before anything is computed, in the model's units; the last of several counts.
    settings: Vec<(Target, f64)>,
    over: Target,
    /// Whether other starting values or parameters are computed from the varied one.
    has_followers: bool,
    /// Starting states, where the varied quantity moves none of them but itself.
    states: Option<Vec<f64>>,
    parameters: Vec<f64>,
}

impl<'a> Field<'a> {
    /// The field of a program with `settings`, `over` free.
    pub fn new(program: &'a Program, settings: &[(Target, f64)], over: Target) -> Field<'a> {
        let start = at_start_with(program, settings);
        let own = match over {
            Target::State(index) => start.states[index as usize],
            Target::Parameter(index) => start.parameters[index as usize],
        };
        let mut moved = settings.to_vec();
        moved.push((over, own * 1.5 + 0.1));
        let other = at_start_with(program, &moved);
        let differ = |a: &[f64], b: &[f64], skip: Option<u32>| {
            let same = |x: f64, y: f64| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
            (0..a.len()).any(|index| Some(index as u32) != skip && !same(a[index], b[index]))
        };
        let (own_state, own_parameter) = match over {
            Target::State(index) => (Some(index), None),
            Target::Parameter(index) => (None, Some(index)),
        };
        let has_followers = differ(&start.parameters, &other.parameters, own_parameter);
        let states_follow = differ(&start.states, &other.states, own_state);
        Field {
            program,
            settings: settings.to_vec(),
            over,
            has_followers,
            states: (!states_follow).then_some(start.states),
            parameters: start.parameters,
        }
    }

    /// The program.
    pub fn program(&self) -> &'a Program {
        self.program
    }

    /// Number of states.
    pub fn n_states(&self) -> usize {
        self.program.states.len()
    }

    /// The value of the varied quantity in the settings.
    pub fn own_value(&self) -> f64 {
        match self.over {
            Target::State(index) => self.start_values().0[index as usize],
            Target::Parameter(index) => self.parameters[index as usize],
        }
    }

    fn start_values(&self) -> (Vec<f64>, Vec<f64>) {
        let start = at_start_with(self.program, &self.settings);
        (start.states, start.parameters)
    }

    /// Starting states at λ, with `more` settings on top, `[state]`.
    pub fn start(&self, lambda: f64, more: &[(Target, f64)]) -> Vec<f64> {
        if let (Some(states), true) = (&self.states, more.is_empty()) {
            let mut states = states.clone();
            if let Target::State(index) = self.over {
                states[index as usize] = lambda;
            }
            return states;
        }
        at_start_with(self.program, &self.settings_at(lambda, more)).states
    }

    /// All settings at λ, with `more` on top of those of the field.
    pub fn settings_at(&self, lambda: f64, more: &[(Target, f64)]) -> Vec<(Target, f64)> {
        let mut settings = self.settings.clone();
        settings.extend(more);
        settings.push((self.over, lambda));
        settings
    }

    /// Parameters at λ, `[parameter]`.
    pub fn parameters(&self, lambda: f64) -> Vec<f64> {
        match self.over {
            Target::Parameter(index) if !self.has_followers => {
                let mut parameters = self.parameters.clone();
                parameters[index as usize] = lambda;
                parameters
            }
            Target::State(_) if !self.has_followers => self.parameters.clone(),
            _ => at_start_with(self.program, &self.settings_at(lambda, &[])).parameters,
        }
    }

    /// Rates at a point and time 0, `[state]`.
    pub fn rates(&self, states: &[f64], lambda: f64) -> Vec<f64> {
        self.rates_at(0.0, states, lambda)
    }

    /// Rates at a point and a time, `[state]`.
    pub fn rates_at(&self, time: f64, states: &[f64], lambda: f64) -> Vec<f64> {
        let values = evaluate_all(self.program, time, states, &self.parameters(lambda));
        self.program.derivatives.iter().map(|node| values[*node as usize]).collect()
    }

    /// Non-zeros of ∂f/∂x at a point and time 0: row, column, value.
    pub fn jacobian(&self, states: &[f64], lambda: f64) -> Vec<(usize, usize, f64)> {
        let values = evaluate_all(self.program, 0.0, states, &self.parameters(lambda));
        let entry = |entry: &regraft_model::program::JacobianEntry| {
            (entry.row as usize, entry.column as usize, values[entry.node as usize])
        };
        self.program.jacobian.iter().map(entry).collect()
    }
}
