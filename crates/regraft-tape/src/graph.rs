//! An expression graph under construction: equal nodes are one node, products are fused into sums.

use rustc_hash::FxHashMap as HashMap;

use crate::code::Code;
use crate::routine::{Instruction, Place, Routine, Value};

/// Number of a node.
pub type Node = u32;

/// What a node is. Arguments are smaller than the node's own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Load(Place),
    /// A number, by its bits.
    Constant(u64),
    Apply(Code, [Node; 3]),
}

/// Expressions over rows of memory.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    kinds: Vec<Kind>,
    index: HashMap<Kind, Node>,
}

impl Graph {
    /// A graph without nodes.
    pub fn new() -> Graph {
        Graph::default()
    }

    /// What stands in a row.
    pub fn load(&mut self, bank: u8, row: u32) -> Node {
        self.push(Kind::Load(Place { bank, row }))
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> Node {
        self.push(Kind::Constant(value.to_bits()))
    }

    /// A code applied to one to three nodes, as many as it takes.
    ///
    /// # Panics
    /// If the number of nodes is not that of the code: a mistake in the calling code.
    pub fn apply(&mut self, code: Code, nodes: &[Node]) -> Node {
        assert_eq!(nodes.len(), code.arity(), "{code:?}");
        let mut arguments = [0; 3];
        arguments[..nodes.len()].copy_from_slice(nodes);
        self.push(Kind::Apply(code, arguments))
    }

    /// a + b; of a product its sum in one rounding once the routine is made.
    pub fn add(&mut self, a: Node, b: Node) -> Node {
        self.apply(Code::Add, &[a, b])
    }

    /// a − b
    pub fn subtract(&mut self, a: Node, b: Node) -> Node {
        self.apply(Code::Subtract, &[a, b])
    }

    /// a · b
    pub fn multiply(&mut self, a: Node, b: Node) -> Node {
        self.apply(Code::Multiply, &[a, b])
    }

    /// a · b + c, rounded once
    pub fn multiply_add(&mut self, a: Node, b: Node, c: Node) -> Node {
        self.apply(Code::MultiplyAdd, &[a, b, c])
    }

    fn push(&mut self, kind: Kind) -> Node {
        let next = self.kinds.len() as Node;
        let node = *self.index.entry(kind).or_insert(next);
        if node == next {
            self.kinds.push(kind);
        }
        node
    }

    /// The routine that computes nodes and writes them to places.
    ///
    /// Nodes of `first` are computed first, in that order, as far as any store needs them; the rest when it is
    /// wanted, in the order of `stores`. A value is stored as soon as it is there and nothing waits for what
    /// stands in its place. A product that is used once, in a sum or a difference, is fused with it.
    pub fn routine(&self, first: &[Node], stores: &[(Place, Node)]) -> Routine {
        let needed = self.needed(stores);
        let mut maker = Maker::new(self, self.fused(&needed, stores), &needed);
        let mut pending = vec![Vec::new(); self.kinds.len()];
        stores.iter().rev().for_each(|&(place, node)| pending[node as usize].push(place));
        for &node in first.iter().filter(|&&node| needed[node as usize]) {
            maker.make(node);
            while let Some(place) = pending[node as usize].pop_if(|place| maker.is_free(*place)) {
                maker.store(place, node);
            }
        }
        for &(place, node) in stores {
            maker.make(node);
            let places = &mut pending[node as usize];
            if let Some(position) = places.iter().position(|&other| other == place) {
                places.remove(position);
                maker.store(place, node);
            }
        }
        maker.routine
    }

    fn arguments(&self, node: Node) -> &[Node] {
        match &self.kinds[node as usize] {
            Kind::Apply(code, nodes) => &nodes[..code.arity()],
            _ => &[],
        }
    }

    fn needed(&self, stores: &[(Place, Node)]) -> Vec<bool> {
        let mut needed = vec![false; self.kinds.len()];
        stores.iter().for_each(|store| needed[store.1 as usize] = true);
        for node in (0..needed.len()).rev().filter(|&node| self.is_apply(node)) {
            if needed[node] {
                self.arguments(node as Node).iter().for_each(|&argument| needed[argument as usize] = true);
            }
        }
        needed
    }

    fn is_apply(&self, node: usize) -> bool {
        matches!(self.kinds[node], Kind::Apply(..))
    }

    /// What each needed node is computed as: sums and differences take in a product that nothing else uses.
    fn fused(&self, needed: &[bool], stores: &[(Place, Node)]) -> Vec<Kind> {
        let mut uses = vec![0u32; self.kinds.len()];
        for node in (0..needed.len()).filter(|&node| needed[node]) {
            self.arguments(node as Node).iter().for_each(|&argument| uses[argument as usize] += 1);
        }
        stores.iter().for_each(|store| uses[store.1 as usize] += 1);
        let product = |node: Node| match self.kinds[node as usize] {
            Kind::Apply(Code::Multiply, [a, b, _]) if uses[node as usize] == 1 => Some((a, b)),
            _ => None,
        };
        let fuse = |kind: &Kind| match *kind {
            Kind::Apply(Code::Add, [a, b, _]) => match (product(a), product(b)) {
                // Of two products the later one: the earlier is ready when it is wanted.
                (Some((x, y)), _) if a > b || product(b).is_none() => {
                    Kind::Apply(Code::MultiplyAdd, [x, y, b])
                }
                (_, Some((x, y))) => Kind::Apply(Code::MultiplyAdd, [x, y, a]),
                _ => *kind,
            },
            Kind::Apply(Code::Subtract, [a, b, _]) => match (product(a), product(b)) {
                (Some((x, y)), _) if a > b || product(b).is_none() => {
                    Kind::Apply(Code::MultiplySubtract, [x, y, b])
                }
                (_, Some((x, y))) => Kind::Apply(Code::SubtractProduct, [x, y, a]),
                _ => *kind,
            },
            _ => *kind,
        };
        self.kinds.iter().map(fuse).collect()
    }
}

/// Writes nodes as instructions, arguments first.
struct Maker<'g> {
    graph: &'g Graph,
    fused: Vec<Kind>,
    values: Vec<Option<Value>>,
    /// Instructions still to come that read what was loaded from a place.
    readers: HashMap<Place, u32>,
    routine: Routine,
}

