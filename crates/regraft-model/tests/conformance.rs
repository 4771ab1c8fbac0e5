//! The curated BioModels that libAntimony's repository holds as Antimony text, where they
//! are at hand: nearly all can be lowered, and none makes the reader panic.

use std::io::Write;

use regraft_model::{Sources, lower, read_antimony};

#[test]
fn curated_models_are_lowered() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/antimony");
    let Ok(entries) = std::fs::read_dir(folder) else {
        // Straight to the terminal: what a test that passes prints is kept from it.
        let _ = writeln!(std::io::stderr(), "skipped: {folder} is not here");
        return;
    };
    let (mut lowered, mut refused) = (0, Vec::new());
    for path in entries.map(|entry| entry.unwrap().path()) {
        let mut sources = Sources::default();
        let root = sources.add(path.display().to_string(), std::fs::read_to_string(&path).unwrap());
        let (model, _) = read_antimony(&mut sources, root, &mut |_, _| None);
        match lower(&model) {
            Ok(_) => lowered += 1,
            Err(why) => refused.push(why[0].render(&sources)),
        }
    }
    println!("{lowered} lowered; refused:\n{}", refused.join("\n"));
    assert!(lowered >= 655, "{lowered} lowered; refused:\n{}", refused.join("\n"));
}
