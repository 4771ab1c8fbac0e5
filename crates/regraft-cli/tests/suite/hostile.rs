//! Files that nobody would write on purpose: each is refused with its place, at once, and never with a panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{regraft, root, stderr};

/// A shipped text with one place changed, under the same path in a library of its own.
fn changed(folder: &Path, path: &str, from: &str, to: &str) -> PathBuf {
    let text = fs::read_to_string(root().join("library").join(path)).expect("the shipped text is there");
    assert!(text.contains(from), "{path} no longer holds `{from}`");
    write(folder, path, text.replacen(from, to, 1).as_bytes())
}

fn write(folder: &Path, path: &str, bytes: &[u8]) -> PathBuf {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("writable");
    fs::write(&file, bytes).expect("writable");
    file
}

/// What `regraft check` says; it must end with 3, quickly.
fn refused(file: &Path) -> String {
    let start = Instant::now();
    let output = regraft(&["check", &file.to_string_lossy()]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{} was taken: {text}", file.display());
    assert!(start.elapsed() < Duration::from_secs(30), "{} takes too long to refuse", file.display());
    text
}

/// Each case: file, what is replaced, by what, line and column of the message, words of it.
fn all_refused(cases: &[(&str, &str, &str, &str)]) {
    for (path, from, to, words) in cases {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = changed(folder.path(), path, from, to);
        let text = refused(&file);
        assert!(text.contains(words), "`{to}` should be told as `{words}`:\n{text}");
        let name = file.file_name().expect("a file").to_string_lossy().into_owned();
        assert!(text.contains(&format!("{name}:")), "`{to}`: no place in {text}");
    }
}

const MIST: &str = "trials/mist.toml";
const ATG: &str = "drugs/atg.toml";
const TRANSPLANT: &str = "regimens/ahsct_cy200_atg.toml";
const ENTRY: &str = "populations/mist_entry.toml";
const DISEASE: &str = "diseases/multiple_sclerosis_relapsing.toml";
const TISSUE: &str = "models/tissue.ant";

#[test]
fn trials_that_cannot_be_are_refused() {
    let scores = "scores_every_days = 182.625";
    let labs = "{ from_day = 1, to_day = 60, every_days = 1 }";
    let horizon = "horizon_days = 1875";
    all_refused(&[
        (MIST, horizon, "horizon_days = 0", "must be more than 0"),
        (MIST, horizon, "horizon_days = -5", "must be more than 0"),
        (MIST, horizon, "horizon_days = 1e308", "a hundred years"),
        (MIST, horizon, "horizon_days = inf", "must be a finite number"),
        (MIST, horizon, "horizon_days = 10", "the trial ends on day 10"),
        (MIST, scores, "scores_every_days = -1", "must be more than 0"),
        (MIST, scores, "scores_every_days = 1e-9", "1.875e12 times, at most 10000"),
        (MIST, labs, "{ from_day = 1, to_day = 60, every_days = 1e-9 }", "at most 10000"),
        (MIST, labs, "{ from_day = 60, to_day = 1, every_days = 1 }", "`from_day` 60 is after `to_day` 1"),
        (MIST, "imaging_days = [182.625", "imaging_days = [9000", "holds day 9000"),
        (MIST, "at_days = [1826.25]", "at_days = [nan]", "must be a finite number"),
        (MIST, "as_published = true", "as_published = true\nlevel = 1", "less than 1"),
        (MIST, "n_published = 55", "n_published = 4000000000", "whole number from 1 to 10000"),
        (MIST, "n_published = 55", "patients = 0", "unknown key `patients` in `arm`"),
        (MIST, "product = \"autologous_pbsc\"\n", "", "the arm has no `product`"),
        (
            MIST,
            "regimen = \"dmt_mist\"",
            "regimen = \"dmt_mist\"\nproduct = \"autologous_pbsc\"",
            "infuses the product",
        ),
        (MIST, "versus = \"dmt\"", "versus = \"hsct\"", "compared with itself"),
        (MIST, "id = \"mist\"", "id = \"../../evil\"", "not an identifier"),
        (MIST, "title = \"Transplant\"", "title = \"a\\u001b[31m\"", "control character"),
        (MIST, "endpoint = \"neda3\"", "endpoint = \"nead3\"", "did you mean `neda3`?"),
        (MIST, "method = \"hazard_ratio\"", "method = \"odds\"", "known here: annual_rate"),
        (MIST, "outcome = \"HR_progression\"", "outcome = \"HR\"", "no row of the evidence"),
        (MIST, "source = \"evidence:MIST/HSCT\"", "source = \"nobody1999\"", "no reference has the key"),
        (MIST, horizon, "horizon_days = 1875\nhorizon_days = 3", "duplicate key"),
    ]);
}

#[test]
fn cards_that_cannot_be_are_refused() {
    let circle = "start = { regimen = \"ahsct_cy200_atg\" }";
    let weight = "{ kind = \"lognormal\", median = 72, cv = 0.20, low = 42, high = 130 }";
    let burn_in = "days = 1500";
    all_refused(&[
        (TRANSPLANT, "value = 50,", "value = -50,", "must be 0 or more"),
        (TRANSPLANT, "value = 50,", "value = inf,", "must be a finite number"),
        (TRANSPLANT, "unit = \"mg/kg\"", "unit = \"mL/kg\"", "cannot be given in `mL/kg`"),
        (TRANSPLANT, "days = [-31]", "days = [-1e9]", "within a hundred years"),
        (TRANSPLANT, "days = [-31]", "days = []", "`days` is empty"),
        (TRANSPLANT, "to_day = -21\nevery_days = 1", "to_day = -21\nevery_days = 1e-9", "at most 10000"),
        (TRANSPLANT, "every_days = 1\nfrom_day = 5", "every_days = 1e-9\nfrom_day = 5", "at most 10000"),
        (TRANSPLANT, "drug = \"natalizumab\"", "drug = \"natalizunab\"", "did you mean `natalizumab`?"),
        (TRANSPLANT, "start = { drug = \"natalizumab\" }", circle, "a rule cannot start it"),
        (TRANSPLANT, "on_event = \"relapse\"", "on_event = \"relaps\"", "did you mean `relapse`?"),
        (TRANSPLANT, "neutrophils > 1.0", "nosuch(neutrophils) > 1", "unknown function `nosuch`"),
        (ENTRY, "sets = \"age\"", "sets = \"agee\"", "did you mean `age`?"),
        (ENTRY, "sd = 10", "sd = -10", "must be 0 or more"),
        (ENTRY, "low = 18, high = 55", "low = 55, high = 18", "must be above `low`"),
        (ENTRY, weight, "{ kind = \"constant\", value = 0 }", "may be 0 or less"),
        (ENTRY, "max_screened_per_patient = 200", "max_screened_per_patient = 0", "more than 0"),
        (DISEASE, burn_in, "days = 1e308", "a hundred years"),
        (DISEASE, "models/multiple_sclerosis.ant", "models/multiple_sclerosi.ant", "did you mean"),
        (DISEASE, "models/multiple_sclerosis.ant", "../../etc/passwd", "there is no model"),
        (DISEASE, "value = 0.10, unit = \"1/day\"", "value = 0.10, unit = \"mg\"", "is not a unit of"),
        (ATG, "sensitivities = \"antithymocyte\"", "sensitivities = \"thymocyte\"", "unknown card of sens"),
        (ATG, "t_cell = {", "t_cel = {", "did you mean `t_cell`?"),
        (ATG, "value = 3.43,", "value = -3.43,", "must be more than 0"),
        (ATG, "value = 0.875, unit = \"L/day\"", "value = 0.875, unit = \"L\"", "cannot be in `L`"),
        ("endpoints/progression_mist.toml", "score = \"edss\"", "score = \"edsss\"", "did you mean `edss`?"),
        ("endpoints/progression_mist.toml", "earliest_day = 365", "earliest_day = 1e9", "a hundred years"),
    ]);
}

#[test]
fn models_that_cannot_be_are_refused() {
    let end = "damage_rate*inflamed;";
    let with = |term: &str| format!("damage_rate*inflamed {term};");
    let deep = with(&format!("+ {}1{}", "(".repeat(50_000), ")".repeat(50_000)));
    all_refused(&[
        (TISSUE, end, &with("+ nosuch(inflamed)"), "unknown function `nosuch`"),
        (TISSUE, end, &with("+ inflammed"), "did you mean `inflamed`?"),
        (TISSUE, end, &with("+ ln(inflamed)"), "a sum of 1/day and dimensionless"),
        (TISSUE, end, &with(";\n  one := two + 1;\n  two := one + 1"), "rules need each other"),
        (TISSUE, end, &with("+"), "expected a number"),
        (TISSUE, end, &deep, "nested more than 256 deep"),
        (TISSUE, "model", "import \"nosuch.ant\"\nmodel", "cannot find the import `nosuch.ant`"),
        (TISSUE, "model", "import \"tissue.ant\"\nmodel", "imports itself"),
        (TISSUE, "model", "/* model", "has no `*/`"),
    ]);
}

/// In other texts much is missing then; that is not what has to be mended.
#[test]
fn a_slip_in_one_model_is_not_reported_as_problems_of_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    changed(folder.path(), TISSUE, "damage_rate*inflamed;", "damage_rate*inflamed + ;");
    let output = regraft(&["run", "mist", "--library", &folder.path().to_string_lossy()]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("tissue.ant:") && text.trim_end().ends_with("\n1 error"), "{text}");
}

