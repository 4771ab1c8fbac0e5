//! Cohorts whose variances are known.

use regraft_stats::Seed;
use regraft_trial::trial_file::Method;

use super::*;
use crate::findings::analyze;
use crate::findings::hand_made::{self, TwoArms, times};

const PATIENTS: usize = 1000;
const AGAIN: usize = 512;
const PARAMETERS: usize = 20;

/// What adds to a score: the parameters together, the patient, the fate; standard deviations.
#[derive(Clone, Copy)]
struct Sds {
    parameters: f64,
    patient: f64,
    chance: f64,
}

/// Lives of people whose scores are known: with the mean, with another fate, with a draw each. Two arms; in the second
/// nothing counts but the patient.
struct World {
    numbers: Vec<u64>,
    mean: Vec<Vec<Outcome>>,
    again: Vec<Vec<Outcome>>,
    members: Vec<Vec<Outcome>>,
    draws: Vec<f64>,
}

impl World {
    fn new(sds: Sds, seed: u64) -> World {
        let numbers: Vec<u64> = (0..PATIENTS as u64).map(|row| 3 * row).collect();
        let draw = |name: &str, number: u64, index: u64| Seed(seed).stream(number, name).normal(index);
        let drawn = |number: u64| (0..PARAMETERS as u64).map(move |index| (number, index));
        let draws: Vec<f64> =
            numbers.iter().flat_map(|n| drawn(*n)).map(|(n, i)| draw("parameter", n, i)).collect();
        // Three of the parameters count.
        let by_draw = |number: u64| {
            let of = |index: u64| draw("parameter", number, index);
            sds.parameters * (2.0 * of(0) - of(3) + 2.0 * of(7)) / 3.0
        };
        let scores = |fate: &str, with_draws: bool, n: usize| {
            let value = |number: &u64| {
                let own = if with_draws { by_draw(*number) } else { 0.0 };
                own + sds.patient * draw("patient", *number, 0) + sds.chance * draw(fate, *number, 0)
            };
            let other = |number: &u64| sds.patient * draw("patient", *number, 0);
            let score = |values: Vec<f64>| vec![Outcome::Scores { days: vec![100.0], values }];
            vec![
                score(numbers[..n].iter().map(value).collect()),
                score(numbers[..n].iter().map(other).collect()),
            ]
        };
        World {
            mean: scores("first", false, PATIENTS),
            again: scores("second", false, AGAIN),
            members: scores("first", true, PATIENTS),
            draws,
            numbers,
        }
    }

