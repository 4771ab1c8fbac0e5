//! The routines of a step, from the program's rates and Jacobian.
//!
//! Banks: 0 holds the kernel's slots, 1 the states, 2 what is asked for, 3 the control block of the integrator
//! (its first row is time).

use regraft_model::program::{Binary, JacobianEntry, Node, NodeId, Unary};
use regraft_model::{Found, Program};
use regraft_ode::SparsityPattern;
use regraft_ode::linear::{LuPlan, PIVOT_LIMIT, plan};
use regraft_ode::system::control_row;
use regraft_ode::tableau::STAGES;
use regraft_tape::{Code, Graph, Place, Routine};

use super::compile::{Class, Compiler, whole_exponent};
use super::functions::by_squaring;
use super::rewrite::Rewriter;
use super::risk;

/// Bank of the kernel's slots.
pub(super) const SLOTS: u8 = 0;
/// Bank of the states.
pub(super) const STATES: u8 = 1;
/// Bank of results: k, rates or root functions.
pub(super) const RESULTS: u8 = 2;
/// Bank of the control block.
pub(super) const CONTROL: u8 = 3;

/// Rates, Jacobian and ∂f/∂t, written anew.
pub(super) struct Rates {
    /// dy/dt for the stages and the first step, `[state]`.
    alone: Vec<NodeId>,
    /// dy/dt, `[state]`, together with the Jacobian `[nonzero]` and ∂f/∂t `[state]`.
    together: Vec<NodeId>,
}

impl Rates {
    pub fn new(program: &Program, rewriter: &mut Rewriter) -> Rates {
        let entries = program.jacobian.iter().map(|entry| entry.node);
        let all: Vec<NodeId> = program.derivatives.iter().copied().chain(entries).collect();
        let all: Vec<NodeId> = all.into_iter().chain(program.time_derivatives.iter().copied()).collect();
        Rates { alone: rewriter.rewrite(&program.derivatives), together: rewriter.rewrite(&all) }
    }
}

/// The routines of a step.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub begin: Routine,
    pub stage: Routine,
    pub derivatives: Routine,
    pub roots: Routine,
    /// What was asked for.
    pub outputs: Routine,
    /// Row of slots of the first infusion rate, in the order of the infused states.
    pub input_slot: usize,
    /// Rows of slots of the factors.
    pub factor_slots: std::ops::Range<u32>,
    /// Rows of slots, `[state]`, that only stand in the routines until it is known which states are at rest: 1 where
    /// the pivot of a state counts, else 0. See [`Live`](super::live::Live).
    pub live_slots: std::ops::Range<u32>,
    pub is_autonomous: bool,
}

impl Flow {
    /// Writes the routines. `compiler` is that of the program with the nodes of `rates`.
    pub(super) fn new<'p>(
        program: &'p Program,
        rates: &Rates,
        infused: &[u32],
        outputs: &[Found],
        compiler: &mut Compiler<'p>,
    ) -> Flow {
        let pattern = pattern(program.states.len(), &program.jacobian);
        let plan = LuPlan::new(&pattern);
        let input_slot = compiler.reserve(infused.len());
        let factor_slot = compiler.reserve(plan.n_slots);
        let live_slot = compiler.reserve(program.states.len());
        let by_time = &program.time_derivatives;
        let is_autonomous = by_time.iter().all(|&node| program.nodes[node as usize] == Node::Constant(0.0));
        let mut writer = Writer {
            program,
            risky: risk::risky(program, compiler),
            compiler,
            infused,
            input_slot,
            factor_slot,
            live_slot,
            graph: Graph::new(),
            made: Vec::new(),
        };
        Flow {
            begin: writer.begin(&plan, rates, is_autonomous),
            stage: writer.stage(&plan, rates),
            derivatives: writer.derivatives(rates),
            roots: writer.roots(),
            outputs: writer.outputs(outputs),
            input_slot: input_slot as usize,
            factor_slots: factor_slot..factor_slot + plan.n_slots as u32,
            live_slots: live_slot..live_slot + program.states.len() as u32,
            is_autonomous,
        }
    }
}

