//! The library can be looked through, and a folder of the user wins over it.

use std::fs;

use serde_json::Value;

use crate::{regraft, root, stderr, stdout};

/// The counts of a drug are those of the numbers that `library show` prints.
#[test]
fn the_sources_of_every_drug_are_counted() {
    let count: Value =
        serde_json::from_str(&stdout(&regraft(&["library", "sources", "--format", "json"]))).expect("JSON");
    let drugs = count["drugs"].as_array().expect("drugs");
    let columns = ["read", "recalled", "calibrated", "assumed"];
    for column in columns {
        let sum: u64 = drugs.iter().map(|drug| drug[column].as_u64().expect("a count")).sum();
        assert_eq!(count["all"][column].as_u64(), Some(sum), "{column}");
        assert!(sum > 0, "{column}");
    }
    let text = stdout(&regraft(&["library", "sources"]));
    let drug = drugs.iter().find(|drug| drug["id"] == "cyclophosphamide").expect("a drug of the library");
    let line = text.lines().find(|line| line.starts_with("cyclophosphamide ")).expect("its line");
    let cells: Vec<u64> =
        line.split_whitespace().skip(1).map(|cell| cell.parse().expect("a count")).collect();
    let counts: Vec<u64> = columns.iter().filter_map(|column| drug[*column].as_u64()).collect();
    assert_eq!(cells, counts);
}

#[test]
fn the_list_names_every_kind() {
    let list: Value =
        serde_json::from_str(&stdout(&regraft(&["library", "list", "--format", "json"]))).expect("JSON");
    for kind in
        ["diseases", "products", "sensitivities", "drugs", "regimens", "populations", "endpoints", "trials"]
    {
        let cards = list[kind].as_array().unwrap_or_else(|| panic!("no {kind}"));
        assert!(!cards.is_empty(), "no {kind}");
        assert!(cards.iter().all(|card| card["id"].is_string() && card["title"].is_string()));
    }
    let graded =
        list["regimens"].as_array().expect("regimens").iter().filter(|card| card["grade"].is_string());
    assert!(graded.count() >= 2, "the transplants have evidence grades");
}

#[test]
fn a_card_shows_numbers_with_unit_and_source() {
    let text = stdout(&regraft(&["library", "show", "multiple_sclerosis_relapsing"]));
    let line = text.lines().find(|line| line.contains("treg_fitness")).expect("the number is shown");
    assert!(line.contains("0.5") && line.contains("assumed"), "{line}");
}

#[test]
fn two_regimens_differ_in_stated_numbers() {
    let text = stdout(&regraft(&["library", "diff", "ahsct_cy200_atg", "ahsct_beam_atg"]));
    assert!(text.ends_with("numbers differ\n"), "{text}");
    assert!(text.contains("mg/kg"));
}

#[test]
fn an_unknown_card_names_the_nearest() {
    let output = regraft(&["library", "show", "cyclophosfamide"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `cyclophosphamide`?"));
}

#[test]
fn one_kind_is_listed_alone_and_trials_by_their_disease() {
    let text = stdout(&regraft(&["library", "list", "trials"]));
    assert!(text.starts_with("trials\n") && !text.contains("\nregimens\n"), "{text}");
    let (title, trial) = (text.find("  Relapsing multiple sclerosis\n"), text.find("    mist "));
    assert!(title.is_some() && title < trial, "{text}");
    assert_eq!(regraft(&["library", "list", "trial"]).status.code(), Some(2));
}

#[test]
fn a_folder_given_by_the_user_wins() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("drugs")).expect("writable");
    let own = fs::read_to_string(root().join("library/drugs/atg.toml")).expect("the card is there");
    let title = own.lines().find(|line| line.starts_with("title")).expect("it has a title").to_string();
    fs::write(folder.path().join("drugs/atg.toml"), own.replace(&title, "title = \"my own globulin\""))
        .expect("writable");
    let place = folder.path().to_string_lossy().into_owned();
    assert!(stdout(&regraft(&["library", "show", "atg", "--library", &place])).contains("my own globulin"));
}

#[test]
fn the_whole_library_checks_without_errors() {
    let mut files = Vec::new();
    for folder in [
        "claims",
        "directions",
        "diseases",
        "drugs",
        "endpoints",
        "models",
        "populations",
        "products",
        "regimens",
        "scorecards",
        "sensitivities",
        "trials",
        "uncertainty",
    ] {
        for entry in fs::read_dir(root().join("library").join(folder)).expect("the folder is there") {
            files.push(entry.expect("readable").path().to_string_lossy().into_owned());
        }
    }
    files.sort();
    let arguments: Vec<&str> = std::iter::once("check").chain(files.iter().map(String::as_str)).collect();
    let output = regraft(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
}
