//! Formulas against well-known numbers.

use super::*;

/// Hazard ratio one half, 90 % power, 5 % on two sides, equal groups: 4 (1.96 + 1.2816)²/ln² 2 = 87.5 events.
#[test]
fn events_and_power_belong_together() {
    let events = schoenfeld_events(0.5, 0.9, 0.5, 0.05, 2);
    assert!((events - 87.4795).abs() < 1e-3, "{events}");
    assert!((schoenfeld_power(0.5, events, 0.5, 0.05, 2) - 0.9).abs() < 1e-6);
    assert!((schoenfeld_power(2.0, events, 0.5, 0.05, 2) - 0.9).abs() < 1e-6);
    assert!((schoenfeld_power(1.0, events, 0.5, 0.05, 2) - 0.05).abs() < 1e-12);
    assert!((schoenfeld_power(0.5, events, 0.5, 0.025, 1) - 0.9).abs() < 1e-12);
    assert!(schoenfeld_power(2.0, events, 0.5, 0.025, 1) < 1e-6, "harm is no success on one side");
}
