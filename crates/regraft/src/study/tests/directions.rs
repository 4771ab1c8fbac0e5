//! What a change of treatment does in every disease of the library, and by what: the direction is that of the clinic, what
//! lies between moves with it, and where the link is cut the effect is gone.
//!
//! Patients are those of a trial. A drug's doses are multiplied, everything else stays, and nobody dies.

use super::bench::Bench;

/// A change of treatment and what must come of it.
struct Direction {
    trial: &'static str,
    arm: usize,
    /// Begin of the names of what the changed doses go into.
    given: &'static str,
    /// The doses are multiplied by this.
    times: f64,
    /// Days after the arm's day zero on which both are read.
    days: [f64; 2],
    /// What lies between, at the first of the days, and whether it rises.
    through: (&'static str, bool),
    /// The effect, at the second of the days, and whether it rises.
    effect: (&'static str, bool),
    /// What cuts the link: parameters, with a value at which it carries nothing.
    cut: &'static [(&'static str, f64)],
}

/// Least change of the means, in shares of the larger one.
const LEAST: f64 = 0.04;
/// Share of the effect that may be left where the link is cut.
const LEFT: f64 = 0.2;

const CYTOTOXIC_OF_CLONES: [(&str, f64); 4] = [
    ("immune.drugs.cytotoxic_of_clone_naive", 0.0),
    ("immune.drugs.cytotoxic_of_clone_effectors", 0.0),
    ("immune.drugs.cytotoxic_of_clone_memory", 0.0),
    ("immune.drugs.cytotoxic_of_clone_resident_memory", 0.0),
];

const CYTOTOXIC_OF_FAMILY: [(&str, f64); 7] = [
    ("immune.drugs.cytotoxic_of_clone_naive", 0.0),
    ("immune.drugs.cytotoxic_of_clone_effectors", 0.0),
    ("immune.drugs.cytotoxic_of_clone_memory", 0.0),
    ("immune.drugs.cytotoxic_of_clone_resident_memory", 0.0),
    ("immune.drugs.cytotoxic_of_clone_b", 0.0),
    ("immune.drugs.cytotoxic_of_clone_plasmablasts", 0.0),
    ("immune.drugs.cytotoxic_of_clone_plasma_cells", 0.0),
];

const ATG_OF_CLONES: [(&str, f64); 4] = [
    ("immune.drugs.antithymocyte_of_clone_naive", 0.0),
    ("immune.drugs.antithymocyte_of_clone_effectors", 0.0),
    ("immune.drugs.antithymocyte_of_clone_memory", 0.0),
    ("immune.drugs.antithymocyte_of_clone_resident_memory", 0.0),
];

const NO_EFFECTOR_ATTACK: [(&str, f64); 1] = [("immune.tissue.t_cell_weight", 0.0)];

const STEM_CELLS_SPARED: [(&str, f64); 3] = [
    ("immune.drugs.cytotoxic_of_quiescent_stem_cells", 0.0),
    ("immune.drugs.cytotoxic_of_cycling_stem_cells", 0.0),
    ("immune.drugs.cytotoxic_of_progenitors", 0.0),
];

