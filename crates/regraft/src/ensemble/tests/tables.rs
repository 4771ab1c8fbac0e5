//! Tables with mistakes: all of them at once, each with its place.

use super::*;

#[test]
fn mistakes_of_an_event_table_come_all_at_once() {
    let table =
        "ID,TIME,AMT,CMT,EVID,RATEE\n1,0,ten,central,1,0\n1,5,1,centrall,1,0\n1,3,1,9,1,0\nx,4,-1,2,7,0\n";
    let mut bench = Bench::new(ONE_COMPARTMENT);
    let (_, found) = bench.doses(table, None);
    let text = bench.render(&found);
    for expected in [
        "doses.csv:1:22: error[E102]: unknown column `RATEE`\n  help: did you mean `RATE`?",
        "doses.csv:2:5: error[E105]: column `AMT` holds `ten`",
        "doses.csv:3:7: error[E107]: the model has no state `centrall`\n  help: did you mean `central`?",
        "doses.csv:4:3: error[E109]: time goes back from 5 to 3",
        "doses.csv:4:7: error[E107]: CMT is `9`, the model has states 1 to 2",
        "doses.csv:5:1: error[E105]: patient `x`",
        "doses.csv:5:10: error[E106]: EVID is 7",
    ] {
        assert!(text.contains(expected), "no `{expected}` in\n{text}");
    }
}

#[test]
fn items_of_a_row_must_go_together() {
    let cases = [
        ("TIME,AMT,ADDL\n0,1,3\n", "ADDL without II"),
        ("TIME,AMT,SS\n0,1,1\n", "SS without II"),
        ("TIME,AMT,RATE\n0,1,-2\n", "no column gives the duration"),
        ("TIME,AMT,RATE,DUR\n0,1,-2,0\n", "the duration is `0`"),
        ("TIME,AMT,RATE\n0,1,-3\n", "RATE is -3"),
        ("TIME,AMT,EVID\n0,1,0\n", "an amount in a row that gives nothing"),
        ("TIME,AMT\n0,-1\n", "must be 0 or more"),
        ("TIME,AMT\n-1,1\n", "must be 0 or more"),
        ("TIME,AMT\n0,1e999\n", "must be a finite number"),
        ("TIME,AMT\n0\n", "the row has 1 cells"),
        ("TIME,AMT\n0,\"1\n", "the quote is not closed"),
        ("TIME\n0\n", "lacks column `AMT`"),
        ("TIME,AMT,LAG,ALAG\n0,1,0,0\n", "columns `LAG` and `ALAG` mean the same"),
        ("TIME,AMT,time\n0,1,0\n", "given twice"),
        ("", "the table is empty"),
    ];
    for (table, expected) in cases {
        let mut bench = Bench::new(ONE_COMPARTMENT);
        let (_, found) = bench.doses(table, None);
        assert!(bench.render(&found).contains(expected), "{table}: {}", bench.render(&found));
        assert!(found.iter().any(Diagnostic::is_error), "{table}");
    }
}

#[test]
fn patients_may_be_numbered_by_the_name_that_the_output_gives_them_but_once() {
    let mut bench = Bench::new(ONE_COMPARTMENT);
    let (table, found) = bench.parameters("patient,central\n7,1\n3,2\n");
    assert!(found.is_empty(), "{}", bench.render(&found));
    assert_eq!(table.patients.numbers, [7, 3]);
    let (_, found) = bench.parameters("ID,patient,central\n7,7,1\n");
    assert!(bench.render(&found).contains("column `patient` sets what an earlier column sets"));
}

