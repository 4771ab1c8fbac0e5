//! What a graft does and needs: cells mobilized before they are collected, infections that are treated, plasma cells
//! that find room, T cells that fill a body without any, and leukemia that the donor's T cells hold.

use regraft_model::Program;

use super::conservation::course;
use super::{open, program};

fn core() -> Program {
    program(&mut open(&[]), "models/immune_core.ant")
}

/// CD34+ cells per kg of a collection from blood on day 10, after so many days of G-CSF up to it.
fn collected(core: &Program, days_of_g_csf: u32, from_blood: f64) -> f64 {
    let own = [("transplant.cd34_dose", 5.0), ("transplant.from_blood", from_blood)];
    let given = (1..=days_of_g_csf).flat_map(|before| {
        let day = 10.0 - f64::from(before);
        [0.0, 0.25, 0.5, 0.75].map(|part| (day + part, "marrow.g_csf", 50.0))
    });
    let mut doses: Vec<_> = given.collect();
    doses.sort_by(|a, b| a.0.total_cmp(&b.0));
    doses.push((10.0, "transplant.collect_now", 1.0));
    course(core, &own, &doses, &[9.9, 11.0], &["transplant.cd34_dose"])[1][0]
}

#[test]
fn a_collection_yields_what_mobilization_brought_into_blood() {
    let core = core();
    let yields: Vec<f64> = [0, 1, 2, 5].map(|days| collected(&core, days, 1.0)).to_vec();
    assert!((yields[0] - 0.1).abs() < 1e-9, "a fiftieth without G-CSF: {}", yields[0]);
    assert!(yields.windows(2).all(|pair| pair[0] < pair[1]), "more days, more cells: {yields:?}");
    assert_eq!(yields[3], 5.0, "five days are enough");
    assert_eq!(collected(&core, 0, 0.0), 5.0, "marrow needs none");
}

/// While an infection of a neutropenia is treated new ones are rare, and the danger of dying is as it was.
#[test]
fn a_treated_infection_holds_off_the_next() {
    let core = core();
    let names = ["hazards.infection_hazard", "hazards.fatal_infection_hazard", "hazards.trigger_inflow"];
    let at = |recent: f64, neutrophils: f64| {
        let set = [(1.0, "hazards.recent_infection", recent), (1.0, "marrow.neutrophils", neutrophils)];
        course(&core, &[], &set, &[1.0 + 1e-6], &names)[0].clone()
    };
    let (first, next) = (at(0.0, 0.01), at(1.0, 0.01));
    assert!(next[0] < 0.12 * first[0], "{first:?} {next:?}");
    assert!((next[1] - first[1]).abs() < 1e-6 * first[1], "{first:?} {next:?}");
    let with_cells = (at(0.0, 4.0), at(1.0, 4.0));
    assert!((with_cells.0[0] - with_cells.1[0]).abs() < 0.03 * with_cells.0[0], "{with_cells:?}");
}

/// A child starts without plasma cells and has about half of an adult's IgG at one year and four fifths at five.
#[test]
fn plasma_cells_find_room_where_there_are_none() {
    let own = [("lymphoid.plasma_cells", 0.0), ("lymphoid.plasmablasts", 1.0), ("lymphoid.igg", 0.0)];
    let names = ["lymphoid.igg", "lymphoid.igg_normal"];
    let rows = course(&core(), &own, &[], &[365.0, 1826.0], &names);
    let share = |row: &[f64]| row[0] / row[1];
    assert!((0.42..0.62).contains(&share(&rows[0])), "{rows:?}");
    assert!((0.72..0.9).contains(&share(&rows[1])), "{rows:?}");
}

/// Memory T cells of a graft fill a body that never had any, and with no such rate they hardly grow.
#[test]
fn an_empty_body_is_filled_by_the_t_cells_of_a_graft() {
    let core = core();
    let empty = ["naive_cd4", "emigrants", "memory_cd4", "treg", "naive_cd8", "memory_cd8"]
        .map(|pool| format!("lymphoid.{pool}"));
    let grown = |rate: f64| {
        let mut own: Vec<(&str, f64)> = empty.iter().map(|pool| (pool.as_str(), 0.0)).collect();
        own.extend([("lymphoid.host_t_development", 0.0), ("lymphoid.filling_rate", rate)]);
        let seed = [(1.0, "lymphoid.memory_cd4", 0.02), (1.0, "lymphoid.treg", 0.002)];
        let names = ["lymphoid.memory_cd4", "lymphoid.treg_share"];
        course(&core, &own, &seed, &[60.0], &names)[0].clone()
    };
    let (filled, left) = (grown(0.25), grown(0.0));
    assert!(filled[0] > 100.0 * left[0], "{filled:?} {left:?}");
    assert!((0.4..4.0).contains(&filled[1]), "regulatory T cells keep pace: {filled:?}");
}

/// Leukemic cells grow, the donor's T cells hold them, a twin's do not, and who has none left is cured.
#[test]
fn a_donors_t_cells_hold_leukemia() {
    let leukemia = program(&mut open(&[]), "models/leukemia.ant");
    let names = ["leukemia.leukemic_log", "hazards.malignant_relapse_count", "leukemia.cured"];
    let after = |own: &[(&str, f64)]| {
        let mut all = vec![("leukemia.residual_log", 14.0)];
        all.extend(own);
        course(&leukemia, &all, &[], &[365.0], &names)[0].clone()
    };
    // All T cells are counted as a donor's: 224.5 of CD4 and 110 of CD8, as in health.
    let donor = [
        ("lymphoid.donor_naive_cd4", 100.0),
        ("lymphoid.donor_memory_cd4", 112.0),
        ("lymphoid.donor_naive_cd8", 50.0),
        ("lymphoid.donor_memory_cd8", 60.0),
        ("transplant.donor_grafted", 0.0),
        ("leukemia.graft_kill", 0.12),
    ];
    let with = |mismatch: f64| {
        let mut own = donor.to_vec();
        own.push(("gvhd.hla_mismatch", mismatch));
        after(&own)
    };
    let (alone, twin, sibling) = (after(&[]), with(0.0), with(0.62));
    assert_eq!(alone[1], 1.0, "without a graft leukemia comes back: {alone:?}");
    assert_eq!(twin[1], 1.0, "a twin's cells do nothing: {twin:?}");
    assert_eq!(sibling[1], 0.0, "a sibling's hold it: {sibling:?}");
    let killed = [(1.0, "leukemia.leukemic_log", -1.0)];
    let few = course(&leukemia, &[("leukemia.residual_log", 14.0)], &killed, &[365.0], &names)[0].clone();
    assert_eq!((few[1], few[2]), (0.0, 1.0), "none is left: {few:?}");
}
