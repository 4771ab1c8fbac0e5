//! What a trial file calls by a word, for people.

use regraft_trial::trial_file::Method;

pub fn method(method: Method) -> String {
    match method {
        Method::KaplanMeier => "Kaplan-Meier".to_string(),
        Method::KaplanMeierComplement => "1 − Kaplan-Meier".to_string(),
        other => spaced(other.word()),
    }
}

pub fn spaced(word: &str) -> String {
    word.replace('_', " ")
}
