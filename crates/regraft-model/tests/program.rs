//! What programs compute: Jacobians against differences, composition, events, sizes.

use std::io::Write;

use regraft_model::evaluate::children;
use regraft_model::program::{Distribution, NameError, Node, NodeId, Program, Target};
use regraft_model::{Diagnostic, Found, Model, SourceId, Sources, Span, evaluate, lower, read_antimony};

const LOTKA_VOLTERRA: &str = include_str!("models/lotka_volterra.ant");
const SMOOTH: &str = include_str!("models/smooth.ant");
const GROWING: &str = include_str!("models/growing.ant");
const CLINIC: &str = include_str!("models/clinic.ant");
const HAZARD: &str = include_str!("models/hazard.ant");

fn read(text: &str) -> Model {
    let mut sources = Sources::default();
    let root = sources.add("models/root.ant", text);
    let mut load = |path: &str, from: &str| {
        assert_eq!(from, "models/root.ant");
        (path == "hazard.ant").then(|| ("models/hazard.ant".to_string(), HAZARD.to_string()))
    };
    let (model, problems) = read_antimony(&mut sources, root, &mut load);
    let errors: Vec<String> = problems.iter().filter(|p| p.is_error()).map(|p| p.render(&sources)).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    model
}

fn program(text: &str) -> Program {
    lower(&read(text)).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Values of states and parameters, and of single nodes at them.
struct Point<'a> {
    program: &'a Program,
    time: f64,
    states: Vec<f64>,
    parameters: Vec<f64>,
}

impl<'a> Point<'a> {
    fn start(program: &'a Program) -> Self {
        let (states, parameters) =
            (vec![f64::NAN; program.states.len()], vec![f64::NAN; program.parameters.len()]);
        let mut point = Point { program, time: 0.0, states, parameters };
        for (target, node) in &program.initial {
            let value = point.value(*node);
            match target {
                Target::State(index) => point.states[*index as usize] = value,
                Target::Parameter(index) => point.parameters[*index as usize] = value,
            }
        }
        point
    }

    /// Draws give their first argument plus a tenth of the number of their stream.
    fn value(&self, node: NodeId) -> f64 {
        let mut draw = |_: Distribution, stream: u32, first: f64, _: f64| first + 0.1 * f64::from(stream);
        evaluate(self.program, node, self.time, &self.states, &self.parameters, &mut draw)
    }

    fn named(&self, name: &str) -> f64 {
        match self.program.find(name).unwrap_or_else(|_| panic!("{name} is not in the program")) {
            Found::State(index) => self.states[index as usize],
            Found::Parameter(index) => self.parameters[index as usize],
            Found::Observable(index) => self.value(self.program.observable_nodes[index as usize]),
            Found::Event(_) => panic!("{name} is an event"),
        }
    }

    fn slope(&self, name: &str) -> f64 {
        let Ok(Found::State(index)) = self.program.find(name) else { panic!("{name} is no state") };
        self.value(self.program.derivatives[index as usize])
    }

    fn slopes(&self) -> Vec<f64> {
        self.program.derivatives.iter().map(|node| self.value(*node)).collect()
    }
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let scale = expected.abs().max(1.0);
    assert!((found - expected).abs() <= tolerance * scale, "{what}: {found} instead of {expected}");
}

/// Every entry of the Jacobian, listed or absent, against central differences. With a step
/// of 1e-6 their error is about 1e-9 of the slope's size, from cancellation; 1e-6 leaves room.
fn assert_jacobian(point: &mut Point) {
    let program = point.program;
    let n = program.states.len();
    let mut dense = vec![vec![0.0; n]; n];
    for entry in &program.jacobian {
        dense[entry.row as usize][entry.column as usize] = point.value(entry.node);
    }
    for column in 0..n {
        let middle = point.states[column];
        let h = 1e-6 * middle.abs().max(1e-3);
        point.states[column] = middle + h;
        let above = point.slopes();
        point.states[column] = middle - h;
        let below = point.slopes();
        point.states[column] = middle;
        for row in 0..n {
            let scale = above[row].abs().max(below[row].abs()).max(1e-3);
            let difference = (above[row] - below[row]) / (2.0 * h);
            let room = 1e-6 * difference.abs().max(1.0) + 1e-15 * scale / h * 16.0;
            let what = format!("d {}' / d {}", program.states[row].name, program.states[column].name);
            assert!(
                (dense[row][column] - difference).abs() <= room,
                "{what}: {} instead of {difference}",
                dense[row][column]
            );
        }
    }
}