/// One change at least in every disease of the library; health has a test of its own.
const DIRECTIONS: &[Direction] = &[
    // More cyclophosphamide, fewer autoreactive memory cells, fewer relapses.
    Direction {
        trial: "mist",
        arm: 0,
        given: "immune.drugs.cyclophosphamide.",
        times: 1.5,
        days: [30.0, 730.0],
        through: ("immune.clone.autoreactive_memory", false),
        effect: ("immune.hazards.relapse_cumulative", false),
        cut: &CYTOTOXIC_OF_CLONES,
    },
    // Without siponimod T cells are primed, and their attack inflames the brain.
    Direction {
        trial: "expand",
        arm: 1,
        given: "immune.drugs.siponimod.",
        times: 0.0,
        days: [90.0, 180.0],
        through: ("immune.clone.autoreactive_effectors", true),
        effect: ("immune.tissue.inflamed", true),
        cut: &NO_EFFECTOR_ATTACK,
    },
    Direction {
        trial: "oratorio",
        arm: 1,
        given: "immune.drugs.ocrelizumab.",
        times: 0.0,
        days: [90.0, 180.0],
        through: ("immune.clone.autoreactive_effectors", true),
        effect: ("immune.tissue.inflamed", true),
        cut: &NO_EFFECTOR_ATTACK,
    },
    // Belimumab starves naive B cells; autoantibody falls as far as its makers come from them.
    Direction {
        trial: "bliss_52",
        arm: 2,
        given: "immune.drugs.belimumab.",
        times: 0.0,
        days: [180.0, 360.0],
        through: ("immune.lymphoid.naive_b", true),
        effect: ("immune.clone.autoantibody", true),
        cut: &[("immune.clone.naive_b_dependence", 0.0)],
    },
    // Prednisone withdrawn, effectors come back, and with them the hazard of a flare.
    Direction {
        trial: "corticolup",
        arm: 0,
        given: "immune.drugs.prednisone.",
        times: 0.0,
        days: [90.0, 180.0],
        through: ("immune.clone.autoreactive_effectors", true),
        effect: ("immune.hazards.relapse_hazard", true),
        cut: &[("immune.drugs.prednisone.steroid_half_effect", 1e9)],
    },
    // Less adalimumab, more cytokines, more disease; joints that cytokines neither inflame nor show feel nothing of it.
    Direction {
        trial: "van_de_putte",
        arm: 2,
        given: "immune.drugs.adalimumab.",
        times: 0.0,
        days: [30.0, 84.0],
        through: ("immune.cytokines.inflammation", true),
        effect: ("disease.signs.das28_latent", true),
        cut: &[("disease.signs.cytokine_share", 0.0), ("immune.clone.inflammation_half_block", 1e9)],
    },
    Direction {
        trial: "charm",
        arm: 0,
        given: "immune.drugs.adalimumab.",
        times: 0.0,
        days: [14.0, 28.0],
        through: ("immune.cytokines.inflammation", true),
        effect: ("immune.tissue.inflamed", true),
        cut: &[("immune.tissue.cytokine_share", 0.0), ("immune.clone.inflammation_half_block", 1e9)],
    },
    // Stromal cells close a fistula by what they secrete.
    Direction {
        trial: "admire_cd",
        arm: 0,
        given: "immune.msc.",
        times: 0.0,
        days: [7.0, 90.0],
        through: ("immune.msc.secretome", false),
        effect: ("disease.tract.wall_inflammation", true),
        cut: &[("immune.msc.secretome_rate", 0.0), ("immune.msc.engulfment_imprint", 0.0)],
    },
    // Anti-thymocyte globulin spares beta cells by the memory it takes.
    Direction {
        trial: "tn19_low_dose_atg",
        arm: 1,
        given: "immune.drugs.atg.",
        times: 0.0,
        days: [60.0, 360.0],
        through: ("immune.clone.autoreactive_memory", true),
        effect: ("disease.signs.c_peptide", false),
        cut: &ATG_OF_CLONES,
    },
    // Gluten primes T cells; their attack flattens the villi.
    Direction {
        trial: "celiac_gluten_free_diet",
        arm: 0,
        given: "immune.drugs.gluten_free_diet.",
        times: 0.0,
        days: [90.0, 360.0],
        through: ("immune.clone.autoreactive_effectors", true),
        effect: ("disease.mucosa.atrophy", true),
        cut: &NO_EFFECTOR_ATTACK,
    },
    Direction {
        trial: "graves_methimazole_18_months",
        arm: 0,
        given: "immune.drugs.methimazole.",
        times: 0.0,
        days: [60.0, 120.0],
        through: ("disease.signs.store", true),
        effect: ("disease.signs.ft4", true),
        cut: &[("immune.drugs.methimazole.thyroid_maximum", 0.0)],
    },
    Direction {
        trial: "astis",
        arm: 1,
        given: "immune.drugs.cyclophosphamide.",
        times: 0.0,
        days: [180.0, 360.0],
        through: ("immune.clone.autoreactive_memory", true),
        effect: ("disease.fibrosis.mrss_latent", true),
        cut: &CYTOTOXIC_OF_FAMILY,
    },
    // Without busulfan the patient's own stem cells keep their niches, and B cells stay the patient's.
    Direction {
        trial: "scid_newborn",
        arm: 3,
        given: "immune.drugs.busulfan.",
        times: 0.0,
        days: [60.0, 360.0],
        through: ("immune.chimerism.stem_cell_chimerism", false),
        effect: ("immune.chimerism.b_cell_chimerism", false),
        cut: &STEM_CELLS_SPARED,
    },
    Direction {
        trial: "wiskott_aldrich_transplant",
        arm: 0,
        given: "immune.drugs.busulfan.",
        times: 0.0,
        days: [60.0, 360.0],
        through: ("immune.chimerism.stem_cell_chimerism", false),
        effect: ("immune.chimerism.myeloid_chimerism", false),
        cut: &STEM_CELLS_SPARED,
    },
    Direction {
        trial: "granulomatous_disease_transplant",
        arm: 0,
        given: "immune.drugs.busulfan.",
        times: 0.0,
        days: [60.0, 360.0],
        through: ("immune.chimerism.stem_cell_chimerism", false),
        effect: ("immune.chimerism.working_neutrophils", false),
        cut: &STEM_CELLS_SPARED,
    },
    // Dupilumab lets the barrier heal by blocking what type 2 inflammation does to it.
    Direction {
        trial: "dupilumab_atopic",
        arm: 0,
        given: "immune.drugs.dupilumab.",
        times: 0.0,
        days: [60.0, 112.0],
        through: ("disease.barrier.barrier_loss", true),
        effect: ("disease.signs.easi", true),
        cut: &[("disease.barrier.type_2_share", 0.0), ("disease.barrier.barrier_gain", 0.0)],
    },
    // Globulin still in the blood kills alloreactive cells of the graft.
    Direction {
        trial: "allo_atg",
        arm: 0,
        given: "immune.drugs.atg.",
        times: 0.0,
        days: [30.0, 60.0],
        through: ("immune.gvhd.alloreactive", true),
        effect: ("immune.gvhd.gvhd_injury", true),
        cut: &[
            ("immune.drugs.antithymocyte_of_alloreactive", 0.0),
            ("immune.drugs.antithymocyte_of_naive_t", 0.0),
            ("immune.drugs.antithymocyte_of_memory_cd4", 0.0),
            ("immune.drugs.antithymocyte_of_memory_cd8", 0.0),
            ("immune.drugs.antithymocyte_of_treg", 0.0),
        ],
    },
];

