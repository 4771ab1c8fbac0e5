//! Eligibility rules: comparisons of what is known at entry, joined by `and`, `or`, `not` and brackets.

use regraft_model::{did_you_mean, nearest};

use regraft_trial::duration::DURATION;

use super::effects::Plan;
use crate::study::StudyError;

/// What is wrong with a rule, with the column (from 1) where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// Column of the rule, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// A rule that can be asked of a patient.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// A feature against a number.
    Compare(usize, Comparison, f64),
    /// All hold.
    All(Vec<Test>),
    /// One holds.
    Any(Vec<Test>),
    /// It does not hold.
    Not(Box<Test>),
}

/// How a feature stands to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
}

impl Test {
    /// Whether it holds for a patient; a value that is no number fulfills no comparison.
    pub fn holds(&self, features: &[f64]) -> bool {
        match self {
            Test::Compare(feature, how, value) => {
                let x = features[*feature];
                match how {
                    Comparison::Less => x < *value,
                    Comparison::AtMost => x <= *value,
                    Comparison::More => x > *value,
                    Comparison::AtLeast => x >= *value,
                    Comparison::Equal => x == *value,
                    Comparison::Unequal => x != *value && !x.is_nan(),
                }
            }
            Test::All(tests) => tests.iter().all(|test| test.holds(features)),
            Test::Any(tests) => tests.iter().any(|test| test.holds(features)),
            Test::Not(test) => !test.holds(features),
        }
    }
}

/// A rule set: its words, and the steps that are joined by `and` at the outermost.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSet {
    pub text: String,
    pub steps: Vec<(String, Test)>,
}

/// Reads all rules; what is wrong with any of them is told at once.
pub fn read_all(plan: &Plan, texts: &[String]) -> Result<Vec<RuleSet>, StudyError> {
    let names: Vec<&str> = plan.features.iter().map(|feature| feature.name.as_str()).collect();
    let clinical = plan.features.iter().filter(|feature| feature.is_clinical);
    let help = Help {
        told: clinical.map(|feature| feature.name.as_str()).collect(),
        no_duration: plan.no_duration.as_deref(),
    };
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for text in texts {
        match read(text, &names, &help) {
            Ok(rules) => found.push(rules),
            Err(errors) => problems.extend(
                errors
                    .into_iter()
                    .map(|error| format!("--where \"{text}\", column {}: {}", error.column, error.message)),
            ),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(StudyError::Usage(problems.join("\n"))) }
}

/// What is said of a name that nobody knows.
#[derive(Debug, Clone, Default)]
pub struct Help<'a> {
    /// Names that are told: those that a clinic knows.
    pub told: Vec<&'a str>,
    /// Why the years of illness are not among them; none where they are, or where nobody says why.
    pub no_duration: Option<&'a str>,
}

/// Reads one rule set over features of these names.
pub fn read(text: &str, names: &[&str], help: &Help<'_>) -> Result<RuleSet, Vec<RuleError>> {
    let end = text.chars().count() + 1;
    let mut reader = Reader { tokens: tokens(text), at: 0, names, help, errors: Vec::new(), end };
    let mut steps = Vec::new();
    loop {
        let from = reader.column();
        let test = reader.alternative();
        let to = reader.column();
        let words: String = text.chars().skip(from - 1).take(to.saturating_sub(from)).collect();
        steps.push((words.trim().to_string(), test));
        if !reader.take("and") {
            break;
        }
    }
    if reader.at < reader.tokens.len() {
        let (column, word) = (reader.column(), reader.tokens[reader.at].1.clone());
        reader.wrong(column, format!("`{word}` is not expected here"));
    }
    if reader.errors.is_empty() { Ok(RuleSet { text: text.to_string(), steps }) } else { Err(reader.errors) }
}

/// Words with their columns.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let letters: Vec<char> = text.chars().collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let (mut at, mut found) = (0, Vec::new());
    while at < letters.len() {
        let start = at;
        let letter = letters[at];
        if letter.is_whitespace() {
            at += 1;
            continue;
        }
        let signed = letter == '-' && letters.get(at + 1).is_some_and(|c| c.is_ascii_digit() || *c == '.');
        if is_word(letter) || signed {
            at += 1;
            while at < letters.len() && is_word(letters[at]) {
                at += 1;
            }
        } else if "<>=!&|".contains(letter) {
            at += 1;
            while at < letters.len() && "=&|".contains(letters[at]) {
                at += 1;
            }
        } else {
            at += 1;
        }
        let word: String = letters[start..at].iter().collect();
        let word = match word.as_str() {
            "&&" | "&" => "and".to_string(),
            "||" | "|" => "or".to_string(),
            _ => word,
        };
        found.push((start + 1, word));
    }
    found
}

struct Reader<'a> {
    tokens: Vec<(usize, String)>,
    at: usize,
    names: &'a [&'a str],
    help: &'a Help<'a>,
    errors: Vec<RuleError>,
    end: usize,
}

