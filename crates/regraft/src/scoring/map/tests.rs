use super::{follow_up_days, is_randomised};

#[test]
fn follow_up_is_the_first_time_of_its_words() {
    assert_eq!(follow_up_days("54 wk"), Some(378.0));
    assert_eq!(follow_up_days("median 2 y (IQR 1-4); mean 2.8 y"), Some(730.5));
    assert_eq!(follow_up_days("31 (1-144) months"), Some(31.0 * 30.4375));
    assert_eq!(follow_up_days("until death"), None);
}

#[test]
fn designs_are_randomised_by_their_words() {
    assert!(is_randomised("RCT double-blind"));
    assert!(is_randomised("randomised dose, n"));
    assert!(!is_randomised("non-randomised controlled cohort"));
    assert!(!is_randomised("single-arm phase 2"));
}
