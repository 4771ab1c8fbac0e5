//! The same patients from entry on with another fate: other random streams, the same traits and parameters.

use regraft_model::Program;
use regraft_model::program::{Binary, Distribution, Node, Target};
use regraft_stats::Seed;

use super::{Entered, Prepared, RunOptions, StudyError, Watch, simulate_arm};
use crate::outcomes::{Outcome, assess};

/// Whether patients live with several draws of a posterior.
pub(crate) fn is_ensemble(trial: &Prepared) -> bool {
    trial.members.as_ref().is_some_and(|members| members.n_members() > 1)
}

/// Outcomes of the same patients with another fate, `[arm][endpoint]`.
pub(super) fn again(
    trial: &Prepared,
    entered: &Entered,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Vec<Vec<Outcome>>, StudyError> {
    let other = with_other_fate(trial, entered, seed);
    let quiet = Unheard(watch);
    let of_arm = |arm: usize| {
        let run = simulate_arm(trial, arm, &other, seed, options, &quiet)?;
        Ok(assess(&trial.endpoints[arm], &run.grid, &run.observed))
    };
    (0..trial.protocol.arms.len()).map(of_arm).collect()
}

/// The same patients at entry, who will have another fate from there on.
pub(crate) fn with_other_fate(trial: &Prepared, entered: &Entered, seed: Seed) -> Entered {
    let members = trial.members.as_ref().map_or(1, |members| members.n_members() as u64);
    let mut other = entered.clone();
    // A multiple of the number of members, so that everyone keeps their member.
    other.cohort.numbers.iter_mut().for_each(|number| *number += members << 40);
    redraw(&trial.program, &mut other, seed);
    other
}

/// Thresholds of hazards that were drawn before entry and not yet reached are drawn anew: what is left of an
/// exponential draw is exponential again, so the new one is the integrated hazard so far plus a draw.
fn redraw(program: &Program, entered: &mut Entered, seed: Seed) {
    let n = entered.cohort.numbers.len();
    let (n_states, n_parameters) = (program.states.len(), program.parameters.len());
    for (state, parameter, name) in hazards(program) {
        for row in 0..n {
            let threshold = &mut entered.snapshots.parameters[row * n_parameters + parameter];
            let so_far = entered.snapshots.states[row * n_states + state];
            // An event that cannot happen again has a threshold far away, and stays so.
            if *threshold - so_far < FAR {
                let draw = seed.stream(entered.cohort.numbers[row], &format!("fate:{name}")).exponential(0);
                *threshold = so_far + draw;
            }
        }
    }
}

/// Integrated hazard above which nothing is left to happen: it would be passed once in e¹⁰⁰⁰ lives.
const FAR: f64 = 1e3;

/// State, parameter and name of each event that happens where a state passes a parameter with an exponential draw.
fn hazards(program: &Program) -> Vec<(usize, usize, String)> {
    let drawn = |parameter: u32| {
        program.initial.iter().any(|(target, node)| {
            *target == Target::Parameter(parameter)
                && matches!(
                    program.nodes[*node as usize],
                    Node::Draw { distribution: Distribution::Exponential, .. }
                )
        })
    };
    let of = |event: &regraft_model::program::Event| {
        let Node::Binary(Binary::Greater, left, right) = program.nodes[event.condition as usize] else {
            return None;
        };
        match (program.nodes[left as usize], program.nodes[right as usize]) {
            (Node::State(state), Node::Parameter(parameter)) if drawn(parameter) => {
                Some((state as usize, parameter as usize, event.name.clone()))
            }
            _ => None,
        }
    };
    program.events.iter().filter_map(of).collect()
}

/// Passes on the wish to stop, and no progress.
struct Unheard<'a>(&'a dyn Watch);

impl Watch for Unheard<'_> {
    fn stage(&self, _what: &str, _patients: u64) {}

    fn advance(&self, _patients: u64) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

#[cfg(test)]
mod tests {
    //! Hazards of the toy trial, and lives that part at entry.

    use super::*;
    use crate::study::Screening;
    use crate::study::toy::{options, toy};

    #[test]
    fn fates_part_at_entry_and_people_stay_who_they_are() {
        let (trial, _) = toy(&[]);
        let names: Vec<String> = hazards(&trial.program).into_iter().map(|(.., name)| name).collect();
        assert_eq!(names, ["hit", "death"]);
        let options = options(300);
        let seed = Seed(options.seed);
        let entered = Screening::new(&trial, 300).next(300, seed, &options, &()).unwrap().unwrap();
        let run = simulate_arm(&trial, 0, &entered, seed, &options, &()).unwrap();
        let first = assess(&trial.endpoints[0], &run.grid, &run.observed);
        let second = again(&trial, &entered, seed, &options, &()).unwrap().remove(0);
        let hit = trial.endpoint_ids.iter().position(|id| id == "hit").unwrap();
        let (Outcome::Times(first), Outcome::Times(second)) = (&first[hit], &second[hit]) else {
            panic!("hits have times")
        };
        let share = |times: &[Option<crate::outcomes::TimeToEvent>]| {
            times.iter().flatten().filter(|time| time.status == 1).count() as f64 / times.len() as f64
        };
        let same = first.iter().zip(second).filter(|(a, b)| a == b).count();
        // Whoever is free of events to the end in both fates is alike; nobody else.
        let free = |times: &[Option<crate::outcomes::TimeToEvent>]| {
            times.iter().flatten().filter(|time| time.status == 0).count() as f64 / times.len() as f64
        };
        assert!((share(first) - share(second)).abs() < 0.12, "the law is the same");
        assert!((same as f64 / 300.0 - free(first) * free(second)).abs() < 0.15, "the lives are not");
    }
}
