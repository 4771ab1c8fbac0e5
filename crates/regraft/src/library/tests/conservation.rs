//! What is conserved: cells that move between places are neither made nor lost on the way, and every cell is either the
//! patient's or the donor's.

use regraft_model::{Program, Target};
use regraft_sim::{Action, Amount, Dose, Options, Outputs, Patients, Plan, SolveStatus, Start, simulate};
use regraft_stats::Seed;

use super::{Folder, found, open, program, target};

/// The core with a book of what comes and goes: each line adds up a flow that the core has, and changes nothing in it.
const BOOK: &str = r#"
import "immune_core.ant"

model book()
  in_blood = 0;  cd34_clearance_rate = 6;  homed_cd34 = 0;
  cleared = 0;  cleared' = cd34_clearance_rate*in_blood;
  reached = 0;  reached' = homed_cd34;

  in_lung = 0;  in_tissue = 0;  at_site = 0;  in_csf = 0;  dying = 0;  rejection = 0;  engulfment_rate = 1;
  living := in_lung + in_tissue + at_site + in_csf;
  burst = 0;    burst' = rejection*living;
  engulfed = 0;  engulfed' = engulfment_rate*dying;

  precursors = 0;  division_rate = 0;  ripening_rate = 0;
  stage_1 = 0;  stage_2 = 0;  stage_3 = 0;  stage_4 = 0;  stage_5 = 0;  stage_6 = 0;  stage_7 = 0;
  reserve := stage_1 + stage_2 + stage_3 + stage_4 + stage_5 + stage_6 + stage_7;
  divided = 0;   divided' = division_rate*precursors;
  released = 0;  released' = ripening_rate*stage_7;
end

model shelf()
  book: book();
end

model booked()
  immune: immune_core();
  shelf: shelf();
  shelf.book.in_blood is immune.marrow.infused_cd34;
  shelf.book.cd34_clearance_rate is immune.marrow.cd34_clearance_rate;
  shelf.book.homed_cd34 is immune.marrow.homed_cd34;
  shelf.book.in_lung is immune.msc.cells_in_lung;
  shelf.book.in_tissue is immune.msc.cells_in_tissue;
  shelf.book.at_site is immune.msc.cells_at_site;
  shelf.book.in_csf is immune.msc.cells_in_csf;
  shelf.book.dying is immune.msc.dying_cells;
  shelf.book.rejection is immune.msc.rejection;
  shelf.book.engulfment_rate is immune.msc.engulfment_rate;
  shelf.book.precursors is immune.marrow.neutrophil_precursors;
  shelf.book.division_rate is immune.marrow.division_rate;
  shelf.book.ripening_rate is immune.marrow.ripening_rate;
  shelf.book.stage_1 is immune.marrow.neutrophil_reserve_1;
  shelf.book.stage_2 is immune.marrow.neutrophil_reserve_2;
  shelf.book.stage_3 is immune.marrow.neutrophil_reserve_3;
  shelf.book.stage_4 is immune.marrow.neutrophil_reserve_4;
  shelf.book.stage_5 is immune.marrow.neutrophil_reserve_5;
  shelf.book.stage_6 is immune.marrow.neutrophil_reserve_6;
  shelf.book.stage_7 is immune.marrow.neutrophil_reserve_7;
end
"#;

/// Where the donor's part of a lineage is counted: the whole, and that part.
const LINEAGES: [(&str, &str); 13] = [
    ("marrow.quiescent_stem_cells", "marrow.donor_quiescent_stem_cells"),
    ("marrow.cycling_stem_cells", "marrow.donor_cycling_stem_cells"),
    ("marrow.progenitors", "marrow.donor_progenitors"),
    ("marrow.lymphoid_progenitors", "marrow.donor_lymphoid_progenitors"),
    ("lymphoid.naive_cd4", "lymphoid.donor_naive_cd4"),
    ("lymphoid.memory_cd4", "lymphoid.donor_memory_cd4"),
    ("lymphoid.treg", "lymphoid.donor_treg"),
    ("lymphoid.naive_cd8", "lymphoid.donor_naive_cd8"),
    ("lymphoid.memory_cd8", "lymphoid.donor_memory_cd8"),
    ("lymphoid.b_precursors", "lymphoid.donor_b_precursors"),
    ("lymphoid.naive_b", "lymphoid.donor_naive_b"),
    ("lymphoid.memory_b", "lymphoid.donor_memory_b"),
    ("lymphoid.nk_cells", "lymphoid.donor_nk_cells"),
];

/// Imbalance allowed, relative to what was moved: the integrator's error.
const IMBALANCE: f64 = 1e-6;
const TOLERANCE: f64 = 1e-9;

/// The core with its book.
fn booked() -> Program {
    let folder = Folder::new("book", &[("models/book.ant", BOOK)]);
    let mut library = open(&[&folder]);
    program(&mut library, "models/book.ant")
}

