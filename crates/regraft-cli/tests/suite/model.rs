//! `regraft model check | simulate` on models that are not ours.

use std::fs;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use crate::{regraft, stderr, stdout};

const DECAY: &str = "model decay()\n  x = 0; k = 0.1;\n  x' = -k*x;\n  double := 2*x;\nend\n";

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("writable");
    path
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn reader(path: &Path) -> SerializedFileReader<fs::File> {
    SerializedFileReader::new(fs::File::open(path).expect("it was written")).expect("Parquet")
}

#[test]
fn a_model_is_checked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let good = write(folder.path(), "decay.ant", DECAY);
    let output = regraft(&["model", "check", &text(&good)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("1 states, 1 parameters, 1 observables, 0 events"),
        "{}",
        stdout(&output)
    );
    let wrong = write(folder.path(), "wrong.ant", "model m()\n  x = 1;\n  x' = -kk*x;\nend\n");
    let output = regraft(&["model", "check", &text(&wrong)]);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    assert!(stderr(&output).contains("wrong.ant:3:"), "{}", stderr(&output));
}

#[test]
fn without_tables_one_patient_is_printed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = write(folder.path(), "decay.ant", &DECAY.replace("x = 0", "x = 8"));
    let output = regraft(&["model", "simulate", &text(&model), "--to", "1", "--every", "0.5"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let printed = stdout(&output);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[1]), (4, "patient,time,x,double", "1,0,8.0,16.0"));
    assert!(lines[3].starts_with("1,1,7.238"), "{}", lines[3]);
}

#[test]
fn a_population_goes_to_parquet_and_failures_beside_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = write(folder.path(), "grow.ant", "model m()\n  x = 1; a = 0;\n  x' = a*x^2;\nend\n");
    let table = write(folder.path(), "patients.csv", "ID,a\n4,-1\n5,1\n6,0\n");
    let doses = write(folder.path(), "doses.csv", "TIME,AMT,CMT\n0.5,1,x\n");
    let out = folder.path().join("result.parquet");
    let [model, table, doses, place] = [&model, &table, &doses, &out].map(|path| text(path));
    let arguments = ["--parameters", &table, "--doses", &doses, "--out", &place];
    let arguments = [&["model", "simulate", &model, "--to", "2", "--every", "0.5"], &arguments[..]].concat();
    let output = regraft(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("patient 5 failed at"), "{}", stderr(&output));
    let rows: Vec<Vec<Field>> = reader(&out)
        .get_row_iter(None)
        .expect("rows")
        .map(|row| row.expect("a row").get_column_iter().map(|(_, field)| field.clone()).collect())
        .collect();
    assert_eq!(rows.len(), 15);
    assert_eq!(rows[11], [Field::Long(6), Field::Double(0.5), Field::Double(2.0)]);
    assert_eq!(rows[9], [Field::Long(5), Field::Double(2.0), Field::Null]);
    let failures = reader(&folder.path().join("result.failures.parquet"));
    assert_eq!(failures.metadata().file_metadata().num_rows(), 1);
    assert!(!folder.path().join("result.unfinished").exists());
}

#[test]
fn mistakes_of_model_tables_and_arguments_have_their_codes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = text(&write(folder.path(), "decay.ant", DECAY));
    let table = text(&write(folder.path(), "patients.csv", "kk,x\n1,2\n"));
    let doses = text(&write(folder.path(), "doses.csv", "TIME,AMT,CMT\n0,1,xx\n"));
    let out = folder.path().join("result.parquet");
    let place = text(&out);
    let base = ["model", "simulate", &model, "--every", "1", "--out", &place, "--to"];
    let output = regraft(&[&base[..], &["1", "--parameters", &table, "--doses", &doses]].concat());
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let told = stderr(&output);
    assert!(told.contains("patients.csv:1:1") && told.contains("doses.csv:2:5"), "{told}");
    let output = regraft(&[&base[..], &["-1"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let output = regraft(&[&base[..], &["1", "--rtol", "nan"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!out.exists(), "a refused simulation wrote a file");
}

#[test]
fn units_that_disagree_are_told_and_do_not_prevent_a_simulation() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text_of = "model m()\n  x = 1; k = 0.1;\n  unit L = litre; unit S = second;\n  x has L; k has S;\n  x' = -k*x;\n  y := x + k;\nend\n";
    let model = text(&write(folder.path(), "units.ant", text_of));
    let output = regraft(&["model", "check", &model]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let output = regraft(&["model", "simulate", &model, "--to", "1", "--every", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning[M009]"), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 3);
}
