//! Boundaries against published tables and against R's `mvtnorm`.

use super::*;
use crate::reference::{Tolerance::*, table};

/// Five looks at equal steps, 5 % on two sides \[ReboussinDeMets2000, tables of the program\].
#[test]
fn boundaries_agree_with_published_tables() {
    let looks = [0.2, 0.4, 0.6, 0.8, 1.0];
    let published = [
        (Spending::OBrienFleming, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        (Spending::Pocock, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ];
    for (spending, expected) in published {
        for (found, expected) in boundaries(&looks, 0.05, 2, spending).iter().zip(expected) {
            // Printed with four decimals; the program of the tables integrates with an error of some 1e-4.
            assert!((found - expected).abs() < 2e-4, "{spending:?}: {found}, published {expected}");
        }
    }
}

/// The probability never to cross, by the integrals of the multivariate normal distribution.
#[test]
fn crossing_agrees_with_the_multivariate_normal() {
    for row in table("sequential") {
        let numbers = |column: &str| -> Vec<f64> {
            row.text(column).split(' ').map(|word| word.parse().expect("a number")).collect()
        };
        let (looks, critical) = (numbers("information"), numbers("critical"));
        let sides = row.number("sides") as u32;
        let crossed: f64 = crossing_probabilities(&looks, &critical, sides, row.number("drift")).iter().sum();
        // mvtnorm integrates by quasi-Monte-Carlo to 1e-7.
        row.agrees("crossed", crossed, Mixed(1e-6));
        let spending =
            if row.text("spending") == "pocock" { Spending::Pocock } else { Spending::OBrienFleming };
        for (found, given) in boundaries(&looks, row.number("alpha"), sides, spending).iter().zip(&critical) {
            assert!((found - given).abs() < 1e-5, "{}: {found}", row.describe());
        }
    }
}

#[test]
fn one_look_is_the_fixed_test() {
    let found = boundaries(&[1.0], 0.05, 2, Spending::OBrienFleming);
    assert!((found[0] - 1.959_963_984_540_054).abs() < 1e-8, "{found:?}");
    let one_sided = boundaries(&[1.0], 0.025, 1, Spending::Pocock);
    assert!((one_sided[0] - 1.959_963_984_540_054).abs() < 1e-8, "{one_sided:?}");
}

/// What was spent stays spent when the information turns out otherwise: the whole is still α.
#[test]
fn the_last_look_spends_the_rest() {
    let spent = [0.5, 1.0].map(|t| Spending::OBrienFleming.spent(0.025, t));
    for share in [0.35, 0.5, 0.7] {
        let looks = [share, 1.0];
        let critical = boundaries_spent(&looks, &spent, 2);
        let crossed: f64 = crossing_probabilities(&looks, &critical, 2, 0.0).iter().sum();
        assert!((crossed - 0.05).abs() < 1e-7, "{crossed}");
    }
}
