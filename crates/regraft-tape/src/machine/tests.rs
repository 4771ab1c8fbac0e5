//! Machine code against the same codes computed one number at a time, to the bit.

use std::io::Write;

use super::*;
use crate::code::Code;
use crate::math;
use crate::routine::{Instruction, Value};
use crate::tests::Random;

/// `[bank][row · LANES + lane]`
type Banks = [Vec<f64>; BANKS];

/// The sets that this machine has; says which it has not.
fn sets() -> impl Iterator<Item = Instructions> {
    [Instructions::Avx512, Instructions::Avx2].into_iter().filter(|set| {
        if !set.are_available() {
            // Straight to the terminal: what a test that passes prints is kept from it.
            let _ = writeln!(std::io::stderr(), "skipped: this machine has no {set:?}");
        }
        set.are_available()
    })
}

fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// What a code means for one lane.
fn meaning(code: Code, a: f64, b: f64, c: f64) -> f64 {
    match code {
        Code::Negate => -a,
        Code::Absolute => a.abs(),
        Code::SquareRoot => a.sqrt(),
        Code::Exp => math::exp(a),
        Code::Ln => math::ln(a),
        Code::Sin => math::sin(a),
        Code::Cos => math::cos(a),
        Code::Tan => math::tan(a),
        Code::Asin => math::asin(a),
        Code::Acos => math::acos(a),
        Code::Atan => math::atan(a),
        Code::Sinh => math::sinh(a),
        Code::Cosh => math::cosh(a),
        Code::Tanh => math::tanh(a),
        Code::Floor => math::floor(a),
        Code::Ceil => math::ceil(a),
        Code::Factorial => math::factorial(a),
        Code::FiniteOrZero => {
            if a.is_finite() {
                a
            } else {
                0.0
            }
        }
        Code::Not => truth(a == 0.0),
        Code::Add => a + b,
        Code::Subtract => a - b,
        Code::Multiply => a * b,
        Code::Divide => a / b,
        Code::Power => math::pow(a, b),
        Code::Min => {
            if a < b || a.is_nan() {
                a
            } else {
                b
            }
        }
        Code::Max => {
            if a > b || a.is_nan() {
                a
            } else {
                b
            }
        }
        Code::Modulo => a - b * math::floor(a / b),
        Code::Less => truth(a < b),
        Code::LessEqual => truth(a <= b),
        Code::Greater => truth(a > b),
        Code::GreaterEqual => truth(a >= b),
        Code::Equal => truth(a == b),
        Code::NotEqual => truth(a != b),
        Code::And => truth(a != 0.0 && b != 0.0),
        Code::Or => truth(a != 0.0 || b != 0.0),
        Code::MultiplyAdd => a.mul_add(b, c),
        Code::MultiplySubtract => a.mul_add(b, -c),
        Code::SubtractProduct => (-a).mul_add(b, c),
        Code::Select => {
            if a != 0.0 {
                b
            } else {
                c
            }
        }
    }
}

/// Runs a routine one instruction and one lane at a time.
fn expected(routine: &Routine, banks: &Banks) -> Banks {
    let mut banks = banks.clone();
    for lane in 0..LANES {
        let mut values: Vec<f64> = Vec::new();
        for instruction in routine.instructions() {
            values.push(match *instruction {
                Instruction::Load(place) => banks[place.bank as usize][place.row as usize * LANES + lane],
                Instruction::Constant(number) => number,
                Instruction::Apply(code, arguments) => {
                    let [a, b, c] = arguments.map(|value| values[value as usize]);
                    meaning(code, a, b, c)
                }
                Instruction::Store(place, value) => {
                    banks[place.bank as usize][place.row as usize * LANES + lane] = values[value as usize];
                    f64::NAN
                }
            });
        }
    }
    banks
}

/// Runs a routine as machine code; what it must not write to is checked as well.
fn found(routine: &Routine, set: Instructions, banks: &Banks) -> Banks {
    const GUARD: f64 = 12345.678;
    let code = MachineCode::new(routine, set).expect("this machine has the instructions");
    let mut banks = banks.clone();
    let mut scratch = vec![GUARD; (code.scratch_rows() + 1) * LANES];
    let pointers = std::array::from_fn(|bank| banks[bank].as_mut_ptr());
    // SAFETY: every test lends banks with all rows of its routine.
    unsafe { code.run(&pointers, scratch.as_mut_ptr()) };
    assert!(scratch[code.scratch_rows() * LANES..].iter().all(|&value| value == GUARD), "beyond the scratch");
    banks
}

/// Checks all banks, for every set of instructions.
fn check(routine: &Routine, banks: &Banks, name: &str) {
    let expected = expected(routine, banks);
    for set in sets() {
        let found = found(routine, set, banks);
        for bank in 0..BANKS {
            for (index, (&found, &expected)) in found[bank].iter().zip(&expected[bank]).enumerate() {
                let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                let (row, lane) = (index / LANES, index % LANES);
                assert!(
                    same,
                    "{name}, {set:?}, bank {bank}, row {row}, lane {lane}: {found:e}, not {expected:e}"
                );
            }
        }
    }
}

