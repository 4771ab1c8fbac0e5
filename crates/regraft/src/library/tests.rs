//! The layers of the library: built in, then folders, later ones winning.

mod conservation;
mod doses;
mod grafts;
mod stromal;

use std::fs;

use regraft_model::{Found, Program, Target, lower};

use super::*;

/// A folder laid out as the library, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Folder {
        let root = std::env::temp_dir().join(format!("regraft-library-{}-{name}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("a file lies in a folder")).unwrap();
            fs::write(path, text).unwrap();
        }
        Folder(root)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The folder lies among temporary files: what cannot be removed does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A composed model without errors, lowered.
fn program(library: &mut Library, path: &str) -> Program {
    let (model, problems) = library.read_model(path).expect("the library has it");
    let errors: Vec<&str> =
        problems.iter().filter(|p| p.is_error()).map(|problem| problem.message.as_str()).collect();
    assert_eq!(errors, [""; 0], "{path}");
    lower(&model).expect("it is a program")
}

pub(crate) fn found(program: &Program, name: &str) -> Found {
    program.find(name).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

pub(crate) fn target(program: &Program, name: &str) -> Target {
    match found(program, name) {
        Found::State(state) => Target::State(state),
        Found::Parameter(parameter) => Target::Parameter(parameter),
        other => panic!("{name} cannot be set: {other:?}"),
    }
}

fn endpoint(id: &str, title: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"{title}\"\ndefinition = \"d\"\nsource = \"assumed\"\nwhy = \"a test\"\nkind = \"time_to_event\"\ndirection = \"harm\"\n[[event]]\ntype = \"death\"\n"
    )
}

fn open(folders: &[&Folder]) -> Library {
    let folders: Vec<PathBuf> = folders.iter().map(|folder| folder.0.clone()).collect();
    Library::open(&folders).expect("the folders exist")
}

fn title<'a>(library: &'a Library, id: &str) -> &'a str {
    &library.cards.endpoints[id].title
}

fn messages(library: &Library) -> Vec<&str> {
    library.diagnostics.iter().filter(|p| p.is_error()).map(|p| p.message.as_str()).collect()
}

#[test]
fn the_built_in_library_has_no_errors() {
    let library = open(&[]);
    assert_eq!(messages(&library), [""; 0]);
    assert!(library.cards.trials.len() >= 2 && !library.model_paths().is_empty());
    assert!(!library.evidence.outcomes.is_empty() && !library.reconstitution.is_empty());
}

#[test]
fn a_later_folder_wins() {
    let first = Folder::new("first", &[("endpoints/death.toml", &endpoint("death", "first"))]);
    let second = Folder::new("second", &[("endpoints/death.toml", &endpoint("death", "second"))]);
    assert_eq!(title(&open(&[]), "death"), "Death");
    assert_eq!(title(&open(&[&first]), "death"), "first");
    assert_eq!(title(&open(&[&first, &second]), "death"), "second");
    assert_eq!(title(&open(&[&second, &first]), "death"), "first");
    let library = open(&[&first]);
    assert_eq!(messages(&library), [""; 0]);
    assert_eq!(library.path_of(CardKind::Endpoint, "death"), Some("endpoints/death.toml"));
    // Messages point at the user's file, not at the one it replaces.
    let span = library.cards.endpoints["death"].id.span;
    let shown = first.0.join("endpoints/death.toml").display().to_string();
    assert_eq!(library.sources.get(span.source).path, shown);
}

#[test]
fn two_files_with_one_id_are_a_problem() {
    let twice = Folder::new("twice", &[("endpoints/dying.toml", &endpoint("death", "again"))]);
    assert_eq!(messages(&open(&[&twice])), ["there is another endpoint `death`"]);
}

#[test]
fn a_file_of_the_user_replaces_a_card_without_complaint() {
    let folder = Folder::new("file", &[("mine.toml", &endpoint("death", "mine"))]);
    let mut library = open(&[]);
    let path = folder.0.join("mine.toml");
    assert_eq!(library.add_file(CardKind::Endpoint, &path).unwrap(), "death");
    assert_eq!(title(&library, "death"), "mine");
    assert_eq!(library.path_of(CardKind::Endpoint, "death"), Some(path.to_str().unwrap()));
    assert!(messages(&library).iter().all(|message| !message.contains("another")));
    let missing = library.add_file(CardKind::Endpoint, &folder.0.join("nothing.toml"));
    assert!(matches!(missing, Err(LibraryError::Io { .. })));
}

