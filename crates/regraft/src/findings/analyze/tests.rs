//! Findings: intervals, verdicts and reasons, and that JSON holds finite numbers or null.

use super::super::CiKind;
use super::super::hand_made::{TwoArms, against, plan, published, survival, times};
use super::*;
use crate::outcomes::Counted;
use regraft_stats::{cumulative_incidence, kaplan_meier, mean_interval};

const SIX: [(f64, u8); 6] = [(10.0, 1), (20.0, 2), (25.0, 0), (30.0, 1), (40.0, 0), (50.0, 0)];

fn six() -> TwoArms {
    TwoArms::of(6, times(&SIX), times(&[(9.0, 0); 6]), None)
}

fn one(plan: &AnalysisPlan, arms: &TwoArms) -> Finding {
    let mut findings = analyze(plan, &arms.setting());
    assert_eq!(findings.len(), 1);
    findings.remove(0)
}

fn interval(finding: &Finding) -> (f64, f64) {
    (finding.ci_low.expect("a lower end"), finding.ci_high.expect("an upper end"))
}

fn near(a: (f64, f64), b: (f64, f64)) {
    assert!((a.0 - b.0).abs() < 1e-10 && (a.1 - b.1).abs() < 1e-10, "{a:?} is not {b:?}");
}

#[test]
fn curves_carry_the_estimators_own_interval_at_the_analysis_level() {
    for level in [0.95, 0.90] {
        let at = |method| AnalysisPlan { level, ..plan(method, &[30.0]) };
        let (low, high) = kaplan_meier(&survival(&SIX), level).at(30.0).unwrap().interval().unwrap();
        let finding = one(&at(Method::KaplanMeier), &six());
        near(interval(&finding), (100.0 * low, 100.0 * high));
        assert_eq!((finding.ci_level, finding.n, finding.time_days), (level, 6, Some(30.0)));
        let finding = one(&at(Method::KaplanMeierComplement), &six());
        near(interval(&finding), (100.0 - 100.0 * high, 100.0 - 100.0 * low));
        let incidence = cumulative_incidence(&survival(&SIX), 1, level).at(30.0).unwrap();
        let finding = one(&at(Method::CumulativeIncidence), &six());
        near(interval(&finding), (100.0 * incidence.low, 100.0 * incidence.high));
        let (low, high) = wilson(2.0, 6.0, level);
        near(interval(&one(&at(Method::Proportion), &six())), (100.0 * low, 100.0 * high));
    }
}

#[test]
fn a_lower_level_gives_a_narrower_interval() {
    let width = |level| {
        let (low, high) =
            interval(&one(&AnalysisPlan { level, ..plan(Method::KaplanMeier, &[30.0]) }, &six()));
        high - low
    };
    assert!(width(0.90) < 0.95 * width(0.95));
}

#[test]
fn a_mean_carries_students_interval() {
    let outcome = || Outcome::Scores { days: vec![0.0], values: vec![1.0, 2.0, 6.0] };
    let finding = one(&plan(Method::Mean, &[0.0]), &TwoArms::of(3, outcome(), outcome(), None));
    let expected = mean_interval(&[1.0, 2.0, 6.0], 0.95);
    near(interval(&finding), (expected.low, expected.high));
    assert_eq!((finding.estimate, finding.n), (Some(3.0), 3));
    let alone = || Outcome::Scores { days: vec![0.0], values: vec![1.0] };
    let finding = one(&plan(Method::Mean, &[0.0]), &TwoArms::of(1, alone(), alone(), None));
    assert_eq!((finding.estimate, finding.ci_low), (Some(1.0), None));
    assert!(finding.reason.unwrap().contains("one patient alone"));
}

#[test]
fn every_arm_and_day_is_reported_but_not_the_arm_compared_with() {
    let both = AnalysisPlan { arms: vec![0, 1], ..plan(Method::KaplanMeier, &[5.0, 8.0]) };
    let found: Vec<(String, Option<f64>)> =
        analyze(&both, &six().setting()).into_iter().map(|f| (f.arm, f.time_days)).collect();
    let expected = [("a", 5.0), ("a", 8.0), ("b", 5.0), ("b", 8.0)];
    assert_eq!(found, expected.map(|(arm, day)| (arm.to_string(), Some(day))));
    let compared = AnalysisPlan { arms: vec![0, 1], ..against(Method::KaplanMeier, &[5.0]) };
    let finding = one(&compared, &six());
    assert_eq!((finding.arm.as_str(), finding.versus.as_deref()), ("a", Some("b")));
}

