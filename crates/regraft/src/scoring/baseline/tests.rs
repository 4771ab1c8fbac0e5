use super::{numbers, range, read_number};

#[test]
fn numbers_of_a_text() {
    assert_eq!(numbers("DAS28-ESR 4.53"), vec![4.53]);
    assert_eq!(numbers("36 (both arms pooled)"), vec![36.0]);
    assert_eq!(range("EDSS 3.0-6.5 (entry)"), Some((3.0, 6.5)));
    assert_eq!(range("18 to 55"), Some((18.0, 55.0)));
    assert_eq!(range("C-peptide"), None);
}

#[test]
fn middle_spread_and_range() {
    let one = read_number("edss", "EDSS 4.5 median (range 3-5.5)", "").expect("a number");
    assert_eq!((one.middle, one.sd, one.range), (Some(4.5), None, Some((3.0, 5.5))));
    let one = read_number("age", "35.3", "SD 9.4").expect("a number");
    assert_eq!((one.middle, one.sd, one.range), (Some(35.3), Some(9.4), None));
    let one = read_number("cdai", "CDAI 220-450 (entry)", "").expect("a range");
    assert_eq!((one.middle, one.range), (None, Some((220.0, 450.0))));
    assert!(read_number("edss", "EDSS", "").is_none());
}
