//! `regraft model check | rates | simulate` on models that are not ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use parquet::basic::{Repetition, Type as Physical};
use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Field;
use parquet::schema::types::Type;

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
    assert_eq!(unfinished(folder.path()), 0);
}

/// Files whose name says that they are not whole.
fn unfinished(folder: &Path) -> usize {
    let names =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").file_name());
    names.filter(|name| name.to_string_lossy().contains("unfinished")).count()
}

#[test]
fn the_start_of_a_model_is_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = text(&write(folder.path(), "decay.ant", &DECAY.replace("x = 0", "x = 8")));
    let output = regraft(&["model", "rates", &model]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("  x       8.0                       -0.8\n"), "{}", stdout(&output));
    let output = regraft(&["model", "rates", &model, "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("one JSON object");
    assert_eq!(answer["states"][0], serde_json::json!({ "name": "x", "value": 8.0, "rate": -0.8 }));
    assert_eq!(answer["rules"][0], serde_json::json!({ "name": "double", "value": 16.0 }));
    let wrong = text(&write(folder.path(), "wrong.ant", "model m()\n  x = 1;\n  x' = -kk*x;\nend\n"));
    assert_eq!(regraft(&["model", "rates", &wrong]).status.code(), Some(3));
}

#[test]
fn a_population_without_a_file_is_summed_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = text(&write(folder.path(), "decay.ant", &DECAY.replace("x = 0", "x = 8")));
    let rows: String = (1..=1500).map(|n| format!("{n}\n")).collect();
    let table = text(&write(folder.path(), "patients.csv", &format!("x\n{rows}")));
    let base = ["model", "simulate", &model, "--to", "1", "--every", "1", "--parameters", &table];
    let output = regraft(&base);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let printed = stdout(&output);
    let lines: Vec<Vec<&str>> = printed.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0], ["column", "time", "n", "mean", "min", "q05", "q25", "q50", "q75", "q95", "max"]);
    assert_eq!(lines.len(), 5, "two columns at two times");
    assert_eq!(lines[1][..5], ["x", "0", "1500", "750.5", "1.0"]);
    let median: f64 = lines[1][7].parse().expect("a number");
    assert!((median / 750.5 - 1.0).abs() < 0.004, "median {median}");
    // Chunks and threads move no bit, and a file holds the same as stdout.
    let file = text(&folder.path().join("summary.csv"));
    let output = regraft(&[&base[..], &["--threads", "1", "--summary", &file]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&file).expect("it was written"), printed);
    assert!(stdout(&output).contains("0 of 1500 patients failed"), "{}", stdout(&output));
    let failures = reader(&folder.path().join("summary.failures.parquet"));
    assert_eq!(failures.metadata().file_metadata().num_rows(), 0);
    let file = folder.path().join("summary.parquet");
    let output = regraft(&[&base[..], &["--summary", &text(&file)]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(reader(&file).metadata().file_metadata().num_rows(), 4);
    assert_eq!(unfinished(folder.path()), 0);
}

#[test]
fn patients_without_a_table_differ_in_their_draws() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = write(folder.path(), "drawn.ant", "model m()\n  x = uniform(1, 3); x' = 0;\nend\n");
    let base = ["model", "simulate", &text(&model), "--to", "0", "--every", "1", "--out", "-", "--patients"];
    let printed = |n: &str, seed: &str| stdout(&regraft(&[&base[..], &[n, "--seed", seed]].concat()));
    let three = printed("3", "1");
    let lines: Vec<&str> = three.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "patient,time,x"));
    assert!(lines[1][4..] != lines[2][4..], "{three}");
    assert!(printed("4", "1").starts_with(&three), "a larger population is another one");
    assert!(printed("3", "2") != three, "the seed moves nothing");
    let output = regraft(&[&base[..], &["3", "--parameters", "table.csv"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

/// A table of parameters as Parquet: `ID` and a column that may be empty in places.
fn parquet_table(place: &Path, name: &str, rows: &[(i64, Option<f64>)]) {
    let field = |name: &str, physical, repetition| {
        let builder = Type::primitive_type_builder(name, physical).with_repetition(repetition);
        Arc::new(builder.build().expect("a column"))
    };
    let fields = vec![
        field("ID", Physical::INT64, Repetition::REQUIRED),
        field(name, Physical::DOUBLE, Repetition::OPTIONAL),
    ];
    let schema = Type::group_type_builder("table").with_fields(fields).build().expect("a table");
    let file = fs::File::create(place).expect("writable");
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::default()).expect("begun");
    let mut group = writer.next_row_group().expect("a group");
    let numbers: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let mut column = group.next_column().expect("fine").expect("a column");
    column.typed::<Int64Type>().write_batch(&numbers, None, None).expect("written");
    column.close().expect("closed");
    let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.1.is_some())).collect();
    let values: Vec<f64> = rows.iter().filter_map(|row| row.1).collect();
    let mut column = group.next_column().expect("fine").expect("a column");
    column.typed::<DoubleType>().write_batch(&values, Some(&levels), None).expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.close().expect("closed");
}