fn assert_well_formed(program: &Program) {
    for (id, node) in program.nodes.iter().enumerate() {
        let before = children(node).into_iter().flatten().all(|child| (child as usize) < id);
        assert!(before, "node {id} refers to a later one");
    }
    let order: Vec<(u32, u32)> = program.jacobian.iter().map(|e| (e.row, e.column)).collect();
    assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "the Jacobian is not sorted");
    assert_eq!(program.initial.len(), program.states.len() + program.parameters.len());
    assert_eq!(program.derivatives.len(), program.states.len());
    assert_eq!(program.time_derivatives.len(), program.states.len());
}

#[test]
fn jacobian_of_every_kind_of_term_agrees_with_differences() {
    let program = program(SMOOTH);
    assert_well_formed(&program);
    let mut point = Point::start(&program);
    point.time = 1.7;
    assert_jacobian(&mut point);
    let Ok(Found::State(e)) = program.find("e") else { panic!() };
    assert_close(point.value(program.time_derivatives[e as usize]), 1.3, 1e-15, "d e' / d time is a");
}

#[test]
fn values_of_the_functions_agree_with_the_standard_library() {
    let program = program(
        "model m()\n a := log(10); b := log10(1000); c := 2^3^2; d := -2^2; e := -7 % 3; f := factorial(5)\n \
         g := piecewise(1, false, 2, true, 3); h := 1e-3*avogadro; i := xor(true, true, true)\n \
         j := quotient(-7, 2); k := factorial(0.5); l := arccoth(2); n := !(1 > 2) && 3 >= 3; o := 5 mL; unit mL = 1e-3 litre\nend",
    );
    let point = Point::start(&program);
    let expected = [
        ("a", std::f64::consts::LN_10),
        ("b", 3.0),
        ("c", 512.0),
        ("d", -4.0),
        ("e", -1.0),
        ("f", 120.0),
        ("g", 2.0),
        // As SBML has it (case 00961 of its test suite).
        ("h", 6.022_141_79e20),
        ("i", 1.0),
        ("j", -3.0),
        ("k", std::f64::consts::PI.sqrt() / 2.0),
        ("l", 0.5f64.atanh()),
        ("n", 1.0),
        ("o", 5.0),
    ];
    for (name, value) in expected {
        assert_close(point.named(name), value, 1e-14, name);
    }
}

#[test]
fn species_are_concentrations_and_reactions_move_amounts() {
    let program = program(LOTKA_VOLTERRA);
    assert_well_formed(&program);
    let mut point = Point::start(&program);
    // The field of 2 litres cancels for concentrations and stays for the substance-only amount.
    assert_close(point.slope("prey"), 1.1 * 10.0 - 0.4 * 10.0 * 3.0, 1e-14, "prey'");
    assert_close(point.slope("predator"), 0.4 * 30.0 - 0.3 * 3.0, 1e-14, "predator'");
    assert_close(point.slope("eaten"), 2.0 * 2.0 * 0.4 * 30.0, 1e-14, "eaten'");
    assert_close(point.named("hunt"), 2.0 * 0.4 * 30.0, 1e-14, "rate of hunt");
    assert_jacobian(&mut point);
}

#[test]
fn a_growing_compartment_dilutes() {
    let program = program(GROWING);
    let mut point = Point::start(&program);
    let bag_growth = 0.2 * 1.5 + 0.1;
    assert_close(point.slope("inside"), -0.7 * 4.0 - 4.0 * bag_growth / 1.5, 1e-14, "inside'");
    // cell = 1 + size/2 = 2, cell' = −0.3·size/2 = −0.3
    let inflow = 2.0 * 0.7 * 4.0 * 1.5 + 0.2 * 2.0;
    assert_close(point.slope("free"), inflow / 2.0 + 3.0 * 0.3 / 2.0, 1e-14, "free'");
    assert_close(point.slope("fed"), 2.0 * 0.3 / 2.0, 1e-14, "fed' (its amount is kept)");
    assert_jacobian(&mut point);
}