#[test]
fn files_that_are_no_text_are_one_error_at_the_first_wrong_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(root().join("library/trials/mist.toml")).expect("the trial is there");
    let latin = text.replacen("title = \"Transplant\"", "title = \"Tr?nsplant\"", 1);
    let latin: Vec<u8> = latin.bytes().map(|byte| if byte == b'?' { 0xe4 } else { byte }).collect();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let noise: Vec<u8> = (0..20_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, bytes, place) in [
        ("latin", latin, ":3:"),
        ("wide", [b"\xff\xfe", &wide[..]].concat(), ":1:1"),
        ("noise", noise, ":1:"),
    ] {
        let message = refused(&write(folder.path(), &format!("trials/{name}.toml"), &bytes));
        assert!(message.contains("not UTF-8 text"), "{name}: {message}");
        assert!(message.contains(&format!("{name}.toml{place}")), "{name}: {message}");
        assert!(message.trim_end().ends_with("\n1 error"), "{name}: {message}");
    }
    let model = write(folder.path(), "models/noise.ant", b"model m()\n  x = \xff;\nend\n");
    assert!(refused(&model).contains("noise.ant:2:7"));
}

#[test]
fn empty_deep_and_long_files_are_answered_quickly() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(root().join("library/trials/mist.toml")).expect("the trial is there");
    let empty = refused(&write(folder.path(), "trials/mist.toml", b" \n"));
    assert!(empty.contains("lacks `horizon_days`") && empty.contains("this trial has no arm"), "{empty}");
    let lists = format!("x = {}{}\n{text}", "[".repeat(20_000), "]".repeat(20_000));
    refused(&write(folder.path(), "trials/mist.toml", lists.as_bytes()));
    let dotted = format!("{text}\n[{}]\n", vec!["a"; 50_000].join("."));
    refused(&write(folder.path(), "trials/mist.toml", dotted.as_bytes()));
    let days = text.replacen("at_days = [1826.25]", &format!("at_days = [{}]", "1,".repeat(100_000)), 1);
    assert!(refused(&write(folder.path(), "trials/mist.toml", days.as_bytes())).contains("at most 1000"));
    let keys: String = (0..3000).map(|i| format!("k{i} = 1\n")).collect();
    let many = refused(&write(folder.path(), "trials/mist.toml", format!("{keys}{text}").as_bytes()));
    assert!(many.contains("k2999") && many.trim_end().ends_with("3,000 errors"));
}

