use super::*;

#[test]
fn a_swap_of_neighbours_is_one_slip() {
    assert_eq!(edit_distance("mits", "mist"), 1);
    assert_eq!(edit_distance("mist", "mist"), 0);
    assert_eq!(edit_distance("", "mist"), 4);
    assert_eq!(edit_distance("cyclophosfamide", "cyclophosphamide"), 2);
    assert_eq!(nearest("mits", ["halt_ms", "mist"]), Some("mist"));
    assert_eq!(nearest("MIST", ["halt_ms", "mist"]), Some("mist"));
}

#[test]
fn what_is_not_near_is_not_offered() {
    assert_eq!(nearest("aspirin", ["mist", "halt_ms"]), None);
}
