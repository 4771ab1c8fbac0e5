//! Distance from the platform's functions, special values, and exact cases.
//!
//! The platform's functions are themselves within 1 unit in the last place, so a function
//! stated to be within n units is held to n + 1 here; `REFERENCE` holds values rounded
//! from 60 digits, to which the stated bound itself applies.

use super::*;

/// A stream of numbers that look random: SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e3779b97f4a7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
        z ^ (z >> 31)
    }

    /// Uniform on [low, high).
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / 9007199254740992.0)
    }

    /// A positive finite double with every exponent equally likely, subnormals included.
    fn positive(&mut self) -> f64 {
        f64::from_bits(self.bits() % f64::INFINITY.to_bits())
    }
}

/// Number of doubles between two of one sign; 0 where both are NaN.
fn distance(a: f64, b: f64) -> u64 {
    if a.is_nan() && b.is_nan() || a == b {
        return 0;
    }
    if a.is_nan() || b.is_nan() || a.is_sign_negative() != b.is_sign_negative() {
        return u64::MAX;
    }
    a.to_bits().abs_diff(b.to_bits())
}

/// Largest distance over a million arguments.
fn worst(mut argument: impl FnMut(&mut Random) -> f64, ours: fn(f64) -> f64, theirs: fn(f64) -> f64) -> u64 {
    let mut random = Random(1);
    let one = |_| {
        let x = argument(&mut random);
        distance(ours(x), theirs(x))
    };
    (0..1_000_000).map(one).max().expect("a million arguments")
}

#[test]
fn exp_is_within_one_unit() {
    assert!(worst(|r| r.between(-708.0, 709.7), exp, f64::exp) <= 1);
    assert!(worst(|r| r.between(-2.0, 2.0), exp, f64::exp) <= 1);
    assert!(worst(|r| r.between(-745.2, -708.0), exp, f64::exp) <= 1, "subnormal results");
}

#[test]
fn ln_is_within_one_unit() {
    assert!(worst(Random::positive, ln, f64::ln) <= 1);
    assert!(worst(|r| r.between(0.5, 2.0), ln, f64::ln) <= 1);
    assert!(worst(|r| 1.0 + r.between(-1e-6, 1e-6), ln, f64::ln) <= 1, "near 1");
    assert!(worst(|r| r.between(0.0, 1e-308), ln, f64::ln) <= 1, "subnormal arguments");
}

#[test]
fn pow_is_within_one_unit() {
    let mut random = Random(3);
    for _ in 0..1_000_000 {
        let x = random.positive();
        let y = random.between(-700.0, 700.0) / x.ln();
        let ours = pow(x, y);
        assert!(distance(ours, x.powf(y)) <= 1, "{x:e}^{y:e}: {ours:e} {:e}", x.powf(y));
        let (x, y) = (random.between(0.0, 20.0), random.between(-6.0, 6.0));
        let ours = pow(x, y);
        assert!(distance(ours, x.powf(y)) <= 1, "{x:e}^{y:e}: {ours:e} {:e}", x.powf(y));
    }
}

/// Of numbers near 1 only, high powers reach far, and show most of what the logarithm lost.
#[test]
fn pow_is_within_two_units_where_results_are_extreme() {
    let mut random = Random(4);
    for _ in 0..1_000_000 {
        let x = random.between(0.7, 1.6);
        let (far, near) = (random.between(-700.0, 700.0) / x.ln(), random.between(-230.0, 230.0) / x.ln());
        for (y, bound) in [(far, 2), (near, 1)] {
            let ours = pow(x, y);
            assert!(distance(ours, x.powf(y)) <= bound, "{x:e}^{y:e}: {ours:e} {:e}", x.powf(y));
        }
    }
}