struct Writer<'c, 'i, 'p> {
    program: &'p Program,
    /// Whether a node may be no number where the rates are, `[node]`.
    risky: Vec<bool>,
    compiler: &'c mut Compiler<'p>,
    infused: &'i [u32],
    input_slot: u32,
    factor_slot: u32,
    live_slot: u32,
    graph: Graph,
    /// Node of the graph of each node of the program.
    made: Vec<Option<u32>>,
}

/// Many values brought to one by pairs, so that none waits for a long chain of others.
struct Tournament {
    code: Code,
    /// The winner of 2ⁱ values that is still without a partner, `[i]`.
    rounds: Vec<Option<u32>>,
}

impl Tournament {
    fn new(code: Code) -> Tournament {
        Tournament { code, rounds: Vec::new() }
    }

    fn enter(&mut self, graph: &mut Graph, mut value: u32) {
        for round in &mut self.rounds {
            match round.take() {
                Some(other) => value = graph.apply(self.code, &[other, value]),
                None => {
                    *round = Some(value);
                    return;
                }
            }
        }
        self.rounds.push(Some(value));
    }

    fn winner(self, graph: &mut Graph) -> Option<u32> {
        self.rounds.into_iter().flatten().reduce(|a, b| graph.apply(self.code, &[a, b]))
    }
}

type Stores = Vec<(Place, u32)>;

fn at(bank: u8, row: usize) -> Place {
    Place { bank, row: row as u32 }
}

