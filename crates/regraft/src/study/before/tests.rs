//! Run-ins of each person's own length.

use super::*;
use crate::study::toy::{HIT_RATE, options, toy};

const OWN: [(&str, &str, &str); 2] = [
    ("populations/people.toml", "days = 100", "days_of = \"lead\""),
    (
        "populations/people.toml",
        "[run_in]",
        "[[trait]]\nname = \"lead\"\nunit = \"day\"\ndistribution = { kind = \"uniform\", low = 10, high = 200 }\nsource = \"assumed\"\nwhy = \"a test\"\n[run_in]",
    ),
];

fn brought(trial: &Prepared, cohort: &Cohort, times: Vec<f64>) -> Before {
    let hits = trial.program.find("hit_cumulative").expect("the model has it");
    let outputs = Outputs { times, observables: vec![hits] };
    before_entry_reading(trial, cohort, 0.0, outputs, Seed(11), &options(1), &()).expect("it runs")
}

/// The hazard grows over the person's own weeks, everyone keeps their place, and who is simulated alone is the same
/// person to the bit.
#[test]
fn everyone_has_their_own_time_before_entry() {
    let (trial, _) = toy(&OWN);
    let cohort = trial.recipe.draw_cohort(Seed(11), &(0..30).collect::<Vec<u64>>());
    let (lead, flaw) = (cohort.column("lead").expect("drawn"), cohort.column("flaw").expect("drawn"));
    let all = brought(&trial, &cohort, vec![-70.0, 0.0]);
    assert_eq!(all.end.n_patients(), 30);
    for row in (0..30).filter(|row| cohort.value(*row, flaw) == 0.0) {
        let days = weeks(cohort.value(row, lead));
        if all.status[row] == SolveStatus::Finished {
            let (early, late) = (all.trajectories.at(row, 0)[0], all.trajectories.at(row, 1)[0]);
            assert!((early - HIT_RATE * (days - 70.0).max(0.0)).abs() < 1e-6, "{early} in {days} days");
            assert!((late - HIT_RATE * days).abs() < 1e-6, "{late} in {days} days");
            assert_eq!(ill_since(&trial, &cohort, row, 0.0), -days);
        }
        let alone = brought(&trial, &cohort.select(&[row]), vec![-70.0, 0.0]);
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(alone.end.states_of(0)), bits(all.end.states_of(row)), "person {row}");
        assert_eq!(alone.status[0], all.status[row]);
    }
}

#[test]
fn a_length_is_told_in_whole_weeks() {
    assert_eq!([0.0, 3.0, 10.0, 11.0, 365.25].map(weeks), [7.0, 7.0, 7.0, 14.0, 364.0]);
}
