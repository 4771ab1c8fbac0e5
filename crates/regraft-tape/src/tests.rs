//! Routines against the same sums written by hand, on every body, and machine code against the interpreter.

use super::*;

/// Numbers that look random: SplitMix64.
pub(crate) struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e3779b97f4a7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// Uniform on [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / 9007199254740992.0)
    }

    fn number(&mut self) -> f64 {
        self.between(-1.0, 3.0)
    }
}

/// Every engine of this machine.
fn engines() -> Vec<Engine> {
    let bodies = Body::ALL.into_iter().filter(|body| body.is_available());
    bodies.flat_map(|body| [false, true].map(|machine_code| Engine { body, machine_code })).collect()
}

/// Rows of bank 0 that random routines read, and rows of bank 1 that they write.
const INPUTS: u32 = 20;
const OUTPUTS: u32 = 30;

/// A random routine of about `n` codes.
fn random_routine(seed: u64, n: usize) -> Routine {
    let mut random = Random(seed);
    let mut graph = Graph::new();
    let mut nodes: Vec<graph::Node> = (0..INPUTS).map(|row| graph.load(0, row)).collect();
    nodes.push(graph.constant(0.75));
    nodes.push(graph.constant(-2.5));
    for _ in 0..n {
        let code = Code::ALL[random.below(Code::ALL.len())];
        // Sums and products make up most of a model; the more recent a node, the likelier it is used.
        let code = if random.below(4) > 0 {
            [Code::Add, Code::Multiply, Code::Subtract][random.below(3)]
        } else {
            code
        };
        let pick = |random: &mut Random| {
            let back = random.below(nodes.len()).min(random.below(nodes.len()));
            nodes[nodes.len() - 1 - back]
        };
        let arguments: Vec<_> = (0..code.arity()).map(|_| pick(&mut random)).collect();
        nodes.push(graph.apply(code, &arguments));
    }
    let n = nodes.len();
    let stores: Vec<_> =
        (0..OUTPUTS).map(|row| (Place { bank: 1, row }, nodes[n - 1 - random.below(n.min(200))])).collect();
    graph.routine(&[], &stores)
}

fn run_random(routine: &Routine, width: usize, engine: Engine, inputs: &[f64]) -> Vec<u64> {
    let compiled = Compiled::new(routine, width, engine);
    let mut scratch = Rows::new(compiled.scratch_rows(), width);
    let mut input = Rows::new(INPUTS as usize, width);
    let mut out = Rows::new(OUTPUTS as usize, width);
    for row in 0..INPUTS as usize {
        for lane in 0..width {
            input[row * width + lane] = inputs[row * 64 + lane];
        }
    }
    compiled.run([Bank::Read(&input), Bank::Write(&mut out), Bank::None, Bank::None], &mut scratch);
    let mut bits = Vec::new();
    for row in 0..OUTPUTS as usize {
        for lane in 0..width.min(8) {
            let value = out[row * width + lane];
            bits.push(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() });
        }
    }
    bits
}

#[test]
fn every_engine_and_width_gives_the_same_bits() {
    for seed in 0..40 {
        let routine = random_routine(seed, 600);
        let mut random = Random(seed + 1000);
        let inputs: Vec<f64> = (0..INPUTS as usize * 64).map(|_| random.number()).collect();
        let plain = Engine { body: Body::Portable, machine_code: false };
        let expected = run_random(&routine, 8, plain, &inputs);
        for engine in engines() {
            for width in [8, 16, 32, 64] {
                assert!(
                    run_random(&routine, width, engine, &inputs) == expected,
                    "{seed} {engine:?} {width}"
                );
            }
        }
    }
}

#[test]
fn a_product_used_once_is_fused_and_one_used_twice_is_not() {
    let mut graph = Graph::new();
    let (x, y, z) = (graph.load(0, 0), graph.load(0, 1), graph.load(0, 2));
    let product = graph.multiply(x, y);
    let sum = graph.add(product, z);
    let codes = |routine: &Routine| -> Vec<Code> {
        let code = |instruction: &Instruction| match instruction {
            Instruction::Apply(code, _) => Some(*code),
            _ => None,
        };
        routine.instructions().iter().filter_map(code).collect()
    };
    let at = |row| Place { bank: 1, row };
    assert_eq!(codes(&graph.routine(&[], &[(at(0), sum)])), [Code::MultiplyAdd]);
    assert_eq!(codes(&graph.routine(&[], &[(at(0), sum), (at(1), product)])), [Code::Multiply, Code::Add]);
    let difference = graph.subtract(z, product);
    assert_eq!(codes(&graph.routine(&[], &[(at(0), difference)])), [Code::SubtractProduct]);
}

#[test]
fn what_is_loaded_from_a_place_that_is_stored_to_is_the_old_value() {
    let mut graph = Graph::new();
    let (x, y) = (graph.load(1, 0), graph.load(1, 1));
    let (sum, difference) = (graph.add(x, y), graph.subtract(x, y));
    let routine = graph.routine(
        &[sum, difference],
        &[(Place { bank: 1, row: 0 }, sum), (Place { bank: 1, row: 1 }, difference)],
    );
    for engine in engines() {
        let compiled = Compiled::new(&routine, 8, engine);
        let mut memory = Rows::new(2, 8);
        memory[..8].fill(5.0);
        memory[8..].fill(3.0);
        let mut scratch = Rows::new(compiled.scratch_rows(), 8);
        compiled.run([Bank::None, Bank::Write(&mut memory), Bank::None, Bank::None], &mut scratch);
        assert_eq!((memory[0], memory[8]), (8.0, 2.0), "{engine:?}");
    }
}

