use super::*;

const HEADING: &str = "quantity,group,time,value,range,source,verified,note,kind,use,quantity_id,measure,threshold,threshold_unit,unit,time_days,value_number,low,high,n";

fn read_text(rows: &[&str]) -> (Vec<CourseRow>, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("reconstitution.csv", format!("{HEADING}\n{}\n", rows.join("\n")));
    let (rows, problems) = read(&sources, id);
    (rows, problems.iter().map(|problem| problem.render(&sources)).collect())
}

#[test]
fn a_row_is_read_with_its_numbers() {
    let (rows, problems) = read_text(&[
        "day ANC,auto,-,10,1-97,A 2007,yes,,measured,calibrate,neutrophils,day_above,0.5,G/L,,,10,1,97,419",
    ]);
    assert_eq!(problems, [""; 0]);
    let row = &rows[0];
    assert_eq!(
        (row.kind, row.measure, row.threshold),
        (RowKind::Measured, Some(Measure::DayAbove), Some(0.5))
    );
    assert_eq!((row.number, row.low, row.high, row.n), (Some(10.0), Some(1.0), Some(97.0), Some(419.0)));
}

#[test]
fn words_without_numbers_are_a_row_without_measure() {
    let (rows, problems) =
        read_text(&["Treg,JIA,months,restored,,B,yes,,qualitative,context,treg_percent,,,,,,,,,"]);
    assert_eq!(problems, [""; 0]);
    assert_eq!((rows[0].measure, rows[0].number), (None, None));
}

#[test]
fn wrong_words_and_half_measures_are_named_with_their_line() {
    let (rows, problems) = read_text(&[
        "q,g,-,1,,S,yes,,measured,calibrate,cd4,day_over,1,,,,1,,,",
        "q,g,-,1,,S,yes,,counted,calibrate,cd4,day_above,1,,,,1,,,",
        "q,g,-,1,,S,yes,,measured,calibrate,cd4,value_at,,,,,1,,,",
        "q,g,-,1,,S,yes,,measured,calibrate,cd4,day_above,,,,,1,,,",
        "q,g,-,1,,S,yes,,window,context,cd4,value_at,,,,30,,20,10,",
    ]);
    assert_eq!(rows.len(), 3, "rows that can be read are kept");
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert!(
        problems[0].starts_with("reconstitution.csv:2:")
            && problems[0].contains(": error[E003]: column `measure` holds `day_over`")
    );
    assert!(problems[2].contains("`value_at` needs one") && problems[3].contains("`day_above` needs one"));
    assert!(problems[4].contains(":6:52:") && problems[4].contains("at most `high`"), "{}", problems[4]);
}
