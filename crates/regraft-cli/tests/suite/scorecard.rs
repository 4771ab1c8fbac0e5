//! `regraft validate` without a scorecard: any pack of published trials, row by row.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{json, regraft, stderr};

fn score(pack: &str, out: &Path, extra: &[&str]) -> Value {
    let out = out.to_string_lossy().into_owned();
    let arguments = ["validate", "--evidence", pack, "--patients", "60", "--format", "json", "--out", &out];
    json(&[&arguments[..], extra].concat())
}

const EXAMPLE: &str = "docs/guide/example/pack";

fn row<'a>(answer: &'a Value, trial: &str, arm: &str, outcome: &str) -> &'a Value {
    let rows = answer["rows"].as_array().expect("there are rows");
    let found = rows.iter().find(|row| {
        row["trial_id"] == trial
            && row["arm_id"] == arm
            && row["outcome"] == outcome
            && row["time_value"] != 0.0
    });
    found.unwrap_or_else(|| panic!("{trial} {arm} {outcome} is in the answer"))
}

#[test]
fn every_row_is_predicted_or_has_a_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("v");
    let answer = score(EXAMPLE, &place, &["--threads", "1"]);
    let rows = answer["rows"].as_array().expect("there are rows");
    assert_eq!(rows.len(), 10);
    for row in rows {
        assert_ne!(row["predicted"].is_null(), row["skipped"].is_null(), "{row}");
        assert_eq!(row["inside"].is_null(), row["predicted"].is_null() || row["observed"].is_null(), "{row}");
    }
    let blank = row(&answer, "EXAMPLE_MS", "HSCT", "NEDA3");
    assert!(
        blank["observed"].is_null() && blank["inside"].is_null() && blank["predicted"].is_number(),
        "{blank}"
    );
    assert_eq!(
        (&blank["regimen"], &blank["endpoint"]),
        (&"ahsct_beam_atg".into(), &"neda3_since_graft".into())
    );
    for (trial, arm, outcome, reason) in [
        ("EXAMPLE_GOUT", "DRUG", "flare", "no rule knows the disease `gout`"),
        ("EXAMPLE_RA", "ADA", "handshake_strength", "no rule knows the outcome"),
        ("EXAMPLE_RA", "ADA", "ACR20_p", "a p-value is not scored"),
        ("EXAMPLE_MS", "HSCT", "brain_volume_change", "not simulated"),
    ] {
        let skipped = row(&answer, trial, arm, outcome)["skipped"].as_str().unwrap_or_default();
        assert!(skipped.contains(reason), "{outcome}: {skipped}");
    }
    assert!(rows.iter().any(|row| row["skipped"] == "a row at time 0 is not scored"));
    let summary = &answer["summary"];
    let counts = ["rows", "predicted", "skipped"].map(|key| summary[key].as_u64().expect("a number"));
    assert_eq!((counts[0], counts[1] + counts[2]), (10, 10));
    let of_reasons: u64 =
        summary["reasons"].as_array().expect("reasons").iter().filter_map(|one| one[1].as_u64()).sum();
    assert_eq!(of_reasons, counts[2], "every skipped row is counted");
}

#[test]
fn arms_are_compared_and_the_folder_is_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("v");
    let first = score(EXAMPLE, &place, &["--threads", "1"]);
    let page = || fs::read(place.join("scorecard.json")).expect("it is there");
    let bytes = page();
    let second = score(EXAMPLE, &place, &["--threads", "2"]);
    assert!(first == second && bytes == page(), "two threads give other bytes");
    let differences = first["differences"].as_array().expect("differences");
    let acr = differences.iter().find(|one| one["outcome"] == "ACR20").expect("the two arms are compared");
    assert_eq!(
        (&acr["arm_id"], &acr["versus"], &acr["observed"]),
        (&"ADA".into(), &"PBO".into(), &32.0.into())
    );
    assert_eq!(acr["sign_right"], true, "adalimumab helps more than placebo: {acr}");
    let tests = first["tests"].as_array().expect("tests");
    assert!(tests.iter().any(|test| test["outcome"] == "ACR20" && test["rejected"] == true), "{tests:?}");
    let html = fs::read_to_string(place.join("index.html")).expect("there is a page");
    assert!(html.contains("<svg") && !html.contains("<script") && !html.contains("NaN"));
    let text = fs::read_to_string(place.join("scorecard.md")).expect("there is Markdown");
    // The answer comes first, with what it would be if the intervals were right, and where the failures are.
    let answer: String = text.lines().skip(1).take(4).collect();
    assert!(answer.contains("predicted, and ") && answer.contains(" fell inside the 90"), "{answer}");
    assert!(answer.contains(" fell outside"), "{answer}");
    assert!(html.contains("<td data-l=\"inside\">"), "on a phone a cell says of which column it is");
    for line in text.lines().filter(|line| line.starts_with("![")) {
        let file = line.split(['(', ')']).find(|part| part.ends_with(".svg")).expect("a figure has a file");
        let svg = fs::read_to_string(place.join(file)).expect("the figure is there");
        assert!(svg.starts_with("<svg xmlns") && svg.contains("<style>"), "{file}");
    }
    assert_eq!(fs::read_dir(place.join("trials")).expect("trials").count(), 2);
}

