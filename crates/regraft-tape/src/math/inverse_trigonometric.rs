//! arctan x, arcsin x, arccos x.

/// arctan 0.5, 1, 1.5, ∞, and what the doubles leave over.
const ANGLES: [(f64, f64); 4] = [
    (0.4636476090008061, 2.2698777452961687e-17),
    (std::f64::consts::FRAC_PI_4, 3.061616997868383e-17),
    (0.982793723247329, 1.3903311031230998e-17),
    (std::f64::consts::FRAC_PI_2, 6.123233995736766e-17),
];

/// Minimax coefficients of arctan on |x| ≤ 7/16 [Sun Microsystems, fdlibm `s_atan.c`, 1993].
const SERIES: [f64; 11] = [
    0.3333333333333293,
    -0.19999999999876483,
    0.14285714272503466,
    -0.11111110405462356,
    0.09090887133436507,
    -0.0769187620504483,
    0.06661073137387531,
    -0.058335701337905735,
    0.049768779946159324,
    -0.036531572744216916,
    0.016285820115365782,
];

/// arctan x in (−π/2, π/2), within 1 unit in the last place.
///
/// arctan x = angle + arctan((x − tan angle)/(1 + x tan angle)) for the nearest of five angles.
pub fn atan(x: f64) -> f64 {
    let size = x.abs();
    if x.is_nan() || size < 7.0 / 16.0 {
        return x - x * reduced(x);
    }
    let (reduced_x, (angle, rest)) = if size < 11.0 / 16.0 {
        ((2.0 * size - 1.0) / (2.0 + size), ANGLES[0])
    } else if size < 19.0 / 16.0 {
        ((size - 1.0) / (size + 1.0), ANGLES[1])
    } else if size < 39.0 / 16.0 {
        ((size - 1.5) / (1.0 + 1.5 * size), ANGLES[2])
    } else {
        (-1.0 / size, ANGLES[3])
    };
    let value = angle - ((reduced_x * reduced(reduced_x) - rest) - reduced_x);
    value.copysign(x)
}

/// 1 − arctan(x)/x for |x| ≤ 7/16.
fn reduced(x: f64) -> f64 {
    let z = x * x;
    z * SERIES.iter().rev().fold(0.0, |sum, &term| sum * z + term)
}

/// arcsin x in [−π/2, π/2], within 3 units in the last place. NaN for |x| > 1.
///
/// arctan(x / √((1−x)(1+x))).
pub fn asin(x: f64) -> f64 {
    atan(x / ((1.0 - x) * (1.0 + x)).sqrt())
}

/// arccos x in [0, π], within 3 units in the last place. NaN for |x| > 1.
///
/// 2 arctan √((1−x)/(1+x)).
pub fn acos(x: f64) -> f64 {
    2.0 * atan(((1.0 - x) / (1.0 + x)).sqrt())
}
