//! Twins of the toy trial, where the answers are known.

use super::*;
use crate::library::Library;
use crate::outcomes::Outcome as Ends;
use crate::study::cohort::Entered;
use crate::study::toy::{folder, options};
use crate::study::{Screening, prepare};

fn asked(sets: &[&str], patients: usize) -> Asked {
    Asked {
        disease: "toy".into(),
        sets: sets.iter().map(|set| (*set).to_string()).collect(),
        regimens: vec!["graft:own_cells".into(), "control".into()],
        population: Some("people".into()),
        years: None,
        data: None,
        patients,
        doubt: 0,
        seed: 11,
        threads: Some(1),
        engine: Engine::best(),
        command: "a test".into(),
    }
}

fn library() -> Library {
    let folder = folder(&[]);
    Library::open(std::slice::from_ref(&folder.0)).expect("the toy library opens")
}

fn ask(library: &mut Library, asked: &Asked) -> Question {
    let mut words = Sources::default();
    let (question, problems) = question(library, asked, &mut words).expect("the disease is there");
    let shown: Vec<String> = problems.iter().map(|problem| problem.render(&words)).collect();
    question.unwrap_or_else(|| panic!("{shown:#?}"))
}

/// What is found for a question.
fn found(library: &mut Library, asked: &Asked) -> Answered {
    let question = ask(library, asked);
    twin(library, &question, &()).expect("it runs")
}

/// The share of twins hit by the end without the graft.
fn hits(twin: &Twin) -> f64 {
    let hit =
        twin.outcomes.iter().find(|outcome| outcome.endpoint == "hit").expect("the trial looks at hits");
    hit.values[1].estimate.expect("an estimate")
}

/// Patients of the population at entry.
fn people(library: &mut Library, n: usize) -> (Prepared, Entered) {
    let (trial, _) = prepare(library, "toy_trial").expect("it is there");
    let trial = trial.expect("it has no errors");
    let options = options(n);
    let mut screening = Screening::new(&trial, n);
    let entered =
        screening.next(n, Seed(options.seed), &options, &()).expect("enough may enter").expect("some");
    (trial, entered)
}

/// Without a fact the twins are the trial's own patients, and they live what they live there.
#[test]
fn with_nothing_known_the_twins_are_the_population() {
    let mut library = library();
    let (trial, entered) = people(&mut library, 120);
    let question = ask(&mut library, &asked(&[], 120));
    let likes = draw::draw(&question, &()).expect("it runs");
    assert_eq!(likes.entered.cohort, entered.cohort);
    assert!(likes.weights.iter().all(|weight| *weight == 1.0));
    let cases = Cases::of(&question.trial, &likes.entered, &question.options(), &()).expect("it runs");
    for arm in 0..2 {
        let run = crate::study::simulate_arm(&trial, arm, &entered, Seed(11), &question.options(), &())
            .expect("it runs");
        let own = crate::outcomes::assess(&trial.endpoints[arm], &run.grid, &run.observed);
        let place =
            |trial: &Prepared| trial.endpoint_ids.iter().position(|id| id == "hit").expect("it is looked at");
        let (Ends::Times(own), Ends::Times(twins)) =
            (&own[place(&trial)], &cases.arms[arm].outcomes[place(&question.trial)])
        else {
            panic!("hits have times")
        };
        let status = |times: &[Option<crate::outcomes::TimeToEvent>]| {
            times.iter().map(|time| time.map(|time| (time.status, time.time.round()))).collect::<Vec<_>>()
        };
        assert_eq!(status(own), status(twins), "arm {arm}");
    }
}

