//! Screening: who enters, from which state, and that batches and sizes do not matter.

use regraft_model::{Found, Target};

use super::super::given::{Factors, sim_options, with_settings};
use super::super::toy::{options, toy};
use super::*;
use regraft_sim::{Outputs, Plan, Start, simulate};
use regraft_trial::protocol::{PlannedAmount, PlannedSetting};

/// Everyone who may enter, and what became of the others.
struct Everyone {
    entered: Entered,
    of: Screened,
}

fn screen(trial: &Prepared, patients: usize, batch: usize) -> Result<Everyone, StudyError> {
    let mut screening = Screening { batch, ..Screening::new(trial, patients) };
    let entered = screening.next(patients, Seed(11), &options(patients), &())?.expect("somebody is wanted");
    assert!(screening.next(patients, Seed(11), &options(patients), &())?.is_none());
    Ok(Everyone { entered, of: screening.into_screened() })
}

fn cohort(trial: &Prepared, patients: usize, batch: usize) -> Everyone {
    screen(trial, patients, batch).expect("enough are eligible")
}

/// Equal to the bit.
fn same(a: &Entered, b: &Entered) {
    let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(a.cohort.numbers, b.cohort.numbers);
    assert_eq!(bits(&a.cohort.values), bits(&b.cohort.values));
    assert_eq!(bits(&a.snapshots.states), bits(&b.snapshots.states));
    assert_eq!(bits(&a.snapshots.parameters), bits(&b.snapshots.parameters));
    assert_eq!(a.snapshots.draws, b.snapshots.draws);
    assert_eq!(a.day, b.day);
}

#[test]
fn batches_do_not_matter() {
    let (trial, _) = toy(&[]);
    let whole = cohort(&trial, 40, 512);
    for batch in [7, 64] {
        let again = cohort(&trial, 40, batch);
        same(&again.entered, &whole.entered);
        assert_eq!(again.of, whole.of);
    }
}

/// The cohort is the same in however many pieces it is handed out.
#[test]
fn pieces_do_not_matter() {
    let (trial, _) = toy(&[]);
    let whole = cohort(&trial, 40, 512);
    for most in [1, 9, 39] {
        let mut screening = Screening { batch: 16, ..Screening::new(&trial, 40) };
        let mut pieces: Option<Entered> = None;
        while let Some(piece) = screening.next(most, Seed(11), &options(40), &()).unwrap() {
            assert!(piece.cohort.numbers.len() <= most);
            match &mut pieces {
                None => pieces = Some(piece),
                Some(all) => {
                    append(&mut all.cohort, &piece.cohort);
                    all.snapshots.append(&piece.snapshots);
                }
            }
        }
        same(&pieces.unwrap(), &whole.entered);
        assert_eq!(screening.into_screened(), whole.of);
    }
}

#[test]
fn a_larger_cohort_extends_a_smaller_one() {
    let (trial, _) = toy(&[]);
    let (small, large) = (cohort(&trial, 15, 512), cohort(&trial, 40, 512));
    let first: Vec<usize> = (0..15).collect();
    assert_eq!(small.entered.cohort.numbers, large.entered.cohort.numbers[..15]);
    assert_eq!(small.entered.cohort, large.entered.cohort.select(&first));
    assert_eq!(small.entered.snapshots, large.entered.snapshots.select(&first));
    assert!(small.of.screened < large.of.screened);
}

#[test]
fn everyone_screened_is_accounted_for() {
    let (trial, _) = toy(&[]);
    let Everyone { entered, of } = cohort(&trial, 150, 512);
    let refused: usize = of.not_entered.iter().map(|(_, n)| n).sum();
    assert_eq!(of.screened, 150 + refused + of.failures.len());
    assert_eq!(of.screened as u64, entered.cohort.numbers[149] + 1, "up to the last who entered");
    let reasons: Vec<&str> = of.not_entered.iter().map(|(reason, _)| reason.as_str()).collect();
    assert_eq!(reasons, ["not frail", "fewer than two hits", DIED], "in the order of the conditions");
    // A fifth is frail.
    let frail = of.not_entered[0].1 as f64 / of.screened as f64;
    assert!((frail - 0.2).abs() < 0.1, "{frail}");
    assert!(!of.failures.is_empty(), "some have no solution");
    let flaw = entered.cohort.column("flaw").unwrap();
    assert!((0..150).all(|row| entered.cohort.value(row, flaw) == 0.0));
    assert!(of.failures.iter().all(|failure| failure.patient < of.screened as u64));
}

/// The value of a state or parameter in a patient's snapshot.
fn value(trial: &Prepared, entered: &Entered, row: usize, name: &str) -> f64 {
    let find = |list: &[regraft_model::program::Quantity]| list.iter().position(|q| q.name == name);
    match (find(&trial.program.states), find(&trial.program.parameters)) {
        (Some(state), _) => entered.snapshots.states_of(row)[state],
        (_, Some(parameter)) => entered.snapshots.parameters_of(row)[parameter],
        _ => panic!("the model has no `{name}`"),
    }
}

