use super::super::view::Drawn;
use super::{numbers_differ, shares_differ};

fn drawn(events: f64, n: usize) -> Drawn {
    let raw = events / n as f64;
    Drawn { value: raw, raw, variance: raw * (1.0 - raw) / n as f64, n }
}

#[test]
fn few_events_are_tested_exactly() {
    // 5 of 23 and 0 of 22: chi-square 5.4 (p 0.021), Fisher 0.049; 4 of 23 and 0 of 22: 4.2 (p 0.040) and 0.11.
    assert!(shares_differ(drawn(5.0, 23), drawn(0.0, 22)));
    assert!(!shares_differ(drawn(4.0, 23), drawn(0.0, 22)));
    // 53 of 107 and 36 of 105: chi-square 5.06.
    assert!(shares_differ(drawn(53.0, 107), drawn(36.0, 105)));
    assert!(!shares_differ(drawn(0.0, 40), drawn(0.0, 40)));
}

#[test]
fn numbers_without_variance_do_not_differ() {
    let of = |raw: f64, variance: f64| Drawn { value: raw, raw, variance, n: 10 };
    assert!(numbers_differ(of(3.0, 0.5), of(0.0, 0.5)) && !numbers_differ(of(1.9, 0.5), of(0.0, 0.5)));
    assert!(!numbers_differ(of(3.0, 0.0), of(0.0, 0.0)) && !numbers_differ(of(3.0, f64::NAN), of(0.0, 1.0)));
}
