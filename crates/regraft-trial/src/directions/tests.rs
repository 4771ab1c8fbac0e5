use super::*;

const OUTCOMES: &str = "\
trial_id,arm_id,use,disease,subtype,therapy,regimen,n,outcome,definition,time_value,time_unit,value,unit,ci_low,ci_high,ci_level,source,verified,note
A,YOUNG,calibrate,d,,,,10,survival,,,,90,percent,,,,s1,yes,
A,OLD,calibrate,d,,,,10,survival,,,,70,percent,,,,s1,yes,
A,OLD,context,d,,,,10,other,,,,50,percent,,,,s1,yes,
A,ALL,calibrate,d,,,,10,ratio,over 50,,,2.5,hazard_ratio,,,,s2,yes,
A,ALL,validate,d,,,,10,kept,,,,1,percent,,,,s2,yes,
A,ALL,calibrate,d,,,,10,heard,,,,1,percent,,,,s2,no,
";

const HEAD: &str = "id = \"x\"\n[[topic]]\nname = \"age\"\ntitle = \"Age\"\nfeatures = [\"age\"]\n";

fn row(arm: &str, outcome: &str) -> String {
    format!("{{ trial_id = \"A\", arm_id = \"{arm}\", outcome = \"{outcome}\" }}")
}

fn direction(rows: &str) -> String {
    format!(
        "{HEAD}[[topic.found]]\ndiseases = [\"d\"]\ntherapy = \"t\"\nof = \"outcome\"\nwhy = \"w\"\n{rows}\n"
    )
}

fn evidence() -> Evidence {
    let mut sources = Sources::default();
    let arms = sources.add("arms.csv", "trial_id,arm_id,use,disease,regimen,n,citation,source\n");
    let outcomes = sources.add("outcomes.csv", OUTCOMES);
    Evidence::read(&sources, arms, outcomes).0
}

/// What the one direction of a card says, or the messages of what is wrong.
fn told(rows: &str) -> Result<Told, Vec<String>> {
    let mut sources = Sources::default();
    let id = sources.add("x.toml", direction(rows));
    let (card, mut problems) = Directions::read(&sources, id);
    problems.extend(card.check(&evidence(), &["d".to_string()]));
    if !problems.is_empty() {
        return Err(problems.into_iter().map(|problem| problem.message).collect());
    }
    Ok(card.topics[0].found[0].told(&evidence()).expect("it was checked"))
}

#[test]
fn a_direction_is_computed_from_its_rows() {
    let pair = |better: &str| {
        told(&format!(
            "low = {}\nhigh = {}\nbetter = \"{better}\"",
            row("YOUNG", "survival"),
            row("OLD", "survival")
        ))
        .expect("two rows")
    };
    assert_eq!((pair("more").sign, pair("less").sign), (-1.0, 1.0));
    assert!(pair("more").words.contains("A/YOUNG survival 90 %") && pair("more").source == "s1");
    let ratio = told(&format!("ratio = {}\nbetter = \"less\"", row("ALL", "ratio"))).expect("a ratio");
    assert_eq!(ratio.sign, -1.0);
    let stated = |higher: &str| {
        told(&format!("stated = {}\nhigher = \"{higher}\"", row("ALL", "ratio"))).expect("stated").sign
    };
    assert_eq!((stated("worse"), stated("better")), (-1.0, 1.0));
}

/// A row of the context tells its direction and not its number; rows kept for validation and remembered ones tell
/// nothing.
#[test]
fn rows_are_read_no_further_than_they_may_be() {
    let context = told(&format!(
        "low = {}\nhigh = {}\nbetter = \"more\"",
        row("YOUNG", "survival"),
        row("OLD", "other")
    ));
    let context = context.expect("context may be read");
    assert!(context.sign < 0.0 && !context.words.contains("50"), "{}", context.words);
    for (outcome, why) in [("kept", "kept for validation"), ("heard", "remembered"), ("non", "no row")] {
        let problems = told(&format!("ratio = {}\nbetter = \"less\"", row("ALL", outcome))).expect_err(why);
        assert!(problems.iter().any(|problem| problem.contains(why)), "{problems:?}");
    }
}

#[test]
fn what_is_no_direction_is_refused() {
    for (rows, why) in [
        ("better = \"more\"".to_string(), "told by `low` and `high`"),
        (format!("ratio = {}", row("ALL", "ratio")), "lacks `better`"),
        (
            format!("low = {0}\nhigh = {0}\nbetter = \"more\"", row("OLD", "survival")),
            "equal, so they tell none",
        ),
    ] {
        let problems = told(&rows).expect_err(why);
        assert!(problems.iter().any(|problem| problem.contains(why)), "{problems:?}");
    }
}