#[test]
fn a_table_of_parameters_may_be_parquet() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = text(&write(folder.path(), "decay.ant", DECAY));
    let table = folder.path().join("patients.parquet");
    let base = ["model", "simulate", &model, "--to", "1", "--every", "1", "--out", "-", "--parameters"];
    parquet_table(&table, "x", &[(7, Some(2.0)), (3, Some(5.0))]);
    let output = regraft(&[&base[..], &[&text(&table)]].concat());
    let lines = write(folder.path(), "patients.csv", "ID,x\n7,2\n3,5\n");
    assert_eq!(
        stdout(&output),
        stdout(&regraft(&[&base[..], &[&text(&lines)]].concat())),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("\n7,0,2.0,4.0\n"), "{}", stdout(&output));
    let told = |name, rows: &[(i64, Option<f64>)]| {
        parquet_table(&table, name, rows);
        let output = regraft(&[&base[..], &[&text(&table)]].concat());
        assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
        stderr(&output)
    };
    let many = told("x", &[(-7, Some(f64::INFINITY)), (3, None), (4, Some(1.0))]);
    for expected in [
        "patient `-7` in row 1 must be a whole number",
        "column `x` holds `inf` in row 1, must be a finite number",
        "column `x` has no value in row 2",
        "patients.parquet:1:4",
    ] {
        assert!(many.contains(expected), "no `{expected}` in {many}");
    }
    assert!(told("kk", &[(1, Some(1.0))]).contains("unknown column `kk`"));
    assert!(
        told("x", &[(1, Some(1.0)), (1, Some(1.0))]).contains("patient 1 is given twice, in rows 1 and 2")
    );
    assert!(told("x", &[]).contains("the table has no patients"));
    fs::write(&table, "no Parquet").expect("writable");
    let output = regraft(&[&base[..], &[&text(&table)]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot read"), "{}", stderr(&output));
}

#[test]
fn the_files_do_not_depend_on_threads_or_instructions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = text(&write(folder.path(), "decay.ant", DECAY));
    let rows: String = (1..=9000).map(|n| format!("{n}\n")).collect();
    let table = text(&write(folder.path(), "patients.csv", &format!("x\n{rows}")));
    let base = ["model", "simulate", &model, "--to", "50", "--every", "0.25", "--parameters", &table];
    let bytes = |threads: &str, instructions: &str| {
        let out = text(&folder.path().join(format!("on_{threads}_{instructions}.parquet")));
        let how = ["--threads", threads, "--instructions", instructions, "--out", &out];
        let output = regraft(&[&base[..], &how].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fs::read(&out).expect("it was written")
    };
    let one = bytes("1", "best");
    assert!(bytes("2", "best") == one && bytes("4", "best") == one, "threads move bytes");
    assert!(bytes("2", "portable") == one, "instructions move bytes");
    let wrong = regraft(&[&base[..], &["--instructions", "mmx"]].concat());
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("best, avx512, avx2 or portable"), "{}", stderr(&wrong));
}

#[cfg(unix)]
#[test]
fn a_stopped_simulation_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = text(&write(folder.path(), "decay.ant", DECAY));
    let out = text(&folder.path().join("result.parquet"));
    let summary = text(&folder.path().join("summary.csv"));
    let arguments = ["--patients", "10000000", "--out", &out, "--summary", &summary];
    for signal in ["-INT", "-TERM"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_regraft"))
            .args([&["model", "simulate", &model, "--to", "10", "--every", "0.1"][..], &arguments].concat())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        crate::run::wait_for(|| unfinished(folder.path()) == 3);
        std::thread::sleep(std::time::Duration::from_millis(300));
        Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill is there");
        assert_eq!(child.wait().expect("it ends").code(), Some(1), "{signal}");
        let left: Vec<_> = fs::read_dir(folder.path())
            .expect("there")
            .map(|entry| entry.expect("readable").file_name())
            .collect();
        assert_eq!(left, ["decay.ant"], "{signal}");
    }
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

#[test]
fn the_model_of_a_trial_is_written_with_the_drugs_that_it_gives() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = text(folder.path());
    let output = regraft(&["model", "export", "halt_ms", "--out", &place]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let root = text(&folder.path().join("multiple_sclerosis.ant"));
    let output = regraft(&["model", "check", &root]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let drugs = fs::read_to_string(folder.path().join("drugs.ant")).expect("it was written");
    assert!(drugs.contains("melphalan: melphalan_drug();") && !drugs.contains("busulfan"), "{drugs}");
}

#[test]
fn the_drugs_module_is_printed_for_any_cards() {
    let none = regraft(&["model", "drugs"]);
    assert!(stdout(&none).contains("kill_naive_t = 0;"), "{}", stdout(&none));
    let two = regraft(&["model", "drugs", "busulfan", "alemtuzumab"]);
    assert!(stdout(&two).contains("busulfan: busulfan_drug();"), "{}", stdout(&two));
    let unknown = regraft(&["model", "drugs", "busulphan"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `busulfan`?"), "{}", stderr(&unknown));
}
