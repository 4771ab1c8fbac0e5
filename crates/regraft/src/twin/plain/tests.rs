use super::super::answer::{Drawn, Fact, Outcome, Population, Regimen, Role, Twin, Value};
use super::page;
use crate::report::data::{Arm, Step};

fn arm(id: &str, role: &str) -> Arm {
    let step = |kind: &str, days: &[f64]| Step {
        kind: kind.into(),
        text: "some drug".into(),
        days: days.to_vec(),
        until_day: None,
        by_rule: false,
    };
    Arm {
        id: id.into(),
        title: id.into(),
        role: role.into(),
        regimen: id.into(),
        graft_day: (role == "studied").then_some(40.0),
        steps: vec![step("mobilise", &[-30.0]), step("condition", &[-6.0, -2.0]), step("infuse", &[0.0])],
        n_published: None,
        short: None,
    }
}

fn regimen(id: &str, grade: &str, outside: bool) -> Regimen {
    Regimen {
        id: id.into(),
        title: id.into(),
        plain: Some(format!("Choice {id}")),
        product: None,
        grade: grade.into(),
        why: String::new(),
        studied_in: Vec::new(),
        gives_nothing: false,
        outside,
        failed: 0,
    }
}

fn outcome(plain: &str, role: Role, shares: [f64; 2], is_death: bool) -> Outcome {
    let value = |share: f64| Value {
        estimate: Some(share),
        low: Some(0.9 * share),
        high: Some(1.1 * share),
        parameters: None,
        parts: None,
    };
    Outcome {
        endpoint: plain.replace(' ', "_"),
        title: "A technical title".into(),
        plain: Some(plain.into()),
        definition: String::new(),
        role,
        kind: "probability",
        unit: String::new(),
        more_is_worse: true,
        is_death,
        day: 1826.25,
        values: shares.map(value).to_vec(),
        differences: vec![None, None],
    }
}

fn twin(grade: &str, outside: bool) -> Twin {
    let fact = Fact {
        name: "age".into(),
        title: "Age".into(),
        value: 34.0,
        unit: "year".into(),
        range: Some((18.0, 55.0)),
        how: "fixed",
        tolerance: None,
        tolerance_is_share: false,
        inside: !outside,
    };
    Twin {
        disease: "x".into(),
        disease_title: "Relapsing multiple sclerosis".into(),
        population: Population {
            id: "p".into(),
            title: "P".into(),
            why: String::new(),
            pattern: "t".into(),
            others: Vec::new(),
        },
        horizon_days: 1826.25,
        seed: 1,
        facts: vec![fact],
        measurements: 0,
        drawn: Drawn {
            candidates: 900,
            eligible: 500,
            twins: 400,
            effective: 400.0,
            members: 1,
            effective_members: None,
        },
        extrapolated: Vec::new(),
        regimens: vec![regimen("one", grade, outside), regimen("two", "strong", false)],
        outcomes: vec![
            outcome("The person gets worse", Role::Primary, [0.17, 0.61], false),
            outcome("The drugs harm an organ", Role::Harm, [0.38, 0.02], false),
            outcome("The person dies", Role::Harm, [0.011, 0.0], true),
        ],
        scores: Vec::new(),
        labs: Vec::new(),
        arms: vec![arm("one", "studied"), arm("two", "comparator")],
        not_simulated: Vec::new(),
        not_split: None,
        assumptions: Vec::new(),
        command: "regraft twin x".into(),
        version: "0".into(),
    }
}

/// The page without its style and its tags.
fn text(page: &str) -> String {
    let body = page.split("</style>").nth(1).unwrap_or_default();
    let mut text = String::new();
    let mut inside = false;
    for letter in body.chars() {
        match letter {
            '<' => {
                inside = true;
                text.push(' ');
            }
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text
}

#[test]
fn its_title_says_what_it_is_for_and_it_recommends_nothing() {
    let page = page(&twin("strong", false));
    assert!(page.contains("<title>For research on how to communicate"), "{page}");
    assert!(page.contains("<h1>For research on how to communicate"));
    let text = text(&page).to_lowercase();
    assert!(text.contains("it recommends nothing"));
    for word in ["we recommend", "you should", "best choice", "better choice"] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(!page.contains("http") && !page.contains("<script"), "the sheet asks for nothing from outside");
}

#[test]
fn benefit_and_harm_are_counted_in_the_same_hundred_people() {
    let text = text(&page(&twin("strong", false)));
    for count in ["17 of 100", "61 of 100", "38 of 100", "2 of 100", "1 of 100", "0 of 100"] {
        assert!(text.contains(count), "{count} in {text}");
    }
    assert!(!text.contains("not known Nobody"), "everything is known");
}

/// Not studied, refuted, or nobody like this one was studied: benefit is not drawn, harm is.
#[test]
fn unknown_benefit_is_never_drawn_as_numbers() {
    for (grade, outside, why) in [
        ("none", false, "It was not studied in this disease."),
        ("negative", false, "A good study looked for help and found none."),
        ("strong", true, "Nobody like this person was studied."),
    ] {
        let text = text(&page(&twin(grade, outside)));
        assert!(text.contains("not known") && text.contains(why), "{grade}: {text}");
        assert!(!text.contains("17 of 100"), "{grade}: the benefit of the first choice is not told");
        assert!(text.contains("61 of 100"), "that of the other is");
        assert!(text.contains("38 of 100") && text.contains("1 of 100"), "harm always");
    }
}

/// School grade of a text [Kincaid1975]: 0.39 words per sentence + 11.8 syllables per word − 15.59.
fn school_grade(text: &str) -> f64 {
    let sentences = text.split(['.', ':', ';', '?', '!']).filter(|part| part.split_whitespace().count() > 2);
    let (mut n_sentences, mut n_words, mut n_syllables) = (0.0, 0.0, 0.0);
    for sentence in sentences {
        n_sentences += 1.0;
        for word in sentence.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)) {
            n_words += 1.0;
            n_syllables += syllables(word);
        }
    }
    0.39 * n_words / n_sentences + 11.8 * n_syllables / n_words - 15.59
}

