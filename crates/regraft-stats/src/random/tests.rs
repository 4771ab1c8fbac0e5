//! The generator against its published vectors; the streams against what independence promises.

use super::*;

/// Known answers of Random123 1.09, file `kat_vectors`, philox4x32 with 10 rounds.
#[test]
fn philox_gives_the_published_vectors() {
    assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    let ones = u32::MAX;
    assert_eq!(philox4x32_10([ones; 4], [ones; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
    assert_eq!(
        philox4x32_10(pi, [0xa409_3822, 0x299f_31d0]),
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    );
}

/// FNV-1a test vectors of its authors.
#[test]
fn name_key_is_fnv_1a() {
    assert_eq!(name_key(""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(name_key("a"), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(name_key("foobar"), 0x8594_4171_f739_67e8);
}

/// A seed keeps its meaning from version to version: changing these numbers changes every result.
#[test]
fn a_seed_keeps_its_meaning() {
    let stream = Seed(2026).stream(7, "relapse");
    assert_eq!(stream.bits(0), FIRST_BITS[0]);
    assert_eq!(stream.bits(1), FIRST_BITS[1]);
}

/// From an independent Philox written in another language.
const FIRST_BITS: [u64; 2] = [0xf7a3_4658_eeba_4efe, 0xd88f_06d3_daed_3282];

#[test]
fn a_draw_depends_on_nothing_but_its_four_coordinates() {
    let stream = Seed(1).stream(3, "x");
    let backwards: Vec<u64> = (0..10).rev().map(|index| stream.bits(index)).collect();
    let forwards: Vec<u64> = (0..10).map(|index| Seed(1).stream(3, "x").bits(index)).collect();
    assert!(forwards.iter().eq(backwards.iter().rev()));
}

#[test]
fn every_coordinate_matters() {
    let base = Seed(1).stream(3, "x").bits(5);
    let others = [
        Seed(2).stream(3, "x").bits(5),
        Seed(1).stream(4, "x").bits(5),
        Seed(1).stream(3 + (1 << 32), "x").bits(5),
        Seed(1).stream(3, "y").bits(5),
        Seed(1).stream(3, "x").bits(6),
        Seed(1).stream(3, "x").bits(5 + (1 << 32)),
        // Index and patient are not interchangeable.
        Seed(1).stream(5, "x").bits(3),
    ];
    assert!(others.iter().all(|bits| *bits != base));
}

#[test]
fn uniforms_are_uniform() {
    let n = 100_000;
    let mut counts = [0_u32; 50];
    let stream = Seed(4).stream(0, "uniform");
    for index in 0..n {
        let u = stream.uniform(index);
        assert!(0.0 < u && u < 1.0);
        counts[(u * 50.0) as usize] += 1;
    }
    assert_chi_square(&counts, n as f64 / 50.0);
}

/// The draw of patient p at index 0, over patients: a stream across patients must be as good as one along
/// the index.
#[test]
fn first_draws_of_patients_are_uniform() {
    let n = 100_000;
    let mut counts = [0_u32; 50];
    for patient in 0..n {
        counts[Seed(4).stream(patient, "sex").below(0, 50)] += 1;
    }
    assert_chi_square(&counts, n as f64 / 50.0);
}

/// χ² on 49 degrees of freedom has mean 49 and standard deviation 9.9; 1 in 10⁵ draws exceeds 99.
fn assert_chi_square(counts: &[u32; 50], expected: f64) {
    let chi_square: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    assert!((20.0..99.0).contains(&chi_square), "{chi_square}");
}

/// Correlation of n pairs has standard deviation 1/√n; five of them are allowed.
#[test]
fn streams_are_uncorrelated() {
    let n = 50_000;
    let pairs: [(&str, Stream, Stream); 5] = [
        ("seeds", Seed(1).stream(0, "x"), Seed(2).stream(0, "x")),
        ("names", Seed(1).stream(0, "a"), Seed(1).stream(0, "b")),
        ("patients", Seed(1).stream(0, "x"), Seed(1).stream(1, "x")),
        ("seed and its neighbor's name", Seed(0).stream(0, "arm_1"), Seed(1).stream(0, "arm_0")),
        ("far patients", Seed(1).stream(0, "x"), Seed(1).stream(1 << 40, "x")),
    ];
    for (what, a, b) in pairs {
        let product: f64 = (0..n).map(|index| a.normal(index) * b.normal(index)).sum::<f64>() / n as f64;
        assert!(product.abs() < 5.0 / (n as f64).sqrt(), "{what}: {product}");
    }
    let stream = Seed(1).stream(0, "x");
    let lagged: f64 = (0..n).map(|i| stream.normal(i) * stream.normal(i + 1)).sum::<f64>() / n as f64;
    assert!(lagged.abs() < 5.0 / (n as f64).sqrt(), "neighboring indices: {lagged}");
}

#[test]
fn normal_exponential_and_poisson_have_their_moments() {
    let n = 100_000;
    let stream = Seed(9).stream(0, "moments");
    let mean = |draw: &dyn Fn(u64) -> f64| (0..n).map(draw).sum::<f64>() / n as f64;
    // Five standard errors each: sd/√n, with sd of z, z², e, Poisson(3) = 1, √2, 1, √3.
    let five = |sd: f64| 5.0 * sd / (n as f64).sqrt();
    assert!(mean(&|i| stream.normal(i)).abs() < five(1.0));
    assert!((mean(&|i| stream.normal(i).powi(2)) - 1.0).abs() < five(2_f64.sqrt()));
    assert!((mean(&|i| stream.exponential(i)) - 1.0).abs() < five(1.0));
    assert!((mean(&|i| stream.poisson(i, 3.0) as f64) - 3.0).abs() < five(3_f64.sqrt()));
}

#[test]
fn draws_at_one_index_rise_together() {
    let stream = Seed(5).stream(1, "rank");
    let mut indices: Vec<u64> = (0..1000).collect();
    indices.sort_by(|a, b| stream.uniform(*a).total_cmp(&stream.uniform(*b)));
    assert!(indices.iter().map(|index| stream.normal(*index)).is_sorted());
    assert!(indices.iter().map(|index| stream.exponential(*index)).is_sorted());
    assert!(indices.iter().map(|index| stream.poisson(*index, 40.0)).is_sorted());
}

#[test]
fn below_stays_below() {
    let stream = Seed(1).stream(0, "below");
    assert_eq!(stream.below(0, 0), 0);
    assert_eq!(stream.below(0, 1), 0);
    assert!((0..1000).all(|index| stream.below(index, 7) < 7));
    assert!((0..1000).any(|index| stream.below(index, usize::MAX) > usize::MAX / 2));
}
