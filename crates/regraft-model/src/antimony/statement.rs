//! Statements inside a model.

use super::parser::{Parser, Read};
use super::token::Token;
use crate::code;
use crate::diag::Diagnostic;
use crate::syntax::{Assigned, Declared, Name, Statement};

/// Words that open a statement that is known to Antimony and not supported here.
const UNSUPPORTED: [&str; 8] =
    ["DNA", "gene", "operator", "reaction", "event", "delete", "formula", "gradient"];

/// Words between a name and a string that say something about the name to people or
/// data bases and nothing to the mathematics; such statements are read and not used.
const ANNOTATIONS: [&str; 34] = [
    "identity",
    "biological_entity_is",
    "hypernym",
    "isVersionOf",
    "part",
    "hasPart",
    "parthood",
    "isPartOf",
    "property",
    "hasProperty",
    "propertyBearer",
    "isPropertyOf",
    "version",
    "hasVersion",
    "homolog",
    "isHomologTo",
    "description",
    "isDescribedBy",
    "encoder",
    "isEncodedBy",
    "encodement",
    "encodes",
    "taxon",
    "hasTaxon",
    "container",
    "occursIn",
    "origin",
    "model_entity_is",
    "instance",
    "class",
    "notes",
    "created",
    "creator",
    "unknown_model_qual",
];