/// Groups of vowels; a silent e at the end is none.
fn syllables(word: &str) -> f64 {
    let letters: Vec<char> = word.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let is_vowel = |c: &char| "aeiouy".contains(*c);
    let groups = letters
        .iter()
        .enumerate()
        .filter(|(place, c)| is_vowel(c) && (*place == 0 || !is_vowel(&letters[place - 1])));
    let silent = letters.len() > 2 && letters.ends_with(&['e']) && !letters.ends_with(&['l', 'e']);
    (groups.count() as f64 - f64::from(u8::from(silent))).max(1.0)
}

#[test]
fn it_reads_at_school_level() {
    for grade in ["strong", "none"] {
        let found = school_grade(&text(&page(&twin(grade, false))));
        assert!(found < 7.0, "grade {found}");
    }
    let hard =
        "Autologous haematopoietic transplantation considerably attenuates inflammatory demyelination.";
    assert!(school_grade(hard) > 15.0, "the measure tells hard texts");
}

/// What is done stands as a time line for each choice, in the order of the days; what is not known has its own part.
#[test]
fn the_time_line_and_what_is_not_known_are_there() {
    let page = page(&twin("strong", false));
    for id in ["steps-0", "steps-1"] {
        assert!(page.contains(id), "{id}: each choice has its time line");
    }
    let text = text(&page);
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("`{words}` in {text}"));
    let steps = [
        "Drugs and shots bring stem cells into the blood.",
        "Strong drugs clear out the body's defense.",
        "The stem cells are given, like a blood bag.",
        "There are few blood cells.",
    ];
    assert!(steps.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "in the order of the days");
    assert!(place("What is done") < place("What the choices are for"));
    assert!(place("What may go wrong") < place("What is not known"));
    for words in
        ["Several good studies show what it does.", "It can be wrong.", "Nobody can tell to which of the 100"]
    {
        assert!(place(words) > place("What is not known"), "{words}");
    }
    let mut few = twin("strong", true);
    few.drawn.effective = 20.0;
    few.drawn.members = 64;
    let text = self::text(&self::page(&few));
    for words in [
        "This person is not like the people who were studied: age 34 years.",
        "The numbers are rough.",
        "The range holds doubt about what goes on in the body, too.",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

/// It is laid out for one sheet of paper: what does not fit as pictures stands in a line of text, whatever the number
/// of harms. (Sheets of two and of three choices of the library were printed: one page each.)
#[test]
fn pictures_are_few_enough_for_one_sheet() {
    let mut many = twin("strong", false);
    for harm in 0..30 {
        let share = 0.03 + 0.01 * f64::from(harm);
        many.outcomes.push(outcome(&format!("Harm number {harm} comes"), Role::Harm, [share, share], false));
        many.outcomes.push(outcome(
            &format!("Gain number {harm} comes"),
            Role::Benefit,
            [share, share],
            false,
        ));
    }
    let page = page(&many);
    assert!(page.contains("@page { size: A4") && page.contains("@media print"), "it is made for print");
    assert_eq!(page.matches("<figure class=\"card\">").count(), 2 + 6, "two benefits and six harms");
    assert!(text(&page).contains("This may go wrong, too."), "the others stand in words");
    many.regimens.push(regimen("three", "weak", false));
    many.arms.push(arm("three", "studied"));
    many.outcomes.iter_mut().for_each(|one| {
        one.values.push(one.values[0].clone());
        one.differences.push(None);
    });
    assert_eq!(self::page(&many).matches("<figure class=\"card\">").count(), 2 + 4, "of three choices fewer");
}