/// People of the population, each described by a fact and asked about alone: their twins together are the population.
#[test]
fn the_mean_over_the_twins_of_a_cohort_is_the_population() {
    let mut library = library();
    let (_, entered) = people(&mut library, 60);
    let everyone = found(&mut library, &asked(&[], 1500));
    let mut question = ask(&mut library, &asked(&["frailty=0.5", "pace=1"], 40));
    let columns: Vec<usize> =
        ["frailty", "pace"].iter().map(|name| entered.cohort.column(name).expect("it is drawn")).collect();
    let mut shares = Vec::new();
    for row in 0..60 {
        for (fact, column) in question.facts.list.iter_mut().zip(&columns) {
            fact.value = entered.cohort.value(row, *column);
        }
        question.asked.seed = 1000 + row as u64;
        shares.push(hits(&twin(&library, &question, &()).expect("it runs").twin));
    }
    let (mean, all) = (shares.iter().sum::<f64>() / 60.0, hits(&everyone.twin));
    // 60 people of 40 twins, and 1,500 patients.
    let error = (all * (1.0 - all) * (1.0 / 2400.0 + 1.0 / 1500.0)).sqrt() + 0.01;
    assert!((mean - all).abs() < 4.0 * error, "{mean} of the twins, {all} of the population");
    let spread = shares.iter().map(|share| (share - mean) * (share - mean)).sum::<f64>() / 59.0;
    assert!(spread > 0.0, "people differ");
}

/// How often hits come in eight members, standard deviations of the logarithm.
const HITS: [f64; 8] = [-1.5, -1.0, -0.6, -0.2, 0.2, 0.6, 1.0, 1.5];

/// The toy library with doubt about how often hits come.
fn library_of_doubt() -> Library {
    let folder = folder(&[]);
    let path = folder.0.clone();
    std::fs::create_dir_all(path.join("uncertainty")).expect("a folder");
    let card = "id = \"toy\"\n[[parameter]]\nname = \"hits\"\ntitle = \"Hits\"\nsets = [\"hit_rate\"]\nscale = \"log\"\nsd = 1.0\nsource = \"assumed\"\nwhy = \"a test\"\n";
    std::fs::write(path.join("uncertainty/toy.toml"), card).expect("it is written");
    Library::open(&[path]).expect("the toy library opens")
}

/// The same, whose patients live with one of the eight members.
fn library_of_members() -> Library {
    let mut library = library_of_doubt();
    let parameters = library.uncertainties["toy"].parameters.clone();
    let members = crate::posterior::Members { title: "by hand".into(), parameters, z: HITS.to_vec() };
    library.members = Some(std::sync::Arc::new(members));
    library
}

/// With a posterior, too: people of the population, each described and asked about alone, are the population again.
/// Members in whom few may enter (hits come often) count less, in the twins as in the population.
#[test]
fn the_mean_over_the_twins_of_a_cohort_is_the_population_of_a_posterior() {
    let mut library = library_of_members();
    let (_, entered) = people(&mut library, 40);
    let everyone = found(&mut library, &asked(&[], 1500));
    let of_everyone = everyone.twin.drawn.effective_members.expect("there are members");
    assert!(of_everyone < 7.95, "fewer may enter where hits come often: {of_everyone}");
    let mut question = ask(&mut library, &asked(&["frailty=0.5", "pace=1"], 48));
    let columns: Vec<usize> =
        ["frailty", "pace"].iter().map(|name| entered.cohort.column(name).expect("it is drawn")).collect();
    let mut shares = Vec::new();
    for row in 0..40 {
        for (fact, column) in question.facts.list.iter_mut().zip(&columns) {
            fact.value = entered.cohort.value(row, *column);
        }
        question.asked.seed = 1000 + row as u64;
        shares.push(hits(&twin(&library, &question, &()).expect("it runs").twin));
    }
    let (mean, all) = (shares.iter().sum::<f64>() / 40.0, hits(&everyone.twin));
    // 40 people of 48 twins, and 1,500 patients.
    let error = (all * (1.0 - all) * (1.0 / 1920.0 + 1.0 / 1500.0)).sqrt();
    assert!((mean - all).abs() < 3.5 * error, "{mean} of the twins, {all} of the population");
}

