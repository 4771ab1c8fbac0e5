//! Expressions: precedence climbing into a flat post-order list.
//!
//! From loose to tight: `&& ||`, comparisons, `+ -`, `* / %`, sign and `!`, `^`.
//! `^` groups to the right and binds tighter than the sign, as in SBML Level 3 infix.

use super::parser::{Parser, Read};
use super::token::Token;
use crate::code;
use crate::diag::Diagnostic;
use crate::program::{Binary, Unary};
use crate::source::Span;
use crate::syntax::{ExpressionText, Name, TermId, TermText};

/// Deepest nesting of parentheses, calls, signs and powers.
const MAX_DEPTH: usize = 256;
/// Most nodes in one expression.
const MAX_TERMS: usize = 1 << 20;

/// Levels of the operators of two operands, loose to tight.
const LOGIC: usize = 0;
const COMPARISON: usize = 1;
const PRODUCT: usize = 3;

impl Parser<'_> {
    /// An expression at the cursor.
    pub(super) fn expression(&mut self) -> Read<ExpressionText> {
        let mut text = ExpressionText::default();
        self.depth = 0;
        self.level(LOGIC, &mut text)?;
        Ok(text)
    }

    /// A chain of operators of `level`, read from left to right.
    fn level(&mut self, level: usize, text: &mut ExpressionText) -> Read<(TermId, Span)> {
        if level > PRODUCT {
            return self.signed(text);
        }
        let mut left = self.level(level + 1, text)?;
        let mut before: Option<Binary> = None;
        while let Some(operator) = self.operator(level) {
            self.check_chain(level, before, operator)?;
            self.next();
            self.skip_lines();
            let right = self.level(level + 1, text)?;
            left = self.push(text, TermText::Binary(operator, left.0, right.0), left.1.to(right.1))?;
            before = Some(operator);
        }
        Ok(left)
    }

    fn operator(&mut self, level: usize) -> Option<Binary> {
        let Token::Sign(sign) = self.peek() else { return None };
        let (at, operator) = match *sign {
            "&&" => (LOGIC, Binary::And),
            "||" => (LOGIC, Binary::Or),
            "<" => (COMPARISON, Binary::Less),
            "<=" => (COMPARISON, Binary::LessEqual),
            ">" => (COMPARISON, Binary::Greater),
            ">=" => (COMPARISON, Binary::GreaterEqual),
            "==" => (COMPARISON, Binary::Equal),
            "!=" => (COMPARISON, Binary::NotEqual),
            "+" => (2, Binary::Add),
            "-" => (2, Binary::Subtract),
            "*" => (PRODUCT, Binary::Multiply),
            "/" => (PRODUCT, Binary::Divide),
            "%" => (PRODUCT, Binary::Modulo),
            _ => return None,
        };
        (at == level).then_some(operator)
    }

    /// Refuses `a < b < c`, warns of `a && b || c`: both are read differently by different people.
    fn check_chain(&mut self, level: usize, before: Option<Binary>, operator: Binary) -> Read<()> {
        let span = self.span();
        match before {
            Some(_) if level == COMPARISON => {
                let problem =
                    Diagnostic::error(code::UNSUPPORTED, span, "chained comparison is not supported");
                self.fail(problem.with_help("write `a < b && b < c`"))
            }
            Some(other) if level == LOGIC && other != operator => {
                let message = "`&&` and `||` without parentheses are read from left to right";
                self.note(Diagnostic::warning(code::MIXED_LOGIC, span, message));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn signed(&mut self, text: &mut ExpressionText) -> Read<(TermId, Span)> {
        let span = self.span();
        let operator = match self.peek() {
            Token::Sign("-") => Some(Unary::Negate),
            Token::Sign("!") => Some(Unary::Not),
            Token::Sign("+") => None,
            _ => return self.power(text),
        };
        self.next();
        self.deeper(span)?;
        let operand = self.signed(text)?;
        self.depth -= 1;
        match operator {
            Some(operator) => self.push(text, TermText::Unary(operator, operand.0), span.to(operand.1)),
            None => Ok(operand),
        }
    }

    fn power(&mut self, text: &mut ExpressionText) -> Read<(TermId, Span)> {
        let base = self.primary(text)?;
        if !(self.is("^") || self.is("**")) {
            return Ok(base);
        }
        let span = self.span();
        self.next();
        self.skip_lines();
        self.deeper(span)?;
        let exponent = self.signed(text)?;
        self.depth -= 1;
        self.push(text, TermText::Binary(Binary::Power, base.0, exponent.0), base.1.to(exponent.1))
    }

    fn primary(&mut self, text: &mut ExpressionText) -> Read<(TermId, Span)> {
        let span = self.span();
        match self.peek().clone() {
            Token::Number(value) => self.number(value, text),
            Token::Name(name) => {
                self.next();
                if self.is("(") {
                    self.call(name, span, text)
                } else {
                    self.push(text, TermText::Name(name), span)
                }
            }
            Token::Sign("(") => self.group(text),
            Token::Sign("{") => {
                let problem = Diagnostic::error(code::UNSUPPORTED, span, "vectors `{…}` are not supported");
                self.fail(problem)
            }
            _ => self.unexpected("a number, a name or `(`"),
        }
    }

    /// A number and the unit behind it, as in `5 mL`.
    fn number(&mut self, value: f64, text: &mut ExpressionText) -> Read<(TermId, Span)> {
        let span = self.span();
        self.next();
        let reserved = ["after", "is", "has", "in", "end", "at"];
        let named = self.open == 0 || !matches!(self.ahead(0), Token::Newline);
        let unit = match self.peek().clone() {
            Token::Name(unit) if named && !reserved.contains(&unit.as_str()) => {
                let unit = Name { text: unit, span: self.span() };
                self.next();
                Some(unit)
            }
            _ => None,
        };
        let whole = unit.as_ref().map_or(span, |unit| span.to(unit.span));
        self.push(text, TermText::Number(value, unit), whole)
    }

    fn group(&mut self, text: &mut ExpressionText) -> Read<(TermId, Span)> {
        let start = self.span();
        self.deeper(start)?;
        self.next();
        self.open += 1;
        let inner = self.level(LOGIC, text)?;
        self.close()?;
        self.depth -= 1;
        let whole = start.to(self.last_span());
        text.terms[inner.0 as usize].1 = whole;
        Ok((inner.0, whole))
    }

    fn call(&mut self, name: String, start: Span, text: &mut ExpressionText) -> Read<(TermId, Span)> {
        self.deeper(start)?;
        self.next();
        self.open += 1;
        let mut arguments = Vec::new();
        while !self.is(")") {
            arguments.push(self.level(LOGIC, text)?.0);
            if !self.eat(",") {
                break;
            }
        }
        self.close()?;
        self.depth -= 1;
        let whole = start.to(self.last_span());
        self.push(text, TermText::Call(name, arguments), whole)
    }

    /// The closing parenthesis; from here on a line may end a statement again.
    fn close(&mut self) -> Read<()> {
        if !self.is(")") {
            return self.unexpected("an operator or `)`");
        }
        self.next();
        self.open -= 1;
        Ok(())
    }

    fn deeper(&mut self, span: Span) -> Read<()> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        let message = format!("the expression is nested more than {MAX_DEPTH} deep");
        self.fail(Diagnostic::error(code::LIMIT, span, message))
    }

    fn push(&mut self, text: &mut ExpressionText, term: TermText, span: Span) -> Read<(TermId, Span)> {
        if text.terms.len() >= MAX_TERMS {
            let message = format!("the expression has more than {MAX_TERMS} terms");
            return self.fail(Diagnostic::error(code::LIMIT, span, message));
        }
        text.terms.push((term, span));
        Ok((text.terms.len() as TermId - 1, span))
    }
}
