//! `regraft twin` and `regraft benefit`: one patient under several regimens, and who benefits.

use std::fs;

use crate::{is_refused, json, regraft, stderr};

const DISEASE: &str = "multiple_sclerosis_relapsing";

#[test]
fn one_patient_lives_two_regimens() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("twin").to_string_lossy().into_owned();
    let arguments = [
        "twin",
        DISEASE,
        "--set",
        "age=34",
        "--set",
        "sex=female",
        "--set",
        "edss=4.5",
        "--regimen",
        "ahsct_cy200_atg",
        "--regimen",
        "dmt_mist",
        "--patients",
        "12",
        "--plain",
        "--out",
        &out,
        "--format",
        "json",
    ];
    let found = json(&arguments);
    assert_eq!(found["population"]["id"], "mist_entry");
    assert_eq!(found["drawn"]["twins"], 12);
    let outcomes = found["outcomes"].as_array().expect("outcomes");
    let progression =
        outcomes.iter().find(|one| one["endpoint"] == "progression_mist").expect("the primary one");
    assert!(
        progression["values"][0]["estimate"].is_number()
            && progression["differences"][0]["estimate"].is_number()
    );
    assert!(outcomes.iter().any(|one| one["role"] == "harm" && one["is_death"] == true));
    // What is counted is told by the card, not by the title of the state that lasts.
    let activity = outcomes.iter().find(|one| one["endpoint"] == "neda3").expect("MIST looks at it");
    assert_eq!(activity["title"], "Relapse, new lesion, progression or death");
    assert_eq!(activity["more_is_worse"], true);
    for file in ["twin.html", "twin.json", "twins.parquet", "plain.html", "manifest.json"] {
        assert!(fs::metadata(format!("{out}/{file}")).is_ok(), "{file} is written");
    }
    let plain = fs::read_to_string(format!("{out}/plain.html")).expect("readable");
    assert!(plain.contains("For research on how to communicate") && plain.contains("of 100"));
    assert!(
        found["not_split"].as_str().is_some_and(|why| why.contains("12 twins are too few")),
        "{}",
        found["not_split"]
    );
    assert_eq!(json(&arguments), found, "the same seed gives the same answer");
}

/// A therapy that a trial refuted: its benefit is not known on the plain sheet.
#[test]
fn refuted_benefit_is_not_drawn() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("twin").to_string_lossy().into_owned();
    let done = regraft(&[
        "twin",
        DISEASE,
        "--set",
        "age=34",
        "--regimen",
        "msc_intravenous_once",
        "--regimen",
        "observation_ms",
        "--patients",
        "6",
        "--plain",
        "--out",
        &out,
    ]);
    assert!(done.status.success(), "{}", stderr(&done));
    let plain = fs::read_to_string(format!("{out}/plain.html")).expect("readable");
    assert!(plain.contains("not known") && plain.contains("A good study looked for help and found none."));
}

/// How long one has been ill: a reading in multiple sclerosis, the run-in in type 1 diabetes, the scar of the skin in
/// systemic sclerosis; refused with its reason elsewhere.
#[test]
fn years_of_illness_are_known_where_the_model_holds_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("twin").to_string_lossy().into_owned();
    let ask = |disease: &str, duration: &str, regimens: [&str; 2]| {
        let mut words = vec!["twin", disease, "--set", duration];
        regimens.iter().for_each(|regimen| words.extend(["--regimen", regimen]));
        words.extend(["--patients", "24", "--doubt", "0", "--out", &out, "--format", "json"]);
        json(&words)
    };
    let at = |found: &serde_json::Value, endpoint: &str| {
        let outcomes = found["outcomes"].as_array().expect("outcomes");
        let own = outcomes.iter().find(|one| one["endpoint"] == endpoint).expect("it is looked at");
        own["values"][1]["estimate"].as_f64().expect("a number")
    };
    let drugs = ["natalizumab_first_drug", "dmt_mist"];
    let read = ask(DISEASE, "duration=12", drugs);
    assert_eq!(
        (&read["facts"][0]["how"], &read["facts"][0]["name"]),
        (&"weighed".into(), &"duration".into())
    );
    let insulin = ["teplizumab_two_courses", "insulin"];
    let (fresh, later) =
        (ask("type_1_diabetes", "duration=14", insulin), ask("type_1_diabetes", "duration=56", insulin));
    assert_eq!(later["facts"][0]["how"], "fixed");
    assert!(at(&fresh, "c_peptide_mean") > 0.0 && fresh["scores"] != later["scores"]);
    let pulses = ["ahsct_cy200_atg_astis", "cyclophosphamide_pulses_12"];
    let (early, late) = (
        ask("systemic_sclerosis", "duration=0.5", pulses),
        ask("systemic_sclerosis", "duration=3.5", pulses),
    );
    assert!(at(&early, "mrss_mean") < at(&late, "mrss_mean"), "old skin softens less");
    let crohn = ["twin", "crohn_luminal", "--set", "duration=8", "--regimen", "adalimumab_every_other_week"];
    is_refused(&crohn, "how fast scars come has not been read");
    is_refused(&["benefit", "charm", "--where", "duration < 2", "--patients", "20"], "how fast scars come");
    let before_birth = ["twin", DISEASE, "--set", "duration=99", "--regimen", "dmt_mist"];
    is_refused(&before_birth, "far outside the population");
    let older = ["twin", DISEASE, "--set", "duration=40", "--set", "age=34", "--regimen", "dmt_mist"];
    is_refused(&older, "`duration` is 40 years at an age of 34");
}

