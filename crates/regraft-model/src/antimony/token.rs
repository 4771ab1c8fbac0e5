//! Text to tokens: names, numbers, strings, signs; comments are left out.

use crate::code;
use crate::diag::Diagnostic;
use crate::source::Span;

/// Largest text that is read, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or a path of names joined by `.`.
    Name(String),
    /// A number.
    Number(f64),
    /// A string without its quotes.
    Text(String),
    /// An operator or other sign.
    Sign(&'static str),
    /// End of a line.
    Newline,
    /// End of the text.
    End,
}

/// A token with its place.
pub(super) type Placed = (Token, Span);

/// Longest first, so that `->` is not read as `-`.
const SIGNS: [&str; 32] = [
    ":=", "->", "=>", "-|", "==", "!=", "<=", ">=", "&&", "||", "**", "<", ">", "=", "+", "-", "*", "/", "%",
    "^", "(", ")", "{", "}", ",", ";", ":", "'", "!", "$", "[", "]",
];

/// The tokens of `text`, ended by [`Token::End`]. Places are relative to the start of
/// `within` where the lengths agree, else all of `within`.
pub(super) fn tokens(text: &str, within: Span) -> (Vec<Placed>, Vec<Diagnostic>) {
    let mut lexer = Lexer::new(text, within);
    if text.len() > MAX_TEXT {
        let message = format!("the text is longer than {} MiB", MAX_TEXT >> 20);
        lexer.problems.push(Diagnostic::error(code::LIMIT, lexer.span(0), message));
        lexer.at = text.len();
    }
    lexer.run();
    (lexer.tokens, lexer.problems)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    within: Span,
    /// Bytes between the start of `within` and the text (a quote), or none if unknown.
    offset: Option<usize>,
    tokens: Vec<Placed>,
    problems: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, within: Span) -> Self {
        let length = (within.end - within.start) as usize;
        let offset = [0, 1, 3].into_iter().find(|quote| length == text.len() + 2 * quote);
        Lexer { text, at: 0, within, offset, tokens: Vec::new(), problems: Vec::new() }
    }

    fn run(&mut self) {
        while let Some(next) = self.rest().chars().next() {
            let start = self.at;
            if let Some(token) = self.token(next) {
                self.tokens.push((token, self.span(start)));
            }
        }
        self.tokens.push((Token::End, self.span(self.at)));
    }

    /// Reads past what starts with `next`; a token unless it was space, comment or wrong.
    fn token(&mut self, next: char) -> Option<Token> {
        match next {
            '\n' => {
                self.at += 1;
                Some(Token::Newline)
            }
            '#' => self.line_comment(),
            '"' | '`' => self.string(next),
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            _ if next == '_' || next.is_alphabetic() => Some(self.name()),
            _ if next.is_whitespace() || next == '\u{feff}' => {
                self.at += next.len_utf8();
                None
            }
            _ if self.rest().starts_with("//") => self.line_comment(),
            _ if self.rest().starts_with("/*") => self.block_comment(),
            _ => self.sign(next),
        }
    }

    fn line_comment(&mut self) -> Option<Token> {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        None
    }

    fn block_comment(&mut self) -> Option<Token> {
        let start = self.at;
        let end = self.rest().find("*/").map(|i| i + 2);
        self.at += end.unwrap_or(self.rest().len());
        if end.is_none() {
            self.unterminated(start, 2, "comment `/*` has no `*/`");
        }
        None
    }

    /// `"…"` on one line, or over several between three quotes of either kind.
    fn string(&mut self, quote: char) -> Option<Token> {
        let start = self.at;
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        let long = self.rest().starts_with(&triple);
        let mark = if long { triple } else { quote.to_string() };
        self.at += mark.len();
        let body = self.rest();
        let limit = if long { body.len() } else { body.find('\n').unwrap_or(body.len()) };
        let Some(end) = find_unescaped(&body[..limit], &mark) else {
            self.at += limit;
            self.unterminated(start, mark.len(), "string has no closing quote");
            return Some(Token::Text(body[..limit].to_string()));
        };
        self.at += end + mark.len();
        Some(Token::Text(body[..end].replace("\\\"", "\"")))
    }

    fn number(&mut self) -> Option<Token> {
        let start = self.at;
        self.digits();
        if self.rest().starts_with('.') {
            self.at += 1;
            self.digits();
        }
        let tail = self.rest().strip_prefix(['e', 'E']).unwrap_or("");
        let sign = usize::from(tail.starts_with(['+', '-']));
        if tail[sign..].starts_with(|c: char| c.is_ascii_digit()) {
            self.at += 1 + sign;
            self.digits();
        }
        // Digits, point and exponent as read above are always a Rust number.
        self.text[start..self.at].parse().ok().map(Token::Number)
    }

    fn digits(&mut self) {
        self.at += self.rest().bytes().take_while(u8::is_ascii_digit).count();
    }

    fn name(&mut self) -> Token {
        let start = self.at;
        loop {
            let rest = self.rest();
            self.at += rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
            let after = self.rest().strip_prefix('.').unwrap_or("");
            if !after.starts_with(|c: char| c == '_' || c.is_alphabetic()) {
                return Token::Name(self.text[start..self.at].to_string());
            }
            self.at += 1;
        }
    }

    fn sign(&mut self, next: char) -> Option<Token> {
        let rest = self.rest();
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            self.at += sign.len();
            return Some(Token::Sign(sign));
        }
        let start = self.at;
        self.at += next.len_utf8();
        let message = format!("unexpected character `{}`", next.escape_debug());
        self.problems.push(Diagnostic::error(code::SYNTAX, self.span(start), message));
        None
    }

    fn unterminated(&mut self, start: usize, length: usize, message: &str) {
        let mut span = self.span(start);
        if self.offset.is_some() {
            span.end = span.start + length as u32;
        }
        self.problems.push(Diagnostic::error(code::UNTERMINATED, span, message));
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn span(&self, start: usize) -> Span {
        let base = self.within.start as usize;
        match self.offset {
            Some(offset) => Span::new(self.within.source, base + offset + start, base + offset + self.at),
            None => self.within,
        }
    }
}

fn find_unescaped(text: &str, mark: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(mark)?;
        let slashes = text[..at].bytes().rev().take_while(|b| *b == b'\\').count();
        if slashes % 2 == 0 {
            return Some(at);
        }
        from = at + mark.len();
    }
}
