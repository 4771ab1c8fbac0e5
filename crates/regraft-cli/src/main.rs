//! The command `regraft`: arguments in, text and files out. No science here.

mod arguments;
mod benefit;
mod calibrate;
mod check;
mod claims;
mod design;
mod dossier;
mod exit;
mod folder;
mod learn;
mod library;
mod model;
mod output;
mod problems;
mod progress;
mod run;
mod search;
mod twin;
mod validate;
mod words;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::for_usage(&error),
    };
    let result = match arguments.command {
        Command::Run(run) => run::run(&run),
        Command::Design(design) => design::design(&design),
        Command::Benefit(benefit) => benefit::benefit(&benefit),
        Command::Twin(twin) => twin::twin(&twin),
        Command::Validate(validate) => validate::validate(&validate),
        Command::Search(search) => search::search(&search),
        Command::Learn(learn) => learn::learn(&learn),
        Command::Claims(claims) => claims::claims(&claims),
        Command::Calibrate(calibrate) => calibrate::calibrate(&calibrate),
        Command::Dossier(dossier) => dossier::dossier(&dossier),
        Command::Library(library) => library::library(&library),
        Command::Check(check) => check::check(&check),
        Command::Model(model) => model::model(&model),
    };
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            output::tell(&exit::words(&error));
            exit::for_error(&error).into()
        }
    }
}