#[test]
fn exp_at_special_values() {
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(-0.0), 1.0);
    assert_eq!(exp(f64::INFINITY), f64::INFINITY);
    assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    assert!(exp(f64::NAN).is_nan());
    assert_eq!(exp(709.79), f64::INFINITY);
    assert_eq!(exp(-745.14), 0.0);
    assert_eq!(exp(1e308), f64::INFINITY);
    assert_eq!(exp(-1e308), 0.0);
    assert_eq!(distance(exp(709.78), 709.78f64.exp()), 0);
}

#[test]
fn ln_at_special_values() {
    assert_eq!(ln(1.0).to_bits(), 0);
    assert_eq!(ln(0.0), f64::NEG_INFINITY);
    assert_eq!(ln(-0.0), f64::NEG_INFINITY);
    assert_eq!(ln(f64::INFINITY), f64::INFINITY);
    for x in [-1.0, -1e-310, f64::NEG_INFINITY, f64::NAN] {
        assert!(ln(x).is_nan(), "ln {x}");
    }
    assert_eq!(ln(f64::from_bits(1)), f64::from_bits(1).ln());
    assert_eq!(ln(f64::MAX), f64::MAX.ln());
    assert_eq!(ln(2.0), std::f64::consts::LN_2);
}

/// IEEE 754 [9.2.1] and the C standard [F.10.4.4]; the platform's powf follows both.
#[test]
fn pow_at_special_values() {
    let values = [
        0.0,
        0.5,
        1.0,
        1.5,
        2.0,
        3.0,
        4.0,
        1e-320,
        1e300,
        4503599627370497.0,
        9007199254740992.0,
        9007199254740994.0,
        1e22,
        f64::INFINITY,
        f64::NAN,
    ];
    let signed = || values.iter().flat_map(|&v| [v, -v]);
    for x in signed() {
        for y in signed() {
            let (ours, theirs) = (pow(x, y), x.powf(y));
            assert!(distance(ours, theirs) <= 1, "{x:e}^{y:e}: {ours:e} {theirs:e}");
        }
    }
}

#[test]
fn pow_of_small_whole_numbers_is_exact() {
    for base in 2..=12i32 {
        for exponent in 0..=14i32 {
            let exact = (0..exponent).fold(1.0, |product, _| product * f64::from(base));
            assert_eq!(pow(f64::from(base), f64::from(exponent)), exact, "{base}^{exponent}");
            let sign = if exponent % 2 == 1 { -1.0 } else { 1.0 };
            assert_eq!(pow(f64::from(-base), f64::from(exponent)), sign * exact, "(-{base})^{exponent}");
        }
    }
    assert_eq!(pow(4.0, 0.5), 2.0);
    assert_eq!(pow(7.3, 1.0), 7.3);
    assert_eq!(pow(10.0, -1.0), 0.1);
}

#[test]
fn trigonometric_functions_are_near_the_platform() {
    let ranges: [fn(&mut Random) -> f64; 4] =
        [|r| r.between(-1.0, 1.0), |r| r.between(-100.0, 100.0), |r| r.between(-2e6, 2e6), |r| r.positive()];
    for range in ranges {
        assert!(worst(range, sin, f64::sin) <= 2);
        assert!(worst(range, cos, f64::cos) <= 2);
        assert!(worst(range, tan, f64::tan) <= 3);
        assert!(worst(range, atan, f64::atan) <= 2);
    }
    assert!(worst(|r| r.between(-1.0, 1.0), asin, f64::asin) <= 4);
    assert!(worst(|r| r.between(-1.0, 1.0), acos, f64::acos) <= 4);
}

#[test]
fn trigonometric_functions_at_special_values() {
    for function in [sin, cos, tan] {
        assert!(function(f64::INFINITY).is_nan());
        assert!(function(f64::NAN).is_nan());
    }
    assert_eq!(sin(-0.0).to_bits(), (-0.0f64).to_bits());
    assert_eq!(cos(0.0), 1.0);
    assert_eq!(asin(1.0), std::f64::consts::FRAC_PI_2);
    assert_eq!(asin(-1.0), -std::f64::consts::FRAC_PI_2);
    assert_eq!(acos(-1.0), std::f64::consts::PI);
    assert_eq!(acos(1.0), 0.0);
    assert!(asin(1.1).is_nan() && acos(-1.1).is_nan() && atan(f64::NAN).is_nan());
    assert_eq!(atan(f64::NEG_INFINITY), -std::f64::consts::FRAC_PI_2);
}

