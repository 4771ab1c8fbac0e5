//! What a message says of a name that is not known.

use regraft_model::nearest;

/// Most names that a question for what is meant lists.
const FEW: usize = 8;

/// What a message on an unknown trial ends with.
pub(super) fn hint(near: &[String]) -> String {
    match near {
        [] => ": `regraft library list trials` shows them all".to_string(),
        near => did_you_mean(near),
    }
}

/// `: did you mean `a`, `b` or `c`?`; nothing where there is none.
pub(crate) fn did_you_mean<T: AsRef<str>>(near: &[T]) -> String {
    let near: Vec<String> = near.iter().map(|near| format!("`{}`", near.as_ref())).collect();
    match near.as_slice() {
        [] => String::new(),
        [one] => format!(": did you mean {one}?"),
        [head @ .., last] => format!(": did you mean {} or {last}?", head.join(", ")),
    }
}

/// Names that may be meant: the nearest, else those that hold what was typed, if they are few.
pub(crate) fn near_names<'a>(wrong: &str, known: &[&'a str]) -> Vec<&'a str> {
    if let Some(near) = nearest(wrong, known.iter().copied()) {
        return vec![near];
    }
    let typed = wrong.to_lowercase();
    let holds = |name: &&&str| !typed.is_empty() && name.to_lowercase().contains(&typed);
    let few: Vec<&str> = known.iter().filter(holds).copied().collect();
    if few.len() <= FEW { few } else { Vec::new() }
}

/// What a message on an unknown name ends with: `: did you mean …?`, else `: known are …`.
pub(crate) fn near_or_known<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match near_names(wrong, &known) {
        near if near.is_empty() => format!(": known are {}", known.join(", ")),
        near => did_you_mean(&near),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["sclerosis_primary", "sclerosis_relapsing", "lupus"];

    #[test]
    fn the_nearest_name_goes_before_those_that_hold_what_was_typed() {
        assert_eq!(near_or_known("lupos", KNOWN), ": did you mean `lupus`?");
        let both = ": did you mean `sclerosis_primary` or `sclerosis_relapsing`?";
        assert_eq!(near_or_known("Sclerosis", KNOWN), both);
    }

    #[test]
    fn where_nothing_is_near_all_are_named() {
        let all = ": known are sclerosis_primary, sclerosis_relapsing, lupus";
        assert_eq!(near_or_known("asthma", KNOWN), all);
        assert_eq!(near_or_known("", KNOWN), all);
    }
}