#[test]
fn how_a_text_is_stored_does_not_matter() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(root().join("library/trials/mist.toml")).expect("the trial is there");
    let long = format!("{text}\n{}", "# a comment\n".repeat(900_000));
    for (name, stored) in
        [("mark", format!("\u{feff}{text}")), ("windows", text.replace('\n', "\r\n")), ("long", long)]
    {
        let file = write(folder.path(), &format!("{name}/trials/mist.toml"), stored.as_bytes());
        let output = regraft(&["check", &file.to_string_lossy()]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
    }
    let windows = text.replace("horizon_days", "horizon_dayz").replace('\n', "\r\n");
    let line = text.lines().position(|line| line.starts_with("horizon_days")).expect("it has one") + 1;
    let message = refused(&write(folder.path(), "trials/mist.toml", windows.as_bytes()));
    assert!(message.contains(&format!("mist.toml:{line}:1")), "{message}");
}

#[test]
fn several_files_are_all_checked_whatever_the_first_one_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trial = changed(folder.path(), MIST, "horizon_days = 1875", "horizon_days = 0");
    let drug = changed(folder.path(), "drugs/atg.toml", "unit = \"mg/L\"", "unit = \"furlong\"");
    let direction =
        changed(folder.path(), "directions/who_benefits.toml", "\"FARGE2010\"", "\"NO_SUCH_TRIAL\"");
    let uncertain = changed(folder.path(), "uncertainty/harm.toml", "name = \"", "nam = \"");
    let files = [&trial, &drug, &direction, &uncertain].map(|file| file.to_string_lossy());
    let mut arguments = vec!["check", "no/such/file.toml", ".", "README.md"];
    arguments.extend(files.iter().map(AsRef::as_ref));
    let output = regraft(&arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    for words in [
        "no/such/file.toml",
        "`.` is a folder",
        "cannot tell what `README.md` is",
        "mist.toml:8:",
        "atg.toml:",
        "who_benefits.toml:",
        "harm.toml:",
    ] {
        assert!(text.contains(words), "nothing about {words} in {text}");
    }
    assert_eq!(regraft(&["check", "no/such/file.toml"]).status.code(), Some(1));
    assert_eq!(regraft(&["check", "README.md"]).status.code(), Some(2));
}

