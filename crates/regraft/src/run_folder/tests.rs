use super::*;

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("regraft-run-folder-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

#[test]
fn an_unfinished_run_leaves_nothing() {
    let target = folder("unfinished").join("run");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    let run = RunFolder::create(&target).unwrap();
    run.text("report.html", "half").unwrap();
    drop(run);
    assert!(!target.exists());
    assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 0);
}

/// A manifest as small as can be.
fn manifest(seed: u64) -> String {
    let manifest = Manifest {
        format: 1,
        version: "0".into(),
        stream_version: 1,
        trial: "toy".into(),
        seed,
        patients: 1,
        screened: 1,
        posterior: None,
        relative_tolerance: 1e-6,
        arms: Vec::new(),
        inputs: Vec::new(),
        outputs: vec![FileHash { path: "report.html".into(), blake3: String::new() }],
        doubt: None,
        written: String::new(),
        simulation_seconds: 0.0,
        command: String::new(),
    };
    serde_json::to_string(&manifest).unwrap()
}

fn write(target: &Path, seed: u64) {
    let run = RunFolder::create(target).unwrap();
    run.text("report.html", "a report").unwrap();
    run.text("manifest.json", &manifest(seed)).unwrap();
    run.finish().unwrap();
}

#[test]
fn a_finished_run_replaces_an_earlier_one_but_nothing_else() {
    let target = folder("finished").join("run");
    write(&target, 1);
    write(&target, 2);
    assert_eq!(fs::read_to_string(target.join("manifest.json")).unwrap(), manifest(2));
    assert_eq!(
        fs::read_dir(target.parent().unwrap()).unwrap().count(),
        1,
        "something was left beside the run"
    );
    fs::write(target.join("thesis.tex"), "mine").unwrap();
    assert!(matches!(RunFolder::create(&target), Err(WriteError::NotARun(_))));
    assert!(target.join("thesis.tex").is_file());
}

#[test]
fn a_manifest_of_another_program_is_not_taken_for_ours() {
    let target = folder("foreign");
    fs::create_dir_all(&target).unwrap();
    fs::write(target.join("manifest.json"), "{\"name\": \"web app\"}").unwrap();
    assert!(matches!(RunFolder::create(&target), Err(WriteError::NotARun(_))));
}

#[test]
fn of_two_runs_that_end_at_once_one_stays_whole() {
    let target = folder("race").join("run");
    for seed in 0..20 {
        let first = RunFolder::create(&target).unwrap();
        let mut second = RunFolder::create(&target.with_file_name("other")).unwrap();
        second.target = target.clone();
        for run in [&first, &second] {
            run.text("report.html", "a report").unwrap();
            run.text("manifest.json", &manifest(seed)).unwrap();
        }
        let other = std::thread::spawn(move || second.finish());
        let ended = (first.finish(), other.join().unwrap());
        assert!(ended.0.is_ok() && ended.1.is_ok(), "{ended:?}");
        assert!(is_run(&target));
    }
}

#[test]
fn folders_made_for_an_unfinished_run_go_with_it() {
    let above = folder("above");
    fs::create_dir_all(&above).unwrap();
    drop(RunFolder::create(&above.join("a/b/run")).unwrap());
    assert_eq!(fs::read_dir(&above).unwrap().count(), 0);
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

/// Rows of more than one row group, in pieces that do not fit them.
#[test]
fn pieces_move_no_byte_of_a_table() {
    let n = 150_000;
    let word: [std::sync::Arc<str>; 2] = ["a".into(), "b".into()];
    let rows = |from: usize, to: usize| {
        Table::new(vec![
            ("patient", Column::Whole((from..to).map(|row| row as i64 / 7).collect())),
            ("arm", Column::Word((from..to).map(|row| word[row % 2].clone()).collect())),
            ("value", Column::Number((from..to).map(|row| (row * row) as f64).collect())),
        ])
    };
    let in_pieces = |of: usize| {
        let run = RunFolder::create(&folder(&format!("pieces-{of}"))).unwrap();
        let mut file = run.begin_table("t.parquet", rows(0, 0)).unwrap();
        for from in (0..n).step_by(of) {
            file.add(rows(from, (from + of).min(n))).unwrap();
        }
        file.close().unwrap();
        run.hash("t.parquet").unwrap()
    };
    let run = RunFolder::create(&folder("pieces-whole")).unwrap();
    run.table("t.parquet", &rows(0, n)).unwrap();
    let whole = run.hash("t.parquet").unwrap();
    for of in [999, 65_536, n] {
        assert_eq!(in_pieces(of), whole);
    }
}