impl Writer<'_, '_, '_> {
    fn clear(&mut self) {
        self.graph = Graph::new();
        self.made = vec![None; self.program.nodes.len()];
    }

    /// Factorization and first stage.
    fn begin(&mut self, plan: &LuPlan, rates: &Rates, is_autonomous: bool) -> Routine {
        self.clear();
        let n = self.program.states.len();
        let (derivatives, rest) = rates.together.split_at(n);
        let (entries, by_time) = rest.split_at(self.program.jacobian.len());
        let mut stores: Stores = Vec::new();
        let mut order = Vec::new();
        let mut right = Vec::with_capacity(n);
        for state in 0..n {
            let mut sum = self.rate(derivatives, state);
            if !is_autonomous {
                let slope = self.slope(by_time[state]);
                stores.push((at(CONTROL, control_row::BY_TIME + state), slope));
                let weight = self.graph.load(CONTROL, control_row::IN_TIME as u32);
                sum = self.graph.multiply_add(weight, slope, sum);
            }
            right.push(sum);
        }
        let factors = self.factorize(plan, entries, &right, &mut stores, &mut order);
        self.solve(plan, &factors, right, &mut stores, &mut order);
        self.graph.routine(&order, &stores)
    }

    /// A later stage.
    fn stage(&mut self, plan: &LuPlan, rates: &Rates) -> Routine {
        self.clear();
        let factors: Vec<u32> =
            (0..plan.n_slots as u32).map(|slot| self.graph.load(SLOTS, self.factor_slot + slot)).collect();
        let mut right = Vec::new();
        for state in 0..self.program.states.len() {
            let before = self.graph.load(RESULTS, (state * STAGES) as u32);
            let rate = self.rate(&rates.alone, state);
            right.push(self.graph.add(before, rate));
        }
        let (mut stores, mut order) = (Vec::new(), Vec::new());
        self.solve(plan, &factors, right, &mut stores, &mut order);
        self.graph.routine(&order, &stores)
    }

    fn derivatives(&mut self, rates: &Rates) -> Routine {
        self.clear();
        let n = self.program.states.len();
        let stores: Stores =
            (0..n).map(|state| (at(RESULTS, state), self.rate(&rates.alone, state))).collect();
        self.graph.routine(&[], &stores)
    }

    fn roots(&mut self) -> Routine {
        self.clear();
        let roots = self.program.events.iter().flat_map(|event| event.roots.iter().copied());
        let stores: Stores =
            roots.enumerate().map(|(row, node)| (at(RESULTS, row), self.node(node))).collect();
        self.graph.routine(&[], &stores)
    }

    fn outputs(&mut self, outputs: &[Found]) -> Routine {
        self.clear();
        let mut stores: Stores = Vec::new();
        for (row, found) in outputs.iter().enumerate() {
            let node = match *found {
                Found::State(state) => self.graph.load(STATES, state),
                Found::Parameter(parameter) => self.graph.load(SLOTS, parameter),
                Found::Observable(index) => self.node(self.program.observable_nodes[index as usize]),
                Found::Event(_) => continue,
            };
            stores.push((at(RESULTS, row), node));
        }
        self.graph.routine(&[], &stores)
    }

    /// dy/dt of a state, infusions included.
    fn rate(&mut self, derivatives: &[NodeId], state: usize) -> u32 {
        let rate = self.node(derivatives[state]);
        match self.infused.iter().position(|&infused| infused as usize == state) {
            Some(input) => {
                let input = self.graph.load(SLOTS, self.input_slot + input as u32);
                self.graph.add(rate, input)
            }
            None => rate,
        }
    }

    /// L, −U and −1/pivots of J − d I, `[slot]`; see [`LuPlan`]. The right-hand side of a row is computed beside its
    /// entries, with which it shares much.
    fn factorize(
        &mut self,
        plan: &LuPlan,
        entries: &[NodeId],
        right: &[u32],
        stores: &mut Stores,
        order: &mut Vec<u32>,
    ) -> Vec<u32> {
        let diagonal = self.graph.load(CONTROL, control_row::DIAGONAL as u32);
        let (zero, minus_one) = (self.graph.constant(0.0), self.graph.constant(-1.0));
        // Smallest |pivot|, and a sum that is not 0 where one is not finite.
        let infinite = self.graph.constant(f64::INFINITY);
        let (mut smallest, mut unsound) = (Tournament::new(Code::Min), Tournament::new(Code::Add));
        let mut factors = vec![zero; plan.n_slots];
        let (mut begin, mut rows) = (0, 0);
        for entry in &plan.entries {
            let mut sum = (entry.source != plan::NONE).then(|| self.slope(entries[entry.source as usize]));
            if entry.finish == plan::Finish::Pivot {
                sum = Some(match sum {
                    Some(sum) => self.graph.subtract(sum, diagonal),
                    None => self.graph.apply(Code::Negate, &[diagonal]),
                });
            }
            for product in &plan.products[begin..entry.products_end as usize] {
                let (left, right) = (factors[product.left as usize], factors[product.right as usize]);
                sum = Some(match sum {
                    Some(sum) => self.graph.multiply_add(left, right, sum),
                    None => self.graph.multiply(left, right),
                });
            }
            begin = entry.products_end as usize;
            let sum = sum.unwrap_or(zero);
            let value = match entry.finish {
                plan::Finish::Keep => sum,
                plan::Finish::Scale(pivot) => self.graph.multiply(sum, factors[pivot as usize]),
                plan::Finish::Pivot => {
                    let state = plan.forward[rows].state;
                    let counts = self.graph.load(SLOTS, self.live_slot + state);
                    let size = self.graph.apply(Code::Absolute, &[sum]);
                    let size = self.graph.apply(Code::Select, &[counts, size, infinite]);
                    smallest.enter(&mut self.graph, size);
                    let counted = self.graph.apply(Code::Select, &[counts, sum, zero]);
                    let nothing = self.graph.subtract(counted, counted);
                    unsound.enter(&mut self.graph, nothing);
                    order.push(right[state as usize]);
                    rows += 1;
                    self.graph.apply(Code::Divide, &[minus_one, sum])
                }
            };
            factors[entry.slot as usize] = value;
            order.push(value);
            stores.push((at(SLOTS, self.factor_slot as usize + entry.slot as usize), value));
        }
        let limit = self.graph.constant(PIVOT_LIMIT);
        let limit = self.graph.multiply(limit, diagonal);
        let smallest = smallest.winner(&mut self.graph).unwrap_or(diagonal);
        let unsound = unsound.winner(&mut self.graph).unwrap_or(zero);
        let smallest = self.graph.add(smallest, unsound);
        let sound = self.graph.apply(Code::Greater, &[smallest, limit]);
        stores.push((at(CONTROL, control_row::SOUND), sound));
        factors
    }

    /// W⁻¹ of the right-hand sides, stored as k.
    fn solve(
        &mut self,
        plan: &LuPlan,
        factors: &[u32],
        mut x: Vec<u32>,
        stores: &mut Stores,
        order: &mut Vec<u32>,
    ) {
        let mut begin = 0;
        for row in &plan.forward {
            let products = &plan.forward_products[begin..row.products_end as usize];
            let sum = self.dot(x[row.state as usize], products, factors, &x);
            x[row.state as usize] = self.graph.multiply(sum, factors[row.pivot as usize]);
            order.push(x[row.state as usize]);
            begin = row.products_end as usize;
        }
        begin = 0;
        for row in &plan.backward {
            let products = &plan.backward_products[begin..row.products_end as usize];
            x[row.state as usize] = self.dot(x[row.state as usize], products, factors, &x);
            order.push(x[row.state as usize]);
            stores.push((at(RESULTS, row.state as usize * STAGES), x[row.state as usize]));
            begin = row.products_end as usize;
        }
    }

    fn dot(&mut self, start: u32, products: &[plan::Product], factors: &[u32], x: &[u32]) -> u32 {
        products.iter().fold(start, |sum, product| {
            self.graph.multiply_add(factors[product.left as usize], x[product.right as usize], sum)
        })
    }

    /// An entry of the Jacobian or of ∂f/∂t; where it is no finite number 0 takes the place of the part that is not.
    ///
    /// Always, not only after a step has failed: the bits of a lane must not depend on the others.
    fn slope(&mut self, node: NodeId) -> u32 {
        let is_risky = |node: NodeId| self.risky[node as usize];
        let is_live = |node: NodeId| self.compiler.class(node) == Class::Live;
        match self.program.nodes[node as usize] {
            _ if !is_risky(node) => self.node(node),
            Node::Unary(Unary::Negate, a) => {
                let a = self.slope(a);
                self.graph.apply(Code::Negate, &[a])
            }
            // The coefficient stays outside, so that a product can still be fused with a sum.
            Node::Binary(Binary::Multiply, a, b) if !is_live(a) || !is_live(b) => {
                let (coefficient, live) = if is_live(b) { (a, b) } else { (b, a) };
                let (coefficient, live) = (self.node(coefficient), self.slope(live));
                self.graph.multiply(coefficient, live)
            }
            Node::Binary(sum @ (Binary::Add | Binary::Subtract), a, b) if !is_risky(a) || !is_risky(b) => {
                let (a, b) = (self.slope(a), self.slope(b));
                self.graph.apply(binary_code(sum), &[a, b])
            }
            _ => {
                let value = self.node(node);
                self.graph.apply(Code::FiniteOrZero, &[value])
            }
        }
    }

    /// A node of the program as a node of the graph.
    fn node(&mut self, root: NodeId) -> u32 {
        let mut open = vec![root];
        while let Some(&node) = open.last() {
            if self.made[node as usize].is_some() {
                open.pop();
                continue;
            }
            let missing: Vec<NodeId> = self.missing(node);
            if missing.is_empty() {
                self.made[node as usize] = Some(self.write(node));
                open.pop();
            } else {
                open.extend(missing);
            }
        }
        self.made[root as usize].expect("it was just made")
    }

    /// What a live node needs and is not there yet.
    fn missing(&self, node: NodeId) -> Vec<NodeId> {
        if self.compiler.class(node) != Class::Live {
            return Vec::new();
        }
        let operands = super::compile::operands(&self.program.nodes[node as usize]);
        operands.into_iter().flatten().filter(|&operand| self.made[operand as usize].is_none()).collect()
    }

    fn write(&mut self, node: NodeId) -> u32 {
        let of = |operand: NodeId| self.made[operand as usize].expect("operands come first");
        match self.program.nodes[node as usize] {
            Node::Constant(value) => self.graph.constant(value),
            Node::State(state) => self.graph.load(STATES, state),
            Node::Time => self.graph.load(CONTROL, control_row::TIME as u32),
            _ if self.compiler.class(node) <= Class::Setup => {
                let slot = self.compiler.setup_slot(node);
                self.graph.load(SLOTS, slot)
            }
            Node::Unary(function, a) => self.graph.apply(unary_code(function), &[of(a)]),
            Node::Binary(Binary::Power, a, b) => match whole_exponent(&self.program.nodes[b as usize]) {
                Some(power) => self.whole_power(of(a), power),
                None => self.graph.apply(Code::Power, &[of(a), of(b)]),
            },
            Node::Binary(function, a, b) => self.graph.apply(binary_code(function), &[of(a), of(b)]),
            Node::Select { condition, then, otherwise } => {
                self.graph.apply(Code::Select, &[of(condition), of(then), of(otherwise)])
            }
            Node::Parameter(_) | Node::Draw { .. } => unreachable!("neither is live"),
        }
    }

    /// aᵏ by repeated squaring, as [`functions::whole_power`](super::functions::whole_power).
    fn whole_power(&mut self, a: u32, power: i32) -> u32 {
        let result = by_squaring(a, power.unsigned_abs(), |a, b| self.graph.multiply(a, b));
        let one = self.graph.constant(1.0);
        let result = result.unwrap_or(one);
        if power < 0 { self.graph.apply(Code::Divide, &[one, result]) } else { result }
    }
}