#[test]
fn a_missing_folder_is_told() {
    let path = std::env::temp_dir().join("regraft-no-such-folder");
    let error = Library::open(std::slice::from_ref(&path)).unwrap_err();
    assert_eq!(error.to_string(), format!("the library folder `{}` does not exist", path.display()));
}

#[test]
fn models_are_found_with_what_they_import() {
    let parts = Folder::new(
        "models",
        &[
            ("models/whole.ant", "import \"half.ant\"\nmodel whole()\n  part: half();\nend\n"),
            ("models/half.ant", "model half()\n  x = 1;\n  x' = -x;\nend\n"),
        ],
    );
    let mut library = open(&[&parts]);
    let (_, problems) = library.read_model("models/whole.ant").expect("it is there");
    assert!(problems.iter().all(|problem| !problem.is_error()), "{problems:?}");
    assert!(library.read_model("models/nothing.ant").is_none());
    // A model outside a library finds its imports beside it.
    let mut plain = open(&[]);
    let path = plain.add_model(&parts.0.join("models/whole.ant")).unwrap();
    let (_, problems) = plain.read_model(&path).expect("it was added");
    assert!(problems.iter().all(|problem| !problem.is_error()), "{problems:?}");
}

#[test]
fn references_of_folders_are_added_and_hashes_follow_the_text() {
    let more = Folder::new(
        "references",
        &[
            ("evidence/references.bib", "@article{nobody1999, title = {A test}}\n"),
            ("endpoints/death.toml", &endpoint("death", "x").replace("\"assumed\"", "\"nobody1999\"")),
        ],
    );
    assert_eq!(messages(&open(&[&more])), [""; 0], "old and new references are known");
    let hash = |library: &Library| library.hashes(|path| path == "endpoints/death.toml");
    let (built_in, replaced) = (hash(&open(&[])), hash(&open(&[&more])));
    assert_eq!((built_in.len(), replaced.len()), (1, 1));
    assert_ne!(built_in, replaced);
    assert_eq!(built_in, hash(&open(&[])));
}

/// The drugs of the model that is read when the core is opened alone.
const ALONE: [&str; 11] = [
    "atg",
    "carmustine",
    "cyclophosphamide",
    "cytarabine",
    "earlier_drug",
    "etoposide",
    "filgrastim",
    "melphalan",
    "methylprednisolone",
    "prednisone",
    "rituximab",
];

#[test]
fn the_drugs_module_of_the_core_alone_is_that_of_the_cards() {
    let library = open(&[]);
    let written = regraft_trial::drugs_model(
        ALONE.map(|id| &library.cards.drugs[id]),
        &library.cards.sensitivities,
        &library.blocks(),
    );
    let kept = &library.texts["models/drugs.ant"].text;
    let command =
        format!("regraft model drugs {} --library library > library/models/drugs.ant", ALONE.join(" "));
    assert!(*kept == written, "library/models/drugs.ant is older than the cards: {command}");
}

/// As a block of priming mycophenolate shared one receptor with ciclosporin and weakened it; it acts at another step.
#[test]
fn mycophenolate_takes_nothing_from_ciclosporin() {
    let library = open(&[]);
    let line = |drugs: &[&str], name: &str| {
        let drugs = drugs.iter().map(|id| &library.cards.drugs[*id]);
        let text = regraft_trial::drugs_model(drugs, &library.cards.sensitivities, &library.blocks());
        let start = format!("  {name} := ");
        text.lines().rfind(|line| line.starts_with(&start)).map(str::to_string)
    };
    let (alone, both) = (&["ciclosporin"], &["ciclosporin", "mycophenolate"]);
    for name in ["immunomodulator_level", "immunomodulator_block"] {
        assert!(line(alone, name).is_some(), "ciclosporin has no {name}");
        assert_eq!(line(alone, name), line(both, name));
    }
    assert_eq!(line(alone, "division_block"), None);
    assert!(
        line(both, "division_block").is_some_and(|line| line.contains("division_block_by_mycophenolate"))
    );
}
