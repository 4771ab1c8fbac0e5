//! The method: Rodas5P, a Rosenbrock–Wanner method of order 5 with 8 stages.
//!
//! Source: G. Steinebach, "Construction of Rosenbrock–Wanner method Rodas5P and numerical
//! benchmarks within the Julia Differential Equations package", BIT Numerical Mathematics
//! 63, 27 (2023). The numbers are in the transformed form [Hairer & Wanner, Solving ODEs II,
//! IV.7]; the tests undo the transformation and check every order condition.
//!
//! One step of size h from (t, y), with J = ∂f/∂y and f_t = ∂f/∂t at (t, y):
//!
//! ```text
//! (I/(γh) − J) k_i = f(t + c_i h, u_i) + Σ_{j<i} C_ij k_j / h + h d_i f_t
//! u_i  = y + Σ_{j<i} a_ij k_j          u_7 = u_6 + k_6     u_8 = u_7 + k_7
//! y'   = u_8 + k_8                     error = k_8 (against the embedded order 4)
//! y(θ) = (1−θ) y + θ (y' + (1−θ) (D_1 + θ (D_2 + θ D_3)))    D_m = Σ_j H_mj k_j
//! ```

/// Number of stages.
pub const STAGES: usize = 8;

/// Order of the embedded solution; the error estimate is of order h⁵.
pub const EMBEDDED_ORDER: u32 = 4;

/// γ, the diagonal of the method.
pub const GAMMA: f64 = 0.21193756319429014;

/// a_ij of stages 2 to 6, by row. Stages 7, 8 and the new state each add one more k to the stage before.
pub const A: [&[f64]; 5] = [
    &[3.0],
    &[2.849394379747939, 0.45842242204463923],
    &[-6.954028509809101, 2.489845061869568, -10.358996098473584],
    &[2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
    &[-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946],
];

/// C_ij of stages 1 to 8, by row.
pub const C: [&[f64]; STAGES] = [
    &[],
    &[-14.155112264123755],
    &[-17.97296035885952, -2.859693295451294],
    &[147.12150275711716, -1.41221402718213, 71.68940251302358],
    &[165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
    &[24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471],
    &[
        30.91273214028599,
        -3.1208243349937974,
        77.79954646070892,
        34.28646028294783,
        -19.097331116725623,
        -28.087943162872662,
    ],
    &[
        37.80277123390563,
        -3.2571969029072276,
        112.26918849496327,
        66.9347231244047,
        -40.06618937091002,
        -54.66780262877968,
        -9.48861652309627,
    ],
];

/// c_i: stage times as a share of the step.
pub const NODES: [f64; STAGES] =
    [0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1.0, 1.0, 1.0];

/// d_i: weights of ∂f/∂t.
pub const TIME_WEIGHTS: [f64; STAGES] =
    [GAMMA, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069, 0.0, 0.0, 0.0];

/// H_mj: weights of the dense output of order 4.
pub const DENSE: [[f64; STAGES]; 3] = [
    [
        25.948786856663858,
        -2.5579724845846235,
        10.433815404888879,
        -2.3679251022685204,
        0.524948541321073,
        1.1241088310450404,
        0.4272876194431874,
        -0.17202221070155493,
    ],
    [
        -9.91568850695171,
        -0.9689944594115154,
        3.0438037242978453,
        -24.495224566215796,
        20.176138334709044,
        15.98066361424651,
        -6.789040303419874,
        -6.710236069923372,
    ],
    [
        11.419903575922262,
        2.8879645146136994,
        72.92137995996029,
        80.12511834622643,
        -52.072871366152654,
        -59.78993625266729,
        -0.15582684282751913,
        4.883087185713722,
    ],
];

/// Weights of k_1 to k_8 in the dense output at θ: y(θ) = (1−θ) y + θ y' + Σ_j w_j k_j.
#[inline(always)]
pub fn dense_weights(theta: f64) -> [f64; STAGES] {
    let outer = theta * (1.0 - theta);
    let mut weights = [0.0; STAGES];
    for stage in 0..STAGES {
        weights[stage] = outer * (DENSE[0][stage] + theta * (DENSE[1][stage] + theta * DENSE[2][stage]));
    }
    weights
}

#[cfg(test)]
#[path = "tableau_tests.rs"]
mod tests;
