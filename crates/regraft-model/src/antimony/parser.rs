//! The cursor over the tokens, and the outermost layer: imports, models, functions.

use super::token::{Placed, Token};
use crate::code;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::{ExpressionText, FileText, FunctionText, ModelText, Name};

/// A statement could not be read; the problem has been noted.
#[derive(Debug)]
pub(super) struct Failed;

/// A part of a statement, or the news that it could not be read.
pub(super) type Read<T> = Result<T, Failed>;

/// Most problems that are noted for one text.
const MAX_PROBLEMS: usize = 1000;

/// Reads tokens in order.
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    at: usize,
    /// Open parentheses: inside, the end of a line is only space.
    pub(super) open: usize,
    /// Nesting of the expression being read.
    pub(super) depth: usize,
    problems: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, tokens: Vec<Placed>, problems: Vec<Diagnostic>) -> Self {
        Parser { text, tokens, at: 0, open: 0, depth: 0, problems }
    }

    /// A whole text.
    pub(super) fn file(mut self) -> (FileText, Vec<Diagnostic>) {
        let mut file = FileText::default();
        loop {
            self.skip_ends();
            if *self.peek() == Token::End {
                return (file, self.problems);
            }
            if self.outermost(&mut file).is_err() {
                self.recover();
            }
        }
    }

    /// An expression and nothing else.
    pub(super) fn only_expression(mut self) -> (ExpressionText, Vec<Diagnostic>) {
        self.open = 1; // A card may break its lines anywhere.
        let read = self.expression();
        self.open = 1;
        let value = match read {
            Ok(value) if *self.peek() == Token::End => value,
            Ok(_) => {
                self.unexpected::<()>("the end of the expression").ok();
                ExpressionText::default()
            }
            Err(Failed) => ExpressionText::default(),
        };
        (value, self.problems)
    }

    fn outermost(&mut self, file: &mut FileText) -> Read<()> {
        let word = self.peek_name().map(str::to_string);
        match word.as_deref() {
            Some("model" | "module") if self.name_follows() => {
                let model = self.model()?;
                file.models.push(model);
                Ok(())
            }
            Some("function") if self.name_follows() => {
                let function = self.function()?;
                file.functions.push(function);
                Ok(())
            }
            Some("import") => self.import(file),
            Some("end") => self.unexpected("a model, function, import or statement"),
            _ => self.statement(&mut file.loose),
        }
    }

    fn import(&mut self, file: &mut FileText) -> Read<()> {
        self.next();
        let span = self.span();
        let Token::Text(path) = self.peek().clone() else {
            return self.unexpected("the path of a text in quotes");
        };
        self.next();
        file.imports.push(Name { text: path, span });
        self.end_of_statement()
    }

    /// `model *name(a, b) … end`. A header that cannot be read costs only the header.
    fn model(&mut self) -> Read<ModelText> {
        self.next();
        let main = self.eat("*");
        let name = self.name("the name of the model")?;
        let interface = match self.interface() {
            Ok(interface) => interface,
            Err(Failed) => {
                self.recover();
                Vec::new()
            }
        };
        let mut model = ModelText { name, main, interface, statements: Vec::new() };
        while !self.model_ends(&model.name) {
            if self.statement(&mut model.statements).is_err() {
                self.recover();
            }
        }
        Ok(model)
    }

    fn model_ends(&mut self, name: &Name) -> bool {
        self.skip_ends();
        let next_model =
            matches!(self.peek_name(), Some("model" | "module" | "function")) && self.name_follows();
        if self.peek_name() == Some("end") {
            self.next();
            return true;
        }
        if *self.peek() == Token::End || next_model {
            let message = format!("model `{}` has no `end`", name.text);
            self.note(Diagnostic::error(code::UNTERMINATED, name.span, message));
            return true;
        }
        false
    }

    fn interface(&mut self) -> Read<Vec<Name>> {
        if !self.eat("(") {
            return Ok(Vec::new());
        }
        self.open += 1;
        let names = self.names(")", "the name of an argument");
        self.open -= 1;
        let names = names?;
        self.expect(")")?;
        Ok(names)
    }

    /// Names separated by commas up to (not including) `close`.
    pub(super) fn names(&mut self, close: &str, what: &str) -> Read<Vec<Name>> {
        let mut names = Vec::new();
        while !self.is(close) {
            names.push(self.name(what)?);
            if !self.eat(",") {
                break;
            }
        }
        Ok(names)
    }

    /// `function f(x, y) expression; end`.
    fn function(&mut self) -> Read<FunctionText> {
        self.next();
        let name = self.name("the name of the function")?;
        let arguments = self.interface()?;
        self.skip_ends();
        let body = self.expression()?;
        self.skip_ends();
        if self.peek_name() == Some("end") {
            self.next();
        } else {
            let message = format!("function `{}` has no `end`", name.text);
            self.note(Diagnostic::error(code::UNTERMINATED, name.span, message));
        }
        Ok(FunctionText { name, arguments, body })
    }

    /// Skips to the next statement after one that could not be read.
    fn recover(&mut self) {
        self.open = 0;
        self.depth = 0;
        while !matches!(self.peek(), Token::Newline | Token::End | Token::Sign(";")) {
            self.at += 1;
        }
    }

    /// Accepts `;`, the end of a line, the end of the text or a coming `end`.
    pub(super) fn end_of_statement(&mut self) -> Read<()> {
        match self.peek() {
            Token::Newline | Token::Sign(";") => {
                self.next();
                Ok(())
            }
            Token::End => Ok(()),
            Token::Name(word) if word == "end" => Ok(()),
            _ => self.unexpected("`;` or the end of the line"),
        }
    }

    pub(super) fn skip_ends(&mut self) {
        while matches!(self.peek(), Token::Newline | Token::Sign(";")) {
            self.next();
        }
    }

    pub(super) fn skip_lines(&mut self) {
        while *self.peek() == Token::Newline {
            self.next();
        }
    }

    /// The next token; the end of a line does not count inside parentheses.
    pub(super) fn peek(&mut self) -> &Token {
        while self.open > 0 && self.tokens[self.at].0 == Token::Newline {
            self.at += 1;
        }
        &self.tokens[self.at].0
    }

    /// The token `ahead` places further on, whatever it is.
    pub(super) fn ahead(&self, ahead: usize) -> &Token {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)].0
    }

    pub(super) fn peek_name(&mut self) -> Option<&str> {
        match self.peek() {
            Token::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Whether the word at the cursor opens a header: a name or `*` follows.
    fn name_follows(&self) -> bool {
        matches!(self.ahead(1), Token::Name(_) | Token::Sign("*"))
    }

    /// Place of the next token.
    pub(super) fn span(&mut self) -> Span {
        self.peek();
        self.tokens[self.at].1
    }

    /// Place of the token before the cursor.
    pub(super) fn last_span(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].1
    }

    /// Position of the cursor, for [`Parser::go_back`].
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    pub(super) fn go_back(&mut self, mark: usize) {
        self.at = mark;
    }

    pub(super) fn next(&mut self) {
        self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    pub(super) fn is(&mut self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.peek_name() == Some(word);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn expect(&mut self, sign: &'static str) -> Read<()> {
        if self.eat(sign) { Ok(()) } else { self.unexpected(&format!("`{sign}`")) }
    }

    pub(super) fn name(&mut self, what: &str) -> Read<Name> {
        let span = self.span();
        match self.peek().clone() {
            Token::Name(text) => {
                self.next();
                Ok(Name { text, span })
            }
            _ => self.unexpected(what),
        }
    }

    /// The text from the cursor to the end of the statement or to `stop`, without comments.
    pub(super) fn raw_text(&mut self, stops: &[&'static str]) -> Name {
        let first = self.span();
        let mut last = first;
        let mut parts = Vec::new();
        loop {
            let ends = match self.peek() {
                Token::Newline | Token::End | Token::Sign(";") => true,
                Token::Sign(sign) => stops.contains(sign),
                _ => false,
            };
            if ends {
                break;
            }
            last = self.span();
            parts.push(self.slice(last));
            self.next();
        }
        Name { text: parts.join(" "), span: first.to(last) }
    }

    /// What stands at `span`, from the token itself where the text has no exact places.
    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    pub(super) fn note(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    pub(super) fn fail<T>(&mut self, problem: Diagnostic) -> Read<T> {
        self.note(problem);
        Err(Failed)
    }

    /// Notes that `wanted` should stand here.
    pub(super) fn unexpected<T>(&mut self, wanted: &str) -> Read<T> {
        let span = self.span();
        let found = describe(self.peek());
        self.fail(Diagnostic::error(code::SYNTAX, span, format!("expected {wanted}, found {found}")))
    }
}

fn describe(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("`{name}`"),
        Token::Number(number) => format!("`{number}`"),
        Token::Text(_) => "a string".to_string(),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::Newline => "the end of the line".to_string(),
        Token::End => "the end of the text".to_string(),
    }
}