#[test]
fn rows_of_another_use_are_not_opened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pack = folder.path().join("pack");
    fs::create_dir_all(&pack).expect("a folder");
    let arms =
        "trial_id,arm_id,use,disease,therapy,n\nT,A,validate,RA,placebo,50\nU,A,calibrate,RA,placebo,50\n";
    let rows = "trial_id,arm_id,use,outcome,time_value,time_unit,value,unit,verified\n\
                T,A,validate,ACR20,12,weeks,20,percent,yes\n\
                U,A,calibrate,ACR20,12,weeks,20,percent,yes\n\
                U,A,,ACR50,12,weeks,8,percent,no\n";
    fs::write(pack.join("arms.csv"), arms).expect("written");
    fs::write(pack.join("outcomes.csv"), rows).expect("written");
    let answer = score(&pack.to_string_lossy(), &folder.path().join("v"), &["--use", "calibrate"]);
    let rows = answer["rows"].as_array().expect("there are rows");
    assert_eq!((rows.len(), answer["summary"]["unopened"].as_u64()), (2, Some(1)));
    assert!(rows.iter().all(|row| row["trial_id"] == "U"), "{rows:?}");
    assert_eq!(rows[1]["skipped"], "remembered, not read in its source");
}

/// Deaths by treatment fall with years and experience, CMV needs a carrier, and lupus kills its patients.
#[test]
fn year_centers_serostatus_and_disease_move_what_is_predicted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pack = folder.path().join("pack");
    fs::create_dir_all(&pack).expect("a folder");
    let arms = "trial_id,arm_id,disease,subtype,design,therapy,n,citation\n\
                OLD,A,SLE,severe,registry of 20 countries,auto_HSCT,200,A Journal 1996;1\n\
                NEW,A,SLE,severe,single-centre,auto_HSCT,200,A Journal 2024;1\n\
                CARRIERS,A,safety_cross,allo CMV R+,cohort,allo_HSCT,200,A Journal 2012;1\n\
                ANY,A,safety_cross,allo,cohort,allo_HSCT,200,A Journal 2012;1\n\
                COHORT,A,SLE,cohort,cohort,conventional,500,A Journal 2012;1\n";
    let rows = "trial_id,arm_id,outcome,time_value,time_unit,value,unit\n\
                OLD,A,treatment_related_mortality,100,days,,percent\n\
                NEW,A,treatment_related_mortality,100,days,,percent\n\
                CARRIERS,A,csCMVi,100,days,,percent\n\
                ANY,A,csCMVi,100,days,,percent\n\
                COHORT,A,overall_survival,10,years,,percent\n";
    fs::write(pack.join("arms.csv"), arms).expect("written");
    fs::write(pack.join("outcomes.csv"), rows).expect("written");
    let place = folder.path().join("v");
    let wide = ["--patients", "300", "--posterior", "none"];
    let pack = pack.to_string_lossy().into_owned();
    let out = place.to_string_lossy().into_owned();
    let answer =
        json(&[&["validate", "--evidence", &pack, "--format", "json", "--out", &out][..], &wide].concat());
    let predicted = |trial: &str, outcome: &str| {
        row(&answer, trial, "A", outcome)["predicted"].as_f64().expect("it is predicted")
    };
    let deaths = |trial: &str| predicted(trial, "treatment_related_mortality");
    assert!(
        deaths("OLD") > 2.0 * deaths("NEW") && deaths("OLD") < 40.0,
        "{} {}",
        deaths("OLD"),
        deaths("NEW")
    );
    let virus = |trial: &str| predicted(trial, "csCMVi");
    assert!(virus("CARRIERS") > 1.4 * virus("ANY"), "{} {}", virus("CARRIERS"), virus("ANY"));
    let alive = predicted("COHORT", "overall_survival");
    assert!((75.0..95.0).contains(&alive), "{alive}");
}

#[test]
fn a_broken_pack_is_told_with_line_and_column() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (pack, out) = (folder.path().join("pack"), folder.path().join("v").to_string_lossy().into_owned());
    fs::create_dir_all(&pack).expect("a folder");
    let arms = "trial_id,arm_id,disease,therapy,n\nT,A,RA,placebo,many\n";
    fs::write(pack.join("arms.csv"), arms).expect("written");
    let run = || {
        let output = regraft(&["validate", "--evidence", &pack.to_string_lossy(), "--out", &out]);
        (output.status.code(), stderr(&output))
    };
    let (code, told) = run();
    assert!(code != Some(0) && told.contains("outcomes.csv"), "{code:?} {told}");
    fs::write(pack.join("outcomes.csv"), "trial_id,arm_id,value\nT,A,half\n").expect("written");
    let (code, told) = run();
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("arms.csv:2:16") && told.contains("column `n` holds `many`"), "{told}");
    assert!(told.contains("lacks column `outcome`"), "{told}");
    assert!(!Path::new(&out).exists(), "nothing is written");
    let nowhere = regraft(&["validate", "--evidence", "no/such/folder", "--out", &out]);
    assert!(!nowhere.status.success() && stderr(&nowhere).contains("no/such/folder"));
}

#[test]
fn rules_of_the_user_take_the_place_of_ours_and_their_ids_are_checked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let library = folder.path().join("library");
    fs::create_dir_all(library.join("evidence")).expect("a folder");
    let rules = "table,priority,when,gives,why\n\
                 disease,1,disease: ra,disease=rheumatoid_arthritis,name\n\
                 regimen,1,therapy: placebo,regimen=placeboo,name\n";
    fs::write(library.join("evidence/vocabulary.csv"), rules).expect("written");
    let out = folder.path().join("v").to_string_lossy().into_owned();
    let output =
        regraft(&["validate", "--evidence", EXAMPLE, "--library", &library.to_string_lossy(), "--out", &out]);
    assert_eq!(output.status.code(), Some(3));
    let told = stderr(&output);
    assert!(
        told.contains("vocabulary.csv:3:1") && told.contains("no regimen `placeboo`: did you mean")
            || told.contains("did you mean `placebo`?"),
        "{told}"
    );
}
