//! `bench goals`: the goals of the engine that need no other tool.
//!
//! Every comparison is made in interleaved rounds, one call of the benchmark after the other, and its figure is the
//! median of the ratios of the rounds.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Options, engine, median, page, peers};
use crate::commands::root;

/// Tolerances at which the achieved error is looked at.
const TOLERANCES: [&str; 5] = ["1e-4", "1e-5", "1e-6", "1e-7", "1e-8"];

/// A tolerance at which what is left is the error of the reference.
const FAR_BELOW: &str = "1e-10";

/// Tolerance at which time is taken. Steps then err by at most 1e-4, as in all earlier measurements of time.
const TIMED: &str = "4e-4";

/// The two hazards that the floor for events was set with; the model has twenty events by now.
const TWO_HAZARDS: &str = "hazards.relapse,hazards.infection";

/// Measures and writes `docs/performance.md`.
pub fn run(options: &Options) -> Result<()> {
    let binary = engine::program(options)?;
    let bench = Bench { binary: &binary, rounds: options.number("--rounds", 5)? };
    let python = peers::environment()?;
    for case in peers::CASES {
        peers::prepare(&binary, &python, case)?;
    }
    let mut lines = Vec::new();
    let mut say = |goal: Value| {
        println!(
            "{}: {}",
            goal["goal"].as_str().unwrap_or_default(),
            goal["measured"].as_str().unwrap_or_default()
        );
        lines.push(goal);
    };
    for case in peers::CASES {
        say(bench.share_of_peak(case)?);
        say(bench.events(case, "events", "1")?);
        say(bench.events(case, "relapses and infections", TWO_HAZARDS)?);
        say(bench.error(case)?);
        say(bench.copies(case)?);
        say(bench.threads(case)?);
    }
    say(bench.lane()?);
    say(bench.summaries(options.number("--patients", 20_000)?)?);
    say(bench.sameness()?);
    std::fs::write(root().join("target/bench/goals.json"), serde_json::to_string_pretty(&lines)?)?;
    page::write_goals(&lines)
}

/// The program and how often it is asked.
struct Bench<'a> {
    binary: &'a Path,
    rounds: usize,
}