#[test]
fn what_cannot_be_estimated_is_null_with_a_reason() {
    let late = one(&plan(Method::KaplanMeier, &[70.0]), &six());
    assert_eq!((late.estimate, late.ci_low, late.predicted_low), (None, None, None));
    assert_eq!(late.reason.as_deref(), Some("no patient is followed until that day"));
    let ratio = one(&against(Method::HazardRatio, &[]), &six());
    assert_eq!((ratio.estimate, ratio.ci_high), (None, None));
    assert_eq!(ratio.reason.as_deref(), Some("no events in the arm compared with: there is no ratio"));
    let median = one(&plan(Method::MedianDay, &[]), &six());
    assert_eq!(median.estimate, None);
    assert!(median.reason.unwrap().starts_with("fewer than half"));
}

#[test]
fn no_event_and_every_event_have_an_estimate_but_no_interval() {
    let before = one(&plan(Method::KaplanMeier, &[9.0]), &six());
    assert_eq!((before.estimate, before.ci_low), (Some(100.0), None));
    assert!(before.reason.unwrap().starts_with("no interval: no event until that day"));
    let all = TwoArms::of(3, times(&[(1.0, 1); 3]), times(&[(1.0, 1); 3]), None);
    let after = one(&plan(Method::CumulativeIncidence, &[5.0]), &all);
    assert_eq!((after.estimate, after.ci_high), (Some(100.0), None));
    assert!(after.reason.unwrap().starts_with("no interval: every patient had the event"));
    // A proportion has Wilson's.
    assert_eq!(interval(&one(&plan(Method::Proportion, &[9.0]), &six())).0, 0.0);
}

/// Resamples of nothing are nothing: an interval from 0 to 0 would claim certainty.
#[test]
fn resampling_without_events_gives_no_interval() {
    let counted = |days: &[f64]| Some(Counted { from: 0.0, to: 365.25, days: days.to_vec(), scans: None });
    let rates = |days: &[f64]| Outcome::Rates(vec![counted(days); 5]);
    let none = one(&plan(Method::AnnualRate, &[]), &TwoArms::of(5, rates(&[]), rates(&[]), Some(5)));
    assert_eq!((none.estimate, none.ci_low, none.ci_high), (Some(0.0), None, None));
    assert_eq!(none.reason.as_deref(), Some("no interval: no event happened"));
    let some = one(&plan(Method::AnnualRate, &[]), &TwoArms::of(5, rates(&[3.0]), rates(&[]), Some(5)));
    assert_eq!((some.estimate, some.ci_low, some.reason), (Some(1.0), Some(1.0), None));
}

#[test]
fn an_interval_open_above_has_no_upper_end_and_says_so() {
    let half: Vec<(f64, u8)> = (0..60).map(|k| if k < 31 { (k as f64, 1) } else { (100.0, 0) }).collect();
    let finding = one(&plan(Method::MedianDay, &[]), &TwoArms::of(60, times(&half), times(&half), Some(20)));
    assert!(finding.estimate.is_some() && finding.ci_low.is_some());
    assert_eq!((finding.ci_high, finding.predicted_high), (None, None));
    assert!(finding.reason.unwrap().contains("the interval has no upper end"));
}

#[test]
fn without_a_published_size_there_is_no_prediction() {
    let finding = one(&plan(Method::KaplanMeier, &[30.0]), &six());
    assert_eq!((finding.predicted_low, finding.predicted_high), (None, None));
    assert_eq!(finding.reason.as_deref(), Some("no prediction: the published size is not known"));
}

