//! A claim as written, and everything wrong with one at once.

use super::*;

const LASTING: &str = r#"id = "lasting"
title = "It lasts"
statement = "It lasts for years."
trials_say = "Most stay well."
source = "smith2001"
[[test]]
title = "Well at five years"
trial = "toy_trial"
endpoint = "worsening"
method = "kaplan_meier"
arm = "graft"
at_day = 1826
holds = "above"
bar = 60
why = "more than half"
"#;

fn read(text: &str) -> (Claim, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("lasting.toml", text);
    let (claim, problems) = Claim::read(&sources, id);
    let line = |problem: &Diagnostic| {
        let (line, column) = sources.line_column(problem.labels[0].span);
        format!("{line}:{column} {}", problem.message)
    };
    (claim, problems.iter().map(line).collect())
}

#[test]
fn a_claim_is_read_with_its_tests() {
    let (claim, problems) = read(LASTING);
    assert_eq!(problems, Vec::<String>::new());
    let test = &claim.tests[0];
    assert_eq!(
        (test.method, test.holds, test.bar, test.at_day),
        (Method::KaplanMeier, Holds::Above, 60.0, Some(1826.0))
    );
    assert_eq!((claim.place, test.versus.as_ref()), (0, None));
}

#[test]
fn everything_wrong_with_a_claim_is_told_at_once() {
    let text =
        LASTING.replace("kaplan_meier", "kaplan").replace("\"above\"", "\"over\"").replace("bar = 60\n", "");
    let (_, problems) = read(&text);
    assert_eq!(problems.len(), 3, "{problems:?}");
    let without = LASTING.split("[[test]]").next().unwrap_or_default();
    assert_eq!(read(without).1, ["1:1 this claim has no `[[test]]`"]);
}
