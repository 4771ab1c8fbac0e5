//! Diagrams that are known in closed form, and the model of the library.

use regraft_model::{Program, Sources, lower, read_antimony};

use super::reduce::Aside;
use super::*;
use crate::library::Library;

fn program(text: &str) -> Program {
    let mut sources = Sources::default();
    let root = sources.add("m.ant", text.to_string());
    let (model, problems) = read_antimony(&mut sources, root, &mut |_, _| None);
    assert!(problems.is_empty(), "{problems:?}");
    lower(&model).expect("the text is a model")
}

fn explored(
    text: &str,
    over: &str,
    range: (f64, f64),
    state: &str,
    start: &[(&str, f64)],
) -> Result<Diagram, ExploreError> {
    let subject = Subject {
        id: "m".into(),
        title: "m".into(),
        program: program(text),
        settings: Vec::new(),
        still: Vec::new(),
        diseased: Vec::new(),
        state: None,
    };
    let starts = if start.is_empty() {
        Vec::new()
    } else {
        vec![start.iter().map(|(name, value)| (name.to_string(), *value)).collect()]
    };
    let asked = Asked {
        over: over.into(),
        range,
        points: 5,
        state: Some(state.into()),
        starts,
        settle: 1e4,
        ..Asked::default()
    };
    diagram(&subject.program, &question(&subject, &asked)?)
}

/// x' = a + x − x³/3 turns back at x = ±1, where a = ∓2/3.
#[test]
fn folds_of_a_cubic_are_where_they_are() {
    let text = "model m()\n a = 0; x = -2;\n x' = a + x - x^3/3;\nend";
    let found = explored(text, "a", (-1.0, 1.0), "x", &[]).expect("it can be explored");
    let folds: Vec<f64> = found.bifurcations.iter().map(|fold| fold.value).collect();
    assert_eq!(folds.len(), 2, "{:?}", found.bifurcations);
    assert!((folds[0] + 2.0 / 3.0).abs() < 1e-6 && (folds[1] - 2.0 / 3.0).abs() < 1e-6, "{folds:?}");
    let middle = found.grid.iter().find(|at| at.value == 0.0).expect("0 is on the grid");
    let states: Vec<f64> = middle.steady.iter().map(|steady| steady.state).collect();
    let root = 3f64.sqrt();
    assert!((states[0] + root).abs() < 1e-9 && states[1].abs() < 1e-9 && (states[2] - root).abs() < 1e-9);
    let stable: Vec<Option<bool>> = middle.steady.iter().map(|steady| steady.stable).collect();
    assert_eq!(stable, [Some(true), Some(false), Some(true)]);
}

/// Two branches that no fold joins in the range: the border between them, x = 1, is found by motion alone.
#[test]
fn border_without_fold_is_found() {
    let text = "model m()\n k = 1; x = 0.1; y = 5;\n x' = -k*x*(x - 1)*(x - 3); y' = x - 1e-5*k*y;\nend";
    let found = explored(text, "k", (0.5, 2.0), "x", &[("x", 4.0)]).expect("it can be explored");
    for at in &found.grid {
        let states: Vec<f64> = at.steady.iter().map(|steady| steady.state).collect();
        assert_eq!(states.len(), 3, "{at:?}");
        assert!(states[0].abs() < 1e-9 && (states[1] - 1.0).abs() < 1e-9 && (states[2] - 3.0).abs() < 1e-9);
        assert_eq!(at.steady[1].stable, Some(false));
    }
}

/// A <-> B conserves A + B; `total` only counts. B rests where a (A₀ + B₀ − B) = b B.
#[test]
fn conserved_sums_and_counters_are_set_aside() {
    let text = "model m()\n species A, B; A = 3; B = 1; a = 0.5; b = 1; total = 0;\n J1: A -> B; a*A;\n J2: B -> A; b*B;\n total' = A;\nend";
    let found = explored(text, "a", (0.5, 1.0), "B", &[]).expect("it can be explored");
    assert_eq!(found.conserved.len(), 1);
    assert_eq!(found.aside, [SetAside { state: "total".into(), why: Aside::Counts }]);
    for at in &found.grid {
        let expected = 4.0 * at.value / (1.0 + at.value);
        assert!((at.steady[0].state - expected).abs() < 1e-9, "{at:?}");
        assert_eq!(at.steady[0].stable, Some(true));
    }
}