    fn doubt(&self, sizes: &'static [Option<usize>]) -> Doubt<'_> {
        let lives = |outcomes| Lives { numbers: &self.numbers, outcomes };
        Doubt {
            mean: lives(&self.mean),
            again: &self.again,
            members: Ok(Members {
                lives: lives(&self.members),
                draws: self.draws.clone(),
                width: PARAMETERS,
            }),
            sizes,
            n_patients: PATIENTS,
        }
    }
}

fn plan() -> AnalysisPlan {
    AnalysisPlan {
        endpoint: 0,
        endpoint_id: "score".into(),
        title: String::new(),
        definition: String::new(),
        method: Method::Mean,
        arms: vec![0],
        versus: None,
        at_days: vec![Some(100.0)],
        zeros: vec![0.0, 0.0],
        level: 0.95,
        role: "benefit".into(),
        direction: "benefit".into(),
        unit: "points".into(),
        published: Vec::new(),
    }
}

const FIFTY: &[Option<usize>] = &[Some(50), Some(200)];

fn found(sds: Sds, plan: &AnalysisPlan) -> Parts {
    parts(plan, &World::new(sds, 2).doubt(FIFTY))[0].clone().expect("there are patients enough")
}

fn sum(parts: &Parts) -> f64 {
    parts.parameters.unwrap_or(0.0) + parts.patients + parts.chance
}

#[test]
fn each_part_is_found_alone_and_together() {
    for (parameters, patient, chance) in
        [(1.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 3.0), (0.3, 2.0, 1.0), (1.0, 0.5, 0.5)]
    {
        let found = found(Sds { parameters, patient, chance }, &plan());
        let of = [parameters * parameters, patient * patient / 50.0, chance * chance / 50.0];
        let whole: f64 = of.iter().sum();
        let told = [found.parameters.expect("they are split"), found.patients, found.chance];
        for (told, part) in told.into_iter().zip(of) {
            assert!((told - part / whole).abs() < 0.08, "{parameters} {patient} {chance}: {found:?}");
        }
        assert!((found.sd / whole.sqrt() - 1.0).abs() < 0.12, "{found:?}");
        assert!((sum(&found) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn intervals_hold_the_parts() {
    let sds = Sds { parameters: 0.25, patient: 1.5, chance: 1.5 };
    let whole = 0.0625 + 4.5 / 50.0;
    let (mut held, worlds) = ([0; 3], 40);
    for world in 0..worlds {
        let found = parts(&plan(), &World::new(sds, world).doubt(FIFTY))[0].clone().expect("enough");
        let ends = [
            (found.parameters_low.expect("split"), found.parameters_high.expect("split")),
            (found.patients_low, found.patients_high),
            (found.chance_low, found.chance_high),
        ];
        for (held, ((low, high), part)) in held.iter_mut().zip(ends.iter().zip([0.0625, 0.045, 0.045])) {
            *held += usize::from((*low..=*high).contains(&(part / whole)));
        }
    }
    // 90 % of 40, give or take three standard errors.
    assert!(held.iter().all(|held| (30..=40).contains(held)), "{held:?}");
}

#[test]
fn a_difference_owes_to_the_patients_of_both_arms() {
    let with_versus = AnalysisPlan { versus: Some(1), ..plan() };
    let found = found(Sds { parameters: 0.0, patient: 2.0, chance: 0.0 }, &with_versus);
    // In pairs the difference would be certain; other patients are in each arm of a trial.
    assert!((found.sd - (4.0_f64 / 50.0 + 4.0 / 200.0).sqrt()).abs() < 0.03, "{found:?}");
    assert!(found.patients > 0.9, "{found:?}");
}

#[test]
fn small_trials_owe_more_to_patients() {
    let of = Variances { parameters: Some((0.1, 0.02)), within: (1.0, 0.05), chance: (0.6, 0.1) };
    let large = Variances { within: (0.01, 0.0005), chance: (0.006, 0.001), ..of };
    let (small, large) =
        (shares(of, 10, None).expect("a whole"), shares(large, 1000, None).expect("a whole"));
    assert!((small.parameters.unwrap() - 0.1 / 1.1).abs() < 1e-12 && large.parameters.unwrap() > 0.9);
    assert!((small.sd - 1.1_f64.sqrt()).abs() < 1e-12);
    assert!(small.parameters_low < small.parameters && small.parameters < small.parameters_high);
    // What draws do not show at all is none, and its interval begins there.
    let none = shares(Variances { parameters: Some((-0.1, 0.2)), ..of }, 10, None).expect("a whole");
    assert_eq!((none.parameters, none.parameters_low), (Some(0.0), Some(0.0)));
    assert!(none.parameters_high > Some(0.1));
    assert_eq!(
        shares(Variances { parameters: None, within: (0.0, 0.0), chance: (0.0, 0.0) }, 10, None),
        None
    );
}

#[test]
fn what_is_not_split_says_so() {
    let world = World::new(Sds { parameters: 1.0, patient: 1.0, chance: 1.0 }, 2);
    let without = Doubt { members: Err("no posterior".into()), ..world.doubt(FIFTY) };
    let found = parts(&plan(), &without)[0].clone().expect("patients and chance are split");
    assert_eq!((found.parameters, found.reason.as_deref()), (None, Some("no posterior")));
    assert!((sum(&found) - 1.0).abs() < 1e-12);
    let nobody = vec![vec![world.again[0][0].of_nobody()]; 2];
    let once = Doubt { again: &nobody, ..world.doubt(FIFTY) };
    assert_eq!(parts(&plan(), &once), [None]);
}

#[test]
fn an_end_of_a_ratio_at_nothing_stays_there() {
    let ends: Vec<(f64, u8)> = (0..80).map(|row| (10.0 + f64::from(row), u8::from(row % 3 == 0))).collect();
    let arms = TwoArms::of(80, times(&ends), times(&ends), Some(20));
    let ratio = AnalysisPlan { versus: Some(1), ..hand_made::plan(Method::HazardRatio, &[]) };
    let mut findings = analyze(&ratio, &arms.setting());
    findings[0].predicted_low = Some(0.0);
    let high = findings[0].predicted_high;
    let of = Variances { parameters: Some((3.0, 0.1)), within: (1.0, 0.05), chance: (0.5, 0.1) };
    add(&mut findings, &ratio, vec![shares(of, 20, None)], &[Some(20), Some(20)]);
    assert_eq!(findings[0].predicted_low, Some(0.0));
    assert!(findings[0].predicted_high > high, "{:?}", findings[0]);
}

#[test]
fn a_prediction_widens_by_the_parameters() {
    let ends: Vec<(f64, u8)> = (0..80).map(|row| (10.0 + f64::from(row), u8::from(row % 3 == 0))).collect();
    let arms = TwoArms::of(80, times(&ends), times(&ends), Some(20));
    let by_day = hand_made::plan(Method::CumulativeIncidence, &[50.0]);
    let mut findings = analyze(&by_day, &arms.setting());
    let before = (findings[0].predicted_low, findings[0].predicted_high);
    let of = Variances { parameters: Some((3.0, 0.1)), within: (1.0, 0.05), chance: (0.5, 0.1) };
    add(&mut findings, &by_day, vec![shares(of, 20, None)], &[Some(20), Some(20)]);
    let after = (findings[0].predicted_low, findings[0].predicted_high);
    assert!(after.0 < before.0 && before.1 < after.1, "{before:?} {after:?}");
    assert!(after.0 > Some(0.0) && after.1 < Some(100.0), "a share stays one: {after:?}");
    let parts = findings[0].parts.as_ref().expect("it was given");
    assert!(parts.parameters > Some(0.7));
}

/// People who stand for themselves, some of them counting half.
#[test]
fn the_doubt_about_people_is_that_of_so_many_of_them() {
    let sds = Sds { parameters: 0.4, patient: 2.0, chance: 1.0 };
    let world = World::new(sds, 5);
    let score = |lives: &[Vec<Outcome>]| match &lives[0][0] {
        Outcome::Scores { values, .. } => values.clone(),
        _ => unreachable!("scores were made"),
    };
    let weights: Vec<f64> = (0..PATIENTS).map(|row| if row % 4 == 0 { 0.5 } else { 1.0 }).collect();
    let (mean, again, drawn) = (score(&world.mean), score(&world.again), score(&world.members));
    let twice = |own: &[f64]| -> Vec<(f64, f64, f64)> {
        (0..AGAIN).map(|row| (weights[row], own[row], again[row])).collect()
    };
    let draws = Draws { numbers: &world.numbers, values: &world.draws, width: PARAMETERS };
    let explained = by_draws(&world.numbers, &mean, draws, &drawn).expect("people enough");
    let people = People {
        adds: &mean,
        weights: &weights,
        twice: &twice(&mean),
        parameters: Ok(explained),
        hold_parameters: false,
    };
    let found = of_people(&people).expect("people enough");
    let n = (0.75 + 0.125_f64).powi(2) / (0.75 + 0.0625) * PATIENTS as f64;
    let whole = 0.16 + 5.0 / n;
    assert_eq!(found.n, n.round() as usize);
    let told = [found.parameters.expect("split"), found.patients, found.chance];
    for (told, part) in told.into_iter().zip([0.16, 4.0 / n, 1.0 / n]) {
        assert!((told - part / whole).abs() < 0.03, "{found:?}");
    }
    assert!((found.sd / whole.sqrt() - 1.0).abs() < 0.1 && (sum(&found) - 1.0).abs() < 1e-12);
    // One life holds the same parameters, and all of the patient and of chance.
    let one = found.of_one();
    let told = [one.parameters.expect("split"), one.patients, one.chance];
    for (told, part) in told.into_iter().zip([0.16, 4.0, 1.0]) {
        assert!((told - part / 5.16).abs() < 0.03, "{one:?}");
    }
    assert!((one.sd / 5.16_f64.sqrt() - 1.0).abs() < 0.1 && (sum(&one) - 1.0).abs() < 1e-12);
    // Where people hold the parameters themselves, these are no patients; and few who lived twice say nothing.
    let held = People { adds: &drawn, twice: &[], ..people.clone() };
    assert_eq!(of_people(&held), None);
    let with_draws: Vec<(f64, f64, f64)> =
        (0..AGAIN).map(|row| (1.0, drawn[row], again[row] + drawn[row] - mean[row])).collect();
    let held = People { twice: &with_draws, hold_parameters: true, weights: &[1.0; PATIENTS], ..held };
    let found = of_people(&held).expect("people enough");
    assert!((found.patients / found.chance - 4.0).abs() < 0.8, "{found:?}");
}
