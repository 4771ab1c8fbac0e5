//! Shares against R's `prop.test` and `glm`, and SciPy's `fisher_exact`.

use super::*;
use crate::reference::{Tolerance::*, table};

#[test]
fn shares_agree_with_prop_test_and_glm() {
    for row in table("two_by_two") {
        let share = |group: &str| Share {
            events: row.number(&format!("{group}_events")),
            n: row.number(&format!("{group}_n")),
        };
        let (treated, control) = (share("treated"), share("control"));
        let z = two_proportions(treated, control);
        row.agrees("chi_square", z * z, Relative(1e-12));
        assert_eq!(z > 0.0, treated.events / treated.n > control.events / control.n);
        match odds_ratio(treated, control, 0.95) {
            Some(found) => {
                row.agrees("log_ratio", found.log_ratio, Mixed(1e-8));
                row.agrees("standard_error", found.standard_error, Relative(1e-6));
            }
            None => assert!(row.number("log_ratio").is_nan()),
        }
    }
}

#[test]
fn small_tables_agree_with_fishers_test() {
    for row in table("fisher") {
        let share = |group: &str| Share {
            events: row.number(&format!("{group}_events")),
            n: row.number(&format!("{group}_n")),
        };
        row.agrees("p", fisher_exact(share("treated"), share("control")), Relative(1e-9));
    }
    let nobody = Share { events: 0.0, n: 0.0 };
    assert_eq!(fisher_exact(nobody, Share { events: 3.0, n: 9.0 }), 1.0);
}
