//! The model in DiffSL, the language of diffsol: common sub-expressions shared, small whole powers as products.
//!
//! Inputs are the parameters that are read, in the order of [`Needed::parameters`]. A parameter that a dose sets is
//! a state with derivative 0, after the model's own states, because inputs are fixed during an integration.
//!
//! A power whose exponent is the same small whole number in all patients is a product too, though it is a parameter:
//! the derivative of DiffSL's `pow` has ln of the base in it, which is no number for a base of -1e-20, times a 0.

use std::fmt::Write;

use anyhow::{Result, bail};
use regraft_model::Program;
use regraft_model::program::{Binary, Node, NodeId, Unary};

use super::order::{Needed, small_whole, whole_exponent};

/// The text; `set` are the parameters that doses set, `alike` the values of those that are the same in all patients,
/// `[parameter]`.
pub fn text(program: &Program, set: &[u32], alike: &[Option<f64>]) -> Result<String> {
    let needed = Needed::of(program).all_flowing();
    let place = Places { program, needed: &needed, set, alike };
    let n_states = program.states.len() + set.len();
    let list = |name: &str, n: usize| {
        (0..n).map(|index| format!("{name}{index} = 0")).collect::<Vec<_>>().join(",\n  ")
    };
    let mut text = format!("in_i {{\n  {}\n}}\n", list("p", needed.parameters.len()));
    writeln!(text, "u_i {{\n  {}\n}}", list("x", n_states))?;
    for node in &needed.flowing {
        writeln!(text, "v{node} {{ {} }}", place.formula(*node)?)?;
    }
    let own = program.derivatives.iter().map(|node| place.of(*node));
    let derivatives: Vec<String> = own.chain(set.iter().map(|_| "0".to_string())).collect();
    writeln!(text, "F_i {{\n  {}\n}}", derivatives.join(",\n  "))?;
    Ok(text)
}

/// Where values are found.
struct Places<'a> {
    program: &'a Program,
    needed: &'a Needed,
    set: &'a [u32],
    alike: &'a [Option<f64>],
}

impl Places<'_> {
    /// How a node is called.
    fn of(&self, node: NodeId) -> String {
        match self.program.nodes[node as usize] {
            Node::Constant(value) => format!("({value:?})"),
            Node::Time => "t".into(),
            Node::State(state) => format!("x{state}"),
            Node::Parameter(parameter) => match self.set.iter().position(|other| *other == parameter) {
                Some(index) => format!("x{}", self.program.states.len() + index),
                None => format!("p{}", self.needed.parameters.binary_search(&parameter).unwrap_or_default()),
            },
            _ => format!("v{node}"),
        }
    }

    /// The exponent, if it is a small whole number in all patients throughout.
    fn whole_exponent(&self, node: NodeId) -> Option<i32> {
        let of_parameter = || match self.program.nodes[node as usize] {
            Node::Parameter(parameter) if !self.set.contains(&parameter) => {
                self.alike[parameter as usize].and_then(small_whole)
            }
            _ => None,
        };
        whole_exponent(self.program, node).or_else(of_parameter)
    }

    /// How a node is computed.
    fn formula(&self, node: NodeId) -> Result<String> {
        let of = |node: NodeId| self.of(node);
        Ok(match self.program.nodes[node as usize] {
            Node::Unary(Unary::Negate, a) => format!("-{}", of(a)),
            Node::Unary(Unary::Exp, a) => format!("exp({})", of(a)),
            Node::Unary(Unary::Ln, a) => format!("log({})", of(a)),
            Node::Unary(Unary::Sqrt, a) => format!("sqrt({})", of(a)),
            Node::Unary(Unary::Sin, a) => format!("sin({})", of(a)),
            Node::Unary(Unary::Cos, a) => format!("cos({})", of(a)),
            Node::Unary(Unary::Absolute, a) => format!("abs({})", of(a)),
            Node::Binary(Binary::Power, a, b) => match self.whole_exponent(b) {
                Some(power) => vec![of(a); power as usize].join(" * "),
                None => format!("pow({}, {})", of(a), of(b)),
            },
            Node::Binary(Binary::Add, a, b) => format!("{} + {}", of(a), of(b)),
            Node::Binary(Binary::Subtract, a, b) => format!("{} - {}", of(a), of(b)),
            Node::Binary(Binary::Multiply, a, b) => format!("{} * {}", of(a), of(b)),
            Node::Binary(Binary::Divide, a, b) => format!("{} / {}", of(a), of(b)),
            Node::Binary(Binary::Min, a, b) => format!("min({}, {})", of(a), of(b)),
            Node::Binary(Binary::Max, a, b) => format!("max({}, {})", of(a), of(b)),
            Node::Binary(Binary::Less, a, b) => format!("1 - heaviside({} - {})", of(a), of(b)),
            Node::Binary(Binary::LessEqual, a, b) => format!("heaviside({} - {})", of(b), of(a)),
            Node::Binary(Binary::Greater, a, b) => format!("1 - heaviside({} - {})", of(b), of(a)),
            Node::Binary(Binary::GreaterEqual, a, b) => format!("heaviside({} - {})", of(a), of(b)),
            // A condition is 0 or 1.
            Node::Select { condition, then, otherwise } => {
                let [condition, then, otherwise] = [condition, then, otherwise].map(of);
                format!("{condition} * {then} + (1 - {condition}) * {otherwise}")
            }
            other => bail!("{other:?} has no DiffSL text"),
        })
    }
}
