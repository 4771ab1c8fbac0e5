//! `regraft model explore`: steady states over a parameter, patients beside the border.

use std::fs;

use crate::{is_refused, json, regraft, stderr, stdout};

const DISEASE: &str = "multiple_sclerosis_relapsing";

#[test]
fn a_model_file_is_explored() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("cubic.ant");
    fs::write(&file, "model cubic()\n a = 0; x = -2;\n x' = a + x - x^3/3;\nend\n").expect("writable");
    let file = file.to_string_lossy().into_owned();
    let out = folder.path().join("page").to_string_lossy().into_owned();
    let base =
        ["model", "explore", "--model", &file, "--over", "a", "--state", "x", "--from", "-1", "--to", "1"];
    let text = regraft(&[&base[..], &["--points", "5", "--out", &out]].concat());
    assert_eq!(text.status.code(), Some(0), "{}", stderr(&text));
    assert!(stdout(&text).contains("fold at 0.6667"), "{}", stdout(&text));
    let page = fs::read_to_string(format!("{out}/explore.html")).expect("the page is written");
    assert!(page.contains("<svg") && page.contains("stable") && !page.contains("http"), "the page is whole");
    let found = json(&[&base[..], &["--format", "json"]].concat());
    assert_eq!(found["diagram"]["bifurcations"].as_array().map(Vec::len), Some(2));
}

#[test]
fn patients_stand_on_a_side() {
    let arguments = [
        "model",
        "explore",
        DISEASE,
        "--over",
        "treg_fitness",
        "--from",
        "0.3",
        "--to",
        "0.95",
        "--points",
        "3",
        "--regimen",
        "ahsct_beam_atg",
        "--regimen",
        "ahsct_cy200_atg",
        "--patients",
        "24",
        "--format",
        "json",
    ];
    let found = json(&arguments);
    let regimens = found["positions"]["regimens"].as_array().expect("regimens are asked for");
    assert_eq!(regimens.len(), 2);
    for regimen in regimens {
        let patients = regimen["patients"].as_array().expect("patients");
        assert_eq!(patients.len() as u64 + regimen["not_followed"].as_u64().expect("a count"), 24);
        for patient in patients.iter().filter(|patient| patient["border"].is_number()) {
            let (left, border) = (patient["left"].as_f64().expect("a number"), patient["border"].as_f64());
            // Far from the border five years decide; near it they may not.
            if left < 0.5 * border.expect("a number") {
                assert_eq!(patient["tolerant"], true, "{patient}");
            }
        }
    }
}

#[test]
fn more_drug_leaves_no_more_of_the_clone_than_none() {
    let base = ["model", "explore", DISEASE, "--over", "treg_fitness", "--from", "0.3", "--to", "0.95"];
    let more = ["--points", "2", "--patients", "16", "--format", "json", "--regimen"];
    let left = |regimen: &str| {
        let found = json(&[&base[..], &more[..], &[regimen]].concat());
        found["positions"]["regimens"][0]["median_left"].as_f64().expect("a number")
    };
    assert!(left("ahsct_beam_atg") < left("dmt_mist"));
}

#[test]
fn wrong_names_are_refused_with_the_nearest() {
    let range = ["--from", "0", "--to", "1"];
    let explore = |more: &[&'static str]| [&["model", "explore"][..], more, &range[..]].concat();
    is_refused(&explore(&[DISEASE, "--over", "treg_fitnes"]), "did you mean `treg_fitness`?");
    is_refused(&explore(&["multiple_sclerosis", "--over", "treg_fitness"]), "there is no disease");
    is_refused(
        &explore(&[DISEASE, "--over", "treg_fitness", "--state", "autoreactive_memry"]),
        "did you mean",
    );
    is_refused(&explore(&[DISEASE, "--over", "treg_fitness", "--set", "treg_fitness"]), "NAME=VALUE");
    is_refused(&explore(&[DISEASE, "--over", "relapse_rate"]), "changes no rate");
    is_refused(
        &explore(&[DISEASE, "--over", "treg_fitness", "--regimen", "ahsct_cy200_at"]),
        "did you mean `ahsct_cy200_atg`?",
    );
    is_refused(
        &["model", "explore", DISEASE, "--over", "treg_fitness", "--from", "1", "--to", "0"],
        "--from",
    );
}
