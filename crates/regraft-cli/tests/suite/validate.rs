//! `regraft validate`: rows beside simulated patients, a page, and problems with their place.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{json, regraft, root, stderr};

fn validate(folder: &Path, extra: &[&str]) -> Value {
    let out = folder.to_string_lossy().into_owned();
    let arguments = ["validate", "reconstitution", "--patients", "12", "--format", "json", "--out", &out];
    json(&[&arguments[..], extra].concat())
}

#[test]
fn every_row_that_is_compared_is_simulated_or_has_a_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("v");
    let answer = validate(&place, &[]);
    let rows = answer["rows"].as_array().expect("there are rows");
    assert!(rows.len() > 40);
    for row in rows {
        assert_ne!(row["simulation"].is_null(), row["not_simulated"].is_null(), "{row}");
        assert_ne!(row["kind"], "clinical");
        assert!(row["kind"] == "measured" || row["scored"] == false, "only measured rows count: {row}");
        if row["simulation"].is_string() {
            assert!(row["simulated"].is_number() || row["not_reached"].is_string(), "{row}");
        }
    }
    let of_group = |quantity: &str| {
        let found = rows.iter().find(|row| row["quantity"] == quantity && row["line"].as_u64() > Some(1));
        found.unwrap_or_else(|| panic!("no row of {quantity}"))
    };
    for quantity in ["dendritic cells", "monocytes", "IgG2"] {
        let row = of_group(quantity);
        assert_eq!((&row["not_in_model"], &row["scored"]), (&Value::Bool(true), &Value::Bool(false)));
        assert!(
            row["not_simulated"].as_str().is_some_and(|why| why.starts_with("not in the model: ")),
            "{row}"
        );
    }
    for quantity in ["IgG", "IgM", "IgA"] {
        let row = of_group(quantity);
        assert_eq!((&row["scored"], &row["measure"]), (&Value::Bool(true), &Value::from("normal_until")));
        assert!(row["inside"].is_boolean() && row["simulated"].as_f64() > Some(0.0), "{row}");
    }
    let counted = rows.iter().filter(|row| row["scored"] == true && row["simulation"].is_string()).count();
    let tally = &answer["tally"];
    let of = |key: &str| tally[key].as_u64().expect("a number");
    assert_eq!(of("scored"), counted as u64);
    assert_eq!(of("scored"), of("inside") + of("outside") + of("without_range"));
    let page = fs::read_to_string(place.join("index.html")).expect("there is a page");
    assert!(
        page.contains("<svg") && !page.contains("<script") && !page.contains("http"),
        "it asks for nothing"
    );
    assert!(page.contains("not in the model: "), "the page says what the model does not carry");
    assert!(!page.contains("NaN") && !page.contains("inf\""), "every coordinate is a number");
    let courses = fs::read_to_string(place.join("courses.csv")).expect("there are courses");
    assert!(courses.lines().count() > 1000);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_replaces_the_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("v");
    let read = || {
        ["index.html", "validation.json", "courses.csv"]
            .map(|name| fs::read(place.join(name)).expect("it is there"))
    };
    validate(&place, &["--threads", "1"]);
    let first = read();
    validate(&place, &["--threads", "2"]);
    assert!(first == read(), "two threads give other bytes");
}

