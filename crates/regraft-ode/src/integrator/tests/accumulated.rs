//! Errors of many steps that have one sign: what is asked for is the error of the solution.

use super::run_to_stop;
use crate::problems::Problem;
use crate::{Integrator, StepControl, Tolerances};

/// Days on which a tablet is taken.
const DAYS: i32 = 120;
/// What a tablet adds.
const TABLET: f64 = 40.0;
/// Loss of the drug, per day: half of it in three hours.
const LOSS: f64 = 5.5;
/// Loss of what the drug acts on, per day and unit of drug.
const EFFECT: f64 = 0.004;

/// a' = −LOSS a, x' = −EFFECT a x: cells that decay under a drug. What a day adds to ln x is EFFECT times what the
/// drug was on that day, and nothing is forgotten.
#[derive(Debug, Clone, Copy)]
struct Treated;

impl Problem for Treated {
    fn name(&self) -> &'static str {
        "treated"
    }

    fn start(&self) -> Vec<f64> {
        vec![TABLET, 1.0]
    }

    fn end(&self) -> f64 {
        f64::from(DAYS)
    }

    /// A tablet at the start of every day; the amount of day n begins with TABLET (1 − ρⁿ⁺¹)/(1 − ρ), of which 1 − ρ
    /// is lost by its end, with ρ = exp(−LOSS).
    fn solution(&self) -> Vec<f64> {
        let kept = (-LOSS).exp();
        let exposure: f64 = (1..=DAYS).map(|n| TABLET * (1.0 - kept.powi(n)) / LOSS).sum();
        vec![TABLET * (1.0 - kept.powi(DAYS)) / (1.0 - kept) * kept, (-EFFECT * exposure).exp()]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 0), (1, 0), (1, 1)]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        dy[0] = -LOSS * y[0];
        dy[1] = -EFFECT * y[0] * y[1];
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        jacobian.copy_from_slice(&[-LOSS, -EFFECT * y[1], -EFFECT * y[0]]);
        dfdt.fill(0.0);
    }
}

#[test]
fn the_error_of_daily_doses_stays_within_twice_the_tolerance() {
    let exact = Treated.solution();
    for exponent in 3..=9 {
        let relative = 10f64.powi(-exponent);
        let absolute = vec![0.01 * relative * TABLET, 0.01 * relative];
        let tolerances = Tolerances { relative, absolute };
        let mut integrator = Integrator::new(Treated.system(1), tolerances, StepControl::default());
        integrator.start(0, 0.0, &Treated.start(), 1.0, None);
        let mut first_step = None;
        for day in 1..=DAYS {
            run_to_stop(&mut integrator, 0);
            if day < DAYS {
                integrator.set_state(0, 0, integrator.state(0, 0) + TABLET);
                integrator.restart(0, first_step);
                integrator.set_stop(0, f64::from(day + 1));
                integrator.advance();
                first_step = Some(integrator.next_step(0));
            }
        }
        let error = (integrator.state(0, 1) / exact[1] - 1.0).abs() / relative;
        let steps = integrator.counters(0).accepted;
        println!("tolerance 1e-{exponent}: error {error:.2} tolerances, {steps} steps");
        assert!(error <= 2.0, "at 1e-{exponent}: error of {error} tolerances");
    }
}
