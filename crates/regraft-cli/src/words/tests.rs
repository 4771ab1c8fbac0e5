use super::*;

#[test]
fn lines_are_broken_at_spaces_alone() {
    assert_eq!(wrap("one two  three", 7), "one two\nthree");
    assert_eq!(wrap("unbreakable", 3), "unbreakable");
    assert_eq!(hang("one two three", 2, 9), "one two\n  three");
}

#[test]
fn days_in_a_row_are_drawn_together() {
    assert_eq!(series(&[1.0, 2.0, 3.0, 4.0, 9.0]), "1, 2 … 4, 9");
    assert_eq!(series(&[-5.0, -4.0, -3.0]), "−5, −4, −3");
    assert_eq!(series(&[1.0, 5.0, 6.0, 7.0, 8.0]), "1, 5, 6 … 8");
    assert_eq!(series(&[2.0]), "2");
    assert_eq!(series(&[]), "");
}

#[test]
fn times_are_days_and_then_years() {
    assert_eq!(time(28.0), "day 28");
    assert_eq!(time(365.25), "1 y");
    assert_eq!(time(548.0), "1.5 y");
}

#[test]
fn small_numbers_keep_their_digits() {
    assert_eq!(short(2.8e-5), "2.8e−5");
    assert_eq!(short(-0.25), "−0.25");
    assert_eq!(short(0.0), "0");
}

#[test]
fn large_numbers_have_commas_and_long_names_a_line() {
    assert_eq!(count(1, "file"), "1 file");
    assert_eq!(count(1234567, "row"), "1,234,567 rows");
    assert_eq!((thousands(0), thousands(999), thousands(1000)), ("0".into(), "999".into(), "1,000".into()));
    assert_eq!(name("short", 8), "short   ");
    assert_eq!(name("as long as it is", 8), "as long as it is\n        ");
}