#[test]
fn an_event_on_a_size_keeps_the_amounts() {
    let program = program(GROWING);
    let Ok(Found::State(inside)) = program.find("inside") else { panic!() };
    let resized = &program.events[0].resized;
    assert_eq!(resized.len(), 1, "the bag alone");
    assert_eq!(resized[0].species, [Target::State(inside)]);
    assert_close(Point::start(&program).value(resized[0].size), 1.5, 1e-15, "its size before");
}

#[test]
fn two_instances_of_one_sub_model_are_two_mechanisms() {
    let program = program(CLINIC);
    assert_well_formed(&program);
    let names: Vec<&str> = program.states.iter().map(|q| q.name.as_str()).collect();
    assert_eq!(names, ["activity", "first.level", "second.level"]);
    let point = Point::start(&program);
    // The outer model's value wins over the sub-model's default.
    assert_close(point.slope("first.level"), 0.01 * 0.5, 1e-15, "first.level'");
    assert_close(point.slope("second.level"), 3.0 * 0.02 * 0.5, 1e-15, "second.level'");
    assert_eq!(program.streams, ["first.threshold", "second.threshold"]);
    assert_close(point.named("second.threshold"), 1.1, 1e-15, "start drawn from the second stream");
    assert_eq!(program.observables[0].label, "relapses");
}

#[test]
fn events_keep_their_options_and_roots() {
    let program = program(CLINIC);
    let names: Vec<&str> = program.events.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["first.relapse", "second.relapse", "stop"]);
    let point = Point::start(&program);
    let stop = &program.events[2];
    assert_eq!((stop.true_before_start, stop.persistent, stop.values_from_trigger), (false, false, false));
    assert_close(point.value(stop.delay.unwrap()), 2.0, 0.0, "delay");
    assert_close(point.value(stop.priority.unwrap()), 3.0, 0.0, "priority");
    assert_close(point.value(stop.roots[0]), 0.0 - 5.0, 0.0, "left − right of `total >= 5`");
    let relapse = &program.events[0];
    assert!(relapse.true_before_start && relapse.persistent && relapse.values_from_trigger);
    assert_close(point.value(relapse.condition), 0.0, 0.0, "not yet true");
    let Ok(Found::Parameter(threshold)) = program.find("first.threshold") else { panic!() };
    assert_eq!(relapse.assignments[0].0, Target::Parameter(threshold));
}

#[test]
fn names_are_found_in_full_or_by_their_end_and_those_missed_have_a_neighbor() {
    let program = program(
        "model part()\n rate = 2; x' = -rate*x; x = 1\nend\nmodel m()\n first: part(); second: part(); total := first.x\nend",
    );
    assert_eq!(program.lookup("first.rate"), program.find("first.rate").map(Some).map_err(|_| Vec::new()));
    assert!(matches!(program.lookup("total"), Ok(Some(Found::Observable(_)))));
    assert_eq!(program.lookup("rate"), Err(vec!["first.rate".to_string(), "second.rate".to_string()]));
    assert_eq!(program.lookup("totla"), Ok(None));
    assert_eq!(program.find("totla"), Err(NameError::Unknown(Some("total".into()))));
    assert_eq!(program.find("first.raet"), Err(NameError::Unknown(Some("first.rate".into()))));
    assert_eq!(program.find("unlike"), Err(NameError::Unknown(None)));
}

#[test]
fn starting_values_stand_behind_those_they_need() {
    let program =
        program("model m()\n a = 2*b; b = c + y; c = 3; y := c^2; y2 := y\n s' = 1; s = a*time + b\nend");
    let point = Point::start(&program);
    assert_close(point.named("a"), 24.0, 0.0, "a = 2·(3 + 9)");
    assert_close(point.named("s"), 12.0, 0.0, "s = b at time 0");
}

