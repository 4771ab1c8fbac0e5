//! Rates against R's `MASS::glm.nb`.

use super::*;
use crate::reference::{Tolerance::*, table};

fn counts(data: &str, group: f64) -> Vec<Count> {
    let rows = table("rates_data");
    let of = rows.iter().filter(|row| row.text("data") == data && row.number("group") == group);
    of.map(|row| Count { events: row.number("events"), time: row.number("time") }).collect()
}

#[test]
fn the_rate_ratio_agrees_with_glm_nb() {
    for row in table("rate_ratio") {
        let data = row.text("data");
        let found = rate_ratio(&counts(data, 1.0), &counts(data, 0.0), 0.95).expect("events in both groups");
        // The likelihood is flat in the dispersion: both programs find it to some 1e-6, and the rest follows.
        row.agrees("log_ratio", found.log_ratio, Mixed(1e-6));
        row.agrees("standard_error", found.standard_error, Relative(1e-5));
        row.agrees("dispersion", found.dispersion, Mixed(1e-5));
    }
}

#[test]
fn a_group_without_events_has_no_ratio() {
    let some = [Count { events: 2.0, time: 1.0 }, Count { events: 0.0, time: 1.0 }];
    let none = [Count { events: 0.0, time: 1.0 }];
    assert_eq!(rate_ratio(&some, &none, 0.95), None);
    assert_eq!(rate_ratio(&[], &some, 0.95), None);
}