fn unary_code(function: Unary) -> Code {
    match function {
        Unary::Negate => Code::Negate,
        Unary::Absolute => Code::Absolute,
        Unary::Exp => Code::Exp,
        Unary::Ln => Code::Ln,
        Unary::Sqrt => Code::SquareRoot,
        Unary::Sin => Code::Sin,
        Unary::Cos => Code::Cos,
        Unary::Tan => Code::Tan,
        Unary::Asin => Code::Asin,
        Unary::Acos => Code::Acos,
        Unary::Atan => Code::Atan,
        Unary::Sinh => Code::Sinh,
        Unary::Cosh => Code::Cosh,
        Unary::Tanh => Code::Tanh,
        Unary::Floor => Code::Floor,
        Unary::Ceil => Code::Ceil,
        Unary::Factorial => Code::Factorial,
        Unary::Not => Code::Not,
    }
}

fn binary_code(function: Binary) -> Code {
    match function {
        Binary::Add => Code::Add,
        Binary::Subtract => Code::Subtract,
        Binary::Multiply => Code::Multiply,
        Binary::Divide => Code::Divide,
        Binary::Power => Code::Power,
        Binary::Min => Code::Min,
        Binary::Max => Code::Max,
        Binary::Modulo => Code::Modulo,
        Binary::Less => Code::Less,
        Binary::LessEqual => Code::LessEqual,
        Binary::Greater => Code::Greater,
        Binary::GreaterEqual => Code::GreaterEqual,
        Binary::Equal => Code::Equal,
        Binary::NotEqual => Code::NotEqual,
        Binary::And => Code::And,
        Binary::Or => Code::Or,
    }
}

fn pattern(n: usize, jacobian: &[JacobianEntry]) -> SparsityPattern {
    SparsityPattern {
        n,
        rows: jacobian.iter().map(|entry| entry.row).collect(),
        columns: jacobian.iter().map(|entry| entry.column).collect(),
    }
}
