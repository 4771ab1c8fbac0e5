//! The benchmark of the engine: the library's immune core under a transplant, many patients.
//!
//! It measures and prints one JSON object per call; what is compared with what is decided by the scripts
//! in `benches/` and by `cargo xtask bench`.

mod arguments;

mod case;
mod copies;
mod model;
mod patients;
mod person;

mod accuracy;
mod clock;
mod count;
mod memory;
mod peak;
mod run;
mod summaries;

mod export;

use std::process::ExitCode;

use crate::arguments::Arguments;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

const USAGE: &str = "usage: regraft-bench COMMAND [--key value ...]

  run        simulates and prints seconds, steps and error
               --case bolus|infusion  --patients N  --rtol R  --lanes L  --threads T
               --events 0|1|NAME,NAME...  --copies C
               --instructions best|avx512|avx2|portable, or with -tape (interpreted)
               --reference FILE (the first patients' values, f64, [patient, time, state])
               --values FILE (writes the same of our own)
  summaries  as run, but keeps only counts over time, in pieces: --piece N patients at a time
  lane       bytes of working memory per lane
  peak       fused multiply-adds per second of one core
  count      one fixed small ensemble, to be run under callgrind
  export     the case for other tools: --case C --patients N --to FOLDER";

fn main() -> ExitCode {
    match answer() {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the command line asks for.
fn answer() -> anyhow::Result<serde_json::Value> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    match arguments.command.as_str() {
        "run" => run::command(&arguments),
        "summaries" => summaries::command(&arguments),
        "lane" => memory::command(&arguments),
        "peak" => Ok(peak::command()),
        "count" => count::command(),
        "export" => export::command(&arguments),
        _ => anyhow::bail!("{USAGE}"),
    }
}