#[test]
fn rows_outside_are_no_failure_and_new_quantities_need_no_code() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let library = folder.path().join("library");
    fs::create_dir_all(library.join("evidence")).expect("a folder");
    let heading = "quantity,group,time,value,range,source,verified,note,kind,use,quantity_id,measure,threshold,threshold_unit,unit,time_days,value_number,low,high,n";
    let rows = [
        "IgG,\"MS, AHSCT\",1 y,900,800-1000,S,yes,,measured,calibrate,igg,value_at,,,g/L,365.25,900,800,1000,5",
        "plasma cells,\"MS, AHSCT\",1 y,1,0-9,S,yes,,measured,calibrate,immune.lymphoid.plasma_cells,value_at,,,,365.25,1,0,9,5",
        "unknown,\"MS, AHSCT\",1 y,1,,S,yes,,measured,calibrate,no_such_thing,value_at,,,,365.25,1,,,5",
        "IgG,\"MS, AHSCT\",1 y,1,,S,yes,,measured,calibrate,igg,value_at,,,mmol/L,365.25,1,,,5",
        "kept,\"MS, AHSCT\",1 y,1,,S,yes,,measured,validate,igg,value_at,,,g/L,365.25,1,,,5",
    ];
    fs::write(library.join("evidence/reconstitution.csv"), format!("{heading}\n{}\n", rows.join("\n")))
        .expect("written");
    let answer = validate(&folder.path().join("v"), &["--library", &library.to_string_lossy()]);
    let rows = answer["rows"].as_array().expect("there are rows");
    assert_eq!((rows.len(), answer["unopened_rows"].as_u64()), (4, Some(1)));
    assert_eq!(rows[0]["inside"], false);
    assert_eq!(rows[1]["inside"], true);
    assert!(rows[2]["not_simulated"].as_str().is_some_and(|reason| reason.contains("no_such_thing")));
    assert!(rows[3]["not_simulated"].as_str().is_some_and(|reason| reason.contains("mmol/L")));
    assert_eq!(answer["tally"]["outside"], 1);
}

#[test]
fn wrong_names_are_told_with_their_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let library = folder.path().join("library");
    fs::create_dir_all(library.join("scorecards")).expect("a folder");
    let text =
        fs::read_to_string(root().join("library/scorecards/reconstitution.toml")).expect("it is there");
    let cases = [
        ("trial = \"halt_ms\"", "trial = \"halt_msx\"", "there is no trial `halt_msx`"),
        ("arm = \"hsct\"", "arm = \"hsctx\"", "has no arm `hsctx`"),
        (
            "product = \"autologous_pbsc\"",
            "product = \"autologous_pbscx\"",
            "unknown product `autologous_pbscx`",
        ),
        ("name = \"collected_cd34_per_kg\"", "name = \"collected\"", "has a trait `collected`"),
        ("simulation = \"ahsct_ms\"", "simulation = \"ahsct\"", "unknown simulation `ahsct`"),
        ("observable = \"100*naive_cd4_count", "observable = \"100*naive_cd5_count", "naive_cd5_count"),
    ];
    for (right, wrong, message) in cases {
        let at = text.find(right).expect("the scorecard has it");
        let line = text[..at].matches('\n').count() + 1;
        fs::write(library.join("scorecards/reconstitution.toml"), text.replacen(right, wrong, 1))
            .expect("written");
        let out = folder.path().join("v").to_string_lossy().into_owned();
        let output =
            regraft(&["validate", "reconstitution", "--library", &library.to_string_lossy(), "--out", &out]);
        assert_eq!(output.status.code(), Some(3), "{wrong}: {}", stderr(&output));
        let told = stderr(&output);
        assert!(
            told.contains(message) && told.contains(&format!("reconstitution.toml:{line}:")),
            "{wrong}: {told}"
        );
        assert!(!Path::new(&out).exists(), "nothing is written");
    }
}

#[test]
fn a_scorecard_can_be_checked_alone() {
    let output = regraft(&["check", "library/scorecards/reconstitution.toml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("scorecards/mine.toml");
    fs::create_dir_all(folder.path().join("scorecards")).expect("a folder");
    fs::write(&file, "id = \"mine\"\ntitle = \"Mine\"\n[[group]]\nname = \"a\"\nsimulation = \"b\"\n")
        .expect("written");
    let output = regraft(&["check", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("mine.toml:5:14"), "{}", stderr(&output));
}

#[test]
fn an_unknown_scorecard_is_wrong_usage() {
    let output = regraft(&["validate", "reconstitutoin"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `reconstitution`?"), "{}", stderr(&output));
}
