//! Counted values against the values themselves, in any order.

use super::*;
use regraft_stats::Seed;

/// Log-normal values, the middle 99 % over a factor of 13.
fn values(n: u64) -> Vec<f64> {
    let stream = Seed(5).stream(0, "values");
    (0..n).map(|index| 40.0 * regraft_ode::math::exp(0.5 * stream.normal(index))).collect()
}

fn counted(values: impl Iterator<Item = f64>, most: usize) -> Bins<1> {
    let mut bins = Bins::new(Width::Share, most);
    values.for_each(|value| bins.add(value, 0));
    bins
}

#[test]
fn few_values_are_exact() {
    let mut bins = Bins::<2>::new(Width::Share, 8);
    for (value, kind) in [(3.5, 0), (-2.0, 1), (0.0, 0), (3.5, 1), (-0.0, 0), (-2.5, 0), (3.5, 1)] {
        bins.add(value, kind);
    }
    let rows: Vec<(f64, [usize; 2])> = bins.rows().collect();
    assert_eq!(rows, [(-2.5, [1, 0]), (-2.0, [0, 1]), (0.0, [2, 0]), (3.5, [1, 2])]);
}

#[test]
fn the_order_of_values_does_not_matter() {
    let values = values(5000);
    let forward = counted(values.iter().copied(), 100);
    assert_eq!(forward, counted(values.iter().rev().copied(), 100));
    let shuffled = (0..5000).map(|index| values[index * 1237 % 5000]);
    assert_eq!(forward, counted(shuffled, 100));
    assert!(forward.rows().count() <= 100);
    assert_eq!(forward.rows().map(|(_, [count])| count).sum::<usize>(), 5000);
}

/// However values come, bins are as narrow as fit: one bit less left out, and there were too many.
#[test]
fn no_more_bits_are_dropped_than_must_be() {
    for n in [1, 7, 255, 256, 257, 1000, 5000] {
        for most in [1, 2, 30, 256, 300] {
            let values: Vec<f64> = values(n).into_iter().flat_map(|value| [value, -value]).collect();
            let bins = counted(values.iter().copied(), most);
            let different = |bits: u32| {
                let keys = values.iter().map(|value| Width::Share.key(*value).checked_shr(bits).unwrap_or(0));
                keys.collect::<std::collections::BTreeSet<u64>>().len()
            };
            let dropped = (0..=64).find(|bits| different(*bits) <= most).unwrap();
            assert_eq!(bins.rows().count(), different(dropped), "{n} {most}");
            assert_eq!(bins.rows().map(|(_, [count])| count).sum::<usize>(), values.len());
        }
    }
}

/// Of many different values, one that is common stays itself where its bin holds no other.
#[test]
fn the_day_of_a_visit_stays_exact_among_many_days() {
    let mut bins = Bins::<1>::new(Width::Same, 2048);
    let stream = Seed(5).stream(1, "days");
    (0..50_000).for_each(|index| bins.add(1000.0 * stream.uniform(index), 0));
    (0..700).for_each(|_| bins.add(1826.25, 0));
    assert_eq!(bins.rows().last(), Some((1826.25, [700])));
    let days: Vec<f64> = bins.rows().map(|(day, _)| day).collect();
    // 1,000 days in bins of half a day.
    assert!(days.len() >= 1950 && days.windows(2).rev().skip(1).all(|pair| pair[1] - pair[0] < 1.0));
}

#[test]
fn bins_are_narrow_and_in_order() {
    let bins = counted(values(100_000).into_iter(), 512);
    let rows: Vec<(f64, [usize; 1])> = bins.rows().collect();
    assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let middle = rows.iter().filter(|(value, _)| (20.0..80.0).contains(value));
    // Two doublings in at least 128 bins.
    assert!(middle.count() >= 128);
}

#[test]
fn quantiles_are_those_of_the_values_while_they_are_few() {
    let at = [0.05, 0.25, 0.5, 0.75, 0.95];
    let quantiles = |n: usize| {
        let values = values(n as u64);
        let mut sketch = Sketch::default();
        values.iter().for_each(|value| sketch.add(*value));
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        (sketch.quantiles(at), at.map(|p| quantile(&sorted, p)))
    };
    let (found, expected) = quantiles(EXACT);
    assert_eq!(found, expected);
    for n in [EXACT + 1, 20_000] {
        let (found, expected) = quantiles(n);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 0.003, "{found} {expected}");
        }
    }
    assert!(Sketch::default().is_empty() && Sketch::default().quantiles([0.5])[0].is_nan());
}
