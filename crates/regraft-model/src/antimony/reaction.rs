//! Reactions (`J: 2 A + $B -> C; k*A*B`) and events (`E: at A > 3: A = 0`).

use super::parser::{Parser, Read};
use super::token::Token;
use crate::code;
use crate::diag::Diagnostic;
use crate::syntax::{EventText, ExpressionText, Name, ParticipantText, Statement, TermText};

impl Parser<'_> {
    /// A reaction; the cursor stands behind its name, if it has one.
    pub(super) fn reaction(&mut self, name: Option<Name>) -> Read<Statement> {
        if matches!(self.peek(), Token::Number(_)) && matches!(self.ahead(1), Token::Sign("=")) {
            let problem = "algebraic rules are not supported";
            let problem = Diagnostic::error(code::UNSUPPORTED, self.span(), problem);
            return self.fail(problem.with_help("solve it for one quantity and write `name := …`"));
        }
        let reactants = self.side()?;
        let span = self.span();
        if self.is("-|") || self.is("-") {
            let problem = Diagnostic::error(code::UNSUPPORTED, span, "interaction arrows are not supported");
            return self.fail(problem.with_help("a modifier needs no declaration: use its name in the rate"));
        }
        if !(self.eat("->") || self.eat("=>")) {
            return self.unexpected("`->` or `=>`");
        }
        let products = self.side()?;
        let rate = if self.eat(";") && self.rate_follows() { Some(self.rate()?) } else { None };
        Ok(Statement::Reaction { name, span, reactants, products, rate })
    }

    fn rate(&mut self) -> Read<ExpressionText> {
        self.skip_lines();
        let rate = self.expression()?;
        if self.eat_word("in") {
            let span = self.last_span();
            return self.fail(Diagnostic::error(
                code::UNSUPPORTED,
                span,
                "`in` behind a reaction is not supported",
            ));
        }
        Ok(rate)
    }

    /// Whether what comes next is a rate and not the next statement.
    fn rate_follows(&mut self) -> bool {
        let mark = self.mark();
        self.skip_lines();
        let follows = !matches!(self.peek(), Token::End | Token::Sign(";" | "$" | "->" | "=>"))
            && !self.statement_starts();
        self.go_back(mark);
        follows
    }

    /// Whether the next tokens can only be the beginning of a statement.
    fn statement_starts(&mut self) -> bool {
        const WORDS: [&str; 12] = [
            "end",
            "species",
            "compartment",
            "const",
            "var",
            "unit",
            "at",
            "substanceOnly",
            "model",
            "module",
            "function",
            "import",
        ];
        let Token::Name(word) = self.peek().clone() else { return false };
        match self.ahead(1) {
            Token::Sign(sign) => matches!(*sign, "=" | ":=" | "'" | ":" | "->" | "=>"),
            Token::Name(_) | Token::Text(_) => true,
            _ => WORDS.contains(&word.as_str()),
        }
    }

    /// One side of a reaction: participants joined by `+`; may be empty.
    fn side(&mut self) -> Read<Vec<ParticipantText>> {
        let mut participants = Vec::new();
        if !matches!(self.peek(), Token::Name(_) | Token::Number(_) | Token::Sign("$")) {
            return Ok(participants);
        }
        loop {
            participants.push(self.participant()?);
            if !self.eat("+") {
                return Ok(participants);
            }
            self.skip_lines();
        }
    }

    fn participant(&mut self) -> Read<ParticipantText> {
        let span = self.span();
        let stoichiometry = match self.peek().clone() {
            Token::Number(value) => Some((TermText::Number(value, None), span)),
            Token::Name(name) if matches!(self.ahead(1), Token::Name(_) | Token::Sign("$")) => {
                Some((TermText::Name(name), span))
            }
            _ => None,
        };
        if stoichiometry.is_some() {
            self.next();
        }
        let boundary = self.eat("$");
        let species = self.name("the name of a species")?;
        Ok(ParticipantText { stoichiometry, boundary, species })
    }

    /// An event; the cursor stands on `at`.
    pub(super) fn event(&mut self, name: Option<Name>) -> Read<Statement> {
        let span = self.span();
        self.next();
        let mut event = EventText { trigger: self.expression()?, ..EventText::default() };
        if self.eat_word("after") {
            let trigger = self.expression()?;
            event.delay = Some(std::mem::replace(&mut event.trigger, trigger));
        }
        while self.eat(",") {
            self.skip_lines();
            self.event_option(&mut event)?;
        }
        self.expect(":")?;
        loop {
            self.skip_lines();
            if event.assignments.is_empty() && matches!(self.peek(), Token::Sign(";") | Token::End) {
                break;
            }
            let target = self.name("the quantity that the event assigns")?;
            self.expect("=")?;
            self.skip_lines();
            event.assignments.push((target, self.expression()?));
            if !self.eat(",") {
                break;
            }
        }
        Ok(Statement::Event { name, span, event: Box::new(event) })
    }

    fn event_option(&mut self, event: &mut EventText) -> Read<()> {
        let option = self.name("`priority`, `t0`, `persistent` or `fromTrigger`")?;
        self.expect("=")?;
        match option.text.as_str() {
            "priority" => event.priority = Some(self.expression()?),
            "t0" => event.true_before_start = Some(self.truth()?),
            "persistent" => event.persistent = Some(self.truth()?),
            "fromTrigger" => event.from_trigger = Some(self.truth()?),
            other => {
                let message = format!("unknown event option `{other}`");
                let problem = Diagnostic::error(code::UNSUPPORTED, option.span, message);
                return self.fail(problem.with_help("known here: priority, t0, persistent, fromTrigger"));
            }
        }
        Ok(())
    }

    fn truth(&mut self) -> Read<bool> {
        let value = match self.peek() {
            Token::Name(word) if word == "true" => true,
            Token::Name(word) if word == "false" => false,
            Token::Number(1.0) => true,
            Token::Number(0.0) => false,
            _ => return self.unexpected("`true` or `false`"),
        };
        self.next();
        Ok(value)
    }
}
