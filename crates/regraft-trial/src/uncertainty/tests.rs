//! A card of uncertain parameters as written, and everything wrong with one at once.

use super::*;

const CARD: &str = r#"id = "core"
[[parameter]]
name = "regulation"
title = "Fitness of regulatory T cells"
sets = ["treg_fitness"]
scale = "log"
sd = 0.1
source = "assumed"
why = "by hand"
[[parameter]]
name = "cells"
title = "Effect of stromal cells"
sets = ["msc.efficacy"]
diseases = ["crohn_fistula"]
with = ["cells"]
scale = "effect"
sd = 0.5
source = "assumed"
why = "by hand"
"#;

fn read(text: &str) -> (Uncertainty, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("core.toml", text);
    let (card, mut problems) = Uncertainty::read(&sources, id);
    problems.extend(check_uncertainty([&card], &["crohn_fistula".to_string()], &["cells".to_string()]));
    let line = |problem: &Diagnostic| {
        let (line, column) = sources.line_column(problem.labels[0].span);
        format!("{line}:{column} {}", problem.message)
    };
    (card, problems.iter().map(line).collect())
}

#[test]
fn a_parameter_moves_a_number_on_its_scale() {
    let (card, problems) = read(CARD);
    assert_eq!(problems, Vec::<String>::new());
    let [regulation, cells] = &card.parameters[..] else { panic!("two parameters") };
    assert_eq!(regulation.moved(0.5, 0.0), 0.5);
    assert!((regulation.moved(0.5, 2.0) - 0.5 * 0.2_f64.exp()).abs() < 1e-12);
    assert_eq!((cells.moved(3.0, -1.0), cells.moved(3.0, -7.0)), (0.0, 0.0), "none at all");
    assert_eq!(cells.moved(3.0, cells.neutral()), 3.0);
    assert!(cells.acts_in("crohn_fistula", ["cells"]) && regulation.acts_in("graves", []));
    assert!(!cells.acts_in("graves", ["cells"]) && !cells.acts_in("crohn_fistula", ["saline"]));
}

#[test]
fn shares_stay_shares() {
    let (card, _) = read(&CARD.replace("scale = \"log\"", "scale = \"logit\""));
    let share = &card.parameters[0];
    assert!((share.moved(0.5, 10.0) - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
    for x in [0.0, 1.0] {
        assert!((0.0..=1.0).contains(&share.moved(x, 40.0)), "also at the ends");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let broken = CARD
        .replace("sd = 0.1", "sd = -1")
        .replace("\"log\"", "\"cube\"")
        .replace("name = \"cells\"", "name = \"regulation\"")
        .replace("\"crohn_fistula\"", "\"crohn_fistla\"");
    let (_, problems) = read(&broken);
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems.iter().any(|p| p.starts_with("7:") && p.contains("sd")), "{problems:?}");
    assert!(problems.iter().any(|p| p.contains("another uncertain parameter `regulation`")));
    assert!(problems.iter().any(|p| p.contains("no disease `crohn_fistla`")));
    let (_, problems) = read("id = \"core\"\n");
    assert!(problems[0].contains("no `[[parameter]]`"), "{problems:?}");
}
