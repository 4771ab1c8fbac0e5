use regraft_model::Sources;
use regraft_trial::pack::Pack;
use regraft_trial::vocabulary::Table;

use super::{follow_up_days, is_randomised, map_arm, map_row};
use crate::library::Library;

#[test]
fn follow_up_is_the_first_time_of_its_words() {
    assert_eq!(follow_up_days("54 wk"), Some(378.0));
    assert_eq!(follow_up_days("median 2 y (IQR 1-4); mean 2.8 y"), Some(730.5));
    assert_eq!(follow_up_days("31 (1-144) months"), Some(31.0 * 30.4375));
    assert_eq!(follow_up_days("until death"), None);
}

#[test]
fn designs_are_randomised_by_their_words() {
    assert!(is_randomised("RCT double-blind"));
    assert!(is_randomised("randomised dose, n"));
    assert!(!is_randomised("non-randomised controlled cohort"));
    assert!(!is_randomised("single-arm phase 2"));
}

/// What the built-in rules give for an arm and rows in it: `disease/regimen/product/population`, then for every row
/// `endpoint/method`, or the reason why not.
fn mapped(arm: &[(&str, &str)], rows: &[[&str; 3]]) -> Vec<String> {
    let library = Library::open(&[]).expect("the built-in library opens");
    let quoted = |text: &str| format!("\"{text}\"");
    let names: Vec<&str> = ["trial_id", "arm_id"].into_iter().chain(arm.iter().map(|one| one.0)).collect();
    let values: Vec<String> = ["T", "A"].into_iter().chain(arm.iter().map(|one| one.1)).map(quoted).collect();
    let mut sources = Sources::default();
    let arms = sources.add("arms.csv", format!("{}\n{}\n", names.join(","), values.join(",")));
    let lines = rows.iter().map(|[outcome, definition, unit]| {
        format!("T,A,{},{},24,months,{unit},50\n", quoted(outcome), quoted(definition))
    });
    let head = "trial_id,arm_id,outcome,definition,time_value,time_unit,unit,n\n";
    let outcomes = sources.add("outcomes.csv", format!("{head}{}", lines.collect::<String>()));
    let (pack, problems) = Pack::read(&sources, arms, outcomes);
    assert!(problems.is_empty(), "{problems:?}");
    let found = match map_arm(&library.vocabulary, &pack.arms[0]) {
        Ok(found) => found,
        Err(reason) => return vec![reason],
    };
    let product = found.product.clone().unwrap_or_default();
    let mut told = vec![format!("{}/{}/{product}/{}", found.disease, found.regimen, found.population)];
    told.extend(pack.rows.iter().map(|row| match map_row(&library.vocabulary, &found, &pack.arms[0], row) {
        Ok(target) => format!("{}/{}/{:?}", target.endpoint, target.stat.word(), target.window),
        Err(reason) => reason,
    }));
    told
}

#[test]
fn another_persons_graft_and_stromal_cells_of_another_person_are_told_apart() {
    let arthritis = |therapy: &str, conditioning: &str| {
        let arm = [("disease", "RA"), ("therapy", therapy), ("conditioning", conditioning)];
        mapped(&arm, &[]).remove(0)
    };
    assert_eq!(
        arthritis("allo_HSCT", "fludarabine + cyclophosphamide"),
        "rheumatoid_arthritis/allo_flu_cy_atg_csa_mtx/sibling_marrow/refractory_arthritis_entry"
    );
    assert_eq!(
        arthritis("allogeneic HSCT", "busulfan + fludarabine"),
        "rheumatoid_arthritis/allo_flu_bu_atg_autoimmune/sibling_marrow/refractory_arthritis_entry"
    );
    assert_eq!(
        arthritis("syngeneic HSCT", "cyclophosphamide"),
        "rheumatoid_arthritis/allo_flu_cy_atg_csa_mtx/identical_twin_marrow/refractory_arthritis_entry"
    );
    assert!(
        arthritis("MSC_UC_allo", "").starts_with("rheumatoid_arthritis/msc_50_arthritis/msc_cord_allogeneic")
    );
    for disease in ["SSc", "SLE", "Crohn", "T1D", "celiac", "Graves"] {
        let found = mapped(&[("disease", disease), ("therapy", "allogeneic HSCT")], &[]).remove(0);
        assert!(found.contains("/allo_flu_cy_atg_csa_mtx/sibling_marrow/"), "{found}");
    }
}

#[test]
fn standard_outcomes_have_their_endpoints() {
    let of = |disease: &str, therapy: &str, rows: &[[&str; 3]]| {
        mapped(&[("disease", disease), ("therapy", therapy)], rows).split_off(1)
    };
    let diabetes = [
        ["cpeptide_retained", "peak >=0.2 nmol/L", "percent"],
        ["cpeptide_preserved", "C-peptide not below baseline", "percent"],
        ["cpeptide_AUC_change", "change of the 2-h AUC", "percent"],
        ["cpeptide_AUC_change", "", "nmol/L"],
        ["HbA1c_change", "", "percent"],
        ["HbA1c", "median HbA1c", "percent"],
    ];
    let wanted = [
        "c_peptide_retained/proportion/At",
        "c_peptide_not_preserved/proportion/At",
        "c_peptide_mean/percent_change/By",
        "c_peptide_change/mean_change/By",
        "hba1c_change/mean_change/By",
        "hba1c_mean/median/By",
    ];
    assert_eq!(of("T1D", "insulin", &diabetes), wanted);
    let joints = [
        ["DAS28_le3.2", "", "percent"],
        ["EULAR_good", "", "percent"],
        ["EULAR_response", "good or moderate", "percent"],
        ["ACR50", "at any visit", "percent"],
    ];
    let wanted = [
        "das28_low_month_6/proportion/At",
        "eular_good_month_6/proportion/At",
        "eular_response_month_6/proportion/At",
        "acr50_week_12/proportion/Ever",
    ];
    assert_eq!(of("RA", "adalimumab", &joints), wanted);
    let disability = [["disability_worsening_free_survival", "confirmed over 6 months", "percent"]];
    assert_eq!(of("MS", "natalizumab", &disability), ["progression_24_weeks/kaplan_meier/By"]);
}

#[test]
fn groups_by_what_happened_and_by_graft_are_simulated_apart() {
    let library = Library::open(&[]).expect("the built-in library opens");
    let lupus = mapped(
        &[("disease", "SLE"), ("therapy", "auto_HSCT"), ("subtype", "active, no severe LN")],
        &[["relapse", "among those who responded", "percent"], ["complete_remission", "", "percent"]],
    );
    assert_eq!(
        lupus[1..],
        ["disease_free_survival_lupus/kaplan_meier_complement/By", "lupus_remission_at_visit/proportion/At"]
    );
    let rules = library.vocabulary.all(Table::Endpoint);
    assert!(rules.filter(|rule| rule.gives("product").is_some() || rule.gives("age").is_some()).count() > 10);
}
