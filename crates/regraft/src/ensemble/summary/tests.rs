use super::spread::Spread;
use super::*;

/// Numbers that look random, from a multiplicative congruence.
fn numbers(n: usize) -> Vec<f64> {
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..n).map(|_| (next() - 0.3) * 10f64.powf(8.0 * next() - 4.0)).collect()
}

fn spread(values: &[f64], exact: bool) -> Spread {
    let mut spread = Spread::new(exact);
    values.iter().for_each(|&value| spread.add(value));
    spread
}

#[test]
fn quantiles_lie_between_the_values_next_to_them() {
    let spread = spread(&[4.0, 1.0, 3.0, f64::NAN, 2.0], true);
    assert_eq!((spread.n(), spread.mean(), spread.min(), spread.max()), (4, 2.5, 1.0, 4.0));
    assert_eq!(spread.quantiles([0.0, 0.25, 0.5, 1.0]), [1.0, 1.75, 2.5, 4.0]);
    assert!(Spread::new(true).quantiles([0.5])[0].is_nan());
}

#[test]
fn counted_quantiles_are_within_the_stated_error_of_exact_ones() {
    let values = numbers(50_000);
    let probabilities = [0.001, 0.05, 0.25, 0.3, 0.5, 0.75, 0.95, 0.999];
    let exact = spread(&values, true).quantiles(probabilities);
    let counted = spread(&values, false).quantiles(probabilities);
    for ((exact, counted), p) in exact.iter().zip(counted).zip(probabilities) {
        assert!((counted - exact).abs() <= 0.004 * exact.abs(), "{p}: {counted}, exactly {exact}");
    }
}

#[test]
fn counts_do_not_depend_on_the_order() {
    let mut values = numbers(5_000);
    values.extend([0.0, -0.0, 1e-300, -1e-300, 5e-324, 1e300, -1e299, f64::MAX]);
    let forward = spread(&values, false).quantiles(PROBABILITIES);
    values.reverse();
    assert_eq!(spread(&values, false).quantiles(PROBABILITIES), forward);
}

#[test]
fn what_is_tiny_beside_the_largest_counts_as_zero() {
    let counted = spread(&[1e-13, 1e-13, -1e-14, 1.0, 2e-13], false);
    assert_eq!(counted.quantiles([0.5])[0], 0.0);
    let alone = spread(&[1e-13, 1e-13, 1e-13], false);
    assert_eq!(alone.quantiles([0.5])[0], 1e-13);
}

#[test]
fn patients_who_failed_are_not_counted() {
    let columns = Columns { names: vec!["x".into(), "y".into()], found: Vec::new() };
    let mut summary = Summary::new(&columns, vec![0.0, 1.0], 2);
    let values = vec![1.0, 10.0, 2.0, 20.0, 3.0, 30.0, f64::NAN, f64::NAN];
    let block = Block {
        patients: vec![1, 2],
        times: vec![0.0, 1.0],
        n_columns: 2,
        values,
        failed: Vec::new(),
        counters: Default::default(),
    };
    summary.block(&block).expect("nothing is written");
    let mut text = Vec::new();
    summary.write_csv(&mut text).expect("to memory");
    let text = String::from_utf8(text).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "column,time,n,mean,min,q05,q25,q50,q75,q95,max");
    assert!(lines[1].starts_with("x,0,2,2.0,1.0,1.1,1.5,2.0,2.5,2.") && lines[1].ends_with(",3.0"), "{text}");
    assert_eq!(lines[4], "y,1,1,20.0,20.0,20.0,20.0,20.0,20.0,20.0,20.0");
}
