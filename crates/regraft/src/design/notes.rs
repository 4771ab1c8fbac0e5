//! What a reader of the answer must know.

use regraft_trial::trial_file::Inference;

use super::plan::Plan;
use super::pool::Pool;
use super::power::Trials;
use super::sizes::Found;

/// All of them.
pub fn of(plan: &Plan, found: &Found, pool: &Pool, is_null: bool) -> Vec<String> {
    let (main, target) = (&found.main, found.target);
    let mut notes = vec![format!(
        "{} {} with {} are analysed so: {}.",
        if is_null { "Both arms do what the control arm does; trials" } else { "Trials" },
        if is_null { "drawn of them" } else { "drawn" },
        "different patients in each arm",
        plan.test_words()
    )];
    if main.n > pool.n() {
        notes.push(format!(
            "A trial of {} patients draws some of the {} of the pool more than once: simulate more with --patients.",
            main.n,
            pool.n()
        ));
    }
    if main.error_of_pool > 0.02 {
        notes.push(
            "Most of the error of the power is that of the pool: simulate more patients with --patients."
                .into(),
        );
    }
    if found.n_for_target.is_none() && !is_null {
        notes.push(format!("No size that was looked at has a power of {target}."));
    }
    notes.extend(of_members(found.moves, pool, is_null));
    if main.without_number > 0.0 {
        notes.push(format!(
            "In {:.1} % of the trials the test gave no number; these do not reject.",
            100.0 * main.without_number
        ));
    }
    notes.extend(of_level(plan.alpha, plan.inference, &found.null));
    notes
}

/// That the test misses its own level, by more than three standard errors of the number of trials.
fn of_level(alpha: f64, inference: Inference, null: &Trials) -> Option<String> {
    let (found, error) = (null.rejected, null.error_of_trials);
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    if (found - alpha).abs() <= 3.0 * error.max((alpha * (1.0 - alpha) / null.trials.max(1) as f64).sqrt()) {
        return None;
    }
    let is_exact = matches!(inference, Inference::Permutation | Inference::Exact);
    let (way, why) = match (found > alpha, is_exact) {
        (true, _) => (
            "more",
            "it holds its level where patients and events are many and spread as it assumes, and here they are not; the power is too high by about as much",
        ),
        (false, true) => (
            "less",
            "that is a property of an exact test, which promises not to reject more often: so few events take few values, and what lies between them is lost; it asks for more patients than it need",
        ),
        (false, false) if null.without_number > 0.01 => (
            "less",
            "many trials have too few events or values to reject at all; it asks for more patients than it need",
        ),
        (false, false) => (
            "less",
            "events are few and take few values, so that what lies between them is lost; it asks for more patients than it need",
        ),
    };
    Some(format!(
        "Where both arms do the same the test rejects in {} ± {} % of the trials, {way} than the {} % it promises: {why}.",
        percent(found),
        percent(error),
        percent(alpha)
    ))
}

/// What a reader must know of the members of the posterior.
fn of_members(moves: Option<(f64, usize)>, pool: &Pool, is_null: bool) -> Vec<String> {
    let Some((truth, unknown)) = moves else {
        let one = "One set of parameters: the assurance is the power.".to_string();
        return if is_null && pool.n_members > 1 { Vec::new() } else { vec![one] };
    };
    let each = pool.n() / pool.n_members.max(1);
    let mut notes = vec![format!(
        "A member of the posterior has {each} patients of the pool. What these few show of its effect is luck by {:.0} % of the variance between members; that part is taken out.",
        100.0 * (1.0 - truth)
    )];
    if truth < 0.5 {
        notes.push(format!(
            "Most of what members differ by is luck: take --patients {} for a spread that is better known.",
            4 * pool.n()
        ));
    }
    if unknown > 0 {
        notes.push(format!(
            "The patients of {unknown} members gave no statistic; nothing is taken out of their luck."
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_misses_its_level_is_told() {
        let null = |rejected: f64| Trials {
            trials: 10_000,
            rejected,
            error_of_trials: (rejected * (1.0 - rejected) / 1e4).sqrt(),
            ..Trials::default()
        };
        assert_eq!(of_level(0.05, Inference::Score, &null(0.0545)), None);
        assert_eq!(of_level(0.025, Inference::Score, &null(0.0213)), None);
        assert!(
            of_level(0.05, Inference::Score, &null(0.066))
                .is_some_and(|note| note.contains("6.6 ± 0.2 % of the trials, more than the 5.0 %"))
        );
        let less = |inference| of_level(0.05, inference, &null(0.0)).expect("it is far below");
        assert!(less(Inference::Score).contains("less than the 5.0 % it promises: events are few"));
        assert!(less(Inference::Exact).contains("a property of an exact test"));
    }
}
