use super::at_start;
use crate::{Sources, lower, read_antimony};

fn start(text: &str) -> (crate::Program, super::AtStart) {
    let mut sources = Sources::default();
    let root = sources.add("m.ant", text);
    let (model, _) = read_antimony(&mut sources, root, &mut |_, _| None);
    let program = lower(&model).expect("the text is a model");
    let at = at_start(&program);
    (program, at)
}

#[test]
fn values_rules_and_rates_of_a_concentration() {
    let text = "model m()\n compartment c = 2; species S in c; S = 3*a; a = 2; J: S -> ; k*S*c; k = 0.5;\n r := S + time;\nend";
    let (program, at) = start(text);
    assert_eq!(at.states, [6.0]);
    assert_eq!(at.rates, [-3.0]);
    let rule = program.observables.iter().position(|rule| rule.name == "r").expect("it is there");
    assert_eq!(at.observables[rule], 6.0);
}

#[test]
fn draws_are_at_their_middle() {
    let text = "model m()\n x = uniform(1, 3); y = exponential(4); z = lognormal(0, 2); x' = -y*z;\nend";
    let (_, at) = start(text);
    assert_eq!((at.states, at.rates), (vec![2.0], vec![-0.25]));
}

#[test]
fn a_sum_of_many_terms_is_computed() {
    let sum: String = (0..20_000).map(|n| format!(" + {n}*x")).collect();
    let (_, at) = start(&format!("model m()\n x = 1; x' = 0{sum};\nend"));
    assert_eq!(at.rates, [19_999.0 * 20_000.0 / 2.0]);
}