#[test]
fn a_population_that_nobody_can_enter_ends_with_its_funnel() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let never = "[[eligible]]\nname = \"older than anyone\"\nwhen = \"age > 200\"\n\n[[eligible]]";
    changed(folder.path(), ENTRY, "[[eligible]]", never);
    let place = folder.path().to_string_lossy().into_owned();
    let out = folder.path().join("run");
    // Found out after a few thousand candidates, not after 200 for each of 100,000.
    let output = regraft(&[
        "run",
        "mist",
        "--patients",
        "100000",
        "--library",
        &place,
        "--out",
        &out.to_string_lossy(),
    ]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.contains("could enter") && text.contains("older than anyone"), "{text}");
    assert!(!out.exists());
}

#[test]
fn what_no_arithmetic_can_hold_is_told_as_patients_who_were_not_solved() {
    let cases = [
        (TRANSPLANT, "value = 50,", "value = 1e308,"),
        (TISSUE, "damage_rate*inflamed;", "damage_rate*inflamed + 1/(inflamed - inflamed);"),
        (TISSUE, "damage_rate*inflamed;", "damage_rate*inflamed*ln(-1 - inflamed);"),
    ];
    for (path, from, to) in cases {
        let folder = tempfile::tempdir().expect("a temporary folder");
        changed(folder.path(), path, from, to);
        let (place, out) = (folder.path().to_string_lossy().into_owned(), folder.path().join("run"));
        let output = regraft(&[
            "run",
            "mist",
            "--patients",
            "2",
            "--library",
            &place,
            "--out",
            &out.to_string_lossy(),
        ]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(4), "{to}: {text}");
        assert!(text.contains("could not be solved"), "{to}: {text}");
        assert!(!out.exists());
    }
}
