//! What a tolerance promises where the errors of many steps have one sign and nothing forgets them.

use super::*;

/// Cells that decay under a drug of which half of the largest effect is at 1: the effect of every tablet adds up.
const TREATED: &str = "model treated()
  a = 40; x = 1;
  a' = -5.5*a;
  x' = -0.08*a/(1 + a)*x;
end";

/// Days, and what a tablet adds at the start of each.
const DAYS: i32 = 120;
const TABLET: f64 = 40.0;

/// ln x after all days: from an amount a₀ the effect of a day is 0.08/5.5 · ln((1 + a₀)/(1 + a₀ e^−5.5)).
fn exact() -> f64 {
    let effect = |(sum, start): (f64, f64), _| {
        let end = start * (-5.5f64).exp();
        (sum - 0.08 / 5.5 * ((1.0 + start) / (1.0 + end)).ln(), end + TABLET)
    };
    (0..DAYS).fold((0.0, TABLET), effect).0
}

#[test]
fn the_error_of_daily_doses_stays_within_twice_the_tolerance() {
    let end = f64::from(DAYS);
    let tablets = format!("TIME,AMT,CMT,II,ADDL\n1,{TABLET},a,1,{}\n", DAYS - 2);
    let mut bench = Bench::new(TREATED);
    for exponent in 3..=8 {
        let relative_tolerance = 10f64.powi(-exponent);
        let asked = Request { relative_tolerance, ..request(end, end) };
        let block = bench.run("", &tablets, &asked);
        let error = (block.column(0, 1)[1] / exact().exp() - 1.0).abs() / relative_tolerance;
        println!("tolerance 1e-{exponent}: error {error:.2} tolerances");
        // 1.4 to 1.7; 5.6 to 6.3 if a step could err by all of the tolerance.
        assert!(error <= 2.0, "at 1e-{exponent}: error of {error} tolerances");
    }
}