#[test]
fn hyperbolic_functions_are_near_the_platform() {
    let ranges: [fn(&mut Random) -> f64; 3] =
        [|r| r.between(-1.0, 1.0), |r| r.between(-30.0, 30.0), |r| r.between(-710.4, 710.4)];
    for range in ranges {
        assert!(worst(range, sinh, f64::sinh) <= 4);
        assert!(worst(range, cosh, f64::cosh) <= 3);
        assert!(worst(range, tanh, f64::tanh) <= 4);
        assert!(worst(range, exp_m1, f64::exp_m1) <= 3);
    }
    for x in [-0.0f64, 0.0, 1e-300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        assert_eq!(distance(sinh(x), x.sinh()), 0, "sinh {x}");
        assert_eq!(distance(tanh(x), x.tanh()), 0, "tanh {x}");
        assert_eq!(distance(cosh(x), x.cosh()), 0, "cosh {x}");
        assert_eq!(distance(exp_m1(x), x.exp_m1()), 0, "exp_m1 {x}");
    }
}

#[test]
fn rounding_is_exact() {
    let mut random = Random(5);
    let mut arguments: Vec<f64> = (0..100_000).map(|_| random.between(-1e3, 1e3)).collect();
    arguments.extend([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -0.2, 4503599627370495.5, -4503599627370495.5, 1e300]);
    arguments.extend([f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
    for x in arguments {
        assert_eq!(distance(floor(x), x.floor()), 0, "floor {x}");
        assert_eq!(distance(ceil(x), x.ceil()), 0, "ceil {x}");
        assert_eq!(distance(round_half_even(x), x.round_ties_even()), 0, "round {x}");
    }
}

/// Function, argument, value, stated bound.
type Reference = (fn(f64) -> f64, f64, f64, u64);

/// Values correctly rounded from 60 digits (mpmath 1.3.0, evaluated at the double argument).
#[allow(clippy::approx_constant)]
const REFERENCE: &[Reference] = &[
    (exp, 0.1, 1.1051709180756477, 1),
    (exp, -0.3465735902799726, 0.7071067811865476, 1),
    (exp, 1.0, 2.718281828459045, 1),
    (exp, 37.5, 1.9321599304402836e+16, 1),
    (exp, -700.25, 7.678723813110872e-305, 1),
    (exp, 709.5, 1.3549863193146328e+308, 1),
    (exp, 0.3785200907507303, 1.4601221414533108, 1),
    (ln, 1e-310, -713.8013788281542, 1),
    (ln, 0.7071067811865476, -0.3465735902799726, 1),
    (ln, 0.999999, -1.000000500029089e-06, 1),
    (ln, 1.4012472931127296, 0.33736276363625045, 1),
    (ln, 10.0, 2.302585092994046, 1),
    (ln, 1e+300, 690.7755278982137, 1),
    (sin, 1e-05, 9.999999999833334e-06, 1),
    (sin, 0.7853981633974483, 0.7071067811865475, 1),
    (sin, 3.141592653589793, 1.2246467991473532e-16, 1),
    (sin, 355.0, -3.014435335948845e-05, 1),
    (sin, 1234567.5, -0.1266147869017853, 1),
    (sin, 1e+22, -0.8522008497671888, 1),
    (cos, 1.5707963267948966, 6.123233995736766e-17, 1),
    (cos, 2.348232161841124, -0.7014542096092552, 1),
    (cos, 11.0, 0.004425697988050785, 1),
    (cos, 999999.5, 0.654281508650351, 1),
    (cos, 1000000000000000.0, -0.5131937377869703, 1),
    (cos, 1.7e+308, 0.803536056087918, 1),
    (tan, 1.5, 14.101419947171719, 2),
    (tan, -2.400656084971713, 0.9148084200284865, 2),
    (tan, 100000.0, -0.035771662952898776, 2),
    (atan, 0.4375, 0.4124104415973873, 1),
    (atan, 0.6877303928414659, 0.6024437764368739, 1),
    (atan, 1.2, 0.8760580505981934, 1),
    (atan, 5.0, 1.373400766945016, 1),
    (asin, 1e-09, 1e-09, 3),
    (asin, 0.24316083674547617, 0.24562316857368371, 3),
    (asin, 0.9999, 1.5566540733173846, 3),
    (acos, -0.9999, 3.127450400112281, 3),
    (acos, 0.5855, 0.9452996343570446, 3),
    (acos, 0.9999, 0.014142253477512098, 3),
    (sinh, 1e-08, 1e-08, 3),
    (sinh, 0.5, 0.5210953054937474, 3),
    (sinh, 21.9, 1621881641.7888238, 3),
    (sinh, 700.0, 5.0711602736750225e+303, 3),
    (cosh, 1e-08, 1.0, 2),
    (cosh, 0.5, 1.1276259652063807, 2),
    (cosh, 21.9, 1621881641.7888238, 2),
    (cosh, 700.0, 5.0711602736750225e+303, 2),
    (tanh, 1e-08, 1e-08, 3),
    (tanh, 0.015389430019356581, 0.015388215218162325, 3),
    (tanh, 0.55, 0.5005202111902353, 3),
    (tanh, 19.0, 0.9999999999999999, 3),
    (exp_m1, 1e-08, 1.0000000050000001e-08, 2),
    (exp_m1, 0.34893550079630975, 0.41755775604684825, 2),
    (exp_m1, -0.4, -0.32967995396436073, 2),
    (exp_m1, -60.0, -1.0, 2),
    (exp_m1, 44.0, 1.2851600114359308e+19, 2),
    (gamma, 1e-08, 99999999.42278434, 3),
    (gamma, 0.5, 1.772453850905516, 3),
    (gamma, 1.1953776780500531, 0.9194087387156415, 3),
    (gamma, 1.4616321449683622, 0.8856031944108887, 3),
    (gamma, 15.99, 1272321723238.375, 3),
    (gamma, 30.0, 8.841761993739702e+30, 3),
    (gamma, 100.5, 9.320963104082716e+156, 3),
    (gamma, 171.6, 1.5858969096672565e+308, 3),
    (gamma, -0.5, -3.544907701811032, 5),
    (gamma, -1.5, 2.363271801207355, 5),
    (gamma, -15.639169387917915, 4.5398040778462505e-13, 5),
    (gamma, -100.3, -1.0431432495783088e-158, 5),
];

#[test]
fn functions_agree_with_sixty_digits() {
    for &(function, x, expected, bound) in REFERENCE {
        let found = function(x);
        assert!(distance(found, expected) <= bound, "at {x:e}: {found:e}, expected {expected:e}");
    }
}

#[test]
fn gamma_at_special_values() {
    assert_eq!(gamma(0.0), f64::INFINITY);
    assert_eq!(gamma(-0.0), f64::NEG_INFINITY);
    assert_eq!(gamma(f64::INFINITY), f64::INFINITY);
    assert_eq!(gamma(172.0), f64::INFINITY);
    assert!(gamma(-1.0).is_nan() && gamma(f64::NEG_INFINITY).is_nan() && gamma(f64::NAN).is_nan());
    let mut factorial = 1.0;
    for n in 1..=23 {
        assert_eq!(gamma(f64::from(n)), factorial, "({n} - 1)!");
        factorial *= f64::from(n);
    }
}