impl<'g> Maker<'g> {
    fn new(graph: &'g Graph, fused: Vec<Kind>, needed: &[bool]) -> Self {
        let mut maker = Maker {
            graph,
            fused,
            values: vec![None; graph.kinds.len()],
            readers: HashMap::default(),
            routine: Routine::new(),
        };
        for node in (0..needed.len()).filter(|&node| needed[node]) {
            maker.each_read(node as Node, |readers| *readers += 1);
        }
        maker
    }

    /// Does something to the number of readers of each place that a node reads.
    fn each_read(&mut self, node: Node, act: impl Fn(&mut u32)) {
        if let Kind::Apply(code, nodes) = self.fused[node as usize] {
            for &argument in &nodes[..code.arity()] {
                if let Kind::Load(place) = self.fused[argument as usize] {
                    act(self.readers.entry(place).or_default());
                }
            }
        }
    }

    /// Whether nothing waits for what stands in a place.
    fn is_free(&self, place: Place) -> bool {
        self.readers.get(&place).is_none_or(|&readers| readers == 0)
    }

    fn store(&mut self, place: Place, node: Node) {
        let value = self.values[node as usize].expect("it was made before");
        self.routine.store(place.bank, place.row, value);
    }

    /// The value of a node; it and what it needs are computed if they are not yet.
    fn make(&mut self, node: Node) -> Value {
        let mut open = vec![node];
        while let Some(&node) = open.last() {
            if self.values[node as usize].is_some() {
                open.pop();
                continue;
            }
            let before = open.len();
            if let Kind::Apply(code, nodes) = self.fused[node as usize] {
                let missing = |argument: &&Node| self.values[**argument as usize].is_none();
                open.extend(nodes[..code.arity()].iter().filter(missing));
            }
            if open.len() == before {
                self.values[node as usize] = Some(self.write(node));
                open.pop();
            }
        }
        self.values[node as usize].expect("it was just made")
    }

    fn write(&mut self, node: Node) -> Value {
        debug_assert!((node as usize) < self.graph.kinds.len());
        self.each_read(node, |readers| *readers = readers.saturating_sub(1));
        match self.fused[node as usize] {
            Kind::Load(place) => self.routine.load(place.bank, place.row),
            Kind::Constant(bits) => self.routine.constant(f64::from_bits(bits)),
            Kind::Apply(code, nodes) => {
                let value = |node: Node| self.values[node as usize].expect("arguments come first");
                match code.arity() {
                    1 => {
                        let a = value(nodes[0]);
                        self.routine.one(code, a)
                    }
                    2 => {
                        let (a, b) = (value(nodes[0]), value(nodes[1]));
                        self.routine.two(code, a, b)
                    }
                    _ => {
                        let (a, b, c) = (value(nodes[0]), value(nodes[1]), value(nodes[2]));
                        self.routine.three(code, a, b, c)
                    }
                }
            }
        }
    }
}

impl Instruction {
    /// Floating-point operations of one lane: 2 for a fused multiply-add, 30 for eᵃ, 35 for ln, 65 for a power,
    /// 1 for everything else that computes.
    pub fn flops(&self) -> u64 {
        match self {
            Instruction::Apply(Code::MultiplyAdd | Code::MultiplySubtract | Code::SubtractProduct, _) => 2,
            Instruction::Apply(Code::Exp, _) => 30,
            Instruction::Apply(Code::Ln, _) => 35,
            Instruction::Apply(Code::Power, _) => 65,
            Instruction::Apply(..) => 1,
            Instruction::Load(_) | Instruction::Constant(_) | Instruction::Store(..) => 0,
        }
    }
}