/// The Brusselator begins to oscillate at b = 1 + a².
#[test]
fn onset_of_oscillation_is_found() {
    let text = "model m()\n a = 1; b = 1.2; x = 1; y = 1;\n x' = a + x^2*y - b*x - x; y' = b*x - x^2*y;\nend";
    let found = explored(text, "b", (1.0, 2.2), "x", &[]).expect("it can be explored");
    let hopf: Vec<&Bifurcation> = found.bifurcations.iter().filter(|at| at.kind == Kind::Hopf).collect();
    assert!(hopf.len() == 1 && (hopf[0].value - 2.0).abs() < 1e-5, "{:?}", found.bifurcations);
}

#[test]
fn what_cannot_be_explored_is_said() {
    let text = "model m()\n a = 1; c = 1; x = 1;\n x' = a - x + 0*c*time;\nend";
    assert!(matches!(explored(text, "c", (0.0, 1.0), "x", &[]), Err(ExploreError::Idle(_))));
    let driven = "model m()\n a = 1; x = 1;\n x' = a*sin(time) - x;\nend";
    assert!(matches!(explored(driven, "a", (0.5, 1.0), "x", &[]), Err(ExploreError::DependsOnTime(_))));
    let still = explored("model m()\n a = 1; x = 1;\n x' = a - x;\nend", "b", (0.0, 1.0), "x", &[]);
    assert!(matches!(still, Err(ExploreError::Usage(_))));
    let never = explored("model m()\n a = 1; x = 1;\n x' = a + x^2;\nend", "a", (0.5, 1.0), "x", &[]);
    assert!(matches!(never, Err(ExploreError::NoSteadyState)), "{never:?}");
}

/// Cells that are not there would be at rest in any number: they are held at 0.
#[test]
fn what_is_not_there_is_held_at_zero() {
    let text = "model m()\n a = 2; x = 1; d = 0; c = 1;\n d' = d*(a - x);\n x' = a - x + c*d;\nend";
    let found = explored(text, "a", (1.0, 3.0), "x", &[]).expect("it rests");
    assert!(found.grid.iter().all(|at| at.steady.len() == 1 && (at.steady[0].state - at.value).abs() < 1e-9));
    assert_eq!(found.aside.iter().map(|aside| aside.why).collect::<Vec<_>>(), [Aside::Absent]);
    // A start that has some is another question.
    let there = explored(text, "a", (1.0, 3.0), "x", &[("d", 1.0)]);
    assert!(there.is_err() || there.is_ok_and(|found| found.aside.is_empty()));
}

/// The disease of the library has two states below a fold, and the healthy start is at rest.
#[test]
fn the_disease_of_the_library_has_a_border() {
    let mut library = Library::open(&[]).expect("the built-in library opens");
    let (subject, problems) = of_disease(&mut library, "multiple_sclerosis_relapsing").expect("it is there");
    assert!(!problems.iter().any(regraft_model::Diagnostic::is_error));
    let subject = subject.expect("it has no errors");
    let asked =
        Asked { over: "treg_fitness".into(), range: (0.4, 0.95), points: 3, settle: 1e6, ..Asked::default() };
    let found =
        diagram(&subject.program, &question(&subject, &asked).expect("names are known")).expect("it rests");
    assert_eq!(found.bifurcations.iter().filter(|at| at.kind == Kind::Fold).count(), 1);
    let own = found.grid.iter().find(|at| at.value == found.own_value).expect("the card's value is listed");
    assert_eq!(own.steady.len(), 3);
    assert!(own.steady[0].state < own.steady[1].state && own.steady[1].state < own.steady[2].state);
}

#[test]
fn unknown_disease_names_the_nearest() {
    let mut library = Library::open(&[]).expect("the built-in library opens");
    let error = of_disease(&mut library, "multiple_sclerosis_relapsin").expect_err("there is none");
    assert!(error.to_string().contains("did you mean `multiple_sclerosis_relapsing`?"), "{error}");
}

/// Also where a card speaks of drugs that the library's own module of drugs does not have.
#[test]
fn every_disease_of_the_library_can_be_explored() {
    let mut library = Library::open(&[]).expect("the built-in library opens");
    let ids: Vec<String> = library.cards.diseases.keys().cloned().collect();
    assert!(ids.len() >= 15);
    for id in ids {
        let (subject, problems) = of_disease(&mut library, &id).expect("the library has it");
        assert!(subject.is_some(), "{id}: {:?}", problems.first().map(|problem| &problem.message));
    }
}
