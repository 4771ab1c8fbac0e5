//! Order of things that need each other.

/// An order in which everything stands behind what it needs, and the cycles that prevent one.
///
/// `needs[i]` lists what `i` needs. Members of a cycle appear in the order at some place.
/// Each cycle is given as the chain `a, b, …` in which each needs the next and the last
/// needs the first.
pub fn topological(needs: &[Vec<usize>]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut walk =
        Walk { needs, state: vec![State::New; needs.len()], order: Vec::new(), cycles: Vec::new() };
    for start in 0..needs.len() {
        walk.visit(start);
    }
    (walk.order, walk.cycles)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

struct Walk<'a> {
    needs: &'a [Vec<usize>],
    state: Vec<State>,
    order: Vec<usize>,
    cycles: Vec<Vec<usize>>,
}

impl Walk<'_> {
    /// Depth first with its own stack: a chain of rules may be longer than the call stack.
    fn visit(&mut self, start: usize) {
        if self.state[start] != State::New {
            return;
        }
        let mut path = vec![(start, 0)];
        self.state[start] = State::Open;
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(need) = self.needs[node].get(*next).copied() else {
                self.state[node] = State::Done;
                self.order.push(node);
                path.pop();
                continue;
            };
            *next += 1;
            match self.state[need] {
                State::New => {
                    self.state[need] = State::Open;
                    path.push((need, 0));
                }
                State::Open => {
                    let first = path
                        .iter()
                        .position(|(other, _)| *other == need)
                        .expect("an open node is on the path");
                    self.cycles.push(path[first..].iter().map(|(other, _)| *other).collect());
                }
                State::Done => {}
            }
        }
    }
}
