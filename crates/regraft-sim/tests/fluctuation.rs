//! The fluctuation of self-antigen over an ensemble of patients: mean, variance and autocorrelation.
//!
//! Tolerances are four standard errors of the estimate; the draws are fixed by the seed.

use std::fs;
use std::path::Path;

use regraft_model::{Program, Sources, Target, lower, read_antimony};
use regraft_sim::{Options, Outputs, Patients, Plan, SolveStatus, Start, simulate};
use regraft_stats::Seed;

const N: usize = 20_000;
const AMPLITUDE: f64 = 0.4;
/// Days.
const CORRELATION_TIME: f64 = 90.0;
/// Days before entry and after it.
const TIMES: [f64; 8] = [-1865.0, 0.0, 15.0, 45.0, 90.0, 180.0, 365.0, 1826.0];

fn program() -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library/models/fluctuation.ant");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut sources = Sources::default();
    let root = sources.add("fluctuation.ant", text);
    let (model, _) = read_antimony(&mut sources, root, &mut |_: &str, _: &str| None);
    lower(&model).unwrap_or_else(|problems| panic!("{}", problems[0].message))
}

/// The drive of `n` patients at the given times, `[time][patient]`.
fn drives(amplitude: f64, n: usize, times: &[f64]) -> Vec<Vec<f64>> {
    let program = program();
    let target = |name: &str| match program.find(name) {
        Ok(regraft_model::Found::Parameter(parameter)) => Target::Parameter(parameter),
        other => panic!("{name}: {other:?}"),
    };
    let patients = Patients {
        overrides: vec![target("amplitude"), target("correlation_time")],
        values: [amplitude, CORRELATION_TIME].repeat(n),
        ..Patients::alike(0..n as u64)
    };
    let plan = Plan { start: times[0], end: times[times.len() - 1], ..Plan::default() };
    let observable = program.find("antigen_drive").unwrap_or_else(|error| panic!("{error:?}"));
    let outputs = Outputs { times: times.to_vec(), observables: vec![observable] };
    let options = Options::new(Seed(1));
    let result = simulate(&program, &patients, Start::Fresh, &plan, &outputs, &options, &())
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(result.status.iter().all(|status| matches!(status, SolveStatus::Finished)));
    let at = |time: usize| (0..n).map(|row| result.trajectories.at(row, time)[0]).collect();
    (0..times.len()).map(at).collect()
}

/// The Gaussian wave behind the drive.
fn waves() -> Vec<Vec<f64>> {
    let wave = |drive: &f64| (drive.ln() + AMPLITUDE * AMPLITUDE / 2.0) / AMPLITUDE;
    drives(AMPLITUDE, N, &TIMES).iter().map(|drives| drives.iter().map(wave).collect()).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    values.sum::<f64>() / N as f64
}

/// Autocorrelation of the sum of waves that the model states: over the place of the frequencies in the octave.
fn stated(lag: f64) -> f64 {
    let places = 4_000;
    let of = |place: usize| {
        let lowest = 2f64.powf((place as f64 + 0.5) / f64::from(places)) / 32.0;
        let octaves = (0..8).map(|octave| lowest * f64::from(1 << octave));
        let weighted = |x: f64| (x / (1.0 + x * x), (x * lag / CORRELATION_TIME).cos());
        let sums = octaves.map(weighted).fold((0.0, 0.0), |sum, (w, c)| (sum.0 + w, sum.1 + w * c));
        sums.1 / sums.0
    };
    (0..places as usize).map(of).sum::<f64>() / f64::from(places)
}

#[test]
fn the_mean_is_1_at_all_times() {
    let variance = (AMPLITUDE * AMPLITUDE).exp() - 1.0;
    let allowed = 4.0 * (variance / N as f64).sqrt();
    for (time, drives) in TIMES.iter().zip(drives(AMPLITUDE, N, &TIMES)) {
        let found = mean(drives.iter().copied());
        assert!((found - 1.0).abs() < allowed, "day {time}: {found}, allowed {allowed}");
        assert!(drives.iter().all(|drive| *drive > 0.0));
    }
}

#[test]
fn the_logarithm_has_the_stated_variance_at_all_times() {
    let allowed = 4.0 * (2.0 / N as f64).sqrt();
    for (time, waves) in TIMES.iter().zip(waves()) {
        let found = mean(waves.iter().map(|wave| wave * wave));
        assert!((found - 1.0).abs() < allowed, "day {time}: {found}, allowed {allowed}");
        // A normal distribution: the fourth moment is 3, with variance 96/N.
        let fourth = mean(waves.iter().map(|wave| wave.powi(4)));
        assert!((fourth - 3.0).abs() < 4.0 * (96.0 / N as f64).sqrt(), "day {time}: {fourth}");
    }
}

#[test]
fn the_autocorrelation_is_that_of_the_spectrum() {
    let waves = waves();
    for (time, later) in TIMES.iter().zip(&waves).skip(1) {
        let found = mean(waves[1].iter().zip(later).map(|(a, b)| a * b));
        let expected = stated(*time);
        let allowed = 4.0 * ((1.0 + expected * expected) / N as f64).sqrt();
        assert!((found - expected).abs() < allowed, "lag {time}: {found}, stated {expected}");
    }
}

/// Share of the variance of an Ornstein-Uhlenbeck process at frequencies that no wave stands for: each wave
/// stands for the octave around it.
fn missing() -> f64 {
    let places = 4_000;
    let of = |place: usize| {
        let lowest = 2f64.powf((place as f64 + 0.5) / f64::from(places)) / 32.0;
        let (from, to) = (lowest / 2f64.sqrt(), 128.0 * lowest * 2f64.sqrt());
        1.0 - std::f64::consts::FRAC_2_PI * (to.atan() - from.atan())
    };
    (0..places as usize).map(of).sum::<f64>() / f64::from(places)
}

#[test]
fn the_autocorrelation_is_near_that_of_an_ornstein_uhlenbeck_process() {
    // With a share m of the variance missing, the correlation r' of the rest and r of the whole differ by
    // m (r' - q), where q is that of what is missing: by 2m at most. What is missing is mostly fast, so the
    // correlation starts flat, where that of the process has a corner.
    let allowed = 2.0 * missing();
    // What docs/biology/fluctuation.md says.
    assert!((missing() - 0.1).abs() < 0.005, "{}", missing());
    for lag in [0.0, 5.0, 15.0, 30.0, 45.0, 90.0, 180.0, 365.0, 730.0] {
        let (found, exact) = (stated(lag), (-lag / CORRELATION_TIME).exp());
        println!("lag {lag}: {found:.3}, exponential {exact:.3}");
        assert!(
            (found - exact).abs() < allowed,
            "lag {lag}: {found}, exponential {exact}, allowed {allowed}"
        );
    }
}

#[test]
fn without_amplitude_the_drive_is_exactly_1() {
    for drives in drives(0.0, 200, &TIMES) {
        assert!(drives.iter().all(|drive| drive.to_bits() == 1f64.to_bits()));
    }
}
