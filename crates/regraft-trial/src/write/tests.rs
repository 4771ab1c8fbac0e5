use regraft_model::Sources;

use crate::card::{Card, CardKind};

/// The card as it is printed for programmers, without the places in its text.
fn without_places(card: &Card) -> String {
    let text = format!("{card:?}");
    let mut kept = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span {") {
        kept.push_str(&rest[..at]);
        let end = rest[at..].find('}').expect("a place ends");
        rest = &rest[at + end + 1..];
    }
    kept + rest
}

fn read(kind: CardKind, name: &str, text: &str) -> (Card, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add(format!("{}/{name}.toml", kind.folder()), text);
    let (card, problems) = Card::read(kind, &sources, id);
    (card, problems.into_iter().map(|problem| problem.message).collect())
}

fn library(folder: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library").join(folder);
    let files = std::fs::read_dir(&folder).expect("the library is there").flatten();
    let read = |file: std::fs::DirEntry| {
        let name = file.file_name().to_string_lossy().trim_end_matches(".toml").to_string();
        (name, std::fs::read_to_string(file.path()).expect("a card is text"))
    };
    files.map(read).collect()
}

#[test]
fn every_regimen_of_the_library_is_written_and_read_to_itself() {
    let all = library("regimens");
    assert!(all.len() > 100);
    for (name, text) in all {
        let (card, _) = read(CardKind::Regimen, &name, &text);
        let Card::Regimen(regimen) = &card else { panic!("it is a regimen") };
        let written = super::regimen(regimen);
        let (again, problems) = read(CardKind::Regimen, &name, &written);
        assert_eq!(problems, Vec::<String>::new(), "{name}:\n{written}");
        assert_eq!(without_places(&again), without_places(&card), "{name}");
    }
}

#[test]
fn every_trial_of_the_library_is_written_without_what_was_published() {
    for (name, text) in library("trials") {
        let (card, _) = read(CardKind::Trial, &name, &text);
        let Card::Trial(trial) = card else { panic!("it is a trial") };
        let mut bare = *trial;
        bare.search = None;
        bare.design = None;
        bare.follow_up = None;
        bare.arms.iter_mut().for_each(|arm| (arm.evidence, arm.n_published) = (None, None));
        bare.analyses.iter_mut().for_each(|analysis| analysis.published.clear());
        let (again, problems) = read(CardKind::Trial, &name, &super::trial(&bare));
        assert_eq!(problems, Vec::<String>::new(), "{name}");
        assert_eq!(without_places(&again), without_places(&Card::Trial(Box::new(bare))), "{name}");
    }
}
