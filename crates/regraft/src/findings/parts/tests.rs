//! Cohorts whose variances are known.

use regraft_stats::Seed;
use regraft_trial::trial_file::Method;

use super::*;

const MEMBERS: usize = 100;
const PATIENTS: usize = 3200;

/// Scores at one visit: member, patient and fate add normal draws with these standard deviations.
fn scores(member: f64, patient: f64, chance: f64) -> (Vec<Vec<Outcome>>, Vec<Vec<Outcome>>, Vec<usize>) {
    let members: Vec<usize> = (0..PATIENTS).map(|row| row % MEMBERS).collect();
    let draw = |name: &str, number: usize| Seed(2).stream(number as u64, name).normal(0);
    let values = |fate: &str| {
        let value = |row: usize| {
            member * draw("member", members[row]) + patient * draw("patient", row) + chance * draw(fate, row)
        };
        vec![vec![Outcome::Scores { days: vec![100.0], values: (0..PATIENTS).map(value).collect() }]]
    };
    (values("first"), values("second"), members)
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
        zeros: vec![0.0],
        level: 0.95,
        role: "benefit".into(),
        direction: "benefit".into(),
        unit: "points".into(),
        published: Vec::new(),
    }
}

fn found(member: f64, patient: f64, chance: f64) -> Variances {
    let (first, second, members) = scores(member, patient, chance);
    let fates = Fates { first: &first, second: &second, members: &members, sizes: &[Some(50)] };
    variances(&plan(), &fates, 0)[0].expect("there are members enough")
}

#[test]
fn each_part_is_found_alone_and_together() {
    let near =
        |found: f64, true_value: f64, least: f64| (found - true_value).abs() < 0.35 * true_value + least;
    for (member, patient, chance) in [(1.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 3.0), (0.5, 2.0, 1.0)] {
        let v = found(member, patient, chance);
        assert!(near(v.parameters, member * member, 0.06), "{member} {patient} {chance}: {v:?}");
        assert!(near(v.patients, patient * patient, 0.9), "{member} {patient} {chance}: {v:?}");
        assert!(near(v.chance, chance * chance, 0.3), "{member} {patient} {chance}: {v:?}");
    }
}

#[test]
fn parts_add_up_and_small_trials_owe_more_to_patients() {
    let variances = Variances { parameters: 0.1, patients: 4.0, chance: 6.0 };
    let (small, large) = (parts(variances, 10), parts(variances, 1000));
    for parts in [small, large] {
        assert!((parts.parameters + parts.patients + parts.chance - 1.0).abs() < 1e-12);
    }
    assert!((small.parameters - 0.1 / 1.1).abs() < 1e-12 && large.parameters > 0.9);
    assert!((small.sd - 1.1_f64.sqrt()).abs() < 1e-12);
}

#[test]
fn few_members_say_nothing() {
    let (first, second, _) = scores(1.0, 1.0, 1.0);
    let members: Vec<usize> = (0..PATIENTS).map(|row| row % 4).collect();
    let fates = Fates { first: &first, second: &second, members: &members, sizes: &[None] };
    assert_eq!(variances(&plan(), &fates, 0), [None]);
}
