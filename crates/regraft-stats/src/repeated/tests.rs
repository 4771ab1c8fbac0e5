//! The mixed model against R's `nlme::gls`, and against the analysis of covariance where nothing is missing.

use super::*;
use crate::reference::{Tolerance::*, distinct, table};

fn data_of(name: &str) -> Repeated {
    let rows: Vec<_> = table("repeated_data").into_iter().filter(|row| row.text("data") == name).collect();
    let n_visits = 1 + rows.iter().map(|row| row.number("visit") as usize).max().expect("rows");
    let mut data = Repeated { n_visits, ..Repeated::default() };
    for patient in rows.chunks_exact(n_visits) {
        data.treated.push(patient[0].number("treated") == 1.0);
        data.baseline.push(patient[0].number("baseline"));
        data.values.extend(patient.iter().map(|row| row.number("value")));
    }
    data
}

#[test]
fn the_mixed_model_agrees_with_gls() {
    let rows = table("repeated");
    assert!(distinct(&rows, "data").len() >= 3);
    for row in rows {
        let found = repeated_measures(&data_of(row.text("data"))).expect("it can be fitted");
        // R's optimizer stops within about 1e-6 of the maximum.
        row.agrees("difference", found.value, Mixed(1e-5));
        row.agrees("standard_error", found.standard_error, Relative(1e-5));
        if row.number("df").is_finite() {
            row.agrees("df", found.df, Relative(1e-8));
            row.agrees("p", found.p(), Relative(1e-5));
        }
    }
}

/// Kenward and Roger's standard error and degrees of freedom, worked out with whole matrices in Python.
#[test]
fn what_is_not_known_of_the_covariances_agrees_with_whole_matrices() {
    for row in table("repeated_adjusted") {
        let found = repeated_measures(&data_of(row.text("data"))).expect("it can be fitted");
        // Both fits stop within about 1e-7 of the maximum.
        row.agrees("standard_error", found.standard_error, Relative(1e-5));
        row.agrees("adjusted_error", found.adjusted_error, Relative(1e-5));
        row.agrees("df", found.df, Relative(1e-4));
        row.agrees("p", found.adjusted_p(), Relative(1e-4));
        let complete = row.text("data") == "complete";
        assert_eq!(complete, (found.adjusted_error / found.standard_error - 1.0).abs() < 1e-9);
    }
}

#[test]
fn groups_that_were_not_seen_are_refused() {
    let mut data = data_of("complete");
    let v = data.n_visits;
    for patient in 0..data.treated.len() {
        if data.treated[patient] {
            data.values[patient * v + v - 1] = f64::NAN;
        }
    }
    assert_eq!(repeated_measures(&data), Err(NoDifference::TooFew));
    data.values.fill(1.0);
    assert_eq!(repeated_measures(&data), Err(NoDifference::Singular));
    let nobody = Repeated { n_visits: 2, ..Repeated::default() };
    assert_eq!(repeated_measures(&nobody), Err(NoDifference::TooFew));
}
