use regraft_model::{SourceId, Sources};

use super::*;

const HEADING: &str = "trial_id,arm_id,use,disease,subtype,therapy,regimen,n,outcome,definition,time_value,time_unit,value,unit,ci_low,ci_high,ci_level,source,verified,note";
const ARMS: &str = "trial_id,arm_id,use,disease,regimen,n,citation,source\nA,X,calibrate,d,r,24,c,s\nA,Y,validate,d,r,24,c,s\n";

fn read(rows: &[&str]) -> (Evidence, Vec<String>) {
    let mut sources = Sources::default();
    let arms = sources.add("arms.csv", ARMS);
    let outcomes = sources.add("outcomes.csv", format!("{HEADING}\n{}\n", rows.join("\n")));
    let (evidence, problems) = Evidence::read(&sources, arms, outcomes);
    (evidence, problems.iter().map(|problem| problem.render(&sources)).collect())
}

fn good(rows: &[&str]) -> Evidence {
    let (evidence, problems) = read(rows);
    assert_eq!(problems, Vec::<String>::new());
    evidence
}

fn selector(outcome: &str) -> Selector {
    let span = Span::new(SourceId(0), 0, 0);
    let name = |text: &str| Name { text: text.to_string(), span };
    Selector { trial_id: name("A"), arm_id: name("X"), outcome: name(outcome), ..Selector::unknown(span) }
}

fn refusal(rows: &[&str], outcome: &str) -> String {
    good(rows).published(&selector(outcome), 0.95).expect_err("no row may be used").message
}

#[test]
fn a_printed_interval_keeps_its_level() {
    let evidence = good(&["A,X,calibrate,d,,t,r,24,efs,def,60,months,69.2,percent,50.2,82.1,90,PMID:1,yes,"]);
    let row = &evidence.published(&selector("efs"), 0.95).expect("it may be shown")[0];
    assert_eq!((row.ci_low, row.ci_high, row.ci_level), (Some(50.2), Some(82.1), Some(0.90)));
    assert_eq!((row.ci_kind, row.line, row.value), (CiKind::Printed, 2, 69.2));
}

#[test]
fn a_percentage_without_interval_gets_wilsons_from_n() {
    let evidence = good(&["A,X,calibrate,d,,t,r,55,p,def,5,years,10,percent,,,,PMID:1,yes,"]);
    let row = &evidence.published(&selector("p"), 0.95).expect("it may be shown")[0];
    assert_eq!(row.ci_kind, CiKind::Wilson);
    let (low, high) = (row.ci_low.expect("low"), row.ci_high.expect("high"));
    let (n, p, z): (f64, f64, f64) = (55.0, 0.1, 1.959963984540054);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let expected = |sign: f64| 100.0 * (p + z * z / (2.0 * n) + sign * half) / (1.0 + z * z / n);
    assert!((low - expected(-1.0)).abs() < 1e-9 && (high - expected(1.0)).abs() < 1e-9, "{low} {high}");
}

#[test]
fn ranges_quartiles_and_standard_errors_are_never_intervals() {
    for level in ["range", "IQR", "SE", ""] {
        let row =
            format!("A,X,calibrate,d,,t,r,24,change,def,1,years,-0.5,EDSS,-1.5,0.0,{level},PMID:1,yes,");
        let evidence = good(&[&row]);
        let found = &evidence.published(&selector("change"), 0.95).expect("it may be shown")[0];
        assert_eq!(
            (found.ci_kind, found.ci_low, found.ci_high, found.ci_level),
            (CiKind::None, None, None, None)
        );
    }
}

#[test]
fn half_an_interval_or_a_percentage_without_n_gives_none() {
    let evidence = good(&["A,X,calibrate,d,,t,r,,p,def,1,years,10,percent,5,,95,PMID:1,yes,"]);
    assert_eq!(evidence.published(&selector("p"), 0.95).expect("it may be shown")[0].ci_kind, CiKind::None);
}

#[test]
fn remembered_rows_and_rows_for_validation_are_refused_by_name() {
    let remembered = ["A,X,calibrate,d,,t,r,24,p,def,1,years,10,percent,,,,recalled,no,"];
    assert_eq!(
        refusal(&remembered, "p"),
        "`A/X p` may not be used: it is remembered, not read in its source"
    );
    let kept = ["A,X,validate,d,,t,r,24,p,def,1,years,10,percent,5,15,95,PMID:1,yes,"];
    assert_eq!(
        refusal(&kept, "p"),
        "`A/X p` may not be used: it is kept for validation and may not be shown"
    );
    let context = ["A,X,context,d,,t,r,24,p,def,1,years,10,percent,5,15,95,PMID:1,yes,"];
    assert_eq!(refusal(&context, "p"), "`A/X p` may not be used: it is context, neither fitted nor compared");
}

