use regraft_model::Sources;

use super::{Pack, days_of};

fn read(arms: &str, rows: &str) -> (Pack, Vec<(usize, usize, String)>) {
    let mut sources = Sources::default();
    let (arms, rows) = (sources.add("arms.csv", arms), sources.add("outcomes.csv", rows));
    let (pack, problems) = Pack::read(&sources, arms, rows);
    let told = problems.into_iter().map(|problem| {
        let (line, column) = sources.line_column(problem.labels[0].span);
        (line, column, problem.message)
    });
    (pack, told.collect())
}

#[test]
fn values_and_use_may_be_blank() {
    let (pack, problems) = read(
        "trial_id,arm_id,disease,therapy,n\nT,A,MS,aHSCT,20\n",
        "trial_id,arm_id,outcome,value,unit,time_value,time_unit\nT,A,relapse,,percent,2,years\n",
    );
    assert_eq!(problems, Vec::new());
    assert_eq!((pack.arms[0].usage, pack.rows[0].usage, pack.rows[0].value), (None, None, None));
    assert_eq!(pack.rows[0].day(), Some(730.5));
    assert_eq!(pack.arm_of(&pack.rows[0]), Some(0));
}

#[test]
fn a_wrong_cell_is_told_with_line_and_column() {
    let (pack, problems) = read(
        "trial_id,arm_id,disease,therapy,n\nT,A,\"MS, early\",aHSCT,many\n,B,MS,x,3\n",
        "trial_id,arm_id,outcome,value\nT,A,relapse,a third\nT,A,relapse\n",
    );
    assert_eq!(pack.arms.len(), 2);
    let at: Vec<(usize, usize)> = problems.iter().map(|(line, column, _)| (*line, *column)).collect();
    assert_eq!(at[..3], [(2, 23), (3, 1), (2, 13)], "{problems:?}");
    assert_eq!(at[3].0, 3, "{problems:?}");
}

#[test]
fn a_missing_column_is_told() {
    let (_, problems) = read("trial_id,arm_id\nT,A\n", "trial_id,arm_id,outcome\n");
    let words: Vec<&str> = problems.iter().map(|(_, _, message)| message.as_str()).collect();
    assert_eq!(words, ["the table lacks column `disease`", "the table lacks column `therapy`"]);
}

#[test]
fn arms_stand_once_and_nobody_is_fewer_than_none() {
    let (_, problems) = read(
        "trial_id,arm_id,disease,therapy,n,use\nT,A,MS,x,20,calibrat\nT,B,MS,x,-3,\nT,A,MS,x,20,\n",
        "trial_id,arm_id,outcme,n\nT,A,relapse,20\n",
    );
    let words: Vec<(usize, &str)> = problems.iter().map(|(line, _, text)| (*line, text.as_str())).collect();
    assert_eq!(
        words,
        [
            (
                2,
                "column `use` holds `calibrat`, must be `calibrate`, `validate` or `context`; did you mean `calibrate`?"
            ),
            (3, "column `n` holds `-3`, must be 0 or more"),
            (1, "the table lacks column `outcome`"),
            (4, "arm `A` of trial `T` stands in line 2 already: each arm has one row"),
        ]
    );
    let (_, problems) =
        read("trial_id,arm_id,disease,therapy\n", "trial_id,arm_id,outcome,n\nT,A,relapse,-1\n");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let (_, problems) = read("trial_id;arm_id;disease;therapy\n", "trial_id,arm_id,outcome\n");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].2.ends_with("here they stand apart by semicolons"), "{problems:?}");
}

#[test]
fn units_of_time() {
    assert_eq!(days_of("wk"), Some(7.0));
    assert_eq!(days_of("Months"), Some(30.4375));
    assert_eq!(days_of("cycles"), None);
}
