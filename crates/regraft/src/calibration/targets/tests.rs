//! Scales, and weights of numbers that would be counted twice.

use super::*;
use crate::findings::hand_made::published;

fn target(trial: &str, line: usize) -> Target {
    let row = Published { trial_id: trial.into(), line, ..published(40.0, None, CiKind::None) };
    Target { published: row, ..of_nothing("a", Kind::Share) }
}

#[test]
fn scales_lead_there_and_back() {
    for (kind, value) in [(Kind::Share, 0.2), (Kind::Mean, -3.0), (Kind::Rate, 0.7), (Kind::Ratio, 1.6)] {
        let linked = kind.linked(value).expect("it has a place");
        assert!((kind.unlinked(linked) - value).abs() < 1e-12);
        let step = 1e-6;
        let slope = (kind.linked(value + step).unwrap() - kind.linked(value - step).unwrap()) / (2.0 * step);
        assert!((slope / kind.slope(value) - 1.0).abs() < 1e-6, "{kind:?}");
    }
    assert_eq!((Kind::Share.linked(1.0), Kind::Rate.linked(0.0)), (None, None));
}

#[test]
fn the_standard_error_is_that_of_the_interval_on_its_scale() {
    let wilson = published(50.0, Some((40.0, 60.0)), CiKind::Wilson);
    let error = standard_error(Kind::Share, &wilson, Some(96.0)).expect("it has an interval");
    assert!((error - 2.0 * (0.6_f64 / 0.4).ln() / (2.0 * 1.959_963_98)).abs() < 1e-6);
    assert_eq!(standard_error(Kind::Share, &published(50.0, None, CiKind::None), Some(96.0)), None);
    let none = published(0.0, Some((0.0, 4.0)), CiKind::Printed);
    assert!(
        standard_error(Kind::Share, &none, Some(90.0)).is_some_and(f64::is_finite),
        "an end at 0 is put inside"
    );
}

#[test]
fn rows_and_patients_count_once() {
    let mut all = vec![target("A", 2), target("A", 2), target("B", 3), target("C", 4)];
    weigh(&mut all, &[vec!["B".into(), "C".into(), "not here".into()]]);
    let weights: Vec<f64> = all.iter().map(|target| target.weight).collect();
    assert_eq!(weights, [0.5, 0.5, 0.5, 0.5]);
}