#[test]
fn wrong_facts_are_told_at_once() {
    let wrong = [
        "twin",
        DISEASE,
        "--set",
        "agee=34",
        "--set",
        "edss=45",
        "--regimen",
        "ahsct_cy200_atg",
        "--regimen",
        "dmt_mist",
    ];
    is_refused(&wrong, "did you mean `age`, from 18 to 55?");
    is_refused(&wrong, "allowed are");
    is_refused(&["twin", "multiple_sclerosis", "--regimen", "dmt_mist"], "there is no disease");
    is_refused(&["twin", DISEASE, "--regimen", "dmt_mis"], "did you mean `dmt_mist`?");
    is_refused(
        &["twin", DISEASE, "--set", "age=34"],
        "trials of this disease give ahsct_alemtuzumab, ahsct_beam_atg,",
    );
    let several = "did you mean `multiple_sclerosis_primary_progressive`, `multiple_sclerosis_relapsing` or";
    is_refused(&["twin", "multiple_sclerosis", "--set", "age=34"], several);
    // Wrong facts and wrong regimens are told together.
    let both = ["twin", DISEASE, "--set", "agee=34", "--regimen", "dmt_mis"];
    is_refused(&both, "did you mean `age`");
    is_refused(&both, "did you mean `dmt_mist`?");
}

#[test]
fn who_benefits_is_told_with_the_funnel() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("benefit").to_string_lossy().into_owned();
    let found = json(&[
        "benefit",
        "mist",
        "--where",
        "age < 40 and edss < 4",
        "--patients",
        "40",
        "--out",
        &out,
        "--format",
        "json",
    ]);
    assert_eq!(found["n"].as_u64().map(|n| n + found["left_out"].as_u64().unwrap_or(0)), Some(40));
    let set = &found["sets"][0];
    assert_eq!(set["steps"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        set["inside"]["n"].as_u64().unwrap_or(0) + set["outside"]["n"].as_u64().unwrap_or(0),
        found["n"].as_u64().unwrap_or(1)
    );
    assert!(found["all"]["benefit"]["estimate"].is_number());
    let page = fs::read_to_string(format!("{out}/benefit.html")).expect("it is written");
    assert!(
        page.contains("Against what trials and cohorts found") && page.contains("FARGE2010/FARGE2010_AUTO")
    );
    let known = found["known"].as_array().expect("topics");
    assert_eq!(known.len(), 5);
    let topic = |name: &str| known.iter().find(|one| one["topic"] == name).expect("it is a topic");
    assert_eq!(topic("age")["rows"][0]["sign"].as_f64(), Some(-1.0));
    assert!(topic("age")["rows"][0]["found"].is_object(), "{}", topic("age"));
    assert!(topic("ketoacidosis")["silent"].as_str().is_some_and(|words| words.contains("no row")));
    assert_eq!(topic("duration")["feature"], "duration");
    assert!(topic("duration")["silent"].is_null(), "years are read in multiple sclerosis");
    assert!(
        topic("progressive_form")["silent"]
            .as_str()
            .is_some_and(|words| words.contains("no trait or reading"))
    );
    is_refused(
        &["benefit", "mist", "--where", "agee < 40", "--patients", "20", "--out", &out],
        "did you mean `age`?",
    );
    is_refused(&["benefit", "halt_ms", "--patients", "20", "--out", &out], "one arm");
}

/// With draws of the posterior the twins belong to members, and the plain sheet says that its ranges hold that doubt.
#[test]
fn the_intervals_of_a_twin_know_the_posterior() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("twin").to_string_lossy().into_owned();
    let found = json(&[
        "twin",
        DISEASE,
        "--set",
        "age=34",
        "--regimen",
        "ahsct_cy200_atg",
        "--regimen",
        "dmt_mist",
        "--patients",
        "32",
        "--plain",
        "--posterior",
        "ensemble:4",
        "--out",
        &out,
        "--format",
        "json",
    ]);
    assert_eq!(found["drawn"]["members"], 4);
    let effective = found["drawn"]["effective_members"].as_f64().expect("a number");
    assert!((1.0..=4.0).contains(&effective), "{effective}");
    let outcomes = found["outcomes"].as_array().expect("outcomes");
    assert!(outcomes.iter().any(|one| one["values"][1]["parameters"].is_number()));
    let parts = outcomes.iter().map(|one| &one["values"][1]["parts"]).find(|parts| parts.is_object());
    let parts = parts.expect("an outcome is split");
    let share = |name: &str| parts[name].as_f64().expect("a share");
    assert!((share("parameters") + share("patients") + share("chance") - 1.0).abs() < 1e-9, "{parts}");
    assert!(share("parameters_low") <= share("parameters") && parts["n"] == 32);
    let page = fs::read_to_string(format!("{out}/twin.html")).expect("readable");
    assert!(page.contains("members of the posterior") && !page.contains("NaN"));
    assert!(page.contains("Where the doubt comes from") && page.contains("What one such person will live"));
    let plain = fs::read_to_string(format!("{out}/plain.html")).expect("readable");
    assert!(plain.contains("The range holds doubt about what goes on in the body, too."));
}