/// The interval holds what the members differ by: the true shares of the members lie in it, and without members it is
/// narrower than they are apart.
#[test]
fn the_interval_of_a_twin_holds_the_doubt_of_the_parameters() {
    let mut library = library_of_members();
    let answered = found(&mut library, &asked(&["frailty=0.5"], 640));
    let hit = |twin: &Twin| {
        let hit = twin.outcomes.iter().find(|outcome| outcome.endpoint == "hit").expect("it is looked at");
        (hit.values[1].clone(), hit.differences[0].clone().expect("a difference"))
    };
    let (value, difference) = hit(&answered.twin);
    let members = answered.lived.likes.members.as_ref().expect("there are members");
    let place = ask(&mut library, &asked(&[], 2)).trial.endpoint_ids.iter().position(|id| id == "hit");
    let Ends::Times(times) = &answered.lived.cases.arms[1].outcomes[place.expect("it is looked at")] else {
        panic!("hits have times")
    };
    let share = |member: usize| {
        let own = members.iter().zip(times).filter(|(own, _)| **own == member);
        let (hits, n) = own.fold((0.0, 0.0), |(hits, n), (_, time)| {
            (hits + f64::from(u8::from(time.is_some_and(|time| time.status == 1))), n + 1.0)
        });
        hits / n
    };
    let shares: Vec<f64> = (0..8).map(share).collect();
    let mean = shares.iter().sum::<f64>() / 8.0;
    let spread = (shares.iter().map(|share| (share - mean) * (share - mean)).sum::<f64>() / 7.0).sqrt();
    let parameters = value.parameters.expect("members have patients enough");
    assert!((parameters - spread).abs() < 0.05, "{parameters} told, {spread} between members");
    let (low, high) = value.low.zip(value.high).expect("an interval");
    let inside = shares.iter().filter(|share| (low..=high).contains(*share)).count();
    assert!(inside >= 7, "{shares:?} in {low} to {high}");
    let alone = hit(&found(&mut self::library(), &asked(&["frailty=0.5"], 640)).twin).0;
    let width = |value: &Value| value.high.zip(value.low).map(|(high, low)| high - low).expect("an interval");
    assert!(width(&value) > 3.0 * width(&alone) && alone.parameters.is_none());
    assert!(difference.parameters.is_some_and(|own| own < parameters), "what the arms share cancels");
}

/// Twins who live with the mean know from people beside them how far draws lie apart: as far as members do in whom
/// people live, since these are the same draws. What they came to does not move.
#[test]
fn people_with_draws_beside_the_twins_tell_the_doubt_of_the_parameters() {
    let hit = |twin: &Twin| {
        let hit = twin.outcomes.iter().find(|outcome| outcome.endpoint == "hit").expect("it is looked at");
        hit.values[1].clone()
    };
    let mut library = library_of_doubt();
    library.posterior = Some(crate::posterior::Posterior {
        version: "by hand".into(),
        parameters: vec!["hits".into()],
        draws: HITS.to_vec(),
        spread: crate::posterior::TrialSpread::ASSUMED,
        unseen: None,
    });
    library.use_posterior(crate::posterior::PosteriorUse::Point);
    let alone = found(&mut library, &asked(&["frailty=0.5"], 320)).twin;
    let with = Asked { doubt: 960, ..asked(&["frailty=0.5"], 320) };
    let answered = found(&mut library, &with);
    let members = found(&mut library_of_members(), &asked(&["frailty=0.5"], 640)).twin;
    let (alone, own, others) = (hit(&alone), hit(&answered.twin), hit(&members));
    assert_eq!(alone.estimate, own.estimate);
    let (told, apart) = (own.parameters.expect("split"), others.parameters.expect("members"));
    assert!((told / apart - 1.0).abs() < 0.25, "{told} told, {apart} between members");
    let width = |value: &Value| value.high.zip(value.low).map(|(high, low)| high - low).expect("an interval");
    assert!(width(&own) > 2.0 * width(&alone) && (width(&own) / width(&others) - 1.0).abs() < 0.35);
    let parts = own.parts.expect("split");
    let parameters = parts.parameters.expect("split");
    assert!(
        (parameters + parts.patients + parts.chance - 1.0).abs() < 1e-12 && parameters > 0.8,
        "{parts:?}"
    );
    assert!(parts.parameters_low < Some(parameters) && Some(parameters) < parts.parameters_high);
    assert!(answered.twin.not_split.is_none() && alone.parts.is_none());
    let page = page::page(&answered.twin);
    assert!(page.contains("Where the doubt comes from") && page.contains("uncertain parameters"));
    assert!(!plain::page(&answered.twin).contains("Where the doubt"));
    // Few twins, or nobody beside them: the answer says so.
    let few = found(&mut library, &Asked { doubt: 960, ..asked(&["frailty=0.5"], 20) }).twin;
    assert!(few.not_split.as_ref().is_some_and(|why| why.contains("it takes 30")), "{:?}", few.not_split);
    assert!(page::page(&few).contains("not split here"));
}