/// Numbers where something can go wrong, with both signs, and ordinary ones.
fn numbers() -> Vec<f64> {
    let special = [
        0.0,
        f64::from_bits(1),
        1e-310,
        f64::MIN_POSITIVE,
        1e-300,
        1e-17,
        0.25,
        0.49999999999999994,
        0.5,
        0.7071067811865475,
        0.7499999999999999,
        0.75,
        0.9999999999999999,
        1.0,
        1.0000000000000002,
        1.4999999999999998,
        1.5,
        2.0,
        2.5,
        3.0,
        37.7,
        708.0,
        708.3964185322641,
        709.782712893384,
        709.7827128933841,
        710.0,
        745.1332191019411,
        745.1332191019412,
        746.0,
        1e6,
        4503599627370495.5,
        4503599627370497.0,
        9007199254740991.0,
        1e17,
        1e100,
        1e300,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
    ];
    let mut random = Random(7);
    let ordinary: Vec<f64> = (0..25).map(|_| math::exp(random.between(-30.0, 30.0))).collect();
    let mut all: Vec<f64> = special.into_iter().chain(ordinary).flat_map(|x| [x, -x]).collect();
    all.resize(all.len().next_multiple_of(LANES), 1.0);
    all
}

/// Banks 0 to 2 with pairs and triples of numbers in their lanes, bank 3 empty.
fn banks_of(triples: &[[f64; 3]], rows: usize) -> Banks {
    let mut banks: Banks = std::array::from_fn(|_| vec![0.0; rows * LANES]);
    for (lane, triple) in triples.iter().enumerate() {
        for (bank, &number) in triple.iter().enumerate() {
            banks[bank][lane] = number;
        }
    }
    banks
}

/// Every number with every other and some third.
fn triples() -> Vec<[f64; 3]> {
    let numbers = numbers();
    let n = numbers.len();
    let mut random = Random(11);
    (0..n * n).map(|index| [numbers[index / n], numbers[index % n], numbers[random.below(n)]]).collect()
}

#[test]
fn every_code_gives_the_same_bits() {
    let triples = triples();
    let rows = triples.len() / LANES;
    let banks = banks_of(&triples, rows);
    for code in Code::ALL {
        let rows = if code.arity() == 1 { numbers().len() } else { rows } as u32;
        let mut routine = Routine::new();
        for row in 0..rows {
            let arguments = [0, 1, 2].map(|bank| routine.load(bank, row));
            let value = apply(&mut routine, code, &arguments);
            routine.store(3, row, value);
        }
        check(&routine, &banks, &format!("{code:?}"));
    }
}

fn apply(routine: &mut Routine, code: Code, arguments: &[Value]) -> Value {
    match code.arity() {
        1 => routine.one(code, arguments[0]),
        2 => routine.two(code, arguments[0], arguments[1]),
        _ => routine.three(code, arguments[0], arguments[1], arguments[2]),
    }
}

#[test]
fn elementary_functions_give_the_same_bits_at_many_numbers() {
    const ROWS: usize = 4096;
    let mut random = Random(13);
    let triples: Vec<[f64; 3]> = (0..ROWS * LANES)
        .map(|_| {
            let any = f64::from_bits(random.bits());
            [random.between(-750.0, 750.0), any, random.between(-750.0, 750.0) / any.abs().ln()]
        })
        .collect();
    let banks = banks_of(&triples, ROWS);
    // Of bank 1 nearly every row has an angle that is too large for the written-out sine.
    for (code, first, second) in [
        (Code::Exp, 0, 0),
        (Code::Ln, 1, 1),
        (Code::Power, 1, 2),
        (Code::Power, 0, 2),
        (Code::Sin, 0, 0),
        (Code::Cos, 0, 0),
        (Code::Sin, 1, 1),
        (Code::Cos, 1, 1),
    ] {
        let mut routine = Routine::new();
        for row in 0..ROWS as u32 {
            let arguments = [routine.load(first, row), routine.load(second, row)];
            let value = apply(&mut routine, code, &arguments);
            routine.store(3, row, value);
        }
        check(&routine, &banks, &format!("{code:?}"));
    }
}

/// Rows of every bank in random routines; those from `INPUTS` on are written to.
const ROWS: usize = 300;
const INPUTS: usize = 150;