#[test]
fn what_a_model_does_not_allow_is_refused() {
    let timed = "model m()\n x = 0; x' = sin(time) - x;\nend";
    let eventful = "model m()\n x = 0; x' = -x;\n at (x > 3): x = 0;\nend";
    for (text, why) in [(timed, "depend on time"), (eventful, "the model has events")] {
        let mut bench = Bench::new(text);
        let (_, found) = bench.doses("TIME,AMT,II,SS\n0,1,12,1\n", None);
        assert!(bench.render(&found).contains(why), "{}", bench.render(&found));
    }
    let mut bench = Bench::new("model m()\n compartment c = 2; species S in c = 0; S -> ; 0.1*S;\nend");
    let (_, found) = bench.doses("TIME,AMT,CMT\n0,1,S\n", None);
    assert!(
        bench.render(&found).contains("warning[E113]: `S` is a concentration"),
        "{}",
        bench.render(&found)
    );
}

#[test]
fn columns_that_mean_nothing_are_told() {
    let mut bench = Bench::new(ONE_COMPARTMENT);
    let (_, found) = bench.doses("TIME,AMT,WEIGHT,DV,MDV\n0,1,70,.,1\n", None);
    assert_eq!(found.len(), 1);
    assert!(bench.render(&found).contains("warning[E102]: column `WEIGHT` is not used"));
}

#[test]
fn mistakes_of_a_table_of_parameters_come_all_at_once() {
    let mut bench = Bench::new(ONE_COMPARTMENT);
    let (_, found) = bench.parameters("ID,CLL,cp,V,depot\n1,1,1,20,0\n1,1,1,a,\n2.5,1,1,1,1\n");
    let text = bench.render(&found);
    for expected in [
        "patients.csv:1:4: error[E102]: unknown column `CLL`\n  help: did you mean `CL`?",
        "patients.csv:1:8: error[E102]: `cp` follows from a rule",
        "patients.csv:3:7: error[E105]: column `V` holds `a`",
        "error[E105]: column `depot` has no value",
        "patients.csv:4:1: error[E105]: patient `2.5`",
    ] {
        assert!(text.contains(expected), "no `{expected}` in\n{text}");
    }
    let (_, found) = bench.parameters("weight\n70\n");
    assert!(bench.render(&found).contains("help: a column is `ID`, a parameter, or a state"));
    let (table, found) = bench.parameters("Patient,V\n7,1\n9,2\n");
    assert_eq!((table.patients.numbers, found.len()), (vec![7, 9], 0));
    let (_, found) = bench.parameters("ID,V\n1,1\n1,2\n");
    assert!(bench.render(&found).contains("patients.csv:3:1: error[E111]: patient 1 is given twice"));
    let (table, found) = bench.parameters("V\n1\n2\n");
    assert_eq!((table.patients.numbers, found.len()), (vec![1, 2], 0));
}

#[test]
fn a_dose_for_an_unknown_patient_is_told() {
    let mut bench = Bench::new(ONE_COMPARTMENT);
    let (patients, _) = bench.parameters("ID,V\n1,1\n");
    let (_, found) = bench.doses("ID,TIME,AMT\n1,0,1\n2,0,1\n", Some(&patients));
    assert!(
        bench.render(&found).contains("doses.csv:3:1: error[E110]: patient 2"),
        "{}",
        bench.render(&found)
    );
}

#[test]
fn columns_are_species_then_variables_then_rules() {
    let text = "model m()\n y = 1; y' = -y;\n species A, $B, C; A = 1; B = 2; C = 0;\n J: A -> C; k*A; k = 1;\n s := A + y;\nend";
    let bench = Bench::new(text);
    assert_eq!(columns(&bench.model, &bench.program).names, ["A", "B", "C", "y", "s"]);
}

#[test]
fn requests_that_cannot_be_met_are_refused() {
    let bench = Bench::new(ONE_COMPARTMENT);
    let (table, events) = (PatientTable::alike([1]), Events::default());
    for (end, every) in [(-1.0, 1.0), (f64::NAN, 1.0), (1.0, 0.0), (1.0, -1.0), (1e9, 1e-3)] {
        let result = bench.simulate(&table, &events, &request(end, every));
        assert!(matches!(result, Err(EnsembleError::Request(_))), "{end} {every}");
    }
}