impl Reader<'_> {
    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |token| token.0)
    }

    fn wrong(&mut self, column: usize, message: String) {
        self.errors.push(RuleError { column, message });
        // What follows a mistake is read no further.
        self.at = self.at.max(self.tokens.len());
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.tokens.get(self.at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    /// Tests joined by `or`.
    fn alternative(&mut self) -> Test {
        let mut tests = vec![self.single()];
        while self.take("or") {
            tests.push(self.single());
        }
        if tests.len() == 1 { tests.remove(0) } else { Test::Any(tests) }
    }

    /// A comparison, something in brackets, or the opposite of either.
    fn single(&mut self) -> Test {
        if self.take("not") || self.take("!") {
            return Test::Not(Box::new(self.single()));
        }
        if self.take("(") {
            let mut tests = vec![self.alternative()];
            while self.take("and") {
                tests.push(self.alternative());
            }
            let column = self.column();
            if !self.take(")") && self.errors.is_empty() {
                self.wrong(column, "a bracket is not closed".into());
            }
            return if tests.len() == 1 { tests.remove(0) } else { Test::All(tests) };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Test {
        let nothing = Test::All(Vec::new());
        let (column, Some((_, name))) = (self.column(), self.tokens.get(self.at).cloned()) else {
            self.wrong(self.end, "a comparison is missing, as `age < 45`".into());
            return nothing;
        };
        self.at += 1;
        let entry = format!("entry_{name}");
        let place = self.names.iter().position(|known| *known == name);
        let feature = place.or_else(|| self.names.iter().position(|known| *known == entry));
        let column_of_sign = self.column();
        let sign = self.tokens.get(self.at).map(|token| token.1.clone()).unwrap_or_default();
        let how = match sign.as_str() {
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::More,
            ">=" => Comparison::AtLeast,
            "=" | "==" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            _ if feature.is_some() => {
                self.wrong(column_of_sign, "one of < <= > >= = != is expected here".into());
                return nothing;
            }
            _ => Comparison::Equal,
        };
        self.at += 1;
        let Some(feature) = feature else {
            let near = nearest(&name, self.names.iter().copied());
            let help = match (near, self.help.no_duration) {
                (_, Some(why)) if name == DURATION => format!(": {why}"),
                (Some(near), _) => did_you_mean(Some(near)),
                (None, _) => format!(": a clinic knows {}", self.help.told.join(", ")),
            };
            // The rest can be read on: further unknown names are told, too.
            self.errors.push(RuleError {
                column,
                message: format!("nothing called `{name}` is known at entry{help}"),
            });
            self.at = (self.at + 1).min(self.tokens.len());
            return nothing;
        };
        let column = self.column();
        let number =
            self.tokens.get(self.at).and_then(|token| token.1.parse::<f64>().ok()).filter(|x| x.is_finite());
        let Some(number) = number else {
            self.wrong(column, "a number is expected here".into());
            return nothing;
        };
        self.at += 1;
        Test::Compare(feature, how, number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["age", "entry_edss", "female"];

    fn holds(text: &str, features: [f64; 3]) -> bool {
        let rules = read(text, &NAMES, &Help::default()).expect("the rule is right");
        rules.steps.iter().all(|(_, test)| test.holds(&features))
    }

    #[test]
    fn rules_hold_as_they_read() {
        assert!(holds("age < 45 and edss < 5", [44.0, 4.5, 1.0]));
        assert!(!holds("age < 45 and edss < 5", [44.0, 5.0, 1.0]));
        assert!(holds("age < 30 or female = 1", [44.0, 5.0, 1.0]));
        assert!(holds("not (age < 30 or female = 1) && edss >= 5", [44.0, 5.0, 0.0]));
        assert!(!holds("not (age < 30 or female = 1)", [20.0, 5.0, 0.0]));
        assert!(!holds("age < 45", [f64::NAN, 5.0, 0.0]), "what is not known fulfills nothing");
        assert!(holds("age > -1", [0.0, 0.0, 0.0]));
    }

    #[test]
    fn the_steps_of_the_funnel_are_the_outermost_parts() {
        let rules = read("age < 45 and (edss < 5 or female = 1) and edss > 2", &NAMES, &Help::default())
            .expect("right");
        let words: Vec<&str> = rules.steps.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(words, ["age < 45", "(edss < 5 or female = 1)", "edss > 2"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let wrong = |text: &str| read(text, &NAMES, &Help::default()).expect_err("it is wrong");
        let errors = wrong("aeg < 45 and edsss < 5");
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert_eq!((errors[0].column, errors[1].column), (1, 14));
        assert!(errors[0].message.contains("did you mean `age`?"));
        assert_eq!(wrong("age 45")[0].column, 5);
        assert_eq!(wrong("age < old")[0].column, 7);
        assert!(wrong("(age < 45")[0].message.contains("bracket"));
        assert!(wrong("age < 45 46")[0].message.contains("not expected"));
        for text in ["", "and", "age <", "not", "((", "age < 1 or", "=", "ä < 1", "age < 1e999"] {
            assert!(read(text, &NAMES, &Help::default()).is_err(), "`{text}`");
        }
    }
}