#[test]
#[should_panic(expected = "is written to")]
fn a_bank_lent_for_reading_is_not_written() {
    let mut graph = Graph::new();
    let one = graph.constant(1.0);
    let routine = graph.routine(&[], &[(Place { bank: 0, row: 0 }, one)]);
    let compiled = Compiled::new(&routine, 1, Engine::best());
    compiled.run([Bank::Read(&[0.0]), Bank::None, Bank::None, Bank::None], &mut []);
}

#[test]
fn rows_near_and_far_are_found_in_every_bank() {
    const ROWS: u32 = 1500;
    let mut graph = Graph::new();
    let mut stores = Vec::new();
    for row in 0..ROWS {
        let far = (row * 7919) % ROWS;
        let (x, y, z) = (graph.load(0, row), graph.load(1, far), graph.load(3, far / 2));
        let power = if row % 97 == 0 { graph.apply(Code::Sin, &[y]) } else { y };
        let product = graph.multiply(power, z);
        let sum = graph.add(x, product);
        stores.push((Place { bank: 2, row: far }, sum));
    }
    let routine = graph.routine(&[], &stores);
    let mut random = Random(5);
    let mut rows = || -> Rows {
        let mut rows = Rows::new(ROWS as usize, 8);
        rows.iter_mut().for_each(|value| *value = random.number());
        rows
    };
    let (x, y, z) = (rows(), rows(), rows());
    let results: Vec<Vec<u64>> = engines()
        .into_iter()
        .map(|engine| {
            let compiled = Compiled::new(&routine, 8, engine);
            let mut scratch = Rows::new(compiled.scratch_rows(), 8);
            let mut out = Rows::new(ROWS as usize, 8);
            let banks = [Bank::Read(&x), Bank::Read(&y), Bank::Write(&mut out), Bank::Read(&z)];
            compiled.run(banks, &mut scratch);
            out.iter().map(|value| value.to_bits()).collect()
        })
        .collect();
    assert!(results.iter().all(|bits| *bits == results[0]));
    assert!(results[0].iter().all(|&bits| bits != 0));
}

#[test]
fn what_is_known_is_followed_and_the_rest_is_as_before() {
    // p (a b + c) + e^z with z = 0 known, and z a beside it.
    let mut graph = Graph::new();
    let (a, b, c) = (graph.load(0, 0), graph.load(0, 1), graph.load(0, 2));
    let (p, z) = (graph.load(0, 3), graph.load(0, 4));
    let product = graph.multiply(a, b);
    let sum = graph.add(product, c);
    let scaled = graph.multiply(p, sum);
    let power = graph.apply(Code::Exp, &[z]);
    let whole = graph.add(scaled, power);
    let lost = graph.multiply(z, a);
    let kept = graph.add(whole, lost);
    let at = |row| Place { bank: 1, row };
    let routine = graph.routine(&[], &[(at(0), kept), (at(1), lost), (at(2), a)]);
    let settled = routine.settle(|place| (place.row == 4).then_some(0.0));
    let stores: Vec<_> = settled.stores().collect();
    assert_eq!(stores, [(at(0), None), (at(1), Some(0.0)), (at(2), None)]);
    let left = settled.routine(|place| place.row == 0);
    let codes = |routine: &Routine| -> Vec<Code> {
        let code = |instruction: &Instruction| match instruction {
            Instruction::Apply(code, _) => Some(*code),
            _ => None,
        };
        routine.instructions().iter().filter_map(code).collect()
    };
    // The fused operations stay what they are.
    assert_eq!(codes(&left), [Code::MultiplyAdd, Code::MultiplyAdd]);
    let run = |routine: &Routine, z: f64| {
        let compiled = Compiled::new(routine, 1, Engine { body: Body::Portable, machine_code: false });
        let (from, mut to) = ([0.1, 0.7, 1.3, 2.9, z], [0.0; 3]);
        let mut scratch = vec![0.0; compiled.scratch_rows()];
        compiled.run([Bank::Read(&from), Bank::Write(&mut to), Bank::None, Bank::None], &mut scratch);
        to[0].to_bits()
    };
    assert_eq!(run(&left, f64::NAN), run(&routine, 0.0));
}

#[test]
fn a_load_is_not_put_off_beyond_a_store_to_its_place() {
    // x + z is read from the place that x then is written over.
    let mut routine = Routine::new();
    let (x, z) = (routine.load(1, 0), routine.load(0, 0));
    let sum = routine.two(Code::Add, x, z);
    let double = routine.two(Code::Add, x, x);
    routine.store(1, 0, double);
    routine.store(1, 1, sum);
    let left = routine.settle(|place| (place.bank == 0).then_some(0.0)).routine(|_| true);
    let kept = left.instructions().iter().filter(|i| matches!(i, Instruction::Apply(Code::Add, _))).count();
    assert_eq!(kept, 2);
}

#[test]
fn a_part_of_a_routine_gives_what_the_whole_gives() {
    let mut random = Random(11);
    let inputs: Vec<f64> = (0..INPUTS as usize * 64).map(|_| random.number()).collect();
    let whole = random_routine(12, 300);
    let part = whole.storing(|place| place.row % 3 == 0);
    assert!(part.instructions().len() < whole.instructions().len());
    let engine = Engine { body: Body::best(), machine_code: false };
    let (all, some) = (run_random(&whole, 8, engine, &inputs), run_random(&part, 8, engine, &inputs));
    let rows = all.chunks(8).zip(some.chunks(8)).enumerate();
    rows.filter(|(row, _)| row % 3 == 0).for_each(|(row, (all, some))| assert_eq!(all, some, "row {row}"));
}