#[test]
fn phases_set_and_give_back_everyones_own_values() {
    let (trial, _) = toy(&[]);
    let entered = cohort(&trial, 20, 512).entered;
    let pace = entered.cohort.column("pace").unwrap();
    let of = |row, name| value(&trial, &entered, row, name);
    for row in 0..20 {
        assert_eq!(of(row, "pace"), entered.cohort.value(row, pace), "own pace after the burn-in");
        assert_eq!(of(row, "events_on"), 1.0);
        assert_eq!(of(row, "crossed"), 0.0, "back after the run-in");
        assert_eq!(of(row, "entered"), 1.0);
        // Hits add up in the 100 days of the run-in alone, not in the 200 of the burn-in.
        assert!((of(row, "hit_cumulative") - 0.2).abs() < 1e-6);
        // 200 days at pace 3 bring the burden to its attractor: 2 − e^(−30).
        assert!((of(row, "burden") - 2.0).abs() < 1e-5);
    }
}

/// Patients go on from where they stood, with the draws they have used.
#[test]
fn a_course_goes_on_from_the_snapshot() {
    let (trial, _) = toy(&[]);
    let entered = cohort(&trial, 60, 512).entered;
    let later = Plan { start: entered.day, end: entered.day, ..Plan::default() };
    let hits = trial.program.states.iter().chain(&trial.program.parameters);
    assert!(hits.map(|q| q.name.as_str()).any(|name| name == "hits"));
    let outputs = Outputs {
        times: vec![entered.day],
        observables: ["hit_threshold", "hit_cumulative"].map(|name| found(&trial, name)).to_vec(),
    };
    let again = simulate(
        &trial.program,
        &with_settings(&entered.cohort, &[]),
        Start::From(&entered.snapshots),
        &later,
        &outputs,
        &sim_options(Seed(11), &options(60)),
        &(),
    )
    .unwrap();
    for row in 0..60 {
        let at = again.trajectories.at(row, 0);
        assert_eq!(
            at,
            [value(&trial, &entered, row, "hit_threshold"), value(&trial, &entered, row, "hit_cumulative")]
        );
        // One draw at the start, one more for each hit so far.
        let used: u32 = entered.snapshots.draws_of(row).iter().sum();
        assert_eq!(
            f64::from(used),
            2.0 + value(&trial, &entered, row, "hits"),
            "hits and deaths have a draw each"
        );
    }
}

fn found(trial: &Prepared, name: &str) -> Found {
    let position = |list: &[regraft_model::program::Quantity]| list.iter().position(|q| q.name == name);
    match (position(&trial.program.states), position(&trial.program.parameters)) {
        (Some(state), _) => Found::State(state as u32),
        (_, Some(parameter)) => Found::Parameter(parameter as u32),
        _ => panic!("the model has no `{name}`"),
    }
}

#[test]
fn too_few_eligible_are_told_with_their_reasons() {
    let (trial, _) = toy(&[("populations/people.toml", "frailty < 0.8", "frailty < 0.001")]);
    let error = screen(&trial, 3, BATCH).err().unwrap();
    let StudyError::TooFewEligible { found, wanted, screened, funnel } = error else { panic!("{error}") };
    assert_eq!((found, wanted, screened), (0, 3, 60), "20 candidates per patient and no more");
    assert_eq!(funnel[0].0, "not frail");
    assert!(funnel.iter().map(|(_, n)| n).sum::<usize>() <= 60);
}

#[test]
fn a_model_that_cannot_be_solved_is_refused_early() {
    let (trial, _) = toy(&[("populations/people.toml", "probability = 0.02", "probability = 0.5")]);
    let error = screen(&trial, 400, BATCH).err().unwrap();
    let StudyError::TooManyFailed { arm, failed, n, .. } = error else { panic!("{error}") };
    assert_eq!((arm.as_str(), n), ("before entry", 512));
    assert!((200..312).contains(&failed));
}

/// Stops at the first question.
struct Impatient;

impl Watch for Impatient {
    fn stage(&self, _what: &str, _patients: u64) {}
    fn advance(&self, _patients: u64) {}
    fn cancelled(&self) -> bool {
        true
    }
}

#[test]
fn screening_can_be_stopped() {
    let (trial, _) = toy(&[]);
    let stopped = Screening::new(&trial, 5).next(5, Seed(11), &options(5), &Impatient);
    assert!(matches!(stopped, Err(StudyError::Cancelled)));
}

#[test]
fn equal_columns_of_factors_are_kept_once() {
    let (trial, _) = toy(&[]);
    let entered = cohort(&trial, 3, 512).entered;
    let mut factors = Factors::new(&entered.cohort);
    assert_eq!(factors.column(vec![1.0, 2.0, 3.0]), 0);
    assert_eq!(factors.column(vec![1.0, 2.0, 4.0]), 1);
    assert_eq!(factors.column(vec![1.0, 2.0, 3.0]), 0);
    let mut patients = with_settings(&entered.cohort, &[]);
    factors.fill(&mut patients);
    assert_eq!((patients.n_factors, &patients.factors[..2]), (2, &[1.0, 1.0][..]));
    let settings = [PlannedSetting { target: Target::Parameter(0), amount: PlannedAmount::fixed(4.0) }];
    assert_eq!(with_settings(&entered.cohort, &settings).values, [4.0; 3]);
}