/// A random routine of `n` applications; `reach` says how far back its arguments go.
fn random_routine(random: &mut Random, n: usize, reach: usize, codes: &[Code]) -> Routine {
    let mut routine = Routine::new();
    let mut values: Vec<Value> = Vec::new();
    let mut written = vec![false; ROWS * BANKS];
    for _ in 0..n {
        match random.below(8) {
            0 => values.push(routine.load(random.below(BANKS) as u8, random.below(INPUTS) as u32)),
            1 if random.below(3) == 0 => values.push(routine.constant(random.between(-2.0, 2.0))),
            2 if !values.is_empty() => {
                let (bank, row) = (random.below(BANKS), INPUTS + random.below(ROWS - INPUTS));
                if !std::mem::replace(&mut written[bank * ROWS + row], true) {
                    routine.store(
                        bank as u8,
                        row as u32,
                        values[values.len() - 1 - random.below(values.len().min(reach))],
                    );
                }
            }
            _ if values.is_empty() => {}
            _ => {
                let code = codes[random.below(codes.len())];
                let arguments =
                    [0; 3].map(|_| values[values.len() - 1 - random.below(values.len().min(reach))]);
                values.push(apply(&mut routine, code, &arguments));
            }
        }
    }
    routine
}

fn random_banks(random: &mut Random) -> Banks {
    std::array::from_fn(|_| (0..ROWS * LANES).map(|_| random.between(-2.0, 2.0)).collect())
}

#[test]
fn random_routines_of_all_codes_give_the_same_bits() {
    let mut random = Random(17);
    for reach in [3, 10, 40, 200, 2000] {
        for round in 0..6 {
            let routine = random_routine(&mut random, 2000, reach, &Code::ALL);
            let banks = random_banks(&mut random);
            check(&routine, &banks, &format!("reach {reach}, round {round}"));
        }
    }
}

#[test]
fn random_arithmetic_with_many_live_values_gives_the_same_bits() {
    const CODES: [Code; 8] = [
        Code::Add,
        Code::Subtract,
        Code::Multiply,
        Code::MultiplyAdd,
        Code::MultiplySubtract,
        Code::SubtractProduct,
        Code::Less,
        Code::Select,
    ];
    let mut random = Random(19);
    for reach in [2, 16, 31, 60, 500] {
        for round in 0..6 {
            let routine = random_routine(&mut random, 3000, reach, &CODES);
            let banks = random_banks(&mut random);
            check(&routine, &banks, &format!("reach {reach}, round {round}"));
        }
    }
}

#[test]
fn chains_of_fused_multiply_adds_give_the_same_bits() {
    let mut random = Random(23);
    let mut routine = Routine::new();
    for row in 0..100 {
        let mut sum = routine.load(0, row);
        for other in 0..40 {
            let (a, b) = (routine.load(1, (row + other) % 150), routine.load(2, other));
            let code = [Code::MultiplyAdd, Code::MultiplySubtract, Code::SubtractProduct][other as usize % 3];
            sum = routine.three(code, a, b, sum);
        }
        routine.store(3, INPUTS as u32 + row, sum);
    }
    check(&routine, &random_banks(&mut random), "chains");
}

/// A place that is written is not read again, whatever was computed from what stood there.
#[test]
fn rows_are_updated_in_place() {
    let mut random = Random(29);
    let mut routine = Routine::new();
    for row in 0..100 {
        let (old, other) = (routine.load(0, row), routine.load(1, row));
        let is_less = routine.two(Code::Less, old, other);
        let new = routine.two(Code::Add, old, other);
        routine.store(0, row, new);
        let chosen = routine.three(Code::Select, is_less, new, other);
        routine.store(2, row, chosen);
        routine.store(3, row, new);
        let constant = routine.constant(f64::from(row));
        routine.store(1, INPUTS as u32 + row, constant);
    }
    check(&routine, &random_banks(&mut random), "in place");
}

#[test]
fn a_routine_may_be_empty_or_useless() {
    let mut random = Random(31);
    let banks = random_banks(&mut random);
    check(&Routine::new(), &banks, "empty");
    let mut routine = Routine::new();
    let a = routine.load(0, 0);
    routine.one(Code::Sin, a);
    check(&routine, &banks, "nothing stored");
    for set in sets() {
        let code = MachineCode::new(&routine, set).expect("this machine has the instructions");
        assert_eq!(code.instructions(), 0, "what is not stored is not computed");
    }
}

#[test]
fn constants_reach_functions_outside() {
    let mut random = Random(37);
    let mut routine = Routine::new();
    for (row, number) in [0.5, -0.25, 1e300].into_iter().enumerate() {
        let number = routine.constant(number);
        let sine = routine.one(Code::Sin, number);
        let sum = routine.two(Code::Add, sine, number);
        routine.store(0, row as u32, sum);
    }
    check(&routine, &random_banks(&mut random), "constants");
}

/// What a sum of products of rows costs: one instruction each, and one to load and to store the sum.
#[test]
fn operands_in_memory_cost_no_instruction() {
    let mut routine = Routine::new();
    let mut sum = routine.load(0, 0);
    for row in 0..50 {
        let (a, b) = (routine.load(1, row), routine.load(2, 0));
        sum = routine.three(Code::MultiplyAdd, a, b, sum);
    }
    routine.store(3, 0, sum);
    for set in sets() {
        let code = MachineCode::new(&routine, set).expect("this machine has the instructions");
        assert_eq!((code.instructions(), code.scratch_rows()), (53, 0), "{set:?}");
    }
}
