//! The library's immune core as a flat program.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use regraft_model::{Found, Program, Sources, Target, lower, read_antimony};

/// Root of the repository that this program was built from.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file of the repository.
pub fn text(path: &str) -> Result<String> {
    fs::read_to_string(repository().join(path)).with_context(|| path.to_string())
}

/// Rows of a table without quoting, the header left out.
pub fn rows(path: &str) -> Result<Vec<Vec<String>>> {
    Ok(text(path)?.lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect())
}

/// Which of the model's random events are watched.
pub enum Events {
    /// None.
    None,
    /// Each.
    All,
    /// Those of these names.
    Named(Vec<String>),
}

impl Events {
    /// `0`, `1`, or names with commas between them.
    pub fn read(text: &str) -> Events {
        match text {
            "0" => Events::None,
            "1" => Events::All,
            names => Events::Named(names.split(',').map(str::to_string).collect()),
        }
    }
}

/// The immune core with the events that are wanted.
pub fn immune_core(events: &Events) -> Result<Program> {
    let mut sources = Sources::default();
    let root = sources.add("immune_core.ant", text("library/models/immune_core.ant")?);
    let mut load = |path: &str, _: &str| {
        text(&format!("library/models/{path}")).ok().map(|text| (path.to_string(), text))
    };
    let (model, _) = read_antimony(&mut sources, root, &mut load);
    let mut program = lower(&model).map_err(|problems| anyhow!("{}", problems[0].message))?;
    match events {
        Events::None => program.events.clear(),
        Events::All => {}
        Events::Named(names) => {
            for name in names {
                ensure!(
                    program.events.iter().any(|event| event.name == *name),
                    "no event `{name}` in the model"
                );
            }
            program.events.retain(|event| names.contains(&event.name));
        }
    }
    Ok(program)
}

/// What a name of the program stands for, as something that can be set.
pub fn target(program: &Program, name: &str) -> Result<Target> {
    match program.find(name) {
        Ok(Found::State(state)) => Ok(Target::State(state)),
        Ok(Found::Parameter(parameter)) => Ok(Target::Parameter(parameter)),
        Ok(_) => Err(anyhow!("`{name}` is neither a state nor a parameter")),
        Err(error) => Err(anyhow!("`{name}` is not in the model: {error:?}")),
    }
}

/// The number of a state.
pub fn state(program: &Program, name: &str) -> Result<u32> {
    match target(program, name)? {
        Target::State(state) => Ok(state),
        Target::Parameter(_) => Err(anyhow!("`{name}` is a parameter, not a state")),
    }
}