impl Bench<'_> {
    fn run(&self, case: &str, words: &[&str]) -> Result<Value> {
        engine::ask(self.binary, &[&["run", "--case", case], words].concat())
    }

    /// The ratio of one figure between two ways of running, per round, and its median.
    fn ratio(&self, key: &str, case: &str, above: &[&str], below: &[&str]) -> Result<(f64, String)> {
        let mut ratios = Vec::new();
        for _ in 0..self.rounds {
            let (above, below) = (self.run(case, above)?, self.run(case, below)?);
            ratios.push(engine::number(&above, key)? / engine::number(&below, key)?);
        }
        let shown: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        Ok((median(&ratios).context("no rounds")?, shown.join(", ")))
    }

    /// Flops of the attempted steps per second, over the largest rate of fused multiply-adds.
    fn share_of_peak(&self, case: &str) -> Result<Value> {
        let mut shares = Vec::new();
        let mut how = String::new();
        for _ in 0..self.rounds {
            let peak = engine::ask(self.binary, &["peak"])?;
            let run = self.run(case, &["--rtol", TIMED, "--patients", "1024"])?;
            let attempts = engine::number(&run, "accepted_steps")? + engine::number(&run, "rejected_steps")?;
            let flops = engine::number(&run, "flops_per_attempt")?;
            let rate = attempts * flops * 1024.0 / engine::number(&run, "cpu_seconds")? / 1e9;
            let most = engine::number(&peak, "gflops")?;
            shares.push(rate / most);
            let name = peak["instructions"].as_str().unwrap_or_default();
            how = format!(
                "{attempts:.0} attempts of {flops:.0} flops; {rate:.1} of {most:.1} GFLOP/s ({name})"
            );
        }
        let share = median(&shares).context("no rounds")?;
        goal(
            &format!("share of the core's peak, {case}"),
            format!("{:.0} %", 100.0 * share),
            "20 %",
            "40 %",
            &how,
        )
    }

    /// Throughput with some of the model's random events over throughput without any. What happened to a patient
    /// takes steps to follow and wakes states; so it is also said what the ratio is for equal steps, and for equal
    /// operations.
    fn events(&self, case: &str, what: &str, events: &'static str) -> Result<Value> {
        let words = |events: &'static str| ["--rtol", TIMED, "--patients", "1024", "--events", events];
        let (ratio, all) = self.ratio("cpu_seconds", case, &words("0"), &words(events))?;
        let (off, on) = (self.run(case, &words("0"))?, self.run(case, &words(events))?);
        let attempts = |run: &Value| -> Result<f64> {
            Ok(engine::number(run, "accepted_steps")? + engine::number(run, "rejected_steps")?)
        };
        let flops = |run: &Value| engine::number(run, "flops_per_attempt");
        let by_steps = ratio * attempts(&on)? / attempts(&off)?;
        let by_flops = by_steps * flops(&on)? / flops(&off)?;
        let how = format!(
            "{all}; {:.1} events a patient, {:.0} attempts of {:.0} flops instead of {:.0} of {:.0}: per attempt \
             {by_steps:.2}, per flop {by_flops:.2}",
            engine::number(&on, "events_per_patient")?,
            attempts(&on)?,
            flops(&on)?,
            attempts(&off)?,
            flops(&off)?
        );
        goal(&format!("{what} on against off, {case}"), format!("{ratio:.2}"), "0.85", "0.95", &how)
    }

    /// Largest achieved error over tolerance, of the tolerances that are more than twice what the reference itself is
    /// off by: that shows where our own error is far below it.
    fn error(&self, case: &str) -> Result<Value> {
        let reference = format!("{}/reference.f64", engine::folder(case));
        let error_at = |tolerance: &str| -> Result<f64> {
            let words = ["--rtol", tolerance, "--patients", "32", "--reference", &reference];
            engine::number(&self.run(case, &words)?, "error")
        };
        let of_reference = error_at(FAR_BELOW)?;
        let mut worst = 0.0f64;
        let mut all = Vec::new();
        for tolerance in TOLERANCES {
            let (error, allowed) = (error_at(tolerance)?, tolerance.parse::<f64>()?);
            let is_judged = allowed > 2.0 * of_reference;
            worst = if is_judged { worst.max(error / allowed) } else { worst };
            all.push(format!("{tolerance}: {error:.1e}{}", if is_judged { "" } else { " (not judged)" }));
        }
        all.push(format!("the reference is off by {of_reference:.1e}"));
        let name = format!("achieved error over tolerance, {case}");
        goal(&name, format!("{worst:.2}"), "2", "1", &all.join(", "))
    }

    /// Time of a patient with four copies of the model over time with one.
    fn copies(&self, case: &str) -> Result<Value> {
        let four = ["--rtol", TIMED, "--patients", "1024", "--copies", "4"];
        let (ratio, all) =
            self.ratio("cpu_seconds", case, &four, &["--rtol", TIMED, "--patients", "1024"])?;
        goal(&format!("time at 4 times the states, {case}"), format!("{ratio:.2}"), "5", "4", &all)
    }

    /// Time on the wall with one thread over time with two. Where other programs use the cores this says little, so
    /// the growth of processor time is shown beside it.
    fn threads(&self, case: &str) -> Result<Value> {
        let words = |threads: &'static str| ["--rtol", TIMED, "--patients", "2048", "--threads", threads];
        let (ratio, all) = self.ratio("wall_seconds", case, &words("1"), &words("2"))?;
        let (growth, _) = self.ratio("process_seconds", case, &words("2"), &words("1"))?;
        let how = format!("{all}; processor time of two threads over that of one {growth:.2}");
        goal(&format!("two threads against one, {case}"), format!("{ratio:.2}"), "1.8", "1.95", &how)
    }

    /// Memory that one more lane takes, measured, and what the engine says of itself.
    fn lane(&self) -> Result<Value> {
        let answer = engine::ask(self.binary, &["lane"])?;
        let kilobytes = engine::number(&answer, "bytes_per_lane")? / 1024.0;
        let own = engine::number(&self.run("bolus", &["--patients", "1"])?, "bytes_per_lane")? / 1024.0;
        let how = format!(
            "{} lanes: {} bytes; {own:.1} KB by the engine's own count",
            answer["lanes"], answer["bytes"]
        );
        goal("memory per lane", format!("{kilobytes:.1} KB"), "16 KB", "8 KB", &how)
    }

    /// Peak memory of many patients of whom only summaries are kept.
    fn summaries(&self, patients: usize) -> Result<Value> {
        let words = |patients: &str| -> Result<Value> {
            let words = [
                "summaries",
                "--case",
                "infusion",
                "--rtol",
                TIMED,
                "--threads",
                "2",
                "--patients",
                patients,
            ];
            engine::ask(self.binary, &words)
        };
        let megabytes = |answer: &Value| engine::number(answer, "peak_bytes").map(|bytes| bytes / 1e6);
        let few = megabytes(&words(&(patients / 10).to_string())?)?;
        let many = words(&patients.to_string())?;
        let how = format!(
            "{few:.0} MB with a tenth of the patients; {:.0} s with two threads",
            engine::number(&many, "wall_seconds")?
        );
        let name = format!("peak memory, {patients} patients, summaries only");
        goal(&name, format!("{:.0} MB", megabytes(&many)?), "300 MB", "100 MB", &how)
    }

    /// One hash over all values for every number of lanes and threads and every instruction set.
    fn sameness(&self) -> Result<Value> {
        let shapes =
            ["8", "16", "32", "64"].map(|lanes| ["1", "2", "4"].map(|threads| (lanes, threads, "best")));
        let mut ways: Vec<(&str, &str, &str)> = shapes.into_iter().flatten().collect();
        ways.extend(["avx512", "avx2", "portable", "avx512-tape", "avx2-tape"].map(|set| ("32", "1", set)));
        let (mut hashes, mut left_out) = (Vec::new(), 0);
        for (lanes, threads, set) in ways {
            let words = [
                "--rtol",
                TIMED,
                "--patients",
                "64",
                "--events",
                "1",
                "--lanes",
                lanes,
                "--threads",
                threads,
                "--instructions",
                set,
            ];
            match self.run("bolus", &words) {
                Ok(answer) => hashes.push(answer["hash"].as_str().unwrap_or_default().to_string()),
                Err(error) if set != "best" && error.to_string().contains("this machine has no") => {
                    left_out += 1
                }
                Err(error) => return Err(error),
            }
        }
        let how = format!(
            "{} runs: lanes 8, 16, 32, 64 with threads 1, 2, 4; AVX-512, AVX2, portable, machine code and tape \
             ({left_out} not on this machine): {}",
            hashes.len(),
            hashes[0]
        );
        hashes.sort();
        hashes.dedup();
        goal(
            "different results over lanes, threads, instructions",
            format!("{}", hashes.len() - 1),
            "0",
            "0",
            &how,
        )
    }
}

/// One line of the table.
fn goal(name: &str, measured: String, floor: &str, aim: &str, how: &str) -> Result<Value> {
    Ok(json!({ "goal": name, "measured": measured, "floor": floor, "aim": aim, "how": how }))
}