/// A reading at entry weighs the candidates: who comes near stays.
#[test]
fn a_reading_at_entry_is_met_by_the_twins() {
    let mut library = library();
    let question = ask(&mut library, &asked(&["hits=1~0.2"], 60));
    let likes = draw::draw(&question, &()).expect("it runs");
    assert!(likes.tried > likes.weights.len(), "some are not like the patient");
    let at = question.trial.program.states.iter().position(|state| state.name == "hits");
    if let Some(at) = at {
        let hits: Vec<f64> =
            (0..likes.weights.len()).map(|row| likes.entered.snapshots.states_of(row)[at]).collect();
        assert!(hits.iter().all(|hits| (hits - 1.0).abs() < 1.0), "{hits:?}");
    }
}

#[test]
fn measurements_sharpen_the_twins() {
    let mut library = library();
    let table = "day,what,value\n365.25,scale,6\n182.625,scale,5\n".to_string();
    let plain = found(&mut library, &asked(&[], 80));
    let with = Asked { data: Some(("visits.csv".into(), table)), ..asked(&[], 80) };
    let sharp = found(&mut library, &with);
    let spread = |answered: &Answered| {
        let fan = &answered.twin.scores[0].fan;
        let visit = fan.days.iter().position(|day| (*day - 365.25).abs() < 1.0).expect("a visit");
        (fan.quantiles[visit][2] - 6.0).abs()
    };
    assert!(spread(&sharp) < spread(&plain), "{} and {}", spread(&sharp), spread(&plain));
    assert!(sharp.twin.drawn.effective <= sharp.twin.drawn.twins as f64 + 1e-9);
    assert_eq!(sharp.twin.measurements, 2);
}

/// Everything that is wrong, at its place, with the nearest name and what is allowed.
#[test]
fn everything_wrong_is_told_at_once() {
    let mut library = library();
    let table = "day,wat,value\n1,scale,2\n".to_string();
    let mut wrong = asked(&["frailt=0.5", "pace=quick", "frailty=90", "burden=-1", "flaw=0.5"], 10);
    wrong.data = Some(("visits.csv".into(), table));
    let mut words = Sources::default();
    let (found, problems) = question(&mut library, &wrong, &mut words).expect("the disease is there");
    assert!(found.is_none());
    let text = problems.iter().map(|problem| problem.render(&words)).collect::<Vec<_>>().join("\n");
    for part in [
        "--set:1:1",
        "did you mean `frailty`",
        "--set:2:6",
        "--set:3:9",
        "allowed are 0 to 2",
        "--set:4:8",
        "--set:5:6",
        "allowed are 0, 1",
        "visits.csv:1:5",
        "did you mean `what`",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let wrong =
        Asked { regimens: vec!["grapht".into(), "control".into(), "control".into()], ..asked(&[], 10) };
    let (found, problems) =
        question(&mut library, &wrong, &mut Sources::default()).expect("the disease is there");
    assert!(found.is_none() && problems.len() == 2, "{problems:?}");
}

/// A fact outside the population is named, and so is an entry condition that it contradicts.
#[test]
fn what_is_extrapolated_is_named() {
    let mut library = library();
    let inside = found(&mut library, &asked(&["frailty=0.5"], 20)).twin;
    assert!(inside.facts[0].inside);
    let outside = found(&mut library, &asked(&["frailty=1.5"], 20)).twin;
    assert!(!outside.facts[0].inside);
    let text = outside.extrapolated.join("\n");
    assert!(text.contains("1.5 lies outside the population") && text.contains("not frail"), "{text}");
}

#[test]
fn the_page_is_whole() {
    let mut library = library();
    let twin = found(&mut library, &asked(&["frailty=0.5"], 20)).twin;
    let page = page::page(&twin);
    for part in
        ["<h1>", "Benefit", "Harm", "Scores over time", "How the twins were found", "Not for decisions"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http") && !page.contains("<script") && !page.contains("NaN"));
}
