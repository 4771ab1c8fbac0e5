//! An expression for people: `·` and `−`, small whole powers raised, brackets only where they are needed.

use regraft_model::program::{Binary, Unary};
use regraft_model::syntax::{ExpressionText, TermId, TermText};

use super::text::File;

/// Longest line before it is broken at a sum.
const WIDTH: usize = 96;

/// `left = expression`, broken at the signs of the outermost sum where it is long.
pub fn equation(file: &File, left: &str, value: &ExpressionText) -> String {
    let Some(root) = value.terms.len().checked_sub(1) else { return left.to_string() };
    let printer = Printer { file, value };
    let whole = format!("{left} = {}", printer.print(root as TermId, 0));
    if whole.chars().count() <= WIDTH {
        return whole;
    }
    let mut text = format!("{left} =");
    let indent = " ".repeat(4);
    for (sign, term) in printer.sum(root as TermId) {
        text.push_str(&format!("\n{indent}{sign} {}", printer.print(term, 2)));
    }
    text
}

/// The expression on one line.
pub fn print(file: &File, value: &ExpressionText) -> String {
    let Some(root) = value.terms.len().checked_sub(1) else { return String::new() };
    Printer { file, value }.print(root as TermId, 0)
}

struct Printer<'a> {
    file: &'a File,
    value: &'a ExpressionText,
}

impl Printer<'_> {
    /// The terms of a sum with their signs; a single term where it is none.
    fn sum(&self, term: TermId) -> Vec<(char, TermId)> {
        match &self.value.terms[term as usize].0 {
            TermText::Binary(Binary::Add, left, right) => {
                let mut all = self.sum(*left);
                all.push(('+', *right));
                all
            }
            TermText::Binary(Binary::Subtract, left, right) => {
                let mut all = self.sum(*left);
                all.push(('−', *right));
                all
            }
            _ => vec![(' ', term)],
        }
    }

    /// The term, in brackets where it binds less than `least`.
    fn print(&self, term: TermId, least: u8) -> String {
        let (text, binds) = self.bare(term);
        if binds < least { format!("({text})") } else { text }
    }

    /// The term without brackets, and how strongly it binds.
    fn bare(&self, term: TermId) -> (String, u8) {
        let (what, span) = &self.value.terms[term as usize];
        match what {
            TermText::Number(..) | TermText::Name(_) => (self.file.slice(*span).trim().to_string(), 9),
            TermText::Unary(Unary::Negate, inner) => (format!("−{}", self.print(*inner, 5)), 5),
            TermText::Unary(Unary::Not, inner) => (format!("not {}", self.print(*inner, 5)), 3),
            TermText::Unary(function, inner) => {
                let name = match function {
                    Unary::Absolute => "abs".to_string(),
                    other => format!("{other:?}").to_lowercase(),
                };
                (format!("{name}({})", self.print(*inner, 0)), 9)
            }
            TermText::Binary(operator, left, right) => self.binary(*operator, *left, *right),
            TermText::Call(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(|one| self.print(*one, 0)).collect();
                (format!("{name}({})", arguments.join(", ")), 9)
            }
        }
    }

    fn binary(&self, operator: Binary, left: TermId, right: TermId) -> (String, u8) {
        if operator == Binary::Power {
            return (self.power(left, right), 6);
        }
        let (sign, binds, right_least) = match operator {
            Binary::Add => ("+", 3, 3),
            Binary::Subtract => ("−", 3, 4),
            Binary::Multiply => ("·", 5, 5),
            Binary::Divide => ("/", 5, 6),
            Binary::Less => ("<", 2, 3),
            Binary::LessEqual => ("≤", 2, 3),
            Binary::Greater => (">", 2, 3),
            Binary::GreaterEqual => ("≥", 2, 3),
            Binary::Equal => ("=", 2, 3),
            Binary::NotEqual => ("≠", 2, 3),
            Binary::And => ("and", 1, 2),
            Binary::Or => ("or", 1, 2),
            Binary::Min | Binary::Max | Binary::Modulo | Binary::Power => {
                let name = format!("{operator:?}").to_lowercase();
                return (format!("{name}({}, {})", self.print(left, 0), self.print(right, 0)), 9);
            }
        };
        (format!("{} {sign} {}", self.print(left, binds), self.print(right, right_least)), binds)
    }

    fn power(&self, base: TermId, exponent: TermId) -> String {
        let base = self.print(base, 7);
        match self.print(exponent, 7).as_str() {
            "2" => format!("{base}²"),
            "3" => format!("{base}³"),
            "4" => format!("{base}⁴"),
            other => format!("{base}^{other}"),
        }
    }
}
