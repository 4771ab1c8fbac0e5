//! Members on one program: what each of them moves, by index.

use std::sync::Arc;

use regraft_model::program::{Found, Node, Target};
use regraft_model::{Diagnostic, Program};
use regraft_sim::Patients;
use regraft_trial::{Trial, UncertainParameter};

use super::Members;

/// Members whose parameters were looked up in a program.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundMembers {
    members: Arc<Members>,
    moves: Vec<Move>,
}

/// A quantity that parameters move.
#[derive(Debug, Clone, PartialEq)]
struct Move {
    target: Target,
    /// Its value where nothing sets it; `None` where the program computes it.
    value: Option<f64>,
    /// Columns of [`Members::parameters`], in their order.
    parameters: Vec<usize>,
}

impl BoundMembers {
    /// Looks the parameters up in the program of a trial. Parameters whose quantities it does not have do
    /// not act; a name that several quantities have, or a quantity that is computed, is a problem.
    pub fn new(members: Arc<Members>, program: &Program, trial: &Trial) -> (BoundMembers, Vec<Diagnostic>) {
        let disease = trial.disease.id.text.as_str();
        let products =
            trial.arms.iter().filter_map(|arm| arm.product.as_ref()).map(|product| product.id.text.as_str());
        let given: Vec<&str> = trial.drugs.keys().map(String::as_str).chain(products).collect();
        let mut bound = BoundMembers { members: members.clone(), moves: Vec::new() };
        let mut problems = Vec::new();
        for (column, parameter) in members.parameters.iter().enumerate() {
            for name in parameter.sets.iter().filter(|_| parameter.acts_in(disease, given.iter().copied())) {
                let target = match program.lookup(&name.text) {
                    Ok(None) => continue,
                    Ok(Some(Found::State(index))) => Target::State(index),
                    Ok(Some(Found::Parameter(index))) => Target::Parameter(index),
                    Ok(Some(_)) => {
                        let message =
                            format!("`{}` is computed or an event, so it cannot be moved", name.text);
                        problems.push(Diagnostic::error("T032", name.span, message));
                        continue;
                    }
                    Err(all) => {
                        let message = format!("`{}` is the end of several names", name.text);
                        let problem = Diagnostic::error("T031", name.span, message);
                        problems.push(
                            problem.with_help(format!("write one of them in full: {}", all.join(", "))),
                        );
                        continue;
                    }
                };
                bound.add(target, default_value(program, target), column);
            }
        }
        (bound, problems)
    }

    fn add(&mut self, target: Target, value: Option<f64>, column: usize) {
        match self.moves.iter_mut().find(|known| known.target == target) {
            Some(known) => known.parameters.push(column),
            None => self.moves.push(Move { target, value, parameters: vec![column] }),
        }
    }

    /// The members.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// Number of members.
    pub fn n_members(&self) -> usize {
        self.members.n_members()
    }

    /// The member with whose parameters a patient lives.
    pub fn member_of(&self, patient: u64) -> usize {
        (patient % self.n_members().max(1) as u64) as usize
    }

    /// Columns of the parameters that act, sorted.
    pub fn acting(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.moves.iter().flat_map(|one| one.parameters.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The same members, each patient with the one that stands so many places after their own.
    pub fn turned(&self, by: usize) -> BoundMembers {
        let Members { title, parameters, z } = self.members();
        let mut z = z.clone();
        z.rotate_left(by % self.n_members().max(1) * parameters.len());
        let members = Members { title: title.clone(), parameters: parameters.clone(), z };
        BoundMembers { members: Arc::new(members), moves: self.moves.clone() }
    }

    /// The draws of some patients, of the parameters that act, `[patient, parameter]`, and the number of these.
    pub fn draws_of(&self, numbers: &[u64]) -> (Vec<f64>, usize) {
        let acting = self.acting();
        let of = |number: &u64| {
            let z = self.members.z_of(self.member_of(*number));
            acting.iter().map(|column| z[*column]).collect::<Vec<_>>()
        };
        (numbers.iter().flat_map(of).collect(), acting.len())
    }

    /// Moves what is overridden in these patients and, where they start anew, the rest too.
    pub(crate) fn apply(&self, patients: &mut Patients, anew: bool) {
        if self.n_members() == 0 {
            return;
        }
        for one in &self.moves {
            let at = patients.overrides.iter().position(|target| *target == one.target);
            match (at, one.value.filter(|_| anew)) {
                (Some(column), _) => {
                    let width = patients.overrides.len();
                    for row in 0..patients.n_patients() {
                        let value = &mut patients.values[row * width + column];
                        *value = self.moved(one, *value, patients.numbers[row]);
                    }
                }
                (None, Some(value)) => {
                    let column: Vec<f64> =
                        patients.numbers.iter().map(|patient| self.moved(one, value, *patient)).collect();
                    // What nobody moves stays a number of the program, down to the last bit of what follows from it.
                    if column.iter().any(|moved| *moved != value) {
                        add_column(patients, one.target, &column);
                    }
                }
                (None, None) => {}
            }
        }
    }

    fn moved(&self, one: &Move, value: f64, patient: u64) -> f64 {
        let z = self.members.z_of(self.member_of(patient));
        let of = |value: f64, column: &usize| {
            let parameter: &UncertainParameter = &self.members.parameters[*column];
            parameter.moved(value, z[*column])
        };
        one.parameters.iter().fold(value, of)
    }
}

/// The value with which the program starts, where it is a number.
fn default_value(program: &Program, target: Target) -> Option<f64> {
    let (_, node) = program.initial.iter().find(|(known, _)| *known == target)?;
    match program.nodes[*node as usize] {
        Node::Constant(value) => Some(value),
        _ => None,
    }
}

fn add_column(patients: &mut Patients, target: Target, column: &[f64]) {
    let width = patients.overrides.len();
    let mut values = Vec::with_capacity(patients.values.len() + column.len());
    for (row, value) in column.iter().enumerate() {
        values.extend_from_slice(&patients.values[row * width..(row + 1) * width]);
        values.push(*value);
    }
    patients.values = values;
    patients.overrides.push(target);
}
