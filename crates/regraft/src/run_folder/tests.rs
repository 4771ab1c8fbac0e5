use super::*;

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("regraft-run-folder-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

#[test]
fn an_unfinished_run_leaves_nothing() {
    let target = folder("unfinished").join("run");
    let run = RunFolder::create(&target).unwrap();
    run.text("report.html", "half").unwrap();
    drop(run);
    assert!(!target.exists());
    assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 0);
}

#[test]
fn a_finished_run_replaces_an_earlier_one_but_nothing_else() {
    let target = folder("finished");
    for text in ["first", "second"] {
        let run = RunFolder::create(&target).unwrap();
        run.text("manifest.json", text).unwrap();
        run.finish().unwrap();
    }
    assert_eq!(fs::read_to_string(target.join("manifest.json")).unwrap(), "second");
    fs::remove_file(target.join("manifest.json")).unwrap();
    fs::write(target.join("thesis.tex"), "mine").unwrap();
    assert!(matches!(RunFolder::create(&target), Err(WriteError::NotARun(_))));
    assert!(target.join("thesis.tex").is_file());
}

#[test]
fn a_table_is_written_with_nulls_for_what_is_not_a_number() {
    let target = folder("table");
    let run = RunFolder::create(&target).unwrap();
    let table = Table::new(vec![
        ("patient", Column::Whole(vec![1, 2])),
        ("value", Column::Number(vec![0.5, f64::NAN])),
        ("arm", Column::Text(vec!["a".into(), "b".into()])),
        ("dead", Column::Truth(vec![true, false])),
    ]);
    run.table("t.parquet", &table).unwrap();
    let path = run.finish().unwrap().join("t.parquet");
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(rows[0], "{patient: 1, value: 0.5, arm: \"a\", dead: true}");
    assert_eq!(rows[1], "{patient: 2, value: null, arm: \"b\", dead: false}");
}
