use super::{Inference, Test};
use crate::card::{Card, CardKind};
use crate::testing::read;

const TRIAL: &str = r#"
id = "t"
title = "T"
question = "Q"
disease = "d"
population = "p"
horizon_days = 100
time_zero = "graft"
analysis_set = "intention_to_treat"
[visits]
score_days = [50]
[[arm]]
id = "a"
title = "A"
role = "studied"
regimen = "r"
day_zero_at = 0
[[analysis]]
endpoint = "e"
method = "mean"
role = "primary"
at_days = [50]
"#;

/// Test and inference of a table `[design]`, and what is wrong with it.
fn design(keys: &str) -> (Option<Test>, Option<Inference>, Vec<String>) {
    let (card, problems) = read(CardKind::Trial, "t", &format!("{TRIAL}[design]\n{keys}"));
    let Card::Trial(trial) = card else { panic!("it is a trial") };
    let design = trial.design.expect("it has a design");
    (design.test, design.inference, problems)
}

#[test]
fn a_test_says_where_its_p_value_comes_from() {
    let written = "test = \"negative_binomial\"\ninference = \"wald\"\n";
    assert_eq!(design(written), (Some(Test::NegativeBinomial), Some(Inference::Wald), Vec::new()));
    assert_eq!(design("test = \"log_rank\"\n"), (Some(Test::LogRank), None, Vec::new()));
    for test in Test::ALL {
        for inference in test.inferences() {
            let written = format!("test = \"{}\"\ninference = \"{}\"\n", test.word(), inference.word());
            assert_eq!(design(&written), (Some(test), Some(*inference), Vec::new()));
        }
    }
}

#[test]
fn a_p_value_that_a_test_does_not_have_is_said_with_everything_else() {
    let (_, _, problems) =
        design("test = \"mmrm\"\ninference = \"exact\"\nsides = 3\nlooks = [0.5, 0.3]\nalfa = 0.05\n");
    assert_eq!(
        problems,
        [
            "25:13 `mmrm` has no test by `exact`",
            "26:9 `sides` is 3, must be 1 or 2",
            "27:9 `looks` must be at most 10 shares of the information, ascending",
            "28:1 unknown key `alfa` in `design`",
        ]
    );
    assert_eq!(design("inference = \"score\"\n").2, ["24:13 `inference` does nothing without `test`"]);
    assert_eq!(
        design("test = \"log_rank\"\ninference = \"scor\"\n").2,
        ["25:13 `inference` cannot be `scor`"]
    );
}