impl Bench {
    /// Means of what is read with the usual doses of a direction, and with the changed ones.
    fn both(&self, direction: &Direction, set: &[(&str, f64)]) -> [[f64; 2]; 2] {
        let read = [(direction.through.0, direction.days[0]), (direction.effect.0, direction.days[1])];
        let with = |times| self.means(direction.arm, (direction.given, times), read, set);
        [with(1.0), with(direction.times)]
    }

    /// Change of what lies between, of the effect, and of the effect where the link is cut, in shares of the larger
    /// mean without a cut.
    fn changes(&self, direction: &Direction) -> [f64; 3] {
        let [usual, changed] = self.both(direction, &[]);
        let [usual_cut, changed_cut] = self.both(direction, direction.cut);
        let scale = |what: usize| usual[what].max(changed[what]);
        let change = |what: usize| (changed[what] - usual[what]) / scale(what);
        [change(0), change(1), (changed_cut[1] - usual_cut[1]) / scale(1)]
    }
}

#[test]
fn treatment_acts_by_its_mechanism_and_in_its_direction() {
    let mut wrong = Vec::new();
    for direction in DIRECTIONS {
        let bench = Bench::new(direction.trial);
        let [through, effect, left] = bench.changes(direction);
        let moves = |change: f64, rises: bool| if rises { change >= LEAST } else { change <= -LEAST };
        let is_right = moves(through, direction.through.1)
            && moves(effect, direction.effect.1)
            && left.abs() <= LEFT * effect.abs();
        if !is_right {
            wrong.push(format!(
                "{} {}: {through:.3}, {effect:.3}, cut {left:.3}",
                direction.trial, direction.given
            ));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// Who was ill once is ill less long at the second meeting, by the memory and the antibody that the first one left: where
/// it leaves no memory cells and the antibody is gone within weeks, the second illness is like the first.
#[test]
fn the_healthy_remember_an_infection() {
    let bench = Bench::new("healthy_infection");
    let end = bench.trial.protocol.horizon_days;
    let read = [("person.signs.first_days_ill", end), ("person.signs.second_days_ill", end)];
    let days_ill = |cut: &[(&str, f64)]| bench.means(0, ("person.challenge.", 1.0), read, cut);
    let [first, second] = days_ill(&[]);
    assert!(first > 1.0 && second < 0.6 * first, "{first} and {second} days");
    let forgotten = [("person.challenge.memory_share", 0.0), ("person.challenge.antibody_loss_rate", 0.03)];
    let [first, second] = days_ill(&forgotten);
    assert!(second > 0.9 * first, "without memory {first} and {second} days");
}