/// Whatever is missing, the JSON is valid and holds finite numbers or null.
#[test]
fn json_never_holds_nan() {
    let methods = [
        Method::KaplanMeier,
        Method::KaplanMeierComplement,
        Method::CumulativeIncidence,
        Method::Proportion,
        Method::MedianDay,
        Method::HazardRatio,
    ];
    let arms = [
        TwoArms::of(0, times(&[]), times(&[]), Some(10)),
        TwoArms::of(1, times(&[(0.0, 1)]), times(&[(0.0, 0)]), Some(1)),
        TwoArms::of(6, times(&SIX), times(&[(9.0, 0); 6]), Some(0)),
        TwoArms::of(6, times(&SIX), times(&SIX), Some(3)),
        TwoArms::of(2, Outcome::Times(vec![None; 2]), times(&[(0.0, 1); 2]), Some(3)),
    ];
    for (case, arms) in arms.iter().enumerate() {
        for plan in methods.iter().flat_map(|m| [plan(*m, &[0.0, 30.0]), against(*m, &[0.0, 30.0])]) {
            for finding in analyze(&plan, &arms.setting()) {
                let numbers = [
                    finding.estimate,
                    finding.ci_low,
                    finding.ci_high,
                    finding.predicted_low,
                    finding.predicted_high,
                ];
                assert!(numbers.iter().flatten().all(|x| x.is_finite()), "case {case}: {finding:?}");
                let missing = numbers.iter().any(Option::is_none);
                assert_eq!(missing, finding.reason.is_some(), "case {case}: {finding:?}");
                assert!(finding.reason.as_deref() != Some(""), "case {case}");
                let json = serde_json::to_value(&finding).unwrap();
                assert_eq!(json["estimate"].is_null(), finding.estimate.is_none(), "case {case}");
            }
        }
    }
}

fn beside(values: Vec<(usize, Option<f64>, Published)>, days: &[f64]) -> Vec<Finding> {
    let plan = AnalysisPlan { published: values, ..plan(Method::Proportion, days) };
    analyze(&plan, &six().setting())
}

/// The estimate on day 30 is 33.3 %.
#[test]
fn the_first_published_value_with_an_interval_judges() {
    let judge = |values: Vec<Published>| {
        let values = values.into_iter().map(|value| (0, Some(30.0), value)).collect();
        beside(values, &[30.0])[0].verdict
    };
    let printed = |low, high| published(50.0, Some((low, high)), CiKind::Printed);
    assert_eq!(judge(vec![]), Verdict::NotJudged);
    assert_eq!(judge(vec![published(33.0, None, CiKind::None)]), Verdict::NotJudged);
    assert_eq!(judge(vec![printed(30.0, 60.0)]), Verdict::Inside);
    assert_eq!(judge(vec![printed(40.0, 60.0)]), Verdict::Outside);
    assert_eq!(judge(vec![published(33.0, None, CiKind::None), printed(40.0, 60.0)]), Verdict::Outside);
    assert_eq!(judge(vec![printed(30.0, 60.0), printed(40.0, 60.0)]), Verdict::Inside);
    let wilson = published(50.0, Some((40.0, 60.0)), CiKind::Wilson);
    assert_eq!(judge(vec![wilson]), Verdict::Outside);
    let reference = published(50.0, Some((100.0 / 3.0, 60.0)), CiKind::Printed);
    assert_eq!(judge(vec![reference]), Verdict::Inside, "the ends belong to the interval");
}

#[test]
fn no_estimate_is_not_judged() {
    let value = (0, None, published(50.0, Some((40.0, 60.0)), CiKind::Printed));
    let plan = AnalysisPlan { published: vec![value], ..plan(Method::KaplanMeier, &[70.0]) };
    let finding = one(&plan, &six());
    assert_eq!((finding.verdict, finding.published.len()), (Verdict::NotJudged, 1));
}

#[test]
fn a_published_value_stands_beside_its_arm_and_the_nearest_day() {
    let value = |arm, day| (arm, day, published(50.0, None, CiKind::None));
    let count = |values, days: &[f64]| {
        beside(values, days).iter().map(|finding| finding.published.len()).collect::<Vec<_>>()
    };
    assert_eq!(count(vec![value(0, Some(28.0))], &[20.0, 30.0]), [0, 1]);
    assert_eq!(count(vec![value(0, Some(41.0))], &[20.0, 30.0]), [0, 0]);
    assert_eq!(count(vec![value(1, Some(30.0))], &[20.0, 30.0]), [0, 0], "another arm");
    assert_eq!(count(vec![value(0, None)], &[20.0, 30.0]), [1, 1], "a value without a day");
}