impl Parser<'_> {
    /// One statement, pushed to `statements`; a declaration of many names gives many.
    pub(super) fn statement(&mut self, statements: &mut Vec<Statement>) -> Read<()> {
        match self.peek().clone() {
            Token::Name(word) => self.named_statement(&word, statements)?,
            Token::Sign("$") if matches!(self.ahead(2), Token::Sign("'" | ":=" | "=")) => {
                self.next();
                return self.statement(statements);
            }
            Token::Number(_) | Token::Sign("$" | "->" | "=>") => statements.push(self.reaction(None)?),
            _ => return self.unexpected("a statement"),
        }
        self.end_of_statement()
    }

    fn named_statement(&mut self, word: &str, statements: &mut Vec<Statement>) -> Read<()> {
        // A name that happens to be a word of the language is a name where it is assigned.
        let assigned = matches!(self.ahead(1), Token::Sign("=" | ":=" | "'" | ":"));
        match word {
            _ if assigned => self.about_a_name(statements),
            "species" | "compartment" | "const" | "var" | "substanceOnly" => self.declaration(statements),
            "unit" => self.unit(statements),
            "at" => {
                statements.push(self.event(None)?);
                Ok(())
            }
            _ if UNSUPPORTED.contains(&word) && matches!(self.ahead(1), Token::Name(_)) => {
                let span = self.span();
                self.fail(Diagnostic::error(code::UNSUPPORTED, span, format!("`{word}` is not supported")))
            }
            _ => self.about_a_name(statements),
        }
    }

    /// A statement that opens with a name of the model.
    fn about_a_name(&mut self, statements: &mut Vec<Statement>) -> Read<()> {
        match self.ahead(1) {
            Token::Sign("=") => self.assignment(Assigned::Start, statements),
            Token::Sign(":=") => self.assignment(Assigned::Rule, statements),
            Token::Sign("'") => self.assignment(Assigned::Rate, statements),
            Token::Sign(":") => self.labeled(statements),
            Token::Text(_) => self.annotation(),
            Token::Name(word) => match (word.as_str(), self.ahead(2)) {
                ("is", _) => self.is_statement(statements),
                ("has", _) => self.has_unit(statements),
                ("in", _) => self.declared_name(Declared::default(), statements),
                (_, Token::Text(_)) => self.annotation(),
                _ => {
                    statements.push(self.reaction(None)?);
                    Ok(())
                }
            },
            _ => {
                statements.push(self.reaction(None)?);
                Ok(())
            }
        }
    }

    fn assignment(&mut self, assigned: Assigned, statements: &mut Vec<Statement>) -> Read<()> {
        let name = self.name("a name")?;
        self.next();
        if assigned == Assigned::Rate {
            self.expect("=")?;
        }
        if !matches!(self.peek(), Token::Sign(";")) {
            self.skip_lines();
        }
        if name.text.ends_with(".sboTerm") || matches!(self.peek(), Token::Text(_)) && is_note(&name.text) {
            self.next();
            return Ok(());
        }
        if assigned == Assigned::Start && matches!(self.peek(), Token::Sign(";")) {
            // `x = ;` is how libAntimony writes a quantity without a value.
            statements.push(Statement::Declare { declared: Declared::default(), name, compartment: None });
            return Ok(());
        }
        let value = self.expression()?;
        statements.push(Statement::Assign { assigned, name, value });
        Ok(())
    }

    /// `name: at …`, `name: model(…)` or `name: A -> B; …`.
    fn labeled(&mut self, statements: &mut Vec<Statement>) -> Read<()> {
        let name = self.name("a name")?;
        self.next();
        self.skip_lines();
        let word = self.peek_name().map(str::to_string);
        let statement = match (word.as_deref(), self.ahead(1)) {
            (Some("at"), following) if !matches!(following, Token::Sign("+" | "->" | "=>")) => {
                self.event(Some(name))?
            }
            (Some(_), Token::Sign("(")) => self.submodel(name)?,
            _ => self.reaction(Some(name))?,
        };
        statements.push(statement);
        Ok(())
    }

    fn submodel(&mut self, instance: Name) -> Read<Statement> {
        let model = self.name("the name of a model")?;
        self.next();
        self.open += 1;
        let arguments = self.names(")", "the name of a quantity");
        self.open -= 1;
        let arguments = arguments?;
        self.expect(")")?;
        if !matches!(self.peek(), Token::Newline | Token::End | Token::Sign(";")) {
            let span = self.span();
            let message = "conversion factors and compartments of sub-models are not supported";
            return self.fail(Diagnostic::error(code::UNSUPPORTED, span, message));
        }
        Ok(Statement::Submodel { instance, model, arguments })
    }

    /// `A is "words"` or `A.x is y`.
    fn is_statement(&mut self, statements: &mut Vec<Statement>) -> Read<()> {
        let left = self.name("a name")?;
        self.next();
        if let Token::Text(text) = self.peek().clone() {
            self.next();
            statements.push(Statement::Label { name: left, text });
            return Ok(());
        }
        let right = self.name("a name or words in quotes")?;
        statements.push(Statement::Same { left, right });
        Ok(())
    }

    fn has_unit(&mut self, statements: &mut Vec<Statement>) -> Read<()> {
        let name = self.name("a name")?;
        self.next();
        let unit = self.raw_text(&[]);
        if unit.text.is_empty() {
            return self.unexpected("a unit");
        }
        statements.push(Statement::HasUnit { name, unit });
        Ok(())
    }

    fn unit(&mut self, statements: &mut Vec<Statement>) -> Read<()> {
        self.next();
        loop {
            let name = self.name("the name of a unit")?;
            self.expect("=")?;
            let definition = self.raw_text(&[","]);
            if definition.text.is_empty() {
                return self.unexpected("a unit");
            }
            statements.push(Statement::Unit { name, definition });
            if !self.eat(",") {
                return Ok(());
            }
        }
    }

    fn declaration(&mut self, statements: &mut Vec<Statement>) -> Read<()> {
        let mut declared = Declared::default();
        loop {
            match self.peek_name() {
                Some("species") => declared.species = true,
                Some("compartment") => declared.compartment = true,
                Some("const") => declared.constant = true,
                Some("var") => declared.variable = true,
                Some("substanceOnly") => declared.substance_only = true,
                _ => break,
            }
            self.next();
        }
        declared.species |= declared.substance_only;
        loop {
            self.declared_name(declared, statements)?;
            if !self.eat(",") {
                return Ok(());
            }
            self.skip_lines();
        }
    }

    /// `[$]name [in compartment] [= value | := value]`.
    fn declared_name(&mut self, mut declared: Declared, statements: &mut Vec<Statement>) -> Read<()> {
        if self.eat("$") {
            declared.boundary = true;
            declared.species = true;
        }
        let name = self.name("the name of a quantity")?;
        let compartment =
            if self.eat_word("in") { Some(self.name("the name of a compartment")?) } else { None };
        statements.push(Statement::Declare { declared, name: name.clone(), compartment });
        let assigned = match self.peek() {
            Token::Sign("=") => Assigned::Start,
            Token::Sign(":=") => Assigned::Rule,
            _ => return Ok(()),
        };
        self.next();
        let value = self.expression()?;
        statements.push(Statement::Assign { assigned, name, value });
        Ok(())
    }

    /// `A identity "…", "…"`: read and not used.
    fn annotation(&mut self) -> Read<()> {
        self.next();
        let span = self.span();
        let word = self.name("`is`, `has` or a word that says what the text is")?.text;
        if !ANNOTATIONS.contains(&word.as_str()) {
            return self.fail(Diagnostic::error(code::UNSUPPORTED, span, format!("unknown word `{word}`")));
        }
        loop {
            self.skip_lines();
            if !matches!(self.peek(), Token::Text(_)) {
                return self.unexpected("words in quotes");
            }
            self.next();
            if !self.eat(",") {
                return Ok(());
            }
        }
    }
}

/// `A.notes = "…"`.
fn is_note(name: &str) -> bool {
    name.ends_with(".notes") || name == "notes"
}