#[test]
fn equal_expressions_are_shared() {
    let program =
        program("model m()\n x = 1; k = 2\n x' = exp(k*x)\n y := exp(x*k)\n z := exp(k*x) + 0*k\nend");
    let exponentials = program.nodes.iter().filter(|n| matches!(n, Node::Unary(..))).count();
    assert_eq!(exponentials, 1);
    assert_eq!(program.observable_nodes[0], program.derivatives[0]);
    assert_eq!(program.observable_nodes[1], program.derivatives[0]);
}

#[test]
fn two_draws_for_one_target_have_two_streams() {
    let program = program("model m()\n x = normal(0, 1) + normal(0, 1)\n y = uniform(x, 2)\nend");
    assert_eq!(program.streams, ["x", "x#2", "y"]);
}

#[test]
fn an_observable_of_a_card_speaks_of_the_model() {
    let mut model = read(CLINIC);
    let text = "condition = \"level > 3*first.count\"";
    let span = Span::new(SourceId(0), 12, text.len());
    let ambiguous = model.add_observable("late", "", "level > 3*first.count", span);
    assert_eq!(ambiguous[0].code, "M023");
    assert_eq!((ambiguous[0].labels[0].span.start, ambiguous[0].labels[0].span.end), (13, 18));
    let added = model.add_observable("late", "", "first.level > 3*total", span);
    assert!(added.is_empty(), "{added:?}");
    let wrong = model.add_observable("sum", "mg", "base + 1", span);
    assert_eq!(wrong.iter().map(|p: &Diagnostic| p.code).collect::<Vec<_>>(), ["M009"]);
    let again = model.add_observable("late", "", "1", span);
    assert_eq!(again[0].code, "M004");
    let program = lower(&model).unwrap();
    assert_close(Point::start(&program).named("late"), 0.0, 0.0, "0 > 0");
}

#[test]
fn units_of_cards_convert_to_units_of_the_model() {
    let model =
        read("model m()\n unit Gcell = 1e9 item; unit perd = 1/86400 second; x = 1; x has Gcell\nend");
    assert_eq!(model.unit_of("x").as_deref(), Some("Gcell"));
    assert_eq!(model.unit_of("y"), None);
    let cases = [
        ("mg/L", "g/L", 1e-3),
        ("1/week", "perd", 1.0 / 7.0),
        ("Mcell", "Gcell", 1e-3),
        ("cells/uL", "G/L", 1e-3),
        ("mg/kg", "g/kg", 1e-3),
        ("year", "day", 365.25),
        ("mg/m2", "mg/m^2", 1.0),
        ("%", "", 0.01),
        ("10^6 cells/kg", "Mcell/kg", 1.0),
    ];
    for (from, to, factor) in cases {
        let found = model.convert_factor(from, to).unwrap();
        assert_close(found / factor, 1.0, 1e-15, &format!("{from} in {to}"));
    }
    assert!(model.convert_factor("mg/L", "mg").is_err());
    assert!(model.convert_factor("mgg", "mg").is_err());
}

#[test]
fn deep_nesting_is_refused_and_long_sums_are_not() {
    let mut sources = Sources::default();
    let deep = format!("model m()\n x := {}1{}\nend", "(".repeat(100_000), ")".repeat(100_000));
    let root = sources.add("deep.ant", deep);
    let (_, problems) = read_antimony(&mut sources, root, &mut |_, _| None);
    assert_eq!(problems[0].code, "M019");
    let long = format!("model m()\n y = 1; x := y{}\nend", " + 2*y".repeat(50_000));
    let root = sources.add("long.ant", long);
    let (model, problems) = read_antimony(&mut sources, root, &mut |_, _| None);
    assert!(problems.is_empty());
    assert_close(Point::start(&lower(&model).unwrap()).named("x"), 100_001.0, 0.0, "sum of 50,001 terms");
}

