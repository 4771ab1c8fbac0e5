//! The right-hand side as Python for numba: common sub-expressions shared, small whole powers as products. It is
//! what a careful user would write. In the hoisted form, what depends on parameters alone is moved to a set-up that
//! runs once per patient, as our own engine does.

use std::fmt::Write;

use anyhow::{Result, bail};
use regraft_model::Program;
use regraft_model::program::{Binary, Node, NodeId, Unary};

use super::order::{Needed, whole_exponent};

/// Two functions: `prepare(parameters, p)` and `derivatives(t, u, du, p)`.
pub fn text(program: &Program, hoist: bool) -> Result<String> {
    let needed = if hoist { Needed::of(program) } else { Needed::of(program).all_flowing() };
    let place = Places { program, needed: &needed };
    let mut text = String::from("from math import ceil, cos, exp, floor, log, sin, sqrt, tanh\n\n");
    writeln!(text, "SIZE = {}\n", needed.parameters.len() + needed.hoisted.len())?;
    writeln!(text, "def prepare(parameters, p):")?;
    for (slot, parameter) in needed.parameters.iter().enumerate() {
        writeln!(text, "    p[{slot}] = parameters[{parameter}]")?;
    }
    for node in &needed.hoisted {
        writeln!(text, "    {} = {}", place.of(*node), place.formula(*node)?)?;
    }
    writeln!(text, "\ndef derivatives(t, u, du, p):")?;
    for node in &needed.flowing {
        writeln!(text, "    {} = {}", place.of(*node), place.formula(*node)?)?;
    }
    for (state, node) in program.derivatives.iter().enumerate() {
        writeln!(text, "    du[{state}] = {}", place.of(*node))?;
    }
    Ok(text)
}

/// Where values are found.
struct Places<'a> {
    program: &'a Program,
    needed: &'a Needed,
}

impl Places<'_> {
    /// How a node is called.
    fn of(&self, node: NodeId) -> String {
        match self.program.nodes[node as usize] {
            Node::Constant(value) => format!("({value:?})"),
            Node::Time => "t".into(),
            Node::State(state) => format!("u[{state}]"),
            Node::Parameter(parameter) => {
                let slot = self.needed.parameters.binary_search(&parameter).unwrap_or_default();
                format!("p[{slot}]")
            }
            _ => match self.needed.hoisted.binary_search(&node) {
                Ok(slot) => format!("p[{}]", self.needed.parameters.len() + slot),
                Err(_) => format!("v{node}"),
            },
        }
    }

    /// How a node is computed.
    fn formula(&self, node: NodeId) -> Result<String> {
        let of = |node: NodeId| self.of(node);
        Ok(match self.program.nodes[node as usize] {
            Node::Unary(function, a) => unary(function, &of(a))?,
            Node::Binary(Binary::Power, a, b) => match whole_exponent(self.program, b) {
                Some(power) => vec![of(a); power as usize].join(" * "),
                None => format!("{} ** {}", of(a), of(b)),
            },
            Node::Binary(operator, a, b) => binary(operator, &of(a), &of(b))?,
            Node::Select { condition, then, otherwise } => {
                format!("({} if {} != 0.0 else {})", of(then), of(condition), of(otherwise))
            }
            other => bail!("{other:?} is not computed"),
        })
    }
}

fn unary(function: Unary, a: &str) -> Result<String> {
    Ok(match function {
        Unary::Negate => format!("-{a}"),
        Unary::Absolute => format!("abs({a})"),
        Unary::Exp => format!("exp({a})"),
        Unary::Ln => format!("log({a})"),
        Unary::Sqrt => format!("sqrt({a})"),
        Unary::Sin => format!("sin({a})"),
        Unary::Cos => format!("cos({a})"),
        Unary::Tanh => format!("tanh({a})"),
        Unary::Floor => format!("floor({a})"),
        Unary::Ceil => format!("ceil({a})"),
        other => bail!("{other:?} has no Python text yet"),
    })
}

fn binary(operator: Binary, a: &str, b: &str) -> Result<String> {
    Ok(match operator {
        Binary::Add => format!("{a} + {b}"),
        Binary::Subtract => format!("{a} - {b}"),
        Binary::Multiply => format!("{a} * {b}"),
        Binary::Divide => format!("{a} / {b}"),
        Binary::Min => format!("min({a}, {b})"),
        Binary::Max => format!("max({a}, {b})"),
        Binary::Less => format!("(1.0 if {a} < {b} else 0.0)"),
        Binary::LessEqual => format!("(1.0 if {a} <= {b} else 0.0)"),
        Binary::Greater => format!("(1.0 if {a} > {b} else 0.0)"),
        Binary::GreaterEqual => format!("(1.0 if {a} >= {b} else 0.0)"),
        Binary::Equal => format!("(1.0 if {a} == {b} else 0.0)"),
        Binary::NotEqual => format!("(1.0 if {a} != {b} else 0.0)"),
        Binary::And => format!("(1.0 if {a} != 0.0 and {b} != 0.0 else 0.0)"),
        Binary::Or => format!("(1.0 if {a} != 0.0 or {b} != 0.0 else 0.0)"),
        other => bail!("{other:?} has no Python text yet"),
    })
}