#[test]
fn an_unusable_row_beside_a_usable_one_is_left_out() {
    let evidence = good(&[
        "A,X,calibrate,d,,t,r,24,p,def,1,years,10,percent,,,,recalled,no,",
        "A,X,calibrate,d,,t,r,24,p,def,1,years,12,percent,,,,PMID:1,yes,",
        "A,X,validate,d,,t,r,24,p,def,1,years,14,percent,,,,PMID:1,yes,",
    ]);
    let values: Vec<f64> = evidence
        .published(&selector("p"), 0.95)
        .expect("one may be shown")
        .iter()
        .map(|row| row.value)
        .collect();
    assert_eq!(values, [12.0]);
}

#[test]
fn an_unknown_outcome_names_the_nearest_that_may_be_used() {
    let evidence = good(&["A,X,calibrate,d,,t,r,24,relapse_free,def,1,years,10,percent,,,,PMID:1,yes,"]);
    let problem = evidence.published(&selector("relapse_fre"), 0.95).expect_err("no such row");
    assert_eq!(problem.message, "no row of the evidence is `A/X relapse_fre`");
    assert_eq!(problem.help, ["did you mean `relapse_free`? known here: relapse_free"]);
}

#[test]
fn a_selector_tells_rows_apart_by_time_and_by_value() {
    let evidence = good(&[
        "A,X,calibrate,d,,t,r,24,p,def,1,years,10,percent,,,,PMID:1,yes,",
        "A,X,calibrate,d,,t,r,24,p,def,2,years,12,percent,,,,PMID:1,yes,",
    ]);
    let timed = Selector { time_value: Some(2.0), ..selector("p") };
    assert_eq!(evidence.published(&timed, 0.95).expect("one").len(), 1);
    let valued = Selector { value: Some(10.0), ..selector("p") };
    assert_eq!(evidence.published(&valued, 0.95).expect("one")[0].time_value, Some(1.0));
    assert_eq!(evidence.published(&selector("p"), 0.95).expect("both").len(), 2);
}

#[test]
fn the_complement_turns_value_and_interval_round() {
    let evidence = good(&["A,X,calibrate,d,,t,r,24,efs,def,60,months,69.2,percent,50.2,82.1,90,PMID:1,yes,"]);
    let row = evidence.published(&selector("efs"), 0.95).expect("one").remove(0);
    let turned = row.transformed(Transform::Complement).expect("per cent has a complement");
    assert!((turned.value - 30.8).abs() < 1e-12);
    assert!(
        (turned.ci_low.expect("low") - 17.9).abs() < 1e-12
            && (turned.ci_high.expect("high") - 49.8).abs() < 1e-12
    );
}

#[test]
fn patients_of_n_become_per_cent_and_other_units_do_not_transform() {
    let evidence = good(&["A,X,calibrate,d,,t,r,52,events,def,2.8,years,3,patients,,,,PMID:1,yes,"]);
    let row = evidence.published(&selector("events"), 0.95).expect("one").remove(0);
    assert_eq!(row.clone().transformed(Transform::Complement), None);
    let share = row.transformed(Transform::PercentOfN).expect("n is known");
    assert!((share.value - 100.0 * 3.0 / 52.0).abs() < 1e-12);
    assert_eq!((share.unit.as_str(), share.ci_kind), ("percent", CiKind::Wilson));
    assert!(share.ci_low < Some(share.value) && Some(share.value) < share.ci_high);
}

#[test]
fn wrong_cells_are_named_with_their_line() {
    let (evidence, problems) = read(&[
        "A,X,calibrate,d,,t,r,24,p,def,1,years,ten,percent,,,,PMID:1,yes,",
        "A,X,maybe,d,,t,r,24,p,def,1,years,10,percent,,,,PMID:1,yes,",
        "A,X,calibrate,d",
        "A,X,calibrate,d,,t,r,24,\"p, in\ntwo lines\",def,1,years,10,percent,,,,PMID:1,perhaps,",
    ]);
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert_eq!(problems[0], "outcomes.csv:2:39: error[E003]: column `value` holds `ten`, must be a number");
    assert!(
        problems[1].starts_with("outcomes.csv:3:5: error[E003]: column `use` holds `maybe`"),
        "{}",
        problems[1]
    );
    assert!(problems[2].starts_with("outcomes.csv:4:1: error[E001]"), "{}", problems[2]);
    assert!(
        problems[3].starts_with("outcomes.csv:6:") && problems[3].contains("error[E003]: column `verified`"),
        "{}",
        problems[3]
    );
    assert_eq!(evidence.outcomes.iter().map(|row| row.reported.line).collect::<Vec<_>>(), [2, 5]);
}

#[test]
fn a_missing_column_is_named() {
    let mut sources = Sources::default();
    let (arms, outcomes) =
        (sources.add("arms.csv", "trial_id,use\nA,calibrate\n"), sources.add("outcomes.csv", HEADING));
    let (_, problems) = Evidence::read(&sources, arms, outcomes);
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(messages.contains(&"the table lacks column `arm_id`"), "{messages:?}");
}

#[test]
fn arms_kept_for_validation_are_not_given() {
    let evidence = good(&[]);
    assert_eq!(evidence.arm("A/X").and_then(|arm| arm.n), Some(24.0));
    assert_eq!(evidence.arm("A/Y"), None);
}
