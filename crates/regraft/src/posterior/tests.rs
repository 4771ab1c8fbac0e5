//! Members on the toy trial, where what they move can be seen, and a posterior as files.

use std::fs;

use super::*;
use crate::library::Library;
use crate::outcomes::Outcome;
use crate::study::toy::{folder, options};
use crate::study::{Prepared, prepare, record};

const CARD: &str = r#"
id = "toy"
[[parameter]]
name = "hits"
title = "Hits"
sets = ["hit_rate"]
scale = "log"
sd = 1.0
source = "assumed"
why = "a test"
[[parameter]]
name = "deaths"
title = "Deaths, which no card sets"
sets = ["death_rate"]
scale = "log"
sd = 1.0
source = "assumed"
why = "a test"
[[parameter]]
name = "elsewhere"
title = "Something that the toy does not have"
sets = ["edss_damage_gain"]
scale = "log"
sd = 1.0
source = "assumed"
why = "a test"
"#;

/// The toy library with uncertain parameters.
fn library() -> Library {
    let folder = folder(&[]);
    let path = folder.0.clone();
    fs::create_dir_all(path.join("uncertainty")).unwrap();
    fs::write(path.join("uncertainty/toy.toml"), CARD).unwrap();
    let library = Library::open(&[path]).unwrap();
    assert!(!library.diagnostics.iter().any(|p| p.is_error()), "{:?}", library.diagnostics);
    library
}

fn toy_parameters(library: &Library) -> Vec<UncertainParameter> {
    library.uncertainties["toy"].parameters.clone()
}

fn prepared(library: &mut Library, z: Option<Vec<f64>>) -> Prepared {
    let parameters = toy_parameters(library);
    library.members = z.map(|z| Arc::new(Members { title: "by hand".into(), parameters, z }));
    let (trial, problems) = prepare(library, "toy_trial").unwrap();
    trial.unwrap_or_else(|| panic!("{problems:?}"))
}

/// Shares of the patients of even and of odd number who were hit, `[arm]`.
fn shares(trial: &Prepared) -> Vec<[f64; 2]> {
    let record = record(trial, &options(400), 400, &()).unwrap();
    let hit = trial.endpoint_ids.iter().position(|id| id == "hit").unwrap();
    let of_arm = |arm: &Vec<Outcome>| {
        let Outcome::Times(times) = &arm[hit] else { panic!("the endpoint has times") };
        let share = |parity: u64| {
            let own = record.cohort.numbers.iter().zip(times).filter(|(number, _)| **number % 2 == parity);
            let (n, events) = own.fold((0.0, 0.0), |(n, events), (_, time)| {
                (n + 1.0, events + f64::from(u8::from(time.as_ref().is_some_and(|t| t.status == 1))))
            });
            events / n
        };
        [share(0), share(1)]
    };
    record.outcomes.iter().map(of_arm).collect()
}

#[test]
fn patients_of_a_member_live_by_its_parameters_in_every_arm() {
    let mut library = library();
    let apart = prepared(&mut library, Some(vec![-4.0, -9.0, 0.0, 3.0, -9.0, 0.0]));
    let bound = apart.members.as_ref().unwrap();
    assert_eq!((bound.acting(), bound.member_of(7), bound.member_of(10)), (vec![0, 1], 1, 0));
    for [few, many] in shares(&apart) {
        assert!(few < 0.2 && many > 0.9, "{few} {many}");
    }
}

#[test]
fn members_at_the_cards_move_no_bit() {
    let mut library = library();
    let outcomes = |trial: &Prepared| record(trial, &options(60), 60, &()).unwrap().outcomes;
    let (with, without) = (prepared(&mut library, Some(vec![0.0; 6])), prepared(&mut library, None));
    let text = |trial: &Prepared| format!("{:?}", outcomes(trial));
    assert!(text(&with) == text(&without));
}

#[test]
fn a_posterior_reads_back_what_was_written() {
    let posterior = Posterior {
        version: "2026-11".into(),
        parameters: vec!["hits".into(), "deaths".into()],
        draws: vec![0.5, -1.0, 1.5, 3.0],
        spread: TrialSpread::ASSUMED,
        unseen: None,
    };
    let folder = folder(&[]);
    let path = folder.0.join("posterior/2026-11");
    posterior.write(&path, "by hand".into()).unwrap();
    let library = library();
    let written = fs::read(path.join("draws.parquet")).unwrap();
    let about = fs::read_to_string(path.join("posterior.json")).unwrap();
    assert_eq!(Posterior::read("2026-11", written, &about).unwrap(), posterior);
    let parameters: Vec<UncertainParameter> = library.uncertain_parameters().cloned().collect();
    let of = |choice| Members::of(&posterior, parameters.clone(), choice).unwrap();
    let column = |members: &Members, name: &str| {
        let at = members.parameters.iter().position(|p| p.name.text == name).unwrap();
        (0..members.n_members()).map(|member| members.z_of(member)[at]).collect::<Vec<_>>()
    };
    let (point, ensemble) = (of(PosteriorUse::Point), of(PosteriorUse::Ensemble(2)));
    assert_eq!((column(&point, "deaths"), column(&ensemble, "deaths")), (vec![1.0], vec![-1.0, 3.0]));
    assert_eq!(column(&point, "elsewhere"), vec![0.0], "unknown to the posterior: as the cards say");
    assert!(column(&ensemble, "elsewhere").iter().all(|z| *z != 0.0), "drawn as before looking");
    assert_eq!(Members::of(&posterior, parameters.clone(), PosteriorUse::None), None);
}

#[test]
fn what_is_no_posterior_is_refused() {
    assert!(Posterior::read("x", b"nothing".to_vec(), "{}").is_err());
    let about = serde_json::to_string(&file::About {
        trial_spread: TrialSpread::ASSUMED,
        unseen_trials: None,
        provenance: "by hand".into(),
    })
    .unwrap();
    assert!(Posterior::read("x", b"nothing".to_vec(), &about).is_err());
}