/// The course of one person without events by chance, `[time][name]`.
pub(super) fn course(
    program: &Program,
    own: &[(&str, f64)],
    doses: &[(f64, &str, f64)],
    days: &[f64],
    names: &[&str],
) -> Vec<Vec<f64>> {
    let own: Vec<(Target, f64)> = own
        .iter()
        .chain(&[("hazards.events_on", 0.0)])
        .map(|(name, value)| (target(program, name), *value))
        .collect();
    let patients = Patients {
        overrides: own.iter().map(|(target, _)| *target).collect(),
        values: own.iter().map(|(_, value)| *value).collect(),
        ..Patients::alike(0..1)
    };
    let set = |(day, name, value): &(f64, &str, f64)| {
        let value = Amount { value: *value, factor: None, second_factor: None };
        Dose::new(*day, Action::Set { target: target(program, name), value })
    };
    let end = *days.last().expect("there are days");
    let plan = Plan { end, doses: doses.iter().map(set).collect(), ..Plan::default() };
    let outputs = Outputs {
        times: days.to_vec(),
        observables: names.iter().map(|name| found(program, name)).collect(),
    };
    let options = Options { relative_tolerance: TOLERANCE, ..Options::new(Seed(1)) };
    let done = simulate(program, &patients, Start::Fresh, &plan, &outputs, &options, &()).expect("it starts");
    assert_eq!(done.status[0], SolveStatus::Finished);
    (0..days.len()).map(|time| done.trajectories.at(0, time).to_vec()).collect()
}

fn balanced(what: &str, moved: f64, found: f64) {
    assert!((moved - found).abs() <= IMBALANCE * moved.abs(), "{what}: {moved} came, {found} are told");
}

/// CD34+ cells that are infused are in blood, have reached the marrow or are lost on the way; what is in blood is none
/// of the others.
#[test]
fn every_infused_cd34_cell_is_in_blood_or_left_it() {
    let program = booked();
    let (dose, weight) = (5.0, 70.0);
    let own = [("transplant.cd34_dose", dose), ("patient.weight", weight), ("transplant.graft_draw", 1.0)];
    let names = ["marrow.infused_cd34", "book.cleared", "book.reached", "marrow.homing_fraction"];
    let days = [0.9, 1.1, 1.5, 3.0, 20.0];
    let rows = course(&program, &own, &[(1.0, "transplant.infuse_now", 1.0)], &days, &names);
    assert_eq!(rows[0][0], 0.0);
    for row in &rows[1..] {
        balanced("CD34+ cells", dose * weight, row[0] + row[1]);
        balanced("cells that homed", row[3] * row[1], row[2]);
    }
    assert!(rows[1][0] > 0.4 * dose * weight && rows[4][0] < 1e-6 * dose * weight);
}

/// Stromal cells that outlive the blood are in lung, tissue, at a site or in the spinal fluid, dying, engulfed or
/// killed by the host.
#[test]
fn every_stromal_cell_is_somewhere() {
    let program = booked();
    let dose = 140.0;
    for route in ["cells_in_lung", "cells_at_site", "cells_in_csf"] {
        let own = [("msc.donor_difference", 1.0)];
        let names = ["book.living", "msc.dying_cells", "book.engulfed", "book.burst", "msc.cells_in_tissue"];
        let days = [1.0, 1.25, 2.0, 5.0, 30.0, 90.0];
        let state = format!("msc.{route}");
        let rows = course(&program, &own, &[(1.0, &state, dose)], &days, &names);
        for row in &rows[1..] {
            balanced(&state, dose, row[..4].iter().sum());
        }
        let last = &rows[5];
        assert!(last[0] < 1e-3 * dose && last[2] > 0.05 * dose && last[3] > 0.05 * dose, "{state}: {last:?}");
        assert!(route != "cells_in_lung" || rows[2][4] > 0.0, "some home");
    }
}

/// What divides enters the reserve, what leaves it is released: nothing is made or lost among its seven stages, in
/// health, under G-CSF and after a kill.
#[test]
fn the_reserve_of_neutrophils_holds_what_entered_and_has_not_left() {
    let program = booked();
    let names = ["book.reserve", "book.divided", "book.released"];
    let days: Vec<f64> = (0..=30).map(f64::from).collect();
    for doses in [
        vec![],
        vec![(2.0, "marrow.g_csf", 20.0)],
        vec![(2.0, "marrow.progenitors", 100.0), (9.0, "marrow.g_csf", 20.0)],
    ] {
        let rows = course(&program, &[], &doses, &days, &names);
        let first = rows[0][0];
        for row in &rows {
            balanced("neutrophils of the reserve", first + row[1], row[0] + row[2]);
        }
        assert!(rows[30][1] > first, "cells pass");
    }
}

/// A person without own cells who is given another person's graft has the donor's cells and no others, in every lineage
/// and at all times: so every flow that makes or moves cells is in the whole and in the donor's part alike.
#[test]
fn without_own_cells_every_cell_is_the_donors() {
    let program = booked();
    let mut own = vec![
        ("transplant.foreign_graft", 1.0),
        ("transplant.cd34_dose", 8.0),
        ("transplant.graft_draw", 1.0),
        ("transplant.donor_graft_arriving", 0.0),
        ("gvhd.hla_mismatch", 0.6),
        ("lymphoid.emigrants", 0.0),
    ];
    own.extend(LINEAGES.iter().map(|(whole, _)| (*whole, 0.0)));
    let names: Vec<&str> = LINEAGES.iter().flat_map(|(whole, part)| [*whole, *part]).collect();
    let days = [0.5, 2.0, 10.0, 30.0, 100.0, 365.0];
    let doses = [(1.0, "transplant.infuse_now", 1.0), (1.0, "transplant.donor_graft_arriving", 1.0)];
    let rows = course(&program, &own, &doses, &days, &names);
    let last = rows.last().expect("there are days");
    for (index, (whole, _)) in LINEAGES.iter().enumerate() {
        assert!(last[2 * index] > 0.0, "{whole} never came");
        for (row, day) in rows.iter().zip(days) {
            let (all, donor) = (row[2 * index], row[2 * index + 1]);
            assert!((all - donor).abs() <= 1e-4 * all, "{whole} on day {day}: {all}, of the donor {donor}");
        }
    }
}
