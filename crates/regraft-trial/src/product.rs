//! A cell product: its properties in the model, what is drawn with it, and its release tests.

use regraft_model::{Diagnostic, SourceId, Sources};

use crate::name::Name;
use crate::population::Trait;
use crate::quantity::{Provenance, Setting, refuse_twice};
use crate::reader::{Reader, read_text};

/// A product card.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// What cells it holds, one word (`hsc`, `msc`).
    pub kind: String,
    /// Where the cells come from.
    pub source_tissue: String,
    /// Whose cells they are.
    pub donor: String,
    /// A few words for the catalogue.
    pub summary: Option<String>,
    /// The model's quantities that belong to the product.
    pub parameters: Vec<Setting>,
    /// What is drawn per patient with the product.
    pub traits: Vec<Trait>,
    /// Tests that the product must pass.
    pub release: Vec<ReleaseTest>,
}

/// One release test. Where it fails there is no graft.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseTest {
    /// In words.
    pub name: Name,
    /// The condition, in the model's language; read at the start of the arm.
    pub when: Name,
    /// Source and grounds, if stated.
    pub provenance: Option<Provenance>,
}

impl Product {
    /// Reads a product card. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }
}

fn read(reader: &mut Reader<'_>) -> Product {
    let product = Product {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        kind: reader.text("kind").text,
        source_tissue: reader.text("source_tissue").text,
        donor: reader.text("donor").text,
        summary: reader.optional_text("summary").map(|summary| summary.text),
        parameters: reader.settings("parameters"),
        traits: reader.tables("trait").into_iter().map(Trait::read).collect(),
        release: reader.tables("release").into_iter().map(read_release).collect(),
    };
    reader.optional_text("note");
    refuse_twice(reader.page(), product.traits.iter().map(|one| &one.name), "is drawn twice");
    refuse_twice(reader.page(), product.release.iter().map(|one| &one.name), "is tested twice");
    product
}

fn read_release(mut table: Reader<'_>) -> ReleaseTest {
    let test = ReleaseTest {
        name: table.text("name"),
        when: table.text("when"),
        provenance: table.optional_provenance(),
    };
    table.finish();
    test
}