#[test]
fn functions_in_functions_do_not_blow_up() {
    let mut text = String::from("function f0(x)\n x + 1\nend\n");
    for level in 1..60 {
        text.push_str(&format!("function f{level}(x)\n f{}(x) + f{}(x)\nend\n", level - 1, level - 1));
    }
    text.push_str("model m()\n a = 1; y := f59(a)\nend\n");
    let program = program(&text);
    assert!(program.nodes.len() < 100);
    assert_close(Point::start(&program).named("y"), 2f64.powi(60), 1e-15, "2^59 · 2");
}

#[test]
fn a_long_chain_of_functions_is_refused_without_exhausting_the_stack() {
    let mut text = String::from("function f0(x)\n x + 1\nend\n");
    for level in 1..5000 {
        text.push_str(&format!("function f{level}(x)\n f{}(x)\nend\n", level - 1));
    }
    text.push_str("model m()\n a = 1; y := f4999(a)\nend\n");
    let mut sources = Sources::default();
    let root = sources.add("chain.ant", text);
    let (model, problems) = read_antimony(&mut sources, root, &mut |_, _| None);
    assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), ["M019"]);
    assert!(lower(&model).is_err());
}

#[test]
fn an_error_of_units_alone_does_not_prevent_lowering() {
    let mut sources = Sources::default();
    let text = "model m()\n x = 1; x has gram; y = 2; y has litre; z := x + y\nend";
    let root = sources.add("units.ant", text);
    let (model, problems) = read_antimony(&mut sources, root, &mut |_, _| None);
    assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), ["M009"]);
    assert_close(Point::start(&lower(&model).unwrap()).named("z"), 3.0, 0.0, "z");
}

/// Damaged texts: bytes left out, doubled or exchanged at places from a fixed sequence.
#[test]
fn no_text_makes_it_panic() {
    let mut state = 12345u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let signs = b"()=:;,'^*/+-$#\"\n{}<>&|!. 0a";
    for text in [LOTKA_VOLTERRA, SMOOTH, GROWING, CLINIC, HAZARD] {
        for _ in 0..400 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..1 + random(4) {
                let at = random(bytes.len());
                match random(4) {
                    0 => drop(bytes.drain(at..(at + 1 + random(20)).min(bytes.len()))),
                    1 => bytes.insert(at, signs[random(signs.len())]),
                    2 => bytes[at] = signs[random(signs.len())],
                    _ => bytes.extend_from_within(at..(at + 1 + random(60)).min(bytes.len())),
                }
            }
            let mut sources = Sources::default();
            let root = sources.add("damaged.ant", String::from_utf8_lossy(&bytes));
            let mut load = |_: &str, _: &str| Some(("hazard.ant".to_string(), HAZARD.to_string()));
            let (model, problems) = read_antimony(&mut sources, root, &mut load);
            problems.iter().for_each(|problem| assert!(!problem.render(&sources).is_empty()));
            if let Ok(program) = lower(&model) {
                Point::start(&program).slopes();
            }
        }
    }
}

#[test]
fn the_immune_core_is_read_as_it_stands() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/biology/immune_core.ant");
    let Ok(text) = std::fs::read_to_string(path) else {
        // Straight to the terminal: what a test that passes prints is kept from it.
        let _ = writeln!(std::io::stderr(), "skipped: {path} is not here");
        return;
    };
    let mut sources = Sources::default();
    let root = sources.add("immune_core.ant", text);
    let (model, problems) = read_antimony(&mut sources, root, &mut |_, _| None);
    assert!(problems.is_empty(), "{}", problems[0].render(&sources));
    let program = lower(&model).unwrap();
    assert_well_formed(&program);
    assert_eq!(program.states.len(), 63);
    assert_eq!(program.events.len(), 4);
    let mut point = Point::start(&program);
    // Away from the start, so that drugs act and no Hill term sits at zero.
    for value in &mut point.states {
        *value = 1.2 * *value + 0.01;
    }
    for (quantity, value) in program.parameters.iter().zip(&mut point.parameters) {
        if *value == 0.0 && quantity.name.starts_with('p') {
            *value = 0.02;
        }
    }
    assert_jacobian(&mut point);
    assert_eq!(model.unit_of("HQ").as_deref(), Some("Mcell"));
}
