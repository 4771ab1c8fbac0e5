//! Whether stromal cells do anything is one number of the world, and it may be 0.

use super::open;

/// What every effect of the cells is multiplied by.
const EFFICACY: &str = "immune.msc.efficacy";

#[test]
fn no_product_draws_the_efficacy_of_stromal_cells_per_patient() {
    let library = open(&[]);
    let products: Vec<_> = library.cards.products.values().filter(|card| card.kind == "msc").collect();
    assert!(products.len() >= 5);
    for product in products {
        let id = &product.id.text;
        assert!(product.parameters.iter().any(|one| one.target.text == EFFICACY), "{id} states no efficacy");
        let drawn =
            product.traits.iter().filter_map(|one| one.sets.as_ref()).any(|name| name.text == EFFICACY);
        assert!(!drawn, "{id} draws it per patient");
    }
}

#[test]
fn a_world_may_hold_no_effect_of_stromal_cells_in_any_disease_or_by_the_vein_alone() {
    let library = open(&[]);
    let worlds = |sets: &str| {
        let found = library.uncertain_parameters().find(|one| one.sets.iter().any(|name| name.text == sets));
        let found = found.unwrap_or_else(|| panic!("nothing moves {sets}"));
        assert_eq!(found.diseases, [], "{sets} is the same in all diseases");
        // From far below to far above what is believed in the middle.
        [-2.0, -0.5, 0.0, 2.0].map(|z| found.moved(0.1, z))
    };
    for sets in
        [EFFICACY, "immune.msc.lung_weight", "immune.msc.homing_maximum", "immune.msc.engulfment_imprint"]
    {
        let [nothing, edge, middle, much] = worlds(sets);
        assert_eq!((nothing, edge), (0.0, 0.0), "{sets} can be nothing at all");
        assert!(0.0 < middle && middle < 0.1 && 0.1 < much, "{sets}: {middle}, {much}");
    }
}
